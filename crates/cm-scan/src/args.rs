//! The command line.

use crate::import::Dialect;
use crate::near_duplicates::Treatment;
use clap::Parser;
use cm_cli::{Arguments, Common};
use std::ffi::OsString;
use std::path::PathBuf;

const CASE: &str = "case never counts";
const WORDS: &str = "a word is a whole word, word* is its beginning";
const FOLDERS: &str = "a folder is read as it is, its *.jsonl files in order";
const NO_REGEX: &str = "there are no regular expressions: word*, wo?d, OR and NEAR/n do most of it";
const AROUND: &str = "-t shows the words around each hit";
const NAMES: &str = "-t shows the address of each item, -c counts, --explain names file and line";
const MOST: &str = "--top N hands out the N best; for the first N: | head -n N";

/// What people try who come from grep and ripgrep.
pub const HABITS: &[(&str, &str)] = &[
    ("-i", CASE),
    ("-s", CASE),
    ("--ignore-case", CASE),
    ("-w", WORDS),
    ("-F", WORDS),
    ("--word-regexp", WORDS),
    ("--fixed-strings", WORDS),
    ("-r", FOLDERS),
    ("-R", FOLDERS),
    ("--recursive", FOLDERS),
    ("-E", NO_REGEX),
    ("-P", NO_REGEX),
    ("-A", AROUND),
    ("-B", AROUND),
    ("-C", AROUND),
    ("-l", NAMES),
    ("-n", NAMES),
    ("-H", NAMES),
    ("-m", MOST),
    ("--limit", MOST),
    ("--max-count", MOST),
    ("-o", "each hit says in _cm_scan what stands there (exact), -t shows it"),
    ("--json", "records come out as JSON lines wherever stdout is no terminal"),
    ("--invert-match", "write -word or NOT word; --lockstep and --explain show what did not match"),
];

/// The heading of what is more than words.
const BEYOND: &str = "Beyond words";

