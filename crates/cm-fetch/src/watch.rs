//! What a person who watches is shown while sources are read: how many are done, what was found, what failed, and who is
//! waited for. In: what happens in the two threads. Out: a bar on stderr; nothing where nobody watches.

use cm_cli::Progress;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names that are shown of those that are waited for.
const NAMED: usize = 3;

/// The bar.
#[derive(Debug)]
pub(crate) struct Watch {
    progress: Progress,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    items: usize,
    failed: usize,
    waiting: String,
}

impl Watch {
    pub(crate) fn new(progress: Progress) -> Watch {
        Watch { progress, shown: Mutex::default() }
    }

    /// Whether anybody watches: else nothing needs to be gathered for it.
    pub(crate) fn is_shown(&self) -> bool {
        self.progress.is_shown()
    }

    /// A source was read, or was not.
    pub(crate) fn arrived(&self, failed: bool) {
        self.progress.step();
        let mut shown = self.shown();
        shown.failed += usize::from(failed);
        shown.waiting.clear();
        self.progress.message(shown.message());
    }

    /// So many items were handed out.
    pub(crate) fn handed(&self, items: usize) {
        let mut shown = self.shown();
        shown.items += items;
        self.progress.message(shown.message());
    }

    /// Nothing has come for a while: of these hosts and accounts answers are awaited.
    pub(crate) fn waits_for(&self, names: &BTreeSet<String>) {
        let mut shown = self.shown();
        shown.waiting = waiting(names);
        self.progress.message(shown.message());
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.progress.finish();
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn message(&self) -> String {
        let noun = if self.items == 1 { "item" } else { "items" };
        format!("{} {noun}, {} failed{}", self.items, self.failed, self.waiting)
    }
}

fn waiting(names: &BTreeSet<String>) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        _ if named.is_empty() => String::new(),
        0 => format!("; waiting for {}", named.join(", ")),
        more => format!("; waiting for {} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_names_are_shown_and_the_rest_counted() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(waiting(&names(&[])), "");
        assert_eq!(waiting(&names(&["b", "a"])), "; waiting for a, b");
        assert_eq!(waiting(&names(&["a", "b", "c", "d", "e"])), "; waiting for a, b, c and 2 more");
    }
}
