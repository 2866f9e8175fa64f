"""`check --fix` mends what has one way out, says what it did, and leaves everything else byte for byte."""

import os
import random
import shutil
import stat

import pytest

from scripts.__main__ import main
from scripts.check import check
from scripts.load import load, parse, tidied
from scripts.mend import mend
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, edited, put

GAZETTE = "sources/gazette-2018-reopening.yml"
ECHO = "sources/echo-2018-copy.yml"
OPINION = "articles/bridge-2018/a03.yml"
LINK = "related:\n- {to: bridge-2018/a01, as: stronger}\n"
BACK = "related:\n- {to: bridge-2018/a02, as: weaker}\n"
TOPIC = "topics/bridge-closure.yml"


def world(tmp_path, files):
    return put(tmp_path / "claims", files)


def read(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def mended(tmp_path, files):
    """The files after mending; a second run must find nothing to do."""
    root = world(tmp_path, files)
    mend(load(root))
    once = read(root)
    assert mend(load(root)) == []
    assert read(root) == once
    return {path: data.decode() for path, data in once.items()}


FAULTS = [
    # rule, edits that make the fault, (file, text that has to stand there afterwards in place of the new text)
    ("tracking-parameter", (GAZETTE, "example/open", "example/open?id=1&utm_source=x&b=2#c"), "example/open?id=1&b=2#c"),
    ("tracking-parameter", (GAZETTE, "https://gazette.example/open", '"https://gazette.example/open?fbclid=1"  # read'), '"https://gazette.example/open"  # read'),
    ("tracking-parameter", (ARTICLE, '"https://copies.example/bridge"', "'https://copies.example/bridge?gclid=1'"), "'https://copies.example/bridge'"),
    ("repeated-entry", (CLAIM, "[bridge-closure]", "[bridge-closure,  bridge-closure]"), "[bridge-closure]"),
    ("repeated-entry", (CLAIM, "[figure-changed]", "[figure-changed, date-shifted, figure-changed, date-shifted]"), "[figure-changed, date-shifted]"),
    ("repeated-entry", (ECHO, "derived_from: [gazette-2018-reopening]", "derived_from:\n- gazette-2018-reopening\n- county-2017-report\n- gazette-2018-reopening"), "derived_from:\n- gazette-2018-reopening\n- county-2017-report"),
    ("repeated-entry", (CLAIM, LINK, LINK + "- {to: bridge-2018/a01, as: stronger}\n"), LINK),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "edit", "wanted"), FAULTS)
def test_a_mechanical_fault_is_mended_in_its_place_and_nothing_else_is_touched(tmp_path, rule, edit, wanted):
    files = edited(edit)
    assert rule in {problem.rule for problem in check(load(world(tmp_path / "before", files)))}
    path, old, _ = edit
    after = mended(tmp_path, files)
    assert after == SOUND | {path: SOUND[path].replace(old, wanted, 1)}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (edited((CLAIM, LINK, "")), {CLAIM: SOUND[CLAIM]}),
        (edited((CLAIM, LINK, "checked: 2020-02-01\n")), {CLAIM: SOUND[CLAIM] + "checked: 2020-02-01\n"}),
        (
            edited((CLAIM, LINK, "# when?\nchecked: 2020-02-01\n")),
            {CLAIM: SOUND[CLAIM] + "# when?\nchecked: 2020-02-01\n"},
        ),
        (
            edited((OPINION, "kind: opinion", "related: [{to: bridge-2018/a02, as: same}]\nkind: opinion")),
            {CLAIM: SOUND[CLAIM] + "- {to: bridge-2018/a03, as: same}\n"},
        ),
        (
            edited((SOFT, BACK, "related:\n- to: bridge-2018/a02\n  as: weaker\n- to: bridge-2018/a03\n  as: scope-differs\n  note: Another.\n")),
            {OPINION: SOUND[OPINION].replace("judgement:", "related:\n- {to: bridge-2018/a01, as: scope-differs}\njudgement:")},
        ),
        (
            edited((CLAIM, LINK, "related: [{to: bridge-2018/a01, as: stronger}]\n"), (OPINION, "kind: opinion", "related: [{to: bridge-2018/a02, as: same}]\nkind: opinion")),
            {CLAIM: SOUND[CLAIM].replace(LINK, "related: [{to: bridge-2018/a01, as: stronger}, {to: bridge-2018/a03, as: same}]\n")},
        ),
    ],
    ids=["no-related", "before-a-later-field", "before-its-comment", "after-the-last", "in-the-models-order", "in-brackets"],
)  # fmt: skip
def test_the_other_half_of_a_link_is_added_where_the_model_has_it(tmp_path, files, wanted):
    assert mended(tmp_path, files) == files | wanted
    assert "related-one-way" not in {problem.rule for problem in check(load(tmp_path / "claims"))}


@pytest.mark.parametrize(
    "files",
    [
        edited((CLAIM, "as: stronger", "as: same")),  # which of the two is right is a judgement
        edited((CLAIM, LINK, LINK + "- {to: bridge-2018/a01, as: stronger, note: Seen again.}\n")),  # a note would be lost
        edited((GAZETTE, "https://gazette.example/open", '"https://gazette.example/open?\\x75tm_source=1"')),  # escapes
        edited((CLAIM, "short: The bridge", "short: The wrong bridge"), (SOFT, "as: weaker", "as: same"))
        | {"exceptions.yml": f"exceptions:\n- {{rule: tracking-parameter, file: {GAZETTE}, because: It is the page., until: 2021}}\n"},
        edited((GAZETTE, "example/open", "example/open?utm_source=x"))
        | {"exceptions.yml": f"exceptions:\n- {{rule: tracking-parameter, file: {GAZETTE}, because: It is the page., until: 2021}}\n"},
    ],
    ids=["two-judgements", "a-note", "escapes", "words", "excepted"],
)  # fmt: skip
def test_what_somebody_has_to_decide_is_left_alone(tmp_path, files):
    assert mended(tmp_path, files) == files


