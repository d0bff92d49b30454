//! cm-scan: items -> the items that match saved or ad-hoc searches.
//! In: records (or any text, with --plain) and a query or a file of searches. Out: the records that match, each with its
//! `_cm_scan`: which search, why, and where; or lines for people, counts, explanations. No state: a pure filter.

mod answer;
mod args;
mod check;
mod context;
mod count;
mod document;
mod done;
mod engine;
mod evaluate;
mod explain;
mod follow;
mod formats;
mod handle;
mod hashtag;
mod hits;
mod import;
mod language;
mod lines;
mod marks;
mod matcher;
mod mixup;
mod near_duplicates;
mod out;
mod packs;
mod part;
mod plain;
pub mod probe;
mod pump;
mod query;
mod questions;
mod records;
mod score;
mod searches;
mod sentence;
mod sentiment;
mod sink;
#[cfg(test)]
mod suite;
mod surrogate;
mod token;
mod top;
mod window;
mod word_index;

pub use args::Args;
pub use query::{Query, QueryError};

use cm_cli::{Exit, Failure, Session, Tool, unreadable};
use cm_record::{Blocks, Options, Reject};
use engine::{Engine, Scratch};
use marks::Hints;
use matcher::{Matcher, Matching};
use near_duplicates::{NearDuplicates, Treatment};
use pump::{Input, Pump};
use questions::Questions;
use searches::{Searches, Wanted};
use sentiment::Lexicon;
use sink::Sink;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use window::Window;

/// What the edge has to know.
pub const TOOL: Tool = Tool {
    name: "cm-scan",
    example: "  cm-scan '\"acme roast\" -jobs' items.jsonl\n  cm-fetch --new | cm-scan -f searches.toml | cm-inbox",
    habits: args::HABITS,
};

/// Matches every record of the inputs against the searches.
pub fn run(args: Args, session: &Session) -> anyhow::Result<()> {
    if let Some(dialect) = args.import {
        let files: Vec<PathBuf> = args.query.iter().map(PathBuf::from).chain(args.files).collect();
        return import::import(dialect, &files, session);
    }
    if let Some(name) = &args.pack {
        return packs::print(name, session);
    }
    let (searches, inputs) = searches_and_inputs(&args, session)?;
    if args.lockstep && args.near_duplicates == Treatment::Drop {
        return Err(Failure::usage("--lockstep leaves no line out: --near-duplicates mark").into());
    }
    if args.list {
        return searches.list(session);
    }
    if args.check {
        let text = args.text || session.stdout_is_terminal();
        return check::check(&searches, text, session);
    }
    mixup::query_as_file(&args, &inputs, session);
    mixup::empty_folders(&inputs, session);
    mixup::nothing_to_read(&args, &inputs)?;
    let engine = Engine::new(searches)?.naming_clauses(args.clauses);
    let input = input(&args, &inputs, session)?;
    let matched = if args.plain {
        plain(&args, &engine, input, session)?
    } else {
        scan(&args, &engine, input, session)?
    };
    if args.exit_status && !matched {
        session.mark(Exit::Nothing);
    }
    Ok(())
}

/// With `-f` every argument is an input; else the first is the query, whatever it says.
fn searches_and_inputs(args: &Args, session: &Session) -> anyhow::Result<(Searches, Vec<PathBuf>)> {
    let mut inputs = args.files.clone();
    let chooses = !args.tag.is_empty() || !args.only.is_empty();
    let configured = if chooses { session.config().path("searches")? } else { None };
    let saved = match (&args.query, args.searches.is_empty()) {
        (first, false) => {
            inputs.splice(0..0, first.iter().map(PathBuf::from));
            args.searches.clone()
        }
        (Some(file), true) if !chooses && mixup::is_file_of_questions(args, file) => {
            return Ok((Searches::ad_hoc("*", None)?, vec![file.into()]));
        }
        (Some(query), true) => {
            if let Some(saved) = configured.as_ref().filter(|_| mixup::is_file_for_saved(args, query)) {
                inputs.insert(0, query.into());
                vec![saved.clone()]
            } else {
                mixup::refuse_query(args, query, configured.is_some())?;
                return Ok((ad_hoc(args, query, session)?, inputs));
            }
        }
        (None, true) if !chooses && args.questions => return Ok((Searches::ad_hoc("*", None)?, inputs)),
        (None, true) => vec![session.config().path("searches")?.ok_or_else(no_query)?],
    };
    let wanted = Wanted {
        tags: args.tag.clone(),
        names: args.only.clone(),
        sentences: args.check,
        disabled: args.check || args.list,
    };
    Ok((Searches::read(&saved, &wanted)?.seen_from(session.now(), session.zone()?), inputs))
}

/// At a terminal the help says more than an error would.
fn no_query() -> Failure {
    if std::io::stdin().is_terminal() {
        return Failure::short_help();
    }
    Failure::usage("no query: give one, or -f SEARCHES, or set searches in cm.toml")
}

