"""The rules that weigh evidence: what a record rests on, and whether that can bear it.

They stand behind `assess`, for some of them ask for the verdicts. Each takes a `View` and is otherwise made like the
rules of `shape`. None compares everything with everything: records are grouped by a key first, so that the time for a
record of any size grows with it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from itertools import combinations, pairwise

from scripts.assess import Tally, bounds, status_of, tally
from scripts.load import Corpus
from scripts.records import Claim, Evidence, Location, Measure, Source, words
from scripts.relate import Relations
from scripts.shape import JUDGED_ON_READING, QUOTED, Found, every_evidence
from scripts.terms import (
    Access,
    Bearing,
    Fidelity,
    PublisherKind,
    SourceKind,
    Stance,
    Status,
)
from scripts.urls import page
from scripts.values import PartialDate

STALE_DAYS = 730
"""How long a check of a statement counts as fresh."""
TITLE_SHARE = 0.8
"""From what share of common words on a finding counts as its source's title."""
TWIN_SHARE = 0.6
"""From what share of common words on two findings with one figure count as one text."""
TWIN_SHARE_ALONE = 0.85
"""The same for two findings without a figure."""
TWIN_DAYS = 2
"""How far apart the days of two reports of one dispatch are at most."""
MIRRORED_PATH = 12
"""From what length on a path is one document's own, whatever host of a body it is asked from."""

_UNJUDGED = (Status.SINGLE_SOURCE, Status.UNSUPPORTED, Status.IN_PROGRESS, Status.NOT_CHECKABLE)


@dataclass
class View:
    """The corpus with its joins and verdicts, and the day that ages are counted to; each is worked out once."""

    corpus: Corpus
    on: date

    @cached_property
    def relations(self) -> Relations:
        return Relations(self.corpus)

    @cached_property
    def matter(self) -> dict[str, list[Evidence]]:
        """By statement, the evidence that cuts on the matter, without what its own outlets say."""
        found = {}
        for claim in self.corpus.claims.values():
            own = self.relations.outlets(claim.article)
            found[claim.id] = [
                item
                for item in claim.evidence
                if item.on is not Bearing.SAYING
                and item.stance is not Stance.SILENT
                and item.source in self.corpus.sources
                and self.relations.origins(item) - own
            ]
        return found

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        """The count of origins on each statement."""
        return {id: tally(self.relations, self.corpus.claims[id], items) for id, items in self.matter.items()}

    def status(self, claim: Claim) -> Status:
        """The verdict on the record, as pages print it."""
        if claim.judgement:
            return claim.judgement.status
        return status_of(self.tallies[claim.id], bool(claim.looked_for))

    def origins(self, claim: Claim) -> frozenset[str]:
        """The bodies on which a statement's record rests in the end."""
        own = self.relations.outlets(claim.article)
        return frozenset[str]().union(*(self.relations.origins(item) for item in self.matter[claim.id])) - own

    def upstream(self, source: str) -> frozenset[str]:
        """A source with everything above it."""
        return frozenset([source]).union(*self.relations.ladder(source))


Rule = Callable[[View], Iterator[Found]]


# ---- verdicts -------------------------------------------------------------------------------------------------------


def _own_document(view: View, item: Evidence) -> bool:
    """Whether a finding is a primary document's own, and not one that the document repeats."""
    source = view.corpus.sources[item.source]
    return source.kind is SourceKind.PRIMARY_DOCUMENT and view.relations.ends_of(item) == {item.source}


def verdict_on_one_origin(view: View) -> Iterator[Found]:
    """A verdict other than `single-source` rests on two origins, or on a primary document of which more than an
    excerpt was read; a judged verdict too.
    """
    for claim in view.corpus.claims.values():
        status = view.status(claim)
        if status in _UNJUDGED or claim.withdrawn or len(view.origins(claim)) > 1:
            continue
        if any(
            _own_document(view, item) and view.corpus.sources[item.source].read.how is not Access.EXCERPT
            for item in view.matter[claim.id]
        ):
            continue
        place: Location = ("judgement", "status") if claim.judgement else ("evidence",)
        count = "one origin" if view.origins(claim) else "no origin"
        hint = "add an origin that is independent of it, or read the whole document"
        if claim.judgement:
            hint = "add evidence that is independent of it, or remove the judgement"
        yield claim, place, f"{status} rests on {count} alone", hint


