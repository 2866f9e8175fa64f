"""What a change means: in a small git repository made of the invented world."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import addresses
from scripts.__main__ import main
from scripts.assess import assess
from scripts.diff import _causes, _outcome, diff
from scripts.diff_report import FORMATS, as_markdown, escaped, linked, printed
from scripts.load import load, read
from scripts.relate import Relations
from scripts.render import Renderer, Settings, Site
from tests.world import CLAIM, SOFT, SOUND, edited, put

GAZETTE = "sources/gazette-2018-reopening.yml"
COUNTY = "sources/county-2017-report.yml"
ECHO = "sources/echo-2018-copy.yml"
TOPIC = "topics/bridge-closure.yml"
URL = "https://bridge.example/"
POST = {
    "sources/post-2018-count.yml": "title: A count of the carts\npublisher: the-post\npublished: 2018-02\nurl: https://post.example/c\nkind: news-report\nread: {on: 2020-01-01, how: full}\n",
    "publishers/the-post.yml": "name: The Post\nkind: news-outlet\n",
}
WITNESS = "- source: post-2018-count\n  role: independent\n  on: matter\n  stance: contradicts\n  finding: The Post counts carts on the bridge after fourteen months.\n"


def state(files=None):
    """A state of the records, from bytes."""
    return read({path: text.encode() for path, text in (files or SOUND).items()}, "claims")


def compare(*edits, **more):
    return diff(state(), state(edited(*edits) | more))


def without(*paths):
    return {path: text for path, text in SOUND.items() if path not in paths}


def only(made):
    (statement,) = made.changed
    return statement


# ---- causes -----------------------------------------------------------------------------------------------------


def test_two_equal_states_differ_in_nothing():
    made = diff(state(), state())
    assert made.nothing
    assert made.pages == {}


def test_a_source_added_is_named_with_what_it_does_to_the_origins():
    made = diff(state(), state(edited((SOFT, "looked_for:", WITNESS + "looked_for:")) | POST))
    it = only(made)
    assert [cause.edit for cause in it.because] == ["source post-2018-count added, contradicts"]
    assert it.origins == {"against": (("the-gazette",), ("the-gazette", "the-post"))}
    assert [status.value for status in it.status] == ["single-source", "contradicted"]
    assert "because source post-2018-count added, contradicts: origins against 1 → 2" in printed(made, "text")


def test_of_two_edits_only_the_one_that_explains_is_a_cause():
    """The Echo repeats the Gazette, so that its finding, taken away at the same time, changes no tally."""
    echo = SOUND[CLAIM][SOUND[CLAIM].index("- source: echo") : SOUND[CLAIM].index("glance:")]
    made = compare((CLAIM, echo, WITNESS), **POST)
    assert [cause.edit for cause in only(made).because] == ["source post-2018-count added, contradicts"]


def test_a_chain_that_is_found_takes_an_origin_away():
    made = compare((GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [county-2017-report]"))
    causes = {it.id: [(cause.file, cause.edit) for cause in it.because] for it in made.changed}
    edit = (GAZETTE, "source gazette-2018-reopening: now derives from county-2017-report")
    assert causes == {"bridge-2018/a01": [edit], "bridge-2018/a02": [edit]}
    two = made.changed[1]
    assert two.fields == ()
    assert two.origins["against"] == (("the-county", "the-gazette"), ("the-county",))


def test_two_bodies_that_become_one_are_one_origin():
    made = compare(("publishers/the-gazette.yml", "kind: news-outlet", "kind: news-outlet\npart_of: the-county"))
    assert {cause.edit for it in made.changed for cause in it.because} == {
        "publisher the-gazette: now part of the-county"
    }


def test_another_kind_of_source_is_a_cause():
    it = only(compare((COUNTY, "kind: primary-document", "kind: news-report")))
    assert [cause.edit for cause in it.because] == ["source county-2017-report: kind primary document → news report"]
    assert it.status is None
    assert it.origins == {"primary documents": (("contradicts",), ())}


def test_what_a_finding_rests_on_is_a_cause():
    old = "  finding: The Echo repeats"
    it = only(compare((CLAIM, old, "  rests_on: []\n" + old)))
    assert [cause.edit for cause in it.because] == ["evidence of echo-2018-copy: its finding is its own"]
    assert it.origins["against"][1] == ("the-county", "the-echo", "the-gazette")


def test_a_fidelity_judged_anew_gives_the_new_reason_and_asks_for_a_correction():
    edit = (CLAIM, "fidelity: distorted\n", "fidelity: minor-drift\n  because: The report rounds.\n")
    it = only(compare(edit))
    assert [cause.edit for cause in it.because] == ["the attribution was judged anew: The report rounds."]
    assert [fidelity.value for fidelity in it.fidelity] == ["distorted", "minor-drift"]
    assert it.uncorrected
    corrected = compare(
        edit, (CLAIM, "kind: figure", "corrected:\n- {on: 2020-03-01, what: Was distorted.}\nkind: figure")
    )
    assert not only(corrected).uncorrected


def test_where_two_edits_are_needed_both_are_causes():
    gazette = "  stance: contradicts\n  finding: The Gazette"
    it = only(
        compare(
            (CLAIM, gazette, gazette.replace("contradicts", "supports")),
            (CLAIM, "stance: contradicts\n  finding: The report", "stance: supports\n  finding: The report"),
        )
    )
    assert {cause.edit for cause in it.because} == {
        "evidence of gazette-2018-reopening: stance contradicts → supports",
        "evidence of county-2017-report: stance contradicts → supports",
    }


def test_an_edit_that_changes_no_verdict_has_no_cause():
    it = only(compare((CLAIM, "glance: The county's", "glance: Here the county's")))
    assert (it.fields, it.because, it.status) == (("glance",), (), None)


# ---- figures, arrivals, other records ---------------------------------------------------------------------------


def test_figures_are_told_from_and_to_with_the_distance():
    (figure,) = compare((CLAIM, "value: 14, as_of: 2016/2017-02", "value: 18, as_of: 2016/2017-02")).figures
    assert (figure.claim, figure.whose) == ("bridge-2018/a02", "county-2017-report")
    assert (figure.before, figure.after) == (
        "14 on months-shut, for 2016 to February 2017",
        "18 on months-shut, for 2016 to February 2017",
    )
    assert (figure.distance_before, figure.distance_after) == (
        "2.6 times what the source gives",
        "2 times what the source gives",
    )


def test_the_articles_own_figure_is_one():
    figures = compare((CLAIM, "about: 36", "about: 30")).figures
    assert (figures[0].whose, figures[0].before[:8], figures[0].after[:8]) == (
        "the article",
        "about 36",
        "about 30",
    )
    assert {figure.whose for figure in figures[1:]} == {
        "county-2017-report",
        "gazette-2018-reopening",
    }  # their distance


def test_statements_added_withdrawn_and_brought_back():
    taken = edited((SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: It was counted twice.}\nkind: fact"))
    made = diff(state(without("articles/bridge-2018/a03.yml")), state(taken))
    assert [it.id for it in made.added] == ["bridge-2018/a03"]
    assert [(it.id, it.reason) for it in made.withdrawn] == [("bridge-2018/a01", "It was counted twice.")]
    assert made.breaks == ()
    assert [it.id for it in diff(state(taken), state()).restored] == ["bridge-2018/a01"]


def test_other_records_are_listed_by_kind():
    made = compare((GAZETTE, "title: The bridge is open", "title: The bridge is open again"), **POST)
    assert made.records == {
        "source": {"added": ("post-2018-count",), "changed": ("gazette-2018-reopening",)},
        "publisher": {"added": ("the-post",)},
    }


def test_a_record_that_cannot_be_read_is_not_taken_for_one_that_is_gone():
    made = compare((SOFT, "kind: fact", "kind: fcat"))
    assert [problem.rule for problem in made.unread] == ["unknown-value"]
    assert made.breaks == ()
    assert made.removed == ()


# ---- pages ------------------------------------------------------------------------------------------------------


def all_pages(corpus):
    site = Site(Relations(corpus), Settings())
    site.version = "the same"  # it stands on every page, and says when the newest record was checked
    renderer = Renderer(site)
    return {path: text.partition("\n---\n")[2] for path, text in renderer.pages()}


EDITS = [
    (SOFT, "glance: The Gazette", "glance: Our Gazette"),
    (SOFT, "short: Traders speak", "short: Some traders speak"),
    (SOFT, "stance: contradicts", "stance: supports"),
    (SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: Twice.}\nkind: fact"),
    (SOFT, "para: 1", "para: 2"),
    (SOFT, "checked: 2020-02-01\n", "checked: 2020-01-31\n"),
    (CLAIM, "kind: figure", "checked: 2019-05-01\nkind: figure"),
    (CLAIM, "kind: figure", "corrected:\n- {on: 2019-05-01, what: A word.}\nkind: figure"),
    (CLAIM, "about: 36", "about: 30"),
    (CLAIM, "fidelity: distorted", "fidelity: minor-drift"),
    (CLAIM, "value: 15, as_of", "value: 16, as_of"),
    (GAZETTE, "title: The bridge", "title: A bridge"),
    (GAZETTE, "publisher: the-gazette", "publisher: the-echo"),
    (GAZETTE, "published: 2018-03", "published: 2018-02"),
    (GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [county-2017-report]"),
    (COUNTY, "kind: primary-document", "kind: news-report"),
    (ECHO, "derived_from: [gazette-2018-reopening]\n", ""),
    ("publishers/the-gazette.yml", "name: The Gazette", "name: The Old Gazette"),
    ("publishers/the-herald.yml", "name: The Herald", "name: The New Herald"),
    ("publishers/the-herald.yml", "says: The Herald is", "says: The Herald was"),
    ("publishers/the-echo.yml", "kind: news-outlet", "kind: blog\npart_of: the-gazette"),
    ("measures/months-shut.yml", "title: Months shut", "title: Months closed"),
    (TOPIC, "title: The closure", "title: How long"),
    ("articles/bridge-2018/article.yml", "title: The bridge that", "title: A bridge that"),
    ("articles/bridge-2018/article.yml", "published: 2018-03-09", "published: 2019"),
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit[0]} {edit[2][:30]}".replace("\n", " "))
def test_the_pages_touched_are_those_that_a_full_rendering_makes_otherwise(edit):
    base, head = state(), state(edited(edit))
    before, after = all_pages(base), all_pages(head)
    told = diff(base, head).pages
    changed = sorted(addresses.of_path(path) for path in before if path in after and before[path] != after[path])
    assert changed
    assert list(told["changed"]) == changed
    assert set(told) == {"changed"}


def test_causes_alone_turn_the_first_outcome_into_the_second_for_mixed_edits():
    """Whatever edits come together, what is named as their cause is never empty where an outcome changed."""
    chance = random.Random(7)
    base = state()
    seen = 0
    for _ in range(60):
        files = dict(SOUND)
        for path, old, new in chance.sample(EDITS, 3):
            files[path] = files[path].replace(old, new, 1)
        head = state(files)
        if head.problems:
            continue
        for id, claim in base.claims.items():
            now = head.claims[id]
            if _outcome(assess(Relations(base), claim)) != _outcome(assess(Relations(head), now)):
                seen += 1
                assert _causes(base, head, claim, now)
    assert seen > 20


# ---- addresses and ids ------------------------------------------------------------------------------------------


def rules(base, head):
    return [
        (problem.rule, problem.path.removeprefix("claims/")) for problem in addresses.against(state(base), state(head))
    ]


def test_a_statement_that_is_deleted_breaks_its_address():
    (problem,) = diff(state(), state(without("articles/bridge-2018/a03.yml"))).breaks
    assert (problem.rule, problem.path) == ("id-vanished", "claims/articles/bridge-2018/a03.yml")
    assert "withdrawn:" in problem.hint


@pytest.mark.parametrize(
    "path", ["sources/echo-2018-copy.yml", "publishers/the-echo.yml", "measures/months-shut.yml", TOPIC]
)
def test_any_other_record_that_is_deleted_needs_a_redirect(path):
    (problem,) = addresses.against(state(), state(without(path)))
    assert (problem.rule, problem.path) == ("id-vanished", f"claims/{path}")
    assert "redirects.yml" in problem.hint
    folder, name = path.removesuffix(".yml").split("/")
    entry = f"- {{from: {'figures' if folder == 'measures' else folder}/{name}/, to: articles/bridge-2018/, on: 2020, because: No.}}\n"
    assert rules(SOUND, without(path) | {"redirects.yml": SOUND["redirects.yml"] + entry}) == []


def test_an_article_that_moves_takes_its_statements_along():
    moved = {
        path.replace("bridge-2018/", "crossing-2018/"): text.replace("bridge-2018/a", "crossing-2018/a")
        for path, text in SOUND.items()
        if path != "addresses.txt"
    }
    assert len(rules(SOUND, moved)) == 4 + 2  # the article and its statements, and two lines of the list
    entry = "- {from: articles/bridge-2018/, to: articles/crossing-2018/, on: 2020, because: It was misnamed.}\n"
    moved["redirects.yml"] = SOUND["redirects.yml"] + entry
    assert rules(SOUND, moved) == []
    del moved["articles/crossing-2018/a03.yml"]
    assert rules(SOUND, moved) == [("id-vanished", "articles/bridge-2018/a03.yml")]


def test_a_redirect_and_a_line_of_the_list_may_not_be_taken_away():
    assert rules(SOUND, without("redirects.yml")) == [("id-vanished", "redirects.yml")]
    pages = SOUND | {"addresses.txt": "page search/\n"}
    assert rules(pages, SOUND) == [("id-vanished", "addresses.txt")]


def test_redirects_that_cannot_be_read_break_no_address():
    assert rules(SOUND, SOUND | {"redirects.yml": "redirects: {"}) == []


OTHER = [
    (SOFT, [("says: Traders speak of three winters in which the bridge was dark.", "says: The mayor promised a ferry."), ("starts: Local traders recall", "starts: They speak of a"), ("ends: third winter in darkness", "ends: as if it were yesterday")]),
    (GAZETTE, [("title: The bridge is open", "title: Prices of grain"), ("https://gazette.example/open", "https://gazette.example/grain")]),
    ("publishers/the-gazette.yml", [("name: The Gazette", "name: The Trumpet"), ("home: https://gazette.example/", "home: https://trumpet.example/")]),
    (TOPIC, [("title: The closure", "title: The toll"), ("question: How long was the bridge shut?", "question: Who kept what carters paid?")]),
    ("measures/months-shut.yml", [("title: Months shut", "title: Tolls"), ("scope: Months for which the bridge was shut to carts.", "scope: What carters paid.")]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "edits"), OTHER, ids=[path for path, _ in OTHER])
def test_an_id_that_is_given_to_another_record_is_told_and_one_edit_alone_is_not(path, edits):
    assert rules(SOUND, edited(*((path, old, new) for old, new in edits))) == [("id-reused", path)]
    for old, new in edits[:-1]:
        assert rules(SOUND, edited((path, old, new))) == []


def test_a_correction_says_that_it_is_the_same_statement():
    path, edits = OTHER[0]
    noted = ("kind: fact", "corrected:\n- {on: 2020-03-01, what: It was misread.}\nkind: fact")
    assert rules(SOUND, edited(*((path, old, new) for old, new in [*edits, noted]))) == []


def test_a_source_whose_old_address_stays_as_a_copy_is_the_same():
    edits = [
        ("title: The bridge is open", "title: Prices of grain"),
        (
            "url: https://gazette.example/open",
            "url: https://gazette.example/grain\ncopies: [{url: 'http://www.gazette.example/open/'}]",
        ),
    ]
    assert rules(SOUND, edited(*((GAZETTE, old, new) for old, new in edits))) == []


# ---- git --------------------------------------------------------------------------------------------------------


def git(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@a.example",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@a.example",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", folder, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A repository with two commits: the sound world, and one in which a chain was found and a file has an odd name."""
    root = tmp_path_factory.mktemp("history")
    git(root, "init", "--quiet", "--initial-branch=main")
    put(root / "data" / "claims", SOUND | {"README.md": "No record."})
    put(root, {"readme.txt": "Not below the records."})
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "The bridge")
    put(
        root / "data" / "claims",
        edited((GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [county-2017-report]")),
    )
    git(root, "commit", "--quiet", "-am", "bridge-2018/a02 @all <b>: the chain; see bridge-2018/a99")
    return root


@pytest.fixture
def repository(history, tmp_path, monkeypatch):
    shutil.copytree(history, tmp_path / "here")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path / "here" / "data")
    return tmp_path / "here"


def run(capsys, *arguments):
    status = main([arguments[0], "--claims", "claims", *arguments[1:]])
    return status, capsys.readouterr()


def test_two_revisions_are_compared_without_a_checkout(repository, capsys):
    before = sorted((path, path.stat().st_mtime_ns) for path in (repository / "data").rglob("*"))
    status, told = run(capsys, "diff", "HEAD^", "HEAD")
    assert status == 0
    assert (
        "because source gazette-2018-reopening: now derives from county-2017-report: origins against 2 → 1" in told.out
    )
    assert sorted((path, path.stat().st_mtime_ns) for path in (repository / "data").rglob("*")) == before


def test_without_head_uncommitted_edits_count(repository, capsys):
    assert "Nothing changed" in run(capsys, "diff", "main")[1].out
    put(repository / "data" / "claims", POST)
    status, told = run(capsys, "diff", "main", "--format", "json")
    assert json.loads(told.out)["records"] == {
        "source": {"added": ["post-2018-count"]},
        "publisher": {"added": ["the-post"]},
    }
    assert status == 0


def test_a_broken_address_is_1_in_diff_and_in_check(repository, capsys):
    (repository / "data" / "claims" / ECHO).unlink()
    status, told = run(capsys, "diff", "HEAD")
    assert (status, "id-vanished" in told.out) == (1, True)
    status, told = run(capsys, "check", "--base", "HEAD", "--format", "github")
    assert (status, "title=id-vanished" in told.out) == (1, True)
    git(repository, "checkout", "--quiet", ".")
    assert run(capsys, "check", "--base", "HEAD^")[0] == 0


def test_what_came_to_the_base_meanwhile_did_not_vanish_here(repository, capsys):
    git(repository, "checkout", "--quiet", "-b", "ours")
    git(repository, "checkout", "--quiet", "main")
    put(repository / "data" / "claims", POST)
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "More")
    git(repository, "checkout", "--quiet", "ours")
    assert "id-vanished" not in run(capsys, "check", "--base", "main")[1].out
    assert "Nothing changed" in run(capsys, "diff", "main")[1].out
    status, told = run(capsys, "diff", "main", "ours")
    assert (status, told.out.count("id-vanished")) == (1, 2)


