//! The servers that tests only need by their address: PostgreSQL, the mail sink, NATS, a WebSub hub.

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
