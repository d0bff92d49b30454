#!/usr/bin/env python3
"""The measuring half of scale.sh: WORK CM_FETCH PORT RSS2EMAIL_FEEDS. WORK holds what scale_feeds.py made. Each tool runs
twice, as its own handbook sets it up for many feeds; what nginx costs is not counted."""
import mailbox
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

WORK, CM_FETCH, PORT, FEW = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
URLS = open(f"{WORK}/urls").read().split()
ENTRIES = int(open(f"{WORK}/entries").read())
TOOLS = os.environ.get("CM_BENCH_TOOLS", "cm curl sfeed newsboat r2e").split()

NGINX = f"""
daemon off; worker_processes 1; pid {WORK}/nginx.pid; error_log {WORK}/nginx.err;
worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{
  types {{ application/xml xml; }}
  access_log {WORK}/access.log; sendfile on; open_file_cache max=20000 inactive=600s; keepalive_timeout 20s;
  client_body_temp_path {WORK}/t1; proxy_temp_path {WORK}/t2; fastcgi_temp_path {WORK}/t3; uwsgi_temp_path {WORK}/t4; scgi_temp_path {WORK}/t5;
  server {{ listen 0.0.0.0:{PORT} backlog=4096; root {WORK}/www; etag on; if_modified_since before; }}
}}
"""


