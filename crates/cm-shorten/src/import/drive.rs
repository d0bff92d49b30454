//! From a source to a sink, in groups that are durable before they are told. Out: a line for each row, and a sum.

use super::row::{Bad, Outcome, Row, Rows, Sink};
use crate::clicks::written;
use crate::rows::DAY_MS;
use crate::target;
use anyhow::Result;
use cm_cli::{Exit, Listing, Out, Session, failpoint};
use serde_json::{Map, Value};
use std::io;

/// Rows put in one transaction: a run that is killed loses at most so many, and the next run makes those.
const GROUP: usize = 500;

/// Takes every row of a source in, and tells of each.
pub fn drive(rows: Rows<'_>, sink: &mut dyn Sink, dry_run: bool, session: &Session) -> Result<()> {
    let mut report = Report::new(session, dry_run);
    let mut group: Vec<Result<Row, Bad>> = Vec::with_capacity(GROUP);
    for row in rows {
        match row {
            Ok(row) => group.push(row),
            Err(error) => {
                // What came before it is whole.
                put(&mut group, sink, dry_run, &mut report)?;
                report.end()?;
                return Err(error);
            }
        }
        if group.len() == GROUP {
            put(&mut group, sink, dry_run, &mut report)?;
        }
    }
    put(&mut group, sink, dry_run, &mut report)?;
    if report.rows() == 0 {
        session.warn("empty", "there is no row in it");
    }
    report.end()
}

fn put(
    group: &mut Vec<Result<Row, Bad>>,
    sink: &mut dyn Sink,
    dry_run: bool,
    report: &mut Report<'_>,
) -> Result<()> {
    let good: Vec<Row> = group.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
    let mut outcomes = if good.is_empty() { Vec::new() } else { sink.put(&good, dry_run)? }.into_iter();
    failpoint("import-put");
    for row in group.drain(..) {
        match row {
            Ok(row) => {
                let Some(outcome) = outcomes.next() else { continue };
                let is_ahead = row.created_ms.is_some_and(|at| at > report.session.now().timestamp_millis());
                if matches!(outcome, Outcome::Created { .. }) && (row.is_undated || is_ahead) {
                    report.undated += 1;
                }
                let lost = lost(&row, &outcome, report.session);
                report.tell(row.number, row.code.as_deref(), Some(&row.target), &outcome, &lost)?;
            }
            Err(bad) => {
                report.tell(bad.number, bad.code.as_deref(), None, &Outcome::refused(bad.why), &[])?
            }
        }
    }
    report.flush()
}

/// The lines, or on a terminal a table of what was not made, and the sum.
struct Report<'a> {
    session: &'a Session,
    dry_run: bool,
    out: Out,
    /// Whether nobody reads the lines any more: what is under way is done all the same, and the sum is told.
    is_unread: bool,
    listing: Listing,
    created: u64,
    exist: u64,
    taken: u64,
    refused: u64,
    /// Made as of now, since their own instant cannot be read or is not past.
    undated: u64,
    /// Made, but without something that they had.
    changed: u64,
}

impl<'a> Report<'a> {
    fn new(session: &'a Session, dry_run: bool) -> Report<'a> {
        let listing = Listing::new(&["ROW", "CODE", "OUTCOME", "WHY"]);
        let (out, is_unread) = (session.out(), false);
        Report {
            session,
            dry_run,
            out,
            is_unread,
            listing,
            created: 0,
            exist: 0,
            taken: 0,
            refused: 0,
            undated: 0,
            changed: 0,
        }
    }

    /// Takes what became of writing; a reader that went away is none of our concern.
    fn wrote(&mut self, done: io::Result<()>) -> Result<()> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_unread = true,
            done => done?,
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.is_unread {
            return Ok(());
        }
        let done = self.out.flush();
        self.wrote(done)
    }

