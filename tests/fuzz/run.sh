#!/usr/bin/env bash
# Runs every fuzz target, one after another: tests/fuzz/run.sh [SECONDS each, 300] [TARGET ...]. New inputs go to
# target/fuzz/TARGET; those in tests/fuzz/corpus, which the tests replay, are the seeds and stay as they are. With
# MINIMISE=1 the corpus is made anew from both, small inputs first. Needs cargo-fuzz; a stable toolchain will do.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-300}
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list --fuzz-dir tests/fuzz)
failed=()
for target in "${targets[@]}"; do
  found=target/fuzz/$target seeds=tests/fuzz/corpus/$target
  mkdir -p "$found" "$seeds"
  echo "== $target: $seconds s"
  RUSTC_BOOTSTRAP=1 nice -n 19 cargo fuzz run -s none --fuzz-dir tests/fuzz "$target" "$found" "$seeds" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 2>&1 |
    grep -E "panicked|ERROR|SUMMARY|Test unit|stat::number_of_executed|error" || true
  [ "${PIPESTATUS[0]}" = 0 ] || failed+=("$target")
  if [ "${MINIMISE:-}" = 1 ]; then
    fresh=$(mktemp -d)
    RUSTC_BOOTSTRAP=1 cargo fuzz run -s none --fuzz-dir tests/fuzz "$target" "$fresh" -- -merge=1 "$seeds" "$found" > /dev/null 2>&1
    find "$seeds" -type f -delete
    # The smallest inputs, up to 20 kB of them.
    find "$fresh" -type f -printf '%s %p\n' | sort -n |
      while read -r size path; do sum=$((${sum:-0} + size)); [ "$sum" -le 20000 ] && cp "$path" "$seeds/"; done || true
    rm -r "$fresh"
  fi
done
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}"; exit 1; }
echo "nothing fell over"
