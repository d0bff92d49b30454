//! The JSON API from outside: links made and read, what is refused, and who is.

use super::{BROWSER, Server, clicks, wait_for_clicks};
use crate::home::{Home, jsonl};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub(super) fn home(more: &str) -> Home {
    let config = format!(
        "[shorten]\ndomain = 'https://go.acme.example'\n[shorten.api]\n{more}[shorten.api.tokens.site]\npassword_file = 'token'\n"
    );
    let home = Home::new(&config);
    home.file("token", &format!("{TOKEN}\n"));
    std::fs::set_permissions(home.path("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    home
}

/// Status, head in lower case and body of an answer.
fn parts(answer: &str) -> (u16, String, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
}

fn post_as(server: &Server, token: &str, body: &str) -> (u16, String, Value) {
    let headers = format!(
        "Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    parts(&server.ask(&format!("POST /api/v1/links HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}")))
}

pub(super) fn post(server: &Server, body: &Value) -> (u16, String, Value) {
    post_as(server, TOKEN, &body.to_string())
}

fn get(server: &Server, path: &str, more: &str) -> (u16, String, Value) {
    parts(&server.request("GET", path, &format!("Authorization: Bearer {TOKEN}\r\n{more}")))
}

#[test]
fn links_are_made_once_read_with_their_clicks_and_answered_at_once() {
    let home = home("");
    let server = Server::start(&home, &["--clock", "2026-11-22T09:31:00Z"], "");
    let wish = json!({"url": "https://a.example/x?utm_source=feed", "title": "A", "tags": ["sale"]});
    let (status, head, made) = post(&server, &wish);
    assert_eq!((status, &made["url"], &made["title"]), (201, &"https://a.example/x".into(), &"A".into()));
    let code = made["code"].as_str().unwrap();
    assert!(head.contains(&format!("location: /api/v1/links/{code}")), "{head}");
    let (status, _, again) = post(&server, &wish);
    assert_eq!((status, &again["code"]), (200, &made["code"]), "once more is the same link");
    assert!(server.get(&format!("/{code}"), BROWSER).starts_with("HTTP/1.1 302 "));
    wait_for_clicks(&home, 1);

    let path = format!("/api/v1/links/{code}");
    let (status, head, link) = get(&server, &path, "");
    assert_eq!((status, &link["clicks"]), (200, &json!({"human": 1, "preview": 0, "bot": 0})));
    assert_eq!(link, jsonl(&home.run(&["list"]).out)[0], "what list says");
    assert!(
        head.contains("cache-control: private, no-cache") && head.contains("x-content-type-options: nosniff")
    );
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(get(&server, &path, &format!("If-None-Match: {tag}\r\n")).0, 304);
    assert_eq!(get(&server, "/api/v1/links/nothing", "").2["error"]["code"], "not_found");
    assert_eq!(clicks(&home).len(), 1, "asking the API is no click");
}

#[test]
fn what_the_command_line_refuses_is_refused_in_the_same_words() {
    let home = home("");
    let server = Server::start(&home, &[], "");
    assert_eq!(post(&server, &json!({"url": "https://a.example/", "slug": "sale"})).0, 201);
    assert_eq!(post(&server, &json!({"url": "https://a.example/", "slug": "sale"})).0, 200);
    for (wish, status, code) in [
        (json!({"url": "https://b.example/", "slug": "sale"}), 409, "taken"),
        (json!({"url": "https://b.example/", "slug": "a/b"}), 422, "refused"),
        (json!({"url": "https://b.example/", "slug": "api"}), 422, "refused"),
        (json!({"url": "javascript:alert(1)"}), 422, "refused"),
        (json!({"url": "http://127.0.0.1/"}), 422, "refused"),
        (json!({"url": "https://go.acme.example/sale"}), 422, "refused"),
        (json!({"url": "https://b.example/", "expires": "yesterday"}), 422, "refused"),
        (json!({"url": "https://b.example/", "fallback": "http://10.0.0.1/"}), 422, "refused"),
        (json!({"url": "https://b.example/", "utm": "nobody"}), 422, "refused"),
        (json!({"url": "https://u:p@b.example/"}), 422, "refused"),
        (json!({"url": "https://b.example/\r\nSet-Cookie: a=b"}), 422, "refused"),
        (json!({"url": "https://b.example/", "campaign": "x".repeat(301)}), 400, "bad_request"),
        (json!({"url": "https://b.example/", "account": "acme"}), 422, "refused"),
        (json!({"url": "https://b.example/", "fetch_title": true}), 400, "bad_request"),
        (json!(["https://b.example/"]), 400, "bad_request"),
    ] {
        let (got, _, body) = post(&server, &wish);
        assert_eq!((got, &body["error"]["code"]), (status, &code.into()), "{wish}: {body}");
        let is_good = |m: &str| {
            !m.is_empty() && !m.starts_with('-') && !m.contains("--allow-private") && !m.starts_with("for:")
        };
        assert!(body["error"]["message"].as_str().is_some_and(is_good), "{body}");
    }
    assert_eq!(jsonl(&home.run(&["list"]).out).len(), 1);
    // What is said at the prompt of a permanent redirect is nothing for the log of a server that others ask.
    let wish = json!({"url": "https://b.example/", "slug": "for-ever", "status": 301});
    assert_eq!(post(&server, &wish).0, 201);
    let told = String::from_utf8(server.stop().stderr).unwrap();
    assert!(!told.contains("--status"), "{told}");
}

#[test]
fn who_holds_no_token_gets_nothing_and_bodies_are_bounded() {
    let home = home("per_minute = 1000\n");
    let server = Server::start(&home, &[], "");
    let body = "{\"url\":\"https://a.example/\"}";
    for token in ["", "wrong", &TOKEN[1..], &format!("{TOKEN}x")] {
        let (status, head, told) = post_as(&server, token, body);
        assert_eq!((status, &told["error"]["code"]), (401, &"unauthorized".into()));
        assert!(head.contains("www-authenticate: bearer"));
    }
    assert_eq!(parts(&server.get("/api/v1/links/x", BROWSER)).0, 401);
    let long = format!("{{\"url\":\"https://a.example/{}\"}}", "x".repeat(70_000));
    assert_eq!(post_as(&server, TOKEN, &long).0, 413);
    let auth = format!("Authorization: Bearer {TOKEN}\r\n");
    let plain = format!("{auth}Content-Type: text/plain\r\nContent-Length: 2\r\n");
    assert_eq!(parts(&server.request("POST", "/api/v1/links", &format!("{plain}\r\n{{}}"))).0, 415);
    let (status, head, _) = parts(&server.request("DELETE", "/api/v1/links/x", &auth));
    assert!(status == 405 && head.contains("allow: get, head"), "{head}");
    assert_eq!(get(&server, "/api/v2/links", "").0, 404);
    let told = String::from_utf8(server.stop().stderr).unwrap();
    assert!(!told.contains(TOKEN) && !told.contains(&TOKEN[1..]), "{told}");
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let home = home("per_minute = 5\n");
    let server = Server::start(&home, &[], "");
    let answers: Vec<_> = (0..7).map(|_| get(&server, "/api/v1/links/x", "")).collect();
    assert!(answers[..5].iter().all(|(status, ..)| *status == 404), "{answers:?}");
    let (status, head, told) = &answers[6];
    assert_eq!((*status, &told["error"]["code"]), (429, &"rate_limited".into()));
    assert!(head.contains("retry-after: "), "{head}");
}

#[test]
fn without_a_token_there_is_no_api_and_a_bad_one_is_told_at_the_start() {
    let none = Home::new("[shorten]\ndomain = 'https://go.acme.example'\n");
    let server = Server::start(&none, &[], "");
    assert_eq!(post_as(&server, TOKEN, "{}").0, 405);
    assert_eq!(parts(&server.get("/api/v1/links/x", BROWSER)).0, 404);
    server.stop();
    let home = home("");
    home.file("token", "short\n");
    let done = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.code, 4, "{}", done.err);
    assert!(done.err.contains("at least 20 characters") && !done.err.contains("short\n"), "{}", done.err);
}
