//! Manners that can be set: for all sources, for a host, for one source; what stands nearer to a source wins.
//! In: keys of `cm.toml` and of `[[source]]`. Out: `Manners`. Secrets are named here, never held.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Who can ask us to wait; those that settings may ignore have a name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// `Cache-Control: max-age`.
    CacheControl,
    /// `Expires`.
    Expires,
    /// `ttl` of the document.
    Ttl,
    /// `sy:update*` of the document.
    #[serde(rename = "sy_update")]
    Updates,
    /// `skipHours` of the document.
    SkipHours,
    /// `skipDays` of the document.
    SkipDays,
    /// `Retry-After`.
    RetryAfter,
    /// A used-up limit of requests (`RateLimit-Remaining: 0`).
    RateLimit,
    /// That trouble of one source holds back the others of its host.
    WholeHost,
    /// `interval` of the settings.
    Interval,
    /// `min_interval` of the settings, or of a host that is known to want it.
    MinInterval,
    /// The pause after a failure.
    Pause,
}

/// A length of time as people write it: `6h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length(pub(crate) TimeDelta);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        let text = String::deserialize(deserializer)?;
        cm_time::parse_duration(&text).map(Length).map_err(serde::de::Error::custom)
    }
}

/// What settings say of how to ask. Nothing said is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manners {
    /// In place of what the publisher says of freshness.
    pub(crate) interval: Option<TimeDelta>,
    /// At least so long between two requests.
    pub(crate) min_interval: Option<TimeDelta>,
    /// No publisher's hint of freshness lasts longer.
    pub(crate) max_interval: Option<TimeDelta>,
    /// Wishes that are not honoured.
    pub(crate) ignore: Vec<Rule>,
    /// `User-Agent`.
    pub(crate) user_agent: Option<String>,
    /// Further headers, which hold no secrets.
    pub(crate) headers: BTreeMap<String, String>,
    /// The proxy that carries it, `none` for none; without a password.
    pub(crate) proxy: Option<String>,
    /// Over HTTP/1.1 only.
    pub(crate) http1: bool,
    /// Credentials by reference.
    pub(crate) secrets: Secrets,
}

/// Where credentials are to be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// Of basic authentication; without one a password is a bearer token.
    pub(crate) user: Option<String>,
    /// A file with the password on its first line.
    pub(crate) password_file: Option<PathBuf>,
    /// A program that prints it.
    pub(crate) password_command: Option<Vec<String>>,
    /// A file with cookies: a `Cookie` header, or the format that browsers export.
    pub(crate) cookie_file: Option<PathBuf>,
    /// A file with headers, one a line.
    pub(crate) header_file: Option<PathBuf>,
    /// A file with a proxy's address, password and all.
    pub(crate) proxy_file: Option<PathBuf>,
}

impl Manners {
    /// These, and where they say nothing, those below. What is ignored or sent at either is.
    pub(crate) fn over(&self, below: &Manners) -> Manners {
        let mut headers = below.headers.clone();
        headers.retain(|name, _| self.headers.keys().all(|mine| !mine.eq_ignore_ascii_case(name)));
        headers.extend(self.headers.clone());
        let mut ignore = [&self.ignore[..], &below.ignore].concat();
        ignore.sort();
        ignore.dedup();
        let (own, other) = (&self.secrets, &below.secrets);
        let password = own.password_file.is_some() || own.password_command.is_some() || own.user.is_some();
        let credentials = if password { own } else { other };
        Manners {
            interval: self.interval.or(below.interval),
            min_interval: self.min_interval.or(below.min_interval),
            max_interval: self.max_interval.or(below.max_interval),
            ignore,
            user_agent: self.user_agent.clone().or_else(|| below.user_agent.clone()),
            headers,
            proxy: if own.proxy_file.is_some() {
                None
            } else {
                self.proxy.clone().or_else(|| below.proxy.clone())
            },
            http1: self.http1 || below.http1,
            secrets: Secrets {
                user: credentials.user.clone(),
                password_file: credentials.password_file.clone(),
                password_command: credentials.password_command.clone(),
                cookie_file: own.cookie_file.clone().or_else(|| other.cookie_file.clone()),
                header_file: own.header_file.clone().or_else(|| other.header_file.clone()),
                proxy_file: match self.proxy.is_some() {
                    true => None,
                    false => own.proxy_file.clone().or_else(|| other.proxy_file.clone()),
                },
            },
        }
    }

