//! The logarithm of the gamma function (Lanczos 1964, g = 7, nine coefficients; relative error below 1e-13).

const COEFFICIENTS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// ln of the gamma function for `x` > 0.
pub(super) fn ln_gamma(x: f64) -> f64 {
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = COEFFICIENTS[1..]
        .iter()
        .zip(1_u32..)
        .fold(COEFFICIENTS[0], |sum, (c, i)| sum + c / (x + f64::from(i)));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (x, wanted) in [
            (1.0, 0.0),
            (2.0, 0.0),
            (0.5, 0.572_364_942_924_700_1),
            (10.0, 12.801_827_480_081_469),
            (100.5, 361.435_540_467_777_5),
            (1e6, 12_815_504.569_147_77),
        ] {
            let found = ln_gamma(x);
            assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{x}: {found} {wanted}");
        }
    }
}
