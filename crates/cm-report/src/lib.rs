//! cm-report: everything above, web logs and exports -> the dashboard.
//! In: the store's published views and the files of `[report] inputs`, or FILEs of any kind, told apart line by line.
//! Out: one model with five faces: text, Markdown, HTML, CSV and JSON, which is the model itself.
//!
//! Every run reads its inputs whole: read offsets and daily aggregates are not kept yet, so a run's time grows with the
//! logs, while its memory is bounded (facts/). No state is written.

mod args;
mod explain;
mod faces;
mod facts;
mod glob;
mod goals;
mod inputs;
mod metrics;
mod output;
mod period;
mod report;
mod sections;
mod settings;
mod statistics;
mod value;

pub use args::Args;

use args::{Command, ReportArgs};
use cm_cli::{Exit, Failure, Session, Tool};
use facts::Facts;
use period::Period;
use settings::Settings;
use std::path::Path;

/// cm-report for the edge that all tools share.
pub const TOOL: Tool = Tool {
    name: "cm-report",
    example: "  cm-report -o dashboard.html\n  cm-report --period yesterday /var/log/nginx/access.log*",
    habits: &[],
};

/// Reads the facts, makes the report and writes its face.
pub fn run(args: Args, session: &Session) -> anyhow::Result<()> {
    if let Some(Command::Explain { metric }) = &args.command {
        return explain::run(metric.as_deref(), session);
    }
    let facts_of = |args: &ReportArgs| -> anyhow::Result<(Facts, Settings)> {
        let mut settings = Settings::read(args, session)?;
        let period = Period::choose(args, session)?;
        let goals = std::mem::take(&mut settings.goals);
        let several = args.files.len() != 1 && args.files.len() + settings.inputs.len() > 0;
        let folder = args.files.iter().any(|path| path.is_dir());
        let mut facts = Facts::new(period, goals, settings.sites.clone(), several || folder);
        read(args, &settings, &mut facts, session)?;
        Ok((facts, settings))
    };
    let (facts, settings) = facts_of(&args.report)?;
    let report = sections::report(&facts, &settings, session.zone()?.name());
    if args.report.exit_status && report.is_empty() {
        session.mark(Exit::Nothing);
    }
    output::write(&report, &args.report, session)
}

/// FILEs, or else the store and the files that belong to it.
fn read(args: &ReportArgs, settings: &Settings, facts: &mut Facts, session: &Session) -> anyhow::Result<()> {
    if !args.files.is_empty() {
        session.need_any(&args.files)?;
        return inputs::read_files(&args.files, facts, session);
    }
    let url = session.store_url()?;
    let absent = url.strip_prefix("sqlite:").is_some_and(|path| !Path::new(path).exists());
    let named = session.config().text("store")?.is_some();
    if absent && (named || settings.inputs.is_empty()) {
        return Err(Failure::config(format!(
            "there is no store at {} yet: run cm-fetch --new | cm-inbox first, name one with --store, or give FILEs",
            url.strip_prefix("sqlite:").unwrap_or(&url)
        ))
        .into());
    }
    if !absent {
        inputs::read_store(&url, facts)?;
    }
    inputs::read_files(&settings.inputs, facts, session)?;
    if !absent {
        inputs::read_sums(&url, facts)?;
    }
    Ok(())
}
