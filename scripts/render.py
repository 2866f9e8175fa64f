"""Records to pages, as `{path: text}`: pure, and through autoescaping, strict templates.

A page is front matter, dumped by the YAML library, and one block of HTML. Data never passes through Markdown, so that a
record can make neither a heading nor a link nor a template call. Addresses inside pages are relative, so that the site
can stand in any folder of any host.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jinja2
import yaml
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from scripts import addresses, chart, cite, dataset, lint, references, shape, teach, terms
from scripts import assess as assessing
from scripts.assess import Assessment, in_words
from scripts.changes import KINDS, Change, by_day, changes
from scripts.check import Rule, examples, level_of, rule_name, text_of
from scripts.dataset import Licence
from scripts.lint import STALE_DAYS
from scripts.load import FORM
from scripts.records import Article, Claim, Evidence, Measure, Publisher, Search, Source, Topic
from scripts.relate import Figure, Relations, Use
from scripts.schemaorg import Blocks
from scripts.tables import TABLES
from scripts.terms import Access, Bearing, Fidelity, Role, Stance, Status, Tone, When
from scripts.values import PartialDate
from scripts.version import version

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = Path(__file__).parent.parent / "build" / "cache" / "templates"
"""Where compiled templates are kept for the next run; nothing is lost when it is deleted or can't be written."""
PAGES = ("statement", "source", "article", "topic", "figure", "publisher")
"""The kinds of pages that search finds."""
CARD = (640, 320)
"""The size in CSS pixels of the card that other sites can frame; it is readable from 320 wide."""
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "ckb", "ps", "yi")
_INCLUDE = re.compile(r"^<!-- include: ([a-z-]+) -->$", re.MULTILINE)
_CLAIM_LINK = re.compile(r"[a-z0-9-]+/a\d{2,4}")
_DEFINITION = re.compile(r"^\[(repo|issues|licence)\]: .*$", re.MULTILINE)
DESCRIPTION = (
    "Every statement of an article beside the source that it credits, what that source says, and the counter-evidence."
)
"""What the site is, where its team says nothing of its own."""

Draft = Callable[[], str]
"""What makes the text of a page when it is asked."""


@dataclass(frozen=True)
class Settings:
    """What a site is called, where it and its record stand, and what its team says of it.

    The values are those of `site.yml`. What is empty is not known, and pages then leave out what would hang on it.
    """

    name: str = "Claimtrail"
    url: str = ""
    repo: str = ""
    description: str = DESCRIPTION
    branch: str = "main"
    records: str = "claims"
    contact: str = ""
    licence: str = ""
    licence_url: str = ""
    credit: str = ""
    about: str = ""
    reading: str = ""

    @property
    def issues(self) -> str:
        """Where errors are reported, or nothing."""
        return self.contact or (f"{self.repo}/issues" if self.repo else "")

    @property
    def rights(self) -> Licence | None:
        """Under which terms the data may be used, as exports say it; None where no licence is given."""
        if not self.licence:
            return None
        return Licence(title=self.licence, url=self.licence_url or None, credit=self.credit or self.name)

    @property
    def notice(self) -> str:
        """The line on rights that every page ends with."""
        return f"Text and data: {self.licence}. Program: MIT." if self.licence else "Program: MIT."

    def edit(self, path: str) -> str:
        """Where a file of the repository is edited in the browser, or nothing."""
        return f"{self.repo}/edit/{self.branch}/{path}" if self.repo and path else ""

    def edit_record(self, path: str) -> str:
        """The same for a record's file, named from the folder of records."""
        return self.edit(f"{self.records}/{path}")

    def history(self, path: str) -> str:
        """The changes of a record's file, or nothing."""
        return f"{self.repo}/commits/{self.branch}/{self.records}/{path}" if self.repo else ""


@dataclass(frozen=True)
class Count:
    """A number of statements with the word for them and the tone of that word, if they share one."""

    tone: Tone | None
    number: int
    label: str


@dataclass(frozen=True)
class Card:
    """What the picture shows that goes with a link to a page.

    `names` are what may stand as its title, the first that our fonts can draw; `byline` stands below.
    """

    path: str
    site: str
    note: str
    names: tuple[str, ...]
    byline: tuple[str, ...]
    bars: tuple[tuple[str, tuple[Count, ...]], ...]

    @property
    def alt(self) -> str:
        """The same in words, for those who don't see it."""
        parts = [self.names[0], ", ".join(self.byline), self.note]
        parts += [
            f"{label} {', '.join(f'{count.number:,} {count.label}' for count in counts)}" for label, counts in self.bars
        ]
        return " ".join(part if part.endswith(("?", "!", ".")) else f"{part}." for part in parts if part)


@dataclass(frozen=True)
class Checks:
    """When the statements of one article were gone through: of how many, the first and last time, how many are due."""

    article: Article
    claims: int
    first: PartialDate | None
    last: PartialDate | None
    stale: int
    never: int


