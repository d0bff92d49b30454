#!/usr/bin/env bash
# A community manager's hour: fetch, scan, inbox, reply, share, shorten, schedule, publish, report. Needs bash, coreutils
# and a Rust toolchain, publishes nothing (posts go to a file), and keeps what it learns in target/morning.
#
# Usage: examples/morning.sh [--sample]
#   --sample         read the sample site (examples/site) although the public feeds of examples/sources.toml answer
#   CM_MORNING_DIR   where to keep state [default: target/morning]
#   CM_BIN_DIR       where built tools are, to build nothing
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1-} in
  '') sample= ;;
  --sample) sample=yes ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

say() { printf '%-9s %s\n' "$1" "$2"; }
lines() { wc -l <"$1" | tr -d ' '; }
number() { sed -n 's/.*"number":\([0-9]*\).*/\1/p' | sed -n "${1}p"; }

pids=
trap '[ -z "$pids" ] || kill $pids 2>/dev/null || true' EXIT
# serve FILE COMMAND...: runs it in the background until it has written its address to FILE.
serve() {
  local file=$1 i
  shift
  rm -f "$file"
  "$@" >"$file" &
  pids="$pids $!"
  for i in $(seq 200); do
    [ ! -s "$file" ] || return 0
    sleep 0.1
  done
  echo "morning: $1 did not start" >&2
  return 1
}

# 1. The tools.
if [ -z "${CM_BIN_DIR-}" ]; then
  say build 'release binaries; the first time takes five to twenty minutes'
  cargo build --release --locked --bins -p cm-fetch -p cm-scan -p cm-inbox -p cm-shorten -p cm-schedule -p cm-report -p cm-tests
  CM_BIN_DIR=${CARGO_TARGET_DIR:-target}/release
fi
CM_BIN_DIR=$(cd "$CM_BIN_DIR" && pwd)
PATH=$CM_BIN_DIR:$PATH
unset CM_STORE CM_SOURCES CM_SEARCHES CM_ARCHIVE CM_TIME_ZONE

# 2. What to read: the public feeds when any of them answers, else the sample site. Each has a state of its own.
here=${CM_MORNING_DIR:-target/morning}
mkdir -p "$here"
here=$(cd "$here" && pwd)
answers() { timeout 60 cm-fetch --config examples/cm.toml --limit 1 2>/dev/null | grep -q .; }
if [ -z "$sample" ] && ! answers; then
  say sources 'none of the public feeds of examples/sources.toml answers from here'
  sample=yes
fi
[ -z "$sample" ] && state=$here/public || state=$here/sample
run=$state/run
mkdir -p "$run"
cp examples/cm.toml examples/sources.toml examples/searches.toml examples/goals.toml "$state"
export CM_CONFIG=$state/cm.toml
if [ -n "$sample" ]; then
  cp examples/site/sources.toml "$state"
  serve "$run/site" cm-sample-site serve examples/site ${CM_CLOCK:+--now "$CM_CLOCK"}
  site=$(cat "$run/site")
  say sources "the sample site, examples/site, at $site"
  # A proxy for its invented hosts: the same HTTP path as for any other.
  fetch() { HTTP_PROXY=$site http_proxy=$site NO_PROXY='' no_proxy='' cm-fetch -q "$@"; }
  cm-sample-site get http://www.acme-roast.example/access.log --at "${site#http://}" >"$state/access.log"
else
  say sources "$(grep -c '^\[\[source' examples/sources.toml) public sources of examples/sources.toml"
  fetch() { cm-fetch "$@"; }
fi

# 3. What is new; what of it matches the saved searches; what needs somebody. Nobody who waits is left out (--all).
# A feed that could be read only in part (exit 3) has been named on stderr, and the morning goes on.
fetch --new --archive "$state/archive" | tee "$run/fetched" | cm-scan --all -f "$state/searches.toml" | tee "$run/scanned" |
  cm-inbox >"$run/inbox" || partly=$?
[ "${partly:-3}" -eq 3 ] || exit "$partly"
grep '"_cm_scan"' "$run/scanned" >"$run/matched" || true
grep '"lane":"answer"' "$run/inbox" >"$run/answer" || true
grep '"lane":"read"' "$run/inbox" >"$run/read" || true
say fetch "$(lines "$run/fetched") new items"
say scan "$(lines "$run/matched") of them match a saved search"
say inbox "$(lines "$run/inbox") need somebody: $(lines "$run/answer") people wait, $(lines "$run/read") things to read"
[ -s "$run/fetched" ] || say nothing "new since the last run; $(cm-inbox list | wc -l | tr -d ' ') items are open"

# 4. The person who waits most gets an answer now.
if [ -s "$run/answer" ]; then
  # What went out comes back to the inbox, which then knows that this one is answered.
  cm-inbox -q reply "$(number 1 <"$run/answer")" --with sorry | cm-schedule add --to file:drafts --now |
    tee "$run/replied" | cm-inbox >/dev/null
  say reply "$(lines "$run/replied") answer written and sent"
fi

# 5. Two things worth sharing, by short links that tell the channels apart: one now, one in the next free slot.
share() { cm-inbox -q share "$1" | cm-shorten --for file:drafts --campaign morning; }
if [ -s "$run/read" ]; then
  : >"$run/shortened"
  share "$(number 1 <"$run/read")" | tee -a "$run/shortened" | cm-schedule add --to file:drafts --at now >"$run/queued"
  if [ "$(lines "$run/read")" -gt 1 ]; then
    share "$(number 2 <"$run/read")" | tee -a "$run/shortened" | cm-schedule add --to file:drafts >>"$run/queued"
  fi
  codes=$(grep -o '"code":"[^"]*"' "$run/shortened" | cut -d '"' -f 4 || true)
  say shorten "$(wc -w <<<"$codes" | tr -d ' ') links made"
  say schedule "$(lines "$run/queued") posts queued, the last for $(grep -o '"due":"[^"]*"' "$run/queued" | tail -1 | cut -d '"' -f 4)"
fi

# 6. What is due goes out.
posts=$state/drafts.jsonl
touch "$posts"
before=$(lines "$posts")
cm-schedule publish
say publish "$(($(lines "$posts") - before)) of them due and published; $posts holds $(lines "$posts"), answers included"

# 7. Somebody follows a short link.
if [ -n "${codes-}" ]; then
  serve "$run/short" cm-shorten serve --listen 127.0.0.1:0
  short=$(cat "$run/short")
  cm-sample-site get "$short/${codes%%$'\n'*}" >"$run/target"
  kill "${pids##* }" && wait "${pids##* }" || true
  say serve "$(cm-shorten clicks | wc -l | tr -d ' ') click logged, on a link to $(cat "$run/target")"
fi

# 8. The dashboard.
cm-report -o "$state/dashboard.html"
say look "$CM_BIN_DIR/cm-inbox --config $CM_CONFIG list"
say report "the last seven days, as one page without scripts:"
printf '%s\n' "$state/dashboard.html"
