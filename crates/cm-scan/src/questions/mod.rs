//! `--questions`: what is asked again and again. In: the records that match. Out: a listing of the questions that more
//! than one item asks, with counts, the words that they share, who asked, and when. Sentences are compared, not items.

mod cluster;
mod cue;
mod words;

use crate::document::Document;
use crate::out::Out;
use crate::sentence::sentences;
use crate::sink::{Miss, Scanned, Sink};
use crate::window::published;
use chrono::SecondsFormat;
use cluster::{Asked, Group, Groups};
use cm_cli::{Listing, Session};
use cm_record::Record;
use cue::Cues;
use std::collections::BTreeSet;

/// A sentence of more bytes is none that somebody asks.
const LONGEST: usize = 400;
/// An address or a name of more bytes is not kept.
const LONGEST_NAME: usize = 2048;

/// Collects questions and writes them at the end.
pub struct Questions<'a> {
    session: &'a Session,
    cues: Cues,
    groups: Groups,
    items: u64,
}

impl<'a> Questions<'a> {
    /// Writes through `session`.
    pub fn new(session: &'a Session) -> Questions<'a> {
        Questions { session, cues: Cues::default(), groups: Groups::default(), items: 0 }
    }

    /// Takes the questions of a record; our own words and drafts ask nothing of us.
    fn ask(&mut self, record: &Record) {
        let document = Document::of(record);
        let meta = document.meta();
        if meta.own || meta.draft {
            return;
        }
        let article = meta.kind.as_deref().is_none_or(|kind| kind == "article");
        self.items += 1;
        let body = document.content().filter(|text| !text.text.trim().is_empty()).or(document.summary());
        let texts = [(document.title(), article), (body, false)];
        for (text, headline) in texts {
            let sentences = text.map(|text| sentences(&text.text)).unwrap_or_default();
            for sentence in sentences.into_iter().filter(|sentence| sentence.len() <= LONGEST) {
                if let Some(said) = self.cues.asked(&sentence, headline) {
                    self.groups.add(self.items, sentence, said, asked(record, &document));
                }
            }
        }
    }

    fn listing(&self) -> Listing {
        let mut listing =
            Listing::new(&["COUNT", "LAST", "QUESTION", "FIRST"]).whole(&["COUNT", "LAST"]).spare(&["FIRST"]);
        for group in self.groups.repeated() {
            let day = |at: Option<String>| at.map(|at| at.chars().take(10).collect()).unwrap_or_default();
            let (first, last) = times(group);
            listing.row(
                vec![group.count.to_string(), day(last), group.question().to_owned(), day(first)],
                object(group),
            );
            let shown = group.items.iter().take(3).map(|item| item.url.as_ref().unwrap_or(&item.id));
            shown.for_each(|place| listing.note(place.clone()));
        }
        listing
    }
}

impl Sink for Questions<'_> {
    fn take(&mut self, scanned: Scanned, _out: &mut Out) -> anyhow::Result<()> {
        if !scanned.answer.is_empty() {
            self.ask(&scanned.record);
        }
        Ok(())
    }

    fn miss(&self) -> Miss {
        Miss::Drop
    }

    fn end(&mut self, _out: &mut Out) -> anyhow::Result<()> {
        let forgotten = self.groups.forgotten();
        if forgotten > 0 {
            let message =
                format!("{forgotten} questions that were asked seldom were forgotten for want of room");
            self.session.warn("questions_forgotten", message);
        }
        self.session.list(&self.listing())
    }
}

fn asked(record: &Record, document: &Document) -> Asked {
    let short = |text: &String| text.len() <= LONGEST_NAME;
    Asked {
        id: record.id().to_owned(),
        url: record.text("url").map(|url| url.into_owned()).filter(short),
        asker: document.who().filter(short),
        at: published(record.checked()),
    }
}

fn times(group: &Group) -> (Option<String>, Option<String>) {
    let write = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    (group.times.map(|times| write(times.0)), group.times.map(|times| write(times.1)))
}

/// The row for programs; `askers` counts people, as far as the named items tell who they are.
fn object(group: &Group) -> serde_json::Value {
    let askers: BTreeSet<&String> = group.items.iter().filter_map(|item| item.asker.as_ref()).collect();
    let item = |item: &Asked| match &item.url {
        Some(url) => serde_json::json!({"id": item.id, "url": url}),
        None => serde_json::json!({"id": item.id}),
    };
    let mut object = serde_json::json!({
        "count": group.count,
        "question": group.question(),
        "words": group.words(),
        "askers": askers.len(),
        "items": group.items.iter().map(item).collect::<Vec<_>>(),
    });
    let (first, last) = times(group);
    for (name, time) in [("first", first), ("last", last)] {
        if let (Some(time), Some(members)) = (time, object.as_object_mut()) {
            members.insert(name.to_owned(), time.into());
        }
    }
    object
}
