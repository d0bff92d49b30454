//! Everything that was read, counted in bounded memory as it came: one home for each number of the report.
//! In: items, posts, links, clicks, feeds and web requests, from the store and from files. Out: what the sections read.

mod campaign;
mod clicks;
mod items;
mod names;
mod posts;
mod site;
mod tally;
mod visits;

pub use campaign::Campaign;
pub use clicks::{Click, Clicks, LinkClicks, Sum};
pub use items::{Item, Items, Need, Outcome};
pub use names::{Daily, Names, Source, TREND_DAYS};
pub use posts::{Link, Post, Posts, Purpose};
pub use site::Site;
pub use tally::{Pair, Tally};
pub use visits::Visit;

use crate::goals::Goals;
use crate::inputs::Seen;
use crate::period::Period;

/// Where a feed stands.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Its address or account.
    pub source: String,
    /// Its name.
    pub name: String,
    /// `ok`, `failing`, `gone` ...
    pub state: String,
    /// The last time it answered.
    pub last_ok_ms: Option<i64>,
    /// Since when it fails.
    pub failing_since_ms: Option<i64>,
    /// What it says.
    pub error: Option<String>,
}

/// How a short link stood when it was last checked.
#[derive(Clone, Debug, Default)]
pub struct LinkCheck {
    /// Its code.
    pub code: String,
    /// Where it leads.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// `ok`, `moved`, `dead` or `unsure`.
    pub state: String,
    /// Since when.
    pub since_ms: Option<i64>,
    /// Why.
    pub reason: String,
    /// Where the page has moved.
    pub moved_to: Option<String>,
}

/// What was read from one file.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The file as named, `stdin`, or `store`.
    pub name: String,
    /// Lines, empty ones left out.
    pub lines: u64,
    /// Records among them.
    pub records: u64,
    /// Clicks among them.
    pub clicks: u64,
    /// Web requests among them.
    pub requests: u64,
    /// Lines that could not be read.
    pub unread: u64,
    /// The first of these.
    pub first_unread: u64,
}

/// All of it.
#[derive(Debug)]
pub struct Facts {
    /// The time that the report looks at.
    pub period: Period,
    /// The goals.
    pub goals: Goals,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What was met before.
    pub seen: Seen,
    /// True when there is more than one input, so that web requests may come twice.
    pub several: bool,
    /// Items and answers.
    pub items: Items,
    /// Posts and links.
    pub posts: Posts,
    /// Clicks on short links.
    pub clicks: Clicks,
    /// Requests to web sites.
    pub site: Site,
    /// Feeds.
    pub feeds: Vec<Feed>,
    /// Short links, as they were last checked.
    pub link_checks: Vec<LinkCheck>,
}

impl Facts {
    /// Nothing read yet; `sites` are our own hosts.
    pub fn new(period: Period, goals: Goals, sites: Vec<String>, several: bool) -> Facts {
        Facts {
            period,
            goals,
            inputs: Vec::new(),
            seen: Seen::default(),
            several,
            items: Items::default(),
            posts: Posts::default(),
            clicks: Clicks::default(),
            site: Site::new(sites),
            feeds: Vec::new(),
            link_checks: Vec::new(),
        }
    }

    /// Takes an item.
    pub fn item(&mut self, item: Item) {
        self.items.take(item, &self.period, &mut self.seen);
    }

    /// Takes a post; a reply that is out answers its item.
    pub fn post(&mut self, post: Post) {
        if let (Some(parent), Some(at)) = (&post.in_reply_to, post.published_ms) {
            self.items.said(parent, at);
        }
        self.seen.repeats += u64::from(self.posts.all.contains_key(&post.id));
        self.posts.take(post);
    }

    /// Takes `times` equal clicks.
    pub fn click(&mut self, click: &Click, times: u64) {
        let new = |_: &u64| !self.several || self.seen.is_new(click);
        let times = if self.several { (0..times).filter(new).count() as u64 } else { times };
        if times > 0 {
            self.clicks.take(click, times, &self.period);
        }
    }

    /// Takes a web request, whose line is `line`.
    pub fn request(&mut self, line: &[u8], entry: &crate::inputs::Entry) {
        if !self.several || !self.period.wants(entry.at_ms) || self.seen.is_new(line) {
            self.site.take(entry, &self.period, &self.goals);
        }
    }
}
