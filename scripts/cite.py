"""Citations of pages and of sources in words: APA 7, MLA 9, Chicago 17 (note and bibliography).

They print what the styles of the Citation Style Language print with pandoc 3.9, for the few kinds of item that a record
has; `tests/data/citations.json` holds pandoc's own output, and the tests compare. Two departures: the name of a site or a
newspaper keeps its capitals, and a full stop or comma after two closing quotation marks stands inside both (The Chicago
Manual of Style, 17th edition, 6.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup, escape

from scripts.records import Publisher, Source
from scripts.terms import PublisherKind, SourceKind
from scripts.values import MONTHS, PartialDate

Kind = Literal["webpage", "article-newspaper", "report"]
"""The types of CSL that occur: a page of a site, a piece in a newspaper or of an agency, a document of its own."""

_SUFFIXES = ("Jr.", "Sr.", "II", "III", "IV")
_PARTICLES = ("al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le", "ter", "van", "von")
_FIRST_HALVES = (
    "Abou",
    "Abu",
    "Al",
    "Bin",
    "Da",
    "De",
    "Di",
    "Du",
    "El",
    "Ibn",
    "La",
    "Le",
    "Paton",
    "St.",
    "Van",
    "Vanden",
)
_BODIES = re.compile(
    r"\b(board|bureau|contributors|correspondents?|desk|editors?|newsroom|staff|team)\b", re.IGNORECASE
)
_RANKS = re.compile(r"^(?:(?:Brig|Capt|Col|Gen|Lt|Maj|Dr|Prof|Sir)\.? )+")
_SMALL = frozenset(
    "a about an and as at but by d' de down for from in into nor of on or over so the till to up van via von with yet".split()  # noqa: SIM905 - a list of words reads best as words
)
"""Words that stay small in a title in English, by the rules of CSL 1.0.2 ("Title Case Conversion"), as pandoc has them."""


@dataclass(frozen=True)
class Name:
    """A person's name in its parts, or that of a body, which is all `literal`."""

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def last(self) -> str:
        """The family name with its particle: `van Wilgenburg`, `al-Toura`."""
        return _joined(self.particle, self.family)

    @property
    def full(self) -> str:
        """As it is spoken."""
        return self.literal or " ".join(part for part in (self.given, self.last, self.suffix) if part)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Family name, given name and suffix."""
        return self.last, self.given, self.suffix


def _joined(particle: str, family: str) -> str:
    return particle + family if particle.endswith("-") else f"{particle} {family}".strip()


def names(text: str | None) -> tuple[Name, ...]:
    """The names in a byline: `A. Writer`, `A. Writer and B. Editor`, `A. Writer, B. Editor`.

    What can't be a person's name, such as a single word or an editorial board, is a body's.
    """
    if not text:
        return ()
    plain = re.sub(r" \([^)]*\)", "", text)
    return tuple(
        _name(part.strip()) for part in re.split(r",\s*(?!Jr\.|Sr\.|I)|\s+and\s+|\s+with\s+", plain) if part.strip()
    )


def _name(text: str) -> Name:
    words = _RANKS.sub("", text).replace(",", "").split()
    suffix = words.pop() if len(words) > 2 and words[-1] in _SUFFIXES else ""
    if len(words) < 2 or _BODIES.search(text) or words[0] == "The":
        return Name(literal=text)
    start = len(words) - 1
    while start > 1 and (words[start - 1] in _PARTICLES or words[start - 1] in _FIRST_HALVES):
        start -= 1
    given, last = words[:start], words[start:]
    particles = []
    while len(last) > 1 and last[0] in _PARTICLES:
        particles.append(last.pop(0))
    family = " ".join(last)
    bound = re.match(r"(al|el|as|ad|ash|an|ar|at|az|ed|es|d')[-’]", family)
    if bound:
        return Name(family[bound.end() :], " ".join(given), bound[0], suffix)
    return Name(family, " ".join(given), " ".join(particles), suffix)


@dataclass(frozen=True)
class Item:
    """What is cited. `container` is the site, newspaper or publisher; `language` a BCP 47 tag."""

    id: str
    kind: Kind
    title: str
    container: str
    authors: tuple[Name, ...] = ()
    issued: PartialDate | None = None
    accessed: PartialDate | None = None
    url: str = ""
    language: str = "en"
    version: str = ""

    @property
    def read(self) -> PartialDate | None:
        """The day of reading, which is printed only for what has an address and no date of its own."""
        return self.accessed if self.url and not self.issued else None


def of_source(source: Source, publisher: Publisher) -> Item:
    """How a source is cited. A title in another language is followed by the English one in square brackets."""
    news = (SourceKind.NEWS_REPORT, SourceKind.WIRE, SourceKind.INVESTIGATION, SourceKind.COMMENTARY)
    documents = (SourceKind.ACADEMIC, SourceKind.NGO_REPORT, SourceKind.PRIMARY_DOCUMENT)
    press = (PublisherKind.NEWS_AGENCY, PublisherKind.NEWS_OUTLET)
    kind: Kind = "webpage"
    if source.kind in news and publisher.kind in press:
        kind = "article-newspaper"
    elif source.kind in documents:
        kind = "report"
    title = source.title
    if source.title_en:
        title += f" {source.title_en}" if source.title_en.startswith("[") else f" [{source.title_en}]"
    return Item(
        source.id,
        kind,
        title,
        publisher.name,
        names(source.author),
        source.published,
        source.read.on if source.url else None,
        source.url or "",
        source.lang,
    )


# ---- dates ----------------------------------------------------------------------------------------------------------


def points(when: PartialDate) -> list[list[int]]:
    """A date, or the two ends of a range, as lists of year, month and day."""
    return [[int(part) for part in point.split("-")] for point in when.written.removeprefix("about ").split("/")]


def _range(first: list[int], last: list[int], spoken: Any, day_first: bool) -> str:
    """Two ends with what they share said once: `25–28 Jan. 2018`, `January 25–28, 2018`, `2016–March 2017`."""
    if len(first) == len(last) == 3 and first[:2] == last[:2]:
        whole = str(spoken(first))
        return re.sub(rf"\b{first[2]}\b", f"{first[2]}–{last[2]}", whole, count=1)
    if len(first) == len(last) > 1 and first[0] == last[0]:
        one, other = str(spoken(first)), str(spoken(last))
        year = str(first[0])
        if day_first:
            return f"{one.removesuffix(year).strip()}–{other}"
        return f"{one.removesuffix(year).strip().removesuffix(',')}–{other}"
    return f"{spoken(first)}–{spoken(last)}"


def _american(point: list[int]) -> str:
    """`March 9, 2018`, `March 2018`, `2018`."""
    if len(point) == 1:
        return str(point[0])
    month = MONTHS[point[1] - 1]
    return f"{month} {point[2]}, {point[0]}" if len(point) == 3 else f"{month} {point[0]}"


_SHORT = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")


def _mla_point(point: list[int]) -> str:
    """`9 Mar. 2018`, `Mar. 2018`, `2018`."""
    if len(point) == 1:
        return str(point[0])
    month = f"{_SHORT[point[1] - 1]} {point[0]}"
    return f"{point[2]} {month}" if len(point) == 3 else month


def _apa_date(when: PartialDate | None, year_only: bool) -> str:
    """`2018, March 9`, `2018, January 25–28`, `2016–2017, March`, `ca. 2014`, `n.d.`."""
    if not when:
        return "n.d."
    ends = [point[:1] for point in points(when)] if year_only else points(when)
    if len(ends) == 2 and ends[0] == ends[1]:
        ends.pop()

    def rest(point: list[int]) -> str:
        return " ".join([MONTHS[point[1] - 1], *(str(part) for part in point[2:])]) if len(point) > 1 else ""

    first = ends[0]
    text = ", ".join(part for part in (str(first[0]), rest(first)) if part)
    if len(ends) == 2:
        last = ends[1]
        if first[0] != last[0] or len(first) != len(last):
            text = f"{text}–{', '.join(part for part in (str(last[0]), rest(last)) if part)}"
        elif first[1:2] == last[1:2]:
            text += f"–{last[2]}"
        else:
            text += f"–{rest(last)}"
    return f"ca. {text}" if when.about else text


def _mla_date(when: PartialDate) -> str:
    ends = points(when)
    text = _mla_point(ends[0]) if len(ends) == 1 else _range(ends[0], ends[1], _mla_point, True)
    return f"Circa {text}" if when.about else text


def _chicago_date(when: PartialDate, year_only: bool = False) -> str:
    ends = [point[:1] for point in points(when)] if year_only else points(when)
    if len(ends) == 2 and ends[0] == ends[1]:
        ends.pop()
    text = _american(ends[0]) if len(ends) == 1 else _range(ends[0], ends[1], _american, False)
    return f"[{text}?]" if when.about else text


# ---- titles ---------------------------------------------------------------------------------------------------------


_OPENS = re.compile(r"(?:^|(?<=[\s(\[{—–/“‘\"]))[\"“‘'„](?=\S)")
_CLOSES = re.compile(r"[\"”’'](?!\w)")


def _curly(text: str, depth: int = 0) -> str:
    """Quotation marks made typographic and told apart by depth: double outside, single inside, or the other way round
    from `depth` 1 on; a full stop or comma that follows goes inside, as American styles have it. Apostrophes are `’`.
    """
    made, opened = [], 0
    at = 0
    while at < len(text):
        letter = text[at]
        if _OPENS.match(text, at) and any(_CLOSES.match(text, after) for after in range(at + 2, len(text))):
            made.append("“‘"[(depth + opened) % 2])
            opened += 1
        elif opened and _CLOSES.match(text, at) and (letter in '"”' or not _still_open(text, at)):
            opened -= 1
            mark = "”’"[(depth + opened) % 2]
            if text[at + 1 : at + 2] in (",", "."):
                at += 1
                mark = text[at] + mark
            made.append(mark)
        else:
            made.append("’" if letter == "'" else letter)
        at += 1
    return "".join(made)


def _still_open(text: str, at: int) -> bool:
    """Whether a single mark at `at` is a plural's apostrophe inside quotation marks: `‘the rebels’ dead’`."""
    return any(_CLOSES.match(text, after) for after in range(at + 1, len(text))) and not _OPENS.search(text, at + 1)


