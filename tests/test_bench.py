"""The benchmark runs through, so that it can be asked at any time; how fast anything is, no test says."""

import re

from scripts.__main__ import main


def test_the_benchmark_times_every_stage_of_a_whole_site(capsys):
    assert main(["bench", "--statements", "12"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("\n12 statements, 24 sources, ")
    stages = dict(re.findall(r"^  (.+?) +([\d.]+)(?: s)?\b", told, re.MULTILINE))
    for stage in ("load", "check", "render", "export", "mkdocs", "index", "serve: edit to page", "pages / bare mkdocs"):
        assert float(stages[stage]) > 0, stage
