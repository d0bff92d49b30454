//! `export`: the links as files for web servers and hosts that need no server of ours, and as tables. In: the store.
//! Out: files that are there whole or not at all; in a folder only those that an export wrote are ever replaced.
//!
//! A file cannot end a link: one that has ended when it is written leads to its fallback or is gone, and one that ends
//! later is told, so that the export is run again then.

mod apache;
mod caddy;
mod csv;
mod entry;
mod html;
mod jsonl;
mod nginx;
mod place;
mod redirects;
mod selection;

use crate::args::{Export, Goal, To};
use crate::remote;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Failure, Session};
use entry::Entry;
use place::{Folder, Sole};
pub use selection::Selection;

/// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), and the sign that says it is none.
pub const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// A format while links are written in it.
trait Face {
    /// Writes a link; false when the format has no place for it.
    fn entry(&mut self, entry: &Entry) -> Result<bool>;
    /// Puts the files in their place.
    fn end(self: Box<Self>) -> Result<()>;
}

/// Writes the files.
pub fn run(args: &Export, session: &Session) -> Result<()> {
    let to = match &args.to {
        Goal::Service(name) => return remote::export(args, name, session),
        Goal::Files(to) => *to,
    };
    let tables = Tables::look(session)?;
    let selection = Selection::new(args);
    selection.check(tables.as_ref())?;
    let mut face = open(args, to, session, tables.as_ref())?;
    let (mut written, mut left_out, mut ending) = (0_u64, 0_u64, 0_u64);
    if let Some(tables) = &tables {
        let now = session.now().timestamp_millis();
        each(tables, now, selection, |entry| {
            ending += u64::from(entry.ends_later);
            match face.entry(entry)? {
                true => written += 1,
                false => left_out += 1,
            }
            Ok(())
        })?;
    }
    face.end()?;
    let is_table = matches!(to, To::Csv | To::Jsonl);
    if ending > 0 && !is_table {
        session.warn(
            "ends",
            format_args!(
                "{} at a time or after clicks, which a file does not know: export again then",
                if ending == 1 { "1 link ends".to_owned() } else { format!("{ending} links end") }
            ),
        );
    }
    if to == To::Netlify && written > redirects::ADVISED {
        session.warn(
            "limit",
            format_args!(
                "{written} rules: Netlify advises against more than {}, which slow its answers; choose some with --tag",
                redirects::ADVISED
            ),
        );
    }
    let gone = if left_out > 0 { format!(", {left_out} that have ended left out") } else { String::new() };
    let would = if args.dry_run { "would be " } else { "" };
    let links = if written == 1 { "link" } else { "links" };
    session.say(format_args!("{written} {links} {would}written{gone}"));
    Ok(())
}

/// A path where a pattern of file names may stand (nginx's and Apache's `include`): one without `*`, `?` and `[` as it
/// is, else with these in brackets, since Apache takes no other way.
fn pattern(path: &str) -> String {
    if !path.contains(['*', '?', '[']) {
        return path.to_owned();
    }
    let escaped = |c: char| match c {
        '*' | '?' | '[' => format!("[{c}]"),
        '\\' => "\\\\".to_owned(),
        c => c.to_string(),
    };
    path.chars().map(escaped).collect()
}

/// Calls once for each link that was asked for, in the order of their codes.
fn each(
    tables: &Tables,
    now: i64,
    selection: Selection<'_>,
    mut call: impl FnMut(&Entry) -> Result<()>,
) -> Result<()> {
    for page in tables.full() {
        let page: Vec<_> = page?.into_iter().filter(|full| selection.holds(&full.link)).collect();
        let counts = tables.counts(page.iter().map(|full| full.link.code.clone()).collect())?;
        for full in page {
            let clicks = counts.get(&full.link.code).copied().unwrap_or_default();
            call(&Entry::new(full, clicks, now))?;
        }
    }
    Ok(())
}

fn open(args: &Export, to: To, session: &Session, tables: Option<&Tables>) -> Result<Box<dyn Face>> {
    let output = args.output.as_deref();
    let folder = |what: &str| -> Result<Folder> {
        let Some(path) = output else {
            return Err(Failure::usage(format!("{what} takes a folder: name it with -o")).into());
        };
        Folder::open(path, args.dry_run)
    };
    let sole = |kind| Sole::open(output, kind, args.dry_run);
    Ok(match to {
        To::Nginx => {
            Box::new(nginx::Nginx::new(folder("nginx")?, &alike(session, tables, Selection::new(args))?)?)
        }
        To::Caddy => Box::new(caddy::Caddy::new(folder("caddy")?)?),
        To::Apache => Box::new(apache::Apache::new(folder("apache")?)?),
        To::Html => Box::new(html::Html::new(folder("html")?)),
        To::Netlify => Box::new(redirects::Netlify::new(sole(redirects::FILE)?)?),
        To::Cloudflare => Box::new(redirects::Cloudflare::new(sole(redirects::FILE)?)),
        To::Csv => Box::new(csv::Table::new(sole(csv::FILE)?)?),
        To::Jsonl => Box::new(jsonl::Lines::new(sole(jsonl::FILE)?)),
    })
}

/// In lower case, the codes that several links have when capitals do not count: only codes from elsewhere hold any.
fn alike(
    session: &Session,
    tables: Option<&Tables>,
    selection: Selection<'_>,
) -> Result<std::collections::HashSet<String>> {
    let mut counts = std::collections::HashMap::<String, u32>::new();
    let Some(tables) = tables else { return Ok(Default::default()) };
    each(tables, session.now().timestamp_millis(), selection, |entry| {
        let code = entry.code();
        if code.bytes().any(|byte| byte.is_ascii_uppercase()) {
            *counts.entry(code.to_ascii_lowercase()).or_default() += 1;
        }
        Ok(())
    })?;
    let mut alike = std::collections::HashSet::new();
    for (code, count) in counts {
        if count > 1 || tables.link(&code)?.is_some() {
            alike.insert(code);
        }
    }
    Ok(alike)
}
