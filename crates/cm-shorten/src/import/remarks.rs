//! What is learnt of a source while its rows are read, beside the rows: columns that say nothing to us, and whether it
//! is one page of a longer list.

use cm_cli::{Exit, Session};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// The remarks on a source. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Remarks(Rc<RefCell<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// Columns that are not understood, as the first line has them.
    unknown: Vec<String>,
    has_no_code: bool,
    /// Links read.
    read: u64,
    /// Links that the list has, as it says itself.
    total: u64,
    /// The page and the number of pages, of the last page read.
    page: Option<(u64, u64)>,
    /// Whether the last page names another.
    goes_on: bool,
}

/// Columns that are of no use here, and known to be of none.
const IDLE: [&str; 8] = ["ip", "id", "uuid", "userid", "createdby", "creator", "updatedat", "lastclicked"];

impl Remarks {
    /// The columns of a table that are not understood, and whether one of the others gives codes.
    pub fn columns(&self, unknown: Vec<String>, has_code: bool) {
        let plain =
            |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let is_news = |name: &String| !has_code || !IDLE.contains(&String::as_str(&plain(name)));
        let mut kept = self.0.borrow_mut();
        kept.unknown = unknown.into_iter().filter(|name| !name.trim().is_empty()).filter(is_news).collect();
        kept.has_no_code = !has_code;
    }

    /// Another link was read.
    pub fn count(&self) {
        self.0.borrow_mut().read += 1;
    }

    /// What an object around links says of the list. `name`: the member that it stands in; none of the outermost.
    ///
    /// Shlink: `pagination.{currentPage,pagesCount,totalItems}`; Kutt: `total` beside `data`; Bitly:
    /// `pagination.{next,total}`; YOURLS: `stats.total_links`.
    pub fn paging(&self, name: Option<&str>, members: &Map<String, Value>) {
        if !matches!(name, None | Some("pagination" | "stats")) {
            return;
        }
        let number = |name: &str| {
            let value = members.get(name)?;
            value.as_u64().or_else(|| value.as_str()?.parse().ok())
        };
        let mut kept = self.0.borrow_mut();
        let total = ["totalItems", "total", "total_links"].into_iter().find_map(number);
        kept.total = kept.total.max(total.unwrap_or(0));
        if let (Some(page), Some(pages)) = (number("currentPage"), number("pagesCount")) {
            kept.page = Some((page, pages));
        }
        if name == Some("pagination") {
            kept.goes_on = members.get("next").and_then(Value::as_str).is_some_and(|next| !next.is_empty());
        }
    }

    /// Tells of the columns: known as soon as the first line is.
    pub fn tell_columns(&self, session: &Session, is_table_of_others: bool) {
        let kept = self.0.borrow();
        let without = "no column gives a code: each link gets a new one";
        if !kept.unknown.is_empty() {
            let names: Vec<String> = kept.unknown.iter().take(20).map(|name| format!("{name:?}")).collect();
            let without = if kept.has_no_code { format!("; {without}") } else { String::new() };
            session.warn("columns", format!("not understood and left out: {}{without}", names.join(", ")));
        } else if kept.has_no_code && is_table_of_others {
            session.warn("columns", without);
        } else if kept.has_no_code {
            session.say(without);
        }
    }

    /// Tells that it was not all, once all is read. `from`: what `--from` named.
    pub fn tell_missing(&self, session: &Session, from: &str) {
        let kept = self.0.borrow();
        let missing = kept.total.saturating_sub(kept.read);
        let told = if missing > 0 {
            format!("{missing} of {} links are not in this file", kept.total)
        } else if kept.goes_on && kept.total == 0 {
            "a page follows that is not in this file".to_owned()
        } else {
            return;
        };
        let page =
            kept.page.map_or_else(String::new, |(page, pages)| format!("it is page {page} of {pages}: "));
        let all = format!("put all pages one after another, or ask the service itself: --from {from}:NAME");
        session.error(Exit::Partial, "pages", format!("{page}{told}; {all}"));
    }
}
