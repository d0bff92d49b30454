//! Times as people are told them. In: a moment, the zone, now. Out: as short as can be. Pure.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use cm_time::Zone;

/// A time on the wall clock: of another day with its day, of another year with its year.
pub(crate) fn wall(zone: &Zone, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (zone.wall(at), zone.wall(now));
    let form = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M",
        (_, true) => "%d %b %H:%M",
        _ => "%Y-%m-%d",
    };
    at.format(form).to_string()
}

/// A length of time, in the largest unit that says it in whole numbers: `60 min`, `90 s`, `6 h`, `2 days`; a long one
/// without its smallest parts.
pub(crate) fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 if seconds % 60 == 0 || seconds >= 600 => format!("{minutes} min"),
        120..7200 => format!("{minutes} min {} s", seconds % 60),
        7200..172_800 if minutes % 60 == 0 => format!("{hours} h"),
        7200..172_800 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_wall_clock() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |text: &str| wall(&zone, text.parse().unwrap(), "2026-11-22T12:00:00Z".parse().unwrap());
        assert_eq!(at("2026-11-22T22:59:00Z"), "23:59");
        assert_eq!(at("2026-11-22T23:00:00Z"), "23 Nov 00:00");
        assert_eq!(at("2025-11-22T12:00:00Z"), "2025-11-22");
    }
    #[test]
    fn lengths_are_told_as_people_say_them() {
        let told = |seconds| span(TimeDelta::seconds(seconds));
        let lengths = [-5, 90, 150, 3600, 3 * 3600, 9000, 86_400, 5 * 86_400 + 7].map(told);
        assert_eq!(lengths, ["0 s", "90 s", "2 min 30 s", "60 min", "3 h", "2 h 30 min", "24 h", "5 days"]);
        assert_eq!(told(3599), "59 min");
    }
}
