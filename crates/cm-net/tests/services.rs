//! The services as cm-schedule uses them.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod server;

use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{Draft, file::File, webhook::Webhook};
use cm_net::{Client, Delivery, Found, Guarantee, Options, Outgoing, Publish};
use cm_time::Clock;
use server::{Server, reply};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const NOW: &str = "2026-11-22T09:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn outgoing(service: &dyn Publish, id: &str) -> Outgoing {
    let record =
        serde_json::json!({"id": "https://blog.example/1", "url": "https://blog.example/1", "title": "One"});
    let text = "One\nhttps://blog.example/1".to_owned();
    let draft = Draft { id: id.to_owned(), text, links: Vec::new(), record, at: now() };
    let body = service.freeze(&draft).unwrap();
    Outgoing { id: id.to_owned(), body, since: now() }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

mod file {
    use super::*;

    #[test]
    fn a_post_is_one_line_and_goes_once() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("drafts.jsonl");
        let file = File { path: path.clone() };
        assert_eq!(file.guarantee(), Guarantee::ReadBack);
        let (one, two) = (outgoing(&file, "urn:cm:post:1"), outgoing(&file, "urn:cm:post:2"));
        assert_eq!(run(file.find(&one)), Found::No);
        let url = Some(url::Url::from_file_path(&path).unwrap().to_string());
        for _ in 0..3 {
            assert_eq!(run(file.send(&one)), Delivery::Published { url: url.clone() });
        }
        run(file.send(&two));
        assert_eq!(run(file.find(&one)), Found::Yes { url });
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0].as_bytes(), one.body);
        let said: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(
            (&said["id"], &said["text"]),
            (&"urn:cm:post:1".into(), &"One\nhttps://blog.example/1".into())
        );
        assert_eq!(said["record"]["title"], "One");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// Cut off anywhere, the line is no post; the repeat stands whole on a line of its own.
    #[test]
    fn a_torn_line_is_ended_and_written_again() {
        let home = tempfile::tempdir().unwrap();
        let file = File { path: home.path().join("drafts.jsonl") };
        let post = outgoing(&file, "urn:cm:post:1");
        for cut in 1..post.body.len() {
            fs::write(&file.path, &post.body[..cut]).unwrap();
            assert_eq!(run(file.find(&post)), Found::No, "cut at {cut}");
            run(file.send(&post));
            let text = fs::read(&file.path).unwrap();
            let whole = [&post.body[..cut], b"\n", &post.body, b"\n"].concat();
            assert_eq!(text, whole, "cut at {cut}");
        }
        fs::write(&file.path, &post.body).unwrap();
        run(file.send(&post));
        assert_eq!(fs::read(&file.path).unwrap(), post.body, "only the end was lost: it is there");
    }

    /// The id must be the line's own: a record inside may tell of other posts.
    #[test]
    fn an_id_inside_a_record_is_not_the_post() {
        let home = tempfile::tempdir().unwrap();
        let file = File { path: home.path().join("drafts.jsonl") };
        fs::write(
            &file.path,
            "{\"id\":\"urn:cm:post:9\",\"record\":{\"id\":\"urn:cm:post:1\"}}\nurn:cm:post:1\n",
        )
        .unwrap();
        let post = outgoing(&file, "urn:cm:post:1");
        assert_eq!(run(file.find(&post)), Found::No);
        run(file.send(&post));
        assert!(matches!(run(file.find(&post)), Found::Yes { .. }));
    }

    #[test]
    fn many_writers_at_once_lose_and_repeat_nothing() {
        let home = tempfile::tempdir().unwrap();
        let file = File { path: home.path().join("drafts.jsonl") };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..10 {
                        let post = outgoing(&file, &format!("urn:cm:post:{n}"));
                        assert!(matches!(run(file.send(&post)), Delivery::Published { .. }));
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&file.path).unwrap().lines().count(), 10);
    }

    #[test]
    fn what_cannot_be_written_is_put_off() {
        let home = tempfile::tempdir().unwrap();
        for path in [home.path().to_owned(), home.path().join("no/such/folder.jsonl"), "/dev/null".into()] {
            let file = File { path };
            let post = outgoing(&file, "urn:cm:post:1");
            assert!(matches!(run(file.send(&post)), Delivery::Later { .. }), "{file:?}");
        }
    }
}

mod webhook {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(20);

    fn client(allow_private: bool, deadline: Duration) -> Client {
        let options =
            Options { clock: Clock::Fixed(now()), deadline, ..Options::new("cm-test", allow_private) };
        Client::new(options, &mut |_| ()).unwrap()
    }

    /// Patient: a busy machine is no reason to fail.
    fn hook(url: url::Url, idempotent: bool) -> Webhook {
        Webhook { url, idempotent, client: client(true, PATIENT) }
    }

    fn deliver(webhook: &Webhook) -> Delivery {
        run(webhook.send(&outgoing(webhook, "urn:cm:post:1")))
    }

