//! Links that belong together: of a campaign, or with tags. In: what is asked for. Out: the links, or an error that says
//! what was most likely meant.

use crate::args::Group;
use crate::known::{Asked, Known};
use crate::rows::Link;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::Failure;

impl Group {
    /// Whether any is asked for.
    pub fn is_asked_for(&self) -> bool {
        self.asked().is_any()
    }

    fn asked(&self) -> Asked<'_> {
        Asked { tags: &self.tags, campaign: self.campaign.as_deref(), ..Asked::default() }
    }

    /// Its links; none is an error.
    pub fn links(&self, tables: &Tables) -> Result<Vec<Link>> {
        let (mut found, mut known) = (Vec::new(), Known::default());
        for page in tables.full() {
            for link in page?.into_iter().map(|full| full.link) {
                known.take(&link);
                if self.asked().is_on(&link) {
                    found.push(link);
                }
            }
        }
        if found.is_empty() {
            let together = || "no link is of all that is asked for together".to_owned();
            return Err(Failure::usage(known.stranger(self.asked()).unwrap_or_else(together)).into());
        }
        Ok(found)
    }
}
