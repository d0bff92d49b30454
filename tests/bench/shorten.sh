#!/usr/bin/env bash
# Many links through the filter into an empty store, beside links made one by one: rate, CPU and memory, and the ratio; then the
# same again, two writers at once, and a writer killed with -9 again and again. Checks that each URL has one link in the end and
# that a second pass changes no byte.
# Usage: tests/bench/shorten.sh [LINKS]; 1000000 without, which takes about five minutes and 2 GB of disk.
# Needs a release build (CM_BIN_DIR, else target/release) and python3.
# CM_BENCH_DIR: where to work (a folder of its own in TMPDIR without, which is deleted). What a commit costs depends on the disk
# that is under it: on a memory file system making links one by one looks better than it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
[ -x "$bin/cm-shorten" ] || { echo "no cm-shorten in $bin: cargo build --release -p cm-shorten" >&2; exit 2; }
work=${CM_BENCH_DIR:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
python3 tests/bench/shorten_run.py "$work" "$bin/cm-shorten" "${1:-1000000}"
