"""What editors and hooks are told: schemas for every file, and hooks that work in a clean clone without a network."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from scripts.draft import STARTS, template
from scripts.records import KINDS
from tests.told import copied

PROJECT = Path(__file__).parent.parent
SETTINGS = json.loads((PROJECT / ".vscode/settings.json").read_text(encoding="utf-8"))


class Core(yaml.SafeLoader):
    """Types scalars by YAML 1.2's core schema, as the YAML language server does: a date stays text, a number doesn't."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the class above has it


for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))


def matched():
    """The schemas that the globs give each file. The patterns use `*` alone, which every editor reads the same way."""
    found = {}
    for schema, patterns in SETTINGS["yaml.schemas"].items():
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            assert re.fullmatch(r"/claims(/[\w*.-]+)+\.yml", pattern), pattern
            for path in PROJECT.glob(pattern.removeprefix("/")):
                found.setdefault(path, []).append(Path(schema).name)
    return found


def test_every_file_of_the_record_has_exactly_one_schema_and_it_is_that_of_its_kind():
    found = matched()
    assert set(found) == set((PROJECT / "claims").rglob("*.yml"))
    for path, schemas in found.items():
        parent = path.parent.name if path.parent.parent.name != "articles" else "articles"
        kind = {"claims": path.stem, "articles": "article" if path.stem == "article" else "claim"}.get(
            parent, parent[:-1]
        )
        assert schemas == [f"{kind}.schema.json"], path


def test_the_schemas_named_are_all_there_are():
    assert {Path(path).name for path in SETTINGS["yaml.schemas"]} == {
        path.name for path in (PROJECT / "schemas").iterdir()
    }
    assert {f"{kind.__name__.lower()}.schema.json" for kind in KINDS} == {path.name for path in (PROJECT / "schemas").iterdir()}  # fmt: skip


def test_an_editor_finds_no_fault_in_the_real_records():
    validators, seen = {}, {}
    for path, (name,) in sorted(matched().items()):
        seen[name] = seen.get(name, -1) + 1
        if seen[name] % 9:  # every ninth of each kind: the checker itself reads them all
            continue
        if name not in validators:
            schema = json.loads((PROJECT / "schemas" / name).read_text(encoding="utf-8"))
            validators[name] = jsonschema.Draft202012Validator(schema)
        record = yaml.load(path.read_text(encoding="utf-8"), Core)
        assert [error.message for error in validators[name].iter_errors(record)] == [], path
    assert len(validators) == len(KINDS) - 1  # nothing has moved yet, so that no file of redirects is there


@pytest.mark.parametrize("kind", STARTS.values(), ids=STARTS)
def test_an_editor_shows_in_a_template_that_a_word_is_missing(kind):
    schema = json.loads((PROJECT / "schemas" / f"{kind.__name__.lower()}.schema.json").read_text(encoding="utf-8"))
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(yaml.load(template(kind), Core)))
    assert {error.validator for error in errors} <= {"oneOf", "anyOf", "pattern"}
    assert all("TODO" in error.message for error in errors)
    assert bool(errors) == (kind.__name__ not in ("Topic", "Measure", "Site"))  # these hold nothing but text


def test_a_template_names_its_schema_where_the_schemas_lie_beside_the_records(tmp_path, monkeypatch):
    from scripts.__main__ import main

    (tmp_path / "schemas").mkdir()
    shutil.copy(PROJECT / "schemas/topic.schema.json", tmp_path / "schemas")
    monkeypatch.chdir(tmp_path)
    main(["new", "topic", "tolls", "--claims", "claims"])
    first = (tmp_path / "claims/topics/tolls.yml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../schemas/topic.schema.json"
    assert (tmp_path / "claims/topics" / first.partition("=")[2]).is_file()
    main(["new", "measure", "carts", "--claims", "claims"])
    assert "$schema" not in (tmp_path / "claims/measures/carts.yml").read_text()


def test_the_editors_settings_are_those_of_the_tools():
    text = (PROJECT / ".editorconfig").read_text(encoding="utf-8")
    assert "max_line_length = 120" in text
    assert "line-length = 120" in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        if name.endswith((".py", ".yml", ".md", ".html", ".js", ".css", ".json")) and (PROJECT / name).is_file():
            data = (PROJECT / name).read_bytes()
            assert b"\r" not in data, name
            assert not data or data.endswith(b"\n"), name


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clean clone of what stands here, with the tools of this checkout and a home of its own."""
    folder = copied(tmp_path_factory.mktemp("clone") / "claimtrail")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


def hooks(clone, *names):
    # an address that nothing answers at, for whatever should ask the network
    env = os.environ | {"PRE_COMMIT_HOME": str(clone.parent / "home"), "https_proxy": "http://127.0.0.1:9", "SKIP": ""}
    command = [clone / ".venv/bin/pre-commit", "run", "--all-files", *names]
    return subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, check=False)


def test_the_hooks_have_plain_names_and_are_what_a_check_of_a_change_runs():
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repo,) = config["repos"]
    assert [hook["id"] for hook in repo["hooks"]] == ["format", "lint", "types", "schemas", "check"]
    assert all(hook["name"] == hook["id"] and hook["language"] == "system" for hook in repo["hooks"])
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "pre-commit run --all-files" in makefile.partition("\nlint:")[2].partition("\n\n")[0]
    assert "lint" in makefile.partition("\ntest:")[2].partition("\n\n")[0]
    assert "make test" in (PROJECT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "path", "old", "new", "says"), [
    ("format", "scripts/values.py", "_DATE = ", "_DATE  =  ", "files were modified"),
    ("lint", "scripts/values.py", "import calendar\n", "import calendar\nimport json\n", "`json` imported but unused"),
    ("schemas", "schemas/topic.schema.json", "{", "{ ", "is not current"),
    ("check", "claims/topics/tolls.yml", None, "title: TODO\nquestion: Which?\n", "title is still to be filled in"),
])  # fmt: skip
def test_each_hook_passes_in_a_clean_clone_without_a_network_and_fails_on_its_fault(clone, name, path, old, new, says):
    sound = hooks(clone, name)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    target = clone / path
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.write_text(new if old is None else before.replace(old, new, 1), encoding="utf-8")
    subprocess.run(["git", "add", "-AN"], cwd=clone, check=True)
    result = hooks(clone, name)
    if before is None:
        target.unlink()
    else:
        target.write_text(before, encoding="utf-8")
    subprocess.run(["git", "add", "-A"], cwd=clone, check=True)
    assert result.returncode == 1
    assert says in result.stdout
