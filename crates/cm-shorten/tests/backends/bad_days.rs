//! Answers as servers give them on bad days: nothing is lost, nothing is made twice, and one line says what is.

use crate::fakes::{Answer, Mood};
use crate::home::Done;
use crate::world::*;
use std::time::Duration;

/// A run that made none of its links: records as they came, exit 3, so many lines.
fn left(done: &Done, input: &str, lines: usize) {
    assert_eq!((done.code, done.out.as_str()), (3, input), "{}", done.err);
    assert_eq!(done.err.lines().count(), lines, "{}", done.err);
}

#[test]
fn html_instead_of_json() {
    for status in [200, 500] {
        let world = yourls("");
        world.fake.say(status, "Content-Type: text/html\r\n", "<!DOCTYPE html><title>Maintenance</title>");
        let done = world.filter(&[], &records(1));
        left(&done, &records(1), 1);
        assert!(done.err.contains("https://a.example/0 is not shortened"), "{}", done.err);
        assert_eq!(world.filter(&[], &records(1)).code, 0, "the next run goes on");
    }
}

#[test]
fn success_with_a_failure_or_nothing_in_it() {
    for body in [
        "{}",
        "[]",
        "null",
        "",
        r#"{"status":"success","shorturl":"javascript:alert(1)","url":{"url":"https://a.example/0"}}"#,
    ] {
        let world = yourls("");
        world.fake.say(200, "", body);
        left(&world.filter(&[], &records(1)), &records(1), 1);
        let world = shlink();
        world.fake.say(200, "", body);
        left(&world.filter(&[], &records(1)), &records(1), 1);
    }
}

#[test]
fn an_answer_that_breaks_off_or_comes_late_makes_no_second_link() {
    for mood in [Mood::Cut, Mood::Slow(Duration::from_secs(3))] {
        let world = yourls("timeout = '1s'\n");
        world.fake.next(mood.clone());
        left(&world.filter(&[], &records(1)), &records(1), 1);
        assert_eq!(
            world.fake.questions(),
            1,
            "whether it was made is not known, so it is not repeated: {mood:?}"
        );
        let again = world.filter(&[], &records(1));
        assert_eq!((again.code, links(&again).len()), (0, 1));
        assert_eq!(world.fake.state.lock().unwrap().rows.len(), 1, "asked again, it is the same link");
    }
}

#[test]
fn a_huge_body_is_not_read_to_its_end() {
    let world = yourls("");
    world.fake.next(Mood::Huge(200 << 20));
    let done = world.filter(&[], &records(1));
    left(&done, &records(1), 1);
    assert!(done.err.contains("bytes") || done.err.contains("larger"), "{}", done.err);
}

#[test]
fn a_server_that_keeps_failing_is_left_alone() {
    let world = yourls("");
    (0..20).for_each(|_| world.fake.say(500, "", "oops"));
    let done = world.filter(&[], &records(20));
    left(&done, &records(20), 3);
    assert_eq!(world.fake.questions(), 3);
    assert!(done.err.contains("it is not asked any more"), "{}", done.err);
}

#[test]
fn a_redirect_is_not_followed_with_the_secret() {
    for moved in [301, 302, 307, 308] {
        let thief = yourls("");
        let world = yourls("");
        world.fake.say(moved, &format!("Location: {}\r\n", thief.fake.server.url("yourls-api.php")), "");
        let done = world.filter(&[], &records(2));
        left(&done, &records(2), 1);
        assert!(done.err.contains("the server has moved"), "{}", done.err);
        assert_eq!((thief.fake.questions(), world.fake.questions()), (0, 1), "{moved}");
    }
    let (thief, world) = (shlink(), shlink());
    world.fake.say(302, &format!("Location: {}\r\n", thief.fake.server.url("rest")), "");
    assert_eq!(world.run(&["stats", "sh1"]).code, 4, "the other server wants a key and gets none");
    let told = thief.fake.server.asked();
    assert!(told.iter().all(|asked| asked.header("x-api-key").is_none()), "{told:?}");
}

#[test]
fn a_secret_is_in_no_message_although_the_server_repeats_it() {
    let token = crate::fakes::yourls::TOKEN;
    for status in [200, 400, 403, 500] {
        let world = yourls("");
        let body = format!(
            r#"{{"status":"fail","code":"error:x","message":"bad signature {token}","errorCode":"400"}}"#
        );
        world.fake.next(Mood::Say(Answer(status, String::new(), body.into_bytes())));
        let done = world.filter(&["-v"], &records(1));
        assert!(!done.err.contains(token) && !done.out.contains(token), "{status}: {}", done.err);
        assert!(done.err.contains("bad signature ***"), "{status}: {}", done.err);
    }
}

#[test]
fn refused_credentials_are_told_once_and_the_records_go_on() {
    let world = yourls("");
    world.home.file("secret", "another\n");
    let done = world.filter(&[], &records(5));
    assert_eq!((done.code, done.out == records(5), world.fake.questions()), (4, true, 1), "{}", done.err);
    assert!(done.err.contains("Please log in") && done.err.lines().count() == 1, "{}", done.err);
}

#[test]
fn nobody_there() {
    let world = yourls("max_wait = '0s'\n");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.home.file(
        "cm.toml",
        &format!(
            "[shorteners.'yourls:x']\nurl = 'http://{free}/'\npassword_file = 'secret'\nmax_wait = '0s'\n"
        ),
    );
    let done = world.filter(&[], &records(2));
    left(&done, &records(2), 1);
    assert!(done.err.contains("no connection"), "{}", done.err);
}

#[test]
fn a_private_address_is_refused_unless_allowed() {
    let world = yourls("");
    let done = world.home.pipe(&["--backend", "yourls:x"], records(2));
    left(&done, &records(2), 1);
    assert!(done.err.contains("--allow-private") && world.fake.questions() == 0, "{}", done.err);
}

#[test]
fn one_link_that_is_not_made_is_the_end_of_the_run() {
    let world = yourls("");
    let add = ["add", "https://a.example/", "--backend", "yourls:x"];
    let http = world.home.run(&add);
    assert_eq!((http.code, http.out.as_str(), http.err.lines().count()), (2, "", 1), "{}", http.err);
    assert!(http.err.contains("--allow-private"), "{}", http.err);
    world.home.file("secret", "another\n");
    let wrong = world.run(&["add", "https://a.example/"]);
    assert_eq!((wrong.code, wrong.out.as_str(), wrong.err.lines().count()), (4, "", 1), "{}", wrong.err);
    assert!(wrong.err.contains("Please log in") && !wrong.err.contains("goes on"), "{}", wrong.err);
}
