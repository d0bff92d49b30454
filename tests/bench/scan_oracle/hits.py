"""Where a query matches an item: {(member, start, end, exact)} in code points, as docs/searches.md has the hits of words, phrases, `~n`, NEAR
and verbatim texts. None where the query holds something else (hashtags, handles, addresses, whole tags)."""
from .match import FIELDS, before, patterns, phrases
from .words import APOSTROPHES, LETTER_OR_DIGIT, heard, with_marks

MEMBERS = {"title": "title", "summary": "summary", "text": "content_text", "tag": "tags", "author": "authors"}
SILENT = ("all", "name", "date", "not")
UNKNOWN = {"hashtag", "handle", "tag"}


class Hits:
    def __init__(self, matcher, plain):
        self.matcher, self.corpus, self.plain = matcher, matcher.corpus, plain
        self.by_item = {name: {} for name in MEMBERS}
        for name, found in self.by_item.items():
            for text in self.corpus.texts[name]:
                found.setdefault(text.who, []).append(text)

    def known(self, tree):
        kind = tree[0]
        if kind in SILENT:
            return kind != "not" or tree[1][0] != "not"
        if kind == "ref":
            return self.known(self.matcher.searches[tree[1]])
        if kind in ("and", "or"):
            return all(self.known(part) for part in tree[1])
        if kind == "atleast":
            return all(self.known(part) for part in tree[2])
        if kind == "near":
            return all(term[0] not in UNKNOWN for terms in (tree[2], *(step[2] for step in tree[3])) for term in terms)
        return kind not in UNKNOWN and tree[1] in FIELDS and tree[1] not in ("url", "links")

    def of(self, tree, who):
        """The hits of a query on an item that it matches."""
        kind = tree[0]
        if kind in SILENT:
            return set()
        if kind == "ref":
            return self.of(self.matcher.searches[tree[1]], who)
        if kind in ("and", "or", "atleast"):
            parts = tree[2] if kind == "atleast" else tree[1]
            return {hit for part in parts if self.matcher.query(part) >> who & 1 for hit in self.of(part, who)}
        return {hit for name in FIELDS[tree[1]] for text in self.by_item[name].get(who, ()) for hit in getattr(self, kind)(name, text, tree)}

    def hit(self, name, text, begin, end):
        if name != "text" or self.plain[text.who]:
            yield MEMBERS[name], begin, end, text.raw[begin:end]

    def stretched(self, name, text, first, last, patterns_of):
        """From the beginning of one word to the end of another, each as it is compared."""
        cuts = self.corpus.cuts(name, text)
        begin = compared(text.raw, cuts[first], patterns_of[0])[0]
        end = compared(text.raw, cuts[last], patterns_of[-1])[1]
        yield from self.hit(name, text, begin, end)

    def word(self, name, text, tree):
        asked = patterns(tree[2], tree[3])
        for begin in phrases(text.places, [pattern.numbers(self.corpus) for pattern in asked]):
            yield from self.stretched(name, text, begin, begin + len(asked) - 1, asked)

    def verbatim(self, name, text, tree):
        value, at = tree[2], text.raw.find(tree[2])
        while at >= 0:
            if self.matcher.stands(name, text, at, value):
                yield from self.hit(name, text, at, at + len(value))
            at = text.raw.find(value, at + 1)

    def slop(self, name, text, tree):
        asked = patterns(tree[2], True)
        sets, width = [pattern.numbers(self.corpus) for pattern in asked], len(asked) - 1 + tree[3]
        rows = [[n for n, place in enumerate(text.places) if place in numbers] for numbers in sets]
        found = set()
        for first in sorted({n for row in rows for n in row}):
            last = least(rows, first, first + width)
            if last is not None:
                found.add((first, last))
        for first, last in found:
            if not any((a, b) != (first, last) and first <= a and b <= last for a, b in found):
                ends = [[p for p, numbers in zip(asked, sets) if text.places[at] in numbers] for at in (first, last)]
                yield from self.stretched(name, text, first, last, [ends[0][0], ends[1][0]])

    def near(self, name, text, tree):
        chain = [tree[2], *(step[2] for step in tree[3])]
        rows = [[(place, hit) for term in terms for place, hit in self.placed(name, text, term)] for terms in chain]
        steps = tree[3]
        fits = lambda step, a, b: before(a, b, step[1]) or (not step[0] and before(b, a, step[1]))
        for n, step in enumerate(steps):
            rows[n + 1] = [b for b in rows[n + 1] if any(fits(step, a[0], b[0]) for a in rows[n])]
        for n in range(len(steps) - 1, -1, -1):
            rows[n] = [a for a in rows[n] if any(fits(steps[n], a[0], b[0]) for b in rows[n + 1])]
        if all(rows):
            for _, hit in (pair for row in rows for pair in row):
                yield from hit

    def placed(self, name, text, term):
        """Each place of a term, and the hit there."""
        if term[0] == "verbatim":
            for place in self.matcher.places(name, text, (term,)):
                yield place, list(self.hit(name, text, place[2], place[3]))
            return
        asked = patterns(term[2], term[3])
        for begin in phrases(text.places, [pattern.numbers(self.corpus) for pattern in asked]):
            last = begin + len(asked) - 1
            yield (begin, last, None, None), list(self.stretched(name, text, begin, last, asked))


def least(rows, first, most):
    """The least last place of a stretch that begins at `first` and gives each row a place of its own."""
    found = None

    def rest(k, taken):
        nonlocal found
        if k == len(rows):
            if first in taken and (found is None or max(taken) < found):
                found = max(taken)
            return
        for n in rows[k]:
            if first <= n <= most and n not in taken and (found is None or n < found):
                rest(k + 1, (*taken, n))

    rest(0, ())
    return found


def compared(raw, cut, pattern):
    """(start, end) of what a pattern compares of a word: without its possessive, or without what an elision takes off."""
    begin, end, _ = cut
    word = raw[begin:end]
    if not LETTER_OR_DIGIT.search(word):
        return begin, end
    if len(word) > 2 and word[-2] in APOSTROPHES and with_marks(word[-1]) == "s":
        end, word = end - 2, word[:-2]
    if not pattern.matches(*heard(raw[begin:end])[0]):
        begin += next(n for n, character in enumerate(word) if character in APOSTROPHES) + 1
    return begin, end
