"""What the documents say is so: commands, rules, words, samples, messages and counts."""

import argparse
import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from lxml import html
from markdown import markdown

from scripts.__main__ import _parser, main
from scripts.assess import assess
from scripts.check import EXPIRED, NEEDLESS, RULES, check, examples, level_of, rule_name
from scripts.load import FORM, UNTIDY, _models
from scripts.records import KINDS
from scripts.relate import Relations
from scripts.render import Settings as SiteSettings
from scripts.render import plural, render, shown
from scripts.terms import VOCABULARIES
from tests.told import commands_page
from tests.world import CLAIM, SOUND, corpus, edited, put

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
CONTRIBUTE = (PROJECT / "content" / "contribute.md").read_text(encoding="utf-8")
DOCUMENTS = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").glob("*.md")),
    *sorted((PROJECT / "content").glob("*.md")),
]
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
ARTICLE = "articles/ferry-2019/article.yml"


def commands():
    """The parser of each command by its name."""
    (action,) = [a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return action.choices


def blocks(text, language):
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def content():
    folder = PROJECT / "content"
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.md")}


def text_of(markup):
    return " ".join(html.fromstring(f"<div>{markup}</div>").text_content().split())


def made(tmp_path, files=None):
    """The pages of a world, those written by hand among them."""
    return render(Relations(corpus(tmp_path, files)), content(), SiteSettings())


# ---- commands ---------------------------------------------------------------------------------------------------


def test_the_table_of_commands_in_the_readme_is_that_of_the_parser():
    told = re.findall(r"^\| `python -m scripts ([a-z]+)\b", README, re.MULTILINE)
    assert sorted(told) == sorted(commands())


def test_every_command_argument_and_option_is_documented():
    page = (PROJECT / "docs/commands.md").read_text(encoding="utf-8")
    assert page == commands_page(), "run `python -m tests.told docs/commands.md`"
    for name, parser in commands().items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for action in parser._actions:
            assert action.dest == "help" or (action.help and f"{action.help[:30]}" in section), (name, action.dest)


def test_every_target_of_the_makefile_says_what_it_does():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z]+):.*## \S", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_option_and_target_in_the_documents_exists(path):
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"(?:^    |`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    for name, rest in re.findall(r"-m scripts ([a-z]+)([^`\n]*)", text):
        assert name in commands(), name
        options = commands()[name]._option_string_actions
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in options, (name, option)


def test_the_links_of_the_readme_lead_to_files():
    for path in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"):
        text = (PROJECT / path).read_text(encoding="utf-8")
        for target in re.findall(r"(?<!!)\[[^]]*\]\(([^)#]+)[^)]*\)", text):
            if not target.startswith("http"):
                assert (PROJECT / target).exists(), (path, target)


def test_the_counts_in_the_readme_are_those_of_the_record(real):
    told = re.search(r"<!-- counts -->(.*?)<!-- /counts -->", README)
    assert told[1] == " · ".join(
        (
            plural(len(real.articles), "article"),
            plural(len(real.claims), "statement"),
            plural(len(real.sources), "source"),
        )
    )


# ---- rules and words --------------------------------------------------------------------------------------------


def test_every_rule_stands_on_the_page_of_rules_with_its_level_and_its_example(tmp_path):
    page = made(tmp_path)["rules.md"]
    tree = html.fromstring(page[page.index('<div class="rules">') :])
    told = {section.xpath("string(h3/code)"): section for section in tree.xpath("//section[@class='rule']")}
    assert list(told) == [rule_name(rule) for rule in RULES]
    for rule in RULES:
        name, section = rule_name(rule), told[rule_name(rule)]
        example = examples()[name]
        assert section.xpath("h3/@id") == [name]
        assert section.xpath("string(h3/span)") == level_of(rule)
        assert " ".join(section.xpath("string(p[1])").split()) == " ".join(rule.__doc__.replace("`", "").split())
        assert section.xpath("string(.//div[@class='accepted']//code)") == shown(example.accepted)
        assert section.xpath("string(.//div[@class='refused']//code)") == shown(example.refused)
        assert section.xpath("string(p[@class='printed']/code)") == f"{name}: {example.printed}"
    assert len(tree.xpath("//ul[@class='rule-names']//a")) == len(RULES)


def test_the_rules_without_a_function_stand_on_the_page_of_rules_too(tmp_path):
    page = made(tmp_path)["rules.md"]
    for name in (NEEDLESS, EXPIRED, UNTIDY):
        assert f"`{name}`" in page


def test_the_samples_on_the_page_of_rules_are_records(tmp_path):
    exceptions, names = blocks(content()["rules.md"], "yaml")
    files = edited(("publishers/the-herald.yml", "says: The Herald is", "says: The notorious Herald is"))
    problems = check(corpus(tmp_path, files | {"exceptions.yml": exceptions, "names.yml": names}))
    assert [str(problem) for problem in problems] == []


def test_every_rule_that_a_message_can_name_is_documented(tmp_path):
    """Those on a file's form, and those of `verify`, are named where they are found."""
    said = set()
    for name in ("load", "verify"):
        tree = ast.parse((PROJECT / "scripts" / f"{name}.py").read_text(encoding="utf-8"))
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            called = getattr(call.func, "id", getattr(call.func, "attr", ""))
            at = {"Fault": 1, "_fault": 1, "Problem": 3, "problem": 2}.get(called)
            words = [arg for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            starred = any(isinstance(arg, ast.Starred) for arg in call.args)
            if at is not None and words:
                rule = words[0].value if starred or not isinstance(call.args[min(at, len(call.args) - 1)], ast.Constant) else call.args[at].value  # fmt: skip
                said.add((name, rule))
    form = {rule for name, rule in said if name == "load" and re.fullmatch(r"[a-z-]+", rule)}
    assert {"missing-field", "yaml-syntax", "too-deep"} <= form <= set(FORM)
    assert set(FORM) - form <= {"stray-file", "file-name", "unfinished"}  # these are not written at a call
    page = made(tmp_path)["rules.md"]
    rows = {text_of(row[0]): text_of(row[1]) for row in re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page)}
    for rule, meaning in FORM.items():
        assert rows[rule] == meaning.replace("`", "")
    assert NEEDLESS in page


def test_every_word_of_the_vocabularies_stands_on_the_terms_page(tmp_path):
    tree = html.fromstring(made(tmp_path)["terms.md"].partition("\n---\n")[2])
    told = [text_of(html.tostring(entry, encoding="unicode")) for entry in tree.xpath("//dl[@class='terms']/div")]
    words = [word for vocabulary in VOCABULARIES for word in vocabulary]
    assert len(told) == len(words)
    for entry, word in zip(told, words, strict=True):
        assert word.label in entry
        assert word.meaning in entry


def test_the_page_on_method_has_every_fidelity_status_and_stance(tmp_path):
    from scripts.terms import Access, Fidelity, Stance, Status

    text = text_of(markdown(made(tmp_path)["method.md"], extensions=["tables"]))
    for word in (*Fidelity, *Status, *Stance, *Access):
        assert word.label in text
    for word in (*Fidelity, *Status, *Stance):
        assert word.meaning in text


def test_the_table_of_statuses_in_the_method_is_the_rule():
    from itertools import product

    from scripts.assess import Tally, status_of
    from scripts.terms import Stance, Status

    table = re.search(r"^\| For \| Partly \| Against \| Record \|\n\|[-|]+\n(.*?)\n\n", content()["method.md"], re.MULTILINE | re.DOTALL)[1]  # fmt: skip
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]

    def fits(cell, count, primary, both=0):
        """Whether a cell of the table covers a count; `both` is the count together with the next column."""
        if cell in ("0", "any"):
            return cell == "any" or count == 0
        if cell == "1+":
            return count > 0
        if cell == "1, no P":
            return count == 1 and not primary
        if cell == "2+ or P":
            return count > 1 or (count > 0 and primary)
        assert cell == "any; 2+ with Partly, or P in either", cell
        return both > 1 or primary

    for support, condition, against in product(range(4), repeat=3):
        names = [frozenset(f"{way}{n}" for n in range(count)) for way, count in zip("sca", (support, condition, against), strict=True)]  # fmt: skip
        ways = [(Stance.SUPPORTS, support), (Stance.QUALIFIES, condition), (Stance.CONTRADICTS, against)]
        for chosen in product((False, True), repeat=3):
            primary = frozenset(stance for (stance, count), yes in zip(ways, chosen, strict=True) if yes and count)
            documents = [stance in primary for stance, _ in ways]
            found = {
                line[3]
                for line in lines
                if fits(line[0], support, documents[0] or (line[0].startswith("any;") and documents[1]), support + condition)
                and fits(line[1], condition, documents[1])
                and fits(line[2], against, documents[2])
            }  # fmt: skip
            for searched in (False, True):
                status = status_of(Tally(*names, primary), searched)
                if support + condition + against == 0:
                    assert found == {"unsupported, with a search on record; else in progress"}
                    assert status is (Status.UNSUPPORTED if searched else Status.IN_PROGRESS)
                else:
                    assert found == {status.label}, (support, condition, against, primary)


# ---- samples ----------------------------------------------------------------------------------------------------


def test_the_sample_in_the_readme_is_a_sound_record(tmp_path):
    (sample,) = blocks(README, "yaml")
    related = SOUND[CLAIM][SOUND[CLAIM].index("related:") :]
    world = corpus(tmp_path, SOUND | {CLAIM: sample + related})
    assert [problem for problem in check(world) if problem.path.endswith(CLAIM)] == []


def sampled():
    """The invented world with the samples of the page on contributing put where they say that they go."""
    files = dict(SOUND)
    for block in blocks(CONTRIBUTE, "yaml"):
        place = re.match(r"# (in )?claims/(\S+)\n", block)
        assert place, block
        if place[1]:
            head, mark, tail = files[place[2]].partition("glance:")
            assert mark
            files[place[2]] = head + block + mark + tail
        else:
            assert place[2] not in files
            files[place[2]] = block
    return files


def test_the_samples_for_contributors_are_sound_records_once_the_fingerprint_is_made(tmp_path, monkeypatch, capsys):
    files = sampled()
    assert ARTICLE in files
    (copy,) = [block for block in blocks(CONTRIBUTE, "text") if not block.startswith("claims/")]
    put(tmp_path / "texts", {"ferry-2019.txt": copy})
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "claims", files)
    main(["verify", "--claims", "claims", "--texts", "texts"])
    assert "ferry" not in capsys.readouterr().out
    written = (tmp_path / "claims" / ARTICLE).read_text(encoding="utf-8")
    world = corpus(tmp_path, files | {ARTICLE: written})
    assert [str(problem) for problem in check(world)] == []
    status = assess(Relations(world), world.claims["bridge-2018/a02"])
    assert "the-courier" in status.tally.contradicts