def test_names_with_a_blank_or_another_script_are_read(repository, capsys):
    put(repository / "data" / "claims", {"sources/odd name.yml": "x", "sources/جسر.yml": "y"})
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "Odd")
    told = run(capsys, "diff", "HEAD", "HEAD", "--format", "json")[1].out
    assert {entry["file"] for entry in json.loads(told)["unread"]} == {
        "claims/sources/odd name.yml",
        "claims/sources/جسر.yml",
    }


@pytest.mark.parametrize(
    ("revision", "words"),
    [("mian", "git knows no revision 'mian' here: name a commit, a tag or a branch (main)"), ("", "git knows no revision ''")],
)  # fmt: skip
def test_an_unknown_revision_is_named_and_is_2(repository, capsys, revision, words):
    status, told = run(capsys, "diff", revision)
    assert (status, told.err.count("\n")) == (2, 1)
    assert words in told.err


def test_an_option_of_git_is_no_revision(repository):
    from scripts.revision import RevisionError, files_at

    with pytest.raises(RevisionError, match="no revision '--all'"):
        files_at(Path("claims"), "--all")


def test_a_shallow_clone_says_how_to_get_the_rest(repository, tmp_path, monkeypatch, capsys):
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow" / "data")
    status, told = run(capsys, "diff", "HEAD^")
    assert status == 2
    assert "this clone is shallow: run `git fetch --unshallow`" in told.err


