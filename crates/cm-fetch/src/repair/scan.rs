//! Tokens of a document that may be broken in any way. Never fails: what is no markup is text.
//! In: text. Out: tags with raw attributes, raw text, CDATA. Comments and processing instructions are left out.

/// Honest document types declare a few hundred entities at most.
const LONGEST_DOCTYPE: usize = 64 << 10;
/// Attributes of one tag that are read.
const MOST_ATTRIBUTES: usize = 64;

/// A piece of the document; references in it are not resolved yet.
#[derive(Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// Text between tags.
    Text(&'a str),
    /// The inside of a CDATA section.
    Cdata(&'a str),
    /// A start tag; `empty` when it ends with `/>`.
    Start { name: &'a str, attributes: Vec<(&'a str, &'a str)>, empty: bool },
    /// An end tag.
    End(&'a str),
    /// A document type with its internal subset.
    Doctype(&'a str),
}

/// Stands for the next tag of an item or entry, where a mark is looked for.
const ENTRY: &str = "<item";

/// Cuts a text into tokens, in time linear in its length.
pub(crate) struct Scanner<'a> {
    rest: &'a str,
    /// Where marks were last found, counted from the end of the text; `None`: they do not come any more. Looking for one
    /// again and again would take quadratic time.
    marks: Vec<(&'static str, Option<usize>)>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text, marks: Vec::new() }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Where a mark comes next.
    fn find(&mut self, mark: &'static str) -> Option<usize> {
        let length = self.rest.len();
        let slot = self.marks.iter().position(|(known, _)| *known == mark);
        match slot.and_then(|slot| self.marks.get(slot)) {
            Some((_, None)) => return None,
            Some((_, Some(from_end))) if *from_end <= length => return Some(length - from_end),
            _ => {}
        }
        let found = if mark == ENTRY { entry_tag(self.rest) } else { self.rest.find(mark) };
        let known = (mark, found.map(|at| length - at));
        match slot.and_then(|slot| self.marks.get_mut(slot)) {
            Some(slot) => *slot = known,
            None => self.marks.push(known),
        }
        found
    }

    /// Where a piece ends that ends with a mark. `None` as well when a tag of an entry, and what begins such a piece, come
    /// before: then this one's end was forgotten, and that mark is another's.
    fn end_of(&mut self, begin: &'static str, end: &'static str) -> Option<usize> {
        let at = self.find(end)?;
        let ends_another = self.find(ENTRY).is_some_and(|entry| entry < at)
            && (begin.is_empty() || self.find(begin).is_some_and(|begin| begin < at));
        (!ends_another).then_some(at)
    }

    /// Up to and without the end mark, which is passed over; up to `otherwise` when there is none.
    fn until(&mut self, begin: &'static str, end: &'static str, otherwise: &'static str) -> &'a str {
        if let Some(at) = self.end_of(begin, end) {
            let inside = self.take(at);
            self.take(end.len());
            return inside;
        }
        let at = self.find(otherwise).unwrap_or(self.rest.len());
        self.take(at)
    }

    /// Past the end mark; past the next `>` when there is none.
    fn skip_past(&mut self, begin: &'static str, end: &'static str) {
        let at = self.end_of(begin, end).map(|at| at + end.len());
        let at = at.or_else(|| self.find(">").map(|at| at + 1)).unwrap_or(self.rest.len());
        self.take(at);
    }

    /// Text up to the next tag; a `<` at its very beginning is a character like any other.
    fn text(&mut self) -> Token<'a> {
        let skip = usize::from(self.rest.starts_with('<'));
        let end = self.rest[skip..].find('<').map_or(self.rest.len(), |at| at + skip);
        Token::Text(self.take(end))
    }

    fn declaration(&mut self) -> Option<Token<'a>> {
        if self.rest.starts_with("<!--") {
            self.take(4);
            self.skip_past("<!--", "-->");
            return None;
        }
        if self.rest.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<![CDATA[")) {
            self.take(9);
            return Some(Token::Cdata(self.until("<![CDATA[", "]]>", "</")));
        }
        const NO_DOCTYPE: &str = "]>";
        let hopeless = self.marks.iter().any(|(mark, at)| *mark == NO_DOCTYPE && at.is_none());
        let end = if hopeless { None } else { doctype_end(self.rest) };
        if end.is_none() && !hopeless {
            self.marks.push((NO_DOCTYPE, None));
        }
        let end = end.or_else(|| self.find(">").map(|at| at + 1)).unwrap_or(self.rest.len());
        Some(Token::Doctype(self.take(end)))
    }

    fn end_tag(&mut self) -> Token<'a> {
        self.take(2);
        let end = self.rest.find(['>', '<']).unwrap_or(self.rest.len());
        let name = self.take(end).trim();
        if self.rest.starts_with('>') {
            self.take(1);
        }
        Token::End(name.split_whitespace().next().unwrap_or_default())
    }

    fn start_tag(&mut self) -> Option<Token<'a>> {
        self.take(1);
        let end = self.rest.find(|c: char| c.is_whitespace() || "/><".contains(c)).unwrap_or(self.rest.len());
        let name = self.take(end);
        let mut attributes = Vec::new();
        let mut empty = false;
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.chars().next() {
                // The document ends inside the tag: nobody knows what it would have been.
                None => return None,
                Some('>') => {
                    self.take(1);
                    break;
                }
                Some('<') => break,
                Some('/') => {
                    self.take(1);
                    empty = self.rest.starts_with('>');
                }
                Some(_) => {
                    let attribute = self.attribute();
                    attributes.extend(attribute.filter(|_| attributes.len() < MOST_ATTRIBUTES));
                }
            }
        }
        Some(Token::Start { name, attributes, empty })
    }

    /// `name="value"`, `name='value'`, `name=value` or `name`.
    fn attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let stop = |c: char| c.is_whitespace() || "=/><".contains(c);
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        if end == 0 {
            self.take(1);
            return None;
        }
        let name = self.take(end);
        let after = self.rest.trim_start();
        let Some(value) = after.strip_prefix('=') else { return Some((name, "")) };
        self.rest = value.trim_start();
        match self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => {
                self.take(1);
                Some((name, self.until("", if quote == '"' { "\"" } else { "'" }, ">")))
            }
            None => {
                let end = self.rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(self.rest.len());
                let end = if self.rest[..end].ends_with('/') && self.rest[end..].starts_with('>') {
                    end - 1
                } else {
                    end
                };
                Some((name, self.take(end)))
            }
        }
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let mut chars = self.rest.chars();
            let token = match (chars.next()?, chars.next()) {
                ('<', Some('!')) => self.declaration(),
                ('<', Some('?')) => {
                    self.skip_past("", "?>");
                    None
                }
                ('<', Some('/')) => Some(self.end_tag()),
                ('<', Some(c)) if c.is_alphabetic() || c == '_' || c == ':' => self.start_tag(),
                _ => Some(self.text()),
            };
            if token.is_some() {
                return token;
            }
        }
    }
}

