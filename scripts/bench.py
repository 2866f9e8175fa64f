"""Time and memory of every stage on a made-up record, and the ratio to what bare MkDocs needs for the same pages.

Every figure of one size is measured in one run, so that ratios hold on a noisy machine; each size runs in a process of
its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from scripts.check import check
from scripts.export import Export, Made
from scripts.index import index
from scripts.load import load
from scripts.publish import PROJECT, Output, Paths, gather, mkdocs_words, run_mkdocs, settings_of, write, write_data
from scripts.relate import Relations
from scripts.render import Draft, Settings, Site, drafts
from scripts.serve import Server

PER_ARTICLE = 60
"""Statements an article, as in the real record."""
SOURCES = 2
"""Sources a statement, likewise."""


def invent(root: Path, statements: int) -> None:
    """Write a made-up record of so many statements below `root`: invented bridges, nothing else."""
    folders = {name: root / name for name in ("articles", "sources", "publishers", "topics", "measures")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    for number in range(14):
        (folders["topics"] / f"bridge-{number}.yml").write_text(
            f"title: Bridge {number}\nquestion: How long was bridge {number} shut?\norder: {number}\n"
        )
    publishers = max(3, statements // 2)
    for number in range(publishers):
        (folders["publishers"] / f"gazette-{number}.yml").write_text(
            f"name: Gazette {number}\nkind: news-outlet\nhome: https://gazette-{number}.example/\n"
        )
    (folders["publishers"] / "herald.yml").write_text("name: The Herald\nkind: news-outlet\n")
    measures = max(1, statements // 20)
    for number in range(measures):
        (folders["measures"] / f"months-{number}.yml").write_text(
            f"title: Months shut {number}\nunit: months\nscope: Months for which bridge {number} was shut to carts.\n"
        )
    for number in range(statements * SOURCES):
        upstream = f"derived_from: [report-{number - 1}]\n" if number % 5 == 4 else ""
        (folders["sources"] / f"report-{number}.yml").write_text(
            f"title: Report {number} on the bridge\npublisher: gazette-{number % publishers}\n"
            f"published: {2017 + number % 3}-0{1 + number % 9}\nurl: https://gazette.example/{number}\n"
            f"kind: news-report\n{upstream}read: {{on: 2026-01-01, how: full}}\n"
        )
    for number in range(statements):
        article, at = divmod(number, PER_ARTICLE)
        folder = folders["articles"] / f"bridge-{article}"
        if at == 0:
            folder.mkdir()
            last = min(PER_ARTICLE, statements - number)
            (folder / "article.yml").write_text(
                f"title: The bridge, part {article}\nauthor: A. Writer\npublisher: herald\npublished: 2018-03-09\n"
                f"url: https://gazette.example/bridge-{article}\nstudied: The page.\n"
                f"layout: {{split: blocks, first: 1, last: {last}}}\npassages:\n- {{kind: body, first: 1, last: {last}}}\n"
            )
        evidence = "".join(
            f"- source: report-{(number * SOURCES + step) % (statements * SOURCES)}\n  role: {_role(step)}\n  on: matter\n"
            f"  stance: {('contradicts', 'supports', 'qualifies')[(number + step) % 3]}\n"
            f"  finding: Report {number} of the county gives {number % 30 + step} months for the closure of the bridge.\n"
            f"  quantity: {{measure: months-{number % measures}, value: {number % 30 + step}, as_of: 2016}}\n"
            for step in range(4)
        )
        (folder / f"a{at + 1:02}.yml").write_text(
            f"says: The bridge number {number} stayed shut for {number % 40} months.\nshort: Bridge {number} was shut\n"
            f"kind: figure\npara: {at + 1}\nanchor: {{starts: the bridge stayed, ends: for many months}}\n"
            f"topics: [bridge-{number % 14}]\n"
            f"quantity: {{measure: months-{number % measures}, about: {number % 40 + 1}, as_of: 2016/2017}}\n"
            "attribution: {to: the county, how: named, fidelity: distorted, drift: [figure-changed], "
            "source_says: Fourteen months.}\n"
            f"evidence:\n{evidence}glance: The county gives {number % 30} months, and a newspaper one more.\n"
        )


def _role(step: int) -> str:
    return "attributed" if step == 0 else "independent"


def measure(statements: int, content: Path, with_mkdocs: bool, keep: Path | None = None) -> dict[str, float]:
    """Seconds of each stage, and megabytes at the end of ours and of MkDocs's part; `keep` gets the site."""
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - start
        return result

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        invent(root / "claims", statements)
        cache = root / "cache"
        corpus = timed("load, first time", lambda: load(root / "claims", cache))
        corpus = timed("load", lambda: load(root / "claims", cache))
        rules = timed("check", lambda: check(corpus))
        unexpected = [problem for problem in rules if problem.rule not in ("no-fingerprint", "unused-record")]
        if unexpected:
            raise AssertionError(f"the made-up record is not sound: {unexpected[0]}")
        relations = Relations(corpus)
        timed("relate", lambda: (relations.figures_by_measure, relations.uses_by_source, relations.claims_by_topic))
        site = Site(relations, Settings())
        timed("assess", lambda: site.assessments)
        pages, assets = gather(content)
        seconds["render"] = 0.0

        def clocked(draft: Draft) -> bytes:
            start = time.perf_counter()
            data = draft().encode()
            seconds["render"] += time.perf_counter() - start
            return data

        made: dict[str, Output] = {path: partial(clocked, draft) for path, draft in drafts(site, pages).items()}
        timed("write", lambda: write({**assets, **made}, root / "docs"))  # which makes each page as it goes
        seconds["write"] -= seconds["render"]
        seconds["our peak, MB"] = _peak()

        def exported() -> dict[str, Made]:
            export = Export(site)
            for _, pieces in export.files():
                for _ in pieces:
                    pass
            return export.made

        data = timed("export", exported)
        seconds["peak with export, MB"] = _peak()
        seconds["data files"] = len(data)
        seconds["data, MB"] = sum(file.size for file in data.values()) / 1e6
        timed("write data", lambda: write_data(site, root / "site"))
        seconds["pages"] = len(made)
        if with_mkdocs:
            timed("mkdocs", lambda: run_mkdocs(root / "docs", root / "site", Settings()))
            seconds["peak with mkdocs, MB"] = _peak()
            timed("index", lambda: index(root / "site"))
            timed("bare mkdocs", lambda: bare_mkdocs(root / "docs", root / "bare"))
            if keep:
                shutil.copytree(root / "site", keep / str(statements))
    return seconds


