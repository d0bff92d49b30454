//! The options of what takes links out and in.

use crate::remote::account::check_name;
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// What `import --help` says below the options.
const IMPORT_HELP: &str = "\
A JSON line for each row says what became of it: created, exists (the code leads there already), taken (the code leads
elsewhere: left alone) or refused (and why). Bad rows cost no other; the exit code is 3 then. A second run creates
nothing, and goes on where one was killed.

Codes stay as they are, capitals too: what is printed on paper goes on working. Targets stay byte for byte. A row without
a code is shortened as the filter would. Clicks counted elsewhere are kept apart from ours.

With KIND:NAME the service is asked for its list, page by page, as [shorteners] of the configuration names it.

yourls takes a dump of its database (SQL) or a plugin's CSV or JSON; shlink the web client's CSV or the API's JSON; bitly
and dub their CSV or the API's JSON; kutt the API's JSON; csv and jsonl what export wrote, or any table with a column url.";

/// What `export --help` says below the options.
const EXPORT_HELP: &str = "\
nginx, caddy, apache and html write into the folder of -o, and replace there only what an export wrote. The others write
a file: that of -o, or _redirects, links.csv or links.jsonl in the folder of -o, or standard output. A file that is
there and that no export wrote is left alone, and the exit code is 2; so it is when no link has the tag.

A link that has ended leads to its fallback; without one it is gone (410), and netlify and cloudflare leave it out. A
file cannot end a link later: export again then. cloudflare takes 2,000 links of 1,000 characters, https only: beyond
that nothing is written, and the exit code is 2.

csv and jsonl have all that the store knows: import makes the same links of them.

Another shortener is asked for a link with each code; a JSON line says what became of it, as import does. A link that ends
is refused where the service knows no end. A second run asks for nothing that is there.";

/// `export`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = EXPORT_HELP)]
pub struct Export {
    /// What for: nginx, caddy, apache, netlify, cloudflare, html, csv, jsonl; or another shortener of [shorteners], such as
    /// yourls:blog
    #[arg(long, value_name = "NAME", value_parser = goal)]
    pub to: Goal,
    /// The folder or file to write
    #[arg(long, short, value_name = "FILE_OR_DIR")]
    pub output: Option<PathBuf>,
    /// Only links that have this tag; several times: all of them
    #[arg(long = "tag", value_name = "TAG")]
    pub labels: Vec<String>,
    /// Only links of this domain, go.acme.example, where a store has several
    #[arg(long, value_name = "HOST")]
    pub domain: Option<String>,
    /// Say what would be written or become of each link, and change nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// Where an export goes.
#[derive(Clone, Debug)]
pub enum Goal {
    /// Files.
    Files(To),
    /// Another shortener.
    Service(String),
}

fn goal(text: &str) -> Result<Goal, String> {
    if text.contains(':') {
        return check_name(text).map(|()| Goal::Service(text.to_owned()));
    }
    To::from_str(text, false).map(Goal::Files).map_err(|_| unknown::<To>(text))
}

fn source(text: &str) -> Result<Source, String> {
    if text.contains(':') {
        return check_name(text).map(|()| Source::Service(text.to_owned()));
    }
    From::from_str(text, false).map(Source::File).map_err(|_| unknown::<From>(text))
}

/// What there is, with what may have been meant.
fn unknown<T: ValueEnum>(text: &str) -> String {
    let known = T::value_variants().iter().filter_map(T::to_possible_value);
    let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = cm_cli::nearest(text, &names)
        .filter(|_| !text.is_empty())
        .map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default();
    let begin = if text.is_empty() { "" } else { "unknown: " };
    format!("{begin}use {}, or KIND:NAME of [shorteners]{near}", names.join(", "))
}

impl Import {
    /// `--from`, which nothing can do without.
    pub fn from(&self) -> Result<&Source, String> {
        self.from.as_ref().ok_or_else(|| format!("--from NAME: what wrote it? {}", unknown::<From>("")))
    }
}

/// What reads an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// nginx: a map and the locations that use it.
    Nginx,
    /// Caddy: a map in a Caddyfile.
    Caddy,
    /// Apache: a RewriteMap and its rules.
    Apache,
    /// Netlify: `_redirects`.
    Netlify,
    /// Cloudflare Pages: `_redirects`.
    Cloudflare,
    /// Any host: a page for each link.
    Html,
    /// A table.
    Csv,
    /// JSON lines.
    Jsonl,
}

/// `import`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = IMPORT_HELP, override_usage = "cm-shorten import [OPTIONS] --from <NAME> [FILE]")]
pub struct Import {
    /// The file; `-` is standard input; none where another shortener is asked itself
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What wrote it: csv, jsonl, yourls, shlink, kutt, bitly, dub; or another shortener of [shorteners] to ask, such as
    /// yourls:blog
    #[arg(long, value_name = "NAME", value_parser = source)]
    pub from: Option<Source>,
    /// Say what would become of each row, and change nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// Where an import comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(From),
    /// Another shortener.
    Service(String),
}

/// What writes files of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// `export --to csv`, or any table.
    Csv,
    /// `export --to jsonl`.
    Jsonl,
    /// YOURLS.
    Yourls,
    /// Shlink.
    Shlink,
    /// Kutt.
    Kutt,
    /// Bitly.
    Bitly,
    /// Dub.
    Dub,
}

impl From {
    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            From::Csv => "csv",
            From::Jsonl => "jsonl",
            From::Yourls => "yourls",
            From::Shlink => "shlink",
            From::Kutt => "kutt",
            From::Bitly => "bitly",
            From::Dub => "dub",
        }
    }
}
