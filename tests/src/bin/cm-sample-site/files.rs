//! The sample site's files: one folder per host, and what a path of it names.

use crate::dates;
use chrono::NaiveDate;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Component, Path, PathBuf};

/// The folder of hosts, and the day on which it is served.
pub(crate) struct Site {
    pub(crate) root: PathBuf,
    pub(crate) day: NaiveDate,
}

/// A file as it is served.
pub(crate) struct Page {
    pub(crate) kind: &'static str,
    pub(crate) body: String,
    pub(crate) etag: String,
    pub(crate) modified: String,
}

impl Site {
    /// What a host has at a path (without its query); a folder's page is its index.html.
    pub(crate) fn page(&self, host: &str, path: &str) -> Option<Page> {
        let mut file = self.root.join(plain(host)?);
        file.push(plain(path.trim_start_matches('/'))?);
        if file.is_dir() {
            file.push("index.html");
        }
        let body = dates::fill(&std::fs::read_to_string(&file).ok()?, self.day);
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        Some(Page { kind: kind(&file), body, etag, modified: dates::fill("@http(-0d 00:00)", self.day) })
    }
}

/// A path of plain names only: nothing leads out of the folder.
fn plain(path: &str) -> Option<&Path> {
    let path = Path::new(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("atom") => "application/atom+xml",
        Some("rdf") => "application/rdf+xml",
        Some("xml") => "application/rss+xml",
        Some("json") => "application/feed+json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_looked_up() {
        for path in ["../x", "a/../../x", "/etc/passwd", "a/./../b"] {
            assert_eq!(plain(path), None, "{path}");
        }
        assert_eq!(plain("a/b.xml"), Some(Path::new("a/b.xml")));
    }
}
