//! What follows from what: every item that one query matches, another matches too. Only what can be told from the queries
//! themselves; where it is not sure the answer is no.

use crate::query::{Field, Near, Pattern, Query, Term, What};

/// So many pairs of clauses are compared for one answer: groups within groups could be compared in more ways than there is
/// time for.
const STEPS: usize = 20_000;

/// Whether every item that matches `a` matches `b`.
pub(super) fn implies(a: &Query, b: &Query) -> bool {
    follows(a, b, &mut STEPS.clone())
}

/// The same, in so many steps more; after them nothing is sure.
fn follows(a: &Query, b: &Query, steps: &mut usize) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    match (a, b) {
        (_, Query::Everything) => true,
        (Query::Term(a), Query::Term(b)) => term_implies(a, b),
        (Query::Not(a), Query::Not(b)) => follows(b, a, steps),
        (a, b) if a == b => true,
        (a, Query::And(parts)) => parts.iter().all(|part| follows(a, part, steps)),
        (Query::Or(parts), b) => parts.iter().all(|part| follows(part, b, steps)),
        (Query::And(parts), b) if parts.iter().any(|part| follows(part, b, steps)) => true,
        // So few items do not imply it that one that does is always among those that match.
        (Query::AtLeast(n, items), b)
            if items.iter().filter(|item| !follows(item, b, steps)).count() < *n =>
        {
            true
        }
        (Query::Near(near), b) if near_implies(near, b, steps) => true,
        (a, Query::Or(parts)) => parts.iter().any(|part| follows(a, part, steps)),
        (a, Query::AtLeast(n, items)) => items.iter().filter(|item| follows(a, item, steps)).count() >= *n,
        _ => false,
    }
}

/// Each operand of NEAR is there.
fn near_implies(near: &Near, b: &Query, steps: &mut usize) -> bool {
    near.operands().any(|terms| {
        !terms.is_empty() && terms.iter().all(|term| follows(&Query::Term(term.clone()), b, steps))
    })
}

fn term_implies(a: &Term, b: &Term) -> bool {
    if a == b {
        return true;
    }
    let within = a.field == b.field
        || (b.field == Field::Any && matches!(a.field, Field::Title | Field::Summary | Field::Text));
    within && what_implies(a.field, &a.what, &b.what)
}

fn what_implies(field: Field, a: &What, b: &What) -> bool {
    match (a, b) {
        (What::Words { patterns: a, slop: None }, What::Words { patterns: b, slop: None }) => {
            a.windows(b.len()).any(|window| window.iter().zip(b).all(|(a, b)| pattern_implies(a, b)))
        }
        (What::Words { patterns: a, slop: Some(_) }, What::Words { patterns: b, slop: None }) => {
            matches!(b.as_slice(), [only] if a.iter().any(|pattern| pattern_implies(pattern, only)))
        }
        (What::Words { patterns: a, slop }, What::Words { patterns: b, slop: Some(wide) }) => {
            a == b && slop.unwrap_or(0) <= *wide
        }
        (What::Hashtag(a), What::Hashtag(b)) => pattern_implies(a, b),
        (What::Handle(a), What::Handle(b)) => name_implies(a, b, |rest| rest.starts_with('@')),
        (What::Name(a), What::Name(b)) => match field {
            Field::Site => pattern_implies(a, b) || (whole(a, b) && is_below(&a.text, &b.text)),
            Field::Lang => name_implies(a, b, |rest| rest.starts_with('-')),
            Field::Source => name_implies(a, b, |rest| rest.starts_with(':')),
            _ => name_implies(a, b, |_| false),
        },
        (What::Verbatim(a), What::Verbatim(b)) => a == b,
        (What::Date(a), What::Date(b)) => {
            let from = b.from.is_none_or(|from| a.from.is_some_and(|own| own >= from));
            let until = b.until.is_none_or(|until| a.until.is_some_and(|own| own <= until));
            from && until
        }
        _ => false,
    }
}

