"""The built site: every link and fragment resolves, every page is valid and within its weight, in a real browser too."""

import gzip
import io
import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import etree, html
from PIL import Image
from pypdf import PdfReader

from scripts.publish import project_settings

CACHE: dict[Path, html.HtmlElement] = {}


def tree(path):
    if path not in CACHE:
        CACHE[path] = html.parse(str(path)).getroot()
    return CACHE[path]


def pages(site):
    found = sorted(site.rglob("*.html"))
    assert len(found) > 50
    return found


def own(site):
    """The pages that readers come to: the cards that other sites frame are not among them."""
    return [page for page in pages(site) if not page.is_relative_to(site / "embed")]


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
        "search": site / "search/index.html",
        "data": site / "data/index.html",
        "dictionary": site / "data/dictionary/index.html",
        "missing": site / "404.html",
    }
    return {name: path.relative_to(site).as_posix().removesuffix("index.html") for name, path in found.items()}


KINDS = ("home", "articles", "article", "statement", "topics", "topic", "figures", "figure", "sources", "source", "publishers", "publisher", "terms", "verdicts", "method", "search", "data", "dictionary", "missing")  # fmt: skip


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
    for page in own(site):
        head = tree(page)
        assert head.findtext(".//title"), page
        assert head.xpath("//meta[@name='description']/@content")[0].strip(), page
        policy = head.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        assert "unsafe-inline" not in policy
        assert "default-src 'none'" in policy
        if page.name != "404.html":
            assert head.xpath("//link[@rel='canonical']/@href"), page


def meta(page):
    """What a page says of itself to those who show a link to it."""
    found = tree(page).xpath("//head/meta[@property or starts-with(@name, 'twitter:')]")
    names = [element.get("property") or element.get("name") for element in found]
    assert len(names) == len(set(names)), page
    return {name: element.get("content") for name, element in zip(names, found, strict=True)}


def test_a_link_to_any_page_can_be_shown_with_title_words_and_picture(site):
    base = project_settings().url
    for page in own(site):
        says, head = meta(page), tree(page)
        assert says["twitter:card"] == "summary_large_image", page
        assert says["og:title"].strip(), page
        assert head.findtext(".//title").startswith((says["og:title"], "No such page")), page
        assert says["og:description"] == head.xpath("//meta[@name='description']/@content")[0], page
        assert len(says["og:description"]) <= 300, page
        assert says["og:site_name"] == "Claimtrail", page
        assert 10 < len(says["og:image:alt"]) <= 420, page
        assert says["og:image"].startswith(base), page
        picture = site / says["og:image"].removeprefix(base)
        assert picture.is_file(), page
        if page.name != "404.html":
            assert says["og:url"] == head.xpath("//link[@rel='canonical']/@href")[0], page
            assert says["og:url"] == base + page.relative_to(site).as_posix().removesuffix("index.html"), page


def test_articles_and_statements_show_the_picture_of_their_article(site, real):
    for id, folder in [(id, id) for id in real.articles] + [(id, claim.article) for id, claim in real.claims.items()]:
        says = meta(site / "articles" / id / "index.html")
        assert says["og:image"].endswith(f"/assets/share/{folder}.png"), id
        assert says["og:type"] == "article", id
    assert meta(site / "index.html")["og:image"].endswith("/assets/share.png")
    assert meta(site / "index.html")["og:type"] == "website"
    for path in site.glob("assets/share/*.png"):
        with Image.open(path) as picture:
            assert picture.size == (1200, 630)


def test_robots_may_read_everything_and_the_sitemap_has_every_page(site):
    base = project_settings().url
    assert (site / "robots.txt").read_text() == f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"
    listed = etree.parse(str(site / "sitemap.xml")).xpath("//*[local-name()='loc']/text()")
    there = [base + page.relative_to(site).as_posix().removesuffix("index.html") for page in own(site)]
    assert sorted(listed) == sorted(set(there) - {f"{base}404.html"})


