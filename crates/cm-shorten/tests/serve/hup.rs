//! SIGHUP: what a running server obeys of a configuration that was changed.

use super::{BROWSER, CONFIG, Home, Server, clicks};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

/// Has the server read this configuration.
fn hup(home: &Home, server: &Server, config: &str) {
    home.file("cm.toml", config);
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} is not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn hup_reads_the_configuration_again() {
    let home = Home::new(CONFIG);
    let server = Server::start(&home, &[], "");
    assert!(server.get("/", BROWSER).starts_with("HTTP/1.1 200 "));
    hup(&home, &server, &format!("{CONFIG}landing = 'https://acme.example/'\n"));
    wait_for("the landing page", || {
        server.get("/", BROWSER).to_lowercase().contains("location: https://acme.example/\r\n")
    });
    hup(&home, &server, &format!("{CONFIG}landing = 'javascript:alert(1)'\n"));
    std::thread::sleep(Duration::from_millis(100));
    assert!(server.get("/", BROWSER).starts_with("HTTP/1.1 302 "), "what is wrong changes nothing");
    let told = String::from_utf8(server.stop().stderr).unwrap();
    assert!(told.contains("[shorten] landing javascript:alert(1)"), "{told}");
}

#[test]
fn the_api_makes_links_by_the_configuration_that_was_read_last() {
    let home = super::api::home("per_minute = 6000\n");
    let server = Server::start(&home, &[], "");
    let wish =
        |n: u32| json!({"url": format!("https://a.example/{n}"), "account": "bluesky:acme", "utm": "social"});
    let (status, answer, _) = super::api::post(&server, &wish(0));
    assert_eq!(status, 422, "there is no such template yet: {answer}");
    let config = std::fs::read_to_string(home.path("cm.toml")).unwrap();
    hup(&home, &server, &format!("{config}\n[utm.social]\nutm_source = 'there'\n"));
    let mut n = 0;
    wait_for("the template", || {
        n += 1;
        let (status, answer, link) = super::api::post(&server, &wish(n));
        assert!(status == 201 || status == 422 || status == 429, "{answer}");
        status == 201 && link["url"] == format!("https://a.example/{n}?utm_source=there")
    });
    assert!(server.stop().status.success());
}

#[test]
fn how_long_clicks_are_kept_is_obeyed_at_once() {
    let home = Home::new(CONFIG);
    super::add(&home, &["https://a.example/", "--slug", "k", "--clock", "2026-01-01"]);
    let old =
        "203.0.113.7 - - [02/Jan/2026:09:00:00 +0000] \"GET /k HTTP/1.1\" 302 0 \"-\" \"Mozilla/5.0\"\n";
    let import = home.run(&["clicks", "import", &home.file("access.log", old), "--clock", "2026-01-03"]);
    assert_eq!(import.code, 0, "{}", import.err);
    let server = Server::start(&home, &["--clock", "2026-11-22T09:31:00Z"], "");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(clicks(&home).len(), 1, "without the setting they are kept");
    hup(&home, &server, &format!("{CONFIG}keep_clicks = '90d'\n"));
    wait_for("the configuration", || {
        // The writer looks at it with the next click.
        server.get("/k", BROWSER);
        clicks(&home).iter().all(|click| !click["at"].as_str().unwrap().starts_with("2026-01"))
    });
    assert!(server.stop().status.success());
}

#[test]
fn a_command_that_gives_a_token_keeps_nobody_waiting() {
    let home = Home::new(CONFIG);
    // At the start it answers at once, afterwards only when somebody typed a password.
    let command = "test -e ready || { : > ready; echo 0123456789abcdef0123; exit; }; : > asked; exec sleep 60 2> /dev/null";
    let config = format!("{CONFIG}[shorten.api.tokens.site]\npassword_command = ['sh', '-c', '{command}']\n");
    home.file("cm.toml", &config);
    let server = Server::start(&home, &[], "");
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
    };
    // Some for each of the threads that answer.
    let mut streams: Vec<_> = (0..32).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    streams.iter_mut().for_each(ask);
    hup(&home, &server, &config);
    wait_for("the command", || home.path("asked").exists());
    for stream in &mut streams {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // What is left of the answer before.
        let mut rest = [0; 4096];
        assert!(stream.read(&mut rest).unwrap() > 0);
        ask(stream);
    }
    drop(streams);
    let begun = Instant::now();
    assert!(server.stop().status.success());
    assert!(begun.elapsed() < Duration::from_secs(50), "nor does the stop wait for it");
}
