//! Sentences. In: a running text. Out: its sentences with their own closing mark, links and quoted lines left out.

use cm_text::find_links;

/// Bytes of a text that are looked at.
const LOOKED_AT: usize = 64 << 10;

/// What ends a sentence wherever it stands.
const ENDS: [char; 9] = ['?', '!', '…', '？', '！', '。', '؟', '\u{37E}', '\n'];
/// What begins one: Spanish.
const OPENS: [char; 2] = ['¿', '¡'];
/// Those of them that ask: Latin, full-width, Arabic, Greek.
pub const ASKING: [char; 4] = ['?', '？', '؟', '\u{37E}'];

/// The sentences of a text, trimmed. A line that begins with `>` is somebody else's, quoted.
pub fn sentences(text: &str) -> Vec<String> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut sentences = Vec::new();
    for line in without_links(text).split('\n').filter(|line| !line.trim_start().starts_with('>')) {
        cut(line, &mut sentences);
    }
    sentences
}

fn without_links(text: &str) -> String {
    let (mut rest, mut at) = (String::with_capacity(text.len()), 0);
    if text.contains("://") {
        for link in find_links(text) {
            rest.push_str(&text[at..link.start]);
            at = link.end;
        }
    }
    rest.push_str(&text[at..]);
    rest
}

fn cut(line: &str, sentences: &mut Vec<String>) {
    let (mut start, mut chars) = (0, line.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        if OPENS.contains(&c) {
            push(&line[start..at], sentences);
            start = at;
        }
        let next = chars.peek().map(|(_, next)| *next);
        // Of `?!` and `...` the last one ends the sentence; a full stop within a number or a name ends none.
        let ends = if c == '.' { next.is_none_or(char::is_whitespace) } else { ENDS.contains(&c) };
        if ends && !next.is_some_and(|next| next == '.' || ENDS.contains(&next)) {
            let end = at + c.len_utf8();
            push(&line[start..end], sentences);
            start = end;
        }
    }
    push(&line[start..], sentences);
}

fn push(sentence: &str, sentences: &mut Vec<String>) {
    let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_stops() {
        let text = "Hi all! v1.2 works...  Does it\tship (to acme.example)?! Thanks\n> Is this quoted?\nWhy? https://x.example/?a=b now";
        let expected =
            ["Hi all!", "v1.2 works...", "Does it ship (to acme.example)?!", "Thanks", "Why?", "now"];
        assert_eq!(sentences(text), expected);
        assert_eq!(
            sentences("Hola ¿Envían? いつ届きますか？今日です。"),
            ["Hola", "¿Envían?", "いつ届きますか？", "今日です。"]
        );
    }
}
