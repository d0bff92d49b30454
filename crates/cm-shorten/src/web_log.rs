//! `clicks import`: the logs of servers that answer our links without us -> clicks. Only requests that were answered with
//! a redirect of a link of ours count. Addresses and user agents end here as they do in `serve`; the salts of the log's
//! days live as long as the run.
//!
//! Nothing is remembered of a log but its clicks, and yet each counts once: of clicks that are alike in second, link,
//! host, and what is kept of the user agent, a file adds those that the store has fewer of. So a log may be taken in
//! again, grown, rotated or in another format.

use crate::args::ImportClicks;
use crate::settings::Settings;
use crate::slug;
use crate::tables::{Logged, SLICE, Tables};
use crate::visit::{Keeper, Visit};
use crate::visitor::Visitors;
use anyhow::Result;
use cm_cli::{Failure, Session};
use cm_record::{Block, Blocks, Next};
use cm_store::Mode;
use cm_web::LogEntry;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// Clicks taken in by one transaction.
const GROUP: usize = 5_000;
/// Codes and alike clicks remembered at most.
const MOST: usize = 500_000;

/// Agents remembered at most.
const MOST_AGENTS: usize = 50_000;

/// How long an import waits for another one.
const TURN: Duration = Duration::from_secs(60);

/// Takes in the files in order.
pub fn import(args: &ImportClicks, session: &Session) -> Result<()> {
    let settings = Settings::read(session)?;
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    // Two at once would not see what the other adds of the same log.
    let _lock = tables
        .store()
        .lock("clicks import", TURN)?
        .ok_or_else(|| Failure::busy("another clicks import runs on this store: run this one after it"))?;
    let mut keeper = Keeper::of(&settings)?;
    keeper.visitors = Visitors::of_log();
    let kept_since = tables.kept_since()?;
    let mut run = Run {
        session,
        tables,
        keeper,
        kept_since,
        pages: args.pages,
        codes: HashMap::new(),
        agents: HashMap::new(),
        added: 0,
        waiting: 0,
        file: File::default(),
    };
    for path in &args.files {
        run.read(path)?;
    }
    while run.tables.roll_up()? {}
    session.say(format_args!("{} clicks are new", run.added));
    Ok(())
}

struct Run<'a> {
    session: &'a Session,
    tables: Tables,
    keeper: Keeper,
    kept_since: i64,
    pages: bool,
    /// What codes in paths mean, as far as they were asked for.
    codes: HashMap<String, Option<String>>,
    /// Whether the store keeps agents, as far as it was asked.
    agents: HashMap<String, bool>,
    added: u64,
    /// Those of them that may not be added up yet.
    waiting: u64,
    file: File,
}

/// What is known of the file that is being read.
#[derive(Default)]
struct File {
    /// The store's last click before it.
    before: i64,
    waiting: Vec<Logged>,
    /// How many alike there were so far, by second and the rest.
    alike: HashMap<(i64, u64), i64>,
    /// How many of these are too many.
    most: usize,
    keys: std::hash::RandomState,
    lines: u64,
    unread: u64,
    first_unread: u64,
    clicks: u64,
    too_old: u64,
    nameless: bool,
}

