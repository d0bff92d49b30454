//! nginx: `links.conf` with a `map` from paths to targets, for the http block, and `server.conf` that uses it, for the
//! server block.
//!
//! What nginx does with a map (ngx_http_map_module, ngx_conf_file.c), tried with 1.22:
//! - Plain keys are compared without regard to capitals, so that `/AbC` and `/abc` would be one: codes that differ in
//!   capitals only are regular expressions.
//! - `$` begins a variable, and cannot be escaped: it stands in a variable of its own.
//! - Within quotes `\` and `"` are escaped with `\`.
//! - `include` takes a name with `*`, `?` or `[` for a pattern of glob(3).
//! - A word of a configuration may be 4,096 bytes long: longer targets are put together from variables.

use super::entry::Entry;
use super::place::Folder;
use super::{Face, Result};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};

/// The longest piece of a target in a word, in bytes before it is escaped: every byte may become a variable's name.
const PIECE: usize = 300;
/// The longest target in one word.
const WORD: usize = 3900;

const SERVER: &str = r#"# Short links: the locations. Include it in a server block of their host; links.conf belongs into the http block.
location / {
    add_header Cache-Control $cm_cache always;
    add_header X-Robots-Tag noindex always;
    rewrite "^(/.+)/$" $1;
    # Who typed o for 0, or i or l for 1, gets there all the same, as long as no such code is there.
"#;

const ANSWER: &str = r#"    if ($cm_link = "") { return 404; }
    if ($cm_link = gone) { return 410; }
    if ($cm_link ~ "^301 (.+)$") { return 301 $1; }
    if ($cm_link ~ "^307 (.+)$") { return 307 $1; }
    if ($cm_link ~ "^308 (.+)$") { return 308 $1; }
    return 302 $cm_link;
}
"#;

/// The two files on their way.
pub struct Nginx {
    folder: Folder,
    map: BufWriter<File>,
    ages: Vec<(String, u32)>,
    /// Codes that differ in capitals only, in lower case.
    alike: HashSet<String>,
    /// Pieces of long targets: they stand before the map, and nginx reads them from a file of their own.
    pieces: BufWriter<File>,
    long: usize,
    links: u64,
}

impl Nginx {
    /// Begins them.
    pub fn new(mut folder: Folder, alike: &HashSet<String>) -> Result<Nginx> {
        let map = BufWriter::new(folder.file("map.conf")?);
        let pieces = BufWriter::new(folder.file("long.conf")?);
        Ok(Nginx { folder, map, pieces, ages: Vec::new(), alike: alike.clone(), long: 0, links: 0 })
    }

    /// The value of a target: one word, or the variables that hold it.
    fn value(&mut self, status: u16, location: &str) -> Result<String> {
        let status = if status == 302 { String::new() } else { format!("{status} ") };
        let word = quoted(location);
        if word.len() <= WORD {
            return Ok(format!("\"{status}{word}\""));
        }
        let mut value = format!("\"{status}");
        for piece in location.as_bytes().chunks(PIECE) {
            let name = format!("cm_long_{}", self.long);
            self.long += 1;
            // A location is ASCII.
            let piece = quoted(&String::from_utf8_lossy(piece));
            writeln!(self.pieces, "map \"\" ${name} {{ default \"{piece}\"; }}")?;
            value.push_str(&format!("${{{name}}}"));
        }
        Ok(value + "\"")
    }
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "${cm_dollar}")
}

/// A folder for `include`, which reads names with `*`, `?` and `[` as patterns and knows no variables.
fn included(folder: &str) -> String {
    super::pattern(folder).replace('\\', "\\\\").replace('"', "\\\"")
}

impl Face for Nginx {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let code = entry.code();
        let value = match &entry.location {
            Some(location) => self.value(entry.status, location)?,
            None => "gone".to_owned(),
        };
        let exact = self.alike.contains(&code.to_ascii_lowercase());
        let key = if exact { format!("~^/{code}$") } else { format!("/{code}") };
        writeln!(self.map, "{key} {value};")?;
        if entry.max_age > 0 {
            self.ages.push((key, entry.max_age));
        }
        self.links += 1;
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.map.flush()?;
        self.pieces.flush()?;
        let folder = self.folder.path().to_string_lossy().into_owned();
        let folder = included(&folder);
        let mut ages = BufWriter::new(self.folder.file("ages.conf")?);
        for (key, age) in &self.ages {
            writeln!(ages, "{key} {age};")?;
        }
        ages.flush()?;
        let mut head = self.folder.file("links.conf")?;
        // As many buckets as links, at least; nginx finds the best number below.
        let size = (self.links * 2).next_power_of_two().max(2048);
        write!(
            head,
            "# Short links: include it in the http block, before any other map. Written by cm-shorten export.\n\
             map_hash_max_size {size};\nmap_hash_bucket_size 256;\n\
             geo $cm_dollar {{ default \"$\"; }}\n\
             include \"{folder}/long.conf\";\n\
             map $uri $cm_link {{\n    volatile;\n    include \"{folder}/map.conf\";\n}}\n\
             map $uri $cm_age {{\n    volatile;\n    default 0;\n    include \"{folder}/ages.conf\";\n}}\n\
             map $status $cm_cache {{\n    default \"private, max-age=$cm_age\";\n    404 no-store;\n    410 no-store;\n}}\n"
        )?;
        let mut server = self.folder.file("server.conf")?;
        server.write_all(SERVER.as_bytes())?;
        for (typed, meant) in [("[oO]", "0"), ("[iIlL]", "1")] {
            // A code of ours has six signs, at first.
            for _ in 0..6 {
                writeln!(
                    server,
                    "    if ($cm_link = \"\") {{ rewrite \"^(.*){typed}(.*)$\" $1{meant}$2; }}"
                )?;
            }
        }
        server.write_all(ANSWER.as_bytes())?;
        self.folder.end()
    }
}
