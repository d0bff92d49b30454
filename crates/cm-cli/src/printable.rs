//! Text from the outside, made harmless for a terminal: control characters and the marks that turn the direction of
//! writing are shown as U+FFFD, not sent.

use unicode_width::UnicodeWidthStr;

/// Several lines: their ends and tabs stay.
pub fn printable(text: &str) -> String {
    let shown = |c| if steers(c) && !matches!(c, '\n' | '\t') { char::REPLACEMENT_CHARACTER } else { c };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// One line: every run of white space is one blank.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_whitespace() && line.ends_with(' ') => {}
            c if c.is_whitespace() => line.push(' '),
            c if steers(c) => line.push(char::REPLACEMENT_CHARACTER),
            c => line.push(c),
        }
    }
    line
}

/// How many columns of a terminal a text takes (UAX #11); control characters take one each, as `one_line` shows them.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown() {
        let hostile = "a\x1b[31m\u{9b}31m \u{202e}b\u{2066}\r\n\tc  d\u{2028}e";
        assert_eq!(printable(hostile), "a\u{fffd}[31m\u{fffd}31m \u{fffd}b\u{fffd}\n\tc  d\u{2028}e");
        assert_eq!(one_line(hostile), "a\u{fffd}[31m\u{fffd}31m \u{fffd}b\u{fffd} c d e");
        assert_eq!(one_line(" acme "), " acme ", "the blanks around a hit stay");
    }
}
