//! docs/shorteners.md: its configuration and its commands, in their order, against a YOURLS.

use crate::fakes::{Fake, yourls};
use crate::home::Home;
use crate::world::record;
use std::os::unix::fs::PermissionsExt;

/// What stands in the page's first block of a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/shorteners.md")).unwrap();
    let fake = Fake::start(yourls::Yourls::default());
    let config = block(&page, "toml").replace("https://acme.example/s", &format!("{}/s", fake.url()));
    let home = Home::new(&config);
    home.file("yourls.secret", yourls::TOKEN);
    std::fs::set_permissions(home.path("yourls.secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    home.file("items.jsonl", &record("https://a.example/"));
    let mut commands = 0;
    for line in block(&page, "text").lines() {
        let words: Vec<&str> = line.strip_prefix("cm-shorten ").unwrap().split(' ').collect();
        let done = home.run(&[&["--allow-private"], &words[..]].concat());
        assert!(done.code == 0 && done.err.is_empty() && !done.out.is_empty(), "{line}: {}", done.err);
        commands += 1;
    }
    assert_eq!(commands, 6);
    assert!(fake.server.asked().iter().all(|asked| asked.line.starts_with("POST /s/yourls-api.php ")));
}
