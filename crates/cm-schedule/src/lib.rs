//! Records -> posts spread over the day, published once.
//! In: records and drafts (`add`), and what people decide. Out: the records with their posts (`_cm_schedule`), and the
//! posts themselves, sent by `publish` through an outbox that commits its intent before a byte leaves.

mod about;
mod accounts;
mod add;
mod args;
mod candidate;
mod compose;
mod decide;
mod eligible;
mod feed;
mod list;
mod outbox;
mod plan;
mod post;
mod preview;
mod publish;
mod quiet;
mod services;
mod settings;
mod show;
mod signals;
mod slots;
mod tables;
mod verdict;

pub use args::Args;

use args::Command;
use cm_cli::{Failure, Session, Tool};

/// What cm-cli has to know of this tool.
pub const TOOL: Tool = Tool {
    name: "cm-schedule",
    example: "  cm-shorten drafts.jsonl | cm-schedule add --to file:drafts\n  cm-schedule publish",
    habits: &[],
};

/// Queues, publishes, lists or decides.
pub fn run(args: Args, session: &Session) -> anyhow::Result<()> {
    match args.command.ok_or_else(Failure::short_help)? {
        Command::Add(args) => add::run(session, &args),
        Command::List(args) => list::list(session, &args),
        Command::Show(args) => show::run(session, &args),
        Command::Move(args) => decide::move_post(session, &args),
        Command::Cancel(args) => decide::cancel(session, &args),
        Command::Resolve(args) => decide::resolve(session, &args),
        Command::Pause(args) => decide::pause(session, &args),
        Command::Resume(args) => decide::resume(session, &args),
        Command::Publish(args) => publish::run(session, &args),
        Command::History(args) => list::history(session, &args),
        Command::Accounts(args) => accounts::run(session, &args),
    }
}
