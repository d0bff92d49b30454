//! Links taken over from another shortener's list, and handed over to one. In: its pages, or our links. Out: rows for
//! `import`, or an outcome for each row that was put there.

use super::patience::Without;
use super::{Remote, same_page};
use crate::args::Export;
use crate::export::Selection;
use crate::import::drive;
use crate::import::row::{Bad, Outcome, Row, Rows, Sink};
use crate::rows::{Link, Wanted};
use crate::shortener::{Fate, Plan, hashed};
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::{Exit, Failure, Session};
use cm_net::shorteners::{Named, Page, Setback, Short};
use cm_record::ShortLink;
use cm_store::Mode;
use std::collections::{HashSet, VecDeque};

/// No list has more pages: who names ever new ones is not followed.
const PAGES: usize = 100_000;
/// Links of ours read at once.
const TOGETHER: i64 = 500;

/// The rows of a service's list, page by page as they are wanted, and the kind of the service.
pub fn rows<'a>(session: &'a Session, name: &str, dry_run: bool) -> Result<(Rows<'a>, &'static str)> {
    let remote = open(session, name, dry_run)?;
    let offers = remote.offers();
    if !offers.lists {
        return Err(Failure::usage(format!("{name}: {} lists no links", offers.kind)).into());
    }
    let list = List {
        session,
        remote,
        cursor: None,
        seen: HashSet::new(),
        page: VecDeque::new(),
        number: 0,
        ended: false,
    };
    Ok((Box::new(list), offers.kind))
}

struct List<'a> {
    session: &'a Session,
    remote: Remote,
    cursor: Option<String>,
    seen: HashSet<String>,
    page: VecDeque<Result<Short, Setback>>,
    number: u64,
    ended: bool,
}

impl List<'_> {
    fn turn(&mut self) -> Result<()> {
        let (cursor, session) = (self.cursor.clone(), self.session);
        let came =
            self.remote.ask(session, async |remote: &Remote| remote.service.page(cursor.as_deref()).await)?;
        let Page { links, next, .. } = came.map_err(|without| failed(&self.remote.name, &without))?;
        self.page.extend(links);
        // A page that is named again would be read for ever.
        self.cursor = next.filter(|next| self.seen.len() < PAGES && self.seen.insert(next.clone()));
        self.ended = self.cursor.is_none();
        Ok(())
    }
}

impl Iterator for List<'_> {
    type Item = Result<Result<Row, Bad>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.page.is_empty() && !self.ended {
            if let Err(error) = self.turn() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        let short = self.page.pop_front()?;
        self.number += 1;
        Some(Ok(match short {
            Ok(short) => Ok(row(short, self.number)),
            Err(setback) => Err(Bad { number: self.number, code: None, why: setback.to_string() }),
        }))
    }
}

fn failed(name: &str, without: &Without) -> Failure {
    let (Without::This(setback) | Without::All(setback)) = without;
    let message = format!("{name}: {setback}; what came before is taken in, and the next run goes on");
    match setback {
        Setback::Credentials(_) => Failure::credentials(format!("{name}: {setback}")),
        _ => Failure { exit: Exit::Partial, code: "backend", ..Failure::usage(message) },
    }
}

fn row(short: Short, number: u64) -> Row {
    let count = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok());
    Row {
        number,
        code: Some(short.slug),
        target: short.url,
        title: short.title,
        labels: short.tags,
        created_ms: short.made.map(|at| at.timestamp_millis()),
        expires_ms: short.expires.map(|at| at.timestamp_millis()),
        max_clicks: short.max_clicks,
        fallback: short.fallback,
        clicks: count(short.clicks.total),
        people: count(short.clicks.humans),
        ..Row::default()
    }
}

