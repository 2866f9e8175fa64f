"""The commands: their exit status, their output, and that --help says what there is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.__main__ import main
from tests.world import CLAIM, SOUND, TEXT, edited, put

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def claims(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return put(tmp_path / "claims", SOUND)


def test_check_is_silent_and_0_on_sound_records(claims, capsys):
    assert main(["check", "--claims", "claims"]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_prints_clickable_lines_and_1_on_problems(claims, capsys):
    put(claims, edited((CLAIM, "para: 2", "para: 9")))
    assert main(["check", "--claims", "claims"]) == 1
    assert f"claims/{CLAIM}:4:7: paragraph-exists: " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["check", "--claims", "nowhere"], ["check", "--claims", "claims", "nowhere.yml"], ["show", "--claims", "claims", "x"], ["verify", "--claims", "claims", "--texts", "nowhere"]])  # fmt: skip
def test_wrong_use_is_2_and_says_why(claims, capsys, arguments):
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["check", "--format", "xml"], ["check", "--nothing"]])
def test_unknown_commands_and_options_are_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_warning_is_printed_and_stops_nothing_but_a_strict_check(claims, capsys):
    put(claims, edited(("publishers/the-gazette.yml", "home: https://gazette.example/\n", "")))
    assert main(["check", "--claims", "claims"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("claims/publishers/the-gazette.yml:1:7: warning: publisher-without-home: ")
    assert main(["check", "--claims", "claims", "--strict"]) == 1
    assert capsys.readouterr().out == printed
    assert main(["check", "--claims", "claims", "--strict", "claims/sources"]) == 0


@pytest.mark.parametrize(
    ("edit", "builds"),
    [
        (("publishers/the-gazette.yml", "home: https://gazette.example/\n", ""), True),
        ((CLAIM, "para: 2", "para: 9"), False),
    ],
)
def test_a_build_prints_warnings_and_is_stopped_by_errors_alone(claims, capsys, monkeypatch, edit, builds):
    built = []
    monkeypatch.setattr("scripts.__main__.publish", lambda *arguments: built.append(arguments) or "built")
    put(claims, edited(edit))
    assert main(["build", "--claims", "claims"]) == (0 if builds else 1)
    assert bool(built) is builds
    assert edit[0] in capsys.readouterr().err


def test_ages_are_counted_to_the_day_that_is_given(claims, capsys):
    assert main(["check", "--claims", "claims", "--on", "2022-02-01", "--strict"]) == 1
    assert "stale-check" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--on", "yesterday"])
    assert stopped.value.code == 2
    assert "'yesterday' is not a day: write 2026-11-20" in capsys.readouterr().err


def test_check_of_one_file_prints_only_what_concerns_it(claims, capsys):
    put(claims, edited((CLAIM, "para: 2", "para: 9"), ("articles/bridge-2018/a01.yml", "para: 1", "para: 8")))
    assert main(["check", "--claims", "claims", f"claims/{CLAIM}"]) == 1
    out = capsys.readouterr().out
    assert "a02.yml" in out
    assert "a01.yml" not in out
    assert main(["check", "--claims", "claims", "claims/sources"]) == 0


def test_check_prints_json(claims, capsys):
    put(claims, edited((CLAIM, "para: 2", "para: 9")))
    main(["check", "--claims", "claims", "--format", "json"])
    assert {problem["rule"] for problem in json.loads(capsys.readouterr().out)} >= {"paragraph-exists"}


def test_build_refuses_unsound_records_and_leaves_the_site(claims, capsys, tmp_path):
    put(claims, edited((CLAIM, "para: 2", "para: 9")))
    assert main(["build", "--claims", "claims", "--out", str(tmp_path / "site")]) == 1
    assert "The site was not built; the old one is as it was." in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_show_prints_both_verdicts_and_why(claims, capsys):
    assert main(["show", "--claims", "claims", "bridge-2018/a02"]) == 0
    out = capsys.readouterr().out
    assert "Attribution  distorted (credits the county engineer)." in out
    assert (
        "Record       contradicted. Two independent origins (a primary document among them) contradict it and none supports it."
        in out
    )
    assert "origin: the-gazette" in out


def test_show_suggests_the_nearest_statement(claims, capsys):
    main(["show", "--claims", "claims", "bridge-2018/a2"])
    assert "did you mean 'bridge-2018/a" in capsys.readouterr().err


def test_verify_checks_against_the_texts(claims, tmp_path, capsys):
    put(tmp_path / "texts", {"bridge-2018.txt": TEXT})
    assert main(["verify", "--claims", "claims", "--texts", "texts"]) == 0
    put(tmp_path / "texts", {"bridge-2018.txt": TEXT.replace("three", "four")})
    assert main(["verify", "--claims", "claims", "--texts", "texts"]) == 1


def test_schemas_check_is_0_when_current():
    assert main(["schemas", "--check"]) == 0


@pytest.mark.parametrize(
    "command",
    ["check", "build", "serve", "show", "diff", "addresses", "verify", "links", "archive", "schemas", "bench", "new"],
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    reads_records = command not in ("serve", "schemas", "bench")
    assert ("--claims DIR" in capsys.readouterr().out) == reads_records


def test_a_reader_that_stops_early_makes_no_traceback(claims):
    put(claims, {f"sources/Bad{n}.yml": "x" for n in range(3000)})
    command = f"{sys.executable} -m scripts check --claims {claims} | head -1"
    result = subprocess.run(command, shell=True, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "Traceback" not in result.stderr
    assert result.stdout.count("\n") == 1
