"""Origins are counted, not links; a status follows the published table; wording, order and copies change nothing."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.assess import Tally, assess, distance, reason, spoken, status_of, still_good
from scripts.load import load, reload
from scripts.records import Claim, Evidence, Publisher, Quantity, Reading, Source
from scripts.relate import Relations
from scripts.terms import Stance, Status, When
from tests.world import CLAIM, SOFT, SOUND, corpus, edited, put

SUPPORTS, QUALIFIES, CONTRADICTS = Stance.SUPPORTS, Stance.QUALIFIES, Stance.CONTRADICTS


def origins(count, start=0):
    return frozenset(f"p{number}" for number in range(start, start + count))


def counted(supports=0, qualifies=0, contradicts=0, primary=()):
    return Tally(origins(supports), origins(qualifies, 10), origins(contradicts, 20), frozenset(primary))


@pytest.mark.parametrize(
    ("count", "status", "why"),
    [
        (counted(supports=2), "supported", "Two independent origins support it and none contradicts it."),
        (counted(supports=1, primary=[SUPPORTS]), "supported", "One independent origin (a primary document) supports it and none contradicts it."),
        (counted(supports=3, primary=[SUPPORTS]), "supported", "Three independent origins (a primary document among them) support it and none contradicts it."),
        (counted(supports=1, qualifies=1), "supported-with-qualification", "One independent origin supports it, one bears it out only with a condition and none contradicts it."),
        (counted(qualifies=2), "supported-with-qualification", "Two independent origins bear it out only with a condition and none contradicts it."),
        (counted(qualifies=1, primary=[QUALIFIES]), "supported-with-qualification", "One independent origin (a primary document) bears it out only with a condition and none contradicts it."),
        (counted(supports=1), "single-source", "One independent origin supports it and no other bears on it."),
        (counted(qualifies=1), "single-source", "One independent origin bears it out only with a condition and no other bears on it."),
        (counted(contradicts=1), "single-source", "One independent origin contradicts it and no other bears on it."),
        (counted(contradicts=2), "contradicted", "Two independent origins contradict it and none supports it."),
        (counted(contradicts=1, primary=[CONTRADICTS]), "contradicted", "One independent origin (a primary document) contradicts it and none supports it."),
        (counted(contradicts=2, qualifies=1), "contradicted", "Two independent origins contradict it and one bears it out only with a condition."),
        (counted(contradicts=1, qualifies=1), "contested", "One independent origin contradicts it and one bears it out only with a condition."),
        (counted(contradicts=5, supports=1), "contested", "Five independent origins contradict it and one supports it."),
        (counted(supports=1, contradicts=1, primary=[SUPPORTS]), "contested", "One independent origin contradicts it and one (a primary document) supports it."),
    ],
)  # fmt: skip
def test_a_status_and_its_reason_follow_the_table(count, status, why):
    assert (status_of(count, searched=False).value, reason(status_of(count, searched=False), count)) == (status, why)


def test_an_origin_that_cuts_both_ways_is_said_in_the_reason():
    count = Tally(origins(1), origins(1, 10), mixed=origins(1, 10))
    assert reason(status_of(count, searched=False), count) == (
        "One independent origin supports it, one bears it out only with a condition (its documents cut both ways) and "
        "none contradicts it outright."
    )


def test_without_evidence_a_search_makes_the_difference():
    assert status_of(Tally(), searched=True) is Status.UNSUPPORTED
    assert status_of(Tally(), searched=False) is Status.IN_PROGRESS


@given(
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sets(st.sampled_from([SUPPORTS, QUALIFIES, CONTRADICTS])),
    st.booleans(),
)
def test_every_count_has_a_status_with_a_reason_and_no_judged_one(supports, qualifies, contradicts, primary, searched):
    count = counted(
        supports,
        qualifies,
        contradicts,
        [s for s in primary if {SUPPORTS: supports, QUALIFIES: qualifies, CONTRADICTS: contradicts}[s]],
    )
    status = status_of(count, searched)
    assert status not in (Status.MISLEADING_CONTEXT, Status.OVERTAKEN, Status.NOT_CHECKABLE)
    why = reason(status, count)
    assert why[0].isupper()
    assert why.endswith(".")
    if contradicts and not supports:
        assert status not in (Status.SUPPORTED, Status.SUPPORTED_WITH_QUALIFICATION)
    if supports and not contradicts:
        assert status is not Status.CONTRADICTED


def test_the_world_has_one_origin_for_the_gazette_and_its_copy(tmp_path):
    relations = Relations(corpus(tmp_path))
    it = assess(relations, relations.corpus.claims["bridge-2018/a02"])
    assert it.status is Status.CONTRADICTED
    assert it.tally.contradicts == {"the-county", "the-gazette"}
    assert [(group.origins, len(group.items)) for group in it.groups] == [({"the-county"}, 1), ({"the-gazette"}, 2)]


def test_sources_of_one_body_are_one_origin(tmp_path):
    files = edited(
        ("publishers/the-gazette.yml", "kind: news-outlet", "kind: news-outlet\npart_of: the-county"),
        ("sources/county-2017-report.yml", "primary-document", "official-statement"),
    )
    relations = Relations(corpus(tmp_path, files))
    it = assess(relations, relations.corpus.claims["bridge-2018/a02"])
    assert (it.status, it.tally.contradicts) == (Status.SINGLE_SOURCE, {"the-county"})


def test_a_finding_may_rest_on_other_sources_than_its_document(tmp_path):
    files = edited(
        (SOFT, "  finding: The Gazette dates", "  rests_on: [county-2017-report]\n  finding: The Gazette dates")
    )
    relations = Relations(corpus(tmp_path, files))
    assert assess(relations, relations.corpus.claims["bridge-2018/a01"]).tally.contradicts == {"the-county"}
    own = edited((CLAIM, "  finding: The Echo", "  rests_on: []\n  finding: The Echo"))
    relations = Relations(corpus(tmp_path / "own", own))
    assert "the-echo" in assess(relations, relations.corpus.claims["bridge-2018/a02"]).tally.contradicts


def test_the_outlet_of_the_article_is_no_origin_even_upstream(tmp_path):
    files = edited((SOFT, "  finding: The Gazette dates", "  rests_on: [herald-own]\n  finding: The Gazette dates"))
    files["sources/herald-own.yml"] = (
        "title: Own\npublisher: the-herald\nurl: https://herald.example/own\nkind: news-report\nread: {on: 2020, how: full}\n"
    )
    relations = Relations(corpus(tmp_path, files))
    assert assess(relations, relations.corpus.claims["bridge-2018/a01"]).tally.count == 0


def test_an_origin_that_cuts_both_ways_counts_once_as_qualifying(tmp_path):
    files = edited(
        (
            CLAIM,
            "- source: echo-2018-copy\n  role: independent\n  on: matter\n  stance: contradicts",
            "- source: echo-2018-copy\n  role: independent\n  on: matter\n  stance: supports",
        )
    )
    relations = Relations(corpus(tmp_path, files))
    count = assess(relations, relations.corpus.claims["bridge-2018/a02"]).tally
    assert (count.supports, count.qualifies, count.contradicts) == (set(), {"the-gazette"}, {"the-county"})


PRESS = """title: A press release
publisher: the-county
published: 2017-07
url: https://county.example/press
kind: official-statement
read: {on: 2020-01-01, how: full}
"""


def test_a_primary_document_of_a_body_that_also_says_the_opposite_settles_nothing(tmp_path):
    """And it is never credited to another body that stands on its side."""
    files = edited(
        (
            CLAIM,
            "- source: echo-2018-copy\n  role: independent\n  on: matter\n  stance: contradicts",
            "- source: county-press\n  role: independent\n  on: matter\n  stance: supports",
        )
    )
    files["sources/county-press.yml"] = PRESS
    relations = Relations(corpus(tmp_path, files))
    it = assess(relations, relations.corpus.claims["bridge-2018/a02"])
    assert (it.tally.contradicts, it.tally.mixed, it.tally.primary) == ({"the-gazette"}, {"the-county"}, set())
    assert it.status is Status.CONTESTED
    assert "primary" not in it.status_because


def test_evidence_on_the_saying_and_silent_evidence_do_not_touch_the_record(tmp_path):
    files = edited(
        (CLAIM, "on: both", "on: saying"),
        (
            CLAIM,
            "on: matter\n  stance: contradicts\n  finding: The Gazette",
            "on: matter\n  stance: silent\n  finding: The Gazette",
        ),
    )
    relations = Relations(corpus(tmp_path, files))
    it = assess(relations, relations.corpus.claims["bridge-2018/a02"])
    assert (it.status, it.tally.contradicts, len(it.saying)) == (Status.SINGLE_SOURCE, {"the-gazette"}, 1)


@pytest.mark.parametrize(
    ("published", "when"),
    [("2018-03-08", "before"), ("2018-02", "before"), ("2018-03-09", "same-day"), ("2018-03", "unknown"), ("2018", "unknown"), ("about 2018", "unknown"), ("2018-03-10", "after"), ("2019", "after")],
)  # fmt: skip
def test_then_and_now_are_told_apart_only_where_dates_settle_it(tmp_path, published, when):
    files = edited(("sources/gazette-2018-reopening.yml", "published: 2018-03", f"published: {published}"))
    assert Relations(corpus(tmp_path, files)).when("gazette-2018-reopening", "bridge-2018") is When(when)


def test_without_a_date_the_time_is_unknown(tmp_path):
    files = edited(("sources/gazette-2018-reopening.yml", "published: 2018-03\n", ""))
    assert Relations(corpus(tmp_path, files)).when("gazette-2018-reopening", "bridge-2018") is When.UNKNOWN


def test_the_status_by_what_could_be_read_then_is_told_apart(tmp_path):
    relations = Relations(corpus(tmp_path))
    it = assess(relations, relations.corpus.claims["bridge-2018/a02"])
    assert (it.status_then, it.then.contradicts, it.later) == (Status.CONTRADICTED, {"the-county"}, 1)


def test_a_judged_status_stands_with_its_reason(tmp_path):
    relations = Relations(corpus(tmp_path))
    it = assess(relations, relations.corpus.claims["bridge-2018/a03"])
    assert (it.status, it.status_because) == (Status.NOT_CHECKABLE, "Nobody is named and no toll is.")


# ---- properties -----------------------------------------------------------------------------------------------------

PUBLISHERS = ["p0", "p1", "p2", "p3", "p4"]


@st.composite
def worlds(draw):
    """Sources with some derivation among them, and evidence on one statement."""
    count = draw(st.integers(1, 7))
    sources = []
    for number in range(count):
        upstream = draw(st.lists(st.integers(0, number - 1), max_size=2, unique=True)) if number else []
        sources.append((draw(st.sampled_from(PUBLISHERS)), tuple(upstream)))
    chosen = draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    stances = [draw(st.sampled_from(["supports", "contradicts", "qualifies", "silent"])) for _ in chosen]
    return sources, list(zip(chosen, stances, strict=True))


def build(sources, evidence, base, says="The bridge stayed shut."):
    """A corpus in memory, on top of a loaded one."""
    world = load(base)
    world.sources = {}
    for name in PUBLISHERS:
        publisher = Publisher(name=name, kind="blog")
        publisher.placed(name, "")
        world.publishers[name] = publisher
    for id, (publisher, upstream) in sources.items():
        source = Source(title=id, publisher=publisher, url="https://a.example/", kind="news-report", derived_from=tuple(upstream), read=Reading(on="2020", how="full"))  # fmt: skip
        source.placed(id, "")
        world.sources[id] = source
    items = [
        {"source": id, "role": "independent", "on": "matter", "stance": stance, "finding": f"{says} {id}"}
        for id, stance in evidence
    ]
    claim = Claim.model_validate(
        {
            **world.claims["bridge-2018/a01"].model_dump(by_alias=True, exclude={"evidence", "says"}),
            "evidence": items,
            "says": says,
        }
    )
    claim.placed("bridge-2018/a01", "")
    return assess(Relations(world), claim)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return put(tmp_path_factory.mktemp("base"), SOUND)


def named(sources, evidence):
    named = {f"s{n}": (publisher, [f"s{up}" for up in ups]) for n, (publisher, ups) in enumerate(sources)}
    return named, [(f"s{n}", stance) for n, stance in evidence]


QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(worlds(), st.data())
def test_a_copy_of_a_source_never_changes_the_number_of_origins(base, world, data):
    sources, evidence = named(*world)
    before = build(sources, evidence, base)
    original, stance = data.draw(st.sampled_from(evidence))
    copied = sources | {"copy": (data.draw(st.sampled_from(PUBLISHERS)), [original])}
    after = build(copied, [*evidence, ("copy", stance)], base)
    assert (after.tally, after.status) == (before.tally, before.status)


@QUIET
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_files_and_of_evidence_changes_nothing(base, world, chance):
    sources, evidence = named(*world)
    before = build(sources, evidence, base)
    shuffled = list(sources.items())
    chance.shuffle(shuffled)
    other = list(evidence)
    chance.shuffle(other)
    after = build(dict(shuffled), other, base)
    assert (after.tally, after.status, after.status_because) == (before.tally, before.status, before.status_because)


@QUIET
@given(worlds(), st.text(min_size=1).filter(str.strip))
def test_a_status_never_depends_on_wording(base, world, words):
    sources, evidence = named(*world)
    assert build(sources, evidence, base, words).status is build(sources, evidence, base).status


# ---- figures --------------------------------------------------------------------------------------------------------


def quantity(text, as_of="2014", measure="m", scope=None):
    parts = dict(part.split("=") for part in text.split())
    return Quantity(measure=measure, as_of=as_of, scope=scope, **parts)


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("about=50000", "low=20000 high=31500", "1.6 to 2.5 times what the source gives"),
        ("value=30", "value=15", "2 times what the source gives"),
        ("value=15", "value=30", "50 % of what the source gives"),
        ("value=10", "low=20 high=40", "25 to 50 % of what the source gives"),
        ("value=20", "value=20", "the same number"),
        ("low=1 high=2", "low=1 high=2", "the same range"),
        ("value=25", "low=20 high=30", "within what the source gives"),
        ("low=25 high=40", "low=20 high=30", "overlaps with what the source gives"),
        ("value=25", "at_least=20", "within what the source gives"),
        ("value=10", "at_least=20", "at most 50 % of what the source gives"),
        ("value=30", "at_most=10", "at least 3 times what the source gives"),
        ("at_least=30", "value=10", "at least 3 times what the source gives"),
        ("at_most=5", "value=10", "at most 50 % of what the source gives"),
        ("value=5", "value=0", "above what the source gives"),
        ("value=1000", "value=3", "333 times what the source gives"),
        ("value=1", "value=400", "0.25 % of what the source gives"),
    ],
)
def test_a_distance_handles_ranges_and_open_ends(ours, theirs, words):
    assert distance(quantity(ours), quantity(theirs)) == words


@pytest.mark.parametrize(("ours", "theirs", "words"), [("value=33", "value=20", "13 points above what the source gives"), ("value=1", "low=20 high=30", "19 to 29 points below what the source gives"), ("at_least=50", "value=20", "at least 30 points above what the source gives")])  # fmt: skip
def test_a_share_differs_by_points(ours, theirs, words):
    assert distance(quantity(ours), quantity(theirs), share=True) == words


@pytest.mark.parametrize(
    "theirs",
    [
        quantity("value=1", measure="other"),
        quantity("value=1", scope="Syria alone"),
        quantity("value=1", as_of="2016"),
        Quantity(measure="m", value="1"),
    ],
)
def test_unlike_scopes_measures_and_times_are_not_compared(theirs):
    assert distance(quantity("value=2"), theirs) == ""


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9), st.booleans())
def test_any_two_numbers_have_words_for_their_distance(a, b, c, d, share):
    ours, theirs = quantity(f"low={min(a, b)} high={max(a, b)}"), quantity(f"low={min(c, d)} high={max(c, d)}")
    assert distance(ours, theirs, share)


@pytest.mark.parametrize(("text", "words"), [("value=31500", "31,500"), ("about=0.5", "about 0.5"), ("low=1 high=2", "1 to 2"), ("at_least=3", "at least 3"), ("at_most=3", "at most 3"), ("value=0", "0")])  # fmt: skip
def test_a_quantity_is_spoken_with_its_precision(text, words):
    assert spoken(quantity(text)) == words


def test_all_permutations_of_one_record_give_one_verdict(tmp_path):
    world = corpus(tmp_path)
    claim = world.claims["bridge-2018/a02"]
    found = set()
    for order in itertools.permutations(claim.evidence):
        other = claim.model_copy(update={"evidence": order})
        other.placed(claim.id, claim.path)
        found.add((assess(Relations(world), other).status, assess(Relations(world), other).status_because))
    assert len(found) == 1


def test_evidence_is_typed_as_the_model_says():
    with pytest.raises(ValueError, match="stance"):
        Evidence(source="a", role="independent", on="matter", stance="maybe", finding="x")


# ---- what an edit leaves as it is ---------------------------------------------------------------------------------

GAZETTE, ECHO = "sources/gazette-2018-reopening.yml", "sources/echo-2018-copy.yml"
ONLY_ECHO = edited((SOFT, "source: gazette-2018-reopening", "source: echo-2018-copy"))
RESTS = edited((SOFT, "  stance: contradicts", "  rests_on: [gazette-2018-reopening]\n  stance: contradicts"))


@pytest.mark.parametrize(
    ("world", "path", "old", "new", "kept"),
    [
        (SOUND, CLAIM, "three years", "four years", {"a01", "a03"}),
        (SOUND, GAZETTE, "title: The bridge is open", "title: The bridge opens", {"a01", "a02", "a03"}),
        (SOUND, GAZETTE, "published: 2018-03", "published: 2017-03", {"a03"}),
        (SOUND, GAZETTE, "kind: news-report", "kind: primary-document", {"a03"}),
        (ONLY_ECHO, GAZETTE, "publisher: the-gazette", "publisher: the-county", {"a03"}),
        (RESTS, GAZETTE, "publisher: the-gazette", "publisher: the-county", {"a03"}),
        (SOUND, ECHO, "derived_from: [gazette-2018-reopening]\n", "", {"a01", "a03"}),
        (SOUND, "sources/county-2017-report.yml", "kind: primary-document", "kind: news-report", {"a01", "a03"}),
        (SOUND, "publishers/the-gazette.yml", "name: The Gazette", "name: The Star", {"a01", "a02", "a03"}),
        (SOUND, "publishers/the-gazette.yml", "kind: news-outlet", "kind: news-outlet\npart_of: the-county", set()),
        (SOUND, "articles/bridge-2018/article.yml", "title: The bridge that", "title: A bridge that", {"a01", "a02", "a03"}),
        (SOUND, "articles/bridge-2018/article.yml", "published: 2018-03-09", "published: 2017-01-09", set()),
        (SOUND, "articles/bridge-2018/article.yml", "publisher: the-copyist", "publisher: the-gazette", set()),
        (SOUND, "topics/bridge-closure.yml", "order: 1", "order: 2", {"a01", "a02", "a03"}),
        (SOUND, GAZETTE, SOUND[GAZETTE], "", {"a03"}),
    ],
)  # fmt: skip
def test_an_assessment_is_kept_only_where_nothing_changed_that_it_hangs_on(tmp_path, world, path, old, new, kept):
    before = corpus(tmp_path, world)
    known = {id: assess(Relations(before), claim) for id, claim in before.claims.items()}
    assert old in world[path]
    put(tmp_path / "claims", {path: world[path].replace(old, new)})
    after = reload(before, [path])
    good = still_good(known, before, after)
    assert {id.partition("/")[2] for id in good} == kept
    for id, it in good.items():
        assert it == assess(Relations(after), after.claims[id])
    assert {id for id, it in known.items() if it != assess(Relations(after), after.claims[id])}.isdisjoint(good)
