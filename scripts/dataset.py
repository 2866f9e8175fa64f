"""What exports hold beside the records: the derived values, and the JSON Schema of all of it.

A record is exported with the fields that it has under `claims/`, absent ones left out, and two more: `id`, and `derived`,
which holds all that the program worked out. So a value that a person judged and one that a rule gave are never mixed up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from scripts.records import Article, Claim, ClaimId, Id, Measure, Part, Publisher, Source, Text, Topic, Url
from scripts.terms import Stance, Status, When

FORMAT = "1.0"
"""The version of the shape of exports. The first number is that of the folder, `data/v1/`."""
FOLDER = "data/v1"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PROMISE = (
    "Within format 1 a field, a column, a table or a word of a vocabulary may be added; none is removed, renamed or given "
    "another meaning, and the files keep their addresses. What cannot be done so goes into a format 2, in a folder "
    "of its own beside this one."
)

Address = Annotated[Text, Field(description="An address, absolute where the site knows its own.")]


@dataclass(frozen=True)
class Download:
    """A file of the whole record, or a pattern that stands for many: where it is, and what it is."""

    path: str
    title: str
    what: str
    media: str


DOWNLOADS: tuple[Download, ...] = (
    Download(
        f"{FOLDER}/claimtrail.json",
        "Whole record, JSON",
        "One document: every record of every kind.",
        "application/json",
    ),
    Download(
        f"{FOLDER}/claimtrail.sqlite",
        "Whole record, SQLite",
        "The tables, with foreign keys that hold and full text search over statements, evidence and sources.",
        "application/vnd.sqlite3",
    ),
    Download(
        f"{FOLDER}/datapackage.json",
        "Data Package (v2)",
        "Describes the CSV files: columns, types, keys, sizes and hashes.",
        "application/json",
    ),
    Download(f"{FOLDER}/statements.ndjson", "Statements, NDJSON", "A statement a line.", "application/x-ndjson"),
    Download(f"{FOLDER}/sources.ndjson", "Sources, NDJSON", "A source a line.", "application/x-ndjson"),
    Download(f"{FOLDER}/articles.ndjson", "Articles, NDJSON", "An article a line.", "application/x-ndjson"),
    Download(f"{FOLDER}/publishers.ndjson", "Publishers, NDJSON", "A publisher a line.", "application/x-ndjson"),
    Download(f"{FOLDER}/topics.ndjson", "Topics, NDJSON", "A topic a line.", "application/x-ndjson"),
    Download(f"{FOLDER}/measures.ndjson", "Measures, NDJSON", "A measure a line.", "application/x-ndjson"),
    Download(
        f"{FOLDER}/claimtrail.schema.json",
        "JSON Schema",
        "Of the whole record, of every kind in it, and of a statement's own file.",
        "application/schema+json",
    ),
    Download(
        f"{FOLDER}/claimtrail.trig",
        "Linked data, TriG",
        "Every statement a nanopublication, with the sources, in the words of PROV-O, CiTO and Web Annotation.",
        "application/trig",
    ),
    Download(f"{FOLDER}/claimtrail.jsonld", "Linked data, JSON-LD", "The same graphs.", "application/ld+json"),
    Download(f"{FOLDER}/context.jsonld", "JSON-LD context", "The one that it names.", "application/ld+json"),
    Download(f"{FOLDER}/terms.ttl", "Terms, Turtle", "The vocabularies as SKOS.", "text/turtle"),
    Download(f"{FOLDER}/terms.jsonld", "Terms, JSON-LD", "The same.", "application/ld+json"),
    Download(f"{FOLDER}/shapes.ttl", "SHACL shapes", "What a user of the linked data may count on.", "text/turtle"),
    Download(f"{FOLDER}/SHA256SUMS", "Checksums", "For sha256sum --check.", "text/plain"),
)
"""The files that stand alone; the CSV files are those of the tables."""


class Licence(Part):
    """Under which terms the data may be used."""

    title: Text = Field(description="What it is called.")
    url: Url | None = Field(None, description="Its text.")
    credit: Text = Field(description="Whom to name.")


class Origins(Part):
    """Independent origins by the way they go, each named by the id of the publisher at the end of the chain."""

    supports: tuple[Id, ...] = Field(description="Those that support the statement.")
    qualifies: tuple[Id, ...] = Field(description="Those that bear it out only with a condition.")
    contradicts: tuple[Id, ...] = Field(description="Those that contradict it.")


class DerivedQuantity(Part):
    """What a quantity can mean."""

    least: float = Field(description="The least number that it can mean.")
    most: float | None = Field(None, description="The most that it can mean; absent where it is open.")
    first: date | None = Field(None, description="The first day that it can be for.")
    last: date | None = Field(None, description="The last day that it can be for.")


class DerivedEvidence(Part):
    """What follows from the dates, the chain and the numbers of a piece of evidence."""

    origins: tuple[Id, ...] = Field(description="Its independent origins, each named by its publisher.")
    rests_on: tuple[Id, ...] = Field(description="The sources at the ends of its chain.")
    when: When | None = Field(None, description="Where its source stands in time to the article.")
    distance: Text | None = Field(None, description="How far the article's number is from this one, in words.")


class DerivedStatement(Part):
    """The record's verdict with its reasons, and addresses."""

    article: Id = Field(description="Its article.")
    page: Address
    passage: Url | None = Field(None, description="The passage in the text itself, as a link with a text fragment.")
    archived_passage: Url | None = Field(None, description="The same in the archived copy.")
    status: Status = Field(description="What the record shows: worked out, or judged where `status_judged` says so.")
    status_judged: bool = Field(description="Whether a person judged the status, because no rule can work it out.")
    status_because: Text = Field(description="Why it has this status, in one sentence.")
    origins: Origins = Field(description="The independent origins each way.")
    mixed: tuple[Id, ...] = Field(description="Those of `origins.qualifies` whose documents cut in different ways.")
    primary: tuple[Stance, ...] = Field(description="The ways that a primary document goes.")
    origins_then: Origins = Field(description="The origins that could be read when the article appeared.")
    status_then: Status = Field(description="The status that these alone would give.")
    newest: date | None = Field(
        None, description="The newest day on which the record was checked, corrected or taken back."
    )


