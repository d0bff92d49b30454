//! `[shorteners."KIND:NAME"]` of the configuration: the other shorteners that links may be made with.

use cm_cli::{Failure, SecretSource, Session, nearest};
use cm_net::services::Password;
use cm_net::shorteners;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an answer is waited for, and how long limits and outages are waited for altogether, unless said otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_WAIT: Duration = Duration::from_secs(600);
/// Of neither can more be asked.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Kinds that need no secret and so no configuration.
const OPEN: [&str; 2] = ["is.gd", "v.gd"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    url: Option<String>,
    user: Option<String>,
    domain: Option<String>,
    group: Option<String>,
    password_file: Option<String>,
    password_command: Option<Vec<String>>,
    timeout: Option<String>,
    max_wait: Option<String>,
}

/// An account with its bounds.
#[derive(Clone, Debug)]
pub struct Account {
    /// As cm-net knows it.
    pub account: shorteners::Account,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long limits and outages are waited for in a run, altogether.
    pub max_wait: Duration,
}

/// Checks a name given to `--backend`; the error lists what there is.
pub fn check_name(name: &str) -> Result<(), String> {
    let kinds: Vec<&str> = shorteners::kinds().collect();
    let known = || format!("embedded, none, or KIND:NAME of {}", kinds.join(", "));
    let Some((kind, rest)) = name.split_once(':') else {
        return Err(match kinds.contains(&name) {
            true => format!("which one? Write {name}:NAME, as in [shorteners.\"{name}:NAME\"]"),
            false => format!("unknown: use {}", known()),
        });
    };
    match kinds.contains(&kind) {
        _ if rest.is_empty() => Err(format!("a name is missing: {kind}:NAME")),
        true => Ok(()),
        false => {
            let near =
                nearest(kind, &kinds).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            Err(format!("{kind:?} is no shorteners' kind: use {}{near}", known()))
        }
    }
}

/// All that are configured, by name.
pub fn all(session: &Session) -> anyhow::Result<BTreeMap<String, Account>> {
    let tables = session.config().tables::<Section>("shorteners")?;
    let read = |(name, (section, origin)): (String, (Section, cm_cli::Origin))| {
        check_name(&name)
            .map_err(|why| Failure::config(format!("{origin}: [shorteners.{name:?}]: {why}")))?;
        let source = SecretSource::read(&name, &origin, section.password_file, section.password_command)?;
        let length = |key: &str, text: Option<&str>, usual| {
            length(text, usual).map_err(|why| Failure::config(format!("{origin}: {name}: {key}: {why}")))
        };
        let timeout = length("timeout", section.timeout.as_deref(), TIMEOUT)?;
        let max_wait = length("max_wait", section.max_wait.as_deref(), MAX_WAIT)?;
        let password = source.is_given().then(|| {
            Password::new(move || match source.ask() {
                Ok(secret) => Ok(secret.expose().to_owned()),
                Err(failure) => Err(failure.message),
            })
        });
        let account = shorteners::Account {
            name: name.clone(),
            url: section.url,
            user: section.user,
            domain: section.domain.map(|domain| bare(&domain)),
            group: section.group,
            password,
        };
        Ok((name, Account { account, timeout, max_wait }))
    };
    tables.into_iter().map(read).collect()
}

/// The one of that name.
pub fn named(session: &Session, name: &str) -> anyhow::Result<Account> {
    let mut all = all(session)?;
    if let Some(account) = all.remove(name) {
        return Ok(account);
    }
    let kind = name.split_once(':').map_or(name, |(kind, _)| kind);
    if OPEN.contains(&kind) {
        let (url, user, domain, group, password) = (None, None, None, None, None);
        let account = shorteners::Account { name: name.to_owned(), url, user, domain, group, password };
        return Ok(Account { account, timeout: TIMEOUT, max_wait: MAX_WAIT });
    }
    let known: Vec<&str> = all.keys().map(String::as_str).collect();
    let known = if known.is_empty() {
        "there is none".to_owned()
    } else {
        format!("configured: {}", known.join(", "))
    };
    Err(Failure::config(format!("no [shorteners.{name:?}] in the configuration ({known})")).into())
}

/// A host, also when it was written as an address.
fn bare(domain: &str) -> String {
    let host = domain.split_once("://").map_or(domain, |(_, host)| host);
    host.trim_end_matches('/').to_ascii_lowercase()
}

fn length(text: Option<&str>, usual: Duration) -> Result<Duration, String> {
    let Some(text) = text else { return Ok(usual) };
    let length = cm_time::parse_duration(text).map_err(|e| e.to_string())?.to_std();
    length.ok().filter(|length| *length <= LONGEST).ok_or_else(|| format!("{text:?} is more than a day"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kind_and_name() {
        for good in ["yourls:blog", "is.gd:x", "bitly:acme"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        assert!(check_name("yourls").unwrap_err().contains("yourls:NAME"));
        assert!(check_name("yuorls:x").unwrap_err().ends_with("did you mean yourls?"));
        assert!(check_name("yourls:").is_err() && check_name("x").is_err());
    }

    #[test]
    fn domains_are_hosts() {
        assert_eq!(bare("https://Go.Acme.example/"), "go.acme.example");
        assert_eq!(bare("go.acme.example:8443"), "go.acme.example:8443");
    }
}
