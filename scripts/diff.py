"""What a change means: verdicts, origins and figures from one state of the records to another, with the cause.

A cause is worked out, not guessed. Everything that two states of the records differ in and that can reach a
statement's verdicts is cut into single edits (`_edits`). Then the smallest set of them is looked for that, applied to
the first state alone, gives the second state's outcome.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from scripts import addresses
from scripts.assess import Assessment, assess, distance, spoken
from scripts.load import Corpus
from scripts.problems import Problem
from scripts.records import Article, Claim, Evidence, Measure, Publisher, Quantity, Record, Source, Topic
from scripts.relate import Relations
from scripts.render import Draft, Renderer, Settings, Site, drafts
from scripts.shape import whole
from scripts.terms import Fidelity, Stance, Status

FEW = 3
"""Up to how many edits a cause is looked for among all sets of that size; a larger one is cut down edit by edit."""
MANY = 24
"""From how many edits on sets of two and more are not tried out one by one."""
_WAYS = ((Stance.CONTRADICTS, "against"), (Stance.SUPPORTS, "for"), (Stance.QUALIFIES, "with a condition"))
_KINDS: tuple[type[Record], ...] = (Article, Claim, Source, Publisher, Topic, Measure)


@dataclass(frozen=True)
class Cause:
    """One edit that brought a change about: the file, and what became of it."""

    file: str
    edit: str


@dataclass(frozen=True)
class Figure:
    """A number that changed: whose (the statement's own, or a source's), from what to what, and how far apart."""

    claim: str
    whose: str
    before: str
    after: str
    distance_before: str = ""
    distance_after: str = ""


@dataclass(frozen=True)
class Statement:
    """One statement that the change reaches.

    `fields` are those of its record that were edited. `fidelity`, `status` and each of `origins` are pairs of before
    and after, and are there only where the two differ. `because` explains all of these together; it is empty where
    none of them changed. `uncorrected` says that a verdict changed and that no new entry of `corrected` says so.
    """

    id: str
    short: str
    file: str
    fields: tuple[str, ...] = ()
    fidelity: tuple[Fidelity, Fidelity] | None = None
    status: tuple[Status, Status] | None = None
    origins: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    because: tuple[Cause, ...] = ()
    uncorrected: bool = False


@dataclass(frozen=True)
class Arrival:
    """A statement that was added, withdrawn or brought back, with its verdicts, or the reason of the withdrawal."""

    id: str
    short: str
    fidelity: Fidelity
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class Diff:
    """Everything that a change means. Lists are in the order of ids or addresses.

    `pages` is None where a state names records that it has not: no page can be made of it.
    """

    base: str
    head: str
    added: tuple[Arrival, ...]
    withdrawn: tuple[Arrival, ...]
    restored: tuple[Arrival, ...]
    removed: tuple[str, ...]
    changed: tuple[Statement, ...]
    figures: tuple[Figure, ...]
    records: dict[str, dict[str, tuple[str, ...]]]
    pages: dict[str, tuple[str, ...]] | None
    breaks: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    commits: tuple[tuple[str, str], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the two states say the same."""
        lists = (self.added, self.withdrawn, self.restored, self.removed, self.changed, self.breaks, self.unread)
        return not any((*lists, self.records, self.pages))


