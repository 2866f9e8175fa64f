"""What may be said of each statement: the two verdicts, and how far its figure is from each source's.

Names and counts, never a score: no number here weighs one source against another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from scripts.load import Corpus
from scripts.records import Claim, Evidence, Quantity, Record
from scripts.relate import Relations
from scripts.terms import Bearing, Fidelity, SourceKind, Stance, Status, When
from scripts.values import Number

R = TypeVar("R", bound=Record)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(count: int) -> str:
    """A small number as a word."""
    return _WORDS[count] if count < len(_WORDS) else str(count)


@dataclass(frozen=True)
class Tally:
    """The independent origins each way, each named by its publisher, and the ways that a primary document goes.

    `mixed` are those among `qualifies` whose documents cut in different ways.
    """

    supports: frozenset[str] = frozenset()
    qualifies: frozenset[str] = frozenset()
    contradicts: frozenset[str] = frozenset()
    primary: frozenset[Stance] = frozenset()
    mixed: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        return len(self.supports) + len(self.qualifies) + len(self.contradicts)

    def of(self, stance: Stance) -> frozenset[str]:
        """The origins of one stance; none for `silent`."""
        return {
            Stance.SUPPORTS: self.supports,
            Stance.QUALIFIES: self.qualifies,
            Stance.CONTRADICTS: self.contradicts,
            Stance.SILENT: frozenset[str](),
        }[stance]


@dataclass(frozen=True)
class Group:
    """Findings of one stance that go back to the same origins."""

    stance: Stance
    origins: frozenset[str]
    items: tuple[Evidence, ...]


@dataclass(frozen=True)
class Assessment:
    """A statement's two verdicts with their reasons."""

    claim: Claim
    fidelity: Fidelity
    fidelity_because: str
    status: Status
    status_because: str
    tally: Tally
    then: Tally
    status_then: Status
    all_then: bool
    groups: tuple[Group, ...]
    saying: tuple[Evidence, ...]

    @property
    def later(self) -> int:
        """How many origins are known to bear on it only since the article appeared, or at an unknown time."""
        return self.tally.count - self.then.count


def tally(relations: Relations, claim: Claim, items: Iterable[Evidence]) -> Tally:
    """Count the independent origins of evidence on the matter.

    The article's own outlets are none. An origin whose documents cut in different ways is counted once, as one that
    qualifies: it bears the statement out only in part.
    """
    own = relations.outlets(claim.article)
    stances: dict[str, set[Stance]] = {}
    primary: set[tuple[str, Stance]] = set()
    for item in items:
        if item.on is Bearing.SAYING or item.stance is Stance.SILENT:
            continue
        origins = relations.origins(item) - own
        for origin in origins:
            stances.setdefault(origin, set()).add(item.stance)
        source = relations.corpus.sources.get(item.source)
        if source and source.kind is SourceKind.PRIMARY_DOCUMENT:
            primary |= {(origin, item.stance) for origin in origins}
    sides: dict[Stance, set[str]] = {stance: set() for stance in Stance}
    for origin, cuts in stances.items():
        sides[cuts.copy().pop() if len(cuts) == 1 else Stance.QUALIFIES].add(origin)
    return Tally(
        frozenset(sides[Stance.SUPPORTS]),
        frozenset(sides[Stance.QUALIFIES]),
        frozenset(sides[Stance.CONTRADICTS]),
        frozenset(stance for origin, stance in primary if stances[origin] == {stance}),
        frozenset(origin for origin, cuts in stances.items() if len(cuts) > 1),
    )


def status_of(count: Tally, searched: bool) -> Status:
    """The status that the counts give.

    | for | with a condition | against | status |
    |---|---|---|---|
    | none | none | none | unsupported if a search is on record, else in-progress |
    | some | any | some | contested |
    | none | some | one, no primary document | contested |
    | none | any | two, or a primary document | contradicted |
    | two, or a primary document | none | none | supported |
    | two together, or a primary document | some | none | supported-with-qualification |
    | exactly one origin in all, no primary document ||| single-source |
    """
    support, condition, against = len(count.supports), len(count.qualifies), len(count.contradicts)
    if count.count == 0:
        return Status.UNSUPPORTED if searched else Status.IN_PROGRESS
    if support and against:
        return Status.CONTESTED
    if against:
        if against > 1 or Stance.CONTRADICTS in count.primary:
            return Status.CONTRADICTED
        return Status.CONTESTED if condition else Status.SINGLE_SOURCE
    settled = support + condition > 1 or Stance.SUPPORTS in count.primary or Stance.QUALIFIES in count.primary
    if not settled:
        return Status.SINGLE_SOURCE
    return Status.SUPPORTED_WITH_QUALIFICATION if condition else Status.SUPPORTED


