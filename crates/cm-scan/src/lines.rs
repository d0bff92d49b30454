//! Lines for people: when, who, the words around the hits, where. Hits of an item that stand close together share a line,
//! whichever searches they are of.

use crate::context::around;
use crate::document::{Document, Text};
use crate::engine::Engine;
use crate::evaluate::{Found, evaluate};
use crate::hits::reading_order;
use crate::out::Out;
use crate::sink::{Miss, Scanned, Sink};
use crate::window::published;
use cm_cli::{Style, columns, one_line};
use cm_record::{Item, Record};
use cm_text::shorten_to_graphemes;
use cm_time::Zone;

/// How much of an item stands for it where there is no hit to show, in graphemes.
const BEGINNING: usize = 80;
/// How much is shown before and after a hit, in code points: where there is room, and at least.
const ROOM: (usize, usize) = (40, 10);
/// The most lines of one item.
const MOST: usize = 100;

/// Lines for people.
pub struct Lines<'a> {
    /// The searches; they are named when there are several.
    pub engine: &'a Engine,
    /// The zone of the days.
    pub zone: &'a Zone,
    /// With colours.
    pub color: bool,
    /// The columns of the terminal, where it is one.
    pub width: Option<usize>,
}

/// A place and the number of the search that asked for it.
type Place<'d> = (Found<'d>, usize);

impl Sink for Lines<'_> {
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        if scanned.answer.is_empty() {
            return Ok(());
        }
        let document = Document::of(&scanned.record);
        let ends = self.ends(&scanned.record);
        let (places, without) = self.places(&scanned, &document);
        let room = self.room(&ends);
        let near = |a: &Place, b: &Place| {
            let between = a.0.text.text.get(a.0.end..b.0.start).unwrap_or_default();
            std::ptr::eq(a.0.text, b.0.text) && between.chars().count() <= room
        };
        for close in places.chunk_by(near).take(MOST) {
            let numbers: Vec<usize> = close.iter().map(|(_, number)| *number).collect();
            out.line(&self.line(&self.names(numbers), &ends, close, &scanned.record))?;
        }
        if !without.is_empty() {
            out.line(&format!("{}{}{}{}", self.names(without), ends.0, beginning(&scanned.record), ends.1))?;
        }
        Ok(())
    }

    fn miss(&self) -> Miss {
        Miss::Drop
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Lines<'_> {
    /// The places of all that matched, in reading order; and the searches that have none.
    fn places<'d>(&self, scanned: &Scanned, document: &'d Document) -> (Vec<Place<'d>>, Vec<usize>) {
        let (mut places, mut without) = (Vec::new(), Vec::new());
        for (number, _) in &scanned.answer.matched {
            let mut found = Vec::new();
            evaluate(&self.engine.query(*number), document, &mut found);
            if found.is_empty() {
                without.push(*number);
            }
            places.extend(found.into_iter().map(|place| (place, *number)));
        }
        places.sort_by_key(|(place, number)| (reading_order(place), *number));
        (places, without)
    }

    /// How much is shown on each side of a hit.
    fn room(&self, (head, tail): &(String, String)) -> usize {
        let Some(width) = self.width else { return ROOM.0 };
        let ends = columns(&unpainted(head)) + columns(&unpainted(tail));
        (width.saturating_sub(ends) / 3).clamp(ROOM.1, ROOM.0)
    }

    /// A line; on a terminal with as much context as there is room for. An address is never cut: it is to be opened.
    fn line(&self, names: &str, (head, tail): &(String, String), close: &[Place], record: &Record) -> String {
        let places: Vec<_> = close.iter().map(|(place, _)| (place.start, place.end)).collect();
        let text = close[0].0.text;
        let mut room = ROOM.0;
        loop {
            let context = context(text, &places, room, self.color, record);
            let line = format!("{names}{head}{context}{tail}");
            let fits = self.width.is_none_or(|width| columns(&unpainted(&line)) <= width);
            if fits || room <= ROOM.1 {
                return line;
            }
            room -= 5;
        }
    }

    fn names(&self, mut numbers: Vec<usize>) -> String {
        if self.engine.len() < 2 {
            return String::new();
        }
        numbers.sort_unstable();
        numbers.dedup();
        let names: Vec<_> = numbers.iter().map(|number| one_line(self.engine.name(*number))).collect();
        format!("{}  ", Style::Dim.paint(&names.join(", "), self.color))
    }

    /// What stands before and after the words: day, author and kind; permalink.
    fn ends(&self, record: &Record) -> (String, String) {
        let mut head = String::new();
        if let Some(at) = published(record) {
            let day = self.zone.wall(at).format("%Y-%m-%d").to_string();
            head.push_str(&Style::Dim.paint(&day, self.color));
            head.push_str("  ");
        }
        if let Some(author) = author(record) {
            head.push_str(&one_line(&author));
            head.push_str(": ");
        }
        let url = record.text_lossy("url").unwrap_or_default();
        let url = if url.is_empty() { record.id().to_owned() } else { url.into_owned() };
        (head, format!("  {}", Style::Cyan.paint(&one_line(&url), self.color)))
    }
}

/// Who wrote it: a name, else a handle, else the feed; and what it is, where it is no article.
fn author(record: &Record) -> Option<String> {
    let item = record.item().unwrap_or_else(|_| Item::default());
    let full = |text: &String| !text.trim().is_empty();
    let name = item.authors.iter().find_map(|author| {
        let handle = author.cm.as_ref().and_then(|cm| cm.handle.clone());
        author.name.clone().filter(full).or(handle.filter(full))
    });
    let meta = record.meta().unwrap_or_default();
    let kind = meta.kind.filter(|kind| kind != "article");
    let feed = || meta.feed.and_then(|feed| feed.title).filter(full);
    match (name.or_else(feed), kind) {
        (Some(name), Some(kind)) => Some(format!("{name} ({kind})")),
        (name, kind) => name.or(kind),
    }
}

/// The words around hits of one text; of a tag, an author or an address that value, after how the item begins.
fn context(text: &Text, places: &[(usize, usize)], room: usize, color: bool, record: &Record) -> String {
    let shown = around(&text.text, places, room, color);
    if text.is_running() { shown } else { format!("{}  [{}: {shown}]", beginning(record), text.field) }
}

/// The title, or how the text begins.
fn beginning(record: &Record) -> String {
    let text = record.text_lossy("title").filter(|title| !title.trim().is_empty());
    let text = text.or_else(|| record.text_lossy("content_text")).unwrap_or_default();
    let html = if text.trim().is_empty() { record.text_lossy("content_html") } else { None };
    let text = html.map_or(text.into_owned(), |html| cm_text::html_to_text(&html, false));
    // Of a long text only the start is looked at.
    let start = &text[..text.floor_char_boundary(64 * BEGINNING)];
    shorten_to_graphemes(one_line(start).trim(), BEGINNING)
}

/// Without colours: as wide as it is seen.
fn unpainted(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + part.split_once('m').map_or(part, |(_, shown)| shown))
}
