"""Data blocks of pages keep the documented rules of ClaimReview, say what the page says, and can't break out of it."""

import json
import re
from collections import Counter

import pytest
import rdflib
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from scripts.relate import Relations
from scripts.render import Renderer, Settings, Site
from scripts.schemaorg import BEST, LICENCE, RATINGS, WORST, Blocks, block, day
from scripts.terms import Fidelity, Status
from scripts.values import PartialDate
from tests.conftest import PROJECT
from tests.world import ARTICLE, CLAIM, SOFT, corpus, edited

URL = "https://bridges.example/"
PAGE = f"{URL}articles/bridge-2018/a02/"


def parts(page):
    """The data blocks in the front matter of a page, and its body."""
    front, _, rest = page.removeprefix("---\n").partition("\n---\n")
    return [json.loads(text) for text in yaml.safe_load(front).get("linked", [])], html.fromstring(rest)


def rendered(world, url=URL):
    return dict(Renderer(Site(Relations(world), Settings(name="Bridges", url=url, licence_url=LICENCE))).pages())


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return rendered(corpus(tmp_path_factory.mktemp("world")))


@pytest.fixture(scope="module")
def real_pages(real):
    return rendered(real)


def reviews(page):
    """Every ClaimReview at any depth of a page's blocks."""

    def inside(node):
        if isinstance(node, dict):
            if node.get("@type") == "ClaimReview":
                yield node
            for value in node.values():
                yield from inside(value)
        elif isinstance(node, list):
            for value in node:
                yield from inside(value)

    return [found for part in parts(page)[0] for found in inside(part)]


# ---- ClaimReview ------------------------------------------------------------------------------------------------


def test_a_statement_page_has_one_claim_review_with_all_that_is_documented(pages):
    (review, crumbs), _ = parts(pages["articles/bridge-2018/a01.md"])
    (review2, _), _ = parts(pages["articles/bridge-2018/a02.md"])
    assert (crumbs["@type"], review["@type"]) == ("BreadcrumbList", "ClaimReview")
    assert review["datePublished"] == review["dateModified"] == "2020-02-01"
    assert "ratingValue" not in review["reviewRating"]
    assert review2 == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"{PAGE}#review",
        "url": PAGE,
        "claimReviewed": "The bridge stayed shut for three years",
        "reviewAspect": "What does the record show?",
        "author": {"@type": "Organization", "@id": f"{URL}#project", "name": "Bridges", "url": URL},
        "itemReviewed": {
            "@type": "Claim",
            "@id": f"{PAGE}#claim",
            "url": PAGE,
            "name": "The bridge stayed shut for three years",
            "text": "The county engineer announced that the bridge stayed shut for three years.",
            "author": {
                "@type": "Organization",
                "name": "The Herald",
                "url": "https://herald.example/",
                "sameAs": "https://herald.example/",
            },
            "datePublished": "2018-03-09",
            "appearance": [
                {
                    "@type": "Article",
                    "@id": f"{URL}articles/bridge-2018/#article",
                    "headline": "The bridge that nobody opened",
                    "url": "https://herald.example/bridge",
                    "archivedAt": "https://archive.example/herald/bridge",
                    "datePublished": "2018-03-09",
                    "inLanguage": "en",
                    "author": [{"@type": "Person", "name": "A. Writer"}],
                    "publisher": {
                        "@type": "Organization",
                        "name": "The Herald",
                        "url": "https://herald.example/",
                        "sameAs": "https://herald.example/",
                    },
                },
                {
                    "@type": "Article",
                    "headline": "The bridge that nobody opened",
                    "url": "https://copies.example/bridge",
                    "datePublished": "2018-03-10",
                    "publisher": {"@type": "Organization", "name": "The Copyist"},
                },
            ],
        },
        "reviewRating": {
            "@type": "Rating",
            "alternateName": "Contradicted",
            "ratingValue": 1,
            "bestRating": 5,
            "worstRating": 1,
            "ratingExplanation": "Two independent origins (a primary document among them) contradict it and none supports it.",
        },
        "citation": [
            {"@type": "CreativeWork", "name": "The closure of the bridge", "url": "https://county.example/report", "datePublished": "2017-06", "inLanguage": "en"},
            {"@type": "CreativeWork", "name": "The bridge is open", "url": "https://gazette.example/open", "datePublished": "2018-03", "inLanguage": "en"},
            {"@type": "CreativeWork", "name": "الجسر مفتوح", "url": "https://echo.example/open", "datePublished": "2018-04-01", "inLanguage": "ar"},
        ],
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }  # fmt: skip


