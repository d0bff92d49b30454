//! Every command shown in README.md, docs/*.md and examples/ is run, in the order of its page, in a folder of the
//! page's own that holds copies of examples/ (as `examples/` and file by file beside it).
//!
//! | block | what is done |
//! |---|---|
//! | `sh` | run by bash; a failing command, or a failing stage of a pipe, fails the page |
//! | `console` | lines after `$ ` are run, what they print must be what stands below them; a line `...` stands for any lines |
//! | indented, beginning with `cm-` | as `sh` |
//! | `toml`, `jsonl` with a first line `# NAME` | written to NAME, for the blocks below |
//! | a line that begins `cm-fetch listen` | runs until it listens, and has to end in order when it is told to |
//! | any other (`text`, `json`) | only read |
//! | `sh live`, `console live`, `toml live` | the same in another folder, with real servers (live/mod.rs); skipped, in one loud line, where there are none |
//!
//! The folder holds `items.jsonl` too, records of a feed. The web is a fake: every address is answered on loopback, those
//! that look like a feed with one, a POST with 201, any other page with HTML that names its feed. `https://` is written
//! `http://` first, since the fake has no certificate. Commands of other people that a test machine lacks are stubs that
//! read to the end of their input.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod live;

use cm_tests::{Answer, Asked, Home, Server, root};
use live::Live;
use std::path::{Path, PathBuf};

const CLOCK: &str = "2026-11-22T09:00:00Z";

/// Lines that begin so are run by other means: the two scripts by tests and by hand, the rest to get hold of the tools.
const ELSEWHERE: [&str; 6] =
    ["tests/run.sh", "examples/morning.sh", "cargo ", "git clone ", "cd cm", "crontab "];

/// What runs until it is told to stop is told so once it listens, and has to end in order; where it listens is its own.
const SERVES: [&str; 1] = ["cm-fetch listen "];
const UNTIL_IT_LISTENS: &str = r#"until_it_listens() {
    "$@" --listen 127.0.0.1:0 -v 2> .said &
    until grep -q 'listening on' .said; do kill -0 $! || { cat .said >&2; return 1; }; sleep 0.1; done
    kill $!; wait $! || { cat .said >&2; return 1; }
}"#;

const STUBS: [&str; 4] = ["mail", "sendmail", "notify-send", "xdg-open"];

/// A fenced block.
struct Block {
    line: usize,
    language: String,
    live: bool,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Fence> = None;
    let mut blank = true;
    for (n, line) in page.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let language = line.trim_start().strip_prefix("```");
        let block = |about: &str| {
            let mut words = about.split_whitespace();
            let language = words.next().unwrap_or_default().to_owned();
            Block { line: n + 1, language, live: words.any(|word| word == "live"), text: String::new() }
        };
        match (open, language) {
            (None, Some(language)) => {
                found.push(block(language));
                open = Some(Fence::Ticks(indent));
            }
            (None, None) if blank && indent == 4 && line[4..].starts_with("cm-") => {
                found.push(block("sh"));
                open = Some(Fence::Indent);
            }
            (Some(Fence::Ticks(_)), Some(_)) => open = None,
            (Some(Fence::Indent), _) if indent < 4 => open = None,
            _ => {}
        }
        let margin = match open {
            Some(Fence::Ticks(margin)) if language.is_none() => margin,
            Some(Fence::Indent) => 4,
            _ => usize::MAX,
        };
        if let (Some(block), true) = (found.last_mut(), margin < usize::MAX) {
            block.text.push_str(line.get(margin..).unwrap_or(line.trim_start()));
            block.text.push('\n');
        }
        blank = line.trim().is_empty();
    }
    found
}

/// What a block stands in: ticks, indented so far, or an indentation of four.
#[derive(Clone, Copy)]
enum Fence {
    Ticks(usize),
    Indent,
}

/// The folder in which a page's blocks run.
fn workshop(web: &Server) -> Home {
    let proxy = format!("http://{}", web.address);
    let home = Home::new()
        .with("HTTP_PROXY", &proxy)
        .with("HTTPS_PROXY", "http://127.0.0.1:9")
        .with("NO_PROXY", "127.0.0.1,localhost")
        .with("CM_CLOCK", CLOCK)
        .with("EDITOR", "true")
        .with("TERM", "dumb");
    furnish(&home);
    for stub in STUBS {
        home.write(&format!(".stubs/{stub}"), "#!/bin/sh\nexec cat >/dev/null\n");
    }
    home.shell("chmod +x .stubs/*; cm-fetch http://news.example/feed >items.jsonl").exits(0);
    home
}

