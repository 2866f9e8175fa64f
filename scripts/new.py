"""Starting a record: the next free id, what the page at an address says of itself, and a file that says what is missing.

Nothing that is there is ever overwritten, and an id that was ever used, be it of a file since deleted, is not given again.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from scripts.draft import STARTS, Given, entry, free, next_number, slug, source_id, template
from scripts.load import Corpus, unfinished
from scripts.problems import did_you_mean
from scripts.records import Article, Claim, Measure, Publisher, Record, Site, Source, Topic, Url
from scripts.webpage import Page, look, plain


class NotStartedError(Exception):
    """The record can't be started; the message says why and what to do."""


@dataclass
class Desk:
    """Where records are started: a corpus, and a way to look at pages, or None without a network."""

    corpus: Corpus
    look: Callable[[str], Page] | None = look
    bare: bool = False
    said: list[str] = field(default_factory=list)

    def start(self, word: str, name: str = "", id: str = "") -> list[Path]:
        """Write a new record of the kind that `word` names; returns the files, the record's own first.

        `name` is an article's id for a statement, an address or a title for a source or an article, a title or an id
        for the rest. Raises NotStartedError.
        """
        kind = STARTS[word]
        if id and slug(id) != id:
            raise NotStartedError(f"{id!r} is not an id: write small letters, digits and single hyphens")
        if kind is Site:
            return [self._write(kind, "site.yml", {"name": name or "TODO"})]
        if not name:
            wanted = {
                Claim: "an article's id",
                Source: "an address or a title",
                Article: "an address, a title or an id",
            }
            raise NotStartedError(f"new {word} needs {wanted.get(kind, 'a title or an id')}")
        if kind is Claim:
            return [self._statement(name)]
        if urlsplit(name).scheme in ("http", "https") and kind in (Source, Article):
            return self._from_page(kind, name, id)
        given = {} if slug(name) == name else {"name" if kind is Publisher else "title": name}
        wanted_id = id or slug(name)
        if kind is Source and not id:
            wanted_id = source_id("", (), "", name, "")
        if not wanted_id:
            raise NotStartedError(f"no id can be made of {name!r}: choose one with --id")
        if wanted_id in self.ids(kind) and (id or slug(name) == name):
            raise NotStartedError(
                f"there is, or was, a {word} {wanted_id!r}: an id is never given again; choose another"
            )
        return [self._write(kind, self._place(kind, free(wanted_id, self.ids(kind))), given)]

    def evidence(self, claim: str, source: str = "") -> str:
        """The text of a new piece of evidence for a statement. Raises NotStartedError for one that there isn't."""
        for kind, id in ((Claim, claim), (Source, source)):
            known = self._known(kind)
            if id and id not in known:
                hint = did_you_mean(id, known)
                noun = "statement" if kind is Claim else "source"
                raise NotStartedError(f"there is no {noun} {id!r}{f' ({hint})' if hint else ''}")
        return entry({"source": source} if source else {}, {Source: self._known(Source)}, self.bare)

    # ---- what is there

    def _known(self, kind: type[Record]) -> set[str]:
        """The ids of the records that are there, sound or not."""
        return {*self.corpus.of(kind), *(id for other, id in self.corpus.broken if other is kind)}

    def ids(self, kind: type[Record], article: str = "") -> set[str]:
        """Every id that a record of the kind has or, as far as git knows, ever had; numbers for an article's statements."""
        folder = self.corpus.root / (f"{kind.folder}/{article}" if kind is Claim else kind.folder)
        names = {path.name for path in folder.glob("*")} | set(_once(folder, kind is Article))
        return {name.removesuffix(".yml") for name in names}

    def _place(self, kind: type[Record], id: str) -> str:
        return f"{kind.folder}/{id}/article.yml" if kind is Article else f"{kind.folder}/{id}.yml"

    # ---- starting

    def _statement(self, article: str) -> Path:
        articles = self._known(Article)
        if article not in articles:
            hint = did_you_mean(article, articles) or "start it with: new article"
            raise NotStartedError(f"there is no article {article!r} ({hint})")
        number = next_number(self.ids(Claim, article))
        return self._write(Claim, f"{Claim.folder}/{article}/{number}.yml", {})

    def _from_page(self, kind: type[Record], url: str, id: str) -> list[Path]:
        try:
            TypeAdapter(Url).validate_python(url)
        except ValidationError:
            raise NotStartedError(f"{url!r} is not a web address: http or https, a full host name, no blanks") from None
        self._refuse_known(kind, plain(url))
        if self.look:
            page = self.look(url)
            self._refuse_known(kind, page.url)
        else:
            page = Page(plain(url), trouble=("the network was not asked: --offline",))
        publisher, stub = self._publisher(page)
        given: dict[str, Given] = {}
        for name in ("title", "author", "published", "lang", "url", "archived_url"):
            if value := getattr(page, name):
                given[name] = value
        found = [*given] if self.look else []
        if publisher:
            given["publisher"] = publisher
        if not id:
            used = self.ids(kind)
            siblings = [other.id for other in self.corpus.sources.values() if other.publisher == publisher]
            made = source_id(publisher, siblings, page.published, page.title, page.url)
            if kind is Article:  # as `bridge-2018`: who wrote it, else who printed it, and the year
                made = "-".join(
                    filter(None, (slug(page.author.split(",")[0].split(" ")[-1]) or publisher, page.published[:4]))
                )
            if not made:
                raise NotStartedError(f"no id can be made of {url}: choose one with --id")
            id = free(made, used)
        elif id in self.ids(kind):
            raise NotStartedError(f"there is, or was, a record {id!r}: an id is never given again; choose another")
        files = [self._write(kind, self._place(kind, id), given)]
        if found := [name for name in found if name != "url"]:
            self.said.append(f"from the page, to be checked against it: {', '.join(found)}")
        missing = [name for name in ("title", "author", "published", "lang") if name not in given]
        self.said += page.trouble
        if self.look and missing:
            self.said.append(f"not found: {', '.join(missing)}")
        if stub:
            files.append(stub)
        return files

    def _refuse_known(self, kind: type[Record], url: str) -> None:
        for record in self.corpus.of(kind).values():
            addresses = [getattr(record, "url", None), *(copy.url for copy in getattr(record, "copies", ()))]
            if any(address and _key(address) == _key(url) for address in addresses):
                raise NotStartedError(f"{self.corpus.shown}/{record.path} has this address already")

    def _publisher(self, page: Page) -> tuple[str, Path | None]:
        """The id of who stands behind a page, with the file that was written for it if it is new here."""
        host = _host(page.url)
        homes = [p.id for p in self.corpus.publishers.values() if p.home and _host(p.home) == host]
        named = Counter(
            source.publisher
            for source in self.corpus.sources.values()
            if source.url and not source.carried_by and _host(source.url) == host
        )
        if homes or named:
            chosen = homes[0] if len(homes) == 1 else named.most_common(1)[0][0] if named else ""
            others = sorted({*homes, *named} - {chosen})
            if others:
                does = f"was taken for {chosen}'s" if chosen else "is of no one publisher"
                self.said.append(f"the site {host} {does}; publishers there besides: {', '.join(others)}")
            return chosen, None
        name = page.site or host
        id = slug(name)
        used = self.ids(Publisher)
        if not id or id in used:
            self.said.append(f"no publisher has the home {host}: name one, or start one with new publisher")
            return "", None
        parts = urlsplit(page.url)
        given = {"name": name, "home": f"{parts.scheme}://{parts.netloc}/"}
        self.said.append(
            f"no publisher has the home {host}, so one was started: see that it is not there by another name"
        )
        return id, self._write(Publisher, self._place(Publisher, id), given)

    def _write(self, kind: type[Record], relative: str, given: dict[str, Given] | dict[str, str]) -> Path:
        path = self.corpus.root / relative
        schemas = self.corpus.root.resolve().parent / "schemas" / f"{kind.__name__.lower()}.schema.json"
        # a way that leads out of the repository would lead nowhere for anybody else
        way = os.path.relpath(schemas, path.parent.resolve()) if schemas.is_file() else ""
        known: dict[type[Record], set[str]] = {
            other: self._known(other) for other in (Source, Publisher, Topic, Measure)
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(template(kind, given, known, way, self.bare))
        except FileExistsError:
            raise NotStartedError(f"{self.shown(path)} is there already, and nothing is overwritten") from None
        return path

    def shown(self, path: Path) -> str:
        """A file as messages name it."""
        return f"{self.corpus.shown}/{path.relative_to(self.corpus.root).as_posix()}"


def todo(path: Path) -> list[str]:
    """What a person still has to fill in, by the names of the fields."""
    return [".".join(part for part in place if isinstance(part, str)) for place in unfinished(path.read_bytes())]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _key(url: str) -> str:
    """What two addresses of one page share."""
    parts = urlsplit(plain(url))
    return f"{_host(url)}{parts.path.rstrip('/')}?{parts.query}"


def _once(folder: Path, folders: bool) -> list[str]:
    """The names of files, or of folders, that git has ever seen added in a folder; none where there is no git."""
    command = ["git", "log", "--all", "--diff-filter=A", "--no-renames", "--name-only", "--format=", "-z", "--", "."]
    where = folder if folder.is_dir() else folder.parent
    try:
        result = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
        top = subprocess.run(
            ["git", "rev-parse", "--show-prefix"],  # noqa: S607
            cwd=where,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return []
    if result.returncode:
        return []
    prefix = top if folder.is_dir() else f"{top}{folder.name}/"
    below = [
        path.removeprefix(prefix) for path in result.stdout.split("\0") if path.strip() and path.startswith(prefix)
    ]
    return [path.split("/")[0] for path in below if folders == ("/" in path)]
