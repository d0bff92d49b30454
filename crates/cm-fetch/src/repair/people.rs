//! Who wrote: the many ways in which feeds name people.

use super::Element;
use super::names::Ns;
use super::scope::{Scope, plain};
use super::xml::tag;

/// Somebody who wrote.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Person {
    name: Option<String>,
    uri: Option<String>,
    email: Option<String>,
}

impl Person {
    /// Writes an Atom author.
    pub(super) fn write(&self, xml: &mut String, scope: &Scope) {
        xml.push_str("<author>");
        let name = self.name.as_ref().or(self.email.as_ref());
        for (element, value) in [("name", name), ("uri", self.uri.as_ref()), ("email", self.email.as_ref())] {
            match value {
                Some(uri) if element == "uri" => tag(xml, "uri", &scope.resolve(uri).unwrap_or_default()),
                Some(value) => tag(xml, element, value),
                None => {}
            }
        }
        xml.push_str("</author>");
    }
}

/// The authors of a feed or entry: the first vocabulary that names any.
pub(super) fn authors(element: &Element) -> Vec<Person> {
    const KINDS: [(Ns, &str); 6] = [
        (Ns::Atom, "author"),
        (Ns::Dc, "creator"),
        (Ns::Core, "author"),
        (Ns::Itunes, "author"),
        (Ns::Dc, "author"),
        (Ns::Core, "managingeditor"),
    ];
    let of_kind = |(ns, name): &(Ns, &str)| {
        let people: Vec<Person> = element.elements().filter(|e| e.is(*ns, name)).filter_map(person).collect();
        (!people.is_empty()).then_some(people)
    };
    KINDS.iter().find_map(of_kind).unwrap_or_default()
}

fn person(element: &Element) -> Option<Person> {
    let part = |names: &[&str]| element.elements().find(|e| names.contains(&e.name.as_str())).and_then(plain);
    let person = if element.elements().next().is_some() {
        Person { name: part(&["name"]), uri: part(&["uri", "url", "homepage"]), email: part(&["email"]) }
    } else {
        written_person(&plain(element)?)
    };
    (person != Person::default()).then_some(person)
}

/// `ana@news.example (Ana Ruiz)`, `Ana Ruiz <ana@news.example>`, `ana@news.example`, `Ana Ruiz`.
fn written_person(text: &str) -> Person {
    let cut = |open, close| -> Option<(String, String)> {
        let (outside, inside) = text.split_once(open)?;
        Some((outside.trim().to_owned(), inside.trim_end().strip_suffix(close)?.trim().to_owned()))
    };
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let (name, email) = match cut('(', ')').or_else(|| cut('<', '>')) {
        Some((a, b)) if a.contains('@') => (filled(b), Some(a)),
        Some((a, b)) if b.contains('@') => (filled(a), Some(b)),
        _ if text.contains('@') && !text.contains(' ') => (None, Some(text.to_owned())),
        _ => (Some(text.to_owned()), None),
    };
    Person { name, uri: None, email }
}
