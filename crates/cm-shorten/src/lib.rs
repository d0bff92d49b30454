//! cm-shorten: links in records or text -> clean, tagged and short; served and counted.
//! In: records (or any text with `--plain`). Out: the same, with the links of each record in its `_cm_shorten` part.
//! `serve` answers the short links over HTTP and logs their clicks; `clicks`, `stats` and `list` tell of them.

mod accounts;
mod add;
mod args;
mod block_list;
mod check;
mod cleaning;
mod clicks;
mod countries;
mod details;
mod edit;
mod expand;
mod expansion;
mod explain;
mod export;
mod fields;
mod filter;
mod group;
mod history;
mod import;
mod known;
mod list;
mod memo;
mod plain;
#[doc(hidden)]
pub mod probe;
mod qr;
mod remote;
mod rows;
mod serve;
mod settings;
mod shortener;
mod slug;
mod stats;
mod tables;
mod target;
mod templates;
mod title;
mod upkeep;
mod utm;
mod visit;
mod visitor;
mod ways;
mod web_log;
mod words;

pub use args::Args;

use args::Command;
use clap::CommandFactory;
use cm_cli::{Failure, Session, Tool, nearest};
use std::path::PathBuf;

/// What cm-cli has to know of this tool.
pub const TOOL: Tool = Tool {
    name: "cm-shorten",
    example: "  cm-inbox share 3 | cm-shorten --for bluesky:acme | cm-schedule add
  echo 'Look: https://shop.example/?id=7&utm_source=mail' | cm-shorten --plain --backend none",
    habits: HABITS,
};

const SLUG: &str = "the code is chosen with add --slug CODE";
const EXPIRES: &str = "when a link ends is said with --expires WHEN, such as 2w or 2026-12-31";

/// What people try who come from other shorteners.
const HABITS: &[(&str, &str)] = &[
    ("--slug", "a code never changes: what was printed stays true; make another link with add --slug CODE"),
    ("--custom-slug", SLUG),
    ("--custom", SLUG),
    ("--alias", SLUG),
    ("--keyword", SLUG),
    ("--code", SLUG),
    ("--short-code", SLUG),
    ("--back-half", SLUG),
    ("--valid-until", EXPIRES),
    ("--expire", EXPIRES),
    ("--expire-in", EXPIRES),
    ("--expires-at", EXPIRES),
    ("--ttl", EXPIRES),
    ("--max-visits", "how many people may open it is said with --max-clicks N"),
    ("--expired-url", "where it leads once it has ended is said with --fallback LINK"),
];

/// Runs the tool.
pub fn run(args: Args, session: &Session) -> anyhow::Result<()> {
    let Some(command) = &args.command else {
        check_inputs(&args.filter.inputs)?;
        return if args.filter.plain {
            plain::run(&args.filter, session)
        } else {
            filter::run(&args.filter, session)
        };
    };
    if args.filter.is_used() {
        return Err(Failure::usage("the filter's options and FILEs do not go with a subcommand").into());
    }
    match command {
        Command::Add(args) => add::run(args, session),
        Command::Edit(args) => edit::run(args, session),
        Command::History(args) => history::run(args, session),
        Command::List(args) => list::run(args, session),
        Command::Qr(args) => qr::run(args, session),
        Command::Check(args) => check::run(args, session),
        Command::Stats(args) => stats::run(args, session),
        Command::Expand(args) => expand::run(args, session),
        Command::Explain(args) => explain::run(args, session),
        Command::Serve(args) => serve::run(args, session),
        Command::Clicks(args) => clicks::run(args, session),
        Command::Export(args) => export::run(args, session),
        Command::Import(args) => import::run(args, session),
    }
}

/// A FILE that can only be meant as something else is told as that.
fn check_inputs(inputs: &[PathBuf]) -> Result<(), Failure> {
    let Some(first) = inputs.first().filter(|first| !first.exists()) else { return Ok(()) };
    let name = first.to_string_lossy();
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(Failure::usage("that is a link, not a FILE: shorten it with cm-shorten add LINK"));
    }
    // A bare word that names no file was meant as a command.
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) && inputs.iter().all(|input| !input.exists()) {
        let commands = Args::command();
        let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
        let takes_away = matches!(&*name, "delete" | "remove" | "rm" | "del" | "disable" | "end" | "stop");
        let hint = match nearest(&name, &names).filter(|_| !takes_away) {
            None if takes_away => {
                "a link is ended, not deleted: cm-shorten edit CODE --expires now".to_owned()
            }
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("commands: {}", names.join(", ")),
        };
        return Err(Failure::usage(format!("{name:?} is no command, and there is no such FILE ({hint})")));
    }
    Ok(())
}
