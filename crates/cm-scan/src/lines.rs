//! One readable line per hit: when, who, the words around it, where.

use crate::context::around;
use crate::sink::{Scanned, Sink};
use cm_cli::{Out, Style, one_line};
use cm_record::{Item, Record};

/// How much of an item stands for it where there is no hit to show, in code points.
const BEGINNING: usize = 80;

/// Lines for people.
pub struct Lines {
    /// With colours.
    pub color: bool,
    /// With the search's name, when there are several.
    pub named: bool,
}

impl Sink for Lines {
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()> {
        let Scanned { record, matches, .. } = scanned;
        if matches.is_empty() {
            return Ok(());
        }
        let (head, tail) = self.ends(&record);
        for found in matches {
            let name = if self.named {
                format!("{}  ", Style::Dim.paint(&one_line(&found.query), self.color))
            } else {
                String::new()
            };
            if found.hits.is_empty() {
                out.line(&format!("{name}{head}{}{tail}", beginning(&record)))?;
            }
            for hit in &found.hits {
                out.line(&format!("{name}{head}{}{tail}", around(hit, &record, self.color)))?;
            }
        }
        Ok(())
    }
}

impl Lines {
    /// What stands before and after the words: day and author, permalink.
    fn ends(&self, record: &Record) -> (String, String) {
        let item = record.item().unwrap_or_else(|_| Item::default());
        let day = item.date_published.as_deref().and_then(|date| date.get(..10));
        let author = item.authors.first().and_then(|author| {
            author.name.clone().or_else(|| author.cm.as_ref().and_then(|cm| cm.handle.clone()))
        });
        let mut head = String::new();
        if let Some(day) = day {
            head.push_str(&Style::Dim.paint(&one_line(day), self.color));
            head.push_str("  ");
        }
        if let Some(author) = author {
            head.push_str(&one_line(&author));
            head.push_str(": ");
        }
        let url = record.text("url").unwrap_or_default();
        let url = if url.is_empty() { record.id().to_owned() } else { url.into_owned() };
        (head, format!("  {}", Style::Cyan.paint(&one_line(&url), self.color)))
    }
}

/// The title, or how the text begins.
fn beginning(record: &Record) -> String {
    let text = record.text_lossy("title").filter(|title| !title.trim().is_empty());
    let text = text.or_else(|| record.text_lossy("content_text")).unwrap_or_default();
    let html = if text.trim().is_empty() { record.text_lossy("content_html") } else { None };
    let text = html.map_or(text.into_owned(), |html| cm_text::html_to_text(&html, false));
    let cut: String = text.chars().take(BEGINNING).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    one_line(&cut) + more
}
