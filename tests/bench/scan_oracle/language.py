"""Queries of every operator: trees of tuples as match.py takes them, and their text with spacing and quotation marks by chance.

    ("word", field, value, quoted)  ("slop", field, value, n)  ("hashtag", field, value)  ("handle", field, value)  ("verbatim", field, value)
    ("tag", value)  ("name", field, value)  ("date", value)  ("all",)  ("ref", name)
    ("near", field, terms, ((ordered, n, terms), ...))  ("atleast", n, trees)  ("not", tree)  ("and", trees)  ("or", trees)
"""
import re
import unicodedata

from .documents import HANDLES, HARD, HOSTS, KINDS, LANGUAGES, SERVERS, SOURCES, TAGS
from .words import LINK, asked, segments, without_marks

BARE = re.compile(r"[^\s(){}\"“”„«»=~^|&!<>–—:,/@#-][^\s(){}\"“”„«»=~^|&!<>:,@#]*")
OPERATOR = re.compile(r"(?i)(and|or|not|o?near[\d/]*f?|atleast.*|w/\d+|[-–—]+)")
QUOTES = '"“”„«»'
DATES = ["2026-11-20", "2026-11", "2026", "2025", "2026-11-01..2026-11-09", "2026-10..", "..2024", "2025-02..2025-03", ">=2026-11-20", ">2026-11-20", "<2025", "<=2025-06", ">=3d", "<2w",
         "today", "yesterday", ">=2026-11-20T12:00:00Z", "<2026-01-01T00:00:00+02:00", "2026-11-20..2026-11-20", ">2026-10"]


