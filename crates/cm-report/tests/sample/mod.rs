//! A fictional company's weeks: a web log, items, posts, links and clicks, always the same, up to 18:00 in Berlin on
//! Sunday 22 November 2026.

use cm_store::{Mode, Store, Tx};
use std::fmt::Write;
use std::path::Path;

/// The instant that is now.
pub const NOW: &str = "2026-11-22T17:00:00Z";
/// The same in milliseconds.
pub const NOW_MS: i64 = 1_795_366_800_000;
/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;

/// Numbers that look random and are the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `n`.
    pub fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

const PEOPLE: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
];
const ROBOTS: [&str; 2] = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
];
const PAGES: [&str; 6] = [
    "/",
    "/blog/roasting-at-home",
    "/shop",
    "/blog/why-our-beans-travel-by-sail",
    "/about",
    "/shop/espresso-no-3",
];
const FROM: [&str; 8] = [
    "-",
    "-",
    "https://www.google.com/",
    "https://www.google.de/",
    "https://duckduckgo.com/",
    "https://www.linkedin.com/",
    "https://coffee-forum.example/thread/42",
    "https://chatgpt.com/",
];

/// A line of a combined log.
pub fn log_line(at_ms: i64, address: &str, target: &str, referrer: &str, agent: &str) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap().format("%d/%b/%Y:%H:%M:%S +0000");
    format!("{address} - - [{at}] \"GET {target} HTTP/1.1\" 200 5120 \"{referrer}\" \"{agent}\"\n")
}

/// Six weeks of a web log: fewer visits on weekends, a newsletter on Thursdays, and yesterday a link on a forum.
pub fn access_log() -> String {
    let mut dice = Dice(7);
    let mut log = String::new();
    for back in (0..43).rev() {
        let begin = NOW_MS - NOW_MS % DAY - back * DAY;
        let weekday = (begin / DAY + 4) % 7; // 0 is Sunday
        let weekend = weekday == 0 || weekday == 6;
        let mut lines = Vec::new();
        for n in 0..(if weekend { 24 } else { 55 } + dice.roll(12)) {
            let from = dice.pick(&FROM);
            visit(&mut dice, &mut lines, begin, n, from, "");
        }
        if weekday == 4 {
            for n in 100..118 {
                visit(
                    &mut dice,
                    &mut lines,
                    begin,
                    n,
                    "-",
                    "?utm_source=newsletter&utm_medium=email&utm_campaign=november",
                );
            }
        }
        if back == 1 {
            for n in 200..241 {
                visit(&mut dice, &mut lines, begin, n, "https://coffee-forum.example/thread/42", "");
            }
            for n in 300..306 {
                visit(&mut dice, &mut lines, begin, n, "https://slow-coffee.example/links", "");
            }
        }
        for _ in 0..30 {
            let at = begin + i64::try_from(dice.roll(61_000)).unwrap() * 1000;
            lines.push((at, log_line(at, "198.51.100.9", dice.pick(&PAGES), "-", dice.pick(&ROBOTS))));
        }
        lines.sort();
        lines.iter().for_each(|(_, line)| log.push_str(line));
    }
    log
}

fn visit(dice: &mut Dice, lines: &mut Vec<(i64, String)>, begin: i64, n: u64, from: &str, query: &str) {
    let address = format!("192.0.2.{}", n % 250);
    let agent = PEOPLE[usize::try_from(n % 3).unwrap()];
    let mut at = begin + i64::try_from(dice.roll(57_000)).unwrap() * 1000;
    let mut referrer = from.to_owned();
    for step in 0..=dice.roll(3) {
        let mut target = dice.pick(&PAGES).to_owned();
        if step == 0 {
            target.push_str(query);
        }
        lines.push((at, log_line(at, &address, &target, &referrer, agent)));
        let asset = log_line(at + 1000, &address, "/style.css", "https://acme.example/", agent);
        lines.push((at + 1000, asset));
        referrer = format!("https://acme.example{}", target.split('?').next().unwrap());
        at += i64::try_from(20 + dice.roll(180)).unwrap() * 1000;
    }
    if dice.roll(9) == 0 {
        at += 3_600_000;
        lines
            .push((at, log_line(at, &address, "/shop", "https://acme.example/blog/roasting-at-home", agent)));
    }
    if dice.roll(20) == 0 {
        lines.push((at, log_line(at, &address, "/thanks/newsletter", "https://acme.example/", agent)));
    }
}

