#!/usr/bin/env bash
# What it costs to read a year of clicks: fills a store (2,000 links, the clicks of 365 days, some links far more opened than
# others), has them added up, and asks all that tells of clicks, each three times: the best wall time and CPU, the most memory.
# Then what adding them up costs a click, and the import of a web log, twice.
# Usage: tests/bench/clicks.sh [CLICKS]; 10000000 without, which needs 6 GB of disk and some ten minutes.
# Needs a release build of cm-shorten and cm-report (CM_BIN_DIR, else target/release) and python3.
# CM_BENCH_DIR: where to work (a folder of its own in TMPDIR without, which is deleted). What is there already is used again.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
for program in cm-shorten cm-report; do
  [ -x "$bin/$program" ] || { echo "no $program in $bin: cargo build --release -p $program" >&2; exit 2; }
done
work=${CM_BENCH_DIR:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
python3 tests/bench/clicks_run.py "$work" "$bin" "${1:-10000000}"
