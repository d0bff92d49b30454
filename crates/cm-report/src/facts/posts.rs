//! Posts and the short links in them, each once: what the store says stands, of files the later state.

use std::collections::BTreeMap;

/// Posts and links held at most, each.
const MOST: usize = 100_000;

/// What a post is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It says or shares something.
    #[default]
    Share,
    /// It answers an item.
    Reply,
    /// It does something with an item: `approve`, `spam`, `like` ...
    Action,
}

/// A post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// What it is for.
    pub purpose: Purpose,
    /// `urn:cm:post:...`.
    pub id: String,
    /// Where it goes.
    pub account: String,
    /// What it says.
    pub text: String,
    /// `queued`, `published`, `unsure` ...
    pub state: String,
    /// When it is due.
    pub due_ms: Option<i64>,
    /// When it went out.
    pub published_ms: Option<i64>,
    /// Where it stands.
    pub published_url: Option<String>,
    /// Codes or addresses of its short links.
    pub links: Vec<String>,
    /// The item that it answers; none for what is done with an item.
    pub in_reply_to: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Post {
    /// How far a post has come: of two reports about one post the further is the later.
    fn progress(&self) -> usize {
        const STATES: [&str; 8] =
            ["draft", "queued", "sending", "missed", "failed", "unsure", "cancelled", "published"];
        STATES.iter().position(|state| *state == self.state).unwrap_or(0)
    }
}

/// A short link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its code.
    pub code: String,
    /// Where it stands.
    pub short_url: Option<String>,
    /// Where it leads.
    pub url: Option<String>,
    /// The account that it is for.
    pub account: Option<String>,
    /// Its campaign.
    pub campaign: Option<String>,
    /// The title of what it leads to.
    pub title: Option<String>,
}

/// Posts and links.
#[derive(Debug, Default)]
pub struct Posts {
    /// By id.
    pub all: BTreeMap<String, Post>,
    /// By code.
    pub links: BTreeMap<String, Link>,
    /// True when there were more than could be held.
    pub full: bool,
    /// The earliest post that went out.
    pub first_ms: Option<i64>,
}

impl Posts {
    /// Takes a post.
    pub fn take(&mut self, post: Post) {
        if let Some(at) = post.published_ms {
            self.first_ms = Some(self.first_ms.map_or(at, |first| first.min(at)));
        }
        let is_full = self.all.len() >= MOST;
        match self.all.get(&post.id) {
            Some(known) if known.progress() >= post.progress() => {}
            None if is_full => self.full = true,
            _ => {
                self.all.insert(post.id.clone(), post);
            }
        }
    }

    /// Takes a link; what is known of it stays.
    pub fn link(&mut self, link: Link) {
        if self.links.len() >= MOST && !self.links.contains_key(&link.code) {
            self.full = true;
            return;
        }
        let known = self.links.entry(link.code.clone()).or_default();
        known.code = link.code;
        let keep = |known: &mut Option<String>, new: Option<String>| {
            if known.is_none() {
                *known = new.filter(|text| !text.is_empty());
            }
        };
        keep(&mut known.short_url, link.short_url);
        keep(&mut known.url, link.url);
        keep(&mut known.account, link.account);
        keep(&mut known.campaign, link.campaign);
        keep(&mut known.title, link.title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_state_stands_whatever_the_order() {
        let post = |state: &str| Post { id: "p".into(), state: state.into(), ..Post::default() };
        for order in [["queued", "published"], ["published", "queued"]] {
            let mut posts = Posts::default();
            order.iter().for_each(|state| posts.take(post(state)));
            assert_eq!((posts.all.len(), posts.all["p"].state.as_str()), (1, "published"));
        }
    }
}