def test_commented_out_fields_of_the_samples_are_fields(tmp_path):
    """Every `# field: …` of the samples passes when the comment sign is taken away and a value is put in."""
    values = {
        "title_en": "Tolls",
        "carried_by": "the-copyist",
        "author": "B. Writer",
        "archived_url": "https://archive.example/x",
        "note": "A note.",
        "country": "Nowhere",
        "part_of": "the-county",
        "phrase": "since March",
    }

    def live(match):
        value = values.get(match[2], match[3].split("  #")[0].strip())
        assert "…" not in value, match[0]
        return f"{match[1]}{match[2]}: {value}"

    files = {
        path: re.sub(r"^( *)# ([a-z_]+): (.*)$", live, text, flags=re.MULTILINE) if text != SOUND.get(path) else text
        for path, text in sampled().items()
        if "ferry" not in path
    }
    assert "archived_url: https://archive.example/x" in files["sources/courier-2018-tolls.yml"]
    assert [str(problem) for problem in check(corpus(tmp_path, files))] == []


def test_the_messages_on_the_page_on_contributing_are_those_of_the_checker(tmp_path, monkeypatch, capsys):
    (told,) = [block for block in blocks(CONTRIBUTE, "text") if block.startswith("claims/")]
    edits = [
        [(CLAIM, "para: 2", "para: 9")],
        [(CLAIM, "starts: The county engineer,", "starts: The county enginer,")],
        [(CLAIM, "- source: county-2017-report", "- source: county-2017-reprt")],
    ]
    monkeypatch.chdir(tmp_path)
    printed = ""
    for edit in edits:
        put(tmp_path / "claims", edited(*edit))
        main(["check", "--claims", "claims"])
        printed += capsys.readouterr().out
    assert [line for line in told.splitlines() if line not in printed.splitlines()] == []