class Queries:
    """Draws trees: words and phrases from the items themselves, so that much of it is found somewhere."""

    def __init__(self, rng, texts, names, common=frozenset()):
        self.rng, self.texts, self.names, self.common = rng, texts, names, common

    def passage(self, words):
        """So many words of some text as they stand there, in a row."""
        while True:
            said = LINK.sub(" ", self.rng.choice(self.texts)).split(" ")
            at = self.rng.randrange(max(1, len(said) - words))
            text = " ".join(said[at : at + words + 1])
            spans = list(segments(text))
            if len(spans) >= words:
                at = self.rng.randrange(len(spans) - words + 1)
                found = text[spans[at][0] : spans[at + words - 1][1]]
                if not set(found) & set(QUOTES + "{}*?\\\n\t") and asked(found):
                    return found

    def some(self):
        rng = self.rng
        word = rng.choice(HARD) if rng.random() < 0.25 else self.passage(1)
        kind = rng.random()
        if kind < 0.15:
            word = rng.choice([word.upper(), word.lower(), word.title(), unicodedata.normalize("NFD", word), unicodedata.normalize("NFC", word)])
        elif kind < 0.2:
            word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
        return word if asked(word) and not set(word) & set(QUOTES + "*?") else self.some()

    def wildcard(self):
        rng, word = self.rng, self.some()
        word = word if re.fullmatch(r"[^\W_]{3,}", word) else rng.choice(["roast", "acme", "coffee", "color", "brew"])
        at = rng.randint(1, len(word) - 1)
        return rng.choice([word[: max(2, at)] + "*", word[: max(3, at)] + "*", word + "*", word[:at] + "?" + word[at + 1 :], word[:at] + "?" + word[at:], "*" + word[at - 1 :], "?" + word[1:], word + "?",
                           word[:at] + "*" + word[-1:], word[:at] + "*" + word[at:]])

    def word(self, field):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.5:
            return self.said("word", field, self.some())
        if kind < 0.7:
            return self.said("word", field, self.wildcard())
        if kind < 0.93:
            return self.said("word", field, self.passage(rng.choice([2, 2, 2, 3, 4])))
        first, second = self.passage(2), self.wildcard()
        return ("word", field, rng.choice([f"{first} {second}", f"{second} {first}"]), True)

    def said(self, kind, field, value):
        # With a full-width sign before it, it would be a hashtag or a handle.
        value = "acme" if value.startswith(("＃", "＠")) else value
        bare = BARE.fullmatch(value) and not OPERATOR.fullmatch(value) and not value.startswith(("#", "@"))
        return (kind, field, value, not bare or (self.rng.random() < 0.3 and "?" not in value))

    def near_term(self, field):
        kind = self.rng.random()
        if kind < 0.1 and field != "author":
            return self.hashtag(field)
        # A sign alone may be part of the hashtag that it stands before, and what overlaps is not near.
        verbatim = self.verbatim(field) if kind < 0.2 else None
        return verbatim if verbatim and verbatim[2] != "#" else self.word(field)

    def hashtag(self, field):
        value = self.rng.choice(["acme", "roast*", "café", "Café-Culture", "specialtycoffee", "straße", "news", "c?ffee", "coffee"]) if self.rng.random() < 0.5 else self.passage(1)
        return ("hashtag", field, value) if re.fullmatch(r"[\w*?'-]+", value) and value[0] not in "-'" and not value.isdigit() else self.hashtag(field)

    def handle(self, field):
        rng = self.rng
        value = rng.choice(HANDLES) + rng.choice(["", "", "@" + rng.choice(SERVERS), "*"])
        return ("handle", field, rng.choice([value, value.upper(), value[:3] + "*"]))

    def verbatim(self, field):
        rng, kind = self.rng, self.rng.random()
        value = rng.choice(["C++", "C#", "BT", "ACME", "Roast", "é", "e\u0301", ":)", "👍🏽", "👍", "...", "R&D", "don't", "l'", "#", "e-mail", "咖", "5€", " - ", "of the", "İ"]) if kind < 0.4 else self.passage(rng.choice([1, 1, 2, 3]))
        if kind > 0.9 and len(value) > 3:
            value = value[1:-1]
        return ("verbatim", field, value) if value.strip() else self.verbatim(field)

    def leaf(self):
        rng, kind = self.rng, self.rng.random()
        field = rng.choice([None] * 6 + ["title", "summary", "text", "text", "author"])
        if kind < 0.5:
            return self.word(field)
        if kind < 0.58:
            return ("slop", field, self.shuffled(), rng.choice([0, 0, 1, 2, 3, 8, 100]))
        if kind < 0.64:
            return self.verbatim(rng.choice([field, field, "tag"]))
        if kind < 0.70:
            return self.hashtag(rng.choice([None, None, "title", "text", "summary"]))
        if kind < 0.75:
            return self.handle(rng.choice([None, None, "from", "from", "text", "title", "author"]))
        if kind < 0.79:
            value = rng.choice(TAGS) if rng.random() < 0.6 else self.passage(1)
            value = value if asked(value) else "coffee"
            return ("tag", value + rng.choice(["", "", "*"]) if value.isalnum() else value)
        if kind < 0.84:
            return ("date", rng.choice(DATES))
        if kind < 0.93:
            return self.name(rng.choice(["site", "lang", "kind", "source"]))
        if kind < 0.97:
            value = rng.choice(["acme.example", "acme.example/shop", "roast-beans", "roast beans", "roast*", "news.example", "id=7", "example", "linked", "html", "bea*"])
            return ("word", rng.choice(["url", "links"]), value, " " in value or "=" in value or rng.random() < 0.3)
        return ("ref", rng.choice(self.names)) if self.names else self.word(field)

    def shuffled(self):
        words = [word for word in self.passage(self.rng.choice([2, 2, 3, 4])).split() if asked(word)]
        self.rng.shuffle(words)
        return " ".join(words) or "acme roast"

    def name(self, field):
        rng = self.rng
        value = rng.choice({"site": [*HOSTS, "example", "roast.example", "https://acme.example/x", "acme*"], "lang": [*LANGUAGES, "p*", "en_gb"], "kind": [*KINDS, "m*", "Note"], "source": [*SOURCES, "mastodon", "bluesky", "m*"]}[field])
        return ("name", field, value)

    def near(self):
        rng = self.rng
        field = rng.choice([None, None, None, "title", "text", "author"])
        if rng.random() < 0.7 and field != "author":
            # Two words of one passage: near each other somewhere.
            said = [word for word in self.passage(rng.choice([2, 3, 5, 7])).split() if asked(word)]
            if len(said) >= 2 and not (self.is_common(said[0]) and self.is_common(said[-1])):
                first, last = said[0], said[-1]
                first, last = rng.choice([(first, last), (first, last), (last, first)])
                return ("near", field, (self.said("word", field, first),), ((rng.random() < 0.5, self.within(), (self.said("word", field, last),)),))
        terms = lambda: tuple(self.near_term(field) for _ in range(rng.choice([1, 1, 1, 2])))
        first = terms()
        if all(term[0] == "word" and self.is_common(term[2]) for term in first):
            first = (self.said("word", field, self.passage(2)),)
        return ("near", field, first, tuple((rng.random() < 0.4, self.within(), terms()) for _ in range(rng.choice([1, 1, 2]))))

    def is_common(self, word):
        return without_marks(word) in self.common

    def within(self):
        return self.rng.choice([0, 1, 2, 4, 4, 7, 20, 100])

    def tree(self, depth):
        rng, kind = self.rng, self.rng.random()
        if depth == 0 or kind < 0.25:
            return self.near() if rng.random() < 0.2 else self.leaf()
        if kind < 0.6:
            parts = [self.tree(depth - 1) for _ in range(rng.choice([2, 2, 3]))]
            if rng.random() < 0.4:
                parts.append(("not", self.tree(depth - 1)))
            return ("and", tuple(parts))
        if kind < 0.75:
            return ("or", tuple(self.tree(depth - 1) for _ in range(rng.choice([2, 2, 3]))))
        if kind < 0.87:
            items = tuple(self.tree(depth - 1) for _ in range(rng.choice([2, 3, 4])))
            return ("atleast", rng.randint(1, len(items)), items)
        if kind < 0.93:
            return ("and", (self.leaf(), ("not", self.tree(depth - 1))))
        if kind < 0.95:
            return ("not", self.tree(depth - 1))
        field = rng.choice(["title", "text"])
        return (rng.choice(["and", "or"]), (self.word(field), self.word(field), ("not", self.word(field))))


