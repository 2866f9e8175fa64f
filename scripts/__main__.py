"""The commands. `python -m scripts COMMAND --help` says what each does."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import addresses, diff_report, show
from scripts import problems as reports
from scripts.check import check
from scripts.diff import diff
from scripts.draft import EVIDENCE, STARTS
from scripts.load import ADDRESSES, Corpus, load, read, uncollected
from scripts.mend import mend
from scripts.problems import did_you_mean, has_errors
from scripts.publish import (
    BUILD,
    PROJECT,
    BuildError,
    Paths,
    gather,
    outputs,
    project_settings,
    publish,
    settings_of,
    write_data,
)
from scripts.records import KINDS
from scripts.relate import Relations
from scripts.release import release
from scripts.render import Site
from scripts.revision import RevisionError, files_at, parted, subjects
from scripts.schemas import write_schemas
from scripts.verify import verify
from scripts.version import version

if TYPE_CHECKING:
    from scripts.web import Limits, Web

SOUND, PROBLEMS, WRONG_USE = 0, 1, 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts", description="Check the records and build the site.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--claims", type=Path, default=Paths.claims, metavar="DIR", help="the records (default: claims/)"
    )

    def add(name: str, summary: str, records: bool = True) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[common] if records else [], help=summary, description=summary)

    def content(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--content",
            type=Path,
            default=Paths.content,
            metavar="DIR",
            help="pages written by hand that go before the program's own (default: content/)",
        )

    one = add(
        "check",
        "Check every record, or print only what concerns the files named. Exit status: 0 sound, 1 problems, 2 wrong use.",
    )
    one.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="print only problems in these files or folders"
    )
    one.add_argument(
        "--format", choices=reports.FORMATS, default="text", help="how problems are printed (default: text)"
    )
    one.add_argument(
        "--base",
        metavar="REVISION",
        help="also compare with where this revision in git and the files parted: no address may break, no id be reused",
    )
    one.add_argument("--strict", action="store_true", help="exit with 1 for warnings too")
    one.add_argument("--fix", action="store_true", help="first mend what can be mended without touching a word")
    one.add_argument(
        "--on",
        type=_day,
        metavar="DATE",
        help="the day to which ages are counted, such as 2026-11-20 (default: the newest day on record)",
    )
    one = add("build", "Check the records, then build the site and put it in place whole.")
    content(one)
    one.add_argument(
        "--out", type=Path, default=Paths.out, metavar="DIR", help="where the site goes (default: build/site)"
    )
    one.add_argument(
        "--site-url",
        metavar="URL",
        help="the address that the site will have (default: $SITE_URL, or that in site.yml)",
    )
    one = add("export", "Write the record for machines: the data files and feeds of the site, and nothing else.")
    one.add_argument(
        "--out", type=Path, default=BUILD / "export", metavar="DIR", help="where to (default: build/export)"
    )
    one.add_argument(
        "--site-url",
        metavar="URL",
        help="the address that the site will have (default: $SITE_URL, or that in site.yml)",
    )
    one = add("release", "Build the site, then pack it into one zip that opens without a network, with its checksum.")
    content(one)
    one.add_argument(
        "--out", type=Path, default=BUILD / "release", metavar="DIR", help="where to (default: build/release)"
    )
    one = add(
        "serve", "Serve the site at http://127.0.0.1:8000/, put every edit on the page, and name every problem at once."
    )
    content(one)
    one.add_argument("--port", type=int, default=8000, help="the port (default: 8000)")
    one.add_argument(
        "--no-reload", dest="reload", action="store_false", help="leave the script out that loads a page again"
    )
    one.add_argument("--no-search", dest="search", action="store_false", help="make no search index in the background")
    one = add("new", "Start a record with the next free id: an annotated file that says what is still to be filled in.")
    one.add_argument(
        "kind", choices=[*STARTS, EVIDENCE], metavar="KIND", help=f"one of: {', '.join([*STARTS, EVIDENCE])}"
    )
    one.add_argument(
        "name",
        nargs="?",
        default="",
        metavar="NAME",
        help="claim: its article's id; evidence: its statement's id; source and article: an address, or a title; "
        "the others: a title or an id",
    )
    one.add_argument("--id", default="", metavar="ID", help="the id, where the one that would be made won't do")
    one.add_argument("--source", default="", metavar="ID", help="for evidence: the source that it is from")
    one.add_argument("--offline", action="store_true", help="ask no network; the address alone is filled in")
    one.add_argument("--bare", action="store_true", help="leave out the comments")
    one = add("show", "Print one statement, both verdicts and why, and the evidence by its origins.")
    one.add_argument("claim", metavar="CLAIM", help="its id, such as bridge-2018/a21")
    one.add_argument("--format", choices=show.FORMATS, default="text", help="how it is printed (default: text)")
    one = add(
        "diff",
        "Print what a change means: statements, verdicts and why they change, figures, pages. Exit status: 1 if an "
        "address would break or an id is given to another record.",
    )
    one.add_argument(
        "base",
        metavar="BASE",
        help="the revision in git to compare with, such as main or HEAD^; without HEAD, where the files parted from it",
    )
    one.add_argument(
        "head", nargs="?", metavar="HEAD", help="the revision with the change (default: the files as they are)"
    )
    one.add_argument("--format", choices=diff_report.FORMATS, default="text", help="how it is printed (default: text)")
    one = add(
        "addresses",
        "Print the addresses that the site has and that the list of published ones has not; with --write, list them.",
    )
    one.add_argument(
        "--content",
        type=Path,
        default=Paths.content,
        metavar="DIR",
        help="the pages written by hand (default: content/)",
    )
    one.add_argument("--write", action="store_true", help="add them to addresses.txt in the folder of records")
    one = add(
        "verify",
        "Check fingerprints and anchors against copies of the articles, and make fingerprints that are missing.",
    )
    one.add_argument("--texts", type=Path, required=True, metavar="DIR", help="the folder with <article>.txt")
    one.add_argument("--write", action="store_true", help="also write fingerprints that differ")
    one = add(
        "links",
        "Ask every web address of the record whether it still answers (network). Results are kept, so that a run that is "
        "broken off goes on. Exit status: 0 whatever is found, unless --strict is given.",
    )
    _asking(one, "build/links.jsonl", 7)
    one.add_argument("--again", action="store_true", help="ask again for what was not ok, however new the result is")
    one.add_argument("--format", choices=reports.FORMATS, default="text", help="how it is printed (default: text)")
    one.add_argument("--strict", action="store_true", help="exit with 1 if an address is dead or a soft 404")
    one = add(
        "archive",
        "Find copies in a web archive of what has none, ask for one where there is none, and write archived_url "
        "(network). The keys of an account are read from SAVEPAGENOW_ACCESS_KEY and SAVEPAGENOW_SECRET_KEY.",
    )
    _asking(one, "build/archive.jsonl", 30)
    one.add_argument("--limit", type=int, metavar="N", help="ask the archive for at most N addresses")
    one.add_argument("--no-save", action="store_true", help="take the copies that there are, and ask for no new one")
    one.add_argument("--dry-run", action="store_true", help="look for copies, ask for none, and write nothing")
    one.add_argument(
        "--endpoint",
        default="https://web.archive.org",
        metavar="URL",
        help="the archive (default: https://web.archive.org)",
    )
    one = add("schemas", "Write the JSON Schemas for editors into schemas/.", records=False)
    one.add_argument("--check", action="store_true", help="write nothing; exit with 1 if they are not current")
    one = add("bench", "Time and measure every stage on a made-up record.", records=False)
    one.add_argument(
        "--statements",
        type=int,
        action="append",
        metavar="N",
        help="how many statements; may be repeated (default: 100 and 1000)",
    )
    one.add_argument("--no-mkdocs", action="store_true", help="leave MkDocs out, and so the ratio to it")
    one.add_argument(
        "--keep", type=Path, metavar="DIR", help="leave each site in a folder of DIR, named by its number of statements"
    )
    return parser


def _asking(one: argparse.ArgumentParser, results: str, days: int) -> None:
    """The options that `links` and `archive` share."""
    one.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="only the records in these files or folders")
    one.add_argument("--host", action="append", default=[], metavar="HOST", help="only this host; may be repeated")
    one.add_argument("--report", type=Path, metavar="FILE", help="also write a report as Markdown")
    one.add_argument("--results", type=Path, metavar="FILE", help=f"where results are kept (default: {results})")
    one.add_argument("--fresh", action="store_true", help="forget the results that are kept")
    one.add_argument(
        "--max-age", type=float, default=days, metavar="DAYS", help=f"use results as old as that (default: {days})"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day: write 2026-11-20") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(globals()[f"_{options.command}"](options))
    except (FileNotFoundError, RevisionError, BuildError) as error:
        print(error, file=sys.stderr)
        return PROBLEMS if isinstance(error, BuildError) else WRONG_USE
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        return SOUND
    except KeyboardInterrupt:
        return 130


def _load(options: argparse.Namespace) -> Corpus:
    cache = BUILD / "cache" / "records" if options.claims == Paths.claims else None
    return load(options.claims, cache)


def _check(options: argparse.Namespace) -> int:
    named = [path.resolve() for path in options.paths]
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        raise FileNotFoundError(f"there is no {missing[0]}")
    corpus = _load(options)

    def wanted(path: str) -> bool:
        file = (corpus.root / path).resolve()
        return not named or any(file.is_relative_to(folder) for folder in named)

    if options.fix:
        try:
            mended = mend(corpus, wanted)
        except OSError as error:
            raise FileNotFoundError(f"{error.filename} can't be written: {error.strerror}") from None
        for note in mended:
            print(note, file=sys.stderr)
        if mended:
            corpus = _load(options)
    promises = []
    if options.base:
        promises = addresses.against(_at(options, parted(options.claims, options.base), corpus), corpus)
    every = sorted({*check(corpus, options.on), *promises})
    found = [problem for problem in every if wanted(problem.path.removeprefix(f"{corpus.shown}/"))]
    print(reports.printed(found, options.format), end="")
    return PROBLEMS if has_errors(found) or (options.strict and found) else SOUND


def _sound(corpus: Corpus, otherwise: str) -> bool:
    """Whether a record is sound; if not, its problems have been printed, and what follows from them."""
    found = check(corpus)
    print(reports.as_text(found), end="", file=sys.stderr)
    if has_errors(found):
        print(otherwise, file=sys.stderr)
        return False
    return True


def _export(options: argparse.Namespace) -> int:
    corpus = _load(options)
    if not _sound(corpus, "Nothing was written."):
        return PROBLEMS
    made = write_data(Site(Relations(corpus), settings_of(corpus, options.site_url or "")), options.out)
    size = sum(file.size for file in made.values())
    print(f"{options.out}: {len(made):,} files, {size / 1e6:,.1f} MB, version {version(corpus)}")
    return SOUND


def _release(options: argparse.Namespace) -> int:
    corpus = _load(options)
    if not _sound(corpus, "There is no release."):
        return PROBLEMS
    paths, settings = Paths(options.claims, options.content), settings_of(corpus)
    print(publish(corpus, paths, settings))
    made = release(paths.out, options.out, version(corpus), settings)
    print(f"{made}: {made.stat().st_size / 1e6:,.1f} MB, its checksum beside it")
    return SOUND


def _build(options: argparse.Namespace) -> int:
    corpus = _load(options)
    if not _sound(corpus, "The site was not built; the old one is as it was."):
        return PROBLEMS
    settings = settings_of(corpus, options.site_url or "")
    print(publish(corpus, Paths(options.claims, options.content, options.out), settings))
    return SOUND


def _serve(options: argparse.Namespace) -> int:
    import signal

    from scripts.serve import Server

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def say(line: str) -> None:
        print(line, flush=True)

    paths = Paths(options.claims, options.content)
    cache = BUILD / "cache" / "records" if options.claims == Paths.claims else None
    try:
        server = Server(
            paths, settings_of, options.port, say, reloading=options.reload, search=options.search, cache=cache
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        print(f"port {options.port} can't be had: {error.strerror}; --port names another", file=sys.stderr)
        return WRONG_USE
    signal.signal(signal.SIGTERM, stop)
    try:
        server.start()
        say(f"{server.url}  (Ctrl-C ends it)")
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    if server.restart:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - what was started, once more
    return SOUND


def _new(options: argparse.Namespace) -> int:
    from scripts.new import Desk, NotStartedError, todo
    from scripts.webpage import look  # whose libraries for the network no other command needs

    options.claims.mkdir(parents=True, exist_ok=True)
    desk = Desk(_load(options), None if options.offline else look, options.bare)
    try:
        if options.kind == EVIDENCE:
            text = desk.evidence(options.name, options.source)
            where = f"{desk.corpus.shown}/articles/{options.name}.yml"
            print(f"Set this under 'evidence:' in {where} and fill it in:", file=sys.stderr)
            print(text, end="")
            return SOUND
        files = desk.start(options.kind, options.name, options.id)
    except NotStartedError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    for path in files:
        print(f"{desk.shown(path)} written; to fill in: {', '.join(todo(path)) or 'nothing'}")
    for line in desk.said:
        print(f"  {line}")
    return SOUND


def _show(options: argparse.Namespace) -> int:
    corpus = _load(options)
    claim = corpus.claims.get(options.claim)
    if not claim:
        hint = did_you_mean(options.claim, corpus.claims)
        print(f"there is no statement {options.claim!r}{f' ({hint})' if hint else ''}", file=sys.stderr)
        return WRONG_USE
    try:
        site = Site(Relations(corpus))
        if options.format == "json":
            print(show.as_json(site, claim), end="")
        else:
            print(show.as_text(site, claim, shutil.get_terminal_size((show.WIDEST, 0)).columns), end="")
    except KeyError as error:  # what the statement names has no record
        print(f"{claim.id} names {error}, which has no sound record: run check", file=sys.stderr)
        return PROBLEMS
    return SOUND


def _at(options: argparse.Namespace, revision: str, beside: Corpus | None = None) -> Corpus:
    """The records as a revision has them; what is the same in `beside` is shared with it."""
    cache = BUILD / "cache" / "records" if options.claims == Paths.claims else None
    return read(files_at(options.claims, revision), options.claims.name, cache, beside)


def _diff(options: argparse.Namespace) -> int:
    head = _at(options, options.head) if options.head else _load(options)
    base = _at(options, options.base if options.head else parted(options.claims, options.base), head)
    settings = settings_of(head)
    content = gather(Paths.content)[0] if Paths.content.is_dir() else {}
    names = options.base, options.head or "the files as they are"
    with uncollected():
        made = diff(base, head, names, content, settings, subjects(options.claims, options.base, options.head))
    print(diff_report.printed(made, options.format, settings.url, base.claims.keys() | head.claims.keys()), end="")
    return PROBLEMS if made.breaks else SOUND


def _addresses(options: argparse.Namespace) -> int:
    corpus = _load(options)
    path = options.claims / ADDRESSES
    lines = addresses.listed(outputs(corpus, options.content, settings_of(corpus)), corpus)
    known = {f"{entry.kind} {entry.address}" for entry in corpus.addresses.addresses}
    fresh = [line for line in lines if line not in known]
    for line in fresh:
        print(line)
    if options.write and fresh:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(f"{path}: {len(fresh):,} added, {len(lines):,} in all", file=sys.stderr)
    return SOUND


def _verify(options: argparse.Namespace) -> int:
    found = verify(_load(options), options.texts, options.write)
    print(reports.as_text(found), end="")
    return PROBLEMS if found else SOUND


def _web(limits: Limits) -> Web:
    """The client of `links` and `archive`. Tests put another one in its place."""
    from scripts.web import PROJECT_URL, Web, user_agent

    return Web(limits, agent=user_agent(project_settings().repo or PROJECT_URL))


def _chosen(options: argparse.Namespace) -> list[Path]:
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        raise FileNotFoundError(f"there is no {missing[0]}")
    return list(options.paths)


def _links(options: argparse.Namespace) -> int:
    import asyncio

    from scripts import links  # the network's libraries take half as long to load as all else: only these two need them
    from scripts.progress import Progress
    from scripts.web import Limits

    corpus = _load(options)
    found = links.addresses(corpus, _chosen(options), options.host)
    memory = links.remembered(options.results or Paths(options.claims).work / "links.jsonl", options.fresh)
    now = datetime.now(UTC)

    async def run() -> None:
        async with _web(Limits()) as web:
            await links.ask_all(
                web,
                found,
                memory,
                since=now - timedelta(days=options.max_age),
                now=lambda: datetime.now(UTC),
                progress=Progress(len(found)),
                again=options.again,
            )

    try:
        asyncio.run(run())
    except links.NoNetworkError as error:
        print(error, file=sys.stderr)
        return PROBLEMS
    except KeyboardInterrupt:
        print(f"stopped; {memory.path} keeps what was asked, and the next run goes on from there", file=sys.stderr)
        raise
    finally:
        memory.close()
    if options.format == "json":
        print(links.as_json(found, memory.results), end="")
    else:
        print(reports.printed(links.problems(found, memory.results), options.format), end="")
    print(links.summary(found, memory.results), file=sys.stderr)
    if options.report:
        options.report.write_text(links.report(found, memory.results), encoding="utf-8")
    kept = (memory.results.get(address.url) for address in found)
    broken = any(result and result.verdict in links.BROKEN for result in kept)
    return PROBLEMS if options.strict and broken else SOUND


def _archive(options: argparse.Namespace) -> int:
    import asyncio

    from scripts import archive
    from scripts.progress import Progress

    corpus = _load(options)
    found = archive.wanted(corpus, _chosen(options), options.host)
    memory = archive.remembered(options.results or Paths(options.claims).work / "archive.jsonl", options.fresh)
    keys = (os.environ.get("SAVEPAGENOW_ACCESS_KEY", ""), os.environ.get("SAVEPAGENOW_SECRET_KEY", ""))
    now = datetime.now(UTC)
    done: list[archive.Done] = []

    async def run() -> None:
        async with _web(archive.LIMITS) as web:
            wayback = archive.Wayback(web, endpoint=options.endpoint, keys=keys if all(keys) else None)
            await archive.archive_all(
                wayback,
                found,
                memory,
                corpus.root,
                since=now - timedelta(days=options.max_age),
                now=lambda: datetime.now(UTC),
                progress=Progress(len(found)),
                save=not options.no_save,
                dry=options.dry_run,
                limit=options.limit,
                done=done,
            )

    busy = ""
    try:
        asyncio.run(run())
    except archive.BusyError as error:
        busy = f"{error}; run archive again later, it goes on from here"
    except KeyboardInterrupt:
        print("stopped; what was written stays, and the next run goes on from there", file=sys.stderr)
        raise
    finally:
        memory.close()
        for it in done:
            print(archive.told(it, corpus.shown))
        print(archive.summary(done, len(found)), file=sys.stderr)
        if options.report:
            options.report.write_text(archive.report(done, len(found), corpus.shown), encoding="utf-8")
    if busy:
        print(busy, file=sys.stderr)
    return PROBLEMS if any(it.fault for it in done) else SOUND


def _schemas(options: argparse.Namespace) -> int:
    stale = write_schemas(PROJECT / "schemas", KINDS, dry=options.check)
    for path in stale:
        print(f"{path} {'is not current: run python -m scripts schemas' if options.check else 'written'}")
    return PROBLEMS if options.check and stale else SOUND


def _bench(options: argparse.Namespace) -> int:
    from scripts.bench import bench

    bench(options.statements or [100, 1000], not options.no_mkdocs, options.keep and options.keep.resolve())
    return SOUND


if __name__ == "__main__":
    sys.exit(main())
