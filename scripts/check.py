"""Every rule over the whole record, with the exceptions taken off.

A rule of `shape` takes the corpus and one of `lint` a view of it with the verdicts; here they are one list, and what is
said of a rule (its name, its text, its level, an example) is said of all in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scripts import lint, shape
from scripts.load import Corpus
from scripts.problems import Level, Problem
from scripts.relate import newest
from scripts.shape import Found

Rule = shape.Rule | lint.Rule

RULES: tuple[Rule, ...] = (*shape.RULES, *lint.RULES)
"""Every rule, in the order of the docs."""

NEEDLESS = "needless-exception"
"""The name under which an exception that nothing needs is reported."""
EXPIRED = "expired-exception"
"""The name under which an exception is reported whose day has passed."""

EXAMPLES = Path(__file__).parent / "examples.yml"


@dataclass(frozen=True)
class Example:
    """An edit of the invented record that breaks a rule: what may stand there, what may not, and what is then printed."""

    file: str
    accepted: str
    refused: str
    printed: str
    also: tuple[tuple[str, str, str], ...] = ()


def rule_name(rule: Callable[..., Any]) -> str:
    """The name that messages print: `unknown-reference`."""
    return str(rule.__name__).replace("_", "-")


def text_of(rule: Rule) -> str:
    """The rule as a contributor reads it."""
    return " ".join((rule.__doc__ or "").split())


def level_of(rule: Rule) -> Level:
    """What its breach amounts to."""
    return "warning" if rule in lint.WARNINGS else "error"


@cache
def examples() -> dict[str, Example]:
    """One example for each rule, by its name."""
    read = yaml.load(EXAMPLES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        name: Example(
            it["file"],
            it["accepted"],
            it["refused"],
            it["printed"],
            tuple((more["file"], more["accepted"], more["refused"]) for more in it.get("also", ())),
        )
        for name, it in read.items()
    }


def _run(corpus: Corpus, on: date, before_each: Callable[[], None]) -> Iterator[tuple[Rule, Found]]:
    view = lint.View(corpus, on)
    for of_records in shape.RULES:
        before_each()
        for found in of_records(corpus):
            yield of_records, found
    for of_evidence in lint.RULES:
        before_each()
        for found in of_evidence(view):
            yield of_evidence, found


def check(corpus: Corpus, on: date | None = None, before_each: Callable[[], None] = lambda: None) -> list[Problem]:
    """Every problem of the corpus, those of loading included, sorted by place.

    `on` is the day to which ages are counted, that of exceptions too: the newest on record unless it is given, so that
    the same record gives the same problems on any day. `before_each` is called before each rule: it may wait, or raise.
    """
    on = on or newest(corpus)
    problems = set(corpus.problems)
    excepted = {
        (entry.rule, entry.file): (table, index, entry)
        for table in corpus.exceptions.values()
        for index, entry in enumerate(table.exceptions)
    }
    needless = dict(excepted)
    for rule, (record, location, message, hint) in _run(corpus, on, before_each):
        name = rule_name(rule)
        if (name, record.path) in excepted:
            needless.pop((name, record.path), None)
        else:
            problems.add(corpus.problem(record, location, name, message, hint, level_of(rule)))
    for (name, file), (table, index, entry) in excepted.items():
        place = ("exceptions", index)
        if (name, file) in needless:
            message = f"{file} does not break {name}"
            problems.add(corpus.problem(table, place, NEEDLESS, message, "remove the exception"))
        elif entry.until.last < on:
            message = f"the exception of {file} from {name} ran until {entry.until}"
            hint = "mend what it excuses, or look at it again and move the day"
            problems.add(corpus.problem(table, (*place, "until"), EXPIRED, message, hint))
    return sorted(problems)
