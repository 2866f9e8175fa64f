"""The picture that goes with a link: there for every article, within its frame, and the same wherever it is drawn."""

import itertools
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from scripts import share
from scripts.relate import Relations
from scripts.render import Card, Count, Settings, Site
from scripts.terms import Fidelity, Status, Tone
from tests.world import ARTICLE, CLAIM, corpus, edited, put

PROJECT = Path(__file__).parent.parent
TITLE = "title: The bridge that nobody opened"
LONG = "The bridge that nobody opened, and what the traders of eleven towns recalled of it in the third winter " * 4
ARABIC = "الجسر الذي لم يفتحه أحد"


def world(tmp_path, *edits):
    found = corpus(tmp_path, edited(*edits))
    assert found.problems == []
    return Site(Relations(found))


def card(tmp_path, *edits):
    site = world(tmp_path, *edits)
    return site.card(site.relations.articles[0])


@pytest.fixture
def drawn(monkeypatch):
    """Draws a card, checks the frame, and gives every line of text with its box."""

    def draw(card):
        boxes, text = [], share.Canvas.text

        def keep(canvas, x, baseline, line, style):
            boxes.append((line, x, baseline - style.size * 0.75, x + style.width(line), baseline + style.size * 0.25))
            text(canvas, x, baseline, line, style)

        with monkeypatch.context() as patch:
            patch.setattr(share.Canvas, "text", keep)
            image = Image.open(BytesIO(share.draw.__wrapped__(card)))
        assert image.size == (1200, 630)
        paper = Image.new("RGB", image.size, share.PAPER)
        left, top, right, bottom = ImageChops.difference(image.convert("RGB"), paper).getbbox()
        assert left >= share.MARGIN - 4
        assert top >= 40
        assert right <= share.WIDTH - share.MARGIN + 4
        assert bottom <= share.HEIGHT - 24
        for (one, *a), (other, *b) in itertools.combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (one, other)
        for line, *_ in boxes:
            assert share.drawable(line) == line
        return [line for line, *_ in boxes]

    return draw


def chunks(data):
    at, found = 8, []
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode())
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found


def test_every_article_has_a_picture_and_so_has_the_site(real):
    site = Site(Relations(real))
    pictures = share.images(site)
    assert set(pictures) == {"assets/share.png"} | {f"assets/share/{id}.png" for id in real.articles}
    for path, data in pictures.items():
        image = Image.open(BytesIO(data))
        assert (image.format, image.mode, image.size) == ("PNG", "P", (1200, 630)), path
        assert len(data) <= 60_000, path
        assert set(chunks(data)) == {"IHDR", "PLTE", "IDAT", "IEND"}, path  # no time, no program, no comment


def test_no_picture_of_the_record_runs_over(real, drawn):
    site = Site(Relations(real))
    for article in [None, *site.relations.articles]:
        drawn(site.card(article))


def test_a_picture_shows_the_title_the_outlet_the_date_and_both_counts(tmp_path, drawn):
    site = world(tmp_path)
    article = site.relations.articles[0]
    lines = drawn(site.card(article))
    text = " ".join(lines)
    assert "Claimtrail 3 statements" in text
    assert "The bridge that nobody opened" in text
    assert "The Herald · 9 March 2018" in text
    claims = site.relations.claims_by_article[article.id]
    for term, count in site.fidelities(claims) + site.statuses(claims):
        assert f"{count} {term.label}" in text


def test_the_words_beside_the_picture_say_what_it_shows(tmp_path):
    assert card(tmp_path).alt == (
        "The bridge that nobody opened. The Herald, 9 March 2018. 3 statements. "
        "Does the credited source say so? 1 distorted, 2 vague source. "
        "What does the record show? 1 single source, 1 contradicted, 1 not checkable."
    )


@pytest.mark.parametrize(
    "title",
    [
        LONG,
        "Bridge" * 60,
        "W" * 90,
        "A " + "very" * 30 + " long word in the middle",
        "?",
        "Why?" * 3 + " — “quoted”, …",
        "Ça: Łódź, ʿAlī and Þór",
        "The bridge 🌉 that nobody opened",
    ],
)  # fmt: skip
def test_no_title_runs_over(tmp_path, drawn, title):
    lines = drawn(card(tmp_path, (ARTICLE, TITLE, f'title: "{title}"')))
    assert share.drawable(title)[:8].strip() in " ".join(lines)


