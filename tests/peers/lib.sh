# What the scripts of this folder share. Sourced, never run.
# Exit codes of a script: 0 the server answers and stdout says how to reach it as KEY=VALUE lines; 77 skipped, since
# packages cannot be installed here (one line on stderr says why); anything else is a failure with the log's last lines.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CM_PEERS=${CM_PEERS:-${TMPDIR:-/tmp}/cm-peers}
name=$(basename "$0")

skip() { printf '%s: %s\n' "$name" "$*" >&2; exit 77; }

# fail LOG WORDS...: the end of a log, then what is wrong.
fail() {
  [[ ! -s $1 ]] || tail -n 20 "$1" >&2
  printf '%s: %s\n' "$name" "${*:2}" >&2
  exit 1
}

# lock NAME: one script at a time starts or stops this server. Held until the script ends, so daemons are started with 9>&-.
lock() {
  mkdir -p "$CM_PEERS" 2>/dev/null || skip "cannot write to $CM_PEERS"
  exec 9>"$CM_PEERS/.$1.lock"
  flock -w 900 9 || fail /dev/null "another run has been starting or stopping it for a quarter of an hour"
}

# alive PIDFILE WORD: that process lives, and its command line holds the word, so it is not a later owner of the number.
alive() { [[ -s $1 ]] && grep -qsF -- "$2" "/proc/$(head -n 1 "$1")/cmdline"; }

# await SECONDS COMMAND...: until it succeeds.
await() {
  local until=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    ((SECONDS < until)) || return 1
    sleep .1
  done
}

# port VARIABLE: fails where another has the port that it names, who would be taken for ours.
port() { free "${!1}" || fail /dev/null "port ${!1} is taken: $1=... names another"; }
free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# group PIDFILE WORD: ends what is left of the group of processes that it led; the group of a later owner of the number has
# no such command line.
group() {
  local leader file stat of
  [[ -s $1 ]] && read -r leader <"$1" || return 0
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    read -r _ _ of _ <<<"${stat##*) }" # state, parent, group: what follows the command's name
    [[ $of == "$leader" ]] && grep -qsF -- "$2" "${file%stat}cmdline" || continue
    kill "${stat%% *}" 2>/dev/null || true
  done
}

# stop PIDFILE WORD [SIGNAL]: and waits; after ten seconds by force.
stop() {
  local pid
  if alive "$1" "$2"; then
    pid=$(head -n 1 "$1")
    kill -s "${3:-TERM}" "$pid" 2>/dev/null || true
    await 10 dead "$pid" || kill -s KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}
dead() { [[ -z $(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true) ]]; } # files of /proc have no size

# need COMMAND=PACKAGE...: installs the Debian packages whose commands are missing.
need() {
  local pair wanted=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || wanted+=("${pair#*=}")
  done
  [[ ${#wanted[@]} -eq 0 ]] || debian "${wanted[@]}"
}

# debian PACKAGE...: installs them, or skips. The daemons that they bring are not started.
debian() {
  local log=$CM_PEERS/apt.log
  [[ $EUID == 0 ]] || skip "only root can install what is missing: $*"
  command -v apt-get >/dev/null || skip "no apt-get to install what is missing: $*"
  (
    exec 8>/tmp/.cm-peers-apt.lock # apt-get update waits for nobody
    flock 8
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt=(apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=2 -o Acquire::http::Timeout=30)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "$@"
  ) >"$log" 2>&1 9>&- || skip "cannot install $*: $(grep '^E:' "$log" | tail -n 1) (see $log)"
}

# wheel FOLDER PACKAGE==VERSION...: Python packages in a folder of their own, once, or skips.
wheel() {
  [[ ! -e $1/.installed ]] || return 0
  need python3=python3
  python3 -m pip --version >/dev/null 2>&1 || debian python3-pip
  rm -rf "$1"
  python3 -m pip -q --retries 2 --timeout 30 install --target "$1" "${@:2}" >"$1.log" 2>&1 || skip "cannot install ${*:2}: $(tail -n 1 "$1.log")"
  touch "$1/.installed"
}
