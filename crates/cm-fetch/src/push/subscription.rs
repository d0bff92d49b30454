//! Subscriptions in the store, one row for each source whose feed names a hub. In: what feeds say and hubs confirm. Out:
//! who is to be asked now, and whose a call is.

use crate::store::{Tables, ms, time};
use chrono::{DateTime, TimeDelta, Utc};
use cm_store::{Error, Row, Value as Field};
use cm_time::rfc3339;
use serde_json::{Value, json};
use std::fmt;
use url::Url;

/// A hub that did not answer, or did not ask back, is asked again after this time, twice as long each time, within a day.
const AGAIN: TimeDelta = TimeDelta::minutes(15);
const AGAIN_AT_LAST: TimeDelta = TimeDelta::days(1);

/// A subscription. Debug shows neither token nor secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// The source's key.
    pub(crate) source: String,
    /// Where it is subscribed to.
    pub(crate) hub: String,
    /// What it is called there: the feed's own address.
    pub(crate) topic: String,
    /// The end of the address under which this hub, and nobody else, reaches us.
    pub(crate) token: String,
    /// What deliveries are signed with; absent where the hub is not reached over https.
    pub(crate) secret: Option<String>,
    /// Until when the hub has confirmed it.
    pub(crate) until: Option<DateTime<Utc>>,
    /// When the hub is to be asked again.
    pub(crate) next: Option<DateTime<Utc>>,
    /// How often it was asked since it last confirmed.
    pub(crate) tries: i64,
    /// When it last delivered.
    pub(crate) pushed: Option<DateTime<Utc>>,
    /// Why it does not work.
    pub(crate) error: Option<String>,
    /// The source is no longer wanted: it is to end.
    pub(crate) leaving: bool,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("source", &self.source)
            .field("hub", &self.hub)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

impl Subscription {
    /// A new one, that nobody knows of yet.
    pub(crate) fn new(source: &str, hub: &str, topic: &str, secret: bool) -> Result<Subscription, Error> {
        Ok(Subscription {
            source: source.to_owned(),
            hub: hub.to_owned(),
            topic: topic.to_owned(),
            token: random()?,
            secret: if secret { Some(random()?) } else { None },
            ..Subscription::default()
        })
    }

    /// The address under which its hub reaches us.
    pub(crate) fn callback(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_path(&format!("{}/{}", base.path().trim_end_matches('/'), self.token));
        url
    }

    /// After its hub was asked. A confirmation comes on its own; until then it is asked again, less and less often.
    pub(crate) fn asked(mut self, outcome: Result<(), String>, now: DateTime<Utc>) -> Subscription {
        let doubled = 1 << self.tries.clamp(0, 10);
        self.next = Some(now + (AGAIN * doubled).min(AGAIN_AT_LAST));
        self.tries += 1;
        self.error =
            outcome.err().or_else(|| (self.tries > 2).then(|| "its hub does not ask back".to_owned()));
        self
    }

    /// After its hub confirmed it: to be renewed when a quarter of the lease is left.
    pub(crate) fn confirmed(mut self, until: DateTime<Utc>, now: DateTime<Utc>) -> Subscription {
        (self.until, self.next) = (Some(until), Some(now + (until - now) * 3 / 4));
        (self.tries, self.error) = (0, None);
        self
    }

    /// After its hub said no.
    pub(crate) fn denied(mut self, reason: &str, now: DateTime<Utc>) -> Subscription {
        let why = if reason.is_empty() {
            "its hub refuses us".to_owned()
        } else {
            format!("its hub refuses us: {reason}")
        };
        (self.until, self.next, self.error) = (None, Some(now + AGAIN_AT_LAST), Some(why));
        self
    }

