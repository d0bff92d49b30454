//! Waiting times of which some have not ended yet (Kaplan and Meier 1958): who still waits counts as waiting at least
//! so long, so that ignoring people does not make the median better.

/// A waiting time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Seconds waited so far.
    pub seconds: i64,
    /// Whether the wait ended; otherwise it goes on (right-censored).
    pub ended: bool,
}

/// The estimated share that still waits, as steps.
#[derive(Debug, Default)]
pub struct Survival {
    /// (seconds, share that waits longer), falling.
    steps: Vec<(i64, f64)>,
}

impl Survival {
    /// The estimate. At equal times ends come before those that go on, as is the convention.
    pub fn of(mut observations: Vec<Observation>) -> Survival {
        observations.sort_by_key(|o| (o.seconds, !o.ended));
        let (mut steps, mut share) = (Vec::new(), 1.0);
        let mut at_risk = observations.len();
        for group in observations.chunk_by(|a, b| a.seconds == b.seconds) {
            let ended = group.iter().filter(|o| o.ended).count();
            if ended > 0 {
                share *= 1.0 - ended as f64 / at_risk as f64;
                steps.push((group[0].seconds, share));
            }
            at_risk -= group.len();
        }
        Survival { steps }
    }

    /// The time by which `share` of the waits have ended; `None` while fewer have.
    pub fn quantile(&self, share: f64) -> Option<i64> {
        self.steps.iter().find(|(_, waiting)| *waiting <= 1.0 - share + 1e-12).map(|(seconds, _)| *seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survival(text: &str) -> Survival {
        let read = |word: &str| Observation {
            seconds: word.trim_end_matches('+').parse().unwrap(),
            ended: !word.ends_with('+'),
        };
        Survival::of(text.split(' ').map(read).collect())
    }

    /// Freireich 1963, the 6-MP arm: the textbook's median of remission is 23 weeks, S(6) = .857, S(10) = .753.
    #[test]
    fn the_textbook_arm() {
        let arm = survival("6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+");
        assert_eq!(arm.quantile(0.5), Some(23));
        assert!((arm.steps[0].1 - 0.857).abs() < 5e-4 && (arm.steps[2].1 - 0.753).abs() < 5e-4, "{arm:?}");
        assert_eq!(arm.quantile(0.9), None);
    }

    #[test]
    fn without_waiting_people_it_is_the_plain_quantile() {
        let all = survival("1 2 3 4 5 6 7 8 9 10");
        assert_eq!((all.quantile(0.5), all.quantile(0.9)), (Some(5), Some(9)));
        assert_eq!(Survival::of(Vec::new()).quantile(0.5), None);
    }

    #[test]
    fn people_who_wait_hold_the_median_up() {
        assert_eq!(survival("1 1 1").quantile(0.5), Some(1));
        assert_eq!(survival("1 1 1 9+ 9+ 9+ 9+").quantile(0.5), None);
    }
}
