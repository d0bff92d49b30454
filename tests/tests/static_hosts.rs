//! `cm-shorten export` and the real programs that read it: nginx, Apache and Caddy are asked for every one of some hundred
//! links with everything in them that means something to a configuration file.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::Home;
use cm_tests::http::{Reply, Request};
use cm_tests::peers::{WebServer, eventually, unique, web_server};
use serde_json::{Value, json};

/// A link, and what the server has to answer.
struct Case {
    line: Value,
    code: String,
    location: String,
    status: u16,
    cache: String,
}

fn case(code: &str, target: &str, more: Value) -> Case {
    let mut line = json!({"code": code, "url": target});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let status = line["status"].as_u64().unwrap_or(302) as u16;
    let cache = format!("private, max-age={}", line["max_age"].as_u64().unwrap_or(0));
    Case { line, code: code.to_owned(), location: target.to_owned(), status, cache }
}

/// Every printable sign alone, doubled, escaped, at the end and after what makes it special, and the words that mean
/// something to one of the programs.
fn cases() -> Vec<Case> {
    let mut targets: Vec<String> = Vec::new();
    for c in (0x21_u8..0x7F).map(char::from) {
        targets.push(format!("https://a.example/x{c}y{c}{c}?q={c}&r=\\{c}#{c}"));
        targets.push(format!("http://a.example:8080/${c}%{c}{{{c}}}${{{c}}}%{{{c}}}{c}"));
    }
    targets.extend(
        [
            "{env.HOME}",
            "{$HOME}",
            "{$HOME:x}",
            "${HOME}",
            "$HOME",
            "$1",
            "${1}",
            "%1",
            "%{HTTP_HOST}",
            "%{ENV:HOME}",
            "${cm_links:k0}",
            "${cm_dollar}",
            "$host",
            "{path}",
            "{host}",
            "{http.request.host}",
            "{args.0}",
            "{args[0]}",
            "{{x}}",
            "\\{path\\}",
            "\\",
            "\\\\",
            "\\\\\\",
            "\\\"",
            "\"",
            "\"; return 200 \"x\";",
            "'",
            "`",
            "\"`\\",
            "}",
            "};",
            "#",
            ";#",
            "%",
            "%0",
            "%zz",
            "%00",
            "%0d%0aX:y",
            "%25",
            "%23",
            "%3F",
            "?",
            "??",
            "?&",
            "?x&",
            "?x&&",
            "?a?b#c?d",
            "#?&",
            "//",
            "/../x",
            "*",
            ":splat",
            "(x)",
            "[x]",
            "^$",
            "~",
            "<!--",
            "-->",
            "&amp;",
            "a+b",
            "<If>",
        ]
        .map(|text| format!("https://a.example/{}", text.replace(' ', ""))),
    );
    for length in [900, 990, 1000, 1010, 1023, 1100, 2047, 3880, 4000, 4096, 8000, 8170] {
        targets.push(format!("https://a.example/{}z", "a".repeat(length - 19)));
        targets.push(format!("https://a.example/{}", "$\"\\%{}`k".repeat((length - 30) / 8)));
    }
    targets.push("HTTPS://A.example".to_owned());
    let numbered = |(n, target): (usize, &String)| case(&format!("n{n}x"), target, json!({}));
    let mut cases: Vec<Case> = targets.iter().enumerate().map(numbered).collect();
    let written =
        |code, given, location: &str| Case { location: location.to_owned(), ..case(code, given, json!({})) };
    cases.push(written(
        "unicode",
        "https://bücher.example/ü ü",
        "https://xn--bcher-kva.example/%C3%BC%20%C3%BC",
    ));
    for status in [301, 302, 307, 308] {
        let code = format!("s{status}");
        cases.push(case(&code, "https://a.example/?s", json!({"status": status, "max_age": status})));
    }
    let long = format!("https://a.example/{}", "b".repeat(5000));
    cases.push(case("s301long", &long, json!({"status": 301, "max_age": 60})));
    let ended = json!({"expires": "2020-01-01T00:00:00Z", "fallback": "https://f.example/?$&"});
    cases.push(Case {
        location: "https://f.example/?$&".to_owned(),
        ..case("fell", "https://a.example/", ended)
    });
    let codes =
        ["default", "include", "hostnames", "volatile", "-", "_", "K", "AbC", "abC", "abc", "Only-Upper"];
    for code in codes {
        cases.push(case(code, &format!("https://a.example/code-{code}"), json!({})));
    }
    cases.push(case(&"L".repeat(64), "https://a.example/longest", json!({})));
    cases
}

