//! Our own store as a sink. A code is kept as it is, capitals and all: `serve` looks for the very code first, so that
//! what is printed on paper stays alive. A link whose code leads elsewhere already is left alone and told.

use super::row::{Outcome, Row, Sink};
use crate::args::{Backend, Naming, Tagging};
use crate::rows::{Link, Wanted};
use crate::settings::{Domain, Settings};
use crate::shortener::{Shortener, identity_of};
use crate::slug::{Codes, LONGEST};
use crate::tables::{Before, Tables, There};
use crate::target;
use crate::utm::Fields;
use anyhow::Result;
use chrono::NaiveDate;
use cm_cli::Session;
use cm_store::Mode;
use cm_time::Zone;
use std::collections::HashMap;
use std::sync::Arc;

/// The longest title and note kept with a link, in characters.
const LONGEST_TEXT: usize = 1000;
/// The most labels kept with a link, and the longest, in characters.
const MOST_LABELS: usize = 50;

/// The store.
pub struct Ours<'a> {
    session: &'a Session,
    source: &'static str,
    /// Whether the source is a file of ours, whose links keep their domain.
    own: bool,
    domain: Domain,
    shortener: Shortener,
    zone: &'a Zone,
    /// Absent in a dry run where there is no store yet.
    tables: Option<Tables>,
    /// What this run has made, or in a dry run would have: code or identity, and where it leads.
    made: HashMap<String, String>,
}

/// What is to be done for a row.
enum Step {
    Told(Outcome),
    Make(Box<Wanted>),
    /// The same as another row of the group, by its place in it.
    Like(usize),
}

