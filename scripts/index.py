"""The search index of a built site: Pagefind's bundle, cut down to what the search page asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUNDLE = "pagefind"
"""The folder of the index below the site."""
KEPT = ("pagefind.js", "pagefind-entry.json", "wasm.en.pagefind", "*.pf_meta", "filter/*", "fragment/*", "index/*")
"""What of Pagefind's bundle is published; its own interfaces and its worker are not used."""
LEFT_OUT = (
    # what is on every page, and what only says where one is
    "[hidden]", "svg", "dt", ".visually-hidden", ".crumbs", ".pager", ".bars", ".timeline", ".when", ".distance",
    # the program's own sentences on a statement's page
    ".statement-page h2", ".statement-page .v", ".two .meta", ".ladder .meta", ".searches .from", ".change", ".group",
    ".record", ".related",
    # what has a page of its own, or is said by the title and the line below it
    ".statements", ".index", ".relation", ".uses p:first-child", ".wide", ".from a[rel]", ".sec > h2",
    ".facts div:not([data-text])", ".byline", ".outlet h2",
)  # fmt: skip
"""Parts of pages that are not text to be found. Filters inside them still count."""


class IndexingError(Exception):
    """Pagefind failed; the message is its own."""


def index(site: Path) -> None:
    """Index the pages of `site` that have a body to index, and put the index below it.

    The same pages make the same bytes. Raises IndexingError, with Pagefind's words, where it fails.
    """
    # in a folder of its own, so that neither a setting lying about nor a run that was killed reaches the site
    with tempfile.TemporaryDirectory(prefix="claimtrail-index-") as folder:
        command = [sys.executable, "-m", "pagefind", "--site", str(site.resolve()), "--output-path", f"{folder}/made"]
        command += ["--force-language", "en", "--exclude-selectors", ", ".join(LEFT_OUT), "--silent"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise IndexingError(f"Pagefind cannot index the site:\n{(done.stderr + done.stdout).strip()}")
        bundle = site / BUNDLE
        shutil.rmtree(bundle, ignore_errors=True)
        for pattern in KEPT:
            for path in sorted(Path(folder, "made").glob(pattern)):
                target = bundle / path.relative_to(Path(folder, "made"))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)
