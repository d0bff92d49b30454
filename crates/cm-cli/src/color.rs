//! Colours: whether a stream gets them, and the few that are used.

use crate::ColorWhen;
use std::ffi::OsStr;

/// The styles that the tools use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A match, a heading.
    Bold,
    /// What is beside the point.
    Dim,
    /// What is wrong.
    Red,
    /// What is well.
    Green,
    /// What wants care.
    Yellow,
    /// A place or an address.
    Cyan,
}

impl Style {
    /// A text in this style, or as it is when `on` is false.
    pub fn paint(self, text: &str, on: bool) -> String {
        if !on || text.is_empty() {
            return text.to_owned();
        }
        let code = match self {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "1;31",
            Style::Green => "32",
            Style::Yellow => "33",
            Style::Cyan => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Decides for a stream (clig.dev, no-color.org).
pub(crate) fn enabled(when: ColorWhen, is_terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            is_terminal
                && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                && std::env::var_os("TERM").as_deref() != Some(OsStr::new("dumb"))
        }
    }
}
