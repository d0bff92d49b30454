//! OPML in and out. Folders become tags; a bad outline costs itself.

use crate::ids::Policy;
use crate::repair::{Element, Node, parse};
use crate::source::{Place, Source, address};
use crate::sources::Row;

/// The feeds of an OPML document, nested as they may be, and whether it ends before it is closed; a row is told by its
/// place among the outlines.
pub(crate) fn rows(text: &str) -> (Vec<Row>, bool) {
    let (nodes, cut_off) = parse(text);
    let mut rows = Vec::new();
    let mut count = 0;
    for node in &nodes {
        collect(node, &[], &mut count, &mut rows);
    }
    (rows, cut_off)
}

/// Recursion is bounded by the depth of the tree.
fn collect(node: &Node<'_>, folders: &[String], count: &mut usize, rows: &mut Vec<Row>) {
    let Node::Element(element) = node else { return };
    let mut inside = None;
    if element.name == "outline" {
        *count += 1;
        let filled = |name: &str| element.attribute(name).map(str::trim).filter(|text| !text.is_empty());
        let name = filled("text").or_else(|| filled("title"));
        match address_of(element) {
            Ok(Some(url)) => rows.push((*count, source(element, name, url, folders))),
            Ok(None) => inside = name.map(|name| [folders, &[name.to_owned()]].concat()),
            Err(why) => rows.push((*count, Err(why))),
        }
    }
    for child in &element.children {
        collect(child, inside.as_deref().unwrap_or(folders), count, rows);
    }
}

/// The address of a feed, as writers of OPML spell its name (the reader folds capitals); of a feed whose own address is
/// missing, that of its page. None in a folder.
fn address_of<'e>(outline: &'e Element<'_>) -> Result<Option<&'e str>, String> {
    let filled = |name: &str| outline.attribute(name).map(str::trim).filter(|text| !text.is_empty());
    let kind = filled("type").unwrap_or_default().to_ascii_lowercase();
    let named = ["xmlurl", "xmlsource", "feedurl"].iter().find_map(|name| filled(name));
    let is_feed = matches!(kind.as_str(), "rss" | "atom" | "feed" | "rdf" | "json");
    let page = || filled("htmlurl").filter(|_| is_feed);
    match (named, filled("url")) {
        (Some(url), _) => Ok(Some(url)),
        (None, Some(url)) if kind == "include" => {
            Err(format!("{url}: another list: give it as a file of its own"))
        }
        (None, Some(url)) if kind == "link" => {
            Err(format!("{url}: a link, no feed (cm-fetch discover finds the feeds of a page)"))
        }
        (None, Some(url)) => Ok(Some(url)),
        (None, None) => match page() {
            None if is_feed && outline.children.is_empty() => {
                Err("a feed without an address (xmlUrl)".to_owned())
            }
            page => Ok(page),
        },
    }
}

fn source(
    outline: &Element<'_>,
    name: Option<&str>,
    url: &str,
    folders: &[String],
) -> Result<Source, String> {
    let place = match Source::parse(url, std::path::Path::new(""))?.place {
        place @ (Place::Url(_) | Place::Account { .. }) => place,
        _ => Place::Url(address(url)?),
    };
    let categories = outline.attribute("category").into_iter().flat_map(|all| all.split(','));
    let mut tags = folders.to_vec();
    for tag in categories.map(|tag| tag.trim().trim_matches('/')).filter(|tag| !tag.is_empty()) {
        if tags.iter().all(|other| other != tag) {
            tags.push(tag.to_owned());
        }
    }
    Ok(Source {
        place,
        // Where nobody named it, its address stands for a name: `write` does so too.
        name: name.filter(|name| *name != url).map(str::to_owned),
        tags,
        kind: None,
        ids: Policy::Auto,
        manners: Box::default(),
        comments: false,
    })
}

/// Writes sources as OPML 2.0. Left to the caller, because it has no words for them: accounts, files, settings of a source.
/// Credentials in addresses are left out.
pub(crate) fn write(sources: &[Source]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head><title>Sources</title></head>\n  <body>\n",
    );
    for source in sources.iter().filter(|source| can_say(source)) {
        let key = source.key();
        // A tag that a list of categories cannot hold is a folder.
        let (categories, folders): (Vec<&String>, Vec<&String>) =
            source.tags.iter().partition(|tag| is_category(tag));
        for folder in &folders {
            xml.push_str(&format!("    <outline text=\"{}\">\n", escaped(folder)));
        }
        xml.push_str("    <outline type=\"rss\"");
        let tags = categories.into_iter().map(String::as_str).collect::<Vec<_>>().join(",");
        for (name, value) in
            [("text", source.name.as_deref().unwrap_or(&key)), ("xmlUrl", &key), ("category", &tags)]
        {
            if !value.is_empty() {
                xml.push_str(&format!(" {name}=\"{}\"", escaped(value)));
            }
        }
        xml.push_str("/>\n");
        folders.iter().for_each(|_| xml.push_str("    </outline>\n"));
    }
    xml.push_str("  </body>\n</opml>\n");
    xml
}

