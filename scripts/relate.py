"""Joins between records, and the graph of what derives from what.

An origin is a source from which the chain of `derived_from` goes no further; sources of one publisher are one origin.
So an origin is named here by the id of the publisher at its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from scripts.load import Corpus
from scripts.records import Article, Claim, Evidence, Quantity, Record, Source
from scripts.shape import root
from scripts.terms import Relation, When

_REVERSE = {Relation.STRONGER: Relation.WEAKER, Relation.WEAKER: Relation.STRONGER}


@dataclass(frozen=True)
class Use:
    """One source's bearing on one record: a statement, or something documented about a publisher."""

    record: Record
    index: int
    evidence: Evidence


@dataclass(frozen=True)
class Figure:
    """A number on a measure: the article's own where `source` is None."""

    claim: Claim
    quantity: Quantity
    source: Source | None


def newest(corpus: Corpus) -> date:
    """The newest day on record: of a reading, of a check or of a correction. It dates what is made, in place of the clock.

    A month counts as its first day, so that nothing is dated ahead.
    """
    days = [source.read.on.first for source in corpus.sources.values()]
    days += [claim.checked.first for claim in corpus.claims.values() if claim.checked]
    days += [entry.on.first for claim in corpus.claims.values() for entry in claim.corrected]
    days += [claim.withdrawn.on.first for claim in corpus.claims.values() if claim.withdrawn]
    return max(days, default=date(2000, 1, 1))


