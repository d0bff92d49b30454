"""Hashtags and handles in running texts, by the rules that docs/searches.md gives for each network: text in, names and their places
out."""
import regex

from .words import LINK, with_marks

LETTER, NUMBER = r"\p{Alphabetic}\p{M}", r"\p{Nd}"
MORE = "_·・゠〜～〃\u200C\u200D\uA67E\u05BE\u05F3\u05F4\u309B\u309C\u0F0B\u0F0C"
NO_KEY = "(?![\uFE0F\u20E3])"
ANY = regex.compile(rf"(?<![{LETTER}{NUMBER}&{MORE}--[\uFE0E\uFE0F]])[#＃]{NO_KEY}([{LETTER}{NUMBER}{MORE}]+)(?![#＃]|://)", regex.V1)
MASTODON = regex.compile(rf"(?<![[\p{{Alphabetic}}--\p{{M}}]\p{{Nd}}\p{{Nl}}\p{{No}}=/)&])[#＃]{NO_KEY}([{LETTER}{NUMBER}_·・\u200C]+)", regex.V1)
BLUESKY = regex.compile(rf"(?<!\S)[#＃]{NO_KEY}([^\s\u00AD\u2060\u200A-\u200D\u20E2]+)")
PATH = regex.compile(r"\.\S*/\Z")
HANDLE = regex.compile(r"[@＠]([A-Za-z0-9_][A-Za-z0-9_.\-]*)(?:@([\p{Alphabetic}\p{Nd}\p{Nl}\p{No}][\p{Alphabetic}\p{Nd}\p{Nl}\p{No}_.\-]*))?")
BEFORE_HANDLE = regex.compile(r"(?:(?=[\x00-\u0DFF])[\p{Alphabetic}\p{Nd}\p{Nl}\p{No}]|[_!#$%&*@＠/=+])\Z")
BEHIND_HANDLE = regex.compile(r"://|[@＠]|(?=[\x00-\u024F])\p{Alphabetic}|[\u0300-\u036F\u1E00-\u1EFF]")
RT = regex.compile(r"(?<![\p{Alphabetic}\p{Nd}\p{Nl}\p{No}])RT\Z", regex.IGNORECASE)


def unlinked(text):
    """The stretches of a text outside of links."""
    at = 0
    for link in LINK.finditer(text):
        yield at, link.start()
        at = link.end()
    yield at, len(text)


def hashtags(text, source):
    """(name, begin, end) of every hashtag, the sign left out."""
    if "#" not in text and "＃" not in text:
        return
    network = source.partition(":")[0] if source and ":" in source else None
    pattern, name_of = {"mastodon": (MASTODON, mastodon), "bluesky": (BLUESKY, bluesky)}.get(network, (ANY, other))
    for begin, end in unlinked(text):
        for found in pattern.finditer(text, begin, end, overlapped=True):
            name = name_of(text, found)
            if name:
                yield name, found.start(1), found.start(1) + len(name)


def mastodon(_, found):
    name = regex.match(rf"(?:[{LETTER}{NUMBER}_][{LETTER}{NUMBER}_·・\u200C]*[{LETTER}{NUMBER}_])?", found.group(1)).group()
    if regex.search(rf"[{LETTER}_·・\u200C]", name[1:-1]):
        return name
    name = regex.match(rf"[{LETTER}{NUMBER}_]*", found.group(1)).group()
    return name if regex.search(rf"[{LETTER}]", name) else ""


def bluesky(_, found):
    name = regex.sub(r"\p{P}+\Z", "", found.group(1))
    return name if regex.search(rf"[^\p{{Nd}}\p{{P}}]", name) and len(name.encode("utf-16-le")) <= 128 else ""


def other(text, found):
    # The longest run: one that the expression cut short to get past what stands behind it is none.
    if regex.match(rf"[{LETTER}{NUMBER}{MORE}]", text[found.end(1) : found.end(1) + 1]) or PATH.search(text, 0, found.start()):
        return ""
    return found.group(1) if regex.search(rf"[{LETTER}]", found.group(1)) else ""


def handles(text):
    """Every handle of a text, folded."""
    if "@" not in text and "＠" not in text:
        return
    for begin, end in unlinked(text):
        for found in HANDLE.finditer(text, begin, end):
            local, host = found.group(1).rstrip(".-"), (found.group(2) or "").rstrip(".-")
            until = found.start(2) + len(host) if host else found.start(1) + len(local)
            before, behind = text[: found.start()], text[until : until + 3]
            if BEHIND_HANDLE.match(behind):
                continue
            if BEFORE_HANDLE.search(before) and not (RT.search(before) and "." not in local + host):
                continue
            yield with_marks(f"{local}@{host}" if host else local)
