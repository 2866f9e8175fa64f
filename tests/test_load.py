"""Strict YAML: what the format offers beyond mappings, lists and scalars is refused with its place, and nothing ends the run."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.check import check
from scripts.load import MAX_BYTES, load, parse, reload
from scripts.records import KINDS
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, corpus, edited, put


def test_scalars_stay_as_written():
    parsed = parse(
        b"a: NO\nb: 12:30\nc: 010\nd: 2017-07\ne: 1e3\nf: yes\ng: 0x1F\nh: 'null'\ni: null\nj: ~\nk:\nl: true\n"
    )
    assert parsed.value == {
        "a": "NO", "b": "12:30", "c": "010", "d": "2017-07", "e": "1e3", "f": "yes", "g": "0x1F",
        "h": "null", "i": None, "j": None, "k": None, "l": "true",
    }  # fmt: skip
    assert parsed.faults == []


def test_every_key_and_value_has_its_place():
    parsed = parse("top: é x\nlist:\n- one\n- {two: 2, three: drei}\n".encode())
    assert parsed.place(("top",)) == (1, 6)
    assert parsed.place(("list",)) == (2, 1)
    assert parsed.place(("list", 0)) == (3, 3)
    assert parsed.place(("list", 1, "three")) == (4, 19)
    assert parsed.place(("list", 1, "missing")) == (4, 3)


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b"a: 1\nb: 2\na: 3\n", "repeated-key", (3, 1)),
        (b"a:\n  b: 1\n  b: 2\n", "repeated-key", (3, 3)),
        (b"a: &x 1\nb: 2\n", "anchor-or-alias", (1, 4)),
        (b"a: 1\nb:\n  <<: {c: 1}\n", "merge-key", (3, 3)),
        (b"a: !!int 1\n", "tag", (1, 4)),
        (b"a: !!python/name:os.system x\n", "tag", (1, 4)),
        (b"a: !<tag:yaml.org,2002:int> 1\n", "tag", (1, 4)),
        (b"a: 1\n---\nb: 2\n", "several-documents", (2, 1)),
        (b"a: [\n", "yaml-syntax", (2, 1)),
        (b"a: b: c\n", "yaml-syntax", (1, 5)),
        (b"a: \x07\n", "yaml-syntax", (1, 4)),
        ("é: 1\nü: \x00".encode(), "yaml-syntax", (2, 4)),
        (b"a: 1\nb: \xff\n", "encoding", (2, 4)),
        (b"\xef\xbb\xbfa: 1\n", "encoding", (1, 1)),
        ("a: 1\n".encode("utf-16"), "encoding", (1, 1)),
        ("a: 1\n".encode("utf-16-be"), "yaml-syntax", (1, 1)),
        (b"", "empty-file", (1, 1)),
        (b"# nothing\n", "empty-file", (1, 1)),
        (b"a" * (MAX_BYTES + 1), "too-large", (1, 1)),
        (b"[" * 5000, "too-deep", (1, 9)),
        (b"? [a]\n: b\n", "key", (1, 3)),
        ("a: one\u202etwo\n".encode(), "invisible-character", (1, 4)),
    ],
)
def test_what_could_surprise_is_refused_where_it_stands(data, rule, place):
    assert (rule, place) in [(fault.rule, fault.place) for fault in parse(data).faults]


def test_an_alias_is_refused_with_its_anchor():
    rules = [(fault.rule, fault.place) for fault in parse(b"a: &x [1]\nb: *x\n").faults]
    assert rules == [("anchor-or-alias", (1, 4)), ("anchor-or-alias", (2, 4))]


def test_all_faults_of_a_file_are_named_at_once():
    faults = parse(b"a: !!int 1\na: 2\nb: &x 3\n").faults
    assert [fault.rule for fault in faults] == ["tag", "repeated-key", "anchor-or-alias"]
    assert all(fault.hint for fault in faults)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="{}[]:-&*!|>'\"#%@`,? \nab\t<\u202e", max_size=60).map(str.encode))
def test_no_bytes_make_it_raise(data):
    parsed = parse(data)
    assert parsed.faults or parsed.value is None or isinstance(parsed.value, (str, dict, list))
    assert all(line >= 1 and column >= 1 for line, column in (fault.place for fault in parsed.faults))


def test_the_sound_world_loads_without_a_problem(tmp_path):
    world = corpus(tmp_path)
    assert world.problems == []
    assert list(world.claims) == ["bridge-2018/a01", "bridge-2018/a02", "bridge-2018/a03"]
    assert world.claims["bridge-2018/a02"].quantity.about.exact == 36
    assert world.sources["echo-2018-copy"].derived_from == ("gazette-2018-reopening",)


def test_a_file_that_does_not_parse_is_one_problem_among_the_others(tmp_path):
    world = corpus(tmp_path, edited((CLAIM, "kind: figure", "kind: figur"), (ARTICLE, "title:", "title: [")))
    assert {problem.rule for problem in world.problems} == {"yaml-syntax", "unknown-value"}
    assert "bridge-2018/a01" in world.claims


@pytest.mark.parametrize(
    ("edit", "rule", "message", "hint"),
    [
        ((CLAIM, "kind: figure", "kind: figur"), "unknown-value", "kind is 'figur'", "did you mean 'figure'?"),
        ((CLAIM, "short:", "shrt:"), "unknown-field", "shrt is not a field", "did you mean 'short'?"),
        ((CLAIM, "short:", "shrt:"), "missing-field", "short is missing", "add 'short:'"),
        (
            (CLAIM, "  locator: p. 8", "  lokator: p. 8"),
            "unknown-field",
            "evidence.0.lokator",
            "did you mean 'locator'?",
        ),
        ((CLAIM, "para: 2", "para: 2.5"), "wrong-value", "para should be a whole number", ""),
        ((CLAIM, "para: 2", "para: 02"), "wrong-value", "para should be a whole number", ""),
        ((CLAIM, "about: 36", "about: 36, value: 36"), "wrong-value", "exactly one of value", ""),
        ((CLAIM, "about: 36", "low: 36"), "wrong-value", "low and high go together", ""),
        ((CLAIM, "about: 36", "low: 36, high: 30"), "wrong-value", "ends below its beginning", ""),
        ((CLAIM, "about: 36", "about: '3,6'"), "wrong-value", "is not a number", ""),
        ((CLAIM, "as_of: 2015/2017", "as_of: spring"), "wrong-value", "is not a date", ""),
        ((CLAIM, "topics: [bridge-closure]", "topics: bridge-closure"), "wrong-shape", "topics should be a list", ""),
        ((CLAIM, "topics: [bridge-closure]", "topics: []"), "wrong-shape", "topics is an empty list", ""),
        ((CLAIM, "topics: [bridge-closure]", "topics: [Bridge]"), "wrong-value", "is not an id", "small letters"),
        ((CLAIM, "says: The", "says: ''\nnote: The"), "wrong-shape", "says is empty", ""),
        (
            (CLAIM, "  finding: The report", "  finding:\n  reading: The report"),
            "wrong-shape",
            "finding has no value",
            "leave the field out",
        ),
        ((ARTICLE, "https://herald.example/bridge", "ftp://herald.example/bridge"), "wrong-value", "web address", ""),
        ((ARTICLE, "https://herald.example/bridge", "javascript:alert(1)"), "wrong-value", "web address", ""),
        ((ARTICLE, "https://herald.example/bridge", "https://"), "wrong-value", "web address", ""),
        ((ARTICLE, "https://herald.example/bridge", "https://herald/bridge"), "wrong-value", "web address", ""),
        ((ARTICLE, "https://herald.example/bridge", 'https://a.example/"x"'), "wrong-value", "web address", ""),
        ((ARTICLE, "https://herald.example/bridge", "https://a.example:port/"), "wrong-value", "web address", ""),
    ],
)
def test_a_fault_of_shape_names_field_value_and_way_out(tmp_path, edit, rule, message, hint):
    problems = corpus(tmp_path, edited(edit)).problems
    assert any(p.rule == rule and message in p.message and hint in p.hint for p in problems), problems
    assert all(p.line > 1 or p.column >= 1 for p in problems)


def test_a_fault_of_shape_stands_at_the_value(tmp_path):
    problem = corpus(tmp_path, edited((CLAIM, "stance: contradicts", "stance: contradict"))).problems[0]
    assert SOUND[CLAIM].splitlines()[problem.line - 1].startswith("  stance:")
    assert problem.column == 11


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("notes.txt", "stray-file"),
        ("articles/loose.yml", "stray-file"),
        ("sources/deep/one.yml", "stray-file"),
        ("sources/Upper.yml", "file-name"),
        ("sources/a--b.yml", "file-name"),
        ("articles/bridge-2018/a1.yml", "file-name"),
        ("articles/bridge-2018/first.yml", "file-name"),
        ("articles/Bridge/article.yml", "file-name"),
    ],
)
def test_a_file_whose_name_is_no_id_is_named(tmp_path, path, rule):
    problems = corpus(tmp_path, SOUND | {path: SOUND["sources/county-2017-report.yml"]}).problems
    assert (path, rule) in [(problem.path.partition("claims/")[2], problem.rule) for problem in problems]


def test_hidden_files_and_read_me_are_left_alone(tmp_path):
    assert corpus(tmp_path, SOUND | {".swp": "x", "sources/.draft.yml": "x", "README.md": "x"}).problems == []


def test_an_unreadable_record_is_a_problem(tmp_path):
    root = put(tmp_path / "claims", SOUND)
    (root / "sources/gone.yml").symlink_to(root / "nowhere")
    assert [problem.rule for problem in load(root).problems] == ["unreadable"]


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="--claims names the folder"):
        load(tmp_path / "nowhere")


def test_the_cache_gives_the_same_records(tmp_path):
    root, cache = put(tmp_path / "claims", SOUND), tmp_path / "cache"
    first = load(root, cache)
    again = load(root, cache)
    assert cache.exists()
    assert again.claims == first.claims
    assert again.sources == first.sources
    assert again.files == first.files


def test_an_edited_file_is_read_anew_beside_a_warm_cache(tmp_path):
    root, cache = put(tmp_path / "claims", SOUND), tmp_path / "cache"
    load(root, cache)
    put(root, edited((CLAIM, "three years", "four years")))
    assert "four years" in load(root, cache).claims["bridge-2018/a02"].says


@pytest.mark.parametrize("damage", [b"", b"\x80garbage", b'claimtrail-records 1 x y\n{"a": 1}', b"[]", b"\n[]"])
def test_a_damaged_or_foreign_cache_is_ignored(tmp_path, damage):
    root, cache = put(tmp_path / "claims", SOUND), tmp_path / "cache"
    expected = load(root).claims
    cache.write_bytes(damage)
    assert load(root, cache).claims == expected


def test_a_cache_whose_values_were_changed_is_not_believed(tmp_path):
    root, cache = put(tmp_path / "claims", SOUND), tmp_path / "cache"
    load(root, cache)
    head, _, body = cache.read_bytes().partition(b"\n")
    entries = json.loads(body)
    for entry in entries.values():
        if "says" in entry:
            entry["says"] = "Something else."
    cache.write_bytes(head + b"\n" + json.dumps(entries).encode())
    assert all(claim.says != "Something else." for claim in load(root, cache).claims.values())


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path):
    root = put(tmp_path / "claims", SOUND)
    (tmp_path / "file").write_text("")
    assert load(root, tmp_path / "file" / "cache").problems == []


def test_the_order_in_which_the_system_lists_files_changes_nothing(tmp_path, monkeypatch):
    root = put(tmp_path / "claims", SOUND)
    expected = list(load(root).files)
    walk = os.walk
    monkeypatch.setattr("os.walk", lambda top: ((f, d[::-1] and d, n[::-1]) for f, d, n in walk(top)))
    assert list(load(root).files) == expected


# ---- reading again ------------------------------------------------------------------------------------------------


def same(one, other):
    """Whether two corpora hold the same, in the same order."""
    tables = [[list(corpus.of(kind).items()) for kind in KINDS] for corpus in (one, other)]
    rest = [(corpus.problems, corpus.broken, list(corpus.files.items())) for corpus in (one, other)]
    return tables[0] == tables[1] and rest[0] == rest[1]


def test_reading_again_what_changed_gives_what_a_fresh_load_gives(tmp_path):
    claims = put(tmp_path / "claims", SOUND)
    now = load(claims)
    folder = "articles/bridge-2018"

    def change(*paths):
        nonlocal now
        before, now = now, reload(now, paths)
        assert same(now, load(claims)), paths
        return before

    put(claims, edited((CLAIM, "three years", "four years")))
    before = change(CLAIM)
    assert [id for id in now.claims if now.claims[id] is not before.claims[id]] == ["bridge-2018/a02"]
    assert "three years" in before.claims["bridge-2018/a02"].says  # what was read before stays as it was
    put(claims, {CLAIM: "says: [", "sources/Bad.yml": "x: 1", f"{folder}/a00.yml": SOUND[SOFT], "stray.txt": "?"})
    change(CLAIM, "sources/Bad.yml", f"{folder}/a00.yml", "stray.txt")
    put(claims, {CLAIM: SOUND[CLAIM].replace("kind: figure", "kind: figur"), f"{folder}/README.md": "no record"})
    change(CLAIM, f"{folder}/README.md", f"{folder}/.a02.yml.swp")
    (claims / "sources/Bad.yml").unlink()
    (claims / "stray.txt").unlink()
    change("sources/Bad.yml", "stray.txt", "never/there.yml")
    (claims / folder).rename(claims / "articles" / "a-bridge")
    change("articles/bridge-2018", "articles/a-bridge")
    put(claims, SOUND | {"exceptions.yml": "exceptions: [{rule: x, file: y, because: z}]"})
    change(".")
    os.symlink("nowhere", claims / "sources" / "dangling.yml")
    change("sources/dangling.yml")


def test_a_problem_of_a_record_that_did_not_change_keeps_its_place(tmp_path):
    claims = put(tmp_path / "claims", edited((CLAIM, "para: 2", "para: 9")))
    now = load(claims)
    first = check(now)
    put(claims, {CLAIM: "\n\n" + edited((CLAIM, "para: 2", "para: 9"))[CLAIM]})
    moved = check(reload(now, [CLAIM]))
    assert [(problem.rule, problem.line - 2) for problem in moved if CLAIM in problem.path] == [
        (problem.rule, problem.line) for problem in first if CLAIM in problem.path
    ]
