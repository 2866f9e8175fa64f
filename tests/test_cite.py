"""Citations: against pandoc's own output, and read back by independent parsers."""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from scripts.cite import STYLES, Item, Name, names, of_source, title_case
from scripts.references import FORMATS, bibtex, csl, csl_json, ris
from scripts.relate import Relations
from scripts.render import Settings, render
from scripts.values import PartialDate
from tests import world

GOLDEN = Path(__file__).parent / "data" / "citations.json"


def item(id, kind, title, container, byline="", issued="", **more):
    day = PartialDate.parse
    accessed = day(more.pop("accessed")) if "accessed" in more else None
    more.setdefault("url", f"https://example.org/{id}")
    return Item(id, kind, title, container, names(byline), day(issued) if issued else None, accessed, **more)


ITEMS = [
    item("page", "webpage", "Bridge was shut for three years", "Claimtrail", "", "2026-11-20", version="2026.11.20"),
    item("body", "webpage", "The bridge: what is known", "Claimtrail", "Claimtrail contributors", "2026-11-20", version="2026.11.20"),
    item("one", "article-newspaper", "Bridge of no return", "The Herald", "Anna B. Writer", "2018-03-09"),
    item("two", "article-newspaper", "Two engineers on a bridge", "The Herald", "Anna Writer and Jean-Paul Du Pont", "2018-09-09"),
    item("three", "article-newspaper", "three writers, one bridge", "The Herald", "A. Writer, B. Editor and C. Reader", "2018-05"),
    item("four", "report", "Four on a bridge: a study", "Bridge Institute", "A. Writer, B. Editor, C. Reader, D. Printer", "2019"),
    item("eleven", "webpage", "Eleven", "Bridge Blog", ", ".join(f"{letter}. Writer{letter.lower()}" for letter in "ABCDEFGHIJK"), "2019"),
    item("none", "article-newspaper", "Who shut the bridge?", "The Herald", "", "2018-07-01"),
    item("none-web", "webpage", "Who shut the bridge?", "Bridge Blog", "", "2018-07-01"),
    item("none-report", "report", "The closing of the bridge", "The County", "", "2017-02-03"),
    item("undated", "webpage", "The bridge", "Bridge Wiki", accessed="2026-11-20"),
    item("undated-news", "article-newspaper", "The bridge in winter", "The Herald", "A. Writer", accessed="2026-11-20"),
    item("undated-report", "report", "Counting carts", "The County", accessed="2026-11"),
    item("no-address", "report", "County engineer’s report", "The County", "", "2017", url=""),
    item("about", "webpage", "Old bridge", "Bridge Blog", "A. Writer", "about 2014"),
    item("about-report", "report", "Old bridge", "The County", "", "about 2014-03"),
    item("years", "webpage", "Two winters", "Bridge Blog", "A. Writer", "2016/2017-03"),
    item("days", "webpage", "Two days", "Bridge Blog", "A. Writer", "2018-01-25/2018-01-28"),
    item("months", "article-newspaper", "Two months", "The Herald", "A. Writer", "2018-01/2018-03"),
    item("arabic", "article-newspaper", "متى أغلق الجسر؟ \"لا أحد\" يعرف [When was the bridge shut? “Nobody” knows]", "Al-Jisr", "", "2017-11-15", language="ar"),
    item("russian", "article-newspaper", "Кто закрыл мост? [Who shut the bridge?]", "Мост", "Иван Петров", "2017-10-10", language="ru"),
    item("quotes", "article-newspaper", "“A bridge too far”: the \"engineer\" says {no} & leaves", "The Herald", "Yousef al-Toura", "2018-03-09"),
    item("quoted-end", "article-newspaper", "The engineer called it ‘a bridge too far’", "The Herald", "", "2018-03-09"),
    item("suffix", "article-newspaper", "Why we don’t want a bridge", "The Herald", "Robert F. Writer Jr.", "2016-02-23"),
    item("particle", "webpage", "carts vs. boats on the river", "Bridge Blog", "Wladimir van Wilgenburg", "2016-02"),
    item("described", "webpage", "[Map of the bridge and of the roads to it]", "Bridge Blog", "", "2016"),
    item("single", "webpage", "bridge", "Bridge Blog", "Madonna", "2017-01-02"),
    item("hyphens", "article-newspaper", "re-opening of the well-known bridge as a by-product", "The Herald", "", "2018-03-09"),
]  # fmt: skip
"""Made-up items: every awkward case that records can hold."""


