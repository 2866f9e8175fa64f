"""One statement for the terminal: both verdicts with their reasons, and the evidence by its origins.

`as_text` wraps to a width; `as_json` holds the same with the words of the vocabularies as records write them.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from scripts.assess import Group, spoken
from scripts.records import Claim, Evidence, Quantity
from scripts.render import Site, plural
from scripts.terms import Stance, Status, When

FORMATS = ("text", "json")
WIDEST, NARROWEST = 100, 40
"""Longer lines are hard to read, and shorter ones break every word."""
_SIDES = {
    Stance.CONTRADICTS: "Against",
    Stance.SUPPORTS: "For",
    Stance.QUALIFIES: "With a condition",
    Stance.SILENT: "Read, and settles nothing here",
}
_TIMES = {
    When.BEFORE: "before the article",
    When.SAME_DAY: "on the day of the article",
    When.AFTER: "after the article",
    When.UNKNOWN: "time unsettled",
}


def as_text(site: Site, claim: Claim, width: int = WIDEST) -> str:
    """The statement in lines of at most `width` characters, where no word is longer."""
    width = max(NARROWEST, min(WIDEST, width))
    lines = []
    for indent, text in _lines(site, claim):
        lines += textwrap.wrap(
            text,
            width,
            initial_indent=" " * indent,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines) + "\n"


def _lines(site: Site, claim: Claim) -> Iterator[tuple[int, str]]:
    """Each paragraph with its indent; an empty one parts two sections."""
    it, article, attribution = site.assessment(claim), site.article(claim), claim.attribution
    where = "headline" if claim.para == 0 else f"paragraph {claim.para}"
    yield 0, f"{claim.id} · {where} · {claim.kind.label}"
    byline = [
        article.title,
        article.author,
        site.publisher(article.publisher).name,
        str(article.published or "undated"),
    ]
    yield 0, ", ".join(part for part in byline if part)
    if claim.withdrawn:
        yield 0, f"Withdrawn, {claim.withdrawn.on}: {claim.withdrawn.reason}"
    yield 0, ""
    yield 2, claim.says
    if claim.quantity:
        yield 2, f"Gives {_figure(site, claim.quantity)}."
    yield 0, ""
    yield 0, f"Attribution: {it.fidelity.tone.mark} {it.fidelity.label}"
    yield 2, f"Credits {attribution.to}. {it.fidelity_because}" if attribution.to else it.fidelity_because
    if attribution.source:
        yield 2, f"The document credited: {site.cite(site.source(attribution.source))} [{attribution.source}]"
    if attribution.source_says:
        yield 2, f"The source gives: {attribution.source_says}"
    if attribution.drift:
        yield 2, f"Changed on the way: {', '.join(drift.label for drift in attribution.drift)}."
    yield 0, ""
    yield 0, f"Record: {it.status.tone.mark} {it.status.label}{' (judged)' if claim.judgement else ''}"
    yield 2, it.status_because
    if claim.technique:
        yield 2, f"Technique: {claim.technique.label}. {claim.technique.meaning}"
    if then := site.then_and_now(claim):
        yield 2, then
    for stance, heading in _SIDES.items():
        groups = [group for group in it.groups if group.stance is stance]
        if groups:
            count = len(it.tally.of(stance))
            yield 0, ""
            yield 0, heading if stance is Stance.SILENT else f"{heading}: {plural(count, 'independent origin')}"
            for group in groups:
                yield from _group(site, claim, group)
    if it.saying:
        yield 0, ""
        yield 0, "On whether it was said"
        for item in it.saying:
            yield from _evidence(site, claim, item)
    if claim.looked_for:
        yield 0, ""
        yield 0, "Looked for and not found"
        for search in claim.looked_for:
            yield 2, f"{search.what}: {search.where}, {search.on}"
    if claim.would_change:
        yield 0, ""
        yield 0, "What would change this"
        yield 2, claim.would_change
    family = site.relations.family(claim.id)
    if family:
        yield 0, ""
        yield 0, "Related"
        for other, relation, note in family:
            theirs = site.assessment(other).status
            yield 2, f"{relation.label}: {other.short} [{other.id}], {theirs.tone.mark} {theirs.label}"
            if note:
                yield 4, note
    for correction in claim.corrected:
        yield 0, ""
        yield 0, f"Corrected, {correction.on}: {correction.what}"


def _group(site: Site, claim: Claim, group: Group) -> Iterator[tuple[int, str]]:
    names = site.origin_names(group.origins) or "an origin that is not on record"
    own = group.origins <= site.relations.outlets(claim.article) and bool(group.origins)
    note = "the article's own outlet, which is no origin for it" if own else site.group_note(group)
    alone = len(group.items) == len(group.origins) == 1 and not own
    yield 2, names if alone or group.stance is Stance.SILENT else f"{names} ({note})"
    for item in group.items:
        yield from _evidence(site, claim, item)


def _evidence(site: Site, claim: Claim, item: Evidence) -> Iterator[tuple[int, str]]:
    source = site.source(item.source)
    about = [item.stance.label, item.role.label, f"on {item.on.label}", _TIMES[site.when(item, claim)]]
    yield 4, f"{item.stance.tone.mark} {site.cite(source)} [{source.id}]: {', '.join(about)}"
    yield 6, item.finding
    if item.quantity:
        far = site.distance(claim, item)
        yield 6, f"It gives {_figure(site, item.quantity)}{f'; the article’s number: {far}' if far else ''}."
    if item.reading:
        yield 6, f"Our reading: {item.reading}"
    quoted = [f"“{item.phrase}”" if item.phrase else "", item.locator or ""]
    if any(quoted):
        yield 6, ", ".join(part for part in quoted if part)


def _figure(site: Site, quantity: Quantity) -> str:
    measure = site.corpus.measures.get(quantity.measure)
    parts = [f"{spoken(quantity)} {measure.unit if measure else ''}".strip(), f"[{quantity.measure}]"]
    text = " ".join(parts)
    if quantity.as_of:
        text += f", for {quantity.as_of}"
    if quantity.counted_by:
        text += f", counted by {quantity.counted_by}"
    return f"{text}, of another scope: {quantity.scope}" if quantity.scope else text


def as_json(site: Site, claim: Claim) -> str:
    """The statement as one JSON object; origins are named by their publishers' ids."""
    it, attribution = site.assessment(claim), claim.attribution

    def plain(value: Any) -> Any:
        return None if value is None else str(value)

    def number(quantity: Quantity | None) -> dict[str, Any] | None:
        if quantity is None:
            return None
        return {
            "measure": quantity.measure,
            "number": spoken(quantity),
            "as_of": plain(quantity.as_of),
            "counted_by": quantity.counted_by,
            "scope": quantity.scope,
        }

    evidence = [
        {
            "source": item.source,
            "cite": site.cite(site.source(item.source)),
            "url": plain(site.source(item.source).url),
            "role": item.role.value,
            "on": item.on.value,
            "stance": item.stance.value,
            "when": site.when(item, claim).value,
            "origins": sorted(site.relations.origins(item)),
            "finding": item.finding,
            "reading": item.reading,
            "quantity": number(item.quantity),
            "distance": site.distance(claim, item) or None,
            "phrase": item.phrase,
            "locator": item.locator,
        }
        for item in claim.evidence
    ]
    record: dict[str, Any] = {
        "status": it.status.value,
        "judged": claim.judgement is not None,
        "because": it.status_because,
        "origins": {stance.value: sorted(it.tally.of(stance)) for stance in Stance if stance is not Stance.SILENT},
        "when_the_article_appeared": _then(it.status_then, claim),
    }
    found = {
        "id": claim.id,
        "article": claim.article,
        "para": claim.para,
        "kind": claim.kind.value,
        "says": claim.says,
        "short": claim.short,
        "withdrawn": claim.withdrawn and {"on": str(claim.withdrawn.on), "reason": claim.withdrawn.reason},
        "quantity": number(claim.quantity),
        "attribution": {
            "fidelity": it.fidelity.value,
            "because": it.fidelity_because,
            "to": attribution.to,
            "source": attribution.source,
            "source_says": attribution.source_says,
            "drift": [drift.value for drift in attribution.drift],
        },
        "record": record,
        "evidence": evidence,
        "looked_for": [{"what": s.what, "where": s.where, "on": str(s.on)} for s in claim.looked_for],
        "would_change": claim.would_change,
        "related": [
            {"to": other.id, "as": relation.value, "note": note}
            for other, relation, note in site.relations.family(claim.id)
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _then(status: Status, claim: Claim) -> str | None:
    """The status by what could be read then; a judged one has none."""
    return None if claim.judgement else status.value