/// Whether OPML has words for where a source is.
pub(crate) fn can_say(source: &Source) -> bool {
    matches!(source.place, Place::Url(_)) && !source.comments
}

/// Whether a list of categories says it: they stand between commas, and a slash at an end is part of none.
fn is_category(tag: &str) -> bool {
    !tag.contains(',') && tag.trim().trim_matches('/') == tag
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folders_are_tags_and_bad_rows_cost_themselves() {
        let (rows, cut_off) = rows(
            "<opml><body><outline text='News &amp; more'><outline text='A' xmlUrl='https://a.example/feed' category='x,/y'/>
             <outline xmlUrl='nonsense'></outline><outline text='B' xmlurl='https://b.example/feed'>",
        );
        let a = rows[0].1.as_ref().unwrap();
        assert_eq!((a.name.as_deref(), a.tags.join("|")), (Some("A"), "News & more|x|y".to_owned()));
        assert!(rows[1].1.is_err());
        assert!(rows[2].1.is_ok() && cut_off);
    }

    fn read(text: &str) -> Vec<Result<String, String>> {
        rows(text).0.into_iter().map(|(_, row)| row.map(|source| source.key())).collect()
    }

    #[test]
    fn as_it_is_written_in_the_wild() {
        for feed in [
            "<OPML version='1.0'><BODY><OUTLINE TEXT='a' XMLURL='https://a.example/f'/></BODY></OPML>",
            "<opml><body><outline text='a' url='https://a.example/f'/></body></opml>",
            "<opml><body><outline type='rss' xmlUrl='' url=' https://a.example/f '/></body></opml>",
            "<opml><body><outline type='rss' htmlUrl='https://a.example/f'/></body></opml>",
            "<opml><body><outline xmlUrl='feed://a.example/f'/></body></opml>",
            "<opml><body><outline xmlUrl=https://a.example/f title=a></outline></body>",
            "<opml><body><outline text='R&D & more'><outline xmlUrl='https://a.example/f'/></body></opml>",
            "<opml><outline xmlUrl='https://a.example/f'/></opml>",
        ] {
            assert_eq!(read(feed), [Ok("https://a.example/f".to_owned())], "{feed}");
        }
        for bad in [
            "<opml><outline type='rss' text='x'/></opml>",
            "<opml><outline type='include' url='https://a.example/list.opml'/></opml>",
            "<opml><outline type='link' url='https://a.example/'/></opml>",
            "<opml><outline xmlUrl='ftp://a.example/'/></opml>",
            "<opml><outline xmlUrl='a.example/feed'/></opml>",
        ] {
            assert!(matches!(read(bad)[..], [Err(_)]), "{bad}: {:?}", read(bad));
        }
        assert!(read("<opml><body><outline text='an empty folder'/></body></opml>").is_empty());
    }

    #[test]
    fn ten_thousand_rows_are_no_work() {
        let row = |n: usize| {
            format!(
                "<outline text='f{}'><outline xmlUrl='https://a.example/{n}' category='a,b'/></outline>",
                n % 100
            )
        };
        let text: String = (0..10_000).map(row).collect();
        assert_eq!(rows(&format!("<opml><body>{text}</body></opml>")).0.len(), 10_000);
    }

    fn tags_of(source: &Source) -> std::collections::BTreeSet<&String> {
        source.tags.iter().collect()
    }

    proptest! {
        /// Both ways: what OPML can say comes back as it was.
        #[test]
        fn what_is_written_is_read_back(
            name in proptest::option::of("[a-zé&<>\"', ]{0,8}[a-z]"),
            tags in proptest::collection::hash_set("[a-z/,& ]{0,4}[a-z]/?", 0..4),
            query in "[a-z&=%]{0,9}",
        ) {
            let place = Place::Url(format!("https://a.example/feed?{query}").parse().unwrap());
            let name = name.map(|name| name.trim().to_owned());
            // "y" and " y" are one tag.
            let tags: std::collections::BTreeSet<String> = tags.into_iter().map(|tag| tag.trim().to_owned()).collect();
            let tags = tags.into_iter().collect();
            let source = Source { place, name, tags, ..Source::parse("https://a.example/", std::path::Path::new("")).unwrap() };
            let text = write(std::slice::from_ref(&source));
            let (rows, cut_off) = rows(&text);
            prop_assert!(!cut_off && rows.len() == 1, "{}", text);
            let back = rows[0].1.as_ref().unwrap();
            prop_assert_eq!((&back.place, &back.name, tags_of(back)), (&source.place, &source.name, tags_of(&source)));
            prop_assert_eq!(write(std::slice::from_ref(back)), text);
        }

        #[test]
        fn any_text_is_read(text in "(<|>|/|outline|xmlurl|=|'| |a){0,60}") {
            let _ = rows(&text);
        }
    }
}
