#!/usr/bin/env python3
"""Makes what scan.sh measures on: FOLDER BYTES [REAL.jsonl] -> FOLDER/synthetic.jsonl, FOLDER/real.jsonl (records of real feeds,
shuffled anew as often as they fit), and for each corpus lists of words and of searches in FOLDER/CORPUS. The same arguments make
the same bytes.

Records are items as docs/record.md has them, of 1 to 2 kB: English words by Zipf's law (shorter ones are more frequent), some with
accents, links, hashtags, emoji, HTML, nested members; one file in six writes what is not ASCII as \\u escapes.

Nothing is planted in the records. The terms of a list are words that stand in them, of any length and frequency, chosen so that
together they meet the wanted share of the records; the rest of the list are words that stand in none, but look as if they could:
beginnings of words, words with an ending or a letter changed, two words in one. In the lists `apart` no term stands within another
word of any record, so that who looks for substrings finds the same records."""
import bisect
import itertools
import json
import os
import random
import re
import sys
import unicodedata

COMMON = """the of and to a in is it you that he was for on are with as I his they be at one have this from or had by hot but some what
there we can out other were all your when up use word how said an each she which do their time if will way about many then them would
write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water
than call first people may down side been now find any new work part take get place made live where after back little only round man
year came show every good me give our under name very through just form much great think say help low line before turn cause same mean
differ move right boy old too does tell don't can't isn't we're it's I'm coffee roast order delivery support shop price week""".split()
ACCENTED = """café déjà naïve résumé façade jalapeño Zürich Köln München straße größer über schön señor mañana niño corazón élève
où garçon œuvre crème brûlée touché piñata fiancé São Paulo coração ação Łódź Kraków žluťoučký kůň smörgåsbord fjörd Ærø Øresund""".split()
EMOJI = ["😀", "🎉", "☕", "👍🏽", "❤️", "👩‍💻", "🇩🇪", "🔥", "✅", "…", "“so”", "–", "€", "™"]
ENDINGS = ["s", "er", "ing", "ly", "co", "hub", "io", "io", "roast", "ify", "x"]
FIRST = "Ana Ben Chloë Dmitri Elif Farid Grace Hana Ivo José Kwame Lena Mónica Nils Olga Priya Quinn Rosa Søren Tariq Uma Vera Wei Ximena Yara Zoë".split()
LAST = "Aalto Brown Costa Diaz Evans Fischer García Haddad Ito Jensen Kaya Lopez Meier Novák O'Neil Petrov Rossi Schäfer Turner Weiß Yılmaz".split()
LINK = re.compile(r"(?:https?://|www\.)\S+")
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
RATES = (0.1, 5, 50)
LITERALS = (1, 10, 1_000, 10_000)
BOOLEANS = (10, 100, 1_000, 10_000, 100_000)


class Words:
    """Draws words by Zipf's law."""

    def __init__(self, rng, path="/usr/share/dict/words"):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                known = [word for word in file.read().split() if not word.endswith("'s")]
        else:
            parts = [begin + vowel + end for begin in "b br c ch d f g gr h l m n p r s st t tr v".split() for vowel in "aeiou" for end in ("", "n", "r", "st")]
            known = [first + second for first in parts for second in rng.sample(parts, 60)]
        known = sorted(set(known) - set(COMMON)) + ACCENTED
        known.sort(key=lambda word: len(word) * 0.7 + rng.random() * 9)
        self.rng, self.all = rng, COMMON + known
        self.sums = list(itertools.accumulate(1 / (rank + 2.7) ** 1.02 for rank in range(len(self.all))))

    def draw(self, count):
        last = self.sums[-1]
        return [self.all[bisect.bisect(self.sums, self.rng.random() * last)] for _ in range(count)]


def text_of(rng, words, size):
    """Sentences of about SIZE characters, as people write them."""
    parts, length = [], 0
    while length < size:
        said = words.draw(rng.randint(4, 22))
        said[0] = said[0][:1].upper() + said[0][1:]
        for n, word in enumerate(said):
            odd = rng.random()
            if odd < 0.004:
                said[n] = word.upper()
            elif odd < 0.008:
                said[n] = word + rng.choice(["'s", "’s"])
            elif odd < 0.012:
                said[n] = "#" + word.replace("'", "").capitalize()
            elif odd < 0.016:
                said[n] = rng.choice(EMOJI)
            elif odd < 0.02:
                said[n] = f"https://{rng.choice(words.all[200:3000]).lower()}.example/{rng.randint(1, 10**5)}?utm_source={rng.choice(COMMON)}"
            elif odd < 0.025:
                said[n] = f'"{word}"'
            elif odd < 0.05:
                said[n] = word + ","
        parts.append(" ".join(said) + rng.choice([". ", ". ", ". ", "! ", "? ", ".\n", ".\n\n"]))
        length += len(parts[-1])
    return "".join(parts).strip()


