//! Who opens a short link: a person in a real browser, curl, and the robots that fetch a page because somebody posted it.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]
#![expect(clippy::print_stderr, reason = "what was not tested is said")]

use cm_tests::Home;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

struct Server(Child, String);

impl Server {
    fn start(home: &Home) -> Server {
        let mut command = home.command("cm-shorten");
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server(child, line.trim_end().to_owned())
    }

    fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A site with one page for every path, until the test ends. Browsers open connections that they may never use, so each
/// has a thread of its own.
fn site(page: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let page = std::sync::Arc::new(page);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, page) = (stream.unwrap(), std::sync::Arc::clone(&page));
            std::thread::spawn(move || {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                let body = page(line.split(' ').nth(1).unwrap_or("/"));
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
                let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
            });
        }
    });
    address
}

fn home(target: &str) -> Home {
    let home = Home::new();
    home.run("cm-shorten", &["add", target, "--slug", "sale", "--allow-private"], "").exits(0);
    home
}

fn clicks(home: &Home) -> Vec<Value> {
    home.run("cm-shorten", &["clicks"], "")
        .exits(0)
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Opens a page in headless Chromium as a person would (`--headless` names itself in the user agent, a person's browser
/// does not); what the page became. `None`, said aloud, where there is none.
fn chromium(url: &str) -> Option<String> {
    let profile = tempfile::tempdir().unwrap();
    let run = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--timeout=5000"])
        .arg(format!("--user-agent={}", cm_tests::USER_AGENT))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--dump-dom", url])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = run else {
        eprintln!("NOT TESTED: chromium is not installed");
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_person_in_a_browser_is_a_person() {
    let target = site(|_| "<p>the page that is for sale</p>".to_owned());
    let home = home(&target);
    let server = Server::start(&home);
    let short = format!("{}/sale", server.1);
    let Some(dom) = chromium(&short) else { return };
    assert!(dom.contains("the page that is for sale"), "{dom}");
    // From a page of another site.
    let link = short.clone();
    let news =
        site(move |_| format!("<script>location.href = '{link}'</script>")).replace("127.0.0.1", "localhost");
    assert!(chromium(&news).unwrap().contains("the page that is for sale"));
    // Again: nothing was kept by the browser.
    chromium(&short);
    server.stop();
    let clicks = clicks(&home);
    let opened: Vec<&str> = clicks.iter().map(|click| click["class"].as_str().unwrap()).collect();
    assert_eq!(opened, ["human"; 3], "{clicks:?}");
    assert_eq!((&clicks[0]["family"], &clicks[0]["device"]), (&"direct".into(), &"desktop".into()));
    assert_eq!(clicks[1]["referrer"], "localhost", "{clicks:?}");
}

#[test]
fn what_a_browser_fetches_ahead_is_a_preview() {
    let home = home("https://a.example/");
    let server = Server::start(&home);
    let short = format!("{}/sale", server.1);
    let page = site(move |_| format!("<link rel=prefetch href='{short}'><p>here</p>"));
    let Some(_) = chromium(&page) else { return };
    server.stop();
    let clicks = clicks(&home);
    assert_eq!(clicks.len(), 1, "{clicks:?}");
    assert_eq!((&clicks[0]["class"], &clicks[0]["rule"]), (&"preview".into(), &"fetched ahead".into()));
}

#[test]
fn curl_and_robots_are_none() {
    let home = home("https://a.example/");
    let server = Server::start(&home);
    let short = format!("{}/sale", server.1);
    let robots = [
        ("preview", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
        ("preview", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
        ("preview", "Twitterbot/1.0"),
        ("preview", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"),
        ("preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"),
        ("preview", "TelegramBot (like TwitterBot)"),
        ("preview", "WhatsApp/2.23.20.0 A"),
        ("preview", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)"),
        ("preview", "http.rb/5.1.1 (Mastodon/4.2.1; +https://social.example/) Bot"),
        (
            "preview",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        ),
        (
            "preview",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        ),
        ("preview", "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)"),
        ("preview", "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)"),
        ("bot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("bot", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
        (
            "bot",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        ),
        ("bot", "python-requests/2.32.3"),
    ];
    let curl = |args: &[&str]| {
        let done = Command::new("curl").args(["-s", "-o", "/dev/null"]).args(args).arg(&short).status();
        assert!(done.is_ok_and(|status| status.success()), "curl ran");
    };
    curl(&[]);
    for (_, agent) in robots {
        curl(&["-A", agent]);
    }
    curl(&["-I", "-A", cm_tests::USER_AGENT]);
    curl(&["-A", cm_tests::USER_AGENT]);
    server.stop();
    let mut wanted = vec!["bot"];
    wanted.extend(robots.map(|(class, _)| class));
    wanted.extend(["bot", "human"]);
    let clicks = clicks(&home);
    let classes: Vec<&str> = clicks.iter().map(|click| click["class"].as_str().unwrap()).collect();
    assert_eq!(classes, wanted);
    assert!(clicks.iter().all(|click| click["rule"].as_str().is_some_and(|rule| !rule.is_empty())));
}
