//! Who wrote: the many ways in which feeds name people.

use super::Element;
use super::names::Ns;
use super::scope::{Scope, plain};
use crate::feed::{MOST_PARTS, one_line};
use cm_record::Author;

/// The authors of a feed or entry: the first vocabulary that names any.
pub(super) fn authors(element: &Element<'_>, scope: &Scope) -> Vec<Author> {
    const KINDS: [(Ns, &str); 6] = [
        (Ns::Atom, "author"),
        (Ns::Dc, "creator"),
        (Ns::Core, "author"),
        (Ns::Itunes, "author"),
        (Ns::Dc, "author"),
        (Ns::Core, "managingeditor"),
    ];
    let of_kind = |(ns, name): &(Ns, &str)| {
        let named = element.elements().filter(|e| e.is(*ns, name));
        let people: Vec<Author> = named.filter_map(|e| person(e, scope)).take(MOST_PARTS).collect();
        (!people.is_empty()).then_some(people)
    };
    KINDS.iter().find_map(of_kind).unwrap_or_default()
}

fn person(element: &Element<'_>, scope: &Scope) -> Option<Author> {
    let part = |names: &[&str]| element.elements().find(|e| names.contains(&&*e.name)).and_then(plain);
    let (name, uri) = if element.elements().next().is_some() {
        (part(&["name"]).or_else(|| part(&["email"])), part(&["uri", "url", "homepage"]))
    } else {
        (written_name(&plain(element)?), None)
    };
    let filled = |text: String| Some(one_line(&text)).filter(|text| !text.is_empty());
    let (name, url) = (name.and_then(filled), uri.and_then(|uri| scope.resolve(&uri)).and_then(filled));
    (name.is_some() || url.is_some()).then(|| Author { name, url, ..Author::default() })
}

/// The name in `ana@news.example (Ana Ruiz)`, `Ana Ruiz <ana@news.example>`, `Ana Ruiz`; the address where it stands alone.
fn written_name(text: &str) -> Option<String> {
    let cut = |open, close| -> Option<(&str, &str)> {
        let (outside, inside) = text.split_once(open)?;
        Some((outside.trim(), inside.trim_end().strip_suffix(close)?.trim()))
    };
    let name = match cut('(', ')').or_else(|| cut('<', '>')) {
        Some((a, b)) if a.contains('@') => {
            if b.is_empty() {
                a
            } else {
                b
            }
        }
        Some((a, b)) if b.contains('@') => {
            if a.is_empty() {
                b
            } else {
                a
            }
        }
        _ => text,
    };
    Some(name.to_owned())
}