def title_case(text: str, language: str) -> str:
    """An English title with its words capitalised; any other as it is."""
    if not language.startswith("en"):
        return text
    words = re.split(r"(\s+)", text)
    spoken = [at for at, word in enumerate(words) if word.strip()]
    for at in spoken:
        word = words[at]
        before = words[at - 2] if at > 1 else ""
        bare = word.strip("“”‘’\"'()[]{}.,:;?!…").casefold()
        leads = at == spoken[0] or before.endswith((":", "?", "!", ".")) or word[:1] in "([{"
        edge = leads or at == spoken[-1]
        if bare in _SMALL and not edge:
            continue  # and one that the author wrote large stays large
        first, *others = word.split("-")
        small = bare.partition("-")[0] in _SMALL and not leads
        words[at] = "-".join([first if small else _capital(first), *(_capital(part) for part in others)])
    return "".join(words)


def _capital(word: str) -> str:
    """The word with its first letter large, unless a letter of it is large already."""
    if word != word.lower():
        return word
    for at, letter in enumerate(word):
        if letter.isalpha():
            return word[:at] + letter.upper() + word[at + 1 :]
        if letter.isdigit():
            return word
    return word


def _ended(text: Markup | str, mark: str = ".") -> Markup:
    """Text that ends a part of a citation: with `mark`, inside a closing quotation mark, unless it ends itself."""
    html = str(escape(text))
    tail = re.search(r"(?:[”’]|</[a-z]+>)*$", html)
    at = tail.start() if tail else len(html)
    last = html[at - 1 : at]
    if last in ("?", "!", "."):
        return Markup(html)  # noqa: S704 - escaped above
    while at < len(html) and html.startswith("</", at):
        at = html.index(">", at) + 1  # the mark stays outside italics
    return Markup(html[:at] + mark + html[at:])  # noqa: S704 - escaped above