def diff(
    base: Corpus,
    head: Corpus,
    names: tuple[str, str] = ("", ""),
    content: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    commits: Iterable[tuple[str, str]] = (),
) -> Diff:
    """Compare two states of the records. `content` are the pages written by hand, which stand the same in both."""
    old, new = Site(Relations(base), settings or Settings()), Site(Relations(head), settings or Settings())
    both = sorted(base.claims.keys() & head.claims.keys())
    changed = [statement for id in both if (statement := _statement(old, new, id))]

    def arrivals(ids: Iterable[str]) -> tuple[Arrival, ...]:
        return tuple(_arrival(new.assessments[id]) for id in sorted(ids))

    withdrawn = [id for id in both if head.claims[id].withdrawn and not base.claims[id].withdrawn]
    restored = [id for id in both if base.claims[id].withdrawn and not head.claims[id].withdrawn]
    unread = [*(problem for problem in head.problems if problem.level == "error")]
    return Diff(
        base=names[0],
        head=names[1],
        added=arrivals(head.claims.keys() - base.claims.keys()),
        withdrawn=arrivals(withdrawn),
        restored=arrivals(restored),
        removed=tuple(sorted(id for id, claim in base.claims.items() if claim.path not in head.files)),
        changed=tuple(changed),
        figures=tuple(figure for id in both for figure in _figures(old, new, id)),
        records=_records(base, head),
        pages=_pages(old, new, content or {}) if whole(base) and whole(head) else None,
        breaks=tuple(addresses.against(base, head)),
        unread=tuple(unread),
        commits=tuple(commits),
    )


def _arrival(it: Assessment) -> Arrival:
    reason = it.claim.withdrawn.reason if it.claim.withdrawn else ""
    return Arrival(it.claim.id, it.claim.short, it.fidelity, it.status, reason)


def _records(base: Corpus, head: Corpus) -> dict[str, dict[str, tuple[str, ...]]]:
    """Records of each kind but statements that were added, changed and removed, by kind and by what happened."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in _KINDS:
        if kind is Claim:
            continue
        old, new = base.of(kind), head.of(kind)
        parts = {
            "added": tuple(sorted(new.keys() - old.keys())),
            "changed": tuple(sorted(id for id in old.keys() & new.keys() if old[id] != new[id])),
            "removed": tuple(sorted(id for id, record in old.items() if record.path not in head.files)),
        }
        if any(parts.values()):
            found[addresses.WORDS[kind]] = {name: ids for name, ids in parts.items() if ids}
    return found


# ---- one statement --------------------------------------------------------------------------------------------------


Outcome = tuple[Any, ...]


def _outcome(it: Assessment) -> Outcome:
    """What a cause has to explain: both verdicts, and the origins each way."""
    count = it.tally
    return it.fidelity, it.status, count.supports, count.qualifies, count.contradicts, count.primary


def _statement(old: Site, new: Site, id: str) -> Statement | None:
    """What the change means for one statement that both states have; None where it means nothing."""
    was, now = old.corpus.claims[id], new.corpus.claims[id]
    before, after = old.assessments[id], new.assessments[id]
    fields = tuple(
        info.alias or name for name, info in Claim.model_fields.items() if getattr(was, name) != getattr(now, name)
    )
    turned = _outcome(before) != _outcome(after)
    if not fields and not turned:
        return None
    origins = {}
    for stance, word in _WAYS:
        names = tuple(sorted(before.tally.of(stance))), tuple(sorted(after.tally.of(stance)))
        if names[0] != names[1]:
            origins[word] = names
    documents = tuple(tuple(s.label for s in Stance if s in it.tally.primary) for it in (before, after))
    if documents[0] != documents[1]:
        origins["primary documents"] = documents[0], documents[1]
    verdicts = (before.fidelity, before.status) != (after.fidelity, after.status)
    return Statement(
        id,
        now.short,
        now.path,
        fields,
        (before.fidelity, after.fidelity) if before.fidelity is not after.fidelity else None,
        (before.status, after.status) if before.status is not after.status else None,
        origins,
        _causes(old.corpus, new.corpus, was, now) if turned else (),
        verdicts and len(now.corrected) <= len(was.corrected) and not now.withdrawn,
    )


def _figures(old: Site, new: Site, id: str) -> Iterator[Figure]:
    """The numbers of one statement that changed, with the distance from the article's own."""
    was, now = old.corpus.claims[id], new.corpus.claims[id]
    if _told(was.quantity) != _told(now.quantity):
        yield Figure(id, "the article", _told(was.quantity), _told(now.quantity))
    before, after = _numbers(old, was), _numbers(new, now)
    for source in sorted(before.keys() | after.keys()):
        olds, news = before.get(source, ()), after.get(source, ())
        for at in range(max(len(olds), len(news))):
            one, two = olds[at] if at < len(olds) else ("", ""), news[at] if at < len(news) else ("", "")
            if one != two:
                yield Figure(id, source, one[0], two[0], one[1], two[1])


