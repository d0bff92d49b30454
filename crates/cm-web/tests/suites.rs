//! Other people's test data, where it is at hand: the folder named by `CM_SUITES`, or `shared/suites` beside the checkout.

use cm_web::{Agent, Cleaner, Family, classify, clean, family, key};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The lines of a file; empty, and said, when it is not there.
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn lines(path: &str) -> Vec<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let folder = std::env::var_os("CM_SUITES").map_or(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join(path)) else {
        eprintln!("NOT RUN: no {path} in {} (set CM_SUITES to the folder of suites)", folder.display());
        return Vec::new();
    };
    text.lines().map(str::to_owned).collect()
}

/// The JSON lines of a file.
fn suite(path: &str) -> Vec<Value> {
    lines(path).iter().map(|line| serde_json::from_str(line).unwrap_or_default()).collect()
}

/// The rows of a table after its head.
fn table(path: &str) -> Vec<Vec<String>> {
    let cells = |line: &String| line.split('\t').map(str::to_owned).collect();
    lines(path).iter().skip(1).map(cells).collect()
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_default()
}

#[test]
fn addresses_are_cleaned_and_unwrapped() {
    for case in suite("urls/clean.jsonl") {
        if case["out"].is_null() || case["opts"]["html"] == true {
            continue;
        }
        let cleaned = clean(text(&case, "in")).url;
        let either = case["opts"]["either"] == true && cleaned == text(&case, "in");
        assert!(either || cleaned == text(&case, "out"), "{cleaned}: {case}");
    }
}

fn strips(cleaner: &Cleaner, page: &str, name: &str) -> bool {
    let link = format!("{page}?before=1&{name}=x&after=2");
    let cleaned = cleaner.clean(&link).url;
    assert!(cleaned == link || cleaned == format!("{page}?before=1&after=2"), "{cleaned}");
    cleaned != link
}

/// What two of three public lists agree on goes, what is risky only when asked for; then all of it.
#[test]
fn the_table_follows_the_lists() {
    let aggressive = Cleaner { aggressive: true, ..Cleaner::default() };
    for row in table("urls/params_global.tsv") {
        let [name, kind, agreement, _, risk] = row.as_slice() else { panic!("{row:?}") };
        let name = name.replace('*', "pla");
        let agreed = agreement != "1" || kind == "campaign";
        let default = strips(&Cleaner::default(), "https://any.example/", &name);
        assert!(default || !agreed || risk == "risky", "{name} stays");
        assert!(!default || risk != "risky", "{name} goes");
        assert!(strips(&aggressive, "https://any.example/", &name), "{name} stays, aggressive or not");
    }
}

/// Names that are tracking on one site go there only; what the site needs stays, however much else goes.
#[test]
fn a_site_keeps_what_it_needs() {
    let further = Cleaner { aggressive: true, strip_affiliate: true, ..Cleaner::default() };
    for row in table("urls/params_scoped.tsv") {
        for host in row[0].split(',') {
            let page = format!("https://www.{}/x", host.replace(".*", ".co.uk"));
            for name in row[1].split("(+").next().unwrap().split_whitespace() {
                let name = name.replace("[*]", "[0]").replace('*', "x");
                assert!(strips(&Cleaner::default(), &page, &name), "{page} {name}");
                let elsewhere = strips(&Cleaner::default(), "https://any.example/x", &name);
                assert!(!elsewhere || name == "_branch_match_id", "{name}");
            }
            for name in
                row[2].split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty())
            {
                let is_word = ["time", "variant", "affiliate", "strip", "only", "friend", "link", "gift"]
                    .contains(&name);
                let is_affiliate = name == "tag";
                assert!(is_word || is_affiliate || !strips(&further, &page, name), "{page} {name}");
            }
        }
    }
}

#[test]
fn keys_are_canonical() {
    for case in suite("urls/clean.jsonl").iter().filter(|case| case["key"].is_string()) {
        assert_eq!(key(text(case, "in")).as_deref(), case["key"].as_str(), "{case}");
    }
}

/// At least 97 of 100 robots are caught, and no person is lost. `AGENTS_MISSED=1` prints the robots that pass.
#[test]
fn robots_are_caught_and_nobody_is_lost() {
    for file in ["urls/bots.jsonl", "analytics/useragents.jsonl"] {
        let (mut robots, mut caught, mut previews, mut people, mut lost) = (0, 0, 0, 0, Vec::new());
        for case in suite(file) {
            let verdict = classify(text(&case, "ua"));
            if case["bot"] == true {
                robots += 1;
                caught += usize::from(verdict.agent != Agent::Human);
                previews += usize::from(verdict.agent == Agent::Preview);
                if verdict.agent == Agent::Human && std::env::var_os("AGENTS_MISSED").is_some() {
                    eprintln!("missed: {}", text(&case, "ua"));
                }
            } else {
                people += 1;
                if verdict.agent != Agent::Human {
                    lost.push(format!("{}: {case}", verdict.rule));
                }
            }
        }
        eprintln!(
            "{file}: {caught} of {robots} robots ({previews} previews), {} of {people} people lost",
            lost.len()
        );
        assert!(lost.is_empty(), "{lost:#?}");
        assert!(caught * 100 >= robots * 97, "{file}: {caught} of {robots}");
    }
}

/// Most of these are search engines that died long ago; what counts is that none is taken for another family.
/// `REFERRERS_MISSED=1` prints those that are not known.
#[test]
fn referrers_are_grouped() {
    for (file, least) in
        [("analytics/referrers_matomo.jsonl", 50), ("analytics/referrers_snowplow.jsonl", 70)]
    {
        let (mut count, mut right, mut wrong) = (0, 0, Vec::new());
        for case in suite(file) {
            let expected = match text(&case, "medium") {
                "search" | "paid" => Family::Search,
                "social" => Family::Social,
                "email" => Family::Mail,
                _ => Family::Assistant,
            };
            count += 1;
            let found = family(text(&case, "url"), &[]);
            right += usize::from(found.family == expected);
            if found.family == Family::Site && std::env::var_os("REFERRERS_MISSED").is_some() {
                eprintln!("unknown: {} {}", text(&case, "medium"), text(&case, "url"));
            }
            if found.family != expected && found.family != Family::Site {
                wrong.push(format!("{} is {:?}, not {}", case["url"], found, case["medium"]));
            }
        }
        eprintln!("{file}: {right} of {count}, in another family {wrong:#?}");
        assert!(right * 100 >= count * least, "{file}: {right} of {count}");
        assert!(wrong.len() * 100 <= count * 2, "{wrong:#?}");
    }
}

/// What is kept of a user agent is judged as the whole was, and is shared by many.
#[test]
fn signatures_are_judged_as_their_user_agents() {
    for file in ["urls/bots.jsonl", "analytics/useragents.jsonl"] {
        let (mut signatures, mut people) = (std::collections::BTreeSet::new(), 0);
        for case in suite(file) {
            let agent = text(&case, "ua");
            let kept = cm_web::signature(agent);
            assert_eq!(classify(&kept).agent, classify(agent).agent, "{kept}\n{case}");
            if case["bot"] == false {
                people += 1;
                signatures.insert(kept);
            }
        }
        eprintln!("{file}: {} signatures of {people} people's user agents", signatures.len());
    }
}
