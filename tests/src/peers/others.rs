//! The servers that tests only need by their address: PostgreSQL, the mail sink, NATS, a WebSub hub, web servers.

use super::start;
use std::path::PathBuf;
use std::process::Command;

/// A PostgreSQL.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// `postgres://...`, without a password.
    pub url: String,
}

/// A mail server that keeps everything.
#[derive(Clone, Debug)]
pub struct MailSink {
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// For AUTH, which is offered but not asked for.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The Maildir that all mail ends in.
    pub maildir: PathBuf,
}

/// A NATS with JetStream.
#[derive(Clone, Debug)]
pub struct Nats {
    /// `nats://user:password@127.0.0.1:PORT`.
    pub url: String,
}

/// A web server that serves what an export wrote.
#[derive(Clone, Debug)]
pub struct WebServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The folder that it reads its configuration from.
    pub site: PathBuf,
    name: &'static str,
}

/// Starts one of nginx, apache and caddy, with an empty folder.
pub fn web_server(name: &'static str) -> Option<WebServer> {
    // What another run left there may be what it does not start with.
    let peers =
        std::env::var_os("CM_PEERS").map_or_else(|| std::env::temp_dir().join("cm-peers"), PathBuf::from);
    let _ = std::fs::remove_dir_all(peers.join(name).join("site"));
    start(name, &format!("{name}-up")).map(|keys| {
        let key = name.to_uppercase();
        WebServer {
            url: keys.get(&format!("{key}_URL")),
            site: keys.get(&format!("{key}_SITE")).into(),
            name,
        }
    })
}

impl WebServer {
    /// Reads the folder again; panics with what the server says when it does not take it.
    #[track_caller]
    pub fn read_again(&self) {
        let script = crate::root().join("tests/peers").join(format!("{}-up", self.name));
        let output = Command::new(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Starts PostgreSQL.
pub fn postgres() -> Option<Postgres> {
    start("PostgreSQL", "postgres-up").map(|keys| Postgres { url: keys.get("DATABASE_URL") })
}

/// Starts the mail sink.
pub fn smtp_sink() -> Option<MailSink> {
    start("mail sink", "smtp-sink-up").map(|keys| MailSink {
        address: keys.get("SMTP_URL").trim_start_matches("smtp://").to_owned(),
        user: keys.get("SMTP_USER"),
        password: keys.get("SMTP_PASSWORD"),
        maildir: keys.get("SMTP_MAILDIR").into(),
    })
}

/// Starts NATS.
pub fn nats() -> Option<Nats> {
    start("NATS", "nats-up").map(|keys| Nats { url: keys.get("NATS_URL") })
}

/// Starts a WebSub hub; its address.
pub fn websub_hub() -> Option<String> {
    start("WebSub hub", "websub-hub-up").map(|keys| keys.get("HUB_URL"))
}

impl Postgres {
    /// What `psql` prints for a statement: rows as lines, columns with `|` between.
    #[track_caller]
    pub fn psql(&self, statement: &str) -> String {
        let output = Command::new("psql").args(["-XAtq", &self.url, "-c", statement]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

impl MailSink {
    /// Every mail that was kept and holds some text.
    pub fn mails(&self, text: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.maildir.join("new")).into_iter().flatten().flatten();
        let mails = files.filter_map(|file| std::fs::read(file.path()).ok());
        let mails = mails.map(|mail| String::from_utf8_lossy(&mail).into_owned());
        mails.filter(|mail| mail.contains(text)).collect()
    }
}
