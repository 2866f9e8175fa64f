"""The record as linked data: each statement a nanopublication, all of them with their sources in one TriG and one JSON-LD.

What is whose word (each namespace is the field's own):

- *PROV-O* has the ladder. Documents are entities, publishers agents. A document that repeats another `wasDerivedFrom`
  it, and `hadPrimarySource` where that one is a primary document. A statement `wasDerivedFrom` the source that the
  article credits only where the fidelity says that the source says it, and `wasQuotedFrom` it where the article quotes.
- *CiTO* has the stances. The one who cites is our entry of evidence, because a source of 2014 cites no article of 2018
  (`disputes`, `supports` and `qualifies` are all kinds of `cites`). `refutes` is never used: one entry settles nothing.
  An entry bears on the statement, on its attribution or on both; a silent one has no stance. Towards its source an entry
  `citesAsEvidence`, or `citesForInformation` where it is silent, or `obtainsBackgroundFrom` where it is context.
- *Web Annotation* has the passage, by its first and last words only. A RangeSelector ends before what its end selector
  selects, so that one selects the empty place after the last words, which are its prefix.
- *schema.org* has what is common: names, dates, addresses, quantities.
- Our own words, `ct:`, are in /data/v1/terms.ttl, with every vocabulary of `terms` as a SKOS concept scheme.

A nanopublication is four graphs (nanopub.net/guidelines): head, assertion (the statement, both verdicts, the evidence),
provenance (what the assertion was made from, the chain of sources, the searches, the passage) and publication info.
Its address is not a trusty URI: it names the statement's record, whose newest version stands there, and not one version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from scripts import rdf, terms
from scripts.rdf import RDF, Context, Graph, Names, Namespace, flag, iri, plain, text, whole
from scripts.records import Article, Claim, Documented, Evidence, Measure, Publisher, Quantity, Reply, Source, Topic
from scripts.relate import Relations, newest
from scripts.render import Site, fragment
from scripts.schemaorg import kind_of
from scripts.terms import Bearing, Crediting, Fidelity, Relation, Role, SourceKind, Stance, Term, When

FALLBACK = "https://claimtrail.example/"
"""What addresses are below where a site doesn't know its own: of a domain that is kept for examples."""
FOLDER = "data/v1/"
SHAPES = Path(__file__).parent / "templates" / "shapes.ttl"

