"""What GitHub runs and shows: sound by its published schemas, safe by zizmor, and in step with the program."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from scripts.__main__ import _parser
from scripts.relate import Relations
from scripts.render import Settings, Site
from tests.world import corpus

PROJECT = Path(__file__).parent.parent
GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
PIN = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # "on" stays "on"


def jobs():
    return [(path.name, name, job) for path in WORKFLOWS for name, job in read(path)["jobs"].items()]


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
        ("dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_every_file_is_sound_by_its_published_schema_and_a_broken_one_is_not(schema, paths, tmp_path):
    assert paths
    broken = tmp_path / "broken.yml"
    broken.write_text("nothing: such\n")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert subprocess.run([*command, broken], capture_output=True, check=False).returncode == 1


def test_zizmor_finds_nothing_however_strict():
    zizmor = Path(sys.executable).parent / "zizmor"
    command = [zizmor, "--offline", "--no-config", "--persona", "pedantic", "--no-progress", GITHUB]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings" in done.stdout


def test_every_action_is_pinned_by_commit_with_its_version():
    lines = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(lines) > 8
    assert [line for line in lines if not PIN.match(line)] == []
    pins = {}
    for line in lines:
        action, _, commit = line.partition("uses: ")[2].partition("@")
        assert pins.setdefault(action, commit) == commit, f"{action} is pinned twice"


def test_a_pull_request_gets_no_secret_and_may_write_nothing():
    check = (GITHUB / "workflows" / "check.yml").read_text(encoding="utf-8")
    assert list(read(GITHUB / "workflows" / "check.yml")["on"]) == ["pull_request"]
    assert "secrets." not in check
    assert "github.token" not in check
    for _, name, job in jobs():
        assert "permissions" in job, name
    rights = {right for file, _, job in jobs() if file == "check.yml" for right in job["permissions"].items()}
    assert rights == {("contents", "read")}


def test_no_job_that_runs_the_repositorys_code_may_write():
    for file, name, job in jobs():
        writes = {right for right, level in job["permissions"].items() if level == "write"}
        runs_ours = any("checkout" in step.get("uses", "") for step in job["steps"])
        assert not (writes and runs_ours), (file, name)
    assert {name: set(job["permissions"]) for _, name, job in jobs() if "write" in job["permissions"].values()} == {
        "deploy": {"pages", "id-token"},
        "tell": {"issues"},
    }


def test_every_permission_at_the_top_is_taken_away_and_every_job_ends():
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {}, path.name
    assert all(int(job["timeout-minutes"]) <= 120 for _, _, job in jobs())


def test_the_commands_in_workflows_are_those_of_the_program_and_the_makefile():
    (action,) = [action for action in _parser()._actions if action.choices]
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    used = set(re.findall(r"python -m scripts ([a-z]+)", text))
    assert used >= {"check", "diff", "addresses", "links"}
    assert used <= set(action.choices)
    assert set(re.findall(r"run: make ([a-z]+)", text)) <= targets


def test_the_weekly_report_changes_the_one_issue_and_blocks_nothing():
    tell = read(GITHUB / "workflows" / "weekly.yml")["jobs"]["tell"]["steps"][-1]["run"]
    assert tell.index("gh issue list") < tell.index("gh issue edit") < tell.index("gh issue create")
    assert "pull_request" not in read(GITHUB / "workflows" / "weekly.yml")["on"]
    look = read(GITHUB / "workflows" / "weekly.yml")["jobs"]["look"]["steps"]
    for step in look:
        if "python -m scripts" in step.get("run", ""):
            assert "|| echo" in step["run"]


STUB = """#!/bin/sh
echo "$@" >> "$LOG"
case "$1 $2" in "issue list") cat "$ISSUES";; esac
"""


@pytest.mark.parametrize(("known", "expected"), [("", ["issue create"]), ("7\n", ["issue edit", "issue reopen"])])
def test_the_issue_is_made_once_and_then_written_anew(tmp_path, known, expected):
    """The step itself, run by a shell against a `gh` that notes what it is asked."""
    step = read(GITHUB / "workflows" / "weekly.yml")["jobs"]["tell"]["steps"][-1]["run"]
    (tmp_path / "gh").write_text(STUB)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "issues").write_text(known)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "LOG": tmp_path / "log",
        "ISSUES": tmp_path / "issues",
        "LABEL": "weekly-report",
    }
    subprocess.run(["bash", "-e", "-c", step], env=environment, cwd=tmp_path, check=True)
    asked = [" ".join(line.split()[:2]) for line in (tmp_path / "log").read_text().splitlines()]
    assert asked == ["label create", "issue list", *expected]


def test_the_template_of_pull_requests_is_short():
    assert len((GITHUB / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize("link", ["report", "suggest"])
def test_the_links_of_a_statement_fill_in_fields_that_its_form_has(tmp_path, link):
    site = Site(Relations(corpus(tmp_path)), Settings("Claimtrail", "https://bridge.example/", "https://git.example/x"))
    claim = site.corpus.claims["bridge-2018/a02"]
    url = urlsplit(getattr(site, link)(claim))
    values = {name: value for name, (value,) in parse_qs(url.query, strict_parsing=True).items()}
    assert url.path == "/x/issues/new"
    form = read(GITHUB / "ISSUE_TEMPLATE" / values.pop("template"))
    assert values.pop("title") == "bridge-2018/a02: "
    assert set(values) <= {field["id"] for field in form["body"] if field["type"] in ("input", "textarea")}
    assert values["statement"] == "bridge-2018/a02 https://bridge.example/articles/bridge-2018/a02/"
    if link == "report":
        assert (
            values["site-says"]
            == "The bridge stayed shut for three years. Attribution: distorted. Record: contradicted."
        )


def test_the_form_for_errors_asks_for_what_a_correction_needs():
    form = read(GITHUB / "ISSUE_TEMPLATE" / "wrong.yml")
    fields = {field["id"]: field["validations"]["required"] for field in form["body"] if "id" in field}
    assert fields == {"statement": "true", "site-says": "true", "source-says": "true", "link": "true"}
