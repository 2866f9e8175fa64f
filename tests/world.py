"""An invented world: a bridge, the article that says it stayed shut for three years, and what others say."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts import fingerprint
from scripts.load import Corpus, load
from scripts.records import Layout

TEXT = """The bridge that nobody opened

by A. Writer

Local traders recall the closing of the bridge as if it were yesterday. They speak of a third winter in darkness.

The county engineer announced that the bridge stayed shut for three years. Some say the toll money was never counted.

A. Writer is a poet.
"""

LAYOUT = Layout(split="blocks", headline=("1", "2"), first="3", last="5")


def prints() -> str:
    made = fingerprint.make(fingerprint.paragraphs(TEXT, LAYOUT), "0" * 32)
    lines = [f"  - {{words: {p.words}, sha256: {p.sha256}, grams: {p.grams!r}}}" for p in made.paragraphs]
    return "fingerprint:\n  salt: " + "'" + "0" * 32 + "'" + "\n  paragraphs:\n" + "\n".join(lines) + "\n"


MOVED = """redirects:
- {from: sources/gazette-reopening/, to: sources/gazette-2018-reopening/, on: 2020-03-01, because: The year was put into it.}
"""

LIST = """article articles/bridge-2018/
source sources/county-2017-report/
source sources/gazette-reopening/
statement articles/bridge-2018/a01/
"""

SOUND = {
    "articles/bridge-2018/article.yml": """title: The bridge that nobody opened
author: A. Writer
publisher: the-herald
published: 2018-03-09
url: https://herald.example/bridge
archived_url: https://archive.example/herald/bridge
copies:
- {url: "https://copies.example/bridge", publisher: the-copyist, published: 2018-03-10}
studied: The page of the Herald.
layout: {split: blocks, headline: [1, 2], first: 3, last: 5}
passages:
- {kind: headline, first: 0, last: 0}
- {kind: body, first: 1, last: 2}
- {kind: author-note, first: 3, last: 3}
without_statements:
- {para: 0, because: The title asks nothing.}
- {para: 3, because: It says nothing of the bridge.}
"""
    + prints(),
    "articles/bridge-2018/a01.yml": """says: Traders speak of three winters in which the bridge was dark.
short: Traders speak of three dark winters
kind: fact
para: 1
anchor: {starts: Local traders recall, ends: third winter in darkness}
topics: [bridge-closure]
attribution: {to: local traders, how: vague, fidelity: vague-source}
evidence:
- source: gazette-2018-reopening
  role: independent
  on: matter
  stance: contradicts
  finding: The Gazette dates the reopening of the bridge fifteen months after its closing.
