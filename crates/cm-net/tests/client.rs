//! The client against servers that behave, and servers that do not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod server;

use cm_net::{Client, Error, Kind, Method, Options, Request, Response};
use server::{Asked, Server, reply};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn options() -> Options {
    Options { deadline: Duration::from_secs(20), ..Options::new("cm-test", true) }
}

fn send_with(options: Options, request: Request) -> Result<Response, Error> {
    let client = Client::new(options, &mut |line| panic!("warned: {line}")).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(client.send(request))
}

fn send(request: Request) -> Result<Response, Error> {
    send_with(options(), request)
}

fn failure(request: Request) -> Error {
    send(request).unwrap_err()
}

#[test]
fn an_answer_comes_whole() {
    let server = Server::start(|_, out| {
        reply(out, "200 OK", "ETag: \"one\"\r\nX-Twice: a\r\nX-Twice: b\r\n", b"<rss/>")
    });
    let answer = send(Request::get(server.url("feed?q=1")).header("If-None-Match", "\"none\"")).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"<rss/>"[..]));
    assert_eq!(answer.header("etag"), Some("\"one\""));
    assert_eq!(answer.headers.iter().filter(|(n, _)| n == "x-twice").count(), 2);
    let [asked] = &server.asked()[..] else { panic!("asked more than once") };
    assert_eq!(asked.line, "GET /feed?q=1 HTTP/1.1");
    assert_eq!(asked.header("user-agent"), Some("cm-test/0.1.0"));
    assert_eq!(asked.header("accept-encoding"), Some("zstd, br, gzip, deflate"));
    assert_eq!(asked.header("if-none-match"), Some("\"none\""));
}

#[test]
fn any_status_is_an_answer() {
    let server = Server::start(|asked, out| reply(out, &format!("{} So", asked.path()), "", b""));
    for status in [204, 304, 300, 404, 410, 429, 500, 503] {
        assert_eq!(send(Request::get(server.url(&status.to_string()))).unwrap().status, status);
    }
}

#[test]
fn head_has_no_body_and_post_goes_once() {
    let server = Server::start(|asked, out| match asked.line.starts_with("HEAD") {
        true => write!(
            out,
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        ),
        false => reply(out, "307 Elsewhere", "Location: /elsewhere\r\n", b""),
    });
    let head = Request { method: Method::Head, ..Request::get(server.url("x")) };
    assert_eq!(send(head).unwrap().body, b"");
    let answer = send(Request::post(server.url("post"), "words")).unwrap();
    assert_eq!((answer.status, answer.redirects.len()), (307, 0), "a POST is not sent on");
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[1].line.as_str(), &asked[1].body[..]), ("POST /post HTTP/1.1", &b"words"[..]));
}

#[test]
fn redirects_are_followed_and_told() {
    let server = Server::start(|asked, out| match asked.path() {
        "a" => reply(out, "301 Moved", "Location: b?x=1\r\n", b"gone"),
        "b?x=1" => reply(out, "302 Found", "Location: //127.0.0.1.:1/\r\n", b""),
        "end" => reply(out, "200 OK", "", b"here"),
        n => reply(out, "308 On", &format!("Location: /{}\r\n", next(n)), b""),
    });
    fn next(n: &str) -> String {
        n.parse::<u32>()
            .map_or("end".to_owned(), |n| if n == 1 { "end".to_owned() } else { (n - 1).to_string() })
    }
    let answer = send(Request::get(server.url("5"))).unwrap();
    assert_eq!((&answer.body[..], answer.url.path(), answer.redirects.len()), (&b"here"[..], "/end", 5));
    assert_eq!(answer.redirects[0].status, 308);
    let error = failure(Request::get(server.url("6")));
    assert_eq!((error.kind, error.sent), (Kind::Redirect, true), "{error}");
    assert_eq!(failure(Request::get(server.url("a"))).kind, Kind::Connect, "relative, then to another host");
}

#[test]
fn redirects_to_nowhere_and_in_circles() {
    let server = Server::start(|asked, out| match asked.path() {
        "circle" => reply(out, "302 Found", "Location: /circle\r\n", b""),
        "file" => reply(out, "302 Found", "Location: file:///etc/passwd\r\n", b""),
        "bad" => reply(out, "302 Found", "Location: http://[\r\n", b""),
        _ => reply(out, "302 Found", "", b""),
    });
    for path in ["circle", "file", "bad", "none"] {
        assert_eq!(failure(Request::get(server.url(path))).kind, Kind::Redirect, "{path}");
    }
    assert_eq!(server.asked().iter().filter(|a| a.path() == "circle").count(), 6);
}

