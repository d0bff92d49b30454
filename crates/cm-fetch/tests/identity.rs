//! What goes wrong with ids in the field, and what becomes of it: nothing is handed out twice, no item is lost, and nothing
//! that was dealt with comes back.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the black-box tests use the rest")]
mod site;

use site::{NOW, Page, Place, Run, Site};

/// An item of a feed; what is empty is left out.
#[derive(Clone, Default)]
struct Post {
    guid: String,
    link: String,
    title: String,
    date: String,
    text: String,
}

const NOON: &str = "Sun, 22 Nov 2026 08:00:00 GMT";
const LATER: &str = "Sun, 22 Nov 2026 11:00:00 GMT";

fn post(guid: &str, link: &str, title: &str) -> Post {
    let text = format!("{title}: what there is to be said about it, in a few words.");
    Post { guid: guid.into(), link: link.into(), title: title.into(), date: NOON.into(), text }
}

fn rss(posts: &[Post]) -> String {
    let member = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("<{name}>{}</{name}>", text.replace('&', "&amp;").replace('<', "&lt;")),
    };
    let item = |post: &Post| {
        let parts = [("guid", &post.guid), ("link", &post.link), ("title", &post.title)];
        let parts = parts.into_iter().chain([("pubDate", &post.date), ("description", &post.text)]);
        format!("<item>{}</item>", parts.map(|(name, text)| member(name, text)).collect::<String>())
    };
    let items: String = posts.iter().map(item).collect();
    format!(
        "<rss version='2.0'><channel><title>News</title><link>https://news.example/</link>{items}</channel></rss>"
    )
}

/// A site with one feed, and a folder whose store knows it or not.
struct Scene {
    site: Site,
    place: Place,
}

impl Scene {
    fn new() -> Scene {
        Scene { site: Site::start(), place: Place::new() }
    }

    fn fetch(&self, posts: &[Post], options: &[&str]) -> Run {
        self.site.put("/feed", Page::new(200, rss(posts)));
        let url = self.site.url("/feed");
        self.place.run(&[&["--new"], options, &[&url]].concat())
    }

    /// What is handed out, and nothing said about it.
    fn new_of(&self, posts: &[Post]) -> Vec<String> {
        self.fetch(posts, &[]).quiet().titles()
    }

    /// The feed as a row of a list with settings.
    fn listed(&self, posts: &[Post], settings: &str) -> Vec<String> {
        self.site.put("/feed", Page::new(200, rss(posts)));
        let list = format!("[[source]]\nurl = \"{}\"\n{settings}\n", self.site.url("/feed"));
        self.place.write("sources.toml", list);
        self.place.run(&["--new", "--sources", "sources.toml"]).quiet().titles()
    }
}

fn many(count: usize, make: impl Fn(usize) -> Post) -> Vec<Post> {
    (0..count).map(make).collect()
}

/// One post of each kind that has no id of its own.
#[test]
fn without_guids_address_and_words_tell_items_apart() {
    let scene = Scene::new();
    let mut posts = vec![post("", "https://news.example/a", "a"), post("", "", "b")];
    posts.push(Post { link: "https://news.example/c".into(), ..Post::default() });
    assert_eq!(scene.new_of(&posts), ["a", "b", ""]);
    assert_eq!(scene.new_of(&posts), [""; 0]);
    posts.insert(0, post("", "", "d"));
    posts.insert(0, Post { link: "https://news.example/e".into(), ..Post::default() });
    assert_eq!(scene.new_of(&posts), ["", "d"]);
}

#[test]
fn a_guid_that_several_posts_have_hides_none() {
    let scene = Scene::new();
    let one = |n: usize| post("the-feed", &format!("https://news.example/{n}"), &format!("p{n}"));
    assert_eq!(scene.new_of(&[one(1)]), ["p1"]);
    assert_eq!(scene.new_of(&[one(2), one(1)]), ["p2"]);
    assert_eq!(scene.new_of(&[one(3)]), ["p3"], "it is known to repeat");
    // A person may say that one guid is one item.
    let other = Scene::new();
    assert_eq!(other.listed(&[one(2), one(1)], "ids = \"guid\""), ["p2"]);
}

