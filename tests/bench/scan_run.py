#!/usr/bin/env python3
"""The measuring half of scan.sh: WORK CM_SCAN RG ROUNDS LIMIT CORPUS... WORK holds what scan_data.py made. Peers run in turn, each
into a file; what is shown is CPU (user + system, of whole processes), the median of the rounds, as multiples of `cat FILE >file`.
A peer that would need more than LIMIT seconds for a file gets the first part of it, and what that costs beyond its start-up is
scaled up. The memory is that of the largest process, and never less than this script's own, some 17 MiB. Ends with the goals, and whether each is met; 1 when one is missed or an answer is wrong."""
import json
import os
import signal
import statistics
import subprocess
import sys
import time

WORK, CM, RG, ROUNDS, LIMIT, CORPORA = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:]
TOOLS = os.environ.get("CM_BENCH_TOOLS", "cm rg ugrep grep jq mlr").split()
LISTS = os.environ.get("CM_BENCH_LISTS", "").split()
OUT = f"{WORK}/out"
JQ_WORDS = '($t | split("\\n") | map(select(length > 0) | {(.): 1}) | add) as $s | inputs'
JQ_TEXTS = ".title, .summary, .content_text, (.tags // [])[] | strings"
LITERAL_GOALS = {1: 3, 10: 6, 1_000: 7, 10_000: 7}
BOOLEAN_GOALS = {1_000: 25, 100_000: 60}
verdicts = []


