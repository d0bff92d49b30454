//! A post's text with its links in full. In: the record of a post. Out: plain text.
//!
//! Apps show a link as `acme.example/news/2026/sp...` and keep its address in a facet: such words are replaced by the whole
//! address, so that searches find it and what we posted comes back as it was written. Other words of a link stay, and the
//! address follows in brackets. Facets are written by anybody: what does not fit the text is passed over.

use super::facets::short;
use serde_json::Value;

/// More facets than a text has characters are nonsense.
const MOST: usize = 300;
/// Longer addresses are not put into the text, in bytes.
const LONGEST: usize = 2048;

/// The text of a record.
pub(super) fn whole(record: &Value) -> String {
    let text = record["text"].as_str().unwrap_or_default();
    let (mut whole, mut from) = (String::with_capacity(text.len()), 0);
    for (start, end, uri) in links(record) {
        let (Some(before), Some(shown)) = (text.get(from..start), text.get(start..end)) else { continue };
        whole.push_str(before);
        match is_cut(shown, uri) {
            true => whole.push_str(uri),
            false => whole.push_str(&format!("{shown} ({uri})")),
        }
        from = end;
    }
    whole.push_str(text.get(from..).unwrap_or_default());
    whole
}

/// The web addresses that a record's facets lead to, with the bytes that they lie under, in order.
pub(super) fn links(record: &Value) -> Vec<(usize, usize, &str)> {
    let facets = record["facets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut links: Vec<(usize, usize, &str)> = facets.iter().take(MOST).filter_map(link).collect();
    links.sort_by_key(|(start, ..)| *start);
    links
}

fn link(facet: &Value) -> Option<(usize, usize, &str)> {
    let byte = |name: &str| usize::try_from(facet["index"][name].as_u64()?).ok();
    let (start, end) = (byte("byteStart")?, byte("byteEnd")?);
    let uris = facet["features"].as_array()?.iter().filter(|f| f["$type"] == "app.bsky.richtext.facet#link");
    let uri = uris.filter_map(|feature| feature["uri"].as_str()).find(|uri| is_web(uri))?;
    (start < end).then_some((start, end, uri))
}

/// Whether an address is one of the web that can stand in a text.
pub(super) fn is_web(uri: &str) -> bool {
    let begins = uri.starts_with("https://") || uri.starts_with("http://");
    begins && uri.len() <= LONGEST && !uri.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a link's words are its address, or the beginning of it.
fn is_cut(shown: &str, uri: &str) -> bool {
    let bare = |text: &str| {
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
        text.strip_prefix("www.").unwrap_or(text).trim_end_matches('/').to_ascii_lowercase()
    };
    let (words, address) = (bare(shown), bare(uri));
    let start =
        words.strip_suffix("...").or_else(|| words.strip_suffix('…')).filter(|start| start.contains('.'));
    shown == short(uri) || words == address || start.is_some_and(|start| address.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Link;
    use proptest::prelude::*;
    use serde_json::json;

    fn record(text: &str, shown: &str, uri: &str) -> Value {
        let start = text.find(shown).unwrap();
        json!({"text": text, "facets": [{"index": {"byteStart": start, "byteEnd": start + shown.len()}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]}]})
    }

    #[test]
    fn cut_links_are_whole_again_and_words_keep_theirs() {
        let uri = "https://acme.example/news/2026/spring";
        for shown in [
            "acme.example/news/2026/sp...",
            "acme.example/news/20…",
            "https://acme.example/news/2026/spring",
            "www.acme.example/news/2026/spring",
        ] {
            assert_eq!(
                whole(&record(&format!("Grüße {shown}!"), shown, uri)),
                format!("Grüße {uri}!"),
                "{shown}"
            );
        }
        assert_eq!(whole(&record("see our shop", "our shop", uri)), format!("see our shop ({uri})"));
        assert_eq!(
            whole(&record("bank.example", "bank.example", "https://evil.example/")),
            "bank.example (https://evil.example/)"
        );
        assert_eq!(whole(&record("click", "click", "javascript:alert(1)")), "click");
    }

    #[test]
    fn facets_that_do_not_fit_are_passed_over() {
        let uri = "https://a.example/";
        let facet = |start, end| json!({"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]});
        let text = "éé a.example";
        let record = json!({"text": text, "facets": [facet(1, 3), facet(0, 99), facet(-1, 3), facet(5, 5), facet(5, 14), facet(7, 9), "x", {}]});
        assert_eq!(whole(&record), "éé https://a.example/");
        assert_eq!(whole(&json!({"text": 7})), "");
    }

    proptest! {
        #[test]
        fn what_we_post_comes_back_as_it_was_written(before in "[a-z é☕]{0,20}", path in "[a-z0-9/._-]{0,40}", after in "( [a-z☕]{0,10})?") {
            let url = format!("https://acme.example/{path}");
            let text = format!("{before}{url}{after}");
            let link = Link { start: before.len(), end: before.len() + url.len(), url };
            let rich = crate::services::bluesky::facets::rich(&text, &[link]);
            let facets: Vec<Value> = rich.facets.iter().map(|facet| facet.to_json()).collect();
            prop_assert_eq!(whole(&json!({"text": rich.text, "facets": facets})), text);
        }
    }
}
