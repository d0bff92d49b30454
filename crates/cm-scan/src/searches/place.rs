//! Where in a file a place in a query is written. In: the text of the file, where the query's string begins in it, and a
//! column of the query. Out: line and column of the file.

/// A place in a file: line and column from 1, columns in code points.
pub(super) type Place = (usize, usize);

/// Where code point `column` (from 1) of a string is written that begins at byte `at`. The column behind the last is that
/// of the closing mark. `None` where no string begins there or it is shorter.
pub(super) fn of(text: &str, at: usize, column: usize) -> Option<Place> {
    let literal = text.get(at..)?;
    let mut units = Units::of(literal)?;
    let offset = (1..column).try_fold((), |(), _| units.next().map(drop)).map(|()| units.skipped())?;
    let before = text.get(..at + offset)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Some((line, before[start..].chars().count() + 1))
}

/// Where the query is written in a line of JSON.
pub(super) fn in_json(line: &str, column: usize) -> Option<Place> {
    #[derive(serde::Deserialize)]
    struct Query<'a> {
        #[serde(borrow)]
        query: &'a serde_json::value::RawValue,
    }
    let query: Query = serde_json::from_str(line).ok()?;
    let at = query.query.get().as_ptr() as usize - line.as_ptr() as usize;
    of(line, at, column)
}

/// The code points of a string as they are written: `'...'`, `'''...'''`, `"..."`, `"""..."""`.
struct Units<'a> {
    literal: &'a str,
    at: usize,
    close: &'static str,
    escapes: bool,
}

impl<'a> Units<'a> {
    fn of(literal: &'a str) -> Option<Units<'a>> {
        let (close, escapes) = [("\"\"\"", true), ("'''", false), ("\"", true), ("'", false)]
            .into_iter()
            .find(|(close, _)| literal.starts_with(close))?;
        // An empty string is no long one that is not closed.
        let long = close.len() == 3 && literal[3..].contains(close);
        let close = if long { close } else { &close[..1] };
        let mut at = close.len();
        if long {
            // A line end right behind the opening marks does not belong to the string.
            at += ["\r\n", "\n"].into_iter().find(|end| literal[at..].starts_with(end)).map_or(0, str::len);
        }
        Some(Units { literal, at, close, escapes })
    }

    /// To behind one code point of the string.
    fn next(&mut self) -> Option<()> {
        self.at = self.skipped();
        let rest = self.literal.get(self.at..)?;
        // Of a row of marks the last three close a long string.
        let goes_on = self.close.len() == 3 && rest.get(1..).is_some_and(|rest| rest.starts_with(self.close));
        if rest.is_empty() || (rest.starts_with(self.close) && !goes_on) {
            return None;
        }
        let escape = rest.strip_prefix('\\').filter(|_| self.escapes).and_then(|rest| rest.chars().next());
        self.at += match escape {
            Some('u') => self.four_digits(rest),
            Some('U') => 10,
            Some('x') => 4,
            Some(c) => 1 + c.len_utf8(),
            None => rest.chars().next().map_or(0, char::len_utf8),
        };
        Some(())
    }

    /// `\u0041`, or a surrogate pair, which only JSON has.
    fn four_digits(&self, rest: &str) -> usize {
        let high = matches!(rest.get(2..4), Some("d8" | "d9" | "da" | "db" | "D8" | "D9" | "DA" | "DB"));
        if high && rest.get(6..8) == Some("\\u") { 12 } else { 6 }
    }

    /// Behind a line end that a `\` takes out of the string, with the white space after it.
    fn skipped(&self) -> usize {
        let rest = self.literal.get(self.at..).unwrap_or_default();
        let folded = rest
            .strip_prefix('\\')
            .filter(|rest| self.escapes && rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']));
        folded.map_or(self.at, |after| self.at + 1 + (after.len() - after.trim_start().len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_string_is_followed() {
        for (text, column, wanted) in [
            ("q = 'abc'", 1, Some((1, 6))),
            ("q = 'abc'", 3, Some((1, 8))),
            ("q = 'abc'", 4, Some((1, 9))),
            ("q = 'abc'", 5, None),
            ("é = \"\\u00e9\\\"c\"", 3, Some((1, 14))),
            ("q = '''\nab\n  c'''", 1, Some((2, 1))),
            ("q = '''\nab\n  c'''", 6, Some((3, 3))),
            ("q = '''\r\nab'''", 2, Some((2, 2))),
            ("q = \"\"\"a\\\n\n   b\"\"\"", 2, Some((3, 4))),
            ("q = '''a''b'''", 4, Some((1, 11))),
            ("q = ''", 1, Some((1, 6))),
            ("q = 7", 1, None),
        ] {
            assert_eq!(of(text, text.find('=').unwrap() + 2, column), wanted, "{text} {column}");
        }
        assert_eq!(in_json(r#"{"query":"a","name":"b"}"#, 1), Some((1, 11)));
        assert_eq!(in_json(r#"{ "query" : "\ud83d\ude00b" }"#, 2), Some((1, 26)));
    }
}
