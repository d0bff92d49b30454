//! A look at HTML as it is written, before its text is made: where few words are looked for, the source mostly shows that
//! none of them is in the text.
//! In: the inside of a JSON string, and the words. Out: false only when none of them can be in the text.
//!
//! What `cm_text::html_to_text` makes is the source without its markup and what is not shown. Besides, it decodes
//! character references, numbers lists, and takes white space out of addresses. So a word stands in the source whole, or
//! its beginning stands right before something that may be left out. What is written oddly is left to the text itself.

use super::atoms::Head;
use super::beginnings::Beginnings;
use super::scan::{Listener, scan};
use memchr::{memchr_iter, memmem};

/// With more words than that too many words of a text begin as one of them.
const MOST: usize = 6;

/// Bytes that a word may go on behind, besides those that are not ASCII: markup, references, escapes (the quotation mark
/// at the end of an attribute is one), and what is not shown.
const JOINTS: [u8; 4] = [b'<', b'&', b'\\', 0x7F];

/// Character references that stand for punctuation and spaces.
const PLAIN: [&[u8]; 20] = [
    b"amp;", b"lt;", b"gt;", b"quot;", b"apos;", b"nbsp;", b"#34;", b"#38;", b"#39;", b"#039;", b"#160;",
    b"#8217;", b"#8220;", b"#8221;", b"#8230;", b"rsquo;", b"ldquo;", b"rdquo;", b"ndash;", b"mdash;",
];

/// A word, or the beginning of one.
struct Needle {
    /// ASCII letters in lower case and digits; a letter first, for lists are numbered.
    text: Vec<u8>,
    beginning: bool,
}

/// The words that are looked for.
#[derive(Default)]
pub(super) struct Glimpse {
    needles: Vec<Needle>,
    beginnings: Beginnings,
    /// They are too many, or not of the kind that shows.
    blind: bool,
}

impl Glimpse {
    /// One more atom, folded.
    pub fn add(&mut self, atom: &str, beginning: bool) {
        let shows = atom.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.blind |= !shows || !atom.starts_with(|c: char| c.is_ascii_alphabetic());
        self.blind |= self.needles.len() == MOST;
        if !self.blind {
            self.needles.push(Needle { text: atom.to_ascii_lowercase().into(), beginning });
        }
    }

    /// Makes ready to look.
    pub fn finish(&mut self) {
        let pairs = self.needles.iter().flat_map(|needle| {
            let first = needle.text.first().copied().unwrap_or(0);
            let second = needle.text.get(1).copied().unwrap_or(0);
            [second].into_iter().chain(JOINTS.map(|byte| byte | 0x20)).map(move |second| [first, second])
        });
        self.beginnings = Beginnings::of(&pairs.collect::<Vec<_>>()).all_in_ascii(true);
    }

    /// Whether the text of this HTML may hold one of them.
    pub fn may_be_in(&self, html: &str) -> bool {
        if self.blind || is_odd(html.as_bytes()) {
            return true;
        }
        let mut look = Look { needles: &self.needles, html: html.as_bytes(), at: (0, 0), found: false };
        scan(html, true, &self.beginnings, &mut look);
        look.found
    }
}

/// Whether letters may come from anything but letters: escapes by number, references, invisible characters; or the white
/// space of an address parts what its text does not.
fn is_odd(html: &[u8]) -> bool {
    let is_plain = |at: usize| {
        let rest = html.get(at + 1..).unwrap_or_default();
        rest.first() == Some(&b' ') || PLAIN.iter().any(|name| rest.starts_with(name))
    };
    let is_shown = |at: usize| matches!(html.get(at + 1), Some(0xA0..=0xAC | 0xAE..=0xBF));
    memmem::find(html, b"\\u").is_some()
        || !memchr_iter(b'&', html).all(is_plain)
        || !memchr_iter(0xC2, html).all(is_shown)
        || !memchr_iter(b'=', html).all(|at| is_plain_attribute(html.get(..at), html.get(at + 1..)))
}

/// Whether an attribute is none whose value comes into the text, or is written as nearly all write it.
fn is_plain_attribute(before: Option<&[u8]>, behind: Option<&[u8]>) -> bool {
    let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
    let is = |name: &[u8]| {
        before
            .get(before.len().saturating_sub(name.len())..)
            .is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    let value = behind.strip_prefix(b"\\\"");
    match before {
        // White space stands between the name and its value.
        [.., b' '] | [.., b'\\', _] => false,
        _ if is(b"href") => value.is_some_and(|value| {
            let value = memmem::find(value, b"\\\"").and_then(|end| value.get(..end)).unwrap_or(b" ");
            let mut escaped = value.split(|byte| *byte == b'\\').skip(1);
            value.iter().all(u8::is_ascii_graphic) && escaped.all(|rest| rest.starts_with(b"/"))
        }),
        _ if is(b"alt") => value.is_some(),
        _ => true,
    }
}

/// Listens for the words and their beginnings.
struct Look<'a> {
    needles: &'a [Needle],
    html: &'a [u8],
    at: (usize, usize),
    found: bool,
}

impl Look<'_> {
    /// `goes_on` says whether more letters may follow where the text is made.
    fn take(&mut self, atom: &[u8], goes_on: bool) {
        let starts = |text: &[u8], with: &[u8]| {
            text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        self.found |= self.needles.iter().any(|Needle { text, beginning }| {
            let whole = atom.len() == text.len() || (*beginning && atom.len() > text.len());
            whole && starts(atom, text) || goes_on && atom.len() < text.len() && starts(text, atom)
        });
    }

    /// A run of ASCII letters and digits, read where it stands.
    fn run(&mut self) {
        let (html, behind) = (self.html, self.html.get(self.at.1..).unwrap_or_default());
        let goes_on = behind.first().is_some_and(|next| JOINTS.contains(next)) && !behind.starts_with(b"\\/");
        self.take(html.get(self.at.0..self.at.1).unwrap_or_default(), goes_on);
    }
}

