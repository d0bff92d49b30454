//! A home whose configuration names a fake, and what its tests say again and again.

use crate::fakes::{Fake, Service, bitly, dub, isgd, kutt, shlink, tinyurl, yourls};
use crate::home::{Done, Home, jsonl};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

/// When all runs take place, unless they must see time pass.
pub const NOW: [&str; 2] = ["--clock", "2026-11-22T09:00:00Z"];

pub struct World<S> {
    pub fake: Fake<S>,
    pub home: Home,
    /// `yourls:x`.
    pub name: &'static str,
}

impl<S: Service> World<S> {
    pub fn new(name: &'static str, service: S, secret: &str, more: &str) -> World<S> {
        let fake = Fake::start(service);
        let home = Home::new("");
        home.file("secret", &format!("{secret}\n"));
        std::fs::set_permissions(home.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let url = fake.url();
        let password = if secret.is_empty() { "" } else { "password_file = 'secret'\n" };
        home.file(
            "cm.toml",
            &format!(
                "[shorten]\ndomain = 'https://go.acme.example'\n[utm.social]\nutm_source = '{{network}}'\n\
                 [shorteners.'{name}']\nurl = '{url}'\n{password}{more}"
            ),
        );
        World { fake, home, name }
    }

    /// The filter, over these records.
    pub fn filter(&self, args: &[&str], input: &str) -> Done {
        self.home.pipe(&[&["--allow-private", "--backend", self.name], &NOW[..], args].concat(), input)
    }

    /// A subcommand.
    pub fn run(&self, args: &[&str]) -> Done {
        self.home
            .run(&[&args[..1], &["--allow-private", "--backend", self.name], &NOW[..], &args[1..]].concat())
    }
}

pub fn yourls(more: &str) -> World<yourls::Yourls> {
    World::new("yourls:x", yourls::Yourls::default(), yourls::TOKEN, more)
}
pub fn shlink() -> World<shlink::Shlink> {
    World::new("shlink:x", shlink::Shlink::default(), shlink::KEY, "")
}
pub fn kutt() -> World<kutt::Kutt> {
    World::new("kutt:x", kutt::Kutt::default(), kutt::KEY, "")
}
pub fn dub() -> World<dub::Dub> {
    World::new("dub:x", dub::Dub::default(), dub::KEY, "")
}
pub fn bitly(more: &str) -> World<bitly::Bitly> {
    World::new("bitly:x", bitly::Bitly { groups: vec!["G1"], ..bitly::Bitly::default() }, bitly::TOKEN, more)
}
pub fn tinyurl() -> World<tinyurl::TinyUrl> {
    World::new("tinyurl:x", tinyurl::TinyUrl::default(), tinyurl::TOKEN, "")
}
pub fn isgd(more: &str) -> World<isgd::IsGd> {
    World::new("is.gd:x", isgd::IsGd::default(), "", more)
}

pub fn record(url: &str) -> String {
    json!({"id": url, "url": url, "title": "T", "content_text": "x"}).to_string() + "\n"
}

pub fn records(count: usize) -> String {
    (0..count).map(|n| record(&format!("https://a.example/{n}"))).collect()
}

/// The links of a run's records.
pub fn links(done: &Done) -> Vec<Value> {
    let parts = jsonl(&done.out);
    parts
        .iter()
        .flat_map(|record| record["_cm_shorten"]["links"].as_array().cloned().unwrap_or_default())
        .collect()
}

pub fn one(done: &Done) -> Value {
    assert_eq!(done.code, 0, "{}", done.err);
    jsonl(&done.out).remove(0)
}
