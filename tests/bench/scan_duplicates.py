#!/usr/bin/env python3
"""How well `cm-scan --near-duplicates mark` knows copies: precision and recall per kind of change, on data made here.

    cargo build --release -p cm-scan
    python3 tests/bench/scan_duplicates.py target/release/cm-scan [--real RECORDS.jsonl]

Copies are made of articles and of short posts as agencies, sites and people make them; among them stand other items of
the same topics, items of the same template, and the same words of other people. With --real, the articles are those of
a file of records. Beside it stands what a 64-bit simhash of the words would say (distance <= 3 and <= 6).
"""
import argparse
import json
import random
import re
import subprocess
import unicodedata
from collections import defaultdict

SLOTS = {
    "company": "Acme Roast|Harbour Coffee|Blue Kettle|Northmill|Casa Verde|Rösthaus Kern|Tilden & Sons|Oakline|Marrow Lane|Ferro".split("|"),
    "city": "Leeds|Lyon|Porto|Graz|Malmö|Turin|Bristol|Ghent|Zadar|Cork|Oslo|Basel".split("|"),
    "person": "Ana Duarte|Piotr Lem|Mary Okafor|Jens Holm|Lucía Vega|Tom Hardwick|Ines Faber|Kofi Mensah|Ruth Adler".split("|"),
    "role": "chief executive|head of sourcing|spokeswoman|founder|finance director|union secretary".split("|"),
    "product": "espresso blend|cold brew|decaf line|capsule|filter roast|oat drink|travel grinder|subscription box".split("|"),
    "month": "January|March|April|June|July|September|October|November".split("|"),
    "crop": "arabica|robusta|the Colombian harvest|Ethiopian naturals|the Brazilian crop".split("|"),
    "mood": "a surprise to analysts|long expected|welcomed by staff|met with protests|a first for the region|quietly announced".split("|"),
    "n": [str(n) for n in range(2, 95)],
    "m": [f"{n}.{k}" for n in range(1, 40) for k in (1, 3, 5, 8)],
}
SENTENCES = """{company} will open {n} shops in {city} by {month}, the company said.
The move was {mood}.
"{n} of our roasters voted for it," said {person}, {role} of {company}.
Prices of {crop} rose by {m} per cent in {month} after frost reached the growing areas.
{person}, {role}, told reporters in {city} that the {product} would be dropped.
Sales of the {product} grew by {m} per cent, against {n} per cent a year earlier.
The {product} is made in {city} by a team of {n}.
A court in {city} ruled that {company} must pay {m} million euros to former franchise owners.
Shares of {company} closed {m} per cent lower.
Farmers who grow {crop} have asked for contracts that run for {n} months.
In {month} the union of roasters in {city} had called a strike that lasted {n} days.
{company} declined to comment.
The city council of {city} has set aside {m} million euros for the market hall.
According to {person}, customers now wait {n} minutes for an order in {city}.
It is the second recall of the {product} since {month}.
Nobody was hurt when the roasting plant near {city} caught fire on Tuesday.
{person} joined {company} from a rival in {city} and had led its {product} business.
The importer said that {n} containers were held in the port of {city} over missing papers.
Cafés in {city} pay {m} per cent more for milk than they did in {month}.
A study of {n} cafés found that guests prefer the {product} when it is served in glass.
{company} and a cooperative from {city} will share the cost of a new drying station.
The {role} of {company}, {person}, will leave at the end of {month}.
Regulators had asked {company} to label the {product} more clearly.
Roasters fear that the price of {crop} will not fall before {month}.
"We have learned from {city}," {person} said. "The next {product} will be better."
The first guests queued from six in the morning, among them {person} with {n} friends.""".split("\n")
TITLES = [line for line in SENTENCES if line.count("{") >= 3]
REPORT = """{company} today published its figures for the quarter that ended in {month}.
Revenue was {m} million euros, which compares with {m} million euros in the same quarter of last year.
The operating margin was {m} per cent. Earnings per share came to {m} euros and the dividend will be {m} euros.
The board of {company}, led by {person}, confirmed its outlook for the year and will hold a call with analysts in {city}.
Statements about the future are subject to risks and may differ from actual results."""
OPENERS = """Third morning in a row at {company} in {city}
Just tried the new {product} with friends
If anybody from {company} reads this
Long read worth your coffee break
Proud of the whole team today
Seen at the station in {city}
Asking for a friend in {city} who cannot ask the barista herself
Honest question for everyone who roasts at home
My neighbour runs a café and told me over the fence
Unpopular opinion
Nine years ago today I quit my job
Rainy Sunday in {city}""".split("\n")
MIDDLES = """and the {product} still tastes of cardboard
and it beats everything I had this year
your shop has been shut since {month} and nobody tells us why
{person} on how {crop} came to {city} and who really earned from it
our little {product} won the taste award and {person} cried on stage
a machine that grinds {crop} while you wait and nobody knew how to use it
does the {product} contain milk
the water matters more than the beans and I will die on that hill
half of what is sold as {crop} is something else
they pay their people late and everybody in {city} knows it
I have never queued so long for so small a cup
there is a cat that sleeps on the sacks and guests come for the cat""".split("\n")
CLOSERS = """what happened to them
go and see for yourselves
I will not be back
pictures to follow
somebody please explain
thank you {person} for everything
and yes I know how that sounds
more of this please
not even sorry
ask me anything about it""".split("\n")


