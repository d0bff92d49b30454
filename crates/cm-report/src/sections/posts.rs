//! Posts: what needs a person first, what went out and what it brought, what comes next.

use super::{Maker, section};
use crate::facts::{Pair, Post, Purpose};
use crate::inputs::clip;
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};
use std::collections::HashMap;

/// Rows of each table.
const ROWS: usize = 10;
/// What stands for the words of an action.
const ACTION: &str = "(moderation or a like)";
/// A queued post is overdue so long after its time.
const OVERDUE_MS: i64 = 3_600_000;

impl Maker<'_> {
    pub(super) fn posts(&self) -> Section {
        let posts: Vec<&Post> = self.facts.posts.all.values().collect();
        let now_ms = self.facts.period.now_ms;
        let troubled: Vec<(&Post, &str)> =
            posts.iter().filter_map(|post| Some((*post, trouble(post, now_ms)?))).collect();
        let stuck = |word: &str| troubled.iter().filter(|(_, trouble)| *trouble == word).count() as u64;
        let queued = posts.iter().filter(|post| is_to_come(post)).count() as u64;
        let out = self.out(&posts, |purpose| purpose != Purpose::Action);
        let replies = self.out(&posts, |purpose| purpose == Purpose::Reply);
        let actions = self.out(&posts, |purpose| purpose == Purpose::Action);
        let first = self.facts.posts.first_ms;
        let metrics = vec![
            self.pair(&metrics::POSTS_PUBLISHED, first, out),
            self.pair(&metrics::REPLIES_PUBLISHED, first, replies),
            self.pair(&metrics::ACTIONS_DONE, first, actions),
            Metric::count(&metrics::POSTS_QUEUED, queued),
            Metric::count(&metrics::POSTS_ATTENTION, troubled.len() as u64),
            Metric::count(&metrics::POSTS_UNSURE, stuck("unsure")),
            Metric::count(&metrics::POSTS_FAILED, stuck("failed")),
            Metric::count(&metrics::POSTS_MISSED, stuck("missed")),
            Metric::count(&metrics::POSTS_OVERDUE, stuck("overdue")),
        ];
        let nothing = "nothing went out and nothing is queued (cm-schedule add)";
        let is_empty = out.now + actions.now + queued == 0 && troubled.is_empty();
        let mut section = section("posts", "Posts", nothing, is_empty, metrics);
        section.tables.push(attention(&troubled));
        section.tables.push(self.published(&posts));
        section.tables.push(next(&posts));
        section
    }

    /// How many of some purpose went out, in the period and before.
    fn out(&self, posts: &[&Post], wanted: fn(Purpose) -> bool) -> Pair {
        let mut out = Pair::default();
        for at in posts.iter().filter(|post| wanted(post.purpose)).filter_map(|post| post.published_ms) {
            out.add(Pair {
                now: u64::from(self.facts.period.span.contains(at)),
                before: u64::from(self.facts.period.in_compare(at)),
            });
        }
        out
    }

    /// What was said in the period, newest first, with the clicks on its links.
    fn published(&self, posts: &[&Post]) -> Table {
        let columns = [
            ("text", "what went out"),
            ("account", "account"),
            ("published_at", "when"),
            ("clicks_people", "clicks by people"),
            ("url", "page"),
        ];
        let mut table = Table::new("published", "What went out", 2, &columns);
        let mut out: Vec<(&Post, i64)> =
            posts.iter().filter_map(|post| Some((*post, post.published_ms?))).collect();
        out.retain(|(post, at)| post.purpose != Purpose::Action && self.facts.period.span.contains(*at));
        out.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.id.cmp(&b.0.id)));
        let codes = self.codes();
        for (post, at) in out {
            table.rows.push(vec![
                Value::Text(clip(&post.text)),
                Value::text(Some(&post.account)),
                Value::Instant(at),
                self.clicks_of(post, &codes),
                Value::url(post.published_url.as_deref()),
            ]);
        }
        table.cut(ROWS)
    }

    /// Codes by what a post may call its links.
    fn codes(&self) -> HashMap<&str, &str> {
        let links = &self.facts.posts.links;
        let by_url = links.values().filter_map(|link| Some((link.short_url.as_deref()?, link.code.as_str())));
        by_url.chain(links.keys().map(|code| (code.as_str(), code.as_str()))).collect()
    }

    /// Clicks by people on a post's short links; unknown when it has none.
    fn clicks_of(&self, post: &Post, codes: &HashMap<&str, &str>) -> Value {
        let own: Vec<&str> = post.links.iter().filter_map(|link| codes.get(link.as_str()).copied()).collect();
        if own.is_empty() {
            return Value::Unknown;
        }
        let clicks = own.iter().filter_map(|code| self.facts.clicks.by_code.get(*code));
        Value::Count(clicks.map(|clicks| clicks.people.now).sum())
    }
}

/// What a post says; an action says nothing.
fn said(post: &Post) -> Value {
    Value::Text(if post.purpose == Purpose::Action { ACTION.to_owned() } else { clip(&post.text) })
}

/// Why a post needs a person, if it does.
fn trouble(post: &Post, now_ms: i64) -> Option<&str> {
    match post.state.as_str() {
        "unsure" | "failed" | "missed" => Some(&post.state),
        "queued" if post.due_ms.is_some_and(|due| now_ms.saturating_sub(due) > OVERDUE_MS) => Some("overdue"),
        _ => None,
    }
}

fn is_to_come(post: &Post) -> bool {
    matches!(post.state.as_str(), "queued" | "sending" | "draft")
}

fn attention(posts: &[(&Post, &str)]) -> Table {
    let columns = [
        ("text", "what it says"),
        ("account", "account"),
        ("state", "state"),
        ("due_at", "was due"),
        ("error", "why"),
        ("id", "id"),
    ];
    let mut table = Table::new("attention", "What needs a person", 2, &columns);
    for (post, state) in posts {
        table.rows.push(vec![
            said(post),
            Value::text(Some(&post.account)),
            Value::text(Some(state)),
            Value::instant(post.due_ms),
            Value::text(post.error.as_deref()),
            Value::text(Some(&post.id)),
        ]);
    }
    if !table.rows.is_empty() {
        let how = "unsure, missed or failed: cm-schedule show ID says why, cm-schedule resolve ID --sent URL, --send-again or --drop ends it; overdue: run cm-schedule publish";
        table.note = Some(how.to_owned());
    }
    table.rows.sort_by(|a, b| a[2].raw().as_str().cmp(&b[2].raw().as_str()));
    table.cut(ROWS)
}

fn next(posts: &[&Post]) -> Table {
    let columns = [("text", "what it says"), ("account", "account"), ("due_at", "due"), ("state", "state")];
    let mut table = Table::new("next", "What comes next", 2, &columns);
    let mut queued: Vec<&&Post> = posts.iter().filter(|post| is_to_come(post)).collect();
    queued.sort_by(|a, b| a.due_ms.cmp(&b.due_ms).then_with(|| a.id.cmp(&b.id)));
    for post in queued {
        table.rows.push(vec![
            said(post),
            Value::text(Some(&post.account)),
            Value::instant(post.due_ms),
            Value::text(Some(&post.state)),
        ]);
    }
    table.cut(ROWS)
}
