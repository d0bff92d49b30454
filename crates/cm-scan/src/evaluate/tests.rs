//! What queries find, and where, as docs/searches.md says.

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
        // One place, and the whole word where that fits.
        ("*eau", "l'eau L’EAU d'aeau", Some("l'eau|L’EAU|d'aeau")),
        ("l*a*", "l'lac l'aube", Some("l'lac|l'aube")),
        ("?au", "l'eau", Some("eau")),
        ("\"*eau fraiche\"", "boire l’eau fraîche", Some("l’eau fraîche")),
        ("*eau NEAR/0 fraiche", "boire l’eau fraîche", Some("l’eau|fraîche")),
        ("\"boire l'eau\"", "boire l’eau", Some("boire l’eau")),
        ("\"boire eau fraiche\"", "boire l’eau fraîche", Some("boire l’eau fraîche")),
        ("ai", "j'ai", None),
        ("ia", "l'IA", None),
        ("don't", "Don’t", Some("Don’t")),
        ("e-mail", "e-mail, E mail, email", Some("e-mail|E mail")),
        ("acme", "good.Acme acme.example", Some("Acme|acme")),
        ("acme", "https://acme.example/acme", None),
        ("links:acme.example", "see https://www.acme.example/x?y=1.", Some("https://www.acme.example/x?y=1")),
        ("links:other", "see https://www.acme.example/x", None),
        ("\"acme roast\"", "acme https://a.example roast, Acme: Roast! acme roasting", Some("Acme: Roast")),
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
        ("{Cafe}", "Cafe\u{301} Café Cafe", Some("Cafe")),
        ("{क}", "क् कि क", Some("क")),
        ("{❤}", "❤\u{FE0F}", Some("❤")),
        ("@alice", "@alice\u{301} @aliceí @aliceế @alice", Some("@alice")),
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
