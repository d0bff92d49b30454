//! Reading half of `mastodon:`. In: what is wanted. Out: pages of items. Reading marks nothing as read on the server.
//!
//! | list | endpoint | bound |
//! |---|---|---|
//! | notifications, mentions, replies | `GET /api/v1/notifications` | 100 pages of 80 |
//! | messages | `GET /api/v1/conversations`, and the whole thread of each | 100 pages of 40 |
//! | posts | `GET /api/v1/accounts/:id/statuses`, without boosts | 100 pages of 40 |
//! | tag, home, list | `GET /api/v1/timelines/...` | 100 pages of 40 |
//! | search | `GET /api/v2/search` | 1,000 hits |
//! | thread | `GET /api/v1/statuses/:id/context` | what the server gives |
//! | profile | `GET /api/v1/accounts/verify_credentials` | one item a day |

use super::kin::{Asking, Kin};
use super::ladder::Mark;
use super::list::{List, Place, date};
use super::notification::{Wish, speaking};
use super::session::{Server, Session};
use super::sources::{OFFERS, Part, Source};
use super::status::{Around, array, item, number, said};
use super::{profile, search};
use crate::Read;
use crate::services::{Item, Limit, NextPage, Page, Trouble, Wanted};
use serde_json::Value;
use url::Url;

/// A server that is read.
pub(super) struct Reader {
    pub(super) server: Server,
    pub(super) kin: Kin,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::parse(what).is_ok_and(|source| source.is_stream())
    }

    fn server(&self) -> Option<Url> {
        Some(self.server.home().clone())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what).map_err(Trouble::Refused)?;
            let session = self.server.session().await?;
            if session.is_nobody() && !matches!(source, Source::Tag(..) | Source::Thread(_)) {
                return Err(Trouble::Credentials(
                    "without a token only tag/NAME and thread?id=... can be read: write an account with url and password_file into cm.toml".to_owned(),
                ));
            }
            match &source {
                Source::Notifications(types, part) => {
                    self.notifications(session, types, *part, wanted, cursor).await
                }
                Source::Messages => self.messages(session, wanted, cursor).await,
                Source::Search(parameters) => self.search(session, parameters, wanted, cursor).await,
                Source::Thread(id) => self.thread(session, id).await,
                Source::ThreadAt(uri) => {
                    let id = search::number_of(session, uri).await?;
                    self.thread(session, &id).await
                }
                Source::Profile => {
                    Ok(Page { items: vec![profile::item(session, session.api.now())], ..Page::default() })
                }
                _ => self.timeline(session, &source, wanted, cursor).await,
            }
        })
    }
}

impl Reader {
    async fn notifications(
        &self,
        session: &Session,
        types: &[String],
        part: Part,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let mut query: Vec<(String, String)> =
            types.iter().map(|kind| ("types[]".to_owned(), kind.clone())).collect();
        // An account may have its server keep back those of strangers (4.3): that is for its app.
        query.push(("include_filtered".to_owned(), "true".to_owned()));
        let list = list("api/v1/notifications", query, "80", "read:notifications", false);
        let taken = list.page(session, place(wanted, session, cursor)?, None).await?;
        let rows = &taken.answer.value;
        let wish = Wish { types, part };
        let asking = self.kin.gather(session, &speaking(rows, &wish), taken.answer.limit.clone()).await?;
        let items = array(rows).iter().filter_map(|row| wish.item(row, session, &self.kin)).collect();
        Ok(finished(items, asking, taken.next, taken.mark, taken.note))
    }

    /// A conversation tells its last message only: what else was said in it is in its thread. It moves to the head of the list
    /// when something is said, and servers differ in what they number there: the list is read from the new to the old, as far
    /// as something was said since a day before the last run's newest message.
    async fn messages(
        &self,
        session: &Session,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let since = Mark::read(wanted.mark.as_deref(), &session.id).map(|mark| mark.at);
        let list = list("api/v1/conversations", Vec::new(), "40", "read:statuses", true);
        let place = cursor.map_or_else(|| Ok(Place::newest()), Place::read)?;
        let taken = list.page(session, place, since).await?;
        let is_news = |row: &&Value| date(row).zip(since).is_none_or(|(at, since)| at >= since);
        let rows: Vec<Value> = array(&taken.answer.value).iter().filter(is_news).cloned().collect();
        let (mut items, mut limit) = (Vec::new(), taken.answer.limit.clone());
        for last in rows.iter().map(|row| &row["last_status"]).filter(|last| last.is_object()) {
            let (said, left) = conversation(session, last, limit).await?;
            let (found, asking) = self.items(session, &said, left).await?;
            limit = asking.limit;
            items.extend(found);
        }
        Ok(finished(items, Asking::of(limit), taken.next, taken.mark, taken.note))
    }

