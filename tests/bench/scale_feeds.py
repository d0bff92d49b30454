#!/usr/bin/env python3
"""Makes feeds as they are met: FOLDER COUNT -> FOLDER/www/ID.xml, FOLDER/urls (one address a line) and FOLDER/entries (how many
entries all of them have). The same arguments make the same bytes.

Sizes: most of 5 to 60 KB with 10 to 30 entries of HTML, one in fifty of 100 to 400 KB, one in twenty with five entries or
fewer; two in three RSS 2.0, the others Atom. Four feeds stand on one host, which is an address of its own in 127.0.0.0/8."""
import datetime
import os
import random
import sys

WORDS = """the a of to in and for on with from by at our your new old coffee roast bean harvest morning team people week
release update guide notes price water market garden city river open source build server client feed reader story
question answer release plan first second third better slow fast small large bright quiet caf\u00e9 na\u00efve \u2013 \u201cwords\u201d""".split()
PER_HOST = 4
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.timezone.utc)


def sentence(rng, least=6, most=18):
    words = [rng.choice(WORDS) for _ in range(rng.randint(least, most))]
    return " ".join(words).capitalize() + "."


def html(rng, size):
    parts, length = [], 0
    while length < size:
        kind = rng.random()
        text = " ".join(sentence(rng) for _ in range(rng.randint(2, 5)))
        if kind < 0.12:
            part = f'<p><img src="https://img.example/{rng.randint(1, 10**6)}.jpg" alt="{sentence(rng, 2, 4)}" width="640" /></p>'
        elif kind < 0.22:
            part = "<ul>" + "".join(f"<li>{sentence(rng)}</li>" for _ in range(rng.randint(2, 6))) + "</ul>"
        else:
            part = f'<p>{text} <a href="https://blog.example/{rng.randint(1, 10**6)}?utm_source=rss&amp;n=1">{sentence(rng, 2, 4)}</a> &amp; <em>more</em>&nbsp;&#8230;</p>'
        parts.append(part)
        length += len(part)
    return "\n".join(parts)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shape(rng):
    """How many entries, and how long each is."""
    kind = rng.random()
    if kind < 0.02:
        entries = rng.randint(30, 100)
        return entries, rng.randint(100_000, 400_000) // entries
    if kind < 0.07:
        return rng.randint(1, 5), rng.randint(300, 3000)
    entries = rng.randint(10, 30)
    return entries, min(60_000, max(5_000, int(rng.lognormvariate(9.8, 0.8)))) // entries


def rss(rng, number, home, entries, size):
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>Feed {number}</title>\n<link>{home}/</link>\n<description>{sentence(rng)}</description>\n<language>en-GB</language>\n"
    ]
    for n in range(entries):
        at = (NOW - datetime.timedelta(hours=7 * n + rng.randint(0, 6))).strftime("%a, %d %b %Y %H:%M:%S +0000")
        body = html(rng, size)
        full = f"<content:encoded><![CDATA[{body}]]></content:encoded>" if n % 4 else ""
        out.append(
            f"<item>\n<title>{sentence(rng, 3, 9)} {n}</title>\n<link>{home}/{number}/{n}</link>\n<pubDate>{at}</pubDate>\n"
            f"<dc:creator><![CDATA[Author {rng.randint(1, 9)}]]></dc:creator>\n<category><![CDATA[{rng.choice(WORDS)}]]></category>\n"
            f'<guid isPermaLink="false">{home}/?p={number * 1000 + n}</guid>\n'
            f"<description>{escaped(body[:200] if full else body)}</description>\n{full}\n</item>\n"
        )
    return "".join(out) + "</channel>\n</rss>\n"


def atom(rng, number, home, entries, size):
    out = [
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<title>Feed {number}</title>\n'
        f'<link href="{home}/"/>\n<id>{home}/{number}</id>\n<updated>{NOW.isoformat()}</updated>\n<author><name>Author</name></author>\n'
    ]
    for n in range(entries):
        at = (NOW - datetime.timedelta(hours=7 * n + rng.randint(0, 6))).isoformat()
        out.append(
            f'<entry>\n<title type="html">{sentence(rng, 3, 9)} {n}</title>\n<link rel="alternate" href="{home}/{number}/{n}"/>\n'
            f"<id>{home}/{number}/{n}</id>\n<published>{at}</published>\n<updated>{at}</updated>\n"
            f'<content type="html">{escaped(html(rng, size))}</content>\n</entry>\n'
        )
    return "".join(out) + "</feed>\n"


def main():
    folder, count, port = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    os.makedirs(f"{folder}/www", exist_ok=True)
    total = size = 0
    with open(f"{folder}/urls", "w") as urls:
        for number in range(count):
            rng = random.Random(number)
            host = number // PER_HOST
            address = f"127.{1 + host // 62500}.{host // 250 % 250}.{1 + host % 250}"
            entries, each = shape(rng)
            make = rss if number % 3 else atom
            text = make(rng, number, f"https://h{host}.example", entries, each).encode()
            with open(f"{folder}/www/{number}.xml", "wb") as file:
                file.write(text)
            urls.write(f"http://{address}:{port}/{number}.xml\n")
            total, size = total + entries, size + len(text)
    with open(f"{folder}/entries", "w") as file:
        file.write(str(total))
    print(f"{count} feeds on {-(-count // PER_HOST)} hosts, {total} entries, {size / 1e6:.0f} MB, {size / count / 1e3:.1f} KB each")


main()
