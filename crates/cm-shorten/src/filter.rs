//! Records in, records out: the links of each in its `_cm_shorten` part, every other byte as it came.
//!
//! Links are made in batches, one transaction each: a batch is what came in while the last one was being committed, and
//! no record is handed out before its links are durable.

use crate::args::{Field, Filter};
use crate::fields;
use crate::shortener::{Fate, Plan, Shortener};
use crate::target;
use crate::utm::Fields;
use anyhow::{Result, anyhow};
use cm_cli::Session;
use cm_record::{InputError, Line, Place, Reader, Record, ShortenPart};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// A batch is closed at so many bytes, or links (`Shortener::most_together`).
const MOST_BYTES: usize = 16 << 20;
/// What the reading thread hands over at once, at most, and how often it may be ahead.
const CHUNK_LINES: usize = 256;
const CHUNK_BYTES: usize = 1 << 20;
const CHUNKS_AHEAD: usize = 4;

/// Runs the filter over its inputs.
pub fn run(args: &Filter, session: &Session) -> Result<()> {
    let shortener =
        Shortener::open(session, args.backend.as_ref(), &args.tagging, args.naming, &args.accounts)?;
    shortener.warn_of_gaps(session);
    let lines = read_ahead(session.reader(&args.inputs)?)?;
    let mut batch = Batch {
        session,
        shortener: &shortener,
        fields: &args.fields,
        out: session.out(),
        held: Vec::new(),
        links: 0,
        bytes: 0,
        is_text: false,
    };
    let result = batch.take_all(&lines);
    // Whatever ended the run, the records taken so far have their links and go out.
    batch.hand_out()?;
    batch.out.flush()?;
    session.sum_up_bad_lines(result?);
    Ok(())
}

enum Message {
    Lines(Vec<Result<Line, InputError>>),
    /// The end, after so many lines.
    End(u64),
}

/// Reads on a thread of its own, so that input gathers while a batch is committed. Bounded: what is ahead of us is at
/// most a few chunks. The thread is not waited for: it may be waiting for input that nobody needs any more.
fn read_ahead(mut reader: Reader) -> Result<Receiver<Message>> {
    let (sender, receiver) = mpsc::sync_channel(CHUNKS_AHEAD);
    thread::Builder::new().name("cm-reader".to_owned()).spawn(move || {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        loop {
            let full = chunk.len() >= CHUNK_LINES || bytes >= CHUNK_BYTES;
            if !chunk.is_empty() && (full || reader.would_block()) {
                if sender.send(Message::Lines(std::mem::take(&mut chunk))).is_err() {
                    return;
                }
                bytes = 0;
            }
            let Some(line) = reader.next_line() else { break };
            bytes += size(&line);
            chunk.push(line);
        }
        let _ = sender.send(Message::Lines(chunk));
        let _ = sender.send(Message::End(reader.lines_read()));
    })?;
    Ok(receiver)
}

fn size(line: &Result<Line, InputError>) -> usize {
    match line {
        Ok(Line::Record(record, _)) => record.line().len(),
        Ok(Line::Bad(bad)) => bad.bytes.len(),
        Err(_) => 0,
    }
}

/// Records that wait for their links.
struct Batch<'a> {
    session: &'a Session,
    shortener: &'a Shortener,
    fields: &'a [Field],
    out: cm_cli::Out,
    /// A record with its plans; `None`: it goes out as it came.
    held: Vec<(Record, Option<Vec<Plan>>)>,
    links: usize,
    bytes: usize,
    /// Whether a line was text with a link in it, which was told.
    is_text: bool,
}

/// Whether a line is no JSON at all, but has a link in it.
fn is_text(line: &[u8]) -> bool {
    !line.trim_ascii_start().starts_with(b"{") && line.windows(3).any(|bytes| bytes == b"://")
}

