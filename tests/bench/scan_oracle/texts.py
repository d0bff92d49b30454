"""The texts of an item, as docs/searches.md has them ("Texts"): a decoded item in, running texts and values out."""
import datetime
import html.parser
import re
import urllib.parse

from .words import LINK

BLOCKS = frozenset("p div br ul ol li h1 h2 h3 h4 h5 h6 table tr td th blockquote pre section article hr".split())
SILENT = ("script", "style", "title", "template")
BREAK = "\uFDD0"  # a noncharacter, while white space is made one
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))")


class Stripper(html.parser.HTMLParser):
    """The text of HTML, and the addresses that it links to."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.links, self.skipped = [], [], 0

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.skipped += 1
        if tag in BLOCKS:
            self.parts.append(BREAK)
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and (value or "").startswith(("http://", "https://"))]

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.skipped -= 1
        if tag in BLOCKS:
            self.parts.append(BREAK)

    def handle_data(self, data):
        if not self.skipped:
            self.parts.append(data)


def stripped(markup):
    reader = Stripper()
    reader.feed(re.sub(r"<[A-Za-z/][^>]*\Z", "", markup))  # a tag that does not end is none, and no text
    reader.close()
    text = re.sub(r"[ \t\r\n\f]+", " ", "".join(reader.parts).replace("\u00ad", ""))
    return text.replace(BREAK, "\n").strip(), reader.links


def whole(text):
    """A text without halves of surrogate pairs."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if any("\ud800" <= c <= "\udfff" for c in text) else text


def string(item, name):
    value = item.get(name) if isinstance(item, dict) else None
    return whole(value) if isinstance(value, str) else None


def instant(text):
    """Seconds since 1970 of an RFC 3339 time, None of anything else."""
    found = TIME.fullmatch(text or "")
    if not found:
        return None
    try:
        at = datetime.datetime(*(int(part) for part in found.groups()[:6]), tzinfo=datetime.timezone.utc).timestamp()
    except ValueError:
        return None
    sign, hours, minutes = found.groups()[6:]
    return at - (int(hours) * 3600 + int(minutes) * 60) * (1 if sign == "+" else -1) if sign else at


def host(address):
    """What `site:` compares of an address."""
    rest = address.split("://", 1)[1] if "://" in address else address
    rest = re.split(r"[/?#]", rest, maxsplit=1)[0].rsplit("@", 1)[-1]
    return rest.rsplit(":", 1)[0] if re.search(r":\d*$", rest) else rest


class Item:
    """What can be asked of one item."""

    __slots__ = ("title", "summary", "content", "plain", "tags", "names", "handles", "url", "external_url", "links", "host", "language", "kind", "source", "at")

    def __init__(self, item):
        self.title, self.summary = string(item, "title"), string(item, "summary")
        text, markup = string(item, "content_text"), string(item, "content_html")
        shown, linked = stripped(markup) if markup else (None, [])
        self.plain = text is not None and text.strip() != ""
        self.content = text if self.plain else shown
        tags, authors = item.get("tags"), item.get("authors")
        strings = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        self.tags = [whole(tag) for tag in tags] if strings else []
        authors = authors if isinstance(authors, list) and all(isinstance(author, dict) for author in authors) else []
        self.names = [name for author in authors if (name := string(author, "name")) is not None]
        self.handles = [handle for author in authors if (handle := string(author.get("_cm"), "handle")) is not None]
        self.url, self.external_url = string(item, "url"), string(item, "external_url")
        running = [text for text in (self.title, self.summary, self.content) if text]
        self.links = [found.group() for text in running for found in LINK.finditer(text)] + linked
        self.links += [found.group() for found in LINK.finditer(shown)] if shown else []
        address = self.url if self.url is not None else (string(item, "id") or "")
        self.host = host(address) if self.url is not None or "://" in address else None
        self.language = string(item, "language")
        cm = item.get("_cm")
        self.kind = string(cm, "kind") if "_cm" in item else "article"
        self.source = string(cm, "source")
        at = instant(string(item, "date_published"))
        self.at = at if at is not None else instant(string(item.get("_cm_fetch"), "at"))
