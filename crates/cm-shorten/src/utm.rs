//! Campaign tags: a template of the configuration and a record's fields in, `utm_source=...` on the link out.
//! Only the query's end changes: every other byte of the link stays.

use crate::accounts;
use crate::args::Existing;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The names that a template may set, GA4's and those of Matomo, besides `existing` and `for`.
const NAMES: &[&str] = &[
    "existing",
    "for",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "utm_id",
    "utm_source_platform",
    "utm_creative_format",
    "utm_marketing_tactic",
    "mtm_source",
    "mtm_medium",
    "mtm_campaign",
    "mtm_keyword",
    "mtm_content",
    "mtm_cid",
    "mtm_group",
    "mtm_placement",
];

/// What a template may be filled from.
const FIELDS: [&str; 9] =
    ["network", "account", "name", "campaign", "title", "date", "kind", "source", "language"];

/// The longest value filled in, in characters: a title may be a whole text.
const LONGEST: usize = 100;

/// A tag: name and value as a person reads them.
pub type Tag = (String, String);

/// `[utm.NAME]`, in the order in which it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What becomes of tags that a link has already.
    pub existing: Existing,
    /// Networks and accounts whose links take it when nobody names another.
    channels: Vec<String>,
    tags: Vec<Tag>,
}

/// What fills a template. `date` is the record's own day, not today: a second pass must make the same link.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// `bluesky:acme`; `{network}` is what stands before the colon.
    pub account: Option<&'a str>,
    /// `--campaign`.
    pub campaign: Option<&'a str>,
    /// The record's title.
    pub title: Option<&'a str>,
    /// The day of `date_published`, `2026-11-22`.
    pub date: Option<&'a str>,
    /// `_cm.kind`.
    pub kind: Option<&'a str>,
    /// `_cm.source`.
    pub source: Option<&'a str>,
    /// The record's language, `de-AT`.
    pub language: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let value = match name {
            "network" => self.account.and_then(|account| account.split(':').next()),
            "account" => self.account,
            "name" => self.account.and_then(|account| account.split_once(':')).map(|(_, name)| name),
            "campaign" => self.campaign,
            "title" => self.title,
            "date" => self.date,
            "kind" => self.kind,
            "source" => self.source,
            "language" => self.language,
            _ => None,
        };
        value.map(str::trim).filter(|value| !value.is_empty())
    }
}

impl Template {
    /// How well it suits an account: 2 where it names it, 1 where it names its network, 0 where it names none at all.
    pub fn suits(&self, account: &str) -> Option<u8> {
        let network = account.split(':').next().unwrap_or(account);
        match &self.channels[..] {
            [] => Some(0),
            channels if channels.iter().any(|channel| channel == account) => Some(2),
            channels if channels.iter().any(|channel| channel == network) => Some(1),
            _ => None,
        }
    }

    /// The networks and accounts that it names.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// The tags that are filled from one of these fields.
    pub fn needing(&self, fields: &[&str]) -> Vec<&str> {
        let needs = |pattern: &str| fields.iter().any(|field| pattern.contains(&format!("{{{field}}}")));
        self.tags.iter().filter(|(_, pattern)| needs(pattern)).map(|(name, _)| name.as_str()).collect()
    }

