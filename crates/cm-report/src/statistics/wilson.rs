//! The score interval of a proportion (Wilson 1927), which behaves at 0, at 1 and with few cases.

/// The standard normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of `hits` in `n`; `None` when there are no cases.
pub fn wilson(hits: u64, n: u64) -> Option<(f64, f64)> {
    if n == 0 || hits > n {
        return None;
    }
    let (count, share) = (n as f64, hits as f64 / n as f64);
    let z2 = Z * Z;
    let centre = share + z2 / (2.0 * count);
    let spread = Z * (share * (1.0 - share) / count + z2 / (4.0 * count * count)).sqrt();
    let scale = 1.0 + z2 / count;
    Some((((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Newcombe 1998, table I, method 3.
    #[test]
    fn published_intervals() {
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(hits, n).unwrap();
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{hits}/{n}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    proptest! {
        #[test]
        fn holds_the_share(hits in 0u64..5000, more in 0u64..5000) {
            prop_assume!(hits + more > 0);
            let (low, high) = wilson(hits, hits + more).unwrap();
            let share = hits as f64 / (hits + more) as f64;
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            prop_assert!(low <= share + 1e-12 && share <= high + 1e-12);
        }
    }
}
