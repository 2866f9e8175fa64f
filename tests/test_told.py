"""The documents that lead a stranger by the hand are run, and print what they say."""

import gzip
import re

import pytest
from lxml import html

from tests.told import PROJECT, copied, reader
from tests.world import SOUND


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("origin"))


@pytest.fixture
def somebody(tmp_path, origin):
    with reader(tmp_path, origin) as made:
        yield made


def plain(document):
    """A document without the numbers of pages, which grow with the program."""
    return re.sub(r"[\d,]+ pages, [\d,]+ of their files", "some pages, some of their files", document)


def followed(somebody, name):
    told = (PROJECT / "docs" / name).read_text(encoding="utf-8")
    happened = somebody.follow(told)
    assert plain(happened) == plain(told), f"run `python -m tests.told docs/{name}` and look at what changed"


def test_the_walk_through_from_a_clone_to_a_branch_is_what_happens(somebody):
    followed(somebody, "walkthrough.md")
    page = html.parse(str(somebody.here / "build/bridge/articles/bridge-2018/a02/index.html"))
    assert "carts have paid tolls on the bridge since March 2017" in page.getroot().text_content()
    assert somebody.run("git branch --show-current") == "courier-on-tolls\n"
    assert somebody.run("git status --short") == ""


def text(path):
    """The text of a file, unpacked where it is packed; nothing for a picture or a font."""
    data = path.read_bytes()
    if path.suffix in (".png", ".woff2", ".ico"):
        return ""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.decode("utf-8", "replace")


def test_another_team_gets_a_site_with_nothing_of_the_first_subject_in_it(somebody):
    followed(somebody, "another-team.md")
    site = somebody.home / "ferry/site"
    files = {path: text(path) for path in site.rglob("*") if path.is_file()}
    found = {
        (path.relative_to(site).as_posix(), match[0])
        for path, content in files.items()
        for match in re.finditer(
            r"(?<![a-z])(isis|daesh|islamic state|raqqa|syria|iraq|mosul|berger|mangal|duran|contrarian|centcom)(?![a-z])"
            r"|five articles|licenses/by/4\.0|first record|claimtrail\.example|github\.com/claimtrail/claimtrail/(?:issues|edit|commits)",
            content,
            re.IGNORECASE,
        )
    }
    assert found == set()
    pages = {path.relative_to(site).as_posix(): html.fromstring(content) for path, content in files.items() if path.suffix == ".html"}  # fmt: skip
    assert {"index.html", "about/index.html", "method/index.html", "articles/ferry-2019/a01/index.html"} <= set(pages)
    for name, page in pages.items():
        assert page.findtext(".//title").endswith("Ferry facts"), name
        if not name.startswith("embed/"):  # a card for other sites has no footer
            assert page.xpath("string(//footer//p)").strip().startswith("Text and data: CC0 1.0. Program: MIT."), name
    home, about, statement = pages["index.html"], pages["about/index.html"], pages["articles/ferry-2019/a01/index.html"]
    assert home.xpath("string(//h1)") == "What is said of the ferry"
    assert (
        home.xpath("string(//meta[@name='description']/@content)") == "What is said of the ferry, beside its sources."
    )
    assert "https://code.example/ferry/edit/main/pages/index.md" in home.xpath("//footer//a/@href")
    assert "One article on the ferry, chosen because everybody quotes it." in about.text_content()
    assert "Credit “the ferry's friends”" in about.text_content()
    assert "The ferry board's books were read at its office." in pages["method/index.html"].text_content()
    assert statement.xpath("string(//link[@rel='canonical']/@href)") == "https://ferry.example/articles/ferry-2019/a01/"
    links = statement.xpath("//a/@href")
    assert "https://code.example/ferry/edit/main/claims/articles/ferry-2019/a01.yml" in links
    assert any(link.startswith("https://code.example/ferry/issues/new") for link in links)
    assert "https://code.example/ferry/issues" in pages["contribute/index.html"].xpath("//a/@href")
    assert not [link for link in pages["method/index.html"].xpath("//footer//a/@href") if "/edit/" in link]
    assert "https://ferry.example/sitemap.xml" in files[site / "robots.txt"]


def test_the_record_to_practise_on_is_the_invented_world():
    folder = PROJECT / "examples/bridge"
    there = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.*")}
    there.pop("README.md")
    assert there.pop("site.yml").startswith("name: The bridge\n")
    assert there == SOUND, "run `python -m tests.world examples/bridge`"


def test_a_document_that_tells_something_else_is_noticed(somebody):
    told = "```console\n$ echo one \\\n    two\nthree\n$ false; echo four >&2\n```\n"
    assert somebody.follow(told) == "```console\n$ echo one \\\n    two\none two\n$ false; echo four >&2\nfour\n```\n"