impl Batch<'_> {
    /// Takes everything; returns how many lines were read.
    fn take_all(&mut self, lines: &Receiver<Message>) -> Result<u64> {
        loop {
            let message = match lines.try_recv() {
                Ok(message) => message,
                Err(_) => {
                    self.hand_out()?;
                    self.out.flush()?;
                    lines.recv().map_err(|_| anyhow!("reading the input broke off"))?
                }
            };
            match message {
                Message::End(lines) => return Ok(lines),
                Message::Lines(lines) => lines.into_iter().try_for_each(|line| self.take(line))?,
            }
        }
    }

    fn take(&mut self, line: Result<Line, InputError>) -> Result<()> {
        match line {
            Ok(Line::Record(record, place)) => self.record(record, &place)?,
            Ok(Line::Bad(bad)) => {
                if !self.is_text && is_text(&bad.bytes) {
                    self.is_text = true;
                    self.session.warn("plain", "that is text, not records: --plain shortens the links in it");
                }
                self.session.bad_line(&bad)?;
            }
            Err(error) => self.session.failed("input", error)?,
        }
        if self.links >= self.shortener.most_together() || self.bytes >= MOST_BYTES {
            self.hand_out()?;
        }
        Ok(())
    }

    fn record(&mut self, record: Record, place: &Place) -> Result<()> {
        let plans = if self.session.knows_version(&record)? {
            match self.plans(&record, place)? {
                Some(plans) => Some(plans),
                None => return Ok(()),
            }
        } else {
            None
        };
        self.links += plans.as_ref().map_or(0, Vec::len);
        self.bytes += record.line().len();
        self.held.push((record, plans));
        Ok(())
    }

    /// The plans for a record's links; `None` when it cannot be read and was told as a bad line.
    fn plans(&self, record: &Record, place: &Place) -> Result<Option<Vec<Plan>>> {
        let meta = match record.meta() {
            Ok(meta) => meta,
            Err(why) => return self.session.bad_record(record, place, &why).map(|()| None),
        };
        if meta.action.is_some() {
            return Ok(Some(Vec::new()));
        }
        let title = record.text("title");
        let date = record.text("date_published").and_then(|date| cm_time::parse_rfc3339(&date));
        let date = date.map(|date| date.date_naive().to_string());
        let language = record.text("language");
        let fields = Fields {
            account: meta.parent.as_ref().map(|parent| parent.account.as_str()),
            campaign: None,
            title: title.as_deref(),
            date: date.as_deref(),
            kind: meta.kind.as_deref(),
            source: meta.source.as_deref(),
            language: language.as_deref(),
        };
        let mut plans = Vec::new();
        for url in fields::links(record, fields::looked_into(self.fields, meta.draft)) {
            let leads_to = self.shortener.leads_to(self.session, &url)?;
            match self.shortener.plan_for(&url, &leads_to, &fields) {
                Ok(made) => plans.extend(made),
                Err(why) => refused(self.session, &place.to_string(), &url, &why)?,
            }
        }
        Ok(Some(plans))
    }

    /// Makes the links of the records held and writes the records.
    fn hand_out(&mut self) -> Result<()> {
        let plans = self.held.iter_mut().filter_map(|(_, plans)| plans.as_mut()).flatten();
        self.shortener.make(self.session, plans)?;
        let at = cm_time::rfc3339(self.session.now());
        for (mut record, plans) in self.held.drain(..) {
            // A record one of whose links is not made goes on as it came: the next run makes all of it.
            let whole = |plans: &Vec<Plan>| plans.iter().all(|plan| plan.fate != Fate::Left);
            if let Some(mut plans) = plans.filter(whole) {
                plans.retain(|plan| plan.fate == Fate::Made);
                set_part(&mut record, plans, &at);
            }
            self.out.record(&record)?;
        }
        (self.links, self.bytes) = (0, 0);
        Ok(())
    }
}

fn set_part(record: &mut Record, plans: Vec<Plan>, at: &str) {
    const PART: &str = "_cm_shorten";
    if plans.is_empty() {
        record.remove_part(PART);
    } else {
        let links = plans.into_iter().map(|plan| plan.link).collect();
        record.set_part(PART, &ShortenPart { at: at.to_owned(), links });
    }
}

/// Tells of a link that stays as it is; the run will exit 3.
pub fn refused(session: &Session, place: &str, url: &str, why: &target::Refusal) -> Result<()> {
    session.failed(
        "refused",
        format_args!("{place}: {} is not shortened: {why}", target::shown_refused(url, why)),
    )
}
