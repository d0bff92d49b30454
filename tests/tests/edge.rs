//! How every tool behaves at its edge (docs/cli.md): help, configuration, diagnostics, generated documentation.

use cm_tests::{Home, TOOLS};

const GOOD: &str = "{\"id\":\"urn:x:1\",\"content_text\":\"acme roast\"}\n";

#[test]
fn short_help_begins_with_an_example_and_long_help_holds_it_too() {
    for tool in TOOLS {
        let home = Home::new();
        let short = home.run(tool, &["-h"], "").exits(0).silent();
        assert!(short.text().starts_with("Example:\n  "), "{tool}: {}", short.text());
        assert!(short.lines().len() <= 60, "{tool} -h is {} lines, more than a screen", short.lines().len());
        let long = home.run(tool, &["--help"], "").exits(0).silent();
        assert!(long.text().contains("Example:\n  "), "{tool}");
        assert!(long.lines().len() > short.lines().len(), "{tool}");
    }
}

#[test]
fn version_names_the_tool() {
    for tool in TOOLS {
        let done = Home::new().run(tool, &["--version"], "").exits(0).silent();
        assert_eq!(done.text(), format!("{tool} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn man_pages_and_completions_come_from_the_definition() {
    for tool in TOOLS {
        for (what, sign) in
            [("man", ".TH"), ("bash", "complete -F"), ("zsh", "#compdef"), ("fish", "complete -c")]
        {
            let done = Home::new().run(tool, &["--generate", what], "").exits(0).silent();
            assert!(done.text().contains(sign) && done.text().contains(tool), "{tool} {what}");
        }
    }
}

#[test]
fn completion_works_after_a_subcommand() {
    let done = Home::new().shell(
        "cm-inbox --generate bash > inbox.bash; source ./inbox.bash; COMP_WORDS=(cm-inbox list --lane ''); COMP_CWORD=3
         _cm__inbox cm-inbox '' --lane; echo ${COMPREPLY[@]}",
    );
    assert_eq!(done.exits(0).text(), "answer read\n");
}

#[test]
fn the_manual_describes_the_common_options_and_the_exit_codes() {
    for tool in TOOLS {
        let page = Home::new().run(tool, &["--generate", "man"], "").exits(0).text();
        assert!(page.contains("Read this configuration file and no other"), "{tool}");
        assert!(page.contains(".SH EXIT STATUS") && page.contains(".SH EXAMPLES"), "{tool}");
    }
}

#[test]
fn when_every_input_is_missing_nothing_goes_on() {
    let home = Home::new();
    home.write("there.jsonl", GOOD);
    home.run("cm-scan", &["roast", "nofile"], "").exits(2);
    let done = home.run("cm-scan", &["roast", "nofile", "there.jsonl"], "").exits(3);
    assert_eq!((done.stderr.as_str(), done.lines().len()), ("cm-scan: nofile: no such file\n", 1));
}

#[test]
fn looking_at_a_mistyped_store_is_told_and_makes_none() {
    let home = Home::new();
    for (tool, look) in
        [("cm-inbox", "list"), ("cm-schedule", "list"), ("cm-schedule", "history"), ("cm-shorten", "list")]
    {
        let done = home.run(tool, &["--store", "typo.db", look], "").exits(2);
        assert!(
            done.stderr.starts_with(&format!("{tool}: there is no store at typo.db: ")),
            "{}",
            done.stderr
        );
        home.run(tool, &[look], "").exits(0).silent();
    }
    assert!(!home.path("typo.db").exists());
}

#[test]
fn a_misspelt_option_is_one_usage_error_with_a_suggestion() {
    for tool in TOOLS {
        let done = Home::new().run(tool, &["--verbos"], "").exits(2);
        assert!(done.stderr.starts_with(&format!("{tool}: ")), "{}", done.stderr);
        assert!(done.stderr.contains("'--verbose'"), "{tool}: {}", done.stderr);
        assert!(done.stdout.is_empty());
        let json = Home::new().run(tool, &["--errors", "json", "--verbos"], "").exits(2);
        let line: serde_json::Value = serde_json::from_str(json.stderr.trim()).unwrap();
        assert_eq!((&line["tool"], &line["code"]), (&tool.into(), &"usage".into()));
    }
}

#[test]
fn a_misspelt_key_is_named_with_its_file_and_line() {
    for tool in TOOLS {
        let home = Home::new();
        home.write("cm.toml", "# ours\ntime_zon = \"UTC\"\n");
        let done = home.run(tool, &["--show-config"], "").exits(2);
        assert_eq!(
            done.stderr,
            format!("{tool}: cm.toml:2: unknown key \"time_zon\" (did you mean \"time_zone\"?)\n")
        );
    }
}

#[test]
fn settings_are_shown_with_their_origin_nearest_first() {
    let home = Home::new().with("CM_TIME_ZONE", "Europe/Paris");
    home.write(".config/cm/config.toml", "time_zone = \"Asia/Tokyo\"\narchive = \"far\"\n");
    home.write("cm.toml", "time_zone = \"Europe/Berlin\"\nsearches = \"s.toml\"\n");
    for tool in TOOLS {
        let done = home.run(tool, &["--show-config", "--store", "sqlite:a.db"], "").exits(0).silent();
        let shown: Vec<String> = done
            .lines()
            .iter()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|row| format!("{}={} {}", row["setting"], row["value"], row["from"]).replace('"', ""))
            .collect();
        assert!(shown.contains(&"time_zone=Europe/Paris $CM_TIME_ZONE".to_owned()), "{shown:?}");
        assert!(shown.contains(&"store=sqlite:a.db --store".to_owned()), "{shown:?}");
        assert!(shown.contains(&"searches=s.toml cm.toml:2".to_owned()), "{shown:?}");
        let far = home.path(".config/cm/config.toml");
        assert!(shown.contains(&format!("archive=far {}:2", far.display())), "{shown:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_others_can_write_is_not_obeyed() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let path = home.write("cm.toml", "time_zone = \"UTC\"\n");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    for tool in TOOLS {
        let done = home.run(tool, &["--show-config"], "").exits(2);
        assert_eq!(
            done.stderr,
            format!(
                "{tool}: cm.toml can be written by others (mode 666) and is not obeyed: chmod go-w cm.toml\n"
            )
        );
    }
}

#[test]
fn an_unknown_zone_or_clock_is_one_line() {
    let home = Home::new().with("CM_TIME_ZONE", "Europe/Berln");
    let done = home.run("cm-scan", &["--since", "today", "x"], GOOD).exits(2);
    assert!(done.stderr.starts_with("cm-scan: $CM_TIME_ZONE: time_zone: "), "{}", done.stderr);
    let done = Home::new().run("cm-scan", &["--clock", "soonish", "x"], GOOD).exits(2);
    assert!(done.stderr.starts_with("cm-scan: --clock: "), "{}", done.stderr);
    assert_eq!(done.stderr.lines().count(), 1);
}

#[test]
fn after_ten_bad_lines_they_are_only_counted() {
    let home = Home::new();
    let input = format!("{}{GOOD}", "{\"content_text\":\"x\"}\n".repeat(12));
    let done = home.run("cm-scan", &["--reject", "bad.jsonl", "roast"], &input).exits(3);
    let lines: Vec<&str> = done.stderr.lines().collect();
    assert_eq!(lines.len(), 11, "{}", done.stderr);
    assert_eq!(lines[0], "cm-scan: stdin:1: no \"id\"");
    assert_eq!(lines[10], "cm-scan: skipped 12 of 13 lines");
    assert_eq!(done.lines().len(), 1);
    assert_eq!(home.read("bad.jsonl"), "{\"content_text\":\"x\"}\n".repeat(12).as_bytes());
}

#[test]
fn strict_stops_at_the_first_bad_line() {
    let done = Home::new().run("cm-scan", &["--strict", "roast"], format!("{GOOD}{{}}\n{GOOD}")).exits(2);
    assert_eq!(done.stderr.lines().next(), Some("cm-scan: stdin:2: no \"id\""));
}

#[test]
fn a_record_of_a_later_version_is_passed_on_untouched_with_one_warning() {
    let later =
        "{\"id\":\"urn:x:1\",\"content_text\":\"roast\",\"_cm\":{\"version\":2,\"kind\":9}}\n".repeat(2);
    for (tool, args) in [("cm-scan", &["roast"][..]), ("cm-shorten", &["--backend", "none"][..])] {
        let done = Home::new().run(tool, args, &later).exits(3);
        assert_eq!(done.text(), later, "{tool}");
        assert_eq!(done.stderr.lines().count(), 1, "{tool}: {}", done.stderr);
        assert!(done.stderr.contains("version 2"), "{tool}: {}", done.stderr);
        Home::new().run(tool, &[args, &["--strict"]].concat(), &later).exits(2);
    }
}

#[test]
fn nothing_at_all_is_no_error_and_needs_no_home() {
    for (tool, args) in
        [("cm-scan", &["roast"][..]), ("cm-shorten", &["--backend", "none"][..]), ("cm-report", &["-"][..])]
    {
        let home = Home::new();
        let mut command = home.command(tool);
        command.env_clear().args(args).stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
