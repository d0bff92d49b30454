//! Which sources sent more people than chance explains: negative binomial test with Benjamini-Hochberg.
//! In: counts by source and day. Out: what rises, what is new, what to watch.
//!
//! Per source, H = its hits on the comparable days before (weekdays against weekdays, weekends against weekends, of 28);
//! mean = (H + 0.5) x (the day's traffic without the source) / (those days' traffic without it): a day on which the whole
//! site doubles is no news about any source. dispersion = max(pooled, shrunk) + 1 / (H + 0.5).

use crate::facts::{Daily, Source, TREND_DAYS};
use crate::period::{HISTORY_DAYS, Period};
use crate::statistics::{Series, discoveries, dispersions, upper_tail};

/// Comparable days with traffic without which nothing is tested.
pub const LEAST_DAYS: usize = 4;
/// False discovery rate.
const Q: f64 = 0.05;
/// A rise smaller than this is no news, however certain.
const LEAST_COUNT: u64 = 5;
const LEAST_LIFT: f64 = 1.5;
/// A riser that may be chance is shown from so many on.
const WATCH_COUNT: u64 = 3;

/// The trend day's place in its window.
const TODAY: usize = HISTORY_DAYS;

/// A source's day against its past.
#[derive(Clone, Debug)]
pub struct Move {
    /// Which.
    pub source: Source,
    /// Hits on the day.
    pub count: u64,
    /// What its past and the day's traffic made likely.
    pub expected: f64,
    /// count / expected.
    pub lift: f64,
    /// P(at least count), if nothing had changed.
    pub p: f64,
}

/// What moved.
#[derive(Debug, Default)]
pub struct Trends {
    /// Whether there was enough history.
    pub tested: bool,
    /// Comparable days with traffic.
    pub history_days: usize,
    /// More than chance explains, surest first.
    pub rising: Vec<Move>,
    /// Never seen in the 28 days, most hits first.
    pub new: Vec<Move>,
    /// Risers that chance may explain, steepest first.
    pub watch: Vec<Move>,
}

impl Trends {
    /// Tests the period's trend day.
    pub fn of(daily: &Daily, period: &Period) -> Trends {
        let totals = daily.totals();
        let is_weekend = |place| period.days.is_weekend(period.trend_day + place - HISTORY_DAYS);
        let history: Vec<usize> = (0..HISTORY_DAYS)
            .filter(|place| is_weekend(*place) == is_weekend(TODAY) && totals[*place] > 0)
            .collect();
        let mut trends = Trends { history_days: history.len(), ..Trends::default() };
        if history.len() < LEAST_DAYS {
            return trends;
        }
        trends.tested = true;
        let rows = daily.rows();
        let series: Vec<Series> = rows.iter().map(|(_, counts)| series(counts, &history, &totals)).collect();
        let spread = dispersions(&series);
        let mut moves = Vec::new();
        for ((source, counts), dispersion) in rows.iter().zip(spread) {
            let moved = test(source, counts, &history, &totals, dispersion);
            if moved.count > 0 && counts[..TODAY].iter().all(|count| *count == 0) {
                trends.new.push(moved);
            } else {
                moves.push(moved);
            }
        }
        trends.sort(moves);
        trends
    }

    fn sort(&mut self, moves: Vec<Move>) {
        let p: Vec<f64> = moves.iter().map(|m| m.p).collect();
        let found = discoveries(&p, Q);
        let is_news = |m: &Move| m.count >= LEAST_COUNT && m.lift >= LEAST_LIFT;
        self.rising = found.iter().map(|i| &moves[*i]).filter(|m| is_news(m)).cloned().collect();
        self.watch = moves.into_iter().filter(|m| m.count >= WATCH_COUNT && m.lift >= LEAST_LIFT).collect();
        self.watch.retain(|m| self.rising.iter().all(|r| r.source != m.source));
        self.watch.sort_by(|a, b| b.lift.total_cmp(&a.lift));
        self.new.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.source.cmp(&b.source)));
    }
}

