//! Caddy: `links.caddy`, to be imported into the block of the host.
//!
//! What Caddy does with a map (modules/caddyhttp/map, caddyconfig/caddyfile/lexer.go), tried with 2.6: placeholders in
//! braces are replaced in the file, in the map's values and again in the answer, so that `{env.SECRET}` in a target
//! would tell a secret to everybody. How they are escaped depends on the place and the version: so no brace is written,
//! but `%7B` and `%7D`, and no backquote, which quotes the rest, but `%60`. Targets with any of these three are
//! the only ones that do not stay byte for byte. A map is searched from its beginning: no capitals are forgiven, and
//! 100,000 links cost each redirect a part of a millisecond.

use super::entry::Entry;
use super::place::Folder;
use super::{Face, Result};
use std::fs::File;
use std::io::{BufWriter, Write};

const HEAD: &str = "\
# Short links: import it in the block of their host. Written by cm-shorten export.
route {
	uri strip_suffix /
	map {path} {cm_link} {cm_status} {cm_age} {
";

const ANSWER: &str = "\
		default - 404 0
	}
	@cm_link expression `{cm_link} != \"-\"`
	@cm_gone expression `{cm_status} == \"410\"`
	header X-Robots-Tag noindex
	header @cm_link Cache-Control \"private, max-age={cm_age}\"
	redir @cm_link {cm_link} {cm_status}
	header Cache-Control no-store
	respond @cm_gone \"This short link has ended.\" 410
	respond \"There is no such short link.\" 404
}
";

/// The file on its way.
pub struct Caddy {
    folder: Folder,
    file: BufWriter<File>,
}

impl Caddy {
    /// Begins it.
    pub fn new(mut folder: Folder) -> Result<Caddy> {
        let mut file = BufWriter::new(folder.file("links.caddy")?);
        file.write_all(HEAD.as_bytes())?;
        Ok(Caddy { folder, file })
    }
}

/// A target as Caddy hands it out unchanged.
fn plain(location: &str) -> String {
    location.replace('{', "%7B").replace('}', "%7D").replace('`', "%60")
}

impl Face for Caddy {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let code = entry.code();
        match &entry.location {
            Some(location) => {
                writeln!(self.file, "\t\t/{code} `{}` {} {}", plain(location), entry.status, entry.max_age)?;
            }
            None => writeln!(self.file, "\t\t/{code} - 410 0")?,
        }
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.file.write_all(ANSWER.as_bytes())?;
        self.file.flush()?;
        self.folder.end()
    }
}