def test_what_cannot_be_checked_has_a_claim_and_no_review(pages):
    (claim, _), _ = parts(pages["articles/bridge-2018/a03.md"])
    assert claim["@type"] == "Claim"
    assert claim["appearance"][0]["url"] == "https://herald.example/bridge"
    assert reviews(pages["articles/bridge-2018/a03.md"]) == []


def test_what_was_withdrawn_has_a_claim_that_says_so_and_no_review(tmp_path):
    files = edited((CLAIM, "kind: figure", "withdrawn: {on: 2020-03, reason: It was counted twice.}\nkind: figure"))
    (claim, _), _ = parts(rendered(corpus(tmp_path, files))["articles/bridge-2018/a02.md"])
    assert (claim["@type"], claim["creativeWorkStatus"]) == ("Claim", "Withdrawn")


def test_what_is_in_progress_has_no_review(tmp_path):
    text = edited()[SOFT]
    bare = text[: text.index("evidence:")] + "related:\n- {to: bridge-2018/a02, as: weaker}\n"
    assert reviews(rendered(corpus(tmp_path, edited() | {SOFT: bare}))["articles/bridge-2018/a01.md"]) == []


def test_a_correction_dates_the_review(tmp_path):
    files = edited((SOFT, "checked:", "corrected:\n- {on: 2020-03-01, what: The date was mended.}\nchecked:"))
    (review, _), _ = parts(rendered(corpus(tmp_path, files))["articles/bridge-2018/a01.md"])
    assert (review["datePublished"], review["dateModified"]) == ("2020-02-01", "2020-03-01")


def test_the_numbers_are_those_of_the_table_on_the_page_on_method():
    method = (PROJECT / "content" / "method.md").read_text(encoding="utf-8")
    table = re.search(r"\| Record \| Number \|\n\|[-|]+\|\n(.*?)\n\n", method, re.DOTALL)[1]
    told = {}
    for line in table.splitlines():
        labels, number = (cell.strip() for cell in line.strip("|").split("|"))
        for label in labels.split(", "):
            told[label] = "no review" if "no ClaimReview" in number else None if number == "none" else int(number)
    assert told == {status.label: RATINGS.get(status, "no review") for status in Status}


SAYS_IT = re.compile(
    r"\b((?:is|are|was|were) (?:true|false|lies?)|hoax|disinformation|misinformation|debunked|fake|fact-check|"
    + "|".join(re.escape(word.label) for word in (*Status, *Fidelity))
    + r")\b",
    re.IGNORECASE,
)
ORDINARY = {"supported", "contested"}
"""Words of a verdict that are ordinary verbs as well; even so, none may be the statement's own verdict."""


