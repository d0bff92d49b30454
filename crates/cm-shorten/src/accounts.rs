//! The accounts that links are for: of the form NETWORK:NAME, and hardly one that the configuration does not know while it
//! knows others of that network. In: what was written. Out: an error, or a warning.

use crate::settings::Settings;
use cm_cli::{Failure, Session, nearest};

/// Checks the accounts of `--for`, and tells of those, and of those that templates are for, that look misspelt.
pub fn check(given: &[String], settings: &Settings, session: &Session) -> anyhow::Result<()> {
    if let Some(wrong) = given.iter().find(|account| !is_account(account)) {
        let message =
            format!("--for: {wrong:?} is not an account: write NETWORK:NAME, such as mastodon:acme");
        return Err(Failure::usage(message).into());
    }
    let templates = settings.templates.iter();
    let channels = templates.flat_map(|(name, template)| {
        template.channels().iter().map(move |channel| (format!("[utm.{name}] for"), channel))
    });
    let all = given.iter().map(|account| ("--for".to_owned(), account)).chain(channels);
    let mut named = all.filter(|(_, account)| is_account(account)).peekable();
    if named.peek().is_none() {
        return Ok(());
    }
    let accounts = session.accounts()?;
    let known: Vec<&str> = accounts.keys().map(String::as_str).collect();
    for (place, account) in named {
        if let Some(hint) = stranger(account, &known) {
            session.warn(
                "account",
                format_args!("{place}: {account} is no account of the configuration ({hint})"),
            );
        }
    }
    Ok(())
}

/// Whether a text is of the form of an account, `mastodon:acme`.
pub fn is_account(text: &str) -> bool {
    text.split_once(':').is_some_and(|(network, name)| is_name(network) && is_name(name))
}

/// Whether a text is an account or a network, as templates name them.
pub fn is_channel(text: &str) -> bool {
    is_account(text) || is_name(text) && !text.contains(':')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',')
}

/// What was meant by an account that is not among those known, though others of its network are.
fn stranger(account: &str, known: &[&str]) -> Option<String> {
    let (network, name) = account.split_once(':')?;
    let pairs = known.iter().filter_map(|other| other.split_once(':'));
    let names: Vec<&str> = pairs.filter(|(theirs, _)| *theirs == network).map(|(_, name)| name).collect();
    if names.contains(&name) {
        return None;
    }
    if names.is_empty() {
        // Of networks of which none is configured only what looks like a slip of the fingers.
        let near = nearest(account, known)?;
        let network_near = near.split_once(':').map_or(near, |(theirs, _)| theirs);
        let is_slip = nearest(network, &[network_near]).is_some();
        return is_slip.then(|| format!("did you mean {near}?"));
    }
    Some(match nearest(name, &names) {
        Some(near) => format!("did you mean {network}:{near}?"),
        None => format!("known of {network}: {}", names.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_networks_are_words() {
        assert!(["bluesky", "bluesky:acme", "webhook:a:b"].iter().all(|text| is_channel(text)));
        let wrong = ["", "bluesky acme", "bluesky:", ":acme", "bluesky: acme", "bluesky,mastodon"];
        assert!(!wrong.iter().any(|text| is_channel(text)));
        assert!(!is_account("bluesky"));
    }

    #[test]
    fn an_account_is_a_stranger_where_others_of_its_network_are_known() {
        let known = ["bluesky:acme", "bluesky:shop", "mastodon:acme"];
        assert_eq!(stranger("bluesky:acem", &known).as_deref(), Some("did you mean bluesky:acme?"));
        assert_eq!(stranger("bluesky:acme", &known), None);
        assert_eq!(stranger("newsletter:acme", &known), None, "a network that needs no account");
        assert_eq!(stranger("blusky:acme", &known).as_deref(), Some("did you mean bluesky:acme?"));
        assert_eq!(stranger("x:acme", &known), None);
        let far = stranger("mastodon:somebody-else", &known);
        assert_eq!(far.as_deref(), Some("known of mastodon: acme"));
    }
}
