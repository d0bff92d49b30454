//! The tags, campaigns, accounts and domains that links have, held against those that are asked for. In: links, and what
//! was written. Out: a sentence about the first that no link has, with what was most likely meant.

use crate::rows::Link;
use cm_cli::nearest;
use std::collections::BTreeSet;

/// What links have.
#[derive(Debug, Default)]
pub struct Known {
    tags: BTreeSet<String>,
    campaigns: BTreeSet<String>,
    accounts: BTreeSet<String>,
    domains: BTreeSet<String>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// All of them on one link.
    pub tags: &'a [String],
    /// The campaign.
    pub campaign: Option<&'a str>,
    /// The account.
    pub account: Option<&'a str>,
    /// The domain, with or without its scheme.
    pub domain: Option<&'a str>,
}

impl Asked<'_> {
    /// Whether anything is.
    pub fn is_any(&self) -> bool {
        !self.tags.is_empty() || self.campaign.is_some() || self.account.is_some() || self.domain.is_some()
    }

    /// Whether a link has all of it.
    pub fn is_on(&self, link: &Link) -> bool {
        let is =
            |wanted: Option<&str>, found: &Option<String>| wanted.is_none() || wanted == found.as_deref();
        is(self.campaign, &link.campaign)
            && is(self.account, &link.account)
            && self.domain.is_none_or(|domain| link.is_on(domain))
            && self.tags.iter().all(|tag| link.labels.contains(tag))
    }
}

impl Known {
    /// Learns what a link has.
    pub fn take(&mut self, link: &Link) {
        let one = |set: &mut BTreeSet<String>, value: &str| {
            if !set.contains(value) {
                set.insert(value.to_owned());
            }
        };
        link.labels.iter().for_each(|tag| one(&mut self.tags, tag));
        link.campaign.iter().for_each(|campaign| one(&mut self.campaigns, campaign));
        link.account.iter().for_each(|account| one(&mut self.accounts, account));
        one(&mut self.domains, &link.domain);
    }

    /// The first of what is asked for that no link has.
    pub fn stranger(&self, asked: Asked) -> Option<String> {
        let tags = asked.tags.iter().map(|tag| ("--tag", tag.as_str(), &self.tags, "tag"));
        let campaign = asked.campaign.map(|name| ("--campaign", name, &self.campaigns, "campaign"));
        let account = asked.account.map(|name| ("--account", name, &self.accounts, "account"));
        let mut words = tags.chain(campaign).chain(account);
        if let Some((option, given, known, what)) = words.find(|(_, given, known, _)| !known.contains(*given))
        {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = nearest(given, &known).map(|near| format!("; did you mean {near}?"));
            return Some(format!("{option} {given}: no link has this {what}{}", near.unwrap_or_default()));
        }
        let domain = asked.domain?;
        let is_there = self.domains.iter().any(|known| Link::is_same_domain(known, domain));
        let known = self.domains.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        (!is_there).then(|| format!("--domain {domain}: no link is there (known: {known})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_link_has_is_named_with_what_was_meant() {
        let mut known = Known::default();
        known.take(&Link {
            domain: "https://go.example".to_owned(),
            labels: vec!["print".to_owned()],
            campaign: Some("winter".to_owned()),
            ..Link::default()
        });
        let asked = Asked::default;
        let tags = ["pritn".to_owned()];
        let told = known.stranger(Asked { tags: &tags, ..asked() }).unwrap();
        assert_eq!(told, "--tag pritn: no link has this tag; did you mean print?");
        let told = known.stranger(Asked { account: Some("x:acme"), ..asked() }).unwrap();
        assert_eq!(told, "--account x:acme: no link has this account");
        assert!(
            known.stranger(Asked { domain: Some("og.example"), ..asked() }).unwrap().contains("go.example")
        );
        let there = Asked { campaign: Some("winter"), domain: Some("go.example"), ..asked() };
        assert_eq!(known.stranger(there), None);
    }
}
