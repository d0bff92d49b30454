//! Progress on stderr, only when a person watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, or nothing at all when nobody watches.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar with `total` steps; a spinner where the total is not known.
    pub(crate) fn new(
        bars: &indicatif::MultiProgress,
        shown: bool,
        total: Option<u64>,
        what: &str,
    ) -> Progress {
        if !shown {
            return Progress { bar: ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()) };
        }
        let template = if total.is_some() {
            "{prefix} [{bar:24}] {pos}/{len} {wide_msg}"
        } else {
            "{prefix} {spinner} {pos} {wide_msg}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let bar = bars.add(bar.with_style(style).with_prefix(what.to_owned()));
        Progress { bar }
    }

    /// Whether anybody sees it.
    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// One step done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// What is being done.
    pub fn message(&self, text: impl Into<String>) {
        self.bar.set_message(text.into());
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
