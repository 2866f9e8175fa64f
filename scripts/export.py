"""The record for machines, as `(path, pieces)` one file after the other: pure, and never more than a piece in memory.

Everything below `data/v1/`, the feeds, and what the site says of itself to programs. What comes out depends on the record
and the settings alone.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from scripts import documents, linked
from scripts.database import Database, DatabaseError
from scripts.dataset import FOLDER, FORMAT, schema_text
from scripts.feeds import Feeds
from scripts.render import Site
from scripts.tables import TABLES, Cell, Column, Table
from scripts.version import Version

PIECE, ROWS = 1 << 16, 500
"""Bytes and rows that are taken at a time."""
PROFILE = "https://datapackage.org/profiles/2.0"
SHOWN = 400
"""Bytes of a file that the page on data shows of its beginning, at most."""
_SLOT = re.compile(r'(<span data-(size|head|files)="([^"]+)">)[^<]*(</span>)')
File = tuple[str, Iterator[bytes]]


class ExportError(Exception):
    """The record can't be exported; the message says why."""


@dataclass(frozen=True)
class Made:
    """What a file came to, and how it begins."""

    size: int
    sha256: str
    head: bytes = b""


@dataclass
class Export:
    """One pass over a record. `made` has what each file came to, once its pieces have been taken."""

    site: Site
    made: dict[str, Made] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        return self.site.state

    def files(self) -> Iterator[File]:
        """Every file by its path under the site's folder. Each has to be taken whole before the next one is asked for.

        Raises ExportError where a format can't be made here.
        """
        for path, pieces in self._files():
            yield path, self._counted(path, pieces)
            if path not in self.made:
                raise ExportError(f"{path} was not taken whole")

    def _counted(self, path: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        digest, size, head = hashlib.sha256(), 0, b""
        for piece in pieces:
            if len(head) < SHOWN:
                head += piece[:SHOWN]
            digest.update(piece)
            size += len(piece)
            yield piece
        self.made[path] = Made(size, digest.hexdigest(), head if _shown(path) else b"")

    def _files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield from self._documents()
        yield from self._tables()
        yield (
            documents.SCHEMA,
            [schema_text(self.site.address(documents.SCHEMA) if self.site.settings.url else "").encode()],
        )
        yield from linked.files(self.site)
        yield f"{FOLDER}/SHA256SUMS", [self._sums()]
        for name, data in Feeds(self.site).all():
            yield name, [data]
        if self.site.settings.repo:
            yield ".well-known/security.txt", [self._security()]
        yield "llms.txt", [self._plain_index()]

    def _documents(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Each statement's own file, each kind a document a line, and the whole record."""
        site = self.site
        sources: dict[str, bytes] = {}
        with tempfile.SpooledTemporaryFile(
            max_size=1 << 24
        ) as whole:  # lines, kept for the second time they are needed
            places: list[tuple[str, int, int]] = []
            for name, records, make in documents.everything(site):
                start = whole.tell()
                for record in records:
                    if name == "sources":
                        made = sources.pop(record.id, None) or documents.line(make(site, record))[:-1]
                        whole.write(made + b"\n")
                        continue
                    made = documents.line(make(site, record))
                    whole.write(made)
                    if name == "statements":
                        path = f"{FOLDER}/articles/{record.id}.json"
                        yield path, [documents.file_of(site, site.corpus.claims[record.id], made, sources)]
                places.append((name, start, whole.tell()))

            def blocks(start: int, end: int) -> Iterator[bytes]:
                whole.seek(start)
                while start < end:
                    block = whole.read(min(PIECE, end - start))
                    start += len(block)
                    yield block

            for name, start, end in places:
                yield f"{FOLDER}/{name}.ndjson", blocks(start, end)

            def document() -> Iterator[bytes]:
                yield documents.line(documents.head(site, self.version))[:-2]
                for name, start, end in places:
                    yield f',\n"{name}":[\n'.encode()
                    # a line feed stands only between records, since JSON writes those of a text in another way
                    yield from (block.replace(b"\n", b",\n") for block in blocks(start, max(start, end - 1)))
                    yield b"]"
                yield b"}\n"

            yield documents.WHOLE, document()

    def _tables(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Each table as CSV, their package, and the database, which takes the rows as they go by."""
        with tempfile.TemporaryDirectory(prefix="claimtrail-") as folder:
            database = Database(Path(folder, "claimtrail.sqlite"), self._about(), _number(FORMAT))
            try:
                for table in TABLES:
                    yield f"{FOLDER}/csv/{table.name}.csv", _csv(table, self.site, database)
                yield f"{FOLDER}/datapackage.json", [_json(self.package())]
                database.finish()
                yield f"{FOLDER}/claimtrail.sqlite", _pieces(database.path)
            except DatabaseError as error:
                raise ExportError(str(error)) from None
            finally:
                database.close()

    def _about(self) -> dict[str, str]:
        head = documents.head(self.site, self.version)
        licence, source = head.pop("licence", {}), head.pop("generated_from")
        head.pop("$schema")
        more = {f"licence_{name}": value for name, value in licence.items()}
        more |= {f"generated_from_{name}": str(value) for name, value in source.items()}
        return dict(sorted((head | more).items()))

    def package(self) -> dict[str, Any]:
        """The Data Package (v2) of the CSV files, which have to have been taken before."""
        settings, state = self.site.settings, self.version
        rights: dict[str, Any] = {}
        if settings.rights:
            name = re.sub(r"[^A-Za-z0-9._]+", "-", settings.rights.title)
            path = {"path": settings.rights.url} if settings.rights.url else {}
            rights["licenses"] = [{"name": name, "title": settings.rights.title, **path}]
            rights["contributors"] = [{"title": settings.rights.credit, "roles": ["author"]}]
        return {
            "$schema": f"{PROFILE}/datapackage.json",
            "name": "claimtrail",
            "title": settings.name,
            "description": "Every statement of some articles beside the source that it credits, what that source says, and "
            "the counter-evidence. Columns and tables whose names begin with `derived_` were worked out; all others were "
            "judged by a person.",
            "version": str(state),
            "created": f"{state.day}T00:00:00Z",
            **({"homepage": settings.url} if settings.url else {}),
            **rights,
            **({"sources": [{"title": "The records", "path": settings.repo}]} if settings.repo else {}),
            "resources": [self._resource(table) for table in TABLES],
        }

    def _resource(self, table: Table) -> dict[str, Any]:
        made = self.made[f"{FOLDER}/csv/{table.name}.csv"]
        return {
            "$schema": f"{PROFILE}/dataresource.json",
            "name": table.name,
            "type": "table",
            "path": f"csv/{table.name}.csv",
            "description": table.description,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": made.size,
            "hash": f"sha256:{made.sha256}",
            "schema": {
                "$schema": f"{PROFILE}/tableschema.json",
                "fields": [_schema_field(column, table) for column in table.columns],
                "primaryKey": list(table.key),
                **(
                    {
                        "foreignKeys": [
                            {
                                "fields": list(columns),
                                # a table that refers to itself leaves its name out
                                "reference": ({} if other == table.name else {"resource": other})
                                | {"fields": list(theirs)},
                            }
                            for columns, other, theirs in table.references
                        ]
                    }
                    if table.references
                    else {}
                ),
            },
        }

    def _sums(self) -> bytes:
        """Checksums of the files of the whole record, as `sha256sum --check` reads them."""
        mine = {
            path.removeprefix(f"{FOLDER}/"): made for path, made in self.made.items() if path.startswith(f"{FOLDER}/")
        }
        lines = [f"{made.sha256}  {path}\n" for path, made in sorted(mine.items()) if not path.startswith("articles/")]
        return "".join(lines).encode()

    def _security(self) -> bytes:
        """RFC 9116. It expires a year after the newest day on record: a record that nobody tends has nobody to write to."""
        expires = self.version.day + timedelta(days=365)
        own = ".well-known/security.txt"
        lines = [f"Contact: {self.site.settings.repo}/security/advisories/new", f"Expires: {expires}T00:00:00Z"]
        lines += ["Preferred-Languages: en"] + (
            [f"Canonical: {self.site.address(own)}"] if self.site.settings.url else []
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def _plain_index(self) -> bytes:
        """A short way in for programs that read plain text (llmstxt.org)."""
        site = self.site
        lines = [
            f"# {site.settings.name}",
            "",
            "> Every statement of an article beside the source that it credits, what ",
        ]
        lines[-1] += (
            "that source says, and the counter-evidence. Verdicts are on statements, never on people or outlets."
        )
        for title, entries in (
            ("Articles", [(f"articles/{record.id}/", record.title) for record in site.relations.articles]),
            ("Topics", [(f"topics/{record.id}/", record.question) for record in site.topics()]),
            (
                "Data",
                [
                    ("data/", "what there is, and how to load it"),
                    (documents.WHOLE, "the whole record as JSON"),
                    (f"{FOLDER}/datapackage.json", "the tables as CSV"),
                    (f"{FOLDER}/claimtrail.sqlite", "the tables as SQLite"),
                ],
            ),
        ):
            lines += ["", f"## {title}", "", *(f"- [{text}]({site.address(path)})" for path, text in entries)]
        return ("\n".join(lines) + "\n").encode()


def _shown(path: str) -> bool:
    return (
        path.startswith(f"{FOLDER}/")
        and path.endswith((".json", ".ndjson", ".csv", ".trig", ".jsonld", ".ttl"))
        and "/articles/" not in path
    )


def readable(size: int) -> str:
    """A size as people read it: `2.7 MB`."""
    for unit, factor in (("MB", 1_000_000), ("KB", 1_000)):
        if size >= factor:
            number = size / factor
            return f"{number:,.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{size} bytes"


def filled(page: str, made: Mapping[str, Made]) -> str:
    """The built page on data with what the files came to.

    A slot is a `span` with `data-size`, `data-files` or `data-head`, and a path or a pattern such as `*/feed.xml`: it is
    given the size, the number of the files, or the beginning of one.
    """

    def fill(match: re.Match[str]) -> str:
        start, what, pattern, end = match.groups()
        found = [made[pattern]] if pattern in made else [made[path] for path in made if fnmatchcase(path, pattern)]
        if what == "files":
            text = f"{len(found):,}"
        elif what == "size":
            text = readable(sum(file.size for file in found))
        else:
            head = found[0].head.decode("utf-8", "ignore") if found else ""
            text = html.escape(head, quote=False) + ("…" if found and found[0].size > len(found[0].head) else "")
        return f"{start}{text}{end}"

    return _SLOT.sub(fill, page)


def _schema_field(column: Column, table: Table) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if table.key == (column.name,):
        constraints["unique"] = True
    if column.words:
        constraints["enum"] = list(column.words)
    return {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        **({"constraints": constraints} if constraints else {}),
    }


def _csv(table: Table, site: Site, database: Database) -> Iterator[bytes]:
    """A table as CSV (RFC 4180), in UTF-8; an empty cell is an absent value, and booleans are `true` and `false`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    flags = [at for at, column in enumerate(table.columns) if column.type == "boolean"]
    writer.writerow([column.name for column in table.columns])
    rows = table.rows(site)
    while batch := list(islice(rows, ROWS)):
        database.add(table, batch)
        writer.writerows([_flagged(row, flags) for row in batch] if flags else batch)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _flagged(row: tuple[Cell, ...], flags: list[int]) -> list[Cell]:
    cells = list(row)
    for at in flags:
        cells[at] = None if cells[at] is None else "true" if cells[at] else "false"
    return cells


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _number(format: str) -> int:
    """A format as one number: 1.0 is 100."""
    first, _, second = format.partition(".")
    return int(first) * 100 + int(second)
