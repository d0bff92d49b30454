"""How docs/searches.md cuts a text into words and folds them ("Words"), with UAX #29 as the module `uniseg` has it: text in, places
out. Knows nothing of cm-scan's own sources."""
import unicodedata

import regex
from uniseg.wordbreak import words as uax29

LINK = regex.compile(r"https?://[^\s<>\"“”„«»]+", regex.IGNORECASE)
LETTER_OR_DIGIT = regex.compile(r"[\p{Alphabetic}\p{Nd}\p{Nl}\p{No}]")
IGNORABLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\U0001F3FB-\U0001F3FF]")
MARK = regex.compile(r"\p{M}")
SYMBOL = regex.compile(r"(?![\x00-\x7f])(?:\p{Sc}|(?=[\u2190-\u2bff\U0001F000-\U0001FAFF])\p{S})")
DIGIT = regex.compile(r"\p{Nd}")
APOSTROPHES = str.maketrans("’‘ʼ＇", "''''")
SPACES = regex.compile(r"[ \n]+")
ELISIONS = frozenset("l d j m n s t c qu jusqu lorsqu puisqu quoiqu".split())
LINK_PLACE = 0


def is_letter_or_digit(character):
    return bool(LETTER_OR_DIGIT.match(character))


def with_marks(text):
    """NFKC, full case folding, nothing unseen; every apostrophe is the same."""
    text = IGNORABLE.sub("", text.translate(APOSTROPHES))
    return IGNORABLE.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))


def without_marks(text):
    bare = MARK.sub("", unicodedata.normalize("NFKD", with_marks(text)))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", bare).casefold())


def heard(word):
    """The forms of a word as (with marks, without): the whole, and what is left of an elision."""
    kept, bare = with_marks(word), without_marks(word)
    if kept.endswith("'s") and len(kept) > 2:
        kept, bare = kept[:-2], bare[:-2]
    forms = [(kept, bare)]
    left, apostrophe, rest = kept.partition("'")
    if apostrophe and left in ELISIONS and len(LETTER_OR_DIGIT.findall(rest)) >= 3:
        forms.append((rest, bare.partition("'")[2]))
    return tuple(forms)


def segments(text):
    """UAX #29, and no full stop, colon within a word but a full stop between digits: (start, end) of each segment that is a word."""
    at = 0
    for segment in uax29(text):
        begin = at
        for n, character in enumerate(segment):
            parts = character == ":" or (character in ".．" and not (
                0 < n < len(segment) - 1 and DIGIT.match(segment[n - 1]) and DIGIT.match(segment[n + 1])))
            if parts:
                if is_word(segment[begin - at : n]):
                    yield begin, at + n
                begin = at + n + 1
        if is_word(segment[begin - at :]):
            yield begin, at + len(segment)
        at += len(segment)


def is_word(segment):
    return bool(LETTER_OR_DIGIT.search(segment) or SYMBOL.search(segment))


class Cutter:
    """Cuts texts and numbers the different places: a number stands for (forms, hashtag or not)."""

    def __init__(self):
        self.numbers, self.places, self.chunks = {(): LINK_PLACE}, [((), False)], {}

    def number(self, forms, tag):
        key = (forms, tag)
        if key not in self.numbers:
            self.numbers[key] = len(self.places)
            self.places.append(key)
        return self.numbers[key]

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
                word = chunk[at + begin : at + end]
                yield at + begin, at + end, self.number(heard(word), is_hashtag(chunk, at + begin, word))
            if link:
                yield link.start(), link.end(), LINK_PLACE
                at = link.end()


def is_hashtag(text, begin, word):
    if begin == 0 or text[begin - 1] not in "#＃" or all(DIGIT.match(c) for c in word):
        return False
    return begin < 2 or not (is_letter_or_digit(text[begin - 2]) or text[begin - 2] in "_&")


def asked(value):
    """The words that a query's value asks for: of each only the whole, (kept, bare)."""
    return [heard(value[begin:end])[0] for begin, end in segments(value)]
