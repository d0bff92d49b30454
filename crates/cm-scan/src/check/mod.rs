//! `--check`: the sentences that every search carries, and searches that cannot work.
//! In: searches. Out: a line for each and a sum for people, JSON lines for programs. A sentence that fails makes the run
//! exit 1, a mistake in a query 2; a warning is only told.

mod across;
mod broad;
mod codes;
mod implies;
mod never;
mod operators;
mod sentences;
mod signs;
mod slips;
mod spellings;

use crate::engine::always_tried;
use crate::query::Query;
use crate::searches::{Search, Searches};
use across::Across;
use cm_cli::{Exit, Out, Session, Style, one_line};
use serde::Serialize;
use std::io::IsTerminal;

/// What was found in a search.
#[derive(Serialize)]
struct Checked<'a> {
    query: &'a str,
    /// `ok`, `warning`, `failed`, or `mistake` for a query that cannot be read.
    result: &'static str,
    failures: Vec<String>,
    warnings: Vec<String>,
    /// Whether it has no word that an item must hold, so that it is tried on every item.
    always_tried: bool,
    tags: Vec<&'a str>,
    enabled: bool,
    #[serde(skip)]
    sentences: usize,
}

/// How many searches came to what.
#[derive(Default)]
struct Sum {
    searches: usize,
    sentences: usize,
    failed: usize,
    warned: usize,
    mistaken: usize,
}

/// Checks every search; for people when `text`.
pub fn check(searches: &Searches, text: bool, session: &Session) -> anyhow::Result<()> {
    let mut out = session.out();
    let (mut sum, mut across) = (Sum::default(), Across::of(searches));
    for search in searches.iter() {
        let checked = match search.query() {
            Ok(query) => checked(search, &query, &mut across),
            Err(mistake) => {
                // Who looks at both is told once.
                match text && session.stdout_is_terminal() && std::io::stderr().is_terminal() {
                    true => session.mark(Exit::Fatal),
                    false => session.error(Exit::Fatal, "config", &mistake.message),
                }
                Checked { result: "mistake", failures: vec![mistake.message], ..empty(search) }
            }
        };
        if !checked.failures.is_empty() {
            session.mark(Exit::Nothing);
        }
        sum.add(&checked);
        if text {
            write(&checked, session.color(), &mut out)?;
        } else {
            out.line(&serde_json::to_string(&checked)?)?;
        }
    }
    if text {
        out.line(&sum.shown())?;
    }
    out.flush()?;
    Ok(())
}

fn empty(search: Search<'_>) -> Checked<'_> {
    let (must_match, must_miss) = search.sentences();
    Checked {
        query: search.name(),
        result: "ok",
        failures: Vec::new(),
        warnings: Vec::new(),
        always_tried: false,
        tags: search.tags().collect(),
        enabled: search.is_enabled(),
        sentences: must_match.len() + must_miss.len(),
    }
}

fn checked<'a>(search: Search<'a>, query: &Query, across: &mut Across) -> Checked<'a> {
    let failures = sentences::failures(search, query);
    let warnings = [warnings(search, query), across.warnings(search, query)].concat();
    let result = match (failures.is_empty(), warnings.is_empty()) {
        (false, _) => "failed",
        (true, false) => "warning",
        (true, true) => "ok",
    };
    Checked { result, failures, warnings, always_tried: always_tried(query), ..empty(search) }
}

/// What is wrong with a search by itself.
fn warnings(search: Search, query: &Query) -> Vec<String> {
    let mut warnings = sentences::warnings(search, query);
    let never = never::why(search, query);
    let broad = broad::matches_nearly_all(query);
    // What can never match need not be told to be slow as well.
    let slow = if never.is_none() && broad.is_none() { broad::without_anchor(query) } else { None };
    warnings.extend([never, broad, slow].into_iter().flatten());
    warnings.extend(slips::warnings(search, query));
    warnings
}

/// The first slip of a query at the prompt, where no check is asked for.
pub fn slip(searches: &Searches) -> Option<String> {
    let search = searches.iter().next()?;
    slips::at_the_prompt(search, &search.query().ok()?).into_iter().next()
}

fn write(checked: &Checked, color: bool, out: &mut Out) -> anyhow::Result<()> {
    let style = match checked.result {
        "ok" => Style::Green,
        "warning" => Style::Yellow,
        _ => Style::Red,
    };
    let off = if checked.enabled { "" } else { ", enabled = false" };
    let result = style.paint(checked.result, color);
    let sentences = counted(checked.sentences, "sentence");
    out.line(&format!("{}: {result}, {sentences}{off}", one_line(checked.query)))?;
    for failure in &checked.failures {
        out.line(&format!("    {}", one_line(failure)))?;
    }
    for warning in &checked.warnings {
        out.line(&format!("    warning: {}", one_line(warning)))?;
    }
    Ok(())
}

impl Sum {
    fn add(&mut self, checked: &Checked) {
        self.searches += 1;
        self.sentences += checked.sentences;
        self.failed += usize::from(checked.result == "failed");
        self.mistaken += usize::from(checked.result == "mistake");
        self.warned += usize::from(!checked.warnings.is_empty());
    }