def supported_without_ground(view: View) -> Iterator[Found]:
    """`supported`, with or without a qualification, has a primary document's own finding or two origins on its side,
    and nothing against it; a primary document that repeats another source is none.
    """
    for claim in view.corpus.claims.values():
        status = view.status(claim)
        if status not in (Status.SUPPORTED, Status.SUPPORTED_WITH_QUALIFICATION):
            continue
        # counted again from the evidence, so that the table of statuses is tested against something that isn't itself
        items = view.matter[claim.id]
        bodies = view.origins(claim)
        against = [item for item in items if item.stance is Stance.CONTRADICTS]
        only_against = {
            body
            for body in bodies
            if all(item.stance is Stance.CONTRADICTS for item in items if body in view.relations.origins(item))
        }
        if only_against:
            place: Location = ("evidence", claim.evidence.index(against[0]), "stance")
            yield claim, place, f"{status}, yet {min(only_against)} contradicts it", "mend the stance, or the rule"
        elif len(bodies) < 2 and not any(_own_document(view, item) for item in items):
            repeated = [item for item in items if view.corpus.sources[item.source].kind is SourceKind.PRIMARY_DOCUMENT]
            place = ("evidence", claim.evidence.index(repeated[0]), "source") if repeated else ("evidence",)
            yield (
                claim,
                place,
                f"{status} rests on {'one' if bodies else 'no'} origin, and on no document's own finding",
                "rests_on: [] if the finding is the document's own; else add an independent origin",
            )


def encyclopedia_alone(view: View) -> Iterator[Found]:
    """An encyclopedia or database isn't the only witness: what it rests on, or an independent source, stands beside
    it.
    """
    for claim in view.corpus.claims.values():
        ends = {id for item in view.matter[claim.id] for id in view.relations.ends_of(item)}
        kinds = {view.corpus.sources[id].kind for id in ends if id in view.corpus.sources}
        if kinds == {SourceKind.REFERENCE} and not claim.withdrawn:
            item = view.matter[claim.id][0]
            yield (
                claim,
                ("evidence", claim.evidence.index(item), "source"),
                f"nothing but reference works bears on it: {', '.join(sorted(ends))}",
                "read and cite what the entry names as its source",
            )


def citation_not_read(view: View) -> Iterator[Found]:
    """Where the credited document was not read itself, a fidelity other than `unchecked` or `source-unavailable`
    rests on a source that repeats it; and an outlet's reply is quoted from what was read.
    """
    for claim in view.corpus.claims.values():
        credit = claim.attribution
        cited = view.corpus.sources.get(credit.source or "")
        if not cited or cited.read.how is not Access.QUOTED or credit.fidelity not in JUDGED_ON_READING:
            continue
        relays = any(
            cited.id in view.upstream(id)
            for item in claim.evidence
            if item.on is not Bearing.MATTER
            for id in (item.source, *(item.rests_on or ()))
            if item.source != cited.id
        )
        # that somebody is silent can't be learnt at second hand
        if not relays or credit.fidelity is Fidelity.NOT_IN_SOURCE:
            yield (
                claim,
                ("attribution", "source"),
                f"{credit.fidelity}, but {cited.id} was not read, and nothing here shows what it says",
                "add evidence on the saying from a source that repeats it, or fidelity: source-unavailable",
            )
    for publisher in view.corpus.publishers.values():
        for index, reply in enumerate(publisher.reply):
            source = view.corpus.sources.get(reply.source)
            if source and source.read.how is Access.QUOTED:
                place = ("reply", index, "source")
                yield publisher, place, f"{source.id} was not read itself", "cite the source in which it was read"


