//! Queries in plain text, one a line. A line goes on with the query above it where that is not at its end: in parentheses,
//! a phrase or a comment that is open, behind an operator; and where it begins with an operator itself. An empty line
//! ends a query, unless parentheses or a comment are open. In: a text. Out: the queries.

use super::dialect::Dialect;
use super::input::Original;
use super::missing::{expects, goes_on};
use super::pieces::{Enclosure, Piece, cut, end_of_phrase, is_quote};

/// Cuts a text into queries; a name and a tab may stand before each.
pub(super) fn queries(text: &str, dialect: Dialect) -> Vec<Original> {
    let lines: Vec<&str> = text.lines().collect();
    let comment_ends = comment_ends(&lines);
    let mut found: Vec<Original> = Vec::new();
    // The state of the last one, unless it is at its end.
    let mut going: Option<State> = None;
    for (n, line) in lines.iter().enumerate() {
        let is_blank = line.trim().is_empty();
        let goes_on = going.as_ref().is_some_and(|state| match is_blank {
            true => state.is_open(),
            false => state.is_open() || state.goes_on_with(line, dialect),
        });
        let mut own = *line;
        if goes_on && let Some(last) = found.last_mut() {
            last.query.push('\n');
            last.query.push_str(line);
        } else if is_blank {
            going = None;
            continue;
        } else {
            if going.take().is_some_and(|state| state.is_bare) {
                // Only a comment stood above a name.
                found.pop();
            }
            let (original, query) = begun(line, n + 1);
            found.push(original);
            own = query;
        }
        going.get_or_insert_default().read(own, &lines[n + 1..], comment_ends[n], dialect);
    }
    for original in &mut found {
        original.query.truncate(original.query.trim_end().len());
    }
    found
}

/// The beginning of a query, and the part of the line that it is of.
fn begun(line: &str, number: usize) -> (Original, &str) {
    let (name, query) = named(line).map_or((None, line), |(name, query)| (Some(name.to_owned()), query));
    let query = query.trim_start();
    let mut told = Vec::new();
    if name.is_some() && query.trim_end().contains('\t') {
        told.push("a name, a tab and a query are expected: the second tab is taken for a space".to_owned());
    }
    let column = Some(line[..line.len() - query.len()].chars().count() + 1);
    (Original { name, query: query.to_owned(), line: number, column, told, ..Original::default() }, query)
}

/// A name and, behind a tab, a query. What holds an operator is no name, but the beginning of a query that has a tab in it.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, query) = line.split_once('\t').map(|(name, query)| (name.trim(), query))?;
    let of_query = name.is_empty() || holds_operator(name) || name.starts_with("<<<");
    (!of_query).then_some((name, query))
}

/// Whether an operator is among the words of what may be a name.
pub(super) fn holds_operator(name: &str) -> bool {
    // Those of Brandwatch are in capitals only, and `&` is in many a name.
    let is_operator = |word: &str| word != "&" && Dialect::Brandwatch.operator(word).is_some();
    name.split([' ', '(', ')']).any(is_operator)
}

/// For each line whether what follows it closes a comment before it opens another.
fn comment_ends(lines: &[&str]) -> Vec<bool> {
    let mut closes = false;
    let mut ends: Vec<bool> = lines
        .iter()
        .rev()
        .map(|line| {
            let below = closes;
            closes = match (line.find(">>>"), line.find("<<<")) {
                (Some(end), Some(start)) => end < start,
                (None, None) => below,
                (end, _) => end.is_some(),
            };
            below
        })
        .collect();
    ends.reverse();
    ends
}

/// Where a query stands at the end of a line.
struct State {
    depth: usize,
    inside: Option<Enclosure>,
    /// Whether something has to follow.
    expects: bool,
    /// Whether nothing stood there but comments.
    is_bare: bool,
}

impl Default for State {
    fn default() -> State {
        State { depth: 0, inside: None, expects: false, is_bare: true }
    }
}

impl State {
    fn is_open(&self) -> bool {
        self.depth > 0 || self.inside.is_some()
    }

    /// Whether a line belongs to the query above it.
    fn goes_on_with(&self, line: &str, dialect: Dialect) -> bool {
        if named(line).is_some() {
            return false;
        }
        let first = cut(line, dialect).pieces.into_iter().next();
        // A line of comments goes with any query.
        self.expects || self.is_bare || first.is_none_or(|(_, piece)| goes_on(&piece))
    }