def record(rng, words, number):
    host = f"{rng.choice(words.all[150:2000]).lower().replace(chr(39), '')}.example"
    title = " ".join(words.draw(rng.randint(3, 11))).capitalize()
    body = text_of(rng, words, rng.randint(420, 950))
    item = {"id": f"https://{host}/{number}", "url": f"https://{host}/{rng.randint(2019, 2026)}/{number}"}
    if rng.random() < 0.75:
        item["title"] = title
    if rng.random() < 0.2:
        item["summary"] = body[:140]
    kind = rng.random()
    if kind > 0.06:
        item["content_text"] = body
    if kind < 0.3:
        item["content_html"] = "".join(f'<p class="p{n}">{part}</p>\n' for n, part in enumerate(body.split("\n\n")))
    item["date_published"] = f"2026-{rng.randint(1, 11):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00Z"
    if rng.random() < 0.7:
        item["language"] = rng.choice(["en", "en", "en", "en-GB", "de", "fr", "es", "pt-BR"])
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    item["authors"] = [{"name": name, "url": f"https://{host}/@{name.split()[0].lower()}", "_cm": {"handle": f"@{name.split()[0].lower()}@{host}", "followers": rng.randint(0, 30_000)}}]
    if rng.random() < 0.6:
        item["tags"] = sorted(set(words.draw(rng.randint(1, 5))))
    if rng.random() < 0.15:
        item["attachments"] = [{"url": f"https://cdn.{host}/{number}.jpg", "mime_type": "image/jpeg", "title": title}]
    item["_cm"] = {"version": 1, "kind": rng.choice(["article", "note", "mention", "comment", "reply"]), "source": rng.choice(["mastodon:acme", "bluesky:acme", f"https://{host}/feed.xml"]),
                   "audience": "public", "counts": {"replies": rng.randint(0, 9), "likes": rng.randint(0, 200), "shares": 0}, "feed": {"title": title[:30], "home_page_url": f"https://{host}/"}}
    item["_cm_fetch"] = {"at": "2026-11-22T09:00:00Z", "from": f"https://{host}/feed.xml"}
    return item


def synthetic(folder, size):
    rng = random.Random(5)
    words, written, number = Words(rng), 0, 0
    with open(f"{folder}/synthetic.jsonl", "w", encoding="utf-8") as out:
        while written < size:
            item = record(rng, words, number)
            line = json.dumps(item, ensure_ascii=rng.random() < 1 / 6, separators=(",", ":")) + "\n"
            written += len(line.encode())
            number += 1
            out.write(line)


def real(folder, size, source):
    """The records of real feeds again and again, each time in another order."""
    rng = random.Random(6)
    with open(source, encoding="utf-8") as file:
        lines = file.read().splitlines()
    written = 0
    with open(f"{folder}/real.jsonl", "w", encoding="utf-8") as out:
        while written < size:
            rng.shuffle(lines)
            for line in lines:
                written += len(line.encode()) + 1
                out.write(line + "\n")


def said(item):
    """The words of an item that a bare word is looked for in, folded plainly: what the lists are chosen by."""
    texts = [item.get("title"), item.get("summary"), item.get("content_text") or TAG.sub(" ", item.get("content_html") or "")] + (item.get("tags") or [])
    text = LINK.sub(" ", " \n ".join(text for text in texts if isinstance(text, str)))
    folded = unicodedata.normalize("NFKD", text.replace("ı", "i")).casefold().replace("’", "'")
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return {word[:-2] if word.endswith("'s") else word for word in WORD.findall(folded)}