@dataclass
class Site:
    """Everything that templates may ask for. Each method is a question about the records."""

    relations: Relations
    settings: Settings = field(default_factory=Settings)
    assessed: dict[str, Assessment] = field(default_factory=dict)
    """What is worked out already, of these records or of earlier ones in which nothing differs that it hangs on."""

    def __post_init__(self) -> None:
        self.corpus = self.relations.corpus

        self.state = version(self.corpus)
        self.newest = self.state.day
        self.version = self.state.short
        """The version of the data as citations give it: its newest day."""

    # -- citations

    def page_item(self, id: str, path: str, title: str, claims: Iterable[Claim]) -> cite.Item:
        """How a page is cited: dated with the newest check of the statements on it."""
        checked = [claim.checked for claim in claims if claim.checked]
        return cite.Item(
            id,
            "webpage",
            title,
            self.settings.name,
            (cite.Name(literal=self.settings.credit or f"{self.settings.name} contributors"),),
            max(checked, key=lambda day: (day.first, day.last), default=None),
            None,
            f"{self.settings.url}{path}" if self.settings.url else "",
            version=self.version,
        )

    def source_item(self, source: Source) -> cite.Item:
        """How a source is cited."""
        return cite.of_source(source, self.publisher(source.publisher))

    def source_items(self, claim: Claim) -> list[cite.Item]:
        """How the sources on a statement's page are cited, each once."""
        return [self.source_item(self.source(id)) for id in dict.fromkeys(item.source for item in claim.evidence)]

    def embed_snippet(self, claim: Claim) -> str:
        """The HTML that frames a statement's card on another page; nothing for a site that has no address yet."""
        if not self.settings.url:
            return ""
        width, height = CARD
        return (
            f'<iframe src="{escape(self.settings.url)}embed/{claim.id}/" '
            f'title="{escape(self.settings.name)}: {escape(claim.short)}" width="{width}" height="{height}" '
            'loading="lazy" style="border:0;max-width:100%"></iframe>'
        )

    def address(self, path: str) -> str:
        """The address of a path of the site: absolute where the site knows its own, else the path itself."""
        return f"{self.settings.url.rstrip('/')}/{path}" if self.settings.url else path

    # -- statements

    def assessment(self, claim: Claim) -> Assessment:
        it = self.assessed.get(claim.id)
        if it is None:
            it = self.assessed[claim.id] = assessing.assess(self.relations, claim)
        return it

    @cached_property
    def assessments(self) -> dict[str, Assessment]:
        """Those of all statements."""
        return {id: self.assessment(claim) for id, claim in self.corpus.claims.items()}

    def article(self, claim: Claim) -> Article:
        return self.corpus.articles[claim.article]

    def source(self, id: str) -> Source:
        return self.corpus.sources[id]

    def publisher(self, id: str) -> Publisher:
        return self.corpus.publishers[id]

    def when(self, item: Evidence, claim: Claim) -> When:
        return self.relations.when(item.source, claim.article)

    def distance(self, claim: Claim, item: Evidence) -> str:
        """How far the article's number is from this one, where the two may be compared."""
        if not (claim.quantity and item.quantity):
            return ""
        share = self.corpus.measures[claim.quantity.measure].share
        return assessing.distance(claim.quantity, item.quantity, share)

    def best(self, claim: Claim, most: int = 3) -> list[Evidence]:
        """The evidence that an article's page shows unfolded: the first of each way of the record, and of the saying."""
        chosen: list[Evidence] = []
        for stance in (Stance.CONTRADICTS, Stance.SUPPORTS, Stance.QUALIFIES):
            chosen += [item for item in claim.evidence if item.stance is stance][:1]
        chosen += [item for item in claim.evidence if item.role is Role.ATTRIBUTED and item not in chosen][:1]
        if not chosen:
            chosen = list(claim.evidence[:1])
        return [item for item in claim.evidence if item in chosen[:most]]

    def rest(self, claim: Claim, most: int = 3) -> list[Evidence]:
        shown = self.best(claim, most)
        return [item for item in claim.evidence if item not in shown]

    def group_needs_note(self, group: assessing.Group) -> bool:
        """Whether a group says more than its one finding's own source does: several reports, or another body's word."""
        publishers = {self.relations.body(self.source(item.source).publisher) for item in group.items}
        return len(group.items) > 1 or group.origins != publishers

    def group_note(self, group: assessing.Group) -> str:
        """`one origin, repeated by four`, and the like."""
        reports, origins = len(group.items), len(group.origins)
        if origins == 1:
            return "one origin" if reports == 1 else f"one origin, {in_words(reports)} reports"
        return (
            f"{in_words(origins)} origins in one report"
            if reports == 1
            else f"{in_words(origins)} origins, {in_words(reports)} reports"
        )

    def origin_names(self, origins: Iterable[str]) -> str:
        names = sorted(self.corpus.publishers[id].name for id in origins if id in self.corpus.publishers)
        return ", ".join(names)

    def then_and_now(self, claim: Claim) -> str:
        """What could be read when the article appeared, against what is known now, in one sentence."""
        it = self.assessment(claim)
        if not it.tally.count:
            return ""
        if it.all_then:
            return "All of this could be read when the article appeared."
        if it.later == 0:
            return "Every origin had spoken when the article appeared; some of what they say here is later."
        if not it.then.count:
            return "None of this is known to have been published before the article."
        noun = "origin" if it.tally.count == 1 else "origins"
        text = (
            f"When the article appeared, {in_words(it.then.count)} of {in_words(it.tally.count)} {noun} could be read"
        )
        if it.status_then is not it.status and claim.judgement is None:
            text += f"; by these alone the record would be: {it.status_then.label}"
        return text + "."

    def fold_label(self, claim: Claim) -> str:
        rest = len(self.rest(claim))
        parts = []
        if rest:
            parts.append(f"{rest} more {'source' if rest == 1 else 'sources'}")
        if claim.looked_for:
            parts.append("looked for and not found")
        if claim.would_change:
            parts.append("what would change this")
        return "; ".join(parts)

    def passage(self, claim: Claim) -> str:
        """The address of the passage in the article itself, as a text fragment, or nothing."""
        article = self.article(claim)
        return f"{article.url}#:~:{fragment(claim)}" if article.url else ""

    def archived_passage(self, claim: Claim) -> str:
        article = self.article(claim)
        return f"{article.archived_url}#:~:{fragment(claim)}" if article.archived_url else ""

    def report(self, claim: Claim) -> str:
        """Where a reader reports an error: the issue form `wrong.yml`, with what is known filled in by its fields' ids."""
        it = self.assessment(claim)
        says = f"{claim.short}. Attribution: {it.fidelity.label}. Record: {it.status.label}."
        return self._form("wrong.yml", claim, {"site-says": says})

    def suggest(self, claim: Claim) -> str:
        """Where a reader suggests evidence: the issue form `evidence.yml`."""
        return self._form("evidence.yml", claim, {})

    def _form(self, template: str, claim: Claim, more: dict[str, str]) -> str:
        page = f" {self.settings.url}{addresses.of(claim)}" if self.settings.url else ""
        values = {"template": template, "title": f"{claim.id}: ", "statement": claim.id + page} | more
        return f"{self.settings.repo}/issues/new?{urlencode(values, quote_via=quote)}"

    # -- counts

    def fidelities(self, claims: Iterable[Claim]) -> list[tuple[Fidelity, int]]:
        counted = Counter(self.assessment(claim).fidelity for claim in claims if not claim.withdrawn)
        return [(term, counted[term]) for term in Fidelity if counted[term]]

    def statuses(self, claims: Iterable[Claim]) -> list[tuple[Status, int]]:
        counted = Counter(self.assessment(claim).status for claim in claims if not claim.withdrawn)
        return [(term, counted[term]) for term in Status if counted[term]]

    def credited(self, claims: Iterable[Claim]) -> list[Claim]:
        """The statements for which the article names somebody."""
        none = Fidelity.NO_ATTRIBUTION
        return [claim for claim in claims if claim.attribution.fidelity is not none and not claim.withdrawn]

    def card(self, article: Article | None = None) -> Card:
        """What the picture of an article shows, or the picture for every page that is of no article."""
        if article:
            claims = [claim for claim in self.relations.claims_by_article[article.id] if not claim.withdrawn]
            outlet = self.publisher(article.publisher).name
            names: tuple[str, ...] = (article.title, outlet, article.id)
            byline: tuple[str, ...] = (outlet, str(article.published or "undated"))
            note = plural(len(claims), "statement")
        else:
            claims = [claim for claim in self.corpus.claims.values() if not claim.withdrawn]
            names, byline = ("Where does this statement come from?",), ()
            note = f"{plural(len(claims), 'statement')} from {plural(len(self.corpus.articles), 'article')}"
        bars: list[tuple[str, list[tuple[Fidelity, int]] | list[tuple[Status, int]]]] = [
            ("Does the credited source say so?", self.fidelities(self.credited(claims))),
            ("What does the record show?", self.statuses(claims)),
        ]
        return Card(
            card_path(article),
            self.settings.name,
            note,
            names,
            byline,
            tuple(
                (label, tuple(Count(term.tone, number, term.label) for term, number in counts))
                for label, counts in bars
                if counts
            ),
        )

    # -- what changed, what is open, what is old

    @cached_property
    def changes(self) -> list[Change]:
        return changes(self.corpus)

    def by_day(self, found: Iterable[Change]) -> list[tuple[PartialDate, list[Change]]]:
        return by_day(found)

    def kinds_of_change(self) -> list[tuple[str, str]]:
        return list(KINDS.items())

    def called(self, change: Change) -> str:
        """The name of what a change is about."""
        return addresses.name(change.record) if change.record else f"/{change.address}"

    def live(self) -> list[Claim]:
        """The statements that were not withdrawn, article by article in the order of the text."""
        return [
            claim
            for article in self.relations.articles
            for claim in self.relations.claims_by_article[article.id]
            if not claim.withdrawn
        ]

    def unsettled(self) -> list[Claim]:
        """The statements on which no evidence was found, or none is on record yet."""
        open_ones = (Status.UNSUPPORTED, Status.IN_PROGRESS)
        return [claim for claim in self.live() if self.assessment(claim).status in open_ones]

    def lost_credits(self) -> list[Claim]:
        """The statements whose article credits somebody clearly, and whose document was not found or not read."""
        return [claim for claim in self.live() if claim.attribution.fidelity is Fidelity.SOURCE_UNAVAILABLE]

    def other_searches(self) -> list[tuple[Claim | Article, Search]]:
        """Searches without a result for statements that other evidence settles, and for articles as a whole."""
        unsettled = {claim.id for claim in self.unsettled()}
        settled = [claim for claim in self.live() if claim.id not in unsettled]
        records: list[Claim | Article] = [*self.relations.articles, *settled]
        return [(record, search) for record in records for search in record.looked_for]

    def unread_origins(self) -> list[Source]:
        """The documents that are known through quotation alone."""
        return [source for source in self.all_sources() if source.read.how is Access.QUOTED]

    def last_day(self) -> PartialDate:
        """The newest day on record."""
        return PartialDate.parse(self.newest.isoformat())

    def is_stale(self, on: PartialDate | None) -> bool:
        """Whether something of that date is too old by the newest day on record, or was never done."""
        return on is None or (self.newest - on.last).days > STALE_DAYS

    def stale_claims(self) -> list[Claim]:
        """The statements to go through again, those longest untouched first."""
        found = [claim for claim in self.live() if self.is_stale(claim.checked)]
        return sorted(found, key=lambda claim: claim.checked.last if claim.checked else date.min)

    def stale_sources(self) -> list[Source]:
        """The sources to read again, those read longest ago first."""
        found = [source for source in self.all_sources() if self.is_stale(source.read.on)]
        return sorted(found, key=lambda source: source.read.on.last)

    def checks(self) -> list[Checks]:
        """By article when its statements were gone through."""
        found = []
        for article in self.relations.articles:
            claims = [claim for claim in self.relations.claims_by_article[article.id] if not claim.withdrawn]
            days = sorted((claim.checked for claim in claims if claim.checked), key=lambda day: day.last)
            never = sum(not claim.checked for claim in claims)
            due = sum(self.is_stale(claim.checked) for claim in claims) - never
            first, last = (days[0], days[-1]) if days else (None, None)
            found.append(Checks(article, len(claims), first, last, due, never))
        return found

    def ways_of_reading(self) -> list[Access]:
        used = {source.read.how for source in self.corpus.sources.values()}
        return [way for way in Access if way in used]

    def readings(self) -> list[tuple[PartialDate, Counter[Access]]]:
        """By month, newest first, how many sources were read in which way."""
        found: dict[str, Counter[Access]] = {}
        for source in self.corpus.sources.values():
            found.setdefault(source.read.on.last.isoformat()[:7], Counter())[source.read.how] += 1
        return [(PartialDate.parse(month), found[month]) for month in sorted(found, reverse=True)]

    # -- sources

    def cite(self, source: Source) -> str:
        """`Al Jazeera, 12 September 2014`."""
        name = self.publisher(source.publisher).name
        return f"{name}, {source.published}" if source.published else f"{name}, undated"

    def uses(self, source: Source) -> list[Use]:
        return [use for use in self.relations.uses_by_source[source.id] if isinstance(use.record, Claim)]

    def all_publishers(self) -> list[Publisher]:
        return sorted(self.corpus.publishers.values(), key=lambda publisher: sort_name(publisher.name))

    def all_sources(self) -> list[Source]:
        return sorted(
            self.corpus.sources.values(),
            key=lambda source: (
                sort_name(self.publisher(source.publisher).name),
                source.published.first.isoformat() if source.published else "",
                source.id,
            ),
        )

    def topics(self) -> list[Topic]:
        return sorted(self.corpus.topics.values(), key=lambda topic: (topic.order, topic.id))

    def measures(self) -> list[Measure]:
        return [measure for measure in self.corpus.measures.values() if measure.id in self.relations.measured]

    def chart_items(self, claim: Claim) -> list[tuple[Evidence, str]]:
        """Evidence with the words that name its source on a small chart: its publisher and year."""
        found = []
        for item in claim.evidence:
            source = self.source(item.source)
            counted = item.quantity.counted_by if item.quantity else None
            year = f", {source.published.first.year}" if source.published else ""
            found.append((item, (counted or self.publisher(source.publisher).name) + year))
        return found

    def chart_label(self, claim: Claim) -> str:
        """What a small chart shows, for those who don't see it."""
        assert claim.quantity
        numbers = [f"the article: {assessing.spoken(claim.quantity)}"]
        for item, name in self.chart_items(claim):
            if item.quantity and item.quantity.measure == claim.quantity.measure and not item.quantity.scope:
                numbers.append(f"{name}: {assessing.spoken(item.quantity)}")
        return f"{self.corpus.measures[claim.quantity.measure].title}. {'; '.join(numbers)}."

    def figure_name(self, figure: Figure) -> str:
        """Who gives a number."""
        return self.cite(figure.source) if figure.source else f"the article {self.article(figure.claim).title}"

    def figure_rows(self, figures: Iterable[Figure]) -> list[tuple[Figure, str, str]]:
        """Numbers with the words that name each in a chart of rows, and their links; articles' numbers first."""
        found = []
        for figure in sorted(figures, key=lambda figure: (figure.source is not None, figure.claim.id)):
            if figure.source:
                name = figure.quantity.counted_by or self.publisher(figure.source.publisher).name
                found.append((figure, name, f"sources/{figure.source.id}/"))
            else:
                name = f"the article in {self.publisher(self.article(figure.claim).publisher).name}"
                found.append((figure, name, f"articles/{figure.claim.id}/"))
        return found

    def in_time(self, figures: Iterable[Figure]) -> list[Figure]:
        """Numbers in the order of the times that they are for."""

        def when(figure: Figure) -> tuple[str, str]:
            as_of = figure.quantity.as_of
            return (as_of.first.isoformat() if as_of else "", figure.claim.id)

        return sorted(figures, key=when)

    def measures_of(self, claims: Iterable[Claim]) -> list[Measure]:
        """The measures of the statements' own numbers, those with the most of them first."""
        counted = Counter(claim.quantity.measure for claim in claims if claim.quantity)
        return [self.corpus.measures[id] for id, _ in counted.most_common()]

    def by_article(self, claims: Iterable[Claim]) -> list[tuple[Article, list[Claim]]]:
        """Statements under their articles."""
        found: dict[str, list[Claim]] = {}
        for claim in claims:
            found.setdefault(claim.article, []).append(claim)
        return [(self.corpus.articles[id], group) for id, group in found.items()]

    def facets(self, claims: list[Claim]) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
        """What an article's statements can be filtered by: name, label, and each value with its label and count."""
        live = [claim for claim in claims if not claim.withdrawn]
        kinds = Counter(claim.kind for claim in live)
        topics = Counter(topic for claim in live for topic in claim.topics)
        return [
            ("record", "Record", [(term.value, term.label, count) for term, count in self.statuses(live)]),
            ("attribution", "Attribution", [(term.value, term.label, count) for term, count in self.fidelities(live)]),
            ("kind", "Kind", [(kind.value, kind.label, kinds[kind]) for kind in terms.Kind if kinds[kind]]),
            (
                "topic",
                "Topic",
                [(topic.id, topic.title, topics[topic.id]) for topic in self.topics() if topics[topic.id]],
            ),
        ]

    def statement_filters(self, claim: Claim) -> dict[str, list[str]]:
        """What search can narrow a statement by. The names and values are those of the filters on an article's page."""
        it = self.assessment(claim)
        filters = {
            "article": [claim.article],
            "topic": list(claim.topics),
            "kind": [claim.kind.value],
            "source-kind": sorted({self.source(item.source).kind.value for item in claim.evidence}),
        }
        verdicts = {"attribution": [it.fidelity.value], "record": [it.status.value]}
        return filters if claim.withdrawn else filters | verdicts

    def search_facets(self) -> list[tuple[str, str, list[tuple[str, str, Tone | None, str]]]]:
        """What search can be narrowed by: name, label, and each value with its label, its tone and its language."""
        everything = list(self.corpus.claims.values())

        def words(found: Iterable[terms.Term]) -> list[tuple[str, str, Tone | None, str]]:
            return [(term.value, term.label, getattr(term, "tone", None), "en") for term in found]

        kinds = {claim.kind for claim in everything}
        source_kinds = {source.kind for source in self.corpus.sources.values()}
        return [
            ("page", "Kind of page", [(page, f"{page}s", None, "en") for page in PAGES]),
            ("record", "Record", words(status for status, _ in self.statuses(everything))),
            ("attribution", "Attribution", words(fidelity for fidelity, _ in self.fidelities(everything))),
            ("kind", "Kind of statement", words(kind for kind in terms.Kind if kind in kinds)),
            ("topic", "Topic", [(topic.id, topic.title, None, "en") for topic in self.topics()]),
            ("article", "Article", [(a.id, a.title, None, a.lang) for a in self.relations.articles]),
            ("source-kind", "Kind of source", words(kind for kind in terms.SourceKind if kind in source_kinds)),
            (
                "language",
                "Language of the source",
                [(lang, lang, None, "en") for lang in sorted({source.lang for source in self.corpus.sources.values()})],
            ),
        ]

    def origins_each_way(self, claims: Iterable[Claim]) -> dict[str, int]:
        """How many statements have independent origins for, with a condition, against, on both sides, or none."""
        counted: Counter[str] = Counter()
        for claim in claims:
            if claim.withdrawn:
                continue
            count = self.assessment(claim).tally
            for way in ("supports", "qualifies", "contradicts"):
                counted[way] += bool(getattr(count, way))
            counted["both"] += bool(count.contradicts and (count.supports or count.qualifies))
            counted["none"] += not count.count
        return counted

    def used_statuses(self) -> list[Status]:
        return [status for status, _ in self.statuses(self.corpus.claims.values())]

    def matrix(self) -> list[tuple[Fidelity, list[int], int]]:
        """Attribution against record: for each fidelity in use the number of statements of each status in use."""
        counted = Counter((it.fidelity, it.status) for it in self.assessments.values() if not it.claim.withdrawn)
        statuses = self.used_statuses()
        lines = []
        for fidelity in Fidelity:
            cells = [counted[fidelity, status] for status in statuses]
            if any(cells):
                lines.append((fidelity, cells, sum(cells)))
        return lines

    def vocabularies(self) -> list[tuple[type[terms.Term], str, str]]:
        """Each vocabulary with its name as an anchor and what it is about."""
        return [
            (vocabulary, re.sub(r"(?<!^)(?=[A-Z])", "-", vocabulary.__name__).lower(), vocabulary.__doc__ or "")
            for vocabulary in terms.VOCABULARIES
        ]

    def example(self) -> Claim | None:
        """A statement for the home page: one whose attribution and record are both settled and that has a figure."""
        ranked = [
            claim
            for article in self.relations.articles
            for claim in self.relations.claims_by_article[article.id]
            if claim.glance and not claim.withdrawn
        ]

        def worth(claim: Claim) -> tuple[int, int]:
            it = self.assessment(claim)
            full = (
                2 * any(item.role is Role.ATTRIBUTED and item.stance is not Stance.SILENT for item in claim.evidence)
                + 2 * any(self.distance(claim, item) for item in claim.evidence)
                + 2 * (it.fidelity is Fidelity.DISTORTED)
                + (len({item.stance for item in claim.evidence}) > 1)
            )
            return full, it.tally.count

        return max(ranked, key=worth, default=None)