/// `export` to another shortener: our links, each with its code, and a line for each with what became of it.
pub fn export(args: &Export, name: &str, session: &Session) -> Result<()> {
    if args.output.is_some() {
        return Err(Failure::usage(format!("-o goes with files: {name} is a service")).into());
    }
    let mut sink = Theirs { session, remote: open(session, name, args.dry_run)? };
    let tables = Tables::open(&session.store_url()?, Mode::Read)?;
    let selection = Selection::new(args);
    selection.check(Some(&tables))?;
    let ours = Ours {
        tables,
        selection,
        has_tags: sink.remote.offers().tags,
        after: String::new(),
        page: VecDeque::new(),
        number: 0,
        now: session.now().timestamp_millis(),
        ended: false,
    };
    drive(Box::new(ours), &mut sink, args.dry_run, session)
}

fn open(session: &Session, name: &str, dry_run: bool) -> Result<Remote> {
    let tables = match dry_run {
        true => Tables::to_remember(session)?,
        false => Some(Tables::open(&session.store_url()?, Mode::Write)?),
    };
    Remote::open(session, name, tables)
}

/// Our links as rows.
struct Ours<'a> {
    tables: Tables,
    selection: Selection<'a>,
    /// Whether links have tags there.
    has_tags: bool,
    after: String,
    page: VecDeque<Result<Row, Bad>>,
    number: u64,
    now: i64,
    ended: bool,
}

impl Ours<'_> {
    fn turn(&mut self) -> Result<()> {
        let page = self.tables.full_after(&self.after, TOGETHER)?;
        let Some(last) = page.last() else {
            self.ended = true;
            return Ok(());
        };
        self.after.clone_from(&last.link.code);
        let counts = self.tables.counts(page.iter().map(|full| full.link.code.clone()).collect())?;
        for full in page.into_iter().filter(|full| self.selection.holds(&full.link)) {
            self.number += 1;
            let opened = counts.get(&full.link.code).map_or(0, |clicks| clicks.human);
            let lost = lost(&full.link, self.has_tags);
            let row = ours(full.link, self.number, opened, self.now).map(|row| Row { lost, ..row });
            self.page.push_back(row);
        }
        Ok(())
    }
}

impl Iterator for Ours<'_> {
    type Item = Result<Result<Row, Bad>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.page.is_empty() && !self.ended {
            if let Err(error) = self.turn() {
                self.ended = true;
                return Some(Err(error));
            }
        }
        self.page.pop_front().map(Ok)
    }
}

/// What of a link no service is told.
fn lost(link: &Link, has_tags: bool) -> Vec<&'static str> {
    [
        (link.fallback.is_some(), "once it has ended it does not lead to its fallback there"),
        (
            link.status.is_some_and(|status| status != 302) || link.max_age.is_some_and(|age| age > 0),
            "how it redirects and how long browsers keep that is for the service to say",
        ),
        (!link.labels.is_empty() && !has_tags, "it has no tags there"),
        (link.note.is_some(), "its note is not told there"),
    ]
    .into_iter()
    .filter_map(|(is_lost, what)| is_lost.then_some(what))
    .collect()
}

/// A link as it would go on elsewhere: with the clicks that it has left.
fn ours(link: Link, number: u64, opened: i64, now: i64) -> Result<Row, Bad> {
    let left = link.max_clicks.map(|most| u32::try_from(most - opened).unwrap_or(0));
    if left == Some(0) || link.expires_ms.is_some_and(|at| at <= now) {
        return Err(Bad { number, code: Some(link.code), why: "it has ended".to_owned() });
    }
    Ok(Row {
        number,
        code: Some(link.code),
        target: link.target,
        title: link.title,
        labels: link.labels,
        account: link.account,
        campaign: link.campaign,
        expires_ms: link.expires_ms,
        max_clicks: left,
        ..Row::default()
    })
}

/// Another shortener as a sink.
struct Theirs<'a> {
    session: &'a Session,
    remote: Remote,
}