def measure(argv, patience=7200, stdin=None):
    """CPU and wall seconds and the largest process's memory; None where it took longer than it was given."""
    env = {"HOME": WORK, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    began = time.monotonic()
    with open(OUT, "wb") as out, open(f"{WORK}/stderr", "ab") as err, open(stdin or os.devnull, "rb") as given:
        child = subprocess.Popen(argv, env=env, cwd=WORK, stdin=given, stdout=out, stderr=err, start_new_session=True)
        late = []
        signal.signal(signal.SIGALRM, lambda *_: (late.append(1), os.killpg(child.pid, signal.SIGKILL)))
        signal.setitimer(signal.ITIMER_REAL, patience)
        _, status, used = os.wait4(child.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if late:
        return None
    return {"cpu": used.ru_utime + used.ru_stime, "wall": time.monotonic() - began, "mib": used.ru_maxrss / 1024, "status": child.returncode}


def lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def part(path, size):
    """The first whole lines of a file, about SIZE bytes of them, and how many they are."""
    name = f"{WORK}/part"
    with open(path, "rb") as file, open(name, "wb") as out:
        while out.tell() < size:
            out.writelines(file.readlines(1 << 16) or [b""])
            if file.tell() == os.fstat(file.fileno()).st_size:
                break
        return name, out.tell()


def peers(corpus, row):
    """What to run for a list: name -> (argv without the file, what it answers)."""
    base = f"{WORK}/{corpus}/{row['name']}"
    words = f"{base}.words"
    with open(words, encoding="utf-8") as file:
        some = [line.strip() for line, _ in zip(file, range(10))]
    found = {"cm-scan": [CM, some[0]] if row["count"] == 1 else [CM, "-f", f"{base}.jsonl"]}
    jq_words = f'{JQ_WORDS} | select([{JQ_TEXTS} | ascii_downcase | scan("[a-z0-9]+")] | any(. as $w | $s | has($w)))'
    if row["kind"] == "boolean":
        if row["count"] <= 100:
            found["jq"] = ["jq", "-c", "-n", "--rawfile", "t", words, jq_boolean()]
        return {name: argv for name, argv in found.items() if name.split()[0].removesuffix("-scan") in TOOLS}
    rg = [RG, "--no-config", "-j1", "-N", "--no-filename"]
    for flags in ("-F", "-iF", "-iFw", "-iFw --no-unicode"):
        found[f"rg {flags}"] = rg + flags.split() + ["-f", words]
    for flags in ("-F", "-iF", "-iFw"):
        found[f"ugrep {flags}"] = ["ugrep", "-J1", "-h", *flags.split(), "-f", words]
    for flags in ("-F", "-iFw"):
        found[f"grep {flags}"] = ["env", "LC_ALL=C", "grep", "-h", *flags.split(), "-f", words]
    few, any_of = row["count"] <= 10, "|".join(some)
    if few:
        found["jq"] = ["jq", "-c", f'select(any({JQ_TEXTS}; test("\\\\b(?:{any_of})\\\\b"; "i")))']
    else:
        found["jq"] = ["jq", "-c", "-n", "--rawfile", "t", words, jq_words]
    if few:
        asked = " || ".join(f'${name} =~ "\\b({any_of})\\b"i' for name in ("title", "summary", "content_text"))
        found["mlr"] = ["mlr", "--ijsonl", "--ojsonl", "filter", asked]
    return {name: argv for name, argv in found.items() if name.split()[0].removesuffix("-scan") in TOOLS}


def jq_boolean():
    """`(a OR b) AND c NOT d` over the words of an item, for a short list of them."""
    taken = '($t | split("\\n") | map(select(length > 0) | [scan("[a-z]{3,}")])) as $q | inputs'
    said = f'(reduce ([{JQ_TEXTS} | ascii_downcase | scan("[a-z0-9]+")][]) as $w ({{}}; .[$w] = 1)) as $s'
    return f"{taken} | . as $i | {said} | select(any($q[]; . as [$a, $b, $c, $d] | ($s[$a] or $s[$b]) and $s[$c] and ($s[$d] | not))) | $i"


class Peer:
    """One command on one file: whole, or as much of it as LIMIT allows."""

    def __init__(self, argv, file):
        self.argv, self.file, self.runs, self.scale, self.start, self.lines, self.over = argv, file, [], 1.0, 0.0, None, False
        whole = os.path.getsize(file)
        for size in (1_000_000, 100_000):
            name, got = part(file, size)
            tried = measure([*argv, name], LIMIT * 3)
            if tried:
                break
        else:
            self.over = True
            return
        part(file, 0)
        started = measure([*argv, f"{WORK}/part"], LIMIT * 3)
        self.start = min(started["cpu"], tried["cpu"]) if started else 0.0
        a_byte = (tried["cpu"] - self.start) / got
        self.slow = self.start + a_byte * whole > 3
        if self.start + a_byte * whole > LIMIT:
            self.size = max(got, (LIMIT - self.start) / max(a_byte, 1e-12))
            self.scale = whole / self.size

    def run(self, turn):
        if self.over or (turn > 0 and (self.slow or self.scale > 1)):
            return
        file = self.file if self.scale == 1 else part(self.file, self.size)[0]
        if self.scale > 1:
            self.scale = os.path.getsize(self.file) / os.path.getsize(file)
        result = measure([*self.argv, file], LIMIT * 5)
        if not result:
            self.over = True
            return
        result["cpu"] = result["cpu"] if self.scale == 1 else self.start + (result["cpu"] - self.start) * self.scale
        self.runs.append(result)
        if self.scale == 1 and self.lines is None:
            self.lines = lines(OUT)

    def median(self, what="cpu"):
        return statistics.median(run[what] for run in self.runs) if self.runs and not self.over else None


def verdict(what, value, goal, holds):
    verdicts.append((holds, f"{what}: {value} (goal {goal})"))
    return "pass" if holds else "MISS"


def shown(name, peer, cat, note=""):
    if peer.over:
        print(f"  {name:22} over {LIMIT * 3:.0f} s for 100 kB, or {LIMIT * 5:.0f} s for its part")
        return
    cpu = peer.median()
    scaled = f" (of {100 / peer.scale:.1f} % of the file, scaled)" if peer.scale > 1 else ""
    matched = "" if peer.lines is None else f"{peer.lines} lines"
    print(f"  {name:22}{cpu:9.3f} s{cpu / cat:9.2f} x{peer.median('mib'):8.0f} MiB  {matched}{scaled}{note}", flush=True)


def measured(corpus, row):
    """All peers on one list, in turn; the table of it."""
    file = f"{WORK}/{corpus}.jsonl"
    rate = f", {row['records'] / row['docs']:.2%} of the records" + (f" (wanted {row['rate']} %)" if row["rate"] else "")
    print(f"\n{corpus}, {row['kind']} list of {row['count']}{rate}")
    cat = Peer(["cat"], file)
    all_of = {name: Peer(argv, file) for name, argv in peers(corpus, row).items()}
    for turn in range(ROUNDS):
        for peer in (cat, *all_of.values()):
            peer.run(turn)
    unit = cat.median()
    shown("cat", cat, unit)
    ours = all_of.pop("cm-scan", None)
    if ours:
        judge(corpus, row, ours, all_of, unit)
    for name, peer in all_of.items():
        shown(name, peer, unit)


def judge(corpus, row, ours, others, unit):
    goals = BOOLEAN_GOALS if row["kind"] == "boolean" else LITERAL_GOALS
    what = f"{corpus} {row['name']}"
    if ours.over:
        verdict(f"{what}, x cat", "over the limit", goals.get(row["count"]), False)
        return shown("cm-scan", ours, unit)
    ratio = ours.median() / unit
    note = ""
    if row["count"] in goals:
        goal = goals[row["count"]]
        note = f"  goal {goal} x: {verdict(f'{what}, x cat', f'{ratio:.2f}', f'<= {goal}', ratio <= goal)}"
    shown("cm-scan", ours, unit, note)
    if row["count"] == 100_000:
        mib = ours.median("mib")
        print(f"    memory {mib:.0f} MiB, goal < 64: {verdict(f'{what}, MiB', f'{mib:.0f}', '< 64', mib < 64)}")
    # The words that the lists were chosen by are cut plainly, so this is rough; scan_oracle.sh is exact.
    if ours.lines is not None:
        off = abs(ours.lines - row["records"])
        verdict(f"{what}, records that hold one", ours.lines, f"{row['records']}, within 10 %", off <= max(5, row["records"] / 10))
    if row["kind"] != "boolean":
        against(what, row, ours, others)


def against(what, row, ours, others):
    cpu = ours.median()
    def times(names):
        costs = [peer.median() for name, peer in others.items() if name in names and peer.median()]
        return min(costs) / cpu if costs else None
    same, any_flags = times(("rg -iFw", "rg -iFw --no-unicode")), times([name for name in others if name.startswith("rg")])
    if same and row["count"] >= 1_000:
        print(f"    the best ripgrep of the same question (-i -w) costs {same:.1f} times as much, goal 3: {verdict(f'{what}, best rg -i -w / cm-scan', f'{same:.1f}', '>= 3', same >= 3)}")
        print(f"    the best of all, which looks for case and substrings (-F), {any_flags:.1f} times, goal 3: {verdict(f'{what}, best rg of any flags / cm-scan', f'{any_flags:.1f}', '>= 3', any_flags >= 3)}")
    jq = times(("jq",))
    if jq:
        print(f"    jq costs {jq:.0f} times as much, goal 50: {verdict(f'{what}, jq / cm-scan', f'{jq:.0f}', '>= 50', jq >= 50)}")


def start_up(corpus):
    """100,000 searches and no record."""
    print(f"\nstart-up with 100000 searches ({corpus}), empty input")
    for kind in ("jsonl", "toml"):
        runs = [measure([CM, "-f", f"{WORK}/{corpus}/boolean-100000.{kind}"]) for _ in range(max(3, ROUNDS))]
        wall, cpu, mib = (statistics.median(run[what] for run in runs) for what in ("wall", "cpu", "mib"))
        print(f"  {kind:6}{wall * 1000:8.0f} ms, {cpu * 1000:.0f} ms of them CPU, {mib:6.0f} MiB, goal < 300 ms: {verdict(f'start-up, {kind}, ms', f'{wall * 1000:.0f}', '< 300', wall < 0.3)}")


def threads(corpus, name):
    """The wall time of one thread and of two, in turn."""
    argv = [CM, "-f", f"{WORK}/{corpus}/{name}.jsonl", f"{WORK}/{corpus}.jsonl", "--threads"]
    runs = [[measure([*argv, str(many)])["wall"] for many in (1, 2)] for _ in range(max(3, ROUNDS))]
    one, two = (statistics.median(column) for column in zip(*runs))
    print(f"\ntwo threads, {corpus} {name}: {one:.2f} s and {two:.2f} s, {one / two:.2f} times as fast, goal 1.7: "
          f"{verdict(f'two threads, {corpus} {name}', f'{one / two:.2f}', '>= 1.7', one / two >= 1.7)}")


def main():
    for corpus in CORPORA:
        with open(f"{WORK}/{corpus}/index.json", encoding="utf-8") as file:
            index = json.load(file)
        for row in index:
            if not LISTS or row["name"] in LISTS:
                measured(corpus, row)
        if "cm" in TOOLS:
            start_up(corpus)
            threads(corpus, "literal-1000-5")
            threads(corpus, "boolean-1000")
    met = sum(holds for holds, _ in verdicts)
    print(f"\n{met} of {len(verdicts)} goals and answers hold")
    for holds, line in verdicts:
        if not holds:
            print(f"MISS  {line}")
    sys.exit(met < len(verdicts))


main()
