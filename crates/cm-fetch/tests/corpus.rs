//! What fuzzing found is read again on every run: each input of tests/fuzz/corpus by the check of its target.

#[path = "../../../tests/fuzz/checks.rs"]
mod checks;

use std::path::Path;

#[test]
fn what_fuzzing_found_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    let mut size = 0;
    for (target, check) in checks::CHECKS {
        let mut inputs = 0;
        for file in std::fs::read_dir(corpus.join(target)).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            (inputs, size) = (inputs + 1, size + bytes.len());
            check(&bytes);
        }
        assert!(inputs > 0, "{target} has no inputs");
    }
    assert!(size <= 200_000, "the corpus has {size} bytes");
}
