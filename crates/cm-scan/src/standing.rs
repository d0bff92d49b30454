//! How many people an item's author reaches, and how many answered already, for its score.
//! In: an item. Out: points. It is asked of every item that matches, so what is written plainly is read in one pass; only
//! what is not goes through the whole reader of JSON, and both say the same.

use crate::document::Document;
use crate::engine::Members;
use serde::Deserialize;

/// What an item says of itself that makes answering it worth more or less.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// How many people the author reaches, 1 at most.
    pub reach: f64,
    /// How many answered already: nothing or less, -1 at least.
    pub answered: f64,
}

impl Standing {
    /// Of an item; what is missing or of another type counts nothing.
    pub fn of(document: &Document) -> Standing {
        let Members { authors, cm, .. } = document.members();
        Standing {
            reach: reach(read(*authors, "followers", plain::most_followers, most_followers)),
            answered: answered(read(*cm, "replies", plain::replies, replies)),
        }
    }
}

/// Points for the followers of the author who has the most.
fn reach(followers: u64) -> f64 {
    match followers {
        0..100 => 0.0,
        100..1_000 => 0.25,
        1_000..10_000 => 0.5,
        10_000..100_000 => 0.75,
        _ => 1.0,
    }
}

/// A quarter less for every reply that is there, up to four.
fn answered(replies: u64) -> f64 {
    // Not `-0.25 * 0.0`, which is -0.
    if replies == 0 { 0.0 } else { -0.25 * replies.min(4) as f64 }
}

/// Reads a number of a member that stands under a name: most items have neither of ours.
fn read(member: Option<&str>, name: &str, plainly: fn(&str) -> Option<u64>, whole: fn(&str) -> u64) -> u64 {
    let Some(raw) = member else { return 0 };
    if raw.contains('\\') {
        return whole(raw);
    }
    if raw.contains(name) { plainly(raw).unwrap_or_else(|| whole(raw)) } else { 0 }
}

fn most_followers(authors: &str) -> u64 {
    #[derive(Deserialize)]
    struct Author {
        #[serde(rename = "_cm")]
        cm: Option<AuthorMeta>,
    }
    #[derive(Deserialize)]
    struct AuthorMeta {
        followers: Option<u64>,
    }
    let authors: Vec<Author> = serde_json::from_str(authors).unwrap_or_default();
    authors.iter().filter_map(|author| author.cm.as_ref()?.followers).max().unwrap_or(0)
}

fn replies(cm: &str) -> u64 {
    #[derive(Deserialize)]
    struct Meta {
        counts: Option<Counts>,
    }
    #[derive(Deserialize)]
    struct Counts {
        replies: Option<u64>,
    }
    let meta: Option<Meta> = serde_json::from_str(cm).ok();
    meta.and_then(|meta| meta.counts?.replies).unwrap_or(0)
}

/// The same read from JSON that was checked and holds no backslash; `None` where anything is not as it mostly is.
mod plain {
    use memchr::memchr;

    /// Of the author who has the most.
    pub fn most_followers(authors: &str) -> Option<u64> {
        let mut most = 0;
        for author in (Values { raw: authors.strip_prefix('[')? }) {
            most = most.max(number_in(author, "\"_cm\"", "\"followers\"")?);
        }
        Some(most)
    }

    /// Of `_cm`.
    pub fn replies(cm: &str) -> Option<u64> {
        number_in(cm, "\"counts\"", "\"replies\"")
    }

