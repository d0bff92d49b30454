//! Places as a person reads them: a little of the text around them on one line.

use cm_cli::{Style, one_line};
use cm_text::grapheme_from;

/// How far a cut moves to spare a word, in code points.
const NEAR: usize = 12;
/// How far it moves away from the place for that, in code points.
const OUTSIDE: usize = 7;

/// `…moved from Acme Roast to another…`: `room` code points before the first place and after the last, whole words where
/// one ends near, the places in colour. Places are bytes of the text, in order.
pub fn around(text: &str, places: &[(usize, usize)], room: usize, color: bool) -> String {
    let first = places.first().map_or(0, |(start, _)| *start);
    let last = places.iter().map(|(_, end)| *end).max().unwrap_or(0);
    let (from, to) = (begin(text, first, room), end(text, last, room));
    let inner: Vec<_> = places.iter().map(|(start, end)| (start - from, end - from)).collect();
    let left = if from > 0 { "…" } else { "" };
    let right = if to < text.len() { "…" } else { "" };
    let shown = painted(&text[from..to], &inner, color, one_line);
    format!("{left}{}{right}", shown.trim())
}

/// A text with places in colour; `clean` makes each stretch of it harmless.
pub fn painted(text: &str, places: &[(usize, usize)], color: bool, clean: impl Fn(&str) -> String) -> String {
    let (mut line, mut at) = (String::with_capacity(text.len()), 0);
    for (start, end) in places {
        let start = (*start).max(at);
        if start < *end {
            line.push_str(&clean(&text[at..start]));
            line.push_str(&Style::Red.paint(&clean(&text[start..*end]), color));
            at = *end;
        }
    }
    line + &clean(&text[at..])
}

/// The byte at which the context of a place begins.
fn begin(text: &str, place: usize, room: usize) -> usize {
    let before = &text[..place];
    let Some((from, _)) = before.char_indices().rev().take(room).last() else { return place };
    let cut = || grapheme_from(text, from).min(place);
    if !splits(text, from) {
        return cut();
    }
    let after = |(at, c): (usize, char)| at + c.len_utf8();
    let inside =
        |reach| before[from..].char_indices().take(reach).find(is_space).map(|space| from + after(space));
    let mut wider = before[..from].char_indices().rev();
    let space = wider.by_ref().take(OUTSIDE).find(is_space).map(after);
    let outside = space.or_else(|| wider.next().is_none().then_some(0));
    inside(NEAR.min(room / 2)).or(outside).or_else(|| inside(NEAR)).unwrap_or_else(cut)
}

/// The byte at which the context of a place ends.
fn end(text: &str, place: usize, room: usize) -> usize {
    let to = text[place..].char_indices().nth(room).map_or(text.len(), |(at, _)| place + at);
    let cut = || grapheme_from(text, to);
    if !splits(text, to) {
        return cut();
    }
    let inside =
        |reach| text[place..to].char_indices().rev().take(reach).find(is_space).map(|(at, _)| place + at);
    let mut wider = text[to..].char_indices();
    let space = wider.by_ref().take(OUTSIDE).find(is_space).map(|(at, _)| to + at);
    let outside = space.or_else(|| wider.next().is_none().then_some(text.len()));
    inside(NEAR.min(room / 2)).or(outside).or_else(|| inside(NEAR)).unwrap_or_else(cut)
}

fn is_space((_, c): &(usize, char)) -> bool {
    c.is_whitespace()
}

/// Whether a cut at this byte would part what is written together. Scripts that put no space between words have no word
/// that a space would spare.
fn splits(text: &str, at: usize) -> bool {
    let joined = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && !spaceless(c));
    joined(text[..at].chars().next_back()) && joined(text[at..].chars().next())
}

/// Thai and Lao, Burmese, Khmer, kana and ideographs (the scripts of line break class SA and ID, UAX #14).
fn spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3000}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_whole_where_they_end_near() {
        for (text, places, room, wanted) in [
            ("one two three four", &[(8, 13)][..], 40, "one two three four"),
            ("one two three four", &[(8, 13)], 6, "…two three four"),
            ("abcdefghij acme", &[(11, 15)], 4, "abcdefghij acme"),
            ("abcdefghijklmnop acme", &[(17, 21)], 4, "…acme"),
            ("abcdefghijklmnopacme", &[(16, 20)], 4, "…mnopacme"),
            ("cafe\u{301} acme cafe\u{301}s", &[(7, 11)], 2, "cafe\u{301} acme cafe\u{301}s"),
            (
                "BERLIN (Reuters) - Kaffeezauber, the maker",
                &[(19, 31)],
                10,
                "…(Reuters) - Kaffeezauber, the…",
            ),
            ("我们的咖啡店 acme 在城市里", &[(19, 23)], 4, "…咖啡店 acme 在城市…"),
            ("cafe\u{301}", &[(0, 2)], 2, "cafe\u{301}"),
            ("a\nb\u{1b}[1m acme", &[(8, 12)], 40, "a b\u{fffd}[1m acme"),
            ("", &[], 40, ""),
        ] {
            assert_eq!(around(text, places, room, false), wanted, "{text:?} {room}");
        }
    }

    #[test]
    fn places_that_overlap_are_painted_once() {
        let shown = painted("abcdef", &[(0, 2), (1, 3), (1, 2), (4, 5)], true, str::to_owned);
        assert_eq!(shown, "\u{1b}[1;31mab\u{1b}[0m\u{1b}[1;31mc\u{1b}[0md\u{1b}[1;31me\u{1b}[0mf");
    }

    proptest! {
        #[test]
        fn what_is_shown_holds_the_place(text in "\\PC{0,60}", from in any::<prop::sample::Index>(), room in 0usize..50) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = from.index(places.len());
            let place = (places[start], places[(start + 2).min(places.len() - 1)]);
            let shown = around(&text, &[place], room, false);
            prop_assert!(shown.contains(one_line(&text[place.0..place.1]).trim()), "{shown:?}");
        }
    }
}