def _italic(text: str) -> Markup:
    return Markup("<i>{}</i>").format(text)


def _quoted(item: Item, mark: str) -> Markup:
    """The title in quotation marks, with the mark that follows inside them."""
    return Markup("“{}”").format(_ended(title_case(_curly(item.title, 1), item.language), mark))


def _link(item: Item) -> Markup:
    return Markup('<a href="{0}" rel="noopener">{0}</a>').format(item.url)


# ---- the styles -----------------------------------------------------------------------------------------------------


def apa(item: Item) -> Markup:
    """The reference in the style of the American Psychological Association, 7th edition, as HTML."""
    title: Markup | str = _curly(item.title)
    if item.kind != "article-newspaper":
        title = _italic(title)
    date = f"({_apa_date(item.issued, item.kind == 'report')})."
    parts = [_ended(_apa_names(item.authors)), date, _ended(title)] if item.authors else [_ended(title), date]
    container = _curly(item.container)
    parts.append(_ended(_italic(container) if item.kind == "article-newspaper" else container))
    if item.url:
        if item.read:
            parts.append(f"Retrieved {_american(points(item.read)[0])}, from")
        parts.append(_link(item))
    return Markup(" ").join(parts)


def _apa_names(people: tuple[Name, ...]) -> str:
    spoken = []
    for name in people:
        initials = " ".join(
            "-".join(f"{piece[0]}." for piece in part.split("-") if piece) for part in name.given.split()
        )
        spoken.append(name.literal or ", ".join(part for part in (name.last, initials, name.suffix) if part))
    if len(spoken) > 20:
        return ", ".join(spoken[:19]) + ", … " + spoken[-1]
    return spoken[0] if len(spoken) == 1 else ", ".join(spoken[:-1]) + ", & " + spoken[-1]


