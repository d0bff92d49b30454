"""How docs/searches.md cuts a text into words and folds them ("Words"), with UAX #29 as the module `uniseg` has it: text in, places
out. Knows nothing of cm-scan's own sources."""
import unicodedata

import regex
from uniseg.wordbreak import words as uax29

LINK = regex.compile(r"https?://[^\s<>\"“”„«»]+", regex.IGNORECASE)
LETTER_OR_DIGIT = regex.compile(r"[\p{Alphabetic}\p{Nd}\p{Nl}\p{No}]")
BEFORE_WORD = regex.compile(r"[^\p{Alphabetic}\p{Nd}\p{Nl}\p{No}_]*")
UNSEEN = regex.compile(r"(?![\U000E0020-\U000E007F])\p{Default_Ignorable_Code_Point}|[\U0001F3FB-\U0001F3FF]")
SYMBOL = regex.compile(r"(?![\U0001F3FB-\U0001F3FF])[\u00A2-\u00A5\u20A0-\u20CF\u2190-\u2BFF\uFFE0\uFFE1\uFFE5\uFFE6\U0001F000-\U0001FAFF]")
NUMERIC = regex.compile(r"[\p{Nd}\p{Nl}\p{No}]")
MARKS = regex.compile("[\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]")
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "œ": "oe", "æ": "ae"})
APOSTROPHES = "'’‘ʼʻ＇"
STOPS = ".:\u2024\uFE13\uFE52\uFE55\uFF0E\uFF1A"
LOW_LINES = "_\u203F\u2040\u2054\uFE33\uFE34\uFE4D\uFE4E\uFE4F\uFF3F"
SPACES = regex.compile(r"[ \n]+")
ELISIONS = frozenset("""c d j l m n s t v qu jusqu lorsqu puisqu quoiqu quelqu presqu un gl all coll dall dell nell sull degl quest quell bell sant tutt anch
com dov nessun senz mezz""".split())
LINK_PLACE = 0


def is_letter_or_digit(character):
    return bool(LETTER_OR_DIGIT.match(character))


def goes_on(character):
    """Whether a letter or digit before it does not end there."""
    return is_letter_or_digit(character) or unicodedata.category(character).startswith("M")


def cased(text):
    """Every character to lower, upper and lower case again, each by itself."""
    return "".join("".join(part.lower() for part in "".join(low.upper() for low in character.lower())) for character in text)


def same_apostrophe(text):
    return text.translate({ord(apostrophe): "'" for apostrophe in "’‘ʼʻ"})


def with_marks(text):
    text = unicodedata.normalize("NFKC", UNSEEN.sub("", text))
    return same_apostrophe(unicodedata.normalize("NFKC", cased(text)))


def without_marks(text):
    text = unicodedata.normalize("NFKD", UNSEEN.sub("", text))
    text = MARKS.sub("", unicodedata.normalize("NFKD", cased(text))).translate(STROKES)
    return same_apostrophe(unicodedata.normalize("NFKC", text))


def heard(word):
    """The forms of a word as (with marks, without): the whole without its possessive, and what an elision leaves."""
    if not LETTER_OR_DIGIT.search(word):
        bare = without_marks(regex.sub("\u200D[♀♂]", "", word))
        return ((bare, bare),)
    if len(word) > 2 and word[-2] in APOSTROPHES and with_marks(word[-1]) == "s":
        word = word[:-2]
    forms = [(with_marks(word), without_marks(word))]
    at = next((n for n, character in enumerate(word) if character in APOSTROPHES), None)
    if at is not None and without_marks(word[:at]) in ELISIONS:
        rest = word[at + 1 :]
        if len(LETTER_OR_DIGIT.findall(with_marks(rest))) >= 3:
            forms.append((with_marks(rest), without_marks(rest)))
    return tuple(forms)


def segments(text):
    """(start, end) of every word: UAX #29, and what the page adds to it."""
    at = 0
    for segment in uax29(text):
        if LETTER_OR_DIGIT.search(segment):
            begin = BEFORE_WORD.match(segment).end()
            yield from parted(segment, begin, at)
        else:
            symbol = SYMBOL.search(segment)
            if symbol:
                yield at + symbol.start(), at + len(segment)
        at += len(segment)


def parted(segment, begin, at):
    """The parts of one word between full stops and the like, without low lines at their ends."""
    number = lambda n: 0 <= n < len(segment) and NUMERIC.match(segment[n])
    cuts = [n for n in range(begin, len(segment)) if segment[n] == "\u202F" or (segment[n] in STOPS and not (number(n - 1) and number(n + 1)))]
    for end in [*cuts, len(segment)]:
        first, last = begin, end
        off = lambda character: character in LOW_LINES or UNSEEN.match(character)
        while first < last and off(segment[first]):
            first += 1
        while last > first and off(segment[last - 1]):
            last -= 1
        if first < last:
            yield at + first, at + last
        begin = end + 1


class Cutter:
    """Cuts texts and numbers the different places: a number stands for the forms that are heard there."""

    def __init__(self):
        self.numbers, self.places, self.chunks = {(): LINK_PLACE}, [()], {}

    def number(self, forms):
        if forms not in self.numbers:
            self.numbers[forms] = len(self.places)
            self.places.append(forms)
        return self.numbers[forms]

    def cut(self, text, running):
        """[(start, end, number)]: a place a piece, links included where the text is a running one. White space parts words by UAX #29
        too, so what stands between is cut once."""
        found, at = [], 0
        for space in [*SPACES.finditer(text), None]:
            end = space.start() if space else len(text)
            if end > at:
                for begin, stop, number in self.chunk(text[at:end], running):
                    found.append((at + begin, at + stop, number))
            at = space.end() if space else end
        return found

    def chunk(self, chunk, running):
        key = (chunk, running)
        found = self.chunks.get(key)
        if found is None:
            if len(self.chunks) > 1_000_000:
                self.chunks.clear()
            found = self.chunks[key] = list(self.pieces(chunk, running))
        return found

    def pieces(self, chunk, running):
        at = 0
        for link in [*(LINK.finditer(chunk) if running else ()), None]:
            until = link.start() if link else len(chunk)
            for begin, end in segments(chunk[at:until]):
                yield at + begin, at + end, self.number(heard(chunk[at + begin : at + end]))
            if link:
                yield link.start(), link.end(), LINK_PLACE
                at = link.end()


def asked(value):
    """The words that a query's value asks for: of each only the whole, (kept, bare)."""
    return [heard(value[begin:end])[0] for begin, end in segments(value)]


def joined(value):
    """The words of a hashtag or tag written together, (kept, bare)."""
    words = asked(value)
    return "".join(kept for kept, _ in words), "".join(bare for _, bare in words)
