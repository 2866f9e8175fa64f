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


def test_show_prints_both_verdicts_and_why_and_the_evidence_by_origin(claims, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["show", "--claims", "claims", "bridge-2018/a02"]) == 0
    assert (
        capsys.readouterr().out
        == """bridge-2018/a02 · paragraph 2 · figure
The bridge that nobody opened, A. Writer, The Herald, 9 March 2018

  The county engineer announced that the bridge stayed shut for three years.
  Gives about 36 months [months-shut], for 2015 to 2017, counted by the county engineer.

Attribution: ✕ distorted
  Credits the county engineer. What the credited source says was changed in a way that matters.
  The document credited: The County, June 2017 [county-2017-report]
  The source gives: Fourteen months.
  Changed on the way: figure changed.

Record: ✕ contradicted
  Two independent origins (a primary document among them) contradict it and none supports it.
  When the article appeared, one of two origins could be read.

Against: 2 independent origins
  The County
    ✕ The County, June 2017 [county-2017-report]: contradicts, attributed, on saying and matter,
    before the article
      The report of the county engineer puts the closure of the bridge at fourteen months.
      It gives 14 months [months-shut], for 2016 to February 2017; the article’s number: 2.6 times
      what the source gives.
      “fourteen months after the closing”, p. 8
  The Gazette (one origin, two reports)
    ✕ The Gazette, March 2018 [gazette-2018-reopening]: contradicts, independent, on matter, time
    unsettled
      The Gazette dates the reopening of the bridge fifteen months after its closing.
      It gives 15 months [months-shut], for 2016 to March 2017; the article’s number: 2.4 times what
      the source gives.
    ✕ The Echo, 1 April 2018 [echo-2018-copy]: contradicts, independent, on matter, after the
    article
      The Echo repeats the fifteen months that the Gazette gives for the closure.

Related
  stronger: Traders speak of three dark winters [bridge-2018/a01], ○ single source
"""
    )


@pytest.mark.parametrize("columns", [30, 52, 80, 300])
def test_show_fits_the_terminal_and_loses_no_word(claims, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", "80")
    main(["show", "--claims", "claims", "bridge-2018/a01"])
    words = capsys.readouterr().out.split()
    monkeypatch.setenv("COLUMNS", str(columns))
    main(["show", "--claims", "claims", "bridge-2018/a01"])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= max(40, min(100, columns))
    assert out.split() == words
    assert "Looked for and not found" in out
    assert "What would change this" in out


def test_show_says_what_was_judged_withdrawn_or_only_of_the_saying(claims, capsys):
    saying = edited((CLAIM, "on: both", "on: saying"))[CLAIM]
    put(claims, {CLAIM: saying + "withdrawn: {on: 2020-03-01, reason: It was two statements.}\n"})
    main(["show", "--claims", "claims", "bridge-2018/a02"])
    out = capsys.readouterr().out
    assert "Withdrawn, 1 March 2020: It was two statements." in out
    assert out.index("On whether it was said") < out.index("The County, June 2017 [county-2017-report]: contradicts")
    main(["show", "--claims", "claims", "bridge-2018/a03"])
    assert "not checkable (judged)\n  Nobody is named and no toll is." in capsys.readouterr().out


def test_show_prints_json(claims, capsys):
    main(["show", "--claims", "claims", "--format", "json", "bridge-2018/a02"])
    found = json.loads(capsys.readouterr().out)
    assert found["attribution"]["fidelity"] == "distorted"
    assert found["record"]["status"] == "contradicted"
    assert found["record"]["origins"] == {"supports": [], "qualifies": [], "contradicts": ["the-county", "the-gazette"]}
    assert found["record"]["when_the_article_appeared"] == "contradicted"
    assert [(item["source"], item["origins"], item["when"], item["distance"]) for item in found["evidence"]] == [
        ("county-2017-report", ["the-county"], "before", "2.6 times what the source gives"),
        ("gazette-2018-reopening", ["the-gazette"], "unknown", "2.4 times what the source gives"),
        ("echo-2018-copy", ["the-gazette"], "after", None),
    ]
    assert found["related"] == [{"to": "bridge-2018/a01", "as": "stronger", "note": None}]


def test_show_of_a_statement_that_names_what_is_not_there_says_so(claims, capsys):
    put(claims, edited((CLAIM, "source: gazette-2018-reopening", "source: gazette-2018")))
    assert main(["show", "--claims", "claims", "bridge-2018/a02"]) == 1
    assert "names 'gazette-2018', which has no sound record" in capsys.readouterr().err


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
    reads_records = command not in ("schemas", "bench")
    assert ("--claims DIR" in capsys.readouterr().out) == reads_records


def test_a_reader_that_stops_early_makes_no_traceback(claims):
    put(claims, {f"sources/Bad{n}.yml": "x" for n in range(3000)})
    command = f"{sys.executable} -m scripts check --claims {claims} | head -1"
    result = subprocess.run(command, shell=True, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "Traceback" not in result.stderr
    assert result.stdout.count("\n") == 1
