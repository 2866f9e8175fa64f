"""The record as tables: what the CSV files and the database hold, each column with its type, its meaning and its place.

A column that the program worked out is called `derived_…`, and so is a table; all others hold what a person judged, under
the names that the fields have in records. Where a field is a list, its entries are rows of a table of their own, numbered
by `position` from 1 in the order of the record.

This module stands above `render`, whose pages describe the tables, so that the site comes to the getters untyped.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from scripts import terms
from scripts.assess import limits
from scripts.records import (
    Article,
    Attribution,
    Claim,
    Copy,
    Correction,
    Evidence,
    Judgement,
    Measure,
    Publisher,
    Quantity,
    Reading,
    Related,
    Reply,
    Search,
    Source,
    Topic,
    Withdrawal,
)
from scripts.terms import Stance, Term
from scripts.values import Number, PartialDate
from scripts.version import dates

Type = Literal["string", "integer", "number", "boolean", "date"]
Cell = str | int | float | bool | None
Getter = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Column:
    """One column: `get` takes the site and the thing that a row is about. `refers` names a table whose `id` it holds."""

    name: str
    get: Getter
    description: str
    type: Type = "string"
    required: bool = False
    refers: str = ""
    words: tuple[str, ...] = ()

    @property
    def derived(self) -> bool:
        return self.name.startswith("derived_")


@dataclass(frozen=True)
class Table:
    """One table; `key` are the columns that tell its rows apart, by which they are also sorted unless they have an order.

    `search` are the columns that the database's full text search covers.
    """

    name: str
    description: str
    things: Callable[[Any], Iterable[Any]]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    foreign: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    search: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]:
        """Foreign keys: columns, table, columns of that table."""
        single = tuple(((column.name,), column.refers, ("id",)) for column in self.columns if column.refers)
        return single + self.foreign

    def rows(self, site: Any) -> Iterator[tuple[Cell, ...]]:
        """The rows, in an order that depends on nothing but the record."""
        getters = [column.get for column in self.columns]
        for thing in self.things(site):
            yield tuple([_cell(get(site, thing)) for get in getters])


_PLAIN = frozenset((str, int, float, bool, type(None)))


def _cell(value: Any) -> Cell:
    if value.__class__ in _PLAIN:
        return value  # type: ignore[no-any-return]
    if isinstance(value, Term):
        return value.value
    if isinstance(value, PartialDate):
        return value.written
    if isinstance(value, Number):
        return value.plain
    return str(value)


def _facts(annotation: Any) -> tuple[Type, tuple[str, ...], str]:
    """The type of a field's column, the words that it may hold, and what its type says of itself."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _facts(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return _facts(next(arg for arg in get_args(annotation) if arg is not type(None)))
    if isinstance(annotation, type):
        if issubclass(annotation, Term):
            return "string", tuple(word.value for word in annotation), " ".join((annotation.__doc__ or "").split())
        if issubclass(annotation, Number):
            return "number", (), "A number."
        for kind, name in ((bool, "boolean"), (int, "integer")):
            if issubclass(annotation, kind):
                return name, (), ""  # type: ignore[return-value]
    return "string", (), ""


def _field(
    model: type[BaseModel],
    field: str,
    name: str = "",
    get: Getter | None = None,
    refers: str = "",
    optional: bool = False,
) -> Column:
    """The column of a field of a record, with the field's own description."""
    info = model.model_fields[field]
    type_, words, of_type = _facts(info.annotation)
    return Column(
        name or field,
        get or (lambda site, thing: getattr(thing, field)),
        info.description or of_type,
        type_,
        info.is_required() and not optional,
        refers,
        words,
    )


def _fields(model: type[BaseModel], *names: str) -> tuple[Column, ...]:
    return tuple(_field(model, name) for name in names)


def _part(model: type[BaseModel], part: str, fields: Iterable[str], optional: bool = False) -> tuple[Column, ...]:
    """The fields of a part of a record as columns `part_field`."""

    def getter(field: str) -> Getter:
        def get(site: Any, thing: Any) -> Any:
            whole = getattr(thing, part)
            return None if whole is None else getattr(whole, field)

        return get

    prefix = {"looked_for": "search", "withdrawn": "withdrawn"}.get(part, part)
    return tuple(_field(model, field, f"{prefix}_{field}", getter(field), optional=optional) for field in fields)


def _id(what: str) -> Column:
    return Column(
        "id", lambda site, thing: thing.id, f"The id of the {what}; no other is ever given it.", required=True
    )


