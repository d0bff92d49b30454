//! `kill -9` at random instants, with the real binary and no help from inside: nothing is lost, the archive has nothing
//! twice, and standard output has something twice only where a run was killed (at least once). Also: killed readers of the
//! archive, two runs at once, a disk that is full and an output that is closed.
//!
//! The seed of the instants is printed; `CM_SEED` repeats it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "in a test a panic is the report, and seeds are printed"
)]

#[expect(dead_code, reason = "the black-box tests use the rest")]
mod site;

use site::{Page, Place, Run, Site, TODAY, blog, rss};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Kills that have to be met.
const KILLS: usize = 100;
/// Runs after which a test gives up meeting them.
const MOST_RUNS: usize = 1000;
const FEEDS: usize = 8;

/// The numbers of Knuth's MMIX generator: the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn seeded(test: &str) -> Dice {
        let clock =
            || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
        let seed = std::env::var("CM_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(clock()));
        eprintln!("{test}: CM_SEED={seed}");
        Dice(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }

    /// A part of a time and a half: later than that a run has mostly ended by itself.
    fn part_of(&mut self, time: Duration) -> Duration {
        time.mul_f64(self.below(1500) as f64 / 1000.0)
    }
}

/// Feeds and a blog with comments, which grow from round to round.
struct World {
    site: Site,
    place: Place,
    feeds: BTreeMap<usize, Vec<String>>,
    comments: usize,
}

impl World {
    fn new() -> World {
        let place = Place::new();
        let site = blog::start(&place);
        let feeds: String = (0..FEEDS).map(|feed| site.url(&format!("/feed{feed}\n"))).collect();
        place.write("list", format!("{feeds}wordpress:blog/comments\n"));
        let world =
            World { site, place, feeds: (0..FEEDS).map(|feed| (feed, Vec::new())).collect(), comments: 0 };
        (0..FEEDS).for_each(|feed| world.publish(feed));
        world
    }

    fn publish(&self, feed: usize) {
        let names = &self.feeds[&feed];
        let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), TODAY)).collect();
        let page = Page::new(200, rss(&items)).with("etag", &format!("\"{}\"", names.len()));
        self.site.put(&format!("/feed{feed}"), page);
    }

    /// Up to three new items in some of the feeds, and now and then a comment.
    fn grow(&mut self, dice: &mut Dice) {
        for feed in 0..FEEDS {
            for _ in 0..dice.below(4) {
                let names = self.feeds.get_mut(&feed).unwrap();
                names.push(format!("f{feed}n{}", names.len()));
            }
            self.publish(feed);
        }
        self.comments = (self.comments + usize::from(dice.below(2) == 0)).min(90);
        let texts: Vec<String> = (0..self.comments).map(|n| format!("c{n}")).collect();
        let rows = texts.iter().zip(1..).map(|(text, id)| (id, "2026-11-22T08:00:00", text.as_str()));
        blog::list(&self.site, "approve", &rows.collect::<Vec<_>>());
    }

    /// What the sources say: the titles of the items of feeds, the words of comments.
    fn said(&self) -> BTreeSet<String> {
        let comments = (0..self.comments).map(|n| format!("c{n}"));
        self.feeds.values().flatten().cloned().chain(comments).collect()
    }

    fn fetch(&self, out: &str) -> Command {
        let mut command = self.place.command(&["--new", "--sources", "list", "--archive", "archive"]);
        command.stdout(File::create(self.place.dir.path().join(out)).unwrap()).stderr(Stdio::null());
        command
    }

    /// The names of the whole lines of an output: a line without its end was not handed out.
    fn handed(&self, out: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.place.dir.path().join(out)).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| name_of(&serde_json::from_str(line).unwrap())).collect()
    }

    fn archived(&self) -> Vec<String> {
        self.place.archived().iter().map(name_of).collect()
    }

    /// How long a run takes that is left alone.
    fn pace(&mut self, dice: &mut Dice) -> Duration {
        self.grow(dice);
        let begin = Instant::now();
        assert!(self.fetch("pace").status().unwrap().success());
        begin.elapsed()
    }
}

fn name_of(item: &serde_json::Value) -> String {
    let title = item["title"].as_str().filter(|title| !title.is_empty());
    title.or(item["content_text"].as_str()).unwrap().to_owned()
}