impl Listener for Look<'_> {
    fn at(&mut self, start: usize, end: usize) {
        self.at = (start, end);
    }

    fn short(&mut self, _head: Head, _length: usize) {
        self.run();
    }

    fn long(&mut self, _atom: &[u8]) {
        self.run();
    }

    /// Of a run with other letters, in which this stands anywhere.
    fn atom(&mut self, atom: &[u8]) {
        self.take(atom, true);
    }
}

#[cfg(test)]
mod tests {
    use super::super::atoms::atoms;
    use super::super::scan::tests::words;
    use super::*;
    use cm_text::html_to_text;
    use proptest::prelude::*;

    fn glimpse(atoms: &[(&str, bool)]) -> Glimpse {
        let mut glimpse = Glimpse::default();
        atoms.iter().for_each(|(atom, beginning)| glimpse.add(atom, *beginning));
        glimpse.finish();
        glimpse
    }

    /// What stands between the quotes.
    fn json(text: &str) -> String {
        let json = serde_json::to_string(text).unwrap();
        json[1..json.len() - 1].to_owned()
    }

    /// Whether the text of the HTML holds one of them, as it is cut when a query is decided.
    fn is_in(glimpse: &Glimpse, html: &str) -> bool {
        let words = words(&html_to_text(html, false));
        let is = |atom: &str, n: &Needle| {
            atom.as_bytes() == n.text || n.beginning && atom.as_bytes().starts_with(&n.text)
        };
        words.iter().flat_map(|word| atoms(word)).any(|atom| glimpse.needles.iter().any(|n| is(atom, n)))
    }

    fn pieces() -> impl Strategy<Value = String> {
        let fixed = prop::sample::select(vec![
            "ac",
            "me",
            "acme",
            "a",
            "c",
            "m",
            "e",
            "x",
            "A",
            "ACME",
            "é",
            "ﬁ",
            "\u{301}",
            "\u{AD}",
            "\u{A0}",
            "\u{7F}",
            "\u{200D}",
            "\u{200B}",
            "’",
            "咖",
            "ａ",
            "𝐚",
            " ",
            " ",
            "\n",
            "\t",
            "\u{8}",
            ".",
            "/",
            "-",
            "'",
            "\"",
            "\\",
            "=",
            ">",
            "<",
            "&",
            "&amp;",
            "&nbsp;",
            "&shy;",
            "&#97;",
            "&#99",
            "&eacute;",
            "&rsquo;",
            "&amp",
            "<b>",
            "</b>",
            "<b ",
            "<p>",
            "<br>",
            "<pre>",
            "</pre>",
            "<!-- ",
            " -->",
            "<q>",
            "<ol><li>",
            "<td>",
            "<script>",
            "</script>",
            "<img alt=",
            "<img alt=\"",
            "<img title='>' alt=",
            " alt=\"ac\">",
            "<a href=",
            "<a href=\"http://x.example/",
            "<a href=\"http://x.example/ac\">x.example/ac</a>",
            "\">x.example/",
            "<a\nhref =http://x.example/",
            "</a>",
            "<a title='",
            "<a href='http://x.example/",
            "'>",
            " >",
            "/>",
            "<title>",
            "</title>",
            "http://x.example/",
        ]);
        prop::collection::vec(fixed, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_in_the_text_is_never_denied(html in pieces(), escape_slashes: bool) {
            let mut inside = json(&html);
            if escape_slashes {
                inside = inside.replace('/', "\\/");
            }
            for atoms in [&[("acme", false)][..], &[("ac", true)], &[("e", false), ("cme", true)], &[("acmeacmeacmeacmeac", false)]] {
                let glimpse = glimpse(atoms);
                prop_assert!(!is_in(&glimpse, &html) || glimpse.may_be_in(&inside), "{atoms:?} {inside}");
            }
        }
    }

    #[test]
    fn a_word_that_only_the_text_holds_whole_is_not_denied() {
        let one = glimpse(&[("acme", false)]);
        for html in [
            "<b>ac</b>me",
            "ac&shy;me",
            "ac\u{7F}me",
            "ac\u{8}me",
            "<a href=\"http://x.example/s/ac\">x.example/s…</a>me",
            "<a href=\"http://x.example/s/ac me\">x.example/s…</a>",
            "<a href='http://x.example/s/ac'>x.example/s…</a>me",
            "<pre><img alt=\"ac\">me",
            "<pre><img title='>' alt=ac >me",
        ] {
            assert!(is_in(&one, html), "{html}");
            assert!(one.may_be_in(&json(html)), "{html}");
        }
    }

    #[test]
    fn most_html_without_the_word_shows_it() {
        let one = glimpse(&[("acme", false)]);
        for html in [
            "<p>A word, a link to <a href=\"http://x.example/a?b=c\">a shop</a> &amp; an <img alt=\"x\" src='a.png'>.</p>",
            "Acmes\nare — “nothing” of the kind: l’accent é b&nbsp;c",
        ] {
            assert!(!one.may_be_in(&json(html)), "{html}");
        }
        for html in
            ["an acme", "ac<b>me</b>", "ac&shy;me", "&#97;cme", "a\u{AD}cme", "<img alt=ac>me", "<p>ac"]
        {
            assert_eq!(one.may_be_in(&json(html)), html != "<p>ac", "{html}");
        }
        assert!(glimpse(&[("2", false)]).may_be_in("<ol><li>"));
        let seven = ["a", "b", "c", "d", "e", "f", "g"].map(|atom| (atom, false));
        assert!(glimpse(&seven).may_be_in("x"));
    }
}