/// Another port is another host as far as secrets go.
#[test]
fn what_one_host_was_told_is_not_told_to_another() {
    let other = Server::start(|_, out| reply(out, "200 OK", "", b""));
    let there = other.url("there").to_string();
    let server = Server::start(move |asked, out| match asked.path() {
        "same" => reply(out, "302 Found", "Location: /end\r\n", b""),
        "away" => reply(out, "302 Found", &format!("Location: {there}\r\n"), b""),
        _ => reply(out, "200 OK", "", b""),
    });
    let with_secrets = |path: &str| {
        let mut url = server.url(path);
        url.set_username("ana").unwrap();
        url.set_password(Some("s3 cret")).unwrap();
        Request::get(url).header("Cookie", "c=1").header("X-Api-Key", "k").header("Accept", "text/html")
    };
    let answer = send(with_secrets("same")).unwrap();
    assert_eq!(answer.url, server.url("end"), "credentials are not shown");
    assert_eq!(answer.redirects[0].to, server.url("end"));
    for asked in server.asked() {
        assert_eq!(asked.header("authorization"), Some("Basic YW5hOnMzIGNyZXQ="), "{}", asked.line);
        assert_eq!(asked.header("x-api-key"), Some("k"));
    }
    send(with_secrets("away")).unwrap();
    let [asked] = &other.asked()[..] else { panic!() };
    for secret in ["authorization", "cookie", "x-api-key"] {
        assert_eq!(asked.header(secret), None);
    }
    assert_eq!(asked.header("accept"), Some("text/html"));
}

#[test]
fn private_addresses_are_refused_before_a_packet_leaves() {
    let server = Server::start(|_, out| reply(out, "200 OK", "", b""));
    let port = server.address.port();
    let guarded = || Options { allow_private: false, ..options() };
    for host in
        ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0", "10.0.0.1"]
    {
        let url = format!("http://{host}:{port}/?token=hush").parse().unwrap();
        let error = send_with(guarded(), Request::get(url)).unwrap_err();
        assert_eq!((error.kind, error.sent), (Kind::Refused, false), "{host}: {error}");
        assert!(error.message.contains("--allow-private") && !error.message.contains("hush"), "{error}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn other_schemes_and_bad_headers_are_refused() {
    for url in ["file:///etc/passwd", "ftp://files.example/", "data:text/plain,x"] {
        assert_eq!(failure(Request::get(url.parse().unwrap())).kind, Kind::BadUrl, "{url}");
    }
    let server = Server::start(|_, out| reply(out, "200 OK", "", b""));
    let error = failure(Request::get(server.url("")).header("x-a", "one\r\nx-b: two"));
    assert_eq!((error.kind, error.sent), (Kind::BadUrl, false), "{error}");
    assert!(server.asked().is_empty());
}

#[test]
fn nothing_was_sent_where_nobody_answers() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = failure(Request::post(format!("http://{closed}/T0/secret").parse().unwrap(), "x"));
    assert_eq!((error.kind, error.sent), (Kind::Connect, false));
    assert!(!error.message.contains("secret"), "a webhook's path is its password: {error}");
    let error = failure(Request::get("http://no-such-name.invalid/feed?key=hush".parse().unwrap()));
    assert_eq!((error.kind, error.sent), (Kind::Dns, false));
    assert!(
        error.message.starts_with("http://no-such-name.invalid/feed: the name does not resolve"),
        "{error}"
    );
}

#[test]
fn tls_that_is_none_fails_before_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let error = failure(Request::post(url, "x"));
    assert_eq!((error.kind, error.sent), (Kind::Tls, false), "{error}");
}

fn bomb(coding: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut zeros = std::io::repeat(0).take(80 << 20);
    match coding {
        "gzip" => {
            let mut writer = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
            std::io::copy(&mut zeros, &mut writer).unwrap();
            writer.finish().unwrap();
        }
        "br" => {
            brotli::CompressorReader::new(zeros, 1 << 16, 5, 22).read_to_end(&mut out).unwrap();
        }
        _ => out = zstd::encode_all(zeros, 3).unwrap(),
    }
    out
}

