//! Any query: reading it never falls over, its mistakes stand within it, and a printed query reads as itself.
#![no_main]

use cm_scan::Query;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<Query>() {
        Ok(query) => assert_eq!(query.to_string().parse(), Ok(query)),
        Err(error) => assert!(error.column >= 1 && error.column <= text.chars().count() + 1),
    }
});
