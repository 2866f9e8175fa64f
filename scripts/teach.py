"""What a worksheet asks: which statements of an article, in which order, and which questions on each.

The questions follow two published ways of teaching the tracing of claims: SIFT (Mike Caulfield: stop, investigate the
source, find other coverage, trace to the original context) and Civic Online Reasoning (Stanford History Education Group:
who is behind the information, what is the evidence, what do other sources say).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.records import Claim
from scripts.relate import Relations
from scripts.terms import Crediting, Fidelity, Kind

MOST = 10
"""Statements on a sheet; with room to write, ten fill two printed pages. An article with fewer gives all that it has."""

_WAYS = {Crediting.QUOTED: 0, Crediting.NAMED: 0, Crediting.VAGUE: 2, Crediting.NONE: 2}
_KINDS = {Kind.CAUSAL_CLAIM: 1, Kind.PREDICTION: 1, Kind.INSINUATION: 2, Kind.OPINION: 2}
_FIDELITIES = {
    Fidelity.FAITHFUL: 0,
    Fidelity.MINOR_DRIFT: 1,
    Fidelity.INDIRECT: 1,
    Fidelity.NO_ATTRIBUTION: 1,
    Fidelity.UNCHECKED: 1,
}
LEVELS = ("one step", "several steps", "a long way")
"""The difficulties by name, the easiest first."""


@dataclass(frozen=True)
class Question:
    """A question with the move of SIFT that it trains."""

    move: str
    text: str


def difficulty(relations: Relations, claim: Claim) -> int:
    """How hard a statement is to trace: 0, 1 or 2, a place in `LEVELS`.

    Points are added up. The way to the origin: none where the credited source was found and derives from nothing; one
    where it derives from others, or is named and was not found; two where nobody in particular is credited. The kind:
    one for a cause or a prediction, two for an insinuation or an opinion. The fidelity: none for faithful, one for a small
    difference and where there is nothing to compare, two for the rest. Up to one point is level 0, up to three level 1.
    """
    attribution = claim.attribution
    way = _WAYS[attribution.how]
    if not way and (not attribution.source or relations.ladder(attribution.source)):
        way = 1
    points = way + _KINDS.get(claim.kind, 0) + _FIDELITIES.get(attribution.fidelity, 2)
    return 0 if points <= 1 else 1 if points <= 3 else 2


def chosen(relations: Relations, claims: Sequence[Claim], most: int = MOST) -> list[Claim]:
    """The statements of one worksheet, in the order of the text.

    Withdrawn statements are left out, and of opinions one at most is taken. The three difficulties take turns. Within
    one, a statement goes first whose fidelity and kind are not yet on the sheet, then the one with more evidence, then the
    one that comes earlier in the text.
    """
    waiting: list[list[Claim]] = [[], [], []]
    for claim in claims:
        if not claim.withdrawn:
            waiting[difficulty(relations, claim)].append(claim)
    taken: list[Claim] = []
    seen: set[tuple[Fidelity, Kind]] = set()
    level = 0
    while len(taken) < most and any(waiting):
        if waiting[level]:
            best = min(
                waiting[level],
                key=lambda claim: ((claim.attribution.fidelity, claim.kind) in seen, -len(claim.evidence)),
            )
            waiting[level].remove(best)
            if best.kind is not Kind.OPINION or all(claim.kind is not Kind.OPINION for claim in taken):
                taken.append(best)
                seen.add((best.attribution.fidelity, best.kind))
        level = (level + 1) % 3
    return [claim for claim in claims if claim in taken]


_BY_CREDIT = {
    Crediting.QUOTED: Question(
        "Trace", "Whom does the article quote? Find the words where they were first printed. What stands around them?"
    ),
    Crediting.NAMED: Question("Trace", "Whom does the article credit? Find that source. What does it give?"),
    Crediting.VAGUE: Question(
        "Trace", "The article points at a source without naming one. Who could it be? Who said it first?"
    ),
    Crediting.NONE: Question(
        "Find", "The article credits nobody. Find two reports that do not repeat each other. What does each give?"
    ),
}
_BY_KIND = {
    Kind.FACT: Question("Find", "What do other sources say, and on what does each of them rest?"),
    Kind.FIGURE: Question("Find", "What exactly is counted, where, when and by whom? Do other counts count the same?"),
    Kind.ATTRIBUTED_STATEMENT: Question(
        "Investigate", "Who is behind the source? Was it there, or does it pass on somebody else’s report?"
    ),
    Kind.CAUSAL_CLAIM: Question("Stop", "What would have to be shown for the one to be the cause of the other?"),
    Kind.PREDICTION: Question("Stop", "What could be known when this was written? What came of it?"),
    Kind.INSINUATION: Question("Stop", "What does the passage suggest without saying it? Say it as a plain sentence."),
    Kind.OPINION: Question("Stop", "Which part of this could evidence settle, and which part is a judgement?"),
}


def questions(claim: Claim) -> tuple[Question, Question]:
    """Two questions on a statement: one by how the article credits it, one by what kind it is."""
    return _BY_CREDIT[claim.attribution.how], _BY_KIND[claim.kind]
