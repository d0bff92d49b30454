#!/usr/bin/env python3
"""How often `cm-scan --detect-language` tells the language of a text, and how often it is right, by the text's length.

    cargo build --release -p cm-scan
    python3 tests/bench/scan_languages.py target/release/cm-scan DIR

DIR/CODE.txt holds sentences of the language CODE (en.txt, de.txt ...), one a line. Any such corpus will do; the figures
in docs/searches.md are of the sentences that lingua's language models carry for their own tests (1,000 for each of 22
languages), which `--from-lingua` copies into DIR out of cargo's registry once some project has fetched them.
"""
import argparse
import glob
import json
import os
import random
import subprocess
from collections import Counter, defaultdict

LINGUA = {
    "arabic": "ar", "bokmal": "no", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "finnish": "fi", "french": "fr", "german": "de", "hebrew": "he", "hindi": "hi", "italian": "it", "japanese": "ja",
    "korean": "ko", "polish": "pl", "portuguese": "pt", "russian": "ru", "spanish": "es", "swedish": "sv",
    "turkish": "tr", "ukrainian": "uk",
}
LENGTHS = ["1-2 words", "3-5 words", "6-10 words", "a sentence", "5 sentences"]


def from_lingua(folder):
    os.makedirs(folder, exist_ok=True)
    registry = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo")) + "/registry/src/*"
    for name, code in LINGUA.items():
        for path in glob.glob(f"{registry}/lingua-{name}-language-model-*/testdata/sentences.txt"):
            with open(path, encoding="utf-8") as source, open(f"{folder}/{code}.txt", "w", encoding="utf-8") as copy:
                copy.write(source.read())


def texts(folder, rng):
    for path in sorted(glob.glob(f"{folder}/*.txt")):
        code = os.path.basename(path)[:-4]
        lines = [line.strip() for line in open(path, encoding="utf-8") if line.strip()]
        rng.shuffle(lines)
        for line in lines[:200]:
            words = line.split()
            for length, least, most in (("1-2 words", 1, 2), ("3-5 words", 3, 5), ("6-10 words", 6, 10)):
                if len(words) > most:
                    count = rng.randint(least, most)
                    at = rng.randint(0, len(words) - count)
                    yield code, length, " ".join(words[at : at + count])
            yield code, "a sentence", line
        for at in range(200, min(len(lines), 600) - 4, 5):
            yield code, "5 sentences", " ".join(lines[at : at + 5])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("folder")
    parser.add_argument("--from-lingua", action="store_true")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    if args.from_lingua:
        from_lingua(args.folder)
    items = list(texts(args.folder, random.Random(args.seed)))
    lines = "".join(
        json.dumps({"id": str(n), "content_text": text}, ensure_ascii=False) + "\n" for n, (_, _, text) in enumerate(items)
    )
    command = [args.binary, "--detect-language", "*"]
    run = subprocess.run(command, input=lines, text=True, encoding="utf-8", capture_output=True, check=True)
    told = {}
    for line in run.stdout.split("\n")[:-1]:
        record = json.loads(line)
        told[int(record["id"])] = record["_cm_scan"].get("language")
    tally, wrong = defaultdict(lambda: [0, 0, 0]), Counter()
    for n, (code, length, _) in enumerate(items):
        for key in (length, (code, length)):
            row = tally[key]
            row[0] += 1
            if told[n]:
                row[1] += 1
                row[2] += told[n]["code"] == code
        if told[n] and told[n]["code"] != code and length != "1-2 words":
            wrong[f"{code} taken for {told[n]['code']}"] += 1

    def show(key):
        count, said, right = tally[key]
        return f"{100 * said / max(1, count):5.1f} {100 * right / max(1, said):5.1f}" if count else " " * 11

    print(f"{len(items)} texts; % of the texts for which a language is told, and % of those that are right")
    print(f"{'':6}", *(f"{length:>14}" for length in LENGTHS))
    for code in sorted({code for code, _, _ in items}):
        print(f"{code:6}", *(f"{show((code, length)):>14}" for length in LENGTHS))
    print(f"{'all':6}", *(f"{show(length):>14}" for length in LENGTHS))
    print("most often:", ", ".join(f"{what} ({n})" for what, n in wrong.most_common(8)))


if __name__ == "__main__":
    main()
