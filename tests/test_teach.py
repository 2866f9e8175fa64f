"""Worksheets, keys, the projector view, practice and the three depths of a page."""

import io
import re

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from PIL import Image
from pypdf import PdfReader

from scripts.relate import Relations
from scripts.render import Settings, qr, render
from scripts.teach import MOST, chosen, difficulty, questions
from scripts.terms import Crediting, Fidelity, Kind
from tests import world

ARTICLE = "berger-2018"


@pytest.fixture
def relations(tmp_path):
    return Relations(world.corpus(tmp_path))


def variant(claim, number, kind=Kind.FACT, how=Crediting.NONE, fidelity=Fidelity.NO_ATTRIBUTION, source=None, **more):
    attribution = claim.attribution.model_copy(update={"how": how, "fidelity": fidelity, "source": source})
    copy = claim.model_copy(update={"kind": kind, "attribution": attribution, "para": number, **more})
    copy.placed(f"bridge-2018/a{number:02}", f"articles/bridge-2018/a{number:02}.yml")
    return copy


# ---- which statements ------------------------------------------------------------------------------------------------


def test_difficulty_rises_with_the_way_the_kind_and_the_fidelity(relations):
    claim = relations.corpus.claims["bridge-2018/a02"]
    found = claim.attribution.source
    easy = variant(claim, 1, Kind.FIGURE, Crediting.NAMED, Fidelity.FAITHFUL, found)
    lost = variant(claim, 2, Kind.FIGURE, Crediting.NAMED, Fidelity.SOURCE_UNAVAILABLE, None)
    hard = variant(claim, 3, Kind.INSINUATION, Crediting.NONE, Fidelity.NO_ATTRIBUTION)
    assert [difficulty(relations, one) for one in (easy, lost, hard)] == [0, 1, 2]


def test_a_sheet_spreads_over_the_difficulties_and_keeps_the_order_of_the_text(relations):
    claim = relations.corpus.claims["bridge-2018/a02"]
    found = claim.attribution.source
    claims = [variant(claim, number, Kind.FIGURE, Crediting.NAMED, Fidelity.FAITHFUL, found) for number in range(1, 21)]
    claims += [variant(claim, number, Kind.INSINUATION) for number in range(21, 41)]
    sheet = chosen(relations, claims)
    assert len(sheet) == MOST
    assert [claim.para for claim in sheet] == sorted(claim.para for claim in sheet)
    assert {difficulty(relations, claim) for claim in sheet} == {0, 2}
    assert sum(claim.para > 20 for claim in sheet) == MOST // 2


def test_new_attributions_and_kinds_go_first_and_one_opinion_at_most_is_taken(relations):
    claim = relations.corpus.claims["bridge-2018/a02"]
    claims = [variant(claim, number) for number in range(1, 30)] + [variant(claim, 30, Kind.PREDICTION)]
    claims += [variant(claim, number, Kind.OPINION) for number in range(31, 36)]
    kinds = [claim.kind for claim in chosen(relations, claims)]
    assert Kind.PREDICTION in kinds
    assert kinds.count(Kind.OPINION) == 1


def test_withdrawn_statements_are_not_taught_and_a_short_article_gives_all_that_it_has(relations):
    claim = relations.corpus.claims["bridge-2018/a02"]
    gone = variant(claim, 3, withdrawn={"on": "2026-01-01", "reason": "It was not there."})
    claims = [variant(claim, 1), variant(claim, 2), gone]
    assert chosen(relations, claims) == claims[:2]


def test_every_way_of_crediting_and_every_kind_has_its_question(relations):
    claim = relations.corpus.claims["bridge-2018/a02"]
    asked = {questions(variant(claim, 1, kind, how)) for kind in Kind for how in Crediting}
    assert len(asked) == len(Kind) * len(Crediting)
    assert {question.move for pair in asked for question in pair} == {"Stop", "Investigate", "Find", "Trace"}


def test_the_real_articles_give_eight_to_twelve_statements_of_at_least_two_difficulties(real):
    relations = Relations(real)
    for article in relations.articles:
        sheet = chosen(relations, relations.claims_by_article[article.id])
        assert 8 <= len(sheet) <= 12, article.id
        assert len({difficulty(relations, claim) for claim in sheet}) > 1, article.id


# ---- what stands on the sheets ----------------------------------------------------------------------------------------


