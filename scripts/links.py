"""Whether the addresses of the record still answer, and with what was put on record.

Each address is asked with HEAD, and with GET where HEAD does not settle it: where it is refused, fails, or promises a
page. A page is then looked at, because many sites answer 200 for what they no longer have (a soft 404). It is taken for
the right one if its title is that on record. Else it is held against known words for "not found", and against what the
same folder of the host answers for an address that can't exist; after Bar-Yossef et al., "Sic Transit Gloria Telae",
WWW 2004, section 3.

Results are appended to a file as they come, one JSON object a line, so that a run that is broken off goes on where it
stopped. Nothing here runs when the site is built.
"""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import json
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from pydantic import BaseModel

from scripts.load import Corpus
from scripts.problems import Problem
from scripts.progress import Progress
from scripts.records import Article, Location, Source, words
from scripts.web import Answer, Fault, Web, host_of, phrase_of

DOUBT = 10
"""After so many hosts that can't be looked up, and none that can, the fault may be on this side."""
CONTROL = "https://example.com/"
"""A host that always exists (RFC 2606, section 3): if it can't be looked up either, there is no network."""
REPORT = 60_000
"""Characters of a report: GitHub takes 65,536 in an issue."""


class Verdict(StrEnum):
    """What became of an address. The order is that of reports: what needs work comes first."""

    DEAD = "dead"
    SOFT = "soft-404"
    NO_ANSWER = "no-answer"
    MOVED = "moved"
    BLOCKED = "blocked"
    OK = "ok"


MEANINGS = {
    Verdict.DEAD: "The host says that there is no such page, or there is no such host.",
    Verdict.SOFT: "The host answers, but not with the page: a notice, the home page, or the same page for everything.",
    Verdict.NO_ANSWER: "No answer, a broken one, or a fault of the host's. It may be one of the day.",
    Verdict.MOVED: "The page has moved for good; the record can name the new address.",
    Verdict.BLOCKED: "The host does not answer programs, or asks for a login: it can't be told.",
    Verdict.OK: "The page answers.",
}
BROKEN = (Verdict.DEAD, Verdict.SOFT)


class NoNetworkError(Exception):
    """Not one host could be looked up: the fault is on this side, and nothing was noted."""


# ---- the addresses of the record -----------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Mention:
    """Where an address stands: file, line and column, the record, the field."""

    path: str
    line: int
    column: int
    record: str
    field: str


@dataclass
class Address:
    """One address without its fragment, where it stands, and the titles on record for what it leads to."""

    url: str
    mentions: list[Mention] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)


_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}]+")
_DOCUMENT = ("url", "archived_url", "copies")


def addresses(corpus: Corpus, paths: Collection[Path] = (), hosts: Collection[str] = ()) -> list[Address]:
    """Every web address in the records, sorted: fields and links in texts alike.

    With `paths`, only those in these files or folders; with `hosts`, only those on these hosts and what is below them.
    """
    found: dict[str, Address] = {}
    wanted = [path.resolve() for path in paths]
    root = corpus.root.resolve()
    for record in corpus.records():
        if wanted and not any((root / record.path).is_relative_to(path) for path in wanted):
            continue
        for location, text in _texts(record, ()):
            for url in _links(text):
                if hosts and not _on(url, hosts):
                    continue
                it = found.setdefault(url, Address(url))
                place = corpus.problem(record, location, "", "")
                name = ".".join(str(part) for part in location)
                it.mentions.append(Mention(place.path, place.line, place.column, record.id, name))
                if isinstance(record, Source | Article) and location[0] in _DOCUMENT:
                    titles = (record.title, record.title_en if isinstance(record, Source) else None)
                    it.titles |= {title for title in titles if title and not title.startswith("[")}
    return sorted(found.values(), key=lambda it: it.url)


