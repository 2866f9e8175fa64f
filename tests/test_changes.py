"""What became of records, what is open and what is old: as data, on pages, and at addresses that moved."""

import re

import pytest
from lxml import html

from scripts import addresses
from scripts.__main__ import main
from scripts.changes import by_day, changes
from scripts.publish import BuildError, Paths, outputs
from scripts.relate import Relations
from scripts.render import Renderer, Settings, Site, redirects
from tests.world import CLAIM, MOVED, SOFT, SOUND, corpus, edited, put

SETTINGS = Settings("Claimtrail", "https://bridge.example/", "")
TAKEN = (SOFT, "kind: fact", "withdrawn: {on: 2020-04-01, reason: It was <b>counted</b> twice.}\nkind: fact")
MENDED = (CLAIM, "kind: figure", "corrected:\n- {on: 2020-03-01, what: The date was mended.}\n- {on: 2020-05, what: The number was mended.}\nkind: figure")  # fmt: skip


def world(tmp_path, *edits, **more):
    return Site(Relations(corpus(tmp_path, edited(*edits) | more)), SETTINGS)


def page(site, path):
    text = dict(Renderer(site).pages())[path].partition("\n---\n")[2]
    return html.fromstring(text)


def text_of(element):
    return " ".join(element.text_content().split())


# ---- as data ----------------------------------------------------------------------------------------------------


def test_changes_are_newest_first_and_come_from_the_records(tmp_path):
    found = changes(corpus(tmp_path, edited(TAKEN, MENDED)))
    assert [(change.on.written, change.kind, change.address) for change in found] == [
        ("2020-05", "corrected", "articles/bridge-2018/a02/"),
        ("2020-04-01", "withdrawn", "articles/bridge-2018/a01/"),
        ("2020-03-01", "corrected", "articles/bridge-2018/a02/"),
        ("2020-03-01", "moved", "sources/gazette-2018-reopening/"),
        ("2020-02-01", "checked", "articles/bridge-2018/a01/"),
    ]
    assert found[3].text == "From sources/gazette-reopening/: The year was put into it."
    assert [(on.written, len(group)) for on, group in by_day(found)] == [
        ("2020-05", 1),
        ("2020-04-01", 1),
        ("2020-03-01", 2),
        ("2020-02-01", 1),
    ]


def test_a_page_that_moved_and_is_of_no_record_is_a_change_too(tmp_path):
    files = edited(("redirects.yml", "to: sources/gazette-2018-reopening/", "to: method/"))
    (moved,) = [change for change in changes(corpus(tmp_path, files)) if change.kind == "moved"]
    assert (moved.record, moved.address) == (None, "method/")


# ---- on pages ---------------------------------------------------------------------------------------------------


def test_the_page_on_changes_says_each_and_adds_checks_up(tmp_path):
    tree = page(world(tmp_path, TAKEN, MENDED), "changes.md")
    days = [text_of(h2) for h2 in tree.xpath("//section/h2")]
    assert days == ["May 2020", "1 April 2020", "1 March 2020", "1 February 2020"]
    lines = [text_of(li) for li in tree.xpath("//section//li")]
    assert lines[1].startswith("Withdrawn: Traders speak of three dark winters. It was <b>counted</b> twice.")
    assert lines[3] == "Moved: The bridge is open. From sources/gazette-reopening/: The year was put into it."
    assert lines[4].startswith("Checked: 1 statement of The bridge that nobody opened")
    assert tree.xpath("//section//li/a/@href")[0] == "../articles/bridge-2018/a02/"


def test_the_page_on_changes_says_that_there_is_none(tmp_path):
    files = edited((SOFT, "checked: 2020-02-01\n", ""))
    del files["redirects.yml"]
    made = Site(Relations(corpus(tmp_path, files)), SETTINGS)
    assert "Nothing has been checked again" in text_of(page(made, "changes.md"))


def test_open_questions_are_what_nobody_has_found(tmp_path):
    lost = (
        CLAIM,
        "fidelity: distorted\n  drift: [figure-changed]\n  source_says: Fourteen months.",
        "fidelity: source-unavailable",
    )
    silent = (SOFT, "stance: contradicts", "stance: silent")
    tree = page(world(tmp_path, lost, silent), "open.md")
    parts = {section.get("aria-labelledby"): text_of(section) for section in tree.xpath("//section")}
    assert "Traders speak of three dark winters" in parts["unsettled"]
    assert "Looked for: any trader by name (the county's papers, 1 February 2020)" in parts["unsettled"]
    assert "What would change this: A trader's diary" in parts["unsettled"]
    assert "the county engineer credited for: The bridge stayed shut for three years" in parts["lost"]
    assert [text_of(link) for link in tree.xpath("//ul[@class='jump']//a")][:3] == ["1 statements that no source settles", "1 credited documents that were not found", "0 other searches without a result"]  # fmt: skip


