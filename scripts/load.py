"""Strict YAML to records: the only reader of `claims/`.

YAML is read from the parser's events, so that nothing is resolved, merged or repeated behind the author's back: every
scalar stays the text that stands in the file (only a plain `null`, `~` or nothing at all is absent), and whatever the
format offers beyond mappings, lists and scalars is refused with its place.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from scripts.problems import Level, Problem, did_you_mean
from scripts.records import (
    KINDS,
    Addresses,
    Article,
    Claim,
    Exceptions,
    Location,
    Measure,
    Names,
    Published,
    Publisher,
    Record,
    Redirects,
    Site,
    Source,
    Topic,
)
from scripts.terms import Term

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_NUMBER = re.compile(r"a[0-9]{2,4}", re.ASCII)
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ABSENT = ("", "~", "null")
TODO = "TODO"
"""What stands for a value that a person still has to give; `new` writes it."""
_UNFINISHED = re.compile(rf"{TODO}\b")
UNFINISHED = "unfinished"
"""The rule under which such a value is reported. It holds back the rest of what could be said of the record."""
_CACHE_FORMAT = 1
ADDRESSES = "addresses.txt"
"""The one file that is no YAML: the addresses that were once published, a line for each with its kind before it."""

FORM = {
    "yaml-syntax": "The file is YAML.",
    "encoding": "The file is UTF-8, without a byte-order mark.",
    "empty-file": "The file holds a record.",
    "several-documents": "The file holds one record.",
    "too-large": "The file has at most 256 KB.",
    "too-deep": "The file has at most eight levels.",
    "anchor-or-alias": "YAML's anchors (&) and aliases (*) are not used.",
    "merge-key": "YAML's merge key (<<) is not used.",
    "tag": "YAML's tags (!) are not used.",
    "key": "A key is a field's name.",
    "repeated-key": "A key stands once.",
    "invisible-character": "A text holds no invisible character.",
    "unreadable": "The file can be read.",
    "stray-file": "A file stands where its kind belongs.",
    "file-name": "A file's name is an id.",
    "address-list": "`addresses.txt` has a kind, a blank and an address on each line, in the order of the alphabet.",
    "missing-field": "A field that every record of the kind needs is there.",
    "unknown-field": "A field is one of the kind's.",
    "unknown-value": "A word is one of its vocabulary.",
    "wrong-value": "A date, a number, an id or an address has its form.",
    "wrong-shape": "A list is a list, a group is a group, and neither they nor texts are empty.",
    UNFINISHED: "No value begins with `TODO`: a person has filled it in.",
}
"""The rules on a file's form by their names, as the docs print them."""

Place = tuple[int, int]
Value = str | None | dict[str, "Value"] | list["Value"]
R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place in one file, before the file's path is known."""

    place: Place
    rule: str
    message: str
    hint: str = ""


class _StopError(Exception):
    """The file can't be read any further; the fault that says why is already noted."""


