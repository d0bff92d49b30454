"""Items with every kind of hard text: COUNT and a seed in, lines of JSON out. The same seed makes the same lines."""
import json
import os
import random
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from scan_data import Words  # noqa: E402

HARD = """café Café naïve Zürich straße Straße STRASSE İstanbul ſpecial ΣΊΣΥΦΟΣ Σίσυφος œuvre crème brûlée Łódź smörgåsbord fjord Ærø ﬁnance
l'eau L’eau d'accord d’accord qu'elle j'ai l'IA s'il c'est don't Don’t it's brand’s brand's BRAND'S o'clock
e-mail acme-roast state-of-the-art 3.5 v1.2 10.000 1.5x 2026 42 7 good.Acme acme.example foo_bar roast_beef x2 3D
C++ C# c .NET AT&T R&D 5€ $20 £5 ±3 50% @home ¿qué? ¡sí! 咖啡店 咖啡 啡店 東京都 コーヒー コーヒ 咖啡コーヒー ひらがな カフェ 한국어 커피 커피를
👍 👍🏽 ❤️ ❤ ☕ 🎉 🇩🇪 👩‍💻 :) ;-) → קפה שלום ועליכם قهوة مقهى кофе Кофе КОФЕ ёлка καφές ΚΑΦΈΣ 𝐚𝐜𝐦𝐞 𝓡𝓸𝓪𝓼𝓽 ＡＣＭＥ Ａｃｍｅ ｒｏａｓｔ ac\u00adme ac\u200bme acme\u200d
acme ACME Acme roast Roast roaster roasting roasters roasted colour color colours cold brew brewing bean beans price prices""".split()
TAGS = ["coffee", "Specialty Coffee", "specialtycoffee", "acme roast", "Café Culture", "news", "C++", "AI", "l'eau douce", "咖啡", "3.5", "cold-brew", "", "Straße", "news & views", "brew", "日本 コーヒー"]
HOSTS = ["acme.example", "blog.acme.example", "news.example", "www.roast.example", "social.example", "acme.example.net", "xn--caf-dma.example", "shop.roast.example:8080"]
HANDLES = ["ana", "ana.b", "ana-b", "ana_b", "Ana", "acme", "acmeroast", "bob", "bob99", "josé"]
SERVERS = ["social.example", "fosstodon.example", "acme.example"]
SOURCES = ["mastodon:acme", "mastodon:other", "bluesky:acme", "wordpress:blog", "https://news.example/feed.xml", "Mastodon"]
KINDS = ["article", "note", "comment", "reply", "mention", "message", "review", "event"]
LANGUAGES = ["en", "en-GB", "en-US", "de", "de-AT", "fr", "pt-BR", "pt", "zh-Hant", "EN", "eng", "ja"]
ODD_TIMES = ["2026-11-20T23:59:59Z", "2026-11-20T00:00:00Z", "2026-11-01T00:30:00+02:00", "2025-12-31T23:30:00-01:00", "2026-02-29T00:00:00Z", "yesterday", "2026-11-20", ""]