def stale_check(view: View) -> Iterator[Found]:
    """A statement was last gone through no longer than two years ago, and not before a source that it cites was
    read; the day to count to is the newest on record, or that of `--on`.
    """
    for claim in view.corpus.claims.values():
        if not claim.checked or claim.withdrawn:
            continue
        age = (view.on - claim.checked.last).days
        reads = (view.corpus.sources.get(item.source) for item in claim.evidence)
        later = sorted(source.id for source in reads if source and source.read.on.surely_after(claim.checked))
        hint = "go through the whole statement again, then set checked: to that day"
        if age > STALE_DAYS:
            yield claim, ("checked",), f"last checked {age} days before {view.on.isoformat()}", hint
        elif later:
            yield claim, ("checked",), f"checked on {claim.checked}, and {later[0]} was read later", hint


# ---- times and scopes -----------------------------------------------------------------------------------------------

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DATED = re.compile(rf"\b(?:(?P<day>[1-9]|[12]\d|3[01]) )?(?P<month>{'|'.join(_MONTHS)}) (?P<year>[12]\d{{3}})\b")
_AHEAD = frozenset(
    """
    will would shall should may might could expect expected expects expecting plan plans planned due forecast forecasts
    foresees foresaw predict predicts predicted promise promises promised intend intends intended scheduled hopes hoped
    until later since updated afterwards
    """.split()  # noqa: SIM905
)
"""Words with which a source speaks of what is to come, or a finding of what came later."""


def _dates(text: str) -> Iterator[tuple[str, PartialDate]]:
    """The dates that a text names, as it writes them and as they are read."""
    for match in _DATED.finditer(text):
        written = f"{match['year']}-{_MONTHS.index(match['month']) + 1:02}"
        try:
            yield match[0], PartialDate.parse(f"{written}-{int(match['day']):02}" if match["day"] else written)
        except ValueError:
            continue  # 31 June: for a reader to mend, not for this rule


def finding_after_publication(view: View) -> Iterator[Found]:
    """A finding names no day or month after the one on which its source was published, unless it speaks of what was
    to come.
    """
    for record, location, item in every_evidence(view.corpus):
        source = view.corpus.sources.get(item.source)
        if not source or not source.published or ("20" not in item.finding and "19" not in item.finding):
            continue
        for written, day in _dates(item.finding):
            if day.surely_after(source.published) and not _AHEAD & set(words(_DATED.sub("", item.finding))):
                yield (
                    record,
                    (*location, "finding"),
                    f"the finding speaks of {written}, later than {source.id}, published {source.published}",
                    "mend the date of the one or of the other, or say that it was foretold",
                )
                break


_NAME = re.compile(r"(?<![.:;?!] )(?<!^)\b[A-Z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*")
_STEM = 4


def _names(text: str) -> frozenset[str]:
    """The capitalised words of a text that don't begin a sentence, months apart.

    Acronyms are left out: they name the bodies that nearly every text of a subject names.
    """
    return frozenset(match.group() for match in _NAME.finditer(text)) - frozenset(_MONTHS)


def _stems(names: frozenset[str]) -> frozenset[str]:
    """Names by their first letters, so that Iraqi goes with Iraq."""
    return frozenset(name[:_STEM] for name in names)


