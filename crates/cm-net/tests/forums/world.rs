//! A world in which people write all the time, late and out of order, share a second, and take back what they wrote, also
//! between two pages of one run. What was there from the beginning of a run to its end must have come by its end.

use crate::desk::{Answer, Desk, serve};
use crate::server::Asked;
use chrono::{DateTime, Utc};
use std::collections::HashSet;
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
        let clock = Arc::new(Mutex::new(3 * DAY));
        let (shown, answer, time) = (all.clone(), answer.clone(), Arc::clone(&clock));
        let server = serve(move |asked| {
            let mut time = time.lock().unwrap();
            *time += 20;
            let mut there: Vec<Thing> = shown
                .iter()
                .filter(|thing| thing.appears <= *time && *time < thing.vanishes)
                .cloned()
                .collect();
            there.sort_by_key(|thing| (-thing.at, thing.n));
            answer(asked, &there)
        });
        let (mut mark, mut met): (Option<String>, HashSet<String>) = (None, HashSet::new());
        for _ in 0..16 {
            let begin = *clock.lock().unwrap();
            let mut desk = desk(&server);
            desk.now = DateTime::from_timestamp(BEGINNING + begin, 0).unwrap();
            let run = desk.read(what, mark.take(), None).unwrap();
            mark = run.mark;
            let end = *clock.lock().unwrap();
            let before = met.clone();
            met.extend(run.items.iter().map(|item| item.id.clone()));
            for thing in all.iter().filter(|thing| thing.appears <= begin && end < thing.vanishes) {
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
            *clock.lock().unwrap() += HOUR + dice.below(20 * HOUR);
        }
        assert!(met.len() * 3 > trial.things, "seed {seed}: the world was hardly read");
    }
}
