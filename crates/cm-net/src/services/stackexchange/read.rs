//! Reading half of `stackexchange:`. In: what is wanted and where the last run ended. Out: posts, the last touched first.
//!
//! A list is sorted by its last activity and asked for by windows of it (`min`, `max`; `fromdate` would mean the creation),
//! so that what is touched meanwhile moves to the front, where the next run meets it. Every answer is obeyed that asks for a
//! pause (`backoff.rs`).

use super::backoff::Backoff;
use super::item::{date, item};
use super::sources::{OFFERS, Source};
use super::{API, Site};
use crate::Read;
use crate::services::api::{Answer, Fault, Said};
use crate::services::members::{count, list};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::window::{Seen, Window};
use crate::services::{Limit, NextPage, Trouble, Wanted};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

/// Answers are cached for a while.
const OVERLAP: TimeDelta = TimeDelta::hours(2);
/// Of a hundred entries; without a key a day has 300 questions.
const RULE: Rule = Rule { overlap: OVERLAP, pages: 50, sorted: true, resumes: true };
/// The inbox is paged by numbers and takes no times.
const INBOX: Rule = Rule { pages: 10, resumes: false, ..RULE };

/// A site.
pub(super) struct Reader {
    pub(super) site: Site,
    pub(super) backoff: Backoff,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        Url::parse(API).ok()
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what, self.site.user.as_deref())?;
            if source.needs_token && self.site.token.is_none() {
                let why = format!("{} needs an access token: give it as password_file", wanted.what);
                return Err(Trouble::Credentials(why));
            }
            let rule = if source.sort.is_some() { RULE } else { INBOX };
            let walk = Walk::resume(wanted, cursor, "", rule);
            let window = walk.at.as_deref().and_then(Window::read);
            let taken = self.window(&source, walk.until(), window).await?;
            Ok(walk.turn(taken, wanted, rule, self.site.client.options().clock.now()))
        })
    }
}

impl Reader {
    async fn window(
        &self,
        source: &Source,
        since: Option<DateTime<Utc>>,
        window: Option<Window>,
    ) -> Result<Taken, Trouble> {
        let answer = self.ask(source, since, window).await?;
        let entries = list(&answer.value["items"]);
        let dates: Vec<DateTime<Utc>> = entries.iter().filter_map(date).collect();
        let more = answer.value["has_more"] == true;
        let page = window.unwrap_or_default().page;
        let next = match source.sort {
            Some(_) => {
                let oldest = dates.iter().map(DateTime::timestamp).min();
                Window::after(window, Seen { more, last: false, oldest }).0
            }
            None => more.then_some(Window { upto: 0, page: page + 1 }),
        };
        let me = self.site.user.as_deref();
        Ok(Taken {
            items: entries.iter().filter_map(|entry| item(&self.site.name, me, entry)).collect(),
            dates,
            next: next.map(Window::write),
            notes: Vec::new(),
            limit: quota(&answer.value, self.site.client.options().clock.now()),
        })
    }

    async fn ask(
        &self,
        source: &Source,
        since: Option<DateTime<Utc>>,
        window: Option<Window>,
    ) -> Result<Answer, Trouble> {
        let api = self.site.api().map_err(Trouble::Credentials)?;
        let mut query = vec![
            ("site", self.site.name.clone()),
            ("pagesize", "100".to_owned()),
            ("page", (window.unwrap_or_default().page + 1).to_string()),
            ("filter", "withbody".to_owned()),
        ];
        query.extend(source.parameters.iter().cloned());
        query.extend(self.site.key.clone().map(|key| ("key", key)));
        if let Some(sort) = source.sort {
            query.extend([("sort", sort.to_owned()), ("order", "desc".to_owned())]);
            query.extend(since.map(|since| ("min", since.timestamp().to_string())));
            query.extend(window.map(|window| ("max", window.upto.to_string())));
        }
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.backoff.wait(&source.method, api.now()).await?;
        let answer = match api.get(&format!("2.3/{}", source.method), &query).await {
            Ok(answer) => answer,
            Err(Fault::Said(said)) => return Err(refused(*said, api.now())),
            Err(fault) => return Err(fault.into()),
        };
        if let Some(seconds) = count(&answer.value["backoff"]) {
            self.backoff.said(&source.method, seconds, api.now());
        }
        match answer.value["items"].is_array() {
            true => Ok(answer),
            false => Err(Trouble::Later { reason: "the API answered without items".to_owned(), after: None }),
        }
    }
}

/// Errors have numbers and names of their own (docs, `/errors`), mostly behind a status of 400.
fn refused(said: Said, now: DateTime<Utc>) -> Trouble {
    let name = said.value["error_name"].as_str().unwrap_or_default();
    let reason = format!("{} ({name})", said.reason);
    match name {
        "" => said.into(),
        "throttle_violation" => {
            let after =
                said.after.or_else(|| wait(&said.reason).and_then(|wait| now.checked_add_signed(wait)));
            Trouble::Later { reason, after }
        }
        "temporarily_unavailable" | "internal_error" => Trouble::Later { reason, after: said.after },
        "access_token_required"
        | "invalid_access_token"
        | "access_denied"
        | "key_required"
        | "access_token_compromised" => Trouble::Credentials(reason),
        _ => Trouble::Refused(reason),
    }
}

/// "too many requests from this IP, more requests available in 82400 seconds".
fn wait(reason: &str) -> Option<TimeDelta> {
    let (before, _) = reason.split_once(" seconds")?;
    let seconds: i64 = before.rsplit(' ').next()?.parse().ok()?;
    TimeDelta::try_seconds(seconds.clamp(0, 86_400))
}

/// The quota of a day, which is one of UTC.
fn quota(value: &Value, now: DateTime<Utc>) -> Option<Limit> {
    let reset = (now.date_naive() + TimeDelta::days(1)).and_time(NaiveTime::MIN).and_utc();
    Some(Limit {
        limit: count(&value["quota_max"])?,
        remaining: count(&value["quota_remaining"])?,
        reset: Some(reset),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_violation_shuts_out() {
        assert_eq!(
            wait("x: too many requests from this IP, more requests available in 821 seconds"),
            TimeDelta::try_seconds(821)
        );
        assert_eq!(wait("x answered 400: Violation of backoff parameter"), None);
        assert_eq!(wait("in many seconds"), None);
    }
}
