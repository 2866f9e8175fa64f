"""A sitemap too large for the protocol, cut into files that an index names (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

MOST = 50_000
"""Addresses a file, by the protocol."""
_ENTRY = re.compile(r"<url>.*?</url>", re.DOTALL)
_DAY = re.compile(r"<lastmod>(.*?)</lastmod>")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def split(site: Path, address: str, most: int = MOST) -> int:
    """Cut the sitemap that MkDocs wrote into `site` if it has more than `most` addresses; returns into how many files.

    `address` is the site's own; without one the sitemap is of no use to anybody and stays as it is. The copy that is
    packed with gzip is dated 0, as the same bytes are wanted from the same pages.
    """
    path = site / "sitemap.xml"
    if not address or not path.is_file():
        return 0
    entries = _ENTRY.findall(path.read_text(encoding="utf-8"))
    if len(entries) <= most:
        return 1
    parts = [entries[at : at + most] for at in range(0, len(entries), most)]
    index = []
    for number, part in enumerate(parts, 1):
        name = f"sitemap-{number}.xml"
        (site / name).write_text(f"{_HEAD}<urlset {_SPACE}>\n" + "\n".join(part) + "\n</urlset>\n", encoding="utf-8")
        day = max((match[1] for entry in part if (match := _DAY.search(entry))), default="")
        dated = f"<lastmod>{day}</lastmod>" if day else ""
        index.append(f"<sitemap><loc>{address.rstrip('/')}/{name}</loc>{dated}</sitemap>")
    text = f"{_HEAD}<sitemapindex {_SPACE}>\n" + "\n".join(index) + "\n</sitemapindex>\n"
    path.write_text(text, encoding="utf-8")
    (site / "sitemap.xml.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    return len(parts)
