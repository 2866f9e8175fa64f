"""References for other programs: BibTeX, RIS and CSL-JSON.

BibTeX keeps UTF-8, as biber and today's readers do, with `date` in the form of EDTF (ISO 8601-2) beside `year` and
`month`. RIS has the tags of Reference Manager's format. CSL-JSON is that of CSL 1.0.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from scripts.cite import Item, Name, points
from scripts.values import MONTHS, PartialDate


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    parts = zip(("family", "given", "suffix"), name.parts, strict=True)
    return {key: part for key, part in parts if part}


def csl(item: Item) -> dict[str, Any]:
    """The item as CSL-JSON has it."""
    made: dict[str, Any] = {"id": item.id, "type": item.kind, "title": item.title}
    made["publisher" if item.kind == "report" else "container-title"] = item.container
    if item.authors:
        made["author"] = [_csl_name(name) for name in item.authors]
    if item.issued:
        made["issued"] = {"date-parts": points(item.issued)} | ({"circa": True} if item.issued.about else {})
    if item.accessed:
        made["accessed"] = {"date-parts": points(item.accessed)}
    optional = {"URL": item.url, "version": item.version, "language": item.language}
    return made | {key: value for key, value in optional.items() if value}


def csl_json(items: Iterable[Item]) -> str:
    """A list of items as CSL-JSON."""
    return json.dumps([csl(item) for item in items], ensure_ascii=False, indent=1) + "\n"


_BIBTEX = {
    "webpage": ("misc", "howpublished"),
    "article-newspaper": ("article", "journal"),
    "report": ("techreport", "institution"),
}
_TEX = {letter: f"\\{letter}" for letter in "{}%$&#_"} | {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}
_PLAIN = re.compile(r"[\x00-\x1f\x7f]+")


def _tex(text: str) -> str:
    """Text as a TeX document may hold it."""
    return "".join(_TEX.get(letter, letter) for letter in _PLAIN.sub(" ", text))


def bibtex(item: Item) -> str:
    """The item as an entry of BibTeX, with the fields of BibLaTeX that say more.

    Titles stand in two pairs of braces, so that a style leaves their capitals alone.
    """
    kind, holder = _BIBTEX[item.kind]
    fields = {
        "author": " and ".join(_tex_name(name) for name in item.authors),
        "title": f"{{{_tex(item.title)}}}",
        holder: f"{{{_tex(item.container)}}}",
    }
    if item.issued:
        first = points(item.issued)[0]
        fields["year"] = str(first[0])
        if len(first) > 1:
            fields["month"] = MONTHS[first[1] - 1][:3].lower()
        date = item.issued.written.removeprefix("about ")
        fields["date"] = "/".join(f"{point}~" for point in date.split("/")) if item.issued.about else date
    fields["version"] = _tex(item.version)
    fields["url"] = item.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
    if item.url and item.accessed:
        fields["urldate"] = item.accessed.written.removeprefix("about ").partition("/")[0]
    fields["langid"] = _LANGUAGES.get(item.language.partition("-")[0], "")
    lines = [
        f"  {name} = {{{value}}}" if name != "month" else f"  month = {value}"
        for name, value in fields.items()
        if value
    ]
    return f"@{kind}{{{item.id.replace('/', ':')},\n" + ",\n".join(lines) + "\n}\n"


_LANGUAGES = {
    "ar": "arabic", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fa": "persian", "fi": "finnish", "fr": "french", "he": "hebrew", "hu": "hungarian", "id": "indonesian",
    "it": "italian", "ja": "japanese", "ko": "korean", "ku": "kurmanji", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
    "uk": "ukrainian", "ur": "urdu", "zh": "chinese",
}  # fmt: skip
"""Languages by the names that Babel has for them."""


def _tex_name(name: Name) -> str:
    if name.literal:
        return f"{{{_tex(name.literal)}}}"
    return ", ".join(_tex(part) for part in (name.last, name.suffix, name.given) if part)


_RIS = {"webpage": "ELEC", "article-newspaper": "NEWS", "report": "RPRT"}


def ris(item: Item) -> str:
    """The item as a reference in RIS: a tag of two letters, two blanks, a hyphen and a blank on each line."""

    def day(when: PartialDate) -> str:
        first = points(when)[0]
        return "/".join([f"{first[0]:04}", *(f"{part:02}" for part in first[1:]), *[""] * (3 - len(first))]) + "/"

    lines = [("TY", _RIS[item.kind]), ("ID", item.id)]
    lines += [
        ("AU", name.literal or ", ".join(p for p in (name.last, name.given, name.suffix) if p)) for name in item.authors
    ]
    lines += [("TI", item.title), ("PB" if item.kind == "report" else "T2", item.container)]
    if item.issued:
        lines += [("PY", str(points(item.issued)[0][0])), ("DA", day(item.issued))]
        if item.issued.about or "/" in item.issued.written:
            lines.append(("N1", f"Date: {item.issued}"))
    lines += [("ET", item.version), ("LA", item.language), ("UR", item.url)]
    if item.url and item.accessed:
        lines.append(("Y2", day(item.accessed)))
    lines.append(("ER", ""))
    return "".join(f"{tag}  - {_PLAIN.sub(' ', text)}\r\n" for tag, text in lines if text or tag == "ER")


FORMATS: dict[str, tuple[str, str, Callable[[Iterable[Item]], str]]] = {
    "BibTeX": ("bib", "application/x-bibtex", lambda items: "\n".join(bibtex(item) for item in items)),
    "RIS": ("ris", "application/x-research-info-systems", lambda items: "\r\n".join(ris(item) for item in items)),
    "CSL-JSON": ("json", "application/vnd.citationstyles.csl+json", csl_json),
}
"""The formats by the names that pages give them: the ending of a file, its media type, and the writer of a list."""