@dataclass
class Relations:
    """The corpus with its joins; each is worked out once, in the order of ids or of the text."""

    corpus: Corpus
    _ends: dict[str, frozenset[str]] = field(default_factory=dict)
    _roots: dict[str, str] = field(default_factory=dict)

    @cached_property
    def claims_by_article(self) -> dict[str, list[Claim]]:
        """Statements in the order of the text."""
        found: dict[str, list[Claim]] = {id: [] for id in self.corpus.articles}
        for claim in sorted(self.corpus.claims.values(), key=lambda claim: (claim.article, claim.para, claim.id)):
            found.setdefault(claim.article, []).append(claim)
        return found

    @cached_property
    def articles(self) -> list[Article]:
        """Articles in the order that they ask for."""
        return sorted(self.corpus.articles.values(), key=lambda article: (article.order, article.id))

    @cached_property
    def claims_by_topic(self) -> dict[str, list[Claim]]:
        """Statements by topic, article by article, in the order of each text."""
        found: dict[str, list[Claim]] = {id: [] for id in self.corpus.topics}
        for article in self.articles:
            for claim in self.claims_by_article[article.id]:
                for topic in claim.topics:
                    found.setdefault(topic, []).append(claim)
        return found

    @cached_property
    def uses_by_source(self) -> dict[str, list[Use]]:
        """Where each source is cited."""
        found: dict[str, list[Use]] = {id: [] for id in self.corpus.sources}
        for claim in self.corpus.claims.values():
            for index, item in enumerate(claim.evidence):
                found.setdefault(item.source, []).append(Use(claim, index, item))
        for publisher in self.corpus.publishers.values():
            for documented in publisher.documented:
                for index, item in enumerate(documented.evidence):
                    found.setdefault(item.source, []).append(Use(publisher, index, item))
        return found

    @cached_property
    def sources_by_publisher(self) -> dict[str, list[Source]]:
        """The sources that are a publisher's own text."""
        found: dict[str, list[Source]] = {id: [] for id in self.corpus.publishers}
        for source in self.corpus.sources.values():
            found.setdefault(source.publisher, []).append(source)
        return found

    @cached_property
    def carried_by_publisher(self) -> dict[str, list[Source]]:
        """The sources that a publisher carries for others."""
        found: dict[str, list[Source]] = defaultdict(list)
        for source in self.corpus.sources.values():
            if source.carried_by:
                found[source.carried_by].append(source)
        return found

    @cached_property
    def articles_by_publisher(self) -> dict[str, list[Article]]:
        """The articles under study that a publisher ran, copies included."""
        found: dict[str, list[Article]] = defaultdict(list)
        for article in self.articles:
            for id in dict.fromkeys((article.publisher, *(copy.publisher for copy in article.copies))):
                if id:
                    found[id].append(article)
        return found

    @cached_property
    def parts_by_publisher(self) -> dict[str, list[str]]:
        """The publishers that are parts of another."""
        found: dict[str, list[str]] = defaultdict(list)
        for publisher in self.corpus.publishers.values():
            if publisher.part_of:
                found[publisher.part_of].append(publisher.id)
        return found

    @cached_property
    def derived_by_source(self) -> dict[str, list[Source]]:
        """The sources that derive from each source directly."""
        found: dict[str, list[Source]] = defaultdict(list)
        for source in self.corpus.sources.values():
            for upstream in source.derived_from:
                found[upstream].append(source)
        return found

    @cached_property
    def figures_by_measure(self) -> dict[str, list[Figure]]:
        """Every number on each measure; a number that a source gives for several statements stands once.

        Those of withdrawn statements are left out, unless a measure has no others: its page was published too.
        """
        found: dict[str, list[Figure]] = {id: [] for id in self.corpus.measures}
        for article in self.articles:
            for claim in self.claims_by_article[article.id]:
                if claim.quantity:
                    found.setdefault(claim.quantity.measure, []).append(Figure(claim, claim.quantity, None))
        seen: set[tuple[str, Quantity]] = set()
        for claim in sorted(self.corpus.claims.values(), key=lambda claim: bool(claim.withdrawn)):
            for item in claim.evidence:
                source = self.corpus.sources.get(item.source)
                if item.quantity and source and (item.source, item.quantity) not in seen:
                    seen.add((item.source, item.quantity))
                    found.setdefault(item.quantity.measure, []).append(Figure(claim, item.quantity, source))
        return {
            measure: [figure for figure in figures if not figure.claim.withdrawn] or figures
            for measure, figures in found.items()
        }

    def figures_of(self, measure: str) -> list[Figure]:
        """Every number on one measure."""
        return self.figures_by_measure[measure]

    @cached_property
    def measured(self) -> set[str]:
        """The measures on which there is any number."""
        found: set[str] = set()
        for claims in self.claims_by_article.values():
            found.update(claim.quantity.measure for claim in claims if claim.quantity)
        for claim in self.corpus.claims.values():
            found.update(
                item.quantity.measure for item in claim.evidence if item.quantity and item.source in self.corpus.sources
            )
        return found

    def body(self, publisher: str) -> str:
        """The body at the top of a publisher's `part_of` chain."""
        if publisher not in self._roots:
            self._roots[publisher] = root(self.corpus, publisher)
        return self._roots[publisher]

    def ends(self, source: str) -> frozenset[str]:
        """The sources at the end of the chain above `source`: itself, if it derives from nothing."""
        if source not in self._ends:
            self._ends[source] = frozenset([source])  # an unbroken circle, which check refuses, ends here
            record = self.corpus.sources.get(source)
            upstream = [id for id in record.derived_from if id in self.corpus.sources] if record else []
            if upstream:
                self._ends[source] = frozenset[str]().union(*(self.ends(id) for id in upstream))
        return self._ends[source]

    def ends_of(self, item: Evidence) -> frozenset[str]:
        """The sources on which one finding rests in the end."""
        if item.rests_on is None:
            return self.ends(item.source)
        if not item.rests_on:
            return frozenset([item.source])
        return frozenset[str]().union(*(self.ends(id) for id in item.rests_on))

    def origins(self, item: Evidence) -> frozenset[str]:
        """The independent origins of one finding, each named by its publisher."""
        records = (self.corpus.sources.get(id) for id in self.ends_of(item))
        return frozenset(self.body(record.publisher) for record in records if record)

    def outlets(self, article: str) -> frozenset[str]:
        """The outlets that ran an article: none of them is an origin for it."""
        record = self.corpus.articles.get(article)
        if not record:
            return frozenset()
        ids = (record.publisher, *(copy.publisher for copy in record.copies))
        return frozenset(self.body(id) for id in ids if id)

    def when(self, source: str, article: str) -> When:
        """Where a source stands in time to an article; unknown where the dates don't settle it."""
        document, text = self.corpus.sources.get(source), self.corpus.articles.get(article)
        if not (document and text and document.published and text.published):
            return When.UNKNOWN
        ours, theirs = text.published, document.published
        if theirs.surely_after(ours):
            return When.AFTER
        if ours.surely_after(theirs):
            return When.BEFORE
        if ours.first == ours.last == theirs.first == theirs.last:
            return When.SAME_DAY
        return When.UNKNOWN

    def ladder(self, source: str) -> list[list[str]]:
        """The rungs above a source: what it derives from, what those derive from, and so on to the origins."""
        rungs: list[list[str]] = []
        seen, here = {source}, [source]
        while True:
            above = [
                id
                for below in here
                if below in self.corpus.sources
                for id in self.corpus.sources[below].derived_from
                if id in self.corpus.sources and id not in seen
            ]
            here = list(dict.fromkeys(above))
            if not here:
                return rungs
            seen.update(here)
            rungs.append(here)

    def families(self, claims: Iterable[Claim]) -> list[list[Claim]]:
        """Statements joined by links of any kind, in groups that span two articles or more.

        Only links among `claims` count. Within a group and among groups the earlier article comes first, so that a
        group begins with the article that said it first in the set.
        """
        members = {claim.id: claim for claim in claims}
        order = {article.id: at for at, article in enumerate(self.articles)}

        def place(claim: Claim) -> tuple[int, int, str]:
            return order.get(claim.article, len(order)), claim.para, claim.id

        groups: list[list[Claim]] = []
        seen: set[str] = set()
        for claim in sorted(members.values(), key=place):
            group, waiting = [], [claim.id]
            while waiting:
                id = waiting.pop()
                if id in seen or id not in members:
                    continue
                seen.add(id)
                group.append(members[id])
                waiting += [link.to for link in members[id].related]
            if len({member.article for member in group}) > 1:
                groups.append(sorted(group, key=place))
        return groups

    def family(self, claim: str) -> list[tuple[Claim, Relation, str | None]]:
        """The statements that a statement is related to, with how, and the note on it."""
        record = self.corpus.claims[claim]
        found = [
            (self.corpus.claims[link.to], link.as_, link.note)
            for link in record.related
            if link.to in self.corpus.claims
        ]
        return sorted(found, key=lambda entry: entry[0].id)
