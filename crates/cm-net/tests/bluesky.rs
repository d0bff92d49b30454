//! `bluesky:` against a server that answers as real ones seldom do. Real ones: `bluesky_real.rs`.
//!
//! Measured on a PDS of 2026: the names and statuses of errors (ExpiredToken and InvalidToken are 400), tokens as JWTs,
//! the refresh token as Bearer, InvalidSwap, RecordNotFound, 502 UpstreamFailure where no AppView is. Documented (atproto,
//! packages/pds and xrpc-server): a refresh token is taken once more for two hours, the limits of createSession, 429 with
//! RateLimit-Reset in seconds since 1970, AuthFactorTokenRequired. Assumed: what a cut connection looks like.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod bluesky_desk;
mod server;

use bluesky_desk::{Desk, draft, run};
use chrono::{DateTime, Utc};
use cm_net::services::{Audience, Item, Page, Trouble, Vault, Wanted};
use cm_net::{Delivery, Found, Outgoing};
use serde_json::{Value, json};
use server::{Asked, Server, reply};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const DID: &str = "did:plc:acme";
const PASSWORD: &str = "abcd-efgh-ijkl-mnop";
const THEIRS: &str = "at://did:plc:bob/app.bsky.feed.post/3k2a";

/// A token as servers make them: claims in the middle, unsigned here.
fn token(name: &str, seconds: i64) -> String {
    let now = Utc::now().timestamp();
    let claims = json!({"jti": name, "iat": now, "exp": now + seconds}).to_string();
    format!("h.{}.s", base64_url(claims.as_bytes()))
}

fn base64_url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter =
        |six: &[u8]| LETTERS[six.iter().enumerate().fold(0, |n, (i, bit)| n | usize::from(*bit) << (5 - i))];
    bits.chunks(6).map(|six| char::from(letter(six))).collect()
}

