"""A fingerprint of a text that lets anybody check anchors without the text.

For each paragraph an article's file keeps three things, all made with the article's own salt:

- the number of words;
- the SHA-256 of the whole paragraph's words, so that whoever holds a copy can prove that it is the text studied;
- for every run of three words twelve bits of its SHA-256, sorted, so that an anchor can be checked on a fresh clone.

What it proves: an anchor of six words is four runs, and in a paragraph of a hundred words a run that is not in the text
passes by accident one time in about forty, so a wrong anchor of that length passes one time in about three million (one
in forty if it has only three words; start and end have to pass both). What it doesn't prove: that the runs stand in the
order given. `verify` proves that, with the text.
Why it does not give the text away: twelve bits are so few that out of any list of candidate words one in forty fits by
accident, and the order is gone. It is no encryption: whoever guesses a long phrase can test the guess, as `check` does.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator

from scripts.records import Fingerprint, Layout, ParagraphPrint, words

RUN = 3
_HEX = 3


def paragraphs(text: str, layout: Layout) -> list[str]:
    """The paragraphs of a copy of the text, the headline (or nothing) first.

    Raises ValueError where the text has fewer pieces than the layout names.
    """
    raw = re.split(r"\n[^\S\n]*\n", text) if layout.split == "blocks" else text.split("\n")
    pieces = [piece.strip() for piece in raw if piece.strip()]
    if max((layout.last, *layout.headline)) > len(pieces):
        raise ValueError(f"the text has {len(pieces)} {layout.split}, and the layout names number {layout.last}")
    headline = "\n".join(pieces[number - 1] for number in layout.headline)
    return [headline, *pieces[layout.first - 1 : layout.last]]


def make(texts: Iterable[str], salt: str = "") -> Fingerprint:
    """The fingerprint of paragraphs, with a fresh salt unless one is given (32 hex digits)."""
    salt = salt or secrets.token_hex(16)
    prints = []
    for text in texts:
        tokens = words(text)
        prints.append(
            ParagraphPrint(
                words=len(tokens),
                sha256=hashlib.sha256(f"{salt}\n{' '.join(tokens)}".encode()).hexdigest(),
                grams="".join(sorted({_bits(salt, run) for run in _runs(tokens)})),
            )
        )
    return Fingerprint(salt=salt, paragraphs=tuple(prints))


def holds(fingerprint: Fingerprint, para: int, phrase: str) -> bool:
    """Whether every run of three words of `phrase` stands in the paragraph; False for fewer than three words."""
    tokens = words(phrase)
    return _fits(_grams(fingerprint, para), fingerprint.salt, tokens)


def nearest(fingerprint: Fingerprint, para: int, phrase: str, likely: Iterable[str] = ()) -> str:
    """Where `phrase` does stand, or what in it seems misspelt, as a hint.

    `likely` are words that the passage may well hold: of several spellings that would fit, one of these is preferred.
    """
    tokens = words(phrase)
    where = [
        number for number in range(len(fingerprint.paragraphs)) if number != para and holds(fingerprint, number, phrase)
    ]
    if where:
        return "these words stand in " + " and ".join(f"paragraph {number}" for number in where)
    grams = _grams(fingerprint, para)
    found = {}
    for index, token in enumerate(tokens):
        for other in _misspellings(token):
            mended = [*tokens[:index], other, *tokens[index + 1 :]]
            if _fits(grams, fingerprint.salt, mended):
                found[other] = f"it would fit with {other!r} instead of {token!r}"
    preferred = sorted(set(found) & set(likely)) or sorted(found)
    if len(preferred) == 1:
        return found[preferred[0]]
    missing = [run for run in _runs(tokens) if _bits(fingerprint.salt, run) not in grams]
    if missing and len(missing) < len(tokens) - RUN + 1:
        return f"paragraph {para} has no {' '.join(missing[0])!r}, though the rest fits"
    return "copy the words from the text, or run verify with the text at hand"


def _runs(tokens: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1))


def _bits(salt: str, run: tuple[str, ...]) -> str:
    return hashlib.sha256(f"{salt} {' '.join(run)}".encode()).hexdigest()[:_HEX]


def _grams(fingerprint: Fingerprint, para: int) -> frozenset[str]:
    if para >= len(fingerprint.paragraphs):
        return frozenset()
    text = fingerprint.paragraphs[para].grams
    return frozenset(text[at : at + _HEX] for at in range(0, len(text), _HEX))


def _fits(grams: frozenset[str], salt: str, tokens: list[str]) -> bool:
    return len(tokens) >= RUN and all(_bits(salt, run) in grams for run in _runs(tokens))


def _misspellings(word: str) -> set[str]:
    """The words one slip away: a letter dropped, added, exchanged, or two swapped."""
    letters = "abcdefghijklmnopqrstuvwxyz'"
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in letters}
    added = {left + letter + right for left, right in cuts for letter in letters}
    return (dropped | swapped | changed | added) - {word, ""}