impl Run<'_> {
    fn read(&mut self, path: &Path) -> Result<()> {
        self.file = File { before: self.tables.newest_click()?, ..File::default() };
        // What there was no room for was found out before it was kept.
        self.agents.clear();
        let mut blocks = Blocks::new(vec![path.to_owned()], self.session.common().max_line);
        let mut block = Block::default();
        loop {
            match blocks.next(&mut block) {
                Next::Lines => {
                    for line in block.lines() {
                        self.line(block.without_bom(&line), line.number)?;
                    }
                }
                Next::LongLine => {
                    blocks.pass_over(&mut |_| {})?;
                    self.file.lines += 1;
                    self.file.unread += 1;
                }
                Next::Failed(error) => self.session.failed("input", error)?,
                Next::End => break,
            }
        }
        self.commit()?;
        self.sum_up(path)
    }

    fn line(&mut self, bytes: &[u8], number: u64) -> Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}').trim_end();
        // What W3C and other logs say of themselves.
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        self.file.lines += 1;
        let Some(entry) = LogEntry::read(text) else {
            self.file.unread += 1;
            if self.file.unread == 1 {
                self.file.first_unread = number;
            }
            return Ok(());
        };
        let Some(code) = self.code(&entry)? else { return Ok(()) };
        if entry.at_ms < self.kept_since {
            self.file.too_old += 1;
            return Ok(());
        }
        self.file.clicks += 1;
        self.file.nameless |= entry.agent.is_none();
        let client = entry.forwarded.as_deref().and_then(|all| all.split(',').next()).map(str::trim);
        let address = client.unwrap_or(&entry.address);
        let is_head = entry.method == "HEAD";
        let visit =
            Visit::logged(&code, entry.at_ms, is_head, entry.agent.as_deref(), &entry.referrer, address);
        let mut click = self.keeper.keep(&visit)?;
        if let Some(agent) = click.agent.take() {
            // A click that is kept without its agent must look so when it comes again.
            click.agent = self.keeps(&agent)?.then_some(agent);
        }
        let nth = self.file.nth(&click);
        self.file.waiting.push(Logged { click, nth });
        if self.file.waiting.len() >= GROUP { self.commit() } else { Ok(()) }
    }

    /// The link that a request was redirected by.
    fn code(&mut self, entry: &LogEntry<'_>) -> Result<Option<String>> {
        let is_redirect = matches!(entry.status, 301 | 302 | 303 | 307 | 308);
        let is_page = self.pages && matches!(entry.status, 200 | 304);
        let is_ours = entry.host.as_deref().is_none_or(|host| {
            let host = host
                .rsplit_once(':')
                .filter(|(_, port)| port.parse::<u16>().is_ok())
                .map_or(host, |(host, _)| host);
            host.eq_ignore_ascii_case(&self.keeper.domain)
        });
        if !(is_redirect || is_page) || !is_ours || !matches!(entry.method.as_ref(), "GET" | "HEAD") {
            return Ok(None);
        }
        let path = entry.path();
        let path = if is_page { path.trim_end_matches("index.html").trim_end_matches(".html") } else { path };
        let typed = path.trim_matches('/');
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if typed.is_empty() || typed.len() > slug::LONGEST || !typed.bytes().all(good) {
            return Ok(None);
        }
        if let Some(known) = self.codes.get(typed) {
            return Ok(known.clone());
        }
        let found = self.tables.typed(typed)?.map(|link| link.code);
        if self.codes.len() >= MOST {
            self.codes.clear();
        }
        self.codes.insert(typed.to_owned(), found.clone());
        Ok(found)
    }

    fn keeps(&mut self, agent: &str) -> Result<bool> {
        if let Some(known) = self.agents.get(agent) {
            return Ok(*known);
        }
        let is_kept = self.tables.keeps_agent(agent)?;
        if self.agents.len() >= MOST_AGENTS {
            self.agents.clear();
        }
        self.agents.insert(agent.to_owned(), is_kept);
        Ok(is_kept)
    }

    fn commit(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.file.waiting);
        waiting.sort_by_key(|logged| logged.click.at_ms);
        let (added, too_old) = self.tables.take_in(waiting, self.file.before)?;
        (self.added, self.waiting) = (self.added + added, self.waiting + added);
        self.file.too_old += too_old;
        // Whoever reads meanwhile looks through all that is not added up.
        if self.waiting >= SLICE.unsigned_abs() {
            self.tables.roll_up()?;
            self.waiting = 0;
        }
        Ok(())
    }

    fn sum_up(&self, path: &Path) -> Result<()> {
        let File { lines, unread, first_unread, clicks, too_old, nameless, .. } = &self.file;
        let name = path.display();
        self.session.say(format_args!("{name}: {clicks} clicks in {lines} lines"));
        if *nameless {
            self.session.warn("agents", format_args!("{name} names no user agents: robots count as people"));
        }
        if *too_old > 0 {
            let why = "are of days whose clicks were deleted (keep_clicks)";
            self.session.warn("old", format_args!("{name}: {too_old} clicks {why}, and are left out"));
        }
        if *unread == 0 {
            return Ok(());
        }
        let message = if unread == lines {
            format!(
                "{name}: no line in it is of a web log (common, combined; JSON of Caddy, Cloudflare, Netlify)"
            )
        } else {
            format!("{name}: {unread} of {lines} lines could not be read, the first is line {first_unread}")
        };
        self.session.failed("unread", message)
    }
}

impl File {
    /// The how manieth of its kind in this file a click is, from 1.
    fn nth(&mut self, click: &crate::rows::Click) -> i64 {
        use std::hash::BuildHasher;
        let second = click.at_ms.div_euclid(1000);
        let key = self.keys.hash_one((&click.code, &click.agent, &click.referrer, &click.how));
        if self.alike.len() >= self.most.max(MOST) {
            // Logs are nearly in order: what is an hour away does not come again. What stays is not looked through again
            // before there is twice as much of it.
            self.alike.retain(|(at, _), _| at.abs_diff(second) < 3_600);
            self.most = 2 * self.alike.len();
        }
        let count = self.alike.entry((second, key)).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_one_behind_the_other_and_busy_ones_are_counted_in_bounds() {
        let full = |second: i64| File {
            alike: (0..MOST as u64).map(|key| ((second, key), 1)).collect(),
            ..File::default()
        };
        let visit = Visit::logged("k", 0, false, None, "-", "203.0.113.9");
        let click = Keeper::default().keep(&visit).unwrap();
        let mut later = full(36_000);
        assert_eq!((later.nth(&click), later.nth(&click)), (1, 2));
        assert_eq!(later.alike.len(), 1, "what is hours away is forgotten, be it before or after");
        let mut now = full(0);
        assert_eq!((now.nth(&click), now.nth(&click)), (1, 2));
        assert_eq!((now.alike.len(), now.most), (MOST + 1, 2 * MOST), "not looked through with each click");
    }
}
