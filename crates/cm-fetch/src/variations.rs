//! Feeds as they are met in the wild, small and of our own making: each variation must give the same as the plain form.

use crate::feed::{Document, Entry, Feed, Opened, open, read};

fn document(bytes: &[u8], charset: Option<&str>) -> Document {
    let base = "https://a.example/dir/feed".parse().ok();
    Document { bytes: bytes.to_vec(), charset: charset.map(str::to_owned), base }
}

fn feed(text: &str) -> Feed {
    read(&document(text.as_bytes(), None)).unwrap_or_else(|why| panic!("{why}: {text}"))
}

fn opened(text: &str) -> Opened {
    open(text.to_owned(), None).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// Titles and addresses of the entries of a feed.
fn outline(feed: &Feed) -> Vec<(&str, &str)> {
    let text = |text: &'_ Option<String>| text.as_deref().unwrap_or_default().to_owned().leak() as &str;
    feed.entries.iter().map(|entry| (text(&entry.title), text(&entry.url))).collect()
}

fn only(text: &str) -> Entry {
    let mut feed = feed(text);
    assert_eq!(feed.entries.len(), 1, "{text}");
    feed.entries.remove(0)
}

/// An entry of an RSS item's inside, with all the usual prefixes undeclared.
fn item(inside: &str) -> Entry {
    only(&format!("<rss><channel><item>{inside}</item></channel></rss>"))
}

/// An entry of an Atom entry's inside.
fn atom(inside: &str) -> Entry {
    only(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{inside}</entry></feed>"))
}

const TWO: [(&str, &str); 2] = [("A", "https://a.example/1"), ("B", "https://a.example/2")];

#[test]
fn roots_of_every_kind() {
    let rss = "<item><title>A</title><link>https://a.example/1</link></item><item><title>B</title><link>https://a.example/2</link></item>";
    let entries =
        "<entry><title>A</title><link href='/1'/></entry><entry><title>B</title><link href='/2'/></entry>";
    let prefixed =
        |p: &str| rss.replace('<', &format!("<{p}:")).replace(&format!("<{p}:/"), &format!("</{p}:"));
    for text in [
        format!("<rss version='0.91'><channel><title>T</title>{rss}</channel></rss>"),
        format!("<rss version='2.0.1.9 beta'><channel><title>T</title></channel>{rss}</rss>"),
        format!("<RSS VERSION=2><CHANNEL><TITLE>T</TITLE>{}</CHANNEL></RSS>", rss.to_uppercase().replace("HTTPS://A.EXAMPLE", "https://a.example")),
        format!("<rss xmlns='http://www.w3.org/2005/Atom'><channel><title>T</title>{rss}</channel></rss>"),
        format!("<rss xmlns='http://backend.userland.com/rss2'><channel><title>T</title>{rss}</channel></rss>"),
        format!("<x:rss xmlns:x='u:unknown'><x:channel><x:title>T</x:title>{}</x:channel></x:rss>", prefixed("x")),
        format!("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel><title>T</title></channel>{rss}</rdf:RDF>"),
        format!("<rdf:RDF xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>T</title></channel>{rss}</rdf:RDF>"),
        format!("<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:s='http://purl.org/rss/1.0/'><s:channel><s:title>T</s:title></s:channel>{}</r:RDF>", prefixed("s")),
        format!("<Channel xmlns='http://purl.org/net/rss1.1#'><title>T</title><items>{rss}</items></Channel>"),
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{entries}</feed>"),
        format!("<feed xmlns='https://www.w3.org/2005/atom/'><title>T</title>{entries}</feed>"),
        format!("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>T</title>{entries}</feed>"),
        format!("<feed><title>T</title>{entries}</feed>"),
        format!("<feed xmlns='u:unknown'><title>T</title>{entries}</feed>"),
        format!("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>T</a:title>{}</a:feed>", entries.replace("<", "<a:").replace("<a:/", "</a:")),
        format!("<wrapper><soap><feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{entries}</feed></soap></wrapper>"),
        "<CHANNEL><TITLE>T</TITLE><ITEM HREF='https://a.example/1'><TITLE>A</TITLE></ITEM><ITEM HREF='/2'><TITLE>B</TITLE></ITEM></CHANNEL>".to_owned(),
        r#"{"title":"T","items":[{"title":"A","url":"https://a.example/1"},{"title":"B","url":"/2"}]}"#.to_owned(),
        "/* x */\n{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[{\"id\":1,\"title\":\"A\",\"url\":\"/1\"},{\"id\":2,\"title\":\"B\",\"url\":\"/2\"}]}".to_owned(),
    ] {
        let feed = feed(&text);
        assert_eq!(outline(&feed), TWO, "{text}");
        assert_eq!(feed.head.title.as_deref(), Some("T"), "{text}");
        assert!(!feed.facts.cut_off, "{text}");
    }
}

#[test]
fn what_is_broken_costs_no_entry() {
    let whole = "<rss><channel><title>T</title><item><title>A</title><link>/1</link></item><item><title>B</title><link>/2</link></item></channel></rss>";
    for text in [
        format!("\u{feff} \n\n{whole}"),
        format!("Warning: mysql_connect() in /x.php on line 3 <br />\n<b>x</b><?xml version='1.0'?>{whole}"),
        format!("<?xml version='1.0'?><?xml version='1.0'?>{whole}"),
        format!("<!-- a --><?xml-stylesheet href='x'?>{whole}<!-- generated in 3 s -->"),
        format!("{whole}\n<script>x</script><p>"),
        format!(
            "<!DOCTYPE rss PUBLIC '-//x//DTD' 'http://my.netscape.com/publish/formats/rss-0.91.dtd' [<!ENTITY a 'b'>]>{whole}"
        ),
        whole.replace("</title>", ""),
        whole.replace("</item>", ""),
        whole.replace("</link>", ""),
        whole.replace("</channel>", ""),
        whole.replace("<link>", "<link x='1' x='2' x>"),
        whole.replace("<item>", "<item rdf:about=x y=&nbsp;>"),
        whole.replace("</title><link>", "</title><description>a & b <p>c<pubDate></pubDate><link>"),
        whole.replace("</title><link>", "</title><description><![CDATA[a]]>b]]></description><link>"),
        whole.replace(
            "</title><link>",
            "</title><description>a < b <3 &unknown; &#xFFFFFFFF; &#0;</description><link>",
        ),
        whole.replace("<title>A", "<title>\u{1}A\u{8}"),
        whole.replace("<title>A</title>", "<TITLE>A</Title >"),
        whole.replace("<title>A</title>", "<title\n>\tA\r\n</title\n>"),
        whole.replace("<title>A</title>", "<title><![CDATA[A]]></title>"),
        whole.replace("<title>A</title>", "<title/><title>A</title>"),
        whole.replace("<title>A</title>", "<image><title>no</title></image><title>A</title>"),
        whole.replace("<item><title>B", "<item><media:title>no</media:title><title>B"),
        whole.replace("<link>/1</link>", "<link>\n/1\n</link><source url='x'>S</source>"),
        whole.replace("<link>/1</link>", "<link/><guid isPermaLink='true'>https://a.example/1</guid>"),
        whole.replace("<link>/1</link>", "<atom:link rel='self' href='/no'/><link>/1</link>"),
    ] {
        assert_eq!(outline(&feed(&text)), TWO, "{text}");
    }
    for text in [
        whole
            .replace("<description>", "")
            .replace("<title>A</title>", "<description><![CDATA[x</description><title>A</title>")
            .replace("<title>B</title>", "<description><![CDATA[y]]></description><title>B</title>"),
        whole
            .replace("<link>/1", "<enclosure url=\"x /><link>/1")
            .replace("<link>/2", "<enclosure url=\"y\"/><link>/2"),
        whole.replace("<link>/1", "<!-- x <link>/1").replace("<link>/2", "<!-- y --><link>/2"),
    ] {
        let titles: Vec<Option<String>> = feed(&text).entries.into_iter().map(|entry| entry.title).collect();
        assert_eq!(titles, [Some("A".to_owned()), Some("B".to_owned())], "{text}");
    }
}

#[test]
fn no_entry_tag_is_lost() {
    for (text, entries) in [
        ("<rss><channel><item/><item></item><item>", 3),
        ("<item><title>x</title></item>", 1),
        ("<rss></rss><item/>", 1),
        ("<rss><channel><item/></channel></rss><rss><channel><item/></channel></rss>", 2),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'><div><p>x</entry><entry/>",
            2,
        ),
        ("<rss><channel><channel><item/></channel><item/></channel></rss>", 2),
        ("<feed><entry><entry/></entry></feed>", 2),
        ("<rdf:RDF><item/><channel><items/><item/></channel></rdf:RDF>", 2),
        ("[{}]", 1),
        ("{\"items\":[{\"id\":1},null,{\"id\":{}},3]}", 2),
    ] {
        assert_eq!(feed(text).entries.len(), entries, "{text}");
    }
    let deep =
        format!("<rss><channel>{}<item/>{}<item/></channel></rss>", "<x>".repeat(300), "</x>".repeat(300));
    assert_eq!(feed(&deep).entries.len(), 2);
    let wide = format!("<rss><channel><item>{}</item><item/></channel></rss>", "<b>x".repeat(120_000));
    assert_eq!(feed(&wide).entries.len(), 2);
}

#[test]
fn every_charset_however_it_is_said() {
    let text = |label: &str| {
        format!(
            "<?xml version='1.0' encoding='{label}'?><rss><channel><title>Ж</title><item/></channel></rss>"
        )
    };
    let cyrillic = |label: &str| {
        encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text(label)).0.into_owned()
    };
    let wide = |label: &str, big: bool, mark: bool| -> Vec<u8> {
        let all = format!("{}{}", if mark { "\u{feff}" } else { "" }, text(label));
        all.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let mut all: Vec<(Vec<u8>, Option<&str>)> = vec![
        (text("utf-8").into_bytes(), None),
        (text("utf-8").into_bytes(), Some("us-ascii")),
        (text("us-ascii").into_bytes(), Some("iso-8859-1")),
        (text("nonsense").into_bytes(), Some("nonsense")),
        (cyrillic("koi8-r"), None),
        (cyrillic("windows-1251"), Some("bogus")),
        (cyrillic("iso-8859-5"), None),
        (
            cyrillic("windows-1251").iter().map(|b| if *b == b'-' { b'-' } else { *b }).collect(),
            Some("cp1251"),
        ),
        (encoding_rs::WINDOWS_1251.encode(&text("utf-8")).0.into_owned(), Some("windows-1251")),
    ];
    for label in ["utf-16", "utf16", "u16", "iso-10646-ucs-2", "csunicode", "utf-8"] {
        for (big, mark) in [(true, true), (true, false), (false, true), (false, false)] {
            all.push((wide(label, big, mark), None));
            all.push(([if big { &b"\0\n"[..] } else { b"\n\0" }, &wide(label, big, false)].concat(), None));
        }
    }
    for (bytes, http) in all {
        let feed = read(&document(&bytes, http)).unwrap();
        assert_eq!((feed.head.title.as_deref(), feed.entries.len()), (Some("Ж"), 1), "{bytes:?} {http:?}");
    }
}

#[test]
fn addresses_are_absolute() {
    for (text, url) in [
        (
            "<rss xml:base='https://b.example/x/'><channel><item><link>y</link></item></channel></rss>",
            "https://b.example/x/y",
        ),
        (
            "<rss><channel xml:base='https://b.example/x/'><item xml:base='z/'><link>y</link></item></channel></rss>",
            "https://b.example/x/z/y",
        ),
        (
            "<rss><channel><item><link xml:base='https://b.example/'>y</link></item></channel></rss>",
            "https://b.example/y",
        ),
        ("<rss><channel><item><link>//b.example/y</link></item></channel></rss>", "https://b.example/y"),
        (
            "<rss><channel><item><link>?p=1&amp;q=2</link></item></channel></rss>",
            "https://a.example/dir/feed?p=1&q=2",
        ),
        (
            "<rss><channel><item><link>http://a.example/x y</link></item></channel></rss>",
            "http://a.example/x y",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/sub/'><entry><link href='y'/></entry></feed>",
            "https://a.example/sub/y",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='enclosure' href='no'/><link rel='http://www.iana.org/assignments/relation/alternate' href='y'/></entry></feed>",
            "https://a.example/dir/y",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link type='application/json' href='no'/><link type='text/html' href='y'/></entry></feed>",
            "https://a.example/dir/y",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>https://a.example/id</id></entry></feed>",
            "https://a.example/id",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content src='y' type='text/html'/></entry></feed>",
            "https://a.example/dir/y",
        ),
    ] {
        assert_eq!(only(text).url.as_deref(), Some(url), "{text}");
    }
}

#[test]
fn vocabularies_beside_the_core() {
    let podcast = item(
        "<itunes:title>E</itunes:title><itunes:summary>S</itunes:summary><itunes:duration>1:00:01</itunes:duration><itunes:image href='/i.jpg'/><enclosure url='/a.mp3' length='12' type='audio/mpeg'/><itunes:keywords>x, y</itunes:keywords><itunes:author>Ana</itunes:author>",
    );
    assert_eq!(
        (podcast.title.as_deref(), &*podcast.text, podcast.tags.join(" ")),
        (Some("E"), "S", "x y".to_owned())
    );
    assert_eq!(podcast.image.as_deref(), Some("https://a.example/i.jpg"));
    let audio = &podcast.attachments[0];
    assert_eq!((audio.size_in_bytes, audio.duration_in_seconds), (Some(12), Some(3601.0)));
    assert_eq!(podcast.authors[0].name.as_deref(), Some("Ana"));

    let video = item(
        "<media:group><media:title>V</media:title><media:content url='https://a.example/v.mp4' type='video/mp4' duration='7'/><media:thumbnail url='https://a.example/t.jpg'/><media:description>D</media:description></media:group>",
    );
    assert_eq!((video.image.as_deref(), &*video.text), (Some("https://a.example/t.jpg"), "D"));
    assert_eq!(video.attachments[0].mime_type, "video/mp4");

    let blog = item(
        "<dc:creator>Ana</dc:creator><dc:creator>Bo</dc:creator><dc:date>2026-11-22</dc:date><dc:subject>tea</dc:subject><description>short</description><content:encoded>&lt;p&gt;long&lt;/p&gt;</content:encoded><slash:comments>7</slash:comments><wfw:commentRSS>/c</wfw:commentRSS>",
    );
    assert_eq!(blog.authors.len(), 2);
    assert_eq!((blog.text.as_str(), blog.summary.as_deref(), blog.replies), ("long", Some("short"), Some(7)));
    assert_eq!(blog.comments_feed.as_deref(), Some("https://a.example/c"));
    assert!(blog.published.is_some());

    let answer = atom(
        "<thr:in-reply-to ref='tag:x' href='https://a.example/'/><link rel='replies' type='text/html' href='no'/><link rel='replies' type='application/atom+xml' href='/r' thr:count='3'/><thr:total>3</thr:total>",
    );
    assert_eq!((answer.in_reply_to.as_deref(), answer.replies), (Some("tag:x"), Some(3)));
    assert_eq!(answer.comments_feed.as_deref(), Some("https://a.example/r"));
}

#[test]
fn texts_in_every_wrapping() {
    for (inside, text) in [
        ("<description>&lt;p&gt;a &amp;amp; b&lt;/p&gt;</description>", "a & b"),
        ("<description><![CDATA[<p>a &amp; b</p>]]></description>", "a & b"),
        ("<description><p>a &amp; b</p></description>", "a & b"),
        ("<description>a & b</description>", "a & b"),
        ("<description>a &#38; b</description>", "a & b"),
        ("<xhtml:body><p>a &amp; b</p></xhtml:body>", "a & b"),
        ("<body xmlns='http://www.w3.org/1999/xhtml'><p>a &amp; b</p></body>", "a & b"),
        ("<content:encoded><![CDATA[a]]> &amp; <![CDATA[b]]></content:encoded>", "a & b"),
    ] {
        assert_eq!(item(inside).text, text, "{inside}");
    }
    for (inside, text) in [
        ("<content type='html'>&lt;p>a &amp;amp; b</content>", "a & b"),
        ("<content type='text/html' mode='escaped'>&lt;p>a &amp;amp; b</content>", "a & b"),
        (
            "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a &amp; b</p></div></content>",
            "a & b",
        ),
        ("<content type='application/xhtml+xml' mode='xml'><p>a &amp; b</p></content>", "a & b"),
        ("<content type='text/html' mode='base64'>PHA+YSAmYW1wOyBiPC9wPg==</content>", "a & b"),
        ("<content>a &amp; b</content>", "a & b"),
        ("<summary type='html'>a &amp;amp; b</summary>", "a & b"),
    ] {
        assert_eq!(atom(inside).text, text, "{inside}");
    }
}

#[test]
fn dates_are_kept_as_they_are_written() {
    for (entry, at, written) in [
        (
            item("<pubDate> Sun, 22 Nov 2026\n10:00 +0100 </pubDate>"),
            Some("2026-11-22T09:00:00+00:00"),
            Some("Sun, 22 Nov 2026 10:00 +0100"),
        ),
        (item("<pubDate>next Tuesday</pubDate>"), None, Some("next Tuesday")),
        (
            item("<pubDate>soon</pubDate><dc:date>2026-11-22</dc:date>"),
            Some("2026-11-22T00:00:00+00:00"),
            Some("2026-11-22"),
        ),
        (
            atom("<updated>2026-11-21T09:00:00Z</updated><updated>2026-11-22T09:00:00Z</updated>"),
            Some("2026-11-22T09:00:00+00:00"),
            Some("2026-11-22T09:00:00Z"),
        ),
        (item("<pubDate/>"), None, None),
    ] {
        assert_eq!(entry.date().map(|at| at.to_rfc3339()).as_deref(), at);
        assert_eq!(entry.written_date.as_deref(), written);
    }
}

#[test]
fn what_politeness_asks_for() {
    let head = opened("<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><ttl> 60 </ttl><skipHours><hour>0</hour><hour>24</hour><hour>23</hour><hour>99</hour></skipHours><skipDays><day>Sunday</day><day>monday</day><day>x</day></skipDays><sy:updatePeriod> Daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><sy:updateBase>2026-11-22T00:00Z</sy:updateBase><atom:link rel='hub' href='https://h.example/'/><atom:link rel='HUB' href='https://i.example/'/><atom:link rel='self' href='https://a.example/feed'/><item><ttl>1</ttl></item></channel></rss>").head;
    assert_eq!((head.ttl_minutes, &head.skip_hours[..]), (Some(60), &[0, 23][..]));
    assert_eq!(head.skip_days, [chrono::Weekday::Sun, chrono::Weekday::Mon]);
    assert_eq!((head.update_period.as_deref(), head.update_frequency), (Some("daily"), Some(2)));
    assert!(head.update_base.is_some());
    assert_eq!(head.hubs, ["https://h.example/", "https://i.example/"]);
    assert_eq!(head.feed_url.as_deref(), Some("https://a.example/feed"));
    let json = opened(r#"{"items":[],"feed_url":"https://a.example/f","hubs":[{"type":"rssCloud","url":"x"},{"type":"WebSub","url":"https://h.example/"}]}"#).head;
    assert_eq!(
        (json.hubs, json.feed_url.as_deref()),
        (vec!["https://h.example/".to_owned()], Some("https://a.example/f"))
    );
}

#[test]
fn facts_tell_of_repeats() {
    let facts = |ids: &[&str]| {
        let items: String = ids.iter().map(|id| format!("<item>{id}</item>")).collect();
        opened(&format!("<rss><channel>{items}</channel></rss>")).facts
    };
    assert!(!facts(&["<guid>1</guid>", "<guid>2</guid>", "<link>https://a.example/</link>", "", ""]).repeats);
    assert!(facts(&["<guid>1</guid>", "<guid>2</guid>", "<guid>1</guid>"]).repeats);
    assert!(facts(&["<link>https://a.example/</link>", "<link>https://a.example/</link>"]).repeats);
    assert_eq!(facts(&["", ""]).entries, 2);
}

#[test]
fn entries_come_one_at_a_time() {
    let text = format!("<rss><channel>{}</channel></rss>", "<item><title>x</title></item>".repeat(1000));
    let opened = opened(&text);
    assert_eq!(opened.entries().take(3).count(), 3);
    assert_eq!(opened.entries().count(), opened.facts.entries);
}