def test_a_title_that_is_cut_says_so(tmp_path, drawn):
    assert any(line.endswith("…") for line in drawn(card(tmp_path, (ARTICLE, TITLE, f"title: {LONG.strip()}"))))


@pytest.mark.parametrize("title", [ARABIC, f"Bridge: {ARABIC}", "那座桥", "Мост, который никто не открыл"])
def test_a_title_in_letters_that_our_fonts_lack_gives_way_to_the_outlet(tmp_path, drawn, title):
    lines = drawn(card(tmp_path, (ARTICLE, TITLE, f'title: "{title}"\nlang: ar')))
    assert "The Herald" in lines
    assert "9 March 2018" in lines


def test_and_the_outlet_to_the_id_where_it_has_such_a_name_too(tmp_path, drawn):
    herald = ("publishers/the-herald.yml", "name: The Herald", f"name: {ARABIC}")
    lines = drawn(card(tmp_path, (ARTICLE, TITLE, f"title: {ARABIC}\nlang: ar"), herald))
    assert "bridge-2018" in lines


def test_every_class_at_once_and_large_numbers_fit(drawn):
    def bar(terms, number):
        return tuple(Count(term.tone, number + at * 111, term.label) for at, term in enumerate(terms))

    bars = (
        ("Does the credited source say so?", bar(Fidelity, 1234)),
        ("What does the record show?", bar(Status, 98765)),
    )
    lines = drawn(Card("x.png", "Claimtrail " * 9, "1,234,567 statements", (LONG, "id"), (LONG, "undated"), bars))
    drawn(Card("x.png", "الأثر", "", ("id",), (), ()))
    assert share.REST in lines
    counted = [int(line.replace(",", "")) for line in lines if re.fullmatch(r"[\d,]+", line)]
    assert sum(counted) == sum(count.number for _, counts in bars for count in counts)


def test_the_four_marks_differ_in_shape():
    shapes = []
    for tone in Tone:
        canvas = share.Canvas()
        canvas.mark(0, 0, 17, tone)
        grey = canvas.image.crop((0, 0, 17, 17)).convert("L").point(lambda value: 255 if value < 180 else 0)
        assert grey.getbbox()
        shapes.append(grey)
    for one, other in itertools.combinations(shapes, 2):
        different = sum(ImageChops.difference(one, other).histogram()[128:])
        assert different >= 25


def test_the_colours_are_those_of_the_pages():
    css = (PROJECT / "content/assets/site.css").read_text().partition("@media")[0]
    wanted = {tone.value: colour for tone, colour in share.TONES.items()}
    wanted |= {"paper": share.PAPER, "ink": share.INK, "soft": share.SOFT}
    for name, colour in wanted.items():
        assert f"--{name}:#{bytes(colour).hex()};" in css, name


def test_the_same_card_gives_the_same_bytes_in_any_process(tmp_path):
    put(tmp_path / "claims", edited((CLAIM, "three years", "four years")))
    code = (
        "import hashlib, sys; from pathlib import Path; from scripts import share; from scripts.load import load; "
        "from scripts.relate import Relations; from scripts.render import Site; "
        f"made = share.images(Site(Relations(load(Path({str(tmp_path / 'claims')!r}))))); "
        "print({path: hashlib.sha256(data).hexdigest() for path, data in made.items()})"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PATH": ""},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "Pacific/Kiritimati"), ("2", "America/Adak"))
    }
    assert len(found) == 1
    assert "assets/share/bridge-2018.png" in found.pop()


def test_a_missing_font_is_said_and_nothing_is_built(tmp_path, monkeypatch):
    from scripts.publish import BuildError, outputs, write

    put(tmp_path / "content", {"index.md": "# Home\n"})
    share._font.cache_clear()
    share.draw.cache_clear()
    monkeypatch.setattr(share, "FONTS", tmp_path)
    with pytest.raises(BuildError, match="can't be drawn"):
        write(outputs(corpus(tmp_path), tmp_path / "content", Settings()), tmp_path / "docs")
    assert not list((tmp_path / "docs").rglob("*.md"))
