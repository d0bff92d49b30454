//! How much more daily counts scatter than a Poisson count would: one value over all series, and one per series that is
//! drawn towards it where the series is short.

/// How many days of its own a series needs before it weighs as much as the pool.
const POOL_WEIGHT: f64 = 20.0;

/// Counts of one source on the days before, and what each day's traffic made likely.
#[derive(Debug, Default)]
pub struct Series {
    /// Counted.
    pub counts: Vec<u64>,
    /// Expected: the series' total, shared out over its days by the whole site's traffic.
    pub expected: Vec<f64>,
}

impl Series {
    /// Excess of the squared deviations over a Poisson's, and the squared means that it is measured in.
    fn moments(&self) -> (f64, f64) {
        self.counts.iter().zip(&self.expected).fold((0.0, 0.0), |(excess, squares), (count, mean)| {
            let off = *count as f64 - mean;
            (excess + off * off - mean, squares + mean * mean)
        })
    }
}

/// Per series, by moments: max(pooled, shrunk), so that a quiet past does not turn into false certainty.
pub fn dispersions(series: &[Series]) -> Vec<f64> {
    let moments: Vec<(f64, f64)> = series.iter().map(Series::moments).collect();
    let (excess, squares) = moments.iter().fold((0.0, 0.0), |sum, m| (sum.0 + m.0, sum.1 + m.1));
    let pooled = quotient(excess, squares);
    series
        .iter()
        .zip(&moments)
        .map(|(series, (excess, squares))| {
            let days = series.counts.len() as f64;
            let shrunk = (days * quotient(*excess, *squares) + POOL_WEIGHT * pooled) / (days + POOL_WEIGHT);
            pooled.max(shrunk)
        })
        .collect()
}

fn quotient(excess: f64, squares: f64) -> f64 {
    if squares > 0.0 { (excess / squares).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_counts_have_none_and_wild_ones_some() {
        let steady = Series { counts: vec![10; 8], expected: vec![10.0; 8] };
        let wild = Series { counts: vec![0, 20, 0, 20, 0, 20, 0, 20], expected: vec![10.0; 8] };
        assert_eq!(dispersions(&[steady]), [0.0]);
        // Excess 8 * (100 - 10) over 8 * 100.
        let found = dispersions(&[wild])[0];
        assert!((found - 0.9).abs() < 1e-12, "{found}");
        assert!(dispersions(&[]).is_empty());
    }
}
