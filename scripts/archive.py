"""Copies in a web archive for what has none: looked for first, asked for if there is none, and put on record.

It speaks to the Wayback Machine: its CDX server for the captures that there are, and Save Page Now for a new one.
The library savepagenow would do the second half, but has the archive's host built in, so that it can't be tested
against a server of our own, and can't be pointed at another archive that speaks the same; the polite client does both.

A capture is taken only if it answers 200 with a page that `links.judge` takes for the one on record: an archive keeps
soft 404s too. The one wanted is the first since the document was published, which is what its readers saw then. Where
that day is unknown, it is the nearest to the day on which it was read here, after it rather than before.

`archived_url` is set into the file as a line of its own below `url`. Every other byte stays, and the file is replaced
whole, after the new text was read back and found to differ from the old in that field and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import ValidationError

from scripts.links import Memory, Verdict, code, judge, stamp
from scripts.load import Corpus, parse
from scripts.progress import Progress
from scripts.records import Article, Source
from scripts.web import Answer, Fault, Limits, Web, phrase_of

ENDPOINT = "https://web.archive.org"
LIMITS = Limits(at_once=1, read=120.0, whole=180.0, longest_wait=600.0)
"""Save Page Now answers when it has read the page, and tells to wait for five minutes."""
SAVES = {False: 3, True: 6}
"""Captures that may be asked for in a minute, without keys and with them."""
POLLS = 24
"""How often the archive is asked whether a capture is done, `POLL` seconds apart."""
POLL = 5.0
CANDIDATES = 3
"""Captures that are looked at before none is taken for right."""
REPORT = 60_000
_CAPTURE = re.compile(r"/web/(\d{14})(?:[a-z]{2}_)?/(.+)")
_JOB = re.compile(r"spn2-[0-9A-Za-z]{8,64}")
_ARCHIVES = ("archive.org", "archive.today", "archive.ph", "archive.is", "archive.li", "archive.vn", "archive.fo",
             "webcitation.org", "perma.cc", "archive-it.org", "webarchive.org.uk", "arquivo.pt")  # fmt: skip


class Outcome(StrEnum):
    """What the archive has for an address."""

    FOUND = "found"
    SAVED = "saved"
    NONE = "none"
    REFUSED = "refused"
    FAILED = "failed"


class BusyError(Exception):
    """The archive asks to be left alone; what was done so far is kept."""


class CannotWriteError(Exception):
    """The field can't be set into the file without touching anything else; the file is as it was."""


