"""Records as JSON: the fields that they have under `claims/`, and beside them, below `derived`, what was worked out.

`dataset` has the schema of what is made here; tests hold the two together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from scripts.assess import Tally, limits
from scripts.dataset import FOLDER, FORMAT
from scripts.records import Article, Claim, Evidence, Measure, Publisher, Quantity, Record, Source, Topic
from scripts.render import Site
from scripts.values import PartialDate
from scripts.version import Version, dates

SCHEMA = f"{FOLDER}/claimtrail.schema.json"
WHOLE = f"{FOLDER}/claimtrail.json"
Document = dict[str, Any]
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line(document: Document) -> bytes:
    """A document on one line."""
    return _encode(document).encode() + b"\n"


def head(site: Site, version: Version) -> Document:
    """What the whole record says of itself."""
    settings = site.settings
    made: Document = {
        "$schema": site.address(SCHEMA),
        "name": settings.name,
        "format": FORMAT,
        "version": str(version),
        "day": version.day.isoformat(),
    }
    if settings.rights:
        made["licence"] = settings.rights.model_dump(mode="json", exclude_none=True)
    if settings.url:
        made["homepage"] = settings.url
    repository = {"repository": settings.repo} if settings.repo else {}
    made["generated_from"] = repository | {"files": version.files, "sha256": version.sha256}
    return made


def _fields(record: Record) -> Document:
    """The fields of a record as it has them, absent ones left out, after its id."""
    return {"id": record.id, **record.model_dump(mode="json", by_alias=True, exclude_none=True)}


def _days(when: PartialDate | None) -> Document:
    return {"first": when.first.isoformat(), "last": when.last.isoformat()} if when else {}


def _of_quantity(quantity: Quantity) -> Document:
    least, most = limits(quantity)
    return {"least": least.plain if least else 0} | ({"most": most.plain} if most else {}) | _days(quantity.as_of)


def _of_evidence(site: Site, item: Evidence) -> Document:
    relations = site.relations
    return {"origins": sorted(relations.origins(item)), "rests_on": sorted(relations.ends_of(item))}


def _origins(tally: Tally) -> Document:
    return {
        "supports": sorted(tally.supports),
        "qualifies": sorted(tally.qualifies),
        "contradicts": sorted(tally.contradicts),
    }


def newest(claim: Claim) -> str | None:
    """The newest day on which a statement's record was checked, corrected or taken back."""
    days = [day.first for day in dates(claim)]
    return max(days).isoformat() if days else None


def statement(site: Site, claim: Claim) -> Document:
    """One statement, with both verdicts."""
    it, made = site.assessment(claim), _fields(claim)
    if claim.quantity:
        made["quantity"]["derived"] = _of_quantity(claim.quantity)
    for item, fields in zip(claim.evidence, made["evidence"], strict=True):
        fields["derived"] = _of_evidence(site, item) | {"when": site.when(item, claim).value}
        if item.quantity:
            fields["quantity"]["derived"] = _of_quantity(item.quantity)
            distance = site.distance(claim, item)
            if distance:
                fields["derived"]["distance"] = distance
    derived: Document = {"article": claim.article, "page": site.address(f"articles/{claim.id}/")}
    for name, value in (("passage", site.passage(claim)), ("archived_passage", site.archived_passage(claim))):
        if value:
            derived[name] = value
    derived |= {
        "status": it.status.value,
        "status_judged": claim.judgement is not None,
        "status_because": it.status_because,
        "origins": _origins(it.tally),
        "mixed": sorted(it.tally.mixed),
        "primary": sorted(it.tally.primary),
        "origins_then": _origins(it.then),
        "status_then": it.status_then.value,
    }
    day = newest(claim)
    if day:
        derived["newest"] = day
    return made | {"derived": derived}


def article(site: Site, record: Article) -> Document:
    """One article, without its statements."""
    claims = site.relations.claims_by_article[record.id]
    return _fields(record) | {
        "derived": {
            "page": site.address(f"articles/{record.id}/"),
            "statements": [claim.id for claim in claims],
            "fidelities": {term.value: count for term, count in site.fidelities(claims)},
            "statuses": {term.value: count for term, count in site.statuses(claims)},
        }
    }


