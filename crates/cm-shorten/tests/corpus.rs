//! What is worth reading of other shorteners is read again on every run: each input of tests/fuzz/corpus by the check of its
//! target.

#[path = "../../../tests/fuzz/link_checks.rs"]
mod checks;

use std::path::Path;

#[test]
fn every_input_of_the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    for (target, check) in checks::CHECKS {
        let mut inputs = 0;
        for file in std::fs::read_dir(corpus.join(target)).unwrap() {
            check(&std::fs::read(file.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{target} has no inputs");
    }
}