#[test]
fn guids_rewritten_from_http_to_https_are_the_same_items() {
    let scene = Scene::new();
    let at = |scheme: &str, host: &str, n: usize| {
        let address = format!("{scheme}://{host}/{n}");
        Post { date: String::new(), ..post(&address, &address, &format!("p{n}")) }
    };
    let old = many(3, |n| at("http", "news.example", n));
    assert_eq!(scene.new_of(&old).len(), 3);
    // One of them, and edited at the same time.
    let mut some = old.clone();
    some[1] = Post { text: "Edited.".into(), ..at("https", "www.news.example", 1) };
    assert_eq!(scene.new_of(&some), [""; 0]);
    // All of them, with a new one.
    let mut all = many(4, |n| at("https", "news.example", n));
    all.swap(0, 3);
    let run = scene.fetch(&all, &[]);
    assert_eq!(run.titles(), ["p3"], "{run:?}");
    assert_eq!(scene.new_of(&all), [""; 0]);
}

#[test]
fn a_site_that_moves_costs_one_line_and_loses_no_new_item() {
    let scene = Scene::new();
    let old = many(50, |n| {
        post(&format!("http://old.example/?p={n}"), &format!("http://old.example/post-{n}"), &format!("p{n}"))
    });
    assert_eq!(scene.new_of(&old).len(), 50);
    let mut moved = many(50, |n| {
        post(
            &format!("https://new.example/?p={n}"),
            &format!("https://new.example/post-{n}"),
            &format!("p{n}"),
        )
    });
    moved[7].text = "Edited on the way, so that only address, title and date are what they were.".into();
    moved.insert(
        0,
        Post {
            date: LATER.into(),
            ..post("https://new.example/?p=99", "https://new.example/post-99", "fresh")
        },
    );
    let run = scene.fetch(&moved, &[]);
    assert_eq!((run.code, run.titles()), (Some(0), vec!["fresh".to_owned()]), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.contains("the ids of 50 items"), "{}", run.err);
    assert_eq!(scene.new_of(&moved), [""; 0], "and that is that");
    let run = scene.fetch(&moved, &["--changed"]).quiet();
    assert_eq!(run.titles(), ["p7"]);
    // New permalinks as well.
    let slugs: Vec<Post> = moved
        .iter()
        .map(|one| Post {
            link: format!("{}/slug", one.link),
            guid: format!("{}/slug", one.link),
            ..one.clone()
        })
        .collect();
    assert_eq!(scene.fetch(&slugs, &[]).quiet().titles(), [""; 0]);
}

#[test]
fn a_guid_that_changes_with_every_fetch_hands_out_nothing_twice_and_fills_no_store() {
    for (what, dated) in [("session", NOON), ("time", ""), ("now", LATER)] {
        let scene = Scene::new();
        let round = |count: usize, round: usize| {
            many(count, |n| Post {
                guid: format!("{what}-{round}-{n}"),
                date: if what == "now" {
                    format!("Sun, 22 Nov 2026 09:{round:02}:00 GMT")
                } else {
                    dated.to_owned()
                },
                ..post("", &format!("https://news.example/{n}?sid={round}"), &format!("p{n}"))
            })
        };
        assert_eq!(scene.new_of(&round(6, 0)).len(), 6);
        for n in 1..4 {
            let run = scene.fetch(&round(6, n), &[]);
            assert_eq!(
                (run.titles(), run.err.lines().count()),
                (vec![], usize::from(n == 1)),
                "{what} {run:?}"
            );
        }
        assert_eq!(scene.fetch(&round(7, 4), &[]).quiet().titles(), ["p6"], "{what}: what is new comes");
        assert_eq!(
            scene.listed(&round(7, 5), "ids = \"url\""),
            [""; 0],
            "{what}: a policy floods nothing back"
        );
    }
}

/// The same words at the same place under a new guid are news when they have a date of their own.
#[test]
fn what_happens_again_is_news() {
    let scene = Scene::new();
    let build = |n: usize| Post {
        date: format!("Sun, 22 Nov 2026 0{n}:00:00 GMT"),
        ..post(&format!("build-{n}"), "https://ci.example/acme", "Build passed")
    };
    for n in 1..5 {
        assert_eq!(scene.new_of(&[build(n)]).len(), 1, "{n}");
    }
    // A board of many jobs with one title, all of a day, that rolls over between two visits.
    let jobs = |from: usize| {
        many(5, |n| Post {
            text: "See inside".into(),
            ..post(&format!("j{}", from + n), &format!("https://jobs.example/{}", from + n), "Engineer")
        })
    };
    let board = Scene::new();
    assert_eq!(board.new_of(&jobs(0)).len(), 5);
    assert_eq!(board.new_of(&jobs(5)).len(), 5);
}