    /// A hub's words, which may repeat what it was sent, on one line and without it.
    pub(crate) fn said(&self, words: &str, longest: usize) -> String {
        let secrets = [Some(&self.token), self.secret.as_ref()].into_iter().flatten();
        let shown = secrets.filter(|secret| !secret.is_empty());
        let shown = shown.fold(words.to_owned(), |words, secret| words.replace(secret.as_str(), "***"));
        let words: Vec<&str> = shown.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        words.join(" ").trim().chars().take(longest).collect()
    }

    /// How it stands, for `health`.
    pub(crate) fn health(&self, now: DateTime<Utc>) -> Value {
        let until = self.until.filter(|until| *until > now);
        let waits = || (until.is_none()).then(|| "its hub does not ask back yet".to_owned());
        json!({
            "hub": self.hub, "until": until.map(rfc3339), "pushed": self.pushed.map(rfc3339),
            "error": self.error.clone().or_else(waits),
        })
    }
}

/// 128 bits that nobody can guess, in hexadecimal digits.
fn random() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| Error::Engine(format!("the system's random numbers: {e}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Tables {
    /// Every subscription.
    pub(crate) fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        self.store.read(|tx| {
            let rows = tx.query(&format!("SELECT {COLUMNS} FROM fetch_pushes ORDER BY source"), &[])?;
            rows.iter().map(read).collect()
        })
    }

    /// The subscription that a caller's address names.
    pub(crate) fn called(&self, token: &str) -> Result<Option<Subscription>, Error> {
        let token = token.to_owned();
        self.store.read(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM fetch_pushes WHERE token = ?1");
            tx.query(&sql, &[token.as_str().into()])?.first().map(read).transpose()
        })
    }

    /// Keeps what a hub has said of a subscription, unless another has taken its place meanwhile.
    pub(crate) fn judged(&self, one: &Subscription) -> Result<(), Error> {
        let at = |time: Option<DateTime<Utc>>| Field::from(time.map(ms));
        let token = (&one.token).into();
        let values: [Field; 5] =
            [token, at(one.until), at(one.next), one.tries.into(), one.error.clone().into()];
        self.store.write(move |tx| {
            let sql = "UPDATE fetch_pushes SET until_ms = ?2, next_ms = ?3, tries = ?4, error = ?5 WHERE token = ?1";
            tx.execute(sql, &values).map(drop)
        })
    }

    /// Keeps a subscription as it stands now; when it last delivered is noted by `pushed` alone.
    pub(crate) fn subscribe(&self, subscription: Subscription) -> Result<(), Error> {
        let at = |time: Option<DateTime<Utc>>| Field::from(time.map(ms));
        let values: Vec<Field> = vec![
            (&subscription.source).into(),
            (&subscription.hub).into(),
            (&subscription.topic).into(),
            (&subscription.token).into(),
            subscription.secret.clone().into(),
            at(subscription.until),
            at(subscription.next),
            subscription.tries.into(),
            at(subscription.pushed),
            subscription.error.clone().into(),
            i64::from(subscription.leaving).into(),
        ];
        self.store.write(move |tx| {
            let sql = format!(
                "INSERT INTO fetch_pushes ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT (source) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, token = excluded.token,
                    secret = excluded.secret, until_ms = excluded.until_ms, next_ms = excluded.next_ms,
                    tries = excluded.tries, error = excluded.error,
                    leaving = excluded.leaving"
            );
            tx.execute(&sql, &values).map(drop)
        })
    }

    /// Notes that a hub has delivered.
    pub(crate) fn pushed(&self, source: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let values: [Field; 2] = [source.into(), ms(now).into()];
        self.store.write(move |tx| {
            tx.execute("UPDATE fetch_pushes SET pushed_ms = ?2 WHERE source = ?1", &values).map(drop)
        })
    }

    /// Forgets the subscription that a token names.
    pub(crate) fn unsubscribe(&self, token: &str) -> Result<(), Error> {
        let token = token.to_owned();
        self.store.write(move |tx| {
            tx.execute("DELETE FROM fetch_pushes WHERE token = ?1", &[token.as_str().into()]).map(drop)
        })
    }
}