def fresh(name):
    folder = f"{WORK}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def written(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def measure(argv, home, out="/dev/null", patience=7200):
    """Wall, CPU (user + system, of all that was waited for) and the largest process's memory."""
    env = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TMPDIR": home}
    began = time.monotonic()
    with open(out, "ab") as stdout, open(f"{home}/stderr", "ab") as stderr:
        child = subprocess.Popen(argv, env=env, cwd=home, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True)
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(child.pid, signal.SIGKILL))
        signal.alarm(patience)
        _, status, used = os.wait4(child.pid, 0)
        signal.alarm(0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {"wall": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024, "status": child.returncode}


def lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def answers():
    """How many 200 and 304 nginx has given since it was last asked."""
    time.sleep(0.5)
    found = {}
    with open(f"{WORK}/access.log", "rb+") as log:
        for line in log:
            status = line.split(b'" ')[1][:3].decode()
            found[status] = found.get(status, 0) + 1
        log.truncate(0)
    return " ".join(f"{status}:{found[status]}" for status in sorted(found)) or "none"


def cm():
    home = fresh("cm")
    out = f"{home}/out.jsonl"
    options = ["--allow-private", "--new", "--archive", f"{home}/archive", "--backfill", "all", "--concurrency", "64", "--store", f"{home}/cm.db"]
    argv = [CM_FETCH, *options, "--sources", f"{WORK}/urls"]
    return 1.0, lambda: measure(argv, home, out), lambda: lines(out)


def curl():
    """No feed reader, but the floor: the same transfers, conditional ones in the second run, by one process."""
    home = fresh("curl")
    with open(f"{home}/config", "w") as config:
        for n, url in enumerate(URLS):
            config.write(("next\n" if n else "") + f'url = "{url}"\noutput = "{home}/{n}"\nsilent\nremote-time\n')
            config.write(f'time-cond = "{home}/{n}"\n')
    return 1.0, lambda: measure(["curl", "--parallel", "--parallel-max", "64", "-s", "-K", f"{home}/config"], home), lambda: None


def sfeed():
    home = fresh("sfeed")
    os.makedirs(f"{home}/.sfeed/etags")
    # The fetch function is the one of sfeed's README, "Etags and If-Modified-Since".
    fetch = 'fetch() {\n etag="$HOME/.sfeed/etags/$(basename "$3")"\n curl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 --compressed ' \
            '--etag-save "${etag}" --etag-compare "${etag}" -z "${etag}" "$2" 2>/dev/null\n}\n'
    feeds = "".join(f'feed "{n}" "{url}"\n' for n, url in enumerate(URLS))
    rc = written(f"{home}/.sfeed/sfeedrc", f"maxjobs=16\n{fetch}feeds() {{\n{feeds}}}\n")
    folder = f"{home}/.sfeed/feeds"
    return 1.0, lambda: measure(["sfeed_update", rc], home), lambda: sum(lines(f"{folder}/{name}") for name in os.listdir(folder))


def newsboat():
    home = fresh("newsboat")
    urls = written(f"{home}/urls", "\n".join(URLS) + "\n")
    config = written(f"{home}/config", "reload-threads 16\nmax-items 0\ncleanup-on-quit no\n")
    cache = f"{home}/cache.db"
    argv = ["newsboat", "-x", "reload", "-q", "-u", urls, "-C", config, "-c", cache]
    count = lambda: sqlite3.connect(cache).execute("SELECT count(*) FROM rss_item").fetchone()[0]
    return 1.0, lambda: measure(argv, home), count


def r2e():
    home = fresh("r2e")
    few = URLS[:FEW]
    defaults = f"[DEFAULT]\nto = me@example.org\nfrom = me@example.org\nemail-protocol = maildir\nmaildir-path = {home}/mail\nhtml-mail = True\nverbose = error\n"
    mailbox.Maildir(f"{home}/mail")
    feeds = "".join(f"[feed.f{n}]\nurl = {url}\n" for n, url in enumerate(few))
    config, data = written(f"{home}/config", defaults + feeds), f"{home}/data.json"
    written(data, '{"version": 2, "feeds": []}')
    argv = ["r2e", "-c", config, "-d", data, "run"]
    return len(URLS) / len(few), lambda: measure(argv, home), lambda: sum(len(found) for _, _, found in os.walk(f"{home}/mail/INBOX/new"))


def entries_of(urls):
    total = 0
    for url in urls:
        with open(f"{WORK}/www/{url.rsplit('/', 1)[1]}", "rb") as file:
            text = file.read()
            total += text.count(b"<item>") + text.count(b"<entry>")
    return total


def scaled(result, start_up):
    """What a part of the feeds cost, as if it had been all: the start-up once, the rest in proportion."""
    for what in ("cpu", "wall"):
        once = start_up[what] if start_up else 0
        result[what] = once + (result[what] - once) * result["scale"]


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    nginx = subprocess.Popen(["nginx", "-c", written(f"{WORK}/nginx.conf", NGINX)], env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
    time.sleep(1)
    rows, wrong = {}, []
    try:
        for name in TOOLS:
            start_up = measure(["r2e", "--version"], fresh("start")) if name == "r2e" else None
            scale, run, count = globals()[name]()
            # newsboat notes validators only of feeds that it has met before: its second run, not counted, gets everything again.
            for turn in ("first", "unchanged", "304") if name == "newsboat" else ("first", "304"):
                answers()
                result = run()
                result["answers"], result["entries"], result["scale"] = answers(), count(), scale
                scaled(result, start_up)
                rows[name, turn] = result
                wanted = entries_of(URLS[: round(len(URLS) / scale)]) if scale > 1 else ENTRIES
                if result["entries"] is not None and result["entries"] != wanted:
                    wrong.append(f"{name}, {turn} run: {result['entries']} entries of {wanted}")
                print(f"{name} {turn}: {result}", file=sys.stderr, flush=True)
    finally:
        nginx.terminate()
        nginx.wait()
    table(rows)
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(bool(wrong))


def table(rows):
    names = {"cm": "cm-fetch", "curl": "curl --parallel", "sfeed": "sfeed_update", "newsboat": "newsboat", "r2e": "rss2email"}
    print(f"\n{len(URLS)} feeds, {ENTRIES} entries")
    for turn in ("first", "304"):
        print(f"\n{'first run' if turn == 'first' else 'second run'}\n{'':18}{'CPU s':>9}{'ms/feed':>9}{'wall s':>9}{'MiB':>7}{'x CPU':>8}{'x wall':>8}  answers")
        ours = rows.get(("cm", turn))
        for name, shown in names.items():
            row = rows.get((name, turn))
            if not row:
                continue
            cpu, wall = row["cpu"], row["wall"]
            ratios = f"{cpu / ours['cpu']:8.1f}{wall / ours['wall']:8.1f}" if ours else f"{'':16}"
            note = f"  (of {round(len(URLS) / row['scale'])} feeds, scaled)" if row["scale"] > 1 else ""
            print(f"{shown:18}{cpu:9.2f}{cpu * 1000 / len(URLS):9.3f}{wall:9.1f}{row['mib']:7.0f}{ratios}  {row['answers']}{note}")
        peers = [row["cpu"] for (name, which), row in rows.items() if which == turn and name in ("sfeed", "newsboat", "r2e")]
        if ours and peers:
            print(f"the best of the others costs {min(peers) / ours['cpu']:.1f} times the CPU of cm-fetch")


main()