@dataclass(frozen=True)
class Wanted:
    """A record whose address has no copy. `day` is where the search for a capture begins; `exact` if it may not be earlier."""

    record: Source | Article
    url: str
    day: date | None
    exact: bool
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What the archive gave for an address. `asked` is the time in UTC, to the second, as ISO 8601 writes it."""

    url: str
    outcome: Outcome
    archived: str
    why: str
    asked: str


def remembered(path: Path, fresh: bool = False) -> Memory[Result]:
    """The results of `archive` that `path` keeps."""
    return Memory(path, lambda row: Result(**row | {"outcome": Outcome(row["outcome"])}), fresh)


def wanted(corpus: Corpus, paths: Collection[Path] = (), hosts: Collection[str] = ()) -> list[Wanted]:
    """The articles and sources that have an address and no archived one, and aren't a web archive's page themselves."""
    found = []
    chosen = [path.resolve() for path in paths]
    root = corpus.root.resolve()
    records: list[Source | Article] = [*corpus.articles.values(), *corpus.sources.values()]
    for record in records:
        if not record.url or record.archived_url or _is_on(record.url, _ARCHIVES):
            continue
        if hosts and not _is_on(record.url, hosts):
            continue
        if chosen and not any((root / record.path).is_relative_to(path) for path in chosen):
            continue
        read = record.read.on.first if isinstance(record, Source) else None
        day = record.published.first - timedelta(days=1) if record.published else read  # a day for time zones
        titles = (record.title, record.title_en if isinstance(record, Source) else None)
        named = tuple(title for title in titles if title and not title.startswith("["))
        found.append(Wanted(record, record.url.partition("#")[0], day, record.published is not None, named))
    return found


def _is_on(url: str, hosts: Iterable[str]) -> bool:
    name = (urlsplit(url).hostname or "").removeprefix("www.")
    return any(
        name == host or name.endswith(f".{host}") for host in (host.lower().removeprefix("www.") for host in hosts)
    )


# ---- the archive ----------------------------------------------------------------------------------------------------


class Wayback:
    """The Wayback Machine at `endpoint`, or another archive that answers like it. `keys` are an account's pair, if any."""

    def __init__(
        self,
        web: Web,
        *,
        endpoint: str = ENDPOINT,
        keys: tuple[str, str] | None = None,
    ) -> None:
        self._web = web
        self._endpoint = endpoint.rstrip("/")
        self._keys = keys
        self._next_save = 0.0

    async def find(self, it: Wanted) -> tuple[str, str]:
        """The address of a right capture, and why there is none. Raises BusyError."""
        tried = 0
        why = "no capture"
        for query in self._queries(it):
            for moment, original in await self._captures(it.url, query):
                if not _same_address(original, it.url):
                    continue
                if tried == CANDIDATES:
                    return "", why
                tried += 1
                address = f"{self._endpoint}/web/{moment}/{it.url}"
                fault = await self._fault_of(moment, it)
                if not fault:
                    return address, ""
                why = f"the capture of {moment[:8]} is not the page: {fault}"
        return "", why

    @staticmethod
    def _queries(it: Wanted) -> list[dict[str, str]]:
        """What is asked of the CDX server, in turn: captures from the day on, and where they may be, those before it."""
        if it.day is None:
            return [{"limit": "5"}]
        day = f"{it.day:%Y%m%d}"
        later = {"from": day, "limit": "5"}
        return [later] if it.exact else [later, {"to": day, "limit": "-5"}]

    async def _captures(self, url: str, query: Mapping[str, str]) -> list[tuple[str, str]]:
        """Moment and address of captures with status 200, the nearest to the day first."""
        asked = {"url": url, "output": "json", "fl": "timestamp,original", "filter": "statuscode:200", **query}
        answer = self._heard(await self._web.ask(f"{self._endpoint}/cdx/search/cdx?{urlencode(asked)}"))
        if answer.status != 200 or answer.cut:
            raise _failure(answer)
        try:
            rows = json.loads(answer.body or b"[]")
            found = [(str(moment), str(original)) for moment, original in rows[1:]]
        except (ValueError, TypeError) as error:
            raise _FailedError("the archive's list of captures can't be read") from error
        found = [row for row in found if re.fullmatch(r"\d{14}", row[0], re.ASCII)]
        return sorted(found, reverse="to" in query)

    async def _fault_of(self, moment: str, it: Wanted) -> str:
        """What is wrong with a capture, or nothing. It is asked for as it was captured, without the archive's frame."""
        answer = self._heard(await self._web.ask(f"{self._endpoint}/web/{moment}id_/{it.url}"))
        shown = _CAPTURE.search(answer.final)
        if answer.hops and not (shown and _same_address(shown[2], it.url)):
            return f"it leads to {answer.final}"
        if answer.status and answer.status != 200:
            return phrase_of(answer.status)
        verdict, why, _ = judge(answer, it.titles)
        return "" if verdict in (Verdict.OK, Verdict.MOVED) else why

    async def save(self, it: Wanted) -> str:
        """Ask for a capture and wait for it; gives its address. Raises BusyError, and `_FailedError` with the reason."""
        begun = self._web.now()
        moment, why, refused = await self._saved(it.url)
        if not moment and not refused:
            # a save that seems to fail is often done all the same (internetarchive/wayback#297)
            since = f"{begun.astimezone(UTC):%Y%m%d%H%M%S}"
            moment = next((row[0] for row in await self._captures(it.url, {"from": since, "limit": "1"})), "")
        if not moment:
            raise _FailedError(why, refused)
        fault = await self._fault_of(moment, it)
        if fault:
            raise _FailedError(f"the new capture is not the page: {fault}", refused=True)
        return f"{self._endpoint}/web/{moment}/{it.url}"

    async def _saved(self, url: str) -> tuple[str, str, bool]:
        """The moment of a new capture; else why there is none, and whether the archive refused it for good."""
        answer = await self._order(url)
        if answer.status == 429 and not answer.fault:
            answer = await self._order(url)  # the client waits for as long as it was told to
        answer = self._heard(answer)
        error = answer.headers.get("x-archive-wayback-runtime-error", "")
        if error:
            return "", error[:200], True
        if answer.status in (401, 403):
            return "", f"the archive takes no orders from here: {phrase_of(answer.status)}", False
        for where in (answer.headers.get("content-location", ""), answer.final):
            capture = _CAPTURE.search(where)
            if capture:
                return capture[1], "", False
        job = _JOB.search(answer.body.decode("utf-8", "replace"))
        if answer.status == 200 and job:
            return await self._job(job.group())
        return "", _failure(answer).why, False

    async def _order(self, url: str) -> Answer:
        """Ask for a capture once, no sooner than the archive's limit allows."""
        wait = self._next_save - self._web.clock()
        if wait > 0:
            await self._web.sleep(wait)
        if self._keys:
            headers = {"Accept": "application/json", "Authorization": f"LOW {self._keys[0]}:{self._keys[1]}"}
            answer = await self._web.ask(f"{self._endpoint}/save", "POST", data={"url": url}, headers=headers, tries=1)
        else:
            answer = await self._web.ask(f"{self._endpoint}/save/{url}", tries=1)
        self._next_save = self._web.clock() + 60 / SAVES[self._keys is not None]
        return answer

    async def _job(self, job: str) -> tuple[str, str, bool]:
        for _ in range(POLLS):
            await self._web.sleep(POLL)
            answer = self._heard(await self._web.ask(f"{self._endpoint}/save/status/{job}"))
            try:
                status: dict[str, Any] = json.loads(answer.body)
                state = str(status["status"])
            except (ValueError, TypeError, KeyError):
                continue
            if state == "success" and re.fullmatch(r"\d{14}", str(status.get("timestamp", "")), re.ASCII):
                return str(status["timestamp"]), "", False
            if state == "error":
                return "", str(status.get("message") or status.get("status_ext") or "no reason given")[:200], True
        return "", "the archive did not finish in time", False

    @staticmethod
    def _heard(answer: Answer) -> Answer:
        if answer.status == 429 or answer.fault is Fault.TOLD_TO_WAIT:
            raise BusyError(answer.why or "the archive answers 429 Too Many Requests")
        return answer


