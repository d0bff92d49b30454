//! Which links an export has. In: tags and a domain. Out: whether a link is one; an error where none is, since what an
//! export wrote before would be emptied by a slip of the fingers.

use crate::args::Export;
use crate::known::{Asked, Known};
use crate::rows::Link;
use crate::tables::Tables;
use anyhow::Result;
use cm_cli::Failure;

/// What an export was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a>(Asked<'a>);

impl<'a> Selection<'a> {
    /// As the options say.
    pub fn new(args: &'a Export) -> Selection<'a> {
        Selection(Asked { tags: &args.labels, domain: args.domain.as_deref(), ..Asked::default() })
    }

    /// Whether a link is one.
    pub fn holds(&self, link: &Link) -> bool {
        self.0.is_on(link)
    }

    /// Refuses tags and a domain that no link has together.
    pub fn check(&self, tables: Option<&Tables>) -> Result<()> {
        if !self.0.is_any() {
            return Ok(());
        }
        let mut known = Known::default();
        for page in tables.into_iter().flat_map(Tables::full) {
            let page = page?;
            if page.iter().any(|full| self.holds(&full.link)) {
                return Ok(());
            }
            page.iter().for_each(|full| known.take(&full.link));
        }
        let together = match self.0.domain {
            Some(_) => "--tag, --domain: no link has all of these",
            None => "--tag: no link has all of these tags",
        };
        Err(Failure::usage(known.stranger(self.0).unwrap_or_else(|| together.to_owned())).into())
    }
}
