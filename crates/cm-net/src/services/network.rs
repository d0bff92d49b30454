//! The one table of networks: what each is called, what it takes, how its two halves are opened.

use super::account::{Account, Means};
use super::{
    Publish, Read, bluesky, discourse, facebook, file, github, hackernews, lemmy, linkedin, mastodon, reddit,
    stackexchange, webhook, webmention, wordpress, x, youtube,
};

/// Opens the publishing half; `Err` says what the account's settings lack. Opening asks nobody.
type OpenPublish = fn(&Account, &dyn Means) -> Result<Box<dyn Publish>, String>;
/// Opens the reading half, alike.
type OpenRead = fn(&Account, &dyn Means) -> Result<Box<dyn Read>, String>;

/// A network.
pub struct Network {
    /// What stands before the colon of an account's name.
    pub name: &'static str,
    /// The longest text that it takes, in graphemes, where that is known. `Publish::freeze` is who refuses longer ones.
    pub longest: Option<usize>,
    /// What is sent there is told whom it is for (`_cm.audience`) and not shown to everybody by the network itself.
    pub private: bool,
    /// It can be read without an account: any name of it is one that asks as nobody.
    pub open: bool,
    /// Its publishing half.
    pub publish: Option<OpenPublish>,
    /// Its reading half.
    pub read: Option<OpenRead>,
}

/// Every network that is known.
pub const NETWORKS: &[Network] = &[
    Network {
        name: "bluesky",
        longest: Some(bluesky::LONGEST),
        private: false,
        open: false,
        publish: Some(bluesky::open_publish),
        read: Some(bluesky::open_read),
    },
    Network {
        name: "discourse",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(discourse::open_read),
    },
    Network {
        name: "facebook",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(facebook::open_read),
    },
    Network {
        name: "file",
        longest: None,
        private: true,
        open: false,
        publish: Some(file::open),
        read: None,
    },
    Network {
        name: "github",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(github::open_read),
    },
    Network {
        name: "hackernews",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(hackernews::open_read),
    },
    Network {
        name: "lemmy",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(lemmy::open_read),
    },
    Network {
        name: "linkedin",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(linkedin::open_read),
    },
    Network {
        name: "mastodon",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(mastodon::open_read),
    },
    Network {
        name: "reddit",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(reddit::open_read),
    },
    Network {
        name: "stackexchange",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(stackexchange::open_read),
    },
    Network {
        name: "webhook",
        longest: Some(webhook::LONGEST),
        private: true,
        open: false,
        publish: Some(webhook::open),
        read: None,
    },
    Network {
        name: "webmention",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(webmention::open_read),
    },
    Network {
        name: "wordpress",
        longest: None,
        private: false,
        open: false,
        publish: Some(wordpress::publisher),
        read: Some(wordpress::reader),
    },
    Network {
        name: "wordpress.com",
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(wordpress::com_reader),
    },
    Network {
        name: "x",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(x::open_read),
    },
    Network {
        name: "youtube",
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(youtube::open_read),
    },
];

/// The network of an account's name (`wordpress:blog`).
pub fn network(account: &str) -> Option<&'static Network> {
    let (name, _) = account.split_once(':')?;
    NETWORKS.iter().find(|network| network.name == name)
}