def post(rng):
    return fill(", ".join(rng.choice(part) for part in (OPENERS, MIDDLES, CLOSERS)), rng)


TEMPLATES = """We're hiring! {company} is looking for a barista in {city}. Full time, {n} euros bonus, start in {month}. Apply on our page and join a friendly team.
Weather alert for {city}: wind up to {n} km/h expected tonight, please secure loose objects and stay away from the shore until {month}.
Price of the day: {product} now {n} % off at {company}, only while stocks last, use the code at checkout before the end of {month}.
Full time in {city}: the home side wins {n} to {n} in front of a full house, next match in {month} at the usual hour.
New episode! This week {person} talks to us about {crop}, burnout and the art of a good {product}. Listen wherever you get your podcasts.""".split("\n")


def fill(text, rng):
    return re.sub(r"\{(\w+)\}", lambda m: rng.choice(SLOTS[m[1]]), text)


def article(rng):
    lines = [fill(line, rng) for line in rng.sample(SENTENCES, rng.randint(7, 16))]
    return fill("{company}: {product} and {crop} in {city}", rng), " ".join(lines)


def typographic(text):
    text = text.replace('"', "”").replace("'", "’").replace(" - ", " — ").replace(". ", ".\u00a0 ")
    return unicodedata.normalize("NFD", text)


def cut(text, share):
    words = text.split()
    return " ".join(words[: max(1, int(len(words) * share))]) + " …"


def edited(text, rng, every):
    words = text.split()
    for at in range(rng.randrange(every), len(words), every):
        if not any(c.isdigit() for c in words[at]):
            words[at] = rng.choice(["also", "however", "since", "about", "said", "now", "there"])
    return " ".join(words)


BYLINE = "By {person}, staff writer, {city}. "
FOOTER = " Follow us for more news. Reporting by {person}; editing by {person}. © 2026 {company} Media. All rights reserved."
ARTICLE_COPIES = {
    "same text": lambda t, x, r: (t, x),
    "changed headline": lambda t, x, r: (fill("What {person} of {company} knew in {month}", r), x),
    "byline and footer": lambda t, x, r: (t, fill(BYLINE, r) + x + fill(FOOTER, r)),
    "agency prefix": lambda t, x, r: (t, fill("{city}, Nov {n} (AGENCY) -- ", r) + x),
    "typographic": lambda t, x, r: (t.upper(), typographic(x)),
    "cut to 60 %": lambda t, x, r: (t, cut(x, 0.6)),
    "cut to 40 %": lambda t, x, r: (t, cut(x, 0.4)),
    "every 25th word edited": lambda t, x, r: (t, edited(x, r, 25)),
    "headline, prefix, footer": lambda t, x, r: (fill("{city}: {mood}", r), fill("({city}) ", r) + x + fill(FOOTER, r)),
    "headline, prefix, cut": lambda t, x, r: (fill("{city}: {mood}", r), fill("({city}) ", r) + cut(x, 0.7)),
}
POST_COPIES = {
    "another link": lambda x, r: f"{x} https://s.example/{r.randrange(10**6)}",
    "via and hashtag": lambda x, r: f"{x} (via @coffeefan) #coffee",
    "typographic, emoji": lambda x, r: "☕ " + typographic(x),
    "cut by three words": lambda x, r: " ".join(x.split()[:-3]) + "…",
    "a word corrected": lambda x, r: edited(x, r, 30),
    "RT in front": lambda x, r: "RT @ana: " + x,
}


