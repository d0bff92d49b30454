//! What follows the first wildcard of a word: `*`, `?`, and letters between them.

/// A part of a word with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These characters.
    Text(Box<str>),
    /// `?`: one letter or digit.
    One,
    /// `*`: any run, also none.
    Run,
}

impl Part {
    /// How many characters it asks for by name.
    pub fn letters(&self) -> usize {
        if let Part::Text(text) = self { text.chars().count() } else { 0 }
    }
}

/// Whether the whole text is meant. Of the runs only the last is ever tried again, so that the time is bounded by the
/// length of the text times that of the parts.
pub fn matches(parts: &[Part], text: &str) -> bool {
    let (mut part, mut rest) = (0, text);
    let mut retry: Option<(usize, &str)> = None;
    loop {
        match parts.get(part) {
            Some(Part::Run) => {
                part += 1;
                if part == parts.len() {
                    return true;
                }
                retry = Some((part, rest));
                continue;
            }
            None if rest.is_empty() => return true,
            Some(other) => {
                if let Some(after) = step(other, rest) {
                    (part, rest) = (part + 1, after);
                    continue;
                }
            }
            None => {}
        }
        let Some((again, from)) = retry else { return false };
        let mut chars = from.chars();
        if chars.next().is_none() {
            return false;
        }
        (part, rest) = (again, chars.as_str());
        retry = Some((again, rest));
    }
}

fn step<'t>(part: &Part, text: &'t str) -> Option<&'t str> {
    match part {
        Part::Text(wanted) => text.strip_prefix(&**wanted),
        _ => text.strip_prefix(char::is_alphanumeric),
    }
}