    async fn timeline(
        &self,
        session: &Session,
        source: &Source,
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let (path, query, scope) = match source {
            Source::Tag(tag, parameters) => {
                let tag = percent_encoding::utf8_percent_encode(tag, percent_encoding::NON_ALPHANUMERIC);
                (format!("api/v1/timelines/tag/{tag}"), parameters.clone(), "read:statuses")
            }
            Source::List(id) => (format!("api/v1/timelines/list/{id}"), Vec::new(), "read:lists"),
            Source::Home => ("api/v1/timelines/home".to_owned(), Vec::new(), "read:statuses"),
            _ => (
                format!("api/v1/accounts/{}/statuses", session.id),
                vec![("exclude_reblogs".to_owned(), "true".to_owned())],
                "read:statuses",
            ),
        };
        let list = list(&path, query, "40", scope, true);
        let taken = list.page(session, place(wanted, session, cursor)?, wanted.since).await?;
        let mut rows = array(&taken.answer.value).to_vec();
        // What was written to somebody alone is among what we wrote, and in the timeline of those who were meant.
        rows.retain(|status| status["visibility"] != "direct");
        if *source == Source::Posts {
            rows.retain(|status| status["reblog"].is_null());
        }
        let (items, asking) = self.items(session, &rows, taken.answer.limit.clone()).await?;
        Ok(finished(items, asking, taken.next, taken.mark, taken.note))
    }

    async fn search(
        &self,
        session: &Session,
        parameters: &[(String, String)],
        wanted: &Wanted,
        cursor: Option<&str>,
    ) -> Result<Page, Trouble> {
        let hits = search::page(session, parameters, wanted, cursor).await?;
        let mut rows = array(&hits.answer.value["statuses"]).to_vec();
        rows.retain(|status| status["visibility"] != "direct");
        let (items, asking) = self.items(session, &rows, hits.answer.limit.clone()).await?;
        let mut page = finished(items, asking, None, hits.mark, hits.note);
        page.next = hits.next;
        Ok(page)
    }

    async fn thread(&self, session: &Session, id: &str) -> Result<Page, Trouble> {
        let path = format!("api/v1/statuses/{id}");
        let status = session.get(&path, &[], "read:statuses").await?.value;
        let context = session.get(&format!("{path}/context"), &[], "read:statuses").await?;
        let above = array(&context.value["ancestors"]).iter();
        let all = above.chain([&status]).chain(array(&context.value["descendants"]));
        // In a public thread may stand what was written to us alone.
        let all: Vec<Value> = all
            .filter(|one| one["visibility"] != "direct" || status["visibility"] == "direct")
            .cloned()
            .collect();
        let (items, asking) = self.items(session, &all, context.limit.clone()).await?;
        Ok(finished(items, asking, None, None, None))
    }

    async fn items(
        &self,
        session: &Session,
        rows: &[Value],
        limit: Option<Limit>,
    ) -> Result<(Vec<Item>, Asking), Trouble> {
        let asking = self.kin.gather(session, &rows.iter().map(said).collect::<Vec<_>>(), limit).await?;
        let around =
            |row: &Value| Around { me: &session.id, host: &session.host, kin: self.kin.of(said(row)) };
        Ok((rows.iter().filter_map(|row| item(row, around(row))).collect(), asking))
    }
}

/// All that was said in a conversation: what stands above its last message, and beside it, as two may have answered the
/// same, or one twice. It is found below the first of them.
async fn conversation(
    session: &Session,
    last: &Value,
    mut limit: Option<Limit>,
) -> Result<(Vec<Value>, Option<Limit>), Trouble> {
    let (mut said, mut turn) = (vec![last.clone()], Some((last.clone(), "ancestors")));
    turn = turn.filter(|_| !last["in_reply_to_id"].is_null());
    while let Some((status, side)) = turn.take() {
        let Some(id) = number(&status["id"]) else { break };
        let context = session.get(&format!("api/v1/statuses/{id}/context"), &[], "read:statuses").await?;
        limit = context.limit.clone().or(limit);
        let found = array(&context.value[side]);
        if side == "ancestors" {
            turn = found.first().map(|first| (first.clone(), "descendants"));
        }
        let is_new = |one: &&Value| said.iter().all(|known| known["id"] != one["id"]);
        let new: Vec<Value> = found.iter().filter(is_new).cloned().collect();
        said.extend(new);
    }
    said.retain(|status| status["visibility"] == "direct");
    Ok((said, limit))
}

fn list(
    path: &str,
    query: Vec<(String, String)>,
    limit: &'static str,
    scope: &'static str,
    is_stream: bool,
) -> List {
    List { path: path.to_owned(), query, limit, scope, is_stream }
}

fn place(wanted: &Wanted, session: &Session, cursor: Option<&str>) -> Result<Place, Trouble> {
    cursor.map_or_else(|| Ok(Place::begin(wanted, session)), Place::read)
}

fn finished(
    items: Vec<Item>,
    asking: Asking,
    next: Option<Place>,
    mark: Option<String>,
    note: Option<String>,
) -> Page {
    let left = (asking.left > 0).then(|| {
        format!(
            "what {} answers answer is not known: the server's limit is nearly used up, or it is in trouble",
            asking.left
        )
    });
    Page {
        items,
        next: next.and_then(|place| place.write()),
        mark,
        notes: note.into_iter().chain(left).collect(),
        limit: asking.limit,
    }
}