def scope_unlike_measure(view: View) -> Iterator[Found]:
    """A number whose finding speaks of another measure's place or group, and of none of its own measure's, says its
    own scope in `scope` or goes to that measure; and a `scope` says something that the measure's doesn't.
    """
    by_unit: dict[str, list[Measure]] = defaultdict(list)
    for measure in view.corpus.measures.values():
        by_unit[measure.unit.casefold()].append(measure)
    own: dict[str, frozenset[str]] = {}
    other: dict[str, frozenset[str]] = {}
    for measures in by_unit.values():
        named = {measure.id: _names(f"{measure.title}. {measure.scope}") for measure in measures}
        common = frozenset.intersection(*named.values()) if len(named) > 1 else frozenset()
        every = frozenset[str]().union(*named.values())
        for id, names in named.items():
            own[id], other[id] = names - common, every - names
    for claim in view.corpus.claims.values():
        for location, quantity in claim.quantities():
            found = view.corpus.measures.get(quantity.measure)
            if not found:
                continue
            if quantity.scope:
                if " ".join(words(quantity.scope)) in " ".join(words(found.scope)):
                    hint = "remove scope:, or say where the number's scope differs"
                    yield claim, (*location, "scope"), "the scope is the measure's own", hint
                continue
            if not own[found.id] or not other[found.id]:
                continue
            text = claim.evidence[int(location[1])].finding if location[0] == "evidence" else claim.says
            names = _names(text)
            strange = sorted(names & other[found.id])
            if strange and not _stems(names) & _stems(own[found.id]):
                yield (
                    claim,
                    location,
                    f"{found.id} counts something else than the text, which speaks of {strange[0]}",
                    "name the measure that fits, or say in scope: what the number is of",
                )


def other_scope_decides(view: View) -> Iterator[Found]:
    """A number whose scope is not its measure's supports or contradicts a number on that measure only with a
    `reading` that says why.
    """
    for claim in view.corpus.claims.values():
        if not claim.quantity:
            continue
        for index, item in enumerate(claim.evidence):
            theirs = item.quantity
            if not theirs or theirs.measure != claim.quantity.measure or item.reading or item.on is Bearing.SAYING:
                continue
            if bool(theirs.scope) != bool(claim.quantity.scope) and item.stance in (
                Stance.SUPPORTS,
                Stance.CONTRADICTS,
            ):
                yield (
                    claim,
                    ("evidence", index, "stance"),
                    f"{item.stance} by a number of another scope",
                    "say in reading: why it bears on this one, or stance: qualifies or silent",
                )


# ---- sources --------------------------------------------------------------------------------------------------------


def two_records_of_one_address(view: View) -> Iterator[Found]:
    """A page has one record: two addresses that differ in http or https, `www.`, a trailing slash, tracking
    parameters, a phone's or printer's view, an archive's or a cache's wrapping, or in the host of one body alone,
    are one.
    """
    seen: dict[tuple[str, str], str] = {}
    for source in view.corpus.sources.values():
        body = view.relations.body(source.carried_by or source.publisher)
        keys: dict[tuple[str, str], Location] = {}
        places: list[tuple[Location, str | None]] = [(("url",), source.url), (("archived_url",), source.archived_url)]
        places += [(("copies", index, "url"), copy.url) for index, copy in enumerate(source.copies)]
        for place, address in places:
            if not address:
                continue
            host, path = page(address)
            keys.setdefault((host, path), place)
            if len(path) >= MIRRORED_PATH:
                keys.setdefault((f"/{body}", path), place)  # no host begins with a slash
        for key, place in keys.items():
            first = seen.setdefault(key, source.id)
            if first != source.id:
                yield source, place, f"{first} has the same address", "keep one record and name it in both places"
                break


def two_records_of_one_text(view: View) -> Iterator[Found]:
    """Two sources of one body with one title and no two different dates are one text, unless one derives from the
    other.
    """
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in view.corpus.sources.values():
        title = words(source.title)
        if len(title) > 2 and not source.title.startswith("["):
            groups[view.relations.body(source.publisher), " ".join(title)].append(source)
    for group in groups.values():
        for first, second in pairwise(group):
            dates = first.published, second.published
            if dates[0] and dates[1] and (dates[0].surely_after(dates[1]) or dates[1].surely_after(dates[0])):
                continue
            if first.id not in view.upstream(second.id) and second.id not in view.upstream(first.id):
                hint = "keep one record with the other address under copies, or say derived_from"
                yield second, ("title",), f"{first.id} of the same body has the same title", hint


