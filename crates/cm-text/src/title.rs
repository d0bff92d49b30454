//! What a page calls itself. In: HTML. Out: its OpenGraph title, else its `<title>`.

use crate::html::{Untold, raw_content, utf8};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};

/// Longer ones are cut: a page may say anything.
const LONGEST: usize = 4096;

/// The title of a page: what it wants links to it to be called (`og:title`, <https://ogp.me>), else its `<title>`; one line,
/// entities decoded. Linear in the input, no recursion; reads no further than to `og:title`.
pub fn page_title(html: &str) -> Option<String> {
    let mut page = Page::default();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| page.take(event));
    let mut tokens = Tokenizer::new_with_emitter(html, Untold(emitter));
    while let Some(Ok(state)) = tokens.next() {
        match state {
            Step::Done => break,
            Step::Enter(state) => tokens.set_state(state),
        }
    }
    drop(tokens);
    page.named.and_then(|title| one_line(&title)).or_else(|| one_line(&page.title?))
}

fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// What the tokenizer is told.
enum Step {
    /// What follows is no markup.
    Enter(State),
    /// All is known.
    Done,
}

/// A page half read.
#[derive(Default)]
struct Page {
    tag: String,
    attribute: Attribute,
    property: String,
    content: String,
    /// How many drawings are open: they have titles of their own.
    drawings: usize,
    /// `<title>`; the first one counts.
    title: Option<String>,
    title_is_open: bool,
    /// `og:title`.
    named: Option<String>,
}

#[derive(Clone, Copy, Default)]
enum Attribute {
    #[default]
    Other,
    Property,
    Content,
}

impl Page {
    fn take(&mut self, event: CallbackEvent<'_>) -> Option<Step> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = utf8(name).into_owned();
                (self.attribute, self.property, self.content) = Default::default();
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = match name {
                    // Pages write `name` too, which readers of OpenGraph accept.
                    b"property" | b"name" => Attribute::Property,
                    b"content" => Attribute::Content,
                    _ => Attribute::Other,
                };
            }
            CallbackEvent::AttributeValue { value } => match self.attribute {
                Attribute::Property if self.property != "og:title" => {
                    self.property = utf8(value).trim().to_owned()
                }
                Attribute::Content if self.content.is_empty() => self.content = cut(&utf8(value)).to_owned(),
                _ => {}
            },
            CallbackEvent::CloseStartTag { self_closing } => return self.start(self_closing),
            CallbackEvent::String { value } if self.title_is_open => {
                let title = self.title.get_or_insert_default();
                title.push_str(&utf8(value));
                title.truncate(cut(title).len());
            }
            CallbackEvent::EndTag { name } => {
                self.title_is_open = false;
                self.drawings = self.drawings.saturating_sub(usize::from(name == b"svg"));
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, self_closing: bool) -> Option<Step> {
        match self.tag.as_str() {
            "meta" if self.property == "og:title" && !self.content.trim().is_empty() => {
                self.named = Some(std::mem::take(&mut self.content));
                return Some(Step::Done);
            }
            "svg" if !self_closing => self.drawings += 1,
            "title" if self.drawings == 0 && self.title.is_none() => {
                self.title_is_open = true;
                self.title = Some(String::new());
            }
            // In a drawing a title is markup like any other.
            "title" if self.drawings > 0 => return None,
            _ => {}
        }
        raw_content(&self.tag).filter(|_| !self_closing || self.tag == "title").map(Step::Enter)
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pages_say_what_they_are_called_in_two_places() {
        for (html, expected) in [
            ("<title>\n A &amp; B  </title>", Some("A & B")),
            (
                "<title>Shop | Tea</title><meta property='og:title' content='Tea &#8211; green'>",
                Some("Tea – green"),
            ),
            ("<meta content=One property=og:title><meta property=og:title content=Two>", Some("One")),
            ("<meta name='og:title' content='By name'>", Some("By name")),
            ("<meta property=og:title content=' '><title>T</title>", Some("T")),
            ("<svg><title>icon</title></svg><title>Page</title>", Some("Page")),
            ("<script>'<title>no</title>'</script><!-- <title>no</title> --><TITLE>Yes</TITLE>", Some("Yes")),
            ("<title>a <b>is text</title>", Some("a <b>is text")),
            ("<title>One</title><title>Two</title>", Some("One")),
            ("<title>cut off", Some("cut off")),
            ("<title></title><h1>x</h1>", None),
            ("", None),
        ] {
            assert_eq!(page_title(html).as_deref(), expected, "{html}");
        }
        assert_eq!(page_title(&format!("<title>{}</title>", "é".repeat(1 << 20))).unwrap().len(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_page_has_a_title_of_one_line_or_none(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<title>", "</title>", "<meta property=og:title content='", "'>", "<svg>", "</svg>", "<script>", "</script>", "x", "\n", "&amp;", "é",
                ]),
                0..20,
            ),
            noise in "\\PC{0,20}",
        ) {
            if let Some(title) = page_title(&(parts.concat() + &noise)) {
                prop_assert!(!title.is_empty() && !title.contains('\n') && title.trim() == title);
            }
        }
    }
}
