//! What the members and columns of other shorteners mean, by their names: one list for all, as their names agree.
//! Written without capitals and signs, so that `longUrl`, `long_url` and `Long URL` are one.
//!
//! Sources: YOURLS `yourls_url`; Shlink's web client (ExportShortUrlsBtn.tsx) and REST v3; Kutt v2 API; Bitly v4 API;
//! Dub's export (format-links-for-export.ts) and API; our own export.

use super::dates;
use super::row::{Bad, Row};
use std::collections::BTreeSet;

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The code.
    Code,
    /// Further codes that lead to the same place, or the only ones.
    Codes,
    /// The short link.
    Short,
    /// Where it leads.
    Target,
    /// What short links begin with.
    Domain,
    /// The title.
    Title,
    /// A note.
    Note,
    /// Labels.
    Labels,
    /// The account.
    Account,
    /// The campaign.
    Campaign,
    /// When it was made.
    Created,
    /// When it ends.
    Expires,
    /// Before when it leads nowhere.
    Begins,
    /// Something that no link here can.
    Lost(&'static str),
    /// After how many clicks it ends.
    MaxClicks,
    /// Where it leads then.
    Fallback,
    /// The redirect's status.
    Status,
    /// Seconds that it may be kept.
    MaxAge,
    /// What makes two wishes one link.
    Identity,
    /// Clicks so far.
    Clicks,
    /// Those of people.
    People,
    /// Whether a password is asked for.
    Password,
    /// Whether it was banned or blocked.
    Banned,
}

/// The field of a name.
pub fn field(name: &str) -> Option<Field> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match plain.as_str() {
        "code" | "slug" | "keyword" | "shortcode" | "customslug" | "key" | "address" | "alias"
        | "customurl" | "path" | "vanity" | "vanityurl" => Field::Code,
        "codes" | "slugs" | "shortcodes" | "customslugs" | "aliases" | "custombitlink" | "custombitlinks"
        | "backhalf" | "backhalves" | "custombackhalf" | "custombackhalves" => Field::Codes,
        "short" | "shorturl" | "shortlink" | "link" | "bitlink" | "shortenedurl" | "shortened" => {
            Field::Short
        }
        "url" | "longurl" | "longlink" | "target" | "targeturl" | "destinationurl" | "destination"
        | "originalurl" => Field::Target,
        "domain" => Field::Domain,
        "title" | "linktitle" => Field::Title,
        "note" | "notes" | "description" | "comments" => Field::Note,
        "label" | "labels" | "tag" | "tags" => Field::Labels,
        "account" => Field::Account,
        "campaign" => Field::Campaign,
        "created" | "createdat" | "datecreated" | "creationdate" | "createddate" | "timestamp" | "date" => {
            Field::Created
        }
        "expires" | "expiresat" | "expirein" | "validuntil" | "expirationdate" | "expirydate" => {
            Field::Expires
        }
        "validsince" | "startsat" => Field::Begins,
        "forwardquery" => Field::Lost("what visitors add to its query is not passed on"),
        "hasredirectrules" => {
            Field::Lost("its rules for some visitors are not kept: it leads all to one place")
        }
        "ios" | "android" | "geo" => Field::Lost("devices or countries are not led to places of their own"),
        "archived" => Field::Lost("it is archived there, and leads on here"),
        "maxclicks" | "maxvisits" => Field::MaxClicks,
        "fallback" | "expiredurl" => Field::Fallback,
        "status" => Field::Status,
        "maxage" => Field::MaxAge,
        "identity" => Field::Identity,
        "clicks" | "visits" | "visitcount" | "visitscount" | "totalclicks" | "clicksscans"
        | "engagements" => Field::Clicks,
        "clickshuman" | "nonbots" => Field::People,
        "password" => Field::Password,
        "banned" => Field::Banned,
        _ => return None,
    })
}

/// The field of a column of a table, whose name may stand in the plural. Keywords are no codes but words to find it by.
pub fn column(name: &str) -> Option<Field> {
    let singular =
        || name.trim().strip_suffix(['s', 'S']).filter(|name| !name.eq_ignore_ascii_case("keyword"));
    field(name).or_else(|| field(singular()?))
}

/// A row while its fields come in.
#[derive(Debug, Default)]
pub struct Draft {
    row: Row,
    short: Option<String>,
    others: Vec<String>,
    target: Option<String>,
    wrong: Option<String>,
}

