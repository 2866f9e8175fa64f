"""The only module that writes pages: into the docs folder, and through MkDocs into the site.

Nothing half-made is ever in place: a file is replaced whole, and so is the site, which MkDocs builds in a fresh folder
that then changes places with the old one in one step of the file system.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from scripts import addresses, embed, records
from scripts.export import Export, ExportError, filled
from scripts.export import Made as Written
from scripts.index import IndexingError, index
from scripts.load import Corpus, parse
from scripts.problems import Problem
from scripts.relate import Relations
from scripts.relate import newest as newest_day
from scripts.render import Renderer, Settings, Site, drafts, redirects
from scripts.sitemap import split

PROJECT = Path(__file__).resolve().parent.parent
BUILD = PROJECT / "build"
DATA_PAGE = "data.md"
"""The page written by hand that pages made from records link to; it holds nothing of one record alone."""
BUILDING = "CLAIMTRAIL_BUILDING"
"""Set in the environment while this module itself runs MkDocs, so that the hook doesn't write the pages again."""


Output = bytes | Callable[[], bytes | str]
"""What is in a file, or what makes it when it is asked for; text stands for its UTF-8."""


def data_of(made: Output) -> bytes:
    """The bytes of a file, made if they aren't yet."""
    data = made() if callable(made) else made
    return data.encode("utf-8") if isinstance(data, str) else data


class BuildError(Exception):
    """The site can't be built; the message says why and what to do. The old site is as it was."""


@dataclass(frozen=True)
class Paths:
    """Where a build reads and writes."""

    claims: Path = PROJECT / "claims"
    content: Path = PROJECT / "content"
    out: Path = BUILD / "site"

    @property
    def work(self) -> Path:
        """The folder for what lies between: `build/`, or one of its own for another site."""
        if self == Paths():
            return BUILD
        key = "\n".join(str(path.resolve()) for path in (self.claims, self.content, self.out))
        return BUILD / "other" / hashlib.sha256(key.encode()).hexdigest()[:12]

    @property
    def docs(self) -> Path:
        """What MkDocs reads."""
        return self.work / "docs"


# ---- pages into the docs folder ------------------------------------------------------------------------------------


