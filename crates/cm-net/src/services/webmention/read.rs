//! Reading half of `webmention:`. Mentions have numbers that grow; they are read upwards from one on, so that pages cannot
//! shift. What was received in the newest days is read again each time: mentions are updated when their page changes, and
//! held ones that are approved keep their old number.

use super::item::Mention;
use crate::Read;
use crate::services::api::Fault;
use crate::services::asked::Asked;
use crate::services::late::Late;
use crate::services::members::list;
use crate::services::{NextPage, Page, Trouble, Wanted};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use url::Url;

const OFFERS: &[&str] = &["mentions"];
/// Mentions on a page.
const EACH: &str = "100";
/// A page of fewer is the last: no service is known to give fewer at a time than this.
const FEW: usize = 20;
/// Pages of one run.
const MOST_PAGES: u32 = 100;
/// What was received within this is read again.
const OVERLAP: TimeDelta = TimeDelta::days(7);

/// A domain that is read.
pub(super) struct Reader {
    pub(super) api: Late,
    pub(super) domain: String,
}

/// Where a run stands, and what it leaves.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// The next page begins after this number.
    after: u64,
    /// The next run does.
    settled: u64,
    pages: u32,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    /// A queue: a page of long ago may name us today, and its own date is all that it has.
    fn is_stream(&self, _what: &str) -> bool {
        false
    }

    fn server(&self) -> Option<Url> {
        Some(self.api.base().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            Asked::of(&wanted.what).only(&[])?;
            let kept = || wanted.mark.as_deref()?.parse().ok();
            let begin = || kept().map(|mark| Place { after: mark, settled: mark, pages: 0 });
            let place = cursor.and_then(|text| serde_json::from_str(text).ok()).or_else(begin);
            self.at(place.unwrap_or_default()).await
        })
    }
}

impl Reader {
    async fn at(&self, mut place: Place) -> Result<Page, Trouble> {
        let after = place.after.to_string();
        let mut asked = vec![("domain", self.domain.as_str()), ("per-page", EACH), ("sort-by", "created")];
        asked.extend([("sort-dir", "up"), ("since_id", after.as_str())]);
        let answer = self.api.api()?.get("api/mentions.jf2", &asked).await.map_err(trouble)?;
        if !answer.value["children"].is_array() {
            let reason = format!("{} answered without mentions", self.domain);
            return Err(Trouble::Later { reason, after: None });
        }
        let entries = list(&answer.value["children"]);
        let mentions: Vec<Mention> =
            entries.iter().filter_map(|entry| Mention::of(entry, &self.domain)).collect();
        let settled_before = self.api.now() - OVERLAP;
        let settled = mentions.iter().filter(|one| one.received.is_some_and(|at| at < settled_before));
        place.settled = settled.map(|one| one.number).chain([place.settled]).max().unwrap_or_default();
        let last = mentions.iter().map(|one| one.number).max().unwrap_or_default();
        place.pages += 1;
        let more = entries.len() >= FEW && last > place.after;
        let full = more && place.pages >= MOST_PAGES;
        place.after = place.after.max(last);
        let notes = full.then(|| "many mentions: the next run goes on with the rest".to_owned());
        Ok(Page {
            items: mentions.into_iter().map(|one| one.item).collect(),
            next: (more && !full).then(|| serde_json::to_string(&place).unwrap_or_default()),
            // They come by number: should a later page fail, the next run goes on after what is settled.
            mark: Some(if full { place.after } else { place.settled }.to_string()),
            notes: notes.into_iter().collect(),
            limit: answer.limit,
        })
    }
}

fn trouble(fault: Fault) -> Trouble {
    match fault {
        Fault::Said(said) if said.status == 404 => {
            Trouble::Refused(format!("{} (is the domain signed up there, with this API key?)", said.reason))
        }
        fault => fault.into(),
    }
}
