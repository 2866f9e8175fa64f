"""Writes tests/data/citations.json anew: what pandoc prints for the items of tests/test_cite.py.

    python -m tests.make_citations PANDOC STYLES

PANDOC is the program (3.9 was used), STYLES the folder with apa.csl, modern-language-association.csl and
chicago-notes-bibliography-17th-edition.csl of the Citation Style Language. No test runs this.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

from scripts.references import csl_json
from tests.test_cite import GOLDEN, ITEMS

STYLES = {
    "APA": "apa",
    "MLA": "modern-language-association",
    "Chicago, bibliography": "chicago-notes-bibliography-17th-edition",
    "Chicago, note": "chicago-notes-bibliography-17th-edition",
}


def printed(pandoc: str, style: Path, item, note: bool) -> str:
    """One item as one document, so that no other changes how it is printed."""
    bibliography = Path("build/citation.json")
    bibliography.parent.mkdir(exist_ok=True)
    bibliography.write_text(csl_json([item]), encoding="utf-8")
    text = f"x[@{item.id}]" if note else "---\nnocite: '@*'\n---\n"
    made = subprocess.run(
        [pandoc, "--citeproc", "--bibliography", bibliography, "--csl", style, "-t", "html", "--wrap=none"],
        input=text, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    pattern = r'<li id="fn\d+"><p>(.*?)<a href="#fnref' if note else r'<div id="ref-[^"]+"[^>]*>\n(.*?)\n</div>'
    found = re.search(pattern, made, re.DOTALL)[1]
    found = re.sub(r"</?span[^>]*>|<a [^>]*>|</a>", "", re.sub(r"<(/?)em>", r"<\1i>", found))
    return html.unescape(found).replace("\N{NO-BREAK SPACE}", " ").strip()


def main(pandoc: str, styles: str) -> None:
    made = {
        label: {item.id: printed(pandoc, Path(styles, f"{name}.csl"), item, label.endswith("note")) for item in ITEMS}
        for label, name in STYLES.items()
    }
    GOLDEN.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