def _told(quantity: Quantity | None) -> str:
    """A number with what it is on and for: `about 36 on months-shut, for 2015 to 2017`."""
    if not quantity:
        return ""
    return (
        f"{spoken(quantity)} on {quantity.measure}"
        + (f", for {quantity.as_of}" if quantity.as_of else "")
        + (f", counted by {quantity.counted_by}" if quantity.counted_by else "")
        + (f" ({quantity.scope})" if quantity.scope else "")
    )


def _numbers(site: Site, claim: Claim) -> dict[str, list[tuple[str, str]]]:
    """Each source's numbers on a statement, with how far the article's is from each."""
    found: dict[str, list[tuple[str, str]]] = {}
    for item in claim.evidence:
        if item.quantity:
            far = ""
            measure = site.corpus.measures.get(claim.quantity.measure) if claim.quantity else None
            if claim.quantity and measure:
                far = distance(claim.quantity, item.quantity, measure.share)
            found.setdefault(item.source, []).append((_told(item.quantity), far))
    return found


# ---- causes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Edit:
    """One thing in which the two states differ: where, in words, and how it is done to a state."""

    file: str
    words: str
    table: str
    id: str
    do: Callable[[Any], Any]


def _causes(base: Corpus, head: Corpus, was: Claim, now: Claim) -> tuple[Cause, ...]:
    """The smallest set of edits that turns the first state's outcome for a statement into the second's.

    Records that only one state has are in the world from the start: alone, what nothing refers to has no effect.
    """
    world = copy.copy(base)
    world.sources = {**head.sources, **base.sources}
    world.publishers = {**head.publishers, **base.publishers}
    world.articles = {**head.articles, **base.articles}
    edits = list(_edits(base, head, was, now))
    wanted = _outcome(assess(Relations(head), now))

    def explains(chosen: Iterable[_Edit]) -> bool:
        return _outcome(_with(world, was, chosen)) == wanted

    found = _smallest(edits, explains)
    return tuple(dict.fromkeys(Cause(edit.file, edit.words) for edit in found))


def _with(world: Corpus, claim: Claim, edits: Iterable[_Edit]) -> Assessment:
    """The assessment of a statement in a world to which some edits were made."""
    tables: dict[str, dict[str, Any]] = {}
    values: dict[tuple[str, str], Any] = {}
    for edit in edits:
        key = (edit.table, edit.id)
        old = values.get(key, claim if edit.table == "claims" else getattr(world, edit.table)[edit.id])
        values[key] = edit.do(old)
    for (table, id), value in values.items():
        tables.setdefault(table, dict(getattr(world, table)))[id] = value
    made = copy.copy(world)
    for table, records in tables.items():
        setattr(made, table, records)
    return assess(Relations(made), values.get(("claims", claim.id), claim))


def _smallest(edits: list[_Edit], explains: Callable[[Iterable[_Edit]], bool]) -> list[_Edit]:
    """The first of the smallest sets that explain; with very many edits one of which none can be left out."""
    sizes = range(1, min(FEW, len(edits)) + 1) if len(edits) <= MANY else range(1, 2)
    for size in sizes:
        for chosen in combinations(edits, size):
            if explains(chosen):
                return list(chosen)
    kept = list(edits)
    for edit in reversed(edits):  # the statement's own edits come first and are given up last
        fewer = [other for other in kept if other is not edit]
        if explains(fewer):
            kept = fewer
    return kept