def finding_repeats_title(view: View) -> Iterator[Found]:
    """A finding says what the source found, and more than its title does."""
    for record, location, item in every_evidence(view.corpus):
        source = view.corpus.sources.get(item.source)
        if not source:
            continue
        for title in (source.title, source.title_en):
            if not title or len(item.finding) > 2.5 * len(title):
                continue  # so much longer that it says more; counting its words would only show it again
            theirs = words(title)
            if len(theirs) > 3 and _alike(words(item.finding), theirs, TITLE_SHARE):
                yield (
                    record,
                    (*location, "finding"),
                    f"the finding repeats the title of {source.id}",
                    "say what the text below the title says: who, what, of when",
                )
                break


def _alike(ours: list[str], theirs: list[str], share: float) -> bool:
    """Whether two texts have `share` of their words in common and in one order; the cheap bounds are tried first."""
    if not ours or not theirs or 2 * min(len(ours), len(theirs)) < share * (len(ours) + len(theirs)):
        return False
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return matcher.quick_ratio() >= share and matcher.ratio() >= share


_CREDIT = (
    r"(?:\b(?:[Cc]iting|[Qq]uoting|[Rr]elaying|[Rr]epeating|[Tt]ranslating|[Cc]arrying|[Cc]rediting|[Ss]umm(?:aris|ing up)"
    r"(?:ing)?|[Aa]ccording to|[Aa]s reported by|as told (?:to|by))"
    r" (?:the )?(?:(?:news |state )?(?:agency|agencies|newspaper|broadcaster|daily|magazine|channel) )?(?:[Tt]he )?)"
)


class _Outlets:
    """The agencies and outlets on record, found in a text by name where the text credits them."""

    def __init__(self, corpus: Corpus) -> None:
        self.ids: dict[str, str] = {}
        for publisher in corpus.publishers.values():
            if publisher.kind in (PublisherKind.NEWS_AGENCY, PublisherKind.NEWS_OUTLET):
                full, _, short = publisher.name.partition(" (")
                for name in filter(None, (full, short.rstrip(")"))):
                    self.ids.setdefault(name.removeprefix("The "), publisher.id)
        self._credit = re.compile(rf"{_CREDIT}(?P<name>[^\W_].*)")
        self._longest = max((len(name.split()) for name in self.ids), default=0)

    def credited(self, text: str) -> str | None:
        """The outlet that a text credits first, if it is on record."""
        match = self._credit.search(text)
        if match and ('"' in text or "“" in text):  # others' words credit nobody in our name
            match = self._credit.search(QUOTED.sub(" ", text))
        if not match:
            return None
        # names are looked up by their words: an expression of thousands of names would be tried at every place
        tokens = match["name"].split()[: self._longest]
        for count in range(len(tokens), 0, -1):
            name = " ".join(tokens[:count]).rstrip(".,;:")
            for form in (name, name.removesuffix("'s").removesuffix("’s"), name.removesuffix("'").removesuffix("’")):
                if form in self.ids:
                    return self.ids[form]
        return None


def credit_without_derivation(view: View) -> Iterator[Found]:
    """A source that credits another outlet for what it says derives from that outlet (`derived_from`, or `rests_on`
    for the one finding), and so does a wire report of an outlet that is no agency.
    """
    outlets = _Outlets(view.corpus)
    relations = view.relations
    for record, location, item in every_evidence(view.corpus):
        source = view.corpus.sources.get(item.source)
        if not source or item.rests_on is not None or item.stance is Stance.SILENT:
            continue
        id = outlets.credited(item.finding)
        if not id:
            continue
        above = {relations.body(view.corpus.sources[up].publisher) for up in view.upstream(source.id)}
        if relations.body(id) not in above | {relations.body(source.carried_by or source.publisher)}:
            name = view.corpus.publishers[id].name
            hint = f"add derived_from: to {source.id} or rests_on: here; rests_on: [] if it is the source's own"
            yield record, (*location, "finding"), f"the finding credits {name}, and the record does not", hint
    for source in view.corpus.sources.values():
        publisher = view.corpus.publishers.get(source.publisher)
        author = outlets.ids.get((source.author or "").removeprefix("The "))
        if source.derived_from or not publisher:
            continue
        if source.kind is SourceKind.WIRE and publisher.kind is not PublisherKind.NEWS_AGENCY:
            hint = "publisher: the agency, with carried_by; or derived_from: its report"
            yield source, ("kind",), f"a wire report of {publisher.name}, which is no agency", hint
        elif author and relations.body(author) != relations.body(publisher.id):
            hint = "publisher: the author, with carried_by; or derived_from: its report"
            yield source, ("author",), f"the author is {source.author}, which is an outlet of its own", hint