# ---- corrections ------------------------------------------------------------------------------------------------


def test_the_page_on_corrections_says_that_there_is_none(tmp_path):
    assert "No statement has been corrected or withdrawn yet." in made(tmp_path)["corrections.md"]


def test_the_page_on_corrections_lists_them_newest_first(tmp_path):
    files = edited(
        (CLAIM, "kind: figure", "corrected:\n- {on: 2020-03-01, what: The date <b>was</b> mended.}\n- {on: 2020-05, what: The number was mended.}\nkind: figure"),
        ("articles/bridge-2018/a01.yml", "kind: fact", "withdrawn: {on: 2020-04-01, reason: It was counted twice.}\nkind: fact"),
    )  # fmt: skip
    page = made(tmp_path, files)["corrections.md"]
    tree = html.fromstring(page[page.index('<ul class="corrections">') :])
    assert [" ".join(li.text_content().split()) for li in tree.xpath("//li")] == [
        "May 2020, corrected: The bridge stayed shut for three years. The number was mended.",
        "1 April 2020, withdrawn: Traders speak of three dark winters. It was counted twice.",
        "1 March 2020, corrected: The bridge stayed shut for three years. The date <b>was</b> mended.",
    ]
    assert tree.xpath("//b") == []
    assert tree.xpath("//li[2]/a/@href") == ["../articles/bridge-2018/a01/"]
    assert "yet" not in page.partition("## So far")[2]


