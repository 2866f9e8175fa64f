"""schema.org data blocks of pages: ClaimReview, Claim, the article and its parts, breadcrumbs, the dataset.

A block is JSON-LD in a `script` of a type that no browser runs. The rules for ClaimReview are those that Google
documents (developers.google.com/search/docs/appearance/structured-data/factcheck): at most one on a page, each on one
page only, and what it says is what the page says. Addresses are absolute, so a site that has no address has no blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scripts import cite
from scripts.assess import Assessment
from scripts.records import Article, Claim, Copy, Publisher, Source, Topic
from scripts.relate import Relations
from scripts.terms import PublisherKind, Stance, Status
from scripts.values import PartialDate

CONTEXT = "https://schema.org"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
BEST, WORST = 5, 1
RATINGS: dict[Status, int | None] = {
    Status.SUPPORTED: 5,
    Status.SUPPORTED_WITH_QUALIFICATION: 4,
    Status.MISLEADING_CONTEXT: 2,
    Status.CONTRADICTED: 1,
    Status.CONTESTED: None,
    Status.SINGLE_SOURCE: None,
    Status.UNSUPPORTED: None,
    Status.OVERTAKEN: None,
}
"""The number that each status has in ClaimReview, if any; a status that isn't here has no ClaimReview at all."""

Node = dict[str, Any]


