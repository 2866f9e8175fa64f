"""The search index of a built site: Pagefind's bundle, cut down to what the search page asks for."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BUNDLE = "pagefind"
"""The folder of the index below the site."""
KEPT = ("pagefind.js", "pagefind-entry.json", "wasm.en.pagefind", "*.pf_meta", "filter/*", "fragment/*", "index/*")
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
"""Parts of pages that are not text to be found. Filters inside them still count."""


class IndexingError(Exception):
    """Pagefind failed; the message is its own."""


def index(site: Path) -> None:
    """Index the pages of `site` that have a body to index, and put the index below it.

    The same pages make the same bytes on one file system; on another one Pagefind may take them in another order, since
    it reads folders in the order in which the system lists them. Raises IndexingError, with Pagefind's words, where it fails.
    """
    # in a folder of its own, so that neither a setting lying about nor a run that was killed reaches the site
    with tempfile.TemporaryDirectory(prefix="claimtrail-index-") as folder:
        command = [sys.executable, "-m", "pagefind", "--site", str(site.resolve()), "--output-path", f"{folder}/made"]
        command += ["--force-language", "en", "--exclude-selectors", ", ".join(LEFT_OUT), "--silent"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise IndexingError(f"Pagefind cannot index the site:\n{(done.stderr + done.stdout).strip()}")
        _settle(Path(folder, "made"))
        bundle = site / BUNDLE
        shutil.rmtree(bundle, ignore_errors=True)
        for pattern in KEPT:
            for path in sorted(Path(folder, "made").glob(pattern)):
                target = bundle / path.relative_to(Path(folder, "made"))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)


# ---- the same input, the same bytes ---------------------------------------------------------------------------------
#
# Pagefind 1.5 writes filters, and the values of each, in the order of a hash map that is seeded anew in each run; all
# else that it writes is the same every time. So its filters are sorted here. The files are gzipped CBOR behind a mark.

_MARK = b"pagefind_dcd"
_FILTERS, _SORTS = 3, 4
"""Where the list of filters and that of sort keys stand in the file that a search starts from."""


def _settle(bundle: Path) -> None:
    """Sort the filters of a bundle, and name the files by what is in them again."""
    entry_path = bundle / "pagefind-entry.json"
    entry = json.loads(entry_path.read_text(encoding="utf-8"))
    for language in entry["languages"].values():
        prefix = language["hash"].partition("_")[0]

        def renamed(old: Path, value: list[Any], prefix: str = prefix) -> str:
            data = _MARK + _encoded(value)
            name = f"{prefix}_{hashlib.sha256(data).hexdigest()[:10]}"
            old.unlink()
            stem = old.name.removesuffix(old.suffix).rpartition(".")[0]
            new = old.with_name(f"{stem}.{name}{old.suffix}" if stem else f"{name}{old.suffix}")
            new.write_bytes(gzip.compress(data, 9, mtime=0))
            return name

        meta_path = bundle / f"pagefind.{language['hash']}.pf_meta"
        meta = _decoded(meta_path)
        for one in meta[_FILTERS]:
            path = bundle / "filter" / f"{one[1]}.pf_filter"
            name, values = _decoded(path)
            one[1] = renamed(path, [name, sorted(values)])
        meta[_FILTERS].sort()
        meta[_SORTS].sort()
        language["hash"] = renamed(meta_path, meta)
    entry_path.write_text(json.dumps(entry, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _decoded(path: Path) -> list[Any]:
    """What one of Pagefind's files holds. Raises IndexingError for a form that this version doesn't write."""
    data = gzip.decompress(path.read_bytes())
    value, at = _item(data, len(_MARK))
    if not data.startswith(_MARK) or at != len(data) or not isinstance(value, list):
        raise IndexingError(f"{path.name} has a form that is not known: is this Pagefind 1.5?")
    return value


def _item(data: bytes, at: int) -> tuple[Any, int]:
    """One number, text or list of CBOR at `at`, and where the next one starts."""
    kind, size = data[at] >> 5, data[at] & 31
    at += 1
    if size in (24, 25, 26, 27):
        width = 1 << (size - 24)
        size = int.from_bytes(data[at : at + width])
        at += width
    if kind == 0:
        return size, at
    if kind == 3:
        return data[at : at + size].decode("utf-8"), at + size
    if kind == 4:
        values = []
        for _ in range(size):
            value, at = _item(data, at)
            values.append(value)
        return values, at
    raise IndexingError(f"Pagefind wrote CBOR of kind {kind}, which version 1.5 does not")


def _encoded(value: int | str | list[Any]) -> bytes:
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, str):
        text = value.encode("utf-8")
        return _head(3, len(text)) + text
    return _head(4, len(value)) + b"".join(_encoded(one) for one in value)


def _head(kind: int, size: int) -> bytes:
    if size < 24:
        return bytes([kind << 5 | size])
    width = next(width for width in (1, 2, 4, 8) if size < 1 << 8 * width)
    return bytes([kind << 5 | 24 + width.bit_length() - 1]) + size.to_bytes(width)
