//! Plain text being laid out: breaks and spaces are owed until the next word comes, so none are doubled or left over.

/// The most levels of list that are indented, so that no nesting makes the text longer than its source.
const MAX_INDENT: usize = 8;

/// A text under construction.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    text: String,
    breaks: usize,
    space: bool,
    marker: Option<String>,
    /// The words of an image end with a letter.
    letter_before: bool,
}

impl Layout {
    /// Words whose white space folds to one space.
    pub(crate) fn flowing(&mut self, words: &str) {
        if std::mem::take(&mut self.letter_before) {
            self.space |= words.starts_with(char::is_alphanumeric);
        }
        let mut rest = words;
        while !rest.is_empty() {
            let (run, behind) = rest.split_at(run(rest.as_bytes()));
            if !run.is_empty() {
                self.settle();
                self.push_shown(run);
            }
            rest = behind.trim_start_matches(is_space);
            self.space |= rest.len() < behind.len();
        }
    }

    /// Words that stand for something else, an image: letters beside them are kept apart.
    pub(crate) fn apart(&mut self, words: &str) {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (first, last) = (words.trim_start().chars().next(), words.trim_end().chars().next_back());
        self.space |= letter(first) && letter(self.text.chars().next_back());
        self.flowing(words);
        self.letter_before = letter(last);
    }

    /// Text whose white space stays, as in `<pre>`.
    pub(crate) fn preformatted(&mut self, text: &str) {
        if !text.is_empty() {
            self.settle();
            self.text.extend(text.chars().filter(|c| *c == '\n' || is_shown(*c)));
        }
    }

    /// Owes a line break.
    pub(crate) fn line(&mut self) {
        self.owe(1);
    }

    /// Owes an empty line; right after a list marker nothing, for the item's first paragraph stands beside it.
    pub(crate) fn paragraph(&mut self) {
        self.owe(if self.marker.is_some() { 1 } else { 2 });
    }

    /// A break that was asked for: two of them leave an empty line.
    pub(crate) fn hard_break(&mut self) {
        self.owe((self.breaks + 1).min(2));
    }

    /// Owes a tab, as between the cells of a row.
    pub(crate) fn cell(&mut self) {
        if self.breaks == 0 && !self.text.is_empty() {
            self.text.push('\t');
            self.space = false;
        }
    }

    /// Starts a list item at that depth (1 is the outermost) with its `-` or `2.`.
    pub(crate) fn item(&mut self, depth: usize, bullet: &str) {
        self.line();
        let indent = "  ".repeat(depth.clamp(1, MAX_INDENT) - 1);
        self.marker = Some(format!("{indent}{bullet} "));
    }

    /// Where the next word will begin, or the breaks owed before it.
    pub(crate) fn mark(&self) -> usize {
        self.text.len()
    }

    /// What was written since a mark, without the white space around it.
    pub(crate) fn since(&self, mark: usize) -> &str {
        self.text.get(mark..).unwrap_or_default().trim()
    }

    /// Puts `with` in the place of what was written since a mark.
    pub(crate) fn replace(&mut self, mark: usize, with: &str) {
        let start = self.text.len() - self.text.get(mark..).unwrap_or_default().trim_start().len();
        self.text.truncate(start);
        self.text.push_str(with);
    }

    /// Adds to the last word, before any space or break that is owed.
    pub(crate) fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The text.
    pub(crate) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    fn push_shown(&mut self, word: &str) {
        // What is not shown are control characters and the soft hyphen; beyond ASCII all of them begin with this byte.
        if word.bytes().all(|byte| byte >= b' ' && byte != 0x7f && byte != 0xC2) {
            self.text.push_str(word);
        } else {
            self.text.extend(word.chars().filter(|c| is_shown(*c)));
        }
    }

    fn owe(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    fn settle(&mut self) {
        if !self.text.is_empty() {
            if self.breaks > 0 {
                self.text.truncate(self.text.trim_end_matches([' ', '\t']).len());
                self.text.extend(std::iter::repeat_n('\n', self.breaks));
            } else if self.space && !self.text.ends_with('\t') {
                self.text.push(' ');
            }
        }
        (self.breaks, self.space) = (0, false);
        if let Some(marker) = self.marker.take() {
            self.text.push_str(&marker);
        }
    }
}

/// The bytes up to the first white space that has to be folded: one blank between two words has not.
fn run(text: &[u8]) -> usize {
    let blank = |at: usize| match text.get(at) {
        Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0C) => true,
        Some(0xC2) => text.get(at + 1) == Some(&0xA0),
        other => other.is_none(),
    };
    let mut at = 0;
    while !blank(at) || (at > 0 && text.get(at) == Some(&b' ') && !blank(at + 1)) {
        at += 1;
    }
    at
}

/// HTML's own white space and the no-break space, which people do not tell apart when they read or search.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}')
}

/// Not the control characters, nor the soft hyphen, which would split the words that people search for.
fn is_shown(c: char) -> bool {
    !(c.is_control() && c != '\t') && c != '\u{ad}'
}