class _Reader(yaml.CSafeLoader):
    """LibYAML's parser, read event by event, keeping the place of every key and value."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.faults: list[Fault] = []
        self.places: dict[Location, Place] = {}
        self.keys: dict[Location, Place] = {}

    def document(self) -> Value:
        """The file's one document, with its faults noted."""
        self.get_event()  # the stream begins
        if self.check_event(yaml.StreamEndEvent):
            self._fault((1, 1), "empty-file", "the file holds nothing", "write the record, or delete the file")
            raise _StopError
        self.get_event()  # the document begins
        value = self._node((), 0)
        self.get_event()  # the document ends
        if not self.check_event(yaml.StreamEndEvent):
            place = _place(self.peek_event())
            self._fault(
                place, "several-documents", "a second document begins", "one file holds one record: remove the '---'"
            )
        return value

    def _fault(self, place: Place, rule: str, message: str, hint: str) -> None:
        self.faults.append(Fault(place, rule, message, hint))

    def _node(self, location: Location, depth: int) -> Value:
        event: Any = self.get_event()
        place = _place(event)
        self.places.setdefault(location, place)
        if getattr(event, "anchor", None):
            self._fault(
                place,
                "anchor-or-alias",
                f"the anchor or alias {event.anchor!r} is not allowed",
                "write the value out where it belongs",
            )
        if isinstance(event, yaml.AliasEvent):
            return None
        if event.tag is not None:
            self._fault(
                place,
                "tag",
                f"the tag {event.tag!r} is not allowed",
                "write the plain value; its field gives it its type",
            )
        if isinstance(event, yaml.ScalarEvent):
            text: str = event.value
            hidden = _INVISIBLE.search(text)
            if hidden:
                name = f"U+{ord(hidden.group()):04X}"
                self._fault(place, "invisible-character", f"the text holds the invisible character {name}", "delete it")
            return None if event.implicit[0] and text in _ABSENT else text
        if depth >= MAX_DEPTH:
            self._fault(place, "too-deep", f"more than {MAX_DEPTH} levels", "no record needs so many: flatten it")
            raise _StopError
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not self.check_event(yaml.SequenceEndEvent):
                items.append(self._node((*location, len(items)), depth + 1))
            self.get_event()
            return items
        return self._mapping(location, depth)

    def _mapping(self, location: Location, depth: int) -> Value:
        pairs: dict[str, Value] = {}
        while not self.check_event(yaml.MappingEndEvent):
            event = self.peek_event()
            place = _place(event)
            key = self._node((*location, "?"), depth + 1)
            self.places.pop((*location, "?"), None)
            if not isinstance(key, str):
                self._fault(place, "key", "a key is not plain text", "write a field's name before the colon")
                key = f"?{place}"
            elif key == "<<":
                self._fault(place, "merge-key", "the merge key '<<' is not allowed", "write the fields out")
                key = f"?{place}"
            elif key in pairs:
                first = self.keys[*location, key]
                self._fault(
                    place, "repeated-key", f"the key {key!r} stands already in line {first[0]}", "keep one of the two"
                )
                key = f"?{place}"
            here = (*location, key)
            self.keys[here] = place
            nested = not isinstance(self.peek_event(), yaml.ScalarEvent)
            if nested:
                self.places[here] = place  # a mapping or list is found by its key, not by its first item
            value = self._node(here, depth + 1)
            if not key.startswith("?"):
                pairs[key] = value
        self.get_event()
        return pairs


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


@dataclass
class Parsed:
    """A file's value with the place of everything in it, and what is wrong with it as YAML."""

    value: Value = None
    places: dict[Location, Place] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, location: Location) -> Place:
        """Line and column of `location`, or of the nearest thing around it that the file holds."""
        while location and location not in self.places:
            location = location[:-1]
        return self.places.get(location, (1, 1))


def parse(data: bytes) -> Parsed:
    """Read one file's bytes; never raises, whatever they are."""
    if len(data) > MAX_BYTES:
        fault = Fault(
            (1, 1), "too-large", f"the file has {len(data):,} bytes, more than {MAX_BYTES:,}", "split the record"
        )
        return Parsed(faults=[fault])
    if data[:3] == b"\xef\xbb\xbf" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        fault = Fault((1, 1), "encoding", "the file begins with a byte-order mark", "save it as UTF-8 without one")
        return Parsed(faults=[fault])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        fault = Fault(
            (line, column), "encoding", f"byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8"
        )
        return Parsed(faults=[fault])
    parsed = Parsed()
    try:
        reader = _Reader(text)
    except yaml.YAMLError as error:  # a character that YAML has no place for
        parsed.faults.append(_syntax(error, text))
        return parsed
    try:
        parsed.value = reader.document()
    except _StopError:
        pass
    except yaml.YAMLError as error:
        reader.faults.append(_syntax(error, text))
    finally:
        reader.dispose()
    parsed.faults, parsed.places, parsed.keys = reader.faults, reader.places, reader.keys
    return parsed