# ---- the guides that hosts and readers look for -----------------------------------------------------------------


def test_the_page_on_contributing_shows_each_word_that_an_entry_may_hold():
    from scripts.terms import Access, Bearing, Role, Stance

    text = " ".join(blocks(CONTRIBUTE, "yaml"))
    for vocabulary in (Role, Bearing, Stance, Access):
        for word in vocabulary:
            assert re.search(rf"\b{word.value}\b", text), word


def test_the_page_on_contributing_has_a_word_on_everything_that_can_be_started():
    from scripts.draft import EVIDENCE, STARTS

    told = set(re.findall(r"\bnew ([a-z]+)\b", CONTRIBUTE))
    assert told >= {*STARTS, EVIDENCE} - {"site"}
    assert "new site" in (PROJECT / "docs/another-team.md").read_text(encoding="utf-8")


def test_the_citation_file_is_valid_and_says_what_the_project_says():
    path = PROJECT / "CITATION.cff"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format", path]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    site = yaml.safe_load((PROJECT / "claims/site.yml").read_text(encoding="utf-8"))
    assert told["authors"] == [{"name": "Claimtrail contributors"}]
    assert site["credit"] == told["authors"][0]["name"]
    assert (told["repository-code"], told["url"], told["title"]) == (site["repo"], site["url"], site["name"])
    assert f'version = "{told["version"]}"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"### {told['version']}" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    for licence in ("LICENSE", "LICENSE-DATA"):
        assert f"The {told['authors'][0]['name']}" in (PROJECT / licence).read_text(encoding="utf-8")


def offered():
    """What the models take now: each group's fields, with whether they must be there, and each vocabulary's words."""
    groups, seen = list(KINDS), {}
    while groups:
        group = groups.pop()
        seen[group.__name__] = {info.alias or name: info.is_required() for name, info in group.model_fields.items()}
        groups += [part for info in group.model_fields.values() for part in _models(info.annotation) if part.__name__ not in seen]  # fmt: skip
    return {
        "fields": {name: dict(sorted(fields.items())) for name, fields in sorted(seen.items())},
        "words": {vocabulary.__name__: [word.value for word in vocabulary] for vocabulary in VOCABULARIES},
    }


def test_the_promise_of_the_schema_is_kept():
    promised = json.loads((PROJECT / "tests/schema-1.0.json").read_text(encoding="utf-8"))
    now = offered()
    for group, fields in promised["fields"].items():
        for name, must in fields.items():
            assert name in now["fields"][group], f"{group}.{name} was taken away"
            assert must or not now["fields"][group][name], f"{group}.{name} must be there now"
        added = {name for name, must in now["fields"][group].items() if must and name not in fields}
        assert not added, f"{group} can't do without {added} now, so that sound records are sound no more"
    for vocabulary, words in promised["words"].items():
        assert set(words) <= set(now["words"][vocabulary]), f"a word of {vocabulary} was taken away"


def test_what_was_added_to_the_schema_is_listed_with_the_changes():
    promised = json.loads((PROJECT / "tests/schema-1.0.json").read_text(encoding="utf-8"))
    now = offered()
    section = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8").partition("## The schema of the records")[2]
    added = [
        name
        for group in now["fields"]
        for name in now["fields"][group]
        if name not in promised["fields"].get(group, ())
    ]
    added += [
        word for name in now["words"] for word in now["words"][name] if word not in promised["words"].get(name, ())
    ]
    for name in added:
        assert f"`{name}`" in section, f"list `{name}` in CHANGELOG.md under a new version of the schema"