def test_every_page_of_the_record_keeps_the_rules_of_claim_review(real, real_pages):
    site, seen = Site(Relations(real)), Counter()
    for path, page in real_pages.items():
        found = reviews(page)
        claim = real.claims.get(path.removeprefix("articles/").removesuffix(".md"))
        if claim is None:
            assert found == [], path
            continue
        it, (first, *_), body = site.assessment(claim), *parts(page)
        if it.status in (Status.NOT_CHECKABLE, Status.IN_PROGRESS) or claim.withdrawn:
            assert (found, first["@type"]) == ([], "Claim"), path
            continue
        assert found == [first], path
        (review,) = found
        seen.update([review["@id"], review["url"]])
        assert 0 < len(review["claimReviewed"]) <= 75
        words = {match.casefold() for match in SAYS_IT.findall(review["claimReviewed"])}
        assert words <= ORDINARY - {it.status.label}, (path, words)
        assert review["url"] == f"{URL}articles/{claim.id}/"
        assert review["author"]["name"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", review["datePublished"])
        rating = review["reviewRating"]
        assert list(rating)[:2] == ["@type", "alternateName"]
        assert rating.get("ratingValue") == RATINGS[it.status]
        if "ratingValue" in rating:
            assert 1 <= WORST == rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"] == BEST
        else:
            assert not {"bestRating", "worstRating"} & set(rating)
        shown = [" ".join(v.text_content().split()) for v in body.xpath("//p[@class='v']/a")][1]
        assert shown.endswith(rating["alternateName"][1:]), path
        assert rating["alternateName"].casefold() == it.status.label
        assert rating["ratingExplanation"] in " ".join(body.text_content().split())
        item = review["itemReviewed"]
        assert item["@type"] == "Claim"
        assert item["text"] == body.xpath("string(//h1)")
        assert item["author"]["name"]
        for place in item["appearance"]:
            assert place["headline"]
            assert not place.get("url", "").startswith(URL)
        assert item["appearance"]
        assert "firstAppearance" not in item  # nobody has judged where it was said first
    assert len(seen) > 500
    assert set(seen.values()) == {1}


# ---- other pages ------------------------------------------------------------------------------------------------


def test_an_articles_page_has_the_article_with_its_statements_by_address_only(pages):
    (page, crumbs), _ = parts(pages["articles/bridge-2018/index.md"])
    assert page["mainEntity"]["url"] == "https://herald.example/bridge"
    assert page["mainEntity"]["hasPart"] == [
        {"@type": "Claim", "@id": f"{URL}articles/bridge-2018/a0{n}/#claim"} for n in (1, 2, 3)
    ]
    assert [(item["position"], item["name"], item["item"]) for item in crumbs["itemListElement"]] == [
        (1, "Bridges", URL),
        (2, "Articles", f"{URL}articles/"),
        (3, "The bridge that nobody opened", f"{URL}articles/bridge-2018/"),
    ]


def test_a_topics_page_mentions_its_statements(pages):
    (page, _), _ = parts(pages["topics/bridge-closure.md"])
    assert [claim["@id"][-9:] for claim in page["mentions"]] == ["01/#claim", "02/#claim", "03/#claim"]


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("sources/echo-2018-copy.md", ["Bridges", "Sources", "الجسر مفتوح"]),
        ("publishers/the-herald.md", ["Bridges", "Publishers", "The Herald"]),
        ("figures/months-shut.md", ["Bridges", "Figures", "Months shut"]),
        ("articles/bridge-2018/a02.md", ["Bridges", "Articles", "The bridge that nobody opened", "a02"]),
    ],
)
def test_breadcrumbs_lead_to_the_page_by_pages_that_there_are(pages, path, trail):
    crumbs = parts(pages[path])[0][-1]["itemListElement"]
    assert [item["name"] for item in crumbs] == trail
    for item in crumbs[1:]:
        below = item["item"].removeprefix(URL)
        assert f"{below}index.md" in pages or f"{below.rstrip('/')}.md" in pages, below


def test_every_claim_that_a_page_points_to_is_described_on_its_own_page(pages):
    described = {
        part.get("itemReviewed", part)["@id"] for path, page in pages.items() if re.search(r"/a\d\d\.md", path) for part in parts(page)[0][:1]
    }  # fmt: skip
    named = set(re.findall(r"https://bridges\.example/articles/[^\"' ]*#claim", "".join(pages.values())))
    assert named == described
    assert len(named) == 3


