//! Items -> the ones that still need an answer; notes, follow-ups.
//! In: records. Out: those of them that need someone, most pressing first, each with its `_cm_inbox` part: a number, a
//! lane (`answer`: people who wait, `read`: things to share or comment on), a state and the reasons for its place.
//! Subcommands list, show and close what was taken in, and make drafts and actions for cm-schedule.

mod answers;
mod args;
mod authority;
mod browser;
mod changes;
mod compose;
mod copies;
mod draft;
mod drafting;
mod entry;
mod handout;
mod inbox;
mod intake;
mod looking;
mod pick;
mod place;
mod reasons;
mod returned;
mod show;
mod store;
mod title;

pub use args::Args;

use anyhow::Result;
use args::{Choice, Command};
use clap::CommandFactory;
use cm_cli::{Failure, Session, Tool};
use entry::Key;
use handout::{Counter, Rank};
use inbox::Inbox;
use intake::{Batch, Taken};
use reasons::Judge;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "cm-inbox",
    example: "  cm-fetch --new | cm-inbox\n  cm-inbox reply 3 -m 'It ships on Monday' | cm-schedule add --now",
    habits: &[],
};

/// `[inbox]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// What trouble sounds like, instead of the usual words.
    trouble_words: Option<Vec<String>>,
}

/// Takes records in and hands out what needs someone, or does what the subcommand says.
pub fn run(args: Args, session: &Session) -> Result<()> {
    let settings = session.config().section::<Settings>("inbox")?.unwrap_or_default();
    let judge = Judge::new(settings.trouble_words.as_deref());
    let Some(command) = args.command else {
        hint_at_commands(session, &args.files);
        // Before the store is made: nothing given at a terminal asks for help.
        return take_in(session, &args.files, args.dry_run, &judge, &args.choice);
    };
    if let Some(file) = args.files.first() {
        let message =
            format!("{} stands before the command: cm-inbox {} is not read", file.display(), file.display());
        return Err(Failure::usage(message).into());
    }
    let lists = matches!(command, Command::List { .. });
    if !lists && args.choice != Choice::default() {
        return Err(Failure::usage(
            "--lane, --held, --limit and -e choose what is listed: they do not go with this command",
        )
        .into());
    }
    let inbox = match command {
        Command::Add { .. } | Command::Note { on: None, .. } => Inbox::open(session, args.dry_run)?,
        _ => Inbox::existing(session, args.dry_run)?,
    };
    match command {
        Command::List { query, all, choice } => list(session, &inbox, &query, all, &choice.or(args.choice)),
        Command::Show { item } => looking::show(session, &inbox, item),
        Command::Open { item } => looking::open(session, &inbox, item),
        Command::Get { items } => looking::get(session, &inbox, items),
        Command::Reply { item, message, with } => drafting::reply(session, &inbox, item, message, with),
        Command::Share { item, message, share_unknown } => {
            drafting::share(session, &inbox, item, message, share_unknown)
        }
        Command::Approve { items } => drafting::act(session, &inbox, &items, "approve"),
        Command::Spam { items } => drafting::act(session, &inbox, &items, "spam"),
        Command::Trash { items } => drafting::act(session, &inbox, &items, "trash"),
        Command::Like { items } => drafting::act(session, &inbox, &items, "like"),
        Command::Boost { items } => drafting::act(session, &inbox, &items, "boost"),
        Command::Later { item, when } => changes::later(session, &inbox, &item, &when),
        Command::Done { items } => changes::done(session, &inbox, &items),
        Command::Note { on, text } => changes::note(session, &inbox, on.as_deref(), &text),
        Command::Notes { query } => changes::notes(session, &inbox, &query),
        Command::Add { text } => changes::add(session, &inbox, &text, &judge),
        Command::Undo => changes::undo(session, &inbox),
    }
}

/// A bare word that names no file was most likely meant as a command.
fn hint_at_commands(session: &Session, files: &[PathBuf]) {
    let Some(word) = files.first().and_then(|file| file.to_str()) else { return };
    if word.bytes().all(|b| b.is_ascii_lowercase()) && !files[0].exists() {
        let commands = Args::command();
        let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
        let hint = match cm_cli::nearest(word, &names) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("commands: {}", names.join(", ")),
        };
        session.warn("unknown_command", format!("{word:?} is no command and is read as a file ({hint})"));
    }
}