impl Sink for Theirs<'_> {
    fn put(&mut self, rows: &[Row], dry_run: bool) -> Result<Vec<Outcome>> {
        let mut plans: Vec<Plan> = rows.iter().map(|row| plan(row, &self.remote.name)).collect();
        let cannot: Vec<Option<String>> = rows.iter().map(|row| self.cannot(row)).collect();
        let mut wished: Vec<&mut Plan> = plans
            .iter_mut()
            .zip(&cannot)
            .filter(|(_, cannot)| cannot.is_none())
            .map(|(plan, _)| plan)
            .collect();
        if dry_run {
            self.remote.fill(wished.iter_mut().map(|plan| &mut **plan))?;
        } else {
            self.remote.make(self.session, &mut wished)?;
        }
        let mut outcomes = Vec::with_capacity(rows.len());
        for ((plan, cannot), row) in plans.into_iter().zip(cannot).zip(rows) {
            outcomes.push(match cannot {
                Some(why) => Outcome::refused(why),
                None if dry_run && plan.fate == Fate::Left => self.would(row)?,
                None => outcome(plan, row),
            });
        }
        Ok(outcomes)
    }
}

impl Theirs<'_> {
    /// Why a row cannot go there without losing what it promises.
    fn cannot(&self, row: &Row) -> Option<String> {
        let (offers, name) = (self.remote.offers(), &self.remote.name);
        let what = match row {
            Row { code: Some(_), .. } if !offers.slugs => "codes of one's own",
            Row { expires_ms: Some(_), .. } if !offers.expiry => "an end",
            Row { max_clicks: Some(_), .. } if !offers.max_clicks => "an end after clicks",
            _ => return None,
        };
        Some(format!("{name} knows no links with {what}"))
    }

    /// What a run would make of it: the service is asked for the code, and nothing is changed.
    fn would(&mut self, row: &Row) -> Result<Outcome> {
        let Some(named) = row.code.as_deref().and_then(Named::read) else {
            return Ok(Outcome::Created { short_url: None });
        };
        if self.remote.patience.stopped {
            return Ok(Outcome::refused("it was not asked any more"));
        }
        let session = self.session;
        Ok(match self.remote.ask(session, async |remote: &Remote| remote.service.look(&named).await)? {
            Ok(short) if same_page(&row.target, &short.url) => Outcome::exists(short.short_url),
            Ok(short) => Outcome::Taken { leads_to: short.url },
            Err(Without::This(Setback::Unknown(_))) => Outcome::Created { short_url: None },
            Err(Without::This(setback) | Without::All(setback)) => Outcome::refused(setback),
        })
    }
}

fn plan(row: &Row, name: &str) -> Plan {
    let number = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
    let (expires, most) = (number(row.expires_ms), number(row.max_clicks.map(i64::from)));
    let parts = [name, "exported", row.code.as_deref().unwrap_or_default(), &row.target, &expires, &most];
    let wanted = Wanted {
        identity: Some(hashed(parts.into_iter())),
        code: row.code.clone(),
        target: row.target.clone(),
        account: row.account.clone(),
        campaign: row.campaign.clone(),
        title: row.title.clone(),
        expires_ms: row.expires_ms,
        max_clicks: row.max_clicks,
        labels: row.labels.clone(),
        ..Wanted::default()
    };
    let link = ShortLink { url: row.target.clone(), ..ShortLink::default() };
    Plan { link, wanted, is_new: false, fate: Fate::Left, why: None, answer: None }
}

fn outcome(plan: Plan, row: &Row) -> Outcome {
    let short_url = plan.link.short_url.unwrap_or_default();
    match (plan.fate, plan.link.code) {
        (Fate::Made, Some(code)) if row.code.as_ref().is_some_and(|asked| *asked != code) => {
            Outcome::refused(format!("the service gave it another code: {short_url}"))
        }
        (Fate::Made, _) if plan.answer.is_some_and(|answer| answer.created) => Outcome::created(short_url),
        (Fate::Made, _) => Outcome::exists(short_url),
        (Fate::Refused | Fate::Left, _) => {
            Outcome::refused(plan.why.unwrap_or_else(|| "it was not asked any more".to_owned()))
        }
    }
}