/// Copies of the examples, as a folder and file by file.
fn furnish(home: &Home) {
    for path in files(&root().join("examples")) {
        let (name, content) = (path.strip_prefix(root()).unwrap(), plain(&std::fs::read(&path).unwrap()));
        home.write(&name.to_string_lossy(), &content);
        home.write(&name.strip_prefix("examples").unwrap().to_string_lossy(), &content);
    }
}

/// Addresses as the fake web is asked for them.
fn plain(content: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(content) {
        Ok(text) => text.replace("https://", "http://").into_bytes(),
        Err(_) => content.to_vec(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every address answers, with something of the kind that its name promises.
fn web(asked: &Asked) -> Answer {
    if asked.line.starts_with("POST") {
        return Answer {
            status: "201 Created",
            headers: vec!["Location: /made".to_owned()],
            body: Vec::new(),
        };
    }
    let target = asked.target();
    if !["feed", "rss", "atom", ".xml"].iter().any(|word| target.contains(word)) {
        return Answer::ok(
            "text/html",
            "<!doctype html><title>A page</title><link rel=alternate type=application/rss+xml href=/feed>",
        );
    }
    let item = |n: u32| {
        format!(
            "<item><title>Acme Roast {n}</title><link>https://news.example/{n}?utm_source=feed</link><guid>https://news.example/{n}</guid>\
             <description>Has anybody tried the Acme Roast? Number {n}.</description><pubDate>Sat, 21 Nov 2026 12:0{n}:00 GMT</pubDate>\
             <wfw:commentRss>http://news.example/{n}/feed</wfw:commentRss></item>"
        )
    };
    let items: String = (1..=5).map(item).collect();
    let about = "<title>News</title><link>https://news.example/</link><description>d</description>";
    Answer::ok(
        "application/rss+xml",
        format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\"><channel>{about}{items}</channel></rss>"
        ),
    )
}

/// What bash is given: stubs found first, what runs in the background ended with the block.
fn script(text: &str) -> String {
    let begins =
        |line: &str, beginnings: &[&str]| beginnings.iter().any(|b| line.trim_start().starts_with(b));
    let lines = text.lines().filter(|line| !begins(line, &ELSEWHERE));
    let line = |line: &str| match begins(line, &SERVES) {
        true => format!("until_it_listens {line}"),
        false => line.to_owned(),
    };
    let text = lines.map(line).collect::<Vec<String>>().join("\n").replace("https://", "http://");
    format!(
        "export PATH=\"$PWD/.stubs:$PATH\"\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{UNTIL_IT_LISTENS}\n{text}\n"
    )
}

/// Runs a page and says where it does not hold.
fn failures(name: &str, page: &str, home: &Home) -> Vec<String> {
    let blocks = blocks(page);
    let live = blocks.iter().any(|block| block.live).then(Live::start).flatten();
    let failed = blocks.into_iter().filter_map(|block| {
        let (home, text) = match (&live, block.live) {
            (_, false) => (home, block.text.clone()),
            (Some(live), true) => (&live.home, live.text(&block.text)),
            (None, true) => return None,
        };
        let why = match block.language.as_str() {
            "sh" => shell(home, &text),
            "console" => console(home, &text),
            "toml" | "jsonl" => write(home, &text),
            _ => None,
        };
        why.map(|why| format!("{name}:{}:\n{}\n{why}\n", block.line, indent(&block.text)))
    });
    failed.collect()
}

fn shell(home: &Home, text: &str) -> Option<String> {
    let done = home.shell(&script(text));
    (done.code != Some(0)).then(|| {
        format!("exit {:?}\n{}{}", done.code, indent(&tail(&done.text())), indent(&tail(&done.stderr)))
    })
}

/// Each command of a console block, and what it should print; what it prints on stderr counts too.
fn console(home: &Home, text: &str) -> Option<String> {
    let mut commands: Vec<(String, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((command, wanted))) if command.ends_with('\\') && wanted.is_empty() => {
                *command = format!("{command}\n{line}");
            }
            (None, Some((_, wanted))) => wanted.push(line),
            (None, None) => return Some("a console block begins with `$ `".to_owned()),
        }
    }
    commands.into_iter().find_map(|(command, wanted)| {
        let done = home.shell(&format!("set +e\nexec 2>&1\n{}", script(&command)));
        let got = done.lines();
        let got: Vec<&str> = got.iter().map(|line| line.trim_end()).collect();
        (!matches(&wanted, &got)).then(|| format!("{command}\nprinted\n{}", indent(&got.join("\n"))))
    })
}