def card_path(article: Article | None = None) -> str:
    """Where the picture of an article stands, or that of every other page."""
    return f"assets/share/{article.id}.png" if article else "assets/share.png"


def sort_name(name: str) -> str:
    """Where a name stands in an alphabet: without its article."""
    return re.sub(r"^(the|al-|la|le|der|die) ?", "", name.casefold())


def term(text: str) -> str:
    """One term of a text directive: percent-encoded, hyphens too (WICG, scroll-to-text-fragment)."""
    return quote(text, safe="").replace("-", "%2D")


def fragment(claim: Claim) -> str:
    """The text directive of a statement's anchor."""
    anchor = claim.anchor
    parts = [
        f"{term(anchor.prefix)}-" if anchor.prefix else "",
        term(anchor.starts),
        term(anchor.ends),
        f"-{term(anchor.suffix)}" if anchor.suffix else "",
    ]
    return "text=" + ",".join(part for part in parts if part)


def direction(lang: str) -> str:
    """The writing direction of a language tag."""
    return "rtl" if lang.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


@cache
def _inline() -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False}).enable(["emphasis", "link"])
    markdown.validateLink = lambda url: url.startswith(("http://", "https://")) or bool(_CLAIM_LINK.fullmatch(url))  # type: ignore[method-assign]
    return markdown


