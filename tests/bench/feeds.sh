#!/usr/bin/env bash
# How well feeds are read: a table per class of the third-party suites (CM_SUITES, else ../shared/suites), with what is
# reached of all and its floor; the broken feeds and the dates by themselves. --failures names each that is read otherwise
# than the reference reads it. Fails where something is below its floor. Usage: tests/bench/feeds.sh [--failures]
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "${1:-}" = --failures ] && export CM_SUITE_FAILURES=1
exec cargo test -q -p cm-fetch --lib suite -- --nocapture --test-threads=1
