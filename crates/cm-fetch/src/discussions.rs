//! The comments of a blog, by the feeds that its entries name (`wfw:commentRss`, RFC 4685 `rel="replies"`): the way to the
//! comments of any blog that has no API. In: a SOURCE `comments+https://blog.example/feed`, and how it stood at the last
//! run. Out: the comments, each answering its entry by the entry's id.
//!
//! The feed is asked for without validators (none are kept of such a source), as it may call itself unchanged when only its counts have changed. Then those
//! comment feeds are asked for, one after the other behind the gate of their host, whose entry says that it has other comments
//! than before (`slash:comments`, `thr:total`); once a day, and conditionally, those of young entries too, since one may come as
//! another goes, and not every feed counts. At most so many in a run; the rest comes with the next.

use crate::account::Reading;
use crate::arrival::Entries;
use crate::comments::post_of;
use crate::feed::{Entry, Facts};
use crate::get::{Problem, Validators, shown};
use crate::ids::{Policy, identify};
use crate::manners::Manners;
use crate::memory::{Memory, manners};
use crate::source::Source;
use crate::unread::on_the_disk;
use crate::visit::{COOLING, Fetched, Outcome, Visitor, not_a_feed, parse};
use chrono::{DateTime, TimeDelta, Utc};
use cm_record::item_id;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use url::Url;

/// Comment feeds that are asked for in one run.
const MOST_FEEDS: usize = 50;
/// Entries that are remembered.
const MOST_ENTRIES: usize = 500;
/// Entries younger than this are asked for once a day, whatever their counts say.
const YOUNG: TimeDelta = TimeDelta::days(30);
const DAILY: TimeDelta = TimeDelta::hours(23);
/// Comment feeds that do not answer are named up to here.
const MOST_NAMED: usize = 3;

/// What is kept from run to run: by the ids of entries.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Mark(BTreeMap<String, Seen>);

/// How the comments of an entry stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Seen {
    /// How many it said it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// When its feed was asked for.
    at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
}

/// An entry whose comments are asked for.
struct Talk {
    id: String,
    title: String,
    feed: Url,
    count: Option<u64>,
}

/// What came of asking.
#[derive(Default)]
struct Gathered {
    entries: Vec<Entry>,
    silent: Vec<String>,
    notes: Vec<String>,
    trouble: Option<Problem>,
}

impl Visitor {
    /// The comments of the entries of a feed.
    pub(crate) async fn read_comments(
        &self,
        source: &Source,
        url: &Url,
        memory: Option<&Memory>,
    ) -> Result<Outcome, Problem> {
        let state = memory.map(|memory| &memory.state);
        let mut fetched = match self.ask(source, url, memory).await?.opened(source) {
            Outcome::Feed(fetched) => fetched,
            Outcome::Failed(problem) => return Err(problem),
            other => return Ok(other),
        };
        let now = self.client.options().clock.now();
        let mark = state.and_then(|state| state.mark.as_deref());
        let mut mark: Mark = mark.and_then(|mark| serde_json::from_str(mark).ok()).unwrap_or_default();
        let mut talks = talks(&fetched, source.ids);
        if talks.is_empty() && fetched.feed.facts.entries > 0 {
            let why = format!("{}: no entry names a feed of its comments", source.label());
            return Err(Problem::new("no-comments", why));
        }
        mark.0.retain(|id, _| talks.iter().any(|(talk, _)| talk.id == *id));
        talks.retain(|(talk, date)| mark.wants(talk, *date, now));
        let left = talks.len().saturating_sub(MOST_FEEDS);
        talks.truncate(MOST_FEEDS);
        let mut gathered = Gathered::default();
        for (talk, _) in &talks {
            if gathered.trouble.is_none() {
                // What opens the blog is not for whoever else keeps its comments.
                let manners = match talk.feed.origin() == url.origin() {
                    true => manners(&self.hosts, source, Some(&talk.feed)),
                    false => self.hosts.manners(&talk.feed, &Manners::default()),
                };
                self.listen(talk, &manners, &mut mark, &mut gathered, now).await;
            }
        }
        let reach = self.reach(state);
        let mut entries = std::mem::take(&mut gathered.entries);
        entries.retain(|entry| entry.date().zip(reach).is_none_or(|(date, reach)| date >= reach));
        entries.sort_by_key(|entry| (entry.date().is_none(), entry.date()));
        let cut_off = fetched.feed.facts.cut_off;
        fetched.feed.facts = Facts { entries: entries.len(), cut_off, ..Facts::default() };
        fetched.feed.entries = Entries::Whole(entries);
        fetched.origin.kind = Some("comment");
        fetched.origin.ids = Policy::Auto;
        fetched.validators = Validators::default();
        fetched.reading = Some(Reading {
            account: source.key(),
            mark: serde_json::to_string(&mark).ok(),
            reach,
            notes: gathered.notes(left),
            trouble: gathered.trouble,
            ..Reading::default()
        });
        Ok(Outcome::Feed(fetched))
    }