/// Status line, headers, body.
type Odd = (&'static str, String, String);

/// What the server does beside answering in order.
#[derive(Default)]
struct Oddities {
    /// Answers to a method, used up in turn before the usual one.
    instead: Mutex<BTreeMap<&'static str, Vec<Odd>>>,
    /// The next refresh changes the tokens and the answer is lost.
    lose_refresh: AtomicBool,
    /// The next putRecord is done and its answer lost.
    lose_put: AtomicBool,
    /// How long access tokens hold.
    life: Mutex<Option<i64>>,
}

#[derive(Default)]
struct Tokens {
    number: u32,
    access: Vec<String>,
    refresh: Vec<String>,
    /// The refresh token before the present one, within its two hours.
    grace: Option<String>,
    records: BTreeMap<String, Value>,
}

struct Pds {
    server: Server,
    odd: Arc<Oddities>,
    tokens: Arc<Mutex<Tokens>>,
}

impl Pds {
    fn start() -> Pds {
        let (odd, tokens) = (Arc::<Oddities>::default(), Arc::<Mutex<Tokens>>::default());
        let (o, t) = (Arc::clone(&odd), Arc::clone(&tokens));
        Pds { server: Server::start(move |asked, out| answer(asked, out, &o, &t)), odd, tokens }
    }

    fn desk(&self) -> Desk {
        Desk::new(self.server.url("").as_str(), "acme.example", PASSWORD)
    }

    /// Answers a method this way before it answers it in order.
    fn instead(&self, method: &'static str, status: &'static str, headers: &str, body: &str) {
        let mut instead = self.odd.instead.lock().unwrap();
        instead.entry(method).or_default().push((status, headers.to_owned(), body.to_owned()));
    }

    /// How often a method was asked for.
    fn count(&self, method: &str) -> usize {
        self.asked(method).len()
    }

    fn asked(&self, method: &str) -> Vec<Asked> {
        self.server.asked().into_iter().filter(|asked| name(asked) == method).collect()
    }

    /// From now on every token that was given out is expired.
    fn expire(&self) {
        self.tokens.lock().unwrap().access.clear();
    }
}

fn name(asked: &Asked) -> String {
    let path = asked.path().split('?').next().unwrap().to_owned();
    path.rsplit('/').next().unwrap().rsplit('.').next().unwrap().to_owned()
}

fn answer(asked: &Asked, out: &mut TcpStream, odd: &Oddities, tokens: &Mutex<Tokens>) -> std::io::Result<()> {
    let method = name(asked);
    let instead = odd
        .instead
        .lock()
        .unwrap()
        .get_mut(&*method)
        .filter(|list| !list.is_empty())
        .map(|list| list.remove(0));
    if let Some((status, headers, body)) = instead {
        return reply(out, status, &headers, body.as_bytes());
    }
    let bearer = asked
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    let mut state = tokens.lock().unwrap();
    let error = |out: &mut TcpStream, error: &str| {
        let body = json!({"error": error, "message": format!("no: {error}")}).to_string();
        reply(out, "400 Bad Request", "", body.as_bytes())
    };
    let good = |out: &mut TcpStream, body: Value| reply(out, "200 OK", "", body.to_string().as_bytes());
    match &*method {
        "createSession" => {
            let said: Value = serde_json::from_slice(&asked.body).unwrap();
            if said["password"] != PASSWORD {
                let body = json!({"error": "AuthenticationRequired", "message": format!("Invalid {} {}", said["identifier"], said["password"])});
                return reply(out, "401 Unauthorized", "", body.to_string().as_bytes());
            }
            good(out, give(&mut state, odd))
        }
        "refreshSession" if state.refresh.contains(&bearer) || state.grace.as_ref() == Some(&bearer) => {
            state.grace = Some(bearer);
            let body = give(&mut state, odd);
            if odd.lose_refresh.swap(false, Ordering::SeqCst) { Ok(()) } else { good(out, body) }
        }
        "refreshSession" => error(out, "ExpiredToken"),
        _ if !state.access.contains(&bearer) => error(out, "ExpiredToken"),
        "putRecord" => {
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            let key = body["rkey"].as_str().unwrap().to_owned();
            let known = state.records.entry(key).or_insert_with(|| body["record"].clone()).clone();
            if odd.lose_put.swap(false, Ordering::SeqCst) {
                return Ok(());
            }
            if known == body["record"] {
                good(out, json!({"uri": "at://x", "cid": "bafy"}))
            } else {
                error(out, "InvalidSwap")
            }
        }
        "getRecord" => {
            let key = asked.path().rsplit("rkey=").next().unwrap();
            match state.records.get(key) {
                Some(value) => good(
                    out,
                    json!({"uri": format!("at://{DID}/app.bsky.feed.post/{key}"), "cid": "bafy", "value": value}),
                ),
                None => error(out, "RecordNotFound"),
            }
        }
        "getSession" => good(out, json!({"did": DID, "handle": "acme.example", "active": true})),
        "resolveHandle" => match asked.path().contains("bob.example") {
            true => good(out, json!({"did": "did:plc:bob"})),
            false => error(out, "HandleNotFound"),
        },
        _ => reply(
            out,
            "502 Bad Gateway",
            "",
            br#"{"error":"UpstreamFailure","message":"Upstream service unreachable"}"#,
        ),
    }
}

/// New tokens; the refresh token before them is gone but for its grace.
fn give(state: &mut Tokens, odd: &Oddities) -> Value {
    state.number += 1;
    let access = token(&format!("access-{}", state.number), odd.life.lock().unwrap().unwrap_or(7200));
    let refresh = token(&format!("refresh-{}", state.number), 7_776_000);
    state.access.push(access.clone());
    state.refresh = vec![refresh.clone()];
    json!({"did": DID, "handle": "acme.example", "accessJwt": access, "refreshJwt": refresh, "active": true})
}

fn at() -> DateTime<Utc> {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

fn post(desk: &Desk, text: &str) -> Outgoing {
    desk.ready(&draft("urn:cm:post:1", text, json!({}), at()))
}

fn answering() -> Value {
    let native = json!({"uri": THEIRS, "cid": "bafya", "root": {"uri": THEIRS, "cid": "bafya"}});
    json!({"_cm": {"in_reply_to": THEIRS, "parent": {"native": native}}})
}

fn is_published(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Published { url: Some(url) } if url.starts_with("https://bsky.app/profile/acme.example/post/"))
}

mod sessions {
    use super::*;

    #[test]
    fn there_is_one_login_for_many_runs() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        for _ in 0..3 {
            assert!(is_published(&run(desk.poster().send(&out))));
        }
        assert_eq!(
            (pds.count("createSession"), pds.count("refreshSession"), pds.count("putRecord")),
            (1, 0, 3)
        );
        let standing = run(desk.poster().check()).unwrap();
        assert_eq!(standing.who.as_deref(), Some("acme.example (did:plc:acme)"));
        assert!(standing.token_until.unwrap() > Utc::now() + chrono::TimeDelta::days(89));
    }

    /// A session hides for months that the next login will fail.
    #[test]
    fn a_password_that_is_gone_is_told_while_the_session_still_posts() {
        let pds = Pds::start();
        let desk = pds.desk();
        run(desk.poster().check()).unwrap();
        let without = Desk { password: String::new(), ..desk };
        assert!(is_published(&run(without.poster().send(&post(&without, "hello")))));
        let Err(Trouble::Credentials(reason)) = run(without.poster().check()) else { panic!("not told") };
        assert_eq!((reason.as_str(), pds.count("createSession")), ("no password", 1));
    }

    #[test]
    fn an_expired_token_is_renewed_and_kept_before_it_is_used() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        pds.expire();
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!((pds.count("createSession"), pds.count("refreshSession")), (1, 1));
        let puts = pds.asked("putRecord");
        assert_eq!((puts.len(), &puts[0].body), (2, &puts[1].body), "the same bytes again");
        assert_eq!(puts[0].body, out.body);
        let used = puts[1].header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
        assert!(desk.vault.load("session bluesky:acme").unwrap().unwrap().contains(used));
    }

    #[test]
    fn a_token_that_is_about_to_end_is_renewed_first() {
        let pds = Pds::start();
        let desk = pds.desk();
        *pds.odd.life.lock().unwrap() = Some(50);
        let out = post(&desk, "hello");
        *pds.odd.life.lock().unwrap() = None;
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!((pds.count("refreshSession"), pds.count("putRecord")), (1, 1));
    }

    #[test]
    fn of_many_that_renew_at_once_one_does() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        pds.expire();
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| run(desk.poster().send(&out)))).collect();
            for each in runs {
                let delivery = each.join().unwrap();
                assert!(is_published(&delivery), "{delivery:?}");
            }
        });
        assert_eq!((pds.count("createSession"), pds.count("refreshSession")), (1, 1));
    }

    #[test]
    fn an_answer_lost_between_the_servers_change_and_ours_costs_nothing() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        pds.expire();
        pds.odd.lose_refresh.store(true, Ordering::SeqCst);
        let delivery = run(desk.poster().send(&out));
        assert!(matches!(delivery, Delivery::Later { .. }), "{delivery:?}");
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!((pds.count("createSession"), pds.count("refreshSession")), (1, 2));
    }

    #[test]
    fn a_session_that_cannot_be_kept_is_not_used() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        pds.expire();
        desk.vault.full.store(true, Ordering::SeqCst);
        let delivery = run(desk.poster().send(&out));
        assert!(matches!(&delivery, Delivery::Later { reason, .. } if reason == "disk full"), "{delivery:?}");
        assert_eq!(pds.count("putRecord"), 1, "only the one with the expired token");
        desk.vault.full.store(false, Ordering::SeqCst);
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!(pds.count("createSession"), 1, "by the old refresh token");
    }

    #[test]
    fn where_no_session_can_be_kept_there_is_one_login_a_run() {
        let pds = Pds::start();
        let desk = pds.desk();
        desk.vault.full.store(true, Ordering::SeqCst);
        let poster = desk.poster();
        for _ in 0..3 {
            let trouble = run(poster.check()).unwrap_err();
            assert_eq!(trouble.reason(), "disk full");
        }
        assert_eq!(pds.count("createSession"), 1);
    }

    #[test]
    fn when_the_refresh_token_is_refused_the_password_is_used_once() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        pds.expire();
        pds.tokens.lock().unwrap().refresh.clear();
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!((pds.count("createSession"), pds.count("refreshSession")), (2, 1));
    }

    #[test]
    fn a_wrong_password_is_told_and_tried_once_a_run() {
        let pds = Pds::start();
        let desk = Desk { password: "not-the-password".to_owned(), ..pds.desk() };
        let (poster, reader) = (desk.poster(), desk.reader());
        for _ in 0..3 {
            let Err(Trouble::Credentials(reason)) = run(poster.check()) else { panic!("let in") };
            assert!(reason.contains("app password") && reason.contains("127.0.0.1"), "{reason}");
            assert!(!reason.contains("not-the-password"), "{reason}");
        }
        assert_eq!(pds.count("createSession"), 1);
        let wanted = Wanted { what: "mentions".to_owned(), ..Wanted::default() };
        assert!(matches!(run(reader.page(&wanted, None)), Err(Trouble::Credentials(_))));
    }

    #[test]
    fn the_address_of_another_site_says_what_to_put() {
        for (status, class) in [("404 Not Found", "404"), ("405 Not Allowed", "405")] {
            let pds = Pds::start();
            pds.instead("createSession", status, "", "<html>A blog");
            let said = run(pds.desk().poster().check()).unwrap_err();
            let told = format!("{said:?}");
            assert!(matches!(said, Trouble::Refused(_)) && told.contains(class), "{told}");
            assert!(told.contains("no Bluesky server") && told.contains("https://bsky.social"), "{told}");
        }
    }

    #[test]
    fn refusals_of_a_login_say_how_to_mend_them() {
        for (status, error, words) in [
            ("401 Unauthorized", "AuthFactorTokenRequired", "a code by mail"),
            ("401 Unauthorized", "AccountTakedown", "AccountTakedown"),
        ] {
            let pds = Pds::start();
            pds.instead("createSession", status, "", &json!({"error": error, "message": "m"}).to_string());
            let Err(Trouble::Credentials(reason)) = run(pds.desk().poster().check()) else {
                panic!("{error}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn too_many_logins_wait_for_the_reset_and_are_no_loop() {
        let pds = Pds::start();
        let reset = Utc::now().timestamp() + 240;
        pds.instead(
            "createSession",
            "429 Too Many Requests",
            &format!("RateLimit-Reset: {reset}\r\n"),
            r#"{"error":"RateLimitExceeded"}"#,
        );
        let poster = pds.desk().poster();
        for _ in 0..3 {
            let Err(Trouble::Later { after, .. }) = run(poster.check()) else { panic!("not put off") };
            assert_eq!(after.unwrap().timestamp(), reset);
        }
        assert_eq!(pds.count("createSession"), 1);
    }

    #[test]
    fn the_session_of_another_account_is_not_used() {
        let pds = Pds::start();
        let desk = pds.desk();
        post(&desk, "hello");
        let kept = desk.vault.load("session bluesky:acme").unwrap().unwrap();
        let other = Desk { user: "other.example".to_owned(), ..desk.clone() };
        run(other.poster().check()).unwrap();
        assert_eq!((pds.count("createSession"), pds.count("refreshSession")), (2, 0));
        desk.vault.save("session bluesky:acme", &kept.replace("acme.example", "\u{0}")).unwrap();
        run(desk.poster().check()).unwrap();
        assert_eq!(pds.count("createSession"), 3, "what is kept and cannot be read is nobody's");
    }

    #[test]
    fn no_token_goes_to_another_host() {
        let elsewhere = Server::start(|_, out| reply(out, "200 OK", "", b"{}"));
        let pds = Pds::start();
        let service = json!([{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": elsewhere.url("").as_str()}]);
        let body = json!({"did": DID, "handle": "a.b", "accessJwt": "t0ken", "refreshJwt": "t0ken", "didDoc": {"service": service}});
        pds.instead("createSession", "200 OK", "", &body.to_string());
        pds.instead(
            "getSession",
            "307 Temporary Redirect",
            &format!("Location: {}\r\n", elsewhere.url("x")),
            "",
        );
        run(pds.desk().poster().check()).unwrap();
        let [asked] = &elsewhere.asked()[..] else { panic!("{:?}", elsewhere.asked()) };
        assert_eq!((asked.path(), asked.header("authorization")), ("x", None), "only the redirect led there");
    }

    #[test]
    fn a_password_never_goes_over_http_to_the_internet() {
        for url in ["http://bsky.social", "http://8.8.8.8", "http://pds.example/"] {
            let desk = Desk::new(url, "acme.example", PASSWORD);
            let open = cm_net::services::network("bluesky:acme").unwrap().publish.unwrap();
            let why = open(&desk.account(), &desk).err().unwrap();
            assert!(why.contains("https://"), "{why}");
        }
        let pds = Pds::start();
        let desk = Desk { allow_private: false, ..pds.desk() };
        let trouble = run(desk.poster().check()).unwrap_err();
        assert!(
            matches!(&trouble, Trouble::Later { reason, .. } if reason.contains("--allow-private")),
            "{trouble}"
        );
        assert!(pds.server.asked().is_empty());
    }
}

mod publishing {
    use super::*;

    #[test]
    fn a_limit_puts_off_until_its_reset() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        let reset = Utc::now().timestamp() + 3000;
        pds.instead(
            "putRecord",
            "429 Too Many Requests",
            &format!("RateLimit-Reset: {reset}\r\n"),
            r#"{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}"#,
        );
        let Delivery::Later { after, reason } = run(desk.poster().send(&out)) else { panic!("not put off") };
        assert_eq!(after.unwrap().timestamp(), reset);
        assert!(reason.contains("429 RateLimitExceeded"), "{reason}");
    }

    #[test]
    fn what_stands_under_the_key_is_never_overwritten() {
        let pds = Pds::start();
        let desk = pds.desk();
        let (one, two) = (post(&desk, "first words"), post(&desk, "other words"));
        assert!(is_published(&run(desk.poster().send(&one))));
        let refused = run(desk.poster().send(&two));
        assert!(
            matches!(&refused, Delivery::Refused { reason } if reason.contains("nothing was overwritten")),
            "{refused:?}"
        );
        pds.instead(
            "putRecord",
            "400 Bad Request",
            "",
            r#"{"error":"InvalidSwap","message":"Record was at x"}"#,
        );
        assert!(is_published(&run(desk.poster().send(&one))), "it is this very record");
        pds.instead(
            "putRecord",
            "400 Bad Request",
            "",
            r#"{"error":"InvalidSwap","message":"Record was at x"}"#,
        );
        pds.instead("getRecord", "500 Internal Server Error", "", "");
        assert!(matches!(run(desk.poster().send(&one)), Delivery::Unknown { .. }));
    }

    #[test]
    fn a_lost_answer_is_unknown_and_is_found() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        assert_eq!(run(desk.poster().find(&out)), Found::No);
        pds.odd.lose_put.store(true, Ordering::SeqCst);
        assert!(matches!(run(desk.poster().send(&out)), Delivery::Unknown { .. }));
        assert!(matches!(run(desk.poster().find(&out)), Found::Yes { url: Some(_) }));
        assert!(is_published(&run(desk.poster().send(&out))));
        assert_eq!(pds.tokens.lock().unwrap().records.len(), 1);
        pds.instead("getRecord", "503 Service Unavailable", "", "");
        assert_eq!(run(desk.poster().find(&out)), Found::Unknown);
    }

    #[test]
    fn what_other_answers_mean() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        let send = |status, body: &str| {
            pds.instead("putRecord", status, "", body);
            run(desk.poster().send(&out))
        };
        for status in ["500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"] {
            assert!(matches!(send(status, ""), Delivery::Unknown { .. }), "{status}");
        }
        assert!(matches!(send("200 OK", "<html>a captive page"), Delivery::Unknown { .. }));
        let Delivery::Refused { reason } = send(
            "400 Bad Request",
            r#"{"error":"InvalidRequest","message":"Invalid app.bsky.feed.post record"}"#,
        ) else {
            panic!()
        };
        assert!(reason.contains("Invalid app.bsky.feed.post record"), "{reason}");
        assert!(
            matches!(send("308 Permanent Redirect", ""), Delivery::Refused { reason } if reason.contains("moved"))
        );
        assert!(matches!(
            send("400 Bad Request", r#"{"error":"AccountTakedown"}"#),
            Delivery::Credentials { .. }
        ));
        assert!(matches!(send("403 Forbidden", ""), Delivery::Credentials { .. }));
        pds.instead("putRecord", "401 Unauthorized", "", r#"{"error":"AuthMissing"}"#);
        assert!(is_published(&run(desk.poster().send(&out))), "401 renews too");
        assert_eq!(pds.tokens.lock().unwrap().records.len(), 1);
    }

    #[test]
    fn a_token_that_stays_refused_is_no_loop() {
        let pds = Pds::start();
        let desk = pds.desk();
        let out = post(&desk, "hello");
        *pds.odd.life.lock().unwrap() = Some(-5);
        for _ in 0..9 {
            pds.instead(
                "putRecord",
                "400 Bad Request",
                "",
                r#"{"error":"InvalidToken","message":"Bad token scope"}"#,
            );
        }
        let delivery = run(desk.poster().send(&out));
        assert!(
            matches!(&delivery, Delivery::Credentials { reason } if reason.contains("Bad token scope")),
            "{delivery:?}"
        );
        assert_eq!((pds.count("putRecord"), pds.count("refreshSession")), (2, 1));
    }

    #[test]
    fn another_accounts_post_is_not_sent() {
        let pds = Pds::start();
        let desk = pds.desk();
        let mut out = post(&desk, "hello");
        out.body = String::from_utf8(out.body).unwrap().replace(DID, "did:plc:other").into_bytes();
        assert!(
            matches!(run(desk.poster().send(&out)), Delivery::Refused { reason } if reason.contains("did:plc:other"))
        );
        let unresolved = desk.poster().freeze(&draft("urn:cm:post:1", "hello", json!({}), at())).unwrap();
        out.body = unresolved;
        assert!(matches!(run(desk.poster().send(&out)), Delivery::Refused { .. }));
        assert_eq!((run(desk.poster().find(&out)), pds.count("putRecord")), (Found::No, 0));
    }

    #[test]
    fn mentions_are_of_accounts_and_others_are_words() {
        let pds = Pds::start();
        let body = pds
            .desk()
            .ready(&draft("urn:cm:post:1", "@bob.example @BOB.example @nobody.example #tea", json!({}), at()))
            .body;
        let body: Value = serde_json::from_slice(&body).unwrap();
        let facets = body["record"]["facets"].as_array().unwrap();
        let features: Vec<&Value> = facets.iter().map(|facet| &facet["features"][0]).collect();
        assert_eq!(features.len(), 3);
        assert_eq!(
            (&features[0]["did"], &features[1]["did"], &features[2]["tag"]),
            (&json!("did:plc:bob"), &json!("did:plc:bob"), &json!("tea"))
        );
        assert_eq!(pds.count("resolveHandle"), 2, "each handle once");
        let body = pds.desk().ready(&draft("urn:cm:post:1", "@nobody.example", json!({}), at())).body;
        assert!(!String::from_utf8(body).unwrap().contains("facets"));
        pds.instead("resolveHandle", "503 Service Unavailable", "", "");
        let poster = pds.desk().poster();
        let frozen = poster.freeze(&draft("urn:cm:post:1", "@bob.example", json!({}), at())).unwrap();
        assert!(
            matches!(run(poster.resolve(frozen)), Err(Trouble::Later { .. })),
            "a mention is not lost for a moment's trouble"
        );
    }

    fn view(extra: &Value) -> String {
        let root = json!({"uri": "at://did:plc:us/app.bsky.feed.post/3k1", "cid": "bafyroot"});
        let mut view = json!({"uri": THEIRS, "cid": "bafyseen", "author": {"did": "did:plc:bob"}, "record": {"reply": {"root": root, "parent": root}}});
        view.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"posts": [view]}).to_string()
    }

    #[test]
    fn a_reply_knows_its_thread() {
        let pds = Pds::start();
        pds.instead("getPosts", "200 OK", "", &view(&json!({})));
        let only_named = json!({"_cm": {"in_reply_to": THEIRS}});
        let body: Value = serde_json::from_slice(
            &pds.desk().ready(&draft("urn:cm:post:1", "yes", only_named.clone(), at())).body,
        )
        .unwrap();
        assert_eq!(
            body["record"]["reply"],
            json!({"parent": {"uri": THEIRS, "cid": "bafyseen"}, "root": {"uri": "at://did:plc:us/app.bsky.feed.post/3k1", "cid": "bafyroot"}})
        );
        let poster = pds.desk().poster();
        let frozen = poster.freeze(&draft("urn:cm:post:1", "yes", only_named, at())).unwrap();
        pds.instead("getRecord", "502 Bad Gateway", "", "");
        assert!(
            matches!(run(poster.resolve(frozen)), Err(Trouble::Later { .. })),
            "nobody can tell its thread"
        );
    }

    #[test]
    fn what_is_gone_or_closed_is_not_answered() {
        for (extra, words) in [
            (json!({"author": {"did": "did:plc:bob", "viewer": {"blockedBy": true}}}), "blocks this account"),
            (
                json!({"author": {"did": "did:plc:bob", "viewer": {"blocking": "at://x"}}}),
                "this account blocks",
            ),
            (json!({"viewer": {"replyDisabled": true}}), "does not take replies"),
        ] {
            let pds = Pds::start();
            let poster = pds.desk().poster();
            let frozen = poster.freeze(&draft("urn:cm:post:1", "yes", answering(), at())).unwrap();
            pds.instead("getPosts", "200 OK", "", &view(&extra));
            let refused = run(poster.resolve(frozen)).unwrap_err();
            assert!(matches!(&refused, Trouble::Refused(reason) if reason.contains(words)), "{refused}");
        }
    }

    #[test]
    fn what_takes_no_replies_may_be_liked() {
        let pds = Pds::start();
        let poster = pds.desk().poster();
        let mut liking = answering();
        liking["_cm"]["action"] = "like".into();
        let frozen = poster.freeze(&draft("urn:cm:post:1", "", liking, at())).unwrap();
        pds.instead("getPosts", "200 OK", "", &view(&json!({"viewer": {"replyDisabled": true}})));
        run(poster.resolve(frozen)).unwrap();
    }

    #[test]
    fn what_the_app_view_does_not_have_is_gone_where_nobody_else_knows_it() {
        let pds = Pds::start();
        let poster = pds.desk().poster();
        let frozen = poster.freeze(&draft("urn:cm:post:1", "yes", answering(), at())).unwrap();
        pds.instead("getPosts", "200 OK", "", r#"{"posts":[]}"#);
        pds.instead("getRecord", "502 Bad Gateway", "", "");
        let refused = run(poster.resolve(frozen)).unwrap_err();
        assert!(
            matches!(&refused, Trouble::Refused(reason) if reason.contains("or its author blocks")),
            "{refused}"
        );
    }

    #[test]
    fn an_answer_whose_parent_went_in_between_is_not_sent_unless_it_was() {
        let pds = Pds::start();
        let desk = pds.desk();
        pds.instead("getRecord", "502 Bad Gateway", "", "");
        let out = desk.ready(&draft("urn:cm:post:1", "yes", answering(), at()));
        // The AppView has it no more, and so says the server that hosts its author.
        pds.instead("getPosts", "200 OK", "", r#"{"posts":[]}"#);
        let refused = run(desk.poster().send(&out));
        assert!(
            matches!(&refused, Delivery::Refused { reason } if reason == "the post was deleted"),
            "{refused:?}"
        );
        assert_eq!(pds.count("putRecord"), 0);
        // Where nobody can tell it is sent, and stays sent when the parent goes later.
        pds.instead("getRecord", "502 Bad Gateway", "", "");
        assert!(is_published(&run(desk.poster().send(&out))));
        pds.instead("getPosts", "200 OK", "", r#"{"posts":[]}"#);
        pds.instead("getRecord", "400 Bad Request", "", r#"{"error":"RecordNotFound"}"#);
        assert!(is_published(&run(desk.poster().send(&out))), "an earlier attempt was in time");
        assert_eq!(pds.count("putRecord"), 1);
    }
}

mod reading {
    use super::*;

    fn notification(key: &str, reason: &str, at: &str) -> Value {
        json!({
            "uri": format!("at://did:plc:bob/app.bsky.feed.post/{key}"), "cid": "bafya", "reason": reason, "indexedAt": at, "isRead": false,
            "author": {"did": "did:plc:bob", "handle": "bob.example"}, "record": {"text": key, "createdAt": at},
        })
    }

    fn told(entries: &[Value], cursor: Option<&str>) -> String {
        json!({"notifications": entries, "cursor": cursor}).to_string()
    }

    fn wanted(what: &str, mark: Option<&str>) -> Wanted {
        Wanted { what: what.to_owned(), mark: mark.map(str::to_owned), ..Wanted::default() }
    }

    /// Every page of a run.
    fn whole(desk: &Desk, wanted: &Wanted) -> Result<Page, Trouble> {
        let reader = desk.reader();
        let (mut all, mut cursor) = (Page::default(), None);
        loop {
            let page = run(reader.page(wanted, cursor.as_deref()))?;
            all.items.extend(page.items);
            all.notes.extend(page.notes);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(Page { mark: page.mark, ..all });
            }
            assert_eq!(page.mark, None, "a mark comes with the last page");
        }
    }

    fn texts(page: &Page) -> Vec<&str> {
        page.items.iter().filter_map(|item: &Item| item.text.as_deref()).collect()
    }

    #[test]
    fn pages_are_read_to_the_end_at_first_and_to_a_day_beyond_the_mark_later() {
        let pds = Pds::start();
        let desk = pds.desk();
        let method = "listNotifications";
        pds.instead(
            method,
            "200 OK",
            "",
            &told(
                &[
                    notification("a", "mention", "2026-11-20T09:00:00.000Z"),
                    notification("b", "like", "2026-11-20T08:00:00.000Z"),
                ],
                Some("1"),
            ),
        );
        pds.instead(method, "200 OK", "", &told(&[], Some("2")));
        pds.instead(
            method,
            "200 OK",
            "",
            &told(
                &[
                    notification("c", "reply", "2026-11-19T09:00:00.000Z"),
                    notification("d", "quote", "2026-11-01T09:00:00.000Z"),
                ],
                Some(""),
            ),
        );
        let first = whole(&desk, &wanted("notifications", None)).unwrap();
        assert_eq!(texts(&first), ["a", "c", "d"]);
        let kinds: Vec<&str> = first.items.iter().map(|item| item.kind).collect();
        assert_eq!(kinds, ["mention", "reply", "mention"]);
        assert!(first.items.iter().all(|item| item.audience == Some(Audience::Public) && !item.own));
        assert_eq!(first.mark.as_deref(), Some("2026-11-20T09:00:00.000Z did:plc:acme"));
        let lines: Vec<String> = pds.asked(method).into_iter().map(|asked| asked.line).collect();
        assert!(
            lines[0].contains("reasons=mention&reasons=reply&reasons=quote") && !lines[0].contains("cursor"),
            "{lines:?}"
        );
        assert!(lines.iter().all(|line| line.contains("priority=false")), "whatever the account prefers");
        assert!(lines[1].contains("cursor=1") && lines[2].contains("cursor=2"), "{lines:?}");

        pds.instead(
            method,
            "200 OK",
            "",
            &told(
                &[
                    notification("e", "mention", "2026-11-21T09:00:00.000Z"),
                    notification("a", "mention", "2026-11-20T09:00:00.000Z"),
                ],
                Some("1"),
            ),
        );
        pds.instead(
            method,
            "200 OK",
            "",
            &told(
                &[
                    notification("late", "mention", "2026-11-19T10:00:00.000Z"),
                    notification("c", "reply", "2026-11-19T08:59:00.000Z"),
                ],
                Some("2"),
            ),
        );
        let older = notification("later", "mention", "2026-11-19T08:58:00.000Z");
        pds.instead(method, "200 OK", "", &told(&[older], Some("3")));
        let second = whole(&desk, &wanted("notifications", first.mark.as_deref())).unwrap();
        assert_eq!(texts(&second), ["e", "a", "late", "c", "later"], "until a whole page is older");
        assert_eq!(second.mark.as_deref(), Some("2026-11-21T09:00:00.000Z did:plc:acme"));
        assert_eq!(pds.count(method), 6, "and no page more");
        assert_eq!(pds.count("updateSeen"), 0);
    }

    #[test]
    fn the_mark_of_another_account_is_not_this_ones() {
        let pds = Pds::start();
        let entry = |key: &str| notification(key, "mention", "2026-11-01T09:00:00.000Z");
        pds.instead("listNotifications", "200 OK", "", &told(&[entry("a")], Some("1")));
        pds.instead("listNotifications", "200 OK", "", &told(&[entry("b")], None));
        let theirs = wanted("mentions", Some("2026-11-20T09:00:00.000Z did:plc:other"));
        let page = whole(&pds.desk(), &theirs).unwrap();
        assert_eq!(texts(&page), ["a", "b"]);
        assert_eq!(page.mark.as_deref(), Some("2026-11-01T09:00:00.000Z did:plc:acme"));
    }

    #[test]
    fn those_of_one_instant_are_not_lost_between_two_pages() {
        let pds = Pds::start();
        let at = "2026-11-20T09:00:00.000Z";
        let entry = |key: &str| notification(key, "mention", at);
        pds.instead("listNotifications", "200 OK", "", &told(&[entry("a")], Some(at)));
        pds.instead("listNotifications", "200 OK", "", &told(&[entry("a"), entry("b")], Some(at)));
        pds.instead("listNotifications", "200 OK", "", &told(&[], None));
        assert_eq!(texts(&whole(&pds.desk(), &wanted("mentions", None)).unwrap()), ["a", "a", "b"]);
        let lines: Vec<String> = pds.asked("listNotifications").into_iter().map(|asked| asked.line).collect();
        assert!(lines[1].contains("cursor=2026-11-20T09%3A00%3A00.001Z"), "{lines:?}");
        assert!(lines[2].contains("cursor=2026-11-20T09%3A00%3A00.000Z"), "a page of them alone: {lines:?}");
    }

    #[test]
    fn a_server_that_turns_in_circles_is_left_and_said() {
        let pds = Pds::start();
        for _ in 0..9 {
            pds.instead(
                "listNotifications",
                "200 OK",
                "",
                &told(&[notification("a", "mention", "2026-11-20T09:00:00.000Z")], Some("1")),
            );
        }
        let page = whole(&pds.desk(), &wanted("mentions", None)).unwrap();
        assert_eq!(pds.count("listNotifications"), 2);
        assert!(page.notes[0].contains("the same page twice"), "{:?}", page.notes);
        assert_eq!(page.mark, None, "what lies behind it was never seen");
    }

    #[test]
    fn a_list_without_end_is_cut_and_said() {
        let pds = Pds::start();
        for n in 0..260 {
            pds.instead("listNotifications", "200 OK", "", &told(&[], Some(&n.to_string())));
        }
        let page = whole(&pds.desk(), &wanted("mentions", None)).unwrap();
        assert_eq!(pds.count("listNotifications"), 200);
        assert!(page.notes[0].contains("older ones were not read"), "{:?}", page.notes);
    }

    #[test]
    fn pictures_are_asked_for_where_there_are_some() {
        let pds = Pds::start();
        let mut picture = notification("a", "mention", "2026-11-20T09:00:00.000Z");
        picture["record"]["embed"] = json!({"$type": "app.bsky.embed.images", "images": [{"image": {"mimeType": "image/png"}, "alt": "a cup"}]});
        let both = [picture.clone(), notification("b", "mention", "2026-11-20T09:00:00.000Z")];
        pds.instead("listNotifications", "200 OK", "", &told(&both, None));
        let view = json!({"posts": [{"uri": picture["uri"], "likeCount": 4, "embed": {"images": [{"fullsize": "https://cdn.example/1", "alt": "a cup"}]}}]});
        pds.instead("getPosts", "200 OK", "", &view.to_string());
        let page = whole(&pds.desk(), &wanted("mentions", None)).unwrap();
        let media = &page.items[0].media[0];
        assert_eq!(
            (media.url.as_str(), media.mime_type.as_str(), media.alt.as_deref()),
            ("https://cdn.example/1", "image/png", Some("a cup"))
        );
        assert_eq!((page.items[0].counts["likes"], page.items[1].media.len()), (4, 0));
        assert!(pds.asked("getPosts")[0].line.matches("uris=").count() == 1);
        pds.instead("listNotifications", "200 OK", "", &told(&both, None));
        assert_eq!(
            whole(&pds.desk(), &wanted("mentions", None)).unwrap().items.len(),
            2,
            "without them when nobody says"
        );
    }

    #[test]
    fn without_an_app_view_only_our_own_posts_are_read() {
        let pds = Pds::start();
        for what in ["notifications", "search?q=tea", "thread?uri=at://did:plc:a/app.bsky.feed.post/3k"] {
            let Err(Trouble::Elsewhere(reason)) = whole(&pds.desk(), &wanted(what, None)) else {
                panic!("{what}")
            };
            assert!(reason.contains("no AppView answers"), "{reason}");
        }
        let record = |key: &str, at: &str| json!({"uri": format!("at://{DID}/app.bsky.feed.post/{key}"), "cid": "bafya", "value": {"text": key, "createdAt": at}});
        pds.instead(
            "listRecords",
            "200 OK",
            "",
            &json!({"records": [record("b", "2026-11-21T09:00:00Z")], "cursor": "b"}).to_string(),
        );
        pds.instead(
            "listRecords",
            "200 OK",
            "",
            &json!({"records": [record("a", "2026-11-20T09:00:00Z")]}).to_string(),
        );
        let page = whole(&pds.desk(), &wanted("posts", None)).unwrap();
        assert_eq!(texts(&page), ["b", "a"]);
        assert!(page.items.iter().all(|item| item.own));
        assert_eq!(page.items[0].url.as_deref(), Some("https://bsky.app/profile/acme.example/post/b"));
        assert_eq!(
            (page.mark.as_deref(), pds.count("getAuthorFeed")),
            (Some("2026-11-21T09:00:00.000Z did:plc:acme"), 1)
        );
    }

    #[test]
    fn a_search_asks_for_what_is_new() {
        let pds = Pds::start();
        let hit = |key: &str, at: &str| json!({"uri": format!("at://did:plc:bob/app.bsky.feed.post/{key}"), "cid": "bafya", "indexedAt": at, "author": {"did": "did:plc:bob"}, "record": {"text": key, "createdAt": at}});
        pds.instead(
            "searchPosts",
            "200 OK",
            "",
            &json!({"posts": [hit("a", "2026-11-20T09:00:00Z")], "hitsTotal": 1}).to_string(),
        );
        let since = Wanted { since: Some(at()), ..wanted("search?q=acme+roast&lang=en", None) };
        let page = whole(&pds.desk(), &since).unwrap();
        assert_eq!((texts(&page), page.items[0].kind), (vec!["a"], "note"));
        pds.instead("searchPosts", "200 OK", "", r#"{"posts":[],"cursor":"100"}"#);
        pds.instead("searchPosts", "200 OK", "", r#"{"posts":[]}"#);
        whole(&pds.desk(), &wanted("search?q=acme&since=2026-01-01", page.mark.as_deref())).unwrap();
        let lines: Vec<String> = pds.asked("searchPosts").into_iter().map(|asked| asked.line).collect();
        assert!(
            lines[0].contains("q=acme+roast&lang=en&limit=100&sort=latest&since=2026-11-22T09%3A00%3A00Z"),
            "{lines:?}"
        );
        assert!(
            lines[1].contains("since=2026-01-01&") && lines[1].matches("since=").count() == 1,
            "{lines:?}"
        );
        pds.instead("searchPosts", "403 Forbidden", "", "");
        let closed = whole(&pds.desk(), &wanted("search?q=a", None));
        assert!(matches!(closed, Err(Trouble::Refused(_))), "it is the list that is closed, not the account");
        pds.instead("searchPosts", "403 Forbidden", "", r#"{"error":"AccountTakedown"}"#);
        assert!(matches!(whole(&pds.desk(), &wanted("search?q=a", None)), Err(Trouble::Credentials(_))));
    }

    #[test]
    fn our_own_feed_leaves_boosts_out() {
        let pds = Pds::start();
        let entry = |did: &str, reason: Value| json!({"post": {"uri": format!("at://{did}/app.bsky.feed.post/3k"), "cid": "bafya", "author": {"did": did}, "record": {"text": did, "createdAt": "2026-11-20T09:00:00Z"}, "replyCount": 2}, "reason": reason});
        let feed = json!({"feed": [entry("did:plc:bob", json!({"$type": "app.bsky.feed.defs#reasonRepost"})), entry(DID, Value::Null), entry(DID, json!({"$type": "x"}))]});
        pds.instead("getAuthorFeed", "200 OK", "", &feed.to_string());
        let page = whole(&pds.desk(), &wanted("posts", None)).unwrap();
        assert_eq!((texts(&page), page.items[0].counts["replies"]), (vec![DID], 2));
    }

    #[test]
    fn what_is_not_there_to_be_read_is_told() {
        let pds = Pds::start();
        let reader = pds.desk().reader();
        assert!(reader.offers().contains(&"mentions"));
        let error = run(reader.page(&wanted("comments", None), None)).unwrap_err();
        assert!(
            matches!(&error, Trouble::Refused(reason) if reason.contains("notifications, mentions")),
            "{error}"
        );
        assert!(pds.server.asked().is_empty());
    }
}
