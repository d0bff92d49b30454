//! Values of `lang:` and `kind:` that no item has: `lang:german`, `kind:comments`. In: a term. Out: what to write.

use crate::query::{Field, Term, What};

/// The kinds of item that there are.
const KINDS: [&str; 9] =
    ["article", "note", "comment", "reply", "mention", "message", "review", "event", "profile"];

/// What is wrong with the code or kind that a term names.
pub(super) fn warning(term: &Term) -> Option<String> {
    let What::Name(name) = &term.what else { return None };
    match term.field {
        Field::Lang => language(term, &name.text),
        // A kind may be new; one that is nearly a known one is a slip.
        Field::Kind if name.is_whole() && !KINDS.contains(&&*name.text) => {
            let meant = cm_cli::nearest(&name.text, &KINDS)?;
            Some(format!("{term} will be in few items: did you mean kind:{meant}?"))
        }
        _ => None,
    }
}

fn language(term: &Term, value: &str) -> Option<String> {
    if value.contains([',', ';', '|']) {
        let each: Vec<String> =
            value.split([',', ';', '|']).map(|one| format!("lang:{}", one.trim())).collect();
        return Some(format!("{term} names one language: write ({})", each.join(" OR ")));
    }
    let known = is_tag(value);
    (!known)
        .then(|| format!("{term} will be in few items: languages are written by their codes, as in lang:en"))
}

/// Whether it has the form of a tag (RFC 5646, 2.1): a primary tag of two or three letters, or `x-` and `i-`.
fn is_tag(value: &str) -> bool {
    let mut parts = value.split('-');
    let primary = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    let letters = primary.bytes().all(|b| b.is_ascii_alphabetic());
    let own = matches!(primary, "x" | "i") && rest.peek().is_some();
    letters
        && (own || matches!(primary.len(), 2 | 3))
        && rest.all(|part| part.len() <= 8 && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