/// Items -> the items that match saved or ad-hoc searches
#[derive(Debug, Parser)]
#[command(
    override_usage = "cm-scan [OPTIONS] QUERY [FILE|DIR]...\n       cm-scan [OPTIONS] -f SEARCHES [FILE|DIR]...",
    after_help = "QUERY: words, \"phrases\", pre*, #tag, @handle, AND OR NOT -word NEAR/n ( ), and\n\
                  title: text: author: from: site: url: links: lang: date: tag: kind: source:",
    after_long_help = "A QUERY is words, \"phrases\", ro*st, colo?r, #tag, @handle, {C++}, AND OR NOT -word ( ),\n\
                  a NEAR/3 b, a ONEAR/3 b, \"a b\"~3, ATLEAST/2(a b c), @search and fields: title: text: summary:\n\
                  author: from: site: url: links: lang: date: tag: kind: source:\n\
                  A space is AND. A word is looked for in title, summary, content_text and tags; case and accents\n\
                  do not count unless the query has accents. The grammar is in docs/searches.md.\n\n\
                  Exit: 0 done, 1 nothing matched (-e) or a failed --check, 2 usage or a mistake in a query,\n\
                  3 lines or inputs were skipped"
)]
pub struct Args {
    /// What to look for; with -f the first FILE
    #[arg(value_name = "QUERY")]
    pub query: Option<OsString>,
    /// Records: files, .gz, .zst, folders; none or - is stdin
    ///
    /// Of a folder its *.jsonl, *.jsonl.gz and *.jsonl.zst files in order.
    #[arg(value_name = "FILE|DIR")]
    pub files: Vec<PathBuf>,
    /// Saved searches [default: `searches` in cm.toml]
    ///
    /// TOML or JSONL, or a folder of them; may be given several times. Without it and without a QUERY it is `searches` of
    /// cm.toml.
    #[arg(short = 'f', long, value_name = "SEARCHES")]
    pub searches: Vec<PathBuf>,
    /// Only saved searches that carry this tag, or one of several
    #[arg(long, value_name = "TAG", hide_short_help = true)]
    pub tag: Vec<String>,
    /// Only the saved search of this name, or of several, also with `enabled = false`
    #[arg(long, value_name = "NAME", conflicts_with_all = ["tag", "import", "pack"], hide_short_help = true)]
    pub only: Vec<String>,
    /// List the saved searches: name, tags, query
    #[arg(long, conflicts_with_all = ["text", "all", "count", "top", "explain", "check", "plain", "follow", "lockstep", "questions", "import", "pack"], hide_short_help = true)]
    pub list: bool,
    /// One readable line per hit [default on a terminal]
    #[arg(short, long, conflicts_with_all = ["count", "lockstep"])]
    pub text: bool,
    /// Pass non-matching records through too
    #[arg(long, conflicts_with_all = ["count", "text", "check", "explain", "top"])]
    pub all: bool,
    /// How many records each search matched
    #[arg(short, long, conflicts_with_all = ["lockstep", "check", "explain", "top", "follow"])]
    pub count: bool,
    /// Exit 1 when nothing matched
    #[arg(short, long)]
    pub exit_status: bool,
    /// The N best by score, best first
    #[arg(long, value_name = "N", value_parser = most, conflicts_with_all = ["lockstep", "check", "explain", "follow", "plain"])]
    pub top: Option<usize>,
    /// Published at TIME or later: 2h, monday, 2026-11-20
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Published before TIME
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Why each record matched or not, clause by clause
    #[arg(long, conflicts_with_all = ["lockstep", "check", "plain"])]
    pub explain: bool,
    /// Copies of an item that was there already: keep, mark or drop them
    ///
    /// Syndicated news and copied posts among the records that match (with --all among all). mark writes
    /// `duplicate_of` and `similarity` into `_cm_scan`, drop leaves the copies out and counts them with -v. Comments,
    /// replies, mentions, messages and reviews are copies only of what the same person wrote.
    #[arg(long, value_name = "WHAT", default_value = "keep", conflicts_with_all = ["check", "explain", "plain"], hide_short_help = true, help_heading = BEYOND)]
    pub near_duplicates: Treatment,
    /// What is asked again and again, with counts; without a QUERY in all records
    ///
    /// The QUERY may be left out before a FILE that is there and ends in .jsonl, .gz or .zst.
    #[arg(long, conflicts_with_all = ["text", "all", "count", "top", "lockstep", "explain", "check", "plain", "follow"], hide_short_help = true, help_heading = BEYOND)]
    pub questions: bool,
    /// Guess the language where a record names none, for lang: and as a hint
    ///
    /// `_cm_scan.language` says what the text seems to be and how often such a guess is right; `lang:` and `languages`
    /// of a saved search go by it. What the record says itself always counts more. Measured on 22 languages: told of 66 %
    /// of texts of 3 to 5 words, 82 % of 6 to 10 words and 98 % of paragraphs, and right in 99 % of these.
    #[arg(long, conflicts_with_all = ["check", "plain"], hide_short_help = true, help_heading = BEYOND)]
    pub detect_language: bool,
    /// A hint at how an English text is meant: right about 7 times in 10
    ///
    /// `_cm_scan.sentiment` is a label, a score of -1 to 1, and the words that decided. VADER's authors report F1 0.96 on
    /// their tweets; independent evaluations find about 70 % and limited reliability. Measured here: 64 to 69 % on
    /// three sets of review sentences, and only half of the complaints found. It counts for no score and leaves
    /// nothing out.
    #[arg(long, conflicts_with_all = ["check", "plain"], hide_short_help = true, help_heading = BEYOND)]
    pub sentiment: bool,
    /// Your own words for --sentiment: "burnt -2" a line, 0 takes a word out
    #[arg(long, value_name = "FILE", requires = "sentiment", hide_short_help = true, help_heading = BEYOND)]
    pub sentiment_words: Option<PathBuf>,
    /// Try the searches' own sentences; warn of bad ones
    ///
    /// Runs the sentences that every search carries, and warns of searches that cannot work.
    #[arg(long, conflicts_with_all = ["lockstep", "plain", "follow"])]
    pub check: bool,
    /// Name the clause of the query that each hit is of
    #[arg(long, conflicts_with_all = ["text", "count", "check", "plain"], hide_short_help = true)]
    pub clauses: bool,
    /// Print another service's queries (FILE: one a line, CSV, JSON, a feed) as saved searches
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["searches", "text", "all", "count", "top", "explain", "check", "plain", "follow", "lockstep"], hide_short_help = true)]
    pub import: Option<Dialect>,
    /// Print a pack of ready searches: complaint, question, sales, crisis, praise; `list` lists them
    #[arg(long, value_name = "NAME", conflicts_with_all = ["query", "searches", "text", "all", "count", "top", "explain", "check", "plain", "follow", "lockstep", "import"], hide_short_help = true)]
    pub pack: Option<String>,
    /// Any text instead of records: a line is an item, matching lines come out as they are
    #[arg(long, conflicts_with_all = ["lockstep", "since", "until"], hide_short_help = true)]
    pub plain: bool,
    /// Wait for more at the end of a growing FILE
    #[arg(long, hide_short_help = true)]
    pub follow: bool,
    /// One line out per line in: `matches: []` where nothing matched, a bad line as it came
    #[arg(long, hide_short_help = true)]
    pub lockstep: bool,
    /// How many threads match; the order of the output stays
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=256), hide_short_help = true)]
    pub threads: u16,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the tool's description")]
    pub common: Common,
}

fn most(text: &str) -> Result<usize, String> {
    let most = text.parse().ok().filter(|most| *most > 0);
    most.ok_or_else(|| "expected a whole number of 1 or more, like 10".to_owned())
}

impl Arguments for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
