"""The picture that goes with a link to a page: the article's title and its two bars, drawn from the same counts.

A picture is made from its card alone, and with the site's own fonts, so that the same record gives the same picture.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from scripts import chart
from scripts.render import Card, Count, Site
from scripts.terms import Tone

FONTS = Path(__file__).resolve().parent.parent / "content" / "assets" / "fonts"
WIDTH, HEIGHT = 1200, 630
MARGIN = 72
COLUMN, GAP = 504, 2
SCALE = 4
"""Text and shapes are drawn four times as large and then reduced: smooth, and spaced as without hinting."""

PAPER, INK, SOFT = (252, 251, 248), (29, 28, 26), (95, 91, 84)
TONES = {
    Tone.SUPPORTS: (9, 96, 147),
    Tone.CONTRADICTS: (128, 38, 3),
    Tone.QUALIFIES: (75, 23, 108),
    Tone.SILENT: (112, 109, 101),
}
_SHADES = 12
Colour = tuple[int, int, int]


@cache
def _font(family: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    # the basic layout: the other one hangs on libraries that a system may lack, and would then give other pictures
    font = ImageFont.truetype(FONTS / f"claimtrail-{family}.woff2", size * SCALE, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


@lru_cache(10_000)
def _length(text: str, font: ImageFont.FreeTypeFont) -> float:
    return font.getlength(text)


@cache
def _has(family: str, character: str) -> bool:
    """Whether a font has a glyph of its own for a character that is not a space."""
    font = _font(family, 20, 400)
    none, mask = font.getmask("\uffff"), font.getmask(character)
    return (mask.size, bytes(mask)) != (none.size, bytes(none))


def drawable(text: str) -> str:
    """The text as our fonts can draw it, without signs that they lack; nothing if they lack a letter or a digit."""
    kept = []
    for character in " ".join(unicodedata.normalize("NFC", text).split()):
        if character == " " or _has("serif", character) or _has("serif-ext", character):
            kept.append(character)
        elif unicodedata.category(character)[0] in "LMN":
            return ""
    return " ".join("".join(kept).split())


class Style:
    """A family at a size and a weight, in a colour."""

    def __init__(self, family: str, size: int, weight: int, colour: Colour) -> None:
        self.family, self.size, self.weight, self.colour = family, size, weight, colour

    def runs(self, text: str) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
        """The text in pieces, each with the font that has its letters."""
        piece, before = "", self.family
        for character in text:
            extended = character != " " and not _has(self.family, character)
            family = f"{self.family}-ext" if extended else self.family
            if family != before and piece:
                yield piece, _font(before, self.size, self.weight)
                piece = ""
            piece, before = piece + character, family
        if piece:
            yield piece, _font(before, self.size, self.weight)

    def width(self, text: str) -> float:
        return sum(_length(piece, font) for piece, font in self.runs(text)) / SCALE

    def fitted(self, text: str, room: float) -> str:
        """The text, cut at a word if it is too wide, or inside a word that is alone too wide."""
        if self.width(text) <= room:
            return text
        words = text.split(" ")
        while len(words) > 1:
            words.pop()
            shorter = " ".join(words).rstrip(",;:.–—-") + "…"
            if self.width(shorter) <= room:
                return shorter
        word = words[0]
        while word and self.width(f"{word}…") > room:
            word = word[:-1]
        return f"{word}…"

    def wrapped(self, text: str, room: float, most: int) -> tuple[list[str], bool]:
        """The text in at most so many lines, and whether all of it is there."""
        lines: list[str] = []
        words = text.split(" ")
        while words:
            if len(lines) == most - 1:
                rest = " ".join(words)
                lines.append(self.fitted(rest, room))
                return lines, lines[-1] == rest
            taken = 1
            while taken < len(words) and self.width(" ".join(words[: taken + 1])) <= room:
                taken += 1
            line = " ".join(words[:taken])
            if self.width(line) > room:
                return [*lines, self.fitted(line, room)], False
            lines.append(line)
            words = words[taken:]
        return lines, True


class Canvas:
    """Paper to draw on."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)

    def text(self, x: float, baseline: float, text: str, style: Style) -> None:
        """A line of text from `x`."""
        above, below = round(style.size * 1.25), round(style.size * 0.45)
        mask = Image.new("L", ((int(style.width(text)) + 16) * SCALE, (above + below) * SCALE))
        draw, at = ImageDraw.Draw(mask), 4.0 * SCALE
        for piece, font in style.runs(text):
            draw.text((at, above * SCALE), piece, fill=255, font=font, anchor="ls")
            at += _length(piece, font)
        self._stamp(mask, round(x) - 4, round(baseline) - above, style.colour)

    def mark(self, x: float, top: float, size: int, tone: Tone) -> None:
        """The shape of a tone, drawn as the pages draw it: twelve units across."""
        mask = Image.new("L", (size * SCALE, size * SCALE))
        draw, unit = ImageDraw.Draw(mask), size * SCALE / 12
        ring, line = tuple(unit * at for at in (0.95, 0.95, 11.05, 11.05)), round(unit * 1.3)
        if tone is Tone.SUPPORTS:
            draw.ellipse([unit, unit, unit * 11, unit * 11], fill=255)
        elif tone is Tone.CONTRADICTS:
            cross = [(1.5, 3), (3, 1.5), (6, 4.5), (9, 1.5), (10.5, 3), (7.5, 6)]
            cross += [(10.5, 9), (9, 10.5), (6, 7.5), (3, 10.5), (1.5, 9), (4.5, 6)]
            draw.polygon([(unit * across, unit * down) for across, down in cross], fill=255)
        else:
            draw.ellipse(ring, outline=255, width=line)
            if tone is Tone.QUALIFIES:
                draw.pieslice(ring, -90, 90, fill=255)
        self._stamp(mask, round(x), round(top), TONES[tone])

    def bar(self, x: int, top: int, width: int, height: int, counts: Sequence[Count]) -> None:
        """The segments of a bar, as on the pages."""
        draw = ImageDraw.Draw(self.image)
        starts = [x + round(at * width / 1000) for _, at, _ in chart.bar([(count, count.number) for count in counts])]
        for count, start, following in zip(counts, starts, [*starts[1:], x + width + GAP], strict=True):
            colour = TONES[count.tone] if count.tone else SOFT
            draw.rectangle([start, top, max(start, following - GAP - 1), top + height - 1], fill=colour)

    def _stamp(self, mask: Image.Image, x: int, y: int, colour: Colour) -> None:
        small = mask.reduce(SCALE)
        self.image.paste(colour, (x, y, x + small.width, y + small.height), small)

    def png(self) -> bytes:
        """The picture in few colours, with nothing in the file but the picture."""
        file = BytesIO()
        reduced = self.image.quantize(palette=_palette(), dither=Image.Dither.NONE)
        reduced.save(file, "PNG", compress_level=6)  # 9 takes seven times as long and saves a fifteenth
        return file.getvalue()