def plain(markup):
    return html.unescape(re.sub(r"</?a[^>]*>", "", str(markup))).strip()


def as_manuals_say(text):
    """Pandoc's output after the one departure: a mark stands inside both of two closing quotation marks, and inside
    those at the end of italics (Chicago 6.9; pandoc 3.9 puts it between)."""
    return re.sub(r"’([.,])”", r"\1’”", text).replace("”</i>.", ".”</i>")


MENDED = {("Chicago, note", "about"): ("“Old Bridge” Bridge", "“Old Bridge,” Bridge")}
"""Where pandoc 3.9 swallows the comma before a container, as the date that follows holds a question mark."""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("of", ITEMS, ids=lambda of: of.id)
def test_a_style_prints_what_pandoc_prints(style, of):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    expected = golden[style][of.id].replace(*MENDED.get((style, of.id), ("", "")))
    assert plain(STYLES[style](of)) == as_manuals_say(expected)


def test_bylines_are_read_as_people_or_as_bodies():
    assert names(None) == ()
    assert [name.full for name in names("A. Writer, B. Editor and C. Reader")] == [
        "A. Writer",
        "B. Editor",
        "C. Reader",
    ]
    assert names("Robert F. Writer Jr.") == (Name("Writer", "Robert F.", "", "Jr."),)
    assert names("Gilles de Kerk") == (Name("Kerk", "Gilles", "de"),)
    assert names("Yousef al-Toura") == (Name("Toura", "Yousef", "al-"),)
    assert names("Tom Vanden Brook") == (Name("Vanden Brook", "Tom"),)
    assert names("Gen. Anna Writer (The Herald)") == (Name("Writer", "Anna"),)
    for body in ("AFP", "Editorial Board", "The Professor", "Claimtrail contributors"):
        assert names(body) == (Name(literal=body),)


def test_small_words_stay_small_inside_an_english_title_alone():
    assert title_case("the end of the bridge: a story", "en") == "The End of the Bridge: A Story"
    assert title_case("la fin du pont", "fr") == "la fin du pont"


def test_bibtex_is_read_back_with_every_field_and_no_failed_block():
    library = bibtexparser.parse_string(FORMATS["BibTeX"][2](ITEMS))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [item.id for item in ITEMS]
    read = {entry.key: {field.key: field.value for field in entry.fields} for entry in library.entries}
    assert read["two"]["author"] == "Writer, Anna and Du Pont, Jean-Paul"
    assert read["body"]["author"] == "{Claimtrail contributors}"
    assert read["suffix"]["author"] == "Writer, Jr., Robert F."
    assert read["quotes"]["title"] == '{“A bridge too far”: the "engineer" says \\{no\\} \\& leaves}'
    assert (read["about"]["year"], read["about"]["date"]) == ("2014", "2014~")
    assert (read["years"]["year"], read["years"]["date"]) == ("2016", "2016/2017-03")
    assert read["arabic"]["langid"] == "arabic"
    assert read["undated"]["urldate"] == "2026-11-20"


def test_ris_is_read_back_with_every_field():
    read = {entry["id"]: entry for entry in rispy.loads(FORMATS["RIS"][2](ITEMS))}
    assert list(read) == [item.id for item in ITEMS]
    assert read["one"]["authors"] == ["Writer, Anna B."]
    assert (read["one"]["year"], read["one"]["date"]) == ("2018", "2018/03/09/")
    assert read["arabic"]["title"] == ITEMS[[item.id for item in ITEMS].index("arabic")].title
    assert read["page"]["edition"] == "2026.11.20"
    assert read["about"]["notes"] == ["Date: about 2014"]
    assert read["four"]["publisher"] == "Bridge Institute"
    assert ris(ITEMS[0]).endswith("ER  - \r\n")


