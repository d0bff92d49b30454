#!/usr/bin/env python3
"""The measuring half of serve.sh: WORK CM_SHORTEN LINKS."""
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import time

WORK, CM, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
SECONDS = int(os.environ.get("CM_BENCH_SECONDS", "10"))
ROUNDS = int(os.environ.get("CM_BENCH_ROUNDS", "3"))
CONNECTIONS = 16
WORKERS = os.cpu_count()
# What docs/short-link-server.md promises: those that wait, a group under way, and answers that wrk never read.
MOST_LOST = 16_384 + 4_096 + CONNECTIONS
TICK = os.sysconf("SC_CLK_TCK")
ENV = {**os.environ, "HOME": WORK, "XDG_STATE_HOME": f"{WORK}/state", "XDG_CONFIG_HOME": f"{WORK}/config", "PATH": os.environ["PATH"] + ":/usr/sbin"}
STORE = f"{WORK}/state/cm/cm.db"

NGINX = """
daemon off; worker_processes {workers}; pid {work}/nginx-{name}.pid; error_log {work}/nginx.err;
events {{ worker_connections 4096; }}
http {{
  map_hash_max_size {size}; map_hash_bucket_size 512; keepalive_requests 100000000;
  access_log {log};
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  map $uri $target {{ include {work}/map.conf; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ add_header Cache-Control "private, max-age=0"; if ($target = "") {{ return 404; }} return 302 $target; }}
  }}
}}
"""

LUA = """
local codes = {}
for line in io.lines("%s/codes") do codes[#codes + 1] = line end
local agents = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
  "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
}
local n = 0
request = function()
  n = n + 1
  local headers = { ["User-Agent"] = agents[n %% #agents + 1], ["Referer"] = "https://t.co/" }
  return wrk.format("GET", "/" .. codes[math.random(#codes)], headers)
end
done = function(summary, latency)
  io.write(string.format('{"requests":%%d,"us":%%d,"p50":%%d,"p99":%%d,"bad":%%d}\\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
"""


