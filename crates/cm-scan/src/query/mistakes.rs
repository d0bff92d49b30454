//! Every mistake that is told apart, with its column and with what is told to mend it.

use super::Query;

fn error(query: &str) -> String {
    query.parse::<Query>().expect_err(query).to_string()
}

/// (query, what is told)
const MISTAKES: &[(&str, &str)] = &[
    ("", "column 1: the query is empty"),
    ("a OR", "column 5: something is missing at the end"),
    ("a AND", "column 6: something is missing at the end"),
    ("a NOT", "column 6: something is missing at the end"),
    ("NOT", "column 4: something is missing at the end"),
    ("OR a", "column 1: something is missing before this (to look for the word, quote it)"),
    ("AND a", "column 1: something is missing before this (to look for the word, quote it)"),
    ("a AND OR b", "column 7: something is missing before this (to look for the word, quote it)"),
    ("a OR OR b", "column 6: something is missing before this (to look for the word, quote it)"),
    ("é (a OR b", r#"column 3: this "(" is not closed"#),
    ("a) b", r#"column 2: this ")" closes nothing"#),
    ("()", r#"column 2: something is missing before this ")""#),
    ("( )", r#"column 3: something is missing before this ")""#),
    ("a ()", r#"column 4: something is missing before this ")""#),
    ("(a OR) b", r#"column 6: something is missing before this ")""#),
    (r#"é "a b"#, "column 3: this quotation mark is not closed"),
    ("é “a b", "column 3: this quotation mark is not closed"),
    ("é {a b", r#"column 3: this "{" is not closed"#),
    ("a} b", r#"column 2: this "}" closes nothing"#),
    ("{}", "column 2: {...} holds nothing to look for"),
    ("{ }", "column 2: {...} holds nothing to look for"),
    (
        "site:{a}",
        "column 7: site: takes no {...}: it is for title:, summary:, text:, author:, tag: or no field",
    ),
    (
        "from:{a}",
        "column 7: from: takes no {...}: it is for title:, summary:, text:, author:, tag: or no field",
    ),
    (r#""""#, r#"column 2: "" holds no word to look for"#),
    (r#""!?""#, r#"column 2: "!?" holds no word to look for"#),
    ("...", r#"column 1: "..." holds no word to look for"#),
    ("x titel:a", r#"column 3: unknown field "titel" (did you mean "title"?)"#),
    ("intitle:a", r#"column 1: unknown field "intitle" (write title:)"#),
    ("hashtag:a", r#"column 1: unknown field "hashtag" (write tag: or #word)"#),
    ("mentions:ana", r#"column 1: unknown field "mentions" (write @handle)"#),
    ("since:2026-11-20", r#"column 1: unknown field "since" (write date:>=2026-11-20, or --since)"#),
    ("lnag:de", r#"column 1: unknown field "lnag" (did you mean "lang"?)"#),
    (
        "foo:bar",
        r#"column 1: unknown field "foo" (known: title, summary, text, author, from, site, url, links, lang, date, tag, kind, source; or quote the words)"#,
    ),
    ("title: a", r#"column 1: nothing stands right after "title:""#),
    ("title:", r#"column 1: nothing stands right after "title:""#),
    ("title:)", r#"column 1: nothing stands right after "title:""#),
    ("title:-b", "column 7: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("title:!b", "column 7: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("title:*", r#"column 7: "*" needs letters beside it: roast*"#),
    ("title:AND", "column 7: something is missing before this (to look for the word, quote it)"),
    ("title:(text:a)", "column 8: a field stands inside the parentheses of another"),
    ("title:ATLEAST/1(a)", "column 7: write title:(ATLEAST/n(...))"),
    ("a - b", r#"column 3: "-" stands alone: write -word to leave a word out"#),
    ("a -", r#"column 3: "-" stands alone: write -word to leave a word out"#),
    ("-", r#"column 1: "-" stands alone: write -word to leave a word out"#),
    ("a --b c", "column 3: write one hyphen to leave a word out: -b"),
    ("--title:b", "column 1: write one hyphen to leave a word out: -title:b"),
    ("a – b", r#"column 3: "–" holds no word to look for: leave the dash out"#),
    ("a –b", "column 3: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("a —b", "column 3: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("a !b", "column 3: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("!a", "column 1: to leave something out write -word or -title:word (to look for it, quote it)"),
    ("!(a b)", r#"column 1: "!" holds no word to look for: to leave something out write -word or -(a b)"#),
    ("a && b", r#"column 3: "&&" holds no word to look for: write AND, or only a space"#),
    ("a & b", r#"column 3: "&" holds no word to look for: write AND, or only a space"#),
    ("a || b", r#"column 3: "||" holds no word to look for: write OR"#),
    ("a | b", r#"column 3: "|" holds no word to look for: write OR"#),
    (
        "nord.*acme",
        "column 1: regular expressions are not known: write words with * and ? (to look for it, quote it)",
    ),
    (
        "a ^acme",
        "column 3: regular expressions are not known: write words with * and ? (to look for it, quote it)",
    ),
    (
        r"acme\w+",
        "column 1: regular expressions are not known: write words with * and ? (to look for it, quote it)",
    ),
    (
        "acme.+",
        "column 1: regular expressions are not known: write words with * and ? (to look for it, quote it)",
    ),
    ("a|b", "column 1: write (a OR b) (to look for it, quote it)"),
    ("a & b|c", r#"column 3: "&" holds no word to look for: write AND, or only a space"#),
    ("a + b", r#"column 3: "+" holds no word to look for: write AND, or only a space"#),
    ("#", r##"column 1: "#" holds no word to look for"##),
    ("@", r#"column 1: "@" holds no word to look for"#),
    ("@@", r#"column 1: "@@" holds no word to look for"#),
    (r#"tag:"?""#, r#"column 6: "?" holds no word to look for"#),
    ("**", r#"column 1: "*" needs letters beside it: roast*"#),
    ("?", r#"column 1: "?" needs letters beside it: roast?"#),
    (r#""a * b""#, r#"column 4: this "*" touches no word: it stands for letters of one, as in roast*"#),
    ("brand’s*", r#"column 8: this "*" touches no word: it stands for letters of one, as in roast*"#),
    ("c++*", r#"column 4: this "*" touches no word: it stands for letters of one, as in roast*"#),
    ("*.example", r#"column 1: this "*" touches no word: it stands for letters of one, as in roast*"#),
    (r#""c++*""#, r#"column 5: this "*" touches no word: it stands for letters of one, as in roast*"#),
    ("NEAR", "column 1: something is missing before this (to look for the word, quote it)"),
    ("NEAR b", "column 1: something is missing before this (to look for the word, quote it)"),
    ("a NEAR", "column 7: something is missing at the end"),
    ("a NEAR/3", "column 9: something is missing at the end"),
    ("a NEAR/ b", r#"column 3: "NEAR/": n is 0 to 100, as in NEAR/3"#),
    ("a NEAR/x b", r#"column 3: "NEAR/x": n is 0 to 100, as in NEAR/3"#),
    ("a NEAR/101 b", r#"column 3: "NEAR/101": n is 0 to 100, as in NEAR/3"#),
    ("a NEAR/3f b", r#"column 3: "NEAR/3f" is written ONEAR/3 here"#),
    ("a ONEAR/3f b", r#"column 3: "ONEAR/3f" is written ONEAR/3 here"#),
    ("a NEAR3 b", r#"column 3: "NEAR3": did you mean NEAR/3?"#),
    ("a NEAR~3 b", r#"column 3: "NEAR~3": did you mean NEAR/3?"#),
    ("a NEAR:3 b", r#"column 3: unknown field "NEAR" (write NEAR/n between two words)"#),
    ("a near/3 b", r#"column 3: "near/3" is no operator here: write NEAR/3 (to look for it, quote it)"#),
    ("a Near/3 b", r#"column 3: "Near/3" is no operator here: write NEAR/3 (to look for it, quote it)"#),
    ("a w/5 b", r#"column 3: "w/5" is no operator here: write NEAR/5 (to look for it, quote it)"#),
    ("a W/5 b", r#"column 3: "W/5" is no operator here: write NEAR/5 (to look for it, quote it)"#),
    ("a pre/3 b", r#"column 3: "pre/3" is no operator here: write ONEAR/3 (to look for it, quote it)"#),
    (
        "a /p b",
        r#"column 3: "/p" is no operator here: write NEAR/n: paragraphs and sentences are not known (to look for it, quote it)"#,
    ),
    (
        "a /s b",
        r#"column 3: "/s" is no operator here: write NEAR/n: paragraphs and sentences are not known (to look for it, quote it)"#,
    ),
    ("a NEAR/3 NOT b", "column 10: NEAR takes no NOT: write -(a NEAR/3 b)"),
    ("a NEAR/3 -b", "column 10: NEAR takes no NOT: write -(a NEAR/3 b)"),
    ("a NEAR/3 (b c)", "column 10: NEAR takes no AND: quote a phrase, or join what may stand there by OR"),
    (
        "a NEAR/3 (b NEAR/2 c)",
        "column 10: NEAR takes no NEAR in parentheses: write a chain, a NEAR/3 b NEAR/3 c",
    ),
    ("a NEAR/3 *", r#"column 10: NEAR takes no "*" alone: it stands for part of a word"#),
    ("a NEAR/3 @ana", "column 10: NEAR takes no @handle: write the name as a word, without its @"),
    (r#"a NEAR/3 "b c"~2"#, "column 10: NEAR takes no phrase with ~n: write a chain of NEAR/n"),
    ("a NEAR/3 ATLEAST/1(b)", "column 10: NEAR takes no ATLEAST: join what may stand there by OR"),
    ("title:a NEAR/3 b", "column 16: NEAR looks within one field: write title:(... NEAR/n ...)"),
    ("a NEAR/3 title:b", "column 10: NEAR looks within one field: write title:(... NEAR/n ...)"),
    ("title:a NEAR/3 text:b", "column 16: NEAR looks within one field: write title:(... NEAR/n ...)"),
    ("(a OR title:b) NEAR/3 c", "column 1: NEAR looks within one field: write title:(... NEAR/n ...)"),
    (
        "tag:a NEAR/3 tag:b",
        "column 1: NEAR looks in title:, summary:, text:, author: or no field: this field has no running words",
    ),
    (
        "url:(a NEAR/3 b)",
        "column 6: NEAR looks in title:, summary:, text:, author: or no field: this field has no running words",
    ),
    (
        "site:a NEAR/3 b",
        "column 1: NEAR looks in title:, summary:, text:, author: or no field: this field has no running words",
    ),
    ("a NEAR/3 NEAR/3 b", "column 10: something is missing before this (to look for the word, quote it)"),
    ("a NEAR/3 OR b", "column 10: something is missing before this (to look for the word, quote it)"),
    ("ATLEAST", r#"column 1: "ATLEAST": write ATLEAST/2(a b c), with how many and what of"#),
    ("ATLEAST/2", r#"column 1: "ATLEAST/2": write ATLEAST/2(a b c), with how many and what of"#),
    ("ATLEAST(a b)", r#"column 1: "ATLEAST": write ATLEAST/2(a b c), with how many and what of"#),
    ("ATLEAST/5(a b c)", "column 1: ATLEAST/5 of 3: n is 1 to the number of items"),
    ("ATLEAST/0(a b)", "column 1: ATLEAST/0 of 2: n is 1 to the number of items"),
    ("ATLEAST/x(a b)", r#"column 1: "ATLEAST/x": write ATLEAST/2(a b c), with how many and what of"#),
    ("ATLEAST/2()", "column 1: ATLEAST/n( ) holds nothing to choose from"),
    ("ATLEAST/2(a", r#"column 10: this "(" is not closed"#),
    (
        "ATLEAST/2(a AND b)",
        "column 13: items of ATLEAST are parted by spaces: AND and OR need parentheses of their own",
    ),
    (
        "atleast/2(a b)",
        "column 1: write ATLEAST/2(a b c), with capitals and parentheses (to look for it, quote it)",
    ),
    ("ATLEAST/1 a", r#"column 1: "ATLEAST/1": write ATLEAST/2(a b c), with how many and what of"#),
    (r#""a b"~"#, r#"column 6: "~" is followed by 0 to 100 words between: "a b"~3"#),
    (r#""a b"~x"#, r#"column 6: "~" is followed by 0 to 100 words between: "a b"~3"#),
    (r#""a b"~101"#, r#"column 6: "~" is followed by 0 to 100 words between: "a b"~3"#),
    (r#""a b"~3x"#, r#"column 6: "~" is followed by 0 to 100 words between: "a b"~3"#),
    (r#""a b" ~3"#, r#"column 7: "~" stands right behind a quotation mark: "a b"~3"#),
    (r#"tag:"a b"~3"#, "column 6: tag: takes no ~n: it compares whole values"),
    (
        "roast~",
        r#"column 1: "~" stands only behind a phrase, "a b"~3: for other endings write roast* (to look for it, quote it)"#,
    ),
    (
        "roast~2",
        r#"column 1: "~" stands only behind a phrase, "a b"~3: for other endings write roast* (to look for it, quote it)"#,
    ),
    (
        "roast~0.8",
        r#"column 1: "~" stands only behind a phrase, "a b"~3: for other endings write roast* (to look for it, quote it)"#,
    ),
    ("~roast", r#"column 1: "~" stands right behind a quotation mark: "a b"~3"#),
    ("roast^2", "column 1: words have no weight: write roast (to look for it, quote it)"),
    (r#""a b"^2"#, "column 6: words have no weight: leave it out (to look for it, quote it)"),
    ("title=x", "column 1: a field is followed by a colon: write title:x (to look for it, quote it)"),
    ("title=x y", "column 1: a field is followed by a colon: write title:x (to look for it, quote it)"),
    (
        "/acme.*/",
        "column 1: regular expressions are not known: write words with * and ? (to look for it, quote it)",
    ),
    ("https://a.example", "column 1: to look for an address write links: or url: before it, or quote it"),
    ("http://a.example/x", "column 1: to look for an address write links: or url: before it, or quote it"),
    ("@a/b", r#"column 1: no search is named "a/b" (@name is a search of the same file, or a handle)"#),
    (
        r#"@"our brand""#,
        r#"column 1: no search is named "our brand" (@name is a search of the same file, or a handle)"#,
    ),
    (r#"title:@"x""#, r#"column 7: "@" holds no word to look for"#),
    ("lang:", r#"column 1: nothing stands right after "lang:""#),
    ("lang:*", r#"column 6: "*" holds no word to look for"#),
    ("lang:e*n", r#"column 7: "*" stands only at the end here"#),
    (
        "site:*.acme.example",
        r#"column 6: "*" stands only at the end here (site:acme.example means the hosts below it too)"#,
    ),
    ("site:http://", r#"column 6: "http://" holds no word to look for"#),
    ("site:www.", r#"column 6: "www." holds no word to look for"#),
    ("from:@", r#"column 6: "@" holds no word to look for"#),
    ("from:", r#"column 1: nothing stands right after "from:""#),
    (
        "date:soon",
        r#"column 6: "soon" is no day, month or year (write 2026-11-20, 2026-11, 2026, today, 2026-11-01..2026-11-20, or >= and a time)"#,
    ),
    (
        "date:2026-13",
        r#"column 6: "2026-13" is no day, month or year (write 2026-11-20, 2026-11, 2026, today, 2026-11-01..2026-11-20, or >= and a time)"#,
    ),
    (
        "date:2026-11-31",
        r#"column 6: "2026-11-31" is no day, month or year (write 2026-11-20, 2026-11, 2026, today, 2026-11-01..2026-11-20, or >= and a time)"#,
    ),
    (
        "date:2026-11-20..2026-11-10",
        "column 6: the range ends before it begins (did you mean 2026-11-10..2026-11-20?)",
    ),
    ("date:..", "column 6: a range needs a day: 2026-11-01..2026-11-20"),
    ("date:20.11.2026", r#"column 6: "20.11.2026" is no day, month or year (did you mean 2026-11-20?)"#),
    ("date:11/20/2026", r#"column 6: "11/20/2026" is no day, month or year (did you mean 2026-11-20?)"#),
    ("date:2026/11/20", r#"column 6: "2026/11/20" is no day, month or year (did you mean 2026-11-20?)"#),
    ("date:2026-1-5", r#"column 6: "2026-1-5" is no day, month or year (did you mean 2026-01-05?)"#),
    ("date:>20.11.2026", r#"column 6: "20.11.2026" is no day, month or year (did you mean 2026-11-20?)"#),
    ("date:=2026", r#"column 6: no "=" is needed: write date:2026"#),
    ("date:2h", r#"column 6: "2h" is an instant: write date:>=2h for since, date:<2h for until"#),
    ("date:now", r#"column 6: "now" is an instant: write date:>=now for since, date:<now for until"#),
    ("date:>=", r#"column 6: a time is missing behind ">=": write date:>=2026-11-20 or date:>=3d"#),
    (
        "date:2026-11-20T10:00:00Z",
        r#"column 6: "2026-11-20T10:00:00Z" is an instant: write date:>=2026-11-20T10:00:00Z for since, date:<2026-11-20T10:00:00Z for until"#,
    ),
    (
        "date:2026-11-20T10:00:00Z..2026-11-21",
        "column 6: a range is of days, months or years: for instants write date:>=A date:<B",
    ),
    (
        r#"date:"2026-11-20 14:00""#,
        r#"column 7: "2026-11-20 14:00" is an instant: write date:">=2026-11-20 14:00" for since"#,
    ),
    (
        "date:{x}",
        "column 7: date: takes no {...}: it is for title:, summary:, text:, author:, tag: or no field",
    ),
    (
        "date:2026 NEAR/2 a",
        "column 1: NEAR looks in title:, summary:, text:, author: or no field: this field has no running words",
    ),
    ("'acme roast'", r#"column 1: a phrase stands in double quotation marks: "acme roast""#),
    ("‘acme roast’", r#"column 1: a phrase stands in double quotation marks: "acme roast""#),
];

#[test]
fn every_mistake_is_told_in_one_line_with_its_column() {
    for (query, wanted) in MISTAKES {
        assert_eq!(error(query), *wanted, "{query}");
    }
}

#[test]
fn what_is_too_much_is_refused() {
    for (query, wanted) in [
        ("(".repeat(5000), "parentheses nest deeper than 100"),
        ("ATLEAST/1(".repeat(5000), "parentheses nest deeper than 100"),
        (format!("\"{}\"~3", "a ".repeat(101)), "a phrase with ~n has at most 100 words"),
        (format!("{{{}}}", "é".repeat(1001)), "{...} holds more than 1000 characters"),
        ("a ".repeat(500_001), "the query, with all that it names, is longer than 1000000 bytes"),
    ] {
        let message = error(&query);
        assert!(message.ends_with(wanted), "{message}");
    }
    let word = format!("{}:", "x".repeat(100_000));
    assert!(error(&format!("{word}a")).len() < 400);
}
