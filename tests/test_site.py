"""The built site: every link and fragment resolves, every page is valid and within its weight, in a real browser too."""

import gzip
import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html

CACHE: dict[Path, html.HtmlElement] = {}


def tree(path):
    if path not in CACHE:
        CACHE[path] = html.parse(str(path)).getroot()
    return CACHE[path]


def pages(site):
    found = sorted(site.rglob("*.html"))
    assert len(found) > 50
    return found


def kinds(site):
    """One page of each kind, the heaviest of those that vary."""

    def heaviest(pattern):
        return max(site.glob(pattern), key=lambda path: (path.stat().st_size, path))

    found = {
        "home": site / "index.html",
        "articles": site / "articles/index.html",
        "article": heaviest("articles/*/index.html"),
        "short article": min(site.glob("articles/*/index.html"), key=lambda path: (path.stat().st_size, path)),
        "statement": heaviest("articles/*/a*/index.html"),
        "topics": site / "topics/index.html",
        "topic": heaviest("topics/*/index.html"),
        "figures": site / "figures/index.html",
        "figure": heaviest("figures/*/index.html"),
        "sources": site / "sources/index.html",
        "source": heaviest("sources/*/index.html"),
        "publishers": site / "publishers/index.html",
        "publisher": heaviest("publishers/*/index.html"),
        "terms": site / "terms/index.html",
        "verdicts": site / "verdicts/index.html",
        "method": site / "method/index.html",
        "missing": site / "404.html",
    }
    return {name: path.relative_to(site).as_posix().removesuffix("index.html") for name, path in found.items()}


KINDS = ("home", "articles", "article", "statement", "topics", "topic", "figures", "figure", "sources", "source", "publishers", "publisher", "terms", "verdicts", "method", "missing")  # fmt: skip


# ---- the files ------------------------------------------------------------------------------------------------------


def test_every_internal_link_and_fragment_resolves(site):
    ids = {}
    broken = []
    for page in pages(site):
        if page.name == "404.html":
            continue  # its addresses are absolute, since it is served anywhere
        here = "http://site/" + page.relative_to(site).as_posix()
        for element, _, link, _ in tree(page).iterlinks():
            target = urlsplit(urljoin(here, link))
            if target.netloc != "site" or target.scheme != "http" or element.get("rel") == "canonical":
                continue
            path = site / unquote(target.path).lstrip("/")
            if path.is_dir() or target.path.endswith("/"):
                path = path / "index.html"
            if not path.is_file():
                broken.append((str(page), link))
            elif target.fragment and path.suffix == ".html":
                if path not in ids:
                    ids[path] = set(tree(path).xpath("//@id"))
                if unquote(target.fragment) not in ids[path]:
                    broken.append((str(page), link))
    assert broken == []


def test_every_id_stands_once_and_every_reference_to_one_resolves(site):
    for page in pages(site):
        ids = tree(page).xpath("//@id")
        assert len(ids) == len(set(ids)), page
        for names in tree(page).xpath("//@aria-labelledby"):
            assert set(names.split()) <= set(ids), page


def test_every_page_is_valid_html(site):
    chosen = {site / (path + "index.html" if path.endswith("/") or not path else path) for path in kinds(site).values()}
    for page in chosen:
        parser = html5lib.HTMLParser()
        parser.parse(page.read_bytes())
        assert parser.errors == [], (page, parser.errors[:3])


def test_headings_go_down_one_step_at_a_time_and_each_page_has_one_main_heading(site):
    for page in pages(site):
        levels = [
            int(element.tag[1])
            for element in tree(page).xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
        ]
        assert levels.count(1) == 1, page
        assert levels[0] == 1, page
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), page


def test_no_page_has_inline_script_or_style_or_handler(site):
    for page in pages(site):
        assert tree(page).xpath("//script[not(@src)][not(@type='application/ld+json')]|//style|//@style") == [], page
        assert [name for element in tree(page).iter() for name in element.attrib if name.startswith("on")] == [], page


def test_every_page_has_title_description_canonical_address_and_content_policy(site):
    for page in pages(site):
        head = tree(page)
        assert head.findtext(".//title"), page
        assert head.xpath("//meta[@name='description']/@content")[0].strip(), page
        policy = head.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        assert "unsafe-inline" not in policy
        assert "default-src 'none'" in policy
        if page.name != "404.html":
            assert head.xpath("//link[@rel='canonical']/@href"), page


def test_leaf_pages_stay_out_of_the_navigation(site):
    for link in tree(site / "index.html").xpath("//header//a/@href|//footer//a/@href"):
        assert not re.search(r"articles/.+|sources/.+|topics/.+", link), link


