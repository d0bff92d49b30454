"""Which items match which query, set-wise: an item is a bit of a big integer, a word has the list of places where it stands. The
meaning of every operator is that of docs/searches.md; a query is a tree of tuples (language.py). Long because every operator is a few
lines over the same postings."""
import array
import bisect
import datetime
import functools
import itertools
import re

import regex

from .texts import Item, host, instant
from .marks import handles, hashtags
from .words import Cutter, LINK_PLACE, asked, goes_on, is_letter_or_digit, joined, segments, with_marks, without_marks

RUNNING = ("title", "summary", "text")
UNNAMED = ("title", "summary", "text", "tag")
FIELDS = {None: UNNAMED, "title": ("title",), "summary": ("summary",), "text": ("text",), "author": ("author",), "tag": ("tag",), "url": ("url",), "links": ("links",)}
ONE = r"[\p{Alphabetic}\p{Nd}\p{Nl}\p{No}]"
DAY = datetime.timedelta(days=1)


class Text:
    """One text of one item: its places by number. `who` is the item, `source` where it is from."""

    __slots__ = ("who", "raw", "places", "source")

    def __init__(self, who, raw, places, source):
        self.who, self.raw, self.places, self.source = who, raw, places, source


class Corpus:
    def __init__(self, items):
        self.cutter = Cutter()
        self.texts = {name: [] for name in ("title", "summary", "text", "tag", "author", "url", "links")}
        self.rows = {name: {} for name in self.texts}  # place -> numbers of texts, rising
        self.whole_tags, self.hashtags, self.handles, self.froms = {}, {name: {} for name in RUNNING}, {}, {}
        self.names = {name: {} for name in ("site", "lang", "kind", "source")}
        self.times, self.count = [], 0
        for item in items:
            self.add(Item(item))
        self.everything = (1 << self.count) - 1
        self.raw = {name: together_raw(texts) for name, texts in self.texts.items()}
        self.plain_of, self.kept_of = {}, {}
        for number, forms in enumerate(self.cutter.places):
            for kept, bare in forms:
                self.plain_of.setdefault(bare, []).append(number)
                self.kept_of.setdefault(kept, []).append(number)
        self.forms = {True: "\n".join(self.kept_of), False: "\n".join(self.plain_of)}
        self.cache, self.kept = {}, {}

    def add(self, item):
        who = self.count
        self.count += 1
        for name, raw in (("title", item.title), ("summary", item.summary), ("text", item.content)):
            if raw is not None:
                self.text(name, who, raw, True, item.source)
                for tag, _, _ in hashtags(raw, item.source):
                    self.hashtags[name].setdefault(joined(tag), []).append(len(self.texts[name]) - 1)
                for handle in handles(raw):
                    self.handles.setdefault(handle, []).append(who)
        for tag in item.tags:
            self.text("tag", who, tag, False)
            self.whole_tags.setdefault(joined(tag), []).append((who, len(self.texts["tag"]) - 1))
        for value in (*item.names, *item.handles):
            self.text("author", who, value, False)
        for handle in item.handles:
            self.froms.setdefault(with_marks(handle).removeprefix("@"), []).append(who)
        for value in (item.url, item.external_url):
            if value is not None:
                self.text("url", who, value, False)
        for link in item.links:
            self.text("links", who, link, False)
        language = item.language and item.language.replace("_", "-")
        for name, value in (("site", item.host), ("lang", language), ("kind", item.kind), ("source", item.source)):
            if value is not None:
                self.names[name].setdefault(with_marks(value), []).append(who)
        self.times.append(item.at)

    def text(self, name, who, raw, running, source=None):
        places = array.array("I", [number for _, _, number in self.cutter.cut(raw, running)])
        number = len(self.texts[name])
        self.texts[name].append(Text(who, raw, places, source))
        for place in set(places):
            self.rows[name].setdefault(place, array.array("I")).append(number)

    def bits(self, whos):
        row = bytearray(self.count // 8 + 1)
        for who in whos:
            row[who >> 3] |= 1 << (who & 7)
        return int.from_bytes(row, "little")

    def holders(self, name, place):
        """The items with a text of that kind that holds the place; what is frequent is remembered."""
        row = self.rows[name].get(place, ())
        if len(row) < 500:
            return self.bits(self.texts[name][n].who for n in row)
        key = ("holders", name, place)
        if key not in self.kept:
            self.kept[key] = self.bits(self.texts[name][n].who for n in row)
        return self.kept[key]

    def cuts(self, name, text):
        return self.cutter.cut(text.raw, name in RUNNING)


def together_raw(texts):
    """All texts of a kind as one, to look for verbatim text in, and where each begins."""
    begins = list(itertools.accumulate((len(text.raw) + 1 for text in texts), initial=0))
    return "\0".join(text.raw for text in texts), begins


class Pattern:
    """A word of a query, wildcards and all."""

    def __init__(self, parts):
        self.parts = parts  # strings, "*" and "?" between them as ("*",) and ("?",)
        texts = [part for part in parts if isinstance(part, str)]
        self.kept = any(with_marks(part) != without_marks(part) for part in texts)
        fold = with_marks if self.kept else without_marks
        self.exact = None
        if len(parts) == 1:
            forms = asked(parts[0]) if isinstance(parts[0], str) else []
            self.exact = forms[0][0 if self.kept else 1] if forms else ""
        else:
            wild = {"*": r"[^\n]*", "?": ONE}
            text = "".join(regex.escape(fold(part)) if isinstance(part, str) else wild[part[0]] for part in parts)
            # What needs no property is looked for by the faster module.
            self.exact = None
            self.regex = (regex if ("?",) in parts else re).compile(f"^(?:{text})$", re.MULTILINE if ("?",) not in parts else regex.MULTILINE)

    def numbers(self, corpus):
        """The places that it matches."""
        key = ("pattern", self.kept, self.exact if self.exact is not None else self.regex)
        if key not in corpus.cache:
            forms = corpus.kept_of if self.kept else corpus.plain_of
            if self.exact is not None:
                found = forms.get(self.exact, [])
            else:
                found = [number for form in self.regex.findall(corpus.forms[self.kept]) for number in forms[form]]
            corpus.cache[key] = frozenset(found)
        return corpus.cache[key]

    def matches(self, kept, bare):
        form = kept if self.kept else bare
        return form == self.exact if self.exact is not None else bool(self.regex.fullmatch(form))


@functools.lru_cache(100_000)
def patterns(value, quoted, address=False):
    """The words of a value, each with its wildcards put back."""
    text, wild = [], []
    for n, character in enumerate(value):
        if character == "*" or (character == "?" and not address and (not quoted or is_letter_or_digit(value[n:].lstrip("?*")[:1] or " "))):
            wild.append((len(text), character))
        else:
            text.append(character)
    text = "".join(text)
    spans, found, left = list(segments(text)), [], list(wild)
    for begin, end in spans:
        mine = [pair for pair in left if begin <= pair[0] <= end]
        left = [pair for pair in left if pair not in mine]
        parts, at = [], begin
        for position, character in mine:
            parts += [text[at:position]] if position > at else []
            parts.append((character,))
            at = position
        parts += [text[at:end]] if end > at else []
        found.append(Pattern(parts))
    return found


@functools.lru_cache(10_000)
def together(value):
    """The one pattern of a hashtag or whole tag: all words of the value written together."""
    parts = []
    for pattern in patterns(value, False):
        parts += pattern.parts if pattern.exact is None else [pattern.exact]
    merged = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    pattern = Pattern(merged)
    if len(merged) == 1:
        pattern.exact = (with_marks if pattern.kept else without_marks)(merged[0])
    return pattern


# The hour that both go by: a run takes longer than an item may lie from the edge of `>=3d`.
NOW = 1795435200  # 2026-11-23T12:00:00Z


class Matcher:
    def __init__(self, corpus, searches, now=None):
        self.corpus, self.searches = corpus, searches
        self.now = now or NOW
        self.spans_of = {}

    def query(self, tree):
        """The items that match, as bits."""
        kind = tree[0]
        if kind == "all":
            return self.corpus.everything
        if kind == "not":
            return self.corpus.everything & ~self.query(tree[1])
        if kind == "and":
            return self.folded(tree[1], lambda a, b: a & b)
        if kind == "or":
            return self.folded(tree[1], lambda a, b: a | b)
        if kind == "ref":
            return self.query(self.searches[tree[1]])
        if kind == "atleast":
            return self.atleast(*tree[1:])
        if tree not in self.corpus.cache:
            self.corpus.cache[tree] = getattr(self, kind)(*tree[1:])
        return self.corpus.cache[tree]

    def folded(self, items, join):
        sets = [self.query(item) for item in items]
        result = sets[0]
        for other in sets[1:]:
            result = join(result, other)
        return result

    def atleast(self, wanted, items):
        counts = [self.corpus.everything] + [0] * wanted
        for item in items:
            found = self.query(item)
            for n in range(wanted, 0, -1):
                counts[n] |= counts[n - 1] & found
        return counts[wanted]

    def texts_with(self, field, sets):
        """The texts of a field that hold a place of each of the sets: (kind of text, text)."""
        for name in FIELDS[field]:
            rows = self.corpus.rows[name]
            found = None
            for numbers in sorted(sets, key=lambda numbers: sum(len(rows[n]) for n in numbers if n in rows)):
                here = set().union(*(rows[n] for n in numbers if n in rows))
                found = here if found is None else found & here
                if not found:
                    break
            for number in found or ():
                yield name, self.corpus.texts[name][number]

    def word(self, field, value, quoted):
        sets = [pattern.numbers(self.corpus) for pattern in patterns(value, quoted, field in ("url", "links"))]
        if len(sets) == 1:
            return self.holders(FIELDS[field], sets[0])
        return self.corpus.bits(text.who for _, text in self.texts_with(field, sets) if next(phrases(text.places, sets), None) is not None)

    def holders(self, kinds, numbers):
        few, found = [], 0
        for name in kinds:
            rows, texts = self.corpus.rows[name], self.corpus.texts[name]
            for number in numbers:
                row = rows.get(number, ())
                if len(row) < 500:
                    few += [texts[n].who for n in row]
                else:
                    found |= self.corpus.holders(name, number)
        return found | self.corpus.bits(few)

    def slop(self, field, value, most):
        sets = [pattern.numbers(self.corpus) for pattern in patterns(value, True)]
        return self.corpus.bits(text.who for _, text in self.texts_with(field, sets) if stretch(text.places, sets, len(sets) - 1 + most))

    def hashtag(self, field, value):
        """`#value`: the hashtag in running texts, and where tags are looked at, a whole tag."""
        found = self.corpus.bits(text.who for _, text in self.tagged_texts(field, value))
        return found | self.tag(value) if field in (None, "tag") else found

    def tagged_texts(self, field, value):
        """The running texts of a field that hold the hashtag: (kind of text, text)."""
        pattern = together(value)
        return {(name, self.corpus.texts[name][n]) for name in FIELDS[field] if name in RUNNING
                for key, numbers in self.corpus.hashtags[name].items() if pattern.matches(*key) for n in numbers}

    def whole_tags(self, value):
        pattern = together(value)
        return [pair for key, pairs in self.corpus.whole_tags.items() if pattern.matches(*key) for pair in pairs]

    def tag(self, value):
        return self.corpus.bits(who for who, _ in self.whole_tags(value))

    def handle(self, field, value):
        """`@value` in running texts, `from:value`, `author:@value`."""
        asked_for, known = with_marks(value).removeprefix("@"), self.corpus.froms if field in ("from", "author") else None
        if known is None:
            known = self.corpus.handles if field is None else self.handles_in(field)
        if asked_for.endswith("*"):
            fits = lambda handle: handle.startswith(asked_for[:-1])
        else:
            fits = lambda handle: handle == asked_for or handle.partition("@")[0] == asked_for
        return self.corpus.bits(who for handle, whos in known.items() if fits(handle) for who in whos)

    def handles_in(self, field):
        if ("handles", field) not in self.corpus.cache:
            known = self.corpus.cache["handles", field] = {}
            for text in self.corpus.texts[field]:
                for handle in handles(text.raw):
                    known.setdefault(handle, []).append(text.who)
        return self.corpus.cache["handles", field]

    def verbatim(self, field, value):
        found = []
        for name in FIELDS[field]:
            found += [text.who for text, _ in self.verbatims(name, value)]
        return self.corpus.bits(found)

    def verbatims(self, name, value):
        """Where it stands in the texts of a kind: (text, begin)."""
        raw, begins = self.corpus.raw[name]
        at = raw.find(value)
        while at >= 0:
            number = bisect.bisect_right(begins, at) - 1
            text, begin = self.corpus.texts[name][number], at - begins[number]
            if self.stands(name, text, begin, value):
                yield text, begin
            at = raw.find(value, at + 1)

    def stands(self, name, text, begin, value):
        raw, end = text.raw, begin + len(value)
        if is_letter_or_digit(value[0]) and begin > 0 and is_letter_or_digit(raw[begin - 1]):
            return False
        if goes_on(value[-1]) and end < len(raw) and goes_on(raw[end]):
            return False
        if name not in RUNNING or LINK_PLACE not in text.places:
            return True
        return all(not (start < end and begin < stop) for start, stop, number in self.corpus.cuts(name, text) if number == LINK_PLACE)

    def name(self, field, value):
        value = value.strip()
        if field == "site":
            value = host(value).removeprefix("www.")
        if field == "lang":
            value = value.replace("_", "-")
        value = with_marks(value)
        part = {"lang": "-", "source": ":"}.get(field)
        if value.endswith("*"):
            fits = lambda name: name.startswith(value[:-1])
        else:
            fits = lambda name: name == value or (part is not None and name.startswith(value + part))
        known = self.corpus.names[field]
        if field == "site":
            ends = lambda name: [name] + [name[n + 1 :] for n, c in enumerate(name) if c == "."]
            return self.corpus.bits(who for name, whos in known.items() if any(fits(end) for end in ends(name)) for who in whos)
        return self.corpus.bits(who for name, whos in known.items() if fits(name) for who in whos)

    def date(self, value):
        least, most = period(value, self.now)
        return self.corpus.bits(who for who, at in enumerate(self.corpus.times) if at is not None and least <= at < most)

    def near(self, field, first, steps):
        chain = [first, *(terms for _, _, terms in steps)]
        shared = None
        for terms in chain:
            here = set().union(*(self.term_texts(field, term) for term in terms))
            shared = here if shared is None else shared & here
            if not shared:
                return 0
        return self.corpus.bits(text.who for name, text in shared if chained([self.places(name, text, terms) for terms in chain], steps))

    def term_texts(self, field, term):
        """The texts that may hold a term: (kind of text, text)."""
        kind, value = term[0], term[2]
        if kind == "word":
            return set(self.texts_with(field, [pattern.numbers(self.corpus) for pattern in patterns(value, term[3])]))
        if kind == "hashtag":
            found = self.tagged_texts(field, value)
            whole = self.whole_tags(value) if field is None else ()
            return found | {("tag", self.corpus.texts["tag"][number]) for _, number in whole}
        return {(name, text) for name in FIELDS[field] for text, _ in self.verbatims(name, value)}

    def places(self, name, text, terms):
        """Where any of the terms stands in a text: (first word, last word, first character, end); the words are counted."""
        found = []
        for term in terms:
            kind, value = term[0], term[2]
            if kind == "word":
                sets = [pattern.numbers(self.corpus) for pattern in patterns(value, term[3])]
                found += [(begin, begin + len(sets) - 1, None, None) for begin in phrases(text.places, sets)]
            elif kind == "hashtag" and name in RUNNING:
                named = [(begin, end) for tag, begin, end in hashtags(text.raw, text.source) if together(value).matches(*joined(tag))]
                found += [self.between(name, text, begin, end) for begin, end in named]
            elif kind == "hashtag":
                found += [(0, len(text.places) - 1, None, None)] if together(value).matches(*joined(text.raw)) else []
            else:
                begins = [found.start() for found in re.finditer(f"(?={re.escape(value)})", text.raw) if self.stands(name, text, found.start(), value)]
                found += [self.between(name, text, begin, begin + len(value)) for begin in begins]
        return found

    def between(self, name, text, begin, end):
        """The place of a stretch of characters: the words it touches, or none between two."""
        cuts = self.corpus.cuts(name, text)
        touched = [n for n, (start, stop, _) in enumerate(cuts) if start < end and begin < stop]
        if touched:
            return touched[0], touched[-1], begin, end
        before = sum(stop <= begin for _, stop, _ in cuts)
        return before, before - 1, begin, end


def phrases(places, sets):
    """Where a phrase begins."""
    first, length = sets[0], len(sets)
    for n, place in enumerate(places):
        if place in first and n + length <= len(places) and all(places[n + k] in sets[k] for k in range(1, length)):
            yield n


def stretch(places, sets, width):
    """Whether every set has a place of its own, the last at most `width` behind the first."""
    rows = sorted(([n for n, place in enumerate(places) if place in numbers] for numbers in sets), key=len)

    def rest(k, taken):
        if k == len(rows):
            return True
        return any(n not in taken and max(*taken, n) - min(*taken, n) <= width and rest(k + 1, (*taken, n)) for n in rows[k])

    return any(rest(1, (n, n)) for n in rows[0])


def before(a, b, most):
    """Whether place a is wholly before b with at most `most` words between them."""
    if a[2] is not None and b[2] is not None and a[3] > b[2]:
        return False
    return a[1] < b[0] and b[0] - a[1] - 1 <= most


def chained(rows, steps):
    reached = rows[0]
    for (ordered, most, _), places in zip(steps, rows[1:]):
        reached = [b for b in places if any(before(a, b, most) or (not ordered and before(b, a, most)) for a in reached)]
        if not reached:
            return False
    return True


def stamp(year, month=1, day=1):
    return datetime.datetime(year, month, day, tzinfo=datetime.timezone.utc).timestamp()


def span(text, now):
    """[beginning, end) of a day, month, year or named day, in UTC."""
    today = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).date()
    named = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if text in named:
        day = today + DAY * named[text]
        return stamp(day.year, day.month, day.day), stamp(*(day + DAY).timetuple()[:3])
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        return stamp(parts[0]), stamp(parts[0] + 1)
    if len(parts) == 2:
        year, month = parts
        return stamp(year, month), stamp(year + month // 12, month % 12 + 1)
    day = datetime.date(*parts)
    return stamp(*parts), stamp(*(day + DAY).timetuple()[:3])


def period(value, now):
    """[least, most) of what `date:` asks for."""
    ever = (float("-inf"), float("inf"))
    if ".." in value:
        begin, end = value.split("..")
        return span(begin, now)[0] if begin else ever[0], span(end, now)[1] if end else ever[1]
    found = re.fullmatch(r"(>=|<=|>|<)(.*)", value)
    if not found:
        return span(value, now)
    sign, text = found.groups()
    at, ago = instant(text), re.fullmatch(r"(\d+)([hdw])", text)
    if ago:
        at = now - int(ago.group(1)) * {"h": 3600, "d": 86400, "w": 604800}[ago.group(2)]
    tick = 1e-6
    begin, end = (at, at + tick) if at is not None else span(text, now)
    return {">=": (begin, ever[1]), ">": (end, ever[1]), "<": (ever[0], begin), "<=": (ever[0], end)}[sign]
