//! What of an address may be shown.

/// `postgres://user:***@host/db`, and `?password=***`, as libpq has it.
pub(crate) fn hide_password(url: &str) -> String {
    let url = match url.split_once("password=") {
        Some((before, after)) => {
            let end = after.find(['&', '"', '\'']).unwrap_or(after.len());
            format!("{before}password=***{}", &after[end..])
        }
        None => url.to_owned(),
    };
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

/// The address of a webhook is its secret.
pub(crate) fn host_only(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            format!("{scheme}://{}/***", authority.rsplit('@').next().unwrap_or_default())
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
        assert_eq!(hide_password("postgres://h/d?password=pw&x=1"), "postgres://h/d?password=***&x=1");
        assert_eq!(hide_password("sqlite:a/b"), "sqlite:a/b");
        assert_eq!(host_only("https://h.example/T0/secret"), "https://h.example/***");
        assert_eq!(host_only("https://u:pw@h.example?secret"), "https://h.example/***");
    }
}
