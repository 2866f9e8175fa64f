"""The card that other sites frame, its answer in oEmbed, and what it may ask the network for."""

import json
import re

import pytest
from lxml import html

from scripts.embed import files
from scripts.relate import Relations
from scripts.render import Renderer, Settings, Site
from tests import world

ADDRESS = "https://bridge.example/"


def made(tmp_path, url=ADDRESS, files_=None):
    corpus = world.corpus(tmp_path, files_)
    return {path: draft() for path, draft in files(Renderer(Site(Relations(corpus), Settings("Bridgetrail", url))))}


def test_every_statement_has_a_card_with_its_words_and_both_verdicts(tmp_path):
    card = html.fromstring(made(tmp_path)["embed/bridge-2018/a02/index.html"])
    assert card.xpath("string(//h1)").startswith("The county engineer announced")
    assert card.xpath("//dl//dt/text()") == ["Attribution", "Record"]
    assert card.xpath("//link[@rel='canonical']/@href") == [f"{ADDRESS}articles/bridge-2018/a02/"]
    assert card.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_a_card_has_no_script_and_a_policy_that_allows_none(tmp_path):
    for path, text in made(tmp_path).items():
        if path.endswith(".html"):
            card = html.fromstring(text)
            policy = card.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
            assert policy.startswith("default-src 'none'")
            assert "script-src" not in policy
            assert "unsafe" not in policy
            assert card.xpath("//script|//@style|//img|//iframe") == []
            assert all(not link.startswith("http") or link.startswith(ADDRESS) for link in card.xpath("//@href"))


def test_links_in_a_card_leave_the_frame(tmp_path):
    card = html.fromstring(made(tmp_path)["embed/bridge-2018/a02/index.html"])
    assert card.xpath("//base/@target") == ["_blank"]


def test_oembed_gives_the_required_fields_and_the_html_that_the_page_offers(tmp_path):
    answer = json.loads(made(tmp_path)["embed/bridge-2018/a02.json"])
    # oEmbed 1.0, 2.3.4: what a response of the type rich has to have
    assert (answer["version"], answer["type"]) == ("1.0", "rich")
    frame = html.fragment_fromstring(answer["html"])
    assert frame.tag == "iframe"
    assert frame.get("src") == f"{ADDRESS}embed/bridge-2018/a02/"
    assert (int(frame.get("width")), int(frame.get("height"))) == (answer["width"], answer["height"])
    assert frame.get("title")


def test_a_site_without_an_address_offers_no_answers(tmp_path):
    assert not [path for path in made(tmp_path, "") if path.endswith(".json")]


def test_a_quotation_mark_in_a_statement_does_not_end_an_attribute(tmp_path):
    edited = world.edited((world.CLAIM, "short: The bridge", "short: The \"'<bridge"))
    answer = json.loads(made(tmp_path, files_=edited)["embed/bridge-2018/a02.json"])
    frames = html.fragments_fromstring(answer["html"])
    assert len(frames) == 1
    assert "\"'<bridge" in frames[0].get("title")


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_framed_card_fits_sound_and_asks_for_nothing_from_elsewhere(browser, address, width, scheme, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}embed/berger-2018/a21/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(address) for url in asked)
    assert not [url for url in asked if re.search(r"\.js\b", url)]
    assert Axe().run(page).response["violations"] == []
    context.close()
