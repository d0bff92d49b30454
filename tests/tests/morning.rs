//! The hour of examples/morning.sh on its sample site, run twice with the tools that cargo built for these tests.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::{Home, TOOLS, binaries, root, tool};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A Wednesday morning in Berlin, before the first slot.
const CLOCK: &str = "2026-11-25T06:30:00Z";

/// What a run says: the numbers of each stage's line, and the last line.
struct Said {
    stages: BTreeMap<String, Vec<u32>>,
    last: String,
}

fn morning(home: &Home, tools: &Path) -> Said {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .arg(root().join("examples/morning.sh"))
        .arg("--sample")
        .current_dir(home)
        .env_clear()
        .env("PATH", path)
        .env("HOME", home.path(""))
        .env("TZ", "UTC")
        .env("CM_BIN_DIR", tools)
        .env("CM_MORNING_DIR", home.path("morning"))
        .env("CM_CLOCK", CLOCK)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{text}\n{errors}", output.status);
    assert_eq!(errors, "", "all is well, so nothing is said on standard error");
    let mut stages: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for line in text.lines() {
        let (stage, rest) = line.split_once(' ').unwrap_or((line, ""));
        let numbers =
            rest.split(|c: char| c.is_whitespace() || c == ';').filter_map(|word| word.parse::<u32>().ok());
        stages.entry(stage.to_owned()).or_default().extend(numbers);
    }
    Said { stages, last: text.lines().last().unwrap_or_default().to_owned() }
}

fn posts(home: &Home) -> Vec<String> {
    let file = std::fs::read_to_string(home.path("morning/sample/drafts.jsonl")).unwrap();
    file.lines().map(str::to_owned).collect()
}

#[test]
fn the_first_run_does_everything_and_the_second_nothing_again() {
    let home = Home::new();
    let first = morning(&home, &binaries());
    for stage in ["fetch", "scan", "inbox", "reply", "shorten", "schedule", "publish", "serve"] {
        let numbers = first.stages.get(stage).unwrap_or_else(|| panic!("no line for {stage}"));
        assert!(!numbers.is_empty() && numbers.iter().all(|n| *n > 0), "{stage}: {numbers:?}");
    }
    let dashboard = std::fs::read_to_string(Path::new(&first.last)).unwrap();
    assert!(dashboard.contains("</html>") && !dashboard.contains("<script"), "{}", first.last);
    let sent = posts(&home);
    assert_eq!(sent.len(), 2, "{sent:#?}");

    let second = morning(&home, &binaries());
    assert_eq!(second.stages["fetch"], [0]);
    assert_eq!(second.stages["publish"].first(), Some(&0));
    assert!(!second.stages.contains_key("reply") && !second.stages.contains_key("schedule"));
    assert_eq!(second.last, first.last);
    assert_eq!(posts(&home), sent, "posted again");
}

#[cfg(unix)]
#[test]
fn a_feed_read_in_part_does_not_end_the_morning() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = Home::new();
    let partly = format!("#!/bin/sh\n'{}' \"$@\"\nexit 3\n", tool("cm-fetch").display());
    let fetch = home.write("tools/cm-fetch", partly);
    std::fs::set_permissions(&fetch, PermissionsExt::from_mode(0o755)).unwrap();
    for name in TOOLS.iter().copied().chain(["cm-sample-site"]).filter(|name| *name != "cm-fetch") {
        symlink(tool(name), home.path("tools").join(name)).unwrap();
    }
    let said = morning(&home, &home.path("tools"));
    assert!(said.stages["fetch"][0] > 0 && Path::new(&said.last).is_file(), "{}", said.last);
}
