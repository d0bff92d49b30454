//! The one table of networks: what each is called, what it takes, how its two halves are opened.

use super::account::{Account, Means};
use super::{
    Publish, Read, bluesky, discourse, facebook, file, github, hackernews, lemmy, linkedin, mastodon, reddit,
    stackexchange, webhook, webmention, wordpress, x, youtube,
};
use crate::guard;
use url::Url;

/// Opens the publishing half; `Err` says what the account's settings lack. Opening asks nobody.
type OpenPublish = fn(&Account, &dyn Means) -> Result<Box<dyn Publish>, String>;
/// Opens the reading half, alike.
type OpenRead = fn(&Account, &dyn Means) -> Result<Box<dyn Read>, String>;

/// A network.
pub struct Network {
    /// What stands before the colon of an account's name.
    pub name: &'static str,
    /// What the settings of an account have to say, for a person.
    pub needs: &'static str,
    /// Where its API has fixed hosts, these: no secret is sent to another public one.
    pub hosts: &'static [&'static str],
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
        needs: "url, user and password_file (an app password)",
        hosts: &[],
        longest: Some(bluesky::LONGEST),
        private: false,
        open: false,
        publish: Some(bluesky::open_publish),
        read: Some(bluesky::open_read),
    },
    Network {
        name: "discourse",
        needs: "url, user and password_file (an API key)",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(discourse::open_read),
    },
    Network {
        name: "facebook",
        needs: "user (the page's number) and password_file (a page token)",
        hosts: &["graph.facebook.com"],
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(facebook::open_read),
    },
    Network {
        name: "file",
        needs: "path",
        hosts: &[],
        longest: None,
        private: true,
        open: false,
        publish: Some(file::open),
        read: None,
    },
    Network {
        name: "github",
        needs: "user and password_file (a token)",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(github::open_read),
    },
    Network {
        name: "hackernews",
        needs: "user",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(hackernews::open_read),
    },
    Network {
        name: "lemmy",
        needs: "url, user and password_file",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(lemmy::open_read),
    },
    Network {
        name: "linkedin",
        needs: "user (urn:li:organization:NUMBER) and password_file (a token)",
        hosts: &["api.linkedin.com"],
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(linkedin::open_read),
    },
    Network {
        name: "mastodon",
        needs: "url and password_file (an access token)",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(mastodon::open_read),
    },
    Network {
        name: "reddit",
        needs: "user and password_file (the token of the personal feeds), or client_id and password_file",
        hosts: &["oauth.reddit.com", "www.reddit.com"],
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(reddit::open_read),
    },
    Network {
        name: "stackexchange",
        needs: "password_file (a key), if any",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(stackexchange::open_read),
    },
    Network {
        name: "webhook",
        needs: "url",
        hosts: &[],
        longest: Some(webhook::LONGEST),
        private: true,
        open: false,
        publish: Some(webhook::open),
        read: None,
    },
    Network {
        name: "webmention",
        needs: "password_file (the API key of webmention.io)",
        hosts: &["webmention.io"],
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(webmention::open_read),
    },
    Network {
        name: "wordpress",
        needs: "url, user and password_file (an application password)",
        hosts: &[],
        longest: None,
        private: false,
        open: false,
        publish: Some(wordpress::publisher),
        read: Some(wordpress::reader),
    },
    Network {
        name: "wordpress.com",
        needs: "url, and password_file (a token) for what is not public",
        hosts: &[],
        longest: None,
        private: false,
        open: true,
        publish: None,
        read: Some(wordpress::com_reader),
    },
    Network {
        name: "x",
        needs: "user (the handle) and password_file (a bearer token)",
        hosts: &["api.x.com"],
        longest: None,
        private: false,
        open: false,
        publish: None,
        read: Some(x::open_read),
    },
    Network {
        name: "youtube",
        needs: "user (the channel's id) and password_file (an API key)",
        hosts: &["www.googleapis.com"],
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

impl Network {
    /// Whether an account's address may be asked: that of a fixed API is its own, or one of this machine or network for a
    /// rehearsal, which the guard lets through by `--allow-private` alone.
    pub fn may_be_at(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default();
        if self.hosts.is_empty() || self.hosts.contains(&host) || guard::check(url).is_err() {
            return Ok(());
        }
        let hosts = self.hosts.join(" or ");
        Err(format!(
            "its API is at https://{hosts}, and no secret of it is sent to {host}: leave the url out"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_to_the_hosts_of_its_api_alone() {
        let may = |account: &str, url: &str| network(account).unwrap().may_be_at(&url.parse().unwrap());
        assert!(may("x:acme", "https://x.com").unwrap_err().contains("https://api.x.com"));
        assert!(may("reddit:acme", "https://evil.example/").is_err());
        for (account, url) in [
            ("x:acme", "https://api.x.com/"),
            ("x:acme", "http://127.0.0.1:8080/"),
            ("github:acme", "https://git.acme.example/api/v3"),
            ("mastodon:acme", "https://social.example"),
        ] {
            assert_eq!(may(account, url), Ok(()), "{account} {url}");
        }
    }
}
