//! Where the blocks of a page run that need a blog and a network: a folder of its own, a clock that goes, and the real
//! servers of tests/peers in place of the addresses in the text.
//!
//! | in the text | here |
//! |---|---|
//! | `https://blog.acme-roast.example`, the user `ana` | WordPress and a new administrator who sees the comments on own posts only (tests/peers/wordpress/fixtures.php) |
//! | `https://bsky.social`, the user `acme-roast.bsky.social` | Bluesky with AppView and a new account |
//! | `$EDITOR blog.secret`, `acme.secret` | writes that account's password into the file |
//!
//! A visitor has asked a question on the blog, another has left spam, both of which are held, and somebody on Bluesky has
//! mentioned the account.

use crate::furnish;
use cm_tests::Home;
use cm_tests::peers::{self, Account, Post, User, WordPress, eventually};

/// The folder, and what stands for what.
pub struct Live {
    /// The folder.
    pub home: Home,
    swaps: Vec<(&'static str, String)>,
}

impl Live {
    /// `None` where the servers cannot be started.
    pub fn start() -> Option<Live> {
        let (blog, network) = (peers::wordpress()?, peers::bluesky_appview()?);
        let (acme, ana) = (network.account("acme"), network.account("ana"));
        let desk = blog.desk();
        speak(&blog, &desk, &acme, &ana);
        let home = Home::new().with("CM_ALLOW_PRIVATE", "1").with("TERM", "dumb");
        furnish(&home);
        let editor = format!(
            "#!/bin/sh\ncase $1 in blog.secret) echo '{}' ;; acme.secret) echo '{}' ;; esac > \"$1\"\n",
            desk.password, acme.password
        );
        let editor = home.write(".stubs/editor", editor).display().to_string();
        home.shell("chmod +x .stubs/editor").exits(0);
        let swaps = vec![
            ("https://blog.acme-roast.example", blog.url.clone()),
            ("https://bsky.social", network.url.clone()),
            ("acme-roast.bsky.social", acme.handle.clone()),
            ("\"ana\"", format!("\"{}\"", desk.name)),
        ];
        Some(Live { home: home.with("EDITOR", &editor), swaps })
    }

    /// A block as it is run here.
    pub fn text(&self, text: &str) -> String {
        self.swaps.iter().fold(text.to_owned(), |text, (said, meant)| text.replace(said, meant))
    }
}

/// What a morning finds.
fn speak(blog: &WordPress, desk: &User, acme: &Account, ana: &Account) {
    let post = blog.post_of(desk, "The winter roast");
    for (who, words) in
        [("Vera", "Does the winter roast ship to Norway?"), ("xx", "CHEAP WATCHES http://watches.example")]
    {
        assert_eq!(blog.visit(post, 0, who, words).status, 302);
    }
    ana.post(&Post::new(&format!("@{} is the winter roast good for filter?", acme.handle)).mention(acme));
    eventually("the mention", || (!acme.notifications().is_empty()).then_some(()));
}