looked_for:
- {what: any trader by name, where: the county's papers, on: 2020-02-01}
glance: The Gazette dates the reopening fifteen months after the closing.
would_change: A trader's diary of the third winter.
related:
- {to: bridge-2018/a02, as: weaker}
checked: 2020-02-01
""",
    "articles/bridge-2018/a02.yml": """says: The county engineer announced that the bridge stayed shut for three years.
short: The bridge stayed shut for three years
kind: figure
para: 2
anchor: {starts: The county engineer, ends: for three years}
topics: [bridge-closure]
quantity: {measure: months-shut, about: 36, as_of: 2015/2017, counted_by: the county engineer}
attribution:
  to: the county engineer
  how: named
  source: county-2017-report
  fidelity: distorted
  drift: [figure-changed]
  source_says: Fourteen months.
evidence:
- source: county-2017-report
  role: attributed
  on: both
  stance: contradicts
  finding: The report of the county engineer puts the closure of the bridge at fourteen months.
  quantity: {measure: months-shut, value: 14, as_of: 2016/2017-02}
  phrase: fourteen months after the closing
  locator: p. 8
- source: gazette-2018-reopening
  role: independent
  on: matter
  stance: contradicts
  finding: The Gazette dates the reopening of the bridge fifteen months after its closing.
  quantity: {measure: months-shut, value: 15, as_of: 2016/2017-03}
- source: echo-2018-copy
  role: independent
  on: matter
  stance: contradicts
  finding: The Echo repeats the fifteen months that the Gazette gives for the closure.
glance: The county's report gives fourteen months, and a newspaper fifteen.
related:
- {to: bridge-2018/a01, as: stronger}
""",
    "articles/bridge-2018/a03.yml": """says: Some say that the toll money was never counted.
short: The toll money was not counted
kind: opinion
para: 2
anchor: {starts: Some say the toll, ends: was never counted}
topics: [bridge-closure]
attribution: {to: some, how: vague, fidelity: vague-source}
judgement: {status: not-checkable, because: Nobody is named and no toll is.}
""",
    "sources/county-2017-report.yml": """title: The closure of the bridge
publisher: the-county
published: 2017-06
url: https://county.example/report
kind: primary-document
read: {on: 2020-01-01, how: full}
""",
    "sources/gazette-2018-reopening.yml": """title: The bridge is open
publisher: the-gazette
published: 2018-03
url: https://gazette.example/open
kind: news-report
read: {on: 2020-01-01, how: excerpt}
""",
    "sources/echo-2018-copy.yml": """title: الجسر مفتوح
title_en: The bridge is open
lang: ar
publisher: the-echo
published: 2018-04-01
url: https://echo.example/open
kind: news-report
derived_from: [gazette-2018-reopening]
read: {on: 2020-01-01, how: full}
""",
    "publishers/the-herald.yml": """name: The Herald
kind: news-outlet
home: https://herald.example/
documented:
- says: The Herald is run by the bridge company.
  evidence:
  - source: gazette-2018-reopening
    role: independent
    on: matter
    stance: supports
    finding: The Gazette names the bridge company as the owner of the Herald.
reply:
- {source: echo-2018-copy, finding: The Herald calls itself free of any company.}
""",
    "publishers/the-copyist.yml": "name: The Copyist\nkind: blog\n",
    "publishers/the-county.yml": "name: The County\nkind: government\ncountry: Nowhere\nhome: https://county.example/\n",
    "publishers/the-gazette.yml": "name: The Gazette\nkind: news-outlet\nhome: https://gazette.example/\n",
    "publishers/the-echo.yml": "name: The Echo\nkind: news-outlet\nhome: https://echo.example/\n",
    "topics/bridge-closure.yml": """title: The closure
question: How long was the bridge shut?
glance: Fourteen or fifteen months.
summary: |
  The report gives *fourteen* months; see [the figure](bridge-2018/a02).
order: 1
""",
    "measures/months-shut.yml": "title: Months shut\nunit: months\nscope: Months for which the bridge was shut to carts.\n",
    "redirects.yml": MOVED,
    "addresses.txt": LIST,
}

CLAIM = "articles/bridge-2018/a02.yml"
SOFT = "articles/bridge-2018/a01.yml"
ARTICLE = "articles/bridge-2018/article.yml"


def put(root: Path, files: dict[str, str]) -> Path:
    """Write a tree of files."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return root


def edited(*edits: tuple[str, str, str], **more: str) -> dict[str, str]:
    """The sound world after (path, old, new) edits; an edit that finds nothing fails the test. A new file has no old text."""
    files = dict(SOUND)
    for path, old, new in edits:
        if not old:
            files.setdefault(path, "")
        assert old in files[path], f"{old!r} is not in {path}"
        files[path] = files[path].replace(old, new, 1)
    return files | more


def corpus(root: Path, files: dict[str, str] | None = None) -> Corpus:
    """Load a world from disk."""
    return load(put(root / "claims", SOUND if files is None else files))


if __name__ == "__main__":  # python -m tests.world examples/bridge: the world as a folder, for the docs
    put(Path(sys.argv[1]), SOUND)