def _syntax(error: yaml.YAMLError, text: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark:
        place = (mark.line + 1, mark.column + 1)
    else:
        match = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text)
        before = text[: match.start()] if match else ""
        place = (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "the file is not YAML"
    begun = getattr(error, "context_mark", None)
    if begun and (begun.line + 1, begun.column + 1) != place:
        what = f"{what}, {error.context} that began in line {begun.line + 1}"  # type: ignore[attr-defined]
    hint = "a colon followed by a blank, a leading quote or a bracket needs the whole value in quotation marks"
    return Fault(place, "yaml-syntax", str(what), hint)


# ---- white space ----------------------------------------------------------------------------------------------------

UNTIDY = "untidy-file"
_SUSPECT = re.compile(rb"\r|[ \t]\n|[ \t]\Z|\n\n\Z|[^\n]\Z")
_BOM = b"\xef\xbb\xbf"


def tidied(data: bytes) -> bytes:
    """The same record without a byte-order mark, carriage returns, trailing blanks or blank lines at the end, and with
    its last line ended. Blanks inside of a block of text belong to the text and stay; so does whatever isn't UTF-8.
    """
    plain = data.removeprefix(_BOM)
    unix = plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    before = parse(plain)
    if before.faults:  # where the text's own blocks begin and end can't be told
        return unix if parse(unix).value == before.value else data
    lines = unix.decode().split("\n")
    blocks = set(_block_lines(unix.decode()))
    lines = [line if number in blocks else line.rstrip(" \t") for number, line in enumerate(lines)]
    candidate = ("\n".join(lines).rstrip("\n") + "\n").encode()
    return candidate if parse(candidate).value == before.value else unix


def _block_lines(text: str) -> Iterator[int]:
    """The lines, counted from 0, that hold the text of a `|` or `>` block."""
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
            end: Any = event.end_mark  # where the next thing begins, or inside of a last line that isn't ended
            yield from range(_place(event)[0], end.line + (end.column > 0))


def _untidy(path: str, data: bytes) -> Problem | None:
    """What a plain `check --fix` would mend in the white space of a file, at the first place."""
    if not _SUSPECT.search(data) or data.startswith(_BOM):
        return None  # a byte-order mark is refused as an encoding
    clean = tidied(data)
    if clean == data:
        return None
    ours, theirs = data.split(b"\n"), clean.split(b"\n")
    line = next(
        (at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), len(theirs) - 1
    )
    what = "a carriage return" if b"\r" in data else "blanks at the end of a line"
    if line >= len(theirs) - 1 or line >= len(ours) - 1:
        what = "no end of the last line" if not data.endswith(b"\n") else "blank lines at the end"
        line = min(line, len(ours) - 1)
    return Problem(path, line + 1, 1, UNTIDY, f"the file has {what}", "run python -m scripts check --fix", "warning")


# ---- the cache ------------------------------------------------------------------------------------------------------


class Cache:
    """Parsed values by the hash of the file's bytes, kept in one file that is believed only if its own hash is right."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._old: dict[str, Value] = {}
        self._used: dict[str, Value] = {}
        if path is None:
            return
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            if head.decode() == self._head(body):
                self._old = json.loads(body)
        except (OSError, ValueError, RecursionError):
            self._old = {}
        if not isinstance(self._old, dict):
            self._old = {}

    @staticmethod
    def _head(body: bytes) -> str:
        return f"claimtrail-records {_CACHE_FORMAT} {yaml.__version__} {hashlib.sha256(body).hexdigest()}"

    def value(self, digest: str) -> Value:
        """The value kept for `digest`, or None."""
        kept = self._old.get(digest)
        if kept is not None:
            self._used[digest] = kept
        return kept

    def keep(self, digest: str, value: Value) -> None:
        """Remember a sound value."""
        self._used[digest] = value

    def save(self) -> None:
        """Write what this run used, if that is not what was there; a cache that can't be written is no fault."""
        if self._path is None or self._used.keys() == self._old.keys():
            return
        body = json.dumps(self._used, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
                file.write(self._head(body).encode() + b"\n" + body)
            os.replace(file.name, self._path)
        except OSError:
            pass


# ---- the corpus -----------------------------------------------------------------------------------------------------


@dataclass
class Corpus:
    """All records by id, in the order of their ids, and what was wrong with the files."""

    root: Path
    shown: str
    articles: dict[str, Article] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    exceptions: dict[str, Exceptions] = field(default_factory=dict)
    redirects: dict[str, Redirects] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=Addresses)
    names: dict[str, Names] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    broken: set[tuple[type[Record], str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    _parsed: dict[str, Parsed] = field(default_factory=dict)
    _data: Mapping[str, bytes] = field(default_factory=dict)

    def of(self, kind: type[R]) -> dict[str, R]:
        """The records of one kind."""
        tables: dict[type[Record], dict[str, Any]] = {
            Article: self.articles,
            Claim: self.claims,
            Source: self.sources,
            Publisher: self.publishers,
            Topic: self.topics,
            Measure: self.measures,
            Exceptions: self.exceptions,
            Redirects: self.redirects,
            Names: self.names,
            Site: self.sites,
        }
        return tables[kind]

    def records(self) -> Iterator[Record]:
        """Every sound record."""
        for kind in (Article, Claim, Source, Publisher, Topic, Measure):
            yield from self.of(kind).values()

    @property
    def site(self) -> Site | None:
        """What `site.yml` says, if there is one and it is sound."""
        return self.sites.get("site")

    def claims_of(self, article: str) -> list[Claim]:
        """An article's statements in the order of the text."""
        found = [claim for claim in self.claims.values() if claim.article == article]
        return sorted(found, key=lambda claim: (claim.para, claim.id))

    def problem(
        self, record: Record, location: Location, rule: str, message: str, hint: str = "", level: Level = "error"
    ) -> Problem:
        """A problem at `location` in the file of `record`."""
        if record.path not in self._parsed:
            # places are wanted for faults only: reading the few files again is cheaper than keeping all places
            try:
                data = self._data.get(record.path)
                self._parsed[record.path] = parse((self.root / record.path).read_bytes() if data is None else data)
            except OSError:
                self._parsed[record.path] = Parsed()
        line, column = self._parsed[record.path].place(location)
        return Problem(f"{self.shown}/{record.path}", line, column, rule, message, hint, level)


_FOLDERS: dict[str, type[Record]] = {kind.folder: kind for kind in (Source, Publisher, Topic, Measure)}
_ALONE: dict[str, type[Record]] = {"exceptions": Exceptions, "redirects": Redirects, "names": Names, "site": Site}


def load(root: Path, cache: Path | None = None) -> Corpus:
    """Read every record below `root`; what is wrong with a file is among the corpus's problems, never an exception.

    `cache` names the file that keeps parsed values between runs; without it nothing is kept.
    Raises FileNotFoundError if `root` is not a folder.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is not a folder: --claims names the folder that holds articles/, sources/ …")
    with uncollected():
        corpus = _load(root, cache)
        gc.freeze()
    return corpus


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector away: records hold no cycles, and it would look through all of them again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read(files: Mapping[str, bytes], shown: str, cache: Path | None = None, beside: Corpus | None = None) -> Corpus:
    """The same from bytes by their path below the folder of claims, such as those of a revision in git.

    `shown` is what messages call that folder. The cache is asked but left as it is, for the folder's own sake. Files that
    are the same in `beside` give the same records, as objects, so that `is` tells what differs.
    """
    corpus = Corpus(Path(shown), shown, _data=files)
    kept = Cache(cache)
    beside = beside or Corpus(Path(shown), shown)
    faulty = {problem.path.removeprefix(f"{beside.shown}/") for problem in beside.problems}
    known = {record.path: record for record in beside.records() if record.path not in faulty}
    with uncollected():
        for path, data in sorted(files.items()):
            record = known.get(path)
            if record and beside.files[path] == hashlib.sha256(data).hexdigest():
                corpus.files[path] = beside.files[path]
                corpus.of(type(record))[record.id] = record
            elif _wanted(path):
                _take(corpus, path, data, kept)
    corpus.problems = sorted(set(corpus.problems))
    return corpus


def _load(root: Path, cache: Path | None) -> Corpus:
    corpus = Corpus(root, _shown(root))
    kept = Cache(cache)
    for path in _files(root):
        _read(corpus, path, kept)
    kept.save()
    corpus.problems = sorted(set(corpus.problems))
    return corpus


def _read(corpus: Corpus, relative: str, kept: Cache) -> None:
    """Put one file of the folder into the corpus: its record, or what is wrong with it."""
    try:
        data: bytes | str = (corpus.root / relative).read_bytes()
    except OSError as error:
        data = error.strerror or "unknown reason"
    _take(corpus, relative, data, kept)


def _take(corpus: Corpus, relative: str, data: bytes | str, kept: Cache) -> None:
    """The same from what the file holds, or from why it can't be read."""
    if relative == ADDRESSES and isinstance(data, bytes):
        corpus.files[relative] = hashlib.sha256(data).hexdigest()
        _read_addresses(corpus, data)
        return
    kind, id, fault = _identity(relative)
    if fault:
        corpus.problems.append(Problem(f"{corpus.shown}/{relative}", 1, 1, *fault))
    if kind is None:
        return
    if isinstance(data, str):
        corpus.problems.append(
            Problem(f"{corpus.shown}/{relative}", 1, 1, "unreadable", f"the file can't be read: {data}")
        )
        corpus.broken.add((kind, id))
        return
    untidy = _untidy(f"{corpus.shown}/{relative}", data)
    if untidy:
        corpus.problems.append(untidy)
    digest = hashlib.sha256(data).hexdigest()
    corpus.files[relative] = digest
    value = kept.value(digest)
    if value is None:
        parsed = parse(data)
        if parsed.faults:
            corpus._parsed[relative] = parsed
            corpus.broken.add((kind, id))
            corpus.problems += [
                Problem(f"{corpus.shown}/{relative}", *fault.place, fault.rule, fault.message, fault.hint)
                for fault in parsed.faults
            ]
            if parsed.value is None:
                return
        else:
            kept.keep(digest, parsed.value)
        value = parsed.value
    todo = list(_unfinished(value)) if TODO.encode() in data else []
    if todo:
        corpus.broken.add((kind, id))
        parsed = corpus._parsed.setdefault(relative, parse(data))
        corpus.problems += [_todo_problem(f"{corpus.shown}/{relative}", parsed, kind, place) for place in todo]
    try:
        record = kind.model_validate(value)
    except ValidationError as error:
        corpus.broken.add((kind, id))
        parsed = corpus._parsed.setdefault(relative, parse(data))
        details = [detail for detail in error.errors() if not _within(tuple(detail["loc"]), todo)]
        shape = (_shape_problem(f"{corpus.shown}/{relative}", parsed, kind, detail) for detail in details)
        corpus.problems += [problem for problem in shape if problem]
        return
    if (kind, id) in corpus.broken or fault:
        return
    record.placed(id, relative)
    corpus.of(kind)[id] = record


def reload(corpus: Corpus, paths: Iterable[str]) -> Corpus:
    """The corpus as `load` would give it now, if only what lies at `paths` has changed since `corpus` was read.

    A path is that of a file or a folder, relative to the root; it may be new, or gone. The records of all other files
    are the same objects in both, so that `is` tells what changed. `corpus` itself stays as it was.
    """
    stood = {problem.path.removeprefix(f"{corpus.shown}/") for problem in corpus.problems} | corpus.files.keys()
    files = {path for one in set(paths) for path in _below(corpus.root, one, stood)}
    fresh = Corpus(corpus.root, corpus.shown)
    for path in sorted(files):
        if _wanted(path) and os.path.lexists(corpus.root / path) and not (corpus.root / path).is_dir():
            _read(fresh, path, Cache(None))
    named = {_identity(path)[:2] for path in files}
    shown = {f"{corpus.shown}/{path}" for path in files}
    merged = Corpus(
        corpus.root,
        corpus.shown,
        broken={one for one in corpus.broken if one not in named} | fresh.broken,
        problems=sorted({problem for problem in corpus.problems if problem.path not in shown} | set(fresh.problems)),
        files=_merged(corpus.files, fresh.files, files, lambda entry: entry[0]),
        _parsed=_merged(corpus._parsed, fresh._parsed, files, lambda entry: entry[0]),
    )
    merged.addresses = fresh.addresses if ADDRESSES in files else corpus.addresses
    for kind in KINDS:
        changed = {id for other, id in named if other is kind}
        merged.of(kind).update(_merged(corpus.of(kind), fresh.of(kind), changed, lambda entry: entry[1].path))
    return merged


def _merged(
    before: dict[str, T], fresh: dict[str, T], changed: set[str], order: Callable[[tuple[str, T]], str]
) -> dict[str, T]:
    """What did not change and what is fresh, in this order."""
    merged = before | fresh
    for key in changed - fresh.keys():
        merged.pop(key, None)
    return dict(sorted(merged.items(), key=order)) if fresh.keys() - before.keys() else merged


def _below(root: Path, path: str, stood: set[str]) -> set[str]:
    """The files at or below a path, now and among those that stood there before."""
    if path in stood and not (root / path).is_dir():
        return {path}
    inside = "" if path in ("", ".") else f"{path}/"
    found = {path, *(one for one in stood if one.startswith(inside))}
    if (root / path).is_dir():
        found |= {f"{inside}{one}" for one in _files(root / path)}
    return found


def _shown(root: Path) -> str:
    """The folder as messages name it: from where the user stands, if it lies below."""
    try:
        return root.resolve().relative_to(Path.cwd().resolve()).as_posix() or "."
    except ValueError:
        return root.as_posix()


def _files(root: Path) -> list[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name).relative_to(root).as_posix() for name in names]
    return sorted(path for path in found if _wanted(path))


def _read_addresses(corpus: Corpus, data: bytes) -> None:
    """Take in `addresses.txt`: on each line a kind and an address with a blank between, sorted, each once."""
    path = f"{corpus.shown}/{ADDRESSES}"
    lines = data.decode("utf-8", "replace").splitlines()
    published: list[Published] = []
    places: dict[Location, Place] = {}
    for number, line in enumerate(lines, 1):
        kind, blank, address = line.partition(" ")
        hint = "let `python -m scripts addresses --write` write this file"
        if not (kind and blank and address) or " " in address:
            message = "the line is not a kind, a blank and an address"
            corpus.problems.append(Problem(path, number, 1, "address-list", message, hint))
            continue
        if number > 1 and line <= lines[number - 2]:
            message = "the line is not in the order of the alphabet, or stands here twice"
            corpus.problems.append(Problem(path, number, 1, "address-list", message, hint))
        places["addresses", len(published)] = (number, 1)
        published.append(Published(kind=kind, address=address))
    corpus.addresses = Addresses(addresses=tuple(published))
    corpus.addresses.placed("addresses", ADDRESSES)
    corpus._parsed[ADDRESSES] = Parsed(places=places)


def _wanted(path: str) -> bool:
    """Whether a file is one that could be a record: not hidden, and no README."""
    parts = path.split("/")
    return not any(part.startswith(".") for part in parts) and parts[-1].lower() != "readme.md"


def _identity(relative: str) -> tuple[type[Record] | None, str, tuple[str, str, str] | None]:
    """The kind and the id of a file, and what is wrong with its name."""
    parts = relative.split("/")
    name = parts[-1].removesuffix(".yml")
    kind: type[Record] | None = None
    id = name
    if parts[-1].endswith(".yml"):
        if len(parts) == 3 and parts[0] == Article.folder:
            kind = Article if name == "article" else Claim
            id = parts[1] if kind is Article else f"{parts[1]}/{name}"
        elif len(parts) == 2:
            kind = _FOLDERS.get(parts[0])
        elif len(parts) == 1:
            kind = _ALONE.get(name)
    if kind is None:
        hint = "records are articles/<id>/article.yml, articles/<id>/a01.yml and sources|publishers|topics|measures/<id>.yml"
        return None, id, ("stray-file", "no record belongs here", hint)
    sound = _ID.fullmatch(parts[1] if kind is Article else name)
    if kind is Claim:
        sound = _ID.fullmatch(parts[1]) and _NUMBER.fullmatch(name)
    if not sound:
        form = "a and two to four digits, such as a07" if kind is Claim else "small letters, digits and single hyphens"
        return kind, id, ("file-name", f"the file's name {name!r} is not an id", f"write {form}")
    return kind, id, None


def unfinished(data: bytes) -> list[Location]:
    """Where a file has values that a person still has to fill in."""
    return list(_unfinished(parse(data).value))


def _unfinished(value: Value, location: Location = ()) -> Iterator[Location]:
    """Where a value begins with the word TODO: what a person still has to fill in."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _unfinished(inner, (*location, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unfinished(inner, (*location, index))
    elif value and _UNFINISHED.match(value):
        yield location


def _within(location: Location, todo: list[Location]) -> bool:
    """Whether a fault at `location` may only come of something there, or within, that is not filled in."""
    return any(place[: len(location)] == location or location[: len(place)] == place for place in todo)


def _todo_problem(path: str, parsed: Parsed, kind: type[Record], location: Location) -> Problem:
    name = ".".join(str(part) for part in location)
    field = next((part for part in reversed(location) if isinstance(part, str)), "")
    info = _fields(kind, location[:-1] if isinstance(location[-1], str) else location[:-2]).get(field)
    words = [term.value for term in _terms(info.annotation)] if info else []
    hint = f"one of: {', '.join(words)}" if words else (info.description or "") if info else ""
    return Problem(path, *parsed.place(location), UNFINISHED, f"{name} is still to be filled in", hint.rstrip("."))


_SHAPES = {
    "model_type": "should be a group of fields",
    "model_attributes_type": "should be a group of fields",
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "string_type": "should be text",
    "string_too_short": "is empty",
    "too_short": "is an empty list",
}
_PATTERNS = {
    "Id": ("is not an id", "write small letters, digits and single hyphens, such as county-2019-report"),
    "ClaimId": ("is not a statement's id", "write article/number, such as bridge-2018/a07"),
    "Address": ("is not an address", "write it from the top of the site, with a slash at its end: sources/old-id/"),
    "Language": ("is not a language tag", "write a BCP 47 tag, such as en, ar or pt-BR"),
}


def _shape_problem(path: str, parsed: Parsed, kind: type[Record], detail: ErrorDetails) -> Problem | None:
    """A pydantic error as a problem at its place, in a contributor's words."""
    location = tuple(detail["loc"])
    name = ".".join(str(part) for part in location) or kind.__name__.lower()
    what, value = detail["type"], detail["input"]
    place = parsed.place(location)
    if any(isinstance(part, str) and part.startswith("?") for part in location):
        return None  # the key's own fault is reported already
    if what == "missing":
        known = parsed.places.get(location[:-1])
        return Problem(path, *(known or (1, 1)), "missing-field", f"{name} is missing", f"add '{location[-1]}:'")
    if what == "extra_forbidden":
        siblings = _fields(kind, location[:-1])
        hint = did_you_mean(str(location[-1]), siblings) or f"fields here: {', '.join(sorted(siblings))}"
        return Problem(path, *parsed.keys.get(location, place), "unknown-field", f"{name} is not a field", hint)
    if what == "enum":
        allowed = re.findall(r"'([^']+)'", detail["ctx"]["expected"])
        hint = did_you_mean(str(value), allowed) or f"one of: {', '.join(allowed)}"
        return Problem(path, *place, "unknown-value", f"{name} is {value!r}, which is not in the vocabulary", hint)
    if what == "string_pattern_mismatch":
        pattern = detail["ctx"]["pattern"]
        for alias, (message, hint) in _PATTERNS.items():
            if pattern == _pattern_of(alias):
                return Problem(path, *place, "wrong-value", f"{name}: {value!r} {message}", hint)
        return Problem(path, *place, "wrong-value", f"{name}: {value!r} does not have the form {pattern}")
    if what in _SHAPES:
        if value is None and what != "too_short":
            hint = "give a value, or leave the field out"
            return Problem(path, *place, "wrong-shape", f"{name} has no value", hint)
        return Problem(path, *place, "wrong-shape", f"{name} {_SHAPES[what]}")
    return Problem(path, *place, "wrong-value", f"{name} {detail['msg']}")


def _pattern_of(alias: str) -> str:
    from scripts import records

    return str(getattr(records, alias).__metadata__[0].pattern)


def _fields(kind: type[Record], location: Location) -> dict[str, FieldInfo]:
    """The fields that a mapping at `location` may hold by their names, found by walking the models."""
    from pydantic import BaseModel

    model: Any = kind
    for part in location:
        if isinstance(part, int) or model is None:
            continue
        model = next(
            (
                inner
                for name, info in model.model_fields.items()
                if (info.alias or name) == part
                for inner in _models(info.annotation)
            ),
            None,
        )
    if model is None or not issubclass(model, BaseModel):
        return {}
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _terms(annotation: Any) -> Iterator[Term]:
    """The words that a field takes, if it takes words of a vocabulary."""
    from typing import get_args

    if isinstance(annotation, type) and issubclass(annotation, Term):
        yield from annotation
    for inner in get_args(annotation):
        yield from _terms(inner)


def _models(annotation: Any) -> Iterator[Any]:
    from typing import get_args

    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