    /// A number of an object in an object; 0 where it is missing.
    fn number_in(object: &str, outer: &str, name: &str) -> Option<u64> {
        let Some(inner) = member(object, outer)? else { return Some(0) };
        let Some(number) = member(inner, name)? else { return Some(0) };
        number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// A member by its name in quotes; `None` for no object, or where it stands twice.
    fn member<'a>(object: &'a str, name: &str) -> Option<Option<&'a str>> {
        let mut values = Values { raw: object.strip_prefix('{')? };
        let mut found = None;
        while let (Some(own), Some(value)) = (values.next(), values.next()) {
            if own == name && found.replace(value).is_some() {
                return None;
            }
        }
        Some(found)
    }

    /// What is left of a list or an object: its values, in an object each behind its name.
    struct Values<'a> {
        raw: &'a str,
    }

    impl<'a> Iterator for Values<'a> {
        type Item = &'a str;

        fn next(&mut self) -> Option<&'a str> {
            let between = |byte: &u8| !matches!(byte, b',' | b':' | b' ' | b'\t' | b'\n' | b'\r');
            let bytes = self.raw.as_bytes();
            let start = bytes.iter().position(between)?;
            let bytes = &bytes[start..];
            let length = match bytes.first()? {
                b'}' | b']' => return None,
                b'"' => string(bytes)?,
                b'{' | b'[' => nested(bytes)?,
                _ => bytes.iter().position(|byte| !between(byte) || matches!(byte, b'}' | b']'))?,
            };
            let (value, rest) = self.raw[start..].split_at(length);
            self.raw = rest;
            Some(value)
        }
    }

    /// How long the string is that begins here.
    fn string(bytes: &[u8]) -> Option<usize> {
        Some(memchr(b'"', bytes.get(1..)?)? + 2)
    }

    /// How long the list or object is that begins here.
    fn nested(bytes: &[u8]) -> Option<usize> {
        let (mut at, mut depth) = (0, 0);
        loop {
            match bytes.get(at)? {
                b'"' => at += string(&bytes[at..])? - 1,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;
    use proptest::prelude::*;

    #[test]
    fn what_an_item_says_of_itself_counts_in_steps() {
        for (authors, cm, reach, answered) in [
            (r#"[{"_cm":{"followers":99}}]"#, "{}", 0.0, 0.0),
            (
                r#"[{"name":"a"},{"_cm":{"followers":100}},{"_cm":{"followers":7}}]"#,
                r#"{"counts":{}}"#,
                0.25,
                0.0,
            ),
            (r#"[{"_cm":{"followers":1000}}]"#, r#"{"counts":{"replies":1}}"#, 0.5, -0.25),
            (r#"[{"_cm":{"followers":9999}}]"#, r#"{"counts":{"replies":4,"likes":9}}"#, 0.5, -1.0),
            (r#"[{"_cm":{"\u0066ollowers":10000}}]"#, r#"{"counts":{"replies":4000}}"#, 0.75, -1.0),
            (r#"[{"_cm":{"followers":100000}}]"#, r#"{"counts":{"likes":9}}"#, 1.0, 0.0),
            (r#"[{"_cm":{"followers":"many"}}]"#, r#"{"counts":{"replies":-1}}"#, 0.0, 0.0),
            (r#""followers""#, r#"{"counts":"replies"}"#, 0.0, 0.0),
        ] {
            let line = format!(r#"{{"id":"1","content_text":"","authors":{authors},"_cm":{cm}}}"#);
            let standing = Standing::of(&Document::of(&Record::parse(line).unwrap()));
            assert_eq!(standing, Standing { reach, answered }, "{authors} {cm}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn read_plainly_it_says_what_it_says_read_whole(
            pieces in prop::collection::vec(prop::sample::select(vec![
                r#""_cm":{"followers":12}"#, r#""_cm":{"x":[{"followers":3}],"followers" : 100 }"#, r#""_cm":null"#, r#""_cm":[7]"#,
                r#""_cm":{"followers":null}"#, r#""_cm":{"followers":-1}"#, r#""_cm":{"followers":1.0}"#, r#""_cm":{}"#,
                r#""_cm":{"followers":1,"followers":2}"#, r#""_cm":{"followers":18446744073709551615}"#,
                r#""_cm":{"followers":18446744073709551616}"#, r#""followers":9"#, r#""name":"{[,:followers""#,
                r#""name":"a \" b","x":{"_cm":{"followers":5}}"#, r#""name":"é","n":-1.5e3,"t":true"#, r#""_cm":{"\u0066ollowers":8}"#,
            ]), 0..4),
            broken in prop::sample::select(vec!["},{", "}, {", ",", "},7,{"]),
            cm: bool,
        ) {
            let object = format!("{{{}}}", pieces.join(broken));
            let object = if cm { object.replace("followers", "replies").replace("_cm", "counts") } else { object };
            let raw = if cm { object } else { format!("[{object}]") };
            prop_assume!(serde_json::from_str::<serde::de::IgnoredAny>(&raw).is_ok());
            let (plain, whole) = match cm {
                true => (plain::replies(&raw), replies(&raw)),
                false => (plain::most_followers(&raw), most_followers(&raw)),
            };
            prop_assert!(raw.contains('\\') || plain.is_none_or(|number| number == whole));
        }
    }
}
