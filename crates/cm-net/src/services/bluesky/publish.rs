//! Publishing half of `bluesky:`. In: drafts. Out: records, each made once, however often it is sent (`record.rs`).
//!
//! | answer to `putRecord` | taken as |
//! |---|---|
//! | 200 | published |
//! | 400 `InvalidSwap` | published, if the record that stands under the key is this very one; else refused: nothing is overwritten |
//! | 400 `ExpiredToken`, `InvalidToken`, 401 | the session is renewed and the same bytes are sent once more; then the credentials are refused |
//! | 429 | later, not before `Retry-After` or `RateLimit-Reset` |
//! | other 4xx, 3xx | refused, in the server's words |
//! | 5xx, no JSON, deadline or cut after sending | unknown: the same bytes go again |
//!
//! Measured on a PDS of 2026: the names of the errors, that an error in the record is a 400 `InvalidRequest`.

use super::facets::MENTION;
use super::parent::{Parent, look};
use super::record::{self, reference};
use super::said::{Fault, Said, standing};
use super::tokens::is_did;
use super::uri::{AtUri, holds};
use super::xrpc::Xrpc;
use crate::services::{Draft, Standing, Trouble};
use crate::{Delivery, Found, Guarantee, Outgoing, Publish};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An account that posts.
pub(super) struct Poster {
    pub(super) xrpc: Xrpc,
}

/// What a frozen body says.
struct Order {
    repo: String,
    collection: String,
    rkey: String,
    record: Value,
}

impl Publish for Poster {
    fn guarantee(&self) -> Guarantee {
        Guarantee::SameKey
    }

    fn freeze(&self, draft: &Draft) -> Result<Vec<u8>, String> {
        let body = record::body(draft)?;
        serde_json::to_vec(&body).map_err(|e| format!("{} cannot be written as JSON: {e}", draft.id))
    }

    fn shown(&self, body: &[u8]) -> Option<String> {
        let body: Value = serde_json::from_slice(body).ok()?;
        Some(body["record"]["text"].as_str()?.to_owned())
    }

    fn resolve<'a>(&'a self, body: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, Trouble>> {
        Box::pin(async move {
            let unreadable = |e| Trouble::Refused(format!("its frozen bytes are no JSON: {e}"));
            let mut body: Value = serde_json::from_slice(&body).map_err(unreadable)?;
            let me = self.xrpc.me().await?;
            body["repo"] = me.did.as_str().into();
            self.name_mentioned(&mut body["record"]).await?;
            self.complete(&me.did, &mut body["record"]).await?;
            serde_json::to_vec(&body).map_err(unreadable)
        })
    }

    fn send<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Delivery> {
        Box::pin(async move { self.deliver(post).await.unwrap_or_else(Delivery::from) })
    }

    fn find<'a>(&'a self, post: &'a Outgoing) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            match Order::read(&post.body) {
                Some(order) => self.find_order(&order).await,
                None => Found::No,
            }
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<Standing, Trouble>> {
        Box::pin(async move {
            let answer = self.xrpc.get("com.atproto.server.getSession", &[]).await?;
            let me = self.xrpc.me().await?;
            // Whether it is right is not tried: logins are rationed. That there is one is what the next login needs.
            self.xrpc.has_password().await?;
            let active = answer.value["active"] != false;
            let handle =
                answer.value["handle"].as_str().filter(|handle| holds(handle)).unwrap_or("no valid handle");
            Ok(Standing {
                who: Some(format!("{handle} ({})", me.did)),
                lacks: if active {
                    Vec::new()
                } else {
                    vec![format!("may not post: the account is {}", standing(&answer.value))]
                },
                token_until: me.renewable_until(),
                limit: answer.limit,
            })
        })
    }
}

impl Poster {
    /// Who is behind each handle; one that nobody has is plain text.
    async fn name_mentioned(&self, record: &mut Value) -> Result<(), Trouble> {
        let Some(facets) = record.get("facets").and_then(Value::as_array).cloned() else { return Ok(()) };
        let mut known = BTreeMap::new();
        let mut kept = Vec::with_capacity(facets.len());
        for mut facet in facets {
            let feature = &mut facet["features"][0];
            let handle = feature["did"].as_str().unwrap_or_default().to_ascii_lowercase();
            if feature["$type"] == MENTION && !handle.starts_with("did:") {
                let did = match known.get(&handle) {
                    Some(did) => Option::clone(did),
                    None => self.behind(&handle).await?,
                };
                known.insert(handle, did.clone());
                let Some(did) = did else { continue };
                feature["did"] = did.into();
            }
            kept.push(facet);
        }
        let without = |record: &mut Map<String, Value>| record.remove("facets");
        match kept.is_empty() {
            true => record.as_object_mut().and_then(without),
            false => {
                record.as_object_mut().and_then(|record| record.insert("facets".to_owned(), kept.into()))
            }
        };
        Ok(())
    }