impl Draft {
    /// Takes a field in; an empty text is none.
    pub fn set(&mut self, field: Field, text: &str) {
        let kept = || Some(text.to_owned());
        if text.trim().is_empty() {
            return;
        }
        let row = &mut self.row;
        match field {
            Field::Code => row.code = Some(bare(text)),
            Field::Codes => self.others.extend(labels(text).iter().map(|code| bare(code))),
            Field::Short => self.short = Some(text.trim().to_owned()),
            Field::Target => self.target = Some(text.trim().to_owned()),
            Field::Domain => row.domain = kept(),
            Field::Title => row.title = kept(),
            // Dub has two: the first that says something counts.
            Field::Note => row.note = row.note.take().or_else(kept),
            // `tags` may stand beside `label`.
            Field::Labels => labels(text).iter().for_each(|label| self.label(label)),
            Field::Account => row.account = kept(),
            Field::Campaign => row.campaign = kept(),
            Field::Created => {
                row.created_ms = dates::read(text);
                row.is_undated = row.created_ms.is_none();
            }
            Field::Expires => match dates::read(text) {
                Some(at) => (row.expires_ms, row.expires_with) = (Some(at), dates::day(text)),
                None => self.refuse(format!(
                    "when it ends cannot be read: {text:?} (write 2026-12-31, or with 09:00 behind it)"
                )),
            },
            Field::Begins => row.begins_ms = dates::read(text),
            Field::Lost(what) if !is_no(text) && !row.lost.contains(&what) => row.lost.push(what),
            Field::MaxClicks => match text.trim().parse() {
                Ok(most) => row.max_clicks = Some(most),
                Err(_) => self.refuse(format!("after how many clicks it ends cannot be read: {text:?}")),
            },
            Field::Fallback => row.fallback = Some(text.trim().to_owned()),
            Field::Status => {
                row.status =
                    text.trim().parse().ok().filter(|status| matches!(status, 301 | 302 | 307 | 308));
            }
            Field::MaxAge => row.max_age = text.trim().parse().ok(),
            Field::Identity => row.identity = kept(),
            Field::Clicks => self.row.clicks = self.counted(text),
            Field::People => self.row.people = self.counted(text),
            // An API says true; a table holds the password or its hash.
            Field::Password if !is_no(text) => self.refuse(
                "it asks for a password, which no link here does: it would be open to all".to_owned(),
            ),
            Field::Banned if !is_no(text) => self.refuse("it was banned there".to_owned()),
            Field::Password | Field::Banned | Field::Lost(_) => {}
        }
    }

    /// Labels one by one.
    pub fn label(&mut self, text: &str) {
        if !self.row.labels.iter().any(|known| known == text) {
            self.row.labels.push(text.to_owned());
        }
    }

    fn counted(&mut self, text: &str) -> Option<i64> {
        let clicks = count(text);
        if clicks.is_none() {
            self.row.lost.push("the clicks counted there: their number cannot be read");
        }
        clicks
    }

    fn refuse(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }

    /// The row, or what is wrong with it, and one for each further code of it.
    pub fn finish(mut self, number: u64) -> (Result<Row, Bad>, Vec<Row>) {
        let mut codes: Vec<String> = self.row.code.take().into_iter().collect();
        // One in percent signs is the code once more, as an address has it.
        let short = self.short.as_deref().map(code_of);
        codes.extend(short.filter(|short| codes.is_empty() || !(short.is_empty() || short.contains('%'))));
        codes.append(&mut self.others);
        let mut others: Vec<String> = Vec::new();
        let code = codes.first().cloned();
        for other in codes.into_iter().skip(1) {
            if Some(&other) != code.as_ref() && !others.contains(&other) {
                others.push(other);
            }
        }
        let bad = |why: String| Bad { number, code: code.clone(), why };
        let row = match (self.wrong, self.target) {
            (Some(why), _) => Err(bad(why)),
            (None, None) => Err(bad("it does not say where it leads".to_owned())),
            (None, Some(target)) => Ok(Row { number, code, target, ..self.row }),
        };
        let others = others.into_iter().filter_map(|code| {
            // The clicks are of all of them together.
            let row = row.as_ref().ok()?;
            // What they use up of a limit is gone for each.
            let people = row.people.or(row.clicks).filter(|_| row.max_clicks.is_some());
            Some(Row { code: Some(code), clicks: None, people, ..row.clone() })
        });
        let others = others.collect();
        (row, others)
    }
}

/// A code without the host that may stand before it: `bit.ly/abc`, `https://bit.ly/abc`, `/abc`.
fn bare(text: &str) -> String {
    let text = text.trim();
    let host = text.split_once('/').and_then(|(host, _)| host.rsplit_once('.')).map(|(_, last)| last);
    let is_host = host.is_some_and(|last| last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic()));
    if is_host || text.contains("://") { code_of(text) } else { text.trim_matches('/').to_owned() }
}

