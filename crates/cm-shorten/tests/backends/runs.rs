//! Runs that are killed, and runs at once.

use crate::fakes::{Mood, body, form, method};
use crate::home::run;
use crate::world::*;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let world = yourls("");
    (0..200).for_each(|_| world.fake.next(Mood::Slow(Duration::from_millis(10))));
    let args = ["--allow-private", "--backend", "yourls:x"];
    let mut child = world.home.command(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = records(60);
    let feeder = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Records of the first batches are out; others are being made.
    lines.by_ref().take(20).for_each(|line| drop(line.unwrap()));
    child.kill().unwrap();
    child.wait().unwrap();
    feeder.join().unwrap();
    let done = world.filter(&[], &records(60));
    assert_eq!((done.code, links(&done).len()), (0, 60), "{}", done.err);
    let mut times: HashMap<String, u32> = HashMap::new();
    for asked in world.fake.server.asked() {
        *times.entry(form(&asked)["url"].clone()).or_default() += 1;
    }
    let twice = times.values().filter(|times| **times > 1).count();
    assert!(times.len() == 60 && twice <= 1, "only the one under way is asked for again: {twice}");
    assert_eq!(world.fake.state.lock().unwrap().rows.len(), 60, "and none is there twice");
}

#[test]
fn two_runs_at_once_make_one_link_for_each_url() {
    // A service that knows no way to make two questions one link: only we can.
    let world = tinyurl();
    (0..80).for_each(|_| world.fake.next(Mood::Slow(Duration::from_millis(5))));
    let outs: Vec<_> = std::thread::scope(|scope| {
        let one = || {
            let command = world.home.command(&["--allow-private", "--backend", "tinyurl:x"]);
            run(command, records(40).as_bytes())
        };
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(one)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for done in &outs {
        assert_eq!((done.code, links(done).len()), (0, 40), "{}", done.err);
    }
    let short =
        |n: usize| links(&outs[n]).into_iter().map(|link| link["short_url"].clone()).collect::<Vec<_>>();
    assert_eq!(short(0), short(1));
    let rows = world.fake.state.lock().unwrap().rows.len();
    assert_eq!((rows, world.fake.questions()), (40, 40));
}

#[test]
fn idempotence_is_always_asked_for() {
    let world = shlink();
    world.filter(&[], &records(1));
    assert_eq!(body(&world.fake.server.asked()[0])["findIfExists"], true);
    let world = kutt();
    world.filter(&[], &records(1));
    assert_eq!(body(&world.fake.server.asked()[0])["reuse"], true);
    let world = dub();
    world.filter(&[], &records(1));
    let name = body(&world.fake.server.asked()[0])["externalId"].as_str().unwrap().to_owned();
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    for asked in world.fake.server.asked() {
        assert_eq!(method(&asked), "POST");
    }
}
