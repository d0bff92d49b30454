//! docs/commands/cm-*.md are what the tools say of themselves: written by `CM_BLESS=1 cargo test -p cm-tests --test
//! commands`, compared otherwise.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::{Home, TOOLS, root};
use std::fmt::Write;

/// Help is cut to the terminal; the page has a width of its own.
const WIDTH: &str = "110";

/// A page: the tool's help, then that of each subcommand, and of theirs.
fn page(tool: &str) -> String {
    let mut page = format!("<!-- Written from `{tool} --help`; tests/tests/commands.rs says how. -->\n");
    describe(&Home::new().with("COLUMNS", WIDTH), tool, &mut Vec::new(), &mut page);
    page
}

fn describe(home: &Home, tool: &str, path: &mut Vec<String>, page: &mut String) {
    let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = home.run(tool, &args, "").exits(0).silent().text();
    let name = [&[tool.to_owned()], &path[..]].concat().join(" ");
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let own = if path.is_empty() { &lines[..] } else { own(&lines) };
    let level = if path.is_empty() { "#" } else { "##" };
    write!(page, "{level} {name}\n\n```text\n{}\n```\n\n", own.join("\n").trim()).unwrap();
    for subcommand in subcommands(&lines) {
        path.push(subcommand);
        describe(home, tool, path, page);
        path.pop();
    }
}

/// What a subcommand says of its own: the common options stand once, at the tool.
fn own<'a>(help: &'a [&'a str]) -> &'a [&'a str] {
    let common = help.iter().position(|line| *line == "Common options:");
    &help[..common.unwrap_or(help.len())]
}

/// The names under `Commands:`, but for clap's own `help`.
fn subcommands(help: &[&str]) -> Vec<String> {
    let listed =
        help.iter().skip_while(|line| **line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed
        .filter_map(|line| {
            line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   "))
        })
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_pages_are_what_the_tools_say() {
    let folder = root().join("docs/commands");
    let bless = std::env::var_os("CM_BLESS").is_some();
    let mut stale = Vec::new();
    for tool in TOOLS {
        let (path, page) = (folder.join(format!("{tool}.md")), page(tool));
        let page = format!("{}\n", page.trim_end());
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, page).unwrap();
        } else if let Some(line) = difference(&std::fs::read_to_string(&path).unwrap_or_default(), &page) {
            stale.push(format!("docs/commands/{tool}.md{line}"));
        }
    }
    assert!(
        stale.is_empty(),
        "the tools say otherwise; write the pages anew with `CM_BLESS=1 cargo test -p cm-tests --test commands`:\n{}",
        stale.join("\n")
    );
}

/// The first line that differs, both ways.
fn difference(page: &str, help: &str) -> Option<String> {
    let (mut ours, mut theirs) = (page.lines(), help.lines());
    (1..).find_map(|n| match (ours.next(), theirs.next()) {
        (None, None) => Some(None),
        (a, b) if a == b => None,
        (a, b) => Some(Some(format!(":{n}: page: {:?}, tool: {:?}", a.unwrap_or(""), b.unwrap_or("")))),
    })?
}

/// Every option of every command has words of its own.
#[test]
fn nothing_is_left_unsaid() {
    for tool in TOOLS {
        let page = page(tool);
        let mut lines = page.lines().peekable();
        while let Some(line) = lines.next() {
            let option = line.trim_start().starts_with("--")
                || line.trim_start().starts_with('-') && line.contains(", --");
            let said =
                line.trim().contains("  ") || lines.peek().is_some_and(|next| next.starts_with("          "));
            assert!(!option || said, "{tool}: no words for {line:?}");
        }
    }
}
