//! The address guard against names, with the real resolver: in a network of its own (`unshare -rmn`) where this test is the
//! name server and 8.8.8.8 is this machine. Documented: DNS messages (RFC 1035). Assumed: nothing but `A` and `AAAA` is asked.

use crate::cm_fetch;
use crate::villain::Villain;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::process::Command;
use std::sync::{Arc, Mutex};

const INNER: &str = "CM_FETCH_TEST_NAMES";
/// Has the network to itself, and the files that say who resolves names.
const SETUP: &str = "ip link set lo up && ip address add 8.8.8.8/32 dev lo && \
    mount --bind resolv.conf /etc/resolv.conf && mount --bind nsswitch.conf /etc/nsswitch.conf && exec \"$@\"";

/// Names, and what they resolve to: the first time, and from then on.
const NAMES: [(&str, &[&str], &[&str]); 9] = [
    ("public.example", &["8.8.8.8"], &["8.8.8.8"]),
    ("rebind.example", &["8.8.8.8"], &["127.0.0.1"]),
    ("both.example", &["8.8.8.8", "127.0.0.1"], &["8.8.8.8", "127.0.0.1"]),
    ("reversed.example", &["127.0.0.1", "8.8.8.8"], &["127.0.0.1", "8.8.8.8"]),
    ("inside.example", &["10.0.0.1"], &["10.0.0.1"]),
    ("mapped.example", &["::ffff:127.0.0.1"], &["::ffff:127.0.0.1"]),
    ("mixed.example", &["8.8.8.8", "::1"], &["8.8.8.8", "::1"]),
    ("nat64.example", &["64:ff9b::7f00:1"], &["64:ff9b::7f00:1"]),
    ("metadata.example", &["169.254.169.254"], &["169.254.169.254"]),
];

/// Where a public site sends us, and no further.
const BEHIND: [&str; 14] = [
    "127.0.0.1",
    "[::ffff:10.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::]",
    "[::1]",
    "0.0.0.0",
    "2130706433",
    "0177.0.0.1",
    "0x7f.1",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "localhost",
    "both.example",
    "inside.example",
];

#[test]
fn no_name_and_no_redirect_leads_inside() {
    if std::env::var_os(INNER).is_some() {
        return inside_out();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:5\n").unwrap();
    std::fs::write(folder.path().join("nsswitch.conf"), "hosts: dns\n").unwrap();
    let alone = |command: &[&str]| {
        let mut alone = Command::new("unshare");
        alone
            .args(["-rmn", "sh", "-c", SETUP, "sh"])
            .args(command)
            .current_dir(folder.path())
            .env(INNER, "1");
        alone.output()
    };
    if !alone(&["true"]).is_ok_and(|tried| tried.status.success()) {
        eprintln!(
            "SKIPPED: names are not tested: this system gives no network of its own (unshare, ip, mount)"
        );
        return;
    }
    let this = std::env::current_exe().unwrap();
    let test = "names::no_name_and_no_redirect_leads_inside";
    let output = alone(&[this.to_str().unwrap(), "--exact", test, "--nocapture"]).unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn inside_out() {
    let (villain, questions, folder) = (Villain::start(), serve_names(), tempfile::tempdir().unwrap());
    let port = villain.port;
    let fetch = |url: &str| {
        let output = cm_fetch(folder.path()).arg(url).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = fetch(&format!("http://public.example:{port}/feed/2000"));
    assert_eq!((code, told.as_str()), (Some(0), ""), "the guard lets through what is public");
    assert_eq!(villain.asked(), [format!("public.example:{port}/feed/2000")]);

    for (name, ..) in &NAMES[2..] {
        let (code, told) = fetch(&format!("http://{name}:{port}/feed/2000"));
        assert!(
            code == Some(3) && told.lines().count() == 1 && told.contains("is not a public address"),
            "{told}"
        );
    }
    for host in BEHIND {
        let from = format!("http://public.example:{port}/redirect/to=http://{host}:{port}/feed/2000");
        let (code, told) = fetch(&from);
        assert!(
            code == Some(3) && told.lines().count() == 1 && told.contains("is not a public address"),
            "{told}"
        );
        assert!(told.starts_with(&format!("cm-fetch: {from}: led to ")), "{told}");
    }
    assert!(
        villain.asked().iter().all(|asked| asked.starts_with("public.example:")),
        "{:?}",
        villain.asked()
    );

    // What was judged is what is connected to: no second look-up lies between. The second hop looks anew, and is judged anew.
    let (code, told) =
        fetch(&format!("http://rebind.example:{port}/redirect/to=http://rebind.example:{port}/inner"));
    assert!(code == Some(3) || code == Some(0), "{told}");
    let rebound = villain.asked().iter().filter(|asked| asked.starts_with("rebind.example:")).count();
    assert!(rebound >= 1, "the first answer was public");
    assert_eq!(questions.lock().unwrap().get("rebind.example A").copied(), Some(2), "{told}");
    assert!(told.contains("127.0.0.1 is not a public address"), "{told}");
}

/// Answers as `NAMES` says; how often each name and type was asked for.
fn serve_names() -> Arc<Mutex<HashMap<String, usize>>> {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    let questions = Arc::<Mutex<HashMap<String, usize>>>::default();
    let asked = Arc::clone(&questions);
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let answer = answer(&buffer[..length], &mut asked.lock().unwrap());
            socket.send_to(&answer, from).unwrap();
        }
    });
    questions
}

/// RFC 1035, 4.1: the header, the question again, an answer for each address of the type that was asked for.
fn answer(question: &[u8], asked: &mut HashMap<String, usize>) -> Vec<u8> {
    let (mut name, mut at) = (String::new(), 12);
    while question[at] != 0 {
        let length = usize::from(question[at]);
        let label = String::from_utf8_lossy(&question[at + 1..=at + length]).to_lowercase();
        name = if name.is_empty() { label } else { format!("{name}.{label}") };
        at += length + 1;
    }
    let four = question[at + 2] == 1;
    let times = asked.entry(format!("{name} {}", if four { "A" } else { "AAAA" })).or_default();
    *times += 1;
    let known = NAMES.iter().find(|(known, ..)| *known == name);
    let all = known.map_or(&[][..], |(_, first, then)| if *times == 1 { first } else { then });
    let octets = |text: &&str| match text.parse::<IpAddr>().unwrap() {
        IpAddr::V4(v4) => four.then(|| Ipv4Addr::octets(&v4).to_vec()),
        IpAddr::V6(v6) => (!four).then(|| v6.octets().to_vec()),
    };
    let answers: Vec<Vec<u8>> = all.iter().filter_map(octets).collect();
    let mut message = question[..2].to_vec();
    let code = if known.is_some() { 0x80 } else { 0x83 };
    message.extend([0x85, code, 0, 1, 0, u8::try_from(answers.len()).unwrap(), 0, 0, 0, 0]);
    message.extend(&question[12..at + 5]);
    for octets in answers {
        let kind = if four { 1 } else { 28 };
        message.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, u8::try_from(octets.len()).unwrap()]);
        message.extend(octets);
    }
    message
}