/// Items as cm-fetch and cm-scan leave them, some answered by our own.
pub fn items() -> String {
    let mut lines = String::new();
    for n in 0..60_i64 {
        let at = rfc3339(NOW_MS - n * 5 * 3_600_000 - 600_000);
        let kind = ["article", "mention", "article", "comment"][usize::try_from(n % 4).unwrap()];
        let search = ["brand/acme-roast", "topic/coffee", "topic/coffee"][usize::try_from(n % 3).unwrap()];
        writeln!(
            lines,
            r#"{{"id":"https://world.example/{n}","url":"https://world.example/{n}","title":"Coffee talk {n}","content_text":"About Acme Roast, {n}","date_published":"{at}","authors":[{{"name":"Ana"}}],"_cm":{{"version":1,"kind":"{kind}","source":"mastodon:acme","audience":"public"}},"_cm_scan":{{"matches":[{{"query":"{search}","score":1.0,"hits":[]}}]}}}}"#
        )
        .unwrap();
        if n % 4 == 3 && n > 8 {
            let at = rfc3339(NOW_MS - n * 5 * 3_600_000 + 3_000_000 + n * 60_000);
            writeln!(
                lines,
                r#"{{"id":"https://acme.example/reply/{n}","content_text":"Thank you!","date_published":"{at}","_cm":{{"version":1,"kind":"reply","own":true,"source":"mastodon:acme","in_reply_to":"https://world.example/{n}"}}}}"#
            )
            .unwrap();
        }
    }
    lines
}

/// The click log as `cm-shorten clicks` writes it: (seconds before now, code, class).
pub fn clicks() -> String {
    let mut dice = Dice(3);
    let mut lines = String::new();
    for n in 0..900_i64 {
        let at = rfc3339(NOW_MS - n * 1_500_000);
        let code = dice.pick(&["k7qmtd", "b2xwzr", "f9hnpc", "k7qmtd"]);
        let class = dice.pick(&["human", "human", "human", "preview", "bot"]);
        let (family, source) =
            [("social", "Mastodon"), ("social", "LinkedIn"), ("direct", "direct"), ("mail", "Gmail")]
                [usize::try_from(dice.roll(4)).unwrap()];
        let account = if code == "b2xwzr" { "linkedin:acme" } else { "mastodon:acme" };
        writeln!(
            lines,
            r#"{{"type":"click","at":"{at}","code":"{code}","short_url":"https://go.acme.example/{code}","url":"https://acme.example/blog/{code}","account":"{account}","class":"{class}","rule":"r","family":"{family}","source":"{source}"}}"#
        )
        .unwrap();
    }
    lines
}

/// An instant as records write it.
pub fn rfc3339(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

const TABLES: [&str; 6] = [
    "CREATE TABLE report_posts_v1 (id TEXT, account TEXT, kind TEXT, text TEXT, state TEXT, created_ms INTEGER, due_ms INTEGER,
       published_ms INTEGER, published_url TEXT, links TEXT, in_reply_to TEXT, error TEXT)",
    "CREATE TABLE report_links_v1 (code TEXT, short_url TEXT, url TEXT, account TEXT, campaign TEXT, title TEXT, created_ms INTEGER)",
    "CREATE TABLE report_clicks_v1 (at_ms INTEGER, code TEXT, class TEXT, family TEXT, source TEXT)",
    "CREATE TABLE report_items_v1 (source TEXT, id TEXT, number INTEGER, kind TEXT, lane TEXT, state TEXT, title TEXT, url TEXT,
       author TEXT, thread TEXT, in_reply_to TEXT, own INTEGER, published_ms INTEGER, taken_ms INTEGER, answered_ms INTEGER,
       answered_by TEXT, searches TEXT)",
    "CREATE TABLE report_sources_v1 (source TEXT, name TEXT, state TEXT, last_ok_ms INTEGER, failing_since_ms INTEGER, error TEXT,
       items INTEGER)",
    "CREATE TABLE report_link_checks_v1 (code TEXT, url TEXT, title TEXT, state TEXT, since_ms INTEGER, reason TEXT, moved_to TEXT)",
];

/// A store as the other tools would leave it.
pub fn store(path: &Path) {
    let store = Store::open(&format!("sqlite:{}", path.display()), Mode::Write).unwrap();
    store.write(|tx| TABLES.iter().try_for_each(|sql| tx.execute(sql, &[]).map(drop))).unwrap();
    store.write(fill).unwrap();
}

/// A store without any table.
pub fn empty_store(path: &Path) {
    Store::open(&format!("sqlite:{}", path.display()), Mode::Write).unwrap();
}

