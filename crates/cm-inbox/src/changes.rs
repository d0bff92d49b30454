//! What people decide: later, done, notes, ideas, and taking it back. Every change stands in the journal.

use crate::draft;
use crate::entry::{Entry, Key};
use crate::handout::{self, Counter};
use crate::inbox::Inbox;
use crate::pick;
use crate::reasons::Judge;
use crate::store::{self, Before};
use anyhow::Result;
use cm_cli::{Failure, Listing, Session};
use cm_record::{Audience, Item, Meta, Record};
use cm_time::rfc3339;

/// How much of a headline stands for an item in a message, in graphemes.
const SHOWN: usize = 80;
/// The source of our own ideas. It is no account: nobody can be answered there.
pub const IDEAS: &str = "urn:cm:ideas";

/// Puts an item off until a time to come.
pub fn later(session: &Session, inbox: &Inbox, item: &str, when: &[String]) -> Result<()> {
    let (now, when) = (session.now(), when.join(" "));
    let until =
        cm_time::parse_when(&when, session.zone()?, now).map_err(|e| Failure::usage(e.to_string()))?.at;
    if until <= now {
        return Err(Failure::usage(format!("{when} is over: name a time to come")).into());
    }
    let (item, now_ms, until_ms) = (item.to_owned(), now.timestamp_millis(), until.timestamp_millis());
    let back = session.zone()?.wall(until).format("%a %d %b %Y %H:%M");
    let label = inbox.write(move |tx| {
        let item = pick::one(tx, &item, now_ms)?;
        let before = store::before(tx, &item.key)?;
        store::put_off(tx, &item.key, until_ms)?;
        if item.number.is_none() {
            store::number(tx, std::slice::from_ref(&item.key), now_ms, 1)?;
        }
        let label = label(item.number, &item.headline);
        store::journal(tx, &format!("later {label}"), &Before::Items(vec![before]), now_ms)?;
        Ok(label)
    })?;
    if !inbox.rehearses(session, format!("put off: {label}, back {back}")) {
        session.say(format!("{label} comes back {back}"));
    }
    Ok(())
}

/// Nothing more to do about these; the ones that are not there are told, the others done.
pub fn done(session: &Session, inbox: &Inbox, items: &[String]) -> Result<()> {
    let (items, now_ms) = (items.to_vec(), session.now().timestamp_millis());
    let (done, missing) = inbox.write(move |tx| {
        let (found, missing) = pick::several(tx, &items, now_ms)?;
        let (mut before, mut labels) = (Vec::new(), Vec::new());
        for item in found.iter().filter(|item| item.closed_ms.is_none()) {
            before.push(store::before(tx, &item.key)?);
            store::close(tx, &item.key, now_ms)?;
            labels.push(label(item.number, &item.headline));
        }
        if !before.is_empty() {
            store::journal(tx, &format!("done {}", labels.join(", ")), &Before::Items(before), now_ms)?;
        }
        Ok((labels, missing))
    })?;
    for text in missing {
        session.failed("no_item", pick::missing(&text))?;
    }
    // Each by itself: a rehearsal is there to be read.
    let rehearsed = done.iter().filter(|label| inbox.rehearses(session, format!("done: {label}"))).count();
    if done.is_empty() {
        inbox.rehearses(session, "done: nothing, none of these is open");
    } else if rehearsed == 0 {
        session.say(format!("done: {}", done.join(", ")));
    }
    Ok(())
}

/// Writes a note, on an item or on its own.
pub fn note(session: &Session, inbox: &Inbox, on: Option<&str>, text: &[String]) -> Result<()> {
    let (on, text, now_ms) = (on.map(str::to_owned), said(text)?, session.now().timestamp_millis());
    let noted = inbox.write(move |tx| {
        let on = on.as_deref().map(|item| pick::one(tx, item, now_ms)).transpose()?;
        let seq = store::add_note(tx, on.as_ref().map(|item| &item.key), &text, now_ms)?;
        store::journal(tx, &format!("note {text:?}"), &Before::Note(seq), now_ms)?;
        let on = on.map(|item| format!(", on {}", label(item.number, &item.headline))).unwrap_or_default();
        Ok(format!("{text:?}{on}"))
    })?;
    inbox.rehearses(session, format!("noted: {noted}"));
    Ok(())
}

/// Lists the notes that have all these words.
pub fn notes(session: &Session, inbox: &Inbox, query: &[String]) -> Result<()> {
    let words = folded(query);
    let mut listing = Listing::new(&["WRITTEN", "N", "NOTE", "ON"]);
    for note in inbox.read(store::notes)? {
        let about = note.on.as_ref().map(|(_, _, headline)| headline.as_str()).unwrap_or_default();
        let text = cm_text::fold(&format!("{} {about}", note.text), false);
        if !words.iter().all(|word| text.contains(word)) {
            continue;
        }
        let at = chrono::DateTime::from_timestamp_millis(note.at_ms).unwrap_or_default();
        let (id, number) = note.on.as_ref().map(|(id, number, _)| (id.as_str(), *number)).unzip();
        let number = number.flatten();
        let object = serde_json::json!({"at": rfc3339(at), "number": number, "id": id, "text": note.text});
        let wall = session.zone()?.wall(at).format("%Y-%m-%d %H:%M").to_string();
        let cells = vec![
            wall,
            number.map(|n| n.to_string()).unwrap_or_default(),
            note.text.clone(),
            about.to_owned(),
        ];
        listing.row(cells, object);
    }
    session.list(&listing)
}

