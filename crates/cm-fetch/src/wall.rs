//! Times as people are told them. In: a moment, the zone, now. Out: as short as can be. Pure.

use chrono::{DateTime, Datelike, Utc};
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
}
