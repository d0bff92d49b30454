//! Names are compared whole: what an item is, not what it says. They give no places.

use crate::document::Document;
use crate::query::{Field, Pattern, host};
use cm_text::fold;

/// Whether an item is what a `site:`, `lang:`, `kind:` or `source:` says.
pub(super) fn is_named(field: Field, name: &Pattern, document: &Document) -> bool {
    let is = |text: &str| name.is(&fold(text, true));
    let is_or_begins = |text: &str, joint: char| {
        let text = fold(text, true);
        name.is(&text) || text.strip_prefix(&*name.text).is_some_and(|rest| rest.starts_with(joint))
    };
    match field {
        Field::Site => document.address().is_some_and(|address| is_site(name, &fold(host(&address), true))),
        Field::Lang => document.language().is_some_and(|lang| is_or_begins(&lang.replace('_', "-"), '-')),
        Field::Kind => document.meta().kind.as_deref().is_some_and(is),
        Field::Source => document.meta().source.as_deref().is_some_and(|source| is_or_begins(source, ':')),
        _ => false,
    }
}

/// The host itself or one below it: what stands behind any of its dots.
fn is_site(name: &Pattern, host: &str) -> bool {
    name.is(host) || host.match_indices('.').any(|(dot, _)| name.is(&host[dot + 1..]))
}
