"""The tables as one SQLite file, with full text search and foreign keys that hold.

The same rows make the same bytes: they go in in their order, pages have a fixed size, the file is packed at the end, and
the version of the library that wrote it, which SQLite notes in the file for information only, is set to a fixed one. How
the library lays out the search index may change between its versions, as Deflate may between those of zlib.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.tables import TABLES, Cell, Column, Table

APPLICATION_ID = 0x436C5472
"""`ClTr`: by this, `file` and others can tell what it is (SQLite file format, offset 68)."""
PAGE = 4096
_TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}
_WRITTEN_BY = 3_040_000


class DatabaseError(Exception):
    """The database can't be made; the message says why and what to do."""


def _definition(column: Column) -> str:
    parts = [f'"{column.name}"', _TYPES[column.type]]
    if column.required:
        parts.append("NOT NULL")
    if column.type == "boolean":
        parts.append(f'CHECK ("{column.name}" IN (0, 1))')
    return " ".join(parts)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def created(table: Table) -> str:
    """The statement that makes a table."""
    lines = [_definition(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({_names(table.key)})")
    lines += [
        f'FOREIGN KEY ({_names(columns)}) REFERENCES "{other}" ({_names(theirs)})'
        for columns, other, theirs in table.references
    ]
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n)"


def _indexes(table: Table) -> Iterator[str]:
    """An index for each reference that the primary key doesn't begin with."""
    for columns, _, _ in table.references:
        if table.key[: len(columns)] != columns:
            name = f"{table.name}_{'_'.join(columns)}"
            yield f'CREATE INDEX "{name}" ON "{table.name}" ({_names(columns)})'


class Database:
    """A file at `path`, where nothing may be, into which `add` puts tables, each after those that it refers to."""

    def __init__(self, path: Path, about: Mapping[str, str], user_version: int) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        run = self._connection.execute
        # nobody else sees the file before it is whole
        for pragma in (f"page_size = {PAGE}", "encoding = 'UTF-8'", "journal_mode = OFF", "synchronous = OFF"):
            run(f"PRAGMA {pragma}")
        run(f"PRAGMA application_id = {APPLICATION_ID}")
        run(f"PRAGMA user_version = {user_version}")
        run("BEGIN")
        run("CREATE TABLE about (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)")
        self._connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        for table in TABLES:
            run(created(table))

    def add(self, table: Table, rows: Iterable[tuple[Cell, ...]]) -> None:
        """Put rows into a table; they stand in the order in which they come."""
        marks = ", ".join("?" * len(table.columns))
        self._connection.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)  # noqa: S608

    def finish(self) -> None:
        """Index the tables and pack the file. Raises DatabaseError where this Python's SQLite has no full text search."""
        run = self._connection.execute
        for table in TABLES:
            for index in _indexes(table):
                run(index)
        run("COMMIT")
        try:
            for table in TABLES:
                if table.search:
                    name = f"{table.name}_fts"
                    run(
                        f'CREATE VIRTUAL TABLE "{name}" USING fts5({_names(table.search)}, content="{table.name}", '
                        "tokenize='unicode61 remove_diacritics 2')"
                    )
                    run(f"INSERT INTO {name}({name}) VALUES ('rebuild')")  # noqa: S608
                    run(f"INSERT INTO {name}({name}) VALUES ('optimize')")  # noqa: S608
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"SQLite {sqlite3.sqlite_version} of this Python has no full text search ({error}): use a Python whose "
                "SQLite has FTS5, as those of python.org and of the distributions do"
            ) from None
        run("VACUUM")
        self.close()
        with self.path.open("r+b") as file:
            file.seek(96)  # SQLITE_VERSION_NUMBER (SQLite file format, 1.3.16)
            file.write(_WRITTEN_BY.to_bytes(4, "big"))

    def close(self) -> None:
        """Let go of the file; it may be closed already."""
        self._connection.close()