#[test]
fn bombs_go_off_in_a_bounded_room() {
    let server = Server::start(|asked, out| {
        reply(out, "200 OK", &format!("Content-Encoding: {}\r\n", asked.path()), &bomb(asked.path()))
    });
    for coding in ["gzip", "br", "zstd"] {
        let error = failure(Request::get(server.url(coding)));
        assert_eq!((error.kind, error.sent), (Kind::TooLarge, true), "{coding}: {error}");
    }
}

/// A gigabyte, with and without its length said: the connection is closed at the cap.
#[test]
fn a_gigabyte_is_cut_at_the_cap() {
    fn pour(asked: &Asked, out: &mut TcpStream) -> std::io::Result<()> {
        let length = if asked.path() == "said" { "Content-Length: 1073741824\r\n" } else { "" };
        write!(out, "HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n")?;
        let chunk = vec![b'x'; 1 << 20];
        for _ in 0..1024 {
            out.write_all(&chunk)?;
        }
        panic!("a gigabyte was taken");
    }
    let server = Server::start(pour);
    for path in ["said", "unsaid"] {
        assert_eq!(failure(Request::get(server.url(path))).kind, Kind::TooLarge, "{path}");
    }
}

/// A byte now and then, in the head and in the body: the deadline is for the whole.
#[test]
fn slow_answers_end_at_the_deadline() {
    fn drip(asked: &Asked, out: &mut TcpStream) -> std::io::Result<()> {
        let head: &[u8] =
            if asked.path() == "body" { b"HTTP/1.1 200 OK\r\n\r\n" } else { b"HTTP/1.1 200 OK\r\nX-" };
        out.write_all(head)?;
        loop {
            out.write_all(b"a")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let server = Server::start(drip);
    for path in ["head", "body"] {
        let short = Options { deadline: Duration::from_secs(2), ..options() };
        let error = send_with(short, Request::post(server.url(path), "x")).unwrap_err();
        assert_eq!((error.kind, error.sent), (Kind::Timeout, true), "{path}: {error}");
    }
}

#[test]
fn answers_that_break_off_are_broken_and_sent() {
    let server = Server::start(|asked, out| match asked.path() {
        "chunked" => {
            write!(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe")
        }
        "length" => write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhe"),
        "ssh" => write!(out, "SSH-2.0-OpenSSH_9.2\r\n"),
        _ => Ok(()),
    });
    for path in ["chunked", "length", "ssh", "nothing"] {
        let error = failure(Request::post(server.url(path), "x"));
        assert_eq!((error.kind, error.sent), (Kind::Broken, true), "{path}: {error}");
    }
}

#[test]
fn debug_shows_no_secrets() {
    let mut url: url::Url = "https://ana:s3cret@blog.example/feed?key=s3cret".parse().unwrap();
    let get = format!("{:?}", Request::get(url.clone()).header("Authorization", "s3cret"));
    url.set_path("/hooks/s3cret");
    let post = format!("{:?}", Request::post(url, "s3cret"));
    assert!(!get.contains("s3cret") && !post.contains("s3cret"), "{get} {post}");
    assert!(get.contains("Authorization"));
    let server = Server::start(|asked, out| match asked.path() {
        "start" => reply(out, "302 Found", "Location: /end?key=s3cret\r\n", b""),
        _ => reply(out, "200 OK", "Set-Cookie: s3cret\r\n", b"s3cret"),
    });
    let answer = format!("{:?}", send(Request::get(server.url("start"))).unwrap());
    assert!(answer.contains("/end") && answer.contains("set-cookie"), "{answer}");
    assert!(!answer.contains("s3cret"), "{answer}");
}

/// The server says nothing of closing, and closes: a question that meets that is asked again.
#[test]
fn a_connection_that_was_hung_up_fails_no_question() {
    let server = Server::start(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
        out.shutdown(std::net::Shutdown::Both)
    });
    let client = Client::new(options(), &mut |_| ()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for n in 0..100 {
        let answer = runtime.block_on(client.send(Request::get(server.url("x"))));
        assert_eq!(answer.unwrap().body, b"ok", "{n}");
    }
}

/// Nobody is asked a third time.
#[test]
fn a_question_that_is_never_answered_is_asked_twice() {
    let server = Server::start(|_, _| Ok(()));
    assert_eq!(failure(Request::get(server.url("x"))).kind, Kind::Broken);
    assert_eq!(server.asked().len(), 2);
}