impl<'a> Ours<'a> {
    /// Opens the store; a dry run only looks. `source` is what `--from` named.
    pub fn open(session: &'a Session, source: &'static str, dry_run: bool) -> Result<Ours<'a>> {
        let settings = Settings::read(session)?;
        let tagging = Tagging { utm: Some("none".to_owned()), ..Tagging::default() };
        let shortener = Shortener::open(session, Some(&Backend::None), &tagging, Naming::default(), &[])?;
        let tables = if dry_run {
            Tables::look(session)?
        } else {
            if let Some(told) = settings.local_domain() {
                session.say(told);
            }
            Some(Tables::open(&session.store_url()?, Mode::Write)?)
        };
        let own = matches!(source, "csv" | "jsonl");
        let (zone, domain, made) = (session.zone()?, settings.domain, HashMap::new());
        Ok(Ours { session, source, own, domain, shortener, zone, tables, made })
    }

    /// The link that a row asks for, or why it is refused.
    fn wish(&self, row: &Row) -> Result<Wanted, String> {
        let refused = |why: target::Refusal| why.to_string();
        if let Some(fallback) = &row.fallback {
            self.shortener.check(fallback).map_err(|why| format!("its fallback: {why}"))?;
        }
        let mut wanted = match &row.code {
            Some(code) => {
                check_code(code)?;
                self.shortener.check(&row.target).map_err(refused)?;
                Wanted {
                    code: row.code.clone(),
                    domain: self.domain_of(row),
                    target: row.target.clone(),
                    ..Wanted::default()
                }
            }
            None => {
                let plans = self.shortener.plan(&row.target, &Fields::default()).map_err(refused)?;
                plans.into_iter().next().ok_or("it is one of our short links")?.wanted
            }
        };
        let now = self.session.now().timestamp_millis();
        wanted.account.clone_from(&row.account);
        wanted.campaign.clone_from(&row.campaign);
        wanted.title = row.title.as_deref().and_then(bounded);
        wanted.note = row.note.as_deref().and_then(bounded);
        wanted.labels = row.labels.iter().filter_map(|label| bounded(label)).take(MOST_LABELS).collect();
        wanted.created_ms = row.created_ms.filter(|at| (0..=now).contains(at)).unwrap_or(now);
        wanted.expires_ms = row.expires_with.map_or(row.expires_ms, |day| self.end_of(day));
        wanted.fallback.clone_from(&row.fallback);
        wanted.status = row.status;
        wanted.max_age = row.max_age;
        if let Some(most) = row.max_clicks {
            let left = i64::from(most) - row.people.or(row.clicks).unwrap_or(0);
            wanted.max_clicks = u32::try_from(left).ok().filter(|left| *left > 0);
            if wanted.max_clicks.is_none() {
                wanted.expires_ms = Some(wanted.created_ms);
            }
        }
        if row.code.is_some() {
            wanted.identity = self.identity(row, &wanted);
        }
        Ok(wanted)
    }

    /// The end of a day here, ms.
    fn end_of(&self, day: NaiveDate) -> Option<i64> {
        Some(self.zone.day_start(day.succ_opt()?).timestamp_millis())
    }

    /// What a link of a file of ours answers for, where the file says that it answers for its target at all. Worked out
    /// anew: what stands there was written by anybody, and would have the filter give this link out for another page.
    fn identity(&self, row: &Row, wanted: &Wanted) -> Option<String> {
        row.identity.as_ref().filter(|_| self.own)?;
        let link = Link {
            domain: wanted.domain.clone(),
            target: wanted.target.clone(),
            account: wanted.account.clone(),
            campaign: wanted.campaign.clone(),
            expires_ms: wanted.expires_ms,
            max_clicks: wanted.max_clicks.map(i64::from),
            status: wanted.status,
            max_age: wanted.max_age,
            ..Link::default()
        };
        identity_of(&link, self.shortener.cleaner())
    }

    /// A file of ours says what its short links begin with; those of others began with what is theirs.
    fn domain_of(&self, row: &Row) -> String {
        let given = row.domain.as_deref().filter(|_| self.own);
        let domain = given.and_then(|domain| Domain::read(domain).ok());
        domain.as_ref().unwrap_or(&self.domain).prefix().to_owned()
    }

    fn steps(&mut self, rows: &[Row], dry_run: bool) -> Result<Vec<Step>> {
        let wishes: Vec<Result<Wanted, String>> = rows.iter().map(|row| self.wish(row)).collect();
        let asked = wishes
            .iter()
            .map(|wish| wish.as_ref().map_or((None, None), |wish| (wish.code.clone(), wish.identity.clone())))
            .collect();
        let there = match &self.tables {
            Some(tables) => tables.there(asked)?,
            None => vec![There::default(); rows.len()],
        };
        if !dry_run {
            self.made.clear();
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut steps = Vec::with_capacity(rows.len());
        for (place, (wish, there)) in wishes.into_iter().zip(there).enumerate() {
            let step = match wish {
                Ok(wish) => self.step(wish, &there, place, &mut places),
                Err(why) => Step::Told(Outcome::refused(why)),
            };
            steps.push(step);
        }
        Ok(steps)
    }

    /// `place`: the row's in its group; `places`: of those that are made, by their identity.
    fn step(
        &mut self,
        mut wish: Wanted,
        there: &There,
        place: usize,
        places: &mut HashMap<String, usize>,
    ) -> Step {
        let is_made = wish.identity.as_ref().is_some_and(|identity| self.made.contains_key(identity));
        if let Some(code) = &wish.code {
            let found = there.link.as_ref().map(|link| (link.target.clone(), link.short_url()));
            let made =
                || self.made.get(code).map(|target| (target.clone(), format!("{}/{code}", wish.domain)));
            if let Some((target, short_url)) = found.or_else(made) {
                return Step::Told(if target == wish.target {
                    Outcome::exists(short_url)
                } else {
                    Outcome::Taken { leads_to: target }
                });
            }
            // The code is what people have in their hands; who fulfils the wish otherwise may stay.
            if there.same.is_some() || is_made {
                wish.identity = None;
            }
            self.made.insert(code.clone(), wish.target.clone());
        } else if let Some(code) = &there.same {
            return Step::Told(Outcome::exists(format!("{}/{code}", wish.domain)));
        } else if let Some(place) = wish.identity.as_ref().and_then(|identity| places.get(identity)) {
            return Step::Like(*place);
        } else if is_made {
            return Step::Told(Outcome::Exists { short_url: None });
        }
        if let Some(identity) = &wish.identity {
            places.insert(identity.clone(), place);
            self.made.insert(identity.clone(), String::new());
        }
        Step::Make(Box::new(wish))
    }

    /// What became of the wishes that were not there a moment ago.
    fn make(&self, wishes: Vec<Wanted>) -> Result<Vec<Outcome>> {
        let Some(tables) = &self.tables else { return Ok(Vec::new()) };
        let wishes: Arc<[Wanted]> = wishes.into();
        let kept = tables.ensure(&wishes, Codes::Random)?;
        let codes = kept.into_iter().map(|kept| kept.map(|kept| kept.code));
        wishes.iter().zip(codes).map(|(wish, made)| made_or_met(tables, wish, made)).collect()
    }
}

