"""Links made in bulk and one by one. In: a folder to work in, the program, how many links. Out: a table; 1 where a check fails."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time

WORK, PROGRAM, LINKS = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
WORDS = "tea roast green spring sale guide how brew leaf water news team story made small shop first cold warm day".split()
FAILED = []


def check(what, good):
    if not good:
        FAILED.append(what)
        print(f"FAILED: {what}")


def make(path):
    """Records as feeds have them: every fifth link carries tracking parameters, some are long."""
    chance = random.Random(6)
    with open(path, "w") as file:
        for n in range(LINKS):
            slug = "-".join(chance.choices(WORDS, k=chance.randint(3, 9)))
            url = f"https://{chance.choice(WORDS)}{n % 5000}.example/{2000 + n % 27}/{slug}-{n}"
            if n % 5 == 0:
                url += f"?id={n}&utm_source=newsletter&utm_medium=email&fbclid={chance.getrandbits(120):x}"
            text = " ".join(chance.choices(WORDS, k=40))
            record = {"id": f"urn:x:{n}", "url": url, "title": slug.replace("-", " "), "content_text": text}
            file.write(json.dumps(record) + "\n")


def store(name):
    path = os.path.join(WORK, name)
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    return path


def command(path, *args):
    return [PROGRAM, "-q", "--store", f"sqlite:{path}", *args]


def timed(args, output=os.devnull, stdin=None):
    """Runs to the end: wall and CPU in seconds, the most memory in MiB."""
    begun = time.monotonic()
    with open(output, "wb") as out:
        child = subprocess.Popen(args, stdout=out, stdin=stdin)
        _, status, used = os.wait4(child.pid, 0)
    check(f"{' '.join(args[1:4])} ends with 0", os.waitstatus_to_exitcode(status) == 0)
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def links(path):
    """How many links there are, how many different targets, and whether the store is whole."""
    with sqlite3.connect(path) as connection:
        count = connection.execute("SELECT count(*), count(DISTINCT target) FROM shorten_links").fetchone()
        check(f"{path} is whole", connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
    return count


def same(one, two):
    return subprocess.run(["cmp", "-s", one, two]).returncode == 0


def show(what, count, wall, cpu=None, memory=None):
    cells = [f"{what:34}", f"{count / wall:>10,.0f} links/s", f"{wall:8.1f} s"]
    cells += [f"{cpu:8.1f} s CPU", f"{memory:6.0f} MiB"] if cpu is not None else []
    print("  ".join(cells), flush=True)
    return count / wall


def one_by_one(records):
    """Links made with a commit each: by a command each, and by one filter that is given a record when it gave the last."""
    path, count = store("single.db"), 200
    begun = time.monotonic()
    for n in range(count):
        subprocess.run(command(path, "add", f"https://single.example/{n}"), stdout=subprocess.DEVNULL, check=True)
    add = show("add, one by one", count, time.monotonic() - begun)
    path, count = store("pipe.db"), min(2000, LINKS)
    child = subprocess.Popen(command(path), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    begun = time.monotonic()
    with open(records, "rb") as file:
        for line, _ in zip(file, range(count)):
            child.stdin.write(line)
            child.stdin.flush()
            check("a record comes out", child.stdout.readline())
    pipe = show("filter, a record at a time", count, time.monotonic() - begun)
    child.stdin.close()
    child.wait()
    return add, pipe


def killed(records):
    """A filter killed with -9 at five instants, then left alone: what was handed out before a kill still holds."""
    path, output = store("killed.db"), os.path.join(WORK, "killed.jsonl")
    handed_out = {}
    for part in (0.02, 0.1, 0.3, 0.5, 0.8):
        with open(output, "wb") as out:
            child = subprocess.Popen(command(path, records), stdout=out)
            time.sleep(part * 2 + part * LINKS / 100_000)
            child.kill()
            child.wait()
        with open(output, "rb") as file:
            for line in file.read().split(b"\n")[:-1]:
                part = json.loads(line)["_cm_shorten"]["links"][0]
                check("a link handed out before kill -9 holds", handed_out.setdefault(part["url"], part["code"]) == part["code"])
    timed(command(path, records), output)
    with open(output, "rb") as file:
        for line in file:
            part = json.loads(line)["_cm_shorten"]["links"][0]
            check("a link handed out before kill -9 holds", handed_out.get(part["url"], part["code"]) == part["code"])
    return len(handed_out), links(path)


def main():
    records, first, second = (os.path.join(WORK, name) for name in ("records.jsonl", "first.jsonl", "second.jsonl"))
    make(records)
    path = store("bulk.db")
    wall, cpu, memory = timed(command(path, records), first)
    bulk = show("filter, into an empty store", LINKS, wall, cpu, memory)
    check("each URL has one link", links(path) == (LINKS, LINKS))
    print(f"{'':34}  {os.path.getsize(path) / LINKS:10,.0f} bytes of store a link")
    wall, cpu, memory = timed(command(path, records), second)
    show("filter, all links there", LINKS, wall, cpu, memory)
    wall, cpu, memory = timed(command(path, first), second)
    show("filter, over its own output", LINKS, wall, cpu, memory)
    check("a second pass makes no link", links(path) == (LINKS, LINKS))
    check("a second pass changes no byte", same(first, second))
    wall, cpu, memory = timed([PROGRAM, "-q", "--backend", "none", records])
    show("filter, --backend none", LINKS, wall, cpu, memory)
    wall, cpu, memory = timed(command(path, "list"))
    show("list", LINKS, wall, cpu, memory)
    add, pipe = one_by_one(records)
    print(f"in bulk / add one by one: {bulk / add:,.0f}x; / a record at a time: {bulk / pipe:,.1f}x")
    path = store("two.db")
    begun = time.monotonic()
    both = [subprocess.Popen(command(path, records), stdout=open(out, "wb")) for out in (first, second)]
    check("two writers end with 0", [child.wait() for child in both] == [0, 0])
    show("two writers at once, same links", 2 * LINKS, time.monotonic() - begun)
    check("two writers make one link per URL", links(path) == (LINKS, LINKS))
    codes = [[json.loads(line)["_cm_shorten"]["links"][0]["code"] for line in open(out)] for out in (first, second)]
    check("two writers hand out the same codes", codes[0] == codes[1])
    count, found = killed(records)
    print(f"killed with -9 five times: {count:,} links handed out before the last run, {found[0]:,} in the end")
    check("after kill -9 each URL has one link", found == (LINKS, LINKS))
    sys.exit(1 if FAILED else 0)


main()