    /// With its paths relative to a folder, that of the file which names them.
    pub(crate) fn beside(mut self, folder: &Path) -> Manners {
        let secrets = &mut self.secrets;
        let files = [
            &mut secrets.password_file,
            &mut secrets.cookie_file,
            &mut secrets.header_file,
            &mut secrets.proxy_file,
        ];
        files.into_iter().flatten().for_each(|file| *file = folder.join(&*file));
        let program = secrets.password_command.iter_mut().flatten().next();
        if let Some(program) = program.filter(|program| program.contains('/')) {
            *program = folder.join(&*program).display().to_string();
        }
        self
    }

    /// What is wrong with it, if anything, before anybody is asked.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.secrets.password_file.is_some() && self.secrets.password_command.is_some() {
            return Err("give password_file or password_command, not both".to_owned());
        }
        if let Some(proxy) = self.proxy.as_deref().filter(|proxy| *proxy != "none") {
            if proxy.contains('@') {
                return Err("proxy: its password is a secret: give the address as proxy_file".to_owned());
            }
            cm_net::Proxy::parse(proxy).map_err(|why| format!("proxy: {why}"))?;
        }
        if self.min_interval > self.max_interval && self.max_interval.is_some() {
            return Err("min_interval is longer than max_interval".to_owned());
        }
        let own = |rule: &&Rule| matches!(rule, Rule::Interval | Rule::MinInterval | Rule::Pause);
        if self.ignore.iter().any(|rule| own(&rule)) {
            return Err("ignore: interval, min_interval and pause are no wishes of a publisher".to_owned());
        }
        self.headers.iter().try_for_each(|(name, value)| check_header(name, value))?;
        self.user_agent.iter().try_for_each(|agent| check_header("user-agent", agent))
    }
}

/// Headers of credentials: they are given by reference, never written into settings.
const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];
/// Headers that are the client's own affair.
const OURS: [&str; 9] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "upgrade",
    "accept-encoding",
    "if-none-match",
    "if-modified-since",
];

/// Whether a header may stand in settings; `Err` says why not.
fn check_header(name: &str, value: &str) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if SECRET.contains(&lower.as_str()) {
        return Err(format!(
            "headers: {name} is a secret: give it as cookie_file, header_file or password_file"
        ));
    }
    if OURS.contains(&lower.as_str()) {
        return Err(format!("headers: {name} is set by cm-fetch itself"));
    }
    header_line(name, value).map_err(|why| format!("headers: {why}"))
}

/// Whether a name and a value can stand in a request; the error does not repeat the value.
pub(crate) fn header_line(name: &str, value: &str) -> Result<(), String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!("{name:?} is no name of a header"));
    }
    match value.chars().any(|c| c.is_control() && c != '\t') {
        true => Err(format!("the value of {name} has a control character")),
        false => Ok(()),
    }
}

/// Keys that stand at several places, beside those that only one place has. `[fetch]` has no credentials: they would be
/// told to every host.
macro_rules! settings {
    (@secrets $this:tt) => { $crate::manners::Secrets::default() };
    (@secrets $this:tt $($secret:ident)+) => { $crate::manners::Secrets { $($secret: $this.$secret.clone(),)+ } };
    ($(#[$about:meta])* $name:ident { $($(#[$say:meta])* $key:ident: $type:ty,)* } $(secrets: $($secret:ident: $of:ty),*)?) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$say])* pub(crate) $key: $type,)*
            interval: Option<$crate::manners::Length>,
            min_interval: Option<$crate::manners::Length>,
            max_interval: Option<$crate::manners::Length>,
            ignore: Vec<$crate::manners::Rule>,
            user_agent: Option<String>,
            headers: std::collections::BTreeMap<String, String>,
            proxy: Option<String>,
            http1: bool,
            $($($secret: Option<$of>,)*)?
        }

        impl $name {
            /// What it says of how to ask; `Err` says what is wrong with that.
            pub(crate) fn manners(&self, folder: &std::path::Path) -> Result<$crate::manners::Manners, String> {
                let length = |length: &Option<$crate::manners::Length>| length.as_ref().map(|length| length.0);
                let manners = $crate::manners::Manners {
                    interval: length(&self.interval),
                    min_interval: length(&self.min_interval),
                    max_interval: length(&self.max_interval),
                    ignore: self.ignore.clone(),
                    user_agent: self.user_agent.clone(),
                    headers: self.headers.clone(),
                    proxy: self.proxy.clone(),
                    http1: self.http1,
                    secrets: $crate::manners::settings!(@secrets self $($($secret)*)?),
                };
                manners.check()?;
                Ok(manners.beside(folder))
            }
        }
    };
}
pub(crate) use settings;