class DerivedArticle(Part):
    """What follows from the statements of an article."""

    page: Address
    statements: tuple[ClaimId, ...] = Field(description="Its statements in the order of the text, withdrawn ones too.")
    fidelities: dict[str, int] = Field(description="How many statements have each fidelity, withdrawn ones left out.")
    statuses: dict[str, int] = Field(description="How many have each status, withdrawn ones left out.")


class DerivedSource(Part):
    """What follows from a source's chain, and where it is used."""

    page: Address
    publisher_name: Text = Field(description="What its publisher is called.")
    first: date | None = Field(None, description="The first day on which it can have appeared.")
    last: date | None = Field(None, description="The last day on which it can have appeared.")
    rests_on: tuple[Id, ...] = Field(description="The sources at the ends of its chain: itself, if it repeats nothing.")
    origins: tuple[Id, ...] = Field(description="The bodies behind these, each named by its publisher.")
    statements: tuple[ClaimId, ...] = Field(description="The statements that it is evidence on.")


class DerivedPublisher(Part):
    """What follows from `part_of`, and what is on record of a publisher."""

    page: Address
    body: Id = Field(description="The body at the top of its `part_of` chain: the one that counts as an origin.")
    sources: tuple[Id, ...] = Field(description="The sources that are its own text.")


class DerivedTopic(Part):
    """What belongs to a topic."""

    page: Address
    statements: tuple[ClaimId, ...] = Field(description="Its statements, article by article.")


class DerivedMeasure(Part):
    """What belongs to a measure."""

    page: Address
    statements: tuple[ClaimId, ...] = Field(description="The statements that give a number for it.")


