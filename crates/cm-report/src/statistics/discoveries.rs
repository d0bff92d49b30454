//! Which of many tests may be called findings (Benjamini and Hochberg 1995).

/// The places of the findings among `p`, at false discovery rate `q`.
pub fn discoveries(p: &[f64], q: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let count = p.len() as f64;
    let last = order.iter().enumerate().rev().find(|(rank, i)| p[**i] <= (*rank as f64 + 1.0) / count * q);
    order.truncate(last.map_or(0, |(rank, _)| rank + 1));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper's section 3.2: 15 p-values, four findings at q = .05.
    #[test]
    fn the_papers_example() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        assert_eq!(discoveries(&p, 0.05), [0, 1, 2, 3]);
        assert!(discoveries(&[], 0.05).is_empty());
        assert!(discoveries(&[0.2, 0.9], 0.05).is_empty());
        assert_eq!(discoveries(&[0.04, 0.9, 0.001], 0.05), [2]);
    }
}
