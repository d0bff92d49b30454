//! Links that belong together: of a campaign, or with tags. In: what is asked for. Out: the links, or an error that says
//! what was most likely meant.

use crate::args::Group;
use crate::rows::Link;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::Failure;
use std::collections::BTreeSet;

/// Links read at once.
const PAGE: i64 = 500;

impl Group {
    /// Whether any is asked for.
    pub fn is_asked_for(&self) -> bool {
        self.campaign.is_some() || !self.tags.is_empty()
    }

    fn holds(&self, link: &Link) -> bool {
        (self.campaign.is_none() || self.campaign == link.campaign)
            && self.tags.iter().all(|tag| link.labels.contains(tag))
    }

    /// Its links; none is an error.
    pub fn links(&self, tables: &Tables) -> Result<Vec<Link>> {
        let (mut found, mut after) = (Vec::new(), String::new());
        let (mut campaigns, mut tags) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let page = tables.full_after(&after, PAGE)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.link.code);
            for link in page.into_iter().map(|full| full.link) {
                campaigns.extend(link.campaign.clone());
                tags.extend(link.labels.iter().cloned());
                if self.holds(&link) {
                    found.push(link);
                }
            }
        }
        if found.is_empty() {
            return Err(Failure::usage(self.why_none(&campaigns, &tags)).into());
        }
        Ok(found)
    }

    fn why_none(&self, campaigns: &BTreeSet<String>, tags: &BTreeSet<String>) -> String {
        let unknown = |option: &str, given: &str, known: &BTreeSet<String>, what: &str| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = cm_cli::nearest(given, &known).map(|near| format!("; did you mean {near}?"));
            format!("{option} {given}: no link has this {what}{}", near.unwrap_or_default())
        };
        if let Some(campaign) = self.campaign.as_ref().filter(|campaign| !campaigns.contains(*campaign)) {
            return unknown("--campaign", campaign, campaigns, "campaign");
        }
        match self.tags.iter().find(|tag| !tags.contains(*tag)) {
            Some(tag) => unknown("--tag", tag, tags, "tag"),
            None => "no link is of all that is asked for together".to_owned(),
        }
    }
}
