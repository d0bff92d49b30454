#!/usr/bin/env bash
# Searching at the speed of a pipe: cm-scan beside ripgrep, ugrep, GNU grep, jq and Miller, each at its best flags, in turn in
# one run, on records made by Zipf's law and on records of real feeds; lists of 1 to 10,000 words that 0.1, 5 and 50 % of the
# records hold, boolean lists of 10 to 100,000 searches; memory, start-up and two threads. Prints CPU as multiples of
# `cat FILE >file` beside the goals; exits 1 when one is missed.
# Usage: tests/bench/scan.sh [small|full] [ROUNDS]; full without: 150 MB of each kind, five rounds, about an hour and a half.
# small: 16 MB, one round and some of the lists, for a quick look: two minutes. Needs release builds of cm-scan and cm-fetch (CM_BIN_DIR, else target/release), root to
# install what is missing, and the suites of feeds (CM_SUITES, else ../shared/suites) for the real text.
# CM_BENCH_DIR: where to work (a folder of its own in TMPDIR without, which is deleted); CM_BENCH_TOOLS: some of "cm rg ugrep
# grep jq mlr"; CM_BENCH_LISTS: some of the lists, as "literal-1000-5 boolean-1000".
set -euo pipefail
cd "$(dirname "$0")/../.."
case ${1:-full} in
  small)
    size=16000000 rounds=${2:-1} limit=0.5
    export CM_BENCH_LISTS=${CM_BENCH_LISTS:-literal-1-5 literal-10-5 literal-1000-5 apart-1000-5 literal-10000-5 boolean-1000 boolean-100000}
    ;;
  full) size=150000000 rounds=${2:-5} limit=15 ;;
  *) echo "usage: tests/bench/scan.sh [small|full] [ROUNDS]" >&2; exit 2 ;;
esac
missing=()
for pair in ugrep:ugrep grep:grep jq:jq mlr:miller python3:python3; do
  command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ -f /usr/share/dict/words ] || missing+=(wamerican)
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
# Debian's ripgrep is old.
rg=$PWD/target/bench/peers/bin/rg
[ -x "$rg" ] || cargo install --locked --root target/bench/peers --target-dir target/bench/build ripgrep >&2
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
[ -x "$bin/cm-scan" ] || { echo "no cm-scan in $bin: cargo build --release -p cm-scan" >&2; exit 2; }
work=${CM_BENCH_DIR:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
suites=${CM_SUITES:-../shared/suites}
corpora=(synthetic)
made="$size"
if [ -d "$suites/feeds" ] && [ -x "$bin/cm-fetch" ]; then
  corpora+=(real)
  made+=" real"
else
  echo "SKIPPED: real feed text: it needs feeds in $suites (CM_SUITES) and $bin/cm-fetch" >&2
fi
if [ "$(cat "$work/made" 2>/dev/null)" != "$made" ]; then
  if [ "${#corpora[@]}" = 2 ]; then
    # Many of these feeds are broken on purpose: what is said of them is not of interest here.
    find "$suites/feeds" -type f ! -name '*.jsonl' ! -name 'LICENSE*' ! -name README.md -print0 | sort -z |
      xargs -0 "$bin/cm-fetch" -q >"$work/records.jsonl" 2>/dev/null || true
    python3 tests/bench/scan_data.py "$work" "$size" "$work/records.jsonl"
  else
    python3 tests/bench/scan_data.py "$work" "$size"
  fi
  echo "$made" >"$work/made"
fi
printf '%s\n' "$("$bin/cm-scan" --version)" "$("$rg" --version | head -n 1)" "$(ugrep --version | head -n 1)" \
  "$(grep --version | head -n 1)" "$(jq --version)" "$(mlr --version)" "$(cat --version | head -n 1)"
python3 tests/bench/scan_run.py "$work" "$bin/cm-scan" "$rg" "$rounds" "$limit" "${corpora[@]}"
