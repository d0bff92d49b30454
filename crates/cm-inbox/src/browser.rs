//! Opening an address in the reader's browser: `$BROWSER`, else xdg-open, else the address is printed.

use cm_cli::Failure;
use std::process::{Command, Stdio};
use url::Url;

/// An address that may be opened: nothing but the web, and nothing in it that could steer a terminal.
pub fn page(address: &str) -> Result<Url, Failure> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| Failure::usage(format!("{address:?} is no web address and is not opened")))
}

/// Opens a page; false when there is no browser here.
pub fn open(url: &Url) -> bool {
    let candidates = match std::env::var("BROWSER") {
        Ok(list) if !list.trim().is_empty() => list.split(':').map(str::to_owned).collect(),
        _ if has_display() => vec!["xdg-open".to_owned()],
        _ => Vec::new(),
    };
    candidates.iter().any(|candidate| start(candidate, url.as_str()))
}

/// Without a display xdg-open would look for a text browser, which has no business in a pipe.
fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Runs a program, without a shell; `%s` stands for the address, which otherwise comes last.
fn start(candidate: &str, url: &str) -> bool {
    let mut words: Vec<String> = candidate.split_whitespace().map(|word| word.replace("%s", url)).collect();
    if words.is_empty() {
        return false;
    }
    if !candidate.contains("%s") {
        words.push(url.to_owned());
    }
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr()));
    command.status().is_ok_and(|status| status.success())
}