def postings(path):
    """word -> which records hold it, as bits; and how many records there are."""
    seen, found, count = {}, {}, 0
    with open(path, encoding="utf-8") as file:
        for count, line in enumerate(file):
            # Real records come again and again; what they say is worked out once.
            words = seen.get(line)
            if words is None:
                words = said(json.loads(line))
                if "real" in os.path.basename(path):
                    seen[line] = words
            for word in words:
                found.setdefault(word, []).append(count)
    count += 1
    bits = {}
    for word, numbers in found.items():
        row = bytearray(count // 8 + 1)
        for number in numbers:
            row[number >> 3] |= 1 << (number & 7)
        bits[word] = int.from_bytes(row, "little")
    return bits, count


def absent(rng, known, there):
    """A word that stands nowhere, made of one that does."""
    while True:
        word, other, kind = rng.choice(known), rng.choice(known), rng.random()
        if kind < 0.3:
            made = word[: rng.randint(3, max(3, len(word) - 1))]
        elif kind < 0.6:
            made = word + rng.choice(ENDINGS)
        elif kind < 0.8:
            at = rng.randrange(len(word))
            made = word[:at] + rng.choice("aeiouklmnrstz") + word[at + 1 :]
        else:
            made = word + other
        if 3 <= len(made) <= 24 and made not in there:
            return made


def apart(known, bits):
    """The words that stand within no other word."""
    text = "\n".join(["", *sorted(bits), ""])
    return [word for word in known if len(word) >= 5 and text.count(word) == 1]


def literals(rng, bits, docs, known, count, rate, alone=None):
    """COUNT terms that RATE per cent of the records hold one of, as nearly as the words allow, and which records those are."""
    wanted = docs * rate / 100
    if count == 1:
        best = min(known, key=lambda word: abs(bits[word].bit_count() - wanted))
        return [best], bits[best]
    tries, cap = [], max(1.0, 2 * wanted / count ** 0.7)
    while cap < docs and not any(abs(union.bit_count() - wanted) <= wanted * 0.1 for _, union in tries):
        least = cap / 6 if count < 100 else 0
        usable = [word for word in alone or known if least <= bits[word].bit_count() <= cap]
        rng.shuffle(usable)
        tries.append(gathered(usable, bits, wanted, round(count * 0.8)))
        cap *= 1.3
    chosen, union = min(tries, key=lambda pair: abs(pair[1].bit_count() - wanted))
    text = "\n".join(bits) if alone else ""
    while len(chosen) < count:
        word = absent(rng, known, bits)
        if not alone or word not in text:
            chosen.add(word)
    terms = sorted(chosen)
    rng.shuffle(terms)
    return terms, union


def gathered(usable, bits, wanted, most):
    """At most MOST of the words, so many that together they stand in about the WANTED number of records."""
    terms, union = set(), 0
    for word in usable:
        if len(terms) == most or union.bit_count() >= wanted * 0.97:
            break
        more = union | bits[word]
        if more.bit_count() <= wanted * 1.1:
            union = more
            terms.add(word)
    return terms, union


def booleans(rng, bits, docs, known, count):
    """COUNT searches `(a OR b) AND c NOT d`: a and b are rare or stand nowhere, as names do; c and d are words of the trade."""
    by_rank = sorted(known, key=lambda word: -bits[word].bit_count())
    ranked = lambda least, most: by_rank[int(least * (min(most, len(by_rank)) / least) ** rng.random()) - 1]
    there = min(0.7, 8_000 / count)
    queries, union = [], 0
    for _ in range(count):
        a, b = (ranked(min(5 * count, len(by_rank) // 4), 50 * count) if rng.random() < there else absent(rng, known, bits) for _ in "ab")
        c, d = ranked(20, 3_000), ranked(20, 3_000)
        queries.append(f"({a} OR {b}) AND {c} NOT {d}")
        union |= (bits.get(a, 0) | bits.get(b, 0)) & bits[c] & ~bits[d]
    return queries, union


def lists(folder, corpus):
    """Writes each list as words (one a line, for the peers) and as searches, and an index of them."""
    rng = random.Random(7)
    os.makedirs(f"{folder}/{corpus}", exist_ok=True)
    bits, docs = postings(f"{folder}/{corpus}.jsonl")
    plain = re.compile("[a-z]{3,24}")
    known = sorted(word for word in bits if plain.fullmatch(word))
    index = []
    made = [("literal", count, rate, lambda c=count, r=rate: literals(rng, bits, docs, known, c, r)) for count, rate in itertools.product(LITERALS, RATES)]
    alone = apart(known, bits)
    made += [("apart", count, 5, lambda c=count: literals(rng, bits, docs, known, c, 5, alone)) for count in LITERALS[2:]]
    made += [("boolean", count, None, lambda c=count: booleans(rng, bits, docs, known, c)) for count in BOOLEANS]
    for kind, count, rate, make in made:
        queries, union = make()
        name = f"{kind}-{count}" + (f"-{rate}" if rate else "")
        with open(f"{folder}/{corpus}/{name}.words", "w", encoding="utf-8") as words:
            words.writelines(query + "\n" for query in queries)
        with open(f"{folder}/{corpus}/{name}.jsonl", "w", encoding="utf-8") as searches:
            searches.writelines(json.dumps({"name": f"list/{n}", "query": query}) + "\n" for n, query in enumerate(queries))
        with open(f"{folder}/{corpus}/{name}.toml", "w", encoding="utf-8") as searches:
            searches.writelines(f"[[search]]\nname = \"list/{n}\"\nquery = '{query}'\n\n" for n, query in enumerate(queries))
        index.append({"name": name, "kind": kind, "count": count, "rate": rate, "docs": docs, "records": union.bit_count()})
    with open(f"{folder}/{corpus}/index.json", "w", encoding="utf-8") as out:
        json.dump(index, out)


def main():
    folder, size = sys.argv[1], int(sys.argv[2])
    synthetic(folder, size)
    lists(folder, "synthetic")
    if len(sys.argv) > 3:
        real(folder, size, sys.argv[3])
        lists(folder, "real")


if __name__ == "__main__":
    main()
