"""Web addresses: which two lead to one page, and what in them only follows the reader.

Nothing is asked of the network. What is told apart here can still be one page; what is joined is one by what the forms
mean: a scheme, a `www.`, a phone's or a printer's view, a copy in an archive, a cache or a translation.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hsenc|_hsmi|vero_id|mkt_tok"
    r"|oly_(?:anon|enc)_id|__twitter_impression|cmpid|ito|ns_(?:campaign|mchannel|source|linkname))(?:=.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Parameters that only say where a reader came from: those of the common counters, and none that a server may read."""
_VIEW = re.compile(r"(?:amp|outputtype=amp|m=[01]|print(?:_page)?=\w+|printable=yes|page=1|share=\w+)", re.IGNORECASE)
"""Parameters that ask for another view of the same page."""
_HOST_VIEW = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_PATH_VIEW = re.compile(r"(?:/amp|/index\.(?:html?|php|aspx?)|/)+$", re.IGNORECASE)
_WRAPPED = re.compile(
    r"""https?://(?:
        (?:web|wayback)\.archive\.org/web/(?:\d+|\*)(?:[a-z]{2}_)?/
      | (?:www\.)?archive\.(?:today|is|ph|li|md|fo|vn)/(?:[\d.-]+|newest|oldest|o/\w+)/
      | (?:www\.)?webcitation\.org/query\?(?:.*&)?url=
      | webcache\.googleusercontent\.com/search\?(?:.*&)?q=cache:(?:[\w-]+:)?
      | [\w-]+\.cdn\.ampproject\.org/[cv]/(?:s/)?
      | translate\.google(?:usercontent)?\.com/translate(?:_c)?\?(?:.*&)?u=
    )(?P<inner>.+)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def without_tracking(address: str) -> str:
    """The address without parameters that only follow the reader; the rest stays as written, character for character."""
    head, mark, fragment = address.partition("#")
    path, asked, query = head.partition("?")
    if not asked:
        return address
    kept = [piece for piece in query.split("&") if not _TRACKING.fullmatch(piece)]
    if len(kept) == query.count("&") + 1:
        return address
    return path + ("?" + "&".join(kept) if kept else "") + mark + fragment


def unwrapped(address: str) -> str:
    """The address of the page of which `address` is an archived, cached or translated copy; itself, if it is none."""
    for _ in range(4):  # a copy of a copy of a copy is the most that was ever met; no input can make this endless
        match = _WRAPPED.match(address)
        if not match:
            break
        inner = match["inner"]
        if "%3a" in inner[:10].lower():
            inner = unquote(inner)
        address = inner if re.match(r"https?:/", inner, re.IGNORECASE) else f"http://{inner}"
        address = re.sub(r"^(https?):/+", r"\1://", address, flags=re.IGNORECASE)
    return address


def page(address: str) -> tuple[str, str]:
    """Host, and path with query, of the page behind an address: equal for two addresses that lead to one page."""
    parts = urlsplit(without_tracking(unwrapped(address)))
    host = _HOST_VIEW.sub("", (parts.hostname or "").removesuffix("."))
    path = _PATH_VIEW.sub("", unquote(parts.path))
    asked = sorted(piece for piece in parts.query.split("&") if piece and not _VIEW.fullmatch(piece))
    return host, path + ("?" + "&".join(asked) if asked else "")