def test_outside_a_repository_there_is_nothing_to_compare_with(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "claims", SOUND)
    status, told = run(capsys, "diff", "main")
    assert (status, told.err) == (2, "claims is in no git repository: there is nothing to compare with\n")


def test_a_revision_without_records_says_so(repository, capsys):
    git(repository, "checkout", "--quiet", "--orphan", "bare")
    git(repository, "rm", "-rq", "--cached", "data")
    git(repository, "commit", "--quiet", "-m", "None")
    status, told = run(capsys, "diff", "bare", "bare")
    assert status == 2
    assert "bare has no data/claims" in told.err


# ---- the three forms --------------------------------------------------------------------------------------------


def test_markdown_links_ids_and_escapes_what_strangers_write(repository, capsys, monkeypatch):
    monkeypatch.setenv("SITE_URL", URL)
    out = run(capsys, "diff", "HEAD^", "--format", "markdown")[1].out
    assert f"[bridge-2018/a02]({URL}articles/bridge-2018/a02/)" in out
    (commit,) = [line for line in out.splitlines() if "the chain" in line]
    assert f"[bridge-2018/a02]({URL}articles/bridge-2018/a02/)" in commit
    assert "bridge-2018/a99" in commit
    assert f"{URL}articles/bridge-2018/a99" not in commit  # there is no such statement
    assert "@all" not in commit
    assert "<b>" not in commit


