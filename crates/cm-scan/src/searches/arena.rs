//! Texts of many searches in one string: at a hundred thousand searches, a `String` for each would cost more than the
//! words in them.

/// A text in an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    length: u32,
}

/// The texts.
#[derive(Debug, Default)]
pub(super) struct Arena {
    text: String,
}

impl Arena {
    /// Adds a text; `None` once they come to more than 4 GiB.
    pub fn add(&mut self, text: &str) -> Option<Span> {
        let span =
            Span { start: u32::try_from(self.text.len()).ok()?, length: u32::try_from(text.len()).ok()? };
        self.text.push_str(text);
        Some(span)
    }

    /// A text that was added.
    pub fn get(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.text.get(start..start + span.length as usize).unwrap_or_default()
    }

    /// How much there is, in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Forgets what was added since it was so long.
    pub fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
    }

    /// Lets go of the room for more.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
    }
}
