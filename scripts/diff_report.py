"""A diff as text for a terminal, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from scripts.diff import Arrival, Cause, Diff, Figure, Statement
from scripts.problems import Problem

FORMATS = ("text", "markdown", "json")
VERSION = 1
"""The form of the JSON; a reader that knows it can read every later one with the same number."""
PAGES_SHOWN = 20
_LABEL = re.compile(r"(?<![\w/.-])([a-z0-9]+(?:-[a-z0-9]+)*/a[0-9]{2,4})(?![\w/-]|\.[\w])")


def linked(text: str, known: Collection[str], url: str) -> str:
    """Markdown in which every statement's id that is `known`, such as `bridge-2018/a21`, leads to its page at `url`.

    All else is escaped, so that a commit's subject can make neither markup nor a link nor a mention of somebody.
    """
    parts = _LABEL.split(text)
    return "".join(
        f"[{part}]({url}articles/{part}/)" if at % 2 and part in known and url else escaped(part)
        for at, part in enumerate(parts)
    )


def escaped(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    text = re.sub(r"([\\`*_{}\[\]()#|~!])", r"\\\1", " ".join(text.split()))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("@", "@\u200b").replace("://", ":\u200b//")


def printed(made: Diff, form: str, url: str = "", known: Collection[str] = ()) -> str:
    """The diff in one of `FORMATS`. `url` is where the site stands; `known` are the ids that have a page there."""
    if form == "json":
        return json.dumps(as_data(made), ensure_ascii=False, indent=1) + "\n"
    return as_markdown(made, url, known) if form == "markdown" else as_text(made)


# ---- JSON -----------------------------------------------------------------------------------------------------------


def as_data(made: Diff) -> dict[str, Any]:
    """Plain lists and mappings; ids and vocabulary words as records write them."""

    def arrival(it: Arrival) -> dict[str, Any]:
        found = {"id": it.id, "short": it.short, "attribution": it.fidelity.value, "record": it.status.value}
        return found | ({"reason": it.reason} if it.reason else {})

    def pair(values: tuple[Any, Any]) -> dict[str, Any]:
        return {"from": values[0], "to": values[1]}

    def statement(it: Statement) -> dict[str, Any]:
        found: dict[str, Any] = {"id": it.id, "short": it.short, "file": it.file, "fields": list(it.fields)}
        if it.fidelity:
            found["attribution"] = pair((it.fidelity[0].value, it.fidelity[1].value))
        if it.status:
            found["record"] = pair((it.status[0].value, it.status[1].value))
        if it.origins:
            found["origins"] = {way: pair((list(old), list(new))) for way, (old, new) in it.origins.items()}
        if it.because:
            found["because"] = [{"file": cause.file, "edit": cause.edit} for cause in it.because]
        return found | {"uncorrected": it.uncorrected}

    def figure(it: Figure) -> dict[str, Any]:
        found: dict[str, Any] = {
            "statement": it.claim,
            "whose": it.whose,
            **pair((it.before or None, it.after or None)),
        }
        if it.distance_before != it.distance_after:
            found["distance"] = pair((it.distance_before or None, it.distance_after or None))
        return found

    def problem(it: Problem) -> dict[str, Any]:
        return {"file": it.path, "line": it.line, "rule": it.rule, "message": it.message, "hint": it.hint}

    return {
        "format": f"claimtrail-diff/{VERSION}",
        "base": made.base,
        "head": made.head,
        "statements": {
            "added": [arrival(it) for it in made.added],
            "withdrawn": [arrival(it) for it in made.withdrawn],
            "restored": [arrival(it) for it in made.restored],
            "removed": list(made.removed),
            "changed": [statement(it) for it in made.changed],
        },
        "figures": [figure(it) for it in made.figures],
        "records": {kind: {what: list(ids) for what, ids in parts.items()} for kind, parts in made.records.items()},
        "pages": None if made.pages is None else {what: list(pages) for what, pages in made.pages.items()},
        "breaks": [problem(it) for it in made.breaks],
        "unread": [problem(it) for it in made.unread],
        "commits": [{"commit": name, "subject": subject} for name, subject in made.commits],
    }


# ---- what text and Markdown share -----------------------------------------------------------------------------------


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def summary(made: Diff) -> str:
    """One line with the numbers: what a reviewer wants to know first."""
    if made.nothing:
        return "Nothing changed in the records."
    verdicts = sum(bool(it.status or it.fidelity) for it in made.changed)
    pages = sum(len(paths) for paths in (made.pages or {}).values())
    parts = [
        (len(made.breaks), f"{_count(len(made.breaks), 'promise')} about addresses or ids broken"),
        (len(made.added), f"{_count(len(made.added), 'statement')} added"),
        (len(made.withdrawn), f"{_count(len(made.withdrawn), 'statement')} withdrawn"),
        (len(made.restored), f"{_count(len(made.restored), 'statement')} brought back"),
        (len(made.removed), f"{_count(len(made.removed), 'statement')} removed"),
        (len(made.changed), f"{_count(len(made.changed), 'statement')} changed"),
        (verdicts, f"{_count(verdicts, 'statement')} with another verdict"),
        (len(made.figures), f"{_count(len(made.figures), 'figure')} changed"),
        (pages, f"{_count(pages, 'page')} touched"),
        (len(made.unread), f"{_count(len(made.unread), 'fault')} in records that could not be read"),
    ]
    return "; ".join(words for number, words in parts if number) + "."


def _effect(it: Statement) -> str:
    """What became of the origins: `origins against 1 → 2`, or who took whose place where the numbers are the same."""
    parts = []
    for way, (old, new) in it.origins.items():
        if way == "primary documents":
            parts.append(f"primary documents: {', '.join(old) or 'none'} → {', '.join(new) or 'none'}")
        elif len(old) != len(new):
            parts.append(f"origins {way} {len(old)} → {len(new)}")
        else:
            gone, come = sorted({*old} - {*new}), sorted({*new} - {*old})
            parts.append(f"origins {way} {', '.join(gone)} → {', '.join(come)}")
    return ", ".join(parts)


def _because(causes: tuple[Cause, ...], show: Callable[[str], str]) -> str:
    return "; and ".join(show(cause.edit) for cause in causes)


def _changes(it: Statement) -> Iterator[tuple[str, str]]:
    """Each verdict that changed: its name, and from what to what."""
    if it.fidelity:
        yield "Attribution", f"{it.fidelity[0].label} → {it.fidelity[1].label}"
    if it.status:
        yield "Record", f"{it.status[0].label} → {it.status[1].label}"


def _far(it: Figure) -> str:
    if it.distance_before == it.distance_after:
        return ""
    return f"the article is at: {it.distance_before or 'not compared'} → {it.distance_after or 'not compared'}"


_NO_PAGES = "not compared, since records are named that there are not, or that can't be read"
_NOTE = "no entry under corrected: says so"


def _arrivals(made: Diff) -> Iterator[tuple[str, tuple[Arrival, ...]]]:
    """The statements that came, went or came back, under the title of each group that there is."""
    groups = ("added", made.added), ("withdrawn", made.withdrawn), ("brought back", made.restored)
    return ((f"Statements {word}", arrivals) for word, arrivals in groups if arrivals)


def _outcome(it: Arrival) -> str:
    """Why a statement went, or the verdicts of one that came."""
    return it.reason or f"{it.fidelity.label}; {it.status.label}"


# ---- text -----------------------------------------------------------------------------------------------------------


def as_text(made: Diff) -> str:
    """For a terminal: one thing a line, the cause below it."""
    lines = [f"{made.base} → {made.head}: {summary(made)}"]

    def section(title: str) -> None:
        lines.extend(("", title))

    if made.breaks:
        section("WOULD BREAK")
        lines.extend(f"  {problem}" for problem in made.breaks)
    if made.unread:
        section("Could not be read, and is left out here")
        lines.extend(f"  {problem}" for problem in made.unread)
    for title, arrivals in _arrivals(made):
        section(title)
        lines.extend(f"  {it.id}  {it.short} ({_outcome(it)})" for it in arrivals)
    if made.changed:
        section("Statements changed")
        for it in made.changed:
            lines.append(f"  {it.id}  {it.short}")
            lines.extend(f"    {name}: {words}" for name, words in _changes(it))
            if it.because:
                effect = _effect(it)
                lines.append(f"    because {_because(it.because, str)}{f': {effect}' if effect else ''}")
            if it.uncorrected:
                lines.append(f"    note: {_NOTE}")
            if it.fields:
                lines.append(f"    edited: {', '.join(it.fields)}")
    if made.figures:
        section("Figures changed")
        for figure in made.figures:
            far = _far(figure)
            lines.append(f"  {figure.claim}  {figure.whose}: {figure.before or 'none'} → {figure.after or 'none'}")
            lines.extend([f"    {far}"] if far else [])
    if made.records:
        section("Other records")
        for kind, parts in made.records.items():
            lines.extend(f"  {kind} {what}: {', '.join(ids)}" for what, ids in parts.items())
    if made.pages or made.pages is None:
        section("Pages touched")
        lines.extend([] if made.pages else [f"  {_NO_PAGES}"])
        for what, pages in (made.pages or {}).items():
            lines.append(f"  {what} ({len(pages):,}): {', '.join(_shown(pages))}")
    return "\n".join(lines) + "\n"


def _shown(pages: tuple[str, ...]) -> list[str]:
    """The first pages by name, and how many more."""
    names = [f"/{page}" for page in pages[:PAGES_SHOWN]]
    more = len(pages) - len(names)
    return [*names, f"and {more:,} more"] if more else names


# ---- Markdown -------------------------------------------------------------------------------------------------------


def as_markdown(made: Diff, url: str, known: Collection[str]) -> str:
    """For a pull request's summary. Text of records is escaped; ids that have a page lead to it."""

    def name(id: str) -> str:
        return linked(id, known, url)

    lines = ["## What this change means", "", escaped(summary(made))]

    def section(title: str) -> None:
        lines.extend(("", f"### {title}", ""))

    if made.breaks:
        section("⚠ Would break")
        lines.extend(f"- `{it.path}`: {escaped(it.message)} ({escaped(it.hint)})" for it in made.breaks)
    if made.unread:
        section("Could not be read, and is left out here")
        lines.extend(f"- `{it.path}:{it.line}`: {escaped(it.message)}" for it in made.unread)
    for title, arrivals in _arrivals(made):
        section(title)
        lines.extend(f"- {name(it.id)}: {escaped(it.short)} ({escaped(_outcome(it))})" for it in arrivals)
    turned = [it for it in made.changed if it.because]
    if turned:
        section("Verdicts and origins")
        lines.extend(("| Statement | Attribution | Record | Because |", "|---|---|---|---|"))
        for it in turned:
            verdicts = dict(_changes(it))
            because = _because(it.because, escaped)
            effect = _effect(it)
            note = f"<br>Note: {escaped(_NOTE)}" if it.uncorrected else ""
            lines.append(
                f"| {name(it.id)}<br>{escaped(it.short)} | {verdicts.get('Attribution', '')} | "
                f"{verdicts.get('Record', '')} | {because}{f': {escaped(effect)}' if effect else ''}{note} |"
            )
    edited = [it for it in made.changed if it.fields]
    if edited:
        section("Records of statements edited")
        lines.extend(f"- {name(it.id)}: {', '.join(f'`{field}`' for field in it.fields)}" for it in edited)
    if made.figures:
        section("Figures changed")
        lines.extend(("| Statement | Whose | From | To | Distance |", "|---|---|---|---|---|"))
        lines.extend(
            f"| {name(it.claim)} | {escaped(it.whose)} | {escaped(it.before or 'none')} | "
            f"{escaped(it.after or 'none')} | {escaped(_far(it))} |"
            for it in made.figures
        )
    if made.records:
        section("Other records")
        for kind, parts in made.records.items():
            lines.extend(f"- {kind} {what}: {', '.join(f'`{id}`' for id in ids)}" for what, ids in parts.items())
    if made.pages or made.pages is None:
        section("Pages touched")
        lines.extend([] if made.pages else [f"{_NO_PAGES[0].upper()}{_NO_PAGES[1:]}."])
        for what, pages in (made.pages or {}).items():
            links = [
                f"[/{page}]({url}{page})" if url and what != "added" else f"`/{page}`" for page in pages[:PAGES_SHOWN]
            ]
            more = len(pages) - PAGES_SHOWN
            lines.append(f"- {what} ({len(pages):,}): {', '.join(links)}{f' and {more:,} more' if more > 0 else ''}")
    if made.commits:
        section("Commits")
        lines.extend(f"- `{commit}` {linked(subject, known, url)}" for commit, subject in made.commits)
    return "\n".join(lines) + "\n"