class GeneratedFrom(Part):
    """What the data was made from."""

    repository: Text | None = Field(None, description="Where the records are kept.")
    files: int = Field(description="How many files the record has.")
    sha256: Text = Field(description="A hash of the path and the SHA-256 of each of them.")


class Head(Part):
    """What the whole record says of itself."""

    name: Text = Field(description="What the site is called.")
    format: Text = Field(description="The version of the shape of this document.")
    version: Text = Field(
        description="The version of the data: its newest day and the beginning of the hash of its files."
    )
    day: date = Field(description="The newest day on record.")
    licence: Licence | None = Field(None, description="Under which terms it may be used; absent where none is given.")
    homepage: Text | None = Field(None, description="The address of the site, where it knows its own.")
    generated_from: GeneratedFrom


class ArticleReference(Part):
    """What identifies the article of a statement."""

    id: Id = Field(description="Its id.")
    title: Text = Field(description="As the text prints it.")
    author: Text | None = Field(None, description="The byline, or absent where there is none.")
    publisher: Id = Field(description="The outlet.")
    published: Text | None = Field(None, description="When it appeared.")
    url: Url | None = Field(None, description="Where the text is, or was, to be read.")
    page: Address


PAIRS: tuple[tuple[type[BaseModel], str, type[BaseModel]], ...] = (
    (Article, "articles", DerivedArticle),
    (Claim, "statements", DerivedStatement),
    (Source, "sources", DerivedSource),
    (Publisher, "publishers", DerivedPublisher),
    (Topic, "topics", DerivedTopic),
    (Measure, "measures", DerivedMeasure),
)
"""Each kind of record with its name in the whole record and what is derived for it."""
_WITH_ID = {model.__name__ for model, _, _ in PAIRS}


def schema(address: str = "") -> dict[str, Any]:
    """The JSON Schema of exports: of the whole record, and below `$defs` of everything in it.

    A line of an NDJSON file is a `Statement`, a `Source` and so on; a statement's own file is a `StatementFile`.
    `address` is where the schema itself stands, if that is known.
    """
    models = [model for pair in PAIRS for model in (pair[0], pair[2])]
    inputs: list[tuple[type[BaseModel], Any]] = [(model, "serialization") for model in models]
    inputs += [(model, "serialization") for model in (DerivedEvidence, DerivedQuantity, Head, ArticleReference)]
    _, made = models_json_schema(inputs, ref_template="#/$defs/{model}")
    found = {name: _settled(part) for name, part in made["$defs"].items()}
    for name, derived in [(pair[0].__name__, pair[2].__name__) for pair in PAIRS] + [
        ("Evidence", "DerivedEvidence"),
        ("Quantity", "DerivedQuantity"),
    ]:
        part = found[name]
        if name in _WITH_ID:
            pattern = "^[a-z0-9]+(-[a-z0-9]+)*" + ("/a[0-9]{2,4}$" if name == "Claim" else "$")
            id = {"type": "string", "pattern": pattern, "description": "Its id, which no other record is ever given."}
            part["properties"] = {"id": id, **part["properties"]}
            part["required"] = ["id", *part.get("required", [])]
        part["properties"]["derived"] = {"$ref": f"#/$defs/{derived}"}
        part["required"] = [*part.get("required", []), "derived"]
    found["Statement"] = found.pop("Claim")
    lists = {
        name: {"type": "array", "items": {"$ref": f"#/$defs/{model.__name__.replace('Claim', 'Statement')}"}}
        for model, name, _ in PAIRS
    }
    head = found.pop("Head")
    found["StatementFile"] = {
        "type": "object",
        "description": "One statement with what identifies its article, and the sources that it cites.",
        "properties": {
            "$schema": {"type": "string", "description": "Where the schema of this document is."},
            "format": head["properties"]["format"],
            "licence": {"$ref": "#/$defs/Licence"},
            "whole": {"type": "string", "description": "Where the whole record is."},
            "statement": {"$ref": "#/$defs/Statement"},
            "article": {"$ref": "#/$defs/ArticleReference"},
            "sources": lists["sources"],
        },
        "required": ["$schema", "format", "whole", "statement", "article", "sources"],
    }
    whole: dict[str, Any] = {
        "$schema": DRAFT,
        **({"$id": address} if address else {}),
        "title": f"The whole record, format {FORMAT}",
        "description": f"Every record with its fields, and below `derived` what was worked out from them. {PROMISE}",
        "type": "object",
        "properties": {
            "$schema": {"type": "string", "description": "Where the schema of this document is."},
            **head["properties"],
            **lists,
        },
        "required": ["$schema", *head["required"], *lists],
        "$defs": dict(sorted(found.items())),
    }
    return whole