def reason(status: Status, count: Tally) -> str:
    """Why a computed status is what it is, in one sentence."""
    if status is Status.UNSUPPORTED:
        return "It was searched for, and no source that settles it was found."
    if status is Status.IN_PROGRESS:
        return "No evidence on the matter is on record yet."
    parts: list[str] = []
    for stance, one, many in (
        (Stance.CONTRADICTS, "contradicts it", "contradict it"),
        (Stance.SUPPORTS, "supports it", "support it"),
        (Stance.QUALIFIES, "bears it out only with a condition", "bear it out only with a condition"),
    ):
        number = len(count.of(stance))
        if number:
            noun = "" if parts else (" independent origin" if number == 1 else " independent origins")
            with_document = (
                " (a primary document)"
                if number == 1 and stance in count.primary
                else (" (a primary document among them)" if stance in count.primary else "")
            )
            parts.append(f"{in_words(number)}{noun}{with_document} {one if number == 1 else many}")
            if stance is Stance.QUALIFIES and count.mixed:
                both = (
                    "its documents cut both ways"
                    if number == 1
                    else f"the documents of {in_words(len(count.mixed))} cut both ways"
                )
                parts[-1] += f" ({both})"
    if status in (Status.CONTRADICTED, Status.SUPPORTED, Status.SINGLE_SOURCE) and len(parts) == 1:
        if status is Status.SINGLE_SOURCE:
            parts.append("no other bears on it")
        else:
            parts.append("none supports it" if status is Status.CONTRADICTED else "none contradicts it")
    elif status is Status.SUPPORTED_WITH_QUALIFICATION:
        parts.append("none contradicts it outright" if count.mixed else "none contradicts it")
    sentence = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return sentence[0].upper() + sentence[1:] + "."


def assess(relations: Relations, claim: Claim) -> Assessment:
    """Both verdicts of one statement."""
    matter = [item for item in claim.evidence if item.on is not Bearing.SAYING]
    now = tally(relations, claim, matter)
    readable = [item for item in matter if relations.when(item.source, claim.article) in (When.BEFORE, When.SAME_DAY)]
    then = tally(relations, claim, readable)
    computed = status_of(now, bool(claim.looked_for))
    if claim.judgement:
        status, because = claim.judgement.status, claim.judgement.because
    else:
        status, because = computed, reason(computed, now)
    attribution = claim.attribution
    return Assessment(
        claim=claim,
        fidelity=attribution.fidelity,
        fidelity_because=attribution.because or attribution.fidelity.meaning,
        status=status,
        status_because=because,
        tally=now,
        then=then,
        status_then=status_of(then, bool(claim.looked_for)),
        all_then=all(item in readable for item in matter if item.stance is not Stance.SILENT),
        groups=_groups(relations, matter),
        saying=tuple(item for item in claim.evidence if item.on is Bearing.SAYING),
    )


def still_good(known: Mapping[str, Assessment], before: Corpus, after: Corpus) -> dict[str, Assessment]:
    """Those of the assessments worked out from `before` that hold for `after`, which shares what did not change with it.

    An assessment hangs on its statement, on the article's outlets and date, and on publisher, date, kind and descent of
    the sources cited, up to the ends of their chains.
    """

    def changed(old: Mapping[str, R], new: Mapping[str, R], *fields: str) -> set[str]:
        ids = {id for id, record in new.items() if old.get(id) is not record} | (old.keys() - new.keys())

        def seen(record: R | None) -> list[object]:
            return [getattr(record, name) if record else None for name in fields]

        return {id for id in ids if seen(old.get(id)) != seen(new.get(id))}

    if changed(before.publishers, after.publishers, "part_of"):
        return {}
    articles = changed(before.articles, after.articles, "publisher", "published", "copies")
    sources = changed(before.sources, after.sources, "publisher", "published", "kind", "derived_from")
    waiting = list(sources) if sources else []
    downstream: dict[str, list[str]] = {}
    for source in (*before.sources.values(), *after.sources.values()) if sources else ():
        for upstream in source.derived_from:
            downstream.setdefault(upstream, []).append(source.id)
    while waiting:
        further = set(downstream.get(waiting.pop(), ())) - sources
        sources |= further
        waiting += further

    def holds(it: Assessment) -> bool:
        if after.claims.get(it.claim.id) is not it.claim or it.claim.article in articles:
            return False
        return not sources or not any(
            item.source in sources or not sources.isdisjoint(item.rests_on or ()) for item in it.claim.evidence
        )

    return {id: it for id, it in known.items() if holds(it)}