@pytest.mark.parametrize(
    ("text", "links"),
    [("bridge-2018/a21: mended", 1), ("see (bridge-2018/a21).", 1), ("bridge-2018/a21, bridge-2018/a22", 2), ("x/bridge-2018/a21", 0), ("bridge-2018/a21b", 0), ("bridge-2018/a21.yml", 0), ("bridge-2018/a2", 0)],
)  # fmt: skip
def test_only_a_whole_id_that_is_known_is_linked(text, links):
    assert linked(text, {"bridge-2018/a21", "bridge-2018/a22"}, URL).count(URL) == links


def test_escaped_text_is_shown_as_it_is():
    from markdown_it import MarkdownIt

    text = "*a* [b](c) <i> `d` | # ![e](f) & g_h_"
    assert MarkdownIt("commonmark").renderInline(escaped(text)) == "*a* [b](c) &lt;i&gt; `d` | # ![e](f) &amp; g_h_"


@pytest.mark.parametrize("form", FORMATS)
def test_a_diff_of_everything_at_once_is_told_in_each_form(form):
    base = edited((ECHO, "lang: ar", "lang: fa"))
    head = edited(
        (SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: Twice.}\nkind: fact"),
        (CLAIM, "fidelity: distorted", "fidelity: minor-drift"),
        (CLAIM, "value: 15, as_of", "value: 16, as_of"),
    )  # fmt: skip
    del head["articles/bridge-2018/a03.yml"]
    told = printed(
        diff(state(base), state(head), ("a", "b"), commits=[("1234567", "bridge-2018/a02: x")]),
        form,
        URL,
        {"bridge-2018/a02"},
    )
    for word in (
        "bridge-2018/a01",
        "Twice.",
        "minor",
        "a03",
        "16 on months",
        "echo-2018-copy",
        "/articles/bridge-2018/a01/"[1:],
    ):
        assert word in told.replace("\\", ""), word
    if form == "json":
        data = json.loads(told)
        assert data["format"] == "claimtrail-diff/1"
        assert data["statements"]["changed"][1]["attribution"] == {"from": "distorted", "to": "minor-drift"}


