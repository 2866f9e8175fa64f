"""Mechanical faults, mended where they stand: what `check --fix` does.

No word of a record is touched. White space that means nothing, parameters that only follow the reader, an entry that
stands twice in a list, and the other half of a link between two statements: for each of these there is one way to mend
it, and whoever reads the record afterwards reads the same. Every edit is at a known place; the rest of the file stays
byte for byte. Before a file is written, what it then says is compared with what it should say, and where the two differ
nothing is written. Not mended are `http` that could be `https`, which only the network could tell, and the order of
fields, which no rule asks for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from scripts import shape
from scripts.check import rule_name
from scripts.load import UNTIDY, Corpus, parse, tidied
from scripts.records import Claim, Location
from scripts.urls import without_tracking


@dataclass(frozen=True, order=True)
class Mended:
    """One fault that was mended: where it stood, the rule that it broke, and what was done."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: mended {self.rule}: {self.what}"


@dataclass
class _File:
    """One file's text on its way to being mended: edits by place, and the value that they should lead to."""

    text: str
    expected: Any
    tree: Any
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        at = 0
        for line in self.text.split("\n"):
            self.starts.append(at)
            at += len(line) + 1

    def offset(self, mark: Any) -> int:
        line, column = int(mark.line), int(mark.column)
        return self.starts[line] + column

    def node(self, location: Location) -> Any:
        """The node of the YAML at a place, or None."""
        here = self.tree
        for part in location:
            if isinstance(here, yaml.MappingNode):
                here = next((value for key, value in here.value if key.value == part), None)
            elif isinstance(here, yaml.SequenceNode) and isinstance(part, int) and part < len(here.value):
                here = here.value[part]
            else:
                return None
        return here

    def raw(self, node: Any) -> str:
        """What stands in the file for a scalar or a value in brackets."""
        return self.text[self.offset(node.start_mark) : self.offset(node.end_mark)]

    def value(self, location: Location) -> Any:
        here = self.expected
        for part in location:
            here = here[part]
        return here

    def result(self) -> str:
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _without_tracking(file: _File, location: Location) -> str | None:
    node = file.node(location)
    if node is None:
        return None
    clean = without_tracking(node.value)
    raw = file.raw(node)
    if clean == node.value or raw.count(node.value) != 1:
        return None  # written with escapes: for a person
    start = file.offset(node.start_mark)
    file.edits.append((start, start + len(raw), raw.replace(node.value, clean)))
    file.value(location[:-1])[location[-1]] = clean
    return f"the address is now {clean}"


def _without_repeated(file: _File, location: Location) -> str | None:
    items, index = file.node(location[:-1]), location[-1]
    if items is None or not isinstance(index, int):
        return None
    node = items.value[index]
    raw = file.raw(node)
    if not any(file.raw(other) == raw for other in items.value[:index]):
        return None  # a note or other quotation marks: somebody has to choose
    start, end = file.offset(node.start_mark), file.offset(node.end_mark)
    if items.flow_style:
        start = file.offset(items.value[index - 1].end_mark)
        if file.text[start : file.offset(node.start_mark)].strip(" \n") != ",":
            return None
    else:
        line = node.start_mark.line
        start, end = file.starts[line], file.starts[line + 1]
        if file.text[start:end].strip() != f"- {raw}":
            return None
    file.edits.append((start, end, ""))
    entries = file.value(location[:-1])
    entries[index] = None  # taken out at the end, so that the places of the others hold
    return f"{raw} stood twice in {location[-2]}"


def _with_link(file: _File, to: str, relation: str) -> str | None:
    entry = f"{{to: {to}, as: {relation}}}"
    items = file.node(("related",))
    if items is None:
        at = _place_of_related(file)
        file.edits.append((at, at, f"related:\n- {entry}\n"))
    elif not isinstance(items, yaml.SequenceNode) or not items.value:
        return None
    elif items.flow_style:
        at = file.offset(items.value[-1].end_mark)
        file.edits.append((at, at, f", {entry}"))
    else:
        last, indent = items.value[-1], items.start_mark.column
        while isinstance(last, yaml.MappingNode) and not last.flow_style:
            last = last.value[-1][1]
        if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
            return None
        at = file.starts[last.end_mark.line + 1]
        file.edits.append((at, at, f"{' ' * indent}- {entry}\n"))
    file.expected.setdefault("related", []).append({"to": to, "as": relation})
    return f"added the link {entry}"


