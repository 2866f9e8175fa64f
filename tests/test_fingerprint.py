"""A fingerprint checks anchors without the text, names what is nearest, and gives no text away."""

import hashlib
import random
from pathlib import Path

import pytest

from scripts import fingerprint
from scripts.check import check
from scripts.load import load
from scripts.records import Layout, words
from scripts.verify import verify
from tests.world import ARTICLE, CLAIM, LAYOUT, SOUND, TEXT, corpus, edited, put

WORDS = [f"word{number}" for number in range(4000)]


def test_paragraphs_are_cut_as_the_layout_says():
    cut = fingerprint.paragraphs(TEXT, LAYOUT)
    assert [text.split()[0] for text in cut] == ["The", "Local", "The", "A."]
    lines = fingerprint.paragraphs("one\ntwo\n\nthree\n", Layout(split="lines", first="1", last="3"))
    assert lines == ["", "one", "two", "three"]


def test_a_text_with_too_few_pieces_is_said():
    with pytest.raises(ValueError, match="has 5 blocks, and the layout names number 9"):
        fingerprint.paragraphs(TEXT, Layout(split="blocks", first="3", last="9"))


@pytest.mark.parametrize(
    "phrase", ["the county engineer", "The COUNTY engineer,", "announced that the bridge stayed shut"]
)
def test_words_that_stand_in_the_paragraph_are_found(phrase):
    made = fingerprint.make(fingerprint.paragraphs(TEXT, LAYOUT), "1" * 32)
    assert fingerprint.holds(made, 2, phrase)
    assert not fingerprint.holds(made, 1, phrase)


@pytest.mark.parametrize(
    "phrase", ["county the engineer", "the county", "engineer", "", "the county engineer of bridges shut"]
)
def test_words_that_do_not_stand_there_so_are_not_found(phrase):
    assert not fingerprint.holds(fingerprint.make(fingerprint.paragraphs(TEXT, LAYOUT), "1" * 32), 2, phrase)


def test_typographic_apostrophes_are_one_with_straight_ones():
    made = fingerprint.make(["the county’s own engineer"])
    assert fingerprint.holds(made, 0, "county's own engineer")


def test_a_wrong_anchor_passes_as_seldom_as_the_docstring_says():
    """Six words: four runs of twelve bits against a hundred-word paragraph; three words: one run."""
    chance = random.Random(7)
    made = fingerprint.make([" ".join(chance.sample(WORDS, 100))], "2" * 32)
    tries = [" ".join(f"other{chance.getrandbits(40)}" for _ in range(6)) for _ in range(4000)]
    assert sum(fingerprint.holds(made, 0, phrase) for phrase in tries) == 0
    short = [" ".join(phrase.split()[:3]) for phrase in tries]
    assert 0.01 < sum(fingerprint.holds(made, 0, phrase) for phrase in short) / len(short) < 0.04


def test_a_small_dictionary_does_not_give_the_text_away():
    """From two known words, a dictionary with the next word in it finds it among many that fit as well."""
    chance = random.Random(3)
    text = chance.sample(WORDS, 100)
    made = fingerprint.make([" ".join(text)], "3" * 32)
    fitting = [word for word in WORDS if fingerprint.holds(made, 0, f"{text[10]} {text[11]} {word}")]
    assert text[12] in fitting
    assert len(fitting) > 40


def test_two_articles_with_the_same_words_have_different_fingerprints():
    first, second = fingerprint.make(["one two three"]), fingerprint.make(["one two three"])
    assert first.salt != second.salt
    assert (
        first.paragraphs[0].grams != second.paragraphs[0].grams
        or first.paragraphs[0].sha256 != second.paragraphs[0].sha256
    )


def test_a_whole_paragraph_in_hand_is_proven():
    made = fingerprint.make(["One two, three."], "4" * 32)
    assert (
        made.paragraphs[0].sha256
        == hashlib.sha256(f"{'4' * 32}\n{' '.join(words('one two three'))}".encode()).hexdigest()
    )


def test_verify_is_silent_on_the_text_studied(tmp_path):
    assert verify(corpus(tmp_path), put(tmp_path / "texts", {"bridge-2018.txt": TEXT})) == []


def test_verify_names_the_paragraph_that_differs(tmp_path):
    texts = put(tmp_path / "texts", {"bridge-2018.txt": TEXT.replace("third winter", "second winter")})
    problems = verify(corpus(tmp_path), texts)
    assert any("paragraph 1 of" in problem.message for problem in problems)
    assert any("'second winter in darkness'" in problem.hint for problem in problems)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ((CLAIM, "ends: for three years", "ends: the county engineer"), None),
        ((CLAIM, "ends: for three years}", "ends: The county engineer, suffix: says}"), "the suffix does not follow the end"),
        ((CLAIM, "ends: for three years}", "ends: for three years, prefix: before}"), "the prefix does not stand before"),
        ((CLAIM, "starts: The county engineer, ends: for three years", "starts: shut for three, ends: The county engineer"), "the end does not come after"),
        ((CLAIM, "starts: The county engineer", "starts: The country engineer"), "do not stand in paragraph 2"),
    ],
)  # fmt: skip
def test_verify_holds_anchors_against_the_text(tmp_path, edit, message):
    problems = verify(corpus(tmp_path, edited(edit)), put(tmp_path / "texts", {"bridge-2018.txt": TEXT}))
    assert [message in problem.message for problem in problems] == ([True] if message else [])


def test_an_anchor_that_a_browser_would_find_earlier_needs_a_prefix(tmp_path):
    text = TEXT.replace("They speak", "The county engineer said no. They speak")
    files = edited((ARTICLE, SOUND[ARTICLE][SOUND[ARTICLE].index("fingerprint:") :], ""))
    problems = verify(corpus(tmp_path, files), put(tmp_path / "texts", {"bridge-2018.txt": text}))
    assert ["add prefix" in problem.hint for problem in problems] == [True]


def test_verify_makes_a_missing_fingerprint_and_touches_nothing_else(tmp_path):
    bare = SOUND[ARTICLE][: SOUND[ARTICLE].index("fingerprint:")]
    world = corpus(tmp_path, SOUND | {ARTICLE: bare})
    texts = put(tmp_path / "texts", {"bridge-2018.txt": TEXT})
    assert verify(world, texts) == []
    written = (tmp_path / "claims" / ARTICLE).read_text()
    assert written.startswith(bare)
    again = load(tmp_path / "claims")
    assert check(again) == []
    assert verify(again, texts) == []


def test_verify_write_keeps_the_salt_and_replaces_the_rest(tmp_path):
    world = corpus(tmp_path)
    texts = put(tmp_path / "texts", {"bridge-2018.txt": TEXT.replace("winter in", "long winter in")})
    verify(world, texts, write=True)
    again = load(tmp_path / "claims")
    assert again.articles["bridge-2018"].fingerprint.salt == "0" * 32
    assert (tmp_path / "claims" / ARTICLE).read_text().count("fingerprint:") == 1
    assert verify(again, texts)[0].rule == "anchor"


def test_a_missing_text_and_a_missing_folder_are_said(tmp_path):
    world = corpus(tmp_path)
    assert [problem.rule for problem in verify(world, put(tmp_path / "empty", {"x": ""}))] == ["no-text"]
    with pytest.raises(FileNotFoundError, match="--texts names the folder"):
        verify(world, Path("/nowhere"))