def mla(item: Item) -> Markup:
    """The entry for a list of works cited in the style of the Modern Language Association, 9th edition, as HTML."""
    parts: list[Markup | str] = []
    people = item.authors
    if people:
        spoken = _inverted(people[0], keep_particle=True)
        if len(people) == 2:
            spoken += f", and {people[1].full}"
        elif len(people) > 2:
            spoken += ", et al."
        parts.append(_ended(spoken))
    if item.kind == "report":
        parts.append(_ended(_italic(title_case(_curly(item.title), item.language))))
    else:
        parts.append(_quoted(item, "."))
    body = _curly(item.container)
    held: list[Markup | str] = [body if item.kind == "report" else _italic(body)]
    if item.version:
        held.append(f"Version {item.version}")
    if item.issued:
        held.append(_mla_date(item.issued))
    if item.url:
        held.append(_link(item))
    parts.append(_ended(Markup(", ").join(held)))
    if item.read:
        parts.append(f"Accessed {_mla_point(points(item.read)[0])}.")
    return Markup(" ").join(parts)


def _inverted(name: Name, keep_particle: bool) -> str:
    """`Kennedy, Robert F., Jr.`; the particle stays before the name in MLA and goes behind it in Chicago."""
    if name.literal:
        return name.literal
    given = name.given if keep_particle else f"{name.given} {name.particle}".strip()
    family = name.last if keep_particle else name.family
    return ", ".join(part for part in (family, given, name.suffix) if part)


def chicago(item: Item) -> Markup:
    """The entry for a bibliography in the Chicago Manual of Style, 17th edition, as HTML."""
    report = item.kind == "report"
    body: Markup | str = _curly(item.container)
    if item.kind == "article-newspaper":
        body = _italic(body)
    parts: list[Markup | str] = []
    if item.authors:
        first, *others = item.authors
        spoken = [_inverted(first, keep_particle=False), *(name.full for name in others)]
        if len(spoken) > 10:
            spoken = [*spoken[:7], "et al."]
            parts.append(_ended(", ".join(spoken)))
        elif len(spoken) > 1:
            parts.append(_ended(", ".join(spoken[:-1]) + ", and " + spoken[-1]))
        else:
            parts.append(_ended(spoken[0]))
    elif not report:
        parts.append(_ended(body))
    if report:
        parts.append(_ended(_italic(title_case(_curly(item.title), item.language))))
    else:
        parts.append(_quoted(item, "."))
    if item.version:
        parts.append(f"Version {item.version}.")
    held: list[Markup | str] = [body] if item.authors or report else []
    if item.issued:
        held.append(_chicago_date(item.issued, report))
    elif item.kind != "webpage":
        held.append("n.d.")
    if held:
        parts.append(_ended(Markup(", ").join(held)))
    if item.read:
        parts.append(f"Accessed {_american(points(item.read)[0])}.")
    if item.url:
        parts.append(_ended(_link(item)))
    return Markup(" ").join(parts)


def note(item: Item) -> Markup:
    """The first note in the Chicago Manual of Style, 17th edition, as HTML."""
    people = [name.full for name in item.authors]
    held: list[Markup | str] = []
    if len(people) > 3:
        held.append(f"{people[0]} et al.")
    elif people:
        held.append(people[0] if len(people) == 1 else f"{_listed(people)}")
    lead = Markup(", ").join(held) + ", " if held else Markup("")
    if item.kind == "report":
        title = _italic(title_case(_curly(item.title), item.language))
        year = _chicago_date(item.issued, True) if item.issued else "n.d."
        tail: list[Markup | str] = []
        text = lead + title + Markup(" ({}, {})").format(_curly(item.container), year)
        if item.read:
            text += f", accessed {_american(points(item.read)[0])}"
    else:
        quoted = _quoted(item, ",")
        tail = [f"version {item.version}"] if item.version else []
        body = _curly(item.container)
        tail.append(_italic(body) if item.kind == "article-newspaper" else body)
        if item.issued:
            tail.append(_chicago_date(item.issued))
        elif item.kind != "webpage":
            tail.append("n.d.")
        if item.read:
            tail.append(f"accessed {_american(points(item.read)[0])}")
        text = lead + quoted + " " + Markup(", ").join(tail)
    if item.url:
        text += Markup(", ") + _link(item)
    return _ended(text)


def _listed(people: list[str]) -> str:
    return " and ".join(people) if len(people) == 2 else ", ".join(people[:-1]) + ", and " + people[-1]


STYLES = {"APA": apa, "MLA": mla, "Chicago, note": note, "Chicago, bibliography": chicago}
"""The styles by the names that pages give them."""