def test_the_icon_is_a_sound_svg_and_the_missing_page_finds_its_parts_from_anywhere(site):
    for page in (site / "index.html", site / "terms/index.html", site / "404.html"):
        (icon,) = tree(page).xpath("//link[@rel='icon']")
        assert icon.get("type") == "image/svg+xml"
    assert etree.parse(str(site / "assets/icon.svg")).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    inside = urlsplit(project_settings().url).path
    for element, _, link, _ in tree(site / "404.html").iterlinks():
        if not urlsplit(link).scheme and not link.startswith("#"):
            assert link.startswith(inside), (element.tag, link)
            path = site / unquote(urlsplit(link).path).removeprefix(inside)
            assert path.exists(), link


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


class Visit:
    """One page of a kind, opened once for several tests, with what it asked for and what was logged."""

    def __init__(self, browser, address, kind, path):
        self.kind = kind
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.asked, self.said = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(address + path)
        self.page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module", params=KINDS)
def visit(request, browser, address, site):
    opened = Visit(browser, address, request.param, kinds(site)[request.param])
    yield opened
    opened.context.close()


def test_nothing_is_asked_of_a_third_party_and_no_policy_is_broken(visit, address):
    host = urlsplit(address).netloc
    assert [url for url in visit.asked if urlsplit(url).netloc != host and not url.startswith("data:")] == []
    assert visit.said == []