/// The source's past, shared out over its days as the rest of the site's traffic was.
fn series(counts: &[u64; TREND_DAYS], history: &[usize], totals: &[u64; TREND_DAYS]) -> Series {
    let counts: Vec<u64> = history.iter().map(|day| counts[*day]).collect();
    let others: Vec<f64> =
        history.iter().zip(&counts).map(|(day, own)| (totals[*day] - own) as f64 + 0.5).collect();
    let (hits, sum) = (counts.iter().sum::<u64>() as f64, others.iter().sum::<f64>());
    Series { expected: others.iter().map(|other| hits * other / sum).collect(), counts }
}

fn test(
    source: &Source,
    counts: &[u64; TREND_DAYS],
    history: &[usize],
    totals: &[u64; TREND_DAYS],
    dispersion: f64,
) -> Move {
    let past: u64 = history.iter().map(|day| counts[*day]).sum();
    let count = counts[TODAY];
    // Half a visit on both sides keeps the ratio finite where a source is all there is.
    let rest_today = (totals[TODAY] - count) as f64 + 0.5;
    let rest_past: f64 = history.iter().map(|day| (totals[*day] - counts[*day]) as f64 + 0.5).sum();
    let hits = past as f64 + 0.5;
    let expected = hits * rest_today / rest_past;
    let p = upper_tail(count, expected, dispersion + 1.0 / hits);
    Move { source: source.clone(), count, expected, lift: count as f64 / expected, p }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: usize = TREND_DAYS;

    /// Numbers that look random and are the same on every machine.
    struct Dice(u64);

    impl Dice {
        fn share(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        /// Knuth's way, for small means.
        fn poisson(&mut self, mean: f64) -> u64 {
            let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
            while product > limit {
                product *= self.share();
                count += 1;
            }
            count
        }
    }

    fn source(n: usize) -> Source {
        Source { family: "site".into(), name: format!("s{n:03}") }
    }

    /// Long-tail sources over the days before and the day itself, on which all traffic is `factor` times as much.
    fn traffic(dice: &mut Dice, factor: f64) -> Daily {
        let mut daily = Daily::default();
        for n in 0..200 {
            let mean = 40.0 / (1.0 + n as f64).sqrt();
            for day in 0..DAYS {
                let today = if day == DAYS - 1 { factor } else { 1.0 };
                daily.add(&source(n), day, dice.poisson(mean * today));
            }
        }
        daily
    }

    #[test]
    fn chance_is_not_news_even_when_the_whole_site_doubles() {
        let (mut dice, period) = (Dice(5), Period::of_days(DAYS));
        for factor in [1.0, 2.0] {
            let found: usize =
                (0..10).map(|_| Trends::of(&traffic(&mut dice, factor), &period).rising.len()).sum();
            assert!(found <= 1, "{found} false alarms in 10 days of 200 sources, factor {factor}");
        }
    }

    #[test]
    fn a_real_rise_is_found_and_a_newcomer_stands_apart() {
        let period = Period::of_days(DAYS);
        let mut daily = traffic(&mut Dice(9), 1.0);
        daily.add(&source(30), DAYS - 1, 45);
        daily.add(&source(900), DAYS - 1, 12);
        let trends = Trends::of(&daily, &period);
        assert_eq!(trends.rising.iter().map(|m| &m.source).collect::<Vec<_>>(), [&source(30)]);
        assert_eq!(trends.new.iter().map(|m| (&m.source, m.count)).collect::<Vec<_>>(), [(&source(900), 12)]);
        assert!(trends.rising[0].lift > 4.0 && trends.rising[0].p < 1e-4, "{:?}", trends.rising[0]);
        assert!(trends.watch.iter().all(|m| m.count >= 3 && m.lift >= 1.5));
    }

    #[test]
    fn a_source_that_is_all_there_is_can_be_tested() {
        let mut daily = Daily::default();
        for day in 0..DAYS {
            daily.add(&source(1), day, if day == DAYS - 1 { 60 } else { 10 });
        }
        let trends = Trends::of(&daily, &Period::of_days(DAYS));
        assert_eq!(trends.rising.len(), 1);
        assert!((trends.rising[0].expected - 10.0).abs() < 0.1);
    }

    #[test]
    fn without_history_nothing_is_said() {
        let mut daily = Daily::default();
        daily.add(&source(1), DAYS - 1, 60);
        let trends = Trends::of(&daily, &Period::of_days(DAYS));
        assert!(!trends.tested && trends.rising.is_empty() && trends.new.is_empty());
    }
}
