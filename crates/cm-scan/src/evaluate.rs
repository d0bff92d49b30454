//! A query against an item: whether it matches, and where. The one place that decides; everything before it may only
//! leave out what cannot match.

use crate::document::{Document, Text};
use crate::handle::means;
use crate::hashtag::whole_tag;
use crate::query::{Field, Pattern, Query, Term, What, host};
use crate::token::Tokens;
use cm_text::fold;

/// A place that a query matched.
#[derive(Clone, Copy)]
pub struct Found<'d> {
    /// The text that it stands in.
    pub text: &'d Text<'d>,
    /// Its first byte there.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Whether a query matches; the places of everything that it asked for and found are added.
pub fn evaluate<'d>(query: &Query, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    match query {
        Query::Everything => true,
        Query::Term(term) => evaluate_term(term, document, found),
        Query::Near(_) => false,
        Query::AtLeast(n, items) => items.iter().filter(|item| evaluate(item, document, found)).count() >= *n,
        Query::Not(inner) => !evaluate(inner, document, &mut Vec::new()),
        Query::Or(parts) => {
            let mut any = false;
            for part in parts {
                // Even after one is found: the places of the others are wanted too.
                any |= evaluate(part, document, found);
            }
            any
        }
        Query::And(parts) => {
            let before = found.len();
            let all = parts.iter().all(|part| evaluate(part, document, found));
            if !all {
                found.truncate(before);
            }
            all
        }
    }
}

/// Whether a single term matches.
pub fn evaluate_term<'d>(term: &Term, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    let before = found.len();
    match &term.what {
        What::Name(name) => return is_named(term.field, name, document),
        What::Hashtag(tag) => find_tag(tag, term.field, document, found),
        What::Handle(name) if matches!(term.field, Field::From | Field::Author) => {
            find_author(name, document, found)
        }
        What::Handle(name) => find_handle(name, document, found),
        What::Words { patterns, .. } => find_words(patterns, term.field, document, found),
        What::Verbatim(_) | What::Date(_) => {}
    }
    found.len() > before
}

fn find_words<'d>(words: &[Pattern], field: Field, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    if field == Field::Links {
        return find_in_links(words, document, found);
    }
    for text in texts_of(field, document) {
        found.extend(phrases(words, text.tokens()).map(|(start, end)| Found { text, start, end }));
    }
}

/// The texts that a field means.
fn texts_of<'d>(field: Field, document: &'d Document<'_>) -> Vec<&'d Text<'d>> {
    let mut texts: Vec<&'d Text<'d>> = Vec::new();
    match field {
        Field::Title => texts.extend(document.title()),
        Field::Summary => texts.extend(document.summary()),
        Field::Text => texts.extend(document.content()),
        Field::Author => texts.extend(document.authors()),
        Field::Url => texts.extend(document.addresses()),
        _ => {
            document.texts().for_each(|text| texts.push(text));
            texts.extend(document.tags());
        }
    }
    texts
}

/// Every place at which the words follow each other, as bytes of the text.
fn phrases(words: &[Pattern], tokens: &Tokens) -> impl Iterator<Item = (usize, usize)> {
    let starts = tokens.iter().enumerate();
    starts.filter(|(_, token)| words.first().is_some_and(|word| word.matches(token))).filter_map(
        |(number, first)| {
            let mut end = first.end;
            for (offset, word) in words.iter().enumerate().skip(1) {
                let position = first.position + offset;
                let mut here = tokens.from(number).skip_while(|token| token.position < position);
                let next = here.find(|token| token.position > position || word.matches(token));
                end = next.filter(|token| token.position == position)?.end;
            }
            Some((first.start, end))
        },
    )
}

/// Links are looked at by their own words; a hit is the whole link.
fn find_in_links<'d>(words: &[Pattern], document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    let meant = |address: &str| phrases(words, &Tokens::of(address)).next().is_some();
    for text in document.texts() {
        let links = text.links().iter().filter(|link| meant(&link.url));
        found.extend(links.map(|link| Found { text, start: link.start, end: link.end }));
    }
    let hidden = document.html_links().iter().filter(|text| meant(&text.text));
    found.extend(hidden.map(|text| Found { text, start: 0, end: text.text.len() }));
}