    /// Asks for the comments of one entry.
    async fn listen(
        &self,
        talk: &Talk,
        manners: &Manners,
        mark: &mut Mark,
        gathered: &mut Gathered,
        now: DateTime<Utc>,
    ) {
        let before = mark.0.get(&talk.id).cloned().unwrap_or_default();
        // WordPress calls a feed unchanged whose newest comment is the same, though one was let through that is older.
        let is_same = before.count == talk.count;
        let validators = Validators { etag: before.etag, last_modified: before.last_modified };
        let validators = if is_same { validators } else { Validators::default() };
        let mut answer = match self.get(&talk.feed, &validators, manners).await {
            Ok(answer) => answer,
            Err(problem) => return gathered.fail(talk, problem, mark, now),
        };
        let Validators { etag, last_modified } = answer.validators.clone();
        let seen = Seen { count: talk.count, at: now, etag, last_modified };
        if let Some(document) = answer.document.take() {
            let document = match document.document() {
                Ok(document) => document,
                Err(error) => return gathered.fail(talk, on_the_disk(&talk.feed, &error), mark, now),
            };
            let feed = match parse(document).await {
                (Ok(feed), _) => feed,
                (Err(why), _) => return gathered.fail(talk, not_a_feed(&talk.feed, why), mark, now),
            };
            let shown = feed.entries.len() as u64;
            let more = talk.count.unwrap_or(0).saturating_sub(before.count.unwrap_or(0));
            if more > shown {
                gathered
                    .notes
                    .push(format!("{}: its feed has the newest {shown} of {more} comments", talk.title));
            }
            let comments = feed.entries.into_iter().filter(|entry| !entry.cut_off);
            gathered.entries.extend(comments.map(|entry| talk.comment(entry)));
        }
        mark.0.insert(talk.id.clone(), seen);
    }
}

impl Mark {
    /// Whether the comments of an entry are to be asked for.
    fn wants(&self, talk: &Talk, date: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let is_young = date.is_none_or(|date| now - date < YOUNG);
        match (self.0.get(&talk.id), talk.count) {
            (None, Some(count)) => count > 0,
            (None, None) => is_young,
            (Some(seen), count) => seen.count != count || (is_young && now - seen.at >= DAILY),
        }
    }
}

impl Talk {
    /// A comment. Its id is the one that it has when its feed is followed by itself; one that names nothing that it answers
    /// answers the entry.
    fn comment(&self, entry: Entry) -> Entry {
        let native = entry.native.as_ref().map(|native| item_id(self.feed.as_str(), native));
        let said =
            || parent_in_words(entry.html.as_deref()?, entry.native.as_deref()?, entry.url.as_deref()?);
        let in_reply_to = entry.in_reply_to.clone().or_else(said).or_else(|| Some(self.id.clone()));
        Entry { native, in_reply_to, thread: Some(self.id.clone()), ..entry }
    }
}

impl Gathered {
    /// What is the host's trouble ends the run: the mark stays, and all of it is asked for again. A feed that does not answer
    /// otherwise counts as asked.
    fn fail(&mut self, talk: &Talk, problem: Problem, mark: &mut Mark, now: DateTime<Utc>) {
        if problem.whole_host || problem.class == COOLING || problem.class == "timeout" {
            self.trouble = Some(problem);
            return;
        }
        self.silent.push(problem.message);
        mark.0.insert(talk.id.clone(), Seen { count: talk.count, at: now, ..Seen::default() });
    }

    fn notes(&mut self, left: usize) -> Vec<String> {
        let mut notes = std::mem::take(&mut self.notes);
        let silent = self.silent.len();
        notes.extend(self.silent.drain(..).take(MOST_NAMED));
        if silent > MOST_NAMED {
            notes.push(format!("{} more comment feeds did not answer", silent - MOST_NAMED));
        }
        if left > 0 {
            notes.push(format!("{MOST_FEEDS} comment feeds were read in one run, {left} come with the next"));
        }
        notes
    }
}

/// What a comment says to answer in a feed of WordPress's RSS, which has no other place for it: its first paragraph is "In
/// reply to", in the blog's language, and a link to the other comment (`comment_text`, 4.4 and later). The id of that one is
/// made as the comment's own: `POST#comment-7`.
fn parent_in_words(html: &str, native: &str, url: &str) -> Option<String> {
    let (paragraph, _) = html.trim_start().strip_prefix("<p>")?.split_once("</p>")?;
    let (before, link) = paragraph.split_once("<a href=\"")?;
    let (address, rest) = link.split_once("\">")?;
    let (_, after) = rest.split_once("</a>")?;
    let is_phrase = !before.contains('<') && after.chars().all(|c| !c.is_alphanumeric() && c != '<');
    let parent = address.rsplit_once('#').filter(|(_, name)| is_comment(name))?;
    let own = native.rsplit_once('#').filter(|(_, name)| is_comment(name))?;
    (is_phrase && post_of(address)? == post_of(url)? && parent.1 != own.1)
        .then(|| format!("{}#{}", own.0, parent.1))
}