    /// The tags for these fields; one that needs a field that is not there is left out.
    pub fn fill(&self, fields: &Fields<'_>) -> Vec<Tag> {
        self.tags
            .iter()
            .filter_map(|(name, pattern)| Some((name.clone(), fill(pattern, |field| fields.get(field))?)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// Puts the fields into a pattern; `None` when one is missing.
fn fill<'a>(pattern: &str, mut field: impl FnMut(&str) -> Option<&'a str>) -> Option<String> {
    let mut value = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        value.push_str(before);
        let (name, after) = after.split_once('}')?;
        value.extend(field(name)?.chars().take(LONGEST));
        rest = after;
    }
    value.push_str(rest);
    Some(value)
}

/// Puts tags on a link. `given` is the link before cleaning, whose own tags `existing` decides about.
pub fn tag(clean: &str, given: &str, tags: &[Tag], existing: Existing) -> String {
    let own: Vec<&str> = match existing {
        Existing::Replace => Vec::new(),
        Existing::Keep | Existing::Fill => segments(given).filter(|segment| is_tag(segment)).collect(),
    };
    let added = tags.iter().filter(|(name, _)| match existing {
        Existing::Replace => true,
        Existing::Keep => own.is_empty(),
        Existing::Fill => !own.iter().any(|segment| has_name(segment, name)),
    });
    let added: Vec<String> = added.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    // A cleaned link may still hold a tag where cleaning keeps its hands off a host: one that stays stays in its place.
    // What stands beside a tag behind a `;` may be a parameter to its server: none is lost for a tag.
    let left = |segment: &&str| {
        segment.contains(';') || !tags.iter().any(|(name, _)| has_name(segment, name) && own.is_empty())
    };
    if own.is_empty() && added.is_empty() {
        return clean.to_owned();
    }
    let (front, fragment) = clean.find('#').map_or((clean, ""), |at| clean.split_at(at));
    let (path, query) = front.split_once('?').map_or((front, None), |(path, query)| (path, Some(query)));
    let kept: Vec<&str> = query.into_iter().flat_map(|query| query.split('&')).filter(left).collect();
    let mut query = kept.join("&");
    let back = own.into_iter().filter(|segment| !kept.contains(segment));
    for segment in back.chain(added.iter().map(String::as_str)) {
        if !query.is_empty() && !query.ends_with('&') {
            query.push('&');
        }
        query.push_str(segment);
    }
    format!("{path}?{query}{fragment}")
}

/// The tags that stand on a link, as they stand: part of what makes it another link than the same without.
pub fn tags_on(url: &str) -> String {
    segments(url).filter(|segment| is_tag(segment)).collect::<Vec<_>>().join("&")
}

fn segments(url: &str) -> impl Iterator<Item = &str> {
    let front = url.split('#').next().unwrap_or(url);
    front.split_once('?').into_iter().flat_map(|(_, query)| query.split('&'))
}

fn is_tag(segment: &str) -> bool {
    names(segment).any(|name| name.starts_with("utm_") || name.starts_with("mtm_"))
}

fn has_name(segment: &str, name: &str) -> bool {
    names(segment).any(|found| found.eq_ignore_ascii_case(name))
}

/// The names of a segment as servers read them, in lower case; of several where a `;` separates.
fn names(segment: &str) -> impl Iterator<Item = Cow<'_, str>> {
    segment.split(';').map(|part| cm_web::parameter_name(part.split('=').next().unwrap_or(part)))
}

/// Percent-encodes all but the unreserved characters (RFC 3986, 2.3).
fn escape(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Template, D::Error> {
        deserializer.deserialize_map(TemplateVisitor)
    }
}

struct TemplateVisitor;

impl<'de> Visitor<'de> for TemplateVisitor {
    type Value = Template;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of utm_ names and their values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Template, A::Error> {
        let mut template = Template::default();
        while let Some(name) = map.next_key::<String>()? {
            if !NAMES.contains(&name.as_str()) {
                return Err(A::Error::unknown_field(&name, NAMES));
            }
            if name == "for" {
                template.channels = map.next_value()?;
                if let Some(wrong) = template.channels.iter().find(|name| !accounts::is_channel(name)) {
                    return Err(A::Error::custom(format!(
                        "for: {wrong:?} is no account and no network: write bluesky:acme or bluesky"
                    )));
                }
                continue;
            }
            let value = map.next_value::<String>()?;
            if name == "existing" {
                template.existing = existing(&value).map_err(A::Error::custom)?;
            } else {
                check(&value).map_err(A::Error::custom)?;
                template.tags.push((name, value));
            }
        }
        Ok(template)
    }
}

fn existing(value: &str) -> Result<Existing, String> {
    match value {
        "replace" => Ok(Existing::Replace),
        "keep" => Ok(Existing::Keep),
        "fill" => Ok(Existing::Fill),
        _ => Err(format!("existing is replace, keep or fill, not {value:?}")),
    }
}

fn check(pattern: &str) -> Result<(), String> {
    let mut unknown = None;
    let whole = fill(pattern, |name| {
        if !FIELDS.contains(&name) {
            unknown = Some(name.to_owned());
        }
        Some("x")
    });
    match (whole, unknown) {
        (None, _) => Err(format!("a {{ without its }} in {pattern:?}")),
        (_, Some(name)) => Err(format!("unknown field {{{name}}} (known: {{{}}})", FIELDS.join("}, {"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_tag_with_a_missing_field_is_left_out() {
        let template = Template {
            tags: tags(&[
                ("utm_source", "{network}"),
                ("utm_medium", "social"),
                ("utm_campaign", "x-{campaign}"),
            ]),
            ..Template::default()
        };
        let fields = Fields { account: Some("mastodon:acme"), campaign: Some(" "), ..Fields::default() };
        assert_eq!(template.fill(&fields), tags(&[("utm_source", "mastodon"), ("utm_medium", "social")]));
        let fields = Fields { campaign: Some("Spring {title}"), ..fields };
        assert_eq!(template.fill(&fields)[2].1, "x-Spring {title}", "a field's braces are only text");
    }

    #[test]
    fn tags_stand_before_the_fragment_and_touch_nothing_else() {
        let one = tags(&[("utm_source", "a b&c")]);
        for (clean, tagged) in [
            ("https://a.example", "https://a.example?utm_source=a%20b%26c"),
            ("https://a.example/p#f?x", "https://a.example/p?utm_source=a%20b%26c#f?x"),
            ("https://a.example/?x=1+2&&y", "https://a.example/?x=1+2&&y&utm_source=a%20b%26c"),
            ("https://a.example/?", "https://a.example/?utm_source=a%20b%26c"),
            ("https://a.example/?x&", "https://a.example/?x&utm_source=a%20b%26c"),
            ("https://a.example/?UTM_source=old&b", "https://a.example/?b&utm_source=a%20b%26c"),
        ] {
            assert_eq!(tag(clean, clean, &one, Existing::Replace), tagged);
        }
    }

    #[test]
    fn existing_tags_are_replaced_kept_or_filled_up() {
        let (clean, given) =
            ("https://a.example/?id=7", "https://a.example/?utm_source=news&id=7&utm_term=t#x");
        let ours = tags(&[("utm_source", "bluesky"), ("utm_medium", "social")]);
        let done = |existing| tag(clean, given, &ours, existing);
        assert_eq!(done(Existing::Replace), "https://a.example/?id=7&utm_source=bluesky&utm_medium=social");
        assert_eq!(done(Existing::Keep), "https://a.example/?id=7&utm_source=news&utm_term=t");
        assert_eq!(
            done(Existing::Fill),
            "https://a.example/?id=7&utm_source=news&utm_term=t&utm_medium=social"
        );
        assert_eq!(tag(clean, clean, &ours, Existing::Keep), done(Existing::Replace));
    }

    #[test]
    fn names_count_as_servers_read_them_and_no_other_parameter_is_lost() {
        let ours = tags(&[("utm_source", "bluesky")]);
        for (given, existing, tagged) in [
            ("?utm%5Fsource=x", Existing::Replace, "?utm_source=bluesky"),
            ("?utm%5Fsource=x", Existing::Keep, "?utm%5Fsource=x"),
            ("?UTM%5fSource=x", Existing::Fill, "?UTM%5fSource=x"),
            ("?utm_source=x;id=3", Existing::Replace, "?utm_source=x;id=3&utm_source=bluesky"),
            ("?id=3;utm_source=x", Existing::Replace, "?id=3;utm_source=x&utm_source=bluesky"),
            ("?id=3;utm_source=x", Existing::Keep, "?id=3;utm_source=x"),
            ("?utm_source=x;id=3", Existing::Fill, "?utm_source=x;id=3"),
        ] {
            let (given, tagged) =
                (format!("https://a.example/{given}"), format!("https://a.example/{tagged}"));
            assert_eq!(tag(&given, &given, &ours, existing), tagged, "{existing:?}");
        }
    }

    #[test]
    fn what_cleaning_left_stays_in_its_place() {
        let signed = "https://a.example/?utm_source=news&X-Amz-Signature=1&x";
        let ours = tags(&[("utm_source", "bluesky"), ("utm_medium", "social")]);
        assert_eq!(tag(signed, signed, &ours, Existing::Keep), signed);
        assert_eq!(tag(signed, signed, &[], Existing::Fill), signed);
        assert_eq!(tag(signed, signed, &ours, Existing::Fill), format!("{signed}&utm_medium=social"));
    }

    #[test]
    fn templates_are_checked_where_they_stand() {
        let read = |text: &str| cm_cli::parse_toml::<Template>("cm.toml", text);
        let template = read("utm_medium = 'b'\nutm_source = '{network}'\nexisting = 'fill'\n").unwrap();
        assert_eq!(template.tags, tags(&[("utm_medium", "b"), ("utm_source", "{network}")]));
        assert_eq!(template.existing, Existing::Fill);
        for (text, part) in [
            ("utm_sorce = 'x'", "did you mean \"utm_source\""),
            ("utm_source = '{netwrk}'", "{network}"),
            ("utm_source = '{network'", "without its }"),
            ("existing = 'maybe'", "replace, keep or fill"),
            ("for = ['bluesky acme']", "write bluesky:acme or bluesky"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn tagging_twice_is_tagging_once(url in "https://a\\.example(/[a-z%?=#+é]{0,20})?", value in ".{0,20}") {
            let ours = tags(&[("utm_source", &value), ("utm_medium", "m")]);
            let once = tag(&url, &url, &ours, Existing::Replace);
            prop_assert_eq!(&tag(&once, &once, &ours, Existing::Replace), &once);
            let front = url.split(['?', '#']).next().unwrap();
            prop_assert!(once.starts_with(front));
            prop_assert_eq!(once.split_once('#').map(|(_, f)| f), url.split_once('#').map(|(_, f)| f));
        }

        #[test]
        fn patterns_never_panic(pattern in "[{}a-z]{0,20}") {
            let _ = check(&pattern);
        }
    }
}