def block(node: Node) -> str:
    """A node as the text of a data block.

    Nothing in it can end the element or start a comment, and it is a string of JavaScript too: `<`, `>`, `&` and the
    two line separators of Unicode are written as escapes.
    """
    found = json.dumps({"@context": CONTEXT} | node, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        found = found.replace(character, f"\\u{ord(character):04x}")
    return found


def day(value: PartialDate | None) -> str | None:
    """A date as ISO 8601 writes it; none for a range or an uncertain one, which schema.org has no way to say."""
    return None if value is None or value.about or "/" in value.written else value.written


def _full(**values: Any) -> Node:
    """A node without the fields that have no value; `type_`, `id_` and the like stand for @type and @id."""
    return {
        f"@{name[:-1]}" if name.endswith("_") else name: value
        for name, value in values.items()
        if value not in (None, [], "")
    }


@dataclass(frozen=True)
class Blocks:
    """The data blocks of one site: `name`, `url` and `licence` are the site's, `url` with a slash at its end."""

    relations: Relations
    name: str
    url: str
    licence: str = LICENCE

    # -- what pages carry

    def statement(self, it: Assessment) -> list[str]:
        """The one ClaimReview of a statement that may have one, else its Claim; and the breadcrumbs."""
        claim = it.claim
        article = self.relations.corpus.articles[claim.article]
        node = self.review(it) if reviewable(it) else self.claim(claim)
        trail = [("Articles", "articles/"), (article.title, f"articles/{article.id}/")]
        return [block(node), block(self.breadcrumbs([*trail, (claim.number, f"articles/{claim.id}/")]))]

    def article(self, article: Article) -> list[str]:
        """A page about an article: whose it is, and its statements by address."""
        claims = self.relations.claims_by_article[article.id]
        node = _full(
            type_="CollectionPage",
            id_=f"{self.url}articles/{article.id}/",
            url=f"{self.url}articles/{article.id}/",
            name=article.title,
            isPartOf=self._site(),
            mainEntity=self._article(article) | {"hasPart": self._mentions(claims)},
        )
        return [
            block(node),
            block(self.breadcrumbs([("Articles", "articles/"), (article.title, f"articles/{article.id}/")])),
        ]

    def topic(self, topic: Topic) -> list[str]:
        """A page about a question: the statements on it by address."""
        node = _full(
            type_="CollectionPage",
            id_=f"{self.url}topics/{topic.id}/",
            url=f"{self.url}topics/{topic.id}/",
            name=topic.question,
            isPartOf=self._site(),
            mentions=self._mentions(self.relations.claims_by_topic[topic.id]),
        )
        return [block(node), block(self.breadcrumbs([("Topics", "topics/"), (topic.title, f"topics/{topic.id}/")]))]

    def leaf(self, folder: str, label: str, id: str, name: str) -> list[str]:
        """A page of a source, a publisher or a figure: where it stands."""
        return [block(self.breadcrumbs([(label, f"{folder}/"), (name, f"{folder}/{id}/")]))]

    def dataset(self, files: Iterable[tuple[str, str, str]], modified: str, version: str = "") -> list[str]:
        """The page of the data; `files` are path below the site, media type and name of each, `modified` a day."""
        node = _full(
            type_="Dataset",
            id_=f"{self.url}data/#dataset",
            url=f"{self.url}data/",
            name=f"{self.name}: the whole record",
            description="Statements of articles, each with the source that the article credits, what that source says, "
            "and the evidence for and against, with both verdicts and the reasons for them.",
            creator=self._site_as_author(),
            license=self.licence,
            isAccessibleForFree=True,
            dateModified=modified,
            version=version,
            distribution=[
                _full(type_="DataDownload", contentUrl=self.url + path, encodingFormat=media, name=name)
                for path, media, name in files
            ],
        )
        return [block(node)]

    # -- nodes

    def review(self, it: Assessment) -> Node:
        """ClaimReview with the record's verdict; call it only for what is `reviewable`."""
        claim = it.claim
        page = f"{self.url}articles/{claim.id}/"
        number = RATINGS[it.status]
        rating = _full(
            type_="Rating",
            alternateName=it.status.label[0].upper() + it.status.label[1:],
            ratingValue=number,
            bestRating=None if number is None else BEST,
            worstRating=None if number is None else WORST,
            ratingExplanation=it.status_because,
        )
        checked = [claim.checked, *(correction.on for correction in claim.corrected)]
        return _full(
            type_="ClaimReview",
            id_=f"{page}#review",
            url=page,
            claimReviewed=claim.short,
            reviewAspect="What does the record show?",
            datePublished=day(claim.checked),
            dateModified=max(filter(None, map(day, checked)), default=None),
            author=self._site_as_author(),
            itemReviewed=self.claim(claim),
            reviewRating=rating,
            citation=self._citations(claim),
            license=self.licence,
        )

    def claim(self, claim: Claim) -> Node:
        """What the article says, and where it says so."""
        article = self.relations.corpus.articles[claim.article]
        page = f"{self.url}articles/{claim.id}/"
        return _full(
            type_="Claim",
            id_=f"{page}#claim",
            url=page,
            name=claim.short,
            text=claim.says,
            author=self._publisher(article.publisher),
            datePublished=day(article.published),
            appearance=[self._article(article), *(self._copy(article, copy) for copy in article.copies)],
            creativeWorkStatus="Withdrawn" if claim.withdrawn else None,
        )

    def breadcrumbs(self, trail: Sequence[tuple[str, str]]) -> Node:
        """The way from the home page to a page: names with paths below the site."""
        items = [
            _full(type_="ListItem", position=at, name=name, item=self.url + path)
            for at, (name, path) in enumerate([(self.name, ""), *trail], 1)
        ]
        return _full(type_="BreadcrumbList", itemListElement=items)

    def _site(self) -> Node:
        return _full(type_="WebSite", id_=f"{self.url}#site", name=self.name, url=self.url)

    def _site_as_author(self) -> Node:
        return _full(type_="Organization", id_=f"{self.url}#project", name=self.name, url=self.url)

    def _mentions(self, claims: Iterable[Claim]) -> list[Node]:
        """Statements by address alone: each stands in full on its own page and nowhere else."""
        return [_full(type_="Claim", id_=f"{self.url}articles/{claim.id}/#claim") for claim in claims]

    def _article(self, article: Article) -> Node:
        return _full(
            type_="Article",
            id_=f"{self.url}articles/{article.id}/#article",
            headline=article.title,
            url=article.url,
            archivedAt=article.archived_url,
            datePublished=day(article.published),
            inLanguage=article.lang,
            author=[
                _full(type_="Organization" if name.literal else "Person", name=name.full)
                for name in cite.names(article.author)
            ],
            publisher=self._publisher(article.publisher),
        )

    def _copy(self, article: Article, copy: Copy) -> Node:
        return _full(
            type_="Article",
            headline=article.title,
            url=copy.url,
            datePublished=day(copy.published),
            publisher=self._publisher(copy.publisher) if copy.publisher else None,
        )

    def _publisher(self, id: str) -> Node:
        publisher = self.relations.corpus.publishers[id]
        return _full(type_=kind_of(publisher), name=publisher.name, url=publisher.home, sameAs=publisher.home)

    def _citations(self, claim: Claim) -> list[Node]:
        """The sources of the evidence that settles something, each once."""
        sources = self.relations.corpus.sources
        ids = dict.fromkeys(item.source for item in claim.evidence if item.stance is not Stance.SILENT)
        return [self._citation(sources[id]) for id in ids if id in sources]

    def _citation(self, source: Source) -> Node:
        return _full(
            type_="CreativeWork",
            name=source.title,
            url=source.url,
            datePublished=day(source.published),
            inLanguage=source.lang,
        )


def kind_of(publisher: Publisher) -> str:
    """Whether schema.org and PROV call a publisher a Person or an Organization."""
    return "Person" if publisher.kind is PublisherKind.PERSON else "Organization"


def reviewable(it: Assessment) -> bool:
    """Whether a statement may carry a ClaimReview: it has been assessed, could be, and was not withdrawn."""
    return it.status in RATINGS and not it.claim.withdrawn
