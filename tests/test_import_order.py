"""Modules import in one straight line: each only from those above it."""

import ast
from pathlib import Path

LINE = (
    "terms",
    "values",
    "urls",
    "rdf",
    "records",
    "problems",
    "load",
    "addresses",
    "fingerprint",
    "webpage",
    "draft",
    "new",
    "shape",
    "verify",
    "relate",
    "version",
    "assess",
    "changes",
    "lint",
    "check",
    "mend",
    "dataset",
    "tables",
    "teach",
    "chart",
    "cite",
    "references",
    "schemaorg",
    "render",
    "show",
    "revision",
    "diff",
    "diff_report",
    "linked",
    "documents",
    "feeds",
    "database",
    "export",
    "embed",
    "share",
    "index",
    "sitemap",
    "publish",
    "frame",
    "serve",
    "release",
    "schemas",
    "bench",
    "progress",
    "web",
    "links",
    "archive",
    "__main__",
    "mkdocs_hook",
)  # fmt: skip
SCRIPTS = Path(__file__).parent.parent / "scripts"


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "scripts":
            yield from [node.module.split(".")[1]] if "." in node.module else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("scripts."))


def test_every_module_stands_in_the_line():
    assert {path.stem for path in SCRIPTS.glob("*.py")} - {"__init__"} == set(LINE)


def test_each_module_imports_only_from_those_above_it():
    below = [
        f"{name} imports {other}"
        for at, name in enumerate(LINE)
        for other in imports(SCRIPTS / f"{name}.py")
        if other not in LINE[:at]
    ]
    assert below == []
