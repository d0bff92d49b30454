//! Caddy: `links.caddy`, to be imported into the block of the host.
//!
//! What Caddy does with a map (modules/caddyhttp/map, caddyconfig/caddyfile/lexer.go), tried with 2.6: placeholders in
//! braces are replaced in the file, in the map's values and again in the answer, so that `{env.SECRET}` in a target
//! would tell a secret to everybody. How they are escaped depends on the place and the version: so no brace is written,
//! but `%7B` and `%7D`, and no backquote, which quotes the rest, but `%60`. Targets with any of these three are
//! the only ones that do not stay byte for byte. A map is searched from its beginning: so there is one for each two
//! signs that codes begin with, and a redirect looks through those of few codes. No capitals are forgiven.

use super::entry::Entry;
use super::place::Folder;
use super::{Face, Result};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};

const HEAD: &str = "\
# Short links: import it in the block of their host. Written by cm-shorten export.
route {
	uri strip_suffix /
";

/// What a map of links has before and after them.
const MAP: &str = "{path} {cm_link} {cm_status} {cm_age} {";
const NONE: &str = "default - 404 0";

const ANSWER: &str = "\
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
    /// Lines by the first sign of codes, in lower case as paths are matched, and by the first two.
    lines: BTreeMap<char, BTreeMap<String, String>>,
}

impl Caddy {
    /// Begins it.
    pub fn new(mut folder: Folder) -> Result<Caddy> {
        let mut file = BufWriter::new(folder.file("links.caddy")?);
        file.write_all(HEAD.as_bytes())?;
        Ok(Caddy { folder, file, lines: BTreeMap::new() })
    }
}

/// A target as Caddy hands it out unchanged.
fn plain(location: &str) -> String {
    location.replace('{', "%7B").replace('}', "%7D").replace('`', "%60")
}

impl Face for Caddy {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let code = entry.code();
        let begins = code.get(..2).unwrap_or(code).to_ascii_lowercase();
        let Some(first) = begins.chars().next() else { return Ok(false) };
        let lines = self.lines.entry(first).or_default().entry(begins).or_default();
        match &entry.location {
            Some(location) => {
                let (target, status, age) = (plain(location), entry.status, entry.max_age);
                lines.push_str(&format!("\t\t\t/{code} `{target}` {status} {age}\n"));
            }
            None => lines.push_str(&format!("\t\t\t/{code} - 410 0\n")),
        }
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        for (first, maps) in &self.lines {
            writeln!(self.file, "\troute /{first}* {{")?;
            for (begins, lines) in maps {
                // A code of one sign is all of its path.
                let more = if begins.len() < 2 { "" } else { "*" };
                writeln!(self.file, "\t\tmap /{begins}{more} {MAP}\n{lines}\t\t\t{NONE}\n\t\t}}")?;
            }
            self.file.write_all(b"\t}\n")?;
        }
        // The first map that was asked says: this one where none was.
        writeln!(self.file, "\tmap {MAP}\n\t\t{NONE}\n\t}}")?;
        self.file.write_all(ANSWER.as_bytes())?;
        self.file.flush()?;
        self.folder.end()
    }
}
