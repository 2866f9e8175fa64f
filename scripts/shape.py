"""The rules that need nothing but the records as they stand.

Each rule is a small generator over the corpus. Its name, with hyphens, is what messages print; its docstring is the rule
as a contributor reads it, on the terminal and in the docs. The rules that weigh evidence are in `lint`; `check` runs both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from scripts import addresses, fingerprint
from scripts.load import Corpus
from scripts.problems import did_you_mean
from scripts.records import (
    Article,
    Claim,
    Evidence,
    Location,
    Measure,
    Publisher,
    Record,
    Source,
    Topic,
    words,
)
from scripts.terms import JUDGED, Access, Bearing, Crediting, Fidelity, Kind, Relation, Role, Stance, Status
from scripts.urls import without_tracking

Found = tuple[Record, Location, str, str]
"""What a rule yields: the record, where in it, what is wrong, and the way out."""

Rule = Callable[[Corpus], Iterator[Found]]

GLANCE_WORDS = 60
SUMMARY_WORDS = 250
SHORT_CHARACTERS = 75
PHRASE_WORDS = 8
ANCHOR_WORDS = range(3, 7)
FINDING_WORDS = 6
MENDABLE = "run python -m scripts check --fix"

_VERDICT_WORDS = frozenset(
    """
    baseless bogus confirmed confirms correct correctly debunk debunked debunks disproved disproves exaggerated
    exaggerates fabricated fake false falsely hoax inaccurate incorrect incorrectly lie lied lies lying misleading
    misleads myth proved proven proves refuted refutes true truth unfounded untrue unproven wrong wrongly
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_OPENERS = frozenset(
    """
    he she it they this these those that his her its their him them here there such same also another
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def every_evidence(corpus: Corpus) -> Iterator[tuple[Claim | Publisher, Location, Evidence]]:
    """Every piece of evidence with its record and place."""
    for claim in corpus.claims.values():
        for index, item in enumerate(claim.evidence):
            yield claim, ("evidence", index), item
    for publisher in corpus.publishers.values():
        for number, documented in enumerate(publisher.documented):
            for index, item in enumerate(documented.evidence):
                yield publisher, ("documented", number, "evidence", index), item


def _references(corpus: Corpus) -> Iterator[tuple[Record, Location, type[Record], str]]:
    """Every place where a record names another one."""
    for article in corpus.articles.values():
        yield article, ("publisher",), Publisher, article.publisher
        for index, copy in enumerate(article.copies):
            if copy.publisher:
                yield article, ("copies", index, "publisher"), Publisher, copy.publisher
        for index, merged in enumerate(article.merged):
            yield article, ("merged", index, "into"), Claim, merged.into
    for claim in corpus.claims.values():
        yield claim, (), Article, claim.article
        for index, topic in enumerate(claim.topics):
            yield claim, ("topics", index), Topic, topic
        for location, quantity in claim.quantities():
            yield claim, (*location, "measure"), Measure, quantity.measure
        if claim.attribution.source:
            yield claim, ("attribution", "source"), Source, claim.attribution.source
        for index, related in enumerate(claim.related):
            yield claim, ("related", index, "to"), Claim, related.to
    for record, location, item in every_evidence(corpus):
        yield record, (*location, "source"), Source, item.source
        for index, upstream in enumerate(item.rests_on or ()):
            yield record, (*location, "rests_on", index), Source, upstream
    for source in corpus.sources.values():
        yield source, ("publisher",), Publisher, source.publisher
        if source.carried_by:
            yield source, ("carried_by",), Publisher, source.carried_by
        for index, upstream in enumerate(source.derived_from):
            yield source, ("derived_from", index), Source, upstream
        for index, copy in enumerate(source.copies):
            if copy.publisher:
                yield source, ("copies", index, "publisher"), Publisher, copy.publisher
    for publisher in corpus.publishers.values():
        if publisher.part_of:
            yield publisher, ("part_of",), Publisher, publisher.part_of
        for index, reply in enumerate(publisher.reply):
            yield publisher, ("reply", index, "source"), Source, reply.source


def unknown_reference(corpus: Corpus) -> Iterator[Found]:
    """Whatever a record names by id has a record of its own."""
    for record, location, kind, id in _references(corpus):
        known = corpus.of(kind)
        if id in known or (kind, id) in corpus.broken:
            continue
        where = "article.yml" if kind is Article else f"a record under {kind.folder}/"
        hint = did_you_mean(id, known) or f"add {where} for it, or name another"
        yield record, location, f"there is no {kind.__name__.lower()} {id!r}", hint


def whole(corpus: Corpus) -> bool:
    """Whether every record that is named is there and can be read: what pages need."""
    return all(id in corpus.of(kind) for _, _, kind, id in _references(corpus))


def unused_record(corpus: Corpus) -> Iterator[Found]:
    """A source, a publisher, a topic or a measure is named by some other record."""
    if corpus.broken:
        return  # what a broken record names can't be known
    used: dict[type[Record], set[str]] = {}
    for _, _, kind, id in _references(corpus):
        used.setdefault(kind, set()).add(id)
    for kind in (Source, Publisher, Topic, Measure):
        for id, record in corpus.of(kind).items():
            if id not in used.get(kind, ()):
                yield record, (), f"nothing refers to the {kind.__name__.lower()} {id!r}", "use it, or delete its file"


def paragraph_exists(corpus: Corpus) -> Iterator[Found]:
    """A statement's paragraph is one that its article's `passages` name."""
    for claim in corpus.claims.values():
        article = corpus.articles.get(claim.article)
        if article and claim.para not in _paragraphs(article):
            last = max(_paragraphs(article))
            yield claim, ("para",), f"the article has no paragraph {claim.para}", f"its passages run from 0 to {last}"


def _paragraphs(article: Article) -> set[int]:
    return {number for run in article.passages for number in range(run.first, run.last + 1)}


def passages_in_order(corpus: Corpus) -> Iterator[Found]:
    """An article's passages follow one another without gaps, and the fingerprint has as many paragraphs."""
    for article in corpus.articles.values():
        expected = article.passages[0].first
        if expected > 1:
            yield (
                article,
                ("passages", 0, "first"),
                f"the passages begin at {expected}",
                "begin at 0, or at 1 without a headline",
            )
        for index, run in enumerate(article.passages):
            if run.first != expected or run.last < run.first:
                yield (
                    article,
                    ("passages", index, "first"),
                    f"passage {run.first} to {run.last} does not follow on {expected - 1}",
                    "list the runs in order, each beginning where the last one ended",
                )
            expected = run.last + 1
        prints = article.fingerprint
        if prints and len(prints.paragraphs) != expected:
            yield (
                article,
                ("passages",),
                f"the passages end at {expected - 1}, the fingerprint at {len(prints.paragraphs) - 1}",
                "mend the passages or the layout, then run verify --write",
            )


def paragraph_without_statement(corpus: Corpus) -> Iterator[Found]:
    """Every paragraph of an article has a statement, or stands under `without_statements` with the reason."""
    taken: dict[str, set[int]] = {}
    for claim in corpus.claims.values():
        taken.setdefault(claim.article, set()).add(claim.para)
    for article in corpus.articles.values():
        excused = {entry.para for entry in article.without_statements}
        has = taken.get(article.id, set())
        bare = sorted(_paragraphs(article) - has - excused)
        unread = any(kind is Claim and id.startswith(f"{article.id}/") for kind, id in corpus.broken)
        if bare and not unread:
            names = ", ".join(str(number) for number in bare)
            message = (
                f"paragraph {names} has no statement" if len(bare) == 1 else f"paragraphs {names} have no statement"
            )
            yield article, ("passages",), message, "add one, or list it under without_statements"
        for index, entry in enumerate(article.without_statements):
            if entry.para in has:
                yield (
                    article,
                    ("without_statements", index),
                    f"paragraph {entry.para} has a statement",
                    "remove the entry",
                )


def anchor_length(corpus: Corpus) -> Iterator[Found]:
    """An anchor has three to six words at each end."""
    for claim in corpus.claims.values():
        for end in ("starts", "ends"):
            count = len(words(getattr(claim.anchor, end)))
            if count not in ANCHOR_WORDS:
                yield (
                    claim,
                    ("anchor", end),
                    f"the anchor {end} with {count} words",
                    "give the three to six words at that end",
                )


def anchor_in_paragraph(corpus: Corpus) -> Iterator[Found]:
    """An anchor's words stand in the paragraph named, by the article's fingerprint."""
    for claim in corpus.claims.values():
        article = corpus.articles.get(claim.article)
        if not article or not article.fingerprint or claim.para not in _paragraphs(article):
            continue
        for end in ("starts", "ends"):
            phrase = getattr(claim.anchor, end)
            if len(words(phrase)) in ANCHOR_WORDS and not fingerprint.holds(article.fingerprint, claim.para, phrase):
                hint = fingerprint.nearest(article.fingerprint, claim.para, phrase, words(claim.says))
                yield claim, ("anchor", end), f"the words {phrase!r} do not stand in paragraph {claim.para}", hint


def no_fingerprint(corpus: Corpus) -> Iterator[Found]:
    """An article has a fingerprint of the text studied."""
    for article in corpus.articles.values():
        if not article.fingerprint:
            yield article, (), "the article has no fingerprint", "run python -m scripts verify --texts DIR --write"


def short_too_long(corpus: Corpus) -> Iterator[Found]:
    """`short` has at most 75 characters."""
    for claim in corpus.claims.values():
        if len(claim.short) > SHORT_CHARACTERS:
            hint = f"leave out {len(claim.short) - SHORT_CHARACTERS}"
            yield claim, ("short",), f"short has {len(claim.short)} characters, more than {SHORT_CHARACTERS}", hint


def short_with_verdict(corpus: Corpus) -> Iterator[Found]:
    """`short` says what is said and never whether it is so."""
    for claim in corpus.claims.values():
        # a verb that the text itself uses of a third party ("the BBC confirmed") is part of what is said
        said = set(words(claim.says))
        found = [word for word in words(claim.short) if word in _VERDICT_WORDS and word not in said]
        if found:
            yield claim, ("short",), f"short has the verdict word {found[0]!r}", "restate only what the article says"


def glance_too_long(corpus: Corpus) -> Iterator[Found]:
    """A `glance`, and an article's `about`, has at most 60 words; a topic's `summary` at most 250."""
    texts: list[tuple[Record, str, str | None, int]] = [
        *((claim, "glance", claim.glance, GLANCE_WORDS) for claim in corpus.claims.values()),
        *((topic, "glance", topic.glance, GLANCE_WORDS) for topic in corpus.topics.values()),
        *((topic, "summary", topic.summary, SUMMARY_WORDS) for topic in corpus.topics.values()),
        *((article, "about", article.about, GLANCE_WORDS) for article in corpus.articles.values()),
    ]
    for record, name, text, most in texts:
        count = len((text or "").split())
        if count > most:
            yield record, (name,), f"{name} has {count} words, more than {most}", "keep what leads"


def phrase_too_long(corpus: Corpus) -> Iterator[Found]:
    """A verbatim phrase has at most eight words; nobody's prose is republished."""
    for record, location, item in every_evidence(corpus):
        if item.phrase and len(item.phrase.split()) > PHRASE_WORDS:
            yield (
                record,
                (*location, "phrase"),
                f"the phrase has {len(item.phrase.split())} words",
                "keep at most eight",
            )
    for publisher in corpus.publishers.values():
        for index, reply in enumerate(publisher.reply):
            if reply.phrase and len(reply.phrase.split()) > PHRASE_WORDS:
                count = len(reply.phrase.split())
                yield publisher, ("reply", index, "phrase"), f"the phrase has {count} words", "keep at most eight"


def figure_without_quantity(corpus: Corpus) -> Iterator[Found]:
    """A statement of the kind `figure` has a quantity, and every quantity says what time it is for."""
    for claim in corpus.claims.values():
        if claim.kind is Kind.FIGURE and not claim.quantity:
            yield claim, ("kind",), "a figure has no quantity", "add quantity: with measure, number and as_of"
        for location, quantity in claim.quantities():
            if not quantity.as_of:
                yield (
                    claim,
                    location,
                    "the quantity has no as_of",
                    "say what time the number is for, as precisely as the text does",
                )


def distortion_not_shown(corpus: Corpus) -> Iterator[Found]:
    """`distorted` and `contradicted-by-source` show what the source says (`source_says`) and what changed (`drift`)."""
    for claim in corpus.claims.values():
        attribution = claim.attribution
        if attribution.fidelity in (Fidelity.DISTORTED, Fidelity.CONTRADICTED_BY_SOURCE):
            missing = [name for name in ("source_says", "drift") if not getattr(attribution, name)]
            if missing:
                yield (
                    claim,
                    ("attribution", "fidelity"),
                    f"{attribution.fidelity} without {' and '.join(missing)}",
                    "say what the credited source gives instead, and what changed",
                )


def attribution_at_odds(corpus: Corpus) -> Iterator[Found]:
    """How the article credits, whom, and the fidelity fit each other: no credit goes with `no-attribution` and no name."""
    for claim in corpus.claims.values():
        it = claim.attribution
        place: Location = ("attribution", "fidelity")
        if it.how is Crediting.NONE:
            if it.fidelity is not Fidelity.NO_ATTRIBUTION or it.to or it.source:
                yield (
                    claim,
                    place,
                    "the article credits nobody, yet more is said of the credit",
                    "fidelity: no-attribution, no to, no source",
                )
        elif it.fidelity is Fidelity.NO_ATTRIBUTION:
            yield (
                claim,
                place,
                f"credit is {it.how}, yet the fidelity is no-attribution",
                "judge the credit, or write how: none",
            )
        elif not it.to:
            yield (
                claim,
                ("attribution",),
                f"credit is {it.how}, but to whom is missing",
                "add to: in the article's terms",
            )
        elif it.how is Crediting.VAGUE and it.fidelity not in (Fidelity.VAGUE_SOURCE, Fidelity.UNCHECKED):
            yield claim, place, f"a vague credit can't be {it.fidelity}", "fidelity: vague-source, or how: named"
        elif it.how is not Crediting.VAGUE and it.fidelity is Fidelity.VAGUE_SOURCE:
            yield (
                claim,
                place,
                f"credit is {it.how}, yet the fidelity is vague-source",
                "how: vague, or another fidelity",
            )


JUDGED_ON_READING = (
    Fidelity.FAITHFUL,
    Fidelity.MINOR_DRIFT,
    Fidelity.DISTORTED,
    Fidelity.CONTRADICTED_BY_SOURCE,
    Fidelity.NOT_IN_SOURCE,
    Fidelity.INDIRECT,
)


def fidelity_without_evidence(corpus: Corpus) -> Iterator[Found]:
    """A fidelity that says what the credited source gives rests on evidence about the saying, or on the credited source."""
    for claim in corpus.claims.values():
        if claim.attribution.fidelity in JUDGED_ON_READING and not any(
            item.on is not Bearing.MATTER or item.role is Role.ATTRIBUTED for item in claim.evidence
        ):
            yield (
                claim,
                ("attribution", "fidelity"),
                f"{claim.attribution.fidelity} rests on no evidence",
                "add the credited source, or what shows what was said (on: saying)",
            )


def own_outlet_as_witness(corpus: Corpus) -> Iterator[Found]:
    """The article itself, copies of it, and its own outlet never witness for what it says."""
    for claim in corpus.claims.values():
        article = corpus.articles.get(claim.article)
        if not article:
            continue
        addresses = {article.url, article.archived_url, *(copy.url for copy in article.copies)}
        outlets = {root(corpus, id) for id in (article.publisher, *(copy.publisher for copy in article.copies)) if id}
        for index, item in enumerate(claim.evidence):
            source = corpus.sources.get(item.source)
            if not source or item.stance is Stance.SILENT or item.on is Bearing.SAYING:
                continue
            if root(corpus, source.publisher) in outlets or (source.url and source.url in addresses):
                yield (
                    claim,
                    ("evidence", index, "source"),
                    f"{item.source} comes from the article's own outlet",
                    "an outlet can't witness for itself: stance: silent, or another source",
                )


def root(corpus: Corpus, publisher: str) -> str:
    """The body that a publisher is a part of, as far up as the records go."""
    seen = {publisher}
    while True:
        record = corpus.publishers.get(publisher)
        if not record or not record.part_of or record.part_of in seen:
            return publisher
        publisher = record.part_of
        seen.add(publisher)


def derivation_in_a_circle(corpus: Corpus) -> Iterator[Found]:
    """No source derives from itself, however long the chain; nor is a publisher a part of itself."""
    chains: list[tuple[str, dict[str, Iterable[str]], dict[str, Source] | dict[str, Publisher]]] = [
        ("derived_from", {id: source.derived_from for id, source in corpus.sources.items()}, corpus.sources),
        (
            "part_of",
            {id: (publisher.part_of,) if publisher.part_of else () for id, publisher in corpus.publishers.items()},
            corpus.publishers,
        ),
    ]
    for name, graph, records in chains:
        graph = {id: [up for up in ups if up in records] for id, ups in graph.items()}
        while True:
            try:
                TopologicalSorter(graph).prepare()
                break
            except CycleError as error:
                circle = error.args[1][1:]
                first = min(circle)
                at = circle.index(first)
                path = " → ".join([*circle[at:], *circle[:at], first])
                yield records[first], (name,), f"a circle: {path}", "remove the link that is not so"
                graph = {id: [up for up in ups if up not in circle] for id, ups in graph.items() if id not in circle}


def witness_before_the_event(corpus: Corpus) -> Iterator[Found]:
    """A source isn't cited for a time that came after it was published."""
    for record, location, item in every_evidence(corpus):
        source = corpus.sources.get(item.source)
        as_of = item.quantity.as_of if item.quantity else None
        if source and source.published and as_of and as_of.surely_after(source.published):
            yield (
                record,
                (*location, "quantity", "as_of"),
                f"{item.source} was published in {source.published}, before {as_of}",
                "mend the date of the one or of the other",
            )


def read_before_published(corpus: Corpus) -> Iterator[Found]:
    """A source is read on the day of its publication or later."""
    for source in corpus.sources.values():
        if source.published and source.published.surely_after(source.read.on):
            message = f"read {source.read.on}, before it was published, {source.published}"
            yield source, ("read", "on"), message, "mend the one or the other"


def tracking_parameter(corpus: Corpus) -> Iterator[Found]:
    """An address carries nothing that only follows the reader, such as `utm_source` or `fbclid`."""
    for record, location, address in addresses_of(corpus):
        if without_tracking(address) != address:
            yield record, location, "the address has tracking parameters", MENDABLE


def addresses_of(corpus: Corpus) -> Iterator[tuple[Record, Location, str]]:
    """Every web address that a record holds."""
    found: list[tuple[Record, Location, str | None]] = []
    texts: list[Article | Source] = [*corpus.articles.values(), *corpus.sources.values()]
    for text in texts:
        found += [(text, ("url",), text.url), (text, ("archived_url",), text.archived_url)]
        found += [(text, ("copies", index, "url"), copy.url) for index, copy in enumerate(text.copies)]
    found += [(publisher, ("home",), publisher.home) for publisher in corpus.publishers.values()]
    yield from ((record, location, address) for record, location, address in found if address)


def repeated_entry(corpus: Corpus) -> Iterator[Found]:
    """A list names nothing twice: topics, drift, derived_from, rests_on, and the links of `related`."""
    lists: list[tuple[Record, Location, Sequence[object]]] = []
    for claim in corpus.claims.values():
        lists += [(claim, ("topics",), claim.topics), (claim, ("attribution", "drift"), claim.attribution.drift)]
        lists.append((claim, ("related",), [(link.to, link.as_) for link in claim.related]))
    lists += [(source, ("derived_from",), source.derived_from) for source in corpus.sources.values()]
    lists += [(record, (*place, "rests_on"), item.rests_on or ()) for record, place, item in every_evidence(corpus)]
    for record, location, entries in lists:
        if len(entries) < 2:
            continue
        seen: set[object] = set()
        for index, entry in enumerate(entries):
            if entry in seen:
                name = entry[0] if isinstance(entry, tuple) else entry
                yield record, (*location, index), f"{name} stands here twice", MENDABLE
            seen.add(entry)


def spelling_of_names(corpus: Corpus) -> Iterator[Found]:
    """In our own words a name is spelt as `claims/names.yml` says; titles and words in quotation marks keep their own."""
    wanted: dict[str, str] = {}
    for table in corpus.names.values():
        for name in table.names:
            wanted |= dict.fromkeys(name.not_, name.name)
    if not wanted:
        return
    # the right spellings are in the expression too, so that a wrong one is not found inside of them
    forms = sorted({*wanted, *wanted.values()}, key=lambda form: (-len(form), form))
    pattern = re.compile(rf"(?<![\w'’-])(?:{'|'.join(map(re.escape, forms))})(?![\w-]|['’](?!s\b))")
    for record, location, text in (*own_words(corpus), *paraphrases(corpus)):
        for match in pattern.finditer(QUOTED.sub(lambda quoted: " " * len(quoted.group()), text)):
            right = wanted.get(match.group())
            if right:
                yield record, location, f"{match.group()!r} is spelt {right!r} here", f"write {right!r}"
                break


def paraphrases(corpus: Corpus) -> Iterator[tuple[Record, Location, str]]:
    """What is said in our words of what others say or of what was done, beside `own_words`."""
    for claim in corpus.claims.values():
        yield claim, ("says",), claim.says
        yield claim, ("short",), claim.short
        for index, search in enumerate(claim.looked_for):
            yield claim, ("looked_for", index, "what"), search.what
        for index, link in enumerate(claim.related):
            yield claim, ("related", index, "note"), link.note or ""
    for topic in corpus.topics.values():
        yield topic, ("title",), topic.title
    for measure in corpus.measures.values():
        yield measure, ("title",), measure.title
        yield measure, ("scope",), measure.scope


def checkable_without_evidence(corpus: Corpus) -> Iterator[Found]:
    """A statement that can be checked has evidence, or says what was looked for."""
    for claim in corpus.claims.values():
        if not (claim.evidence or claim.looked_for or claim.judgement or claim.withdrawn):
            yield claim, (), "neither evidence nor looked_for", "add evidence, or say what was looked for and where"


def saying_without_credit(corpus: Corpus) -> Iterator[Found]:
    """Evidence on the saying needs somebody who is credited with it."""
    for claim in corpus.claims.values():
        if claim.attribution.how is Crediting.NONE:
            for index, item in enumerate(claim.evidence):
                if item.on is not Bearing.MATTER:
                    yield claim, ("evidence", index, "on"), f"on: {item.on}, but nobody is credited", "on: matter"


def later_against_the_saying(corpus: Corpus) -> Iterator[Found]:
    """What was published after the article doesn't contradict that something had been said before it."""
    for claim in corpus.claims.values():
        article = corpus.articles.get(claim.article)
        for index, item in enumerate(claim.evidence):
            source = corpus.sources.get(item.source)
            if not (article and article.published and source and source.published):
                continue
            against_the_saying = item.on is not Bearing.MATTER and item.stance is Stance.CONTRADICTS
            if against_the_saying and source.published.surely_after(article.published):
                yield (
                    claim,
                    ("evidence", index, "stance"),
                    f"{item.source} is later than the article and can't contradict what was said before",
                    "on: matter, or stance: silent",
                )


def finding_not_alone(corpus: Corpus) -> Iterator[Found]:
    """A finding stands alone: it doesn't open with a pronoun or 'the same', and it is long enough to say something."""
    texts: list[tuple[Record, Location, str]] = [
        (record, (*location, "finding"), item.finding) for record, location, item in every_evidence(corpus)
    ]
    for publisher in corpus.publishers.values():
        texts += [(publisher, ("reply", i, "finding"), reply.finding) for i, reply in enumerate(publisher.reply)]
    for record, location, finding in texts:
        tokens = words(finding)
        opener = finding.split()[0].strip("\"'“‘,").casefold()
        if opener in _OPENERS or tokens[:2] == ["the", "same"]:
            yield record, location, f"the finding opens with {finding.split()[0]!r}", "name who says it, and when"
        elif len(tokens) < FINDING_WORDS:
            yield record, location, f"the finding has {len(tokens)} words", "say who says what, of when"


def several_stances(corpus: Corpus) -> Iterator[Found]:
    """One document has one stance on one statement, for the saying and for the matter each."""
    for claim in corpus.claims.values():
        seen: dict[tuple[str, Bearing], int] = {}
        for index, item in enumerate(claim.evidence):
            for bearing in (Bearing.SAYING, Bearing.MATTER) if item.on is Bearing.BOTH else (item.on,):
                if (item.source, bearing) in seen:
                    yield (
                        claim,
                        ("evidence", index, "source"),
                        f"{item.source} stands here twice on the {bearing}",
                        "merge the two into one finding",
                    )
                    break
                seen[item.source, bearing] = index


def context_with_stance(corpus: Corpus) -> Iterator[Found]:
    """Evidence in the role of context cuts neither way."""
    for record, location, item in every_evidence(corpus):
        if item.role is Role.CONTEXT and item.stance is not Stance.SILENT:
            yield (
                record,
                (*location, "stance"),
                f"context can't be {item.stance}",
                "role: independent, or stance: silent",
            )


def evidence_not_read(corpus: Corpus) -> Iterator[Found]:
    """Evidence cites only what somebody read; a document known through quotation alone has no address and is only upstream."""
    for record, location, item in every_evidence(corpus):
        source = corpus.sources.get(item.source)
        if source and source.read.how is Access.QUOTED:
            yield (
                record,
                (*location, "source"),
                f"{item.source} was not read itself",
                "cite the source in which it was read",
            )
    for source in corpus.sources.values():
        if (source.url is None) != (source.read.how is Access.QUOTED):
            yield (
                source,
                ("read",),
                f"read: {source.read.how} {'without' if source.url is None else 'with'} an address",
                "how: quoted goes with no url, and every other way of reading with one",
            )


def judgement_out_of_place(corpus: Corpus) -> Iterator[Found]:
    """Only `misleading-context`, `overtaken` and `not-checkable` are judged; an opinion is `not-checkable`."""
    for claim in corpus.claims.values():
        status = claim.judgement.status if claim.judgement else None
        if status and status not in JUDGED:
            yield claim, ("judgement", "status"), f"{status} is worked out, not written", "remove the judgement"
        elif claim.kind is Kind.OPINION and status is not Status.NOT_CHECKABLE and not claim.withdrawn:
            yield (
                claim,
                ("kind",),
                "an opinion without the judgement not-checkable",
                "add judgement: {status: not-checkable, because: …}",
            )
        elif status is Status.MISLEADING_CONTEXT and not claim.technique:
            yield claim, ("judgement",), "misleading-context names no technique", "add technique:"


REVERSE = {Relation.STRONGER: Relation.WEAKER, Relation.WEAKER: Relation.STRONGER}


def related_one_way(corpus: Corpus) -> Iterator[Found]:
    """A link between statements stands in both files, `stronger` against `weaker`."""
    for claim in corpus.claims.values():
        for index, link in enumerate(claim.related):
            other = corpus.claims.get(link.to)
            if link.to == claim.id:
                yield claim, ("related", index), "the statement is related to itself", "remove the link"
            elif other:
                back = REVERSE.get(link.as_, link.as_)
                if not any(entry.to == claim.id and entry.as_ is back for entry in other.related):
                    yield (
                        claim,
                        ("related", index),
                        f"{link.to} does not link back",
                        f"add '{{to: {claim.id}, as: {back}}}' to its related",
                    )


_BARE_LINK = re.compile(r"\]\(([^)\s]*)\)")


_LOADED_WORDS = frozenset(
    """
    absurd admit admits admitted alleged allegedly baseless boasts bogus clearly conspiracy debunk debunked debunks
    disinformation evidently fabricated fabrication fake fakes hoax infamous insist insisted insists liar liars lied
    misinformation mouthpiece notorious obviously outrageous parrots peddles propaganda pseudo puppet puppets
    purported purportedly regime ridiculous shameless shamelessly shill smear smears so-called stooge supposedly
    troll trolls undoubtedly
    """.split()  # noqa: SIM905
)
QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def own_words(corpus: Corpus) -> Iterator[tuple[Record, Location, str]]:
    """Every text in the site's own voice. What an article says is said in `says`, and isn't ours."""
    for claim in corpus.claims.values():
        for name in ("glance", "would_change", "note"):
            yield claim, (name,), getattr(claim, name) or ""
        for name in ("source_says", "because"):
            yield claim, ("attribution", name), getattr(claim.attribution, name) or ""
        if claim.judgement:
            yield claim, ("judgement", "because"), claim.judgement.because
    for record, location, item in every_evidence(corpus):
        yield record, (*location, "finding"), item.finding
        yield record, (*location, "reading"), item.reading or ""
    for publisher in corpus.publishers.values():
        yield publisher, ("note",), publisher.note or ""
        for index, documented in enumerate(publisher.documented):
            yield publisher, ("documented", index, "says"), documented.says
        for index, reply in enumerate(publisher.reply):
            yield publisher, ("reply", index, "finding"), reply.finding
    for topic in corpus.topics.values():
        for name in ("question", "glance", "summary"):
            yield topic, (name,), getattr(topic, name) or ""
    for article in corpus.articles.values():
        yield article, ("about",), article.about or ""
    for measure in corpus.measures.values():
        yield measure, ("caution",), measure.caution or ""


def loaded_word(corpus: Corpus) -> Iterator[Found]:
    """The site's own sentences have no loaded words; others' words stand in quotation marks, or are excepted with a reason."""
    for record, location, text in own_words(corpus):
        for word in _PLAIN_WORD.findall(QUOTED.sub(" ", text)):
            if word.casefold() in _LOADED_WORDS:
                hint = "say it plainly; a word of the source's own goes in quotation marks"
                yield record, location, f"the loaded word {word!r}", hint
                break


def summary_link(corpus: Corpus) -> Iterator[Found]:
    """A link in a topic's summary leads to a statement, or to another site by http or https."""
    for topic in corpus.topics.values():
        for target in _BARE_LINK.findall(topic.summary or ""):
            known = target in corpus.claims or (Claim, target) in corpus.broken
            if not known and not target.startswith(("http://", "https://")):
                yield (
                    topic,
                    ("summary",),
                    f"the link {target!r} leads nowhere",
                    did_you_mean(target, corpus.claims) or "write [words](article/a01) or [words](https://…)",
                )


def address_gone(corpus: Corpus) -> Iterator[Found]:
    """An address that `addresses.txt` lists still answers: with its page, or through an entry of `redirects.yml`."""
    for index, message, hint in addresses.missing(corpus):
        yield corpus.addresses, ("addresses", index), message, hint


def redirect_sound(corpus: Corpus) -> Iterator[Found]:
    """A redirect leads from an address that no page has to a page that there is; statements are withdrawn instead."""
    (table,) = corpus.redirects.values() or (None,)
    for index, field, message, hint in addresses.redirect_faults(corpus):
        if table:
            yield table, ("redirects", index, field), message, hint


RULES: tuple[Rule, ...] = (
    unknown_reference,
    unused_record,
    paragraph_exists,
    passages_in_order,
    paragraph_without_statement,
    no_fingerprint,
    anchor_length,
    anchor_in_paragraph,
    short_too_long,
    short_with_verdict,
    glance_too_long,
    phrase_too_long,
    figure_without_quantity,
    distortion_not_shown,
    attribution_at_odds,
    fidelity_without_evidence,
    own_outlet_as_witness,
    derivation_in_a_circle,
    witness_before_the_event,
    read_before_published,
    checkable_without_evidence,
    saying_without_credit,
    later_against_the_saying,
    finding_not_alone,
    several_stances,
    context_with_stance,
    evidence_not_read,
    judgement_out_of_place,
    related_one_way,
    loaded_word,
    spelling_of_names,
    summary_link,
    address_gone,
    redirect_sound,
    tracking_parameter,
    repeated_entry,
)
"""The rules, in the order of the docs."""
