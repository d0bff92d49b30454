//! Lists that are asked for by page numbers alone, and shift while they are read: what comes pushes them on, what goes pulls
//! them back. In: how far a list has been read. Out: a page that reaches back into what was read, as the size of pages may
//! be chosen anew for each; whether it joined; where to go on.

use super::Trouble;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far a page reaches back, where a size allows it.
const REACH: u64 = 10;
/// How often a list that shrinks faster is begun again in one run.
const RESTARTS: u32 = 2;

/// Where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Grid {
    /// Entries behind us.
    offset: u64,
    /// The last ones met.
    met: BTreeSet<String>,
    restarts: u32,
    /// The server's own cursor, which is better.
    pub(crate) cursor: Option<String>,
}

/// What became of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Go on with this one.
    On(Grid),
    /// The list shrank: it is begun again.
    Again(Grid),
    /// The list shrank time after time: something may have been passed over.
    Gap(Grid),
    /// There is no more.
    End,
}

impl Grid {
    /// As a cursor says.
    pub(crate) fn read(at: Option<&str>) -> Result<Grid, Trouble> {
        let read =
            |at| serde_json::from_str(at).map_err(|e| Trouble::Refused(format!("no cursor of ours: {e}")));
        at.map_or_else(|| Ok(Grid::default()), read)
    }

    /// As a cursor.
    pub(crate) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// The page to ask for, from 1, and its size: the one that leads farthest of those that reach back.
    pub(crate) fn page(&self, most: u64) -> (u64, u64) {
        if self.offset == 0 || self.cursor.is_some() {
            return (1, most);
        }
        let from = self.offset.saturating_sub(REACH);
        let sizes = (1..=most).rev();
        // The start of the last page of that size that does not begin behind what was read.
        let starts =
            sizes.map(|size| ((self.offset - 1) / size * size, size)).filter(|(start, _)| *start >= from);
        let (start, size) = starts.max_by_key(|(start, size)| start + size).unwrap_or((self.offset, 1));
        (start / size + 1, size)
    }

    /// What to do after the page with these entries; `more` when it was full.
    pub(crate) fn step(self, most: u64, ids: &[String], more: bool, cursor: Option<String>) -> Step {
        let (page, size) = self.page(most);
        let joins = self.offset == 0 || self.cursor.is_some() || ids.iter().any(|id| self.met.contains(id));
        let mut next =
            Grid { offset: page * size, met: ids.iter().cloned().collect(), restarts: self.restarts, cursor };
        if !joins && self.restarts < RESTARTS {
            return Step::Again(Grid { restarts: self.restarts + 1, ..Grid::default() });
        }
        if !more && next.cursor.is_none() {
            return if joins { Step::End } else { Step::Gap(Grid::default()) };
        }
        if joins {
            return Step::On(next);
        }
        next.restarts = 0;
        Step::Gap(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(offset: u64) -> Grid {
        Grid { offset, ..Grid::default() }
    }

    #[test]
    fn pages_reach_back_and_lead_on() {
        assert_eq!(at(0).page(50), (1, 50));
        for offset in 1..20_000 {
            let (page, size) = at(offset).page(50);
            let (start, end) = ((page - 1) * size, page * size);
            assert!(
                start < offset && start + REACH >= offset && end > offset && size <= 50,
                "{offset}: {start}..{end}"
            );
        }
        let far: u64 = (0..100).fold(0, |offset, _| {
            let (page, size) = at(offset).page(50);
            page * size
        });
        assert!(far > 3500, "a hundred pages read {far}");
    }

    #[test]
    fn a_list_that_shrinks_is_begun_again_some_times() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let Step::On(grid) = Grid::default().step(2, &ids(&["a", "b"]), true, None) else { panic!() };
        assert_eq!(grid.clone().step(2, &ids(&["b", "c"]), false, None), Step::End);
        let Step::Again(again) = grid.clone().step(2, &ids(&["d"]), false, None) else { panic!() };
        assert_eq!((again.offset, again.restarts), (0, 1));
        assert!(matches!(
            Grid { restarts: 2, ..grid.clone() }.step(2, &ids(&["d", "e"]), true, None),
            Step::Gap(_)
        ));
        assert!(matches!(grid.step(2, &[], false, None), Step::Again(_)));
        let Step::On(grid) = Grid::default().step(2, &ids(&["a"]), false, Some("c".into())) else { panic!() };
        assert_eq!(
            (grid.page(2), grid.step(2, &ids(&["z"]), false, None)),
            ((1, 2), Step::End),
            "cursors join by themselves"
        );
    }

    proptest! {
        #[test]
        fn any_size_leads_on(offset in 1_u64..100_000, most in 12_u64..101) {
            let (page, size) = at(offset).page(most);
            prop_assert!((page - 1) * size < offset && page * size > offset && size <= most);
        }
    }
}
