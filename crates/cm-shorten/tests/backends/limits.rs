//! Limits: short ones are waited for, long ones end the asking, and the next run heeds them.

use crate::fakes::Mood;
use crate::world::*;

#[test]
fn a_short_retry_after_is_waited_for() {
    let world = dub();
    world.fake.say(
        429,
        "Retry-After: 1\r\n",
        r#"{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}"#,
    );
    let done = world.filter(&[], &records(2));
    assert_eq!((done.code, done.err.as_str(), links(&done).len()), (0, "", 2));
    assert_eq!(world.fake.questions(), 3);
}

#[test]
fn a_long_retry_after_is_heeded_by_the_next_run_too() {
    let world = dub();
    world.fake.say(
        429,
        "Retry-After: 3600\r\n",
        r#"{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}"#,
    );
    let input = records(3);
    let done = world.filter(&[], &input);
    assert_eq!((done.code, done.out == input, world.fake.questions()), (3, true, 1), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    let next = world.filter(&[], &input);
    assert_eq!((next.code, world.fake.questions()), (3, 1), "it is not asked before its time");
    assert!(next.err.contains("until 2026-11-22T10:00:00Z"), "{}", next.err);
    let args = ["--allow-private", "--backend", "dub:x", "--clock", "2026-11-22T10:00:01Z"];
    let later = world.home.pipe(&args, &input);
    assert_eq!((later.code, links(&later).len()), (0, 3), "{}", later.err);
}

#[test]
fn no_retry_after_is_the_services_own_rest() {
    let world = isgd("max_wait = '30s'\n");
    world.fake.say(200, "", r#"{"errorcode":3,"errormessage":"Please wait a minute"}"#);
    let done = world.filter(&[], &records(2));
    assert_eq!((done.code, world.fake.questions()), (3, 1), "{}", done.err);
    assert!(done.err.contains("Please wait a minute"), "{}", done.err);
    let next = world.filter(&[], &records(2));
    assert!(next.err.contains("until 2026-11-22T09:01:00Z") && world.fake.questions() == 1, "{}", next.err);
}

#[test]
fn what_was_made_before_the_limit_is_kept() {
    let world = dub();
    let made = world.filter(&[], &records(2));
    assert_eq!(made.code, 0);
    world.fake.say(429, "Retry-After: 3600\r\n", "{}");
    let done = world.filter(&[], &records(4));
    assert_eq!((done.code, links(&done).len()), (3, 2), "{}", done.err);
    assert!(done.out.starts_with(&made.out) && done.out.ends_with(&record("https://a.example/3")));
    let args = ["--allow-private", "--backend", "dub:x", "--clock", "2026-11-22T11:00:00Z"];
    let next = world.home.pipe(&args, &done.out);
    assert_eq!((next.code, links(&next).len()), (0, 4), "{}", next.err);
    assert_eq!(world.fake.state.lock().unwrap().rows.len(), 4);
}

#[test]
fn a_limit_that_the_last_answer_used_up_is_not_run_into() {
    let world = dub();
    let header = "X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 3600";
    world.fake.next(Mood::With(header.to_owned()));
    let done = world.filter(&[], &records(3));
    assert_eq!((done.code, links(&done).len(), world.fake.questions()), (3, 1, 1), "{}", done.err);
}

#[test]
fn outages_are_asked_again_and_no_other_failure_is() {
    let world = shlink();
    world.fake.say(503, "", "");
    world.fake.say(502, "", "<html>bad gateway</html>");
    let done = world.filter(&[], &records(1));
    assert_eq!((done.code, world.fake.questions()), (0, 3), "{}", done.err);
    for status in [400, 408, 500] {
        let world = shlink();
        world.fake.say(status, "", "{}");
        assert_eq!((world.filter(&[], &records(1)).code, world.fake.questions()), (3, 1), "{status}");
    }
}
