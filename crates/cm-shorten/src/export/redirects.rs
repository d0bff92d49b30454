//! `_redirects`: a rule on each line, as Netlify and Cloudflare Pages read it. Neither is here to be asked: what stands
//! here is what their documentation and Cloudflare's parser (workers-sdk, parseRedirects.ts) say. Neither forgives
//! capitals, and neither has an answer for a link that has ended: such links are left out.

use super::entry::Entry;
use super::place::{Kind, Sole};
use super::{Face, Result};
use cm_cli::Failure;
use std::io::Write;
use url::Url;

/// Cloudflare's: static rules, and the bytes of one.
const RULES: usize = 2000;
const LINE: usize = 1000;

/// What Netlify advises to stay below (docs.netlify.com, redirect options); it sets no limit.
pub const ADVISED: u64 = 10_000;

/// The first line, a comment to both, by which the file is known as ours.
const HEAD: &str = "# Short links, written by cm-shorten export";
/// Both have it by this name.
pub const FILE: Kind = Kind { name: "_redirects", begins: HEAD };

/// Netlify's file.
pub struct Netlify {
    out: Sole,
}

impl Netlify {
    /// Begins it.
    pub fn new(mut out: Sole) -> Result<Netlify> {
        writeln!(out, "{HEAD}")?;
        Ok(Netlify { out })
    }
}

impl Face for Netlify {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let Some(location) = &entry.location else { return Ok(false) };
        // Documented are 301 and 302 only; `!` wins over a page of the same name.
        let status = if matches!(entry.status, 301 | 308) { 301 } else { 302 };
        writeln!(self.out, "/{} {location} {status}!", entry.code())?;
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<()> {
        self.out.end()
    }
}

/// Cloudflare's file, held back until all of it is known to be within the limits.
pub struct Cloudflare {
    out: Sole,
    lines: Vec<String>,
    count: usize,
}

impl Cloudflare {
    /// Begins it.
    pub fn new(out: Sole) -> Cloudflare {
        Cloudflare { out, lines: Vec::new(), count: 0 }
    }
}

impl Face for Cloudflare {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let Some(location) = &entry.location else { return Ok(false) };
        let code = entry.code();
        // It takes apart what is not written as browsers write it.
        let target = Url::parse(location)?;
        let refused = |why: String| {
            Err(Failure::usage(format!("cloudflare: {code}: {why}; nothing was written")).into())
        };
        if target.scheme() != "https" {
            return refused("its rules lead to https:// only".to_owned());
        }
        let line = format!("/{code} {target} {}", entry.status);
        if line.len() > LINE {
            return refused(format!("its rule has {} characters, a rule may have {LINE}", line.len()));
        }
        self.count += 1;
        if self.count <= RULES {
            self.lines.push(line);
        }
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        if self.count > RULES {
            return Err(Failure::usage(format!(
                "cloudflare: {} links are more than the {RULES} rules that it takes: choose some with --tag; nothing was written",
                self.count
            ))
            .into());
        }
        writeln!(self.out, "{HEAD}")?;
        for line in &self.lines {
            writeln!(self.out, "{line}")?;
        }
        self.out.end()
    }
}
