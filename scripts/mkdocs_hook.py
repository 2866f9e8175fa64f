"""Lets plain `mkdocs build --strict` and `mkdocs serve` work on a fresh clone: they call the same code as `make site`.

Nothing else hangs on MkDocs, so that another publisher can build the same folder.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.check import check
from scripts.index import IndexingError, index
from scripts.load import load
from scripts.problems import has_errors
from scripts.publish import (
    BUILD,
    BUILDING,
    BuildError,
    Paths,
    add_data,
    describe,
    locked,
    newest,
    outputs,
    project_settings,
    write,
)
from scripts.render import TEMPLATES

_indexing = threading.Lock()
_ANCHOR = re.compile(r'\sid="([^"]*)"')
log = logging.getLogger("mkdocs.hooks.claimtrail")


def on_config(config: Any) -> Any:
    """Tell MkDocs what the site is called, if this isn't a build of ours, which does so itself."""
    if not os.environ.get(BUILDING):
        describe(config, project_settings())
    return config


def on_pre_build(config: Any) -> None:
    """Write the pages, if this isn't a build of ours, which has just done so."""
    if os.environ.get(BUILDING):
        return
    corpus = load(Paths().claims, BUILD / "cache" / "records")
    problems = check(corpus)
    for problem in problems:
        # a warning of MkDocs makes --strict fail, and leaves `serve` alive; one of ours stops nothing
        (log.warning if problem.level == "error" else log.info)("%s", problem)
    if has_errors(problems):
        log.warning("the pages are those of the last sound record")
        return
    os.environ["SOURCE_DATE_EPOCH"] = str(newest(corpus))
    try:
        with locked(BUILD):
            write(outputs(corpus, Paths().content, project_settings()), Paths().docs)
    except BuildError as error:
        log.warning("%s", error)


def on_post_build(config: Any) -> None:
    """Put the data files into the site and index it, if this isn't a build of ours, which does so itself."""
    if os.environ.get(BUILDING):
        return
    site = Path(config.site_dir)
    corpus = load(Paths().claims, BUILD / "cache" / "records")
    if not has_errors(check(corpus)):
        try:
            add_data(corpus, site, project_settings())
        except BuildError as error:
            log.warning("%s", error)
    if "serve" in sys.argv:  # beside the page that was edited, which is not to wait for it
        threading.Thread(target=_index, args=(site,), daemon=True).start()
    else:
        _index(site)


def _index(site: Path) -> None:
    with _indexing:
        try:
            index(site)
        except (IndexingError, OSError) as error:
            log.warning("%s", error)


def on_files(files: Any, config: Any) -> Any:
    """Leave out the theme's own scripts and styles: no page asks for them."""
    for file in list(files):
        if file.src_uri.startswith(("assets/javascripts/", "assets/stylesheets/", "assets/images/")) and not str(
            file.abs_src_path
        ).startswith(str(config.docs_dir)):
            files.remove(file)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Keep what is HTML already from Markdown, which would parse it twice, for most of the time of a build, and leave it
    as it is. Only pages made from a template say of which kind they are.
    """
    page.finished = None
    if f"{page.meta.get('kind')}.html" in _templates():
        page.finished = markdown.strip()
        return ""
    return markdown


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Put the HTML in its place, and let go of a page's Markdown: MkDocs would keep that of all pages until the last one
    is written.
    """
    page.markdown = ""
    if page.finished is None:
        return html
    page.present_anchor_ids = set(_ANCHOR.findall(page.finished))  # which MkDocs compares links with
    finished, page.finished = str(page.finished), None
    return finished


@cache
def _templates() -> frozenset[str]:
    return frozenset(path.name for path in TEMPLATES.glob("*.html"))