#[test]
fn the_address_of_the_feed_may_change() {
    let scene = Scene::new();
    let posts = many(3, |n| Post {
        date: String::new(),
        ..post(&n.to_string(), &format!("https://news.example/{n}"), &format!("p{n}"))
    });
    assert_eq!(scene.new_of(&posts).len(), 3);
    let moved = Page::new(301, "").with("location", &scene.site.url("/new"));
    scene.site.put("/feed", moved);
    scene.site.put("/new", Page::new(200, rss(&posts)));
    for _ in 0..3 {
        let run = scene.place.run(&["--new", &scene.site.url("/feed")]);
        assert_eq!(run.titles(), [""; 0]);
    }
    assert_eq!(scene.place.run(&["--new", &scene.site.url("/new")]).quiet().titles(), [""; 0]);
}

#[test]
fn an_item_in_two_feeds_comes_from_each_under_one_id() {
    let scene = Scene::new();
    let posts = [post("https://news.example/a", "https://news.example/a", "a")];
    scene.site.put("/feed", Page::new(200, rss(&posts)));
    scene.site.put("/category", Page::new(200, rss(&posts)));
    let items =
        scene.place.run(&["--new", &scene.site.url("/feed"), &scene.site.url("/category")]).quiet().items();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["id"], items[1]["id"]);
    assert_ne!(items[0]["_cm"]["source"], items[1]["_cm"]["source"]);
}

#[test]
fn a_post_with_a_new_date_is_the_same_post() {
    for guid in ["g", ""] {
        let scene = Scene::new();
        let one = post(guid, "https://news.example/a", "a");
        assert_eq!(scene.new_of(std::slice::from_ref(&one)), ["a"]);
        let dated = Post { date: LATER.into(), ..one };
        assert_eq!(scene.new_of(std::slice::from_ref(&dated)), [""; 0]);
        assert_eq!(scene.fetch(&[dated], &["--changed"]).quiet().titles(), [""; 0], "a date is no change");
    }
}