def source(site: Site, record: Source) -> Document:
    """One source."""
    relations = site.relations
    ends = sorted(relations.ends(record.id))
    bodies = {relations.body(relations.corpus.sources[id].publisher) for id in ends}
    return _fields(record) | {
        "derived": {
            "page": site.address(f"sources/{record.id}/"),
            "publisher_name": site.publisher(record.publisher).name,
            **_days(record.published),
            "rests_on": ends,
            "origins": sorted(bodies),
            "statements": list(dict.fromkeys(use.record.id for use in site.uses(record))),
        }
    }


def publisher(site: Site, record: Publisher) -> Document:
    """One publisher, with what was published about it."""
    made = _fields(record)
    for documented, proposition in zip(record.documented, made["documented"], strict=True):
        for item, fields in zip(documented.evidence, proposition["evidence"], strict=True):
            fields["derived"] = _of_evidence(site, item)
            if item.quantity:
                fields["quantity"]["derived"] = _of_quantity(item.quantity)
    sources = site.relations.sources_by_publisher[record.id]
    return made | {
        "derived": {
            "page": site.address(f"publishers/{record.id}/"),
            "body": site.relations.body(record.id),
            "sources": [source.id for source in sources],
        }
    }


def topic(site: Site, record: Topic) -> Document:
    """One topic."""
    claims = site.relations.claims_by_topic[record.id]
    page = site.address(f"topics/{record.id}/")
    return _fields(record) | {"derived": {"page": page, "statements": [claim.id for claim in claims]}}


def measure(site: Site, record: Measure) -> Document:
    """One measure."""
    figures = site.relations.figures_by_measure[record.id]
    page = site.address(f"figures/{record.id}/" if figures else "figures/")
    statements = [figure.claim.id for figure in figures if figure.source is None]
    return _fields(record) | {"derived": {"page": page, "statements": statements}}


def everything(site: Site) -> Iterator[tuple[str, Iterator[Record], Callable[[Site, Any], Document]]]:
    """Each kind by its name in the whole record, with its records in order and what makes one of them a document."""
    relations, corpus = site.relations, site.corpus
    yield "articles", iter(relations.articles), article
    claims = (claim for record in relations.articles for claim in relations.claims_by_article[record.id])
    yield "statements", claims, statement
    yield "sources", iter(corpus.sources.values()), source
    yield "publishers", iter(corpus.publishers.values()), publisher
    yield "topics", iter(site.topics()), topic
    yield "measures", iter(corpus.measures.values()), measure


def reference(site: Site, record: Article) -> Document:
    """What identifies an article."""
    made: Document = {"id": record.id, "title": record.title}
    for name, value in (("author", record.author), ("publisher", record.publisher), ("url", record.url)):
        if value:
            made[name] = value
    if record.published:
        made["published"] = record.published.written
    return made | {"page": site.address(f"articles/{record.id}/")}


def file_of(site: Site, claim: Claim, made: bytes, sources: dict[str, bytes]) -> bytes:
    """A statement's own file, from its line and from those of the sources that it cites, which are kept in `sources`.

    It names no version of the data, so that it changes only with what it holds.
    """
    cited = dict.fromkeys(item.source for item in claim.evidence)
    if claim.attribution.source:
        cited[claim.attribution.source] = None
    for id in cited:
        if id not in sources:
            sources[id] = line(source(site, site.corpus.sources[id]))[:-1]
    rights = site.settings.rights
    front = line(
        {
            "$schema": f"{site.address(SCHEMA)}#/$defs/StatementFile",
            "format": FORMAT,
            **({"licence": rights.model_dump(mode="json", exclude_none=True)} if rights else {}),
            "whole": site.address(WHOLE),
            "article": reference(site, site.article(claim)),
        }
    )
    lines = b",\n".join(sources[id] for id in cited)
    return front[:-2] + b',\n"statement":' + made[:-1] + b',\n"sources":[' + lines + b"]}\n"