impl Choice {
    /// What was given after the subcommand, else what was given before it.
    fn or(self, before: Choice) -> Choice {
        Choice {
            lane: self.lane.or(before.lane),
            held: self.held || before.held,
            limit: self.limit.or(before.limit),
            exit_status: self.exit_status || before.exit_status,
        }
    }
}

fn take_in(
    session: &Session,
    files: &[PathBuf],
    rehearse: bool,
    judge: &Judge,
    choice: &Choice,
) -> Result<()> {
    let now_ms = session.now().timestamp_millis();
    let (mut inbox, mut before) = (None, None);
    let mut keys = BTreeSet::new();
    let mut whole = Batch::default();
    let mut next_number = 1;
    intake::each_batch(session, files, judge, |batch| {
        if rehearse {
            whole.append(batch);
            return Ok(());
        }
        if inbox.is_none() {
            let opened = Inbox::open(session, false)?;
            before = Some(opened.read(move |tx| store::census(tx, now_ms))?);
            inbox = Some(opened);
        }
        let Some(inbox) = &inbox else { return Ok(()) };
        let taken = intake::commit(inbox, batch, now_ms, next_number)?;
        next_number = taken.next_number;
        keys.extend(taken.keys);
        Ok(())
    })?;
    if rehearse {
        return rehearsal(session, whole, choice);
    }
    // Nothing may have come yet; what looks at the inbox next is to find it all the same.
    let inbox = inbox.map_or_else(|| Inbox::open(session, false), Ok)?;
    let keys: Vec<Key> = keys.into_iter().collect();
    let (ranks, now) =
        inbox.read(move |tx| Ok((handout::rank(tx, &keys, now_ms)?, store::census(tx, now_ms)?)))?;
    let keys = handout::sort(ranks, choice);
    handout::mark_if_nothing(session, choice, &keys);
    handout::hand_out(session, &inbox, &keys)?;
    handout::sum_up(session, before.unwrap_or(now), now, keys.is_empty());
    Ok(())
}

/// What taking the input in would hand out; the store stays as it is.
fn rehearsal(session: &Session, batch: Batch, choice: &Choice) -> Result<()> {
    let (now_ms, chosen) = (session.now().timestamp_millis(), choice.clone());
    let inbox = Inbox::open(session, true)?;
    let (shown, before, now) = inbox.write(move |tx| {
        let before = store::census(tx, now_ms)?;
        let Taken { keys, .. } = intake::take(tx, &batch, now_ms, 1)?;
        let keys: Vec<Key> = keys.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let keys = handout::sort(handout::rank(tx, &keys, now_ms)?, &chosen);
        Ok((handout::load(tx, &keys, now_ms)?, before, store::census(tx, now_ms)?))
    })?;
    let keys: Vec<Key> = shown.iter().map(|item| item.standing.key.clone()).collect();
    handout::mark_if_nothing(session, choice, &keys);
    let mut counter = Counter::new(session);
    counter.put(shown)?;
    counter.close()?;
    if let Some(sum) = handout::summary(before, now, keys.is_empty()) {
        inbox.rehearses(session, format!("so: {sum}"));
    }
    Ok(())
}

fn list(session: &Session, inbox: &Inbox, query: &[String], all: bool, choice: &Choice) -> Result<()> {
    let (words, now_ms) = (changes::folded(query), session.now().timestamp_millis());
    let items = inbox.read(move |tx| store::search(tx, &words, all, now_ms))?;
    let ranks = items.into_iter().filter(|item| all || item.needs_someone()).map(Rank::of).collect();
    let keys = handout::sort(ranks, choice);
    handout::mark_if_nothing(session, choice, &keys);
    handout::hand_out(session, inbox, &keys)?;
    if keys.is_empty() && session.stdout_is_terminal() {
        let now = inbox.read(move |tx| store::census(tx, now_ms))?;
        let is_part = !query.is_empty() || choice.lane.is_some() || choice.held;
        let here = if is_part { "nothing here; " } else { "" };
        session.say(format!("{here}{}", handout::waiting(now)));
    }
    Ok(())
}
