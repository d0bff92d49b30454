//! What a link may have beside its target, as it stands on the command line: checked, or told what is wrong with it.

use crate::args::Redirect;
use crate::shortener::Shortener;
use crate::target;
use cm_cli::{Failure, Session};

/// The longest title, note and tag that are kept, in characters.
pub const LONGEST_TITLE: usize = 300;
const LONGEST_NOTE: usize = 2000;
const LONGEST_TAG: usize = 60;
/// The most tags of a link.
const MOST_TAGS: usize = 50;

/// When a link ends, in ms: `now`, or an instant to come. A day alone is good until it is over, as people mean it.
pub fn expiry(text: &str, session: &Session) -> anyhow::Result<i64> {
    if text == "now" {
        return Ok(session.now().timestamp_millis());
    }
    let end = cm_time::parse_end(text, session.zone()?, session.now())
        .map_err(|e| Failure::usage(format!("--expires: {e}")))?;
    if end <= session.now() {
        return Err(Failure::usage(format!("--expires {text:?} is past: write `now` to end it now")).into());
    }
    Ok(end.timestamp_millis())
}

/// Where a link leads once it has ended: refused as any target is, and kept as it stands.
pub fn fallback(url: &str, shortener: &Shortener) -> Result<String, Failure> {
    let url = url.trim();
    shortener
        .check(url)
        .map_err(|why| Failure::usage(format!("--fallback {}: {why}", target::shown_refused(url, &why))))?;
    Ok(url.to_owned())
}

/// A title as it is kept: one line, and not of any length.
pub fn title(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect();
    (!line.is_empty()).then_some(line)
}

/// A note as it is kept.
pub fn note(text: &str) -> Result<Option<String>, Failure> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NOTE {
        return Err(Failure::usage(format!("--note: more than {LONGEST_NOTE} characters")));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Tags, each once.
pub fn tags(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut tags: Vec<String> = Vec::new();
    for tag in given.iter().map(|tag| tag.trim()) {
        if tag.is_empty() || tag.chars().any(char::is_control) || tag.chars().count() > LONGEST_TAG {
            let rule = format!("a tag is a word or a few, at most {LONGEST_TAG} characters");
            return Err(Failure::usage(format!("--tag {tag:?}: {rule}")));
        }
        if tags.iter().all(|other| other != tag) {
            tags.push(tag.to_owned());
        }
    }
    check_count(tags.len())?;
    Ok(tags)
}

/// Checks how many tags a link is to have.
pub fn check_count(tags: usize) -> Result<(), Failure> {
    if tags > MOST_TAGS {
        return Err(Failure::usage(format!("--tag: a link has at most {MOST_TAGS}")));
    }
    Ok(())
}

/// Warns of a redirect that cannot be taken back.
pub fn warn_of(redirect: Redirect, session: &Session) {
    if let Some(status @ (301 | 308)) = redirect.status {
        session.warn(
            "permanent",
            format_args!(
                "--status {status}: who has followed the link once may never ask again: those clicks are not counted, \
                 and the link cannot be led elsewhere for them"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_line_and_tags_come_once() {
        assert_eq!(title(" A\n\u{1b}[2J  b\t").as_deref(), Some("A [2J b"));
        assert_eq!(title(" \n"), None);
        assert_eq!(title(&"é".repeat(1000)).unwrap().chars().count(), LONGEST_TITLE);
        let given = [" spring", "sale", "spring "].map(str::to_owned);
        assert_eq!(tags(&given).unwrap(), ["spring", "sale"]);
        for wrong in ["", " ", "a\nb", &"x".repeat(61)] {
            assert!(tags(&[wrong.to_owned()]).is_err(), "{wrong:?}");
        }
        assert!(note(&"x".repeat(2001)).is_err());
        assert_eq!(note("  ").unwrap(), None);
    }
}
