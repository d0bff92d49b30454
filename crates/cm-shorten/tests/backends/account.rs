//! `[shorteners]` of the configuration: mistakes are told in one line that says how to mend them.

use crate::home::Home;
use crate::world::*;

fn told(config: &str, args: &[&str]) -> (i32, String) {
    let home = Home::new(config);
    let done = home.pipe(args, records(1));
    assert!(done.err.lines().count() == 1 && done.out.is_empty(), "{}{}", done.out, done.err);
    (done.code, done.err)
}

#[test]
fn mistakes_are_told() {
    let backend = ["--backend", "yourls:x"];
    for (config, args, code, words) in [
        ("", &backend[..], 2, "no [shorteners.\"yourls:x\"] in the configuration (there is none)"),
        ("[shorteners.'shlink:y']\nurl = 'https://s.example'\n", &backend, 2, "configured: shlink:y"),
        (
            "[shorteners.'yourls:x']\nurl = 'https://s.example'\n",
            &backend,
            4,
            "no password_file or password_command",
        ),
        (
            "[shorteners.'yourls:x']\npassword_command = ['echo', 'x']\n",
            &backend,
            2,
            "no url: say where its server is",
        ),
        ("[shorteners.'yourls:x']\ndomian = 'x'\n", &backend, 2, "did you mean \"domain\"?"),
        ("[shorteners.'yuorls:x']\nurl = 'x'\n", &backend, 2, "did you mean yourls?"),
        (
            "[shorteners.'yourls:x']\nurl = 'ftp://s.example'\npassword_command = ['echo', 'x']\n",
            &backend,
            2,
            "https://",
        ),
        (
            "[shorteners.'yourls:x']\nurl = 'https://u:hunter2@s.example'\npassword_command = ['echo', 'x']\n",
            &backend,
            2,
            "no user name",
        ),
        ("[shorteners.'yourls:x']\ntimeout = '2 moons'\n", &backend, 2, "timeout"),
        ("[shorten]\nbackend = 'nobody:x'\n", &[], 2, "[shorten] backend"),
        ("[shorteners.'is.gd:x']\n", &["--backend", "is.gd:x", "--hash"], 2, "names its links itself"),
    ] {
        let (exit, err) = told(config, args);
        assert!(exit == code && err.contains(words), "{config}: {exit} {err}");
        assert!(!err.contains("hunter2"), "{err}");
    }
    let home = Home::new("");
    for wrong in ["yourls", "nobody:x", "yourls:", "x"] {
        assert_eq!(home.run(&["--backend", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn the_configuration_names_the_one_that_is_taken_when_nobody_says() {
    let world = yourls("");
    let config = std::fs::read_to_string(world.home.path("cm.toml")).unwrap();
    world.home.file("cm.toml", &config.replace("[shorten]\n", "[shorten]\nbackend = 'yourls:x'\n"));
    let done = world.home.pipe(&["--allow-private"], records(1));
    assert_eq!((done.code, links(&done)[0]["short_url"].as_str()), (0, Some("https://s.example/1")));
    let none = world.home.pipe(&["--backend", "none"], records(1));
    assert_eq!((none.code, links(&none)[0].get("short_url")), (0, None));
}

#[test]
fn settings_are_shown_without_secrets() {
    let home =
        Home::new("[shorteners.'yourls:x']\nurl = 'https://s.example/secret-path'\npassword_file = 'f'\n");
    let done = home.run(&["--show-config"]);
    assert!(
        done.code == 0 && done.out.contains("shorteners") && done.out.contains("s.example"),
        "{}",
        done.out
    );
}