def test_a_search_for_a_statement_that_is_settled_stands_apart_and_a_withdrawn_one_nowhere(tmp_path):
    parts = {s.get("aria-labelledby"): text_of(s) for s in page(world(tmp_path), "open.md").xpath("//section")}
    assert "any trader by name" in parts["searched"]
    assert "None" in parts["unsettled"]
    parts = {s.get("aria-labelledby"): text_of(s) for s in page(world(tmp_path, TAKEN), "open.md").xpath("//section")}
    assert "any trader" not in "".join(parts.values())


def test_freshness_counts_from_the_newest_day_on_record(tmp_path):
    tree = page(world(tmp_path), "freshness.md")
    assert "The newest day on record is 1 February 2020" in text_of(tree)
    assert [text_of(td) for td in tree.xpath("//section[1]//tbody//td")] == [
        "3",
        "1 February 2020",
        "1 February 2020",
        "0",
        "2",
    ]
    assert [text_of(li) for li in tree.xpath("//section[@aria-labelledby='stale']//li/a")] == ["The bridge stayed shut for three years", "The toll money was not counted"]  # fmt: skip
    assert "None" in text_of(tree.xpath("//section[@aria-labelledby='stale-sources']")[0])


def test_what_is_older_than_two_years_is_stale(tmp_path):
    county = ("sources/county-2017-report.yml", "read: {on: 2020-01-01", "read: {on: 2022-03-01")
    tree = page(world(tmp_path, county), "freshness.md")
    assert len(tree.xpath("//section[@aria-labelledby='stale']//li")) == 3
    assert len(tree.xpath("//section[@aria-labelledby='stale-sources']//li")) == 2
    tree = page(world(tmp_path, (county[0], county[1], "read: {on: 2022-01-31")), "freshness.md")
    assert len(tree.xpath("//section[@aria-labelledby='stale']//li")) == 2


# ---- withdrawn --------------------------------------------------------------------------------------------------


def test_a_withdrawn_statement_is_in_no_count_and_is_marked_in_every_list(tmp_path):
    made = world(
        tmp_path, (CLAIM, "kind: figure", "withdrawn: {on: 2020-04-01, reason: It was misread.}\nkind: figure")
    )
    pages = {path: html.fromstring(text.partition("\n---\n")[2]) for path, text in Renderer(made).pages()}
    assert "2 statements" in text_of(pages["articles/index.md"])
    assert "3 statements" not in "".join(text_of(tree) for tree in pages.values())
    for path in ("articles/bridge-2018/a01.md", "sources/county-2017-report.md", "figures/months-shut.md"):
        (link,) = pages[path].xpath(
            "//a[normalize-space()='The bridge stayed shut for three years' and not(ancestor::nav)]"
        )[:1]
        assert "withdrawn" in text_of(link.getparent()), path
    for path in ("topics/bridge-closure.md", "articles/bridge-2018/index.md"):
        (row,) = [row for row in pages[path].xpath("//article") if "a02" in row.get("id")]
        assert "Withdrawn, 1 April 2020: It was misread." in text_of(row)
        assert not row.xpath(".//*[@class='chips']")
    own = pages["articles/bridge-2018/a02.md"]
    assert "Withdrawn, 1 April 2020: It was misread." in text_of(own)
    assert not own.xpath("//*[@data-pagefind-filter='record' or @data-pagefind-filter='attribution']")


# ---- addresses that moved ---------------------------------------------------------------------------------------


def test_an_old_address_leads_on_without_a_script_and_under_the_strict_policy(tmp_path):
    made = redirects(Site(Relations(corpus(tmp_path)), SETTINGS))
    assert list(made) == ["sources/gazette-reopening/index.html"]
    tree = html.document_fromstring(made["sources/gazette-reopening/index.html"])
    target = "../../sources/gazette-2018-reopening/"
    assert tree.xpath("//meta[@http-equiv='refresh']/@content") == [f"0; url={target}"]
    assert tree.xpath("//main//a/@href") == [target]
    assert tree.xpath("//link[@rel='canonical']/@href") == ["https://bridge.example/sources/gazette-2018-reopening/"]
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert tree.xpath("//script | //style | //@style | //@onclick") == []
    assert "The year was put into it." in text_of(tree.xpath("//main")[0])


