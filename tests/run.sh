#!/usr/bin/env bash
# Everything that must hold: formatting, lints, licences, all tests, doc tests, and every command in README, docs and
# examples. Installs what it needs; where it may not, it says what to install. Real servers are started on loopback
# (tests/peers) and stopped again unless they ran before; tests of a server that cannot be installed here are skipped, and
# that is said. Ends with `N passed, N failed`.
# Usage: tests/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
results=$(mktemp)
before=$(tests/peers/running)
trap leave EXIT

# Stops the servers that did not run before.
leave() {
  local ours
  mapfile -t ours < <(tests/peers/running | grep -vxF -- "$before")
  [ ${#ours[@]} -eq 0 ] || tests/peers/down "${ours[@]}"
  rm -f "$log" "$results"
}

# stage NAME COMMAND...: runs quietly, but for tests that were skipped; the first that fails shows all it said, and ends the
# run.
stage() {
  local name=$1 began=$SECONDS
  shift
  printf '%-14s' "$name"
  if "$@" >"$log" 2>&1; then
    printf 'ok  %4ds\n' $((SECONDS - began))
    grep '^test result:' "$log" >>"$results" || true
    grep -o 'SKIPPED: .*' "$log" | sort -u || true
    return
  fi
  printf 'FAILED\n\n'
  cat "$log"
  grep '^test result:' "$log" >>"$results" || true
  printf '\n%s failed: %s\n' "$name" "$*"
  [ ! -s "$results" ] || total
  exit 1
}

# The sum of what cargo's test runner said.
total() {
  awk '{ passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$results"
}

missing=()
packages() { # COMMAND=PACKAGE...
  local pair wanted=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || wanted+=("${pair#*=}")
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    if apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}"; then
      return
    fi
  fi
  missing+=("apt-get install ${wanted[*]}")
}
install() {
  command -v cargo >/dev/null || missing+=("a Rust toolchain: https://rustup.rs")
  packages cc=gcc jq=jq zstd=zstd chromium=chromium
  cargo fmt --version || rustup component add rustfmt || missing+=("rustup component add rustfmt")
  cargo clippy --version || rustup component add clippy || missing+=("rustup component add clippy")
  cargo deny --version || cargo install --locked cargo-deny || missing+=("cargo install --locked cargo-deny")
  [ ${#missing[@]} -eq 0 ] || { printf 'install this first:\n'; printf '  %s\n' "${missing[@]}"; return 1; }
}

# Each tool's own, then those that need several tools, or real servers, with tools that were built so.
failpoints() {
  cargo test -p cm-schedule -p cm-fetch -p cm-shorten --features failpoints --no-fail-fast &&
    cargo build -p cm-fetch -p cm-inbox -p cm-schedule --features failpoints &&
    cargo test -p cm-tests --features failpoints --no-fail-fast --test 'failpoints*' --test '*_outbox'
}

# told SERVER KEY...: how a real server is reached, for crates whose own tests ask one; nothing where it is skipped.
told() {
  local server=$1 said key
  shift
  said=$(tests/peers/"$server"-up 2>/dev/null) || return 0
  for key in "$@"; do sed -n "s/^$key=//p" <<<"$said"; done | paste -sd ' '
}

stage install install
stage peers tests/peers/up
sed 's/^/    /' "$log"
CM_TEST_WORDPRESS=$(told wordpress WP_URL WP_USER WP_APP_PASSWORD)
CM_TEST_BLUESKY=$(told bsky-pds BSKY_URL)
CM_TEST_BLUESKY_APPVIEW=$(told bsky-appview BSKY_URL BSKY_TTL)
CM_TEST_BLUESKY_LIMITED=$(told bsky-limits BSKY_URL)
export CM_TEST_WORDPRESS CM_TEST_BLUESKY CM_TEST_BLUESKY_APPVIEW CM_TEST_BLUESKY_LIMITED
stage format cargo fmt --all --check
stage lints cargo clippy --quiet --workspace --all-targets -- -D warnings
stage lints+ cargo clippy --quiet --workspace --all-targets --all-features -- -D warnings
stage rustdoc env RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps
stage licences cargo deny --config .deny.toml check licenses bans sources
stage build cargo build --quiet --workspace --all-targets
stage tests cargo test --workspace --no-fail-fast
# Last, as it leaves tools with failpoints in target/debug.
stage failpoints failpoints
total