def _page(folder: str) -> Column:
    return Column(
        "derived_page",
        lambda site, thing: site.address(f"{folder}/{thing.id}/"),
        "Its page, absolute where the site knows its own address.",
        required=True,
    )


def _first(get: Callable[[Any], PartialDate | None], what: str) -> tuple[Column, ...]:
    def end(name: str) -> Getter:
        def find(site: Any, thing: Any) -> Any:
            when = get(thing)
            return None if when is None else getattr(when, name).isoformat()

        return find

    return (
        Column("derived_first", end("first"), f"The first day that {what} can mean.", "date"),
        Column("derived_last", end("last"), f"The last day that {what} can mean.", "date"),
    )


def _at(index: int) -> Getter:
    return lambda site, thing: thing[index]


def _position(index: int, what: str) -> Column:
    return Column("position", _at(index), f"The number of the {what} within its record, from 1.", "integer", True)


def _inner(model: type[BaseModel], index: int, field: str, name: str = "", refers: str = "") -> Column:
    return _field(model, field, name, lambda site, thing: getattr(thing[index], field), refers)


# ---- what rows are about -------------------------------------------------------------------------------------------------


def _claims(site: Any) -> Iterator[Claim]:
    yield from site.corpus.claims.values()


def _evidence(site: Any) -> Iterator[tuple[Claim, int, Evidence]]:
    for claim in _claims(site):
        for position, item in enumerate(claim.evidence, 1):
            yield claim, position, item


def _quantities(site: Any) -> Iterator[tuple[Claim, int, Quantity]]:
    for claim in _claims(site):
        for location, quantity in claim.quantities():
            yield claim, 0 if len(location) == 1 else int(location[1]) + 1, quantity


def _searches(site: Any) -> Iterator[tuple[str, Claim | None, int, Search]]:
    for article in site.corpus.articles.values():
        for position, search in enumerate(article.looked_for, 1):
            yield article.id, None, position, search
    for claim in _claims(site):
        for position, search in enumerate(claim.looked_for, 1):
            yield claim.article, claim, position, search


def _copies(site: Any) -> Iterator[tuple[Article | None, Source | None, int, Copy]]:
    for article in site.corpus.articles.values():
        for position, copy in enumerate(article.copies, 1):
            yield article, None, position, copy
    for source in site.corpus.sources.values():
        for position, copy in enumerate(source.copies, 1):
            yield None, source, position, copy


def _findings(site: Any) -> Iterator[tuple[Publisher, int, str, int, Evidence]]:
    for publisher in site.corpus.publishers.values():
        at = 0
        for number, documented in enumerate(publisher.documented, 1):
            for item in documented.evidence:
                at += 1
                yield publisher, number, documented.says, at, item


def _stance(side: str, then: bool = False) -> Getter:
    def get(site: Any, claim: Any) -> int:
        it = site.assessment(claim)
        return len(getattr(it.then if then else it.tally, side))

    return get


_SIDES = (("supports", "support it"), ("qualifies", "bear it out with a condition"), ("contradicts", "contradict it"))
_EVIDENCE = (
    ("role", ""),
    ("on", "bears_on"),
    ("stance", ""),
    ("finding", ""),
    ("reading", ""),
    ("phrase", ""),
    ("locator", ""),
)


def _evidence_columns(index: int) -> tuple[Column, ...]:
    return (
        _inner(Evidence, index, "source", refers="sources"),
        *(_inner(Evidence, index, field, name) for field, name in _EVIDENCE),
    )


