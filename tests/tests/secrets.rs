//! Planted secrets: distinctive passwords and the sessions made with them are looked for, after a day's commands at the
//! highest verbosity, in everything printed and in every file. Servers that echo what they were sent, that lead
//! elsewhere, and that refuse are fakes (assumed: any server may); WordPress and Bluesky are real.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::peers::{self, unique};
use cm_tests::{Answer, Asked, Done, Home, Login, Server, TOOLS};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Where the store is, two new folders deep.
const STORE: &str = "state/cm/cm.db";

/// What a password looks like on its way.
fn shapes(user: &str, secret: &str) -> Vec<String> {
    let bare: String = secret.split_whitespace().collect();
    let plain = [secret.to_owned(), bare, secret.replace(' ', "%20"), secret.replace(' ', "+")];
    let pairs = plain.iter().flat_map(|secret| [base64(secret), base64(&format!("{user}:{secret}"))]);
    pairs.chain(plain.clone()).map(|shape| shape.trim_end_matches('=').to_owned()).collect()
}

/// By coreutils, so that what is looked for is not made by what is tested.
fn base64(text: &str) -> String {
    let done = Home::new().shell(&format!("printf %s '{text}' | base64 -w0")).exits(0);
    done.text()
}

/// How a server may refuse, in turn.
const REFUSALS: [&str; 4] =
    ["403 Forbidden", "401 Unauthorized", "400 Bad Request", "500 Internal Server Error"];
static TURN: AtomicUsize = AtomicUsize::new(0);

