"""Pages say what the records say, and a record can make neither a tag nor a link nor a heading nor a template call."""

import re

import html5lib
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from lxml import html

from scripts import render as rendering
from scripts.records import Anchor
from scripts.relate import Relations
from scripts.render import Compiled, Renderer, Settings, Site, fragment, inline, render, shortened
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, corpus, edited

HOSTILE = "</p></div><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} [a](javascript:alert(1)) # h *b* `c` & \"q\" 'r' ---"  # fmt: skip


def pages(tmp_path, files=None, content=None, settings=None):
    world = corpus(tmp_path, files)
    assert world.problems == []
    return render(Relations(world), content or {}, settings or Settings(repo="https://code.example/r"))


def body(text):
    front, _, rest = text.removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(front), html.fromstring(rest)


def text_of(tree):
    return " ".join(tree.text_content().split())


def test_there_is_a_page_for_everything(tmp_path):
    assert sorted(pages(tmp_path)) == sorted(
        [
            "articles/index.md", "articles/bridge-2018/index.md", "articles/bridge-2018/a01.md",
            "articles/bridge-2018/a02.md", "articles/bridge-2018/a03.md", "topics/index.md", "topics/bridge-closure.md",
            "figures/index.md", "figures/months-shut.md", "sources/index.md", "sources/county-2017-report.md",
            "sources/gazette-2018-reopening.md", "sources/echo-2018-copy.md", "publishers/index.md",
            "publishers/the-herald.md", "publishers/the-copyist.md", "publishers/the-county.md",
            "publishers/the-gazette.md", "publishers/the-echo.md", "terms.md", "verdicts.md", "search.md", "teach/bridge-2018/index.md", "teach/bridge-2018/key.md",
                "teach/bridge-2018/projector.md",
            "open.md", "freshness.md", "changes.md", "data/dictionary.md",
        ]
    )  # fmt: skip


def test_a_statement_page_has_both_verdicts_with_reasons_and_the_ladder(tmp_path):
    front, tree = body(pages(tmp_path)["articles/bridge-2018/a02.md"])
    text = text_of(tree)
    assert front["title"] == "The bridge stayed shut for three years"
    assert front["edit_url"] == "https://code.example/r/edit/main/claims/articles/bridge-2018/a02.yml"
    assert "Does the credited source say so? distorted The article credits the county engineer." in text
    assert (
        "What does the record show? contradicted Two independent origins (a primary document among them) contradict it and none supports it."
        in text
    )
    assert "When the article appeared, one of two origins could be read" in text
    assert "One origin, two reports: The Gazette" in text
    assert "14 against the article’s about 36: 2.6 times what the source gives." in text
    assert "“" not in tree.xpath("//q")[0].text_content()
    assert [li.text_content().split()[0] for li in tree.xpath("//ol[@class='ladder']/li")] == ["A.", "The"]


def test_a_withdrawn_statement_keeps_its_page_and_says_so(tmp_path):
    files = edited((CLAIM, "kind: figure", "withdrawn: {on: 2020-03, reason: It was counted twice.}\nkind: figure"))
    made = pages(tmp_path, files)
    assert "Withdrawn, March 2020: It was counted twice." in text_of(body(made["articles/bridge-2018/a02.md"])[1])
    assert "It was counted twice." in text_of(body(made["articles/bridge-2018/index.md"])[1])


def test_statements_stand_in_the_order_of_the_text(tmp_path):
    files = edited(
        (SOFT, "para: 1", "para: 2"),
        (
            SOFT,
            "starts: Local traders recall, ends: third winter in darkness",
            "starts: the toll money, ends: was never counted",
        ),
    )
    rows = body(pages(tmp_path, files)["articles/bridge-2018/index.md"])[1].xpath("//article/@id")
    assert rows == ["a01", "a02", "a03"]
    first = body(pages(tmp_path / "b", edited((ARTICLE, "title: The", "title: The")))["articles/bridge-2018/index.md"])[
        1
    ]
    assert first.xpath("//article/@id") == ["a01", "a02", "a03"]


def test_right_to_left_titles_carry_language_and_direction(tmp_path):
    tree = body(pages(tmp_path)["sources/echo-2018-copy.md"])[1]
    cite = tree.xpath("//h1/cite")[0]
    assert (cite.get("lang"), cite.get("dir"), cite.text) == ("ar", "rtl", "الجسر مفتوح")
    assert "The bridge is open" in text_of(tree)


