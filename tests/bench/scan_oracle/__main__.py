"""Compares cm-scan with the matcher: every item, every query. See scan_oracle.sh.

    python -m scan_oracle CM_SCAN WORK ITEMS QUERIES [--seed N] [--query-seed N] [--real RECORDS.jsonl] [--dense SHARE] [--threads N]

ITEMS items are made (or taken from RECORDS.jsonl), QUERIES queries drawn; those that more than SHARE of the items match (0.01
without) are drawn anew, but for one in a hundred. Prints pairs, matches and differences, and of the differences the smallest
item with the shortest query; exits 1 when there is one."""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import time

from .documents import lines
from .language import Printer, Queries
from .hits import Hits
from .match import NOW, Corpus, Matcher
from .texts import Item


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("work")
    parser.add_argument("items", type=int)
    parser.add_argument("queries", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--query-seed", type=int, default=0, help="other queries for the same items")
    parser.add_argument("--real")
    parser.add_argument("--dense", type=float, default=0.01)
    parser.add_argument("--threads", default="1")
    parser.add_argument("--hits", type=int, default=50, help="of every how manieth item the hits are compared")
    parser.add_argument("--without", nargs="*", default=[], help="kinds of queries to leave out, as language.py names them")
    return parser.parse_args()


def taken(path, count):
    with open(path, encoding="utf-8") as file:
        rows = file.read().splitlines()
    return [rows[n % len(rows)] for n in range(min(count, len(rows)))]


def drawn(given, corpus, items):
    """The searches: name -> tree, their text, and which items match each."""
    rng = random.Random(given.seed * 1000 + given.query_seed)
    texts = [text.raw for name in ("title", "text", "summary", "tag") for text in corpus.texts[name] if text.raw.strip()]
    trees, said, expected = {}, {}, {}
    common = {bare for bare, places in corpus.plain_of.items() if sum(len(corpus.rows["text"].get(place, ())) for place in places) > items / 50}
    matcher, printer = Matcher(corpus, trees), Printer(rng)
    names, drawn_anew = [], 0
    while len(trees) < given.queries:
        name = f"s/{len(trees)}"
        tree = Queries(rng, texts, names[-200:], common).tree(rng.choice([0, 1, 1, 2, 2, 3]))
        if any(f"'{kind}'" in str(tree) for kind in given.without):
            continue
        found = matcher.query(tree)
        if found.bit_count() > given.dense * items and rng.random() > 0.005:
            drawn_anew += 1
            continue
        trees[name], said[name], expected[name] = tree, printer.write(tree), found
        names.append(name)
        if len(matcher.corpus.cache) > 20_000:
            matcher.corpus.cache.clear()
    return trees, said, expected, drawn_anew


def numbers(bits):
    """The items of a set."""
    row = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return [n * 8 + k for n, byte in enumerate(row) if byte for k in range(8) if byte >> k & 1]


def answers(given, queries, documents):
    """What cm-scan says: for every item the matches."""
    clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW))
    env = {"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C.UTF-8", "CM_CLOCK": clock}
    argv = [given.binary, "-f", queries, "--lockstep", "--threads", given.threads, documents]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) as child:
        for line in child.stdout:
            # What was there before is long: the part is at the end.
            at = line.rfind(b'"_cm_scan":')
            yield json.loads(b"{" + line[at:])["_cm_scan"]["matches"] if at >= 0 else None
    if child.returncode:
        print(f"cm-scan ended with {child.returncode}")


def dropped(given, queries, said):
    """The queries that cm-scan refuses, told and left out of the file: one that it should take must not hide all the others."""
    refused = []
    while True:
        child = subprocess.run([given.binary, "-f", queries], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        lines = sorted({int(found) for found in re.findall(r"queries\.jsonl:(\d+)", child.stderr)}, reverse=True)
        if not lines:
            return refused
        print(child.stderr.rstrip(), flush=True)
        with open(queries, encoding="utf-8") as file:
            rows = file.read().splitlines()
        for line in lines:
            name = json.loads(rows.pop(line - 1))["name"]
            print(f"refused: {said[name]!r}", flush=True)
            refused.append(name)
        with open(queries, "w", encoding="utf-8") as file:
            file.writelines(row + "\n" for row in rows)


def main():
    given = arguments()
    began = time.monotonic()
    rows = taken(given.real, given.items) if given.real else lines(given.items, given.seed)
    corpus = Corpus(json.loads(row) for row in rows)
    made = time.monotonic()
    trees, said, expected, anew = drawn(given, corpus, len(rows))
    documents, queries = f"{given.work}/items.jsonl", f"{given.work}/queries.jsonl"
    with open(documents, "w", encoding="utf-8") as file:
        file.writelines(row + "\n" for row in rows)
    with open(queries, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"name": name, "query": text}) + "\n" for name, text in said.items())
    matched = time.monotonic()
    print(f"{len(rows)} items ({os.path.getsize(documents) >> 20} MiB) in {made - began:.0f} s, {len(said)} queries in {matched - made:.0f} s ({anew} drawn anew)", flush=True)
    refused = dropped(given, queries, said)
    for name in refused:
        expected.pop(name)
    by_item = collections.defaultdict(set)
    for name, found in expected.items():
        for number in numbers(found):
            by_item[number].add(name)
    wrong, seen, matches = [], 0, 0
    places = Hits(Matcher(corpus, trees), [Item(json.loads(row)).plain for row in rows])
    known, compared = {name: places.known(tree) for name, tree in trees.items()}, 0
    for number, found in enumerate(answers(given, queries, documents)):
        seen += 1
        if found is None:
            wrong.append((number, None, "no answer"))
            continue
        matches += len(found)
        theirs, ours = {match["query"] for match in found}, by_item[number]
        # Where it matches, of every so manieth.
        for match in found:
            name = match["query"]
            if name in ours and known[name] and (number + len(name)) % given.hits == 0:
                told = {(hit["field"], hit["start"], hit["end"], hit["exact"]) for hit in match.get("hits", ())}
                meant = places.of(trees[name], number)
                compared += len(meant)
                if told != meant and len(meant) < 100:
                    wrong.append((number, name, f"hits: only cm-scan {sorted(told - meant)}, only the matcher {sorted(meant - told)}"))
        wrong += [(number, name, "only cm-scan matches") for name in theirs - ours] + [(number, name, "only the matcher matches") for name in ours - theirs]
    print(f"cm-scan answered in {time.monotonic() - matched:.0f} s")
    if seen != len(rows):
        wrong.append((min(seen, len(rows) - 1), None, f"{seen} lines for {len(rows)} items"))
    print(f"{len(rows) * len(expected)} pairs, {matches} matches, {compared} hits compared, {len(wrong)} differences, {len(refused)} queries refused")
    tell(wrong, rows, said, trees)
    sys.exit(bool(wrong or refused))


def tell(wrong, rows, said, trees):
    """The smallest differences, each query once."""
    wrong.sort(key=lambda row: (len(said.get(row[1], "")) * 4 + len(rows[row[0]]), row[0]))
    told = collections.Counter(name for _, name, _ in wrong)
    shown = set()
    for number, name, what in wrong:
        if name in shown or len(shown) >= int(os.environ.get("CM_ORACLE_SHOWN", "5")):
            continue
        shown.add(name)
        print(f"\n{what}; {told[name]} items differ for this query, {len(told)} queries differ\n  query  {said.get(name)!r}\n  tree   {trees.get(name)}\n  item   {rows[number]}")


main()