@cache
def _palette() -> Image.Image:
    """Each colour in steps from the paper to itself."""
    parts = list(PAPER)
    for colour in (INK, SOFT, *TONES.values()):
        for step in range(1, _SHADES + 1):
            parts += [p + (c - p) * step // _SHADES for p, c in zip(PAPER, colour, strict=True)]
    image = Image.new("P", (1, 1))
    image.putpalette(parts)
    return image


# ---- a card ---------------------------------------------------------------------------------------------------------

NAME = Style("serif", 32, 600, INK)
NOTE = Style("sans", 25, 400, SOFT)
BYLINE = Style("sans", 28, 400, SOFT)
CAPTION = Style("sans", 23, 600, SOFT)
LABEL = Style("sans", 22, 400, INK)
NUMBER = Style("sans", 22, 600, INK)
TITLES = tuple(Style("serif", size, 600, INK) for size in (68, 60, 54, 48, 43, 39))
LEGEND_LINE, LEGEND_LINES, LEGEND_GAP, MARK = 31, 5, 26, 17
REST = "in other classes"


def _legend(counts: Sequence[Count]) -> list[list[tuple[float, Count]]]:
    """Counts with their words in lines: the start of each, and what stands there. The smallest are summed at need."""
    kept = list(counts)
    while True:
        rest = sum(count.number for count in counts) - sum(count.number for count in kept)
        lines: list[list[tuple[float, Count]]] = [[]]
        at = 0.0
        for count in [*kept, *([Count(None, rest, REST)] if rest else [])]:
            wide = _entry_width(count)
            if lines[-1] and at + wide > COLUMN:
                lines.append([])
                at = 0.0
            lines[-1].append((at, count))
            at += wide + LEGEND_GAP
        if len(lines) <= LEGEND_LINES or not kept:
            return lines
        kept.remove(min(reversed(kept), key=lambda count: count.number))


def _entry_width(count: Count) -> float:
    mark = MARK + 8 if count.tone else 0
    return mark + NUMBER.width(f"{count.number:,}") + 7 + LABEL.width(count.label)


@lru_cache(500)  # while the site is served, an edit draws again only what it changes
def draw(card: Card) -> bytes:
    """The picture of a card, a PNG of 1200 by 630."""
    canvas = Canvas()
    canvas.text(MARGIN, 84, NAME.fitted(drawable(card.site) or "", 560), NAME)
    note = NOTE.fitted(card.note, 480)
    canvas.text(WIDTH - MARGIN - NOTE.width(note), 84, note, NOTE)

    legends = [_legend(counts) for _, counts in card.bars]
    tallest = max((len(lines) for lines in legends), default=0)
    top = HEIGHT - 44 - tallest * LEGEND_LINE - 82
    for number, ((caption, counts), lines) in enumerate(zip(card.bars, legends, strict=True)):
        x = MARGIN + number * (WIDTH - 2 * MARGIN - COLUMN)
        canvas.text(x, top + 22, CAPTION.fitted(caption, COLUMN), CAPTION)
        canvas.bar(x, top + 38, COLUMN, 26, counts)
        for line, entries in enumerate(lines):
            base = top + 82 + line * LEGEND_LINE + 21
            for start, count in entries:
                at = x + start
                if count.tone:
                    canvas.mark(at, base - MARK + 1, MARK, count.tone)
                    at += MARK + 8
                canvas.text(at, base, f"{count.number:,}", NUMBER)
                canvas.text(at + NUMBER.width(f"{count.number:,}") + 7, base, count.label, LABEL)

    names = [name for name in map(drawable, card.names) if name]
    title, byline = names[0], [name for name in map(drawable, card.byline) if name and name != names[0]]
    room = top - 24 - 112 - (52 if byline else 0)
    for style in TITLES:
        line = round(style.size * 1.14)
        written, whole = style.wrapped(title, WIDTH - 2 * MARGIN, max(1, min(4, room // line)))
        if whole:
            break
    for number, text in enumerate(written):
        canvas.text(MARGIN, 112 + style.size + number * line, text, style)
    if byline:
        base = 112 + len(written) * line + round(style.size * 0.1) + 44
        canvas.text(MARGIN, base, BYLINE.fitted(" · ".join(byline), WIDTH - 2 * MARGIN), BYLINE)
    return canvas.png()


def images(site: Site) -> dict[str, bytes]:
    """The picture of each article, and the one for every other page, by path."""
    cards: Iterable[Card] = [site.card(), *(site.card(article) for article in site.relations.articles)]
    return {card.path: draw(card) for card in cards}