def _texts(value: Any, location: Location) -> Iterator[tuple[Location, str]]:
    """Every text of a record with its location, whatever the field is called."""
    if isinstance(value, str):
        yield location, value
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _texts(getattr(value, name), (*location, info.alias or name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, (*location, index))


def _links(text: str) -> Iterator[str]:
    """The addresses in a text, without fragments, and without the punctuation that closes a sentence or a bracket."""
    for match in _LINK.finditer(text):
        url = match.group()
        while match.group() != text and url[-1:] in ".,;:!?'*_’”)]":
            if url[-1] in ")]" and url.count("(["[url[-1] == "]"]) >= url.count(url[-1]):
                break
            url = url[:-1]
        yield url.partition("#")[0]


def _on(url: str, hosts: Collection[str]) -> bool:
    name = (urlsplit(url).hostname or "").removeprefix("www.")
    wanted = [host.lower().removeprefix("www.") for host in hosts]
    return any(name == host or name.endswith(f".{host}") for host in wanted)


# ---- pages ----------------------------------------------------------------------------------------------------------


_REFRESH = re.compile(r"\s*[0-5](?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)['\"]?\s*", re.IGNORECASE)


class Page(HTMLParser):
    """What a reader sees of a page: its title, its headings and its words; and where it sends a browser by itself."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.heading = ""
        self.goes_to = ""
        self._open: list[str] = []
        self._said: list[str] = []
        if _is_page(answer):
            self.feed(text_of(answer))
            self.close()
        self.title, self.heading = _line(self.title), _line(self.heading)
        self.text = _line(" ".join(self._said))
        if self.goes_to:
            try:
                self.goes_to = urljoin(answer.final, self.goes_to)
            except ValueError:
                self.goes_to = ""

    _SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
    _MARKED = frozenset({"title", "h1"}) | _SILENT

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._MARKED:
            self._open.append(tag)
        elif tag == "meta":
            given = {name: value or "" for name, value in attrs}
            refresh = _REFRESH.fullmatch(given.get("content", ""))
            if given.get("http-equiv", "").lower() == "refresh" and refresh:
                self.goes_to = refresh[1].strip()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if any(tag in self._SILENT for tag in self._open):
            return
        if "title" in self._open:
            self.title += data
            return
        if "h1" in self._open:
            self.heading += data + " "
        self._said.append(data)


def _line(text: str) -> str:
    return " ".join(text.split())


def _is_page(answer: Answer) -> bool:
    if answer.type:
        return answer.type in ("text/html", "application/xhtml+xml")
    return answer.body[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def text_of(answer: Answer) -> str:
    """The body as text. UTF-8 is tried first, whatever is declared: other bytes hardly ever read as UTF-8 by chance."""
    body = answer.body
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(body)  # a character cut in two at the end is no fault
    except UnicodeDecodeError:
        pass
    declared = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    inside = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]+)", body[:2048], re.IGNORECASE)
    for name in (declared and declared[1], inside and inside[1].decode("ascii", "replace")):
        try:
            if name and codecs.lookup(name).name != "utf-8":
                return body.decode(name, "replace")
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


# ---- the verdict ----------------------------------------------------------------------------------------------------

_NOT_FOUND = re.compile(
    r"\b404\b|page (?:was |is |could |can ?not |can't |has |you |that |does )*"
    r"(?:not (?:be )?found|not exist|not available|no longer|requested was not|been removed|looking for)"
    r"|\b(?:page|article|story|content|file|document|resource|url|post|object) not found\b|^not found\b|\b410 gone\b"
    r"|nothing (?:was )?found\b|does(?: not|n't) exist\b|no longer (?:available|exists)\b|doesn't seem to exist"
    r"|nicht gefunden|existiert nicht|page (?:introuvable|non trouvée|inexistante)|n'existe (?:pas|plus)"
    r"|no (?:se )?(?:encontrad[ao]|encontró|existe)|não (?:foi )?encontrad[ao]|non (?:è stata )?trovata|pagina inesistente"
    r"|niet gevonden|bestaat niet|ikke fundet|hittades inte|ei löydy|nie znaleziono|nenalezena|sayfa bulunamad"
    r"|не найден[ао]|страница удалена|не знайдено|الصفحة غير موجودة|لم يتم العثور|غير متوفرة|یافت نشد|پیدا نشد|הדף לא נמצא"
    r"|找不到|页面不存在|見つかりません",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"domain (?:name )?(?:is|may be) (?:for sale|parked)|buy this domain|this domain has expired|domain (?:has )?expired"
    r"|parked (?:free|domain)|(?:website|site|account) (?:has been |is )?suspended|hugedomains|sedo domain parking",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"just a moment|attention required|access denied|are you (?:a )?(?:robot|human)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|security check|checking your browser|ddos.guard|captcha"
    r"|pardon our interruption|request blocked|^forbidden$",
    re.IGNORECASE,
)
_ERROR_PATH = re.compile(
    r"/(?:404|410|error|errors|not-?found|page-?not-?found|notfound|pagenotfound|oops)(?:[/._-][^/]*)?/?$",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|signin|accounts?/login|auth|sso|consent|subscribe|paywall)\b", re.IGNORECASE
)
_HOME_PATH = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?/?)?", re.IGNORECASE)
_SHORT = 1_200
"""Characters: only a page with less text than this is searched through for the words of a missing page."""
_SHELL = 200
"""Characters: a page with less text than this is drawn by its scripts, and what it shows can't be told."""
_ALIKE = 0.9


def is_home(url: str) -> bool:
    """Whether an address is a site's front page, or that of one of its languages."""
    parts = urlsplit(url)
    return not parts.query and bool(_HOME_PATH.fullmatch(parts.path))


def same_title(titles: Iterable[str], page: Page) -> bool:
    """Whether a page bears one of the titles: three in four of its words, in the page's title or heading."""
    for title in titles:
        wanted = set(words(title))
        for shown in (page.title, page.heading):
            there = set(words(shown))
            if len(wanted) > 1 and there and len(wanted & there) >= 0.75 * len(wanted):
                return True
    return False


def alike(page: Page, other: Page) -> bool:
    """Whether two pages are the same but for what changes from one asking to the next, such as the time."""
    ours, theirs = Counter(words(page.text)), Counter(words(other.text))
    most = max(ours.total(), theirs.total())
    return page.title == other.title and (not most or (ours & theirs).total() >= _ALIKE * most)


Judged = tuple[Verdict, str, str]
"""The verdict, why, and the address that the page moved to, if any."""


def judge(answer: Answer, titles: Collection[str] = (), probe: Answer | None = None) -> Judged:
    """What an answer means for the address that it was asked for. Pure; `probe` is what an address that can't exist gave."""
    if not answer.status:
        return _judge_fault(answer)
    if answer.status in (404, 410):
        return Verdict.DEAD, phrase_of(answer.status), ""
    if answer.headers.get("cf-mitigated") == "challenge" or 400 <= answer.status < 500 or answer.status == 999:
        return Verdict.BLOCKED, phrase_of(answer.status) if answer.status != 200 else "a test for browsers", ""
    if not 200 <= answer.status < 300:
        return Verdict.NO_ANSWER, phrase_of(answer.status), ""
    wrong = _judge_page(answer, titles, probe)
    if wrong:
        return wrong
    notes = []
    if answer.moved_to and answer.moved_to != answer.url:
        return Verdict.MOVED, "moved for good", answer.moved_to
    if answer.hops:
        notes.append(f"redirected for now to {answer.final}")
    if answer.cut:
        notes.append(answer.why)
    if urlsplit(answer.url).path.lower().endswith(".pdf") and _is_page(answer):
        notes.append("a web page where a PDF file was")
    return Verdict.OK, "; ".join(notes), ""


def _judge_fault(answer: Answer) -> Judged:
    if answer.fault in (Fault.DNS, Fault.ADDRESS, Fault.REDIRECT):
        return Verdict.DEAD, answer.why, ""
    if answer.fault is Fault.TOLD_TO_WAIT:
        return Verdict.BLOCKED, answer.why, ""
    return Verdict.NO_ANSWER, answer.why, ""


def _judge_page(answer: Answer, titles: Collection[str], probe: Answer | None) -> Judged | None:
    """What shows that an answer of 200 is not the page; None if nothing does."""
    page = Page(answer)
    final = page.goes_to or answer.final
    path = urlsplit(final).path
    elsewhere = final != answer.url and not is_home(answer.url)
    if elsewhere and _ERROR_PATH.search(path) and not _ERROR_PATH.search(urlsplit(answer.url).path):
        return Verdict.SOFT, f"redirected to an error page: {final}", ""
    if elsewhere and is_home(final):
        return Verdict.SOFT, f"redirected to the home page: {final}", ""
    if elsewhere and _LOGIN_PATH.search(path) and not _LOGIN_PATH.search(urlsplit(answer.url).path):
        return Verdict.BLOCKED, f"redirected to a login: {final}", ""
    if answer.method != "HEAD" and not answer.cut and not answer.body.strip():
        return Verdict.SOFT, "an empty page", ""
    if not _is_page(answer) or same_title(titles, page):
        return None
    for shown in (page.title, page.heading):
        if _NOT_FOUND.search(shown):
            return Verdict.SOFT, f"answers {answer.status} with the title {shown[:80]!r}", ""
        if _CHALLENGE.search(shown):
            return Verdict.BLOCKED, f"a test for browsers: {shown[:80]!r}", ""
    if len(page.text) < _SHORT:
        for words_of, what in ((_PARKED, "the domain is parked"), (_NOT_FOUND, "says that there is no such page")):
            match = words_of.search(f"{page.title} {page.text}")
            if match:
                return Verdict.SOFT, f"{what}: {match.group()!r}", ""
    if probe and 200 <= probe.status < 300 and not answer.cut:
        if probe.hops and answer.hops and probe.final == answer.final:
            return Verdict.SOFT, f"redirected to where every address of the host leads: {answer.final}", ""
        if alike(page, Page(probe)):
            if len(page.text) < _SHELL:
                return Verdict.BLOCKED, "the page is drawn by scripts; what it shows can't be told", ""
            return Verdict.SOFT, "the same page as for an address that can't exist", ""
    return None


def unlikely(url: str) -> str:
    """An address beside `url` that can't exist, the same in every run."""
    parts = urlsplit(url)
    folder = posixpath.dirname(parts.path.rstrip("/")).rstrip("/")
    name = hashlib.sha256(f"{parts.netloc}{folder}".encode()).hexdigest()[:16]
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/claimtrail-{name}", "", ""))


# ---- asking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What asking for one address brought. `asked` is the time in UTC, to the second, as ISO 8601 writes it."""

    url: str
    verdict: Verdict
    why: str
    to: str
    status: int
    tries: int
    asked: str


class Asked(Protocol):
    """What a memory keeps of an address: which, and when it was asked for."""

    @property
    def url(self) -> str: ...

    @property
    def asked(self) -> str: ...


R = TypeVar("R", bound=Asked)


class Memory(Generic[R]):
    """Results by address, in a file of JSON lines that only grows; the last line for an address counts.

    `read` makes a result of a line's fields; whatever it refuses, such as a line that a killed run left half-written, is
    as good as not there. `fresh` forgets all that was kept.
    """

    def __init__(self, path: Path, read: Callable[[dict[str, Any]], R], fresh: bool = False) -> None:
        self.path = path
        self.results: dict[str, R] = {}
        if fresh:
            path.unlink(missing_ok=True)
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            kept = b""
        for line in kept.splitlines():
            try:
                result = read(json.loads(line))
                datetime.fromisoformat(result.asked)
            except (ValueError, TypeError, KeyError, RecursionError):
                continue
            self.results[result.url] = result
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        if kept and not kept.endswith(b"\n"):
            self._file.write(b"\n")

    def add(self, result: R) -> None:
        """Keep a result; it is in the file before this returns."""
        self.results[result.url] = result
        self._file.write(json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n")  # type: ignore[call-overload]
        self._file.flush()

    def recent(self, url: str, since: datetime) -> bool:
        """Whether `url` was asked for at `since` or later."""
        known = self.results.get(url)
        return known is not None and datetime.fromisoformat(known.asked) >= since

    def close(self) -> None:
        self._file.close()


def remembered(path: Path, fresh: bool = False) -> Memory[Result]:
    """The results of `links` that `path` keeps."""
    return Memory(path, lambda row: Result(**row | {"verdict": Verdict(row["verdict"])}), fresh)


def stamp(now: datetime) -> str:
    """A time as results keep it."""
    return now.astimezone(UTC).isoformat(timespec="seconds")


class Checker:
    """Asks for addresses through one client, and remembers for a run what hosts give for what can't exist."""

    def __init__(self, web: Web, now: Callable[[], datetime]) -> None:
        self._web = web
        self._now = now
        self._probes: dict[str, asyncio.Task[Answer]] = {}

    async def check(self, address: Address) -> tuple[Result, Answer]:
        """The result for one address, and the answer that it rests on."""
        answer = await self._web.ask(address.url, "HEAD", tries=1)
        if not self._settled(answer):
            head, answer = answer, await self._web.ask(address.url)
            answer = replace(answer, tries=answer.tries + head.tries)
        verdict, why, to = judge(answer, address.titles)
        if self._doubtful(address, answer, verdict):
            verdict, why, to = judge(answer, address.titles, await self._probe(answer))
        result = Result(address.url, verdict, why, to, answer.status, answer.tries, stamp(self._now()))
        return result, answer

    @staticmethod
    def _settled(head: Answer) -> bool:
        """Whether HEAD says all there is to know: there is no way to the host, or a file that is no page is there."""
        if not head.status:
            return head.fault in (Fault.DNS, Fault.ADDRESS, Fault.TLS, Fault.TOLD_TO_WAIT)
        return head.status == 200 and bool(head.type) and not _is_page(head) and head.type != "text/plain"

    @staticmethod
    def _doubtful(address: Address, answer: Answer, verdict: Verdict) -> bool:
        if verdict not in (Verdict.OK, Verdict.MOVED) or is_home(address.url) or not _is_page(answer):
            return False
        return not same_title(address.titles, Page(answer))

    async def has_network(self) -> bool:
        """True, or NoNetworkError if not even a host that always exists can be looked up."""
        answer = await self._web.ask(CONTROL, "HEAD", tries=1)
        if answer.fault in (Fault.DNS, Fault.DNS_FOR_NOW):
            raise NoNetworkError("no host can be looked up: there seems to be no network, and nothing was noted")
        return True

    async def _probe(self, answer: Answer) -> Answer:
        url = unlikely(answer.url)
        if url not in self._probes:
            self._probes[url] = asyncio.create_task(self._web.ask(url, tries=1))
        return await asyncio.shield(self._probes[url])


async def ask_all(
    web: Web,
    found: Sequence[Address],
    memory: Memory[Result],
    *,
    since: datetime,
    now: Callable[[], datetime],
    progress: Progress,
    again: bool = False,
) -> None:
    """Ask for every address that has no result from `since` on, or with `again` none that is ok, and remember what comes.

    An address whose host asks to be left alone is not remembered, so that the next run asks for it. Raises
    NoNetworkError, with nothing remembered, when no host can be looked up.
    """
    wanted = [
        it
        for it in found
        if not memory.recent(it.url, since) or (again and memory.results[it.url].verdict is not Verdict.OK)
    ]
    checker = Checker(web, now)
    counts: Counter[Verdict] = Counter()
    held: list[Result] = []
    reached = False
    progress.step("remembered", len(found) - len(wanted))

    # an address is done with before the next of its host is begun, so that a run that is killed has lost little
    turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(web.limits.per_host))

    async def one(address: Address) -> None:
        nonlocal reached
        async with turns[host_of(address.url)]:
            result, answer = await checker.check(address)
        counts[result.verdict] += 1
        progress.step("  ".join(f"{verdict} {counts[verdict]}" for verdict in Verdict if counts[verdict]))
        if answer.fault is Fault.TOLD_TO_WAIT:
            return
        held.append(result)
        reached = reached or answer.fault not in (Fault.DNS, Fault.DNS_FOR_NOW, Fault.ADDRESS)
        if not reached and len({host_of(it.url) for it in held}) >= DOUBT:
            reached = await checker.has_network()
        if reached:
            _keep(held, memory)

    try:
        async with asyncio.TaskGroup() as group:
            for address in wanted:
                group.create_task(one(address))
        if held:
            await checker.has_network()
    except* NoNetworkError as errors:
        held.clear()
        raise errors.exceptions[0] from None
    finally:
        progress.end()
    _keep(held, memory)


def _keep(held: list[Result], memory: Memory[Result]) -> None:
    while held:
        memory.add(held.pop(0))


# ---- reports --------------------------------------------------------------------------------------------------------


def problems(found: Iterable[Address], results: Mapping[str, Result]) -> list[Problem]:
    """What needs a look, as problems at the places in the record; none of them is an error."""
    told = []
    for it in found:
        result = results.get(it.url)
        if result is None or result.verdict is Verdict.OK:
            continue
        message = f"{it.url}: {result.why}" + (f": {result.to}" if result.to else "")
        for at in it.mentions:
            rule = f"link-{result.verdict}"
            told.append(Problem(at.path, at.line, at.column, rule, message, _HINTS.get(result.verdict, ""), "warning"))
    return sorted(told)


_HINTS = {
    Verdict.DEAD: "look for the page elsewhere, or run archive for a copy",
    Verdict.SOFT: "open it in a browser; look for the page elsewhere, or run archive for a copy",
    Verdict.MOVED: "open it in a browser, then put the new address on record",
}


def as_json(found: Iterable[Address], results: Mapping[str, Result]) -> str:
    """Every address with its result and its places, as a JSON list; the fields are those of `Result` and `Mention`."""
    rows = [
        asdict(results[it.url]) | {"mentions": [asdict(mention) for mention in it.mentions]}
        for it in found
        if it.url in results
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def summary(found: Collection[Address], results: Mapping[str, Result]) -> str:
    """One line: how many addresses are of each verdict."""
    counts = Counter(results[it.url].verdict for it in found if it.url in results)
    parts = [f"{counts[verdict]:,} {verdict}" for verdict in Verdict if counts[verdict]]
    left = len(found) - counts.total()
    return f"{len(found):,} addresses: " + ", ".join(parts + ([f"{left:,} not asked"] if left else []))


def report(found: Collection[Address], results: Mapping[str, Result]) -> str:
    """The results as Markdown, at most `REPORT` characters. What hosts wrote stands in code spans, so that it stays text."""
    asked = sorted(results[it.url].asked for it in found if it.url in results)
    lines = ["# Links of the record", "", f"{summary(found, results)}."]
    if asked:
        lines[-1] += f" Asked between {asked[0]} and {asked[-1]}."
    for verdict in Verdict:
        rows = [it for it in found if it.url in results and results[it.url].verdict is verdict]
        if not rows or verdict is Verdict.OK:
            continue
        lines += ["", f"## {verdict}: {len(rows):,}", "", MEANINGS[verdict], ""]
        for it in rows:
            result = results[it.url]
            places = ", ".join(f"{at.path}:{at.line}" for at in it.mentions)
            to = f" → {code(result.to)}" if result.to else ""
            why = f" · {code(result.why)}" if result.why and not to else ""
            lines.append(f"- {code(it.url)}{to}{why} · {places}")
    text = "\n".join(lines) + "\n"
    if len(text) > REPORT:
        whole = text[: REPORT - 200].rpartition("\n")[0]
        left = sum(1 for line in text[len(whole) :].splitlines() if line.startswith("- "))
        text = f"{whole}\n\n{left:,} more are left out here; `python -m scripts links` prints them all.\n"
    return text


def code(text: str) -> str:
    """A Markdown code span that nothing in `text` can end."""
    return f"`{unquote_plainly(text).replace('`', 'ˋ')}`"


def unquote_plainly(text: str) -> str:
    """A text on one line, with an address's non-ASCII letters readable."""
    shown = unquote(text, errors="strict") if "%" in text and _readable(text) else text
    return re.sub(r"[\s\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", " ", shown)


def _readable(text: str) -> bool:
    """Whether unquoting only turns letters beyond ASCII back, so that the address stays one that can be pasted."""
    escapes = re.findall(r"%([0-9A-Fa-f]{2})", text)
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    return bool(escapes) and all(int(escape, 16) > 0x7F for escape in escapes)