def test_csl_json_keeps_dates_ranges_and_doubt():
    read = {entry["id"]: entry for entry in json.loads(csl_json(ITEMS))}
    assert read["about"]["issued"] == {"date-parts": [[2014]], "circa": True}
    assert read["days"]["issued"] == {"date-parts": [[2018, 1, 25], [2018, 1, 28]]}
    assert "issued" not in read["undated"]
    assert read["particle"]["author"] == [{"family": "van Wilgenburg", "given": "Wladimir"}]


@given(st.text(max_size=60).filter(str.strip), st.text(max_size=30).filter(str.strip))
def test_no_text_can_break_out_of_a_field(title, container):
    of = Item("x", "webpage", title, container, url="https://example.org/")
    library = bibtexparser.parse_string(bibtex(of))
    assert not library.failed_blocks
    assert len(library.entries) == 1
    lines = ris(of).split("\r\n")
    assert [line[:2] for line in lines if line] == ["TY", "ID", "TI", "T2", "LA", "UR", "ER"]
    assert csl(of)["title"] == title
    for print_ in STYLES.values():
        assert "<script" not in str(print_(of)).replace("&lt;script", "")


def test_a_source_is_cited_with_its_title_in_both_languages(tmp_path):
    corpus = world.corpus(tmp_path)
    source = next(iter(corpus.sources.values()))
    other = source.model_copy(update={"title": "Мост", "title_en": "[The bridge]", "lang": "ru"})
    assert of_source(other, corpus.publishers[source.publisher]).title == "Мост [The bridge]"


@pytest.fixture
def pages(tmp_path):
    corpus = world.corpus(tmp_path)
    return render(Relations(corpus), {}, Settings("Bridgetrail", "https://bridge.example/", ""))


def test_a_page_offers_its_citation_in_every_style_and_format(pages):
    tree = lxml_html.fromstring(pages["articles/bridge-2018/a02.md"].split("---\n", 2)[2])
    said = [dt.text for dt in tree.xpath("//section[contains(@class, 'share')]//dt")]
    assert said == list(STYLES)
    saved = {a.text: unquote(a.get("href").partition(",")[2]) for a in tree.xpath("//details//a[@download]")}
    assert list(saved) == list(FORMATS)
    entry = bibtexparser.parse_string(saved["BibTeX"]).entries[0]
    assert entry.fields_dict["url"].value == "https://bridge.example/articles/bridge-2018/a02/"
    assert entry.fields_dict["author"].value == "{Bridgetrail contributors}"
    assert rispy.loads(saved["RIS"])[0]["title"] == json.loads(saved["CSL-JSON"])[0]["title"]


def test_a_statements_page_offers_its_sources_for_the_originals(pages):
    tree = lxml_html.fromstring(pages["articles/bridge-2018/a02.md"].split("---\n", 2)[2])
    link = tree.xpath("//a[@download='bridge-2018-a02-sources.bib']")[0]
    keys = {entry.key for entry in bibtexparser.parse_string(unquote(link.get("href").partition(",")[2])).entries}
    shown = {
        a.split("/")[-2]
        for a in tree.xpath("//section[not(@aria-labelledby='ladder')]//li//@href")
        if "sources/" in a and a.startswith("../")
    }
    assert keys
    assert keys <= shown


def test_every_kind_of_page_says_how_to_link_and_cite(pages):
    for path in ("articles/bridge-2018/index.md", "topics/bridge-closure.md", "figures/months-shut.md"):
        assert 'id="cite"' in pages[path], path
    assert all(
        'id="cite"' in text
        for path, text in pages.items()
        if re.fullmatch(r"sources/[^/]+\.md", path) and "index" not in path
    )