/// A hashtag in a text, or a whole tag of the item; `tag:` looks only at those.
fn find_tag<'d>(tag: &Pattern, field: Field, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    if field != Field::Tag {
        for text in document.texts() {
            let hashtags = document.hashtags(text).iter().filter(|t| tag.is(t.folded(tag.keep_diacritics)));
            found.extend(hashtags.map(|t| Found { text, start: t.start, end: t.end }));
        }
    }
    let tags = document.tags().iter().filter(|text| tag.is(&whole_tag(text.tokens(), tag.keep_diacritics)));
    found.extend(tags.map(|text| Found { text, start: 0, end: text.text.len() }));
}

fn find_handle<'d>(name: &Pattern, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    for text in document.texts() {
        let handles = text.handles().iter().filter(|handle| means(name, &handle.name));
        found.extend(handles.map(|handle| Found { text, start: handle.start, end: handle.end }));
    }
}

fn find_author<'d>(name: &Pattern, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) {
    let handle = |text: &str| fold(text.trim_start_matches('@'), true);
    let authors = document.author_handles().iter().filter(|text| means(name, &handle(&text.text)));
    found.extend(authors.map(|text| Found { text, start: 0, end: text.text.len() }));
}

/// Names are compared whole: what an item is, not what it says. They give no places.
fn is_named(field: Field, name: &Pattern, document: &Document) -> bool {
    let is = |text: &str| name.is(&fold(text, true));
    let is_or_begins = |text: &str, joint: char| {
        let text = fold(text, true);
        name.is(&text) || text.strip_prefix(&*name.text).is_some_and(|rest| rest.starts_with(joint))
    };
    match field {
        Field::Site => document.address().is_some_and(|address| is_site(name, &fold(host(&address), true))),
        Field::Lang => document.language().is_some_and(|lang| is_or_begins(&lang.replace('_', "-"), '-')),
        Field::Kind => document.meta().kind.as_deref().is_some_and(is),
        Field::Source => document.meta().source.as_deref().is_some_and(|source| is_or_begins(source, ':')),
        _ => false,
    }
}