def test_a_description_in_place_of_a_title_stands_in_our_own_language(tmp_path):
    page = "sources/echo-2018-copy"
    swapped = edited((f"{page}.yml", "title: الجسر مفتوح", 'title: "[Report on the bridge]"'))
    glossed = pages(tmp_path / "a", swapped)[f"{page}.md"]
    without = edited(
        (f"{page}.yml", "title: الجسر مفتوح", 'title: "[Report on the bridge]"'),
        (f"{page}.yml", "title_en: The bridge is open\n", ""),
    )
    described = pages(tmp_path / "b", without)[f"{page}.md"]
    found = [body(text)[1].xpath("//h1/cite")[0] for text in (glossed, described)]
    assert [(cite.get("lang"), cite.get("dir")) for cite in found] == [("ar", "rtl"), ("en", "ltr")]


def test_an_outlets_findings_are_shown_with_stance_and_without_a_verdict(tmp_path):
    text = text_of(body(pages(tmp_path)["publishers/the-herald.md"])[1])
    assert "The Herald is run by the bridge company." in text
    assert "supports: The Gazette names the bridge company" in text
    assert "What it says of itself The Herald calls itself free" in text
    assert "supported" not in text


TEXT_FIELDS = {
    CLAIM: ["says", "short", "glance", "  finding", "  locator", "  phrase", "  source_says", "  to"],
    ARTICLE: ["title", "author", "studied"],
    "sources/echo-2018-copy.yml": ["title", "title_en"],
    "publishers/the-county.yml": ["name", "country"],
    "topics/bridge-closure.yml": ["title", "question", "glance", "summary"],
    "measures/months-shut.yml": ["title", "unit", "scope"],
}


def hostile():
    files = dict(SOUND)
    quoted = yaml.safe_dump(HOSTILE, width=10_000, default_style='"').strip()
    for path, fields in TEXT_FIELDS.items():
        for name in fields:
            pattern = rf"(?m)^{re.escape(name)}: .*(\n  The report gives.*)?$"
            assert re.search(pattern, files[path]), (path, name)
            files[path] = re.sub(pattern, lambda m, name=name: f"{name}: {quoted}", files[path])
    return files


def test_no_field_of_any_record_can_make_markup(tmp_path):
    for path, text in pages(tmp_path, hostile()).items():
        front, tree = body(text)
        assert front["title"], path
        assert tree.xpath("//script|//img|//iframe") == [], path
        assert [
            a
            for a in tree.xpath("//@href")
            if "javascript" in a.lower() and not a.startswith(("https://code", "data:application/"))
        ] == [], path
        assert not [name for element in tree.iter() for name in element.attrib if name.startswith(("on", "style"))], (
            path
        )
        assert "49" not in re.sub(r"\d{3,}|%\d+", "", text_of(tree)), path


def test_hostile_text_is_on_the_page_as_text(tmp_path):
    text = text_of(body(pages(tmp_path, hostile())["articles/bridge-2018/a02.md"])[1])
    assert "</p></div><script>alert(1)</script>" in text
    assert "{{ 7*7 }}" in text


def test_every_page_is_one_well_formed_block_without_a_blank_head(tmp_path):
    for path, text in pages(tmp_path, hostile()).items():
        rest = text.partition("\n---\n")[2].strip()
        assert rest.startswith("<div"), path
        assert rest.endswith("</div>"), path
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(f"<!doctype html><html><head><title>t</title></head><body>{rest}</body></html>")
        assert parser.errors == [], (path, parser.errors[:3])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a *b* [c](bridge-2018/a02)", 'a <em>b</em> <a href="../articles/bridge-2018/a02/">c</a>'),
        ("[c](https://a.example/x)", '<a href="https://a.example/x" rel="noopener">c</a>'),
        ("[c](javascript:alert(1))", "[c](javascript:alert(1))"),
        ("[c](//evil.example)", "[c](//evil.example)"),
        ("<b>x</b> & `y` # z", "&lt;b&gt;x&lt;/b&gt; &amp; `y` # z"),
        ("![i](https://a.example/x.png)", '!<a href="https://a.example/x.png" rel="noopener">i</a>'),
    ],
)
def test_emphasis_and_links_are_all_that_text_may_carry(text, made):
    assert inline(text, "../") == made


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_no_text_makes_any_other_tag(text):
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", inline(text, "../")))
    assert tags <= {"a", "em", "strong"}


def test_a_text_fragment_is_encoded_as_the_specification_asks():
    class Held:
        anchor = Anchor(starts="12-13 a, b", ends="c & d", prefix="über", suffix="e")

    assert fragment(Held) == "text=%C3%BCber-,12%2D13%20a%2C%20b,c%20%26%20d,-e"


