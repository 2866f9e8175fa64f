"""Joins: families from article to article, ladders to the origin, figures on a measure."""

from scripts import chart
from scripts.relate import Relations
from scripts.terms import Relation
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, corpus, edited

SECOND = "articles/bridge-2016/article.yml"
OTHER = "articles/bridge-2016/a01.yml"


def two_articles():
    """The world with an earlier article that says less."""
    files = edited(
        (CLAIM, "as: stronger}\n", "as: stronger}\n- {to: bridge-2016/a01, as: stronger, note: It names a year.}\n")
    )
    bare = SOUND[ARTICLE][: SOUND[ARTICLE].index("fingerprint:")]
    files[SECOND] = (
        bare.replace("2018-03-09", "2016-03-09")
        .replace("first: 1, last: 2", "first: 1, last: 1")
        .replace("first: 3, last: 3", "first: 2, last: 2")
        + "order: 0\n"
    )
    files[ARTICLE] = files[ARTICLE].replace("layout:", "order: 1\nlayout:")
    files[OTHER] = SOUND[SOFT].replace("to: bridge-2018/a02, as: weaker", "to: bridge-2018/a02, as: weaker")
    return files


def test_a_family_spans_articles_and_begins_with_the_earliest(tmp_path):
    relations = Relations(corpus(tmp_path, two_articles()))
    families = relations.families(relations.corpus.claims.values())
    assert [[claim.id for claim in family] for family in families] == [
        ["bridge-2016/a01", "bridge-2018/a01", "bridge-2018/a02"]
    ]


def test_statements_of_one_article_make_no_family(tmp_path):
    relations = Relations(corpus(tmp_path))
    assert relations.families(relations.corpus.claims.values()) == []


def test_links_to_statements_outside_the_set_do_not_count(tmp_path):
    relations = Relations(corpus(tmp_path, two_articles()))
    claims = [relations.corpus.claims[id] for id in ("bridge-2016/a01", "bridge-2018/a01")]
    assert [[claim.id for claim in family] for family in relations.families(claims)] == []


def test_a_statements_links_carry_their_kind_and_note(tmp_path):
    relations = Relations(corpus(tmp_path, two_articles()))
    assert [(claim.id, how, note) for claim, how, note in relations.family("bridge-2018/a02")] == [
        ("bridge-2016/a01", Relation.STRONGER, "It names a year."),
        ("bridge-2018/a01", Relation.STRONGER, None),
    ]


def test_a_ladder_leads_up_rung_by_rung(tmp_path):
    files = edited(
        (
            "sources/gazette-2018-reopening.yml",
            "kind: news-report",
            "kind: news-report\nderived_from: [county-2017-report]",
        )
    )
    relations = Relations(corpus(tmp_path, files))
    assert relations.ladder("echo-2018-copy") == [["gazette-2018-reopening"], ["county-2017-report"]]
    assert relations.ladder("county-2017-report") == []


def test_an_unbroken_circle_ends(tmp_path):
    files = edited(
        ("sources/gazette-2018-reopening.yml", "kind: news-report", "kind: news-report\nderived_from: [echo-2018-copy]")
    )
    relations = Relations(corpus(tmp_path, files))
    assert relations.ends("echo-2018-copy")
    assert relations.ladder("echo-2018-copy") == [["gazette-2018-reopening"]]


def test_a_number_that_two_statements_take_from_one_source_stands_once(tmp_path):
    number = "  quantity: {measure: months-shut, value: 15, as_of: 2016/2017-03}\n"
    files = edited((SOFT, "fifteen months after its closing.\n", f"fifteen months after its closing.\n{number}"))
    figures = Relations(corpus(tmp_path, files)).figures_by_measure["months-shut"]
    assert [(figure.source.id if figure.source else None) for figure in figures].count("gazette-2018-reopening") == 1
    assert [figure.source for figure in figures].count(None) == 1


def test_a_chart_is_drawn_only_where_numbers_differ(tmp_path):
    relations = Relations(corpus(tmp_path))
    claim = relations.corpus.claims["bridge-2018/a02"]
    drawing = chart.of_claim(claim, [(item, "x") for item in claim.evidence])
    assert [mark.ours for mark in drawing.marks] == [True, False, False]
    assert drawing.marks[0].low > drawing.marks[1].low
    same = edited((CLAIM, "value: 14, as_of", "value: 36, as_of"), (CLAIM, "value: 15, as_of", "value: 36, as_of"))
    claim = Relations(corpus(tmp_path / "same", same)).corpus.claims["bridge-2018/a02"]
    assert chart.of_claim(claim, [(item, "x") for item in claim.evidence]) is None


def test_marks_stay_inside_their_chart(tmp_path):
    figures = Relations(corpus(tmp_path)).figures_by_measure["months-shut"]
    drawing = chart.timeline(figures)
    assert drawing
    for dot in drawing.dots:
        assert drawing.left <= dot.x_from <= dot.x <= dot.x_to <= drawing.width
        assert 0 <= dot.top <= dot.bottom <= drawing.floor
