//! One thing to look for: words in a row, a hashtag, a handle, a name, verbatim text, or a time.

use super::Query;
use super::context::Context;
use super::date::Date;
use super::error::Mistake;
use super::field::Field;
use super::habits;
use super::name::{handle, name};
use super::pattern::{Pattern, Question, joined, patterns};

/// One thing to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where.
    pub field: Field,
    /// What.
    pub what: What,
    /// As written, without the field and what encloses it; empty where that is just the folded word, as in most searches.
    pub(super) written: Box<str>,
    pub(super) quoted: bool,
}

/// What a term looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Words: right after each other, or all in one stretch.
    Words {
        /// The words.
        patterns: Vec<Pattern>,
        /// In any order with so many other words among them at most: `"a b"~3`.
        slop: Option<usize>,
    },
    /// A hashtag in a text or a whole tag: `#acme`, `tag:acme`.
    Hashtag(Pattern),
    /// A handle without its first `@`: `ana`, `ana@fosstodon.example`.
    Handle(Pattern),
    /// A name that is compared whole: a host, language, kind or source.
    Name(Pattern),
    /// These very characters.
    Verbatim(Box<str>),
    /// A time.
    Date(Date),
}

impl What {
    /// The word, where it is one without a wildcard.
    pub(super) fn plain_word(&self) -> Option<&str> {
        match self {
            What::Words { patterns, slop: None } => match patterns.as_slice() {
                [word] if word.is_whole() => Some(&word.text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Word,
    /// Between quotation marks, with what `~` says behind them.
    Quoted(Option<usize>),
    Verbatim,
}

/// The most words of a phrase with `~n`.
const MOST_SLOPPY_WORDS: usize = 100;
/// The most code points of a verbatim text: it is compared at every place where it begins.
const MOST_VERBATIM: usize = 1000;

impl Term {
    /// Reads a value whose own first character is at a byte.
    pub(super) fn read(
        field: Field,
        written: &str,
        form: Form,
        at: usize,
        context: &Context,
    ) -> Result<Term, Mistake> {
        let quoted = matches!(form, Form::Quoted(_));
        if field == Field::Date && form != Form::Verbatim {
            let (date, written) =
                Date::read(written, context).map_err(|message| Mistake::new(at, message))?;
            return Ok(Term { field, what: What::Date(date), written: written.into(), quoted });
        }
        let what = what(field, written, form, at)?;
        let written = if !quoted && what.plain_word() == Some(written) { "" } else { written };
        Ok(Term { field, what, written: written.into(), quoted })
    }

    /// About how many bytes it takes in a query: its own, its words and what it was written as.
    pub(super) fn size(&self) -> usize {
        let words = match &self.what {
            What::Words { patterns, .. } => patterns.as_slice(),
            What::Hashtag(word) | What::Handle(word) | What::Name(word) => std::slice::from_ref(word),
            What::Verbatim(_) | What::Date(_) => &[],
        };
        let words: usize = words.iter().map(|word| size_of::<Pattern>() + 2 * word.text.len()).sum();
        size_of::<Query>() + self.written.len() + words
    }

    /// As it was written, without the field and what encloses it; empty where that is just the folded word.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it was written between quotation marks.
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }
}

fn what(field: Field, written: &str, form: Form, at: usize) -> Result<What, Mistake> {
    let quoted = match form {
        Form::Verbatim => return verbatim(field, written, at),
        Form::Word if written.bytes().all(|b| b.is_ascii_alphanumeric()) => false,
        Form::Word => {
            habits::word(field, written).map_err(|message| Mistake::new(at, message))?;
            false
        }
        Form::Quoted(Some(_)) if !field.has_words() => {
            return Err(Mistake::new(
                at,
                format!("{} takes no ~n: it compares whole values", field.prefix()),
            ));
        }
        Form::Quoted(_) => true,
    };
    let question = match field {
        Field::Url | Field::Links => Question::Punctuation,
        _ if quoted => Question::LetterBeforeAnother,
        _ => Question::Letter,
    };
    match field {
        Field::Tag => hashtag(written, question, at),
        _ if !quoted && field.has_hashtags() && written.starts_with(['#', '＃']) => {
            hashtag(written, question, at)
        }
        Field::From => handle(written, at),
        _ if !quoted && field.has_handles() && written.starts_with(['@', '＠']) => handle(written, at),
        Field::Site | Field::Lang | Field::Kind | Field::Source => name(field, written, at),
        _ => words(written, question, form, at),
    }
}

fn words(written: &str, question: Question, form: Form, at: usize) -> Result<What, Mistake> {
    let patterns = patterns(written, question, at)?;
    if patterns.is_empty() {
        return Err(nothing(written, at));
    }
    let slop = if let Form::Quoted(slop) = form { slop } else { None };
    if slop.is_some() && patterns.len() > MOST_SLOPPY_WORDS {
        return Err(Mistake::new(at, format!("a phrase with ~n has at most {MOST_SLOPPY_WORDS} words")));
    }
    Ok(What::Words { patterns, slop })
}

fn hashtag(written: &str, question: Question, at: usize) -> Result<What, Mistake> {
    let tag = written.trim_start().trim_start_matches(['#', '＃']);
    let tag_at = at + (written.len() - tag.len());
    joined(tag, question, tag_at)?.map(What::Hashtag).ok_or_else(|| nothing(written, at))
}

fn verbatim(field: Field, written: &str, at: usize) -> Result<What, Mistake> {
    let message = if written.trim().is_empty() {
        "{...} holds nothing to look for".to_owned()
    } else if written.chars().count() > MOST_VERBATIM {
        format!("{{...}} holds more than {MOST_VERBATIM} characters")
    } else if !field.has_running_words() && field != Field::Tag {
        format!(
            "{} takes no {{...}}: it is for title:, summary:, text:, author:, tag: or no field",
            field.prefix()
        )
    } else {
        return Ok(What::Verbatim(written.into()));
    };
    Err(Mistake::new(at, message))
}

/// The mistake of a value without a word.
pub(super) fn nothing(written: &str, at: usize) -> Mistake {
    let hint = match written {
        "&&" | "&" | "+" => ": write AND, or only a space",
        "||" | "|" => ": write OR",
        "!" | "¬" => ": to leave something out write -word or -(a b)",
        "–" | "—" | "−" => ": leave the dash out",
        _ => "",
    };
    Mistake::new(at, format!("\"{}\" holds no word to look for{hint}", habits::shown(written)))
}