/// In the order of `read` and `subscribe`.
const COLUMNS: &str =
    "source, hub, topic, token, secret, until_ms, next_ms, tries, pushed_ms, error, leaving";

fn read(row: &Row) -> Result<Subscription, Error> {
    Ok(Subscription {
        source: row.need_text(0)?,
        hub: row.need_text(1)?,
        topic: row.need_text(2)?,
        token: row.need_text(3)?,
        secret: row.text(4)?,
        until: time(row.int(5)?),
        next: time(row.int(6)?),
        tries: row.need_int(7)?,
        pushed: time(row.int(8)?),
        error: row.text(9)?,
        leaving: row.need_int(10)? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse().unwrap()
    }

    fn minutes(subscription: &Subscription) -> i64 {
        (subscription.next.unwrap() - now()).num_minutes()
    }

    #[test]
    fn a_silent_hub_is_asked_less_and_less_often() {
        let mut one = Subscription::new("a", "https://hub.example/", "https://a.example/", true).unwrap();
        let mut waits = Vec::new();
        for _ in 0..9 {
            one = one.asked(Ok(()), now());
            waits.push(minutes(&one));
        }
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        assert_eq!(one.error.as_deref(), Some("its hub does not ask back"));
        let one = one.confirmed(now() + TimeDelta::days(4), now());
        assert_eq!((minutes(&one), one.tries, one.error.clone()), (3 * 1440, 0, None));
        assert_eq!(one.health(now())["error"], Value::Null);
        assert!(one.health(now() + TimeDelta::days(4))["until"].is_null());
        let one = one.denied("no room", now());
        assert_eq!((minutes(&one), one.error.as_deref()), (1440, Some("its hub refuses us: no room")));
    }

    #[test]
    fn a_hub_that_speaks_late_speaks_for_its_own_subscription_only() {
        let dir = tempfile::tempdir().unwrap();
        let address = dir.path().join("cm.db").display().to_string();
        let store = cm_store::Store::open(&address, cm_store::Mode::Write).unwrap();
        store.migrate("cm-fetch", crate::schema::STEPS).unwrap();
        let tables = Tables { store };
        let new = |hub: &str| Subscription::new("a", hub, "https://a.example/", true).unwrap();
        let (old, other) = (new("https://old.example/"), new("https://new.example/"));
        tables.subscribe(old.clone()).unwrap();
        tables.pushed("a", now()).unwrap();
        tables.subscribe(other.clone()).unwrap();
        tables.judged(&old.clone().confirmed(now() + TimeDelta::days(4), now())).unwrap();
        tables.unsubscribe(&old.token).unwrap();
        let kept = Subscription { pushed: Some(now()), ..other.clone() };
        assert_eq!(tables.subscriptions().unwrap(), std::slice::from_ref(&kept));
        let until = now() + TimeDelta::days(4);
        tables.judged(&other.confirmed(until, now())).unwrap();
        let confirmed = tables.called(&kept.token).unwrap().unwrap();
        assert_eq!((confirmed.until, confirmed.pushed), (Some(until), Some(now())));
    }

    #[test]
    fn nobody_guesses_a_token() {
        let new = || Subscription::new("a", "https://hub.example/", "https://a.example/", true).unwrap();
        let (one, other) = (new(), new());
        assert!(one.token.len() == 32 && one.token != other.token && one.secret != other.secret);
        let base: Url = "https://cm.example/push".parse().unwrap();
        assert_eq!(one.callback(&base).path(), format!("/push/{}", one.token));
        assert!(!format!("{one:?}").contains(&one.token));
        let secret = one.secret.clone().unwrap();
        let words = format!("no\n{} {secret}", one.callback(&base));
        assert_eq!(
            one.said(&words, 100),
            "no https://cm.example/push/*** ***",
            "hubs repeat what they were sent"
        );
    }
}
