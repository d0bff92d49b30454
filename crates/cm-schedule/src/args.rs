//! The arguments of cm-schedule.

use clap::{ArgGroup, Parser, Subcommand};
use cm_cli::{Arguments, Common};
use std::path::PathBuf;

/// Records -> posts spread over the day, published once
#[derive(Debug, Parser)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options that every tool shares
    #[command(flatten)]
    pub common: Common,
}

impl Arguments for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Queue posts; prints the records with their posts
    Add(Add),
    /// The posts that wait, and those that need a person
    List(List),
    /// One post: all about it, and everything that happened to it
    Show(Show),
    /// Give a post another time, or one that was cancelled a new one
    Move(Move),
    /// Take posts back before they go out
    Cancel(Cancel),
    /// Say what you know about a post that is unsure, missed or failed
    Resolve(Resolve),
    /// Stop everything, or one account, at once
    Pause(Pause),
    /// Let it go on
    Resume(Pause),
    /// Send what is due; run it from cron every minute
    Publish(Publish),
    /// What went out, as records
    History(History),
    /// The accounts that posts can go to
    Accounts(Accounts),
}

/// `add`
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("timing").args(["at", "now", "slots"]))]
pub struct Add {
    /// Records; `-` or none is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Post this text instead of reading records
    #[arg(short, long, value_name = "TEXT", conflicts_with = "files")]
    pub message: Option<String>,
    /// Where to [default: a reply or action to its parent's account, else where cm-shorten --for said]
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    pub to: Vec<String>,
    /// What is said about a record that is no draft: {title} {url} {author} {feed} {tags} {campaign}
    #[arg(long, value_name = "TEXT", default_value = "{title} {url}")]
    pub template: String,
    /// When; several records go out one after the other, the account's min_gap apart
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
    /// Send before returning, whatever the slots, gaps and quiet hours
    #[arg(long)]
    pub now: bool,
    /// Take the next free one of these named slots [default: the account's slots]
    #[arg(long, value_name = "NAME")]
    pub slots: Option<String>,
    /// Remember the posts under this campaign
    #[arg(long, value_name = "TEXT")]
    pub campaign: Option<String>,
    /// Also share items whose audience is unknown; never those that are known not to be public
    #[arg(long, hide_short_help = true)]
    pub share_unknown: bool,
    /// Also send drafts that are not for everybody, to accounts that hand on whom they are for: file, webhook
    #[arg(long, hide_short_help = true)]
    pub private: bool,
    /// Show exact bytes, count, instant and why then; write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Exit 1 when nothing was queued
    #[arg(short, long, hide_short_help = true)]
    pub exit_status: bool,
}

/// `list`
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only these states, or `all` [default: queued, sending, unsure, missed, failed]
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub state: Vec<String>,
    #[command(flatten)]
    pub range: Range,
}

/// `history`
#[derive(Debug, clap::Args)]
pub struct History {
    #[command(flatten)]
    pub range: Range,
}

/// Which posts.
#[derive(Debug, clap::Args)]
pub struct Range {
    /// Only this account
    #[arg(long, value_name = "ACCOUNT")]
    pub to: Option<String>,
    /// From this time on
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Exit 1 when there is none
    #[arg(short, long, hide_short_help = true)]
    pub exit_status: bool,
}

impl Range {
    /// Whether any post is left out.
    pub(crate) fn is_some(&self) -> bool {
        self.to.is_some() || self.since.is_some() || self.until.is_some() || self.limit.is_some()
    }
}

/// `show`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// A post's id, or as much of it as tells it apart
    pub id: String,
}

/// `move`
#[derive(Debug, clap::Args)]
pub struct Move {
    /// A post's id, or as much of it as tells it apart
    pub id: String,
    /// When, to the end of the line
    #[arg(required = true, value_name = "WHEN")]
    pub when: Vec<String>,
    /// Say what would be done; write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// `cancel`
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// Posts' ids, or as much of each as tells it apart
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// Say what would be done; write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// `resolve`
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("verdict").args(["sent", "send_again", "drop"]).required(true))]
pub struct Resolve {
    /// Posts' ids, or as much of each as tells it apart
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// It is out, here; one post at a time
    #[arg(long, value_name = "URL")]
    pub sent: Option<String>,
    /// It is not out: send it
    #[arg(long)]
    pub send_again: bool,
    /// Leave it
    #[arg(long)]
    pub drop: bool,
    /// Say what would be done; write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// `pause` and `resume`
#[derive(Debug, clap::Args)]
pub struct Pause {
    /// The account; all when none is named
    pub account: Option<String>,
}

/// `publish`
#[derive(Debug, clap::Args)]
pub struct Publish {
    /// Stay and send what becomes due
    #[arg(long)]
    pub watch: bool,
    /// Wait so long for another run to end [default: exit 5 at once]
    #[arg(long, value_name = "SECS", default_value_t = 0, hide_default_value = true)]
    pub wait: u64,
    /// Send at most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Show what would go out; send and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Exit 1 when nothing went out
    #[arg(short, long, hide_short_help = true)]
    pub exit_status: bool,
}

/// `accounts`
#[derive(Debug, clap::Args)]
pub struct Accounts {
    /// Ask each as whom it posts, what it lacks, and what is left of its session and limits
    #[arg(long)]
    pub check: bool,
}
