//! A hit as a person reads it: a little of the text around it on one line.

use cm_cli::{Style, one_line};
use cm_record::{Hit, Record};

/// How many code points are shown before and after.
const AROUND: usize = 40;

/// `…moved from Acme Roast to another…`, the hit in bold.
pub fn around(hit: &Hit, record: &Record, color: bool) -> String {
    let single = matches!(hit.field.as_str(), "title" | "summary" | "content_text");
    let text = if single { record.text_lossy(&hit.field).unwrap_or_default() } else { "".into() };
    let from = hit.start.saturating_sub(AROUND);
    let before: String = text.chars().skip(from).take(hit.start - from).collect();
    let mut rest = text.chars().skip(hit.end);
    let after: String = rest.by_ref().take(AROUND).collect();
    let (left, right) = (if from > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
    let exact = Style::Red.paint(&one_line(&hit.exact), color);
    format!("{left}{}{exact}{}{right}", one_line(&before), one_line(&after))
}