    #[test]
    fn a_post_goes_out_with_its_key() {
        let server = Server::start(|_, out| reply(out, "201 Created", "Location: /posts/7\r\n", b""));
        let hook = hook(server.url("hook"), true);
        assert_eq!(
            (hook.guarantee(), run(hook.find(&outgoing(&hook, "x")))),
            (Guarantee::SameKey, Found::Unknown)
        );
        assert_eq!(deliver(&hook), Delivery::Published { url: Some(server.url("posts/7").into()) });
        let [asked] = &server.asked()[..] else { panic!() };
        assert_eq!(asked.header("idempotency-key"), Some("urn:cm:post:1"));
        assert_eq!(asked.header("content-type"), Some("application/json"));
        assert_eq!(asked.body, outgoing(&hook, "urn:cm:post:1").body, "the frozen bytes and nothing else");
        let said: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(said["url"], "https://blog.example/1");
    }

    #[test]
    fn without_a_promise_there_is_no_guarantee() {
        assert_eq!(hook("https://chat.example/hook".parse().unwrap(), false).guarantee(), Guarantee::None);
    }

    #[test]
    fn each_status_has_its_meaning() {
        let server = Server::start(|asked, out| {
            let (status, wait) = asked.path().split_once('+').unwrap_or((asked.path(), ""));
            let wait = if wait.is_empty() { String::new() } else { format!("Retry-After: {wait}\r\n") };
            reply(out, &format!("{status} So"), &wait, b"  no\n\tway \x1b[31m")
        });
        let of = |path: &str| deliver(&hook(server.url(path), false));
        let host = server.url("").to_string().trim_end_matches('/').to_owned();
        for path in ["200", "202", "204"] {
            assert_eq!(of(path), Delivery::Published { url: None }, "{path}");
        }
        for path in ["400", "404", "410", "422", "301", "308"] {
            assert!(matches!(of(path), Delivery::Refused { .. }), "{path}");
        }
        assert_eq!(of("400"), Delivery::Refused { reason: format!("{host} answered 400: no way [31m") });
        for path in ["401", "403"] {
            assert!(matches!(of(path), Delivery::Credentials { .. }), "{path}");
        }
        for path in ["409", "500", "502", "503", "504", "302", "303"] {
            assert!(matches!(of(path), Delivery::Unknown { .. }), "{path}");
        }
        for (path, wait) in [("429", None), ("429+60", Some(60)), ("503+120", Some(120)), ("408", None)] {
            let Delivery::Later { after, .. } = of(path) else { panic!("{path}: {:?}", of(path)) };
            assert_eq!(after, wait.map(|s| now() + TimeDelta::seconds(s)), "{path}");
        }
    }

    /// As between two posts of one run: the receiver hung up while nobody looked.
    #[test]
    fn a_connection_that_was_hung_up_is_no_reason_to_be_unsure() {
        let server = Server::start(|_, out| {
            out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
            out.shutdown(std::net::Shutdown::Both)
        });
        let hook = hook(server.url("hook"), false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for n in 0..20 {
            let post = outgoing(&hook, &format!("urn:cm:post:{n}"));
            assert_eq!(runtime.block_on(hook.send(&post)), Delivery::Published { url: None }, "{n}");
        }
        assert_eq!(server.asked().len(), 20);
    }

    #[test]
    fn an_answer_that_repeats_the_address_does_not_tell_its_secrets() {
        let server = Server::start(|asked, out| {
            reply(out, "404 Not Found", "", format!("Cannot POST /{}", asked.path()).as_bytes())
        });
        let Delivery::Refused { reason } =
            deliver(&hook(server.url("hook/T0-s3cret?key=k-s3cret&v=2"), false))
        else {
            panic!()
        };
        assert!(reason.ends_with("answered 404: Cannot POST /hook/***?key=***&v=2"), "{reason}");
    }

    #[test]
    fn what_never_left_is_put_off_and_what_may_have_is_unknown() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let nobody = hook(format!("http://{closed}/secret").parse().unwrap(), false);
        let guarded = Webhook {
            client: client(false, PATIENT),
            ..hook("http://10.0.0.1/secret".parse().unwrap(), false)
        };
        let no_name = hook("http://no-such-name.invalid/secret".parse().unwrap(), false);
        for webhook in [nobody, guarded, no_name] {
            let Delivery::Later { reason, after: None } = deliver(&webhook) else { panic!("{webhook:?}") };
            assert!(!reason.contains("secret") && !format!("{webhook:?}").contains("secret"), "{reason}");
        }
        let silent = Server::start(|_, _| {
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        });
        let cut = Server::start(|_, _| Ok(()));
        for (server, deadline) in [(silent, Duration::from_secs(2)), (cut, PATIENT)] {
            let said =
                deliver(&Webhook { client: client(true, deadline), ..hook(server.url("secret"), true) });
            let Delivery::Unknown { reason } = said else { panic!("{said:?}") };
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
