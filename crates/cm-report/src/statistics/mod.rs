//! The few statistics that the report needs, each in one small file with its source.
//! In: counts and times. Out: estimates, intervals and tail probabilities.

mod discoveries;
mod dispersion;
mod gamma;
mod negative_binomial;
mod survival;
mod wilson;

pub use discoveries::discoveries;
pub use dispersion::{Series, dispersions};
pub use negative_binomial::upper_tail;
pub use survival::{Observation, Survival};
pub use wilson::wilson;
