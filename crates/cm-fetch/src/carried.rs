//! What a request for a source carries beside the usual: headers, cookies and credentials. In: manners. Out: lines of a
//! request. Secrets are read from where the settings say when a source is asked, and held no longer than its request.

use crate::manners::{Manners, Secrets, header_line};
use chrono::{DateTime, Utc};
use cm_cli::Secret;
use cm_net::{Proxy, Request, Via};
use std::path::Path;
use url::Url;

/// What a request carries; it has no Debug, as it holds secrets.
#[derive(Default)]
pub(crate) struct Carried {
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The same, which only the host itself is told.
    pub(crate) secrets: Vec<(String, String)>,
    /// Who carries it.
    pub(crate) via: Via,
    /// Over HTTP/1.1 only.
    pub(crate) http1: bool,
}

impl Carried {
    /// Whether it has a secret of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.secrets.iter().any(|(known, _)| known == name)
    }

    /// Puts it on a request.
    pub(crate) fn put_on(&self, request: Request) -> Request {
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let told =
            |request: Request, (name, value): &(String, String)| request.secret(name, value.clone().into());
        let mut request = self.secrets.iter().fold(request, told).via(self.via.clone());
        request.http1 |= self.http1;
        request
    }
}

/// Reads what is to be carried to an address. May run a program; `Err` is one line that repeats no secret.
pub(crate) fn carried(manners: &Manners, url: &Url, now: DateTime<Utc>) -> Result<Carried, String> {
    let mut headers: Vec<(String, String)> = Vec::new();
    headers.extend(manners.user_agent.iter().map(|agent| ("user-agent".to_owned(), agent.clone())));
    headers.extend(manners.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())));
    let files = &manners.secrets;
    let mut secrets = files.header_file.as_deref().map_or(Ok(Vec::new()), lines)?;
    if let Some(file) = &files.cookie_file {
        let cookies = cookies(whole("cookie_file", file)?.expose(), url, now);
        header_line("cookie", &cookies).map_err(|why| format!("cookie_file {}: {why}", file.display()))?;
        secrets.extend(Some(cookies).filter(|all| !all.is_empty()).map(|all| ("cookie".to_owned(), all)));
    }
    secrets.extend(authorization(files)?.map(|value| ("authorization".to_owned(), value)));
    Ok(Carried { headers, secrets, via: via(manners)?, http1: manners.http1 })
}

fn whole(key: &str, file: &Path) -> Result<Secret, String> {
    Secret::from_whole_file(key, file).map_err(|failure| failure.message)
}

/// The headers of a file, one a line; `#` begins a comment.
fn lines(file: &Path) -> Result<Vec<(String, String)>, String> {
    let text = whole("header_file", file)?;
    let wrong = |why: &str| format!("header_file {}: {why}", file.display());
    let lines = text.expose().lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) =
                line.split_once(':').ok_or_else(|| wrong("a line without \"Name: value\""))?;
            header_line(name.trim(), value.trim()).map_err(|why| wrong(&why))?;
            Ok((name.trim().to_lowercase(), value.trim().to_owned()))
        })
        .collect()
}

/// A proxy of its own, `none`, or that of the environment.
fn via(manners: &Manners) -> Result<Via, String> {
    let secret = manners.secrets.proxy_file.as_deref().map(|file| whole("proxy_file", file)).transpose()?;
    let named = secret.as_ref().and_then(|text| text.expose().lines().next()).or(manners.proxy.as_deref());
    match named {
        None => Ok(Via::Environment),
        Some("none") => Ok(Via::Direct),
        Some(proxy) => Proxy::parse(proxy).map(Via::Proxy).map_err(|why| format!("proxy: {why}")),
    }
}

/// Basic with a user, bearer without.
fn authorization(secrets: &Secrets) -> Result<Option<String>, String> {
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
        let all = |manners: &Manners| {
            carried(manners, &url("https://a.example/"), now()).map(|it| [it.headers, it.secrets].concat())
        };
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