    fn tell(
        &mut self,
        number: u64,
        code: Option<&str>,
        url: Option<&str>,
        outcome: &Outcome,
        lost: &[String],
    ) -> Result<()> {
        let (word, why) = match outcome {
            Outcome::Created { .. } => (&mut self.created, lost.join("; ")),
            Outcome::Exists { .. } => (&mut self.exist, String::new()),
            Outcome::Taken { leads_to } => (&mut self.taken, format!("leads to {}", target::shown(leads_to))),
            Outcome::Refused { reason } => (&mut self.refused, reason.clone()),
        };
        *word += 1;
        let mut line = Map::new();
        line.insert("row".to_owned(), number.into());
        line.extend(code.map(|code| ("code".to_owned(), Value::from(code))));
        // One that was refused may hold a password.
        line.extend(url.map(|url| ("url".to_owned(), Value::from(shown(url, outcome)))));
        if let Value::Object(members) = serde_json::to_value(outcome)? {
            line.extend(members);
        }
        if !lost.is_empty() {
            self.changed += 1;
            line.insert("lost".to_owned(), lost.into());
        }
        if !self.session.stdout_is_terminal() {
            if self.is_unread {
                return Ok(());
            }
            let done = self.out.line(&Value::Object(line).to_string());
            return self.wrote(done);
        }
        let name = match outcome {
            Outcome::Taken { .. } => "taken",
            Outcome::Refused { .. } => "refused",
            _ if lost.is_empty() => "",
            _ => "created",
        };
        if !name.is_empty() {
            let cells = vec![number.to_string(), code.unwrap_or_default().to_owned(), name.to_owned(), why];
            self.listing.row(cells, Value::Null);
        }
        Ok(())
    }

    fn rows(&self) -> u64 {
        self.created + self.exist + self.taken + self.refused
    }

    fn end(self) -> Result<()> {
        self.session.list(&self.listing)?;
        let (would, rows) = (if self.dry_run { "would be " } else { "" }, self.rows());
        if self.undated > 0 {
            let message = format!(
                "{} rows say that they were made at a time that cannot be read or is still to come: made now, then",
                self.undated
            );
            self.session.warn("created", message);
        }
        if self.changed > 0 {
            let links = if self.changed == 1 { "link loses" } else { "links lose" };
            let told = "something, or ended already: `lost` of the line says what";
            self.session.warn("lost", format_args!("{} {links} {told}", self.changed));
        }
        let sum = format!(
            "{rows} rows: {} {would}created, {} there already, {} taken, {} refused",
            self.created, self.exist, self.taken, self.refused
        );
        if self.taken + self.refused > 0 {
            self.session.error(Exit::Partial, "import", sum);
        } else {
            self.session.say(sum);
        }
        Ok(())
    }
}

/// What a link that was made has not, or is not any more.
fn lost(row: &Row, outcome: &Outcome, session: &Session) -> Vec<String> {
    if !matches!(outcome, Outcome::Created { .. }) {
        return Vec::new();
    }
    let now = session.now().timestamp_millis();
    let clicks = row.people.or(row.clicks).unwrap_or(0);
    let mut lost: Vec<String> = row.lost.iter().map(|what| (*what).to_owned()).collect();
    if let Some(at) = row.begins_ms.filter(|at| *at > now) {
        lost.push(format!("it leads on at once, not from {} on", written(at)));
    }
    let whole_day = if row.expires_with.is_some() { DAY_MS } else { 0 };
    if let Some(most) = row.max_clicks.filter(|most| i64::from(*most) <= clicks) {
        lost.push(format!("it has ended: its {most} clicks are used up"));
    } else if let Some(at) = row.expires_ms.filter(|at| *at + whole_day <= now) {
        lost.push(format!("it has ended: {}", written(at)));
    }
    lost
}

fn shown(url: &str, outcome: &Outcome) -> String {
    if matches!(outcome, Outcome::Refused { .. }) { target::shown(url) } else { url.to_owned() }
}
