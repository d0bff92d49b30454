//! `check`: whether the places where our links lead are still there. In: the store's links, or some of them. Out: a JSON line
//! for each place that is dead or has moved, a table on a terminal, nothing where all is well; the history in the store.

mod judge;
mod rounds;

pub use judge::{Earlier, Finding, State};

use crate::args::Check;
use crate::cleaning;
use crate::details;
use crate::expand;
use crate::rows::Link;
use crate::settings::Settings;
use crate::tables::Tables;
use crate::target;
use crate::ways::{Asker, End};
use anyhow::Result;
use cm_cli::{Exit, Listing, Session};
use cm_store::Mode;
use cm_web::Cleaner;
use rounds::Visit;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::sync::mpsc;

/// Links read at once.
const PAGE: i64 = 1000;
/// Codes shown in one row of the table.
const CODES: usize = 3;

/// Checks the links.
pub fn run(args: &Check, session: &Session) -> Result<()> {
    let settings = Settings::read(session)?;
    if Tables::look(session)?.is_none() {
        return Ok(());
    }
    let tables = Tables::open(&session.store_url()?, Mode::Write)?;
    let targets = targets(args, session, &tables)?;
    let cleaner = cleaning::cleaner(&args.cleaning, session)?;
    let mut checking = Checking {
        now_ms: session.now().timestamp_millis(),
        places: places(&targets, &cleaner),
        tables: &tables,
        nameless: Vec::new(),
        has_answer: false,
        findings: BTreeMap::new(),
    };
    checking.visit(args, session, Asker::new(session, &settings)?)?;
    tables.forget_checks(checking.now_ms)?;
    tell(args, session, &targets, &checking)
}

/// A place where links lead, with their codes.
struct Target {
    url: String,
    codes: Vec<String>,
}

/// The places of the links that are asked for, in the order in which links were made; each once.
fn targets(args: &Check, session: &Session, tables: &Tables) -> Result<Vec<Target>> {
    let since = args.since.as_deref().map(|text| session.time("--since", text)).transpose()?;
    let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
    let tags = details::tags(&args.tags)?;
    let now = session.now().timestamp_millis();
    let named =
        args.code.iter().map(|code| expand::named(tables, session, code)).collect::<Result<Vec<_>>>()?;
    let is_wanted = |link: &Link| {
        link.created_ms >= since
            && tags.iter().all(|tag| link.labels.contains(tag))
            // A link that has ended leads nowhere anyway.
            && link.expires_ms.is_none_or(|end| end > now)
    };
    let (mut targets, mut places): (Vec<Target>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    let mut add = |link: Link| {
        let at = *places.entry(link.target.clone()).or_insert_with(|| {
            targets.push(Target { url: link.target, codes: Vec::new() });
            targets.len() - 1
        });
        if let Some(target) = targets.get_mut(at).filter(|target| !target.codes.contains(&link.code)) {
            target.codes.push(link.code);
        }
    };
    if !args.code.is_empty() {
        named.into_iter().filter(is_wanted).for_each(add);
        return Ok(targets);
    }
    let mut after = (-1, String::new());
    loop {
        let page = tables.links_after(&after, PAGE)?;
        let Some(last) = page.last() else { return Ok(targets) };
        after = (last.revision, last.code.clone());
        page.into_iter().filter(is_wanted).for_each(&mut add);
    }
}

/// The page to ask for each target: without campaign tags and fragment, so that links of one page for several channels are one question.
fn places(targets: &[Target], cleaner: &Cleaner) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for target in targets {
        let clean = cleaner.clean(&target.url).url;
        // No server is told of a fragment.
        let page = clean.split('#').next().unwrap_or_default().to_owned();
        places.entry(page).or_default().push(target.url.clone());
    }
    places
}

/// A check under way.
struct Checking<'a> {
    now_ms: i64,
    /// Targets by the page that is asked for them.
    places: BTreeMap<String, Vec<String>>,
    tables: &'a Tables,
    /// Targets whose names do not resolve: kept only where any host answered.
    nameless: Vec<(String, Finding)>,
    has_answer: bool,
    /// By target, with the time since when it stands so.
    findings: BTreeMap<String, (Finding, i64)>,
}