def test_a_worksheet_withholds_what_the_key_gives(tmp_path):
    pages = render(Relations(world.corpus(tmp_path)), {}, Settings("Bridgetrail", "https://bridge.example/", ""))
    sheet = html.fromstring(pages["teach/bridge-2018/index.md"].split("---\n", 2)[2])
    key = html.fromstring(pages["teach/bridge-2018/key.md"].split("---\n", 2)[2])
    for words in ("distorted", "fourteen months", "contradict"):
        assert words not in sheet.text_content().lower(), words
    assert sheet.xpath("//*[contains(@class, 'verdict')]") == []
    assert "Distorted" in key.text_content() or "distorted" in key.text_content()
    assert len(sheet.xpath("//ol[@class='tasks']/li")) == len(key.xpath("//section[contains(@class, 'answer')]"))


def test_a_qr_code_is_read_as_the_address_by_an_independent_reader(browser):
    address = "https://bridge.example/articles/bridge-2018/a21/"
    page = browser.new_page(viewport={"width": 400, "height": 400})
    page.set_content(f'<body style="margin:0;width:300px">{qr(address)}</body>')
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    page.close()
    assert [code.text for code in read] == [address]


@pytest.fixture(scope="module")
def visit(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)

    def go(path, width=1280):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address + path)
        return page

    yield go
    context.close()


def test_every_worksheet_prints_on_two_pages(visit, real):
    for id in real.articles:
        page = visit(f"teach/{id}/")
        assert len(PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True))).pages) == 2, id
        page.close()


def test_the_projector_view_turns_with_the_arrow_keys_and_shows_verdicts_on_demand(visit):
    page = visit(f"teach/{ARTICLE}/projector/")
    slides = page.locator(".slide")
    assert slides.locator("details[open]").count() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.url.endswith("#s2")
    assert page.evaluate("document.activeElement.id") == "s2"
    page.keyboard.press("Enter")
    assert page.locator("#s2 details").get_attribute("open") is not None
    page.keyboard.press("ArrowLeft")
    assert page.url.endswith("#s1")
    page.close()


def test_practice_folds_every_verdict_away_and_its_address_can_be_given_out(visit):
    page = visit(f"articles/{ARTICLE}/?practice")
    rows = page.locator("article.row").count()
    assert page.locator(".row .apparatus:visible").count() == 0
    assert page.locator(".bars:visible").count() == 0
    reveal = page.locator("button.reveal")
    assert reveal.count() == rows
    reveal.first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".row .apparatus:visible").count() == 1
    page.locator("button.practice").click()
    assert "practice" not in page.url
    assert page.locator(".row .apparatus:visible").count() == rows
    page.go_back()
    assert page.locator(".row .apparatus:visible").count() == 0
    assert page.evaluate("Object.keys(localStorage).length + document.cookie.length") == 0
    page.close()


@pytest.mark.parametrize("path", [f"articles/{ARTICLE}/a21/", "topics/raqqa-evacuation/"])
def test_the_address_names_the_depth_without_a_script(browser, address, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    seen = {}
    for depth in ("at-a-glance", "explanation", "full-record"):
        page.goto(f"{address}{path}#{depth}")
        seen[depth] = [page.locator(f"#{part}").is_visible() for part in ("at-a-glance", "explanation", "full-record")]
        page.goto("about:blank")
    page.goto(address + path)
    whole = [page.locator(f"#{part}").is_visible() for part in ("at-a-glance", "explanation", "full-record")]
    context.close()
    assert seen["at-a-glance"] == [True, False, False]
    assert seen["explanation"] == [True, True, False]
    assert seen["full-record"] == whole == [True, True, True]


def test_a_copy_button_says_that_it_has_copied(browser, address):
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address.rstrip("/"))
    page = context.new_page()
    page.goto(f"{address}articles/{ARTICLE}/a21/")
    button = page.get_by_role("button", name="Copy the address")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert re.fullmatch(rf"https?://.+/articles/{ARTICLE}/a21/", copied)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "teach/",
        f"teach/{ARTICLE}/",
        f"teach/{ARTICLE}/key/",
        f"teach/{ARTICLE}/projector/",
        f"articles/{ARTICLE}/?practice",
    ],
)
def test_axe_finds_nothing_on_what_teachers_use(browser, address, path, scheme):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address + path)
    found = Axe().run(page).response["violations"]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    assert overflow <= 0