    async fn behind(&self, handle: &str) -> Result<Option<String>, Trouble> {
        match self.xrpc.get("com.atproto.identity.resolveHandle", &[("handle", handle)]).await {
            Ok(answer) => Ok(answer.value["did"].as_str().filter(|did| is_did(did)).map(str::to_owned)),
            Err(Fault::Said(Said { status: 400 | 404, .. })) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Whether what is answered is there, and its references where only its address is known.
    async fn complete(&self, me: &str, record: &mut Value) -> Result<(), Trouble> {
        let Some(uri) = answered(record).map(str::to_owned) else { return Ok(()) };
        let reply = is_reply(record);
        let place = if reply { &mut record["reply"]["parent"] } else { &mut record["subject"] };
        let whole = reference(place).is_some();
        let parent = look(&self.xrpc, me, &uri, reply).await;
        if let (Parent::There { own, .. }, false) = (&parent, whole) {
            *place = own.clone();
        }
        let rooted = !reply || reference(&record["reply"]["root"]).is_some();
        match parent {
            Parent::Gone(why) => Err(Trouble::Refused(why)),
            Parent::There { root, .. } if !rooted => {
                record["reply"]["root"] = root;
                Ok(())
            }
            Parent::There { .. } => Ok(()),
            Parent::Untold(trouble @ Trouble::Credentials(_)) => Err(trouble),
            Parent::Untold(_) if whole && rooted => Ok(()),
            Parent::Untold(trouble) => Err(Trouble::Later {
                reason: format!("the post that it answers cannot be read now: {trouble}"),
                after: None,
            }),
        }
    }

    async fn deliver(&self, post: &Outgoing) -> Result<Delivery, Trouble> {
        let never = || Trouble::Refused("it was never made ready for this account".to_owned());
        let order = Order::read(&post.body).ok_or_else(never)?;
        let me = self.xrpc.me().await?;
        if me.did != order.repo {
            return Err(Trouble::Refused(format!(
                "it was made for {}, the account is now {}",
                order.repo, me.did
            )));
        }
        if let Some(uri) = answered(&order.record)
            && let Parent::Gone(why) = look(&self.xrpc, &me.did, uri, is_reply(&order.record)).await
        {
            // An earlier attempt may have been in time.
            return match self.find_order(&order).await {
                Found::Yes { url } => Ok(Delivery::Published { url }),
                Found::No => Err(Trouble::Refused(why)),
                Found::Unknown => Ok(Delivery::Unknown { reason: why }),
            };
        }
        match self.xrpc.post("com.atproto.repo.putRecord", post.body.clone().into()).await {
            Ok(_) => Ok(Delivery::Published { url: order.page(&me.handle) }),
            Err(Fault::Said(said)) if said.name == "InvalidSwap" => Ok(self.taken(&order).await),
            Err(Fault::Said(said)) if matches!(said.status, 200..=299 | 500..) => {
                Ok(Delivery::Unknown { reason: said.reason })
            }
            Err(Fault::Net(error)) if error.sent => Ok(Delivery::Unknown { reason: error.message }),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Something stands under the key.
    async fn taken(&self, order: &Order) -> Delivery {
        match self.find_order(order).await {
            Found::Yes { url } => Delivery::Published { url },
            Found::No => Delivery::Refused {
                reason: "another record stands under this id: nothing was overwritten".to_owned(),
            },
            Found::Unknown => Delivery::Unknown {
                reason: "a record stands under this id, and cannot be read now".to_owned(),
            },
        }
    }

    async fn find_order(&self, order: &Order) -> Found {
        let asked = [("repo", &*order.repo), ("collection", &*order.collection), ("rkey", &*order.rkey)];
        match self.xrpc.get("com.atproto.repo.getRecord", &asked).await {
            Ok(answer) if order.is(&answer.value["value"]) => {
                let handle = self.xrpc.me().await.map(|me| me.handle).unwrap_or_default();
                Found::Yes { url: order.page(&handle) }
            }
            Ok(_) => Found::No,
            Err(Fault::Said(said)) if said.name == "RecordNotFound" => Found::No,
            Err(_) => Found::Unknown,
        }
    }
}

impl Order {
    /// `None` for a body whose repository was never asked for: it can't have been sent.
    fn read(body: &[u8]) -> Option<Order> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let (repo, collection, rkey) = (text("repo")?, text("collection")?, text("rkey")?);
        Some(Order { repo, collection, rkey, record: body["record"].take() })
    }

    /// Whether a record is this very one.
    fn is(&self, record: &Value) -> bool {
        ["text", "createdAt", "subject"].iter().all(|name| record.get(name) == self.record.get(name))
    }

    /// Its page; likes and boosts have none.
    fn page(&self, handle: &str) -> Option<String> {
        AtUri { repo: &self.repo, collection: &self.collection, rkey: &self.rkey }.page(Some(handle))
    }
}

fn is_reply(record: &Value) -> bool {
    record.get("reply").is_some()
}

/// The address of what a record answers or points at.
fn answered(record: &Value) -> Option<&str> {
    record.pointer("/reply/parent/uri").or_else(|| record.pointer("/subject/uri"))?.as_str()
}