/// Says back all that it was sent, in a body and in headers, and refuses.
fn echo(asked: &Asked) -> Answer {
    let said = asked.headers.iter().map(|line| line.replace('"', "'")).collect::<Vec<_>>().join(" | ");
    let body = String::from_utf8_lossy(&asked.body).replace('"', "'");
    let words = format!("{body} {said} {}", asked.line);
    let json = format!(r#"{{"code":"echo","error":"Echo","message":"{words}","data":{{"status":403}}}}"#);
    let mut answer = Answer::ok("application/json", json);
    answer.headers.push(format!("X-Echo: {said}"));
    // The API is there, so that the password is sent; nobody is let in.
    let is_index = asked.target().trim_end_matches('/').ends_with("wp-json") || asked.target() == "/";
    if is_index {
        answer = Answer::ok("application/json", r#"{"name":"Echo","namespaces":["wp/v2"]}"#);
        answer.headers.push("Link: </wp-json/>; rel=\"https://api.w.org/\"".to_owned());
    } else {
        let turn = TURN.fetch_add(1, Ordering::Relaxed) % REFUSALS.len();
        answer.status = REFUSALS[turn];
    }
    answer
}

/// Leads everything to another host.
fn away(to: String) -> impl Fn(&Asked) -> Answer + Send + Sync {
    move |asked| {
        let mut answer = Answer::status("307 Temporary Redirect");
        answer.headers.push(format!("Location: {to}{}", asked.target().trim_start_matches('/')));
        answer
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// JSON web tokens in a store's bytes.
fn tokens(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
    let runs = text.split(ends).filter_map(|run| run.find("eyJ").map(|at| run[at..].to_owned()));
    runs.filter(|run| run.len() > 60 && run.matches('.').count() == 2).collect()
}

/// What the day's commands said, each with its command.
#[derive(Default)]
struct Heard(Vec<(String, String)>);

impl Heard {
    fn hear(&mut self, home: &Home, script: &str) -> Done {
        let done = home.shell(&format!("umask 000; set +eo pipefail; {script}"));
        self.0.push((script.to_owned(), format!("{}\n{}", done.text(), done.stderr)));
        done
    }

    /// Nothing that was said holds any of these.
    fn holds_none(&self, secrets: &[String]) {
        for (script, said) in &self.0 {
            for secret in secrets {
                assert!(!said.contains(secret), "{script}\nsays {secret}:\n{said}");
            }
        }
    }
}

/// An hour at the desk, and everything that can be asked of the accounts.
fn day(home: &Home, sources: &str) -> Heard {
    let mut heard = Heard::default();
    for errors in ["text", "json"] {
        let loud = format!("-vv --errors {errors}");
        heard.hear(home, &format!("cm-fetch {loud} {sources}"));
        heard.hear(home, &format!("cm-fetch {loud} --new --force --archive archive {sources} | tee items.jsonl | cm-inbox {loud}"));
        heard.hear(home, &format!("cm-fetch {loud} health; cm-inbox {loud} list; cm-inbox {loud} show 1"));
        for account in [
            "wordpress:blog",
            "bluesky:acme",
            "wordpress:echo",
            "bluesky:echo",
            "wordpress:away",
            "bluesky:away",
            "wordpress:wrong",
            "bluesky:wrong",
            "webhook:hook",
        ] {
            let add = format!("cm-schedule {loud} add -m 'Hello from {account} {errors}' --to {account}");
            heard.hear(home, &format!("{add} --dry-run; {add} --now"));
        }
        for step in ["reply 1 -m 'Yes.'", "approve 1", "like 1"] {
            heard.hear(home, &format!("cm-inbox {loud} {step} > draft.jsonl"));
            heard.hear(home, &format!("cm-schedule {loud} add --dry-run draft.jsonl; cm-schedule {loud} add --now draft.jsonl | cm-inbox {loud}"));
        }
        heard.hear(home, &format!("cm-schedule {loud} accounts; cm-schedule {loud} accounts --check"));
        heard.hear(
            home,
            &format!("cm-schedule {loud} list; cm-schedule {loud} history; cm-schedule {loud} publish"),
        );
        heard.hear(home, "cm-schedule list | jq -r .id | xargs -rn1 cm-schedule show");
        heard.hear(home, &format!("cm-report {loud}; cm-report -o page.html; cm-report --format json"));
    }
    for tool in TOOLS {
        heard.hear(home, &format!("{tool} --show-config; {tool} --help"));
    }
    heard
}

type Modes = Arc<Mutex<BTreeMap<String, u32>>>;

/// Echoes, and notes the modes of the locks that it sees in a folder: while somebody logs in, one is held.
fn watcher(folder: Arc<Mutex<PathBuf>>, modes: Modes) -> Server {
    Server::start(move |asked| {
        for file in files(&folder.lock().unwrap()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if let (true, Ok(meta)) = (name.ends_with(".lock"), std::fs::metadata(&file)) {
                modes.lock().unwrap().insert(name, meta.permissions().mode() & 0o777);
            }
        }
        echo(asked)
    })
}

/// Accounts on servers that echo, that lead elsewhere and, where they can be started, that are real: with the right
/// password and with another.
fn logins(echoing: &Server, leading: &Server) -> Vec<Login> {
    let secret = |name: &str| format!("{} {} {}", unique("pl4nt"), unique(name), unique("s3cr"));
    let mut logins = vec![
        Login::new("wordpress:echo", &echoing.url(""), "ana", &secret("we")),
        Login::new("bluesky:echo", &echoing.url(""), "ana.test", &secret("be")),
        Login::new("wordpress:away", &leading.url(""), "ana", &secret("wa")),
        Login::new("bluesky:away", &leading.url(""), "ana.test", &secret("ba")),
    ];
    if let Some(blog) = peers::wordpress() {
        blog.comment(&peers::Said::new(blog.post("Secrets"), "Vera", "Does it ship?"));
        logins.push(blog.login("wordpress:blog"));
        logins.push(Login::new("wordpress:wrong", &blog.url, &blog.admin.name, &secret("ww")));
    }
    if let Some(network) = peers::bluesky() {
        let acme = network.account("acme");
        logins.push(acme.login("bluesky:acme"));
        logins.push(Login::new("bluesky:wrong", &network.url, &acme.handle, &secret("bw")));
    }
    logins
}

#[test]
fn planted_secrets_are_nowhere_but_where_they_belong() {
    let (modes, place) = (Modes::default(), Arc::new(Mutex::new(PathBuf::new())));
    let echoing = watcher(Arc::clone(&place), Arc::clone(&modes));
    let elsewhere = Server::start(echo);
    let leading = Server::start(away(elsewhere.url("").replace("127.0.0.1", "localhost")));
    let logins = logins(&echoing, &leading);
    // The address of a hook is its secret.
    let hook = unique("h00k");
    let section = format!("[accounts.\"webhook:hook\"]\nurl = \"{}\"", echoing.url(&format!("hooks/{hook}")));
    let home = Home::with_accounts(&logins, &section).with("CM_STORE", &format!("sqlite:{STORE}"));
    *place.lock().unwrap() = home.path("state");
    let sources: Vec<String> = logins
        .iter()
        .flat_map(|login| match login.account.split_once(':').unwrap().0 {
            "wordpress" => ["comments", "held"].map(|what| format!("{}/{what}", login.account)),
            _ => ["posts", "mentions"].map(|what| format!("{}/{what}", login.account)),
        })
        .collect();
    let heard = day(&home, &sources.join(" "));

    let passwords: Vec<String> = logins.iter().flat_map(|login| shapes(&login.user, &login.secret)).collect();
    let mut kept = Vec::new();
    for file in files(&home.path("state")) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        kept.extend(tokens(&std::fs::read(&file).unwrap()));
    }
    for folder in [home.path("state"), home.path("state/cm")] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    let has_session = logins.iter().any(|login| login.account == "bluesky:acme");
    assert_eq!(kept.len() >= 2, has_session, "sessions in the store: {}", kept.len());
    heard.holds_none(&passwords);
    heard.holds_none(&kept);
    heard.holds_none(std::slice::from_ref(&hook));
    for file in files(home.as_ref()) {
        let name = file.strip_prefix(&home).unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let found = |secrets: &[String]| secrets.iter().any(|secret| text.contains(secret));
        assert_eq!(found(&passwords), name.starts_with("secret-"), "{name}");
        assert!(name.starts_with("state/") || !found(&kept), "{name} holds a session");
        assert_eq!(text.contains(&hook), name == "cm.toml", "{name}");
    }

    // The test sees what it is after: the passwords did go to the servers that echo them, and to no other host.
    let all = |server: &Server| -> String {
        let told = |asked: &Asked| {
            format!("{} {:?} {}", asked.line, asked.headers, String::from_utf8_lossy(&asked.body))
        };
        server.asked().iter().map(told).collect()
    };
    let told = all(&echoing);
    for login in &logins[..2] {
        let shapes = shapes(&login.user, &login.secret);
        assert!(shapes.iter().any(|shape| told.contains(shape)), "{} was never tried", login.account);
    }
    assert!(told.contains(&hook), "the hook was never tried");
    let lost = all(&elsewhere);
    assert!(passwords.iter().all(|shape| !lost.contains(shape)), "{lost}");
    let modes = modes.lock().unwrap();
    assert!(!modes.is_empty() && modes.values().all(|mode| *mode == 0o600), "{modes:?}");
}

#[test]
fn a_store_that_others_could_read_is_closed_before_a_session_is_kept() {
    let Some(network) = peers::bluesky() else { return };
    let acme = network.account("acme");
    let home = Home::with_accounts(&[acme.login("bluesky:acme")], "");
    home.shell("umask 022; cm-inbox </dev/null; chmod 644 cm.db").exits(0);
    home.shell("umask 000; cm-fetch bluesky:acme/posts").exits(0);
    let stores: Vec<PathBuf> = files(home.as_ref())
        .into_iter()
        .filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("cm.db"))
        .collect();
    assert!(stores.iter().all(|file| mode(file) == 0o600), "{stores:?}");
    assert!(stores.iter().any(|file| !tokens(&std::fs::read(file).unwrap()).is_empty()), "{stores:?}");
}