def _place_of_related(file: _File) -> int:
    """Where `related:` goes in a statement without it: before the fields that stand after it in the model, else last."""
    fields = list(Claim.model_fields)
    later = set(fields[fields.index("related") + 1 :])
    for key, _ in file.tree.value:
        if key.value in later:
            line = int(key.start_mark.line)
            while line and file.text[file.starts[line - 1] :].startswith("#"):
                line -= 1  # a comment belongs to what stands below it
            return file.starts[line]
    return len(file.text)


Edit = tuple[str, Location, Callable[[_File], str | None]]


def _edits(corpus: Corpus) -> dict[str, list[Edit]]:
    """By file, what is to be mended: the rule, the place, and the edit. What is excepted stays as it is."""
    excepted = {(entry.rule, entry.file) for table in corpus.exceptions.values() for entry in table.exceptions}
    found: dict[str, list[Edit]] = defaultdict(list)

    def add(rule: shape.Rule, path: str, location: Location, edit: Callable[[_File], str | None]) -> None:
        name = rule_name(rule)
        if (name, path) not in excepted:
            found[path].append((name, location, edit))

    for record, location, *_ in shape.tracking_parameter(corpus):
        add(shape.tracking_parameter, record.path, location, partial(_without_tracking, location=location))
    for record, location, *_ in shape.repeated_entry(corpus):
        add(shape.repeated_entry, record.path, location, partial(_without_repeated, location=location))
    for claim in corpus.claims.values():
        wanted: dict[str, str | None] = {}
        for link in claim.related:
            other = corpus.claims.get(link.to)
            back = shape.REVERSE.get(link.as_, link.as_).value
            # another link back is another judgement: somebody has to say which of the two is right
            if other and other is not claim and not any(entry.to == claim.id for entry in other.related):
                wanted[other.path] = None if wanted.get(other.path, back) != back else back
        for path, relation in wanted.items():
            if relation and (rule_name(shape.related_one_way), claim.path) not in excepted:
                add(shape.related_one_way, path, ("related",), partial(_with_link, to=claim.id, relation=relation))
    return found


def mend(corpus: Corpus, wanted: Callable[[str], bool] | None = None) -> list[Mended]:
    """Mend the mechanical faults of the files for which `wanted` holds, or of all; paths are below the folder of claims.

    A file is replaced whole or not at all, and one that has none of these faults isn't written. A second run finds
    nothing to do. What an edit would make of a file other than it should is left undone, and stays a problem.
    Raises OSError where a file can't be written.
    """
    done: list[Mended] = []
    edits = _edits(corpus)
    for path in sorted(corpus.files):
        if wanted and not wanted(path):
            continue
        target = corpus.root / path
        data = target.read_bytes()
        clean = tidied(data)
        shown = f"{corpus.shown}/{path}"
        notes = [Mended(shown, 1, UNTIDY, "white space that means nothing")] if clean != data else []
        for edit in reversed(edits.get(path, ())):  # from below, so that the places above hold
            clean, note = _applied(clean, edit, shown)
            notes += note
        if clean != data:
            _replace(target, clean)
            done += sorted(notes)
    return done


def _applied(data: bytes, edit: Edit, shown: str) -> tuple[bytes, list[Mended]]:
    """The file after one edit, with the note on it; as it was, if the edit can't be made or would do more than it should."""
    rule, location, change = edit
    parsed = parse(data)
    if parsed.faults or not isinstance(parsed.value, dict):
        return data, []
    text = data.decode()
    file = _File(text, deepcopy(parsed.value), yaml.compose(text, Loader=yaml.CSafeLoader))
    what = change(file)
    if what is None:
        return data, []
    result = file.result().encode()
    if parse(result).value != _pruned(file.expected):
        return data, []
    return result, [Mended(shown, parsed.place(location)[0], rule, what)]


def _pruned(value: Any) -> Any:
    """The value without the entries that were struck out."""
    if isinstance(value, dict):
        return {key: _pruned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_pruned(inner) for inner in value if inner is not None]
    return value


def _replace(target: Path, data: bytes) -> None:
    """Put new bytes in a file's place in one step, with the file's own permissions."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
        file.write(data)
    try:
        shutil.copymode(target, file.name)
        os.replace(file.name, target)
    except OSError:
        os.unlink(file.name)
        raise
