//! What these tests need: accounts, a vault in memory, a server that answers by path, and a run that reads all pages.

use crate::server::{Asked, Server, reply};
use chrono::{DateTime, Utc};
use cm_net::services::{self, Account, Held, Item, Means, Page, Password, Trouble, Vault, Wanted};
use cm_net::{Client, Error, Options, Read};
use cm_time::Clock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Status, headers, body.
pub type Answer = (u16, String, String);

pub fn now() -> DateTime<Utc> {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

pub fn json(value: &Value) -> Answer {
    (200, "Content-Type: application/json\r\n".to_owned(), value.to_string())
}

/// A server that answers as a closure says.
pub fn serve(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |asked, out| {
        let (status, headers, body) = answer(asked);
        reply(out, &format!("{status} Said"), &headers, body.as_bytes())
    })
}

/// The path of what was asked, without its query.
pub fn path(asked: &Asked) -> &str {
    asked.path().split('?').next().unwrap()
}

/// A parameter of what was asked.
pub fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let query = asked.path().split_once('?')?.1;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(said, _)| said == name)
        .map(|(_, value)| value.into_owned())
}

#[derive(Default)]
pub struct Memory(pub Mutex<BTreeMap<String, String>>);

impl Vault for Memory {
    fn lock(&self, _name: &str) -> Result<Held, String> {
        Ok(Box::new(()))
    }
    fn load(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }
    fn save(&self, name: &str, secret: &str) -> Result<(), String> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }
}

/// An account and what its runs share.
#[derive(Clone)]
pub struct Desk {
    pub account: Account,
    pub vault: Arc<Memory>,
    pub now: DateTime<Utc>,
}

impl Means for Desk {
    fn client(&self) -> Result<Client, Error> {
        let clock = Clock::Fixed(self.now);
        Client::new(Options { clock, ..Options::new("cm-test", true) }, &mut |_| ())
    }
    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        Ok(Arc::clone(&self.vault) as Arc<dyn Vault>)
    }
}

impl Desk {
    /// Nobody's account, whose server is this one.
    pub fn new(name: &str, server: &Server) -> Desk {
        let account = Account { url: Some(server.url("").into()), ..Account::new(name) };
        Desk { account, vault: Arc::default(), now: now() }
    }

    pub fn user(mut self, user: &str) -> Desk {
        self.account.user = Some(user.to_owned());
        self
    }

    pub fn client_id(mut self, id: &str) -> Desk {
        self.account.client_id = Some(id.to_owned());
        self
    }

    pub fn password(mut self, password: &str) -> Desk {
        let password = password.to_owned();
        self.account.password = Password::new(move || Ok(password.clone()));
        self.account.has_password = true;
        self
    }

    pub fn reader(&self) -> Box<dyn Read> {
        services::network(&self.account.name).unwrap().read.unwrap()(&self.account, self).unwrap()
    }

    /// One page.
    pub fn page(&self, wanted: &Wanted, cursor: Option<&str>) -> Result<Page, Trouble> {
        tokio::runtime::Runtime::new().unwrap().block_on(self.reader().page(wanted, cursor))
    }

    /// A whole run, by one reader.
    pub fn read(
        &self,
        what: &str,
        mark: Option<String>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Run, Trouble> {
        let wanted = Wanted { what: what.to_owned(), mark, since, ..Wanted::default() };
        let (reader, runtime) = (self.reader(), tokio::runtime::Runtime::new().unwrap());
        let mut run = Run::default();
        let mut cursor: Option<String> = None;
        loop {
            let page = runtime.block_on(reader.page(&wanted, cursor.as_deref()))?;
            run.items.extend(page.items);
            run.notes.extend(page.notes);
            run.limit = page.limit.or(run.limit);
            run.pages += 1;
            assert!(run.pages < 500, "it goes on for ever");
            let Some(next) = page.next else {
                run.mark = page.mark;
                return Ok(run);
            };
            assert_ne!(Some(&next), cursor.as_ref(), "the same page again");
            cursor = Some(next);
        }
    }

    /// What a run finds at first sight.
    pub fn items(&self, what: &str) -> Vec<Item> {
        self.read(what, None, None).unwrap().items
    }

    /// Why it finds nothing.
    pub fn trouble(&self, what: &str) -> Trouble {
        self.read(what, None, None).map(|run| run.items).unwrap_err()
    }
}

/// What a run brought.
#[derive(Debug, Default)]
pub struct Run {
    pub items: Vec<Item>,
    pub notes: Vec<String>,
    pub limit: Option<services::Limit>,
    pub mark: Option<String>,
    pub pages: usize,
}

/// What each odd answer means on every network that has no words of its own for it.
pub fn odd_codes(desk: impl Fn(&Server) -> Desk, what: &str) {
    let of = |answer: Answer| {
        let server = serve(move |_| answer.clone());
        desk(&server).trouble(what)
    };
    let plain = |status: u16| of((status, String::new(), "{}".to_owned()));
    for status in [404, 410, 422] {
        assert!(matches!(plain(status), Trouble::Refused(_)), "{status}: {:?}", plain(status));
    }
    for status in [500, 502, 503] {
        assert!(matches!(plain(status), Trouble::Later { .. }), "{status}");
    }
    for (header, seconds) in [
        ("Retry-After: 60\r\n", 60),
        ("Retry-After: Sun, 22 Nov 2026 09:02:00 GMT\r\n", 120),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Limit: 5\r\nX-RateLimit-Reset: 90\r\n", 90),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Limit: 5\r\nX-RateLimit-Reset: 1795338300\r\n", 300),
    ] {
        let after = match of((429, header.to_owned(), "{}".to_owned())) {
            Trouble::Later { after, .. } => after,
            _ => None,
        };
        assert_eq!(after.map(|after| (after - now()).num_seconds()), Some(seconds), "{header}");
    }
    for body in ["<!DOCTYPE html><title>Just a moment...</title>", "{\"hits\": [", "[]", "null", "", "7"] {
        let said = of((200, String::new(), body.to_owned()));
        assert!(matches!(said, Trouble::Later { .. }), "{body}: {said:?}");
    }
}
