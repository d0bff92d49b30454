//! Handing items out, most pressing first: a table on a terminal, records in a pipe.
//! In: items as they stand. Out: their lines, untouched but for the `_cm_inbox` part.

use crate::args::{Choice, Lane};
use crate::entry::Key;
use crate::inbox::Inbox;
use crate::place::Place;
use crate::reasons::{self, length};
use crate::store::{self, Census, Standing};
use anyhow::Result;
use cm_cli::{Exit, Listing, Session};
use cm_record::{InboxPart, ReasonPoints, Record};
use cm_store::Tx;
use std::cmp::Ordering;

/// So many items are read from the store at a time: the lines of a large inbox never stand in memory together.
const CHUNK: usize = 200;

/// What is told on a terminal that is `WIDE` and more, and what on others, where a word or two of seven things say less than
/// a line of six.
const COLUMNS: [&str; 7] = ["N", "LANE", "AGE", "WHO", "WHAT", "ON", "WHY"];
const NARROW: [&str; 6] = ["N", "LANE", "AGE", "WHO", "WHAT", "WHY"];
const WIDE: usize = 110;
/// The longest name on a narrow terminal, in graphemes.
const NAME: usize = 12;

/// An item with all that is shown of it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// How it stands.
    pub standing: Standing,
    /// Its record's line.
    pub line: String,
    /// The notes on it.
    pub notes: Vec<String>,
    /// The page that it was said on.
    pub place: Option<Place>,
}

/// Where an item stands in the order.
#[derive(Debug)]
pub struct Rank {
    closed: bool,
    lane: Lane,
    is_held: bool,
    points: f64,
    since_ms: i64,
    /// Which item.
    pub key: Key,
}

impl Rank {
    /// The rank of an item: its points decide within its lane, then its age.
    pub fn of(item: Standing) -> Rank {
        let points = reasons::points(&all_reasons(&item));
        let (closed, is_held) = (!item.needs_someone(), item.is_held());
        Rank { closed, lane: item.lane, is_held, points, since_ms: item.moment.since_ms, key: item.key }
    }

    fn order(&self, other: &Rank) -> Ordering {
        let lanes = (self.closed, self.lane).cmp(&(other.closed, other.lane));
        lanes
            .then(other.points.total_cmp(&self.points))
            .then_with(|| self.since_ms.cmp(&other.since_ms))
            .then_with(|| self.key.cmp(&other.key))
    }
}

/// The most pressing first, as many as were asked for, of the lane that was asked for, or only what is held.
pub fn sort(mut ranks: Vec<Rank>, choice: &Choice) -> Vec<Key> {
    ranks.retain(|rank| choice.lane.is_none_or(|lane| lane == rank.lane) && (rank.is_held || !choice.held));
    ranks.sort_unstable_by(Rank::order);
    ranks.truncate(choice.limit.unwrap_or(usize::MAX));
    ranks.into_iter().map(|rank| rank.key).collect()
}

/// The ranks of those of the items that need someone.
pub fn rank(tx: &mut dyn Tx, keys: &[Key], now_ms: i64) -> Result<Vec<Rank>> {
    let mut ranks = Vec::new();
    for key in keys {
        ranks.extend(store::standing(tx, key, now_ms)?.filter(Standing::needs_someone).map(Rank::of));
    }
    Ok(ranks)
}

/// Reads items with their lines and notes.
pub fn load(tx: &mut dyn Tx, keys: &[Key], now_ms: i64) -> Result<Vec<Shown>> {
    let mut shown = Vec::with_capacity(keys.len());
    for key in keys {
        if let Some(standing) = store::standing(tx, key, now_ms)? {
            let (line, notes) = (store::line(tx, key)?, store::notes_on(tx, key)?);
            shown.push(Shown { line, notes, place: store::place(tx, &standing)?, standing });
        }
    }
    Ok(shown)
}

/// Hands items of the store out.
pub fn hand_out(session: &Session, inbox: &Inbox, keys: &[Key]) -> Result<()> {
    let now_ms = session.now().timestamp_millis();
    let mut counter = Counter::new(session);
    for chunk in keys.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        counter.put(inbox.read(move |tx| load(tx, &chunk, now_ms))?)?;
    }
    counter.close()
}

/// Where items are handed out.
pub struct Counter<'a> {
    session: &'a Session,
    out: cm_cli::Out,
    table: Option<Listing>,
}

