"""What became of records that were published: corrected, withdrawn, moved, checked again. From the records alone.

The page on changes and the feeds are made from here, so that both say the same. Days are those that records give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scripts import addresses
from scripts.load import Corpus
from scripts.records import Claim, Moved, Record
from scripts.values import PartialDate

KINDS = {
    "withdrawn": "taken back; its page stays and says why",
    "corrected": "what its page says was changed",
    "moved": "its page has another address, to which the old one leads",
    "checked": "the whole record was gone through",
}
"""Each kind of change with its meaning, in the order in which the changes of one day stand."""


@dataclass(frozen=True)
class Change:
    """One thing that happened to one record.

    `record` is None for a page that was moved and is of no record; `address` is where the page is now, from the top of
    the site. `text` is what the record says of the change; it is empty for `checked`.
    """

    on: PartialDate
    kind: str
    record: Record | None
    address: str
    text: str


def changes(corpus: Corpus) -> list[Change]:
    """Every change on record, the newest first; on one day in the order of `KINDS`, then of ids.

    A date that is no single day stands where its last day does.
    """
    order = list(KINDS)

    def place(change: Change) -> tuple[int, int, str]:
        return -change.on.last.toordinal(), order.index(change.kind), change.address

    return sorted(_found(corpus), key=place)


def of_claim(claim: Claim) -> Iterator[Change]:
    """What happened to one statement, in no order."""
    address = addresses.of(claim)
    for correction in claim.corrected:
        yield Change(correction.on, "corrected", claim, address, correction.what)
    if claim.withdrawn:
        yield Change(claim.withdrawn.on, "withdrawn", claim, address, claim.withdrawn.reason)
    if claim.checked:
        yield Change(claim.checked, "checked", claim, address, "")


def _found(corpus: Corpus) -> Iterator[Change]:
    for claim in corpus.claims.values():
        yield from of_claim(claim)
    records = addresses.of_records(corpus)
    for table in corpus.redirects.values():
        for entry in table.redirects:
            yield _moved(entry, records.get(entry.to))


def _moved(entry: Moved, record: Record | None) -> Change:
    return Change(entry.on, "moved", record, entry.to, f"From {entry.from_}: {entry.because}")


def by_day(found: Iterable[Change]) -> list[tuple[PartialDate, list[Change]]]:
    """Changes under the dates that they have, as written, in the order given."""
    groups: dict[PartialDate, list[Change]] = {}
    for change in found:
        groups.setdefault(change.on, []).append(change)
    return list(groups.items())
