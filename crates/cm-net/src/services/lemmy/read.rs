//! Reading half of `lemmy:`. In: what is wanted and where the last run ended. Out: posts and comments, the newest first.
//!
//! Lists are read by page numbers that reach back (`grid.rs`), or by the server's cursors where it gives some. What comes from
//! other servers comes late, with the date at which it was written there: the overlap is two days.

use super::item::{Us, date, names, parent};
use super::session::Session;
use super::sources::{OFFERS, Source};
use crate::Read;
use crate::services::grid::{Grid, Step};
use crate::services::members::{list, text, web};
use crate::services::walk::{Rule, Taken, Walk};
use crate::services::{NextPage, Trouble, Wanted};
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Late ones, and those that are pulled past us by others that go.
const RULE: Rule = Rule { overlap: TimeDelta::days(2), pages: 100, sorted: true, resumes: false };
/// The most that Lemmy gives at once.
const MOST: u64 = 50;
/// Parents that are looked up for one page.
const PARENTS: usize = 20;

/// A server.
pub(super) struct Reader {
    pub(super) session: Session,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::is_stream(what)
    }

    fn server(&self) -> Option<Url> {
        Some(self.session.base.clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what)?;
            if source.personal && self.session.login.is_none() {
                let why = format!("{} needs an account: give user and password_file", wanted.what);
                return Err(Trouble::Credentials(why));
            }
            let walk = Walk::resume(wanted, cursor, self.user().unwrap_or_default(), RULE);
            let taken = self.list(&source, Grid::read(walk.at.as_deref())?).await?;
            Ok(walk.turn(taken, wanted, RULE, self.session.client().options().clock.now()))
        })
    }
}

impl Reader {
    fn user(&self) -> Option<&str> {
        self.session.login.as_ref().map(|login| login.user.as_str())
    }

    async fn list(&self, source: &Source, grid: Grid) -> Result<Taken, Trouble> {
        let (page, limit) = grid.page(MOST);
        let (page, size) = (page.to_string(), limit.to_string());
        let mut query: Vec<(&str, &str)> =
            source.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        query.extend([("sort", "New"), ("limit", size.as_str())]);
        match &grid.cursor {
            Some(cursor) => query.push(("page_cursor", cursor)),
            None => query.push(("page", &page)),
        }
        let answer = self.session.get(source.path, &query).await?;
        if source.lists.iter().all(|name| !answer.value[*name].is_array()) {
            let reason = format!("the server answered without {}", source.lists.join(" and "));
            return Err(Trouble::Later { reason, after: None });
        }
        let views: Vec<&Value> = source.lists.iter().flat_map(|name| list(&answer.value[*name])).collect();
        let full = source.lists.iter().any(|name| list(&answer.value[*name]).len() as u64 >= limit);
        let parents = self.parents(&views).await?;
        let us = Us { base: &self.session.base, user: self.user() };
        let up = |view: &Value| parents.get(&parent(view)?).cloned();
        let items: Vec<_> = views.iter().filter_map(|view| us.item(view, source.kind, up(view))).collect();
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        let (next, notes) = match grid.step(MOST, &ids, full, text(&answer.value["next_page"])) {
            Step::On(grid) | Step::Again(grid) => (grid.write(), Vec::new()),
            Step::Gap(grid) => {
                let next = if full { grid.write() } else { None };
                (
                    next,
                    vec![
                        "the list shrank time after time while it was read: some may have been passed over"
                            .to_owned(),
                    ],
                )
            }
            Step::End => (None, Vec::new()),
        };
        Ok(Taken {
            items,
            dates: views.iter().filter_map(|view| date(view)).collect(),
            next,
            notes,
            limit: answer.limit,
        })
    }

    /// The addresses of the comments that these answer, by their numbers: of this page, else looked up. Of one that cannot be
    /// had, its page on this server.
    async fn parents(&self, views: &[&Value]) -> Result<HashMap<String, String>, Trouble> {
        let mut known: HashMap<String, String> = views.iter().filter_map(|view| names(view)).collect();
        let missing: Vec<String> =
            views.iter().filter_map(|view| parent(view)).filter(|id| !known.contains_key(id)).collect();
        let mut asked = 0;
        for id in missing {
            if known.contains_key(&id) {
                continue;
            }
            asked += 1;
            let found = match asked <= PARENTS {
                true => self.session.get("comment", &[("id", &id)]).await,
                false => Err(Trouble::Refused(String::new())),
            };
            let address = match found {
                Ok(answer) => web(&answer.value["comment_view"]["comment"]["ap_id"]),
                Err(Trouble::Refused(_)) => None,
                Err(trouble) => return Err(trouble),
            };
            let here = || format!("{}/comment/{id}", self.session.base.as_str().trim_end_matches('/'));
            let address = address.unwrap_or_else(here);
            known.insert(id, address);
        }
        Ok(known)
    }
}