TABLES: tuple[Table, ...] = (
    Table(
        "terms",
        "Every word of the closed vocabularies with its meaning.",
        lambda site: [(vocabulary, word) for vocabulary in terms.VOCABULARIES for word in vocabulary],
        (
            Column("vocabulary", lambda site, thing: thing[0].__name__, "The vocabulary.", required=True),
            Column("word", lambda site, thing: thing[1].value, "The word as records have it.", required=True),
            Column("label", lambda site, thing: thing[1].label, "The word as pages print it.", required=True),
            Column("meaning", lambda site, thing: thing[1].meaning, "What it means.", required=True),
        ),
        ("vocabulary", "word"),
    ),
    Table(
        "publishers",
        "Outlets, agencies, offices and other bodies that stand behind documents.",
        lambda site: site.corpus.publishers.values(),
        (
            _id("publisher"),
            *_fields(Publisher, "name", "country", "kind", "home"),
            _field(Publisher, "part_of", refers="publishers"),
            *_fields(Publisher, "note"),
            _page("publishers"),
            Column(
                "derived_body",
                lambda site, thing: site.relations.body(thing.id),
                "The body at the top of its `part_of` chain: the one that counts as an origin.",
                required=True,
                refers="publishers",
            ),
        ),
    ),
    Table(
        "sources",
        "Documents in the world, each with when and how it was read.",
        lambda site: site.corpus.sources.values(),
        (
            _id("source"),
            *_fields(Source, "title", "title_en", "lang"),
            _field(Source, "publisher", refers="publishers"),
            _field(Source, "carried_by", refers="publishers"),
            *_fields(Source, "author", "published", "url", "archived_url", "kind"),
            *_part(Reading, "read", ("on", "how", "note")),
            *_fields(Source, "note"),
            _page("sources"),
            *_first(lambda source: source.published, "`published`"),
            Column(
                "derived_statements",
                lambda site, thing: len({use.record.id for use in site.uses(thing)}),
                "How many statements it is evidence on.",
                "integer",
                True,
            ),
        ),
        search=("title", "title_en", "author", "note"),
    ),
    Table(
        "derivations",
        "Which source repeats words or figures of which other one.",
        lambda site: [(source, up) for source in site.corpus.sources.values() for up in source.derived_from],
        (
            Column("source", lambda site, thing: thing[0].id, "The source.", required=True, refers="sources"),
            Column("derived_from", _at(1), "What it repeats.", required=True, refers="sources"),
        ),
        ("source", "derived_from"),
    ),
    Table(
        "derived_origins",
        "At the end of which chain each source stands: itself, where it repeats nothing.",
        lambda site: [
            (source.id, end)
            for source in site.corpus.sources.values()
            for end in sorted(site.relations.ends(source.id))
        ],
        (
            Column("source", _at(0), "The source.", required=True, refers="sources"),
            Column("derived_end", _at(1), "A source at the end of its chain.", required=True, refers="sources"),
            Column(
                "derived_origin",
                lambda site, thing: site.relations.body(site.source(thing[1]).publisher),
                "The body behind that one: sources of one body are one origin.",
                required=True,
                refers="publishers",
            ),
        ),
        ("source", "derived_end"),
    ),
    Table(
        "articles",
        "The texts under study.",
        lambda site: site.corpus.articles.values(),
        (
            _id("article"),
            *_fields(Article, "title", "author"),
            _field(Article, "publisher", refers="publishers"),
            *_fields(Article, "published", "lang", "url", "archived_url", "about", "studied"),
            _field(Article, "order", "sort_order"),
            _page("articles"),
            *_first(lambda article: article.published, "`published`"),
        ),
    ),
    Table(
        "topics",
        "The questions that readers browse.",
        lambda site: site.corpus.topics.values(),
        (
            _id("topic"),
            *_fields(Topic, "title", "question", "glance", "summary"),
            _field(Topic, "order", "sort_order"),
            _page("topics"),
        ),
    ),
    Table(
        "measures",
        "The quantities: what is counted, where and of whom.",
        lambda site: site.corpus.measures.values(),
        (_id("measure"), *_fields(Measure, "title", "unit", "scope", "share", "caution")),
    ),
    Table(
        "statements",
        "What the articles say, with both verdicts.",
        _claims,
        (
            _id("statement"),
            Column("article", lambda site, thing: thing.article, "Its article.", required=True, refers="articles"),
            *_fields(Claim, "says", "short", "kind", "para"),
            *_part(Claim.model_fields["anchor"].annotation, "anchor", ("starts", "ends", "prefix", "suffix")),  # type: ignore[arg-type]
            *_part(Attribution, "attribution", ("to", "how")),
            _field(
                Attribution,
                "source",
                "attribution_source",
                lambda site, thing: thing.attribution.source,
                "sources",
            ),
            *_part(Attribution, "attribution", ("fidelity", "source_says", "because")),
            *_fields(Claim, "glance", "technique", "would_change"),
            *_part(Judgement, "judgement", ("status", "because"), optional=True),
            *_part(Withdrawal, "withdrawn", ("on", "reason"), optional=True),
            *_fields(Claim, "checked", "note"),
            _page("articles"),
            Column(
                "derived_status",
                lambda site, thing: site.assessment(thing).status,
                "What the record shows: worked out, or judged where `judgement_status` says so.",
                required=True,
                words=tuple(word.value for word in terms.Status),
            ),
            Column(
                "derived_status_because",
                lambda site, thing: site.assessment(thing).status_because,
                "Why it has this status, in one sentence.",
                required=True,
            ),
            *(
                Column(f"derived_{side}", _stance(side), f"How many independent origins {words}.", "integer", True)
                for side, words in _SIDES
            ),
            Column(
                "derived_status_then",
                lambda site, thing: site.assessment(thing).status_then,
                "The status that the origins give that could be read when the article appeared.",
                required=True,
                words=tuple(word.value for word in terms.Status),
            ),
            *(
                Column(f"derived_{side}_then", _stance(side, True), f"How many of these {words}.", "integer", True)
                for side, words in _SIDES
            ),
            Column(
                "derived_newest",
                lambda site, thing: max((day.first for day in dates(thing)), default=None),
                "The newest day on which the record was checked, corrected or taken back.",
                "date",
            ),
        ),
        search=("says", "short", "glance", "note"),
    ),
    Table(
        "statement_topics",
        "The topics of each statement.",
        lambda site: [(claim.id, topic) for claim in _claims(site) for topic in claim.topics],
        (
            Column("statement", _at(0), "The statement.", required=True, refers="statements"),
            Column("topic", _at(1), "The topic.", required=True, refers="topics"),
        ),
        ("statement", "topic"),
    ),
    Table(
        "statement_drift",
        "What changed between the credited source and each statement.",
        lambda site: [(claim.id, drift) for claim in _claims(site) for drift in claim.attribution.drift],
        (
            Column("statement", _at(0), "The statement.", required=True, refers="statements"),
            Column(
                "drift",
                _at(1),
                "What changed on the way.",
                required=True,
                words=tuple(word.value for word in terms.Drift),
            ),
        ),
        ("statement", "drift"),
    ),
    Table(
        "evidence",
        "What one source says that bears on one statement.",
        _evidence,
        (
            Column("statement", lambda site, thing: thing[0].id, "The statement.", required=True, refers="statements"),
            _position(1, "piece of evidence"),
            *_evidence_columns(2),
            Column(
                "own",
                lambda site, thing: None if thing[2].rests_on is None else not thing[2].rests_on,
                "True where the finding is said to be the source's own, false where `evidence_rests_on` names what it "
                "repeats, empty where the chain of the whole document counts.",
                "boolean",
            ),
            Column(
                "derived_when",
                lambda site, thing: site.when(thing[2], thing[0]),
                "Where its source stands in time to the article.",
                required=True,
                words=tuple(word.value for word in terms.When),
            ),
            Column(
                "derived_distance",
                lambda site, thing: site.distance(thing[0], thing[2]) or None,
                "How far the article's number is from this one, in words.",
            ),
        ),
        ("statement", "position"),
        search=("finding", "reading"),
    ),
    Table(
        "evidence_rests_on",
        "The sources that a finding repeats, where they are not those of the whole document.",
        lambda site: [(claim.id, at, up) for claim, at, item in _evidence(site) for up in item.rests_on or ()],
        (
            Column("statement", _at(0), "The statement.", required=True, refers="statements"),
            _position(1, "piece of evidence"),
            Column("source", _at(2), "What it repeats.", required=True, refers="sources"),
        ),
        ("statement", "position", "source"),
        ((("statement", "position"), "evidence", ("statement", "position")),),
    ),
    Table(
        "derived_evidence_origins",
        "The independent origins of each piece of evidence.",
        lambda site: [
            (
                claim.id,
                at,
                origin,
                origin not in site.relations.outlets(claim.article) and item.stance is not Stance.SILENT,
            )
            for claim, at, item in _evidence(site)
            for origin in sorted(site.relations.origins(item))
        ],
        (
            Column("statement", _at(0), "The statement.", required=True, refers="statements"),
            _position(1, "piece of evidence"),
            Column("derived_origin", _at(2), "The body at the end of its chain.", required=True, refers="publishers"),
            Column(
                "derived_counts",
                _at(3),
                "Whether it can count: no outlet that ran the article does, and nothing that is silent.",
                "boolean",
                True,
            ),
        ),
        ("statement", "position", "derived_origin"),
        ((("statement", "position"), "evidence", ("statement", "position")),),
    ),
    Table(
        "quantities",
        "Numbers: the statement's own at position 0, those of its evidence at the position of that.",
        _quantities,
        (
            Column("statement", lambda site, thing: thing[0].id, "The statement.", required=True, refers="statements"),
            Column("position", _at(1), "0 for the statement's own, else that of the evidence.", "integer", True),
            _inner(Quantity, 2, "measure", refers="measures"),
            *(
                _inner(Quantity, 2, name)
                for name in ("value", "about", "low", "high", "at_least", "at_most", "as_of", "counted_by", "scope")
            ),
            Column(
                "derived_least",
                lambda site, thing: limits(thing[2])[0] or 0,
                "The least that it can mean.",
                "number",
                True,
            ),
            Column(
                "derived_most",
                lambda site, thing: limits(thing[2])[1],
                "The most that it can mean; empty where it is open.",
                "number",
            ),
            *_first(lambda thing: thing[2].as_of, "`as_of`"),
        ),
        ("statement", "position"),
    ),
    Table(
        "related",
        "Links between statements.",
        lambda site: [(claim.id, link) for claim in _claims(site) for link in claim.related],
        (
            Column("statement", _at(0), "The statement.", required=True, refers="statements"),
            _inner(Related, 1, "to", "related", "statements"),
            _inner(Related, 1, "as_", "relation"),
            _inner(Related, 1, "note"),
        ),
        ("statement", "related", "relation"),
    ),
    Table(
        "searches",
        "What was looked for and not found, for a statement or for an article as a whole.",
        _searches,
        (
            Column(
                "record",
                lambda site, thing: thing[1].id if thing[1] else thing[0],
                "The id of the statement or article.",
                required=True,
            ),
            _position(2, "search"),
            Column("article", _at(0), "The article.", required=True, refers="articles"),
            Column("statement", lambda site, thing: thing[1] and thing[1].id, "The statement.", refers="statements"),
            _inner(Search, 3, "what"),
            _inner(Search, 3, "where", "place"),
            _inner(Search, 3, "on", "searched_on"),
        ),
        ("record", "position"),
    ),
    Table(
        "corrections",
        "What was changed in a statement's record since it was published.",
        lambda site: [(claim, at, entry) for claim in _claims(site) for at, entry in enumerate(claim.corrected, 1)],
        (
            Column("statement", lambda site, thing: thing[0].id, "The statement.", required=True, refers="statements"),
            _position(1, "correction"),
            _inner(Correction, 2, "on", "corrected_on"),
            _inner(Correction, 2, "what"),
        ),
        ("statement", "position"),
    ),
    Table(
        "copies",
        "Other addresses of articles and sources.",
        _copies,
        (
            Column("record", lambda site, thing: (thing[0] or thing[1]).id, "The article or source.", required=True),
            Column(
                "kind",
                lambda site, thing: "article" if thing[0] else "source",
                "Which of the two.",
                required=True,
                words=("article", "source"),
            ),
            _position(2, "copy"),
            Column("article", lambda site, thing: thing[0] and thing[0].id, "The article.", refers="articles"),
            Column("source", lambda site, thing: thing[1] and thing[1].id, "The source.", refers="sources"),
            _inner(Copy, 3, "url"),
            _inner(Copy, 3, "publisher", refers="publishers"),
            _inner(Copy, 3, "published"),
            _inner(Copy, 3, "note"),
        ),
        ("kind", "record", "position"),
    ),
    Table(
        "publisher_findings",
        "What was published about an outlet or a byline, with the evidence each way. None of it is a verdict.",
        _findings,
        (
            Column(
                "publisher", lambda site, thing: thing[0].id, "Whom it is about.", required=True, refers="publishers"
            ),
            _position(3, "finding"),
            Column("proposition", _at(1), "The number of the proposition, from 1.", "integer", True),
            Column("says", _at(2), "The proposition that the evidence bears on, neutrally worded.", required=True),
            *_evidence_columns(4),
        ),
        ("publisher", "position"),
    ),
    Table(
        "replies",
        "What an outlet says of itself, or answers.",
        lambda site: [
            (publisher.id, at, entry)
            for publisher in site.corpus.publishers.values()
            for at, entry in enumerate(publisher.reply, 1)
        ],
        (
            Column("publisher", _at(0), "The outlet.", required=True, refers="publishers"),
            _position(1, "reply"),
            _inner(Reply, 2, "source", refers="sources"),
            _inner(Reply, 2, "finding"),
            _inner(Reply, 2, "phrase"),
            _inner(Reply, 2, "locator"),
        ),
        ("publisher", "position"),
    ),
)
"""Every table, none before those that it refers to."""
