"""What a page on the web says of itself: title, site, author, date, language, and where an archive keeps a copy.

Only `new` asks the network, and only when a person runs it. Whatever the other side does, the answer is a `Page`: what
could not be had is said in its `trouble`, never raised.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import unicodedata
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

WAYBACK = os.environ.get("WAYBACK_API", "https://archive.org/wayback/available")
"""The availability interface of the Internet Archive: https://archive.org/help/wayback_api.php."""
AGENT = "claimtrail (a person asked for this page; https://github.com/claimtrail/claimtrail)"
MOST_BYTES = 4 * 1024 * 1024
WAIT, DEADLINE = 10.0, 25.0
"""Seconds: for one answer of the other side, and for all of a page."""
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(r"[a-z]{2,3}")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w.:-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What is known of a page; an empty text is something not found. `url` is where the address led."""

    url: str
    title: str = ""
    site: str = ""
    author: str = ""
    published: str = ""
    lang: str = ""
    archived_url: str = ""
    trouble: tuple[str, ...] = ()


def look(url: str, wait: float = WAIT, deadline: float = DEADLINE) -> Page:
    """Ask for the page at `url`, and an archive for a copy of it."""
    page = Page(plain(url))
    with httpx.Client(
        timeout=wait, follow_redirects=True, max_redirects=8, headers={"User-Agent": AGENT, "Accept-Language": "*"}
    ) as client:
        page = _read(client, page, time.monotonic() + deadline)
        return _copy(client, page)


def plain(url: str) -> str:
    """The address without what only tells a site where its visitor comes from, and without a fragment."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _TRACKING.fullmatch(name)]
    return urlunsplit(parts._replace(query=parts.query if kept == query else urlencode(kept), fragment=""))


def clean(text: Any, most: int = 300) -> str:
    """A text of a stranger's as one line without characters that nobody sees, at most `most` characters long."""
    if not isinstance(text, str):
        return ""
    line = " ".join(_UNSEEN.sub(" ", unicodedata.normalize("NFC", text)).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _said(page: Page, trouble: str) -> Page:
    return replace(page, trouble=(*page.trouble, trouble))


def _read(client: httpx.Client, page: Page, until: float) -> Page:
    data = b""
    try:
        with client.stream("GET", page.url) as answer:
            led = plain(str(answer.url))
            if led != plain(str(httpx.URL(page.url))):
                page = _said(replace(page, url=led), f"the address leads on to {led}")
            if answer.status_code != 200:
                return _said(page, f"the page could not be read: the server answers {answer.status_code}")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    page = _said(page, f"the page is larger than {MOST_BYTES >> 20} MB; only its beginning was read")
                    break
                if time.monotonic() > until:
                    return _said(page, "the page could not be read: it took too long")
            stated = answer.charset_encoding or ""
    except httpx.TooManyRedirects:
        return _said(page, "the page could not be read: it redirects in a circle")
    except httpx.TimeoutException:
        return _said(page, "the page could not be read: the server did not answer in time")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        why = clean(str(error), 120) or type(error).__name__
        return _said(page, f"the page could not be read, there may be no network: {why}")
    if data[:5] == b"%PDF-" or kind == "application/pdf":
        return _said(page, "it is a PDF, which is not looked into: title, author and date are to be read in it")
    if kind not in ("text/html", "application/xhtml+xml", "") or b"<" not in data:
        return _said(page, f"it is no web page ({kind or 'of no stated kind'}), so nothing was read from it")
    return _described(page, _decoded(data, stated))


def _decoded(data: bytes, stated: str) -> str:
    """The text: as UTF-8 if it can be that, for it never is by accident; else as the server or the page says."""
    named = _CHARSET.search(data[:4096])
    for name in ("utf-8", stated, named[1].decode("ascii", "replace") if named else "", "windows-1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError as error:
            if name == "utf-8" and error.start > len(data) - 4:
                return data.decode("utf-8", "ignore")  # cut within a character
        except LookupError:
            continue
    return data.decode("utf-8", "replace")


def _described(page: Page, text: str) -> Page:
    import trafilatura
    from lxml import html
    from lxml.etree import LxmlError

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        # as bytes: lxml refuses a text that names its own encoding
        tree = html.fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
        found = trafilatura.extract_metadata(tree, default_url=page.url, extensive=False)
    except (LxmlError, ValueError, RecursionError):
        return _said(page, "the page could not be understood")
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    site, author = clean(found.sitename, 80), clean(found.author, 120).replace("; ", ", ")
    title = clean(found.title)
    for mark in (" | ", " - ", " – ", " — "):
        title = title.removesuffix(f"{mark}{site}") if site else title
    published = found.date or ""
    return replace(
        page,
        title=title,
        site="" if site.casefold().removeprefix("www.") == host else site,
        author="" if author.casefold() in (site.casefold(), host) else author,
        published=published if re.fullmatch(r"[12]\d{3}-\d\d-\d\d", published) else "",
        lang=_language(tree),
    )


def _language(tree: Any) -> str:
    stated = [*tree.xpath("/html/@lang"), *tree.xpath("//meta[@property='og:locale']/@content")]
    stated += tree.xpath("//meta[translate(@http-equiv, 'CL', 'cl')='content-language']/@content")
    for tag in stated:
        primary = re.split(r"[-_,]", str(tag).strip().lower())[0]
        if _TAG.fullmatch(primary):
            return primary
    return ""


def _copy(client: httpx.Client, page: Page) -> Page:
    """The page with the copy in the Wayback Machine that is nearest to its date, if there is one."""
    query = {"url": page.url} | ({"timestamp": page.published.replace("-", "")} if page.published else {})
    try:
        answer = client.get(WAYBACK, params=query)
        answer.raise_for_status()
        nearest = json.loads(answer.content)["archived_snapshots"].get("closest") or {}
    except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return _said(page, "the web archive gave no answer on a copy")
    address = nearest.get("url") if isinstance(nearest, dict) else None
    if not isinstance(address, str) or not nearest.get("available") or str(nearest.get("status", "200")) != "200":
        return _said(page, "the web archive has no copy")
    return replace(page, archived_url=re.sub(r"^http://(?=web\.archive\.org/)", "https://", clean(address, 2000)))