def made(seed, articles):
    """Records with `_truth`: the id of the item that it is a copy of, and how it was made."""
    rng, rows, number = random.Random(seed), [], 0

    def row(kind, title, text, of, how, author="a", source=None):
        nonlocal number
        number += 1
        source = source or f"https://feed{rng.randrange(40)}.example/rss"
        record = {"id": f"urn:made:{number}", "url": f"https://x.example/{number}"}
        if title:
            record["title"] = title
        record["content_text"] = text
        record["authors"] = [{"name": author}]
        record["_cm"] = {"version": 1, "kind": kind, "source": source}
        record["_truth"] = {"of": of, "how": how}
        rows.append(record)
        return record["id"]

    for n in range(400):
        title, text = articles[n % len(articles)] if articles else article(rng)
        if articles and n >= len(articles):
            break
        first = row("article", title, text, None, "original article", source=f"https://own{n}.example/rss")
        for how, change in rng.sample(sorted(ARTICLE_COPIES.items()), 4):
            t, x = change(title, text, rng)
            row("article", t, x, first, how)
    for n in range(400):
        row("article", *article(rng), None, "other item, same topic")
        row("article", fill("{company} reports for {month}", rng), fill(REPORT.replace("\n", " "), rng), None, "same template, article")
        row("article", fill(rng.choice(TITLES), rng), "Article URL: https://a.example/x Comments URL: https://b.example/y Points: 12 # Comments: 4", None, "link list", source="https://links.example/rss")
    seen = set()
    for n in range(400):
        text = post(rng)
        if text not in seen:
            seen.add(text)
            first = row("note", "", text, None, "original post", author=f"p{n}")
            for how, change in rng.sample(sorted(POST_COPIES.items()), 3):
                row("note", "", change(text, rng), first, how, author=f"q{rng.randrange(999)}")
        row("note", "", fill(rng.choice(TEMPLATES), rng), None, "same template, post")
        row("reply", "", rng.choice(["Thanks!", "Great post", "So true, thank you for sharing this with all of us today"]), None, "same words, another person", author=f"r{n}")
    return rows


def score(rows, verdict):
    """Per kind of record: how many were taken for a copy, and how many of those of the right item."""
    cluster = {row["id"]: row["_truth"]["of"] or row["id"] for row in rows}
    told = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        tally = told[row["_truth"]["how"]]
        tally[0] += 1
        of = verdict.get(row["id"])
        if of:
            tally[1] += 1
            tally[2] += cluster[of] == cluster[row["id"]]
    return told


def totals(rows, verdict):
    told = score(rows, verdict)
    marked = sum(t[1] for t in told.values())
    # An original that stands behind a copy of it would be right too; here originals come first.
    right = sum(t[2] for how, t in told.items())
    copies = sum(row["_truth"]["of"] is not None for row in rows)
    return right / max(marked, 1), right / copies


def tokens(text):
    text = re.sub(r"https?://\S+", " ", unicodedata.normalize("NFKD", text).casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c)))


def simhash(rows, distance, shingle):
    """The textbook way: 64 bits over the words of title and text, the first within `distance`."""
    import hashlib

    known, verdict, cache = [], {}, {}
    for row in rows:
        words = tokens(row.get("title", "") + " " + row["content_text"])
        if len(words) < 8 or row["_cm"]["kind"] == "reply":
            continue
        sums = [0] * 64
        for at in range(len(words) - shingle + 1):
            word = " ".join(words[at : at + shingle])
            value = cache.setdefault(word, int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big"))
            for bit in range(64):
                sums[bit] += 1 if value >> bit & 1 else -1
        print_ = sum(1 << bit for bit in range(64) if sums[bit] > 0)
        best = min(known, key=lambda k: (k[0] ^ print_).bit_count(), default=None)
        if best and (best[0] ^ print_).bit_count() <= distance:
            verdict[row["id"]] = best[1]
        else:
            known.append((print_, row["id"]))
    return verdict


def scanned(binary, rows):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    run = subprocess.run([binary, "--near-duplicates", "mark", "*"], input=lines, text=True, capture_output=True, check=True)
    out = [json.loads(line) for line in run.stdout.split("\n")[:-1]]
    assert len(out) == len(rows), "every record comes out"
    return {row["id"]: row["_cm_scan"].get("duplicate_of") for row in out}


def real(path):
    items = []
    for line in open(path, encoding="utf-8"):
        record = json.loads(line)
        if len(tokens(record.get("content_text", ""))) >= 60:
            items.append((record.get("title", ""), record["content_text"]))
    return items


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--real", help="records whose articles are copied instead of made ones")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="without the simhash beside it")
    args = parser.parse_args()
    rows = made(args.seed, real(args.real) if args.real else [])
    verdict = scanned(args.binary, rows)
    print(f"{len(rows)} records, {sum(r['_truth']['of'] is not None for r in rows)} of them copies, seed {args.seed}")
    print(f"{'how it was made':32} {'records':>8} {'marked':>8} {'right':>8}")
    for how, (count, marked, right) in sorted(score(rows, verdict).items()):
        print(f"{how:32} {count:8} {marked:8} {right:8}")
    print(f"{'':32} {'precision':>10} {'recall':>8}")
    ways = [("cm-scan", verdict)]
    if not args.quick:
        ways += [(f"simhash, {s} words, distance <= {d}", simhash(rows, d, s)) for s in (1, 3) for d in (3, 6)]
    for name, verdict in ways:
        precision, recall = totals(rows, verdict)
        print(f"{name:32} {precision:10.3f} {recall:8.3f}")


if __name__ == "__main__":
    main()
