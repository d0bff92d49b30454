//! Plain HTML, for hosts that serve files and nothing else: a page for each code that leads on by itself, without a
//! script, and has a link for who has that switched off. Printed or read aloud it says where it leads.

use super::entry::Entry;
use super::place::Folder;
use super::{Face, Result};
use maud::{DOCTYPE, html};

/// The pages on their way.
pub struct Html {
    folder: Folder,
}

impl Html {
    /// Begins them.
    pub fn new(folder: Folder) -> Html {
        Html { folder }
    }
}

fn page(entry: &Entry) -> String {
    let title = entry.full.link.title.as_deref().unwrap_or("A short link");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="robots" content="noindex";
                @if let Some(location) = &entry.location {
                    meta http-equiv="refresh" content=(format!("0; url={location}"));
                }
                title { (title) }
            }
            body {
                @match &entry.location {
                    Some(location) => p { "This short link leads to " a href=(location) { (location) } },
                    None => p { "This short link has ended." },
                }
            }
        }
    };
    page.into_string() + "\n"
}

impl Face for Html {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        self.folder.put(&format!("{}/index.html", entry.code()), page(entry).as_bytes())?;
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<()> {
        self.folder.end()
    }
}
