"""The addresses of pages, what was promised about them, and whether a change keeps the promise.

An address that was once published answers for ever, as a page or as a redirect, and an id is never given to another
record. An address is written from the top of the site, with a slash at its end: `articles/bridge-2018/a07/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from scripts.load import ADDRESSES, Corpus
from scripts.problems import Problem
from scripts.records import Article, Claim, Measure, Moved, Publisher, Record, Redirects, Source, Topic, words

WORDS: dict[type[Record], str] = {
    Article: "article",
    Claim: "statement",
    Source: "source",
    Publisher: "publisher",
    Topic: "topic",
    Measure: "figure",
}
"""What the list calls the page of each kind of record; all else is a `page` or a `file`."""

_FOLDERS: dict[type[Record], str] = {kind: kind.folder for kind in WORDS} | {Measure: "figures"}
_KINDS = {word: kind for kind, word in WORDS.items()}


def of(record: Record) -> str:
    """The address of a record's page."""
    return of_id(type(record), record.id)


def of_id(kind: type[Record], id: str) -> str:
    """The address of the page of the record `id` of a kind."""
    return f"{_FOLDERS[kind]}/{id}/"


def of_path(path: str) -> str:
    """The address at which a file of the docs folder is to be had; that of a page ends with a slash, or is empty."""
    for name in ("index.md", "index.html"):
        if path == name or path.endswith(f"/{name}"):
            return path.removesuffix(name)
    return path.removesuffix(".md") + "/" if path.endswith(".md") else path


def of_records(corpus: Corpus) -> dict[str, Record]:
    """Every record that has a page, by its address."""
    return {of(record): record for record in corpus.records()}


def moved(corpus: Corpus) -> dict[str, tuple[str, Moved]]:
    """Where each old address leads, and by which entry; the first entry of an address counts.

    An article that moved takes its statements along, each to the one with its number.
    """
    found: dict[str, tuple[str, Moved]] = {}
    entries = [entry for table in corpus.redirects.values() for entry in table.redirects]
    for entry in entries:
        found.setdefault(entry.from_, (entry.to, entry))
    pages = {of(article): article for article in corpus.articles.values()}
    for entry in entries:
        article = pages.get(entry.to)
        if article and entry.from_.startswith(f"{Article.folder}/"):
            for claim in corpus.claims_of(article.id):
                found.setdefault(f"{entry.from_}{claim.number}/", (of(claim), entry))
    return found


def listed(made: Iterable[str], corpus: Corpus) -> list[str]:
    """The lines of `addresses.txt`: what is on the list, and what a build makes, by the paths `made`.

    Pictures, fonts, styles and scripts below `assets/` are no addresses to keep, nor are old ones that now redirect.
    """
    records = of_records(corpus)
    gone = moved(corpus)
    lines = {f"{entry.kind} {entry.address}" for entry in corpus.addresses.addresses}
    known = {entry.address for entry in corpus.addresses.addresses}
    for path in made:
        address = of_path(path)
        if not address or path.startswith("assets/") or address in gone or address in known:
            continue
        record = records.get(address)
        kind = WORDS[type(record)] if record else "page" if address.endswith("/") else "file"
        lines.add(f"{kind} {address}")
    return sorted(lines)


def unkept(made: Iterable[str], corpus: Corpus) -> list[Problem]:
    """Addresses of the list that nothing in a build answers, by the paths `made`; none where all is well."""
    there = {of_path(path) for path in made}
    return [
        Problem(
            f"{corpus.shown}/{ADDRESSES}",
            line,
            1,
            "address-gone",
            f"nothing answers at {entry.address!r}, which was once published",
            "bring the page back, or add its new address to redirects.yml",
        )
        for line, entry in enumerate(corpus.addresses.addresses, 1)
        if entry.address not in there
    ]


def missing(corpus: Corpus) -> list[tuple[int, str, str]]:
    """The records' addresses on the list that no longer answer: the place on the list, what is wrong, the way out."""
    if _unknown(corpus):
        return []
    pages, gone = of_records(corpus), moved(corpus)
    found = []
    for index, entry in enumerate(corpus.addresses.addresses):
        kind = _KINDS.get(entry.kind)
        if kind is None or entry.address in pages or entry.address in gone:
            continue
        id = entry.address.removeprefix(f"{_FOLDERS[kind]}/").rstrip("/")
        if (kind, id) not in corpus.broken:
            message = f"the {entry.kind} at {entry.address!r} was once published and does not answer any more"
            found.append((index, message, way_out(kind)))
    return found


def _unknown(corpus: Corpus) -> bool:
    """Whether redirects.yml is there and can't be read: then nobody can say what answers."""
    return any(kind is Redirects for kind, _ in corpus.broken)


def way_out(kind: type[Record]) -> str:
    """What to do about an address that would break."""
    if kind is Claim:
        return "bring its file back, with withdrawn: and the reason"
    return "bring its file back, or add its new address to redirects.yml"


# ---- against an earlier state -----------------------------------------------------------------------------------


def against(base: Corpus, head: Corpus) -> list[Problem]:
    """What a change does to addresses and ids that the state before it had: `id-vanished` and `id-reused`."""
    return sorted({*vanished(base, head), *reused(base, head)})


