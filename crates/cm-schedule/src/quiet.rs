//! Quiet hours: ranges of the wall clock in which nothing is scheduled. `22:00-07:00` crosses midnight.

use chrono::NaiveTime;

/// Ranges of the day; the end is not part of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quiet(Vec<(NaiveTime, NaiveTime)>);

impl Quiet {
    /// Reads ranges such as `22:00-07:00`.
    pub(crate) fn parse(ranges: &[String]) -> Result<Quiet, String> {
        ranges.iter().map(|text| range(text)).collect::<Result<_, _>>().map(Quiet)
    }

    /// Whether a wall-clock time is quiet.
    pub(crate) fn covers(&self, time: NaiveTime) -> bool {
        self.0.iter().any(
            |&(from, to)| {
                if from <= to { from <= time && time < to } else { from <= time || time < to }
            },
        )
    }
}

fn range(text: &str) -> Result<(NaiveTime, NaiveTime), String> {
    let wrong = || format!("quiet: {text:?} is no range of the day such as \"22:00-07:00\"");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let (from, to) = (time_of_day(from).ok_or_else(wrong)?, time_of_day(to).ok_or_else(wrong)?);
    if from == to { Err(wrong()) } else { Ok((from, to)) }
}

/// Reads `9:00` or `09:00`; `24:00` is midnight.
pub(crate) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |s: &str, longest| (1..=longest).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour, 2) || !digits(minute, 2) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    if (hour, minute) == (24, 0) { Some(NaiveTime::MIN) } else { NaiveTime::from_hms_opt(hour, minute, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quiet(ranges: &[&str]) -> Result<Quiet, String> {
        Quiet::parse(&ranges.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>())
    }

    fn at(text: &str) -> NaiveTime {
        time_of_day(text).unwrap()
    }

    #[test]
    fn a_range_may_cross_midnight_and_its_end_is_free() {
        let night = quiet(&["22:00-07:00", "12:30-13:00"]).unwrap();
        for time in ["22:00", "23:59", "0:00", "06:59", "12:30", "12:59"] {
            assert!(night.covers(at(time)), "{time}");
        }
        for time in ["07:00", "21:59", "13:00", "12:29"] {
            assert!(!night.covers(at(time)), "{time}");
        }
        assert!(quiet(&["18:00-24:00"]).unwrap().covers(at("23:59")));
    }

    #[test]
    fn what_is_no_range_is_named() {
        for text in ["22:00", "22-07", "25:00-07:00", "7:0-8:00", "09:00-09:00", "", "-", "+9:00-10:00"] {
            assert!(quiet(&[text]).unwrap_err().contains("no range of the day"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = quiet(&[&text]);
        }
    }
}
