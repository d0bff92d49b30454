//! An account as a person writes it into cm.toml, its secret in a file that nobody else can read.

use crate::Home;
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;

/// What a tool needs to act as somebody somewhere.
#[derive(Clone, Debug)]
pub struct Login {
    /// `wordpress:blog`.
    pub account: String,
    /// The address of the server.
    pub url: String,
    /// The name to log in with.
    pub user: String,
    /// The password.
    pub secret: String,
    more: String,
}

impl Login {
    /// All that an account needs.
    pub fn new(account: &str, url: &str, user: &str, secret: &str) -> Login {
        let owned = str::to_owned;
        Login {
            account: owned(account),
            url: owned(url),
            user: owned(user),
            secret: owned(secret),
            more: String::new(),
        }
    }

    /// With a further line in its section, `min_gap = "45m"`.
    pub fn with(mut self, line: &str) -> Login {
        let _ = writeln!(self.more, "{line}");
        self
    }
}

impl Home {
    /// A home whose cm.toml has these accounts, a store beside it and Greenwich time, and where loopback may be talked to.
    /// `more` are further lines of the file: single keys first, sections after them.
    pub fn with_accounts(logins: &[Login], more: &str) -> Home {
        let home = Home::new().with("CM_ALLOW_PRIVATE", "1");
        let mut file = format!("store = \"sqlite:cm.db\"\ntime_zone = \"UTC\"\n{more}\n");
        for (n, login) in logins.iter().enumerate() {
            let secret = home.write(&format!("secret-{n}"), format!("{}\n", login.secret));
            std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
            let Login { account, url, user, more, .. } = login;
            let _ = writeln!(
                file,
                "[accounts.\"{account}\"]\nurl = \"{url}\"\nuser = \"{user}\"\npassword_file = \"secret-{n}\"\n{more}"
            );
        }
        home.write("cm.toml", file);
        home
    }
}
