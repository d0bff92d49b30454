//! Lines for people: when, who, the words around the hits, where. Hits of an item that stand close together share a line,
//! whichever searches they are of; nothing is said twice.

use crate::context::around;
use crate::document::Document;
use crate::engine::Engine;
use crate::evaluate::{Found, evaluate};
use crate::hits::reading_order;
use crate::out::Out;
use crate::sink::{Miss, Scanned, Sink};
use crate::window::published;
use cm_cli::{Style, columns, one_line};
use cm_record::Record;
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

/// What stands around the words of every line of an item.
struct Ends {
    /// Day, author and kind.
    head: String,
    /// The permalink.
    tail: String,
}

impl Sink for Lines<'_> {
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        if scanned.answer.is_empty() {
            return Ok(());
        }
        let document = scanned.document();
        let ends = self.ends(&scanned.record, &document);
        let (words, values) = self.places(&scanned, &document);
        let room = self.room(&ends);
        let near = |a: &Place, b: &Place| {
            let between = a.0.text.text.get(a.0.end..b.0.start).unwrap_or_default();
            std::ptr::eq(a.0.text, b.0.text) && between.chars().count() <= room
        };
        // What was found elsewhere than in the words is told on the first line, and so is who has no place to show.
        let mut rest: Vec<usize> = scanned.answer.matched.iter().map(|(number, _)| *number).collect();
        rest.retain(|number| words.iter().all(|(_, other)| other != number));
        let mut beside = self.values(&values) + &scanned.answer.marks.for_people();
        for close in words.chunk_by(near).take(MOST) {
            let numbers = close.iter().map(|(_, number)| *number).chain(rest.drain(..)).collect();
            let beside = std::mem::take(&mut beside);
            out.line(&self.line(&self.names(numbers), &ends, &beside, |room| self.words(close, room)))?;
        }
        if words.is_empty() {
            let begins = |room| beginning(&scanned.record, BEGINNING * room / ROOM.0);
            out.line(&self.line(&self.names(rest), &ends, &beside, begins))?;
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
    /// The places of all that matched, in reading order: those among words, and those that are a tag, an author or an
    /// address.
    fn places<'d>(&self, scanned: &Scanned, document: &'d Document) -> (Vec<Place<'d>>, Vec<Place<'d>>) {
        let mut places = Vec::new();
        for (number, _) in &scanned.answer.matched {
            let mut found = Vec::new();
            evaluate(&self.engine.query(*number), document, &mut found);
            places.extend(found.into_iter().map(|place| (place, *number)));
        }
        places.sort_by_key(|(place, number)| (reading_order(place), *number));
        places.into_iter().partition(|(place, _)| place.text.is_running())
    }

    /// ` [tags: coffee, beans] [url: https://...]`
    fn values(&self, places: &[Place]) -> String {
        let mut shown = String::new();
        for field in places.chunk_by(|a, b| a.0.text.field == b.0.text.field) {
            let texts = field.chunk_by(|a, b| std::ptr::eq(a.0.text, b.0.text));
            let each: Vec<String> = texts.map(|close| self.words(close, ROOM.0)).collect();
            shown.push_str(&format!(" [{}: {}]", field[0].0.text.field, each.join(", ")));
        }
        shown
    }

    fn words(&self, close: &[Place], room: usize) -> String {
        let places: Vec<_> = close.iter().map(|(place, _)| (place.start, place.end)).collect();
        around(&close[0].0.text.text, &places, room, self.color)
    }

    /// How far apart hits may stand that share a line, in code points.
    fn room(&self, ends: &Ends) -> usize {
        let Some(width) = self.width else { return ROOM.0 };
        let ends = columns(&unpainted(&ends.head)) + columns(&unpainted(&ends.tail));
        (width.saturating_sub(ends) / 3).clamp(ROOM.1, ROOM.0)
    }

    /// A line; on a terminal with as much context as there is room for. An address is never cut, as it is to be opened:
    /// where it does not fit beside the shortest context, it stands on a line of its own.
    fn line(&self, names: &str, ends: &Ends, beside: &str, words: impl Fn(usize) -> String) -> String {
        let before = |room| format!("{names}{}{}{beside}", ends.head, words(room));
        let fits = |line: &String| self.width.is_none_or(|width| columns(&unpainted(line)) <= width);
        let rooms = || (ROOM.1..=ROOM.0).rev().step_by(5);
        if let Some(line) = rooms().map(|room| before(room) + &ends.tail).find(fits) {
            return line;
        }
        let line = rooms().map(before).find(fits).unwrap_or_else(|| before(ROOM.1));
        format!("{line}\n{}", ends.tail)
    }

    /// The searches that a line is of, where there are several.
    fn names(&self, mut numbers: Vec<usize>) -> String {
        if self.engine.len() < 2 {
            return String::new();
        }
        numbers.sort_unstable();
        numbers.dedup();
        let names: Vec<_> = numbers.iter().map(|number| one_line(self.engine.name(*number))).collect();
        format!("{}  ", Style::Dim.paint(&self.fitting(&names), self.color))
    }

    /// Names as far as a third of a terminal's line has room for them, one at the least, and how many more there are.
    fn fitting(&self, names: &[String]) -> String {
        let all = names.join(", ");
        let Some(most) = self.width.map(|width| width / 3).filter(|most| columns(&all) > *most) else {
            return all;
        };
        let shown = |count: usize| match names.len() - count {
            0 => all.clone(),
            more => format!("{} +{more}", names[..count].join(", ")),
        };
        (2..names.len()).rev().map(shown).find(|text| columns(text) <= most).unwrap_or_else(|| shown(1))
    }

    fn ends(&self, record: &Record, document: &Document) -> Ends {
        let mut head = String::new();
        if let Some(at) = published(record.checked()) {
            let day = self.zone.wall(at).format("%Y-%m-%d").to_string();
            head.push_str(&Style::Dim.paint(&day, self.color));
            head.push_str("  ");
        }
        if let Some(author) = author(document) {
            head.push_str(&one_line(&author));
            head.push_str(": ");
        }
        let url = record.text_lossy("url").unwrap_or_default();
        let url = if url.is_empty() { record.id().to_owned() } else { url.into_owned() };
        Ends { head, tail: format!("  {}", Style::Cyan.paint(&one_line(&url), self.color)) }
    }
}

