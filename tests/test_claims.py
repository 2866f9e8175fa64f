"""The live record."""

from scripts import fingerprint
from scripts.assess import assess
from scripts.check import check
from scripts.problems import as_text
from scripts.records import words
from scripts.relate import Relations
from scripts.terms import Status


def test_check_is_silent_on_the_real_record(real):
    assert as_text(check(real)) == ""


def test_every_anchor_stands_in_its_paragraph_by_the_fingerprint_alone(real):
    assert real.claims
    for claim in real.claims.values():
        prints = real.articles[claim.article].fingerprint
        for end in (claim.anchor.starts, claim.anchor.ends):
            assert fingerprint.holds(prints, claim.para, end), claim.id


def test_no_fingerprint_is_of_an_empty_text(real):
    for article in real.articles.values():
        assert sum(paragraph.words for paragraph in article.fingerprint.paragraphs) > 300, article.id


def test_every_statement_that_can_be_checked_has_been_assessed(real):
    relations = Relations(real)
    open_ = [id for id, claim in real.claims.items() if assess(relations, claim).status is Status.IN_PROGRESS]
    assert open_ == []


def test_every_statement_that_can_be_checked_has_a_glance(real):
    relations = Relations(real)
    missing = [
        id
        for id, claim in real.claims.items()
        if not claim.glance and assess(relations, claim).status is not Status.NOT_CHECKABLE and not claim.withdrawn
    ]
    assert missing == []


def test_no_statement_repeats_its_article_word_for_word(real):
    """`says` is a paraphrase: no run of nine of its words may stand in the paragraph in the same order."""
    repeated = []
    for claim in real.claims.values():
        prints = real.articles[claim.article].fingerprint
        tokens = words(claim.says)
        for at in range(len(tokens) - 8):
            if fingerprint.holds(prints, claim.para, " ".join(tokens[at : at + 9])):
                repeated.append(claim.id)
    assert repeated == []


def test_every_open_statement_says_what_would_change_it(real):
    relations = Relations(real)
    open_ = (Status.CONTESTED, Status.UNSUPPORTED, Status.SINGLE_SOURCE)
    missing = [
        id for id, claim in real.claims.items() if assess(relations, claim).status in open_ and not claim.would_change
    ]
    assert missing == []
