//! What follows from what: every item that one query matches, another matches too. Only what can be told from the queries
//! themselves; where it is not sure the answer is no.

use crate::query::{Field, Near, Pattern, Query, Term, What};

/// Whether every item that matches `a` matches `b`.
pub(super) fn implies(a: &Query, b: &Query) -> bool {
    match (a, b) {
        (_, Query::Everything) => true,
        (Query::Term(a), Query::Term(b)) => term_implies(a, b),
        (Query::Not(a), Query::Not(b)) => implies(b, a),
        (a, b) if a == b => true,
        (a, Query::And(parts)) => parts.iter().all(|part| implies(a, part)),
        (Query::Or(parts), b) => parts.iter().all(|part| implies(part, b)),
        (Query::And(parts), b) if parts.iter().any(|part| implies(part, b)) => true,
        (Query::AtLeast(n, items), b) if at_least_implies(*n, items, b) => true,
        (Query::Near(near), b) if near_implies(near, b) => true,
        (a, Query::Or(parts)) => parts.iter().any(|part| implies(a, part)),
        (a, Query::AtLeast(n, items)) => items.iter().filter(|item| implies(a, item)).count() >= *n,
        _ => false,
    }
}

/// So few items do not imply it that one that does is always among those that match.
fn at_least_implies(n: usize, items: &[Query], b: &Query) -> bool {
    items.iter().filter(|item| !implies(item, b)).count() < n
}

/// Each operand of NEAR is there.
fn near_implies(near: &Near, b: &Query) -> bool {
    near.operands()
        .any(|terms| !terms.is_empty() && terms.iter().all(|term| implies(&Query::Term(term.clone()), b)))
}

fn term_implies(a: &Term, b: &Term) -> bool {
    if a == b {
        return true;
    }
    let within = a.field == b.field
        || (b.field == Field::Any && matches!(a.field, Field::Title | Field::Summary | Field::Text));
    within && what_implies(a.field, &a.what, &b.what)
}

fn what_implies(field: Field, a: &What, b: &What) -> bool {
    match (a, b) {
        (What::Words { patterns: a, slop: None }, What::Words { patterns: b, slop: None }) => {
            a.windows(b.len()).any(|window| window.iter().zip(b).all(|(a, b)| pattern_implies(a, b)))
        }
        (What::Words { patterns: a, slop: Some(_) }, What::Words { patterns: b, slop: None }) => {
            matches!(b.as_slice(), [only] if a.iter().any(|pattern| pattern_implies(pattern, only)))
        }
        (What::Words { patterns: a, slop }, What::Words { patterns: b, slop: Some(wide) }) => {
            a == b && slop.unwrap_or(0) <= *wide
        }
        (What::Hashtag(a), What::Hashtag(b)) => pattern_implies(a, b),
        (What::Handle(a), What::Handle(b)) => name_implies(a, b, |rest| rest.starts_with('@')),
        (What::Name(a), What::Name(b)) => match field {
            Field::Site => pattern_implies(a, b) || (whole(a, b) && is_below(&a.text, &b.text)),
            Field::Lang => name_implies(a, b, |rest| rest.starts_with('-')),
            Field::Source => name_implies(a, b, |rest| rest.starts_with(':')),
            _ => name_implies(a, b, |_| false),
        },
        (What::Verbatim(a), What::Verbatim(b)) => a == b,
        (What::Date(a), What::Date(b)) => {
            let from = b.from.is_none_or(|from| a.from.is_some_and(|own| own >= from));
            let until = b.until.is_none_or(|until| a.until.is_some_and(|own| own <= until));
            from && until
        }
        _ => false,
    }
}

fn whole(a: &Pattern, b: &Pattern) -> bool {
    a.is_whole() && b.is_whole()
}

/// A host below another.
fn is_below(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

/// Names that are compared whole, or up to a sign.
fn name_implies(a: &Pattern, b: &Pattern, longer: impl Fn(&str) -> bool) -> bool {
    pattern_implies(a, b) || (whole(a, b) && a.text.strip_prefix(&*b.text).is_some_and(longer))
}

/// Every word that `a` means, `b` means too.
fn pattern_implies(a: &Pattern, b: &Pattern) -> bool {
    if a == b {
        return true;
    }
    if b.keep_diacritics && !a.keep_diacritics {
        return false;
    }
    let text = if b.keep_diacritics { &*a.text } else { a.bare() };
    if a.is_whole() {
        return b.is(text);
    }
    // Of words that only begin alike only what asks for less of the beginning is sure.
    b.is_prefix() && text.starts_with(&*b.text)
}

/// Whether no item can match both: a member that has one value has not two.
pub(super) fn excludes(a: &Query, b: &Query) -> bool {
    let (Query::Term(a), Query::Term(b)) = (a, b) else { return false };
    match (&a.what, &b.what) {
        (What::Date(a), What::Date(b)) => {
            let after = |a: Option<_>, b: Option<_>| matches!((a, b), (Some(a), Some(b)) if a >= b);
            after(a.from, b.until) || after(b.from, a.until)
        }
        (What::Name(first), What::Name(second)) if a.field == b.field => {
            let beginning = |a: &Pattern, b: &Pattern| !a.is_whole() && b.text.starts_with(&*a.text);
            let overlap = term_implies(a, b) || term_implies(b, a);
            !overlap && !beginning(first, second) && !beginning(second, first) && whole(first, second)
        }
        _ => false,
    }
}