/// Where the next tag of an item or entry stands, start or end.
fn entry_tag(text: &str) -> Option<usize> {
    let of_entry = |at: &usize| {
        let name = text[at + 1..].trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        ["item", "entry"].iter().any(|entry| name[..end].eq_ignore_ascii_case(entry))
    };
    text.match_indices('<').map(|(at, _)| at).find(of_entry)
}

/// Where `<!DOCTYPE ... [ ... ]>` ends: after the first `>` outside brackets and quotes; `None` when that is farther away
/// than in any honest one.
fn doctype_end(text: &str) -> Option<usize> {
    let (mut brackets, mut quote) = (0usize, None);
    for (at, byte) in text.bytes().enumerate().take(LONGEST_DOCTYPE) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => brackets += 1,
            (None, b']') => brackets = brackets.saturating_sub(1),
            (None, b'>') if brackets == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<Token<'_>> {
        Scanner::new(text).collect()
    }

    #[test]
    fn attributes_in_every_form() {
        let [Token::Start { name, attributes, empty }] = &tokens("<a x='1' y=2 z w = \"3>\" />")[..] else {
            panic!()
        };
        assert_eq!((*name, *empty), ("a", true));
        assert_eq!(attributes[..], [("x", "1"), ("y", "2"), ("z", ""), ("w", "3>")]);
    }

    #[test]
    fn what_is_no_tag_is_text() {
        assert_eq!(tokens("a < b <3"), [Token::Text("a "), Token::Text("< b "), Token::Text("<3")]);
    }

    #[test]
    fn sections_without_an_end() {
        assert_eq!(tokens("<![CDATA[x</d>"), [Token::Cdata("x"), Token::End("d")]);
        assert_eq!(tokens("<!-- x > y"), [Token::Text(" y")]);
        assert_eq!(tokens("<a href=\"x>y").len(), 2);
        assert_eq!(tokens("<item"), []);
    }

    #[test]
    fn an_end_that_was_forgotten_costs_one_entry_only() {
        let cdata = "<item><d><![CDATA[a</d></item><item><d><![CDATA[b]]></d></item>";
        assert_eq!(
            tokens(cdata).iter().filter(|t| matches!(t, Token::Start { name: "item", .. })).count(),
            2
        );
        let quote = "<item><link href=\"x /></item><item><link href=\"y\"/></item>";
        assert_eq!(
            tokens(quote).iter().filter(|t| matches!(t, Token::Start { name: "item", .. })).count(),
            2
        );
        let comment = "<item><!-- a </item><item>b<!-- c --></item>";
        assert_eq!(
            tokens(comment).iter().filter(|t| matches!(t, Token::Start { name: "item", .. })).count(),
            2
        );
        assert_eq!(tokens("<!-- <item>a</item> -->b"), [Token::Text("b")]);
    }

    #[test]
    fn doctypes_are_one_token() {
        let text = "<!DOCTYPE rss [<!ENTITY x \"a>b\">]><rss>";
        assert_eq!(tokens(text)[0], Token::Doctype("<!DOCTYPE rss [<!ENTITY x \"a>b\">]>"));
    }

    #[test]
    fn nothing_takes_quadratic_time() {
        for piece in ["<!--x>", "<![CDATA[x</a>", "<?x>", "<!x[>", "<a b='", "<a x ", "<", "&amp", "<////"] {
            for end in ["", "<item>]]>-->?>'"] {
                let tokens = Scanner::new(&(piece.repeat(50_000) + end)).count();
                assert!(tokens <= 100_100, "{piece}: {tokens}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut(text in "(<|>|/|!|\\[|\\]|-|\\?|=|\"|'|[a-c ]|é|CDATA){0,60}") {
            let _ = tokens(&text);
        }
    }
}