def twin_findings(view: View) -> Iterator[Found]:
    """Two bodies that give one figure within two days in nearly the same words, or in a common phrase, have a common
    source: the one derives from the other, or both from a third.
    """
    for claim in view.corpus.claims.values():
        dated: list[tuple[date, int, Evidence]] = []
        for index, item in enumerate(claim.evidence):
            source = view.corpus.sources.get(item.source)
            day = source.published if source else None
            weighs = item.stance is not Stance.SILENT and item.on is not Bearing.SAYING
            if day and day.first == day.last and weighs:
                dated.append((day.first, index, item))
        for (earlier, first, ours), (later, second, theirs) in combinations(sorted(dated, key=lambda it: it[:2]), 2):
            if (later - earlier).days > TWIN_DAYS or ours.source == theirs.source:
                continue
            if view.relations.origins(ours) & view.relations.origins(theirs) or not _twins(ours, theirs):
                continue
            yield (
                claim,
                ("evidence", max(first, second), "finding"),
                f"{theirs.source} and {ours.source} say nearly the same within {TWIN_DAYS} days and count as two origins",
                "find whose words they are: derived_from, or rests_on for this finding; rests_on: [] if it is its own",
            )


def _twins(ours: Evidence, theirs: Evidence) -> bool:
    """Whether two findings look like one text in two places."""
    if ours.rests_on == () or theirs.rests_on == ():
        return False  # somebody has looked: the finding is the source's own
    figure = (
        ours.quantity is not None
        and theirs.quantity is not None
        and ours.quantity.measure == theirs.quantity.measure
        and bounds(ours.quantity) == bounds(theirs.quantity)
    )
    if _alike(words(ours.finding), words(theirs.finding), TWIN_SHARE if figure else TWIN_SHARE_ALONE):
        return True
    phrases = [" ".join(words(item.phrase or "")) for item in (ours, theirs)]
    shorter, longer = sorted(phrases, key=len)
    return figure and len(shorter.split()) > 2 and f" {shorter} " in f" {longer} "


def publisher_without_home(view: View) -> Iterator[Found]:
    """A publisher of something that can be read on the web has an address (`home`), so that a reader can see who it
    is.
    """
    reachable = {source.publisher for source in view.corpus.sources.values() if source.url}
    for publisher in view.corpus.publishers.values():
        top = view.corpus.publishers.get(view.relations.body(publisher.id), publisher)
        housed = publisher.home or top.home or publisher.kind is PublisherKind.PERSON
        if publisher.id in reachable and not housed:
            hint = "add home: with the address of its own site, or of what stands in its place"
            yield publisher, ("name",), f"{publisher.name} has no home", hint


RULES: tuple[Rule, ...] = (
    verdict_on_one_origin,
    supported_without_ground,
    encyclopedia_alone,
    citation_not_read,
    finding_after_publication,
    scope_unlike_measure,
    other_scope_decides,
    credit_without_derivation,
    twin_findings,
    finding_repeats_title,
    two_records_of_one_address,
    two_records_of_one_text,
    publisher_without_home,
    stale_check,
)
"""The rules, in the order of the docs."""

WARNINGS: frozenset[Rule] = frozenset((two_records_of_one_text, publisher_without_home, stale_check))
"""Those whose breach is printed and stops nothing: likelihoods, wants, and the passing of time."""
