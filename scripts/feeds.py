"""Atom feeds (RFC 4287): of the site, of each article, topic and source, and of what was corrected or taken back.

Every date is one of the record's own: of a reading, a check, a correction, a withdrawal. A day counts from its first
moment in UTC, and a month from its first day. What has no date of its own is in no feed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from scripts.records import Claim, Source
from scripts.relate import newest
from scripts.render import Site, shortened

ATOM = "http://www.w3.org/2005/Atom"
TYPE = "application/atom+xml"
MOST = 100
"""Entries a feed, the newest: a reader asks for a feed many times a day."""


@dataclass(frozen=True, eq=False)  # told apart by identity: each is made once
class Entry:
    """Something dated that befell a page. `fragment` tells apart what befell the same page."""

    page: str
    fragment: str
    day: date
    title: str
    summary: str


def address(site: Site, path: str) -> str:
    """An identifier that is never given to anything else: the address, or a name made from the path where it is unknown."""
    if site.settings.url:
        return site.address(path)
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'claimtrail:{path}')}"


def checked(site: Site, claim: Claim) -> Iterator[Entry]:
    """The check of a statement: what its two verdicts are."""
    if claim.checked and not claim.withdrawn:
        it = site.assessment(claim)
        verdicts = f"Attribution: {it.fidelity.label}. Record: {it.status.label}."
        yield Entry(
            f"articles/{claim.id}/", "", claim.checked.first, claim.short, f"{verdicts} {claim.glance or claim.says}"
        )


def changed(claim: Claim) -> Iterator[Entry]:
    """The corrections and the withdrawal of a statement."""
    page = f"articles/{claim.id}/"
    for number, entry in enumerate(claim.corrected, 1):
        yield Entry(page, f"correction-{number}", entry.on.first, f"Corrected: {claim.short}", entry.what)
    if claim.withdrawn:
        yield Entry(page, "withdrawal", claim.withdrawn.on.first, f"Withdrawn: {claim.short}", claim.withdrawn.reason)


def read(source: Source) -> Entry:
    """The reading of a source."""
    page = f"sources/{source.id}/"
    title = source.title_en or source.title
    return Entry(page, "", source.read.on.first, f"Read: {title}", f"{source.kind.label}. {source.read.how.meaning}")


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


class Feeds:
    """The feeds of one site. An entry is written once and stands in every feed that it belongs to."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.day = newest(site.corpus)
        self._written: dict[Entry, str] = {}
        self._of: dict[str, list[Entry]] = {
            id: [*checked(site, claim), *changed(claim)] for id, claim in site.corpus.claims.items()
        }

    def _entry(self, entry: Entry) -> str:
        if entry not in self._written:
            made = Element("entry")
            mark = f"#{entry.fragment}" if entry.fragment else ""
            _text(made, "id", address(self.site, entry.page + mark))
            _text(made, "title", entry.title)
            _text(made, "updated", _moment(entry.day))
            # a fragment that the page doesn't have would lead to its top all the same
            SubElement(made, "link", rel="alternate", type="text/html", href=self.site.address(entry.page))
            _text(made, "summary", shortened(entry.summary, 600))
            self._written[entry] = tostring(made, encoding="unicode")
        return self._written[entry]

    def feed(self, path: str, page: str, title: str, entries: Iterable[Entry], what: str) -> tuple[str, bytes]:
        """One feed at `path`, of the page `page`, newest entries first."""
        site = self.site
        chosen = sorted(set(entries), key=lambda entry: (-entry.day.toordinal(), entry.page, entry.fragment))[:MOST]
        feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
        _text(feed, "id", address(site, path))
        _text(feed, "title", title)
        _text(feed, "subtitle", what)
        _text(feed, "updated", _moment(chosen[0].day if chosen else self.day))
        rights = site.settings.rights
        _text(SubElement(feed, "author"), "name", rights.credit if rights else site.settings.name)
        if rights:
            _text(feed, "rights", f"{rights.title}, {rights.url}" if rights.url else rights.title)
        if site.settings.url:
            SubElement(feed, "link", rel="self", type=TYPE, href=site.address(path))
        SubElement(feed, "link", rel="alternate", type="text/html", href=site.address(page))
        head = tostring(feed, encoding="unicode").removesuffix("</feed>")
        lines = ["<?xml version='1.0' encoding='UTF-8'?>", head, *(self._entry(entry) for entry in chosen), "</feed>\n"]
        return path, "\n".join(lines).encode()

    def _claims(self, claims: Iterable[Claim]) -> list[Entry]:
        return [entry for claim in claims for entry in self._of[claim.id]]

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Every feed by its path."""
        site, relations, name = self.site, self.site.relations, self.site.settings.name
        verdicts = "Statements as they were checked, corrected or taken back"
        everything = self._claims(site.corpus.claims.values())
        yield self.feed("feed.xml", "", name, everything, f"{verdicts}.")
        changes = [entry for claim in site.corpus.claims.values() for entry in changed(claim)]
        yield self.feed(
            "changes/feed.xml", "corrections/", f"{name}: corrections", changes, "Statements corrected or taken back."
        )
        for article in relations.articles:
            entries = self._claims(relations.claims_by_article[article.id])
            page = f"articles/{article.id}/"
            yield self.feed(f"{page}feed.xml", page, f"{name}: {article.title}", entries, f"{verdicts}.")
        for topic in site.corpus.topics.values():
            entries = self._claims(relations.claims_by_topic[topic.id])
            page = f"topics/{topic.id}/"
            yield self.feed(f"{page}feed.xml", page, f"{name}: {topic.title}", entries, f"{verdicts}.")
        for source in site.corpus.sources.values():
            used = [site.corpus.claims[use.record.id] for use in site.uses(source)]
            page = f"sources/{source.id}/"
            title = f"{name}: {source.title_en or source.title}"
            yield self.feed(
                f"{page}feed.xml", page, title, [read(source), *self._claims(used)], f"{verdicts} that it bears on."
            )
