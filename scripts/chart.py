"""The geometry of charts: records to marks and ticks, in the units of an SVG's view box. No colours, no markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor, log10

from scripts.assess import bounds, spoken
from scripts.records import Claim, Evidence, Quantity
from scripts.relate import Figure
from scripts.values import PartialDate


@dataclass(frozen=True)
class Tick:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Mark:
    """One number: from `low` to `high` along the axis; open where it has no end."""

    low: float
    high: float
    open_low: bool
    open_high: bool
    about: bool
    y: float
    label: str
    number: str
    link: str
    ours: bool

    @property
    def point(self) -> bool:
        return self.low == self.high and not (self.open_low or self.open_high)


@dataclass(frozen=True)
class Chart:
    """Marks in rows along one axis."""

    width: float
    height: float
    left: float
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    log: bool


def bar(counts: Sequence[tuple[object, int]]) -> list[tuple[object, float, float]]:
    """Segments of a bar of width 1000: each item with its start and its width, two units apart."""
    total = sum(count for _, count in counts)
    if not total:
        return []
    gap = 3.0
    room = 1000 - gap * (len(counts) - 1)
    segments, at = [], 0.0
    for item, count in counts:
        width = room * count / total
        segments.append((item, round(at, 1), round(width, 1)))
        at += width + gap
    return segments


def _axis(amounts: Sequence[Fraction]) -> tuple[bool, float, float, list[Fraction]]:
    """Whether the axis is logarithmic, its ends, and its ticks: logarithmic where the amounts span a factor of 40."""
    positive = [amount for amount in amounts if amount > 0]
    most = max(positive, default=Fraction(1))
    least = min(positive, default=Fraction(1))
    if most / least >= 40 and len(positive) == len(amounts):
        low, high = floor(log10(least)), floor(log10(most)) + (0 if most == Fraction(10) ** floor(log10(most)) else 1)
        if low == high:
            high += 1
        ticks = [Fraction(10) ** power for power in range(low, high + 1)]
        return True, float(low), float(high), ticks
    step = _step(most)
    count = -(-most // step)
    return False, 0.0, float(count * step), [step * number for number in range(int(count) + 1)]


def _step(most: Fraction) -> Fraction:
    """A round step that makes three to five parts of `most`."""
    power = Fraction(10) ** floor(log10(most))
    for factor in (Fraction(1, 5), Fraction(1, 2), Fraction(1), Fraction(2)):
        if most / (power * factor) <= 5:
            return power * factor
    return power * 5


def _label(amount: Fraction) -> str:
    """A short number for an axis: 20,000; 2.5 million."""
    number = float(amount)
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if number >= size:
            return f"{number / size:g}{word}"
    return f"{number:,g}" if number < 1e6 else f"{number:,.0f}"


def rows(
    entries: Sequence[tuple[str, Quantity, str, bool]], width: float = 480, left: float = 0, row: float = 46
) -> Chart:
    """A chart with a row for each entry (label, quantity, link, whether it is the article's), top to bottom."""
    ends = [bounds(quantity) for _, quantity, _, _ in entries]
    amounts = [amount for low, high in ends for amount in (low, high) if amount is not None and amount >= 0]
    amounts = [amount for amount in amounts if amount > 0] or [Fraction(1)]
    log, start, stop, ticks = _axis(amounts)
    room = width - left - 12

    def place(amount: Fraction) -> float:
        number = (log10(amount) if amount > 0 else start) if log else float(amount)
        return round(left + 6 + room * (number - start) / (stop - start), 1)

    marks = []
    for at, ((label, quantity, link, ours), (low, high)) in enumerate(zip(entries, ends, strict=True)):
        open_low = quantity.at_most is not None
        marks.append(
            Mark(
                low=place(low) if not open_low else place(high or low),
                high=place(high) if high is not None else place(low),
                open_low=open_low,
                open_high=high is None,
                about=quantity.about is not None,
                y=row * at + 32,
                label=label,
                number=spoken(quantity),
                link=link,
                ours=ours,
            )
        )
    labels = tuple(Tick(place(amount), _label(amount)) for amount in ticks)
    return Chart(width, row * len(entries) + 36, left, tuple(marks), labels, log)


def of_claim(claim: Claim, items: Sequence[tuple[Evidence, str]], most: int = 4) -> Chart | None:
    """The article's number above those of the evidence on the same measure, or nothing where there is none to compare.

    `items` are evidence with the words that name its source.
    """
    ours = claim.quantity
    if not ours or ours.scope:
        return None
    theirs = [
        (name, item.quantity, f"sources/{item.source}/", False)
        for item, name in items
        if item.quantity and item.quantity.measure == ours.measure and not item.quantity.scope
    ]
    if all(bounds(quantity) == bounds(ours) for _, quantity, _, _ in theirs):
        return None  # where all agree, or there is nothing to compare, a picture tells nothing
    distinct = {(name, spoken(quantity)): (name, quantity, link, own) for name, quantity, link, own in reversed(theirs)}
    return rows([("the article", ours, "", True), *list(reversed(distinct.values()))[:most]])


def of_figures(figures: Sequence[tuple[Figure, str, str]], most: int = 16) -> Chart | None:
    """A row for each number of one measure; `figures` come with the words that name each and its link."""
    shown = [
        (name, figure.quantity, link, figure.source is None)
        for figure, name, link in figures
        if not figure.quantity.scope
    ]
    return rows(shown[:most]) if len(shown) > 1 else None


def at_one_time(figures: Sequence[Figure]) -> bool:
    """Whether the numbers are all for times within a year of one another, so that dates would tell nothing apart."""
    times = [figure.quantity.as_of for figure in figures if figure.quantity.as_of and not figure.quantity.scope]
    return bool(times) and (max(t.last for t in times) - min(t.first for t in times)).days <= 366


@dataclass(frozen=True)
class Dot:
    """One number in time: a mark at `x` from `top` to `bottom`."""

    x: float
    x_from: float
    x_to: float
    top: float
    bottom: float
    open_top: bool
    open_bottom: bool
    about: bool
    figure: Figure
    number: str
    when: str


@dataclass(frozen=True)
class Timeline:
    """Numbers against time."""

    width: float
    height: float
    left: float
    floor: float
    dots: tuple[Dot, ...]
    amounts: tuple[Tick, ...]
    years: tuple[Tick, ...]
    log: bool


def timeline(figures: Sequence[Figure], width: float = 640, height: float = 360) -> Timeline | None:
    """Every number that has a time, dates across and amounts up; nothing for fewer than two.

    A year is written for every 90 units of `width` at most, so that a narrow drawing stays readable.
    """
    dated = [figure for figure in figures if figure.quantity.as_of and not figure.quantity.scope]
    if len(dated) < 2:
        return None
    ends = [bounds(figure.quantity) for figure in dated]
    amounts = [amount for low, high in ends for amount in (low, high) if amount is not None and amount > 0]
    log, start, stop, ticks = _axis(amounts or [Fraction(1)])
    left, right, top, base = 62.0, width - 14, 14.0, height - 34
    times = [figure.quantity.as_of for figure in dated if figure.quantity.as_of]
    first = min(time.first.year for time in times)
    last = max(time.last.year for time in times) + 1

    def across(when: PartialDate) -> tuple[float, float]:
        def at(day: date) -> float:
            ordinal = day.toordinal() - _new_year(first)
            return left + (right - left) * ordinal / (_new_year(last) - _new_year(first))

        return round(at(when.first), 1), round(at(when.last), 1)

    def up(amount: Fraction) -> float:
        number = (log10(amount) if amount > 0 else start) if log else float(amount)
        return round(base - (base - top) * (number - start) / (stop - start), 1)

    dots = []
    for figure, (low, high) in zip(dated, ends, strict=True):
        quantity = figure.quantity
        assert quantity.as_of
        begin, end = across(quantity.as_of)
        open_bottom = quantity.at_most is not None
        upper = high if high is not None else low
        dots.append(
            Dot(
                x=round((begin + end) / 2, 1),
                x_from=begin,
                x_to=end,
                top=up(upper),
                bottom=up(upper if open_bottom else low),
                open_top=high is None,
                open_bottom=open_bottom,
                about=quantity.about is not None,
                figure=figure,
                number=spoken(quantity),
                when=str(quantity.as_of),
            )
        )
    step = max(1, -(-(last - first) // max(2, int(right - left) // 90)))
    years = tuple(
        Tick(
            round(
                left + (right - left) * (_new_year(year) - _new_year(first)) / (_new_year(last) - _new_year(first)), 1
            ),
            str(year),
        )
        for year in range(first, last + 1, step)
    )
    return Timeline(width, height, left, base, tuple(dots), tuple(Tick(up(t), _label(t)) for t in ticks), years, log)


def _new_year(year: int) -> int:
    return date(year, 1, 1).toordinal()