class Documents:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        words = Words(self.rng)
        words.all = [*words.all[:250], *self.rng.sample(words.all[250:], 6_000)]
        del words.sums[len(words.all):]
        self.words = words

    def handle(self):
        name = self.rng.choice(HANDLES)
        return f"@{name}@{self.rng.choice(SERVERS)}" if self.rng.random() < 0.5 else f"@{name}"

    def address(self):
        rng = self.rng
        path = "/".join(rng.choice(self.words.all[150:2000]).lower().replace("'", "") for _ in range(rng.randint(0, 3)))
        return f"{rng.choice(['https', 'http', 'https', 'HTTPS'])}://{rng.choice(HOSTS)}/{path}" + rng.choice(["", "", "?id=7&ref=acme", "#beans", "/roast-beans.html"])

    def varied(self, word):
        """A word as somebody might write it."""
        rng, kind = self.rng, self.rng.randrange(14)
        if kind < 3:
            return [word.upper, word.capitalize, word.title][kind]()
        if kind == 3:
            return unicodedata.normalize("NFD", word)
        if kind == 4:
            return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
        if kind == 5:
            return "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in word)
        if kind == 6:
            return word + rng.choice(["'s", "’s", "'S"])
        if kind == 7:
            return rng.choice(["l'", "d’", "L'", "qu'"]) + word
        if kind == 8:
            return rng.choice(["#", "#", "＃", "x#", "##", "&#", "_#"]) + word
        if kind == 9:
            at = rng.randrange(len(word) + 1)
            return word[:at] + rng.choice(["\u00ad", "\u200b", "\u2060", "\u200e", "\ufe0f", "\u200d"]) + word[at:]
        if kind == 10:
            return rng.choice(['"%s"', "(%s)", "“%s”", "«%s»", "%s,", "%s!", "%s...", "*%s*", "¿%s?", "{%s}", "[%s]", "%s:"]) % word
        if kind == 11:
            return word + rng.choice(["-", ".", ":", "/", "_", "+", "&", ","]) + rng.choice(self.words.all)
        if kind == 12:
            return word + rng.choice("\u0301\u0308\u0327") + rng.choice(["", "s"])
        return word + rng.choice(["1", "2026", "ß", "é", "İ"])

    def piece(self):
        rng, odd = self.rng, self.rng.random()
        if odd < 0.80:
            return self.words.draw(1)[0]
        if odd < 0.88:
            return rng.choice(HARD)
        if odd < 0.94:
            return self.varied(rng.choice([*self.words.draw(2), rng.choice(HARD)]))
        if odd < 0.955:
            return self.handle() + rng.choice(["", "", "", ".", "'s", "!", "/x"])
        if odd < 0.975:
            return self.address() + rng.choice(["", "", ".", ",", ")", "!"])
        return rng.choice(["—", "…", "&", "/", "|", "+", "=", "\t", "\u00a0", "\u2003", "🙂🙂", "a@b.example", "&amp;", "<b>"])

    def text(self, least, most):
        return "".join(self.piece() + self.rng.choice([" "] * 12 + ["\n", "  "]) for _ in range(self.rng.randint(least, most))).strip()

    def markup(self, text):
        rng, escaped = self.rng, text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts = escaped.split("\n")
        return "".join(f'<p class="acme">{part}</p>\n' for part in parts) + rng.choice(["", f'<p><a href="https://{rng.choice(HOSTS)}/linked">seen here</a></p>', "<ul><li>roast</li><li>beans</li></ul>"])

    def item(self, number):
        rng = self.rng
        item = {"id": rng.choice([f"https://{rng.choice(HOSTS)}/{number}", f"urn:x:{number}"])}
        if rng.random() < 0.8:
            item["url"] = rng.choice([f"https://{rng.choice(HOSTS)}/{number}", self.address()])
        if rng.random() < 0.1:
            item["external_url"] = self.address()
        if rng.random() < 0.5:
            item["title"] = self.text(1, 8)
        if rng.random() < 0.15:
            item["summary"] = self.text(2, 12)
        body, kind = self.text(3, 60), rng.random()
        if kind < 0.85:
            item["content_text"] = body
        elif kind < 0.9:
            item["content_text"] = rng.choice(["", " \n\t", "\u00a0"])
        if kind > 0.8:
            item["content_html"] = self.markup(self.text(3, 40))
        if rng.random() < 0.85:
            item["date_published"] = rng.choice(ODD_TIMES) if rng.random() < 0.1 else (
                f"202{rng.randint(3, 6)}-{rng.randint(1, 11):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}" + rng.choice(["Z", "Z", "+02:00", "-08:00", ".5Z"]))
        if rng.random() < 0.7:
            item["language"] = rng.choice(LANGUAGES)
        if rng.random() < 0.8:
            item["authors"] = [self.author() for _ in range(rng.choice([1, 1, 1, 2]))]
        if rng.random() < 0.6:
            item["tags"] = [rng.choice(TAGS) if rng.random() < 0.5 else self.words.draw(1)[0] for _ in range(rng.randint(0, 4))]
        if rng.random() < 0.8:
            item["_cm"] = {"version": 1, "kind": rng.choice(KINDS), "source": rng.choice(SOURCES), "counts": {"replies": rng.randint(0, 5)}}
            for name in ("kind", "source"):
                if rng.random() < 0.1:
                    del item["_cm"][name]
        if rng.random() < 0.7:
            item["_cm_fetch"] = {"at": f"2026-11-{rng.randint(1, 22):02}T09:00:00Z", "from": "https://acme.example/roast"}
        if rng.random() < 0.1:
            item["_other"] = {"title": "acme roast", "deep": [[{"content_text": self.text(1, 3)}]]}
        return item

    def author(self):
        rng, author = self.rng, {}
        if rng.random() < 0.9:
            author["name"] = " ".join(rng.choice([*"Ana Bob José Søren Li Wei 王 O'Neil Acme Roast van der Berg".split(), self.words.draw(1)[0]]) for _ in range(2))
        if rng.random() < 0.7:
            author["_cm"] = {"handle": self.handle() if rng.random() < 0.9 else rng.choice(HANDLES), "followers": rng.randint(0, 9999)}
        return author or {"url": "https://acme.example/@ana"}

    def odd(self, item):
        """A member of another type than it should have, or half a surrogate pair."""
        kind = self.rng.randrange(6)
        if kind == 0:
            item["title"] = 7
        elif kind == 1:
            item["tags"] = ["acme", 3, None, ["roast"]]
        elif kind == 2:
            item["authors"] = [{"name": 5, "_cm": {"handle": ["ana"]}}, "ana"]
        elif kind == 3:
            item["content_text"] = "acme \ud83d roast \udc4dbeans " + self.text(1, 4)
        elif kind == 4:
            item["language"], item["_cm"] = ["en"], {"version": 1, "kind": 3, "source": None}
        else:
            item["date_published"] = 20261120
        return item

    def line(self, number):
        item = self.item(number)
        if self.rng.random() < 0.01:
            item = self.odd(item)
        # A line without any content is a bad one.
        if not isinstance(item.get("content_text"), str) and "content_html" not in item:
            item["content_text"] = "roast"
        halves = any("\ud800" <= c <= "\udfff" for c in item.get("content_text", ""))
        line = json.dumps(item, ensure_ascii=halves or self.rng.random() < 0.3, separators=self.rng.choice([(",", ":"), (", ", ": ")]))
        if self.rng.random() < 0.05:
            line = line.replace("/", "\\/")
        if self.rng.random() < 0.05:
            line = line.replace("roast", "r\\u006fast")
        return line


def lines(count, seed):
    documents = Documents(seed)
    return [documents.line(number) for number in range(count)]
