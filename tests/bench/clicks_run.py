"""A year of clicks, filled in and asked for. In: a folder to work in, the folder of the programs, how many clicks. Out: a
table; 1 where a check fails."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time

WORK, BIN, CLICKS = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
LINKS, DAYS, DAY = 2000, 365, 86_400_000
NOW = "2026-11-22T09:31:00Z"
END = 1_795_339_860_000  # the same in ms
AGENT = "mozilla (linux android) (khtml) chrome/141 mobile safari/537"
SOURCES = [("direct", "direct", None), ("social", "X", "t.co"), ("social", "Bluesky", "bsky.app"), ("search", "Google", "google.com")]
SOURCES += [("site", f"blog{n}.example", f"blog{n}.example") for n in range(40)]
STORE = os.path.join(WORK, "links.db")
CONFIG = os.path.join(WORK, "cm.toml")
FAILED = []


def check(what, good):
    if not good:
        FAILED.append(what)
        print(f"FAILED: {what}")


def command(program, *args):
    return [os.path.join(BIN, program), "-q", "--config", CONFIG, "--store", f"sqlite:{STORE}", "--clock", NOW, *args]


def timed(args, output=os.devnull):
    """Runs to the end: wall and CPU in seconds, the most memory in MiB."""
    begun = time.monotonic()
    with open(output, "wb") as out:
        child = subprocess.Popen(args, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
    check(f"{' '.join(args[8:])} ends with 0", os.waitstatus_to_exitcode(status) == 0)
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def tell(what, wall, cpu, memory, rest=""):
    print(f"{what:<44} {wall * 1000:>9,.0f} ms {cpu * 1000:>9,.0f} ms CPU {memory:>6.0f} MiB  {rest}", flush=True)


def make_links():
    path = os.path.join(WORK, "links.jsonl")
    with open(path, "w") as file:
        for n in range(LINKS):
            file.write(json.dumps({"id": f"urn:x:{n}", "url": f"https://acme.example/{n}", "title": f"Page {n}", "content_text": "t"}) + "\n")
    timed(command("cm-shorten", path))
    with sqlite3.connect(STORE) as connection:
        return [code for code, in connection.execute("SELECT code FROM shorten_links ORDER BY code")]


def clicks(codes):
    """The year's clicks in order of time: half of them on a hundred links, one in seven a robot's."""
    chance = random.Random(6)
    for n in range(CLICKS):
        at = END - DAYS * DAY + n * DAYS * DAY // CLICKS
        code = codes[int(len(codes) * chance.random() ** 4)]
        family, source, host = SOURCES[int(len(SOURCES) * chance.random() ** 2)]
        kind = chance.random()
        how, device = ("human", "mobile" if kind < 0.5 else "desktop")
        if kind > 0.85:
            how, device = ("bot" if kind > 0.9 else "preview"), None
        first = int(how == "human" and chance.random() < 0.7)
        yield (n + 1, at, code, how, "bench", host, family, source, device, f"{chance.getrandbits(64):016x}", 1, first, first)


def fill():
    codes = make_links()
    with sqlite3.connect(STORE) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("INSERT INTO shorten_agents (id, agent) VALUES (1, ?)", [AGENT])
        columns = "seq, at_ms, code, class, rule, referrer, family, source, device, visitor, agent, first_here, first_of_all"
        connection.executemany(f"INSERT INTO shorten_clicks ({columns}) VALUES ({','.join('?' * 13)})", clicks(codes))
    size = os.path.getsize(STORE)
    print(f"the store: {size / CLICKS:.0f} bytes a click of the log")


def add_up():
    with sqlite3.connect(STORE) as connection:
        if connection.execute("SELECT 1 FROM shorten_click_days").fetchone():
            return
    size = os.path.getsize(STORE)
    nothing = os.path.join(WORK, "empty.log")
    open(nothing, "w").close()
    used = timed(command("cm-shorten", "clicks", "import", nothing))
    grown = os.path.getsize(STORE) - size
    tell(f"{CLICKS:,} clicks added up", *used, f"{used[1] / CLICKS * 1e6:.1f} us and {grown / CLICKS:.0f} bytes a click")


def ask():
    with sqlite3.connect(STORE) as connection:
        often, = connection.execute("SELECT code FROM shorten_click_days WHERE code <> '' AND unit > 86400000 "
                                    "GROUP BY code ORDER BY sum(human) DESC LIMIT 1").fetchone()
    questions = [
        ("cm-shorten", "stats"), ("cm-shorten", "stats", often), ("cm-shorten", "stats", "--by", "hour"),
        ("cm-shorten", "stats", "--since", "2026-11-15T07:07:00Z"),
        ("cm-shorten", "list"), ("cm-shorten", "list", "--sort", "clicks", "--limit", "10"),
        ("cm-shorten", "clicks", "--since", "2026-11-22T00:00:00Z"),
        ("cm-shorten", "clicks", often, "--since", "2026-11-15T00:00:00Z"),
        ("cm-shorten", "clicks", "--limit", "20"), ("cm-shorten", "clicks", often, "--limit", "20"),
        ("cm-report", "--period", "yesterday", "--format", "csv"), ("cm-report", "--format", "csv"),
        ("cm-report", "--since", "2025-11-23", "--format", "csv"),
    ]
    out = os.path.join(WORK, "out")
    for program, *args in questions:
        runs = [timed(command(program, *args), out) for _ in range(1 if "2025-11-23" in args else 3)]
        wall, cpu = min(run[0] for run in runs), min(run[1] for run in runs)
        tell(f"{program} {' '.join(args).replace(often, 'CODE')}", wall, cpu, runs[0][2], f"{os.path.getsize(out):,} bytes")


def take_in():
    """A web log of a tenth as many clicks, into the store as it is, and once more."""
    with sqlite3.connect(STORE) as connection:
        codes = [code for code, in connection.execute("SELECT code FROM shorten_links ORDER BY code")]
    chance, path, lines = random.Random(7), os.path.join(WORK, "access.log"), CLICKS // 10
    with open(path, "w") as file:
        for n in range(lines):
            at = time.gmtime(END / 1000 - 30 * 86400 + n * 30 * 86400 / lines)
            version = int(chance.random() ** 2 * 90)
            file.write(
                f"198.51.{n % 256}.{n // 256 % 256} - - [{time.strftime('%d/%b/%Y:%H:%M:%S +0000', at)}] "
                f'"GET /{codes[int(len(codes) * chance.random() ** 4)]} HTTP/1.1" 302 0 "https://t.co/{n}" '
                f'"Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"\n'
            )
    counts = []
    for what in ("imported", "imported again"):
        used = timed(command("cm-shorten", "clicks", "import", path))
        tell(f"a log of {lines:,} clicks {what}", *used, f"{used[1] / lines * 1e6:.1f} us a line")
        with sqlite3.connect(STORE) as connection:
            counts.append(connection.execute("SELECT count(*) FROM shorten_clicks").fetchone()[0])
    check("a log that comes again adds nothing", counts[0] == counts[1])


with open(CONFIG, "w") as file:
    file.write("[shorten]\ndomain = 'https://go.acme.example'\n")
if sys.argv[4:] == ["fill"]:
    fill()
else:
    if not os.path.exists(STORE):
        # Elsewhere: the memory of a child begins with that of its parent.
        subprocess.run([sys.executable, *sys.argv, "fill"], check=True)
    add_up()
    ask()
    take_in()
sys.exit(1 if FAILED else 0)
