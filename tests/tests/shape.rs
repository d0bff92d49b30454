//! The shape that lets a newcomer find their way: the same rooms in every tool, a head on every file, none too long.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::{TOOLS, root};
use std::path::{Path, PathBuf};

/// Lines without tests; a longer file says in its head why, in a sentence that begins with these words.
const LONGEST: usize = 400;
const EXCUSE: &str = "//! Long because ";

/// Shipped code: everything in a crate's `src`.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for krate in std::fs::read_dir(root().join("crates")).unwrap().flatten() {
        walk(&krate.path().join("src"), &mut found);
    }
    found.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().display().to_string();
    found.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_tool_has_the_same_rooms() {
    for tool in TOOLS {
        let has = |room: &str| root().join("crates").join(tool).join(room).is_file();
        for room in ["src/main.rs", "src/lib.rs"] {
            assert!(has(room), "{tool} has no {room}");
        }
        assert!(has("src/args.rs") || has("src/args/mod.rs"), "{tool} has no src/args.rs");
        assert!(has("tests/cli.rs") || has("tests/cli/main.rs"), "{tool} has no tests/cli.rs");
        let main = std::fs::read_to_string(root().join("crates").join(tool).join("src/main.rs")).unwrap();
        let code: Vec<&str> = main.lines().filter(|line| !line.starts_with("//")).collect();
        assert_eq!(
            code,
            [format!("cm_cli::main!({});", tool.replace('-', "_"))],
            "{tool}: main.rs is one line"
        );
    }
}

#[test]
fn every_file_says_what_it_holds_and_is_no_longer_than_it_must() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        if !text.starts_with("//!") {
            wrong.push(format!("{name}: does not begin by saying what it holds (`//!`)"));
        }
        if lines > LONGEST && !text.contains(EXCUSE) {
            wrong.push(format!("{name}: {lines} lines and no `{EXCUSE}...`"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_must_not_be_there_is_not() {
    const FORBIDDEN: [&str; 5] = ["#[allow(", "#![allow(", "todo!(", "unimplemented!(", "dbg!("];
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        wrong.extend(
            FORBIDDEN.iter().filter(|word| text.contains(**word)).map(|word| format!("{name}: {word}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