def test_the_page_of_the_data_has_a_dataset(tmp_path):
    blocks = Blocks(Relations(corpus(tmp_path)), "Bridges", URL)
    (made,) = map(json.loads, blocks.dataset([("data/v1/claimtrail.trig", "application/trig", "TriG")], "2020-02-01"))
    assert made["@type"] == "Dataset"
    assert 50 <= len(made["description"]) <= 5000  # the bounds that Google's Dataset Search documents
    assert made["distribution"] == [
        {
            "@type": "DataDownload",
            "contentUrl": f"{URL}data/v1/claimtrail.trig",
            "encodingFormat": "application/trig",
            "name": "TriG",
        }
    ]
    assert "version" not in made


def test_a_site_that_knows_no_address_has_no_blocks(tmp_path):
    for page in rendered(corpus(tmp_path), url="").values():
        assert parts(page)[0] == []


def test_an_article_without_an_address_still_has_an_appearance(tmp_path):
    files = edited((ARTICLE, "url: https://herald.example/bridge\n", ""), (ARTICLE, "archived_", "# archived_"))
    (review, _), _ = parts(rendered(corpus(tmp_path, files))["articles/bridge-2018/a02.md"])
    assert "url" not in review["itemReviewed"]["appearance"][0]
    assert review["itemReviewed"]["appearance"][0]["headline"]


# ---- safe, small and readable -----------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_no_text_ends_the_element_and_all_text_is_read_back(value):
    for text in (value, f"</script><!--{value}--><script>", f"\u2028{value}\u2029]]>&amp;"):
        made = block({"name": text})
        assert not re.search(r"[<>&\u2028\u2029]", made)
        assert json.loads(made)["name"] == text
        assert html.fromstring(f"<head><script type='application/ld+json'>{made}</script></head>").xpath("string(//script)") == made  # fmt: skip


@pytest.mark.parametrize(("written", "made"), [("2017", "2017"), ("2017-06", "2017-06"), ("2017-06-01", "2017-06-01"), ("2016/2017", None), ("about 2014", None)])  # fmt: skip
def test_a_date_that_schema_org_cannot_say_is_left_out(written, made):
    assert day(PartialDate.parse(written)) == made


def test_the_blocks_of_a_statement_are_small(real_pages):
    heads = [page.partition("\n---\n")[0] for path, page in real_pages.items() if re.search(r"/a\d+\.md$", path)]
    assert max(len(head.partition("\nlinked:")[2].encode()) for head in heads) < 8_000


VOCABULARY = {"@vocab": "http://schema.org/"} | {
    name: {"@type": "@id"} for name in ("url", "sameAs", "item", "license", "contentUrl", "archivedAt")
}
"""What of https://schema.org's own context matters here."""


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:rdflib")
def test_the_blocks_are_rdf_in_words_that_schema_org_has(pages, monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("something was fetched")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    graph = rdflib.Graph()
    for page in pages.values():
        for part in parts(page)[0]:
            assert part.pop("@context") == "https://schema.org"
            graph.parse(data=json.dumps(part | {"@context": VOCABULARY}), format="json-ld")
    used = set(graph.predicates()) | set(graph.objects(None, rdflib.RDF.type))
    words = {str(word).removeprefix("http://schema.org/") for word in used - {rdflib.RDF.type}}
    assert {"ClaimReview", "claimReviewed", "Claim", "appearance", "BreadcrumbList", "hasPart"} <= words
    known = {str(word).removeprefix("https://schema.org/") for word in dir(rdflib.SDO)}
    assert words <= known
    answer = graph.query(
        "SELECT ?verdict WHERE { ?r a <http://schema.org/ClaimReview> ; <http://schema.org/url> ?page ; "
        "<http://schema.org/reviewRating>/<http://schema.org/alternateName> ?verdict } ORDER BY ?page"
    )
    assert [str(row[0]) for row in answer] == ["Single source", "Contradicted"]