def test_pages_written_by_hand_are_filled_with_parts(tmp_path):
    made = pages(
        tmp_path,
        content={
            "method.md": "# Method\n\n<!-- include: statuses -->\n\nEnd.\n",
            "x/index.md": "<!-- include: counts -->\n",
        },
    )
    assert "supported with qualification" in made["method.md"]
    assert made["method.md"].endswith("\n\nEnd.\n")
    assert "1 article · 3 statements · 3 sources" in made["x/index.md"]


def test_an_unknown_part_and_a_taken_path_are_said(tmp_path):
    with pytest.raises(ValueError, match="content/a.md includes 'nothing'; there are: about, articles"):
        pages(tmp_path, content={"a.md": "<!-- include: nothing -->\n"})
    with pytest.raises(ValueError, match="content/terms.md stands where"):
        pages(tmp_path / "b", content={"terms.md": "x"})


def test_links_between_pages_are_relative(tmp_path):
    for path, text in pages(tmp_path).items():
        for link in body(text)[1].xpath("//@href"):
            assert not link.startswith("/"), (path, link)


def test_without_a_repository_no_edit_link_is_made(tmp_path):
    made = pages(tmp_path, settings=Settings())
    front, tree = body(made["articles/bridge-2018/a02.md"])
    assert front["edit_url"] == ""
    assert "Report an error" not in text_of(tree)


def test_the_renderer_needs_nothing_but_the_records(tmp_path):
    site = Site(Relations(corpus(tmp_path)), Settings())
    assert dict(Renderer(site).pages()) == dict(Renderer(site).pages())


@pytest.mark.parametrize("text", ["", "Short.", "word " * 100, "x" * 400, "a, " * 200, "é" * 299 + " end"])
def test_a_description_is_cut_after_a_word(text):
    short = shortened(text)
    assert len(short) <= 300
    whole = " ".join(text.split())
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]) and short[-2] not in " ,")


def test_long_descriptions_are_cut_in_the_front_matter(tmp_path):
    glance = "The county gives fourteen months. " * 12
    old = "glance: The county's report gives fourteen months, and a newspaper fifteen."
    files = edited((CLAIM, old, f"glance: {glance}"))
    site = Site(Relations(corpus(tmp_path, files)))
    front, _ = body(dict(Renderer(site).pages())["articles/bridge-2018/a02.md"])
    assert front["description"] == shortened(glance)
    assert front["image"] == "assets/share/bridge-2018.png"


# ---- templates that were compiled before ----------------------------------------------------------------------------


def compiled(folder, text):
    """What a template gives, compiled into `folder` or taken from it, and whether it was taken."""
    cache = Compiled(str(folder), "%s.pyc")
    environment = Environment(loader=DictLoader({"it": text}), bytecode_cache=cache, autoescape=True)
    compilings = []
    compile_ = environment.compile
    environment.compile = lambda *arguments, **more: compilings.append(arguments) or compile_(*arguments, **more)
    return environment.get_template("it").render(), not compilings


def test_a_template_is_compiled_once_and_again_when_it_or_what_compiles_it_changes(tmp_path, monkeypatch):
    assert compiled(tmp_path / "new", "{{ 2 + 2 }}") == ("4", False)
    assert compiled(tmp_path / "new", "{{ 2 + 2 }}") == ("4", True)
    assert compiled(tmp_path / "new", "{{ 2 + 3 }}") == ("5", False)
    monkeypatch.setattr("jinja2.__version__", "99")
    assert compiled(tmp_path / "new", "{{ 2 + 3 }}") == ("5", False)
    monkeypatch.setattr(rendering, "_own_text", lambda: "def inline(): another one")
    assert compiled(tmp_path / "new", "{{ 2 + 3 }}") == ("5", False)
    assert compiled(tmp_path / "new", "{{ 2 + 3 }}") == ("5", True)


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:40], lambda data: data[:-9], lambda data: b"\0" * 99]
)
def test_a_compiled_template_that_is_damaged_is_made_anew(tmp_path, damage):
    compiled(tmp_path, "{{ 2 + 2 }}")
    [file] = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert compiled(tmp_path, "{{ 2 + 2 }}") == ("4", False)
    assert compiled(tmp_path, "{{ 2 + 2 }}") == ("4", True)


def test_templates_that_cannot_be_kept_are_no_fault(tmp_path):
    (tmp_path / "file").touch()
    assert compiled(tmp_path / "file", "{{ 2 + 2 }}") == ("4", False)
