"""Which state of the record this is: its newest day and a hash of its files.

Neither a clock nor the history of the repository has a part in it, so that the same files have the same version
anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from scripts.load import Corpus
from scripts.records import Claim
from scripts.relate import newest
from scripts.values import PartialDate


@dataclass(frozen=True)
class Version:
    """A state of the record: `2026.11.20+1f0c52ab` is its newest day, as citations give it, and the beginning of `sha256`.

    In the terms of Semantic Versioning, from which Data Packages take theirs, what follows the `+` is build metadata.
    """

    day: date
    sha256: str
    files: int

    @property
    def short(self) -> str:
        return f"{self.day:%Y.%m.%d}"

    def __str__(self) -> str:
        return f"{self.short}+{self.sha256[:8]}"


def dates(claim: Claim) -> Iterator[PartialDate]:
    """The days on which a statement's record was gone through, corrected or taken back."""
    if claim.checked:
        yield claim.checked
    yield from (correction.on for correction in claim.corrected)
    if claim.withdrawn:
        yield claim.withdrawn.on


def version(corpus: Corpus) -> Version:
    """The version of a record. Its hash covers the path and the SHA-256 of every file below the folder of claims."""
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(corpus.files.items()))
    return Version(newest(corpus), hashlib.sha256(lines.encode()).hexdigest(), len(corpus.files))
