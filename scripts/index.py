"""The search index of a built site: Pagefind's bundle for the words, and one table of our own for the filters.

Pages are given to Pagefind one by one, in the order in which lists show them, so that a page has the same number, and
every file the same bytes, on any machine. Filters are left out of Pagefind's index: it would write them in an order
that changes from run to run, and a browser would have to fetch most of them before the first answer. The table is small,
and `content/assets/search.js` narrows and counts with it.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

BUNDLE = "pagefind"
"""The folder of the index below the site."""
TABLE = "filters.gz"
"""The table in it, gzipped JSON: `{"names": "en_7f3", "pages": 3, "filters": {"kind": {"fact": [0, 2]}}}`. It says how the
names of the pages' fragments start (see `_number`), how many pages there are and, for each value of each filter, the
numbers of the pages that have it, ascending, each as its distance from the one before."""
KEPT = ("pagefind.js", "pagefind-entry.json", "wasm.en.pagefind", "*.pf_meta", "fragment/*", "index/*")
"""What of Pagefind's bundle is published; its own interfaces and its worker are not used."""
_ENTRY = "pagefind-entry.json"
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
_NAME = re.compile(rb"[\x60-\x77](en_[0-9a-f]{7,20})")
"""The name of a fragment or of a part of the index, as CBOR has a short text: its length, then the text."""


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
    # in a folder of its own, so that no setting lying about is read
    with tempfile.TemporaryDirectory(prefix="claimtrail-index-") as folder:
        made = _run_pagefind(_requests(site, [path for _, path, _ in found]), Path(folder))
    stated = json.loads(made[_ENTRY])
    stated["include_characters"] = sorted(stated.get("include_characters", []))  # a set, written in no order
    made[_ENTRY] = json.dumps(stated, ensure_ascii=False, separators=(",", ":")).encode()
    names = _number(made, len(found))
    table = json.dumps(_table(names, [filters for _, _, filters in found]), ensure_ascii=False, separators=(",", ":"))
    made[TABLE] = gzip.compress(table.encode(), 9, mtime=0)
    bundle = site / BUNDLE
    shutil.rmtree(bundle, ignore_errors=True)
    for part in ("fragment", "index"):
        (bundle / part).mkdir(parents=True)
    for name, content in made.items():
        if any(fnmatch(name, pattern) for pattern in (*KEPT, TABLE)):
            (bundle / name).write_bytes(content)


def _number(made: dict[str, bytes], count: int) -> str:
    """Name the fragments of a bundle, one for each page, by the number of the page; returns how all the names start.

    Pagefind names them by a hash. Every search has to fetch all the names, and hashes cannot be compressed: on a site of
    ten thousand statements they would be most of what it fetches. And a number needs no list to be found by. Names are as
    long as before, so nothing else in the file changes: `en_`, three characters that say which build this is, so that a
    browser never takes a fragment of another one from its cache, and the number in base 36, with zeros in front.
    """
    if not count:
        return ""
    [path] = [path for path in made if fnmatch(path, "pagefind.en_*.pf_meta")]
    meta = gzip.decompress(made[path])
    named = [match[1] for match in _NAME.finditer(meta) if match[0][0] == 0x60 + len(match[1])]
    names = named[:count]  # pages come first
    fragments = {name: f"fragment/{name.decode()}.pf_fragment" for name in names}
    if set(fragments.values()) != {path for path in made if path.startswith("fragment/")}:
        raise IndexingError("Pagefind wrote an index whose form is not known: is this version 1.5?")
    build = _base36(int.from_bytes(hashlib.sha256(meta).digest()) % 36**3).rjust(3, "0")
    new = {}
    contents = [made.pop(fragments[name]) for name in names]
    for number, (name, content) in enumerate(zip(names, contents, strict=True)):
        usual = f"en_{build}{_base36(number).rjust(4, '0')}"
        new[name] = f"en_{build}{_base36(number).rjust(len(name) - 6, '0')}".encode()
        # where two hashes began alike, Pagefind made them longer; either name will do
        for way in {usual, new[name].decode()}:
            made[f"fragment/{way}.pf_fragment"] = content
    meta = _NAME.sub(lambda match: match[0][:1] + new.get(match[1], match[1]), meta)
    made[path] = gzip.compress(meta, 9, mtime=0)
    return f"en_{build}"


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _table(names: str, pages: list[list[tuple[str, str]]]) -> dict[str, Any]:
    """The table of filters; `pages` gives the (name, value) pairs of each page."""
    held: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, pairs in enumerate(pages):
        for name, value in pairs:
            held[name][value].append(number)
    filters = {
        name: {value: [after - before for before, after in pairwise([0, *values[value]])] for value in sorted(values)}
        for name, values in sorted(held.items())
    }
    return {"names": names, "pages": len(pages), "filters": filters}