def test_a_reason_can_make_no_markup(tmp_path):
    files = edited(("redirects.yml", "because: The year", "because: <script>x</script> The year"))
    made = redirects(Site(Relations(corpus(tmp_path, files)), SETTINGS))
    assert "<script>" not in "".join(made.values())


def test_the_statements_of_an_article_that_moved_lead_on_too(tmp_path):
    entry = "- {from: articles/crossing-2018/, to: articles/bridge-2018/, on: 2020, because: It was misnamed.}\n"
    made = redirects(Site(Relations(corpus(tmp_path, SOUND | {"redirects.yml": MOVED + entry})), SETTINGS))
    assert [path for path in made if "crossing" in path] == [
        f"articles/crossing-2018/{name}index.html" for name in ("", "a01/", "a02/", "a03/")
    ]
    assert 'url=../../../articles/bridge-2018/a02/"' in made["articles/crossing-2018/a02/index.html"]


@pytest.fixture
def content(tmp_path):
    return put(tmp_path / "content", {"index.md": "# The bridge\n", "method.md": "# Method\n"})


def test_a_build_has_its_redirects_and_refuses_to_break_an_address(tmp_path, content):
    made = outputs(
        corpus(tmp_path, edited(("redirects.yml", "to: sources/gazette-2018-reopening/", "to: method/"))),
        content,
        SETTINGS,
    )
    assert b'url=../../method/"' in made["sources/gazette-reopening/index.html"]
    with pytest.raises(BuildError, match=r"claims/addresses\.txt:2:1: address-gone: nothing answers at 'methods/'"):
        outputs(
            corpus(tmp_path, SOUND | {"addresses.txt": "article articles/bridge-2018/\npage methods/\n"}),
            content,
            SETTINGS,
        )
    with pytest.raises(BuildError, match=r"redirects\.yml:2:\d+: redirect-sound: there is no page at 'methods/'"):
        outputs(
            corpus(tmp_path, edited(("redirects.yml", "to: sources/gazette-2018-reopening/", "to: methods/"))),
            content,
            SETTINGS,
        )
    with pytest.raises(BuildError, match="'method/' is the address of a page"):
        outputs(
            corpus(
                tmp_path,
                edited(
                    ("redirects.yml", "from: sources/gazette-reopening/", "from: method/"),
                    ("addresses.txt", "source sources/gazette-reopening/\n", ""),
                ),
            ),
            content,
            SETTINGS,
        )


def test_the_list_is_written_sorted_and_keeps_what_is_on_it(tmp_path, content, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    claims = put(tmp_path / "claims", SOUND)
    arguments = ["addresses", "--claims", "claims", "--content", "content"]
    assert main(arguments) == 0
    assert "statement articles/bridge-2018/a02/" in capsys.readouterr().out
    assert (claims / "addresses.txt").read_text() == SOUND["addresses.txt"]
    main([*arguments, "--write"])
    lines = (claims / "addresses.txt").read_text().splitlines()
    assert lines == sorted(set(lines))
    assert set(SOUND["addresses.txt"].splitlines()) < set(lines)
    assert {"page method/", "page search/", "figure figures/months-shut/", "publisher publishers/the-echo/"} < set(
        lines
    )
    assert not [line for line in lines if "assets/" in line or ".md" in line]
    capsys.readouterr()
    main(arguments)
    assert capsys.readouterr().out == ""
    assert main(["check", "--claims", "claims"]) == 0


# ---- the real record --------------------------------------------------------------------------------------------


def test_everything_that_was_published_still_answers(real, site_of_real):
    listed = real.addresses.addresses
    assert len(listed) > 1000
    there = {
        addresses.of_path(path.relative_to(site_of_real).as_posix())
        for path in site_of_real.rglob("*")
        if path.is_file()
    }
    assert [entry for entry in listed if entry.address not in there] == []


@pytest.fixture
def site_of_real(request):
    return request.getfixturevalue("site")


def test_the_new_pages_stand_in_the_navigation(site_of_real):
    home = (site_of_real / "index.html").read_text(encoding="utf-8")
    footer = home[home.index('aria-label="All pages"') :]
    for path in ("open/", "freshness/", "changes/"):
        assert re.search(rf'href="(\./)?{path}"', footer), path
    assert Paths().out == site_of_real
