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
    let mut inside = folders.to_vec();
    if element.name == "outline" {
        *count += 1;
        let name =
            ["text", "title"].iter().find_map(|n| element.attribute(n)).filter(|name| !name.is_empty());
        match ["xmlurl", "xmlsource"].iter().find_map(|n| element.attribute(n)) {
            Some(url) => rows.push((*count, source(element, name, url, folders))),
            None => inside.extend(name.map(str::to_owned)),
        }
    }
    for child in &element.children {
        collect(child, &inside, count, rows);
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
        name: name.map(str::to_owned),
        tags,
        kind: None,
        ids: Policy::Auto,
        manners: Box::default(),
        comments: false,
    })
}

/// Writes sources as OPML 2.0; accounts and files, which it has no words for, are left to the caller.
pub(crate) fn write(sources: &[Source]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head><title>Sources</title></head>\n  <body>\n",
    );
    for source in sources {
        let (Place::Url(_), false) = (&source.place, source.comments) else { continue };
        let key = source.key();
        xml.push_str("    <outline type=\"rss\"");
        let tags = source.tags.join(",");
        for (name, value) in
            [("text", source.name.as_deref().unwrap_or(&key)), ("xmlUrl", &key), ("category", &tags)]
        {
            if !value.is_empty() {
                xml.push_str(&format!(" {name}=\"{}\"", escaped(value)));
            }
        }
        xml.push_str("/>\n");
    }
    xml.push_str("  </body>\n</opml>\n");
    xml
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

    #[test]
    fn what_is_written_is_read_back() {
        let source = Source {
            place: Place::Url("https://a.example/feed?a=1&b=2".parse().unwrap()),
            name: Some("A \"<&".into()),
            tags: vec!["t".into()],
            kind: None,
            ids: Policy::Auto,
            manners: Box::default(),
            comments: false,
        };
        let (rows, cut_off) = rows(&write(std::slice::from_ref(&source)));
        assert!(!cut_off);
        assert_eq!(rows[0].1.as_ref().unwrap(), &source);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(<|>|/|outline|xmlurl|=|'| |a){0,60}") {
            let _ = rows(&text);
        }
    }
}
