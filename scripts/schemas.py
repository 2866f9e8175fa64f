"""JSON Schemas for editors, made from the models."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from scripts.records import Record

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: type[Record]) -> str:
    """The schema of one kind of record, as text."""
    made = {"$schema": DRAFT, **kind.model_json_schema(mode="validation")}
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_schemas(folder: Path, kinds: Iterable[type[Record]], dry: bool = False) -> list[Path]:
    """Write `<kind>.schema.json` for each kind; returns those that were not current. With `dry` nothing is written."""
    stale = []
    for kind in kinds:
        path = folder / f"{kind.__name__.lower()}.schema.json"
        text = schema(kind)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not dry:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return stale