impl Checking<'_> {
    fn visit(&mut self, args: &Check, session: &Session, asker: Asker) -> Result<()> {
        let hosts = rounds::by_host(self.places.keys().cloned());
        let progress = session.progress(Some(self.places.len() as u64), "pages");
        let pause = Duration::from_secs_f64(args.pause);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clock = session.clock();
        runtime.block_on(async {
            let (sender, mut found) = mpsc::channel(16);
            tokio::spawn(rounds::visit(hosts, asker, clock, pause, sender));
            while let Some(visits) = found.recv().await {
                self.take(&visits)?;
                visits.iter().for_each(|_| progress.step());
            }
            anyhow::Ok(())
        })?;
        progress.finish();
        if self.has_answer {
            let nameless = std::mem::take(&mut self.nameless);
            self.tables.keep_checks(&nameless, self.now_ms)?;
        } else if !self.nameless.is_empty() {
            session
                .failed("offline", "no name resolves: is this machine offline? nothing of that was kept")?;
        }
        Ok(())
    }

    /// Judges what was found at one host, and keeps it.
    fn take(&mut self, visits: &[Visit]) -> Result<()> {
        let (mut judged, mut kept) = (Vec::new(), Vec::new());
        for (page, way) in visits {
            let earlier = match self.places.get(page).and_then(|targets| targets.first()) {
                Some(target) => self.tables.checks(target)?,
                None => Vec::new(),
            };
            judged.push((page.clone(), judge::judge(page, way, &earlier, self.now_ms)));
        }
        judge::doubt_the_same_place(&mut judged);
        for ((page, finding), (_, way)) in judged.into_iter().zip(visits) {
            for target in self.places.get(&page).into_iter().flatten() {
                let since = since(&finding, &self.tables.checks(target)?, self.now_ms);
                self.findings.insert(target.clone(), (finding.clone(), since));
                match &way.end {
                    End::Unasked => {}
                    End::Failed(cm_net::Kind::Dns, _) => {
                        self.nameless.push((target.clone(), finding.clone()))
                    }
                    end => {
                        self.has_answer |= matches!(end, End::Answered { .. });
                        kept.push((target.clone(), finding.clone()));
                    }
                }
            }
        }
        self.tables.keep_checks(&kept, self.now_ms)
    }
}

/// Since when it stands like this.
fn since(finding: &Finding, earlier: &[Earlier], now_ms: i64) -> i64 {
    let same = earlier.iter().take_while(|earlier| earlier.state == finding.state.as_str());
    same.map(|earlier| earlier.at_ms).last().unwrap_or(now_ms)
}

fn tell(args: &Check, session: &Session, targets: &[Target], checking: &Checking<'_>) -> Result<()> {
    let mut listing = Listing::new(&["STATE", "CODE", "LEADS TO", "WHY"]).whole(&["CODE", "WHY"]);
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    let at = cm_time::rfc3339(session.now());
    let written = |ms| chrono::DateTime::from_timestamp_millis(ms).map(cm_time::rfc3339);
    for target in targets {
        let Some((finding, since)) = checking.findings.get(&target.url) else { continue };
        *counts.entry(finding.state).or_default() += 1;
        if !args.all && !matches!(finding.state, State::Dead | State::Moved) {
            continue;
        }
        let object = json!({"type": "check", "at": at, "url": target.url, "state": finding.state.as_str(),
            "since": written(*since), "status": finding.status, "moved_to": finding.moved_to,
            "reason": finding.reason, "codes": target.codes});
        let shown = target.codes.iter().take(CODES).cloned().collect::<Vec<_>>().join(" ");
        let more = target.codes.len().saturating_sub(CODES);
        let codes = if more > 0 { format!("{shown} +{more}") } else { shown };
        listing.row(
            vec![finding.state.to_string(), codes, target::shown(&target.url), finding.reason.clone()],
            object,
        );
        if let Some(cure) = cure(target, finding) {
            listing.note(cure);
        }
    }
    if counts.contains_key(&State::Dead) {
        session.mark(Exit::Nothing);
    }
    if session.stdout_is_terminal() {
        let count = |state| counts.get(&state).copied().unwrap_or_default();
        session.say(format_args!(
            "{} ok, {} moved, {} dead, {} unsure{}",
            count(State::Ok),
            count(State::Moved),
            count(State::Dead),
            count(State::Unsure),
            if args.all { "" } else { " (--all shows every one)" }
        ));
    }
    if listing.is_empty() { Ok(()) } else { session.list(&listing) }
}

/// What mends it, to be copied.
fn cure(target: &Target, finding: &Finding) -> Option<String> {
    let code = target.codes.first()?;
    match (finding.state, &finding.moved_to) {
        (State::Moved, Some(place)) => {
            Some(format!("cm-shorten edit {code} --url '{}'", place.replace('\'', "%27")))
        }
        (State::Dead, _) => Some(format!("cm-shorten edit {code} --url NEW")),
        _ => None,
    }
}