def vanished(base: Corpus, head: Corpus) -> list[Problem]:
    """Every address that answered before the change still answers, as a page or as a redirect."""
    if _unknown(head):
        return []
    pages, gone = of_records(head), moved(head)
    found = []
    before = {address: (type(record), record.path) for address, record in of_records(base).items()}
    for address, (kind, path) in before.items():
        if address in pages or address in gone or path in head.files:
            continue  # a file that is there and broken has its own problem
        message = f"the {WORDS[kind]} at {address!r} would not answer any more"
        found.append(Problem(f"{head.shown}/{path}", 1, 1, "id-vanished", message, way_out(kind)))
    for address, (_, entry) in moved(base).items():
        if address not in gone and address not in pages:
            message = f"the redirect from {address!r} is gone"
            path = f"{head.shown}/redirects.yml"
            found.append(Problem(path, 1, 1, "id-vanished", message, f"bring back the entry from {entry.from_}"))
    kept = set(head.addresses.addresses)
    for line in base.addresses.addresses:
        if line not in kept and line.address not in pages and line.address not in gone:
            message = f"the {line.kind} {line.address!r} was taken off the list of what was published"
            found.append(Problem(f"{head.shown}/{ADDRESSES}", 1, 1, "id-vanished", message, "put its line back"))
    return found


def reused(base: Corpus, head: Corpus) -> list[Problem]:
    """An id stays with its record.

    Whether it does is told from what names a record: for a statement both ends of its anchor and half of its words, for
    a source its address and its title, for the others their names. A record is another one where all of that changed.
    """
    found = []
    old, new = of_records(base), of_records(head)
    for address in sorted(old.keys() & new.keys()):
        was, now = old[address], new[address]
        if was is now or type(was) is not type(now) or _same(was, now):
            continue
        hint = "give the new record an id of its own, and bring this one back; "
        if isinstance(now, Claim):
            hint += "if it is the same statement, note the change under corrected:"
        else:
            hint += "if it is the same one, change its name and what else identifies it in two steps"
        message = f"the id {now.id!r} was that of another {WORDS[type(now)]}: {name(was)!r}"
        found.append(head.problem(now, (), "id-reused", message, hint))
    return found


def name(record: Record) -> str:
    """What a record is called."""
    for field in ("short", "title", "name"):
        if hasattr(record, field):
            return str(getattr(record, field))
    return record.id


def _same(was: Record, now: Record) -> bool:
    """Whether two states under one id are those of one record."""
    if isinstance(was, Claim) and isinstance(now, Claim):
        return (
            was.anchor.starts == now.anchor.starts
            or was.anchor.ends == now.anchor.ends
            or _alike(was.says, now.says)
            or len(now.corrected) > len(was.corrected)
        )
    if isinstance(was, (Source, Article)) and isinstance(now, (Source, Article)):
        return _alike(was.title, now.title) or bool(_urls(was) & _urls(now))
    if isinstance(was, Publisher) and isinstance(now, Publisher):
        same_home = bool(was.home and now.home) and _plain(was.home or "") == _plain(now.home or "")
        return _alike(was.name, now.name) or same_home
    if isinstance(was, Topic) and isinstance(now, Topic):
        return _alike(was.title, now.title) or _alike(was.question, now.question)
    if isinstance(was, Measure) and isinstance(now, Measure):
        return _alike(was.title, now.title) or _alike(was.scope, now.scope)
    return True


def _alike(one: str, other: str) -> bool:
    """Whether two texts share half of the words of the shorter one; small words such as `the` don't count."""
    first, second = ({word for word in words(text) if len(word) > 3} for text in (one, other))
    return one == other or 2 * len(first & second) >= min(len(first), len(second)) > 0


def _urls(record: Source | Article) -> set[str]:
    """Every address at which a text stands."""
    found = (record.url, record.archived_url, *(copy.url for copy in record.copies))
    return {_plain(url) for url in found if url}


def _plain(url: str) -> str:
    """An address without what often changes while the page stays: scheme, `www.`, a slash at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"


def redirect_faults(corpus: Corpus, made: Iterable[str] | None = None) -> Iterable[tuple[int, str, str, str]]:
    """What is wrong with redirects: the entry's index, its field, what is wrong, and the way out.

    With the paths that a build made, pages written by hand count too; without them only those of records do.
    """
    pages: Mapping[str, object] = of_records(corpus) if made is None else {of_path(path): None for path in made}
    folders = tuple(f"{folder}/" for folder in set(_FOLDERS.values()))
    entries = [entry for table in corpus.redirects.values() for entry in table.redirects]
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        of_a_record = entry.to.startswith(folders) and entry.to not in folders
        if entry.from_ in pages:
            yield index, "from", f"{entry.from_!r} is the address of a page", "remove the entry, or the record"
        if entry.from_ in seen:
            yield index, "from", f"{entry.from_!r} stands here twice", "keep one of the two"
        seen.add(entry.from_)
        parts = entry.from_.split("/")
        if entry.from_.startswith(f"{Article.folder}/") and len(parts) == 4:
            yield index, "from", "a statement's address is not redirected", way_out(Claim)
        if entry.to in pages:
            continue
        if any(other.from_ == entry.to for other in entries):
            yield index, "to", f"{entry.to!r} is itself redirected", "name the page where the way ends"
        elif made is not None or (of_a_record and not _broken(corpus, entry.to)):
            yield index, "to", f"there is no page at {entry.to!r}", "name a page that there is"


def _broken(corpus: Corpus, address: str) -> bool:
    """Whether the record of an address is there and can't be read."""
    return any(of_id(kind, id) == address for kind, id in corpus.broken if kind in _FOLDERS)
