//! `cm-fetch discover`: the feeds that pages and files offer. In: places. Out: one row for each feed.

use crate::arrival::Arrived;
use crate::discovery::{self, Offer};
use crate::feed::{Document, Entry, Feed, NotAFeed};
use crate::get::{Problem, Validators};
use crate::local::load;
use crate::manners::Manners;
use crate::sites;
use crate::source::{Place, Source, public};
use crate::unread::on_the_disk;
use crate::visit::{Visitor, class, parse};
use crate::wall::wall;
use cm_cli::{Failure, Listing, Session};
use std::path::Path;
use url::Url;

/// Addresses of one page that are asked in vain before the rest is left.
const IN_VAIN: usize = 16;

/// A feed that was found.
struct Found {
    url: String,
    why: &'static str,
    feed: Feed,
}

/// Lists the feeds of these places.
pub(crate) fn list(session: &Session, visitor: &Visitor, places: &[String]) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut listing = Listing::new(&["URL", "TITLE", "ENTRIES", "NEWEST"]).whole(&["URL"]);
    for place in places {
        let source = Source::parse(place, Path::new("")).map_err(Failure::usage)?;
        match runtime.block_on(visitor.explore(&source)) {
            Ok(found) if found.is_empty() => {
                session.failed("discover", format!("{place}: offers no feed"))?
            }
            Ok(found) => {
                if found.iter().all(|one| one.why == discovery::USUAL_PLACE) {
                    session
                        .say(format!("{place}: names no feed, these were found where feeds usually stand"));
                }
                found.iter().try_for_each(|one| row(session, &mut listing, one))?;
            }
            Err(problem) => session.failed(&problem.class, problem.message)?,
        }
    }
    if listing.is_empty() { Ok(()) } else { session.list(&listing) }
}

/// The address stands whole, to be copied; what else is worth a word stands under it.
fn row(session: &Session, listing: &mut Listing, Found { url, why, feed }: &Found) -> anyhow::Result<()> {
    let newest = feed.entries.iter().filter_map(Entry::date).max();
    let zone = session.zone()?;
    let seen = newest.map(|at| wall(zone, at, session.now())).unwrap_or_default();
    let (title, home) = (&feed.head.title, &feed.head.home_page_url);
    let entries = feed.entries.len();
    listing.row(
        vec![url.clone(), title.clone().unwrap_or_default(), entries.to_string(), seen],
        serde_json::json!({
            "url": url, "title": title, "home_page_url": home, "entries": entries,
            "newest": newest.map(cm_time::rfc3339), "why": why,
        }),
    );
    let home = home.as_ref().map(|home| format!("; its home page is {home}")).unwrap_or_default();
    listing.note(format!("{why}{home}"));
    Ok(())
}

impl Visitor {
    /// The feeds of a page or a file, or the feed itself.
    async fn explore(&self, source: &Source) -> Result<Vec<Found>, Problem> {
        let problem = |class: &str, why: String| Problem::new(class, format!("{}: {why}", source.label()));
        match &source.place {
            Place::Url(url) => {
                let answer = match self.get(url, &Validators::default(), &self.manners_of(source, url)).await
                {
                    Ok(answer) => answer,
                    Err(problem) => {
                        // Whoever shows programs no page may have feeds for them.
                        let found = self.feeds_among(known(url), None).await;
                        return if found.is_empty() { Err(problem) } else { Ok(found) };
                    }
                };
                let document = answer.document.map(Arrived::document).transpose();
                let document = document.map_err(|e| on_the_disk(url, &e))?.unwrap_or_default();
                let base = document.base.clone().unwrap_or_else(|| url.clone());
                match parse(document).await {
                    (Ok(feed), _) => Ok(vec![Found { url: answer.from, why: "the feed itself", feed }]),
                    (Err(NotAFeed::Page), page) => {
                        Ok(self.feeds_among(discovery::offers(&page.text(), &base), None).await)
                    }
                    (Err(why), _) => Err(problem(class(why), why.to_string())),
                }
            }
            Place::File(path) => {
                let document = load(Some(path)).await.map_err(|why| problem("file", why))?;
                let real = path.canonicalize().ok();
                let base = real.as_ref().and_then(|path| Url::from_file_path(path).ok());
                match (parse(document).await, base) {
                    ((Ok(feed), _), _) => Ok(vec![Found { url: source.key(), why: "the feed itself", feed }]),
                    ((Err(NotAFeed::Page), page), Some(base)) => {
                        let folder = real.as_deref().and_then(Path::parent);
                        Ok(self.feeds_among(discovery::offers(&page.text(), &base), folder).await)
                    }
                    ((Err(why), _), _) => Err(problem(class(why), why.to_string())),
                }
            }
            Place::Account { .. } => Err(problem(
                "usage",
                "an account, which is read and has no feeds: give an address or a file".into(),
            )),
            Place::Stdin => Err(Problem::new("usage", "-: give an address or a file")),
        }
    }

    /// Which of the offers are feeds. Files are read only beside the page that names them.
    async fn feeds_among(&self, offers: Vec<Offer>, folder: Option<&Path>) -> Vec<Found> {
        let (mut found, mut in_vain): (Vec<Found>, usize) = (Vec::new(), 0);
        for Offer { url, why } in offers {
            // Where something was named there is no need to look further.
            if in_vain == IN_VAIN
                || (why == discovery::USUAL_PLACE && !found.is_empty() && found[0].why != why)
            {
                break;
            }
            let document = self.offered(&url, folder).await.unwrap_or_default();
            match parse(document).await {
                (Ok(feed), _) => found.push(Found { url: public(&url), why, feed }),
                _ => in_vain += 1,
            }
        }
        found
    }

    async fn offered(&self, url: &Url, folder: Option<&Path>) -> Option<Document> {
        if url.scheme() == "file" {
            let path = url.to_file_path().ok()?.canonicalize().ok()?;
            return if folder.is_some_and(|folder| path.starts_with(folder)) {
                load(Some(&path)).await.ok()
            } else {
                None
            };
        }
        let manners = self.hosts.manners(url, &Manners::default());
        self.get(url, &Validators::default(), &manners).await.ok()?.document?.document().ok()
    }
}

/// What is known of a site by its address alone. A feed that fails has no others: they would be taken for it.
pub(crate) fn known(page: &Url) -> Vec<Offer> {
    let page = Some(page).filter(|page| !sites::is_feed(page));
    let feeds = page.map(sites::by_address).unwrap_or_default();
    feeds.into_iter().map(|(url, why)| Offer { url, why }).collect()
}