/// Who wrote it: a name, else a handle, else the feed; and what it is, where it is no article.
fn author(document: &Document) -> Option<String> {
    let full = |text: &&str| !text.trim().is_empty();
    let meta = document.meta();
    let feed = || meta.feed.as_ref().and_then(|feed| feed.title.as_deref()).filter(full);
    let name = document.authors().iter().map(|text| &*text.text).find(full).or_else(feed);
    let kind = meta.kind.as_deref().filter(|kind| *kind != "article");
    match (name, kind) {
        (Some(name), Some(kind)) => Some(format!("{name} ({kind})")),
        (name, kind) => name.or(kind).map(str::to_owned),
    }
}

/// The title, or how the text begins, at most so many graphemes of it.
fn beginning(record: &Record, most: usize) -> String {
    let text = record.text_lossy("title").filter(|title| !title.trim().is_empty());
    let text = text.or_else(|| record.text_lossy("content_text")).unwrap_or_default();
    let html = if text.trim().is_empty() { record.text_lossy("content_html") } else { None };
    let text = html.map_or(text.into_owned(), |html| cm_text::html_to_text(&html, false));
    // Of a long text only the start is looked at.
    let start = &text[..text.floor_char_boundary(64 * BEGINNING)];
    shorten_to_graphemes(one_line(start).trim(), most)
}

/// Without colours: as wide as it is seen.
fn unpainted(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + part.split_once('m').map_or(part, |(_, shown)| shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::searches::Searches;
    use cm_record::Place as Line;

    fn lines(width: Option<usize>, item: &serde_json::Value) -> Vec<String> {
        let engine = Engine::new(Searches::ad_hoc("acme", None).unwrap()).unwrap();
        let mut lines = Lines { engine: &engine, zone: &Zone::utc(), color: false, width };
        let record = Record::parse(item.to_string()).unwrap();
        let answer = Answer::of(&engine.matches(&Document::of(&record)));
        let mut out = Out::default();
        lines.take(Scanned { record, place: Line { file: "x".into(), line: 1 }, answer }, &mut out).unwrap();
        let mut bytes = Vec::new();
        out.write_to(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn how_an_item_without_a_hit_in_its_words_begins_fits_too() {
        let url = "https://acme.example/a-page-of-the-shop";
        let item = serde_json::json!({"id": url, "title": "many words ".repeat(20), "content_text": "x", "tags": ["acme"]});
        for width in [60, 80, 100] {
            let shown = lines(Some(width), &item);
            assert!(shown.iter().all(|line| columns(line) <= width), "{shown:?}");
        }
    }

    #[test]
    fn a_line_fits_the_terminal_where_it_can_and_the_address_is_whole() {
        let text = "店 and more words ".repeat(9) + "acme" + &" and wide ones 咖啡店".repeat(9);
        let item =
            |id: &str| serde_json::json!({"id": id, "content_text": text, "authors": [{"name": "Ana"}]});
        let long = format!("https://social.example/{}", "x".repeat(70));
        for (width, id, fits) in [
            (Some(80), "https://social.example/1", true),
            (Some(120), "https://social.example/1", true),
            (Some(60), "https://social.example/1", true),
            (Some(80), long.as_str(), false),
            (None, "https://social.example/1", true),
            (None, long.as_str(), true),
        ] {
            let shown = lines(width, &item(id));
            assert_eq!(shown.len(), if fits { 1 } else { 2 }, "{shown:?}");
            assert!(shown[0].starts_with("Ana: …") && shown[0].contains("acme"), "{shown:?}");
            let ending = format!("  {id}");
            assert!(if fits { shown[0].ends_with(&ending) } else { shown[1] == ending }, "{shown:?}");
            assert!(columns(&shown[0]) <= width.unwrap_or(250), "{shown:?}");
        }
    }
}