def inline(text: str, root: str) -> Markup:
    """Text that may carry emphasis and links, as HTML; a link to a statement's id leads to its page."""
    markdown = _inline()
    tokens = markdown.parseInline(text)
    for token in tokens[0].children or ():
        if token.type == "link_open":
            href = str(token.attrs["href"])
            if _CLAIM_LINK.fullmatch(href):
                token.attrs["href"] = f"{root}articles/{href}/"
            else:
                token.attrs["rel"] = "noopener"
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - the renderer escapes all text


def shown(text: str, most: int = 200) -> str:
    """A piece of a record as an example shows it: whole lines, the over-long ones cut."""
    lines = [line if len(line) <= most else line[: most - 2] + " …" for line in text.strip("\n").split("\n")]
    return "\n".join(lines) if text.strip() else "(nothing)"


def live(claims: Iterable[Claim]) -> list[Claim]:
    """Those that were not withdrawn: what is counted."""
    return [claim for claim in claims if not claim.withdrawn]


def code_spans(text: str) -> Markup:
    """Text with its `code` set as code."""
    parts = [
        escape(part) if at % 2 == 0 else Markup("<code>{}</code>").format(part)
        for at, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def host(url: str) -> str:
    """The host of an address, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def download(text: str, media: str) -> str:
    """A file as an address of its own (RFC 2397), so that it can be saved without a request and without a script."""
    return f"data:{media};charset=utf-8,{quote(text, safe='')}"


@cache
def qr(address: str) -> Markup:
    """An address as a QR code: SVG, dark on light whatever the scheme, as readers expect it.

    The mask is fixed, since weighing all eight takes most of the time and each of them can be read.
    """
    import segno  # a site without worksheets and articles draws none, and most commands none at all

    code = segno.make(address, error="l", mask=3, micro=False, boost_error=False)
    drawn = code.svg_inline(scale=1, border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return Markup(drawn.replace("<svg ", f'<svg role="img" aria-label="QR code: {escape(address)}" ', 1))  # noqa: S704


def plural(count: int, one: str, many: str = "") -> str:
    """`1 source`, `5 sources`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shortened(text: str, most: int = 300) -> str:
    """The text, cut after a word if it is longer than `most` characters."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[:most].rpartition(" ")[0] or text[: most - 1]
    return cut.rstrip(",;:.–—- ") + "…"


class Compiled(FileSystemBytecodeCache):
    """Templates compiled by earlier runs, for as long as neither they nor what compiles them have changed.

    Only a help: what can't be read is compiled again, and what can't be written is left.
    """

    def get_source_checksum(self, source: str) -> str:
        """What a template was compiled from: its text, Jinja, and the filters here, which run on its constants then."""
        return super().get_source_checksum(f"{jinja2.__version__} {_own_text()} {source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template where it is there and whole."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template where the folder can be written."""
        with contextlib.suppress(OSError):
            os.makedirs(self.directory, exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _own_text() -> str:
    return Path(__file__).read_text(encoding="utf-8")


@cache  # a template that changes is compiled again
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=Compiled(str(COMPILED), "%s.pyc"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.globals.update(
        terms=terms,
        Tone=Tone,
        Bearing=Bearing,
        Stance=Stance,
        Fidelity=Fidelity,
        Status=Status,
        When=When,
        Access=Access,
        in_words=in_words,
        plural=plural,
        spoken=assessing.spoken,
        chart=chart,
        styles=cite.STYLES,
        formats=references.FORMATS,
        asks=teach.questions,
        levels=teach.LEVELS,
        qr=qr,
        dataset=dataset,
        TABLES=TABLES,
    )
    environment.filters.update(
        direction=direction,
        host=host,
        inline=inline,
        code_spans=code_spans,
        download=download,
        shown=shown,
        live=live,
    )
    return environment


@dataclass
class Renderer:
    """Templates to pages, for one site."""

    site: Site
    environment: Environment = field(default_factory=_environment)
    _drawings: dict[tuple[str, str], Markup] = field(default_factory=dict)

    def _drawing(self, measure: Measure, root: str) -> Markup:
        """The chart of one measure; it stands on its own page and on those of topics, and is drawn once."""
        key = (measure.id, root)
        if key not in self._drawings:
            figures = self.site.relations.figures_by_measure[measure.id]
            template = self.environment.get_template("parts/timeline.html")
            drawn = template.render(site=self.site, root=root, measure=measure, figures=figures)
            self._drawings[key] = Markup(drawn)  # noqa: S704 - made by an escaping template
        return self._drawings[key]

    def page(self, template: str, path: str, title: str, record: str = "", **values: Any) -> tuple[str, Draft]:
        """One page: its path under the docs folder, and what makes its text."""
        return path, partial(self._text, template, path, title, record, values)

    def _text(self, template: str, path: str, title: str, record: str, values: dict[str, Any]) -> str:
        values = {name: value() if isinstance(value, partial) else value for name, value in values.items()}
        depth = path.count("/") + (0 if path.endswith("index.md") else 1)
        root = "../" * depth
        body = self.environment.get_template(template).render(
            site=self.site, root=root, drawing=lambda measure: self._drawing(measure, root), **values
        )
        head: dict[str, Any] = {"title": title}
        description = values.get("description")
        if description:
            head["description"] = shortened(description)
        card = values.get("card")
        if card:
            head["image"], head["image_alt"] = card.path, shortened(card.alt, 420)  # the most that X takes
        if values.get("claim") and self.site.settings.url:
            head["oembed"] = f"embed/{record.removeprefix('articles/').removesuffix('.yml')}.json"
        head["kind"] = template.removesuffix(".html")
        head["edit_url"] = self.site.settings.edit_record(record) if record else ""
        linked = self._linked(template, **values)
        if linked:
            head["linked"] = linked
        return f"{_front(head)}{body.strip()}\n"

    def _linked(self, template: str, **values: Any) -> list[str]:
        """The data blocks of a page; none on one that only shows another's matter, or where the site has no address."""
        settings = self.site.settings
        if not settings.url:
            return []
        blocks = Blocks(self.site.relations, settings.name, settings.url.rstrip("/") + "/", settings.licence_url)
        match template:
            case "statement.html":
                return blocks.statement(self.site.assessment(values["claim"]))
            case "article.html":
                return blocks.article(values["article"])
            case "topic.html":
                return blocks.topic(values["topic"])
            case "figure.html":
                return blocks.leaf("figures", "Figures", values["measure"].id, values["measure"].title)
            case "source.html":
                return blocks.leaf("sources", "Sources", values["source"].id, values["source"].title)
            case "publisher.html":
                return blocks.leaf("publishers", "Publishers", values["publisher"].id, values["publisher"].name)
        return []

    def pages(self) -> Iterator[tuple[str, str]]:
        """Every page that is made from records, one after the other."""
        for path, draft in self.drafts():
            yield path, draft()

    def drafts(self) -> Iterator[tuple[str, Draft]]:
        """Every page that is made from records, none of them made yet.

        What takes long to work out is handed over as a `partial`, which is called when the page is made.
        """
        site, corpus, relations = self.site, self.site.corpus, self.site.relations
        yield self.page("articles.html", "articles/index.md", "Articles", description="The articles under study.")
        for article in relations.articles:
            claims = relations.claims_by_article[article.id]
            card = partial(site.card, article)
            yield self.page(
                "article.html",
                f"articles/{article.id}/index.md",
                article.title,
                article.path,
                article=article,
                claims=claims,
                card=card,
                description=article.about or f"{article.title}: every statement beside its sources.",
            )
            for at, claim in enumerate(claims):
                yield self.page(
                    "statement.html",
                    f"articles/{claim.id}.md",
                    claim.short,
                    claim.path,
                    claim=claim,
                    article=article,
                    card=card,
                    it=partial(site.assessment, claim),
                    before=claims[at - 1] if at else None,
                    after=claims[at + 1] if at + 1 < len(claims) else None,
                    description=claim.glance or claim.says,
                )
            yield from self.sheets(article, claims)
        yield self.page("topics.html", "topics/index.md", "Topics", description="Questions, and what the record shows.")
        for topic in corpus.topics.values():
            yield self.page(
                "topic.html",
                f"topics/{topic.id}.md",
                topic.title,
                topic.path,
                topic=topic,
                claims=relations.claims_by_topic[topic.id],
                charts=3,
                description=topic.glance or topic.question,
            )
        yield self.page(
            "figures.html", "figures/index.md", "Figures", description="Every number for one quantity side by side."
        )
        for measure in site.measures():
            yield self.page(
                "figure.html",
                f"figures/{measure.id}.md",
                measure.title,
                measure.path,
                measure=measure,
                figures=partial(relations.figures_of, measure.id),
                description=f"{measure.title}: what articles and sources give.",
            )
        yield self.page("sources.html", "sources/index.md", "Sources", description="Every document that was read.")
        for source in corpus.sources.values():
            yield self.page("source.html", f"sources/{source.id}.md", source.title, source.path, source=source)
        yield self.page(
            "publishers.html", "publishers/index.md", "Publishers", description="Who stands behind the sources."
        )
        for publisher in corpus.publishers.values():
            yield self.page(
                "publisher.html", f"publishers/{publisher.id}.md", publisher.name, publisher.path, publisher=publisher
            )
        yield self.page(
            "verdicts.html", "verdicts.md", "Verdicts", description="Attribution against record, and by article."
        )
        yield self.page("open.html", "open.md", "Open questions", description="What nobody has found yet.")
        yield self.page(
            "freshness.html",
            "freshness.md",
            "Freshness",
            stale_years=STALE_DAYS // 365,
            description="When records were last gone through, and when sources were read.",
        )
        yield self.page(
            "changes.html",
            "changes.md",
            "Changes",
            description="What was corrected, withdrawn, moved and checked again, newest first.",
        )
        yield self.page("terms.html", "terms.md", "Terms", description="Every word that records use, with its meaning.")
        yield self.page(
            "dictionary.html",
            "data/dictionary.md",
            "Data dictionary",
            description="Every field and every column of the data, each with its meaning.",
        )
        yield self.page("search.html", "search.md", "Search", description="Search every statement and every source.")

    def sheets(self, article: Article, claims: list[Claim]) -> Iterator[tuple[str, Draft]]:
        """What teachers take from an article: the worksheet, its key and the projector view."""
        if all(claim.withdrawn for claim in claims):
            return
        items = partial(teach.chosen, self.site.relations, claims)
        for template, path, title in (
            ("worksheet.html", "index.md", "Worksheet"),
            ("key.html", "key.md", "Key"),
            ("projector.html", "projector.md", "Projector view"),
        ):
            yield self.page(
                template,
                f"teach/{article.id}/{path}",
                f"{title}: {article.title}",
                article=article,
                items=items,
                level=lambda claim: teach.difficulty(self.site.relations, claim),
                description=partial(self._of_sheet, title, items),
            )

    def _of_sheet(self, title: str, items: Callable[[], list[Claim]]) -> str:
        return f"{title} for a class: {plural(len(items()), 'statement')} of the article, to be traced."

    def parts(self) -> list[str]:
        """The names of the parts that a page written by hand may include."""
        names = [name for name in self.environment.list_templates() if name.startswith("parts/")]
        return sorted(name.removeprefix("parts/").removesuffix(".html") for name in names)

    def included(self, name: str, root: str) -> str:
        """A part for a page written by hand, such as a table of terms."""
        return self.environment.get_template(f"parts/{name}.html").render(
            site=self.site,
            root=root,
            rules=_rules(),
            forms=list(FORM.items()),
        )


@cache
def _rules() -> list[tuple[str, list[dict[str, Any]]]]:
    """What the page of rules says of each, in its two groups."""

    def said(rules: Iterable[Rule]) -> list[dict[str, Any]]:
        named = ((rule_name(rule), rule) for rule in rules)
        return [
            {"name": name, "level": level_of(rule), "text": text_of(rule), "example": examples()[name]}
            for name, rule in named
        ]

    return [("Records as they stand", said(shape.RULES)), ("What evidence bears", said(lint.RULES))]


def _front(head: Mapping[str, Any]) -> str:
    """The front matter of a page."""
    front = yaml.dump(head, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n"


def drafts(
    site: Site,
    content: Mapping[str, str],
    places: Mapping[str, str] | None = None,
    environment: Environment | None = None,
) -> dict[str, Draft]:
    """All pages by their path under the docs folder: those made from records, and `content` with its parts filled in.

    `content` maps paths to the Markdown written by hand, in which a line `<!-- include: NAME -->` stands for a part made
    from the records, and a definition of one of the links `[repo]`, `[issues]` and `[licence]` is replaced by where they
    lead on this site. `places` says where in the repository a page stands, for its edit link. `environment` is that of
    another site, whose templates are compiled already. Raises ValueError for a part that there is not, and for a path
    that two pages claim.
    """
    renderer = Renderer(site, environment) if environment else Renderer(site)
    pages = dict(renderer.drafts())
    for path, text in sorted(content.items()):
        if path in pages:
            raise ValueError(f"content/{path} stands where a page made from records goes: give it another name")
        known = renderer.parts()
        for name in _INCLUDE.findall(text):
            if name not in known:
                raise ValueError(f"content/{path} includes {name!r}; there are: {', '.join(known)}")
        depth = path.count("/") + (0 if path.endswith("index.md") else 1)
        edit = site.settings.edit((places or {}).get(path, ""))
        text = _DEFINITION.sub(_definer(site.settings, "../" * path.count("/")), text)
        pages[path] = partial(_filled, renderer, text, "../" * depth, edit)
    return pages


def _filled(renderer: Renderer, text: str, root: str, edit: str) -> str:
    text = _INCLUDE.sub(lambda match: renderer.included(match[1], root), text)
    return _front({"edit_url": edit}) + text if edit and not text.startswith("---\n") else text


def redirects(site: Site) -> dict[str, str]:
    """For each address that was once published and has moved, a page of plain HTML that leads to where it is now."""
    template = _environment().get_template("redirect.html")
    records = addresses.of_records(site.corpus)
    made = {}
    for old, (to, entry) in sorted(addresses.moved(site.corpus).items()):
        title = addresses.name(records[to]) if to in records else f"/{to}"
        values = {"root": "../" * old.count("/"), "to": to, "entry": entry, "title": title}
        made[f"{old}index.html"] = template.render(site=site, **values)
    return made


def _definer(settings: Settings, root: str) -> Callable[[re.Match[str]], str]:
    ends = {"repo": settings.repo, "issues": settings.issues, "licence": settings.licence_url}

    def define(match: re.Match[str]) -> str:
        # a site without the address says on its page about itself how it can be reached
        return f"[{match[1]}]: {ends[match[1]] or f'{root}about.md'}"

    return define


def render(
    relations: Relations, content: Mapping[str, str], settings: Settings, places: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The text of all pages by their path, as `drafts` has them."""
    return {path: draft() for path, draft in drafts(Site(relations, settings), content, places).items()}
