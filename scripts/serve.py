"""The live site: every page is made when somebody asks for it, from records that stay in memory.

An edit costs the reading of one file. What the record's rules say of it is found out beside, and so is the search index,
which is that of a whole build. While a file is broken, the last sound version of its record is shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import mimetypes
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from scripts.assess import still_good
from scripts.check import RULES, check
from scripts.export import filled
from scripts.frame import Frame, Machine
from scripts.index import BUNDLE
from scripts.load import Corpus, load, reload, uncollected
from scripts.problems import has_errors
from scripts.publish import PROJECT, BuildError, Output, Paths, data_of, drafted, layers, newest
from scripts.records import KINDS, Record
from scripts.relate import Relations
from scripts.render import Settings, Site

OWN = "__serve__/"
"""The addresses that only the live site has: the list of problems, the script and the stream of events."""
QUIET = 0.03
"""Seconds without a further change after which a burst of changes is taken as one."""
PATIENCE, LONGEST_PATIENCE = 0.2, 2.0
"""Seconds after an edit or the making of a page for which the checks wait, and for how long they do so in all."""
MOST_LINES = 40
"""Problems that are printed after one edit; the page of problems has them all."""
KEPT_PAGES = 64
"""Pages that are kept until the next edit."""
BEFORE_INDEXING = 5.0
"""Seconds without an edit after which the search index is made."""
_MADE_BY_MKDOCS = ("404.html", "sitemap.xml", "sitemap.xml.gz")


class _StaleError(Exception):
    """A check is of no use any more: a newer version waits for its own."""


@dataclass(frozen=True)
class Answer:
    """What goes out for one address."""

    status: HTTPStatus
    kind: str
    data: bytes
    to: str = ""
    page: bool = False
    """Whether it is a page in the frame, which may be loaded again by the script."""

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:20]


Hand = tuple[dict[str, str], dict[str, bytes], dict[str, Path]]
"""What `publish.layers` finds: pages written by hand, other files, and where the pages are from."""


@dataclass
class Version:
    """The records and the hand-written pages at one moment, and what is made of them."""

    corpus: Corpus
    site: Site
    hand: Hand
    files: dict[str, Output]
    frame: Frame
    answers: OrderedDict[str, Answer] = field(default_factory=OrderedDict)

    @cached_property
    def look(self) -> str:
        """A hash of the styles, scripts and fonts that pages load."""
        digest = hashlib.sha256()
        for path, data in sorted(self.hand[1].items()):
            digest.update(f"{path}\0".encode() + hashlib.sha256(data).digest())
        return digest.hexdigest()[:8]


def patched(corpus: Corpus, before: Corpus) -> Corpus:
    """The corpus with what `before` has in place of each broken record."""
    kept: dict[type[Record], dict[str, Record]] = {}
    for kind, id in corpus.broken:
        record = before.of(kind).get(id)
        if record:
            kept.setdefault(kind, {})[id] = record
    if not kept:
        return corpus
    whole = Corpus(corpus.root, corpus.shown, files=corpus.files)
    for kind in KINDS:
        table = corpus.of(kind) | kept.get(kind, {})
        whole.of(kind).update(sorted(table.items(), key=lambda entry: entry[1].path))
    return whole


SettingsOf = Callable[[Corpus], Settings]
"""What a record says of its site: `publish.settings_of`, or what a test puts in its place."""


class Live:
    """The site of a folder of records, as it is now.

    `say` gets each line for the maintainer. `update` takes changed paths; `answer` gives what stands at an address. Both
    may be called from any thread.
    """

    def __init__(
        self, paths: Paths, settings: SettingsOf, say: Callable[[str], None], cache: Path | None = None
    ) -> None:
        self._paths, self._settings, self._say = paths, settings, say
        self._corpus = load(paths.claims, cache)
        self._making = threading.Lock()  # MkDocs makes one page at a time
        self._updating = threading.Lock()
        self._changed = threading.Condition()
        self._number = 0
        self._faults: list[str] = []
        self._found: list[str] = []
        self._failed: dict[str, str] = {}
        self._sound: Version | None = None
        self._worked = time.monotonic()
        self._to_check: queue.SimpleQueue[tuple[Version, Corpus] | None] = queue.SimpleQueue()
        self._checked = threading.Event()
        self._stopped = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="claimtrail-serve-")
        self._machine = Machine(settings(self._corpus), Path(self._folder.name))
        self._version = self._make(self._corpus, layers(paths.content), None)
        self._check_soon()
        self._checker = threading.Thread(target=self._check_all, daemon=True)
        self._checker.start()

    # -- what is served

    @property
    def root(self) -> str:
        """The path at which the site stands on its host, from `/` to `/`."""
        path = urlsplit(self._version.site.settings.url).path.strip("/")
        return f"/{path}/" if path else "/"

    @property
    def problems(self) -> list[str]:
        """A line for each problem, as of the last check."""
        return list(dict.fromkeys([*self._faults, *self._found, *self._failed.values()]))

    def wait_for_check(self, seconds: float = 60) -> bool:
        """Wait until the records as they are have been checked; whether they have."""
        return self._checked.wait(seconds)

    def events(self) -> Iterator[int | None]:
        """How many problems there are: at first, and after each edit and check; None now and then when nothing happens."""
        seen = -1
        while not self._stopped.is_set():
            with self._changed:
                if self._number == seen:
                    self._changed.wait(10)
                news, seen = self._number != seen, self._number
            yield len(self.problems) if news else None

    def answer(self, url: str) -> Answer:
        """What stands at an address, given as its path from the root of the site on."""
        version = self._version
        found = self._of(version, url)
        if found is None and self._sound and self._sound is not version and url in self._failed:
            found = self._of(self._sound, url)
        if found is None and url in self._failed:
            lines = "\n".join(self.problems)
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", lines.encode())
        if found is None:
            found = self._of(version, "404.html")
            data = found.data if found else b"There is no page here.\n"
            return Answer(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", data, page=True)
        return found

    def _of(self, version: Version, url: str) -> Answer | None:
        with self._making:
            if url in version.answers:
                version.answers.move_to_end(url)
                return version.answers[url]
            try:
                found = self._made(version, url)
            except Exception as error:  # noqa: BLE001 - one page that can't be made must not end the others
                if version is self._version:
                    self._failed[url] = self._why(url, error)
                return None
            self._worked = time.monotonic()
            if found:
                self._failed.pop(url, None)
                version.answers[url] = found
                if len(version.answers) > KEPT_PAGES:
                    version.answers.popitem(last=False)
            return found

    def _why(self, url: str, error: Exception) -> str:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename}:{last.lineno}"
        line = f"{where}: page: /{url} can't be made: {type(error).__name__}: {error}"
        if url not in self._failed and not self._faults and not self._found:
            self._say(line)  # a problem of the record that is named already is reason enough
        return line

    def _made(self, version: Version, url: str) -> Answer | None:
        frame, files = version.frame, version.files
        if url in _MADE_BY_MKDOCS:
            return Answer(HTTPStatus.OK, kind_of(url), frame.template(url))
        if url in ("", "index.html") or url.endswith(("/", "/index.html")):
            path = frame.path_at(url)
            if path:
                return Answer(HTTPStatus.OK, kind_of("index.html"), frame.page(path), page=True)
            url = f"{url.removesuffix('index.html')}index.html"  # a page that is a file of its own
        if url in files and not url.endswith(".md"):
            return Answer(HTTPStatus.OK, kind_of(url), data_of(files[url]))
        if url in frame.theme:
            return Answer(HTTPStatus.OK, kind_of(url), frame.theme[url].content_bytes)
        if frame.path_at(f"{url}/") or f"{url}/index.html" in files:
            return Answer(HTTPStatus.MOVED_PERMANENTLY, kind_of("index.html"), b"", f"{self.root}{quote(url)}/")
        return None

    # -- edits

    def update(self, paths: Iterable[Path]) -> None:
        """Take in what changed at these paths, given absolute."""
        try:
            with self._updating, uncollected():
                self._update(set(paths))
        finally:
            self._check_soon()  # the check that went on has given way

    def _update(self, paths: set[Path]) -> None:
        before = self._version
        claims, content = self._paths.claims.resolve(), (self._paths.content.resolve(), Paths.content)
        records = {path.relative_to(claims).as_posix() for path in paths if path.is_relative_to(claims)}
        if records:
            self._corpus = reload(self._corpus, records)
        hand = before.hand
        self._faults = []
        if any(path.is_relative_to(PROJECT / "scripts" / "theme") for path in paths):
            with self._making:
                self._machine = Machine(before.site.settings, Path(self._folder.name))
        try:
            if any(path.is_relative_to(folder) for path in paths for folder in content):
                hand = layers(self._paths.content)
            version = self._make(self._corpus, hand, before)
        except BuildError as error:
            self._faults = str(error).splitlines()
            try:
                version = self._make(self._corpus, before.hand, before)
            except BuildError:
                version = before
        self._failed = {}
        self._checked.clear()
        self._version = version
        self._worked = time.monotonic()
        self._tell()
        for line in self._faults:
            self._say(line)

    def _make(self, corpus: Corpus, hand: Hand, before: Version | None) -> Version:
        whole = patched(corpus, before.site.corpus) if before else corpus
        known = still_good(before.site.assessed, before.site.corpus, whole) if before else {}
        site = Site(Relations(whole), self._settings(whole), known)
        files = drafted(site, *hand)
        with self._making:
            if site.settings != self._machine.settings:
                self._machine = Machine(site.settings, Path(self._folder.name))
            frame = Frame(self._machine, files, set(hand[0]), newest(whole))
        return Version(corpus, site, hand, files, frame)

    def _tell(self) -> None:
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    # -- checks

    def _check_soon(self) -> None:
        self._checked.clear()
        self._to_check.put((self._version, self._corpus))

    def _check_all(self) -> None:
        while (task := self._to_check.get()) is not None:
            if self._to_check.empty():
                with contextlib.suppress(_StaleError):
                    self._check(*task)

    def _wait(self) -> None:
        """Before each rule, while a page was asked for just before: who edits waits for the page, not for the checks."""
        latest = time.monotonic() + LONGEST_PATIENCE / len(RULES)
        while (now := time.monotonic()) < min(latest, self._worked + PATIENCE):
            time.sleep(max(0.0, min(latest, self._worked + PATIENCE) - now))
        if self._updating.locked() or not self._to_check.empty():
            raise _StaleError

    def _check(self, version: Version, corpus: Corpus) -> None:
        problems = check(corpus, before_each=self._wait)
        found = [str(problem) for problem in problems]
        sound = not has_errors(problems)
        if sound:
            faults = list(version.frame.warnings)
            for path in version.hand[0]:
                if self._to_check.empty():
                    with (
                        self._making,
                        contextlib.suppress(Exception),
                    ):  # what can't be made is named when it's asked for
                        faults += version.frame.complaints(path)
            sound, found = not faults, [*found, *faults]
        if self._version is not version or not self._to_check.empty():
            return  # the check of what came after will tell
        new = [line for line in found if line not in self._found]
        over = bool(self._found) and not found
        self._found = found
        if sound and not self._faults and not self._failed:
            self._sound = version
        for line in new[:MOST_LINES]:
            self._say(line)
        if new[MOST_LINES:]:
            self._say(f"and {len(new) - MOST_LINES:,} more: {self.root}{OWN} has them all")
        if over:
            self._say("no problems")
        self._checked.set()
        self._tell()

    @property
    def sound(self) -> bool:
        """Whether what is shown is checked and a build would take it: warnings stop nothing."""
        return self._sound is self._version

    @property
    def look(self) -> str:
        """A hash of what pages load beside their own bytes."""
        return self._version.look

    def close(self) -> None:
        """End the streams of events, and remove the working folder."""
        self._stopped.set()
        self._tell()
        self._to_check.put(None)
        self._checker.join(10)
        with self._making:
            self._folder.cleanup()


def kind_of(path: str) -> str:
    """The media type of a file by its name, as static hosts give it."""
    if path.endswith((".js", ".mjs")):
        return "text/javascript; charset=utf-8"
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if path.endswith(".gz"):
        kind = "application/gzip"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "xml")) else kind


# ---- the search index -----------------------------------------------------------------------------------------------


class Indexer:
    """Makes the search index and the data files by a whole build, at low priority, when nothing was edited for a while."""

    def __init__(self, live: Live, paths: Paths, say: Callable[[str], None]) -> None:
        self._live, self._say = live, say
        key = hashlib.sha256("\n".join((str(paths.claims.resolve()), str(paths.content.resolve()))).encode())
        out = paths.work / "served" / key.hexdigest()[:12]
        self._paths = Paths(paths.claims.resolve(), paths.content.resolve(), out)
        self._wanted, self._stopped = threading.Event(), threading.Event()
        self._child: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._wanted.set()
        self._thread.start()

    def edited(self) -> None:
        self._wanted.set()

    def close(self) -> None:
        self._stopped.set()
        self._wanted.set()
        if self._child:
            with contextlib.suppress(OSError):
                self._child.terminate()
        self._thread.join(10)

    def completed(self, url: str, found: Answer) -> Answer:
        """What the live site gives for an address, or in its place what only a whole build makes: the search index, the
        data files and feeds, and what these came to on the page on data.
        """
        if url.startswith(f"{BUNDLE}/") or (
            found.status is HTTPStatus.NOT_FOUND and not kind_of(url).startswith("text/html")
        ):
            return self._file(url) or found
        if url.removesuffix("index.html") == "data/" and found.page:
            built = self._file("data/index.html")
            if built and filled(built.data.decode(), {}) == filled(found.data.decode(), {}):
                return replace(built, page=True)
        return found

    def _file(self, url: str) -> Answer | None:
        """A file of the newest whole build."""
        for folder in (self._paths.out, Paths().out) if self._paths.claims == Paths.claims else (self._paths.out,):
            path = folder / url
            if ".." not in Path(url).parts and path.is_file():
                return Answer(HTTPStatus.OK, kind_of(url), path.read_bytes())
        return None

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wanted.wait()
            self._wanted.clear()
            if self._stopped.wait(BEFORE_INDEXING) or self._wanted.is_set():
                continue
            if not self._live.wait_for_check() or not self._live.sound:
                continue  # a record with problems has no build; the next edit asks again
            command = [sys.executable, "-m", "scripts", "build"]
            for name, path in (
                ("claims", self._paths.claims),
                ("content", self._paths.content),
                ("out", self._paths.out),
            ):
                command += [f"--{name}", str(path)]
            nice = shutil.which("nice")
            command = [nice, "-n", "19", *command] if nice else command
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                command,
                cwd=PROJECT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            output, _ = self._child.communicate()
            if self._child.returncode and not self._stopped.is_set() and not self._wanted.is_set():
                self._say(f"the search index was not made:\n{output.strip()}")


# ---- changes of files -----------------------------------------------------------------------------------------------


class _Changes(FileSystemEventHandler):
    def __init__(self, take: Callable[[Path], None]) -> None:
        self._take = take

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write") or (event.is_directory and event.event_type == "modified"):
            return
        for name in (event.src_path, event.dest_path):
            path = Path(os.fsdecode(name))
            if name and "__pycache__" not in path.parts and not path.name.endswith("~"):
                self._take(path)


class Watcher:
    """Calls `changed` with the paths of what was edited, once for each burst of changes."""

    def __init__(self, folders: Iterable[tuple[Path, bool]], changed: Callable[[set[Path]], None]) -> None:
        self._folders, self._changed = list(folders), changed
        self._queue: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._observer = self._observing(Observer())

    def _observing(self, observer: BaseObserver) -> BaseObserver:
        handler = _Changes(self._queue.put)
        try:
            for folder, below in self._folders:
                observer.schedule(handler, str(folder), recursive=below)
            observer.start()
        except OSError:  # the system watches no more folders: look at them every second
            if isinstance(observer, PollingObserver):
                raise
            return self._observing(PollingObserver())
        return observer

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()
        self._queue.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while (path := self._queue.get()) is not None:
            paths = {path}
            with contextlib.suppress(queue.Empty):
                while (path := self._queue.get(timeout=QUIET)) is not None:
                    paths.add(path)
            self._changed(paths)


# ---- the server -----------------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._respond(True)

    def do_HEAD(self) -> None:
        self._respond(False)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _respond(self, body: bool) -> None:
        live = self.server.live
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(live.root) or "\0" in path:
            found = Answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"The site stands elsewhere.\n")
            if f"{path}/" == live.root or path == "/":
                found = Answer(HTTPStatus.FOUND, "text/plain; charset=utf-8", b"", live.root)
            self._send(found, body)
            return
        url = path.removeprefix(live.root)
        if url == f"{OWN}events":
            self._stream()
        elif url.startswith(OWN):
            self._send(self._own(url.removeprefix(OWN)), body)
        else:
            self._send(self.server.indexer.completed(url, live.answer(url)), body)

    def _own(self, url: str) -> Answer:
        if url == "live.js":
            return Answer(HTTPStatus.OK, kind_of(url), (PROJECT / "scripts" / "serve.js").read_bytes())
        if url:
            return Answer(HTTPStatus.NOT_FOUND, kind_of("x.txt"), b"There is nothing here.\n")
        lines = [f"<li><code>{html.escape(line)}</code></li>" for line in self.server.live.problems]
        text = f"<ul>{''.join(lines)}</ul>" if lines else "<p>The record has no problems.</p>"
        page = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Problems</title>'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<link rel="stylesheet" href="{self.server.live.root}assets/site.css"></head>'
            f'<body><main class="page prose"><h1>Problems</h1>\n{text}\n<p><a href="{self.server.live.root}">To the site'
            "</a></p></main></body></html>\n"
        )
        return Answer(HTTPStatus.OK, kind_of("index.html"), page.encode(), page=True)

    def _send(self, found: Answer, body: bool) -> None:
        version = f"{found.tag}-{self.server.live.look}"
        data = found.data
        # only a browser that shows the page itself gets the script; whoever else asks gets the bytes of a build
        if self.server.reloading and found.page and body and self.headers.get("Sec-Fetch-Dest") == "document":
            root = self.server.live.root
            script = f'<script src="{root}{OWN}live.js" data-tag="{version}" data-root="{root}"></script>\n'
            head, end, tail = data.rpartition(b"</body>")
            data = head + script.encode() + end + tail if end else data
        self.send_response(found.status)
        self.send_header("Content-Type", found.kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Version", version)
        if found.to:
            self.send_header("Location", found.to)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):  # the reader has gone
            for count in self.server.live.events():
                line = ":" if count is None else f"data: {json.dumps({'problems': count})}"
                self.wfile.write(f"{line}\n\n".encode())


class Server(ThreadingHTTPServer):
    """The live site on loopback, with its watcher and its indexer.

    It ends with `restart` set where the program itself was edited. `cache` is as for `load`.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        paths: Paths,
        settings: SettingsOf,
        port: int,
        say: Callable[[str], None],
        reloading: bool = True,
        search: bool = True,
        cache: Path | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.restart = False
        self.reloading = reloading
        try:
            self.live = Live(paths, settings, say, cache)
        except BaseException:
            self.server_close()
            raise
        self._say = say
        self._search = search
        self.indexer = Indexer(self.live, paths, say)
        folders = {paths.claims.resolve(), paths.content.resolve(), Paths.content, PROJECT / "scripts"}
        self._watcher = Watcher([*((one, True) for one in sorted(folders)), (PROJECT, False)], self._edited)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{self.live.root}"

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):  # a reader that goes away is no fault
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def start(self) -> None:
        """Watch the folders, and begin with the search index."""
        self._watcher.start()
        if self._search:
            self.indexer.start()

    def close(self) -> None:
        """End everything that was started."""
        self._watcher.close()
        if self._search:
            self.indexer.close()
        self.server_close()
        self.live.close()

    def _edited(self, paths: set[Path]) -> None:
        program = {path for path in paths if path.is_relative_to(PROJECT / "scripts")}
        shown = {path for path in paths if not path.is_relative_to(PROJECT) or path.parent != PROJECT}
        if any(path.suffix in (".py", ".js") for path in program) or PROJECT / "mkdocs.yml" in paths:
            if self._runs():
                self.restart = True
                threading.Thread(target=self.shutdown, daemon=True).start()
            return
        if shown:
            try:
                self.live.update(shown)
            except Exception as error:  # noqa: BLE001 - the next edit must find somebody who listens
                self._say(f"the edit was not taken in: {type(error).__name__}: {error}")
            self.indexer.edited()

    def _runs(self) -> bool:
        """Whether the program as it is now can be started; says why not."""
        code = "import scripts.__main__, scripts.serve"
        done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            self._say(f"the program does not start; the one before it goes on:\n{done.stderr.strip()}")
        return not done.returncode