def test_edit_links_lead_to_the_record_behind_the_page(site, real):
    root = Path(__file__).parent.parent
    for page in pages(site):
        for link in tree(page).xpath("//footer//a[text()='Edit this page']/@href"):
            relative = link.partition("/edit/main/")[2]
            assert (root / relative).is_file(), (page, link)


def test_every_record_has_its_page(site, real):
    for id in real.claims:
        assert (site / "articles" / id / "index.html").is_file()
    for folder, records in (
        ("articles", real.articles),
        ("topics", real.topics),
        ("sources", real.sources),
        ("publishers", real.publishers),
    ):
        for id in records:
            assert (site / folder / id / "index.html").is_file()


# ---- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["short article" if kind == "article" else kind for kind in KINDS])
def test_axe_finds_nothing(browser, address, site, kind, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address + kinds(site)[kind])
    results = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    context.close()
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_scrolls_sideways_at_320_px_and_at_200_per_cent(browser, address, site, kind):
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(address + kinds(site)[kind])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 640, "height": 512})  # 1280 px at 200 %
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_of_a_third_party_and_no_policy_is_broken(browser, address, site, kind):
    context = browser.new_context()
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address + kinds(site)[kind])
    page.wait_for_load_state("networkidle")
    context.close()
    host = urlsplit(address).netloc
    assert [url for url in asked if urlsplit(url).netloc != host and not url.startswith("data:")] == []
    assert said == []


def weight(browser, address, path):
    """Bytes over the wire of a page with all that it fetches, text compressed as a host would."""
    context = browser.new_context()
    page = context.new_page()
    sizes = []

    def add(response):
        body = response.body()
        packed = gzip.compress(body, 6) if not response.url.endswith((".woff2", ".png")) else body
        sizes.append((len(packed), response.url))

    page.on("response", add)
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(size for size, _ in sizes), sizes


def test_a_statement_weighs_at_most_150_kb_and_an_article_300(browser, address, site):
    statement, parts = weight(browser, address, kinds(site)["statement"])
    assert statement <= 150_000, parts
    article, parts = weight(browser, address, kinds(site)["article"])
    assert article <= 300_000, parts


def test_the_first_tab_stop_skips_to_the_content_and_every_stop_is_visible(browser, address, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address + kinds(site)["statement"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(25):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        size = page.evaluate("(r => r.width * r.height)(document.activeElement.getBoundingClientRect())")
        assert outline != "none"
        assert size > 0
    context.close()


def test_folded_evidence_opens_by_keyboard(browser, address, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + kinds(site)["article"])
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("element => element.open")
    context.close()


def test_the_scheme_can_be_switched_and_is_kept(browser, address, site):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(address)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").press("Enter")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != paper
    page.goto(address + "terms/")
    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    assert page.get_by_role("button", name="Light").is_visible()
    context.close()


def test_the_site_works_in_a_folder_of_its_host(browser, below, site):
    context = browser.new_context()
    page = context.new_page()
    failed = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.goto(below + kinds(site)["statement"])
    page.locator("header.site nav a").first.click()
    assert page.url.startswith(below)
    assert page.locator("h1").is_visible()
    context.close()
    assert [url for url in failed if "favicon" not in url] == []


def test_everything_reads_without_javascript(browser, address, site, real):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + kinds(site)["article"])
    article = real.articles[kinds(site)["article"].split("/")[1]]
    assert page.locator("article.row").count() == len(real.claims_of(article.id))
    assert page.locator("button.scheme").is_hidden()
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    context.close()


def test_statement_and_record_stand_side_by_side_on_a_wide_screen_and_stacked_on_a_narrow_one(browser, address, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address + kinds(site)["article"])
    box = "(s => (r => [r.left, r.top])(document.querySelector(s).getBoundingClientRect()))"
    left, right = page.evaluate(f"{box}('.row .left')"), page.evaluate(f"{box}('.row .apparatus')")
    assert right[0] > left[0]
    assert abs(right[1] - left[1]) < 12
    page.set_viewport_size({"width": 390, "height": 844})
    left, right = page.evaluate(f"{box}('.row .left')"), page.evaluate(f"{box}('.row .apparatus')")
    assert right[1] > left[1]
    context.close()


def test_print_opens_folded_evidence_and_leaves_the_navigation_out(browser, address, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + kinds(site)["article"])
    page.emulate_media(media="print")
    assert page.locator("header.site nav").is_hidden()
    context.close()