def links():
    """The store and nginx's map, with the same links."""
    began = time.monotonic()
    with open(f"{WORK}/cm.toml", "w") as config:
        config.write("[shorten]\ndomain = 'https://go.acme.example'\n")
    url = lambda n: f"https://www.acme.example/articles/2026/11/{n}-the-spring-sale-in-our-shop?id={n * 7919 % 99991}"
    with open(f"{WORK}/urls", "w") as file:
        file.writelines(url(n) + "\n" for n in range(COUNT))
    with open(f"{WORK}/urls") as given, open(f"{WORK}/short", "w") as made:
        subprocess.run([CM, "--plain"], stdin=given, stdout=made, cwd=WORK, env=ENV, check=True)
    codes = [line.rstrip().rpartition("/")[2] for line in open(f"{WORK}/short")]
    with open(f"{WORK}/map.conf", "w") as file:
        file.writelines(f'/{code} "{url(n)}";\n' for n, code in enumerate(codes))
    with open(f"{WORK}/codes", "w") as file:
        file.writelines(code + "\n" for code in codes[:: max(1, COUNT // 20_000)])
    with open(f"{WORK}/pick.lua", "w") as file:
        file.write(LUA % WORK)
    print(f"{COUNT} links made in {time.monotonic() - began:.1f} s")


def tree(pid):
    """A process and those that it started."""
    below = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid] + [each for child in below for each in tree(int(child))]


def cpu(pid):
    total = 0
    for each in tree(pid):
        fields = open(f"/proc/{each}/stat").read().rpartition(") ")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory(pid):
    """MiB: each process's share of what it has in memory, all together."""
    total = 0
    for each in tree(pid):
        total += int(re.search(r"^Pss:\s+(\d+)", open(f"/proc/{each}/smaps_rollup").read(), re.M)[1])
    return total / 1024


def answers(port):
    return subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"], stderr=subprocess.DEVNULL).returncode == 0


def nginx(name, port, log):
    size = 1 << max(12, (COUNT * 4).bit_length())
    with open(f"{WORK}/{name}.conf", "w") as file:
        file.write(NGINX.format(work=WORK, name=name, port=port, log=log, size=size, workers=WORKERS))
    began = time.monotonic()
    child = subprocess.Popen(["nginx", "-c", f"{WORK}/{name}.conf"], env=ENV, stderr=subprocess.DEVNULL)
    while not answers(port):
        if child.poll() is not None or time.monotonic() - began > 300:
            sys.exit(f"nginx does not start: {WORK}/nginx.err")
        time.sleep(0.05)
    return child, time.monotonic() - began


def serve():
    began = time.monotonic()
    said = open(f"{WORK}/said", "w+")
    child = subprocess.Popen([CM, "serve", "-v", "--listen", "127.0.0.1:0"], cwd=WORK, env=ENV, stdout=subprocess.PIPE, stderr=said, text=True)
    port = int(child.stdout.readline().rpartition(":")[2])
    return child, port, time.monotonic() - began


def wrk(port, seconds=SECONDS):
    run = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", f"{WORK}/pick.lua", f"http://127.0.0.1:{port}/"]
    return subprocess.Popen(run, stdout=subprocess.PIPE, text=True)


def result(running):
    return json.loads(running.communicate()[0].strip().splitlines()[-1])


def load(pid, port):
    before = cpu(pid)
    got = result(wrk(port))
    # What is answered is not paid for yet: logs are written behind.
    time.sleep(1.5)
    return {**got, "cpu": (cpu(pid) - before) / got["requests"] * 1e6}


def stored():
    with sqlite3.connect(f"file:{STORE}?mode=ro", uri=True) as store:
        return store.execute("SELECT count(*) FROM shorten_clicks").fetchone()[0]


def said():
    return open(f"{WORK}/said").read().strip()


def side_by_side():
    plain, plain_start = nginx("plain", 18091, "off")
    logged, _ = nginx("logged", 18092, f"{WORK}/access.log combined buffer=64k flush=1s")
    ours, port, our_start = serve()
    servers = {"nginx map": (plain.pid, 18091), "nginx map, log": (logged.pid, 18092), "cm-shorten serve": (ours.pid, port)}
    print(f"ready after: nginx {plain_start:.1f} s, cm-shorten serve {our_start:.1f} s")
    fresh = memory(ours.pid)
    runs = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (pid, at) in servers.items():
            runs[name].append(load(pid, at))
    base = runs["nginx map, log"]
    print(f"{'':18} {'us CPU':>8} {'x log':>6} {'p50 us':>7} {'p99 us':>7} {'req/s':>8} {'MiB':>6}")
    for name, (pid, _) in servers.items():
        of = lambda key: statistics.median(run[key] for run in runs[name])
        ratio = statistics.median(run["cpu"] / other["cpu"] for run, other in zip(runs[name], base))
        rate = statistics.median(run["requests"] / run["us"] * 1e6 for run in runs[name])
        print(f"{name:18} {of('cpu'):8.1f} {ratio:6.2f} {of('p50'):7.0f} {of('p99'):7.0f} {rate:8.0f} {memory(pid):6.1f}")
        if bad := sum(run["bad"] for run in runs[name]):
            print(f"  {bad} answers were no redirects")
    print(f"cm-shorten serve before the first click: {fresh:.1f} MiB")
    for server in (plain, logged):
        server.send_signal(signal.SIGQUIT)
        server.wait()
    ours.send_signal(signal.SIGTERM)
    ours.wait()
    asked = sum(run["requests"] for run in runs["cm-shorten serve"])
    account(asked, ROUNDS)


def account(asked, runs):
    answered, logged, dropped = map(int, re.search(r"(\d+) clicks answered: (\d+) logged, (\d+) dropped", said()).groups())
    unread = answered - asked
    print(f"asked {asked}, answered {answered} ({unread} of them not read by wrk): {logged} logged + {dropped} dropped; {stored()} in the store")
    if not 0 <= unread <= runs * CONNECTIONS or answered != logged + dropped or stored() != logged:
        sys.exit("the accounts do not add up")


def killed():
    before = stored()
    ours, port, _ = serve()
    running = wrk(port, 4)
    time.sleep(2)
    ours.send_signal(signal.SIGKILL)
    ours.wait()
    asked, kept = result(running)["requests"], stored() - before
    print(f"kill -9 after 2 s: {asked} answered, {kept} logged, {asked - kept} lost (at most {MOST_LOST})")
    ours, _, _ = serve()
    ours.send_signal(signal.SIGTERM)
    ours.wait()
    print(said())
    if asked - kept > MOST_LOST:
        sys.exit("more was lost than the documentation says")


links()
side_by_side()
killed()