def test_a_sound_record_is_not_written(tmp_path):
    root = world(tmp_path, SOUND)
    for path in root.rglob("*.yml"):
        os.utime(path, ns=(1, 1))
        path.chmod(0o444)
    assert mend(load(root)) == []
    assert {path.stat().st_mtime_ns for path in root.rglob("*.yml")} == {1}


def test_the_real_record_has_nothing_to_mend(real, tmp_path):
    root = tmp_path / "claims"
    shutil.copytree(real.root, root)
    assert mend(load(root)) == []
    assert read(root) == read(real.root)


WHITE = "says: |\n  kept  \n\n  lines \nshort: 'a \n\n  b'\nkind: fact\n"


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"a: b  \nc: d\t\n", b"a: b\nc: d\n"),
        (b"a: b\r\nc: d\r\n", b"a: b\nc: d\n"),
        (b"a: b\rc: d\r", b"a: b\nc: d\n"),
        (b"\xef\xbb\xbfa: b\n", b"a: b\n"),
        (b"a: b", b"a: b\n"),
        (b"a: b\n\n \n", b"a: b\n"),
        (WHITE.encode(), WHITE.replace("'a ", "'a").encode()),
        (b"a: |\n  x  \n  y\n\n\nb: c  \n", b"a: |\n  x  \n  y\n\n\nb: c\n"),
        (b"a: |+\n  x\n\n\n", b"a: |+\n  x\n\n\n"),
        (b'a: "unfinished  \n', b'a: "unfinished  \n'),
        (b"a: \xff  \n", b"a: \xff  \n"),
        (b"\xff\xfea\x00", b"\xff\xfea\x00"),
    ],
)
def test_white_space_that_means_nothing_goes_and_the_rest_stays(data, wanted):
    assert tidied(data) == wanted
    assert tidied(wanted) == wanted
    assert parse(tidied(data)).value == parse(data.removeprefix(b"\xef\xbb\xbf")).value


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (lambda data: data.replace(b"kind: figure", b"kind: figure  "), 3, "blanks at the end of a line"),
        (lambda data: data.replace(b"\n", b"\r\n"), 1, "a carriage return"),
        (lambda data: data + b"\n\n", 42, "blank lines at the end"),
        (lambda data: data[:-1], 41, "no end of the last line"),
    ],
)
def test_untidy_white_space_is_a_warning_at_its_place(tmp_path, change, line, what):
    root = world(tmp_path, SOUND)
    target = root / CLAIM
    target.write_bytes(change(target.read_bytes()))
    (problem,) = check(load(root))
    assert (problem.rule, problem.level, problem.line, problem.message) == (
        "untidy-file", "warning", line if line < 40 else len(SOUND[CLAIM].splitlines()) + line - 41, f"the file has {what}"
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_white_space_put_in_anywhere_is_taken_out_again(tmp_path, seed):
    """Faults of white space at random places of every file: after mending the world is the sound one, byte for byte."""
    chance = random.Random(seed)
    files = {}
    for path, text in SOUND.items():
        lines = text.rstrip("\n").split("\n")
        plain = [at for at, line in enumerate(lines) if not line.startswith("  ") or path != TOPIC]  # not in the block
        for at in chance.sample(plain, min(3, len(plain))):
            lines[at] += chance.choice([" ", "\t", "   "])
        text = chance.choice(["\n", "\r\n"]).join(lines) + chance.choice(["", "\n", "\n\n\n"])
        files[path] = text
    root = world(tmp_path, files)
    if chance.random() < 0.5:
        (root / GAZETTE).write_bytes(b"\xef\xbb\xbf" + (root / GAZETTE).read_bytes())
    mend(load(root))
    assert {path: data.decode() for path, data in read(root).items()} == SOUND


def test_the_command_says_what_it_mended_and_then_checks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    root = world(tmp_path, edited(FAULTS[0][1], (CLAIM, "short: The bridge", "short: The wrong bridge")))
    (root / SOFT).chmod(0o640)
    (root / SOFT).write_bytes(SOUND[SOFT].encode() + b"\n")
    assert main(["check", "--claims", "claims", "--fix"]) == 1
    out, err = capsys.readouterr()
    assert err == (
        f"claims/{SOFT}:1: mended untidy-file: white space that means nothing\n"
        f"claims/{GAZETTE}:4: mended tracking-parameter: the address is now https://gazette.example/open?id=1&b=2#c\n"
    )
    assert [line.split(": ")[1] for line in out.splitlines()] == ["short-with-verdict"]
    assert (root / SOFT).read_bytes() == SOUND[SOFT].encode()
    assert stat.S_IMODE((root / SOFT).stat().st_mode) == 0o640
    assert list(root.rglob(".*")) == []


def test_with_paths_only_these_files_are_mended(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    root = world(tmp_path, edited(FAULTS[0][1], FAULTS[3][1]))
    assert main(["check", "--claims", "claims", "--fix", f"claims/{CLAIM}"]) == 0
    assert (root / CLAIM).read_bytes() == SOUND[CLAIM].encode()
    assert b"utm_source" in (root / GAZETTE).read_bytes()
    assert "tracking" not in capsys.readouterr().out


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    files = edited(FAULTS[0][1])
    root = world(tmp_path, files)

    def refuse(*arguments):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("scripts.mend.os.replace", refuse)
    with pytest.raises(OSError, match="no space"):
        mend(load(root))
    assert {path: data.decode() for path, data in read(root).items()} == files
