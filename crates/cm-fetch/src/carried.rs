//! What a request for a source carries beside the usual: headers, cookies and credentials. In: manners. Out: lines of a
//! request. Secrets are read from where the settings say when a source is asked, and held no longer than its request.

use crate::manners::{Manners, header_line};
use chrono::{DateTime, Utc};
use cm_cli::Secret;
use url::Url;

/// Names and values; it has no Debug, as values may be secrets.
pub(crate) struct Carried(pub(crate) Vec<(String, String)>);

/// Reads what is to be carried to an address. May run a program; `Err` is one line that repeats no secret.
pub(crate) fn carried(manners: &Manners, url: &Url, now: DateTime<Utc>) -> Result<Carried, String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    lines.extend(manners.user_agent.iter().map(|agent| ("user-agent".to_owned(), agent.clone())));
    lines.extend(manners.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())));
    let secrets = &manners.secrets;
    if let Some(file) = &secrets.header_file {
        let text = Secret::from_whole_file("header_file", file).map_err(|failure| failure.message)?;
        for line in text.expose().lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let Some((name, value)) = line.split_once(':') else {
                return Err(format!("header_file {}: a line without \"Name: value\"", file.display()));
            };
            header_line(name.trim(), value.trim())
                .map_err(|why| format!("header_file {}: {why}", file.display()))?;
            lines.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    if let Some(file) = &secrets.cookie_file {
        let text = Secret::from_whole_file("cookie_file", file).map_err(|failure| failure.message)?;
        let cookies = cookies(text.expose(), url, now);
        header_line("cookie", &cookies).map_err(|why| format!("cookie_file {}: {why}", file.display()))?;
        lines.extend(
            Some(cookies).filter(|cookies| !cookies.is_empty()).map(|all| ("cookie".to_owned(), all)),
        );
    }
    lines.extend(authorization(manners)?.map(|value| ("authorization".to_owned(), value)));
    Ok(Carried(lines))
}

/// Basic with a user, bearer without.
fn authorization(manners: &Manners) -> Result<Option<String>, String> {
    let secrets = &manners.secrets;
    let password = match (&secrets.password_file, &secrets.password_command) {
        (Some(file), _) => Secret::from_file(file).map_err(|failure| failure.message)?,
        (None, Some(argv)) => Secret::from_command(argv).map_err(|failure| failure.message)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(match &secrets.user {
        Some(user) => format!("Basic {}", base64(format!("{user}:{}", password.expose()).as_bytes())),
        None => format!("Bearer {}", password.expose()),
    }))
}

/// The cookies for an address: of a file as browsers export it (`cookies.txt` of Netscape: domain, flag, path, secure,
/// expiry, name, value, parted by tabs) those that belong there and have not expired; else the first line as it stands.
fn cookies(text: &str, url: &Url, now: DateTime<Utc>) -> String {
    let lines = || text.lines().map(|line| line.strip_prefix("#HttpOnly_").unwrap_or(line));
    let rows: Vec<Vec<&str>> = lines().map(|line| line.split('\t').collect()).collect();
    let rows = || rows.iter().filter(|row| row.len() == 7 && !row.iter().any(|cell| cell.starts_with('#')));
    if rows().next().is_none() {
        return text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or_default()
            .to_owned();
    }
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let here = |row: &&Vec<&str>| {
        let domain = row[0].trim_start_matches('.').to_ascii_lowercase();
        let under = host
            .strip_suffix(&domain)
            .is_some_and(|before| before.is_empty() || (before.ends_with('.') && row[1] == "TRUE"));
        let path = url
            .path()
            .strip_prefix(row[2])
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || row[2].ends_with('/'));
        let expiry: i64 = row[4].parse().unwrap_or(0);
        under
            && path
            && (row[3] != "TRUE" || url.scheme() == "https")
            && (expiry == 0 || expiry > now.timestamp())
    };
    rows().filter(here).map(|row| format!("{}={}", row[5], row[6])).collect::<Vec<_>>().join("; ")
}

/// RFC 4648, 4.
fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn now() -> DateTime<Utc> {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let jar = "# Netscape HTTP Cookie File\n.a.example\tTRUE\t/\tFALSE\t0\tall\t1\n#HttpOnly_a.example\tFALSE\t/feed\tTRUE\t1900000000\tsafe\t2\na.example\tFALSE\t/\tFALSE\t1000000000\told\t3\nb.example\tTRUE\t/\tFALSE\t0\tother\t4\n";
        let sent = |text: &str| cookies(jar, &url(text), now());
        assert_eq!(sent("https://a.example/feed/x"), "all=1; safe=2");
        assert_eq!(sent("http://a.example/feed"), "all=1");
        assert_eq!(sent("https://www.a.example/feed"), "all=1");
        assert_eq!(sent("https://a.example/feeds"), "all=1");
        assert_eq!(sent("https://nota.example/"), "");
        assert_eq!(cookies("# mine\n a=1; b=2 \n", &url("https://x.example/"), now()), "a=1; b=2");
    }

    fn private(dir: &Path, name: &str, text: &str) -> std::path::PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    #[test]
    fn secrets_are_read_and_never_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut manners = Manners { user_agent: Some("me".into()), ..Manners::default() };
        manners.secrets.password_file = Some(private(dir.path(), "pw", "hunter2\n"));
        manners.secrets.header_file = Some(private(dir.path(), "headers", "# mine\nX-Token: t0k\n\n"));
        manners.secrets.cookie_file = Some(private(dir.path(), "jar", "a=1\n"));
        let all =
            |manners: &Manners| carried(manners, &url("https://a.example/"), now()).map(|carried| carried.0);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let bearer = [
            pair("user-agent", "me"),
            pair("x-token", "t0k"),
            pair("cookie", "a=1"),
            pair("authorization", "Bearer hunter2"),
        ];
        assert_eq!(all(&manners).unwrap(), bearer);
        manners.secrets.user = Some("ana".into());
        assert_eq!(all(&manners).unwrap()[3].1, "Basic YW5hOmh1bnRlcjI=");
        manners.secrets.header_file = Some(private(dir.path(), "headers", "hunter2"));
        let why = all(&manners).unwrap_err();
        assert!(why.contains("without \"Name: value\"") && !why.contains("hunter2"), "{why}");
        std::fs::set_permissions(dir.path().join("pw"), std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .unwrap();
        manners.secrets.header_file = None;
        assert!(all(&manners).unwrap_err().contains("chmod 600"));
    }
}