# ---- Pagefind ---------------------------------------------------------------------------------------------------------
#
# Its command takes pages in the order in which the file system lists them, so it is talked to instead: with `--service`
# it reads requests and answers each, in base64 of JSON with a comma at the end. Pagefind's own Python package speaks
# that too, and waits a tenth of a second for each answer.


def _requests(site: Path, pages: Iterable[Path]) -> Iterator[dict[str, Any]]:
    yield {"type": "NewIndex", "config": {"force_language": "en", "exclude_selectors": list(LEFT_OUT)}}
    for path in pages:
        url = "/" + path.relative_to(site).as_posix().removesuffix("index.html")
        yield {"type": "AddFile", "index_id": 0, "url": url, "file_contents": path.read_text(encoding="utf-8")}
    # not to be written by it: it answers before its last files are, and need not write them at all once it is left
    yield {"type": "GetFiles", "index_id": 0}


def _run_pagefind(requests: Iterable[dict[str, Any]], folder: Path) -> dict[str, bytes]:
    """Have Pagefind, running in `folder`, answer each request in turn; returns the files of its last answer by path.

    Raises IndexingError where it does not answer, or answers with an error.
    """
    from pagefind.service import get_executable  # which brings all of asyncio with it

    program = get_executable()
    if not program:
        raise IndexingError("Pagefind is not there: install what requirements.lock names")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
    command = [str(program), "--service"]
    process = subprocess.Popen(  # noqa: S603 - the program that the package brings
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=environment
    )
    payload: dict[str, Any] = {}
    with process:
        assert process.stdin
        assert process.stdout
        try:
            for request in requests:
                process.stdin.write(base64.b64encode(json.dumps({"message_id": 1, "payload": request}).encode()) + b",")
                process.stdin.flush()
                payload = _payload(_answer(process.stdout))
        except BrokenPipeError:
            raise IndexingError("Pagefind cannot index the site: it ended too early") from None
        finally:
            process.kill()  # it would wait for more
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
    return {file["path"]: base64.b64decode(file["content"]) for file in payload.get("files", ())}


def _answer(pipe: IO[bytes]) -> bytes:
    """What Pagefind writes up to the next comma, or to its end."""
    parts: list[bytes] = []
    while not (parts and parts[-1].endswith(b",")):
        part = pipe.read1(1 << 20)  # type: ignore[attr-defined]
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def _payload(answer: bytes) -> dict[str, Any]:
    """What an answer holds. Raises IndexingError, with Pagefind's words, where it is an error or no answer at all."""
    try:
        payload: dict[str, Any] = json.loads(base64.b64decode(answer.removesuffix(b","), validate=True))["payload"]
    except (ValueError, TypeError, KeyError):
        words = answer.decode("utf-8", "replace").strip() or "it ended too early"
        raise IndexingError(f"Pagefind cannot index the site: {words}") from None
    if payload["type"] == "Error":
        raise IndexingError(f"Pagefind cannot index the site: {payload['message']}")
    return payload
