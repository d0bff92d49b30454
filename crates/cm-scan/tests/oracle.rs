//! cm-scan says what docs/searches.md says: a small run of tests/bench/scan_oracle.sh, which asks a matcher in another
//! language the same. The large one is run by hand.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What the script says when Python or its modules cannot be had here.
const SKIPPED: i32 = 77;

#[test]
fn another_matcher_in_another_language_says_the_same() {
    let binary = Path::new(env!("CARGO_BIN_EXE_cm-scan"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bench/scan_oracle.sh");
    let mut command = Command::new(script);
    command
        .args(["1000", "500", "7"])
        .env("CM_BIN_DIR", binary.with_file_name(""))
        .env_remove("CM_BENCH_DIR");
    let output = match command.output() {
        Ok(output) => output,
        Err(e) => panic!("{command:?}: {e}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    // Not `eprintln!`: that is kept from view unless the test fails.
    let _ = std::io::stderr().write_all(&output.stderr);
    if output.status.code() == Some(SKIPPED) {
        return;
    }
    assert!(output.status.success() && said.contains(" 0 differences"), "{said}");
}
