//! Keeps the subscriptions as they should be: asks hubs for what is wanted, before leases end, and gives up what is not
//! wanted any more. In: the sources and the hubs that their feeds name. Out: requests to hubs, and what came of them.

use super::hubs::Hub;
use super::{No, Subscription, ask};
use crate::source::{Place, Source};
use crate::store::Tables;
use crate::visit::Visitor;
use cm_store::Error;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use url::Url;

/// How often it is looked what is to be asked.
const LOOK: Duration = Duration::from_secs(20);
/// A hub that does not let us go is forgotten after so many tries: what it sends is refused anyway.
const LEAVES: i64 = 3;

/// Who asks hubs.
pub(crate) struct Subscriber {
    /// With what.
    pub(crate) visitor: Arc<Visitor>,
    /// Where subscriptions are kept.
    pub(crate) tables: Tables,
    /// The sources that are wanted, by key.
    pub(crate) sources: Arc<HashMap<String, Source>>,
    /// Where hubs reach us.
    pub(crate) callback: Url,
    /// Who is told what went wrong.
    pub(crate) tell: Arc<dyn Fn(String) + Send + Sync>,
}

impl Subscriber {
    /// Asks whoever is to be asked, again and again.
    pub(crate) async fn run(self) {
        loop {
            match self.due().await {
                Ok(due) => {
                    for subscription in due {
                        self.ask(subscription).await;
                    }
                }
                Err(error) => (self.tell)(format!("subscriptions are not kept: {error}")),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whose hub is to be asked now: what is new, what ends soon, what is no longer wanted.
    async fn due(&self) -> Result<Vec<Subscription>, Error> {
        let (tables, sources) = (self.tables.clone(), Arc::clone(&self.sources));
        let now = self.visitor.client.options().clock.now();
        let allow_private = self.visitor.client.options().allow_private;
        let found = spawn_blocking(move || -> Result<_, Error> {
            let (hubs, mut known) = (tables.hubs()?, HashMap::new());
            for subscription in tables.subscriptions()? {
                known.insert(subscription.source.clone(), subscription);
            }
            let mut wanted = wanted(&sources, &hubs, &mut known, allow_private)?;
            wanted.extend(known.into_values().map(left));
            wanted.retain(|one| one.next.is_none_or(|next| next <= now));
            Ok(wanted)
        });
        found.await.unwrap_or_else(|_| Ok(Vec::new()))
    }

    /// Kept as asked first: a hub may ask back before it has answered.
    async fn ask(&self, subscription: Subscription) {
        let now = self.visitor.client.options().clock.now();
        if subscription.leaving && subscription.tries >= LEAVES {
            return self.keep(move |tables| tables.unsubscribe(&subscription.token)).await;
        }
        let asked = subscription.clone().asked(Ok(()), now);
        let kept = asked.clone();
        self.keep(move |tables| tables.subscribe(kept)).await;
        let Ok(hub) = subscription.hub.parse::<Url>() else { return };
        let outcome = match self.visitor.gates.enter(&hub).await {
            Ok(_leave) => ask(&self.visitor.client, &asked, &self.callback).await,
            Err(why) => Err(No { why: format!("its hub: not asked after {why}"), reached: true }),
        };
        let Err(No { why, reached }) = outcome else { return };
        if !reached {
            // Thousands of feeds may have one hub: it is waited for once.
            self.visitor.gates.trouble(&hub, why.trim_start_matches("its hub: "), false);
        }
        (self.tell)(format!("{}: {why}", subscription.source));
        let failed = subscription.asked(Err(why), now);
        self.keep(move |tables| match tables.called(&failed.token)? {
            // It asked back all the same.
            Some(one) if one.tries == 0 => Ok(()),
            Some(_) => tables.judged(&failed),
            None => Ok(()),
        })
        .await;
    }

    async fn keep(&self, work: impl FnOnce(&Tables) -> Result<(), Error> + Send + 'static) {
        let tables = self.tables.clone();
        if let Ok(Err(error)) = spawn_blocking(move || work(&tables)).await {
            (self.tell)(format!("subscriptions are not kept: {error}"));
        }
    }
}

/// The subscriptions that there should be; those that are known are taken out of `known`.
fn wanted(
    sources: &HashMap<String, Source>,
    hubs: &HashMap<String, Hub>,
    known: &mut HashMap<String, Subscription>,
    allow_private: bool,
) -> Result<Vec<Subscription>, Error> {
    let mut wanted = Vec::new();
    for (key, source) in sources {
        let Some(hub) = hubs.get(key).filter(|_| matches!(source.place, Place::Url(_))) else { continue };
        let same = known.remove(key).filter(|one| one.hub == hub.url && one.topic == hub.topic);
        let secret = hub.url.starts_with("https:") || allow_private;
        wanted.push(match same {
            // Its hub may have been told that it ends.
            Some(one) if one.leaving => Subscription { leaving: false, next: None, tries: 0, ..one },
            Some(one) => one,
            None => Subscription::new(key, &hub.url, &hub.topic, secret)?,
        });
    }
    Ok(wanted)
}

/// What is not wanted any more; the hub is told at once, and then as often as usual.
fn left(one: Subscription) -> Subscription {
    if one.leaving { one } else { Subscription { leaving: true, next: None, tries: 0, ..one } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_is_wanted_is_kept_and_what_is_not_is_left() {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let feed = "https://a.example/feed";
        let sources = [feed, "https://silent.example/"].map(|url| {
            let source = Source::parse(url, Path::new("")).unwrap();
            (source.key(), source)
        });
        let sources = HashMap::from(sources);
        let hub = |url: &str| Hub { url: url.into(), topic: feed.into() };
        let hubs = HashMap::from([(feed.to_owned(), hub("https://hub.example/"))]);
        let mut known = HashMap::new();
        let first = wanted(&sources, &hubs, &mut known, false).unwrap();
        assert_eq!(first.len(), 1);
        let gone = Subscription { source: "https://gone.example/".into(), ..Subscription::default() };
        let mut known: HashMap<String, Subscription> =
            [first[0].clone(), gone].into_iter().map(|one| (one.source.clone(), one)).collect();
        assert_eq!(wanted(&sources, &hubs, &mut known, false).unwrap(), first, "the same, token and all");
        let left: Vec<Subscription> = known.into_values().map(left).collect();
        assert!(left.len() == 1 && left[0].leaving && left[0].source == "https://gone.example/");
        let again = HashMap::from([(
            feed.to_owned(),
            Subscription { leaving: true, ..first[0].clone().asked(Ok(()), now) },
        )]);
        assert_eq!(wanted(&sources, &hubs, &mut again.clone(), false).unwrap(), first, "asked for at once");
        let moved = HashMap::from([(feed.to_owned(), hub("http://other.example/"))]);
        let mut known = HashMap::from([(feed.to_owned(), first[0].clone())]);
        let other = wanted(&sources, &moved, &mut known, false).unwrap();
        assert!(
            other[0].token != first[0].token && other[0].secret.is_none(),
            "a new one, for http no secret"
        );
    }
}