def test_no_page_scrolls_sideways_at_320_px_and_at_200_per_cent(visit):
    for width, height in ((320, 640), (640, 512)):  # the second is 1280 px at 200 %
        visit.page.set_viewport_size({"width": width, "height": height})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules whose outcome hangs on the scheme; all others see the same page in the dark."""


def test_axe_finds_nothing_in_light_and_dark_wide_and_narrow(visit):
    page = visit.page
    # a long list repeats one entry: the first of them show all that a thousand would, in a tenth of the time
    long = ".index > li:nth-child(n+41), .statements > .row:nth-child(n+16), .wide tr:nth-child(n+31)"
    page.evaluate("long => document.querySelectorAll(long).forEach(entry => entry.remove())", long)
    for width, (scheme, rules) in itertools.product([1280, 390], (("light", RULES), ("dark", COLOURS))):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, options={"runOnly": rules})
        assert len(results.response["passes"]) > (10 if rules is RULES else 0)
        assert results.violations_count == 0, f"{width} px, {scheme}: {results.generate_report()}"


def test_data_blocks_are_read_by_a_browser_and_break_no_policy(browser, address, site):
    context = browser.new_context()
    context.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective))"
    )
    page = context.new_page()
    for kind, first in (("statement", "ClaimReview"), ("article", "CollectionPage"), ("source", "BreadcrumbList")):
        page.goto(address + kinds(site)[kind])
        read = "[...document.querySelectorAll('script[type=\"application/ld+json\"]')].map(s => JSON.parse(s.textContent)['@type'])"
        assert page.evaluate(read)[0] == first
        assert page.evaluate("broken") == []
    context.close()


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


def printed(browser, address, path, size="A4", **options):
    """The text of each page of a page printed, without its white space, which differs; no script runs."""
    context = browser.new_context(java_script_enabled=False, **options)
    page = context.new_page()
    page.goto(address + path)
    made = PdfReader(io.BytesIO(page.pdf(format=size)))
    context.close()
    return [squeezed(sheet.extract_text()) for sheet in made.pages]


def squeezed(text):
    return re.sub(r"[\s\u00ad]+", "", text)


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_print_opens_folded_evidence_and_leaves_the_navigation_out(browser, address, site, size):
    path = kinds(site)["short article"]
    sheets = printed(browser, address, path, size)
    text = "".join(sheets)
    here = tree(site / path / "index.html")
    folded = here.xpath("//details[not(@open)]")
    assert folded
    for details in folded:
        for item in details.xpath(".//ul[@class='evidence']/li/div/p[1]/text()[1]|.//p[@class='label']/text()"):
            assert squeezed(item)[:60] in text, item
        assert squeezed(details.findtext("summary")) not in text
    for bar in here.xpath("//header//nav|//footer//nav"):
        assert squeezed(bar.text_content())[:15] not in text
    assert "Editthispage" not in text
    assert sheets[-1].count(project_settings().url + path) == 1
    for number, sheet in enumerate(sheets, 1):
        assert f"{number}/{len(sheets)}" in sheet


def test_print_keeps_a_row_on_one_sheet(browser, address, site):
    path = kinds(site)["short article"]
    sheets = printed(browser, address, path)
    rows = tree(site / path / "index.html").xpath("//article[contains(@class, 'row')]")
    ends = [
        [squeezed(row.findtext(".//h2/a"))[:40], squeezed(row.xpath("(.//li/div|.//details/p[last()])[last()]")[0].text_content())[-25:]]
        for row in rows
        if row.xpath(".//li/div|.//details/p")
    ]  # fmt: skip
    split = [start for start, end in ends if not any(start in sheet and end in sheet for sheet in sheets)]
    assert len(split) <= len(rows) // 10, split  # a row longer than a sheet has to be


def test_print_spells_out_the_addresses_of_sources_and_no_others(browser, address, site):
    path = kinds(site)["statement"]
    text = "".join(printed(browser, address, path))
    here = tree(site / path / "index.html")
    addresses = here.xpath("//li//span[@class='from']/a[starts-with(@href, 'http')]/@href")
    assert addresses
    for link in addresses:
        assert squeezed(f"<{link}>") in text, link
    assert text.count(":~:text=") == 0
    assert "/issues/new" not in text


def test_print_is_black_on_white_in_the_dark_scheme_too(browser, address, site):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address + kinds(site)["statement"])
    page.evaluate("document.documentElement.dataset.scheme = 'dark'")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "[...document.querySelectorAll('body, h1, p, .verdict, .mark, a')]"
        ".flatMap(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])"
    )
    assert set(colours) <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    context.close()


def test_filters_narrow_an_article_keep_their_state_in_the_address_and_work_by_keyboard(browser, address, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + kinds(site)["short article"])
    every = page.locator("article.row:visible").count()
    choice = page.locator("select[name=record]")
    choice.focus()
    page.keyboard.press("ArrowDown")
    wanted = choice.input_value()
    assert wanted
    page.wait_for_url(f"**/?record={wanted}")
    shown = page.locator("article.row:visible")
    assert 0 < shown.count() < every
    assert set(shown.evaluate_all("rows => rows.map(row => row.dataset.record)")) == {wanted}
    assert page.locator("form.filters [role=status]").inner_text() == f"{shown.count()} of {every} statements"
    page.reload()
    assert page.locator("article.row:visible").count() < every
    page.go_back()
    page.wait_for_function("document.querySelectorAll('article.row[hidden]').length === 0")
    page.goto(address + kinds(site)["short article"] + "?record=nothing")
    assert page.locator("article.row:visible").count() == every
    context.close()


@pytest.mark.parametrize(("width", "height", "last"), [(1280, 800, ".ways"), (390, 844, "form.search")])
def test_the_first_screen_of_the_home_page_says_what_this_is_and_leads_on(browser, address, width, height, last):
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address)
    for part in ("h1", "h1 + p", "form.search", last):
        box = page.locator(f"main {part}").first.bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= height, part
    assert page.locator(".example .verdict").count() == 2
    assert page.locator(".ways a[href^='topics/']").count() > 2
    assert page.locator(".ways a[href^='articles/']").count() > 2
    page.locator("form.search input").fill("convoy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=convoy")
    context.close()


def test_a_drawing_in_time_has_a_form_for_narrow_screens_with_the_same_marks(browser, address, site):
    path = kinds(site)["figure"]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address + path)
    narrow, broad = page.locator(".timeline svg.narrow"), page.locator(".timeline svg.broad")
    assert narrow.is_visible()
    assert broad.is_hidden()
    assert narrow.locator("a").count() == broad.locator("a").count() > 2
    heights = narrow.locator("text").evaluate_all("all => all.map(text => text.getBoundingClientRect().height)")
    assert min(heights) >= 12
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    assert broad.is_visible()
    assert narrow.is_hidden()
    context.close()
