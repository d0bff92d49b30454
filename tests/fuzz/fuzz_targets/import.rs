//! See `import` in link_checks.rs.
#![no_main]

#[path = "../link_checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::import(bytes));
