//! Writing clean Atom.

use super::texts::{Said, escape};

/// A title, summary or content.
pub(super) fn write_said(xml: &mut String, name: &str, said: &Said) {
    let (kind, text) = match said {
        Said::Plain(text) => ("text", text),
        Said::Html(text) => ("html", text),
    };
    xml.push_str(&format!("<{name} type=\"{kind}\">"));
    escape(text, xml);
    xml.push_str(&format!("</{name}>"));
}

/// An element with text.
pub(super) fn tag(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>"));
    escape(text, xml);
    xml.push_str(&format!("</{name}>"));
}

/// An attribute of the element that is being written.
pub(super) fn attribute(xml: &mut String, name: &str, value: &str) {
    xml.push_str(&format!(" {name}=\""));
    escape(value, xml);
    xml.push('"');
}

/// A link.
pub(super) fn link(xml: &mut String, rel: &str, href: &str, kind: Option<&str>, length: Option<&str>) {
    xml.push_str("<link");
    attribute(xml, "rel", rel);
    attribute(xml, "href", href);
    for (name, value) in [("type", kind), ("length", length)] {
        if let Some(value) = value {
            attribute(xml, name, value);
        }
    }
    xml.push_str("/>");
}