impl Sink for Ours<'_> {
    fn put(&mut self, rows: &[Row], dry_run: bool) -> Result<Vec<Outcome>> {
        let steps = self.steps(rows, dry_run)?;
        let wishes: Vec<Wanted> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Make(wish) => Some(Wanted::clone(wish)),
                _ => None,
            })
            .collect();
        let would = |wish: &Wanted| Outcome::Created {
            short_url: wish.code.as_ref().map(|code| format!("{}/{code}", wish.domain)),
        };
        let made = if dry_run { wishes.iter().map(would).collect() } else { self.make(wishes)? };
        let mut made = made.into_iter();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(rows.len());
        for step in steps {
            let outcome = match step {
                Step::Told(outcome) => Some(outcome),
                Step::Make(_) => made.next(),
                Step::Like(place) => outcomes.get(place).cloned().map(|outcome| match outcome {
                    Outcome::Created { short_url } => Outcome::Exists { short_url },
                    other => other,
                }),
            };
            outcomes.extend(outcome);
        }
        if !dry_run {
            self.keep_clicks(rows, &outcomes)?;
        }
        Ok(outcomes)
    }
}

impl Ours<'_> {
    fn keep_clicks(&self, rows: &[Row], outcomes: &[Outcome]) -> Result<()> {
        let Some(tables) = &self.tables else { return Ok(()) };
        let count = |(row, outcome): (&Row, &Outcome)| {
            let (Outcome::Created { short_url: Some(url) } | Outcome::Exists { short_url: Some(url) }) =
                outcome
            else {
                return None;
            };
            let code = url.rsplit('/').next()?.to_owned();
            let clicks = row.clicks.filter(|clicks| *clicks > 0)?;
            Some(Before { code, clicks, created_ms: row.created_ms })
        };
        let counts = rows.iter().zip(outcomes).filter_map(count).collect();
        Ok(tables.keep_before(self.source, self.session.now().timestamp_millis(), counts)?)
    }
}

/// Another writer may have been faster: then only a look tells.
fn made_or_met(tables: &Tables, wish: &Wanted, made: Option<String>) -> Result<Outcome> {
    let short_url = |code: &str| format!("{}/{code}", wish.domain);
    let Some(asked) = &wish.code else {
        let code = made.ok_or_else(|| anyhow::anyhow!("no free code was found"))?;
        return Ok(Outcome::created(short_url(&code)));
    };
    let made = match made {
        Some(code) if code != *asked => {
            let apart: Arc<[Wanted]> = [Wanted { identity: None, ..wish.clone() }].into();
            tables.ensure(&apart, Codes::Random)?.into_iter().next().flatten().map(|kept| kept.code)
        }
        made => made,
    };
    if made.is_some() {
        return Ok(Outcome::created(short_url(asked)));
    }
    Ok(match tables.link(asked)? {
        Some(link) if link.target == wish.target => Outcome::exists(link.short_url()),
        Some(link) => Outcome::Taken { leads_to: link.target },
        None => Outcome::refused("the store took it for another"),
    })
}

/// Checks a code that another shortener gave out: what `serve` and every export can answer.
fn check_code(code: &str) -> Result<(), String> {
    if code.is_empty() || code.len() > LONGEST {
        return Err(format!("its code is {} bytes long: 1 to {LONGEST} can be answered", code.len()));
    }
    if code == "healthz" {
        return Err("the server answers /healthz itself".to_owned());
    }
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match code.chars().find(|c| !good(*c)) {
        Some('/') => Err("its code has several parts (/): only one can be answered".to_owned()),
        Some(c) => Err(format!("its code holds {c:?}: A-Z, a-z, 0-9, - and _ can be answered")),
        None => Ok(()),
    }
}

/// A text as it is kept, without what a terminal would obey; one of nothing is none.
fn bounded(text: &str) -> Option<String> {
    let good = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.trim().chars().filter(good).take(LONGEST_TEXT).collect();
    (!text.is_empty()).then_some(text)
}
