"""The text of a new record: its fields in order, each with its meaning and its words, made from the models.

Pure. A value that only a person can give is `TODO`, which the checker reports as `unfinished`; a field that may stay out
stands as a comment. A contributor fills in what is wanted and deletes the comments.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scripts.load import TODO
from scripts.records import Article, Claim, Evidence, Measure, Part, Publisher, Record, Site, Source, Topic
from scripts.terms import Term

WIDTH = 110
MOST_NAMED = 12
"""As many ids of other records are listed in a comment; of more, only the folder is named."""

STARTS: dict[str, type[Record]] = {
    "source": Source, "claim": Claim, "article": Article, "topic": Topic, "publisher": Publisher, "measure": Measure,
    "site": Site,
}  # fmt: skip
"""What can be started, by the word on the command line; `evidence` is printed and not written."""
EVIDENCE = "evidence"

Given = str | Sequence[str] | Mapping[str, str]

_LIVE: dict[type[BaseModel], frozenset[str]] = {
    Article: frozenset({"author", "published", "url"}),
    Claim: frozenset({"evidence", "glance", "would_change"}),
    Source: frozenset({"published", "url"}),
    Topic: frozenset({"glance"}),
    Site: frozenset({"description", "licence", "about", "reading"}),
}
"""Fields that may stay out and seldom should."""
_LATER = frozenset({"fingerprint", "withdrawn", "corrected", "checked", "merged", "left_out", "inferred", "order"})
"""Fields of a record that is further on, and those that the program writes."""
_NAMES: dict[str, type[Record]] = {
    "publisher": Publisher, "carried_by": Publisher, "part_of": Publisher, "topics": Topic, "measure": Measure,
    "source": Source, "derived_from": Source, "rests_on": Source,
}  # fmt: skip
"""What kind of record a field names."""
_STOP = frozenset(
    """
    a about after against all an and are as at be been but by can for from had has have how in into is it its may more
    new no not of off on or our out over said says than that the their they this to up was were what when where which
    who why will with
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


# ---- ids ------------------------------------------------------------------------------------------------------------


def slug(text: str) -> str:
    """Text as an id: small letters without accents, digits and single hyphens; nothing if it has none of these."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in letters if not unicodedata.combining(c))).strip("-")


def source_id(publisher: str, siblings: Iterable[str], published: str, title: str, url: str) -> str:
    """Publisher, date and three words of the title, as in `courier-2018-04-02-tolls-back-bridge`.

    The publisher is named as its other sources' ids, `siblings`, name it; words come from the address where the title
    has none in Latin letters.
    """
    known = Counter(match[1] for id in siblings if (match := re.match(r"([a-z0-9-]+?)-[12]\d{3}(?:-|$)", id)))
    prefix = min(known, key=lambda name: (-known[name], len(name), name)) if known else publisher.removeprefix("the-")
    said = [word for word in slug(title).split("-") if word and word not in _STOP and not word.isdigit()]
    if not said:
        path = re.sub(r"\.\w{2,5}$", "", url.partition("://")[2].partition("?")[0].rstrip("/").partition("/")[2])
        said = [word for word in slug(path.rpartition("/")[2]).split("-") if word not in _STOP and word.isalpha()]
    return "-".join(part for part in (prefix, published, *said[:3]) if part)


def free(id: str, used: Collection[str]) -> str:
    """The id itself, or the first of `id-2`, `id-3` … that was never used."""
    number, wanted = 1, id
    while wanted in used:
        number += 1
        wanted = f"{id}-{number}"
    return wanted


def next_number(used: Iterable[str]) -> str:
    """The number after the highest that an article's statements ever had: `a08` after `a07`."""
    highest = max((int(name[1:]) for name in used if re.fullmatch(r"a\d{2,4}", name, re.ASCII)), default=0)
    return f"a{highest + 1:02}"


# ---- text -----------------------------------------------------------------------------------------------------------


