//! One item to be read: who, where, when, why, its words, the notes on it and its thread.

use crate::entry::{display_name, text_of};
use crate::handout::{Shown, all_reasons};
use crate::reasons;
use crate::store::Standing;
use crate::title;
use anyhow::Result;
use cm_cli::{Session, Style, one_line, printable};
use cm_record::{Audience, Item, Record};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// Answers to answers are not indented further than that.
const DEEPEST: usize = 8;

/// Writes an item and its thread as text.
pub fn page(session: &Session, item: &Shown, thread: &[Shown]) -> Result<String> {
    let color = session.color();
    let record =
        Record::parse(item.line.as_str()).map_err(|why| anyhow::anyhow!("a line in the store: {why}"))?;
    let typed = record.item().map_err(|why| anyhow::anyhow!(why))?;
    let mut page = heading(&item.standing, &typed, color);
    for (name, value) in facts(session, item, &typed)? {
        let _ = writeln!(page, "{} {}", Style::Dim.paint(&format!("{name:>9}"), color), one_line(&value));
    }
    let _ = writeln!(page, "\n{}", printable(text_of(&typed).trim()));
    for note in &item.notes {
        let _ = writeln!(page, "\n{} {}", Style::Yellow.paint("note:", color), printable(note));
    }
    if thread.len() > 1 {
        let widest = thread.iter().map(|other| number(&other.standing).len()).max().unwrap_or(0).max(3);
        let _ = writeln!(page, "\n{}", Style::Bold.paint("thread", color));
        for (other, depth) in tree(thread) {
            page.push_str(&line_of_thread(
                session,
                other,
                other.standing.key == item.standing.key,
                depth,
                widest,
            )?);
        }
    }
    Ok(page)
}

fn heading(standing: &Standing, item: &Item, color: bool) -> String {
    let number = standing.number.map(|number| format!("{number}  ")).unwrap_or_default();
    let called = title::said(item).unwrap_or_else(|| standing.headline.clone());
    format!("{}\n", Style::Bold.paint(&format!("{number}{}", one_line(&called)), color))
}

fn facts(session: &Session, shown: &Shown, item: &Item) -> Result<Vec<(&'static str, String)>> {
    let standing = &shown.standing;
    let mut facts = Vec::new();
    let authors: Vec<String> = item.authors.iter().filter_map(display_name).collect();
    if !authors.is_empty() {
        facts.push(("from", authors.join(", ")));
    }
    let meta = item.meta();
    let who = match meta.audience {
        Some(Audience::Public) => "public",
        Some(Audience::Unlisted) => "unlisted",
        Some(Audience::Followers) => "for followers",
        Some(Audience::Direct) => "private",
        None => "audience unknown",
    };
    facts.push(("what", format!("{}, {who}", standing.kind)));
    facts.push(("where", standing.key.source.clone()));
    facts.extend(shown.place.as_ref().map(|place| ("on", place.full())));
    facts.push(("page", item.url.clone().unwrap_or_else(|| "none".into())));
    facts.push(("when", wall(session, standing.moment.since_ms)?));
    if let Some(warning) = meta.content_warning {
        facts.push(("warning", warning));
    }
    let state = match (standing.later_ms, standing.state.as_str()) {
        (Some(at), "later") => format!("later, back {}", wall(session, at)?),
        (_, state) => state.to_owned(),
    };
    let held = if standing.is_held() { ", held until somebody approves it" } else { "" };
    facts.push(("state", state + held));
    let reasons = all_reasons(standing);
    let sum: Vec<String> = reasons.iter().map(|r| format!("{} {:+}", r.why, r.points)).collect();
    facts.push(("points", format!("{} ({})", reasons::points(&reasons), sum.join(", "))));
    Ok(facts)
}

/// A thread with each item below what it answers, and how deep below; otherwise as it stands, oldest first.
fn tree(thread: &[Shown]) -> Vec<(&Shown, usize)> {
    let here: HashSet<&str> = thread.iter().map(|item| item.standing.key.id.as_str()).collect();
    let mut answers: HashMap<&str, Vec<&Shown>> = HashMap::new();
    let mut waiting: Vec<(&Shown, usize)> = Vec::new();
    for item in thread {
        let (id, parent) = (item.standing.key.id.as_str(), item.standing.in_reply_to.as_deref());
        match parent.filter(|parent| here.contains(parent) && *parent != id) {
            Some(parent) => answers.entry(parent).or_default().push(item),
            None => waiting.push((item, 0)),
        }
    }
    waiting.reverse();
    let mut tree = Vec::new();
    while let Some((item, depth)) = waiting.pop() {
        tree.push((item, depth));
        let below = answers.remove(item.standing.key.id.as_str()).unwrap_or_default();
        waiting.extend(below.into_iter().rev().map(|item| (item, depth + 1)));
    }
    // What answers itself by a detour is told all the same.
    tree.extend(
        thread
            .iter()
            .filter(|item| answers.values().flatten().any(|left| left.standing.key == item.standing.key))
            .map(|item| (item, 0)),
    );
    tree
}

fn number(item: &Standing) -> String {
    item.number.map(|number| number.to_string()).unwrap_or_default()
}

/// `> 3  Sun 22 Nov 09:14  Ana: Does it ship?`
fn line_of_thread(
    session: &Session,
    item: &Shown,
    current: bool,
    depth: usize,
    widest: usize,
) -> Result<String> {
    let standing = &item.standing;
    let mark = if current { ">" } else { " " };
    let (number, indent) = (number(standing), "  ".repeat(depth.min(DEEPEST)));
    let who = match (standing.own, &standing.author) {
        (true, _) => "us",
        (false, Some(author)) => author,
        (false, None) => "somebody",
    };
    let at = wall(session, standing.moment.since_ms)?;
    let stands = match standing.status.as_deref() {
        Some(status @ ("held" | "spam" | "trash")) => format!(" ({status})"),
        _ => String::new(),
    };
    Ok(format!(
        "{mark} {number:>widest$}  {at}  {indent}{}{stands}: {}\n",
        one_line(who),
        one_line(&standing.headline)
    ))
}

/// A time as the reader's clock shows it: `Sun 22 Nov 2026 09:14`.
pub fn wall(session: &Session, at_ms: i64) -> Result<String> {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    Ok(session.zone()?.wall(at).format("%a %d %b %Y %H:%M").to_string())
}
