#!/usr/bin/env bash
# How well feeds are read: a table per class of the third-party suites (CM_SUITES, else ../shared/suites), and what is
# below its floor. Usage: tests/bench/feeds.sh [--failures]
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "${1:-}" = --failures ] && export CM_SUITE_FAILURES=1
exec cargo test -q -p cm-fetch --lib suite -- --nocapture