fn fill(tx: &mut dyn Tx) -> Result<(), cm_store::Error> {
    let ms = |hours: i64| NOW_MS - hours * 3_600_000;
    let links = r#"["https://go.acme.example/k7qmtd"]"#;
    for (n, state, due, published, error) in [
        (1, "published", ms(30), Some(ms(30)), None),
        (2, "published", ms(80), Some(ms(80)), None),
        (3, "published", ms(260), Some(ms(260)), None),
        (4, "unsure", ms(5), None, Some("the connection broke after the post was sent")),
        (5, "failed", ms(20), None, Some("422: text too long")),
        (6, "queued", ms(3), None, None),
        (7, "queued", ms(-16), None, None),
        (8, "queued", ms(-20), None, None),
    ] {
        tx.execute(
            "INSERT INTO report_posts_v1 VALUES (?1, 'mastodon:acme', 'share', ?2, ?3, ?4, ?4, ?5, ?6, ?7, NULL, ?8)",
            &[
                format!("urn:cm:post:{n}").into(),
                format!("Post {n}: why our beans travel by sail https://go.acme.example/k7qmtd").into(),
                state.into(),
                due.into(),
                published.into(),
                published.map(|_| format!("https://mastodon.example/@acme/{n}")).into(),
                links.into(),
                error.into(),
            ],
        )?;
    }
    for (code, account, title) in [
        ("k7qmtd", "mastodon:acme", "Why our beans travel by sail"),
        ("b2xwzr", "linkedin:acme", "Roasting at home"),
    ] {
        tx.execute(
            "INSERT INTO report_links_v1 VALUES (?1, ?2, ?3, ?4, 'november', ?5, ?6)",
            &[
                code.into(),
                format!("https://go.acme.example/{code}").into(),
                format!("https://acme.example/blog/{code}").into(),
                account.into(),
                title.into(),
                ms(300).into(),
            ],
        )?;
    }
    for n in 0..200 {
        let class = ["human", "human", "preview", "bot"][usize::try_from(n % 4).unwrap()];
        let code = if n % 3 == 0 { "b2xwzr" } else { "k7qmtd" };
        tx.execute(
            "INSERT INTO report_clicks_v1 VALUES (?1, ?2, ?3, 'social', 'Mastodon')",
            &[(ms(2 * n) - 17).into(), code.into(), class.into()],
        )?;
    }
    for n in 0..12 {
        let (state, answered) = match n % 4 {
            0 => ("open", None),
            3 => ("done", None),
            _ => ("answered", Some(ms(10 * n) + (n + 1) * 1_200_000)),
        };
        tx.execute(
            "INSERT INTO report_items_v1 VALUES ('wordpress:blog', ?1, ?2, 'comment', 'answer', ?3, ?4, ?5, 'Ben', NULL, NULL, 0,
               ?6, ?6, ?7, NULL, '[\"brand/acme-roast\"]')",
            &[
                format!("https://blog.acme.example/?c={n}").into(),
                (n + 1).into(),
                state.into(),
                format!("Does the No. {n} suit a moka pot?").into(),
                format!("https://blog.acme.example/?c={n}").into(),
                ms(10 * n).into(),
                answered.into(),
            ],
        )?;
    }
    for (source, state, failing, error) in [
        ("https://coffee.example/feed", "ok", None, None),
        ("wordpress:blog", "ok", None, None),
        ("https://gone.example/rss", "failing", Some(ms(70)), Some("HTTP 503")),
    ] {
        tx.execute(
            "INSERT INTO report_sources_v1 VALUES (?1, ?1, ?2, ?3, ?4, ?5, 3)",
            &[source.into(), state.into(), ms(1).into(), failing.into(), error.into()],
        )?;
    }
    for (code, title, state, reason, moved_to) in [
        ("a3old", None, "moved", "it has moved for good", Some("https://acme.example/new/a3old")),
        ("b2xwzr", Some("Roasting at home"), "dead", "it answers 404, and did before", None),
        ("c4fine", None, "ok", "it answers", None),
        ("d5odd", None, "unsure", "it answers 403: not for programs, perhaps for people", None),
    ] {
        tx.execute(
            "INSERT INTO report_link_checks_v1 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                code.into(),
                format!("https://acme.example/blog/{code}").into(),
                title.into(),
                state.into(),
                ms(50).into(),
                reason.into(),
                moved_to.into(),
            ],
        )?;
    }
    Ok(())
}
