//! A feed in XML, read lazily. In: a decoded document and the address it came from. Out: its head and facts about the
//! whole of it, then its entries one at a time.

use super::entry::Reader;
use super::head::{self, Inherited};
use super::scope::Scope;
use super::tree::Walk;
use crate::feed::{Entry, Facts, Glance, Head, MOST_ENTRIES, Survey};
use url::Url;

/// What reading the entries of a document needs beside its text.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    outer: Scope,
    inherited: Inherited,
}

/// Finds the feed in a document; `None` when there is none.
pub(crate) fn survey(text: &str, base: Option<&Url>) -> Option<(Head, Facts, Outline)> {
    let outer = Scope { base: base.cloned().map(Into::into), language: None };
    let mut walk = Walk::survey(text);
    let mut survey = Survey::default();
    for (element, _) in &mut walk {
        let reader = Reader { element: &element, scope: Scope::default() };
        let url = reader.url();
        survey.add(&Glance {
            native: reader.native().as_deref(),
            url: url.as_deref(),
            answers: reader.in_reply_to().is_some(),
            counts_replies: reader.replies().is_some(),
        });
    }
    let mut facts = survey.facts;
    let root = walk.root();
    if root.is_none() && facts.entries == 0 {
        return None;
    }
    facts.cut_off |= walk.is_cut_off();
    let (head, inherited) = match root {
        Some(root) => head::read(root, &outer),
        None => (Head::default(), Inherited { scope: outer.clone(), ..Inherited::default() }),
    };
    Some((head, facts, Outline { outer, inherited }))
}

/// The entries of a document in its order.
pub(crate) fn entries<'t>(text: &'t str, outline: &'t Outline) -> impl Iterator<Item = Entry> + 't {
    let Outline { outer, inherited } = outline;
    Walk::entries(text, outer.clone()).take(MOST_ENTRIES).map(move |(element, around)| {
        let around = Scope {
            language: around.language.or_else(|| inherited.scope.language.clone()),
            base: around.base.or_else(|| inherited.scope.base.clone()),
        };
        Reader { scope: around.into_inside(&element), element: &element }.read(&inherited.authors)
    })
}
