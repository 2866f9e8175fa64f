"""A problem: an address, a rule, what is wrong, and a way out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Literal

Level = Literal["error", "warning"]
FORMATS = ("text", "json", "github")


@dataclass(frozen=True, order=True)
class Problem:
    """One fault. Problems sort by place, so that a run prints a file's faults from top to bottom."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    level: Level = "error"

    def __str__(self) -> str:
        way_out = f" ({self.hint})" if self.hint else ""
        level = "" if self.level == "error" else f"{self.level}: "
        return f"{self.path}:{self.line}:{self.column}: {level}{self.rule}: {self.message}{way_out}"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether anything is so wrong that nothing may be published; warnings are printed and stop nothing."""
    return any(problem.level == "error" for problem in problems)


def as_text(problems: Iterable[Problem]) -> str:
    """A line each, clickable in an editor's terminal."""
    return "".join(f"{problem}\n" for problem in problems)


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON list of objects with the fields of `Problem`."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=1) + "\n"


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands, which GitHub shows as annotations on the lines of a pull request."""

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def value(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    return "".join(
        f"::{p.level} file={value(p.path)},line={p.line},col={p.column},title={value(p.rule)}::"
        f"{data(p.message + (f' ({p.hint})' if p.hint else ''))}\n"
        for p in problems
    )


def printed(problems: Sequence[Problem], form: str) -> str:
    """The problems in one of `FORMATS`."""
    return {"text": as_text, "json": as_json, "github": as_github}[form](problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest of `known`, or nothing where none is near."""
    known = sorted(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6) or [other for other in known if word in other]
    return f"did you mean {near[0]!r}?" if near else ""
