//! A line that is a record, looked at where it stands: nothing is copied.
//! In: a line of bytes. Out: its members as ranges, or why it is no record; the line with a part of ours put in or taken out.

use crate::json::{self, Member};
use crate::record::wrong_type;
use crate::structure::Scanner;
use crate::{Meta, Reason, Record, VERSION};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;

/// The longest id, in bytes.
pub(crate) const MAX_ID: usize = 2048;

/// Checks line after line with the same memory.
#[derive(Default)]
pub struct Checker {
    scanner: Scanner,
    members: Vec<Member>,
}

impl Checker {
    /// Whether a line (without LF) is a record: UTF-8, one JSON object, `id`, content (docs/record.md, "Bad lines").
    pub fn check<'a>(&'a mut self, line: &'a [u8]) -> Result<Checked<'a>, Reason> {
        let line = simdutf8::basic::from_utf8(line).map_err(|_| Reason::NotUtf8)?;
        if !self.scanner.scan(line, &mut self.members) {
            self.members = json::members(line)?;
        }
        let checked = Checked { line, members: &self.members };
        checked.id()?;
        checked.has_content()?;
        Ok(checked)
    }

    /// The members of the line that was checked last.
    pub(crate) fn into_members(self) -> Vec<Member> {
        self.members
    }
}

/// A line that is a record.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    pub(crate) line: &'a str,
    pub(crate) members: &'a [Member],
}

impl<'a> Checked<'a> {
    /// The whole line without LF, as read.
    pub fn line(self) -> &'a str {
        self.line
    }

    /// The top-level members in order.
    pub fn members(self) -> &'a [Member] {
        self.members
    }

    /// The same as a record of its own.
    pub fn to_record(self) -> Record {
        Record::of(self.line.to_owned(), self.members.to_vec())
    }

    /// The `id`, decoded.
    pub fn id(self) -> Result<Cow<'a, str>, Reason> {
        let raw = self.raw("id").ok_or(Reason::Id("no \"id\""))?;
        if !raw.starts_with('"') {
            return Err(Reason::Id("\"id\" is not a string"));
        }
        let id = text(raw).ok_or(Reason::Id("\"id\" is not Unicode text"))?;
        if id.is_empty() {
            return Err(Reason::Id("\"id\" is empty"));
        }
        if id.len() > MAX_ID {
            return Err(Reason::Id("\"id\" is longer than 2048 bytes"));
        }
        Ok(id)
    }

    pub(crate) fn has_content(self) -> Result<(), Reason> {
        let is_string = |name| self.raw(name).is_some_and(|raw| raw.starts_with('"'));
        if is_string("content_text") || is_string("content_html") { Ok(()) } else { Err(Reason::NoContent) }
    }

    /// A top-level member's value as raw JSON.
    #[inline(always)]
    pub fn raw(self, name: &str) -> Option<&'a str> {
        self.position(name).map(|i| &self.line[self.members[i].value.clone()])
    }

    // Where the name is known its length is, too, and most others fall out by theirs.
    #[inline(always)]
    pub(crate) fn position(self, name: &str) -> Option<usize> {
        let is = |m: &Member| self.line.as_bytes().get(m.name.clone()) == Some(name.as_bytes());
        let is_escaped = |m: &Member| json::same_name(&self.line[m.name.clone()], name.as_bytes());
        // Hardly a name is written with escapes.
        self.members.iter().position(is).or_else(|| self.members.iter().position(is_escaped))
    }

    /// A top-level string, decoded; `None` when it is absent, no string, or not Unicode (a lone surrogate).
    pub fn text(self, name: &str) -> Option<Cow<'a, str>> {
        text(self.raw(name)?)
    }

    /// As `text`, but a lone surrogate reads as U+FFFD, one code point for one: half an emoji does not hide a text.
    pub fn text_lossy(self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name)?.strip_prefix('"')?.strip_suffix('"').map(json::decode_text)
    }

    /// A member, typed. `Ok(None)` when absent or null; `Err` says which member is of the wrong type.
    pub fn get<T: DeserializeOwned>(self, name: &str) -> Result<Option<T>, String> {
        match self.raw(name) {
            None => Ok(None),
            Some(raw) => serde_json::from_str(raw).map_err(|e| wrong_type(name, &e)),
        }
    }

    /// The `_cm` member, with its defaults where it is absent (version 1, kind `article`, public: record.md).
    pub fn meta(self) -> Result<Meta, String> {
        Ok(self.get("_cm")?.unwrap_or_else(Meta::of_plain_feed_item))
    }

    /// `_cm.version`, 1 where absent or unreadable. A tool passes on what is higher than `VERSION` without acting on it.
    pub fn version(self) -> i64 {
        #[derive(Deserialize)]
        struct Versioned {
            version: i64,
        }
        let Some(raw) = self.raw("_cm") else { return VERSION };
        if says_version_1(raw) {
            return VERSION;
        }
        serde_json::from_str::<Versioned>(raw).map_or(VERSION, |v| v.version)
    }

    /// Writes the line with a part of ours, given as JSON: in place of one that is there, else right after the last value.
    /// One that is there and equal but for its `at` stays, so that a second pass changes no byte.
    pub fn write_with_part(self, name: &str, json: &str, out: &mut Vec<u8>) {
        let mut write =
            |pieces: &[&str]| pieces.iter().for_each(|piece| out.extend_from_slice(piece.as_bytes()));
        let Some(i) = self.position(name) else {
            let (head, tail) = self.line.split_at(self.members.last().map_or(0, |m| m.value.end));
            return write(&[head, ",", &Value::from(name).to_string(), ":", json, tail]);
        };
        let value = &self.members[i].value;
        let old = &self.line[value.clone()];
        let kept = if equal_but_for_at(old, json) { old } else { json };
        write(&[&self.line[..value.start], kept, &self.line[value.end..]]);
    }

    /// Writes the line without a part of ours.
    pub fn write_without_part(self, name: &str, out: &mut Vec<u8>) {
        let gone = self.position(name).map_or(0..0, |i| gone(self.members, i));
        out.extend_from_slice(&self.line.as_bytes()[..gone.start]);
        out.extend_from_slice(&self.line.as_bytes()[gone.end..]);
    }
}

/// What a string says; `None` when it is no string, or not Unicode.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// Whether `_cm` begins with the version that nearly all have. Should it stand there twice it is unreadable: 1 all the same.
fn says_version_1(raw: &str) -> bool {
    ["{", "\"version\"", ":", "1"]
        .into_iter()
        .try_fold(raw, |text, token| text.strip_prefix(token).map(str::trim_ascii_start))
        .is_some_and(|rest| rest.starts_with([',', '}']))
}

/// What goes with a member: it and one comma.
pub(crate) fn gone(members: &[Member], i: usize) -> Range<usize> {
    let member = &members[i];
    let start = member.name.start - 1;
    match (i.checked_sub(1), members.get(i + 1)) {
        (Some(before), _) => members[before].value.end..member.value.end,
        (None, Some(next)) => start..next.name.start - 1,
        (None, None) => start..member.value.end,
    }
}

pub(crate) fn equal_but_for_at(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let without_at = |raw: &str| {
        let mut value: Value = serde_json::from_str(raw).ok()?;
        if let Some(object) = value.as_object_mut() {
            object.remove("at");
        }
        Some(value)
    };
    without_at(old).is_some_and(|old| Some(old) == without_at(new))
}