class _Plain(yaml.SafeDumper):
    """Quotes only what the syntax asks for: the loader takes every scalar as text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the class above has it


def scalar(text: str) -> str:
    """A text as YAML, safe in block and in flow."""
    if text in ("", "~", "null"):
        return f"'{text}'"
    return yaml.dump([text], Dumper=_Plain, default_flow_style=True, allow_unicode=True, width=10**9)[1:-2]


def template(
    kind: type[Record],
    given: Mapping[str, Given] | None = None,
    known: Mapping[type[Record], Collection[str]] | None = None,
    schema: str = "",
    bare: bool = False,
) -> str:
    """A new record of one kind. `given` are values by field, `known` the ids of other records by kind.

    `schema` is the way from the file to its JSON Schema, for editors that look for it there; `bare` leaves out comments.
    """
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += _fields(kind, given or {}, known or {}, "")
    if bare:
        lines = [line for line in lines if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def entry(
    given: Mapping[str, Given], known: Mapping[type[Record], Collection[str]] | None = None, bare: bool = False
) -> str:
    """A new piece of evidence, to be set under `evidence:` in a statement's file."""
    lines = list(_item(_fields(Evidence, given, known or {}, "  ")))
    if bare:
        lines = [line for line in lines if not line.lstrip().startswith("#")]
    return "\n".join(lines) + "\n"


def _fields(
    model: type[BaseModel], given: Mapping[str, Given], known: Mapping[type[Record], Collection[str]], indent: str
) -> Iterator[str]:
    for attribute, info in model.model_fields.items():
        name = info.alias or attribute
        if name in _LATER and name not in given:
            continue
        part, repeated = _part(info), _repeated(info)
        live = name in given or info.is_required() or name in _LIVE.get(model, ())
        if not (name in given and not _words(info)):  # what is filled in needs no explanation, but what else it may be
            yield from _comment(name, info, part if not live else None, known, indent)
        if name in given:
            yield f"{indent}{name}: {_written(given[name])}"
        elif not live:
            yield f"{indent}# {name}: {_form(info)}"
        elif part and repeated:
            yield f"{indent}{name}:"
            yield from _item(_fields(part, {}, known, f"{indent}  "))
        elif part:
            yield f"{indent}{name}:"
            yield from _fields(part, {}, known, f"{indent}  ")
        else:
            yield f"{indent}{name}: {f'[{TODO}]' if repeated else TODO}"


def _item(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a mapping as an item of a list: the first that is no comment carries the hyphen, those before it don't."""
    begun = False
    for line in lines:
        stripped = line.lstrip()
        indent = line[: len(line) - len(stripped)]
        if not begun and not stripped.startswith("#"):
            begun = True
            yield f"{indent[:-2]}- {stripped}"
        else:
            yield line


def _written(value: Given) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {scalar(inner)}" for name, inner in value.items()) + "}"
    return "[" + ", ".join(scalar(inner) for inner in value) + "]"


def _comment(
    name: str, info: FieldInfo, part: type[Part] | None, known: Mapping[type[Record], Collection[str]], indent: str
) -> Iterator[str]:
    """What a field means, and what it may hold."""
    words = _words(info)
    documented = words or _part(info)
    text = info.description or (" ".join((documented.__doc__ or "").split()) if documented else "")
    if part:
        besides = [inner.alias or at for at, inner in part.model_fields.items() if not inner.is_required()]
        text += f" Besides: {', '.join(besides)}." if besides else ""
    named = known.get(_NAMES[name]) if name in _NAMES else None
    if named and len(named) <= MOST_NAMED:
        text += f" One of: {', '.join(sorted(named))}."
    elif named is not None:
        text += f" The name of a file in claims/{_NAMES[name].folder}/, without its ending."
    for line in textwrap.wrap(text.strip(), WIDTH - len(indent) - 2):
        yield f"{indent}# {line}"
    if words:
        width = max(len(word.value) for word in words)
        for word in words:
            yield f"{indent}#   {word.value:<{width}}  {word.meaning}"


def _form(info: FieldInfo) -> str:
    """What may stand in a field, in outline."""
    part = _part(info)
    inner = "…"
    if part:
        wanted = [inner.alias or name for name, inner in part.model_fields.items() if inner.is_required()]
        inner = "{" + ", ".join(f"{name}: …" for name in wanted) + "}"
    return f"[{inner}]" if _repeated(info) else inner


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _part(info: FieldInfo) -> type[Part] | None:
    return next((found for found in _classes(info.annotation) if issubclass(found, Part)), None)


def _words(info: FieldInfo) -> type[Term] | None:
    return next((found for found in _classes(info.annotation) if issubclass(found, Term)), None)


def _repeated(info: FieldInfo) -> bool:
    return "tuple[" in str(info.annotation)