fn is_comment(name: &str) -> bool {
    let number = name.strip_prefix("comment-");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The entries that name a feed of their comments, with their dates, in the order of the feed.
fn talks(fetched: &Fetched, policy: Policy) -> Vec<(Talk, Option<DateTime<Utc>>)> {
    let entries = &fetched.feed.entries;
    let names = fetched.feed.names(policy == Policy::Content);
    let ids = identify(&fetched.origin.source, &names, &HashSet::new(), policy);
    let talk = |(entry, identity): (Cow<'_, Entry>, crate::ids::Identity)| {
        let feed = Url::parse(entry.comments_feed.as_deref()?).ok();
        let feed = feed.filter(|feed| matches!(feed.scheme(), "http" | "https") && feed.has_host())?;
        let title = entry.title.clone().unwrap_or_else(|| shown(&feed));
        Some((Talk { id: identity.id, title, feed, count: entry.replies }, entry.date()))
    };
    entries.iter().zip(ids).filter_map(talk).take(MOST_ENTRIES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn talk(count: Option<u64>) -> Talk {
        Talk {
            id: "https://a.example/1".into(),
            title: "One".into(),
            feed: "https://a.example/1/feed".parse().unwrap(),
            count,
        }
    }

    #[test]
    fn which_comments_are_asked_for() {
        let wants = |seen: Option<(Option<u64>, i64)>, count: Option<u64>, days: i64| {
            let mut mark = Mark::default();
            if let Some((count, hours)) = seen {
                let seen = Seen { count, at: now() - TimeDelta::hours(hours), ..Seen::default() };
                mark.0.insert("https://a.example/1".into(), seen);
            }
            mark.wants(&talk(count), Some(now() - TimeDelta::days(days)), now())
        };
        assert!(wants(None, Some(2), 900) && !wants(None, Some(0), 1), "met for the first time");
        assert!(wants(None, None, 1) && !wants(None, None, 31), "no counts");
        assert!(wants(Some((Some(2), 1)), Some(3), 900) && wants(Some((Some(2), 1)), Some(1), 900));
        assert!(!wants(Some((Some(2), 1)), Some(2), 1) && wants(Some((Some(2), 24)), Some(2), 1), "daily");
        assert!(!wants(Some((Some(2), 24)), Some(2), 40) && !wants(Some((None, 1)), None, 1));
    }

    #[test]
    fn a_comment_answers_its_entry_unless_it_names_another() {
        let entry = |native: &str, to: Option<&str>| Entry {
            native: Some(native.into()),
            in_reply_to: to.map(str::to_owned),
            ..Entry::default()
        };
        let comment = talk(None).comment(entry("https://a.example/1#comment-7", None));
        assert_eq!(comment.in_reply_to.as_deref(), Some("https://a.example/1"));
        let answer = talk(None).comment(entry("7", Some("https://a.example/1#comment-7")));
        assert_eq!(answer.in_reply_to.as_deref(), Some("https://a.example/1#comment-7"));
        assert_eq!(answer.thread.as_deref(), Some("https://a.example/1"));
        assert_eq!(
            answer.native,
            Some(item_id("https://a.example/1/feed", "7")),
            "two feeds may have a 7 each"
        );
    }

    #[test]
    fn a_parent_in_words_is_a_parent_only_where_wordpress_says_it() {
        let says = |html: &str| {
            parent_in_words(html, "https://a.example/?p=1#comment-8", "https://a.example/one/#comment-8")
        };
        let phrase = "<p>In reply to <a href=\"https://a.example/one/#comment-7\">Ann</a>.</p>\n<p>Yes</p>";
        assert_eq!(says(phrase).as_deref(), Some("https://a.example/?p=1#comment-7"));
        assert_eq!(
            says(&phrase.replace("In reply to", "Als Antwort auf")).as_deref(),
            Some("https://a.example/?p=1#comment-7")
        );
        for none in [
            phrase.replace("/one/", "/two/"),
            phrase.replace("#comment-7", "#comment-8"),
            phrase.replace("#comment-7", "#comments"),
            phrase.replace("Ann</a>.", "Ann</a> says so."),
            phrase.replace("<p>In", "In"),
            "<p>Yes</p>".to_owned(),
        ] {
            assert_eq!(says(&none), None, "{none}");
        }
    }

    #[test]
    fn a_feed_that_does_not_answer_counts_as_asked_and_a_host_in_trouble_ends_the_run() {
        let (mut gathered, mut mark) = (Gathered::default(), Mark::default());
        (0..5).for_each(|_| gathered.fail(&talk(Some(2)), Problem::new("http-404", "no"), &mut mark, now()));
        assert!(!mark.wants(&talk(Some(2)), None, now()) && gathered.trouble.is_none());
        assert_eq!(gathered.notes(2).len(), 5);
        let host = Problem { whole_host: true, ..Problem::new("http-429", "slow down") };
        gathered.fail(&talk(Some(3)), host, &mut mark, now());
        assert!(gathered.trouble.is_some() && mark.wants(&talk(Some(3)), None, now()));
    }
}