class Printer:
    """Writes a tree as text, with as few parentheses as the grammar asks for, and some more."""

    LEVELS = {"or": 0, "and": 1, "not": 2, "near": 3}

    def __init__(self, rng):
        self.rng = rng

    def space(self):
        return self.rng.choice([" "] * 8 + ["  ", "\t", "\n", "\u00a0"])

    def write(self, tree, level=0, field=None):
        kind = tree[0]
        mine = self.LEVELS.get(kind, 4)
        inner = self.common(tree) if field is None and kind in ("and", "or") else None
        if inner and self.rng.random() < 0.7:
            return f"{self.case(inner)}:({self.operator(tree, inner)})"
        text = self.operator(tree, field) if mine < 4 or kind == "atleast" else self.leaf(tree, field)
        if mine < level or (kind != "all" and mine < 4 and self.rng.random() < 0.1):
            pad = self.rng.choice(["", "", " "])
            return f"({pad}{text}{pad})"
        return text

    def common(self, tree):
        """The field that all leaves below share, where each is a word."""
        if tree[0] == "word":
            return tree[1] if tree[1] in ("title", "summary", "text", "author") else None
        if tree[0] == "not":
            return self.common(tree[1])
        if tree[0] in ("and", "or"):
            fields = {self.common(part) for part in tree[1]}
            return fields.pop() if len(fields) == 1 else None
        return None

    def case(self, field):
        return field if self.rng.random() < 0.9 else field.upper()

    def operator(self, tree, field):
        kind, rng = tree[0], self.rng
        if kind == "not":
            sign = rng.choice(["-", "NOT" + self.space()])
            inner = self.write(tree[1], 2, field)
            # Two hyphens in a row are those of an option, and refused.
            return ("NOT " if inner.startswith("-") else sign) + inner
        if kind == "or":
            return f"{self.space()}OR{self.space()}".join(self.write(part, 1 if part[0] != "or" else 0.5, field) for part in tree[1])
        if kind == "and":
            text = ""
            for n, part in enumerate(tree[1]):
                text += (rng.choice([self.space(), self.space(), f"{self.space()}AND{self.space()}"]) if n else "") + self.write(part, 1.5 if part[0] == "and" else 2, field)
            return text
        if kind == "atleast":
            parts = [self.write(part, 2, field) for part in tree[2]]
            return f"ATLEAST/{tree[1]}(" + "".join((rng.choice([" ", " ", ", "]) if n else "") + part for n, part in enumerate(parts)) + ")"
        return self.near(tree, field)

    def near(self, tree, field):
        inner = tree[1]
        around = inner is not None and field is None and self.rng.random() < 0.7
        said = inner if around else field
        text = self.terms(tree[2], said)
        for ordered, n, terms in tree[3]:
            name = ("ONEAR" if ordered else "NEAR") + ("" if n == 4 and self.rng.random() < 0.5 else f"/{n}")
            text += f"{self.space()}{name}{self.space()}{self.terms(terms, said)}"
        return f"{inner}:({text})" if around else text

    def terms(self, terms, field):
        parts = [self.leaf(term, field) for term in terms]
        return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"

    def quoted(self, value):
        begin, end = self.rng.choice(['""'] * 6 + ["“”", "„“", "«»"])
        return f"{begin}{value}{end}"

    def leaf(self, tree, field):
        kind = tree[0]
        if kind == "all":
            return "*"
        if kind == "ref":
            return self.rng.choice([f"@{tree[1]}", f'@"{tree[1]}"'])
        if kind in ("tag", "date"):
            value = tree[1]
            plain = kind == "date" or (BARE.fullmatch(value) and not OPERATOR.fullmatch(value))
            marked = self.rng.choice(["", "", "#"]) if kind == "tag" and plain else ""
            return f"{self.case(kind)}:" + (marked + value if plain and self.rng.random() < 0.8 else self.quoted(value))
        own = tree[1]
        prefix = f"{self.case(own)}:" if own is not None and own != field else ""
        value = tree[2]
        if kind == "word":
            return prefix + (self.quoted(value) if tree[3] else value)
        if kind == "slop":
            return f"{prefix}{self.quoted(value)}~{tree[3]}"
        if kind == "hashtag":
            return f"{prefix}#{value}"
        if kind == "handle":
            return f"{prefix}{self.rng.choice(['', '@']) if own == 'from' else '@'}{value}"
        if kind == "verbatim":
            return f"{prefix}{{{value}}}"
        return f"{prefix}{value}" if self.rng.random() < 0.7 else f"{prefix}{self.quoted(value)}"
