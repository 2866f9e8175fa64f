"""The search index of a built site: Pagefind's bundle for the words, and one table of our own for the filters.

Pages are given to Pagefind one by one, in the order in which lists show them, so that a page has the same number, and
every file the same bytes, on any machine. Filters are left out of Pagefind's index: it would write them in an order
that changes from run to run, and a browser would have to fetch most of them before the first answer. The table is small,
and `content/assets/search.js` narrows and counts with it.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

from pagefind.service import get_executable

BUNDLE = "pagefind"
"""The folder of the index below the site."""
TABLE = "filters.gz"
"""The table in it, gzipped JSON: `{"index": "en_0f", "pages": 3, "filters": {"kind": {"fact": [0, 2]}}}`. It says which of
Pagefind's indexes it goes with, how many pages there are and, for each value of each filter, the numbers of the pages that
have it, ascending, each as its distance from the one before."""
KEPT = ("pagefind.js", "pagefind-entry.json", "wasm.en.pagefind", "*.pf_meta", "fragment/*", "index/*")
"""What of Pagefind's bundle is published; its own interfaces and its worker are not used."""
LEFT_OUT = (
    # what is on every page, and what only says where one is
    "[hidden]", "svg", "dt", ".visually-hidden", ".crumbs", ".pager", ".bars", ".timeline", ".when", ".distance",
    # the program's own sentences on a statement's page
    ".statement-page h2", ".statement-page .v", ".two .meta", ".ladder .meta", ".searches .from", ".change", ".group",
    ".record", ".related",
    # what has a page of its own, or is said by the title and the line below it
    ".statements", ".index", ".relation", ".uses p:first-child", ".wide", ".from a[rel]", ".sec > h2",
    ".facts div:not([data-text])", ".byline", ".outlet h2",
)  # fmt: skip
"""Parts of pages that are not text to be found."""
_INDEXED = re.compile(r'<div hidden data-order="([^"]*)" data-filters="([^"]*)">')
"""What a page to be found says of itself: see the macro `indexed`."""


class IndexingError(Exception):
    """Pagefind failed; the message is its own."""


def index(site: Path) -> None:
    """Index the pages of `site` that say how, and put the index below it.

    The same pages make the same bytes. Raises IndexingError, with Pagefind's words, where it fails.
    """
    found = []
    for path in sorted(site.rglob("*.html")):
        says = _INDEXED.search(path.read_text(encoding="utf-8"))
        if says:
            order, filters = map(html.unescape, says.groups())
            found.append((order, path, parse_qsl(filters)))
    found.sort()
    # in a folder of its own, so that neither a setting lying about nor a run that was killed reaches the site
    with tempfile.TemporaryDirectory(prefix="claimtrail-index-") as folder:
        made = Path(folder, "made")
        _run_pagefind(_requests(site, [path for _, path, _ in found], made), Path(folder))
        bundle = site / BUNDLE
        shutil.rmtree(bundle, ignore_errors=True)
        bundle.mkdir()
        for pattern in KEPT:
            for path in sorted(made.glob(pattern)):
                target = bundle / path.relative_to(made)
                target.parent.mkdir(exist_ok=True)
                shutil.move(path, target)
        made_of = json.loads((bundle / "pagefind-entry.json").read_text(encoding="utf-8"))["languages"]
        table = _table(made_of["en"]["hash"] if found else "", [filters for _, _, filters in found])
        packed = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
        (bundle / TABLE).write_bytes(gzip.compress(packed, 9, mtime=0))


def _table(index: str, pages: list[list[tuple[str, str]]]) -> dict[str, Any]:
    """The table of filters that goes with an index; `pages` gives the (name, value) pairs of each page."""
    held: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, pairs in enumerate(pages):
        for name, value in pairs:
            held[name][value].append(number)
    filters = {
        name: {value: [after - before for before, after in pairwise([0, *values[value]])] for value in sorted(values)}
        for name, values in sorted(held.items())
    }
    return {"index": index, "pages": len(pages), "filters": filters}


# ---- Pagefind ---------------------------------------------------------------------------------------------------------
#
# Its command takes pages in the order in which the file system lists them, so it is talked to instead: with `--service`
# it reads requests and answers each, in base64 of JSON with a comma at the end. Pagefind's own Python package speaks
# that too, and waits a tenth of a second for each answer.


def _requests(site: Path, pages: Iterable[Path], out: Path) -> Iterator[dict[str, Any]]:
    yield {"type": "NewIndex", "config": {"force_language": "en", "exclude_selectors": list(LEFT_OUT)}}
    for path in pages:
        url = "/" + path.relative_to(site).as_posix().removesuffix("index.html")
        yield {"type": "AddFile", "index_id": 0, "url": url, "file_contents": path.read_text(encoding="utf-8")}
    yield {"type": "WriteFiles", "index_id": 0, "output_path": str(out)}


def _run_pagefind(requests: Iterable[dict[str, Any]], folder: Path) -> None:
    """Have Pagefind, running in `folder`, answer each request in turn. Raises IndexingError where it does not."""
    program = get_executable()
    if not program:
        raise IndexingError("Pagefind is not there: install what requirements.lock names")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
    command = [str(program), "--service"]
    process = subprocess.Popen(  # noqa: S603 - the program that the package brings
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=environment
    )
    with process:
        try:
            assert process.stdin
            assert process.stdout
            for payload in requests:
                process.stdin.write(base64.b64encode(json.dumps({"message_id": 1, "payload": payload}).encode()) + b",")
                process.stdin.flush()
                _check(_answer(process.stdout))
        except BrokenPipeError:
            raise IndexingError("Pagefind cannot index the site: it ended too early") from None
        finally:
            process.kill()  # it would wait for more


def _answer(pipe: IO[bytes]) -> bytes:
    """What Pagefind writes up to the next comma, or to its end."""
    answer = b""
    while not answer.endswith(b","):
        part = pipe.read1(65536)  # type: ignore[attr-defined]
        if not part:
            break
        answer += part
    return answer


def _check(answer: bytes) -> None:
    """Raises IndexingError, with Pagefind's words, for an answer that is an error or none at all."""
    try:
        payload = json.loads(base64.b64decode(answer.removesuffix(b","), validate=True))["payload"]
    except (ValueError, TypeError, KeyError):
        words = answer.decode("utf-8", "replace").strip() or "it ended too early"
        raise IndexingError(f"Pagefind cannot index the site: {words}") from None
    if payload["type"] == "Error":
        raise IndexingError(f"Pagefind cannot index the site: {payload['message']}")