def _edits(base: Corpus, head: Corpus, was: Claim, now: Claim) -> Iterator[_Edit]:
    """Every single difference that can reach a statement's verdicts: its own first, then those of what it rests on."""
    yield from _of_evidence(was, now)
    yield from _of_claim(was, now)
    sources = _upstream(base, was) | _upstream(head, now)
    tables = (
        ("sources", sources, ("publisher", "derived_from", "kind")),
        ("articles", {was.article}, ("publisher", "copies")),
        ("publishers", _bodies(base, head, sources, was.article), ("part_of",)),
    )
    for table, ids, names in tables:
        for id in sorted(ids):
            old, new = getattr(base, table).get(id), getattr(head, table).get(id)
            if old is None or new is None:
                continue
            for name in names:
                if getattr(old, name) != getattr(new, name):
                    words = f"{table.removesuffix('s')} {id}: {_turned(name, getattr(old, name), getattr(new, name))}"
                    yield _Edit(new.path, words, table, id, _setter(name, getattr(new, name)))


def _of_claim(was: Claim, now: Claim) -> Iterator[_Edit]:
    if was.attribution.fidelity is not now.attribution.fidelity:
        words = "the attribution was judged anew"
        if now.attribution.because and now.attribution.because != was.attribution.because:
            words += f": {now.attribution.because}"
        yield _Edit(now.path, words, "claims", was.id, _setter("attribution", now.attribution))
    if bool(was.looked_for) != bool(now.looked_for):
        words = "a search was put on record" if now.looked_for else "the searches were taken off the record"
        yield _Edit(now.path, words, "claims", was.id, _setter("looked_for", now.looked_for))
    if was.judgement != now.judgement:
        words = f"judged: {now.judgement.because}" if now.judgement else "the judgement was taken back"
        yield _Edit(now.path, words, "claims", was.id, _setter("judgement", now.judgement))


def _of_evidence(was: Claim, now: Claim) -> Iterator[_Edit]:
    """Evidence added, taken away, or judged otherwise."""
    for before, after in _matched(was.evidence, now.evidence):
        if before is None and after is not None:
            words = f"source {after.source} added, {after.stance.label}"
            yield _Edit(now.path, words, "claims", was.id, _adder(after))
        elif after is None and before is not None:
            words = f"source {before.source} taken away, which {before.stance.label}"
            yield _Edit(now.path, words, "claims", was.id, _remover(before))
        elif before is not None and after is not None:
            for name in ("stance", "on", "rests_on"):
                if getattr(before, name) != getattr(after, name):
                    turned = _turned(name, getattr(before, name), getattr(after, name))
                    words = f"evidence of {after.source}: {turned}"
                    yield _Edit(now.path, words, "claims", was.id, _changer(before, name, getattr(after, name)))


def _matched(old: Iterable[Evidence], new: Iterable[Evidence]) -> Iterator[tuple[Evidence | None, Evidence | None]]:
    """Evidence before and after in pairs: the equal left out, the nearest of one source together, the rest alone."""
    left, right = list(old), list(new)
    for item in list(left):
        if item in right:
            left.remove(item)
            right.remove(item)

    def nearness(one: Evidence, two: Evidence) -> int:
        return sum(getattr(one, name) == getattr(two, name) for name in ("finding", "on", "stance", "role"))

    for item in list(left):
        same = [other for other in right if other.source == item.source]
        if same:
            nearest = max(same, key=lambda other: nearness(item, other))
            left.remove(item)
            right.remove(nearest)
            yield item, nearest
    yield from ((None, item) for item in right)
    yield from ((item, None) for item in left)


