//! Requests to web sites: people's visits and pages; robots and previews counted apart.
//! In: log entries. Out: counts. No address and no user agent is kept: see visits.rs.

use super::visits::{Visit, Visits};
use super::{Campaign, Daily, Names, Pair, Source, Tally};
use crate::goals::Goals;
use crate::inputs::Entry;
use crate::period::Period;
use cm_web::{Agent, Family, classify, family};
use std::collections::HashMap;

/// User agents and referrers whose verdicts are remembered.
const MOST_VERDICTS: usize = 10_000;
/// Hosts of our own that are learnt from logs.
const MOST_HOSTS: usize = 100;
/// A path as it is counted, in bytes.
const MOST_PATH: usize = 300;

/// A visit of a person, as the sections read it.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The visit.
    pub visit: Visit,
    /// How many visits it stands for.
    pub weight: u64,
}

/// All requests.
#[derive(Debug)]
pub struct Site {
    /// People's page views by path.
    pub pages: Tally,
    /// Paths that people asked for in vain (404, 410).
    pub missing: Tally,
    /// People's page views.
    pub page_views: Pair,
    /// People's page views of the period by day of the report.
    pub views_by_day: Vec<u64>,
    /// Requests by robots.
    pub robots: Pair,
    /// Requests by link previews.
    pub previews: Pair,
    /// Requests by people that are neither a page nor a goal: pictures, scripts, errors.
    pub other_requests: Pair,
    /// Requests outside every span that the report looks at.
    pub outside: u64,
    /// True when a log has no user agents, so that robots cannot be told from people.
    pub no_agents: bool,
    /// The earliest and the latest request met.
    pub first_ms: Option<i64>,
    /// The latest.
    pub last_ms: Option<i64>,
    visits: Visits,
    sources: Names<Source>,
    campaigns: Names<Campaign>,
    own: Vec<String>,
    agents: HashMap<String, Agent>,
    referrers: HashMap<String, Source>,
    asset_hosts: HashMap<String, u64>,
}

impl Site {
    /// Nothing yet; `own` are our hosts.
    pub fn new(own: Vec<String>) -> Site {
        Site {
            pages: Tally::default(),
            missing: Tally::default(),
            page_views: Pair::default(),
            views_by_day: Vec::new(),
            robots: Pair::default(),
            previews: Pair::default(),
            other_requests: Pair::default(),
            outside: 0,
            no_agents: false,
            first_ms: None,
            last_ms: None,
            visits: Visits::default(),
            sources: Names::new(Source { family: "site".into(), name: "(others)".into() }),
            campaigns: Names::new(Campaign { name: "(others)".into(), ..Campaign::default() }),
            own,
            agents: HashMap::new(),
            referrers: HashMap::new(),
            asset_hosts: HashMap::new(),
        }
    }

    /// Counts a request.
    pub fn take(&mut self, entry: &Entry, period: &Period, goals: &Goals) {
        let at = entry.at_ms;
        self.first_ms = Some(self.first_ms.map_or(at, |first| first.min(at)));
        self.last_ms = Some(self.last_ms.map_or(at, |last| last.max(at)));
        let Some(day) = period.days.index_of(at).filter(|_| period.wants(at)) else {
            if period.in_compare(at) {
                self.count(entry, period, goals, None);
            } else {
                self.outside += 1;
            }
            return;
        };
        self.count(entry, period, goals, Some(day));
    }

    fn count(&mut self, entry: &Entry, period: &Period, goals: &Goals, day: Option<usize>) {
        let (now, before) = (period.span.contains(entry.at_ms), period.in_compare(entry.at_ms));
        let one = Pair { now: u64::from(now), before: u64::from(before) };
        self.learn_host(entry);
        match self.agent(entry) {
            Agent::Bot => return self.robots.add(one),
            Agent::Preview => return self.previews.add(one),
            Agent::Human => {}
        }
        let met = goals.met_by(entry);
        if entry.is_page() {
            self.page(entry, one, day, period.days.len());
        } else if met == 0 {
            self.other_requests.add(one);
            if matches!(entry.status, 404 | 410) {
                self.missing.add(short(entry.path()), now, before);
            }
            return;
        }
        let source = self.source(entry);
        let campaign = Campaign::of(entry.query());
        let is_ours = |place: &Source| self.own.iter().any(|own| own.eq_ignore_ascii_case(&place.name));
        let place = campaign.place(&source).filter(|place| !is_ours(place));
        let source = self.sources.number(&place.unwrap_or(source));
        let campaign = self.campaigns.number(&campaign);
        let day = day.unwrap_or_else(|| period.day_before(entry.at_ms));
        let address = entry.forwarded.as_deref().unwrap_or(&entry.address);
        let visit = Visit::new(entry.at_ms, source, campaign, met);
        self.visits.take(address, entry.agent.as_deref().unwrap_or(""), day, visit);
    }