def _settled(part: Any) -> Any:
    """A schema as exports follow it: no nulls, since what is absent is left out; every field that has a default is there;
    and open to fields that a later format 1 adds.
    """
    if isinstance(part, list):
        return [_settled(item) for item in part]
    if not isinstance(part, dict):
        return part
    choices = part.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        (kept,) = [choice for choice in choices if choice != {"type": "null"}]
        part = kept | {key: value for key, value in part.items() if key != "anyOf"}
    if part.get("format") == "uri":
        part = part | {"format": "iri"}  # records keep addresses as they stand, in any script
    made = {
        key: _settled(value)
        for key, value in part.items()
        if key not in ("additionalProperties", "default", "properties")
        and not (key == "title" and isinstance(value, str))
    }
    if "properties" in part:
        fields = part["properties"]
        made["properties"] = {name: _settled(field) for name, field in fields.items()}
        always = [
            name for name in fields if name in part.get("required", ()) or fields[name].get("default") is not None
        ]
        made["required"] = always
    return made


@dataclass(frozen=True)
class Entry:
    """One field as the data dictionary prints it."""

    name: str
    type: str
    always: bool
    description: str


@dataclass(frozen=True)
class Shape:
    """One kind of object as the data dictionary prints it."""

    name: str
    description: str
    fields: tuple[Entry, ...]

    @property
    def derived(self) -> bool:
        return self.name.startswith("Derived")


@cache
def dictionary() -> tuple[Shape, ...]:
    """Every kind of object that exports hold, from the schema: first the whole and the records, then their parts."""
    whole = schema()
    parts = whole["$defs"]
    records = [model.__name__.replace("Claim", "Statement") for model, _, _ in PAIRS]
    first = ["StatementFile", *records, *(f"Derived{name}" for name in records)]
    order = first + [name for name, part in parts.items() if "properties" in part and name not in first]
    shapes = [("Whole", whole), *((name, parts[name]) for name in order)]
    return tuple(
        Shape(
            name,
            " ".join(part.get("description", "").split()),
            tuple(
                Entry(field, _spoken(shape), field in part.get("required", ()), _meaning(shape, parts))
                for field, shape in part["properties"].items()
            ),
        )
        for name, part in shapes
    )


def _spoken(shape: dict[str, Any]) -> str:
    """The type of a field in a word or two; that of an object or a vocabulary is its name."""
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if shape.get("type") == "array":
        return f"list of {_spoken(shape['items'])}"
    if shape.get("type") == "object":
        return "object"
    return {"date": "date", "iri": "address"}.get(shape.get("format", ""), str(shape.get("type", "text"))).replace(
        "string", "text"
    )


def _meaning(shape: dict[str, Any], parts: dict[str, Any]) -> str:
    if shape.get("description"):
        return " ".join(str(shape["description"]).split())
    inner = shape.get("items", shape)
    return " ".join(parts[_spoken(inner)].get("description", "").split()) if "$ref" in inner else ""


def schema_text(address: str = "") -> str:
    """The same as text."""
    return json.dumps(schema(address), ensure_ascii=False, indent=2) + "\n"