fn whole(a: &Pattern, b: &Pattern) -> bool {
    a.is_whole() && b.is_whole()
}

/// A host below another.
fn is_below(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

/// Names that are compared whole, or up to a sign.
fn name_implies(a: &Pattern, b: &Pattern, longer: impl Fn(&str) -> bool) -> bool {
    pattern_implies(a, b) || (whole(a, b) && a.text.strip_prefix(&*b.text).is_some_and(longer))
}

/// Every word that `a` means, `b` means too.
fn pattern_implies(a: &Pattern, b: &Pattern) -> bool {
    if a == b {
        return true;
    }
    if b.keep_diacritics && !a.keep_diacritics {
        return false;
    }
    let text = if b.keep_diacritics { &*a.text } else { a.bare() };
    if a.is_whole() {
        return b.is(text);
    }
    // Of words that only begin alike only what asks for less of the beginning is sure.
    b.is_prefix() && text.starts_with(&*b.text)
}

/// Whether no item can match both: a member that has one value has not two.
pub(super) fn excludes(a: &Query, b: &Query) -> bool {
    let (Query::Term(a), Query::Term(b)) = (a, b) else { return false };
    match (&a.what, &b.what) {
        (What::Date(a), What::Date(b)) => {
            let after = |a: Option<_>, b: Option<_>| matches!((a, b), (Some(a), Some(b)) if a >= b);
            after(a.from, b.until) || after(b.from, a.until)
        }
        (What::Name(first), What::Name(second)) if a.field == b.field => {
            let beginning = |a: &Pattern, b: &Pattern| !a.is_whole() && b.text.starts_with(&*a.text);
            let overlap = term_implies(a, b) || term_implies(b, a);
            !overlap && !beginning(first, second) && !beginning(second, first) && whole(first, second)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::never;
    use crate::document::Document;
    use crate::evaluate::evaluate;
    use crate::searches::Searches;
    use cm_record::Record;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "acme",
            "roast",
            "beans",
            "ro*",
            "roas*",
            "r?ast",
            "*ast",
            "café",
            "cafe",
            "caf*",
            "\"acme roast\"",
            "\"roast beans\"",
            "\"acme roast\"~2",
            "\"acme roast\"~0",
            "title:acme",
            "title:\"acme roast\"",
            "text:roast",
            "#acme",
            "#ac*",
            "tag:acme",
            "@ana",
            "@ana@x.example",
            "@an*",
            "{Acme}",
            "lang:en",
            "lang:en-gb",
            "lang:de",
            "kind:mention",
            "kind:article",
            "site:a.example",
            "site:b.a.example",
            "source:mastodon",
            "source:mastodon:acme",
            "date:2026",
            "date:2026-11",
            "date:>=2026-11-20",
            "date:<2026-11-20",
            "acme NEAR/2 roast",
            "(acme OR cafe) ONEAR/1 beans",
            "*",
        ])
        .prop_map(str::to_owned)
    }

    fn query() -> impl Strategy<Value = Query> {
        let text = value().prop_recursive(3, 12, 4, |inner| {
            let several = prop::collection::vec((any::<bool>(), inner), 1..4).prop_map(|parts| {
                parts
                    .into_iter()
                    .map(|(not, part)| format!("{}({part})", if not { "-" } else { "" }))
                    .collect::<Vec<_>>()
            });
            (several, 0..3_usize).prop_map(|(parts, joint)| match joint {
                0 => parts.join(" "),
                1 => parts.join(" OR "),
                _ => format!("ATLEAST/{}({})", 1 + parts.len() / 2, parts.join(" ")),
            })
        });
        text.prop_filter_map("a query", |text| text.parse().ok())
    }

    fn item() -> impl Strategy<Value = Record> {
        let words = || {
            let word = prop::sample::select(vec![
                "Acme",
                "acme",
                "roast",
                "roasted",
                "beans",
                "café",
                "cafe",
                "#acme",
                "@ana",
                "@ana@x.example",
                "toast",
                "x",
            ]);
            prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
        };
        let of = |values: Vec<&'static str>| prop::option::of(prop::sample::select(values));
        let about = (
            of(vec!["en", "en-GB", "de"]),
            of(vec!["https://a.example/", "https://b.a.example/", "https://c.example/"]),
            of(vec!["2026-11-20T00:00:00Z", "2026-01-01T00:00:00Z", "2025-11-20T12:00:00Z"]),
        );
        let meta =
            (prop::sample::select(vec!["mention", "article"]), of(vec!["mastodon", "mastodon:acme", "rss"]));
        (words(), words(), of(vec!["acme", "Acme Roast"]), about, meta).prop_map(|(title, text, tag, (language, url, date), (kind, source))| {
            let item = serde_json::json!({
                "id": "1", "title": title, "content_text": text, "tags": tag.into_iter().collect::<Vec<_>>(), "language": language, "url": url,
                "date_published": date, "_cm": {"version": 1, "kind": kind, "source": source},
            });
            Record::parse(item.to_string()).unwrap()
        })
    }

    fn holds(query: &Query, record: &Record) -> bool {
        evaluate(query, &Document::of(record), &mut Vec::new())
    }

    #[test]
    fn groups_within_groups_come_to_an_end() {
        let nested = |word: &str, first: usize| {
            (0..60).fold(word.to_owned(), |inner, n| {
                let or = if n % 2 == first { "OR " } else { "" };
                format!("({inner} {or}{word}{n})")
            })
        };
        let [a, b] = [nested("a", 0), nested("b", 1)].map(|query| query.parse::<Query>().unwrap());
        assert!(!implies(&a, &b) && !implies(&b, &a) && implies(&a, &a));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn what_is_said_to_follow_follows(a in query(), b in query(), items in prop::collection::vec(item(), 12)) {
            let (sure, excluded) = (implies(&a, &b), excludes(&a, &b));
            for item in &items {
                prop_assert!(!sure || !holds(&a, item) || holds(&b, item), "{a} should imply {b}");
                let both = holds(&a, item) && holds(&b, item);
                prop_assert!(!(excluded && both), "{a} should exclude {b}");
            }
        }

        #[test]
        fn what_is_said_never_to_match_never_does(query in query(), items in prop::collection::vec(item(), 24)) {
            let searches = Searches::ad_hoc("x", None).unwrap();
            if let Some(why) = never::why(searches.iter().next().unwrap(), &query) {
                for item in &items {
                    prop_assert!(!holds(&query, item), "{query}: {why}");
                }
            }
        }
    }

    #[test]
    fn terms_follow_from_each_other_as_their_meanings_do() {
        for (a, b, wanted) in [
            ("\"acme roast\"", "roast", true),
            ("roast", "\"acme roast\"", false),
            ("roaster", "roast*", true),
            ("roast*", "ro*", true),
            ("ro*", "roast*", false),
            ("café", "cafe", true),
            ("cafe", "café", false),
            ("title:acme", "acme", true),
            ("tag:acme", "acme", false),
            ("#acme", "acme", false),
            ("acme NEAR/2 roast", "acme roast", true),
            ("ATLEAST/2(a b c)", "a OR b", true),
            ("ATLEAST/2(a b c)", "a", false),
            ("a b", "ATLEAST/2(a b c)", true),
            ("-a", "-\"a b\"", true),
            ("lang:en-gb", "lang:en", true),
            ("date:2026-11-20", "date:2026", true),
            ("\"a b\"~1", "\"a b\"~3", true),
            ("\"a b\"~1", "a", true),
        ] {
            assert_eq!(implies(&a.parse().unwrap(), &b.parse().unwrap()), wanted, "{a} -> {b}");
        }
    }
}