def _setter(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda record: record.model_copy(update={name: value})


def _adder(item: Evidence) -> Callable[[Any], Any]:
    return lambda claim: claim.model_copy(update={"evidence": (*claim.evidence, item)})


def _remover(item: Evidence) -> Callable[[Any], Any]:
    def without(claim: Claim) -> Claim:
        at = _position(claim, item)
        return claim.model_copy(update={"evidence": claim.evidence[:at] + claim.evidence[at + 1 :]})

    return without


def _changer(item: Evidence, name: str, value: Any) -> Callable[[Any], Any]:
    def changed(claim: Claim) -> Claim:
        at = _position(claim, item)
        mended = claim.evidence[at].model_copy(update={name: value})
        return claim.model_copy(update={"evidence": (*claim.evidence[:at], mended, *claim.evidence[at + 1 :])})

    return changed


def _position(claim: Claim, item: Evidence) -> int:
    """Where a piece of evidence stands, whatever other edits did to it: its finding names it."""
    return next(
        at
        for at, other in enumerate(claim.evidence)
        if other.source == item.source and other.finding == item.finding and other.role == item.role
    )


def _turned(name: str, old: Any, new: Any) -> str:
    """An edit of a field in words."""
    if name in ("derived_from", "rests_on"):
        verb = "derives from" if name == "derived_from" else "rests on"
        gone, come = sorted({*(old or ())} - {*(new or ())}), sorted({*(new or ())} - {*(old or ())})
        parts = [f"now {verb} {', '.join(come)}"] if come else []
        parts += [f"no longer {verb} {', '.join(gone)}"] if gone else []
        if not parts:
            parts = ["its finding is its own" if new is not None else "its finding rests on what its source does"]
        return " and ".join(parts)
    if name == "part_of":
        return f"now part of {new}" if new else f"no longer part of {old}"
    if name == "copies":
        return "the outlets that ran it changed"
    return f"{name} {_word(old)} → {_word(new)}"


def _word(value: Any) -> str:
    return "none" if value is None else str(getattr(value, "label", value))


def _upstream(corpus: Corpus, claim: Claim) -> set[str]:
    """The sources that a statement's evidence names, and all that those go back to."""
    waiting = [id for item in claim.evidence for id in (item.source, *(item.rests_on or ()))]
    found: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            source = corpus.sources.get(id)
            waiting += source.derived_from if source else ()
    return found


def _bodies(base: Corpus, head: Corpus, sources: set[str], article: str) -> set[str]:
    """The publishers of sources, the outlets of an article, and all that they are parts of, in either state."""
    found: set[str] = set()
    for corpus in (base, head):
        waiting = [record.publisher for id in sources if (record := corpus.sources.get(id))]
        text = corpus.articles.get(article)
        if text:
            waiting += [text.publisher, *(copy.publisher for copy in text.copies if copy.publisher)]
        while waiting:
            id = waiting.pop()
            publisher = corpus.publishers.get(id)
            if publisher and publisher.part_of and id not in found:
                waiting.append(publisher.part_of)
            found.add(id)
    return found


# ---- pages ----------------------------------------------------------------------------------------------------------


def _pages(old: Site, new: Site, content: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The pages that the change adds, changes and removes, by their addresses.

    Only pages that a changed record can reach are made, in both states, and then compared. The version of the data,
    which is its newest day and stands on every page, is taken for the same.
    """
    old.version, old.state = new.version, new.state
    reach = _reached(old, new) | _reached(new, old)
    if not reach and old.corpus.files == new.corpus.files:
        return {}
    environment = Renderer(old).environment  # one for both, so that templates are compiled once
    made = [dict(_made(drafts(site, content, None, environment), reach)) for site in (old, new)]
    before, after = made
    parts = {
        "added": after.keys() - before.keys(),
        "changed": {path for path in before.keys() & after.keys() if before[path] != after[path]},
        "removed": before.keys() - after.keys(),
    }
    return {name: tuple(sorted(map(addresses.of_path, paths))) for name, paths in parts.items() if paths}


def _title(corpus: Corpus, id: str) -> tuple[object, ...] | None:
    """What pages that name a statement show of it, and what they order it by."""
    claim = corpus.claims.get(id)
    return (claim.short, claim.para, bool(claim.withdrawn)) if claim else None


def _made(every: Mapping[str, Draft], reach: set[str]) -> Iterator[tuple[str, str]]:
    folders = tuple(addresses.of_id(kind, "").removesuffix("/") for kind in _KINDS)

    def wanted(path: str) -> bool:
        address = addresses.of_path(path)
        return address in reach or not address.startswith(folders) or address in folders

    for path, draft in every.items():
        if wanted(path):
            yield path, draft().partition("\n---\n")[2]  # what stands before is not for readers


def _reached(site: Site, other: Site) -> set[str]:
    """The addresses of pages that show anything of a record in which two states differ; rather too many than too few."""
    corpus, relations = site.corpus, site.relations
    touched = {
        kind: {id for id, record in corpus.of(kind).items() if other.corpus.of(kind).get(id) != record}
        | {id for id in other.corpus.of(kind) if id not in corpus.of(kind)}
        for kind in _KINDS
    }
    publishers = set(touched[Publisher])
    publishers |= {p.id for p in corpus.publishers.values() if p.part_of in publishers}
    sources = set(touched[Source]) | {
        source.id for source in corpus.sources.values() if publishers & {source.publisher, source.carried_by}
    }
    waiting = list(sources)
    while waiting:  # what derives from a source shows it on its ladder
        below = {source.id for source in relations.derived_by_source.get(waiting.pop(), ())} - sources
        sources |= below
        waiting += below
    claims = set(touched[Claim])
    for claim in corpus.claims.values():
        rests = {item.source for item in claim.evidence} | {id for item in claim.evidence for id in item.rests_on or ()}
        if (
            claim.article in touched[Article]
            or rests & sources
            or claim.attribution.source in sources
            or touched[Topic].intersection(claim.topics)
            or touched[Measure].intersection(quantity.measure for _, quantity in claim.quantities())
            or site.assessments[claim.id] != other.assessments.get(claim.id)
        ):
            claims.add(claim.id)
    articles = touched[Article] | {id.partition("/")[0] for id in claims}
    run_by = {a.id for a in relations.articles if publishers & {a.publisher, *(c.publisher for c in a.copies)}}
    articles |= run_by
    shown = {id: corpus.claims[id] for id in claims if id in corpus.claims}
    # what names a statement shows its title and its article's: relatives, and neighbours in the text
    renamed = {id for id in touched[Claim] if _title(corpus, id) != _title(other.corpus, id)}
    of_renamed = {id.partition("/")[0] for id in renamed}
    named = [one for id in touched[Article] | of_renamed for one in relations.claims_by_article.get(id, [])]
    near = {one.id for one in named} | {link.to for one in named for link in one.related}
    cited = {item.source for id in touched[Claim] if id in shown for item in shown[id].evidence}
    cited |= {item.source for one in named for item in one.evidence}
    cited |= {up for id in sources if id in corpus.sources for up in corpus.sources[id].derived_from}
    measures = touched[Measure] | {quantity.measure for claim in shown.values() for _, quantity in claim.quantities()}
    topics = touched[Topic] | {topic for claim in shown.values() for topic in claim.topics}
    for claim in (one for id in run_by for one in relations.claims_by_article.get(id, [])):
        topics.update(claim.topics)  # where its article stands with the name of the outlet, as on charts
        measures |= {claim.quantity.measure} if claim.quantity else set()
    for claim in corpus.claims.values():
        if claim.quantity and claim.quantity.measure in measures:
            topics.update(claim.topics)  # a topic's page has the charts of its statements' measures
    bodies = publishers | {p.part_of for p in corpus.publishers.values() if p.id in publishers and p.part_of}
    for id in (sources | cited) & corpus.sources.keys():
        bodies |= {body for body in (corpus.sources[id].publisher, corpus.sources[id].carried_by) if body}
    for id in articles & corpus.articles.keys():
        bodies |= {corpus.articles[id].publisher, *(c.publisher for c in corpus.articles[id].copies if c.publisher)}
    for publisher in corpus.publishers.values():
        told = {item.source for documented in publisher.documented for item in documented.evidence}
        if sources & (told | {reply.source for reply in publisher.reply}):
            bodies.add(publisher.id)
    reached: tuple[tuple[type[Record], set[str]], ...] = (
        (Article, articles), (Claim, claims | near), (Source, sources | cited), (Publisher, bodies),
        (Topic, topics), (Measure, measures),
    )  # fmt: skip
    return {addresses.of_id(kind, id) for kind, ids in reached for id in ids}
