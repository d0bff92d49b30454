//! Which links an export has. In: tags and a domain. Out: whether a link is one; an error where none is, since what an
//! export wrote before would be emptied by a slip of the fingers.

use super::PAGE;
use crate::args::Export;
use crate::rows::Link;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::Failure;
use std::collections::BTreeSet;

/// What an export was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    labels: &'a [String],
    domain: Option<&'a str>,
}

impl<'a> Selection<'a> {
    /// As the options say.
    pub fn new(args: &'a Export) -> Selection<'a> {
        Selection { labels: &args.labels, domain: args.domain.as_deref() }
    }

    /// Whether a link is one.
    pub fn holds(&self, link: &Link) -> bool {
        self.labels.iter().all(|label| link.labels.contains(label))
            && self.domain.is_none_or(|domain| link.is_on(domain))
    }

    /// Refuses tags and a domain that no link has together.
    pub fn check(&self, tables: Option<&Tables>) -> Result<()> {
        if self.labels.is_empty() && self.domain.is_none() {
            return Ok(());
        }
        let (mut labels, mut domains) = (BTreeSet::new(), BTreeSet::new());
        let mut after = String::new();
        while let Some(tables) = tables {
            let page = tables.full_after(&after, PAGE)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.link.code);
            if page.iter().any(|full| self.holds(&full.link)) {
                return Ok(());
            }
            for full in page {
                labels.extend(full.link.labels);
                domains.insert(full.link.domain);
            }
        }
        Err(Failure::usage(self.nobody(&labels, &domains)).into())
    }

    fn nobody(&self, labels: &BTreeSet<String>, domains: &BTreeSet<String>) -> String {
        let known: Vec<&str> = labels.iter().map(String::as_str).collect();
        if let Some(label) = self.labels.iter().find(|label| !known.contains(&label.as_str())) {
            let near = cm_cli::nearest(label, &known).map(|near| format!("; did you mean {near}?"));
            return format!("--tag {label}: no link has this tag{}", near.unwrap_or_default());
        }
        match self.domain {
            Some(domain) if !domains.iter().any(|known| Link::is_same_domain(known, domain)) => {
                let known = domains.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                format!("--domain {domain}: no link is there (known: {known})")
            }
            Some(_) => "--tag, --domain: no link has all of these".to_owned(),
            None => "--tag: no link has all of these tags".to_owned(),
        }
    }
}