/// The host itself or one below it.
fn is_site(name: &Pattern, host: &str) -> bool {
    name.is(host) || host.strip_suffix(&*name.text).is_some_and(|below| below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    fn found(query: &str, item: &serde_json::Value) -> Option<Vec<(String, String)>> {
        let record = Record::parse(item.to_string()).unwrap();
        let document = Document::of(&record);
        let mut found = Vec::new();
        let matched = evaluate(&query.parse().unwrap(), &document, &mut found);
        let shown =
            |place: &Found| (place.text.field.to_owned(), place.text.text[place.start..place.end].to_owned());
        matched.then(|| found.iter().map(shown).collect())
    }

    /// The places of a query in a text, joined by `|`.
    fn places(query: &str, text: &str) -> Option<String> {
        let found = found(query, &serde_json::json!({"id": "1", "content_text": text}))?;
        Some(found.into_iter().map(|(_, exact)| exact).collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn hard_text_is_found_as_documented() {
        for (query, text, wanted) in [
            ("acme", "ACME ＡＣＭＥ 𝐚𝐜𝐦𝐞 ac\u{AD}me", Some("ACME|ＡＣＭＥ|𝐚𝐜𝐦𝐞|ac\u{AD}me")),
            ("acme", "ac\u{200B}me", None),
            ("cafe", "Café Cafe\u{301} cafe", Some("Café|Cafe\u{301}|cafe")),
            ("café", "Café Cafe\u{301} cafe", Some("Café|Cafe\u{301}")),
            ("caf*", "Café cafeteria ca", Some("Café|cafeteria")),
            ("strasse", "Straße STRASSE", Some("Straße|STRASSE")),
            ("straße", "Straße STRASSE", Some("Straße|STRASSE")),
            ("istanbul", "İstanbul ISTANBUL", Some("İstanbul|ISTANBUL")),
            ("σίσυφος", "ΣΊΣΥΦΟΣ", Some("ΣΊΣΥΦΟΣ")),
            ("brand", "brand's brand’s #brand brands", Some("brand|brand|brand")),
            ("#brand", "brand #Brand’s &#brand C#brand", Some("#Brand")),
            ("#咖啡店", "来#咖啡店 #咖啡店！", Some("#咖啡店")),
            ("#bra*", "bra #Brand #br", Some("#Brand")),
            ("eau", "l'eau L’EAU", Some("eau|EAU")),
            ("l'eau", "l'eau L’EAU eau", Some("l'eau|L’EAU")),
            ("\"boire l'eau\"", "boire l’eau", Some("boire l’eau")),
            ("\"boire eau fraiche\"", "boire l’eau fraîche", Some("boire l’eau fraîche")),
            ("ai", "j'ai", None),
            ("ia", "l'IA", None),
            ("don't", "Don’t", Some("Don’t")),
            ("e-mail", "e-mail, E mail, email", Some("e-mail|E mail")),
            ("acme", "good.Acme acme.example", Some("Acme|acme")),
            ("acme", "https://acme.example/acme", None),
            (
                "links:acme.example",
                "see https://www.acme.example/x?y=1.",
                Some("https://www.acme.example/x?y=1"),
            ),
            ("links:other", "see https://www.acme.example/x", None),
            (
                "\"acme roast\"",
                "acme https://a.example roast, Acme: Roast! acme roasting",
                Some("Acme: Roast"),
            ),
            ("\"acme roast*\"", "acme roasting acme x roast", Some("acme roasting")),
            ("\"acme acme\"", "acme acme acme", Some("acme acme|acme acme")),
            ("咖啡", "咖啡店 咖 啡", Some("咖啡|咖 啡")),
            ("コー*", "コーヒー", Some("コーヒー")),
            ("😡", "so 😡! 😡😡", Some("😡|😡|😡")),
            ("👍", "👍🏽", Some("👍🏽")),
            ("🇩🇪", "🇦🇩🇪🇩🇪 🇩🇪", Some("🇩🇪")),
            ("@ana", "@Ana, @ana@x.example. ana@x.example @anab", Some("@Ana|@ana@x.example")),
            ("@ana@x.example", "@ana @ana@x.example", Some("@ana@x.example")),
            ("3.5", "3.5 3,5 35", Some("3.5")),
            ("a OR b", "b a", Some("a|b")),
            ("a b", "b", None),
            ("a -b", "a b", None),
            ("a -b", "a", Some("a")),
            ("(a b) OR c", "a c", Some("c")),
            ("-b", "a", Some("")),
            ("*", "", Some("")),
        ] {
            assert_eq!(places(query, text).as_deref(), wanted, "{query} in {text}");
        }
    }

    #[test]
    fn fields_are_looked_at_as_documented() {
        let item = serde_json::json!({
            "id": "https://id.example/1", "url": "https://Blog.Acme.example:443/shop/Beans?id=7", "title": "Title word",
            "summary": "Summary word", "content_html": "<p>Html <b>word</b> <a href='https://link.example/deep'>x</a></p>",
            "language": "en-GB", "tags": ["Specialty Coffee", "word"],
            "authors": [{"name": "Ana Núñez", "_cm": {"handle": "@ana@fosstodon.example"}}],
            "_cm": {"version": 1, "kind": "mention", "source": "mastodon:acme"},
        });
        let of = |query: &str| {
            found(query, &item).map(|f| f.into_iter().map(|(field, _)| field).collect::<Vec<_>>().join(" "))
        };
        for (query, wanted) in [
            ("word", Some("title summary content_html tags")),
            ("title:word", Some("title")),
            ("summary:word", Some("summary")),
            ("text:word", Some("content_html")),
            ("text:title", None),
            ("author:nunez", Some("authors")),
            ("author:\"ana nunez\"", Some("authors")),
            ("from:ana", Some("authors")),
            ("from:@ana@fosstodon.example", Some("authors")),
            ("from:an", None),
            ("from:an*", Some("authors")),
            ("site:acme.example", Some("")),
            ("site:blog.acme.example", Some("")),
            ("site:https://www.acme.example/", Some("")),
            ("site:cme.example", None),
            ("url:acme.example", Some("url")),
            ("url:shop/beans", Some("url")),
            ("url:bea*", Some("url")),
            ("url:bean", None),
            ("links:link.example/deep", Some("content_html")),
            ("lang:en", Some("")),
            ("lang:en_GB", Some("")),
            ("lang:e", None),
            ("tag:word", Some("tags")),
            ("tag:coffee", None),
            ("tag:\"specialty coffee\"", Some("tags")),
            ("#specialtycoffee", Some("tags")),
            ("coffee", Some("tags")),
            ("kind:mention", Some("")),
            ("kind:note", None),
            ("source:mastodon", Some("")),
            ("source:mastodon:acme", Some("")),
            ("source:masto", None),
            ("source:masto*", Some("")),
            ("ana", None),
        ] {
            assert_eq!(of(query).as_deref(), wanted, "{query}");
        }
        let bare =
            serde_json::json!({"id": "https://id.example/1", "content_text": " ", "tags": 7, "authors": "x"});
        assert!(found("site:id.example kind:article -tag:x -author:x -lang:en", &bare).is_some());
    }
}