#[test]
fn whatever_the_policy_becomes_nothing_floods_back_and_what_is_new_comes() {
    for to in ["guid", "url", "guid+url", "content"] {
        let scene = Scene::new();
        let mut posts = many(5, |n| Post {
            date: String::new(),
            ..post(&format!("g{n}"), &format!("https://news.example/{n}"), &format!("p{n}"))
        });
        assert_eq!(scene.listed(&posts, "").len(), 5);
        posts.insert(0, post("fresh", "https://news.example/fresh", "fresh"));
        assert_eq!(scene.listed(&posts, &format!("ids = \"{to}\"")), ["fresh"], "{to}");
        assert_eq!(scene.listed(&posts, &format!("ids = \"{to}\"")), [""; 0], "{to}");
        posts.insert(0, post("more", "https://news.example/more", "more"));
        assert_eq!(scene.listed(&posts, "ids = \"auto\""), ["more"], "{to} and back");
        assert_eq!(scene.listed(&posts, ""), [""; 0], "{to}");
    }
    let scene = Scene::new();
    scene.place.write("sources.toml", "[[source]]\nurl = \"https://a.example/\"\nids = \"uri\"\n");
    let run = scene.place.run(&["--new", "--sources", "sources.toml"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("sources.toml:3: unknown value \"uri\" (did you mean \"url\"?)"), "{}", run.err);
}

#[test]
fn changes_are_named_and_noise_is_none() {
    let scene = Scene::new();
    let page = |title: &str, words: &str, noise: &str| Post {
        title: title.into(),
        text: format!("<p class=\"x\">{words}</p>{noise}"),
        ..post("g", "https://news.example/a?utm_source=rss", title)
    };
    let first = page(
        "It’s tea",
        "Tea &amp; cake on Monday.",
        "<p>3 comments</p><div class='jp-relatedposts'>Milk</div>",
    );
    assert_eq!(scene.new_of(std::slice::from_ref(&first)).len(), 1);
    let changed = |post: &Post| scene.fetch(std::slice::from_ref(post), &["--changed"]).quiet().items();
    let noise = "<p>14 comments</p><div class='jp-relatedposts'>Coffee</div><img class=avatar src='https://cdn.example/7'>";
    let same = Post {
        link: "http://www.news.example/a?utm_source=mail".into(),
        ..page("It&#8217;s  tea", "Tea &#38; cake\non Monday.", noise)
    };
    assert_eq!(changed(&same), Vec::<serde_json::Value>::new());
    let items = changed(&page("It’s tea", "Tea &amp; cake on Tuesday.", noise));
    assert_eq!(items[0]["_cm_fetch"]["changed"], serde_json::json!(["content_text"]));
    let items = changed(&page("Cake", "Tea &amp; cake on Tuesday.", noise));
    assert_eq!(items[0]["_cm_fetch"]["changed"], serde_json::json!(["title"]));
    let moved = Post { link: "https://news.example/b".into(), ..page("Cakes", "None.", noise) };
    // A change that nobody asked for waits until somebody does.
    assert_eq!(scene.new_of(std::slice::from_ref(&moved)), [""; 0]);
    let items = changed(&moved);
    assert_eq!(items[0]["_cm_fetch"]["changed"], serde_json::json!(["url", "title", "content_text"]));
    assert_eq!(changed(&moved), Vec::<serde_json::Value>::new());
    let fresh =
        scene.fetch(&[post("new", "https://news.example/new", "new")], &["--changed"]).quiet().items();
    assert!(fresh[0]["_cm_fetch"].get("changed").is_none());
}

/// A planet carries a copy under a blog's id with other words: when the blog's own item comes, it is handed out.
#[test]
fn a_copy_under_a_foreign_id_does_not_hide_the_real_item() {
    let scene = Scene::new();
    let guid = "https://blog.example/recall";
    let copy = Post { text: "Nothing to see.".into(), ..post(guid, "https://evil.example/recall", "Recall") };
    let real = post(guid, "https://blog.example/recall", "Recall");
    assert_eq!(scene.new_of(std::slice::from_ref(&copy)), ["Recall"]);
    assert_eq!(scene.new_of(std::slice::from_ref(&real)), ["Recall"], "the real one");
    assert_eq!(scene.fetch(&[copy], &["--changed"]).quiet().titles(), [""; 0], "and no copy replaces it");
    assert_eq!(scene.new_of(&[real]), [""; 0]);
    // A proxy that shows the address of its own first and the blog's later changes nothing.
    let scene = Scene::new();
    let proxied = post(guid, "https://proxy.example/~r/recall", "Recall");
    assert_eq!(scene.new_of(&[proxied]), ["Recall"]);
    assert_eq!(scene.new_of(&[post(guid, "http://www.blog.example/recall", "Recall")]), [""; 0]);
}

/// A feed that handed out copies of another's items and then says to have moved there hides none of them.
#[test]
fn a_feed_that_moves_to_another_host_takes_no_items_with_it_that_it_made_up() {
    let (evil, place) = (Site::start(), Place::new());
    let blog = Site::start();
    let real = [
        post("https://b.example/1", "https://b.example/1", "one"),
        post("https://b.example/2", "https://b.example/2", "two"),
    ];
    let mut copied = real.clone();
    copied[0].text = "Nothing to see.".into();
    evil.put("/feed", Page::new(200, rss(&copied)));
    // Hosts are told apart by their names.
    let evil_url = evil.url("/feed").replace("127.0.0.1", "localhost");
    assert_eq!(place.run(&["--new", &evil_url]).quiet().titles().len(), 2);
    evil.put("/feed", Page::new(301, "").with("location", &blog.url("/feed")));
    blog.put("/feed", Page::new(200, rss(&copied)));
    for _ in 0..3 {
        place.run_at(NOW, &["--new", &evil_url]);
    }
    blog.put("/feed", Page::new(200, rss(&real)));
    assert_eq!(place.run(&["--new", &blog.url("/feed")]).quiet().titles(), ["one"]);
}

/// What changed and is left for a later run is still known by the id that it had.
#[test]
fn what_a_limit_leaves_is_known_by_its_former_id() {
    let (site, place) = (Site::start(), Place::new());
    let url = site.url("/feed");
    let feed = |scheme: &str, words: &str| {
        let mut posts = ["1", "2"].map(|name| {
            let at = format!("{scheme}://news.example/{name}");
            post(&at, &at, &format!("Number {name}"))
        });
        posts.iter_mut().for_each(|post| post.text.push_str(words));
        site.put("/feed", Page::new(200, rss(&posts)));
    };
    feed("http", "");
    assert_eq!(place.run(&["--new", &url]).quiet().titles().len(), 2);
    feed("https", " And more.");
    let changed = place.run(&["--new", "--changed", "--limit", "1", &url]).titles();
    assert_eq!(changed, ["Number 1"]);
    assert!(place.run(&["--new", &url]).quiet().titles().is_empty());
}
