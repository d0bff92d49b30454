//! What an element says: plain text or HTML, by its type, its mode and its looks.

use super::names::Ns;
use super::{Element, Node};
use crate::feed::one_line;
use cm_web::base64;
use std::borrow::Cow;

/// A text and what it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said<'e> {
    /// Plain text.
    Plain(Cow<'e, str>),
    /// HTML source.
    Html(Cow<'e, str>),
}

impl Said<'_> {
    /// The source.
    pub(crate) fn source(&self) -> &str {
        match self {
            Said::Plain(text) | Said::Html(text) => text,
        }
    }

    /// As text that a person can read.
    pub(crate) fn text(&self) -> String {
        match self {
            Said::Plain(text) => text.trim().to_owned(),
            Said::Html(html) => cm_text::html_to_text(html, false),
        }
    }

    /// As one line; `None` when nothing is on it.
    pub(crate) fn line(&self) -> Option<String> {
        Some(one_line(&self.text())).filter(|line| !line.is_empty())
    }
}

/// Reads a title, summary or content; `None` when it says nothing.
pub(crate) fn said<'e>(element: &'e Element<'_>) -> Option<Said<'e>> {
    let said = match element.ns {
        Ns::Atom => atom_text(element)?,
        _ => by_looks(element),
    };
    (!said.source().trim().is_empty()).then_some(said)
}

/// RFC 4287, 3.1 and 4.1.3; Atom 0.3 has modes.
fn atom_text<'e>(element: &'e Element<'_>) -> Option<Said<'e>> {
    let kind = element.attribute("type").unwrap_or("text").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if element.attribute("mode") == Some("base64") || !is_textual(kind) {
        let text = Cow::Owned(String::from_utf8(base64(&element.text())?).ok()?);
        return Some(if matches!(kind, "text" | "text/plain") {
            Said::Plain(text)
        } else {
            Said::Html(text)
        });
    }
    if element.elements().next().is_some() {
        return Some(Said::Html(Cow::Owned(inner(element))));
    }
    let text = element.text();
    Some(if is_html(kind) { Said::Html(text) } else { Said::Plain(text) })
}

fn is_html(kind: &str) -> bool {
    kind.contains("html")
}

fn is_textual(kind: &str) -> bool {
    matches!(kind, "" | "text" | "html" | "xhtml")
        || kind.starts_with("text/")
        || kind.ends_with("xml")
        || !kind.contains('/')
}

/// RSS never says what a text is: HTML is told by tags and references in it.
fn by_looks<'e>(element: &'e Element<'_>) -> Said<'e> {
    if element.elements().next().is_some() {
        return Said::Html(Cow::Owned(inner(element)));
    }
    let text = element.text();
    if looks_like_html(&text) { Said::Html(text) } else { Said::Plain(text) }
}

fn looks_like_html(text: &str) -> bool {
    let last_end = text.rfind('>').unwrap_or(0);
    let tag = |at: usize| {
        let begins = text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        begins && at < last_end
    };
    let reference = |at: usize| {
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(rest.len());
        (1..=31).contains(&end) && rest[end..].starts_with(';')
    };
    text.match_indices('<').any(|(at, _)| tag(at)) || text.match_indices('&').any(|(at, _)| reference(at))
}

/// The inside of an element as HTML; the one `div` around XHTML is not part of it.
pub(crate) fn inner(element: &Element<'_>) -> String {
    let mut html = String::new();
    let mut only =
        element.children.iter().filter(|node| !matches!(node, Node::Text(text) if text.trim().is_empty()));
    match (only.next(), only.next()) {
        (Some(Node::Element(div)), None) if div.name == "div" => write_nodes(&div.children, &mut html),
        _ => write_nodes(&element.children, &mut html),
    }
    html
}

fn write_nodes(nodes: &[Node<'_>], html: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, html),
            Node::Element(element) => write_element(element, html),
        }
    }
}

/// Recursion is bounded by the depth of the tree.
fn write_element(element: &Element<'_>, html: &mut String) {
    html.push('<');
    html.push_str(&element.name);
    for (name, value) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
        html.push(' ');
        html.push_str(name);
        html.push_str("=\"");
        escape(value, html);
        html.push('"');
    }
    html.push('>');
    let void = matches!(&*element.name, "br" | "hr" | "img" | "input" | "wbr" | "col");
    if !void {
        write_nodes(&element.children, html);
        html.push_str("</");
        html.push_str(&element.name);
        html.push('>');
    }
}

/// Writes text so that it is text in XML and in HTML.
pub(crate) fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Option<Said<'static>> {
        let (nodes, _) = super::super::parse(xml);
        let element = nodes.iter().find_map(|node| if let Node::Element(e) = node { Some(e) } else { None });
        said(element?).map(|said| match said {
            Said::Plain(text) => Said::Plain(text.into_owned().into()),
            Said::Html(text) => Said::Html(text.into_owned().into()),
        })
    }

    #[test]
    fn types_and_looks() {
        let atom = |inside: &str| read(&format!("<atom:title {inside}</atom:title>"));
        assert_eq!(atom("type='text'>a &lt;b&gt; c"), Some(Said::Plain("a <b> c".into())));
        assert_eq!(atom("type='html'>a &lt;b> c"), Some(Said::Html("a <b> c".into())));
        assert_eq!(
            atom("type='xhtml'><div>a <b>c</b> &amp;</div>"),
            Some(Said::Html("a <b>c</b> &amp;".into()))
        );
        assert_eq!(atom("type='text/html' mode='base64'>PGI+"), Some(Said::Html("<b>".into())));
        assert_eq!(atom("type='image/png'>iVBORw=="), None);
        assert_eq!(read("<title>AT&amp;T</title>"), Some(Said::Plain("AT&T".into())));
        assert_eq!(read("<title>a &amp;amp; b</title>"), Some(Said::Html("a &amp; b".into())));
        assert_eq!(read("<title>a < b > c</title>"), Some(Said::Plain("a < b > c".into())));
        assert_eq!(read("<title> </title>"), None);
        assert_eq!(read("<description>one<br>two</description>"), Some(Said::Html("one<br>two".into())));
    }
}
