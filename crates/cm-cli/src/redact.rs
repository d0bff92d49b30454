//! What of an address may be shown.

/// `postgres://user:***@host/db`.
pub(crate) fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

/// The address of a webhook is its secret.
pub(crate) fn host_only(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            format!("{scheme}://{}/***", rest.split(['/', '?']).next().unwrap_or_default())
        }
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_paths_are_hidden() {
        assert_eq!(hide_password("postgres://u:pw@h/d"), "postgres://u:***@h/d");
        assert_eq!(hide_password("sqlite:a/b"), "sqlite:a/b");
        assert_eq!(host_only("https://h.example/T0/secret"), "https://h.example/***");
    }
}