CITO = Namespace("http://purl.org/spar/cito/")
DC = Namespace("http://purl.org/dc/elements/1.1/")
DCTERMS = Namespace("http://purl.org/dc/terms/")
NP = Namespace("http://www.nanopub.org/nschema#")
OA = Namespace("http://www.w3.org/ns/oa#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
PROV = Namespace("http://www.w3.org/ns/prov#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA = Namespace("http://schema.org/")  # as the context at https://schema.org says, in spite of that address
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
TEXT_FRAGMENT = "https://wicg.github.io/scroll-to-text-fragment/"

CLASSES = {
    "Attribution": "What the article makes of its source: whom it credits for a statement, and whether that source says it.",
    "Record": "What the record shows of a statement.",
    "Evidence": "What one source says that bears on one statement: an entry of ours, with the source that it cites.",
    "Documented": "Something that was published about an outlet, with the evidence each way. It gets no verdict.",
    "Reply": "What an outlet says of itself, or in answer to what was published about it.",
    "Search": "Something that was looked for and not found.",
    "Measure": "A quantity: what is counted, where and of whom.",
    "Topic": "A question that readers browse.",
    "Correction": "A change of what a published record says.",
    "Withdrawal": "The taking back of a record. It keeps its address.",
    "DerivedProperty": "A property whose values are worked out by a rule from what was recorded and judged.",
}
"""Our own classes, with what each is."""

_LINK, _ENGLISH, _PLAIN = "@id", "en", ""
_OWN: dict[str, tuple[str, str]] = {
    "kind": (_LINK, "What sort of statement it is."),
    "paragraph": (_PLAIN, "The paragraph of the article that holds the statement, counted from 1; 0 is the headline."),
    "attribution": (_LINK, "The attribution of a statement."),
    "record": (_LINK, "What the record shows of a statement."),
    "evidence": (_LINK, "An entry of evidence that bears on something."),
    "quantity": (_LINK, "The number that a statement or a finding gives."),
    "fidelity": (_LINK, "Does the credited source say this?"),
    "crediting": (_LINK, "How the article credits somebody."),
    "creditedTo": (_ENGLISH, "Who is credited, in the article's terms."),
    "creditedSource": (_LINK, "The document that was credited, where it was found."),
    "drift": (_LINK, "What changed between the credited source and the article."),
    "sourceSays": (_ENGLISH, "What the credited source gives instead, paraphrased."),
    "because": (_ENGLISH, "The reason for a verdict."),
    "status": (_LINK, "What does the record show?"),
    "judged": (_PLAIN, "Whether a person judged the status; else a rule worked it out."),
    "technique": (_LINK, "How an arrangement that misleads is made."),
    "wouldChange": (_ENGLISH, "What evidence would change the verdict."),
    "source": (_LINK, "The source of an entry of evidence."),
    "role": (_LINK, "Who a source is to the statement."),
    "bearing": (_LINK, "What an entry of evidence bears on: the saying, the matter or both."),
    "stance": (_LINK, "Which way a source cuts, if it is right."),
    "finding": (_ENGLISH, "What the source says, paraphrased."),
    "reading": (_ENGLISH, "What we make of a finding."),
    "phrase": (_PLAIN, "Words of the source, verbatim, at most eight."),
    "locator": (_ENGLISH, "Where in the source it stands."),
    "restsOn": (_LINK, "A source that this finding repeats, where that is not what the whole document repeats."),
    "ownFinding": (_PLAIN, "Whether the finding is the source's own although the document repeats others."),
    "measure": (_LINK, "The measure of a number: what may be compared with what."),
    "approximate": (_PLAIN, "Whether the text gives the number as about so many."),
    "countedBy": (_ENGLISH, "Who counted or estimated."),
    "scope": (_ENGLISH, "Where a number's scope is not quite its measure's."),
    "share": (_PLAIN, "Whether a measure is a percentage."),
    "caution": (_ENGLISH, "What to bear in mind when reading a measure's numbers side by side."),
    "question": (_ENGLISH, "The question of a topic."),
    "search": (_LINK, "A search that found nothing."),
    "where": (_ENGLISH, "Where it was looked for."),
    "documented": (_LINK, "Something that was published about an outlet."),
    "reply": (_LINK, "What an outlet says of itself."),
    "sourceKind": (_LINK, "What sort of document a source is."),
    "publisherKind": (_LINK, "What sort of body a publisher is."),
    "access": (_LINK, "How a source was read."),
    "readOn": (_PLAIN, "When a source was read."),
}
_DERIVED: dict[str, tuple[str, str]] = {
    "statusWhenPublished": (_LINK, "The status by the evidence that could be read when the article appeared."),
    "originFor": (_LINK, "An independent origin that supports a statement, named by its publisher."),
    "originWithCondition": (_LINK, "An independent origin that bears a statement out with a condition, or cuts both ways."),
    "originAgainst": (_LINK, "An independent origin that contradicts a statement, named by its publisher."),
    "origin": (_LINK, "The publisher of a document at the end of the chain above a finding."),
    "when": (_LINK, "Where a source stands in time to the article."),
    "distance": (_ENGLISH, "How far the article's number is from the source's, where the two may be compared."),
    "earliest": (_PLAIN, "The first day that a document's date can mean."),
    "latest": (_PLAIN, "The last day that a document's date can mean."),
}  # fmt: skip
_RELATIONS = {
    Relation.SAME: "saysTheSameAs",
    Relation.STRONGER: "saysMoreThan",
    Relation.WEAKER: "saysLessThan",
    Relation.CONTRADICTS: "contradicts",
    Relation.SCOPE_DIFFERS: "differsInScopeFrom",
}
_FOREIGN: tuple[tuple[Namespace, dict[str, str]], ...] = (
    (PROV, dict.fromkeys(("wasDerivedFrom", "wasQuotedFrom", "hadPrimarySource", "wasAttributedTo", "wasGeneratedBy",
                          "wasAssociatedWith", "wasInvalidatedBy"), _LINK)),
    (CITO, dict.fromkeys(("supports", "disputes", "qualifies", "citesAsEvidence", "citesForInformation",
                          "obtainsBackgroundFrom"), _LINK)),
    (OA, dict.fromkeys(("hasBody", "hasTarget", "hasSource", "hasSelector", "hasStartSelector", "hasEndSelector",
                        "motivatedBy"), _LINK) | dict.fromkeys(("exact", "prefix", "suffix"), _PLAIN)),
    (NP, dict.fromkeys(("hasAssertion", "hasProvenance", "hasPublicationInfo"), _LINK)),
    (DCTERMS, dict.fromkeys(("license", "creator", "conformsTo", "isPartOf"), _LINK)
        | dict.fromkeys(("title", "description"), _ENGLISH)
        | dict.fromkeys(("issued", "created", "modified", "date", "temporal"), _PLAIN)),
    (SCHEMA, dict.fromkeys(("appearance", "about", "url", "archivedAt", "hasPart", "provider", "parentOrganization",
                            "workExample", "mainEntityOfPage"), _LINK)
        | dict.fromkeys(("text", "abstract", "alternateName", "unitText", "description"), _ENGLISH)
        | dict.fromkeys(("name", "value", "minValue", "maxValue", "inLanguage", "location"), _PLAIN)),
    (SKOS, dict.fromkeys(("inScheme", "hasTopConcept", "topConceptOf"), _LINK)
        | dict.fromkeys(("prefLabel", "definition"), _ENGLISH) | {"notation": _PLAIN}),
    (RDFS, dict.fromkeys(("isDefinedBy", "seeAlso", "subClassOf"), _LINK)
        | dict.fromkeys(("label", "comment"), _ENGLISH)),
    (RDF, {"value": _PLAIN}),
    (DC, {"creator": _PLAIN}),
    (OWL, {"versionInfo": _PLAIN}),
)  # fmt: skip
"""Every word of others that is used, with what a bare string means for it in our JSON-LD."""

_SAID = (Fidelity.FAITHFUL, Fidelity.MINOR_DRIFT, Fidelity.DISTORTED, Fidelity.INDIRECT)
"""The fidelities with which a statement can come from the source that is credited for it."""
_STANCES = {Stance.SUPPORTS: CITO.supports, Stance.QUALIFIES: CITO.qualifies, Stance.CONTRADICTS: CITO.disputes}


def slug(vocabulary: type[Term]) -> str:
    """A vocabulary's name as the terms page has it: `source-kind`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in vocabulary.__name__).lstrip("-")


@dataclass
class Linked:
    """Graphs of one site."""

    site: Site

    def __post_init__(self) -> None:
        self.relations: Relations = self.site.relations
        self.corpus = self.site.corpus
        url = self.site.settings.url.rstrip("/")
        self.base = iri(f"{url}/") if url else FALLBACK
        self.own = Namespace(f"{self.base}{FOLDER}terms.ttl#")
        self.project = f"{self.base}#project"
        self._newest = rdf.Literal(newest(self.corpus).isoformat(), rdf.XSD.date)
        spaces = {"ct": self.own, "cito": CITO, "dc": DC, "dcterms": DCTERMS, "np": NP, "oa": OA, "owl": OWL}
        spaces |= {"prov": PROV, "rdf": RDF, "rdfs": RDFS, "schema": SCHEMA, "skos": SKOS, "xsd": rdf.XSD}
        self.names = Names(self.base, spaces)
        # by identity: words of two vocabularies that are spelt alike are equal
        self._words = {id(word): self.own[f"{slug(v)}-{word.value}"] for v in terms.VOCABULARIES for word in v}

    @cached_property
    def context(self) -> Context:
        words = {self.own[name]: kind for name, (kind, _) in (_OWN | _DERIVED).items()}
        words |= {self.own[name]: _LINK for name in _RELATIONS.values()}
        words |= {space[name]: kind for space, kinds in _FOREIGN for name, kind in kinds.items()}
        return Context(self.names, words)

    # -- addresses

    def word(self, term: Term) -> str:
        """The concept of one word of a vocabulary."""
        return self._words[id(term)]

    def page_of(self, claim: str) -> str:
        return f"{self.base}articles/{claim}/"

    def claim_of(self, claim: str) -> str:
        return f"{self.base}articles/{claim}/#claim"

    def article_of(self, article: str) -> str:
        return f"{self.base}articles/{article}/#article"

    def source_of(self, source: str) -> str:
        return f"{self.base}sources/{source}/#source"

    def publisher_of(self, publisher: str) -> str:
        return f"{self.base}publishers/{publisher}/#publisher"

    def topic_of(self, topic: str) -> str:
        return f"{self.base}topics/{topic}/#topic"

    def measure_of(self, measure: str) -> str:
        return f"{self.base}figures/{measure}/#measure"

    def file_of(self, claim: str) -> str:
        return f"{FOLDER}articles/{claim}.trig"

    # -- statements

    def statement(self, claim: Claim) -> tuple[Graph, Graph, Graph, Graph]:
        """A statement's nanopublication: head, assertion, provenance and publication info."""
        document = f"{self.base}{self.file_of(claim.id)}#"
        publication = f"{document}nanopub"
        head, assertion, provenance, info = (
            Graph(document + name) for name in ("head", "assertion", "provenance", "pubinfo")
        )
        head.add(publication, RDF.type, NP.Nanopublication)
        head.add(publication, NP.hasAssertion, assertion.name)
        head.add(publication, NP.hasProvenance, provenance.name)
        head.add(publication, NP.hasPublicationInfo, info.name)
        self._assertion(assertion, claim)
        self._provenance(provenance, claim, assertion.name)
        self._publication(info, claim, publication)
        return head, assertion, provenance, info

    def _assertion(self, graph: Graph, claim: Claim) -> None:
        add, own, page, subject = graph.add, self.own, self.page_of(claim.id), self.claim_of(claim.id)
        it = self.site.assessment(claim)
        add(subject, RDF.type, SCHEMA.Claim, PROV.Entity)
        add(subject, SCHEMA.name, text(claim.short))
        add(subject, SCHEMA.text, text(claim.says))
        add(subject, SCHEMA.appearance, self.article_of(claim.article))
        add(subject, SCHEMA.mainEntityOfPage, page)
        add(subject, SCHEMA.about, *map(self.topic_of, claim.topics))
        add(subject, own.kind, self.word(claim.kind))
        add(subject, own.paragraph, whole(int(claim.para)))
        add(subject, own.attribution, f"{page}#attribution")
        add(subject, own.record, f"{page}#record")
        for link in claim.related:
            add(subject, own[_RELATIONS[link.as_]], self.claim_of(link.to))
        self._quantity(graph, subject, claim.quantity, f"{page}#quantity")

        attribution, credit = f"{page}#attribution", claim.attribution
        add(attribution, RDF.type, own.Attribution)
        add(attribution, own.fidelity, self.word(it.fidelity))
        add(attribution, own.crediting, self.word(credit.how))
        add(attribution, own.creditedTo, text(credit.to))
        add(attribution, own.creditedSource, self.source_of(credit.source) if credit.source else None)
        add(attribution, own.drift, *map(self.word, credit.drift))
        add(attribution, own.sourceSays, text(credit.source_says))
        add(attribution, own.because, text(it.fidelity_because))

        record = f"{page}#record"
        add(record, RDF.type, own.Record)
        add(record, own.status, self.word(it.status))
        add(record, own.judged, flag(claim.judgement is not None))
        add(record, own.because, text(it.status_because))
        add(record, own.technique, self.word(claim.technique) if claim.technique else None)
        add(record, SCHEMA.abstract, text(claim.glance))
        add(record, own.wouldChange, text(claim.would_change))
        if claim.judgement is None:
            add(record, own.statusWhenPublished, self.word(it.status_then))
        add(record, own.originFor, *map(self.publisher_of, sorted(it.tally.supports)))
        add(record, own.originWithCondition, *map(self.publisher_of, sorted(it.tally.qualifies)))
        add(record, own.originAgainst, *map(self.publisher_of, sorted(it.tally.contradicts)))
        self._evidence(graph, subject, page, claim.evidence, claim)

    def _evidence(
        self, graph: Graph, subject: str, place: str, items: Iterable[Evidence], claim: Claim | None = None
    ) -> None:
        """Entries of evidence for a statement, or for what is documented of a publisher."""
        add, own = graph.add, self.own
        seen: dict[str, int] = {}
        for item in items:
            seen[item.source] = seen.get(item.source, 0) + 1
            # by its source and not by its place, so that an entry before it doesn't change its address
            entry = f"{place}#evidence-{item.source}" + (f".{seen[item.source]}" if seen[item.source] > 1 else "")
            source = self.source_of(item.source)
            add(subject, own.evidence, entry)
            add(entry, RDF.type, own.Evidence)
            add(entry, own.source, source)
            add(entry, own.role, self.word(item.role))
            add(entry, own.bearing, self.word(item.on))
            add(entry, own.stance, self.word(item.stance))
            add(entry, own.finding, text(item.finding))
            add(entry, own.reading, text(item.reading))
            add(entry, own.phrase, plain(item.phrase) and text(item.phrase, self._lang(item.source)))
            add(entry, own.locator, text(item.locator))
            if item.rests_on is not None:
                add(entry, own.restsOn, *map(self.source_of, item.rests_on))
                add(entry, own.ownFinding, None if item.rests_on else flag(True))
            add(entry, own.origin, *map(self.publisher_of, sorted(self.relations.origins(item))))
            add(entry, PROV.wasDerivedFrom, source)
            if item.role is Role.CONTEXT:
                add(entry, CITO.obtainsBackgroundFrom, source)
            elif item.stance is Stance.SILENT:
                add(entry, CITO.citesForInformation, source)
            else:
                add(entry, CITO.citesAsEvidence, source)
            if item.stance in _STANCES:
                on_saying = claim is not None and item.on is not Bearing.MATTER
                on_matter = claim is None or item.on is not Bearing.SAYING
                add(entry, _STANCES[item.stance], subject if on_matter else None)
                add(entry, _STANCES[item.stance], f"{place}#attribution" if on_saying else None)
            self._quantity(graph, entry, item.quantity, f"{entry}.quantity")
            if claim is not None:
                add(entry, own.when, self.word(self.site.when(item, claim)))
                add(entry, own.distance, text(self.site.distance(claim, item) or None))

    def _lang(self, source: str) -> str:
        record = self.corpus.sources.get(source)
        return record.lang if record else "en"

    def _quantity(self, graph: Graph, subject: str, quantity: Quantity | None, node: str) -> None:
        if quantity is None:
            return
        add, own = graph.add, self.own
        add(subject, own.quantity, node)
        add(node, RDF.type, SCHEMA.QuantitativeValue)
        add(node, own.measure, self.measure_of(quantity.measure))
        add(node, SCHEMA.value, rdf.decimal(quantity.value or quantity.about))
        add(node, SCHEMA.minValue, rdf.decimal(quantity.low or quantity.at_least))
        add(node, SCHEMA.maxValue, rdf.decimal(quantity.high or quantity.at_most))
        add(node, own.approximate, flag(True) if quantity.about else None)
        measure = self.corpus.measures.get(quantity.measure)
        add(node, SCHEMA.unitText, text(measure.unit) if measure else None)
        add(node, DCTERMS.temporal, rdf.date(quantity.as_of))
        add(node, own.countedBy, text(quantity.counted_by))
        add(node, own.scope, text(quantity.scope))

    def _provenance(self, graph: Graph, claim: Claim, assertion: str) -> None:
        add, own, page, subject = graph.add, self.own, self.page_of(claim.id), self.claim_of(claim.id)
        article = self.corpus.articles[claim.article]
        cited = list(dict.fromkeys(item.source for item in claim.evidence))
        add(assertion, PROV.wasAttributedTo, self.project)
        add(assertion, PROV.wasDerivedFrom, self.article_of(article.id), *map(self.source_of, cited))
        for at, search in enumerate(claim.looked_for, 1):
            node = f"{page}#search-{at}"
            add(assertion, own.search, node)
            add(node, RDF.type, own.Search, PROV.Activity)
            add(node, DCTERMS.description, text(search.what))
            add(node, own.where, text(search.where))
            add(node, DCTERMS.date, rdf.date(search.on))
            add(node, PROV.wasAssociatedWith, self.project)

        add(subject, PROV.wasDerivedFrom, self.article_of(article.id))
        add(subject, PROV.wasAttributedTo, self.publisher_of(article.publisher))
        credit = claim.attribution
        chain = list(cited)
        if credit.source:
            chain.append(credit.source)
            source = self.source_of(credit.source)
            add(self.article_of(article.id), CITO.citesAsEvidence, source)
            if credit.fidelity in _SAID and self.relations.when(credit.source, article.id) is not When.AFTER:
                self._derives(graph, subject, credit.source)
                add(subject, PROV.wasQuotedFrom, source if credit.how is Crediting.QUOTED else None)
        for item in claim.evidence:
            chain += item.rests_on or ()
        self._passage(graph, claim, article)
        self._document(graph, article)
        bodies = [article.publisher]
        for id in self._upstream(chain):
            record = self.corpus.sources[id]
            self._document(graph, record)
            bodies.append(record.publisher)
        for id in self._bodies(bodies):
            self._agent(graph, self.corpus.publishers[id])

    def _upstream(self, sources: Iterable[str]) -> list[str]:
        """The sources and all that they derive from, each once."""
        found: dict[str, None] = {}
        for id in sources:
            if id in self.corpus.sources and id not in found:
                found[id] = None
                for rung in self.relations.ladder(id):
                    found.update(dict.fromkeys(rung))
        return list(found)

    def _bodies(self, publishers: Iterable[str]) -> list[str]:
        """The publishers and the bodies of which they are parts, each once."""
        found: dict[str, None] = {}
        for id in publishers:
            here: str | None = id
            while here and here in self.corpus.publishers and here not in found:
                found[here] = None
                here = self.corpus.publishers[here].part_of
        return list(found)

    def _derives(self, graph: Graph, subject: str, upstream: str) -> None:
        source = self.corpus.sources.get(upstream)
        graph.add(subject, PROV.wasDerivedFrom, self.source_of(upstream))
        if source and source.kind is SourceKind.PRIMARY_DOCUMENT:
            graph.add(subject, PROV.hadPrimarySource, self.source_of(upstream))

    def _document(self, graph: Graph, record: Article | Source) -> None:
        """A document with what the chain of sources needs: title, date, address, publisher, what it repeats."""
        add = graph.add
        subject = self.article_of(record.id) if isinstance(record, Article) else self.source_of(record.id)
        add(subject, RDF.type, PROV.Entity)
        add(subject, DCTERMS.title, text(record.title, record.lang))
        add(subject, DCTERMS.issued, rdf.date(record.published))
        add(subject, SCHEMA.url, iri(record.url) if record.url else None)
        add(subject, PROV.wasAttributedTo, self.publisher_of(record.publisher))
        if isinstance(record, Source):
            for upstream in record.derived_from:
                self._derives(graph, subject, upstream)

    def _agent(self, graph: Graph, publisher: Publisher) -> None:
        subject = self.publisher_of(publisher.id)
        graph.add(subject, RDF.type, PROV.Agent, PROV[kind_of(publisher)])
        graph.add(subject, SCHEMA.name, plain(publisher.name))
        if publisher.part_of:
            graph.add(subject, SCHEMA.parentOrganization, self.publisher_of(publisher.part_of))

    def _passage(self, graph: Graph, claim: Claim, article: Article) -> None:
        """Where in the article the statement stands; the words between the first and the last are not published."""
        add, anchor = graph.add, claim.anchor
        node = f"{self.page_of(claim.id)}#passage"
        add(node, RDF.type, OA.Annotation)
        add(node, OA.motivatedBy, OA.identifying)
        add(node, OA.hasBody, self.claim_of(claim.id))
        add(node, OA.hasTarget, f"{node}.target")
        add(f"{node}.target", RDF.type, OA.SpecificResource)
        add(f"{node}.target", OA.hasSource, iri(article.url) if article.url else self.article_of(article.id))
        add(f"{node}.target", OA.hasSelector, f"{node}.range", f"{node}.fragment")
        add(f"{node}.range", RDF.type, OA.RangeSelector)
        add(f"{node}.range", OA.hasStartSelector, f"{node}.start")
        add(f"{node}.range", OA.hasEndSelector, f"{node}.end")
        add(f"{node}.start", RDF.type, OA.TextQuoteSelector)
        add(f"{node}.start", OA.prefix, plain(anchor.prefix))
        add(f"{node}.start", OA.exact, plain(anchor.starts))
        add(f"{node}.end", RDF.type, OA.TextQuoteSelector)
        add(f"{node}.end", OA.prefix, plain(anchor.ends))
        add(f"{node}.end", OA.exact, plain(""))
        add(f"{node}.end", OA.suffix, plain(anchor.suffix))
        add(f"{node}.fragment", RDF.type, OA.FragmentSelector)
        add(f"{node}.fragment", DCTERMS.conformsTo, TEXT_FRAGMENT)
        add(f"{node}.fragment", RDF.value, plain(f":~:{fragment(claim)}"))

    def _publication(self, graph: Graph, claim: Claim, publication: str) -> None:
        add, own, page = graph.add, self.own, self.page_of(claim.id)
        sources = (self.corpus.sources.get(item.source) for item in claim.evidence)
        made = claim.checked or max(
            (source.read.on for source in sources if source), key=lambda when: when.last, default=None
        )
        add(publication, DCTERMS.title, text(claim.short))
        # where a record says of no day that it was worked on, it is as new as the whole
        add(publication, DCTERMS.created, rdf.date(made) or self._newest)
        add(publication, DCTERMS.creator, self.project)
        add(publication, DCTERMS.license, self.site.settings.licence_url or None)
        add(publication, DCTERMS.isPartOf, f"{self.base}{FOLDER}claimtrail.trig#dataset")
        add(self.project, SCHEMA.name, plain(self.site.settings.name))
        for at, correction in enumerate(claim.corrected, 1):
            node = f"{page}#correction-{at}"
            add(publication, DCTERMS.modified, rdf.date(correction.on))
            add(publication, PROV.wasGeneratedBy, node)
            add(node, RDF.type, own.Correction, PROV.Activity)
            add(node, DCTERMS.date, rdf.date(correction.on))
            add(node, DCTERMS.description, text(correction.what))
        if claim.withdrawn:
            node = f"{page}#withdrawal"
            add(publication, PROV.wasInvalidatedBy, node)
            add(node, RDF.type, own.Withdrawal, PROV.Activity)
            add(node, DCTERMS.date, rdf.date(claim.withdrawn.on))
            add(node, DCTERMS.description, text(claim.withdrawn.reason))

    # -- all the rest

    def dataset(self) -> Graph:
        """The record as one thing: its name, its date, its licence."""
        whole_record = Graph(f"{self.base}{FOLDER}claimtrail.trig#catalogue")
        dataset = f"{self.base}{FOLDER}claimtrail.trig#dataset"
        whole_record.add(dataset, RDF.type, SCHEMA.Dataset, PROV.Entity)
        whole_record.add(dataset, SCHEMA.name, plain(self.site.settings.name))
        whole_record.add(dataset, DCTERMS.modified, self._newest)
        whole_record.add(dataset, DCTERMS.creator, self.project)
        whole_record.add(dataset, DCTERMS.license, self.site.settings.licence_url or None)
        return whole_record

    def catalogue(self) -> Iterator[Graph]:
        """Articles, sources, publishers, topics and measures in full: one named graph, a record at a time."""
        graph = partial(Graph, f"{self.base}{FOLDER}claimtrail.trig#catalogue")
        for article in self.relations.articles:
            self._article(described := graph(), article)
            yield described
        for source in self.corpus.sources.values():
            self._source(described := graph(), source)
            yield described
        for publisher in self.corpus.publishers.values():
            self._publisher(described := graph(), publisher)
            yield described
        for topic in self.corpus.topics.values():
            self._topic(described := graph(), topic)
            yield described
        for measure in self.corpus.measures.values():
            self._measure(described := graph(), measure)
            yield described

    def _article(self, graph: Graph, article: Article) -> None:
        add, subject = graph.add, self.article_of(article.id)
        add(subject, RDF.type, SCHEMA.Article)
        self._document(graph, article)
        self._dates(graph, subject, article)
        add(subject, DC.creator, plain(article.author))
        add(subject, SCHEMA.inLanguage, plain(article.lang))
        add(subject, SCHEMA.archivedAt, iri(article.archived_url) if article.archived_url else None)
        add(subject, SCHEMA.mainEntityOfPage, f"{self.base}articles/{article.id}/")
        add(subject, SCHEMA.abstract, text(article.about))
        for at, copy in enumerate(article.copies, 1):
            node = f"{self.base}articles/{article.id}/#copy-{at}"
            add(subject, SCHEMA.workExample, node)
            add(node, RDF.type, PROV.Entity)
            add(node, SCHEMA.url, iri(copy.url))
            add(node, DCTERMS.issued, rdf.date(copy.published))
            add(node, PROV.wasAttributedTo, self.publisher_of(copy.publisher) if copy.publisher else None)
        claims = self.relations.claims_by_article[article.id]
        add(subject, SCHEMA.hasPart, *[self.claim_of(claim.id) for claim in claims])

    def _dates(self, graph: Graph, subject: str, record: Article | Source) -> None:
        if record.published:
            graph.add(subject, self.own.earliest, rdf.Literal(record.published.first.isoformat(), rdf.XSD.date))
            graph.add(subject, self.own.latest, rdf.Literal(record.published.last.isoformat(), rdf.XSD.date))

    def _source(self, graph: Graph, source: Source) -> None:
        add, own, subject = graph.add, self.own, self.source_of(source.id)
        add(subject, RDF.type, SCHEMA.CreativeWork)
        self._document(graph, source)
        self._dates(graph, subject, source)
        add(subject, SCHEMA.alternateName, text(source.title_en))
        add(subject, DC.creator, plain(source.author))
        add(subject, SCHEMA.inLanguage, plain(source.lang))
        add(subject, SCHEMA.archivedAt, iri(source.archived_url) if source.archived_url else None)
        add(subject, SCHEMA.provider, self.publisher_of(source.carried_by) if source.carried_by else None)
        add(subject, SCHEMA.mainEntityOfPage, f"{self.base}sources/{source.id}/")
        add(subject, own.sourceKind, self.word(source.kind))
        add(subject, own.access, self.word(source.read.how))
        add(subject, own.readOn, rdf.date(source.read.on))

    def _publisher(self, graph: Graph, publisher: Publisher) -> None:
        add, own, subject = graph.add, self.own, self.publisher_of(publisher.id)
        page = f"{self.base}publishers/{publisher.id}/"
        add(subject, RDF.type, SCHEMA[kind_of(publisher)])
        self._agent(graph, publisher)
        add(subject, SCHEMA.url, iri(publisher.home) if publisher.home else None)
        add(subject, SCHEMA.location, plain(publisher.country))
        add(subject, SCHEMA.mainEntityOfPage, page)
        add(subject, own.publisherKind, self.word(publisher.kind))
        for at, documented in enumerate(publisher.documented, 1):
            self._documented(graph, subject, f"{page}documented-{at}/", documented)
        for at, reply in enumerate(publisher.reply, 1):
            self._reply(graph, subject, f"{page}#reply-{at}", reply)

    def _documented(self, graph: Graph, subject: str, place: str, documented: Documented) -> None:
        node = f"{place}#documented"
        graph.add(subject, self.own.documented, node)
        graph.add(node, RDF.type, self.own.Documented)
        graph.add(node, SCHEMA.text, text(documented.says))
        self._evidence(graph, node, place, documented.evidence)

    def _reply(self, graph: Graph, subject: str, node: str, reply: Reply) -> None:
        add, own = graph.add, self.own
        add(subject, own.reply, node)
        add(node, RDF.type, own.Reply)
        add(node, own.source, self.source_of(reply.source))
        add(node, own.finding, text(reply.finding))
        add(node, own.phrase, text(reply.phrase, self._lang(reply.source)))
        add(node, own.locator, text(reply.locator))
        add(node, PROV.wasDerivedFrom, self.source_of(reply.source))

    def _topic(self, graph: Graph, topic: Topic) -> None:
        add, subject = graph.add, self.topic_of(topic.id)
        add(subject, RDF.type, self.own.Topic)
        add(subject, SCHEMA.name, text(topic.title))
        add(subject, self.own.question, text(topic.question))
        add(subject, SCHEMA.abstract, text(topic.glance))
        add(subject, SCHEMA.mainEntityOfPage, f"{self.base}topics/{topic.id}/")

    def _measure(self, graph: Graph, measure: Measure) -> None:
        add, subject = graph.add, self.measure_of(measure.id)
        add(subject, RDF.type, self.own.Measure)
        add(subject, SCHEMA.name, text(measure.title))
        add(subject, SCHEMA.unitText, text(measure.unit))
        add(subject, SCHEMA.description, text(measure.scope))
        add(subject, self.own.share, flag(measure.share))
        add(subject, self.own.caution, text(measure.caution))

    def terms(self) -> Graph:
        """Our own words: classes, properties, and every vocabulary as a concept scheme."""
        graph, own = Graph(), self.own
        add = graph.add
        ontology = f"{self.base}{FOLDER}terms.ttl"
        add(ontology, RDF.type, OWL.Ontology)
        add(ontology, DCTERMS.title, text("The words of Claimtrail's linked data"))
        add(ontology, DCTERMS.license, self.site.settings.licence_url or None)
        add(ontology, OWL.versionInfo, plain("1"))
        for name, meaning in CLASSES.items():
            add(own[name], RDF.type, RDFS.Class)
            add(own[name], RDFS.label, text(name))
            add(own[name], RDFS.comment, text(meaning))
            add(own[name], RDFS.isDefinedBy, ontology)
        add(own.DerivedProperty, RDFS.subClassOf, RDF.Property)
        meanings = {name: (meaning, RDF.Property) for name, (_, meaning) in _OWN.items()}
        meanings |= {name: (meaning, own.DerivedProperty) for name, (_, meaning) in _DERIVED.items()}
        meanings |= {name: (relation.meaning, RDF.Property) for relation, name in _RELATIONS.items()}
        for name, (meaning, kind) in meanings.items():
            add(own[name], RDF.type, kind)
            add(own[name], RDFS.label, text(name))
            add(own[name], RDFS.comment, text(meaning))
            add(own[name], RDFS.isDefinedBy, ontology)
        for vocabulary in terms.VOCABULARIES:
            scheme = own[vocabulary.__name__]
            add(scheme, RDF.type, SKOS.ConceptScheme)
            add(scheme, SKOS.prefLabel, text(slug(vocabulary).replace("-", " ")))
            add(scheme, SKOS.definition, text(" ".join((vocabulary.__doc__ or "").split())))
            add(scheme, SKOS.hasTopConcept, *map(self.word, vocabulary))
            add(scheme, RDFS.seeAlso, f"{self.base}terms/#{slug(vocabulary)}")
            for word in vocabulary:
                concept = self.word(word)
                add(concept, RDF.type, SKOS.Concept)
                add(concept, SKOS.prefLabel, text(word.label))
                add(concept, SKOS.definition, text(word.meaning))
                add(concept, SKOS.notation, plain(word.value))
                add(concept, SKOS.topConceptOf, scheme)
                add(concept, SKOS.inScheme, scheme)
                add(concept, RDFS.seeAlso, f"{self.base}terms/#{slug(vocabulary)}-{word.value}")
        return graph

    def shapes(self) -> str:
        """SHACL shapes for all of it, as Turtle: what a user may count on."""
        found = SHAPES.read_text(encoding="utf-8")
        for vocabulary in terms.VOCABULARIES:
            found = found.replace(f"[{slug(vocabulary)}]", " ".join(map(self.names.turtle, map(self.word, vocabulary))))
        head = rdf.trig_head(self.names).replace("\n\n", "\n") + "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        return f"{head}{found}"


def files(site: Site) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Every file of linked data: its path below the site, and its bytes in pieces.

    Read the pieces of one file before asking for the next. The files of the whole record come last: they are gathered
    on disk while those of the statements are made, so that every graph is made once and memory doesn't grow with them.
    """
    linked = Linked(site)
    names, context = linked.names, linked.context
    head = rdf.trig_head(names).encode()
    vocabulary = linked.terms()
    yield f"{FOLDER}context.jsonld", [rdf.dumped({"@context": context.definitions(with_base=False)}).encode(), b"\n"]
    yield f"{FOLDER}terms.ttl", [head, rdf.trig(vocabulary, names).encode()]
    yield f"{FOLDER}terms.jsonld", [rdf.json_ld([vocabulary], context).encode()]
    yield f"{FOLDER}shapes.ttl", [linked.shapes().encode()]

    with TemporaryFile() as trig, TemporaryFile() as document:

        def keep(graphs: Iterable[Graph], between: str = ",\n") -> bytes:
            """Put graphs at the end of both files; gives what was put into that of TriG."""
            made = "".join([rdf.trig(graph, names) for graph in graphs]).encode()
            trig.write(made)
            document.write((between + ",\n".join([rdf.json_ld_graph(graph, context) for graph in graphs])).encode())
            return made

        trig.write(head)
        document.write(rdf.json_ld_head(context).encode())
        keep([linked.dataset()], between="")
        for graph in linked.catalogue():
            keep([graph])
        for article in linked.relations.articles:
            for claim in linked.relations.claims_by_article[article.id]:
                yield linked.file_of(claim.id), [head, keep(linked.statement(claim))]
        document.write(rdf.JSON_LD_TAIL.encode())
        yield f"{FOLDER}claimtrail.trig", _pieces(trig)
        yield f"{FOLDER}claimtrail.jsonld", _pieces(document)


def _pieces(file: IO[bytes], size: int = 1 << 18) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(size):
        yield piece