    fn shown(&self) -> String {
        let parts =
            [(self.mistaken, "cannot be read"), (self.failed, "failed"), (self.warned, "with warnings")];
        let told: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let told = if told.is_empty() { "all is well".to_owned() } else { told.join(", ") };
        format!("{}, {}: {told}", counted(self.searches, "search"), counted(self.sentences, "sentence"))
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::searches::Wanted;

    /// The warnings about a query by itself, but for that of missing sentences.
    fn warned(query: &str) -> Vec<String> {
        let searches = Searches::ad_hoc(query, None).unwrap();
        let search = searches.iter().next().unwrap();
        let warnings = warnings(search, &search.query().unwrap());
        warnings.into_iter().filter(|warning| !warning.starts_with("carries no")).collect()
    }

    /// The warnings and failures of all searches of a file, each behind the search's name.
    fn all(toml: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.toml");
        std::fs::write(&path, toml).unwrap();
        let wanted = Wanted { sentences: true, disabled: true, ..Wanted::default() };
        let searches = Searches::read(&[path], &wanted).unwrap();
        let mut across = Across::of(&searches);
        let told = searches.iter().flat_map(|search| {
            let checked = checked(search, &search.query().unwrap(), &mut across);
            let told: Vec<_> = checked.failures.into_iter().chain(checked.warnings).collect();
            told.into_iter().map(|line| format!("{}: {line}", search.name())).collect::<Vec<_>>()
        });
        told.filter(|line| !line.contains("carries no")).collect()
    }

    #[test]
    fn good_searches_are_not_warned_of() {
        for query in [
            "acme roast",
            "\"acme roast\" OR #acmeroast -jobs",
            "a \"or\" b",
            "acme -\"acme corp\"",
            "title:acme OR text:acme",
            "(lang:de OR lang:fr) acme",
            "date:>=2026-01-01 date:<2026-02-01 acme",
            "ATLEAST/2(acme roast -jobs) beans",
            "acme NEAR/3 roast -title:acme",
            "#acme acme",
            "the roast",
            "near",
            "ACME AN ROAST",
            "acme \"AN\" US",
            "acme 24/7",
            "lang:de acme OR lang:zh-Hant acme OR lang:x-acme acme OR kind:post acme",
        ] {
            assert_eq!(warned(query), [""; 0], "{query}");
        }
    }

    #[test]
    fn searches_that_can_never_match_are_named() {
        for (query, wanted) in [
            ("acme (roast -roast) beans", "roast must be there and must not"),
            ("\"acme roast\" -acme", "\"acme roast\" must be there and acme must not"),
            ("\"acme roast\" -roast*", "\"acme roast\" must be there and roast* must not"),
            ("title:acme -acme", "title:acme must be there and acme must not"),
            ("(acme OR \"acme roast\") -acme", "acme must be there and must not"),
            ("acme NEAR/3 roast -acme", "acme NEAR/3 roast must be there and acme must not"),
            ("-(acme OR roast) \"acme roast\"", "\"acme roast\" must be there and acme OR roast must not"),
            ("ATLEAST/2(acme roast beans) -acme -roast", "at least 2 of 3 must be there and only 1 can"),
            ("ATLEAST/2(acme roast) -acme", "at least 2 of 2 must be there and only 1 can"),
            ("acme lang:en lang:de", "lang:en and lang:de cannot both be so"),
            ("acme kind:article kind:mention", "kind:article and kind:mention cannot both be so"),
            ("acme site:a.example site:b.example", "site:a.example and site:b.example cannot both be so"),
            (
                "acme date:>=2026-02-01 date:<2026-02-01",
                "date:>=2026-02-01 and date:<2026-02-01 cannot both be so",
            ),
            ("acme date:2026-01 date:2026-02", "date:2026-01 and date:2026-02 cannot both be so"),
            ("@ana@x.example -@ana", "@ana@x.example must be there and @ana must not"),
            ("#acme -#ac*", "#acme must be there and #ac* must not"),
            ("acme -*", "NOT * leaves nothing"),
        ] {
            assert_eq!(warned(query)[0], format!("can never match: {wanted}"), "{query}");
        }
    }

    #[test]
    fn searches_that_match_nearly_all_or_are_always_tried_are_named() {
        for (query, wanted) in [
            ("-acme", "matches nearly everything: it only says what must not be there"),
            ("acme OR -roast", "matches nearly everything: NOT roast only says what must not be there"),
            ("*", "matches nearly everything: * is every item"),
            ("a*", "matches nearly everything: most texts hold a word like a*"),
            ("the", "matches nearly everything: most texts hold the"),
            ("the OR der OR \"of the\"", "matches nearly everything: most texts hold the"),
            (
                "ATLEAST/1(-acme roast)",
                "matches nearly everything: NOT acme only says what must not be there",
            ),
            (
                "*roast",
                "is tried on every item: *roast begins with a wildcard; add a word that must be there too",
            ),
            (
                "acme OR lang:en",
                "is tried on every item: lang:en names no word of a text; add a word that must be there too",
            ),
        ] {
            assert_eq!(warned(query).first().map(String::as_str), Some(wanted), "{query}");
        }
        assert_eq!(
            warned("acme *roast"),
            ["*roast begins with a wildcard: every word of an item is compared with it"]
        );
    }

    #[test]
    fn slips_of_the_pen_are_named() {
        for (query, wanted) in [
            ("a1 or b1", "looks for the word or: the operator is written OR"),
            ("a1 near b1", "looks for the word near: the operator is written NEAR"),
            ("a1 Or b1", "looks for the word Or: the operator is written OR"),
            ("a1 AN b1", "looks for the word AN: did you mean the operator AND? (to look for it, quote it)"),
            (
                "a1 ADN b1",
                "looks for the word ADN: did you mean the operator AND? (to look for it, quote it)",
            ),
            ("a1 ORR b1", "looks for the word ORR: did you mean the operator OR? (to look for it, quote it)"),
            (
                "a1 NAER b1",
                "looks for the word NAER: did you mean the operator NEAR? (to look for it, quote it)",
            ),
            ("a1 NAER/3 b1", "looks for NAER/3 as a word: did you mean NEAR/3? (to look for it, quote it)"),
            ("a1 /5 b1", "looks for /5 as a word: did you mean NEAR/5? (to look for it, quote it)"),
            ("a1 NEAR(3) b1", "looks for the word 3: how many words between is written NEAR/3"),
            (
                "a1 lang:german",
                "lang:german will be in few items: languages are written by their codes, as in lang:en",
            ),
            ("a1 lang:de,fr", "lang:de,fr names one language: write (lang:de OR lang:fr)"),
            ("a1 kind:comments", "kind:comments will be in few items: did you mean kind:comment?"),
            ("a1 kind:coment", "kind:coment will be in few items: did you mean kind:comment?"),
            ("a1 \"OR\" b1", "looks for the word \"OR\": the operator stands without quotation marks"),
            ("\"acme OR roast\"", "looks for OR as a word of \"acme OR roast\": write (\"...\" OR \"...\")"),
            ("acme OR \"acme roast\"", "\"acme roast\" adds nothing: acme finds it too"),
            ("acme \"acme roast\"", "acme adds nothing: \"acme roast\" asks for it too"),
            ("acme OR roast OR acme", "acme stands there twice"),
            ("roaster OR roast*", "roaster adds nothing: roast* finds it too"),
        ] {
            assert_eq!(warned(query), [wanted], "{query}");
        }
    }

    #[test]
    fn sentences_say_why_they_fail_and_what_they_prove() {
        let told = all(
            "[[search]]\nname = 'a'\nquery = '\"acme roast\" -jobs'\nmust_match = ['Acme Roast jobs', 'acme', 'Acme Roast']\nmust_miss = ['acme roast!', 'Boats', 'Acme Roast']\n\
             [[search]]\nname = 'b'\nquery = 'acme'\nlanguages = ['en']\nsources = ['mastodon']\nmust_match = ['acme', { content_text = 'acme', language = 'de' }]\n",
        );
        assert_eq!(
            told,
            [
                "a: misses \"Acme Roast jobs\": jobs is there (content_text 11)",
                "a: misses \"acme\": \"acme roast\" is not there",
                "a: matches \"acme roast!\": \"acme roast\" is there",
                "a: matches \"Acme Roast\": \"acme roast\" is there",
                "a: the sentence \"Acme Roast\" stands in must_match and in must_miss",
                "a: must_miss \"Boats\" proves nothing: it holds none of the words that are looked for",
                "b: misses {\"content_text\":\"acme\",\"language\":\"de\"}: its language is none of the search's `languages`",
            ]
        );
    }

    #[test]
    fn searches_are_compared_with_each_other() {
        let told = all(
            "[[search]]\nname = 'brand'\ntags = ['brand', 'alert']\nquery = '\"acme roast\" OR beans'\n\
             [[search]]\nname = 'twin'\ntags = ['brand', 'alret']\nquery = 'beans OR \"acme  roast\"'\n\
             [[search]]\nname = 'other'\ntags = ['brnad']\nlanguages = ['en']\nquery = '@brnd \"acme roast\" OR beans'\n\
             [[search]]\nname = 'lang'\nlanguages = ['english']\nquery = 'acme lang:fr'\n",
        );
        assert_eq!(
            told,
            [
                "twin: asks for the same as \"brand\": one of them is enough",
                "twin: the tag \"alret\" stands nowhere else (did you mean \"alert\"?)",
                "other: @brnd is a handle: no search has this name (did you mean \"@brand\"?)",
                "other: the tag \"brnad\" stands nowhere else (did you mean \"brand\"?)",
                "lang: can never match: lang:fr and languages = [\"english\"] cannot both be so",
                "lang: languages are written by their codes, as in languages = [\"en\"]: \"english\" will be in few items",
            ]
        );
    }
}
