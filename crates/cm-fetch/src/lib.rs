//! skeleton
mod dates;
mod feed;
mod json_feed;
mod parse;
mod repair;
#[cfg(test)]
mod suite;
