#!/usr/bin/env bash
# Redirects: cm-shorten serve side by side with nginx's `map` without and with a (buffered) log, on the same links, under wrk on
# loopback, in turn: CPU of the server's processes for each redirect, median and 99th percentile of the time of an answer, memory.
# Then the accounts: requests answered = clicks logged + dropped, and what a kill -9 in the middle has lost.
# Usage: tests/bench/serve.sh [LINKS...]; 10000 and 1000000 without. Needs a release build (CM_BIN_DIR, else target/release),
# root to install what is missing, and about 1 kB of disk a link. CM_BENCH_SECONDS: of each run (10); CM_BENCH_ROUNDS: 3.
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
for pair in nginx:nginx-light wrk:wrk python3:python3; do
  PATH=$PATH:/usr/sbin command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
[ -x "$bin/cm-shorten" ] || { echo "no cm-shorten in $bin: cargo build --release -p cm-shorten" >&2; exit 2; }
for links in "${@:-10000 1000000}"; do # the default is two in one word
  for count in $links; do
    work=$(mktemp -d)
    chmod 755 "$work" # nginx's workers are somebody else
    trap 'rm -rf "$work"' EXIT
    python3 tests/bench/serve_run.py "$work" "$bin/cm-shorten" "$count"
    rm -rf "$work"
  done
done
