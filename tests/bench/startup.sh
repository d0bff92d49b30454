#!/usr/bin/env bash
# Start, read one record, end: each tool against `jq .` on the same record, in turn, in one run.
# Prints the median of each and the ratio. Usage: tests/bench/startup.sh [RUNS]; needs jq and a release build.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-101}
bin=${CM_BIN_DIR:-target/release}
command -v jq >/dev/null || { echo "jq is not installed: apt-get install jq" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp crates/cm-record/tests/golden/v1/1-fetch.jsonl "$work/one.jsonl"
bin=$(cd "$bin" && pwd)
cd "$work"

jq_() { jq . one.jsonl; }
scan() { "$bin/cm-scan" roast one.jsonl; }
shorten() { "$bin/cm-shorten" --backend none one.jsonl; }
report() { "$bin/cm-report" one.jsonl; }

time_one() { # NAME: microseconds of one run, appended to NAME.times
  local before=$EPOCHREALTIME after
  "$1" >/dev/null
  after=$EPOCHREALTIME
  echo $((${after/./} - ${before/./})) >>"$1.times"
}
median() { sort -n "$1.times" | sed -n "$(((runs + 1) / 2))p"; }

for tool in jq_ scan shorten report; do "$tool" >/dev/null; done
for ((i = 0; i < runs; i++)); do
  for tool in jq_ scan shorten report; do time_one "$tool"; done
done
base=$(median jq_)
printf '%-28s %8s us\n' 'jq .' "$base"
for tool in scan shorten report; do
  it=$(median "$tool")
  printf '%-28s %8s us  %s x jq\n' "cm-$tool" "$it" "$(awk "BEGIN { printf \"%.2f\", $it / $base }")"
done