    fn page(&mut self, entry: &Entry, one: Pair, day: Option<usize>, days: usize) {
        self.page_views.add(one);
        self.pages.add(short(entry.path()), one.now > 0, one.before > 0);
        self.views_by_day.resize(days, 0);
        if let Some(views) = day.and_then(|day| self.views_by_day.get_mut(day)) {
            *views += one.now;
        }
    }

    fn agent(&mut self, entry: &Entry) -> Agent {
        let Some(agent) = entry.agent.as_deref() else {
            self.no_agents = true;
            return Agent::Human;
        };
        let agent = if agent == "-" { "" } else { agent };
        if let Some(verdict) = self.agents.get(agent) {
            return *verdict;
        }
        let verdict = classify(agent).agent;
        if self.agents.len() >= MOST_VERDICTS {
            self.agents.clear();
        }
        self.agents.insert(agent.to_owned(), verdict);
        verdict
    }

    fn source(&mut self, entry: &Entry) -> Source {
        let referrer = entry.referrer.as_ref();
        if let Some(source) = self.referrers.get(referrer) {
            return source.clone();
        }
        let found = family(referrer, &self.own);
        let source = Source::told(found.family.as_str().to_owned(), found.name);
        if self.referrers.len() >= MOST_VERDICTS {
            self.referrers.clear();
        }
        self.referrers.insert(referrer.to_owned(), source.clone());
        source
    }

    /// Our own hosts: those that the log names, and the one whose pages load the pictures and scripts.
    fn learn_host(&mut self, entry: &Entry) {
        if let Some(host) = entry.host.as_deref()
            && self.own.len() < MOST_HOSTS
            && !self.own.iter().any(|own| own.eq_ignore_ascii_case(host))
            // A log may carry whatever host a robot asked for: what is well known is none of ours.
            && family(&format!("https://{host}/"), &[]).family == Family::Site
        {
            self.own.push(host.to_ascii_lowercase());
            self.referrers.clear();
        }
        let path = entry.path();
        if [".css", ".js", ".png", ".jpg", ".webp", ".svg", ".woff2"].iter().any(|end| path.ends_with(end))
            && let Some(host) = host_of(&entry.referrer)
            && (self.asset_hosts.len() < MOST_HOSTS || self.asset_hosts.contains_key(host))
        {
            *self.asset_hosts.entry(host.to_owned()).or_default() += 1;
        }
    }

    /// The host whose pages load most of the pictures and scripts, when no host is known otherwise.
    fn likely_own(&self) -> Option<&str> {
        let total: u64 = self.asset_hosts.values().sum();
        let (host, count) = self.asset_hosts.iter().max_by_key(|(_, count)| **count)?;
        (self.own.is_empty() && *count * 2 > total).then_some(host.strip_prefix("www.").unwrap_or(host))
    }

    /// People's visits, and the visitors of a day who made them.
    pub fn visitors(&self) -> impl Iterator<Item = Vec<Told>> {
        let weight = self.visits.weight();
        self.visits
            .visitors()
            .map(move |visits| visits.iter().map(|visit| Told { visit: *visit, weight }).collect())
    }

    /// Whether visits were too many to be held one by one, so that their counts are estimates.
    pub fn is_estimate(&self) -> bool {
        self.visits.weight() > 1
    }

    /// Where a visit came from.
    pub fn source_of(&self, visit: &Visit) -> Source {
        let source = self.sources.value(visit.source);
        if source.family == Family::Site.as_str() && self.likely_own() == Some(source.name.as_str()) {
            return Source::told(Family::Internal.as_str().into(), source.name.clone());
        }
        source.clone()
    }

    /// Which campaign brought it.
    pub fn campaign_of(&self, visit: &Visit) -> &Campaign {
        self.campaigns.value(visit.campaign)
    }

    /// People's visits by source and day of the trend window.
    pub fn daily(&self, period: &Period) -> Daily {
        let mut daily = Daily::default();
        for told in self.visitors().flatten() {
            if let Some(place) = period.trend_place(told.visit.first_ms) {
                daily.add(&self.source_of(&told.visit), place, told.weight);
            }
        }
        daily
    }

    /// Whether names or paths were too many to be held one by one.
    pub fn is_cut(&self) -> bool {
        self.sources.is_full() || self.campaigns.is_full() || self.pages.short_by > 0
    }
}

fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split(['/', '?', '#', ':']).next().filter(|host| !host.is_empty())
}

/// A path bounded in length.
fn short(path: &str) -> &str {
    let mut end = path.len().min(MOST_PATH);
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    &path[..end]
}