impl<'a> Counter<'a> {
    /// A table when a person reads, records when a program does.
    pub fn new(session: &'a Session) -> Counter<'a> {
        let table = session.stdout_is_terminal().then(|| {
            Listing::new(if is_wide(session) { &COLUMNS } else { &NARROW }).whole(&["N", "LANE", "AGE"])
        });
        Counter { session, out: session.out(), table }
    }

    /// Hands items out.
    pub fn put(&mut self, items: Vec<Shown>) -> Result<()> {
        for item in items {
            match &mut self.table {
                Some(table) => table.row(cells(&item, is_wide(self.session)), serde_json::Value::Null),
                None => self.out.record(&record(self.session, &item)?)?,
            }
        }
        Ok(())
    }

    /// Prints what is still to be printed.
    pub fn close(mut self) -> Result<()> {
        match self.table {
            Some(table) => self.session.list(&table)?,
            None => self.out.flush()?,
        }
        Ok(())
    }
}

/// Says what became of the input, and what still waits, whatever of the input did not come through.
pub fn sum_up(session: &Session, before: Census, now: Census, none_shown: bool) {
    if let Some(sum) = summary(before, now, none_shown) {
        session.say(sum);
    }
}

/// `1 answered; 2 wait for an answer, 0 to read (cm-inbox list)`; `None` where what is handed out says it.
pub fn summary(before: Census, now: Census, none_shown: bool) -> Option<String> {
    let (answered, done) = (now.answered - before.answered, now.done - before.done);
    let came = [(answered, "answered"), (done, "done")].into_iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = came.map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() && !none_shown {
        return None;
    }
    parts.push(waiting(now));
    Some(parts.join("; "))
}

/// `557 wait for an answer, 12 to read (cm-inbox list)`.
pub fn waiting(now: Census) -> String {
    match (now.wait, now.read) {
        (0, 0) => "nothing needs anyone".to_owned(),
        (0, read) => format!("nobody waits, {read} to read (cm-inbox list)"),
        (1, read) => format!("1 waits for an answer, {read} to read (cm-inbox list)"),
        (wait, read) => format!("{wait} wait for an answer, {read} to read (cm-inbox list)"),
    }
}

/// Marks the run when nothing needs anyone and `-e` asked to be told.
pub fn mark_if_nothing(session: &Session, choice: &Choice, keys: &[Key]) {
    if choice.exit_status && keys.is_empty() {
        session.mark(Exit::Nothing);
    }
}

/// The item's record with its `_cm_inbox` part.
pub fn record(session: &Session, item: &Shown) -> Result<Record> {
    let mut record =
        Record::parse(item.line.as_str()).map_err(|why| anyhow::anyhow!("a line in the store: {why}"))?;
    record.set_part("_cm_inbox", &part(item, cm_time::rfc3339(session.now())));
    Ok(record)
}

fn part(item: &Shown, at: String) -> InboxPart {
    let standing = &item.standing;
    let mut reasons = all_reasons(standing);
    reasons.extend(back_at(standing));
    let waits = standing.lane == Lane::Answer && standing.needs_someone();
    InboxPart {
        at,
        number: standing.number.and_then(|number| u64::try_from(number).ok()),
        lane: Some(lane(standing).to_owned()),
        state: standing.state.clone(),
        waiting_s: waits.then(|| standing.moment.waiting_s()),
        reasons,
        assigned: None,
        notes: item.notes.clone(),
    }
}

/// When what is put off comes back, for programs: the part has no other place for it.
fn back_at(item: &Standing) -> Option<ReasonPoints> {
    let at = item.later_ms.filter(|_| item.state == "later")?;
    let why = format!("back at {}", cm_time::rfc3339(chrono::DateTime::from_timestamp_millis(at)?));
    Some(ReasonPoints { why, points: 0.0 })
}

/// Every reason for an item's place; time adds none to what needs nobody.
pub fn all_reasons(item: &Standing) -> Vec<ReasonPoints> {
    let mut reasons: Vec<ReasonPoints> = serde_json::from_str(&item.reasons).unwrap_or_default();
    if item.needs_someone() {
        let (status, action) = (item.status.as_deref(), item.action.as_deref());
        reasons.extend(reasons::moderation(status, action, item.acted_ms.is_some()));
        reasons.extend(item.moment.reasons(item.lane));
    }
    reasons
}

fn lane(item: &Standing) -> &'static str {
    match item.lane {
        Lane::Answer => "answer",
        Lane::Read => "read",
    }
}

fn is_wide(session: &Session) -> bool {
    session.width() >= WIDE
}

fn cells(shown: &Shown, wide: bool) -> Vec<String> {
    let item = &shown.standing;
    let reasons = all_reasons(item);
    let points = reasons::points(&reasons);
    let why = reasons::weightiest(reasons, item.moment.age(item.lane).as_ref(), if wide { 3 } else { 2 });
    let lane = match (item.needs_someone(), item.is_held()) {
        (true, true) if item.action.as_deref() == Some("approve") => format!("{} approving", lane(item)),
        (true, true) => format!("{} held", lane(item)),
        (true, false) => lane(item).to_owned(),
        (false, _) => format!("{} {}", lane(item), item.state),
    };
    let who = item.author.clone().unwrap_or_default();
    let mut cells = vec![
        item.number.map(|number| number.to_string()).unwrap_or_default(),
        lane,
        length(item.moment.waiting_s() / 3600),
        if wide { who } else { cm_text::shorten_to_graphemes(&who, NAME) },
        item.headline.clone(),
    ];
    cells.extend(wide.then(|| shown.place.as_ref().map(Place::short).unwrap_or_default()));
    cells.push(format!("{points:.0} {why}"));
    cells
}