/// The code in a short link: all of its path. `bit.ly/abc` may lack its scheme, and `abc` its host.
pub fn code_of(short: &str) -> String {
    let rest = short.split_once("://").map_or(short, |(_, rest)| rest);
    let is_code = rest.len() == short.len() && !rest.contains(['.', '/']);
    let path = rest.split_once('/').map_or(if is_code { rest } else { "" }, |(_, path)| path);
    path.split(['?', '#']).next().unwrap_or_default().trim_matches('/').to_owned()
}

/// Labels in one text: a JSON list (ours), with bars (Shlink), else with commas or semicolons.
fn labels(text: &str) -> Vec<String> {
    if let Ok(list) = serde_json::from_str::<Vec<String>>(text) {
        return list;
    }
    let bars: &[char] = if text.contains('|') { &['|'] } else { &[',', ';'] };
    text.split(bars).map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

/// A number of clicks, as spreadsheets write it too: `12,345`, `12.345`, `12 345`, `12'345`.
fn count(text: &str) -> Option<i64> {
    let text = text.trim();
    let is_mark = |c: char| !c.is_ascii_digit();
    let mut groups = text.split(is_mark);
    let first = groups.next().filter(|first| !first.is_empty())?;
    let is_grouped = first.len() <= 3 && groups.all(|group| group.len() == 3);
    let marks: BTreeSet<char> = text.chars().filter(|c| is_mark(*c)).collect();
    let is_one = marks.len() == 1 && marks.iter().all(|mark| ",.'’ \u{a0}\u{202f}".contains(*mark));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (marks.is_empty() || is_grouped && is_one).then(|| digits.parse().ok()).flatten()
}

fn is_no(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "" | "false" | "0" | "no" | "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_products_are_known() {
        for (name, meaning) in [
            ("keyword", Field::Code),
            ("Short code", Field::Code),
            ("shortUrl", Field::Short),
            ("Short link", Field::Short),
            ("Destination URL", Field::Target),
            ("long_url", Field::Target),
            ("Created at", Field::Created),
            ("dateCreated", Field::Created),
            ("visit_count", Field::Clicks),
            ("expiredUrl", Field::Fallback),
            ("Tag", Field::Labels),
        ] {
            assert_eq!(field(name), Some(meaning), "{name}");
        }
        assert_eq!(field("ip"), None);
        assert_eq!(column("Clicks + Scans"), Some(Field::Clicks));
    }

    #[test]
    fn clicks_are_counted_as_spreadsheets_write_them_or_told_as_lost() {
        for (text, clicks) in [
            ("12345", Some(12_345)),
            ("12,345", Some(12_345)),
            ("1.234.567", Some(1_234_567)),
            ("1\u{202f}234", Some(1_234)),
            ("0", Some(0)),
            ("12k", None),
            ("1,23", None),
            ("1234,567", None),
            ("1,234.567", None),
            ("-5", None),
            (",345", None),
            ("99999999999999999999", None),
        ] {
            let mut draft = Draft::default();
            draft.set(Field::Target, "https://a.example/");
            draft.set(Field::Clicks, text);
            let row = draft.finish(1).0.unwrap();
            assert_eq!((row.clicks, row.lost.len()), (clicks, usize::from(clicks.is_none())), "{text}");
        }
        let mut draft = Draft::default();
        draft.set(Field::Clicks, " ");
        assert!(draft.row.lost.is_empty());
    }

    #[test]
    fn a_link_that_was_kept_from_strangers_is_not_opened_to_them() {
        for (field, text) in [(Field::Password, "true"), (Field::Password, "$2b$12$x"), (Field::Banned, "1")]
        {
            let mut draft = Draft::default();
            draft.set(Field::Target, "https://a.example/");
            draft.set(field, text);
            assert!(draft.finish(1).0.is_err(), "{text}");
        }
        let mut draft = Draft::default();
        draft.set(Field::Target, "https://a.example/");
        draft.set(Field::Password, "false");
        assert!(draft.finish(1).0.is_ok());
    }

    #[test]
    fn codes_are_read_from_short_links() {
        for (short, code) in [
            ("https://bit.ly/AbC", "AbC"),
            ("bit.ly/AbC/", "AbC"),
            ("https://s.example/a/b", "a/b"),
            ("https://s.example", ""),
            ("s.example", ""),
            ("x", "x"),
            ("https://s.example/x?y#z", "x"),
        ] {
            assert_eq!(code_of(short), code);
        }
        for (text, code) in
            [("bit.ly/x", "x"), ("/x/", "x"), ("v1.2/x", "v1.2/x"), ("a/b", "a/b"), ("a.b", "a.b")]
        {
            assert_eq!(bare(text), code);
        }
        assert_eq!(labels("a|b, c"), ["a", "b, c"]);
        assert_eq!(labels("a, b;c"), ["a", "b", "c"]);
        assert_eq!(labels(r#"["a,b","c"]"#), ["a,b", "c"]);
    }
}