/// Whether lines are those wanted, `...` standing for any number of them.
fn matches(wanted: &[&str], got: &[&str]) -> bool {
    match wanted.split_first() {
        None => got.is_empty(),
        Some((&"...", rest)) => (0..=got.len()).any(|n| matches(rest, &got[n..])),
        Some((line, rest)) => got.first().is_some_and(|g| *g == line.trim_end()) && matches(rest, &got[1..]),
    }
}

fn write(home: &Home, text: &str) -> Option<String> {
    let (first, rest) = text.split_once('\n')?;
    let name = first.strip_prefix("# ")?.split_whitespace().next()?;
    // What sources name is asked, and the fake has no certificate.
    let plain = |text: &str| {
        if name.starts_with("sources") { text.replace("https://", "http://") } else { text.to_owned() }
    };
    if name.ends_with(".toml") || name.ends_with(".jsonl") {
        home.write(name, plain(if name.ends_with(".toml") { text } else { rest }));
    }
    None
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().flatten().map(|entry| entry.path());
    let examples = files(&root().join("examples"));
    let mut pages: Vec<PathBuf> =
        docs.chain(examples).filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.sort();
    pages.insert(0, root().join("README.md"));
    pages
}

#[test]
fn every_block_of_every_page_runs() {
    let web = Server::start(web);
    let mut failed = Vec::new();
    for path in pages() {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        failed.extend(failures(&name, &std::fs::read_to_string(&path).unwrap(), &workshop(&web)));
    }
    assert!(failed.is_empty(), "{} blocks do not hold:\n\n{}", failed.len(), failed.join("\n"));
}

/// What a page points to within the project is there.
#[test]
fn every_relative_link_leads_somewhere() {
    let mut lost = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !outside && !page.parent().unwrap().join(target).exists() {
                lost.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

/// What git writes where two versions of a page meet is not left standing.
#[test]
fn no_page_holds_two_versions_of_itself() {
    let marks = ["<<<<<<< ", ">>>>>>> ", "||||||| "];
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let left = text.lines().find(|line| marks.iter().any(|mark| line.starts_with(mark)));
        assert_eq!(left, None, "{}", page.display());
    }
}

/// The commands of a crontab: what stands after the five fields, `%` being cron's end of line.
#[test]
fn every_line_of_a_crontab_runs() {
    let web = Server::start(web);
    for path in
        files(&root().join("examples")).iter().filter(|p| p.file_name().is_some_and(|n| n == "crontab"))
    {
        let home = workshop(&web);
        let mut settings = String::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields.first().is_some_and(|f| f.starts_with(|c: char| c == '*' || c.is_ascii_digit())) {
                let command = format!("{settings}{}", fields[5..].join(" ").replace("\\%", "%"));
                let failed = shell(&home, &command);
                assert!(failed.is_none(), "{line}\n{}", failed.unwrap_or_default());
            } else if line.contains('=') && !line.starts_with('#') {
                settings.push_str(&format!("export {line}\n"));
            }
        }
    }
}

/// The runner itself: it must be able to fail.
#[test]
fn a_page_that_does_not_hold_is_told() {
    let home = Home::new();
    let page = "```sh\nfalse | cat\n```\n1. x\n   ```console\n   $ echo a; echo b\n   a\n   ...\n   $ echo c\n   d\n   ```\n```text\nfalse\n```\n";
    let failed = failures("page.md", page, &home);
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(failed[0].starts_with("page.md:1:") && failed[1].starts_with("page.md:5:"), "{failed:?}");
    let written = "```toml\n# a.toml\nx = 1\n```\n```console\n$ cat a.toml\n# a.toml\nx = 1\n$ true\n```\n";
    assert!(failures("page.md", written, &home).is_empty());
}
