//! A link as a file has it: where it leads at the time of the export, by which status, kept for how long.

use crate::list::ByClass;
use crate::tables::Full;
use crate::target;

/// A link to write.
#[derive(Debug)]
pub struct Entry {
    /// As it is in the store.
    pub full: Full,
    /// Its clicks here.
    pub clicks: ByClass,
    /// Where it leads, printable ASCII without blanks; none when it has ended and has no fallback.
    pub location: Option<String>,
    /// The status of the redirect.
    pub status: u16,
    /// Seconds that it may be kept.
    pub max_age: u32,
    /// Whether it will end at a time or after clicks.
    pub ends_later: bool,
}

impl Entry {
    /// As it is at an instant.
    pub fn new(full: Full, clicks: ByClass, now: i64) -> Entry {
        let link = &full.link;
        let used = link.max_clicks.is_some_and(|most| clicks.human >= most);
        let ended = used || link.expires_ms.is_some_and(|at| at <= now);
        let leads = if ended { link.fallback.as_deref() } else { Some(link.target.as_str()) };
        let location = leads.and_then(target::location);
        Entry {
            location,
            // A fallback is for now: it may change with the next link.
            status: if ended { 302 } else { link.status.unwrap_or(302) },
            max_age: if ended { 0 } else { link.max_age.unwrap_or(0) },
            ends_later: !ended && (link.expires_ms.is_some() || link.max_clicks.is_some()),
            clicks,
            full,
        }
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.full.link.code
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::rows::Link;

    /// A link that leads somewhere.
    pub fn entry(code: &str, target: &str) -> Entry {
        let link = Link {
            code: code.to_owned(),
            domain: "https://go.acme.example".to_owned(),
            target: target.to_owned(),
            account: None,
            campaign: None,
            title: None,
            created_ms: 0,
            expires_ms: None,
            max_clicks: None,
            revision: 1,
            fallback: None,
            note: None,
            labels: Vec::new(),
            status: None,
            max_age: None,
        };
        Entry::new(Full { link, identity: None, before: None }, ByClass::default(), 0)
    }

    #[test]
    fn a_link_that_has_ended_leads_to_its_fallback_or_is_gone() {
        let at = |now, fallback: Option<&str>, most, human| {
            let mut full = entry("k", "https://a.example/").full;
            full.link.expires_ms = Some(100);
            full.link.max_clicks = most;
            full.link.fallback = fallback.map(str::to_owned);
            full.link.status = Some(301);
            let entry = Entry::new(full, ByClass { human, ..ByClass::default() }, now);
            (entry.location, entry.status, entry.ends_later)
        };
        assert_eq!(at(99, None, None, 0), (Some("https://a.example/".to_owned()), 301, true));
        assert_eq!(at(100, None, None, 0), (None, 302, false));
        let fallback = Some("https://b.example/".to_owned());
        assert_eq!(at(100, fallback.as_deref(), None, 0), (fallback.clone(), 302, false));
        assert_eq!(at(1, fallback.as_deref(), Some(3), 3), (fallback, 302, false));
    }
}
