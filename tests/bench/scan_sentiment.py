#!/usr/bin/env python3
"""How often the label of `cm-scan --sentiment` is the one that people gave.

    cargo build --release -p cm-scan
    python3 tests/bench/scan_sentiment.py target/release/cm-scan FILE.tsv...

A line of FILE.tsv is a label (positive, negative, neutral), a tab, and an English text. Where a file has no neutral
ones, a label of neutral counts as wrong, and what is right of those that were told apart is said too.
"""
import argparse
import json
import subprocess
from collections import Counter

LABELS = ["positive", "neutral", "negative"]


def measure(binary, path):
    rows = [line.rstrip("\n").split("\t", 1) for line in open(path, encoding="utf-8") if "\t" in line]
    lines = "".join(
        json.dumps({"id": str(n), "language": "en", "content_text": text}) + "\n" for n, (_, text) in enumerate(rows)
    )
    run = subprocess.run([binary, "--sentiment", "*"], input=lines, text=True, capture_output=True, check=True)
    told = [json.loads(line)["_cm_scan"]["sentiment"]["label"] for line in run.stdout.split("\n")[:-1]]
    assert len(told) == len(rows)
    pairs = Counter((label, said) for (label, _), said in zip(rows, told))
    right = sum(pairs[label, label] for label in LABELS)
    print(f"{path}: {len(rows)} texts, right {100 * right / len(rows):.1f} %")
    for label in LABELS:
        count = sum(pairs[label, said] for said in LABELS)
        if count:
            print(f"    {label:9} {count:6}:", ", ".join(f"{said} {100 * pairs[label, said] / count:.0f} %" for said in LABELS))
    decided = [(label, said) for label, said in pairs.elements() if said != "neutral" and label != "neutral"]
    if decided:
        share = sum(label == said for label, said in decided) / len(decided)
        print(f"    of those told positive or negative and meant so, right {100 * share:.1f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    for path in args.files:
        measure(args.binary, path)


if __name__ == "__main__":
    main()
