#!/usr/bin/env bash
# Thousands of feeds: cm-fetch side by side with sfeed_update, newsboat and rss2email on the same feeds, which nginx serves on
# this machine. A first run that meets everything and a second one in which nothing has changed; CPU of the whole process tree,
# wall and memory of each, and the ratios. Checks that each got all entries.
# Usage: tests/bench/scale.sh [FEEDS [RSS2EMAIL_FEEDS]]; 10000 and 500 without. rss2email asks one feed after another and keeps
# all it knows in one file: it gets fewer feeds, and what they cost it beyond its start is scaled up in proportion.
# Needs a release build (CM_BIN_DIR, else target/release), root to install what is missing, and about 100 KB of disk a feed.
# CM_BENCH_DIR: where to work (a folder of its own in TMPDIR without); CM_BENCH_TOOLS: some of "cm curl sfeed newsboat r2e".
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
for pair in nginx:nginx-light sfeed_update:sfeed newsboat:newsboat r2e:rss2email curl:curl python3:python3; do
  PATH=$PATH:/usr/sbin command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
bin=$(cd "${CM_BIN_DIR:-target/release}" && pwd)
[ -x "$bin/cm-fetch" ] || { echo "no cm-fetch in $bin: cargo build --release -p cm-fetch" >&2; exit 2; }
feeds=${1:-10000}
work=${CM_BENCH_DIR:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  chmod 755 "$work" # nginx's workers are somebody else
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
port=${CM_BENCH_PORT:-8090}
[ "$(cat "$work/made" 2>/dev/null)" = "$feeds $port" ] || {
  python3 tests/bench/scale_feeds.py "$work" "$feeds" "$port"
  echo "$feeds $port" >"$work/made"
}
python3 tests/bench/scale_run.py "$work" "$bin/cm-fetch" "$port" "${2:-500}"
