//! Unicode punctuation (general category P), as far as it is met at the end of a hashtag. A table of the blocks that
//! writers use: std has none, and a crate for one question is too much.

/// First and last of each run, in order.
const RUNS: &[(char, char)] = &[
    ('!', '#'),
    ('%', '*'),
    (',', '/'),
    (':', ';'),
    ('?', '@'),
    ('[', ']'),
    ('_', '_'),
    ('{', '{'),
    ('}', '}'),
    ('¡', '¡'),
    ('§', '§'),
    ('«', '«'),
    ('¶', '·'),
    ('»', '»'),
    ('¿', '¿'),
    ('\u{37e}', '\u{37e}'),
    ('\u{387}', '\u{387}'),
    ('\u{55a}', '\u{55f}'),
    ('\u{589}', '\u{58a}'),
    ('\u{5be}', '\u{5be}'),
    ('\u{5c0}', '\u{5c0}'),
    ('\u{5c3}', '\u{5c3}'),
    ('\u{5c6}', '\u{5c6}'),
    ('\u{5f3}', '\u{5f4}'),
    ('\u{609}', '\u{60a}'),
    ('\u{60c}', '\u{60d}'),
    ('\u{61b}', '\u{61b}'),
    ('\u{61d}', '\u{61f}'),
    ('\u{66a}', '\u{66d}'),
    ('\u{6d4}', '\u{6d4}'),
    ('\u{964}', '\u{965}'),
    ('\u{970}', '\u{970}'),
    ('\u{e4f}', '\u{e4f}'),
    ('\u{e5a}', '\u{e5b}'),
    ('\u{104a}', '\u{104f}'),
    ('\u{10fb}', '\u{10fb}'),
    ('\u{17d4}', '\u{17d6}'),
    ('\u{17d8}', '\u{17da}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{2043}'),
    ('\u{2045}', '\u{2051}'),
    ('\u{2053}', '\u{205e}'),
    ('\u{207d}', '\u{207e}'),
    ('\u{2308}', '\u{230b}'),
    ('\u{2329}', '\u{232a}'),
    ('\u{2768}', '\u{2775}'),
    ('\u{27e6}', '\u{27ef}'),
    ('\u{2e00}', '\u{2e2e}'),
    ('\u{2e30}', '\u{2e4f}'),
    ('\u{3001}', '\u{3003}'),
    ('\u{3008}', '\u{3011}'),
    ('\u{3014}', '\u{301f}'),
    ('\u{3030}', '\u{3030}'),
    ('\u{303d}', '\u{303d}'),
    ('\u{30a0}', '\u{30a0}'),
    ('\u{30fb}', '\u{30fb}'),
    ('\u{fe10}', '\u{fe19}'),
    ('\u{fe30}', '\u{fe52}'),
    ('\u{fe54}', '\u{fe61}'),
    ('\u{fe63}', '\u{fe63}'),
    ('\u{fe68}', '\u{fe68}'),
    ('\u{fe6a}', '\u{fe6b}'),
    ('\u{ff01}', '\u{ff03}'),
    ('\u{ff05}', '\u{ff0a}'),
    ('\u{ff0c}', '\u{ff0f}'),
    ('\u{ff1a}', '\u{ff1b}'),
    ('\u{ff1f}', '\u{ff20}'),
    ('\u{ff3b}', '\u{ff3d}'),
    ('\u{ff3f}', '\u{ff3f}'),
    ('\u{ff5b}', '\u{ff5b}'),
    ('\u{ff5d}', '\u{ff5d}'),
    ('\u{ff5f}', '\u{ff65}'),
];

/// Whether a character is punctuation.
pub(super) fn is_punctuation(c: char) -> bool {
    let after = RUNS.partition_point(|(first, _)| *first <= c);
    after.checked_sub(1).and_then(|run| RUNS.get(run)).is_some_and(|(_, last)| c <= *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_are_in_order_and_hold_no_letter() {
        assert!(RUNS.is_sorted_by(|(_, last), (first, _)| last < first));
        for (first, last) in RUNS {
            assert!((*first..=*last).all(|c| !c.is_alphanumeric() && !c.is_whitespace()), "{first:?}");
        }
    }

    #[test]
    fn marks_and_no_symbols() {
        for c in "!\"#%&'()*,-./:;?@[\\]_{}¡«»¿…‘’“”„–—。、！？؟،।".chars() {
            assert!(is_punctuation(c), "{c}");
        }
        for c in "$+<=>^`|~aZ0ä☕🎉é漢€©\u{301}\u{200d} ".chars() {
            assert!(!is_punctuation(c), "{c}");
        }
    }
}