def bare_mkdocs(docs: Path, site: Path) -> None:
    """Build the same pages as `mkdocs build` does by itself: the theme as it comes, with its own search, no word of ours."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    with mkdocs_words():  # it warns of addresses that only our theme makes
        plain: dict[str, Any] = {
            "theme": {"name": "material", "font": False},
            "hooks": [],
            "plugins": ["search"],
            "strict": False,
        }
        config = load_config(str(PROJECT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(site), **plain)
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()


EDITS = 7
"""Edits of which the median is told."""


def edit_to_page(statements: int, content: Path) -> dict[str, float]:
    """Seconds from the writing of a statement's file until the live server has the new words on its page: the median.

    The checks that earlier edits started run beside, as they do when somebody works. Also the megabytes of the server.
    """
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder, "claims")
        invent(claims, statements)
        server = Server(Paths(claims, content), settings_of, 0, lambda _: None, search=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        server.start()
        try:
            found = [_edit(server, claims, step * max(1, statements // EDITS), step) for step in range(EDITS)]
        finally:
            server.shutdown()
            server.close()
            thread.join()
    return {"serve: edit to page": statistics.median(found), "serve: peak, MB": _peak()}


def _edit(server: Server, claims: Path, number: int, step: int) -> float:
    article, at = divmod(number, PER_ARTICLE)
    file = claims / "articles" / f"bridge-{article}" / f"a{at + 1:02}.yml"
    url = f"{server.url}articles/bridge-{article}/a{at + 1:02}/"
    words = f"was closed for {step} winters"
    text = file.read_text(encoding="utf-8").replace("stayed shut", words, 1)
    start = time.perf_counter()
    file.write_text(text, encoding="utf-8")
    while True:
        with urllib.request.urlopen(url) as response:  # noqa: S310 - our own server on loopback
            if words.encode() in response.read():
                return time.perf_counter() - start
        if time.perf_counter() - start > 60:
            raise AssertionError("the edit did not reach the page within a minute")
        time.sleep(0.02)


def _peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


PAGES = ("load", "check", "relate", "assess", "render", "write", "mkdocs", "index")
"""From the records to pages that can be searched: what bare MkDocs does for pages that are there already, and more."""
DATA = ("write data",)
"""What is made besides pages."""


def _job(arguments: tuple[int, Path, bool, Path | None]) -> dict[str, float]:
    return measure(*arguments)


def bench(sizes: list[int], with_mkdocs: bool = True, keep: Path | None = None) -> None:
    """Print the figures for each size, then how they grow."""
    before: tuple[int, float] | None = None
    for statements in sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            figures = pool.map(_job, [(statements, PROJECT / "content", with_mkdocs, keep)])[0]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            figures |= pool.starmap(edit_to_page, [(statements, PROJECT / "content")])[0]
        ours = sum(figures[name] for name in (*PAGES, *DATA) if name in figures)
        files = f"{figures['pages']:,.0f} pages, {figures['data files']:,.0f} data files"
        print(f"\n{statements:,} statements, {statements * SOURCES:,} sources, {files}")
        for name, value in figures.items():
            if name not in ("pages", "data files"):
                print(f"  {name:22} {value:10.2f}{'' if 'MB' in name else ' s'}")
        print(f"  {'all of ours':22} {ours:10.2f} s  ({', '.join((*PAGES, *DATA))}; the cache warm)")
        if with_mkdocs:
            pages = sum(figures[name] for name in PAGES)
            print(f"  pages / bare mkdocs    {pages / figures['bare mkdocs']:10.2f}  (measure: at most 1.25)")
            print(
                f"  all / bare mkdocs      {ours / figures['bare mkdocs']:10.2f}  (with the data files, which it has not)"
            )
        if before:
            growth = (ours / before[1]) / (statements / before[0])
            print(f"  growth of ours         {growth:10.2f}  times linear")
        before = (statements, ours)
        sys.stdout.flush()
