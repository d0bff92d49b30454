//! What the environment changes: proxies, and a system without root certificates. A process's environment can't be
//! changed safely from within, so each test runs itself again in one of its making.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod server;

use cm_net::{Client, Error, Kind, Options, Request, Response};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use server::{Server, reply};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;

/// Set in the process that does the work.
const INNER: &str = "CM_NET_TEST_URL";

fn inner() -> Option<url::Url> {
    std::env::var(INNER).ok().map(|url| url.parse().unwrap())
}

/// Runs the named test again with only these variables.
fn again(test: &str, url: &str, vars: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env(INNER, url)
        .envs(vars.iter().copied())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{test} in {vars:?}:\n{said}");
}

fn get(url: url::Url) -> (Result<Response, Error>, Vec<String>) {
    let mut warnings = Vec::new();
    let client = Client::new(Options::new("cm-test", false), &mut |line| warnings.push(line)).unwrap();
    (tokio::runtime::Runtime::new().unwrap().block_on(client.send(Request::get(url))), warnings)
}

#[test]
fn without_roots_only_https_fails() {
    if let Some(url) = inner() {
        let (answer, _) = get(url);
        let error = answer.unwrap_err();
        assert_eq!((error.kind, error.sent), (Kind::Tls, false), "{error}");
        assert!(error.message.contains("ca-certificates"), "{error}");
        let client = Client::new(Options::new("cm-test", true), &mut |_| ()).unwrap();
        let server = Server::start(|_, out| reply(out, "200 OK", "", b"plain"));
        let answer = tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(client.send(Request::get(server.url(""))))
            .unwrap();
        assert_eq!(answer.body, b"plain");
    } else {
        let none = [("SSL_CERT_FILE", "/nonexistent.pem"), ("SSL_CERT_DIR", "/nonexistent")];
        again("without_roots_only_https_fails", "https://news.example/", &none);
    }
}

#[test]
fn a_proxy_stands_in_for_the_guard_and_that_is_said_once() {
    if let Some(url) = inner() {
        let (answer, warnings) = get(url);
        assert_eq!(answer.unwrap().body, b"by proxy");
        let [warning] = &warnings[..] else { panic!("{warnings:?}") };
        assert!(warning.contains("the proxy 127.0.0.1:") && !warning.contains("s3cret"), "{warning}");
    } else {
        let proxy = Server::start(|_, out| reply(out, "200 OK", "", b"by proxy"));
        let address = format!("http://ana:s3cret@{}", proxy.address);
        again(
            "a_proxy_stands_in_for_the_guard_and_that_is_said_once",
            "http://news.example/feed",
            &[("HTTP_PROXY", &address)],
        );
        assert_eq!(proxy.asked()[0].line, "GET http://news.example/feed HTTP/1.1");
    }
}

/// The first hop is a public name, as far as the guard can see; where it leads is judged anew.
#[test]
fn a_redirect_to_a_private_address_is_refused() {
    const BEHIND: [&str; 5] = ["127.0.0.1", "10.0.0.1", "[::ffff:10.0.0.1]", "169.254.169.254", "localhost"];
    if let Some(url) = inner() {
        for host in BEHIND {
            let error = get(url.join(host).unwrap()).0.unwrap_err();
            assert_eq!(error.kind, Kind::Refused, "{host}: {error}");
        }
    } else {
        let proxy = Server::start(|asked, out| {
            let host = asked.path().rsplit('/').next().unwrap_or("");
            reply(out, "302 Found", &format!("Location: http://{host}/inner\r\n"), b"")
        });
        let address = format!("http://{}", proxy.address);
        let none = "127.0.0.1,10.0.0.1,::ffff:10.0.0.1,169.254.169.254,localhost";
        let vars = [("HTTP_PROXY", address.as_str()), ("NO_PROXY", none)];
        again("a_redirect_to_a_private_address_is_refused", "http://news.example/", &vars);
        assert_eq!(proxy.asked().len(), BEHIND.len());
    }
}

/// A TLS server for `localhost` and 127.0.0.1 that says `secure` to whoever trusts it. Its certificate signs itself and
/// is nobody's root but where a test says so.
fn secure_server(host: &str) -> SocketAddr {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls");
    let certificate = CertificateDer::from_pem_file(format!("{folder}/cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{folder}/key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind((host, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            // A client that does not trust us goes away: that is what one test is about.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecure");
            }
        }
    });
    address
}

#[test]
fn https_is_for_those_whom_the_system_trusts() {
    if let Some(url) = inner() {
        let client = Client::new(Options::new("cm-test", true), &mut |_| ()).unwrap();
        let answer =
            tokio::runtime::Runtime::new().unwrap().block_on(client.send(Request::post(url.clone(), "x")));
        match url.path() {
            "/trusted" => assert_eq!(answer.unwrap().body, b"secure"),
            _ => {
                let error = answer.unwrap_err();
                assert_eq!((error.kind, error.sent), (Kind::Tls, false), "{error}");
            }
        }
    } else {
        let address = secure_server("127.0.0.1");
        let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/cert.pem");
        let at = |path: &str| format!("https://localhost:{}/{path}", address.port());
        let test = "https_is_for_those_whom_the_system_trusts";
        again(test, &at("trusted"), &[("SSL_CERT_FILE", ours)]);
        again(test, &at("unknown-issuer"), &[]);
        let other_name = format!("https://{}/other-name", secure_server("127.0.0.2"));
        again(test, &other_name, &[("SSL_CERT_FILE", ours)]);
    }
}