fn ad_hoc(args: &Args, query: &OsString, session: &Session) -> anyhow::Result<Searches> {
    mixup::file_as_query(args, query, session)?;
    mixup::verbose_is_not_inverted(session);
    let text = query.to_str().ok_or_else(|| Failure::usage("the query is not UTF-8"))?;
    // Only what may be a reference is worth a look at the saved ones.
    let saved = if text.contains('@') { session.config().path("searches")? } else { None };
    let everything = Wanted { disabled: true, ..Wanted::default() };
    let saved = saved.map(|path| Searches::read(&[path], &everything)).transpose()?;
    let searches = Searches::ad_hoc(text, saved)?.seen_from(session.now(), session.zone()?);
    if let Some(slip) = check::slip(&searches) {
        session.warn("slip", slip);
    }
    Ok(searches)
}

fn input(args: &Args, inputs: &[PathBuf], session: &Session) -> anyhow::Result<Input> {
    let stopped = Arc::default();
    if !args.follow || matches!(inputs, [only] if only == OsStr::new("-")) || inputs.is_empty() {
        let (blocks, reject) = session.blocks(inputs)?;
        return Ok((blocks, reject, stopped));
    }
    let [file] = inputs else { return Err(Failure::usage("--follow takes one FILE").into()) };
    if file.is_dir() {
        return Err(
            Failure::usage(format!("--follow takes a file, and {} is a folder", file.display())).into()
        );
    }
    if file.extension().is_some_and(|end| end == "gz" || end == "zst") {
        let message = format!("--follow takes a file that is not packed, and {} is", file.display());
        return Err(Failure::usage(message).into());
    }
    let growing =
        follow::Follow::open(file, Arc::clone(&stopped)).map_err(|error| unreadable(file, &error))?;
    let Options { max_line, reject } = session.reading(inputs)?;
    Ok((Blocks::of_stream(&file.display().to_string(), growing, max_line), Reject::new(reject), stopped))
}

fn plain(args: &Args, engine: &Engine, input: Input, session: &Session) -> anyhow::Result<bool> {
    let max_line = input.0.max_line();
    let worker = |_| plain::Plain {
        engine,
        max_line,
        all: args.all,
        count: args.count,
        color: session.color(),
        scratch: Scratch::default(),
    };
    let workers = (0..args.threads).map(worker).collect();
    let sink: Option<Box<dyn Sink + Send>> =
        if args.count { Some(Box::new(count::Count::new(session, engine))) } else { None };
    Pump::new(session, input, sink, std::io::stdout()).run(workers)
}

fn scan(args: &Args, engine: &Engine, input: Input, session: &Session) -> anyhow::Result<bool> {
    let time = |option: &str, text: &Option<String>| {
        text.as_deref().map(|text| session.time(option, text)).transpose()
    };
    let window = Window { since: time("--since", &args.since)?, until: time("--until", &args.until)? };
    let words = args.sentiment_words.as_deref();
    let lexicon = if args.sentiment { Some(Lexicon::read(words)?) } else { None };
    let hints = Hints { language: args.detect_language, sentiment: lexicon.as_ref() };
    let matching = Matching {
        engine,
        window,
        hints,
        all: args.all,
        lockstep: args.lockstep,
        max_line: input.0.max_line(),
        strict: session.common().strict,
    };
    let sink = || sink(args, engine, window, session);
    let workers: anyhow::Result<Vec<_>> =
        (0..args.threads).map(|_| Ok(Matcher::new(matching, sink()?))).collect();
    Pump::new(session, input, Some(sink()?), std::io::stdout()).run(workers?)
}

/// The form of output that was asked for; for people where they look on.
fn sink<'a>(
    args: &Args,
    engine: &'a Engine,
    window: Window,
    session: &'a Session,
) -> anyhow::Result<Box<dyn Sink + Send + 'a>> {
    let text = args.text || session.stdout_is_terminal();
    let color = session.color();
    let width = session.stdout_is_terminal().then(|| session.width());
    if args.questions {
        return Ok(marking(args, session, Box::new(Questions::new(session))));
    }
    if args.count {
        return Ok(marking(args, session, Box::new(count::Count::new(session, engine))));
    }
    if args.explain {
        return Ok(Box::new(explain::Explain {
            engine,
            window,
            zone: session.zone()?,
            now: session.now(),
            text,
            color,
        }));
    }
    let plain_sink: Box<dyn Sink + Send + 'a> = match (args.lockstep, args.all, text) {
        (true, ..) => Box::new(records::Records::Lockstep),
        (_, true, _) => Box::new(records::Records::All),
        (_, _, true) => Box::new(lines::Lines { engine, zone: session.zone()?, color, width }),
        _ => Box::new(records::Records::Matching),
    };
    Ok(match args.top {
        // In the order in which they come out, so that a second pass marks the same ones.
        Some(most) if args.near_duplicates == Treatment::Mark => {
            Box::new(top::Top::new(most, session, marking(args, session, plain_sink)))
        }
        Some(most) => marking(args, session, Box::new(top::Top::new(most, session, plain_sink))),
        None => marking(args, session, plain_sink),
    })
}

/// The output behind the steps that mark records or leave some out.
fn marking<'a>(
    args: &Args,
    session: &'a Session,
    sink: Box<dyn Sink + Send + 'a>,
) -> Box<dyn Sink + Send + 'a> {
    match args.near_duplicates {
        Treatment::Keep => sink,
        treatment => {
            let drop = treatment == Treatment::Drop;
            Box::new(NearDuplicates::new(session, drop, args.all, sink))
        }
    }
}
