//! The command line, without logic.

use clap::{Parser, Subcommand, ValueEnum};
use cm_cli::{Arguments, Common};
use std::path::PathBuf;

/// Take records in; hand out those of this input that need someone, most pressing first
#[derive(Debug, Parser)]
pub struct Args {
    /// Records: files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What to hand out.
    #[command(flatten)]
    pub choice: Choice,
    /// Change nothing in the store; print what would be printed
    #[arg(short = 'n', long, global = true)]
    pub dry_run: bool,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What every tool shares.
    #[command(flatten)]
    pub common: Common,
}

impl Arguments for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

/// What to hand out of what needs someone.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct Choice {
    /// Only people who wait, or only what is there to be read
    #[arg(long, value_enum, value_name = "LANE")]
    pub lane: Option<Lane>,
    /// Only what waits for somebody to approve it
    #[arg(long)]
    pub held: bool,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Exit 1 when nothing needs anyone
    #[arg(short = 'e', long)]
    pub exit_status: bool,
}

/// The two lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Lane {
    /// People who wait for an answer
    Answer,
    /// Things to share or to comment on
    Read,
}

/// What to do with the inbox.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything open
    List {
        /// Only items with all these words in title, text, author or the page they were said on
        #[arg(value_name = "QUERY")]
        query: Vec<String>,
        /// Also what is put off, answered and done
        #[arg(short, long)]
        all: bool,
        /// What to list.
        #[command(flatten)]
        choice: Choice,
    },
    /// One item with its thread, to be read
    Show {
        /// The item's number or id
        #[arg(value_name = "N")]
        item: String,
    },
    /// An item's page in the browser
    Open {
        /// The item's number or id
        #[arg(value_name = "N")]
        item: String,
    },
    /// Items as records on standard output
    Get {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// A draft that answers an item, for cm-schedule; without -m or --with your editor opens
    Reply {
        /// The item's number or id
        #[arg(value_name = "N")]
        item: String,
        /// What to say; - reads it from standard input
        #[arg(short, long, value_name = "TEXT", conflicts_with = "with")]
        message: Option<String>,
        /// Say this canned reply: [replies.NAME] in cm.toml
        #[arg(long, value_name = "NAME")]
        with: Option<String>,
    },
    /// A draft that shares an item, for cm-schedule
    Share {
        /// The item's number or id
        #[arg(value_name = "N")]
        item: String,
        /// What to say before the link [default: the title]; - reads it from standard input
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
        /// Share it although nobody says who may see it
        #[arg(long)]
        share_unknown: bool,
    },
    /// Let held comments through: actions for cm-schedule
    Approve {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Mark comments as spam: actions for cm-schedule
    Spam {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Put comments into the trash: actions for cm-schedule
    Trash {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Like items, where the network can: actions for cm-schedule
    Like {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Pass public items on to our followers, where the network can: actions for cm-schedule
    Boost {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Put an item off: it comes back at its time
    Later {
        /// The item's number or id
        #[arg(value_name = "N")]
        item: String,
        /// 2h, tomorrow 9:00, monday, 2026-12-01 09:00
        #[arg(value_name = "WHEN", required = true)]
        when: Vec<String>,
    },
    /// Nothing more to do about these
    Done {
        /// Numbers, ranges such as 3-5 (also 1,3-5), or ids
        #[arg(value_name = "N", required = true)]
        items: Vec<String>,
    },
    /// Write a note, on an item or on its own
    Note {
        /// The item's number or id
        #[arg(long, value_name = "N")]
        on: Option<String>,
        /// The note
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
    },
    /// Every note, newest last
    Notes {
        /// Only notes with all these words
        #[arg(value_name = "QUERY")]
        query: Vec<String>,
    },
    /// Put an idea or a to-do of your own into the read lane
    Add {
        /// The idea; the first link in it becomes its page
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
    },
    /// Take the last change back; again for the one before
    Undo,
}
