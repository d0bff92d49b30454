//! Proxies, secrets and the elder HTTP, chosen for one request.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod server;

use cm_net::{Client, Error, Kind, Options, Proxy, Request, Response, Via};
use server::{Server, reply};
use std::io::Write;

fn send_as(allow_private: bool, request: Request) -> Result<Response, Error> {
    let client = Client::new(Options::new("cm-test", allow_private), &mut |_| ()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(client.send(request))
}

fn send(request: Request) -> Result<Response, Error> {
    send_as(true, request)
}

fn proxy(server: &Server) -> Via {
    Via::Proxy(Proxy::parse(&format!("http://ana:s3cret@{}", server.address)).unwrap())
}

const WHO: &str = "Basic YW5hOnMzY3JldA==";

#[test]
fn a_request_has_a_proxy_of_its_own() {
    let carrier = Server::start(|_, out| reply(out, "200 OK", "", b"by proxy"));
    let site = Server::start(|_, out| reply(out, "200 OK", "", b"straight"));
    let far = || Request::get("http://news.example/feed?x=1".parse().unwrap());
    assert_eq!(send(far().via(proxy(&carrier))).unwrap().body, b"by proxy");
    assert_eq!(
        send_as(false, far().via(proxy(&carrier))).unwrap().body,
        b"by proxy",
        "its own address may be private"
    );
    assert_eq!(send(Request::get(site.url("")).via(Via::Direct)).unwrap().body, b"straight");
    for asked in carrier.asked() {
        assert_eq!(asked.line, "GET http://news.example/feed?x=1 HTTP/1.1");
        assert_eq!(asked.header("host"), Some("news.example"));
        assert_eq!(asked.header("proxy-authorization"), Some(WHO));
    }
    assert_eq!(carrier.asked().len(), 2);
    assert_eq!(site.asked()[0].header("proxy-authorization"), None);
}

#[test]
fn what_is_secure_goes_through_a_tunnel_and_a_closed_one_is_told() {
    let carrier = Server::start(|_, out| write!(out, "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"));
    let url: url::Url = "https://news.example/feed?key=hush".parse().unwrap();
    let error = send(Request::get(url).secret("x-key", "hush-hush".to_owned().into()).via(proxy(&carrier)))
        .unwrap_err();
    assert_eq!((error.kind, error.sent), (Kind::Connect, false), "{error}");
    assert!(error.message.contains("proxy") && !error.message.contains("s3cret"), "{error}");
    let [asked] = &carrier.asked()[..] else { panic!() };
    assert_eq!(asked.line, "CONNECT news.example:443 HTTP/1.1");
    assert_eq!(asked.header("proxy-authorization"), Some(WHO));
    assert_eq!(asked.header("x-key"), None, "the proxy is not told what is for the host");
}

/// A proxy would reach what it can: what is private by its very address stays refused.
#[test]
fn private_literals_are_refused_behind_a_proxy_too() {
    let carrier = Server::start(|asked, out| match asked.line.contains("away") {
        true => reply(out, "302 Found", "Location: http://[::ffff:10.0.0.1]/\r\n", b""),
        false => reply(out, "200 OK", "", b"inside"),
    });
    for url in ["http://127.0.0.1/", "http://localhost/", "http://0x7f000001/", "http://news.example/away"] {
        let error = send_as(false, Request::get(url.parse().unwrap()).via(proxy(&carrier))).unwrap_err();
        assert_eq!(error.kind, Kind::Refused, "{url}: {error}");
    }
    assert_eq!(carrier.asked().len(), 1, "only the public name was asked");
}

#[test]
fn secrets_travel_to_their_host_only_and_are_not_repeated() {
    let other = Server::start(|_, out| reply(out, "200 OK", "", b""));
    let there = other.url("there").to_string();
    let site = Server::start(move |asked, out| match asked.path() {
        "away" => reply(out, "302 Found", &format!("Location: {there}\r\n"), b""),
        _ => reply(out, "403 No", "X-Echo: c=biscuit-1\r\n", b"pass-word-1 biscuit-1 key-key-1"),
    });
    let request = |path: &str| {
        Request::get(site.url(path))
            .basic("ana", &"pass-word-1".to_owned().into())
            .secret("cookie", "c=biscuit-1".to_owned().into())
            .secret("x-key", "key-key-1".to_owned().into())
    };
    let refused = send(request("refused")).unwrap();
    assert_eq!(String::from_utf8(refused.body).unwrap(), "*** *** ***");
    assert_eq!(refused.headers.iter().find(|(name, _)| name == "x-echo").unwrap().1, "***");
    send(request("away")).unwrap();
    for asked in site.asked() {
        assert_eq!(asked.header("authorization"), Some("Basic YW5hOnBhc3Mtd29yZC0x"));
        assert_eq!((asked.header("cookie"), asked.header("x-key")), (Some("c=biscuit-1"), Some("key-key-1")));
    }
    let [asked] = &other.asked()[..] else { panic!() };
    assert_eq!(asked.headers.iter().filter(|h| h.contains("-1")).count(), 0, "{:?}", asked.headers);
    assert!(!format!("{:?}", request("x")).contains("-1"));
}
