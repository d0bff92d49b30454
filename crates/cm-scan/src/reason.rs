//! Why a query does not match, in a few words: the shortest true reason, and what to write where that is near.

use crate::document::Document;
use crate::evaluate::{Found, evaluate};
use crate::query::{Field, Query, Term, What, host};
use cm_text::fold;

/// The most alternatives that are named.
const NAMED: usize = 3;
/// The longest that a clause is when it is named, in characters.
const LONGEST: usize = 60;

/// Why a query that does not match does not.
pub fn why_not(query: &Query, document: &Document) -> String {
    match query {
        Query::Everything => "it is left out".to_owned(),
        Query::Term(term) => {
            let why = of_term(term, false, document);
            match why {
                Some(why) if is_name(term) => format!("{why}, not {}", named(query)),
                Some(why) => format!("{} is not there: {why}", named(query)),
                None => format!("{} is not there", named(query)),
            }
        }
        Query::Not(inner) => there(inner, document),
        Query::Near(_) => format!("{} is nowhere", named(query)),
        Query::AtLeast(n, items) => {
            let count = items.iter().filter(|item| holds(item, document)).count();
            format!("{count} of {}, not {n}, hold in {}", items.len(), named(query))
        }
        Query::And(parts) => {
            let failed = parts.iter().filter(|part| !holds(part, document));
            failed.min_by_key(|part| size(part)).map(|part| why_not(part, document)).unwrap_or_default()
        }
        Query::Or(parts) if parts.len() <= NAMED => {
            format!("none of {} is there", parts.iter().map(named).collect::<Vec<_>>().join(", "))
        }
        Query::Or(parts) => format!("none of {} alternatives is there", parts.len()),
    }
}

/// What stands beside a clause: what the item is where a name is compared, and a hint where a word is nearly there.
pub fn of_clause(query: &Query, holds: bool, document: &Document) -> Option<String> {
    match query {
        Query::Term(term) => of_term(term, holds, document),
        Query::Not(inner) => match &**inner {
            Query::Term(term) => of_term(term, !holds, document).filter(|_| is_name(term)),
            _ => None,
        },
        _ => None,
    }
}

fn holds(query: &Query, document: &Document) -> bool {
    evaluate(query, document, &mut Vec::new())
}

/// How much there is to say about a clause.
fn size(query: &Query) -> usize {
    query.terms().len()
}

/// A clause as it is named within a sentence.
fn named(query: &Query) -> String {
    let name = query.to_string();
    match name.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name,
    }
}

/// What should not be there, and where it is.
fn there(query: &Query, document: &Document) -> String {
    if let Query::Term(term) = query
        && is_name(term)
        && let Some(why) = of_term(term, true, document)
    {
        return format!("{why}, and {} is left out", named(query));
    }
    let one = !matches!(query, Query::And(_) | Query::Or(_));
    let place = first_place(query, document).filter(|_| one);
    let place = place.filter(|place| place.text.located).map(|place| {
        format!(" ({} {})", place.text.field, cm_text::code_points(&place.text.text, place.start))
    });
    format!("{} is there{}", named(query), place.unwrap_or_default())
}

fn first_place<'d>(query: &Query, document: &'d Document) -> Option<Found<'d>> {
    let mut found = Vec::new();
    evaluate(query, document, &mut found);
    found.into_iter().next()
}

fn is_name(term: &Term) -> bool {
    matches!(term.what, What::Name(_))
}

fn of_term(term: &Term, holds: bool, document: &Document) -> Option<String> {
    match &term.what {
        What::Name(_) => Some(what_it_is(term.field, document)),
        _ if holds => None,
        _ => near_miss(term, document),
    }
}

/// What an item is where whole names are compared.
fn what_it_is(field: Field, document: &Document) -> String {
    let meta = document.meta();
    let (name, value) = match field {
        Field::Lang => ("language", document.language().map(|language| language.into_owned())),
        Field::Site => ("host", document.address().map(|address| host(&address).to_owned())),
        Field::Kind => ("kind", meta.kind.clone()),
        _ => ("source", meta.source.clone()),
    };
    match value.filter(|value| !value.trim().is_empty()) {
        Some(value) => format!("its {name} is {value}"),
        None => format!("it names no {name}"),
    }
}

/// Where what was not found stands after all, a little otherwise.
fn near_miss(term: &Term, document: &Document) -> Option<String> {
    let mut anywhere = term.clone();
    anywhere.field = Field::Any;
    let value = anywhere.to_string();
    let prefix = term.to_string().strip_suffix(value.as_str()).unwrap_or_default().to_owned();
    let exact = |query: &str| {
        let query = query.parse().ok()?;
        let place = first_place(&query, document)?;
        Some((place.text.field, place.text.text[place.start..place.end].to_owned()))
    };
    if term.field != Field::Any
        && let Some((field, _)) = exact(&value)
    {
        return Some(format!("it stands in {field}"));
    }
    let plain = fold(&value, false);
    if let Some((_, exact)) =
        (plain != fold(&value, true)).then(|| exact(&format!("{prefix}{plain}"))).flatten()
    {
        return Some(format!("with other accents it is ({exact})"));
    }
    if let Some(word) = value.strip_prefix('#')
        && let Some((_, exact)) = exact(&format!("{prefix}{word}"))
    {
        return Some(format!("{exact} is, but not as a hashtag"));
    }
    if let Some(words) = value.strip_prefix('"').and_then(|words| words.strip_suffix('"'))
        && words.split_whitespace().count() > 1
        && exact(&format!("{prefix}({words})")).is_some()
    {
        return Some("its words are, but not one right after the other".to_owned());
    }
    if let Some((_, exact)) = exact(&format!("links:{value}")) {
        return Some(format!("only in a link is it, which links: looks at ({exact})"));
    }
    let longer = exact(&format!("{prefix}{value}*")).filter(|_| value.ends_with(char::is_alphanumeric));
    longer.map(|(_, exact)| format!("{exact} is, which {value}* finds"))
}