/// A store with the cases, a link that has ended, and one that the server is recognised by; its code.
fn store(home: &Home, cases: &[Case]) -> String {
    home.write("cm.toml", "[shorten]\ndomain = 'https://go.acme.example'\n");
    let mark = unique("mark");
    let mut lines: String = cases.iter().map(|case| format!("{}\n", case.line)).collect();
    lines += &format!(
        "{}\n",
        json!({"code": "gone", "url": "https://a.example/", "expires": "2020-01-01T00:00:00Z"})
    );
    lines += &format!("{}\n", json!({"code": mark, "url": "https://a.example/"}));
    home.write("links.jsonl", lines);
    let done = home.run("cm-shorten", &["import", "links.jsonl", "--from", "jsonl"], "");
    assert_eq!(done.code, Some(0), "{} {}", done.stderr, String::from_utf8_lossy(&done.stdout));
    mark
}

fn ask(server: &WebServer, code: &str) -> Reply {
    Request::get(format!("{}/{code}", server.url)).send()
}

fn header(reply: &Reply, name: &str) -> Vec<String> {
    let lines = reply.headers.iter().filter_map(|line| line.split_once(": "));
    lines.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned()).collect()
}

/// Exports, and asks for every code. `written` is what becomes of a target in this program's hands.
fn check(name: &'static str, written: fn(&str) -> String) -> Option<WebServer> {
    let server = web_server(name)?;
    let (home, cases) = (Home::new(), cases());
    let mark = store(&home, &cases);
    let site = server.site.display().to_string();
    let done = home.run("cm-shorten", &["export", "--to", name, "-o", &site], "");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    server.read_again();
    eventually("the new site", || (ask(&server, &mark).status == 302).then_some(()));
    let mut wrong = Vec::new();
    for case in &cases {
        let reply = ask(&server, &case.code);
        let found = (reply.status, header(&reply, "location"), header(&reply, "cache-control"));
        let wanted = (case.status, vec![written(&case.location)], vec![case.cache.clone()]);
        if found != wanted {
            wrong.push(format!("{}: {found:.200?}\n  wanted {wanted:.200?}", case.code));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    for (code, status) in [("gone", 410), ("nothing", 404), ("%6eothing", 404), ("a/b", 404), (".env", 404)] {
        let reply = ask(&server, code);
        assert_eq!((reply.status, header(&reply, "location").len()), (status, 0), "{name} {code}");
        assert_eq!(header(&reply, "cache-control"), ["no-store"], "{name} {code}");
    }
    let slash = ask(&server, &format!("{mark}/?x=1"));
    assert_eq!(
        header(&slash, "location"),
        ["https://a.example/"],
        "a slash at the end and a query are forgiven"
    );
    Some(server)
}

fn leads_to(server: &WebServer, typed: &str) -> Option<String> {
    header(&ask(server, typed), "location").pop()
}

#[test]
fn nginx_answers_every_link_and_forgives_what_typing_does() {
    let Some(server) = check("nginx", str::to_owned) else { return };
    for typed in ["S3o1", "s30l", "S30I", "GOne", "oNly-upper"] {
        let meant = typed.to_lowercase();
        let found = ask(&server, typed).status;
        assert_eq!(
            found,
            if meant == "gone" {
                410
            } else if meant.starts_with('s') {
                301
            } else {
                302
            },
            "{typed}"
        );
    }
    assert_eq!(leads_to(&server, "aBC"), None, "it may be any of three");
}

#[test]
fn apache_answers_every_link_and_forgives_what_typing_does() {
    let Some(server) = check("apache", str::to_owned) else { return };
    for (typed, status) in [("S3o1", 301), ("s30l", 301), ("S30I", 301), ("GONE", 410), ("k", 404)] {
        assert_eq!(ask(&server, typed).status, status, "{typed}");
    }
    assert_eq!(leads_to(&server, "ABC").as_deref(), Some("https://a.example/code-abc"), "as serve does it");

    // The same from a hash, as docs/short-links-without-a-server.md says.
    let site = server.site.display();
    let script = format!(
        "cd {site} && PATH=$PATH:/usr/sbin httxt2dbm -i links.txt -o links.map && \
         sed -i 's/txt:\\(.*\\)links.txt/dbm:\\1links.map/' links.conf"
    );
    let done = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    server.read_again();
    for case in cases() {
        let reply = ask(&server, &case.code);
        assert_eq!(
            (reply.status, header(&reply, "location")),
            (case.status, vec![case.location]),
            "{}",
            case.code
        );
    }
    assert_eq!((ask(&server, "gone").status, ask(&server, "nothing").status), (410, 404));
}

#[test]
fn caddy_answers_every_link() {
    check("caddy", |target| target.replace('{', "%7B").replace('}', "%7D").replace('`', "%60"));
}
