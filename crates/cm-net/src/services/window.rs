//! Lists that are asked for by time: nothing newer than a second. In: what a page brought. Out: where the next begins.
//!
//! That second is included, as several items may share it: what is met again has the same id. A second that fills a whole
//! page is read on by page number.

/// What a page begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// Nothing newer than this second.
    pub(crate) upto: i64,
    /// Pages of it that were read.
    pub(crate) page: u64,
}

/// What a page brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// There may be older ones.
    pub(crate) more: bool,
    /// This window has no further page, though there may be older ones.
    pub(crate) last: bool,
    /// The oldest second of the page.
    pub(crate) oldest: Option<i64>,
}

impl Window {
    /// As a cursor says.
    pub(crate) fn read(at: &str) -> Option<Window> {
        let (upto, page) = at.split_once(' ')?;
        Some(Window { upto: upto.parse().ok()?, page: page.parse().ok()? })
    }

    /// As a cursor.
    pub(crate) fn write(self) -> String {
        format!("{} {}", self.upto, self.page)
    }

    /// The window after this one, and whether some of one second may have been passed over.
    pub(crate) fn after(window: Option<Window>, seen: Seen) -> (Option<Window>, bool) {
        let Some(oldest) = seen.oldest.filter(|_| seen.more) else { return (None, false) };
        match window {
            Some(Window { upto, page }) if upto == oldest => match seen.last {
                false => (Some(Window { upto, page: page + 1 }), false),
                true => (Some(Window { upto: upto - 1, page: 0 }), true),
            },
            _ => (Some(Window { upto: oldest, page: 0 }), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other_without_a_gap() {
        let seen = |oldest: i64, more, last| Seen { more, last, oldest: Some(oldest) };
        let window = |upto, page| Some(Window { upto, page });
        let after = Window::after;
        assert_eq!(after(None, seen(90, true, false)), (window(90, 0), false));
        assert_eq!(after(window(90, 0), seen(80, true, false)), (window(80, 0), false));
        assert_eq!(
            after(window(80, 0), seen(80, true, false)),
            (window(80, 1), false),
            "one second fills a page"
        );
        assert_eq!(
            after(window(80, 1), seen(80, true, true)),
            (window(79, 0), true),
            "no more can be had of it"
        );
        assert_eq!(after(window(80, 1), seen(70, true, true)), (window(70, 0), false));
        assert_eq!(after(window(80, 0), seen(70, false, true)), (None, false));
        assert_eq!(after(None, Seen { more: true, last: false, oldest: None }), (None, false));
        assert_eq!(Window::read(&Window { upto: 7, page: 2 }.write()), window(7, 2));
        assert_eq!(Window::read("7"), None);
    }
}
