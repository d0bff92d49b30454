//! A world in which people write all the time, late and out of order, share a second, and take back what they wrote; and in
//! which a moderator deletes some that stand together, between two pages of one run. What was there from the beginning of a run to its end must have come by its end.

use crate::desk::{Answer, Desk, serve};
use crate::server::Asked;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// Something written, at a time that it tells; times are seconds of the world.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its number, in the order in which they appeared.
    pub n: u64,
    /// When it was written, as it says.
    pub at: i64,
    appears: i64,
    vanishes: i64,
}

impl Thing {
    pub fn date(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.seconds(), 0).unwrap()
    }
    pub fn seconds(&self) -> i64 {
        BEGINNING + self.at
    }
}

/// 2026-11-01.
const BEGINNING: i64 = 1_793_491_200;
const DAY: i64 = 86_400;
const HOUR: i64 = 3600;

/// How a network is tried.
pub struct Trial {
    /// How many are written in two weeks.
    pub things: usize,
    /// How late they may appear, in seconds.
    pub late: i64,
    /// How much of the newest may come again, in seconds.
    pub overlap: i64,
    /// What a page holds.
    pub page: usize,
}

/// A small generator of numbers (Numerical Recipes' LCG): the same seed, the same world.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

fn things(trial: &Trial, dice: &mut Dice) -> Vec<Thing> {
    let mut things = Vec::new();
    let mut at = 0;
    for _ in 0..trial.things {
        // One in three shares its second with the one before.
        at = if dice.below(3) == 0 { at } else { dice.below(14 * DAY) };
        let late = if dice.below(5) == 0 { dice.below(trial.late) } else { 0 };
        let vanishes = if dice.below(6) == 0 { at + late + dice.below(3 * DAY) } else { i64::MAX };
        things.push(Thing { n: 0, at, appears: at + late, vanishes });
    }
    things.sort_by_key(|thing| thing.appears);
    for (n, thing) in (1..).zip(&mut things) {
        thing.n = n;
    }
    things
}

/// How the world stands.
#[derive(Clone)]
struct State {
    clock: i64,
    /// What the moderator deleted.
    gone: HashMap<u64, i64>,
    dice: Dice,
}

impl State {
    fn is_there(&self, thing: &Thing, at: i64) -> bool {
        thing.appears <= at && at < thing.vanishes && self.gone.get(&thing.n).is_none_or(|gone| at < *gone)
    }

    /// A request comes: what is there then, the newest first.
    fn pass(&mut self, all: &[Thing]) -> Vec<Thing> {
        self.clock += 20;
        let mut there: Vec<Thing> =
            all.iter().filter(|thing| self.is_there(thing, self.clock)).cloned().collect();
        there.sort_by_key(|thing| (-thing.at, thing.n));
        if self.dice.below(3) == 0 {
            let from = usize::try_from(self.dice.below(i64::try_from(there.len()).unwrap())).unwrap();
            let some = usize::try_from(1 + self.dice.below(9)).unwrap();
            let upto = there.len().min(from + some);
            self.gone.extend(there.drain(from..upto).map(|thing| (thing.n, self.clock)));
        }
        there
    }

    fn sleep(&mut self) {
        self.clock += HOUR + self.dice.below(20 * HOUR);
    }
}

/// Reads `what` of an account again and again while the world goes on. `answer` lists what is there, the newest first;
/// `id` names a thing as items do.
pub fn nothing_is_lost(
    trial: &Trial,
    answer: impl Fn(&Asked, &[Thing]) -> Answer + Clone + Send + Sync + 'static,
    desk: impl Fn(&crate::server::Server) -> Desk,
    what: &str,
    id: impl Fn(&Thing) -> String,
) {
    for seed in 1..=8 {
        let mut dice = Dice(seed);
        let all = things(trial, &mut dice);
        let state = Arc::new(Mutex::new(State { clock: 3 * DAY, gone: HashMap::new(), dice }));
        let (shown, answer, world) = (all.clone(), answer.clone(), Arc::clone(&state));
        let server = serve(move |asked| {
            let mut world = world.lock().unwrap();
            let there = world.pass(&shown);
            answer(asked, &there)
        });
        let (mut mark, mut met): (Option<String>, HashSet<String>) = (None, HashSet::new());
        for _ in 0..16 {
            let begin = state.lock().unwrap().clock;
            let mut desk = desk(&server);
            desk.now = DateTime::from_timestamp(BEGINNING + begin, 0).unwrap();
            let run = desk.read(what, mark.take(), None).unwrap();
            mark = run.mark;
            let world = state.lock().unwrap().clone();
            let end = world.clock;
            let before = met.clone();
            met.extend(run.items.iter().map(|item| item.id.clone()));
            let stayed = |thing: &&Thing| thing.appears <= begin && world.is_there(thing, end);
            for thing in all.iter().filter(stayed) {
                assert!(
                    met.contains(&id(thing)),
                    "seed {seed}: lost {thing:?} in the run from {begin} to {end}"
                );
            }
            if !before.is_empty() {
                let newest = run.items.iter().filter_map(|item| item.published).max();
                let old = newest.map(|newest| newest - chrono::TimeDelta::seconds(trial.overlap + 21 * HOUR));
                let again = run.items.iter().filter(|item| before.contains(&item.id));
                let again =
                    again.filter(|item| item.published.zip(old).is_some_and(|(at, old)| at < old)).count();
                assert!(again <= 3 * trial.page, "seed {seed}: {again} old ones came again");
            }
            state.lock().unwrap().sleep();
        }
        assert!(met.len() * 3 > trial.things, "seed {seed}: the world was hardly read");
    }
}