def gather(content: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """The pages written by hand, as text, and everything else below `content`, by path.

    Raises BuildError for a page that is not UTF-8 or a folder that is not there.
    """
    if not content.is_dir():
        raise BuildError(f"{content} is not a folder: --content names the folder of the pages written by hand")
    pages: dict[str, str] = {}
    assets: dict[str, bytes] = {}
    for folder, folders, names in os.walk(content):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(content).as_posix()
            data = path.read_bytes()
            if name.startswith("."):
                continue
            if name.endswith(".md"):
                try:
                    pages[relative] = data.decode("utf-8")
                except UnicodeDecodeError:
                    raise BuildError(f"{path} is not UTF-8: save it as UTF-8") from None
            else:
                assets[relative] = data
    return pages, assets


def robots(settings: Settings) -> str:
    """Everything may be read by everybody; the sitemap says where it is."""
    sitemap = f"Sitemap: {settings.url.rstrip('/')}/sitemap.xml\n" if settings.url else ""
    return f"User-agent: *\nAllow: /\n{sitemap}"


def layers(content: Path) -> tuple[dict[str, str], dict[str, bytes], dict[str, Path]]:
    """The pages written by hand, the other files, and the folder that each page is from.

    The program's own pages suit every record; what `content` holds goes before them.
    """
    pages, files = gather(Paths.content)
    folders = dict.fromkeys(pages, Paths.content)
    if content.resolve() != Paths.content:
        own, more = gather(content)
        pages, files, folders = pages | own, files | more, folders | dict.fromkeys(own, content)
    return pages, files, folders


def places_of(corpus: Corpus, folders: Mapping[str, Path]) -> dict[str, str]:
    """Where in the repository of the records each page written by hand stands, if it stands there."""
    repository = corpus.root.resolve().parent
    return {
        path: (folder.resolve() / path).relative_to(repository).as_posix()
        for path, folder in folders.items()
        if folder.resolve().is_relative_to(repository)
    }


def drafted(
    site: Site, pages: Mapping[str, str], files: Mapping[str, bytes], folders: Mapping[str, Path]
) -> dict[str, Output]:
    """Every file of the docs folder by its path, from what `layers` found.

    Pages and pictures are not made before they are asked for. Raises BuildError where content and records are at odds.
    """
    from scripts.share import pictures  # whose library for images only a site needs

    try:
        made = drafts(site, pages, places_of(site.corpus, folders))
    except ValueError as error:
        raise BuildError(str(error)) from None
    own = {"robots.txt": robots(site.settings).encode()}
    cards: dict[str, Output] = dict(embed.files(Renderer(site)))
    drawn: dict[str, Output] = {path: partial(_picture, draw) for path, draw in pictures(site).items()}
    moved = {path: text.encode() for path, text in redirects(site).items()}
    return {**own, **files, **cards, **drawn, **made, **moved}


def _picture(draw: Callable[[], bytes]) -> bytes:
    try:
        return draw()
    except OSError as error:
        raise BuildError(f"The pictures that go with links can't be drawn: {error}") from None


def _bad_redirects(made: Iterable[str], corpus: Corpus) -> Iterator[Problem]:
    """Redirects that don't lead to a page of this build; what records alone can tell, the checker has told."""
    moved = addresses.moved(corpus)
    ends = (".md", "/index.html")
    pages = [
        path for path in made if path.endswith(ends) and (path.endswith(".md") or addresses.of_path(path) not in moved)
    ]
    for at, field, message, hint in addresses.redirect_faults(corpus, pages):
        for table in corpus.redirects.values():
            yield corpus.problem(table, ("redirects", at, field), "redirect-sound", message, hint)


def outputs(corpus: Corpus, content: Path, settings: Settings) -> dict[str, Output]:
    """Every file of the docs folder by its path, as `drafted` has them. Raises BuildError too for an address that was
    published and that none of them answers.
    """
    made = drafted(Site(Relations(corpus), settings), *layers(content))
    broken = [*addresses.unkept(made, corpus), *_bad_redirects(made, corpus)]
    if broken:
        raise BuildError("".join(f"{problem}\n" for problem in broken).rstrip())
    return made


def write(files: Mapping[str, Output], docs: Path) -> int:
    """Make `docs` hold exactly `files`: write what changed, remove what an earlier run wrote and this one didn't.

    Returns how many files were written or removed. Files that no run wrote are left alone. A file that is not made yet
    is made when its turn comes, and let go.
    """
    docs.mkdir(parents=True, exist_ok=True)
    manifest = docs.parent / f"{docs.name}.manifest.json"
    try:
        known = json.loads(manifest.read_text(encoding="utf-8"))
        before = {
            path
            for path in known
            if isinstance(path, str) and ".." not in Path(path).parts and not Path(path).is_absolute()
        }
    except (OSError, ValueError, TypeError):
        before = set()
    changed = 0
    # what may be on disk after a run that dies half way is named before it is there
    _replace(manifest, json.dumps(sorted(before | set(files)), indent=0).encode())
    for path in sorted(before - set(files)):
        with contextlib.suppress(FileNotFoundError):
            (docs / path).unlink()
            changed += 1
        for parent in Path(path).parents:
            with contextlib.suppress(OSError):
                if str(parent) != ".":
                    (docs / parent).rmdir()  # only an empty folder can be removed
    for path, made in files.items():
        target, data = docs / path, data_of(made)
        try:
            if target.read_bytes() == data:
                continue
        except OSError:
            target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
        changed += 1
    _replace(manifest, json.dumps(sorted(files), indent=0).encode())
    return changed


def _replace(target: Path, data: bytes) -> None:
    """Put `data` in place of `target` in one step, unless it is there already."""
    try:
        if target.read_bytes() == data:
            return
    except OSError:
        pass
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


# ---- the site -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(work: Path) -> Iterator[None]:
    """Keep other builds in the same folder waiting."""
    work.mkdir(parents=True, exist_ok=True)
    with open(work / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def inputs_digest(corpus: Corpus, paths: Paths, settings: Settings) -> str:
    """A hash of all that the site is made from, the program itself included."""
    digest = hashlib.sha256(repr((settings, sys.version_info[:2], sorted(corpus.files.items()))).encode())
    program = [PROJECT / "mkdocs.yml", PROJECT / "requirements.lock"]
    program += sorted(path for path in (PROJECT / "scripts").rglob("*") if path.is_file() and path.suffix != ".pyc")
    for folder in sorted({Paths.content, paths.content}):
        program += sorted(path for path in folder.rglob("*") if path.is_file())
    for path in program:
        with contextlib.suppress(FileNotFoundError):
            digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def publish(corpus: Corpus, paths: Paths, settings: Settings) -> str:
    """Build the site and put it in place; returns what was done, in one sentence.

    Raises BuildError where MkDocs finds a fault; the old site is then as it was.
    """
    with locked(paths.work):
        digest = inputs_digest(corpus, paths, settings)
        stamp = paths.work / f"{paths.out.name}.stamp"
        if _read(stamp) == digest and (paths.out / "index.html").is_file():
            return f"{paths.out} is up to date"
        count = write(outputs(corpus, paths.content, settings), paths.docs)
        fresh = paths.out.parent / f".{paths.out.name}.fresh"
        shutil.rmtree(fresh, ignore_errors=True)  # what a killed build left
        paths.out.parent.mkdir(parents=True, exist_ok=True)
        try:
            run_mkdocs(paths.docs, fresh, settings, newest(corpus))
            add_data(corpus, fresh, settings)
            run_index(fresh)
            with contextlib.suppress(FileNotFoundError):
                stamp.unlink()
            put_in_place(fresh, paths.out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        _replace(stamp, digest.encode())
        pages = sum(1 for _ in paths.out.rglob("*.html"))
        return f"{paths.out}: {pages:,} pages, {count:,} of their files changed"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def newest(corpus: Corpus) -> int:
    """The newest day on record as seconds since 1970: what the sitemap is dated with."""
    day = newest_day(corpus)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def configured(docs: Path, site: Path, settings: Settings, has: Callable[[str], bool]) -> Any:
    """MkDocs's configuration for a site of ours; its navigation leaves out the pages that `has` denies."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.config import load_config

    options: dict[str, Any] = {"docs_dir": str(docs), "site_dir": str(site), "strict": True}
    if settings.url:
        options["site_url"] = settings.url
    config = load_config(str(PROJECT / "mkdocs.yml"), **options)
    describe(config, settings)
    config["nav"] = [entry for entry in config["nav"] if all(has(path) for path in entry.values())]
    return config


@contextlib.contextmanager
def mkdocs_words() -> Iterator[list[str]]:
    """Collect what MkDocs warns of, which is then not printed."""
    words: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(record.getMessage())

    handler = Keep(logging.WARNING)
    logger = logging.getLogger("mkdocs")
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.INFO)  # a higher level would hide the warnings from strict mode itself
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield words
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


@contextlib.contextmanager
def ours(epoch: int) -> Iterator[None]:
    """Tell the hook that MkDocs is run by this program, and MkDocs what to date the site with."""
    kept = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ[BUILDING] = "1"
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    try:
        yield
    finally:
        os.environ.pop(BUILDING, None)
        os.environ.pop("SOURCE_DATE_EPOCH", None)
        if kept is not None:
            os.environ["SOURCE_DATE_EPOCH"] = kept


def run_mkdocs(docs: Path, site: Path, settings: Settings, epoch: int = 0) -> None:
    """Build `site` from `docs`, strictly, dated `epoch`.

    Raises BuildError with MkDocs's own words where it warns or fails.
    """
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.commands.build import build
    from mkdocs.exceptions import MkDocsException

    with mkdocs_words() as words, ours(epoch):
        try:
            config = configured(docs, site, settings, lambda path: (docs / path).is_file())
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
            config.plugins.on_shutdown()
        except MkDocsException as error:
            raise BuildError("\n".join(["MkDocs refuses the pages:", *words, str(error)]).rstrip()) from None


def add_data(corpus: Corpus, site: Path, settings: Settings) -> None:
    """Put what `export` makes into a site that MkDocs has built, say on its page what each file came to, and cut a sitemap
    that is too long. Raises BuildError where a format can't be made here.
    """
    made = write_data(Site(Relations(corpus), settings), site)
    page = site / "data" / "index.html"
    if page.is_file():
        _replace(page, filled(page.read_text(encoding="utf-8"), made).encode())
    split(site, settings.url)


def write_data(site: Site, folder: Path) -> dict[str, Written]:
    """Write what `export` makes below `folder`; returns what each file came to. Raises BuildError as above."""
    export = Export(site)
    folders: set[Path] = set()
    try:
        for path, pieces in export.files():
            target = folder / path
            if target.parent not in folders:
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.add(target.parent)
            with target.open("wb") as file:
                file.writelines(pieces)
    except ExportError as error:
        raise BuildError(str(error)) from None
    return export.made


def run_index(site: Path) -> None:
    """Make the search index of a built site. Raises BuildError with Pagefind's own words where it fails."""
    try:
        index(site)
    except IndexingError as error:
        raise BuildError(str(error)) from None


def put_in_place(fresh: Path, site: Path) -> None:
    """Let `fresh` become `site` in one step where the system can exchange two folders, else in two."""
    if not site.exists():
        os.rename(fresh, site)
    elif not _exchanged(fresh, site):
        old = site.parent / f".{site.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        os.rename(site, old)
        os.rename(fresh, site)
        shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders atomically: renameat2 on Linux, renamex_np on macOS; False where neither is to be had."""
    first, second = os.fsencode(one.resolve()), os.fsencode(other.resolve())
    libc = ctypes.CDLL(None, use_errno=True)
    here, exchange = -100, 2  # AT_FDCWD; RENAME_EXCHANGE, which macOS calls RENAME_SWAP
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        return bool(libc.renameat2(here, first, here, second, exchange) == 0)
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        return bool(libc.renamex_np(first, second, exchange) == 0)
    return False


def describe(config: Any, settings: Settings) -> None:
    """Tell MkDocs what the site is called; its own file names no site, for the program builds any."""
    config["site_name"] = settings.name
    config["site_description"] = settings.description
    config["copyright"] = settings.notice
    if settings.url:
        config["site_url"] = settings.url.rstrip("/") + "/"


def settings_of(corpus: Corpus, url: str = "") -> Settings:
    """What the record's `site.yml` says, at the address `url`, or the one that the environment names in `SITE_URL`."""
    url = url or os.environ.get("SITE_URL", "")
    site = corpus.site
    if site is None:
        return Settings(url=url and url.rstrip("/") + "/", records=corpus.root.resolve().name)
    url = url or site.url or ""
    return Settings(
        name=site.name,
        url=url and url.rstrip("/") + "/",
        repo=(site.repo or "").rstrip("/"),
        description=site.description or Settings.description,
        branch=site.branch,
        records=corpus.root.resolve().name,
        contact=site.contact or "",
        licence=site.licence.name if site.licence else "",
        licence_url=(site.licence and site.licence.url) or "",
        credit=site.credit or "",
        about=site.about or "",
        reading=site.reading or "",
    )


def project_settings() -> Settings:
    """The settings of the record in this repository."""
    corpus = Corpus(Paths.claims, Paths.claims.name)
    path = Paths.claims / "site.yml"
    if path.is_file():
        with contextlib.suppress(ValueError):  # what is wrong with the file is `check`'s to say
            corpus.sites["site"] = records.Site.model_validate(parse(path.read_bytes()).value)
    return settings_of(corpus)