/// Kills a process after a while; whether it was still there.
fn kill(mut child: Child, after: Duration) -> bool {
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// What was handed out of each item, in the order of the runs: whether its run was killed.
#[derive(Default)]
struct Ledger(BTreeMap<String, Vec<bool>>);

impl Ledger {
    fn enter(&mut self, names: Vec<String>, killed: bool) {
        names.into_iter().for_each(|name| self.0.entry(name).or_default().push(killed));
    }

    /// Everything came; what came again had come from runs that were killed.
    fn check(&self, said: &BTreeSet<String>, test: &str, kills: usize, runs: usize) {
        let handed: BTreeSet<String> = self.0.keys().cloned().collect();
        assert_eq!(&handed, said, "{test}: handed out is what the sources said");
        let again: usize = self.0.values().map(|times| times.len() - 1).sum();
        let undue: Vec<_> =
            self.0.iter().filter(|(_, times)| times.iter().rev().skip(1).any(|killed| !killed)).collect();
        assert!(undue.is_empty(), "{test}: again after a run that ended well: {undue:?}");
        eprintln!(
            "{test}: {kills} kills in {runs} runs, {} items, {again} again on standard output",
            said.len()
        );
    }
}

#[test]
fn killed_at_a_hundred_random_instants() {
    let (mut world, mut dice, mut ledger) = (World::new(), Dice::seeded("fetch"), Ledger::default());
    let pace = world.pace(&mut dice);
    ledger.enter(world.handed("pace"), false);
    let (mut kills, mut runs) = (0, 0);
    while kills < KILLS && runs < MOST_RUNS {
        world.grow(&mut dice);
        let killed = kill(world.fetch("out").spawn().unwrap(), dice.part_of(pace));
        ledger.enter(world.handed("out"), killed);
        (kills, runs) = (kills + usize::from(killed), runs + 1);
    }
    assert!(kills >= KILLS, "only {kills} kills in {runs} runs");
    finish(&world, &mut ledger);
    ledger.check(&world.said(), "fetch", kills, runs);
    check_archive(&world);
}

/// A last run that is left alone, and one after it that has nothing to tell.
fn finish(world: &World, ledger: &mut Ledger) {
    assert!(world.fetch("out").status().unwrap().success());
    ledger.enter(world.handed("out"), false);
    assert!(world.fetch("out").status().unwrap().success());
    assert_eq!(world.handed("out"), Vec::<String>::new());
}

fn check_archive(world: &World) {
    let archived = world.archived();
    assert_eq!(archived.iter().cloned().collect::<BTreeSet<_>>(), world.said(), "lost in the archive");
    assert_eq!(archived.len(), world.said().len(), "twice in the archive");
}

#[test]
fn two_runs_at_once_of_which_one_or_both_are_killed() {
    let (mut world, mut dice, mut ledger) = (World::new(), Dice::seeded("two"), Ledger::default());
    let pace = world.pace(&mut dice);
    ledger.enter(world.handed("pace"), false);
    let (mut kills, mut runs) = (0, 0);
    while kills < KILLS / 4 && runs < MOST_RUNS {
        world.grow(&mut dice);
        let mut other = world.fetch("other").spawn().unwrap();
        let killed = kill(world.fetch("out").spawn().unwrap(), dice.part_of(pace));
        let both = dice.below(2) == 0;
        let other_killed = if both { kill(other, Duration::ZERO) } else { !other.wait().unwrap().success() };
        assert!(both || !other_killed, "the run that was left alone ended well");
        ledger.enter(world.handed("out"), killed);
        ledger.enter(world.handed("other"), other_killed);
        (kills, runs) = (kills + usize::from(killed) + usize::from(other_killed), runs + 2);
    }
    assert!(kills >= KILLS / 4, "only {kills} kills in {runs} runs");
    finish(&world, &mut ledger);
    let handed: BTreeSet<String> = ledger.0.keys().cloned().collect();
    assert_eq!(handed, world.said(), "handed out is what the sources said");
    eprintln!("two: {kills} kills in {runs} runs");
    check_archive(&world);
}

/// An archive of so many records, and their names.
fn archive_of(place: &Place, count: usize) -> BTreeSet<String> {
    std::fs::create_dir(place.dir.path().join("archive")).unwrap();
    let names: Vec<String> = (0..count).map(|n| format!("r{n}")).collect();
    let line =
        |name: &String| format!("{{\"id\":\"urn:x:{name}\",\"title\":\"{name}\",\"content_text\":\"\"}}\n");
    place.write("archive/2026-11-22.jsonl", names.iter().map(line).collect::<String>());
    names.into_iter().collect()
}

#[test]
fn killed_readers_lose_nothing_and_a_mark_that_moved_stays() {
    let (place, mut dice, mut ledger) = (Place::new(), Dice::seeded("read"), Ledger::default());
    let all = archive_of(&place, 20_000);
    let read = |name: &str| {
        let mut command = place.command(&["read", "--as", name, "--archive", "archive"]);
        command.stdout(File::create(place.dir.path().join("out")).unwrap()).stderr(Stdio::null());
        command
    };
    let begin = Instant::now();
    assert!(read("pace").status().unwrap().success());
    let pace = begin.elapsed();
    let world = World { site: Site::start(), place, feeds: BTreeMap::new(), comments: 0 };
    let (mut kills, mut runs) = (0, 0);
    for reader in 0..10 {
        let name = format!("reader{reader}");
        let mut one = Ledger::default();
        loop {
            let mut command = world.place.command(&["read", "--as", &name, "--archive", "archive"]);
            command.stdout(File::create(world.place.dir.path().join("out")).unwrap()).stderr(Stdio::null());
            let killed = kill(command.spawn().unwrap(), dice.part_of(pace));
            one.enter(world.handed("out"), killed);
            (kills, runs) = (kills + usize::from(killed), runs + 1);
            if !killed {
                break;
            }
        }
        let again = one.0.values().map(|times| times.len() - 1).sum::<usize>();
        assert_eq!(one.0.keys().cloned().collect::<BTreeSet<_>>(), all, "{name}: lost");
        ledger.0.extend(one.0.into_iter().map(|(record, times)| (format!("{name} {record}"), times)));
        eprintln!("{name}: {again} again");
    }
    eprintln!("read: {kills} kills in {runs} runs");
    assert!(kills > 0, "no reader was killed");
    assert!(ledger.0.values().all(|times| times.iter().rev().skip(1).all(|killed| *killed)));
}

#[test]
fn a_killed_reader_with_a_command_gives_it_the_same_records_again() {
    let (place, mut dice) = (Place::new(), Dice::seeded("command"));
    let all = archive_of(&place, 5000);
    let read = |name: &str| {
        let script = format!("cat > took.{name}.$$; echo took.{name}.$$ >> ends.{name}");
        let mut command =
            place.command(&["read", "--as", name, "--archive", "archive", "--", "sh", "-c", &script]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let begin = Instant::now();
    assert!(read("pace").status().unwrap().success());
    let pace = begin.elapsed();
    let took = |end: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(place.dir.path().join(end)).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| name_of(&serde_json::from_str(line).unwrap())).collect()
    };
    let (mut kills, mut runs) = (0, 0);
    for reader in (0..200).map(|n| format!("reader{n}")) {
        while kill(read(&reader).spawn().unwrap(), dice.part_of(pace)) {
            (kills, runs) = (kills + 1, runs + 1);
        }
        runs += 1;
        // Each try was given all from the mark on: some took of it what there was time for, one took all.
        let ends = std::fs::read_to_string(place.dir.path().join(format!("ends.{reader}"))).unwrap();
        assert!(ends.lines().all(|end| took(end).is_subset(&all)));
        assert!(ends.lines().any(|end| took(end) == all), "{reader}: no try took all");
        let again = place.run(&["read", "--as", &reader, "--archive", "archive"]).quiet();
        assert_eq!(again.out, "", "{reader}: its mark has moved");
        if kills >= 10 {
            break;
        }
    }
    eprintln!("command: {kills} kills in {runs} runs");
    assert!(kills >= 10, "only {kills} kills in {runs} runs");
}

/// A file may grow to so many blocks of 512 bytes and no further, as on a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_costs_a_run_and_no_item() {
    for blocks in [1, 8, 64, 100, 140] {
        for signal in ["trap '' XFSZ;", ""] {
            let (mut world, mut dice) = (World::new(), Dice::seeded("full"));
            (0..10).for_each(|_| world.grow(&mut dice));
            let binary = env!("CARGO_BIN_EXE_cm-fetch");
            let script = format!("{signal} ulimit -f {blocks}; exec {binary} \"$@\"");
            let whole = world.fetch("out");
            let mut command = Command::new("sh");
            command.args(["-c", &script, "sh"]).args(whole.get_args()).current_dir(world.place.dir.path());
            command.env_clear().envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
            // A pipe has no end that could be met.
            let full =
                command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
            let tolerated = full.status.success() && full.stderr.is_empty();
            if !signal.is_empty() && !tolerated {
                let told = String::from_utf8_lossy(&full.stderr).into_owned();
                assert!(
                    matches!(full.status.code(), Some(1..=4)) && told.lines().count() == 1,
                    "{blocks}: {told}"
                );
            }
            let mut ledger = Ledger::default();
            let text = String::from_utf8(full.stdout).unwrap();
            let items = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            ledger.enter(items.map(|item| name_of(&item)).collect(), !tolerated);
            finish(&world, &mut ledger);
            ledger.check(&world.said(), "full", 0, 2);
            check_archive(&world);
        }
    }
}

#[test]
fn an_output_that_is_closed_counts_nothing_as_handed_out() {
    let (mut world, mut dice) = (World::new(), Dice::seeded("closed"));
    (0..4).for_each(|_| world.grow(&mut dice));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.fetch("out");
    let run = Run::of(command.stdout(writer).stderr(Stdio::piped()).output().unwrap());
    assert_eq!(run.err, "", "{run:?}");
    let mut ledger = Ledger::default();
    finish(&world, &mut ledger);
    ledger.check(&world.said(), "closed", 0, 2);
    check_archive(&world);
}