    /// Reads a line. What follows says whether a phrase that is open at its end is closed there.
    fn read(&mut self, line: &str, following: &[&str], comment_ends: bool, dialect: Dialect) {
        let rest = match self.inside {
            None => Some(line),
            Some(Enclosure::Phrase) => line.split_once(is_quote).map(|(_, rest)| rest),
            Some(Enclosure::Comment) => line.split_once(">>>").map(|(_, rest)| rest),
        };
        let Some(rest) = rest else { return };
        let ended = self.inside.take();
        self.expects &= ended != Some(Enclosure::Phrase);
        let cut = cut(rest, dialect);
        for (_, piece) in &cut.pieces {
            match piece {
                Piece::Open => self.depth += 1,
                Piece::Close => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.is_bare = false;
            self.expects = expects(piece);
        }
        self.inside = cut.open.filter(|open| match open {
            Enclosure::Phrase => is_closed(following),
            Enclosure::Comment => comment_ends,
        });
    }
}

/// Whether a phrase that is open is closed in the lines that follow.
fn is_closed(following: &[&str]) -> bool {
    let mut text = vec!['\n'];
    for line in following {
        text.extend(line.chars());
        text.push('\n');
        if line.trim().is_empty() || line.contains(is_quote) {
            break;
        }
    }
    end_of_phrase(&text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_into(text: &str, dialect: Dialect) -> Vec<String> {
        let name =
            |original: &Original| original.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let queries = queries(text, dialect);
        queries.iter().map(|original| name(original) + &original.query.replace('\n', "/")).collect()
    }

    #[test]
    fn a_query_goes_on_where_it_is_not_at_its_end() {
        for (text, wanted) in [
            ("a\nb\n", &["a", "b"][..]),
            ("(a OR b)\nAND (c OR d)\nNOT e\n", &["(a OR b)/AND (c OR d)/NOT e"]),
            ("a OR\nb\nc", &["a OR/b", "c"]),
            ("a\n-b\n| c\nd", &["a/-b/| c", "d"]),
            ("(a\n\nb\n)\nc", &["(a//b/)", "c"]),
            ("(a\n)\nNEAR/3 b\nc", &["(a/)/NEAR/3 b", "c"]),
            ("a\n\nAND b", &["a", "AND b"]),
            ("a OR\n\nb", &["a OR", "b"]),
            ("title:\na\nb", &["title:/a", "b"]),
            ("ATLEAST/2\n(a b)\nATLEAST/1 (c)", &["ATLEAST/2/(a b)", "ATLEAST/1 (c)"]),
            ("\"a\nb\" OR c\nd", &["\"a/b\" OR c", "d"]),
            ("\"a\nb\nc", &["\"a", "b", "c"]),
            ("\"a\n\"b c\" OR d\n\"e f\"", &["\"a", "\"b c\" OR d", "\"e f\""]),
            ("\"a\n\nb\"\nc", &["\"a", "b\"", "c"]),
            ("“a\nb” OR\nc", &["“a/b” OR/c"]),
            ("{(}\na", &["{(}", "a"]),
            ("{a\nb}", &["{a", "b}"]),
            ("<<<ours>>>\na\n<<<not these>>>\nNOT b\nc", &["<<<ours>>>/a/<<<not these>>>/NOT b", "c"]),
            ("<<<ours\n\n(x>>> a\nb", &["<<<ours//(x>>> a", "b"]),
            ("<<<ours\na", &["<<<ours/a"]),
            (
                "A\ta <<<ours\nB\tb\nC\tc <<<new>>> OR d\nD\te",
                &["A: a <<<ours", "B: b", "C: c <<<new>>> OR d", "D: e"],
            ),
            ("A\ta <<<b <<<c\nd>>> e\nB\tb", &["A: a <<<b <<<c/d>>> e", "B: b"]),
            ("A\t(a OR b)\n\tNOT c\nB\td", &["A: (a OR b)/\tNOT c", "B: d"]),
            ("R&D OR us\tx\nAND\ty", &["R&D OR us\tx/AND\ty"]),
            ("Coffee & Tea (DE)\tx\nOr noir\ty", &["Coffee & Tea (DE): x", "Or noir: y"]),
            ("<<<ours>>>\nA\ta", &["A: a"]),
            ("A\ta OR\nB\tb", &["A: a OR", "B: b"]),
            ("a\r\nAND b\r\n\r\nc", &["a/AND b", "c"]),
        ] {
            assert_eq!(cut_into(text, Dialect::Brandwatch), wanted, "{text}");
        }
    }

    #[test]
    fn operators_are_those_of_the_service() {
        for (dialect, wanted) in
            [(Dialect::Meltwater, &["a/not b/and c"][..]), (Dialect::Talkwalker, &["a", "not b", "and c"])]
        {
            assert_eq!(cut_into("a\nnot b\nand c", dialect), wanted);
        }
        assert_eq!(cut_into("a\nAROUND(3) b\nNOT c", Dialect::GoogleAlerts), ["a/AROUND(3) b", "NOT c"]);
        assert_eq!(cut_into("a\nOr noir\tb", Dialect::Meltwater), ["a", "Or noir: b"]);
    }

    #[test]
    fn many_lines_that_close_nothing_are_read_in_time() {
        for line in ["\"a\n", "<<<a\n", "(a\n", "a OR\n", "\"a\nb\n"] {
            assert!(!queries(&line.repeat(50_000), Dialect::Brandwatch).is_empty(), "{line}");
        }
    }
}