def _groups(relations: Relations, items: list[Evidence]) -> tuple[Group, ...]:
    """Evidence by stance and by origins, in the order of the record within each."""
    found: dict[tuple[Stance, frozenset[str]], list[Evidence]] = {}
    for item in items:
        found.setdefault((item.stance, relations.origins(item)), []).append(item)
    order = (Stance.CONTRADICTS, Stance.SUPPORTS, Stance.QUALIFIES, Stance.SILENT)
    groups = [Group(stance, origins, tuple(group)) for (stance, origins), group in found.items()]
    return tuple(sorted(groups, key=lambda group: order.index(group.stance)))


# ---- figures --------------------------------------------------------------------------------------------------------


def limits(quantity: Quantity) -> tuple[Number | None, Number | None]:
    """The least and the most that a quantity can mean, as written; the least is None for nothing, the most where it is open."""
    point = quantity.value or quantity.about
    if point:
        return point, point
    if quantity.low and quantity.high:
        return quantity.low, quantity.high
    if quantity.at_least:
        return quantity.at_least, None
    assert quantity.at_most is not None  # the model lets no quantity be without a number
    return None, quantity.at_most


def bounds(quantity: Quantity) -> tuple[Fraction, Fraction | None]:
    """The same as exact numbers."""
    least, most = limits(quantity)
    return Fraction(least.exact) if least else Fraction(0), Fraction(most.exact) if most else None


def spoken(quantity: Quantity) -> str:
    """The number as a page prints it: `about 50,000`, `20,000 to 31,500`, `at least 30,000`."""
    if quantity.value:
        return str(quantity.value)
    if quantity.low and quantity.high:
        return f"{quantity.low} to {quantity.high}"
    for word, number in (("about", quantity.about), ("at least", quantity.at_least), ("at most", quantity.at_most)):
        if number:
            return f"{word} {number}"
    raise AssertionError("the model lets no quantity be without a number")


@lru_cache(maxsize=1 << 16)  # pages of articles and of statements, and exports, all ask for the same ones
def distance(ours: Quantity, theirs: Quantity, share: bool = False) -> str:
    """How far the article's number is from a source's, in words; nothing where the two are not to be compared.

    They are compared only on one measure, without a scope of their own, and for times that overlap. `share` says that
    the numbers are percentages: the distance is then in points.
    """
    if ours.measure != theirs.measure or ours.scope or theirs.scope:
        return ""
    if (
        not (ours.as_of and theirs.as_of)
        or ours.as_of.surely_after(theirs.as_of)
        or theirs.as_of.surely_after(ours.as_of)
    ):
        return ""
    (low, high), (least, most) = bounds(ours), bounds(theirs)
    if (low, high) == (least, most):
        return "the same number" if low == high else "the same range"
    if low >= least and (most is None or (high is not None and high <= most)):
        return "within what the source gives"
    if (most is None or low <= most) and (high is None or least <= high):
        return "overlaps with what the source gives"
    above = most is not None and low > most
    if share:
        near, far = (
            (low - most, None if high is None else high - least)
            if above and most is not None
            else _below(low, high, least, most)
        )
        return f"{_span(near, far)} points {'above' if above else 'below'} what the source gives"
    if above and most is not None:
        if most == 0:
            return "above what the source gives"
        far = None if high is None or least == 0 else high / least
        return f"{_span(low / most, far)} times what the source gives"
    assert high is not None  # it lies below the source's least
    if least == 0:
        return "below what the source gives"
    lower = Fraction(0) if most is None else low / most
    upper = high / least
    if most is None or lower == 0:
        return f"at most {_rounded(upper * 100)} % of what the source gives"
    return f"{_span(lower * 100, upper * 100)} % of what the source gives"


def _below(
    low: Fraction, high: Fraction | None, least: Fraction, most: Fraction | None
) -> tuple[Fraction, Fraction | None]:
    assert high is not None
    return least - high, None if most is None else most - low


def _span(near: Fraction, far: Fraction | None) -> str:
    if far is None:
        return f"at least {_rounded(near)}"
    first, last = _rounded(near), _rounded(far)
    return first if first == last else f"{first} to {last}"


def _rounded(number: Fraction) -> str:
    """Two significant digits below ten, whole numbers above, a comma between thousands."""
    if number >= 10:
        return f"{round(number):,}"
    places = 1 if number >= 1 else 2
    text = f"{float(round(number, places)):.{places}f}"
    return text.rstrip("0").rstrip(".")
