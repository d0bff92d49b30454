//! What was not found and is nearly there: in another member, with other accents, in a link, as a longer word. It tells
//! what to write instead.

use super::clause::first_place;
use crate::document::Document;
use crate::query::{Field, Term, What};
use cm_text::fold;

/// Where what was not found stands after all, a little otherwise.
pub fn near_miss(term: &Term, document: &Document) -> Option<String> {
    let mut anywhere = term.clone();
    anywhere.field = Field::Any;
    let value = anywhere.to_string();
    let prefix = term.to_string().strip_suffix(value.as_str()).unwrap_or_default().to_owned();
    let exact = |query: &str| {
        let place = first_place(&query.parse().ok()?, document)?;
        Some((place.text.field, place.text.text[place.start..place.end].to_owned()))
    };
    let in_field = |value: &str| exact(&format!("{prefix}{value}")).map(|(_, exact)| exact);
    if term.field != Field::Any
        && let Some((field, _)) = exact(&value)
    {
        return Some(format!("it stands in {field}"));
    }
    if let What::Verbatim(text) = &term.what {
        return in_field(&format!("\"{text}\""))
            .map(|exact| format!("{exact} is, which is not the same to the letter"));
    }
    let plain = fold(&value, false);
    if plain != fold(&value, true)
        && let Some(exact) = in_field(&plain)
    {
        return Some(format!("with other accents it is ({exact})"));
    }
    if let Some(exact) = value.strip_prefix('#').and_then(in_field) {
        return Some(format!("{exact} is, but not as a hashtag"));
    }
    if let Some(why) = apart(&value, in_field) {
        return Some(why.to_owned());
    }
    if let Some((_, exact)) = exact(&format!("links:{value}")) {
        return Some(format!("only in a link is it, which links: looks at ({exact})"));
    }
    let longer = in_field(&format!("{value}*")).filter(|_| value.ends_with(char::is_alphanumeric));
    longer.map(|exact| format!("{exact} is, which {prefix}{value}* finds"))
}

/// Of a phrase, whether its words are there in some other way.
fn apart(value: &str, in_field: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let (words, slop) = value.strip_prefix('"')?.rsplit_once('"')?;
    (words.split_whitespace().count() > 1 && in_field(&format!("({words})")).is_some()).then_some(())?;
    Some(match slop {
        "" => "its words are, but not one right after the other",
        _ => "its words are, but not all in one stretch",
    })
}