/// Puts an idea of our own into the read lane and hands it out.
pub fn add(session: &Session, inbox: &Inbox, text: &[String], judge: &Judge) -> Result<()> {
    let (text, now) = (said(text)?, session.now());
    let record = Record::from_item(&idea(text, rfc3339(now))).map_err(|why| anyhow::anyhow!("{why}"))?;
    let Some(entry) = Entry::of(&record, judge).map_err(|why| anyhow::anyhow!(why))? else { return Ok(()) };
    let now_ms = now.timestamp_millis();
    let shown = inbox.write(move |tx| {
        let key = entry.key.clone();
        store::upsert(tx, &entry, now_ms)?;
        let there = store::standing(tx, &key, now_ms)?.is_some_and(|item| item.number.is_some());
        if !there {
            store::number(tx, std::slice::from_ref(&key), now_ms, 1)?;
            store::journal(tx, &format!("add {:?}", entry.headline), &Before::Added(key.clone()), now_ms)?;
        }
        handout::load(tx, &[key], now_ms)
    })?;
    for item in &shown {
        inbox.rehearses(session, format!("added: {}", label(item.standing.number, &item.standing.headline)));
    }
    let mut counter = Counter::new(session);
    counter.put(shown)?;
    counter.close()
}

fn idea(text: String, at: String) -> Item {
    let meta = Meta {
        kind: Some("note".into()),
        source: Some(IDEAS.into()),
        audience: Some(Audience::Public),
        ..Meta::default()
    };
    Item {
        id: cm_record::hash_id(&[IDEAS, &at, &text]),
        url: cm_text::find_links(&text).into_iter().next().map(|link| link.url),
        content_text: Some(text),
        date_published: Some(at),
        cm: Some(meta),
        ..Item::default()
    }
}

/// Takes the last change back and says which it was.
pub fn undo(session: &Session, inbox: &Inbox) -> Result<()> {
    let now_ms = session.now().timestamp_millis();
    match inbox.write(move |tx| store::undo(tx, now_ms))? {
        // Not only for those who watch: which change was the last is not known in a script.
        Some(what) => {
            if !inbox.rehearses(session, format!("taken back: {what}")) {
                session.warn("taken_back", format!("taken back: {what}"));
            }
        }
        None => return Err(Failure::usage("there is nothing to take back").into()),
    }
    Ok(())
}

/// The folded words of a query.
pub fn folded(query: &[String]) -> Vec<String> {
    let folded = cm_text::fold(&query.join(" "), false);
    folded.split_whitespace().map(str::to_owned).collect()
}

/// `3 (Does it ship?)`.
pub fn label(number: Option<i64>, headline: &str) -> String {
    let headline = cm_text::shorten_to_graphemes(headline, SHOWN);
    match number {
        Some(number) => format!("{number} ({headline})"),
        None => format!("\"{headline}\""),
    }
}

fn said(words: &[String]) -> Result<String> {
    let text = words.join(" ").trim().to_owned();
    if text.is_empty() { Err(Failure::usage("it says nothing: give some words").into()) } else { Ok(text) }
}

/// How a draft that was written stands in the journal.
fn mark(what: &str) -> String {
    format!("the mark of a draft, {what} (was it queued: cm-schedule cancel)")
}

/// Remembers in the journal that a draft about an item was written.
pub fn drafted(session: &Session, inbox: &Inbox, key: &Key, draft: &str, what: String) -> Result<()> {
    let (key, draft, now_ms) = (key.clone(), draft.to_owned(), session.now().timestamp_millis());
    inbox.rehearses(session, format!("remembered: the draft, {what}"));
    let what = mark(&what);
    inbox.write(move |tx| {
        let before = store::before(tx, &key)?;
        store::drafted(tx, &key, &draft, now_ms)?;
        store::journal(tx, &what, &Before::Items(vec![before]), now_ms)
    })
}

/// Remembers in the journal that an action on items was written; each with the id of its draft.
pub fn acted_on(
    session: &Session,
    inbox: &Inbox,
    drafts: Vec<(Key, String)>,
    action: &str,
    what: String,
) -> Result<()> {
    let (action, now_ms) = (action.to_owned(), session.now().timestamp_millis());
    inbox.rehearses(session, format!("remembered: the draft, {what}"));
    let what = mark(&what);
    inbox.write(move |tx| {
        let mut before = Vec::new();
        for (key, draft) in &drafts {
            before.push(store::before(tx, key)?);
            store::action_drafted(tx, key, &action)?;
            if draft::settles(&action) {
                store::drafted(tx, key, draft, now_ms)?;
            }
        }
        store::journal(tx, &what, &Before::Items(before), now_ms)
    })
}
