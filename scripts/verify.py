"""Fingerprints and anchors against copies of the texts, for whoever holds them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

from scripts import fingerprint
from scripts.load import Corpus
from scripts.problems import Problem
from scripts.records import WORD, Article, Claim, Fingerprint, words

_BLOCK = re.compile(r"^fingerprint:.*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)


def verify(corpus: Corpus, texts: Path, write: bool = False) -> list[Problem]:
    """Check every article's fingerprint and anchors against `texts`/<article>.txt.

    Where an article has no fingerprint yet, or with `write`, its fingerprint is made and written as the last field of
    article.yml; nothing else in the file is touched. Raises FileNotFoundError if `texts` is not a folder.
    """
    if not texts.is_dir():
        raise FileNotFoundError(f"{texts} is not a folder: --texts names the folder that holds <article>.txt")
    problems = []
    for article in corpus.articles.values():
        path = texts / f"{article.id}.txt"
        try:
            paragraphs = fingerprint.paragraphs(path.read_text(encoding="utf-8"), article.layout)
        except OSError:
            problems.append(
                corpus.problem(article, (), "no-text", f"there is no text {path}", "put a copy of the text there")
            )
            continue
        except ValueError as error:
            problems.append(corpus.problem(article, ("layout",), "layout", str(error), "mend the layout"))
            continue
        kept = article.fingerprint
        made = fingerprint.make(paragraphs, kept.salt if kept else "")
        if kept is None or (write and made != kept):
            _store(corpus, article, made)
        elif made != kept:
            hint = "study the same copy, or run verify --write after a change of the layout"
            for number, (ours, theirs) in enumerate(zip(kept.paragraphs, made.paragraphs, strict=False)):
                if ours != theirs:
                    message = f"paragraph {number} of {path} is not the one studied"
                    problems.append(corpus.problem(article, ("fingerprint",), "fingerprint", message, hint))
            if len(kept.paragraphs) != len(made.paragraphs):
                message = (
                    f"{path} has {len(made.paragraphs) - 1} paragraphs, the text studied {len(kept.paragraphs) - 1}"
                )
                problems.append(corpus.problem(article, ("fingerprint",), "fingerprint", message, hint))
        for claim in corpus.claims_of(article.id):
            problems += _anchor(corpus, claim, paragraphs)
    return sorted(problems)


def _anchor(corpus: Corpus, claim: Claim, paragraphs: list[str]) -> list[Problem]:
    """What is wrong with a statement's anchor, held against the text itself."""
    if claim.para >= len(paragraphs):
        return []
    tokens = words(paragraphs[claim.para])
    ends = {name: words(getattr(claim.anchor, name) or "") for name in ("prefix", "starts", "ends", "suffix")}
    problems = []
    for name in ("starts", "ends"):
        if not _positions(tokens, ends[name]):
            hint = f"the nearest there is {_nearest(paragraphs[claim.para], ends[name])!r}"
            message = f"the words {getattr(claim.anchor, name)!r} do not stand in paragraph {claim.para}"
            problems.append(corpus.problem(claim, ("anchor", name), "anchor", message, hint))
    if problems:
        return problems
    starts = _positions(tokens, ends["prefix"] + ends["starts"])
    if not starts:
        message = "the prefix does not stand before the start"
        return [corpus.problem(claim, ("anchor", "prefix"), "anchor", message, "copy the words just before it")]
    begin = starts[0] + len(ends["prefix"])
    if not any(at + len(ends["ends"]) > begin for at in _positions(tokens, ends["ends"] + ends["suffix"])):
        message = (
            "the end does not come after the start" if not ends["suffix"] else "the suffix does not follow the end"
        )
        return [
            corpus.problem(claim, ("anchor", "ends"), "anchor", message, "an anchor runs from its start to its end")
        ]
    before = [token for text in paragraphs[: claim.para] for token in words(text)]
    if _positions(before, ends["prefix"] + ends["starts"]):
        message = "the same start stands in an earlier paragraph, where a browser would stop first"
        return [corpus.problem(claim, ("anchor", "starts"), "anchor", message, "add prefix: the words just before it")]
    return []


def _positions(tokens: list[str], run: list[str]) -> list[int]:
    return [at for at in range(len(tokens) - len(run) + 1) if tokens[at : at + len(run)] == run]


def _nearest(text: str, run: list[str]) -> str:
    """The stretch of as many words that is most like `run`."""
    spans = [match.span() for match in WORD.finditer(text)]
    size = min(len(run), len(spans))
    stretches = [text[spans[at][0] : spans[at + size - 1][1]] for at in range(len(spans) - size + 1)]
    wanted = " ".join(run)
    return max(stretches, key=lambda stretch: SequenceMatcher(None, stretch.casefold(), wanted).ratio(), default="")


def _store(corpus: Corpus, article: Article, made: Fingerprint) -> None:
    path = corpus.root / article.path
    text = _BLOCK.sub("", path.read_text(encoding="utf-8")).rstrip("\n")
    lines = ["", "fingerprint:", f"  salt: {made.salt}", "  paragraphs:"]
    lines += [f"  - {{words: {p.words}, sha256: {p.sha256}, grams: {p.grams!r}}}" for p in made.paragraphs]
    path.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