class _FailedError(Exception):
    def __init__(self, why: str, refused: bool = False) -> None:
        super().__init__(why)
        self.why, self.refused = why, refused


def _failure(answer: Answer) -> _FailedError:
    return _FailedError(f"the archive: {answer.why or phrase_of(answer.status)}")


def _same_address(one: str, other: str) -> bool:
    """Whether two addresses are the same to an archive: scheme, `www.`, port, closing slash and escapes aside."""

    def plain(url: str) -> str:
        from urllib.parse import unquote

        bare = re.sub(r"^[a-z]+:/*(?:www\d*\.)?", "", url.partition("#")[0], flags=re.IGNORECASE)
        host, slash, path = bare.partition("/")
        return unquote(f"{host.lower().removesuffix(':80').removesuffix(':443')}{slash}{path}").rstrip("/")

    return plain(one) == plain(other)


# ---- writing --------------------------------------------------------------------------------------------------------


def with_archived(data: bytes, archived: str, kind: type[Source | Article] = Source) -> bytes:
    """A record's file with the line `archived_url: …` below its `url`, at the same indentation and with the same line end.

    Raises CannotWriteError unless reading the new text gives just the old record with that field.
    """
    before = parse(data)
    if before.faults or not isinstance(before.value, dict):
        raise CannotWriteError("the file is not sound: run check")
    if "archived_url" in before.value:
        raise CannotWriteError("the file has the field archived_url already")
    if ("url",) not in before.keys or ("url",) not in before.places:
        raise CannotWriteError("the file has no field url")
    lines = data.splitlines(keepends=True)
    (top, column), (last, _) = before.keys["url",], before.places["url",]
    indent = lines[top - 1][: column - 1]
    line = lines[last - 1]
    if not lines[top - 1].lstrip().startswith((b"url", b"'url", b'"url')):
        raise CannotWriteError(
            "the line does not fit in below url: set it by hand"
        )  # YAML knows more line ends than we
    end = b"\r\n" if line.endswith(b"\r\n") or b"\r\n" in lines[0] else b"\n"
    for written in (archived, json.dumps(archived, ensure_ascii=False)):
        field = indent + f"archived_url: {written}".encode()
        new = field + end if line.endswith((b"\n", b"\r")) else end + field
        made = b"".join((*lines[:last], new, *lines[last:]))
        after = parse(made)
        if not indent.strip() and not after.faults and after.value == before.value | {"archived_url": archived}:
            try:
                kind.model_validate(after.value)
            except ValidationError:
                break
            return made
    raise CannotWriteError("the line does not fit in below url: set it by hand")


