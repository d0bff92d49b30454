#!/usr/bin/env bash
# Does cm-scan say what docs/searches.md says? A matcher of its own, written in Python from that page alone (scan_oracle/), is asked
# the same: made items with every kind of hard text, made queries of every operator, all pairs; then the same on records of real
# feeds (CM_SUITES, else ../shared/suites; needs cm-fetch beside cm-scan). Prints pairs, matches and differences; 1 when there is a
# difference, 77 when it cannot run (no Python, or its modules `regex` and `uniseg` cannot be installed).
# Usage: tests/bench/scan_oracle.sh [ITEMS QUERIES [SEED]]; 100000 and 10000 without, 20 minutes on one core that is free. CM_BIN_DIR: where cm-scan is, else
# target/release; CM_BENCH_DIR: where to work (a folder of its own in TMPDIR without, which is deleted).
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
[ -x "$bin/cm-scan" ] || { echo "no cm-scan in $bin: cargo build --release -p cm-scan" >&2; exit 2; }
skip() { echo "SKIPPED: cm-scan beside the matcher in Python: $1" >&2; exit 77; }
command -v python3 >/dev/null || skip "no python3"
python=python3
if ! python3 -c 'import regex, uniseg' 2>/dev/null; then
  python=target/bench/python/bin/python
  [ -x "$python" ] || python3 -m venv target/bench/python 2>/dev/null || skip "no venv of python3 (apt-get install python3-venv)"
  "$python" -c 'import regex, uniseg' 2>/dev/null ||
    "$python" -m pip install --quiet regex uniseg 2>/dev/null || skip "pip cannot install regex and uniseg"
fi
work=${CM_BENCH_DIR:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
items=${1:-100000} queries=${2:-10000} seed=${3:-1} failed=0
compare() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/bench "$python" -m scan_oracle "$bin/cm-scan" "$work" "$items" "$queries" --seed "$seed" "$@" || failed=1; }
echo "made items"
compare
suites=${CM_SUITES:-../shared/suites}
if [ -d "$suites/feeds" ] && [ -x "$bin/cm-fetch" ]; then
  echo "records of real feeds"
  find "$suites/feeds" -type f ! -name '*.jsonl' ! -name 'LICENSE*' ! -name README.md -print0 | sort -z |
    xargs -0 "$bin/cm-fetch" -q >"$work/records.jsonl" 2>/dev/null || true
  compare --real "$work/records.jsonl" --dense 0.2
else
  echo "SKIPPED: records of real feeds: they need feeds in $suites (CM_SUITES) and $bin/cm-fetch" >&2
fi
exit "$failed"
