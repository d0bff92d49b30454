//! A record: its line, byte for byte, and where its members stand in it.

use crate::checked::{Checked, Checker, equal_but_for_at, gone};
use crate::json::Member;
use crate::{Item, Meta, Reason};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;

/// One item. Members that are not set through this type keep every byte, and their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    line: String,
    members: Vec<Member>,
    id: String,
}

impl Record {
    /// Checks a line (structure, `id`, content) and finds its members; values are not built.
    pub fn parse(line: impl Into<String>) -> Result<Record, Reason> {
        let line = line.into();
        let mut checker = Checker::default();
        checker.check(line.as_bytes())?;
        Ok(Record::of(line, checker.into_members()))
    }

    /// What was found out about a line, with the line.
    pub(crate) fn of(line: String, members: Vec<Member>) -> Record {
        let id = Checked { line: &line, members: &members }.id().map(Cow::into_owned).unwrap_or_default();
        Record { line, members, id }
    }

    /// The same, borrowed.
    pub fn checked(&self) -> Checked<'_> {
        Checked { line: &self.line, members: &self.members }
    }

    /// A new record from a typed item. Fails when it has no id or no content.
    pub fn from_item(item: &Item) -> Result<Record, Reason> {
        let line = serde_json::to_string(item).map_err(|e| Reason::NotObject(e.to_string()))?;
        Record::parse(line)
    }

    /// The whole line without LF, as read, with parts as set.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The `id`, decoded.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A top-level member's value as raw JSON.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.checked().raw(name)
    }

    /// A top-level string, decoded; `None` when it is absent, no string, or not Unicode (a lone surrogate).
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.checked().text(name)
    }

    /// As `text`, but a lone surrogate reads as U+FFFD, one code point for one: half an emoji does not hide a text.
    pub fn text_lossy(&self, name: &str) -> Option<Cow<'_, str>> {
        self.checked().text_lossy(name)
    }

    /// A member, typed. `Ok(None)` when absent or null; `Err` says which member is of the wrong type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        self.checked().get(name)
    }

    /// The whole item, typed; `Err` names the member that is of the wrong type.
    pub fn item(&self) -> Result<Item, String> {
        let start = if self.line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        serde_json::from_str(&self.line[start..]).map_err(|e| {
            let at = start + e.column().saturating_sub(1);
            let member = self.members.iter().find(|m| at < m.value.end).or(self.members.last());
            wrong_type(member.map_or("item", |m| &self.line[m.name.clone()]), &e)
        })
    }

    /// The `_cm` member, with its defaults where it is absent (version 1, kind `article`, public: record.md).
    pub fn meta(&self) -> Result<Meta, String> {
        self.checked().meta()
    }

    /// `_cm.version`, 1 where absent or unreadable. A tool passes on what is higher than `VERSION` without acting on it.
    pub fn version(&self) -> i64 {
        self.checked().version()
    }

    /// Sets our own part: replaced where it stands, else appended before the closing brace. A part that is there and
    /// equal but for its `at` is kept as it is, so that a second pass changes no byte. True when the line changed.
    pub fn set_part<T: Serialize>(&mut self, name: &str, part: &T) -> bool {
        serde_json::to_string(part).is_ok_and(|new| self.set_raw_part(name, &new))
    }

    /// As `set_part`, with the part's JSON.
    pub fn set_raw_part(&mut self, name: &str, new: &str) -> bool {
        match self.checked().position(name) {
            Some(i) => {
                let old = self.members[i].value.clone();
                if equal_but_for_at(&self.line[old.clone()], new) {
                    return false;
                }
                self.splice(old.clone(), new);
                self.members[i].value = old.start..old.start + new.len();
            }
            None => self.append(name, new),
        }
        true
    }

    /// Puts a member right after the last value, so that white space before the brace stays where it is.
    fn append(&mut self, name: &str, value: &str) {
        let Some(end) = self.members.last().map(|m| m.value.end) else { return };
        let quoted = Value::from(name).to_string();
        let text = format!(",{quoted}:{value}");
        self.line.insert_str(end, &text);
        let start = end + ",\"".len();
        let value_end = end + text.len();
        let name = start..end + quoted.len();
        self.members.push(Member { name, value: value_end - value.len()..value_end });
    }

    /// Takes our own part out with one comma; true when there was one.
    pub fn remove_part(&mut self, name: &str) -> bool {
        let Some(i) = self.checked().position(name) else { return false };
        let gone = gone(&self.members, i);
        self.members.remove(i);
        self.splice(gone, "");
        true
    }

    /// Replaces bytes of the line and moves the members behind them.
    fn splice(&mut self, range: Range<usize>, with: &str) {
        self.line.replace_range(range.clone(), with);
        let moved = |at: usize| at - range.len() + with.len();
        for member in self.members.iter_mut().filter(|m| m.name.start >= range.end) {
            member.name = moved(member.name.start)..moved(member.name.end);
            member.value = moved(member.value.start)..moved(member.value.end);
        }
    }
}

impl<'a> From<&'a Record> for Checked<'a> {
    fn from(record: &'a Record) -> Checked<'a> {
        record.checked()
    }
}

/// The message of serde_json without its place, which counts from the member's start and would mislead.
pub(crate) fn wrong_type(name: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    format!("\"{name}\": {message}")
}
