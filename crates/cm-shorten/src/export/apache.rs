//! Apache: `links.txt`, a RewriteMap, and `links.conf` that uses it, for the host's block. For many links
//! `httxt2dbm -i links.txt -o links.map` makes of the first a file in which none is searched from the beginning.
//!
//! What Apache does with a map (mod_rewrite.c, httxt2dbm.c), tried with 2.4.71:
//! - A line is cut after 1,023 bytes, and the rest is read as the next one: longer links are rules of their own.
//! - From 2.4.60 on, a `?` that comes out of a map is refused with 403 unless the rule has UnsafeAllow3F, which earlier
//!   versions do not know.
//! - `Redirect` writes `%` as `%25`: only a RewriteRule with NE leaves a target as it is.
//! - Keys with a status before them (`301:k7`) are of links that do not redirect with 302.

use super::entry::Entry;
use super::place::Folder;
use super::{Face, Result};
use crate::slug::LONGEST;
use cm_cli::Failure;
use std::fs::File;
use std::io::{BufWriter, Write};

/// The longest line of a map that is read as one (REWRITE_MAX_TXT_MAP_LINE with its end).
const LINE: usize = 1000;
/// Statuses but 302.
const STATUSES: [u16; 3] = [301, 307, 308];

/// The two files on their way.
pub struct Apache {
    folder: Folder,
    map: BufWriter<File>,
    rules: BufWriter<File>,
}

impl Apache {
    /// Begins them.
    pub fn new(mut folder: Folder) -> Result<Apache> {
        let path = folder.path().to_string_lossy();
        // Nothing keeps Apache from reading a variable or the end of a line in them.
        if path.contains("${") || path.contains(char::is_control) {
            let why =
                format!("apache cannot include files of {path:?}: name a folder without ${{ and line ends");
            return Err(Failure::usage(why).into());
        }
        let map = BufWriter::new(folder.file("links.txt")?);
        let rules = BufWriter::new(folder.file("long.conf")?);
        Ok(Apache { folder, map, rules })
    }
}

/// A target in a rule: `\` keeps what follows from being read ; `$\{` is no variable of the
/// configuration. It stands without quotes, as there is no way to write one within them (parseargline).
fn substitution(location: &str) -> String {
    let mut text = String::with_capacity(location.len() * 2);
    for c in location.chars() {
        if matches!(c, '\\' | '$' | '%' | '{') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// `map`: the directive that names the map; `folder`: where the longer links are.
fn rules(map: &str, folder: &str) -> String {
    let code = format!("[A-Za-z0-9_-]{{1,{LONGEST}}}");
    let known = |code: &str| {
        let kinds = ["", "301:", "307:", "308:", "410:", "long:"];
        kinds.map(|kind| format!("${{cm_links:{kind}{code}}}")).concat()
    };
    let now = "%{ENV:cm_code}";
    let unknown = format!("RewriteCond \"{}\" \"^$\"\n", known(now));
    let mut text = format!(
        "# Short links: include it in the block of their host. Written by cm-shorten export.\n\
         # Needs mod_rewrite and mod_headers. For many links: httxt2dbm -i links.txt -o links.map, and dbm: below for txt:, which stays.\n\
         <IfVersion >= 2.4.60>\nDefine CM_ALLOW ,UnsafeAllow3F\n</IfVersion>\n\
         <IfVersion < 2.4.60>\nDefine CM_ALLOW \"\"\n</IfVersion>\n\
         RewriteEngine On\n{map}\nRewriteMap cm_lower int:tolower\n\
         RewriteRule \"^/({code})/?$\" - [E=cm_code:$1]\n\
         # Who typed it in capitals, o for 0, or i or l for 1, gets there all the same.\n\
         {unknown}RewriteRule \"^/({code})/?$\" - [E=cm_code:${{cm_lower:$1}}]\n"
    );
    for (typed, meant) in [("o", "0"), ("[il]", "1")] {
        for _ in 0..6 {
            text += &unknown;
            text += &format!(
                "RewriteCond \"{now}\" \"^(.*){typed}(.*)$\"\nRewriteRule \"^\" - [E=cm_code:%1{meant}%2]\n"
            );
        }
    }
    let flags = format!("L,QSD,NE${{CM_ALLOW}},E=cm_found:1,E=cm_age:${{cm_links:age:{now}|0}}");
    for (status, prefix) in
        [(302, String::new())].into_iter().chain(STATUSES.map(|status| (status, format!("{status}:"))))
    {
        text += &format!(
            "RewriteCond \"${{cm_links:{prefix}{now}}}\" \".\"\n\
             RewriteRule \"^\" \"${{cm_links:{prefix}{now}}}\" [R={status},{flags}]\n"
        );
    }
    text += &format!("Include \"{folder}/long.conf\"\n");
    text += &format!("RewriteCond \"${{cm_links:410:{now}}}\" \".\"\nRewriteRule \"^\" - [G,L]\n");
    text += "RewriteRule \"^\" - [R=404,L]\n\
             Header always set X-Robots-Tag noindex\n\
             Header always set Cache-Control no-store\n\
             Header always set Cache-Control \"private, max-age=%{cm_age}e\" env=cm_found\n";
    text
}

impl Face for Apache {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let code = entry.code();
        let Some(location) = &entry.location else {
            writeln!(self.map, "410:{code} gone")?;
            return Ok(true);
        };
        if code.len() + location.len() + 8 > LINE {
            // No other link is meant by this code.
            writeln!(self.map, "long:{code} yes")?;
            let (status, age, target) = (entry.status, entry.max_age, substitution(location));
            writeln!(
                self.rules,
                "RewriteCond \"%{{ENV:cm_code}}\" \"^{code}$\"\n\
                 RewriteRule \"^\" {target} [R={status},L,QSD,NE${{CM_ALLOW}},E=cm_found:1,E=cm_age:{age}]"
            )?;
            return Ok(true);
        }
        match entry.status {
            302 => writeln!(self.map, "{code} {location}")?,
            status => writeln!(self.map, "{status}:{code} {location}")?,
        }
        if entry.max_age > 0 {
            writeln!(self.map, "age:{code} {}", entry.max_age)?;
        }
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.map.flush()?;
        self.rules.flush()?;
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let path = self.folder.path().to_string_lossy().into_owned();
        let before = self.folder.before("links.conf").unwrap_or_default();
        let map = match before.lines().find(|line| line.starts_with("RewriteMap cm_links \"dbm")) {
            Some(hash) => hash.to_owned(),
            None => format!("RewriteMap cm_links \"txt:{}/links.txt\"", quoted(&path)),
        };
        let rules = rules(&map, &quoted(&super::pattern(&path)));
        self.folder.file("links.conf")?.write_all(rules.as_bytes())?;
        self.folder.end()
    }
}
