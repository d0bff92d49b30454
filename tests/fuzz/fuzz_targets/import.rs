//! A byte that chooses the product, then any file: it is read to an end, twice the same, and its rows are not more than its
//! bytes.
#![no_main]

use cm_shorten::probe::import;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((from, file)) = bytes.split_first() else { return };
    let found = import(file, *from);
    assert_eq!(import(file, *from), found);
    assert!(found.0 + found.1 <= file.len());
});
