"""The four tones are told apart without colour vision, without colour, and without either: by shape and by word.

Colours are those that Chromium gives the pages. How they look to somebody with one of the three kinds of colour-blindness
is simulated in full strength with the matrices of Machado, Oliveira and Fernandes, "A Physiologically-based Model for
Simulation of Color Vision Deficiency" (IEEE TVCG 15, 2009, table 1), on linear RGB; grey is the luminance of sRGB.
Distances are those of Oklab (Ottosson 2020, bottosson.github.io/posts/oklab), in which a just noticeable one is about 0.02.
"""

import itertools
import math
import re

import pytest
from lxml import html

from scripts.terms import Fidelity, Stance, Status, Tone

MATRICES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}
LEAST = {"usual": 0.12, "protanopia": 0.1, "deuteranopia": 0.1, "tritanopia": 0.1, "grey": 0.06}
"""How far apart two tones must be: five times what is just noticed, and three times in grey, where lightness is all."""


def linear(colour):
    values = [int(value) / 255 for value in re.match(r"rgb\((\d+), (\d+), (\d+)\)$", colour).groups()]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def oklab(rgb):
    def times(matrix, vector):
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    cones = times(
        ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566), (0.0883024619, 0.2817188376, 0.6299787005)),
        rgb,
    )  # fmt: skip
    return times(
        ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660)),
        [math.cbrt(value) for value in cones],
    )  # fmt: skip


def distance(one, other, vision):
    def seen(colour):
        rgb = linear(colour)
        simulated = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in MATRICES[vision]]
        return oklab([min(1, max(0, value)) for value in simulated])

    return math.dist(seen(one), seen(other))


def test_the_simulation_knows_what_is_confused():
    red, green, grey = "rgb(163, 80, 0)", "rgb(102, 110, 0)", "rgb(128, 128, 128)"
    assert distance(red, green, "usual") > 3 * distance(red, green, "deuteranopia")
    assert distance("rgb(0, 0, 0)", "rgb(255, 255, 255)", "usual") == pytest.approx(1, abs=1e-3)
    assert distance(grey, "rgb(129, 129, 129)", "grey") < 0.01


@pytest.fixture(scope="module", params=["light", "dark"])
def colours(request, browser, address):
    """What Chromium paints each tone with: words, marks and bars."""
    context = browser.new_context(color_scheme=request.param)
    page = context.new_page()
    page.goto(f"{address}verdicts/")
    found = {}
    for tone in Tone:
        found[tone] = {
            part: page.evaluate(f"getComputedStyle(document.querySelector('{part}.{tone}')).{style}")
            for part, style in ((".verdict", "color"), (".mark", "color"), ("rect", "fill"))
        }
    context.close()
    return found


@pytest.mark.parametrize("vision", MATRICES)
def test_the_tones_are_told_apart_by_every_kind_of_sight_and_in_grey(colours, vision):
    for one, other in itertools.combinations(Tone, 2):
        for part in colours[one]:
            far = distance(colours[one][part], colours[other][part], vision)
            assert far >= LEAST[vision], (part, one, other, far)


def test_on_paper_the_parts_of_a_bar_are_four_greys(browser, address):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}verdicts/")
    page.emulate_media(media="print")
    fills = [page.evaluate(f"getComputedStyle(document.querySelector('rect.{tone}')).fill") for tone in Tone]
    context.close()
    for one, other in itertools.combinations(fills, 2):
        assert distance(one, other, "grey") >= 0.15, (one, other)


def shape(mark):
    """What an SVG draws, without where it stands."""
    return tuple(
        (part.tag, part.get("d"), part.get("r"), part.get("class")) for part in mark.iter() if part is not mark
    )


def test_each_tone_has_a_shape_of_its_own_and_no_word_two_tones(site):
    shapes, words = {}, {}
    for path in [site / "terms/index.html", site / "verdicts/index.html", *sorted(site.glob("articles/*/index.html"))]:
        tree = html.parse(str(path)).getroot()
        for mark in tree.xpath("//*[name()='svg'][contains(@class, 'mark')]"):
            shapes.setdefault(mark.get("class").split()[1], set()).add(shape(mark))
        for verdict in tree.xpath("//*[contains(concat(' ', @class, ' '), ' verdict ')]"):
            tone = verdict.get("class").split()[1]
            assert [mark.get("class") for mark in verdict.xpath(".//*[name()='svg']")] == [f"mark {tone}"], path
            words.setdefault(verdict.text_content().strip(), set()).add(tone)
        for entry in tree.xpath("//figure[contains(@class, 'bar')]//li"):
            assert entry.xpath(".//*[name()='svg']"), path
            assert re.match(r"\d+ \w+", entry.text_content().strip()), path
    assert shapes.keys() == {tone.value for tone in Tone}
    assert all(len(drawn) == 1 for drawn in shapes.values())
    assert len({*itertools.chain(*shapes.values())}) == len(Tone)
    assert all(len(tones) == 1 for tones in words.values()), words
    assert {term.label for term in (*Fidelity, *Status)} >= words.keys()


def test_evidence_says_its_stance_in_words_beside_the_mark(site):
    tree = html.parse(str(max(site.glob("articles/*/index.html"), key=lambda path: path.stat().st_size))).getroot()
    entries = tree.xpath("//ul[contains(@class, 'evidence')]/li")
    assert len(entries) > 50
    for entry in entries:
        stance = Stance(entry.get("class"))
        assert entry.xpath("./*[name()='svg']/@class") == [f"mark {stance.tone}"]
        assert entry.xpath(".//span[@class='visually-hidden']")[0].text_content().startswith(stance.label)
