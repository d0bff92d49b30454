//! A query as one writes it: read again it is the same.

use super::Query;
use super::near::Near;
use super::term::{Term, What};
use std::fmt::{Display, Formatter, Result};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Query::Everything => f.write_str("*"),
            Query::Term(term) => term.fmt(f),
            Query::Near(near) => near.fmt(f),
            Query::AtLeast(n, items) => at_least(*n, items, f),
            Query::Not(inner) => match **inner {
                Query::And(_) | Query::Or(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Query::And(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    let space = if i > 0 { " " } else { "" };
                    match part {
                        Query::Or(_) => write!(f, "{space}({part})")?,
                        _ => write!(f, "{space}{part}")?,
                    }
                }
                Ok(())
            }
            Query::Or(parts) => joined(parts, f),
        }
    }
}

fn joined<T: Display>(parts: &[T], f: &mut Formatter<'_>) -> Result {
    for (i, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if i > 0 { " OR " } else { "" })?;
    }
    Ok(())
}

fn at_least(n: usize, items: &[Query], f: &mut Formatter<'_>) -> Result {
    write!(f, "ATLEAST/{n}(")?;
    for (i, item) in items.iter().enumerate() {
        let space = if i > 0 { " " } else { "" };
        if matches!(item, Query::And(_) | Query::Or(_)) || has_comma(item) {
            write!(f, "{space}({item})")?;
        } else {
            write!(f, "{space}{item}")?;
        }
    }
    f.write_str(")")
}

/// Whether a word of an item, outside of parentheses of its own, holds a comma: it would part the item.
fn has_comma(item: &Query) -> bool {
    let comma = |term: &Term| {
        let bare = !term.quoted && !matches!(term.what, What::Verbatim(_));
        bare && term.written.contains(',')
    };
    match item {
        Query::Term(term) => comma(term),
        Query::Near(near) => near.operands().any(|terms| matches!(terms, [only] if comma(only))),
        Query::Not(inner) => has_comma(inner),
        _ => false,
    }
}

impl Display for Near {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        alternatives(&self.first, f)?;
        for step in &self.then {
            write!(f, " {}NEAR/{} ", if step.ordered { "O" } else { "" }, step.within)?;
            alternatives(&step.terms, f)?;
        }
        Ok(())
    }
}

fn alternatives(terms: &[Term], f: &mut Formatter<'_>) -> Result {
    if let [only] = terms {
        return only.fmt(f);
    }
    f.write_str("(")?;
    joined(terms, f)?;
    f.write_str(")")
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (field, written) = (self.field.prefix(), &self.written);
        match &self.what {
            What::Verbatim(_) => write!(f, "{field}{{{written}}}"),
            What::Words { slop: Some(slop), .. } => write!(f, "{field}\"{written}\"~{slop}"),
            what if written.is_empty() => write!(f, "{field}{}", what.plain_word().unwrap_or_default()),
            _ if self.quoted => write!(f, "{field}\"{written}\""),
            _ => write!(f, "{field}{written}"),
        }
    }
}
