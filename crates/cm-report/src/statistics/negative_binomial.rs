//! The upper tail of the negative binomial distribution with mean `mu` and variance `mu + dispersion * mu^2`.

use super::gamma::ln_gamma;

/// Terms summed at most; beyond it the rest is far below the smallest p that anybody asks about.
const MOST_TERMS: u64 = 20_000_000;

/// P(X >= t). With `dispersion` 0 it is the Poisson tail.
pub fn upper_tail(t: u64, mu: f64, dispersion: f64) -> f64 {
    if t == 0 {
        return 1.0;
    }
    if mu <= 0.0 {
        return 0.0;
    }
    let tail =
        if (t as f64) <= mu { 1.0 - sum_below(t, mu, dispersion) } else { sum_from(t, mu, dispersion) };
    tail.clamp(0.0, 1.0)
}

/// The sum over 0..t, from the top down: the terms shrink away from the mean.
fn sum_below(t: u64, mu: f64, dispersion: f64) -> f64 {
    let mut term = ln_probability(t - 1, mu, dispersion).exp();
    let mut sum = term;
    for k in (1..t).rev() {
        term /= ratio(k - 1, mu, dispersion);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// The sum over t and above: small tails keep their digits, which `1 - ...` would lose.
fn sum_from(t: u64, mu: f64, dispersion: f64) -> f64 {
    let mut term = ln_probability(t, mu, dispersion).exp();
    let mut sum = term;
    for k in t..t.saturating_add(MOST_TERMS) {
        term *= ratio(k, mu, dispersion);
        sum += term;
        if term <= sum * 1e-17 {
            break;
        }
    }
    sum
}

/// P(k + 1) / P(k).
fn ratio(k: u64, mu: f64, dispersion: f64) -> f64 {
    let k = k as f64;
    mu * (1.0 + dispersion * k) / ((k + 1.0) * (1.0 + dispersion * mu))
}

fn ln_probability(k: u64, mu: f64, dispersion: f64) -> f64 {
    let k = k as f64;
    if dispersion < 1e-9 {
        return k * mu.ln() - mu - ln_gamma(k + 1.0);
    }
    let size = 1.0 / dispersion;
    ln_gamma(k + size) - ln_gamma(k + 1.0) - ln_gamma(size) - size * (dispersion * mu).ln_1p()
        + k * (mu / (size + mu)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-9 * wanted.max(1e-12), "{found} {wanted}");
    }

    /// By hand: with size 1 it is geometric, P(X >= t) = (mu / (1 + mu))^t; the size-2 tail has a closed form too.
    #[test]
    fn closed_forms() {
        near(upper_tail(5, 2.0, 1.0), (2.0_f64 / 3.0).powi(5));
        near(upper_tail(40, 2.0, 1.0), (2.0_f64 / 3.0).powi(40));
        near(upper_tail(1, 3.0, 1.0), 0.75);
        let (p, q) = (0.25_f64, 0.75_f64); // size 2, mean 6: P(0) = p^2, P(1) = 2 p^2 q
        near(upper_tail(2, 6.0, 0.5), 1.0 - p * p - 2.0 * p * p * q);
    }

    /// Poisson: P(X >= 10 | 3) = 1 - sum of e^-3 3^k / k! for k in 0..=9.
    #[test]
    fn poisson_tail() {
        near(upper_tail(10, 3.0, 0.0), 0.001_102_488_130_115_479_8);
        assert_eq!(upper_tail(0, 3.0, 0.2), 1.0);
        assert_eq!(upper_tail(1, 0.0, 0.2), 0.0);
    }

    proptest! {
        #[test]
        fn falls_with_t_and_stays_a_probability(t in 0u64..400, mu in 0.01f64..300.0, dispersion in 0.0f64..3.0) {
            let (here, next) = (upper_tail(t, mu, dispersion), upper_tail(t + 1, mu, dispersion));
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(next <= here + 1e-9);
        }
    }
}
