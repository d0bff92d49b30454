//! Feeds in files and on standard input.

use crate::feed::Document;
use crate::get::{Problem, Validators};
use crate::item::Origin;
use crate::source::{Source, public_text};
use crate::visit::{Fetched, Outcome, Visitor, class, kind, parse};
use std::io::Read;
use std::path::Path;

/// A file or standard input is read up to here.
const MAX_DOCUMENT: u64 = 64 << 20;

impl Visitor {
    /// A feed from a file or standard input. Its own address is its source, where it says one.
    pub(crate) async fn read_local(&self, source: &Source, path: Option<&Path>) -> Result<Outcome, Problem> {
        let label = source.label();
        let document = load(path).await.map_err(|why| Problem::new("file", format!("{label}: {why}")))?;
        let feed =
            parse(document).await.0.map_err(|why| Problem::new(class(why), format!("{label}: {why}")))?;
        let own = feed.head.feed_url.as_deref().or(feed.head.home_page_url.as_deref()).map(public_text);
        let origin = Origin {
            ids: source.ids,
            kind: kind(source, &feed, own.as_deref().as_slice()),
            source: own.unwrap_or_else(|| source.key()),
            from: source.key(),
            etag: None,
            tags: source.tags.clone(),
            at: self.client.options().clock.now(),
        };
        let validators = Validators::default();
        Ok(Outcome::Feed(Box::new(Fetched {
            feed: feed.into(),
            origin,
            discovered: None,
            guessed: false,
            validators,
            moved_to: None,
            headers: Box::default(),
            bytes: 0,
            hub: None,
            delivered: false,
            reading: None,
        })))
    }
}

/// Reads a file, or standard input where none is named.
pub(crate) async fn load(path: Option<&Path>) -> Result<Document, String> {
    let path = path.map(Path::to_owned);
    let load = move || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match path {
            Some(path) => std::fs::File::open(path)?.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?,
            None => std::io::stdin().lock().take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    };
    let loaded = tokio::task::spawn_blocking(load).await.map_err(|_| "interrupted".to_owned())?;
    let bytes = loaded.map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => e.to_string(),
    })?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(format!("larger than {MAX_DOCUMENT} bytes"));
    }
    Ok(Document { bytes, ..Document::default() })
}