def write(path: Path, url: str, archived: str, kind: type[Source | Article] = Source) -> None:
    """Set `archived_url` into a file, which is replaced whole. Raises CannotWriteError; then the file is as it was."""
    path = path.resolve()  # a link stays a link
    try:
        data = path.read_bytes()
        there = parse(data).value
        if not isinstance(there, dict) or str(there.get("url", "")).partition("#")[0] != url:
            raise CannotWriteError("the file was changed in the meantime: its url is another one")
        made = with_archived(data, archived, kind)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
                shutil.copymode(path, file.name)
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CannotWriteError(f"the file can't be written: {error.strerror}") from error


# ---- a run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What a run did for one record: the result, whether the file was changed, and why not where it should have been."""

    it: Wanted
    result: Result
    written: bool = False
    fault: str = ""


async def archive_all(
    archive: Wayback,
    found: Sequence[Wanted],
    memory: Memory[Result],
    root: Path,
    *,
    since: datetime,
    now: Callable[[], datetime],
    progress: Progress,
    save: bool = True,
    dry: bool = False,
    limit: int | None = None,
    done: list[Done],
) -> None:
    """Find or ask for a copy of each, and write it into its file; what was done is appended to `done` as it is done.

    `limit` is how many addresses the archive is asked about. An answer that `memory` has from `since` on is used as it
    is. `dry` asks for no copy and writes nothing. Raises BusyError when the archive asks to be left alone.
    """
    asked = 0
    counts: Counter[Outcome] = Counter()
    try:
        for it in found:
            known = memory.results[it.url] if memory.recent(it.url, since) else None
            if known and known.outcome is Outcome.FAILED:
                known = None  # a fault of that day
            if not known or (known.outcome is Outcome.NONE and save and not dry):
                if limit is not None and asked >= limit:
                    continue
                asked += 1
                known = await _ask(archive, it, known, now, save and not dry)
                memory.add(known)
            counts[known.outcome] += 1
            done.append(_put(it, known, root, dry))
            progress.step("  ".join(f"{outcome} {counts[outcome]}" for outcome in Outcome if counts[outcome]))
    finally:
        progress.end()


async def _ask(archive: Wayback, it: Wanted, known: Result | None, now: Callable[[], datetime], save: bool) -> Result:
    outcome, address, why = Outcome.NONE, "", known.why if known else ""
    try:
        if not known:
            address, why = await archive.find(it)
            outcome = Outcome.FOUND if address else Outcome.NONE
        if not address and save:
            address, outcome, why = await archive.save(it), Outcome.SAVED, ""
    except _FailedError as failed:
        outcome, why = Outcome.REFUSED if failed.refused else Outcome.FAILED, failed.why
    return Result(it.url, outcome, address, why, stamp(now()))


def _put(it: Wanted, result: Result, root: Path, dry: bool) -> Done:
    if dry or not result.archived:
        return Done(it, result)
    try:
        write(root / it.record.path, it.url, result.archived, type(it.record))
    except CannotWriteError as error:
        return Done(it, result, fault=str(error))
    return Done(it, result, written=True)


def told(done: Done, shown: str) -> str:
    """One line on what was done for a record, with its file."""
    what = done.fault or done.result.why or done.result.archived
    state = "not written" if done.fault else str(done.result.outcome)
    return f"{shown}/{done.it.record.path}: {state}: {what}" + (f" ({done.it.url})" if not done.result.archived else "")


def summary(done: Sequence[Done], total: int) -> str:
    """One line: how many have what, and how many files were changed."""
    counts = Counter(it.result.outcome for it in done)
    parts = [f"{counts[outcome]:,} {outcome}" for outcome in Outcome if counts[outcome]]
    left = total - len(done)
    written = sum(it.written for it in done)
    return f"{total:,} without a copy: " + ", ".join([*parts, f"{left:,} not asked", f"{written:,} files changed"])


def report(done: Sequence[Done], total: int, shown: str) -> str:
    """What was done, as Markdown of at most `REPORT` characters."""
    lines = ["# Copies in a web archive", "", f"{summary(done, total)}.", ""]
    lines += [f"- {code(told(it, shown))}" for it in done]
    text = "\n".join(lines) + "\n"
    return text if len(text) <= REPORT else text[:REPORT].rpartition("\n")[0] + "\n- …\n"