def test_long_lists_of_pages_are_cut_in_markdown_and_whole_in_json():
    files = dict(SOUND)
    many = {f"publishers/p{n:02}.yml": f"name: P{n}\nkind: blog\n" for n in range(30)}
    made = diff(state(files), state(files | many))
    assert "and 10 more" in as_markdown(made, URL, ())
    assert len(made.pages["added"]) == 30


# ---- reading from bytes -----------------------------------------------------------------------------------------


def test_bytes_and_a_folder_give_the_same_records_and_the_same_problems(tmp_path):
    files = edited((SOFT, "kind: fact", "kind: fcat"), (CLAIM, "para: 2", "para: two")) | {
        "stray.txt": "x",
        ".hidden/x.yml": "x",
        "sources/README.md": "x",
    }
    folder = load(put(tmp_path / "claims", files))
    memory = read({path: text.encode() for path, text in files.items()}, folder.shown)
    assert memory.problems == folder.problems
    assert (memory.files, memory.broken) == (folder.files, folder.broken)
    assert list(memory.records()) == list(folder.records())


def test_reading_a_revision_leaves_the_cache_of_the_folder_as_it_is(tmp_path):
    cache = tmp_path / "cache"
    load(put(tmp_path / "claims", SOUND), cache)
    before = cache.read_bytes()
    read({"sources/one.yml": b"title: One\n"}, "claims", cache)
    assert cache.read_bytes() == before


def test_what_is_the_same_in_another_state_is_shared_with_it_and_the_rest_is_read():
    """A file that is at fault, or that differs, is read for itself; the outcome is what reading all of it gives."""
    files = {path: text.encode() for path, text in SOUND.items()}
    untidy = "topics/bridge-closure.yml"
    files[untidy] += b"\n\n"
    beside = read(files, "claims")
    other = files | {CLAIM: files[CLAIM].replace(b"stayed", b"was"), "topics/more.yml": b"title: \n"}
    del other["sources/echo-2018-copy.yml"]
    shared, alone = read(other, "claims", beside=beside), read(other, "claims")
    assert shared == alone
    assert [problem.path for problem in beside.problems] == [f"claims/{untidy}"]
    same = {record.path for record in shared.records() if record is beside.of(type(record)).get(record.id)}
    assert same == {record.path for record in alone.records()} - {CLAIM, untidy}
    assert [record.path for record in shared.records()] == [record.path for record in alone.records()]
