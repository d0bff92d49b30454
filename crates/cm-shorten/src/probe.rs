//! What the fuzz targets drive. `links`: every step that a stranger's link takes from a text into a `Location`.

use crate::args::{Existing, From};
use crate::block_list::BlockList;
use crate::settings::Domain;
use crate::target::Guard;
use crate::{plain, target, utm};
use std::ops::Range;

/// A link on its way through.
#[derive(Debug)]
pub struct Probed {
    /// Where it stands in the text.
    pub place: Range<usize>,
    /// As it stands.
    pub url: String,
    /// Cleaned and tagged; absent when it is refused.
    pub tagged: Option<String>,
    /// As a redirect carries it.
    pub location: Option<String>,
}

/// The links of any bytes, each checked, cleaned, tagged with `utm_source=VALUE` and written as a `Location`.
pub fn probe(bytes: &[u8], value: &str) -> Vec<Probed> {
    let Some(guard) = guard() else { return Vec::new() };
    let tags = [("utm_source".to_owned(), value.to_owned())];
    let one = |(place, url): (Range<usize>, String)| {
        let clean = cm_web::clean(&url).url;
        let tagged = [&url, &clean].iter().all(|link| guard.check(link).is_ok()).then(|| {
            let replaced = utm::tag(&clean, &url, &tags, Existing::Replace);
            // The other two ways only must not panic.
            let _ = (
                utm::tag(&clean, &url, &tags, Existing::Keep),
                utm::tag(&clean, &url, &tags, Existing::Fill),
            );
            replaced
        });
        let location = tagged.as_deref().and_then(target::location);
        Probed { place, url, tagged, location }
    };
    plain::links(bytes).into_iter().map(one).collect()
}

fn guard() -> Option<Guard> {
    let own = Domain::read("https://go.acme.example").ok()?;
    Some(Guard { own, blocked: BlockList::default(), allow_private: false })
}

/// An address as a redirect carries it; `None` when it is refused.
pub fn location(address: &str) -> Option<String> {
    guard()?.check(address).ok()?;
    target::location(address)
}

/// The bytes with each link as it stands put in its own place again.
pub fn restore(bytes: &[u8], links: &[Probed]) -> Vec<u8> {
    plain::replace(bytes, links.iter().map(|link| (link.place.clone(), link.url.clone())))
}

/// The rows of any bytes, read as one of the files that `import --from` names: how many are good and how many bad, and
/// whether the file was read to its end. Twice the same, with nothing empty in it.
pub fn import(bytes: &[u8], from: u8) -> (usize, usize, bool) {
    let froms = <From as clap::ValueEnum>::value_variants();
    let from = froms[usize::from(from) % froms.len()];
    let Ok(rows) = crate::import::rows(bytes, from, &crate::import::Remarks::default()) else {
        return (0, 0, false);
    };
    let (mut good, mut bad) = (0, 0);
    for row in rows {
        match row {
            Ok(Ok(row)) if !row.target.is_empty() => good += 1,
            Ok(_) => bad += 1,
            Err(_) => return (good, bad, false),
        }
    }
    (good, bad, true)
}

/// The code that a request's path asks the server for.
pub fn code(path: &str) -> Option<&str> {
    crate::serve::code(path)
}

/// Where the link of a body of the server's API shall lead, or what is wrong with the body.
pub fn wish(body: &[u8]) -> Result<String, String> {
    crate::serve::read_wish(body).map(|add| add.url)
}
