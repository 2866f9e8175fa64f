"""The linked data says what the records say: asked in SPARQL, checked with SHACL, read by rdflib and by Oxigraph."""

import json
import re
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from lxml import html

from scripts import terms
from scripts.linked import FALLBACK, FOLDER, Linked, files
from scripts.rdf import Graph
from scripts.relate import Relations
from scripts.render import Renderer, Settings, Site
from scripts.schemaorg import LICENCE
from scripts.terms import Bearing, Fidelity, Stance, Status
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, TEXT, corpus, edited

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:rdflib")  # its parsers warn of itself
URL = "https://bridges.example/"
A02 = f"{URL}articles/bridge-2018/a02/"
PREFIXES = f"""PREFIX ct: <{URL}data/v1/terms.ttl#>
PREFIX cito: <http://purl.org/spar/cito/> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX np: <http://www.nanopub.org/nschema#> PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX schema: <http://schema.org/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


class Made:
    """The files of a record, and a triple store with the whole of it."""

    def __init__(self, world, url=URL):
        self.corpus = world
        self.site = Site(Relations(world), Settings(name="Bridges", url=url, licence_url=LICENCE))
        self.linked = Linked(self.site)
        self.files, self.largest, self._quads = {}, {}, {}
        for path, pieces in files(self.site):
            made = list(pieces)
            self.files[path], self.largest[path] = b"".join(made), max(map(len, made))
        self.store = ox.Store()
        self.store.bulk_load(self.files[f"{FOLDER}claimtrail.trig"], format=ox.RdfFormat.TRIG)

    def ask(self, question, prefixes=PREFIXES):
        rows = self.store.query(prefixes + question, use_default_graph_as_union=True)
        return [tuple(term.value if term is not None else None for term in row) for row in rows]

    def quads(self, name):
        if name not in self._quads:
            kind = ox.RdfFormat.JSON_LD if name.endswith("jsonld") else ox.RdfFormat.TRIG
            self._quads[name] = set(ox.parse(self.files[FOLDER + name], kind))
        return self._quads[name]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return Made(corpus(tmp_path_factory.mktemp("world")))


@pytest.fixture(scope="module")
def live(real):
    return Made(real)


def changed(tmp_path, *edits, **more):
    return Made(corpus(tmp_path, edited(*edits, **more)))


def short(*rows):
    """Addresses without what is common to them."""
    return [tuple(value and re.sub(rf"^{URL}(articles/bridge-2018/|data/v1/terms.ttl|sources/|publishers/)?", "", value) for value in row) for row in rows]  # fmt: skip


def union(made, *names):
    graph = rdflib.Dataset(default_union=True)
    for name in names or ("claimtrail.trig",):
        graph.parse(data=made.files[FOLDER + name].decode(), format="trig" if name.endswith("trig") else "turtle")
    flat = rdflib.Graph()
    for s, p, o in graph.triples((None, None, None)):
        flat.add((s, p, o))
    return flat


# ---- the same in every format, for every reader -----------------------------------------------------------------


@pytest.mark.parametrize("which", ["world", "live"])
def test_both_formats_say_the_same(which, request):
    made = request.getfixturevalue(which)
    quads = made.quads("claimtrail.trig")
    assert quads == made.quads("claimtrail.jsonld")
    assert len(quads) > 100 * len(made.corpus.claims) / 2
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in quad)
    assert not any(isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads)


def test_rdflib_reads_what_oxigraph_reads(world):
    for name, kind in (("claimtrail.trig", "trig"), ("claimtrail.jsonld", "json-ld")):
        dataset = rdflib.Dataset()
        dataset.parse(data=world.files[FOLDER + name].decode(), format=kind)
        told = {tuple(map(str, quad)) for quad in dataset.quads()}
        assert told == {tuple(term.value for term in quad) for quad in world.quads(name)}


@pytest.mark.parametrize("which", ["world", "live"])
def test_the_files_of_the_statements_together_are_the_statements_of_the_whole(which, request):
    made = request.getfixturevalue(which)
    catalogue = f"{URL}{FOLDER}claimtrail.trig#catalogue"
    whole = {quad for quad in made.quads("claimtrail.trig") if quad.graph_name.value != catalogue}
    parts = [name.removeprefix(FOLDER) for name in made.files if re.search(r"/a\d+\.trig$", name)]
    assert len(parts) == len(made.corpus.claims)
    assert {quad for name in parts for quad in made.quads(name)} == whole


def test_the_terms_are_the_same_in_both_formats_and_hold_every_word(world):
    turtle = set(ox.parse(world.files[f"{FOLDER}terms.ttl"], ox.RdfFormat.TURTLE))
    assert {tuple(quad)[:3] for quad in turtle} == {tuple(quad)[:3] for quad in world.quads("terms.jsonld")}
    graph = union(world, "terms.ttl")
    rows = graph.query(
        PREFIXES + "SELECT ?scheme ?word ?label ?meaning WHERE { ?c a skos:Concept ; skos:inScheme ?scheme ; "
        "skos:notation ?word ; skos:prefLabel ?label ; skos:definition ?meaning }"
    )
    told = {(str(row[0]).partition("#")[2], *map(str, row[1:])) for row in rows}
    assert told == {(v.__name__, word.value, word.label, word.meaning) for v in terms.VOCABULARIES for word in v}


def test_words_that_are_spelt_alike_are_two_concepts(world):
    assert world.linked.word(Stance.CONTRADICTS) != world.linked.word(terms.Relation.CONTRADICTS)
    assert world.linked.word(Fidelity.FAITHFUL).endswith("#fidelity-faithful")


def test_the_anchors_that_concepts_point_to_are_on_the_terms_page(world):
    page = dict(Renderer(world.site).pages())["terms.md"].partition("\n---\n")[2]
    anchors = set(html.fromstring(page).xpath("//@id"))
    pointed = {str(o) for o in union(world, "terms.ttl").objects(None, rdflib.RDFS.seeAlso)}
    assert len(pointed) > 100
    assert {address.removeprefix(f"{URL}terms/#") for address in pointed} <= anchors


def test_every_word_of_ours_that_is_used_is_described(live):
    own = f"{URL}{FOLDER}terms.ttl#"
    described = {str(s) for s in union(live, "terms.ttl").subjects(rdflib.RDF.type, None)}
    used = {
        term.value
        for quad in live.store
        for term in (quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(own)
    }
    assert len(used) > 80
    assert used <= described


CITO = {"supports", "disputes", "qualifies", "citesAsEvidence", "citesForInformation", "obtainsBackgroundFrom"}
NP = {"Nanopublication", "hasAssertion", "hasProvenance", "hasPublicationInfo"}
OA = {"Annotation", "SpecificResource", "RangeSelector", "TextQuoteSelector", "FragmentSelector", "identifying", "motivatedBy",
      "hasBody", "hasTarget", "hasSource", "hasSelector", "hasStartSelector", "hasEndSelector", "exact", "prefix", "suffix"}  # fmt: skip


def test_every_word_of_others_is_a_word_of_theirs(world, tmp_path):
    edits = [
        (CLAIM, "kind: figure", "withdrawn: {on: 2020-03, reason: Twice.}\ncorrected:\n- {on: 2020-02, what: A date.}\nkind: figure"),
        (CLAIM, "ends: for three years}", "ends: for three years, prefix: darkness, suffix: Some say}"),
    ]  # fmt: skip
    known = {
        "http://purl.org/spar/cito/": CITO,  # these three as their ontologies list them; rdflib doesn't have them
        "http://www.nanopub.org/nschema#": NP,
        "http://www.w3.org/ns/oa#": OA,
        "http://schema.org/": {word.removeprefix("https://schema.org/") for word in dir(rdflib.SDO)},
        **{str(space): {str(word).removeprefix(str(space)) for word in dir(space)} for space in (rdflib.PROV, rdflib.DCTERMS, rdflib.DC, rdflib.RDF, rdflib.RDFS, rdflib.SKOS, rdflib.OWL, rdflib.XSD)},
    }  # fmt: skip
    spaces = set()
    for made in (world, changed(tmp_path, *edits)):
        quads = [*made.store, *made.quads("terms.jsonld")]
        words = {q.predicate.value for q in quads}
        words |= {q.object.value for q in quads if isinstance(q.object, ox.NamedNode) and q.predicate.value.endswith(("#type", "motivatedBy"))}  # fmt: skip
        words |= {q.object.datatype.value for q in quads if isinstance(q.object, ox.Literal)}
        for word in words:
            space = re.match(r".*[#/]", word)[0]
            if not space.startswith((URL, "http://id.loc.gov/datatypes/edtf/")):
                spaces.add(space)
                assert word.removeprefix(space) in known[space], word
    assert spaces == set(known)


# ---- nanopublications -------------------------------------------------------------------------------------------


def well_formed(quads):
    """The criteria of nanopub.net/guidelines, and what they recommend of publication info."""
    start = "http://www.nanopub.org/nschema#"
    types = [(q.subject, q.graph_name) for q in quads if q.predicate.value.endswith("#type") and q.object == ox.NamedNode(start + "Nanopublication")]  # fmt: skip
    assert len(types) == 1
    ((publication, head),) = types

    def one(name):
        (found,) = [q.object for q in quads if (q.subject, q.predicate.value, q.graph_name) == (publication, start + name, head)]  # fmt: skip
        return found

    parts = [one(name) for name in ("hasAssertion", "hasProvenance", "hasPublicationInfo")]
    assertion, provenance, info = parts
    assert len({publication, head, *parts}) == 5
    assert {q.graph_name for q in quads} == {head, *parts}
    assert [q for q in quads if q.graph_name == provenance and assertion in (q.subject, q.object)]
    about = {q.predicate.value.rpartition("/")[2] for q in quads if q.graph_name == info and q.subject == publication}
    assert {"created", "creator", "license"} <= about
    return publication


@pytest.mark.parametrize("which", ["world", "live"])
def test_every_statement_is_a_well_formed_nanopublication(which, request):
    made = request.getfixturevalue(which)
    for claim in made.corpus.claims.values():
        publication = well_formed(made.quads(f"articles/{claim.id}.trig"))
        assert publication.value == f"{URL}{FOLDER}articles/{claim.id}.trig#nanopub"


@pytest.mark.parametrize("without", ["hasProvenance", "created", "license", "wasDerivedFrom"])
def test_a_nanopublication_that_lacks_a_part_is_seen(world, without):
    quads = world.quads("articles/bridge-2018/a02.trig")
    broken = {q for q in quads if not (q.predicate.value.endswith(without) or (without == "wasDerivedFrom" and "#assertion" in q.subject.value and q.graph_name.value.endswith("#provenance")))}  # fmt: skip
    with pytest.raises((AssertionError, ValueError)):
        well_formed(broken)


def test_a_nanopublication_is_dated_by_its_record(world, tmp_path):
    question = "SELECT ?p ?when (DATATYPE(?when) AS ?type) WHERE { ?p a np:Nanopublication ; dcterms:created ?when } ORDER BY ?p"
    dates = [(when, kind.rpartition("#")[2]) for _, when, kind in world.ask(question)]
    # checked; not checked, so the newest reading of its sources; nothing on record, so the newest day of all
    assert dates == [("2020-02-01", "date"), ("2020-01-01", "date"), ("2020-02-01", "date")]


def test_a_withdrawn_record_is_invalidated_and_a_corrected_one_says_what_changed(tmp_path):
    made = changed(
        tmp_path,
        (CLAIM, "kind: figure", "withdrawn: {on: 2020-03, reason: It was counted twice.}\nkind: figure"),
        (SOFT, "checked:", "corrected:\n- {on: 2020-03-01, what: The date was mended.}\nchecked:"),
    )
    assert made.ask(
        "SELECT ?p ?on ?why WHERE { ?p prov:wasInvalidatedBy ?w . ?w a prov:Activity ; dcterms:date ?on ; dcterms:description ?why }"
    ) == [(f"{URL}{FOLDER}articles/bridge-2018/a02.trig#nanopub", "2020-03", "It was counted twice.")]
    assert made.ask(
        "SELECT ?on ?what WHERE { ?p dcterms:modified ?on ; prov:wasGeneratedBy ?c . ?c dcterms:description ?what }"
    ) == [("2020-03-01", "The date was mended.")]


# ---- what was said ----------------------------------------------------------------------------------------------


def test_verdicts_are_those_of_the_pages(live):
    told = {
        claim: (status, fidelity, because)
        for claim, status, fidelity, because in live.ask(
            "SELECT ?claim ?status ?fidelity ?because WHERE { ?claim ct:record ?r ; ct:attribution ?a . "
            "?r ct:status/skos:notation ?status ; ct:because ?because . ?a ct:fidelity/skos:notation ?fidelity }"
        )
    }
    assert told == {}  # the words are in terms.ttl, which has to be loaded beside the record
    live.store.bulk_load(live.files[f"{FOLDER}terms.ttl"], format=ox.RdfFormat.TURTLE)
    told = live.ask(
        "SELECT ?claim ?status ?fidelity ?because WHERE { ?claim ct:record ?r ; ct:attribution ?a . "
        "?r ct:status/skos:notation ?status ; ct:because ?because . ?a ct:fidelity/skos:notation ?fidelity }"
    )
    assert set(told) == {
        (f"{URL}articles/{id}/#claim", it.status.value, it.fidelity.value, it.status_because)
        for id, it in live.site.assessments.items()
    }


def test_stances_are_citos_and_one_who_cites_is_the_entry(world):
    rows = world.ask(
        "SELECT ?entry ?says ?what WHERE { ?entry a ct:Evidence ; ?says ?what "
        "FILTER(STRSTARTS(STR(?says), 'http://purl.org/spar/cito/')) } ORDER BY ?entry ?says ?what"
    )
    assert [(e, s.rpartition("/")[2], w) for e, s, w in short(*rows) if e.startswith("a02")] == [
        ("a02/#evidence-county-2017-report", "citesAsEvidence", "county-2017-report/#source"),
        ("a02/#evidence-county-2017-report", "disputes", "a02/#attribution"),
        ("a02/#evidence-county-2017-report", "disputes", "a02/#claim"),
        ("a02/#evidence-echo-2018-copy", "citesAsEvidence", "echo-2018-copy/#source"),
        ("a02/#evidence-echo-2018-copy", "disputes", "a02/#claim"),
        ("a02/#evidence-gazette-2018-reopening", "citesAsEvidence", "gazette-2018-reopening/#source"),
        ("a02/#evidence-gazette-2018-reopening", "disputes", "a02/#claim"),
    ]
    assert [s.rpartition("/")[2] for e, s, w in rows if "documented" in e] == ["citesAsEvidence", "supports"]


def test_silent_evidence_takes_no_stance_and_context_gives_background(tmp_path):
    made = changed(
        tmp_path,
        (CLAIM, "  role: attributed\n  on: both\n  stance: contradicts", "  role: attributed\n  on: saying\n  stance: silent"),
        (CLAIM, "- source: echo-2018-copy\n  role: independent\n  on: matter\n  stance: contradicts", "- source: echo-2018-copy\n  role: context\n  on: matter\n  stance: silent"),
        (SOFT, "  on: matter\n  stance: contradicts", "  on: saying\n  stance: qualifies"),
    )  # fmt: skip
    rows = made.ask(
        "SELECT ?entry ?says WHERE { ?entry a ct:Evidence ; ?says ?what "
        "FILTER(STRSTARTS(STR(?says), 'http://purl.org/spar/cito/')) } ORDER BY ?entry ?says"
    )
    told = {}
    for entry, says in short(*rows):
        told.setdefault(entry, []).append(says.rpartition("/")[2])
    assert told["a02/#evidence-county-2017-report"] == ["citesForInformation"]
    assert told["a02/#evidence-echo-2018-copy"] == ["obtainsBackgroundFrom"]
    assert made.ask(f"SELECT ?what WHERE {{ <{URL}articles/bridge-2018/a01/#evidence-gazette-2018-reopening> cito:qualifies ?what }}") == [
        (f"{URL}articles/bridge-2018/a01/#attribution",)
    ]  # fmt: skip


def test_every_stance_of_the_record_is_told_once(live):
    counted = dict(
        live.ask(
            "SELECT ?says (COUNT(*) AS ?n) WHERE { ?e a ct:Evidence ; ?says ?what "
            "FILTER(?says IN (cito:supports, cito:disputes, cito:qualifies)) } GROUP BY ?says"
        )
    )
    items = [item for claim in live.corpus.claims.values() for item in claim.evidence]
    others = [item for p in live.corpus.publishers.values() for d in p.documented for item in d.evidence]
    for stance, word in ((Stance.SUPPORTS, "supports"), (Stance.CONTRADICTS, "disputes"), (Stance.QUALIFIES, "qualifies")):  # fmt: skip
        expected = sum(2 if item.on is Bearing.BOTH else 1 for item in items if item.stance is stance)
        expected += sum(item.stance is stance for item in others)
        assert int(counted[f"http://purl.org/spar/cito/{word}"]) == expected


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ([], {"wasDerivedFrom", "hadPrimarySource"}),
        ([("how: named", "how: quoted")], {"wasDerivedFrom", "hadPrimarySource", "wasQuotedFrom"}),
        ([("fidelity: distorted\n  drift: [figure-changed]\n", "fidelity: contradicted-by-source\n")], set()),
    ],
)
def test_a_statement_derives_from_its_credited_source_only_if_the_source_says_it(tmp_path, edits, words):
    made = changed(tmp_path, *[(CLAIM, old, new) for old, new in edits])
    rows = made.ask(f"SELECT ?how WHERE {{ <{A02}#claim> ?how <{URL}sources/county-2017-report/#source> }}")
    assert {how.rpartition("#")[2] for (how,) in rows} == words
    assert made.ask(f"SELECT ?s WHERE {{ <{A02}#attribution> ct:creditedSource ?s }}")
    assert made.ask(f"SELECT ?s WHERE {{ <{A02}#claim> prov:wasDerivedFrom ?s . ?s a schema:Article }}")


def test_a_statement_does_not_derive_from_what_appeared_later(tmp_path):
    made = changed(tmp_path, **{"sources/county-2017-report.yml": SOUND["sources/county-2017-report.yml"].replace("2017-06", "2019-06")})  # fmt: skip
    assert made.ask(f"SELECT ?how WHERE {{ <{A02}#claim> ?how <{URL}sources/county-2017-report/#source> }}") == []


def test_a_quantity_has_its_number_its_bounds_its_unit_and_its_time(tmp_path):
    made = changed(
        tmp_path,
        (CLAIM, "value: 14, as_of: 2016/2017-02", "low: 13.5, high: 15, as_of: about 2016"),
        (CLAIM, "value: 15,", "at_least: 15,"),
    )
    rows = made.ask(
        "SELECT ?value ?least ?most ?about ?unit ?time (DATATYPE(?time) AS ?type) WHERE { ?q a schema:QuantitativeValue ; "
        "dcterms:temporal ?time ; schema:unitText ?unit OPTIONAL { ?q schema:value ?value } OPTIONAL { ?q schema:minValue ?least } "
        "OPTIONAL { ?q schema:maxValue ?most } OPTIONAL { ?q ct:approximate ?about } } ORDER BY ?q"
    )
    edtf = "http://id.loc.gov/datatypes/edtf/EDTF"
    assert rows == [
        (None, "13.5", "15", None, "months", "2016~", edtf),
        (None, "15", None, None, "months", "2016/2017-03", edtf),
        ("36", None, None, "true", "months", "2015/2017", edtf),
    ]


def test_the_dates_of_documents_keep_their_precision_and_can_be_sorted(world):
    rows = world.ask(
        "SELECT DISTINCT ?s ?d (DATATYPE(?d) AS ?type) ?first ?last WHERE { ?s a schema:CreativeWork ; dcterms:issued ?d ; "
        "ct:earliest ?first ; ct:latest ?last } ORDER BY ?first"
    )
    assert [(s, d, t.rpartition("#")[2], first, last) for s, d, t, first, last in short(*rows)] == [
        ("county-2017-report/#source", "2017-06", "gYearMonth", "2017-06-01", "2017-06-30"),
        ("gazette-2018-reopening/#source", "2018-03", "gYearMonth", "2018-03-01", "2018-03-31"),
        ("echo-2018-copy/#source", "2018-04-01", "date", "2018-04-01", "2018-04-01"),
    ]


def test_titles_carry_their_language_and_the_english_one_stands_beside(world):
    (row,) = world.store.query(
        PREFIXES + "SELECT DISTINCT ?title ?en WHERE { ?s dcterms:title ?title ; schema:alternateName ?en }",
        use_default_graph_as_union=True,
    )
    assert [(term.value, term.language) for term in row] == [("الجسر مفتوح", "ar"), ("The bridge is open", "en")]


def select(text, start, end):
    """The passage by the algorithm of the Web Annotation data model: up to the beginning of what the end selects."""

    def find(selector):
        prefix, exact, suffix = selector
        for match in re.finditer(re.escape(exact), text):
            before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
            if before.endswith(prefix or "") and after.startswith(suffix or ""):
                return match.start()
        raise AssertionError(selector)

    return text[find(start) : find(end)]


def selectors(made, claim):
    question = (
        "SELECT ?prefix ?exact ?suffix WHERE {{ ?a oa:hasBody <{}#claim> ; oa:hasTarget/oa:hasSelector/oa:has{}Selector ?s . ?s oa:exact ?exact "
        "OPTIONAL {{ ?s oa:prefix ?prefix }} OPTIONAL {{ ?s oa:suffix ?suffix }} }}"
    )
    return [made.ask(question.format(f"{URL}articles/{claim}/", end))[0] for end in ("Start", "End")]


def test_the_selectors_of_a_passage_select_it_from_its_first_word_to_its_last(world, tmp_path):
    text = " ".join(TEXT.split())
    assert select(text, *selectors(world, "bridge-2018/a01")) == (
        "Local traders recall the closing of the bridge as if it were yesterday. They speak of a third winter in darkness"
    )
    assert select(text, *selectors(world, "bridge-2018/a03")) == "Some say the toll money was never counted"
    made = changed(tmp_path, (CLAIM, "ends: for three years}", "ends: for three years, prefix: in darkness., suffix: '. Some say'}"))  # fmt: skip
    assert select(text, *selectors(made, "bridge-2018/a02")) == (
        "The county engineer announced that the bridge stayed shut for three years"
    )


def test_of_a_passage_only_the_anchors_words_are_published(live):
    for claim in live.corpus.claims.values():
        start, end = selectors(live, claim.id)
        anchor = claim.anchor
        assert (start, end) == ((anchor.prefix, anchor.starts, None), (anchor.ends, "", anchor.suffix))
    targets = dict(live.ask("SELECT ?b ?t WHERE { ?a oa:hasBody ?b ; oa:hasTarget/oa:hasSource ?t }"))
    assert set(targets) == {f"{URL}articles/{id}/#claim" for id in live.corpus.claims}


def test_a_source_that_is_cited_twice_has_two_entries(tmp_path):
    again = "- source: gazette-2018-reopening\n  role: independent\n  on: saying\n  stance: silent\n  finding: The Gazette does not name the engineer.\nglance:"
    made = changed(tmp_path, (CLAIM, "glance:", again))
    rows = made.ask(f"SELECT ?e WHERE {{ <{A02}#claim> ct:evidence ?e . ?e ct:source <{URL}sources/gazette-2018-reopening/#source> }} ORDER BY ?e")  # fmt: skip
    assert short(*rows) == [("a02/#evidence-gazette-2018-reopening",), ("a02/#evidence-gazette-2018-reopening.2",)]


def test_a_finding_that_rests_elsewhere_says_on_what(tmp_path):
    made = changed(
        tmp_path,
        (CLAIM, "  finding: The Echo", "  rests_on: [county-2017-report]\n  finding: The Echo"),
        (SOFT, "  finding: The Gazette", "  rests_on: []\n  finding: The Gazette"),
    )
    rows = made.ask("SELECT ?e ?on ?own ?origin WHERE { ?e ct:origin ?origin OPTIONAL { ?e ct:restsOn ?on } OPTIONAL { ?e ct:ownFinding ?own } } ORDER BY ?e")  # fmt: skip
    told = {e: rest for e, *rest in short(*rows)}
    assert told["a02/#evidence-echo-2018-copy"] == ["county-2017-report/#source", None, "the-county/#publisher"]
    assert told["a01/#evidence-gazette-2018-reopening"] == [None, "true", "the-gazette/#publisher"]


def test_odd_addresses_of_sources_are_valid_ones(tmp_path):
    odd = SOUND["sources/echo-2018-copy.yml"].replace(
        "https://echo.example/open", "https://echo.example/الجسر/[1]?a=100%#b#c"
    )
    made = changed(tmp_path, **{"sources/echo-2018-copy.yml": odd})
    (row,) = made.ask(f"SELECT DISTINCT ?u WHERE {{ <{URL}sources/echo-2018-copy/#source> schema:url ?u }}")
    assert row == ("https://echo.example/الجسر/%5B1%5D?a=100%25#b%23c",)


def test_what_was_looked_for_and_what_is_said_of_outlets_is_in(world):
    assert world.ask("SELECT ?what ?where ?on WHERE { ?s a ct:Search ; dcterms:description ?what ; ct:where ?where ; dcterms:date ?on }") == [
        ("any trader by name", "the county's papers", "2020-02-01")
    ]  # fmt: skip
    assert short(*world.ask("SELECT ?p ?says ?reply WHERE { ?p ct:documented/schema:text ?says ; ct:reply/ct:finding ?reply }")) == [
        ("the-herald/#publisher", "The Herald is run by the bridge company.", "The Herald calls itself free of any company.")
    ]  # fmt: skip
    assert short(*world.ask("SELECT ?a ?b WHERE { ?a ct:saysMoreThan ?b }")) == [("a02/#claim", "a01/#claim")]
    assert short(*world.ask("SELECT ?a ?u WHERE { ?a schema:workExample/schema:url ?u }")) == [("#article", "https://copies.example/bridge")]  # fmt: skip


# ---- questions in SPARQL ----------------------------------------------------------------------------------------


def questions(made):
    """The text about the linked data on the page of the data: its lines of Python, and its questions."""
    tree = html.fromstring(Renderer(made.site).included("linked", "../"))
    (code,) = tree.xpath("//code[@class='language-python']")
    return tree, code.text_content(), [q.text_content() for q in tree.xpath("//code[@class='language-sparql']")]


def test_which_statements_rest_on_one_origin(live):
    name = {id: p.name for id, p in live.corpus.publishers.items()}
    expected = []
    for id, it in live.site.assessments.items():
        bodies = it.tally.supports | it.tally.qualifies | it.tally.contradicts
        if len(bodies) == 1:
            expected.append((f"{URL}articles/{id}/#claim", name[next(iter(bodies))]))
    assert len(expected) > 20
    assert live.ask(questions(live)[2][0], "") == sorted(expected)


def test_which_sources_repeat_which(live):
    expected = [
        (live.linked.source_of(id), live.linked.source_of(up))
        for id in live.corpus.sources
        for rung in live.site.relations.ladder(id)
        for up in rung
    ]
    assert len(expected) > 100
    assert live.ask(questions(live)[2][1], "") == sorted(expected)


def test_which_statements_two_origins_contradict_and_when_that_was_published(live):
    expected = set()
    for id, it in live.site.assessments.items():
        if len(it.tally.contradicts) > 1:
            for item in it.claim.evidence:
                if item.stance is Stance.CONTRADICTS and item.on is not Bearing.SAYING:
                    when = live.corpus.sources[item.source].published
                    written = when and (when.written if not when.about else f"{when.written.removeprefix('about ')}~")
                    expected.add((f"{URL}articles/{id}/#claim", live.linked.source_of(item.source), written))
    assert len(expected) > 20
    answer = live.ask(questions(live)[2][2], "")
    assert set(answer) == expected
    assert len(answer) == len(expected)


@pytest.mark.parametrize("which", ["world", "live"])
def test_the_origins_can_be_worked_out_again_from_the_chain_alone(which, request):
    """What `relate` and `assess` work out, without `ct:origin…`: up the chain, up `part of`, less the article's outlets."""
    made = request.getfixturevalue(which)
    above, parent, publisher, outlets = {}, {}, {}, {}
    for source, up in made.ask("SELECT DISTINCT ?s ?up WHERE { ?s a schema:CreativeWork ; prov:wasDerivedFrom ?up }"):
        above.setdefault(source, set()).add(up)
    parent.update(made.ask("SELECT DISTINCT ?p ?above WHERE { ?p schema:parentOrganization ?above }"))
    publisher.update(made.ask("SELECT DISTINCT ?s ?p WHERE { ?s a schema:CreativeWork ; prov:wasAttributedTo ?p }"))

    def body(id):
        return body(parent[id]) if id in parent else id

    def ends(source):
        return set().union(*map(ends, above[source])) if source in above else {source}

    for claim, outlet in made.ask(
        "SELECT DISTINCT ?claim ?outlet WHERE { ?claim schema:appearance ?a . "
        "{ ?a prov:wasAttributedTo ?outlet } UNION { ?a schema:workExample/prov:wasAttributedTo ?outlet } }"
    ):
        outlets.setdefault(claim, set()).add(body(outlet))
    rows = made.ask(
        "SELECT DISTINCT ?claim ?e ?source ?stance ?rests ?own WHERE { ?claim a schema:Claim ; ct:evidence ?e . "
        "?e ct:bearing ?on ; ct:stance ?stance ; ct:source ?source OPTIONAL { ?e ct:restsOn ?rests } OPTIONAL { ?e ct:ownFinding ?own } "
        "FILTER(?on != ct:bearing-saying && ?stance != ct:stance-silent) }"
    )
    triples = {
        (claim, body(publisher[end]), stance)
        for claim, _, source, stance, rests, own in rows
        for end in ({source} if own else ends(rests or source))
        if body(publisher[end]) not in outlets[claim]
    }
    found = {}
    for claim, origin, stance in triples:
        found.setdefault(claim, {}).setdefault(origin, set()).add(stance.rpartition("-")[2])
    for id, it in made.site.assessments.items():
        ways = {"supports": set(), "qualifies": set(), "contradicts": set()}
        for origin, stances in found.get(f"{URL}articles/{id}/#claim", {}).items():
            ways[stances.pop() if len(stances) == 1 else "qualifies"].add(origin)
        for stance in (Stance.SUPPORTS, Stance.QUALIFIES, Stance.CONTRADICTS):
            assert ways[stance.value] == set(map(made.linked.publisher_of, it.tally.of(stance))), (id, stance)
    words = {Stance.SUPPORTS: "For", Stance.QUALIFIES: "WithCondition", Stance.CONTRADICTS: "Against"}
    for stance, word in words.items():
        told = made.ask(f"SELECT DISTINCT ?c ?o WHERE {{ ?c ct:record/ct:origin{word} ?o }}")
        assert set(told) == {
            (made.linked.claim_of(id), made.linked.publisher_of(origin))
            for id, it in made.site.assessments.items()
            for origin in it.tally.of(stance)
        }


def test_the_lines_of_python_on_the_page_answer_a_question(world, tmp_path, monkeypatch, capsys):
    tree, code, asked = questions(world)
    monkeypatch.chdir(tmp_path)
    Path("claimtrail.trig").write_bytes(world.files[f"{FOLDER}claimtrail.trig"])
    Path("question.rq").write_text(asked[0], encoding="utf-8")
    exec(code, {})
    assert capsys.readouterr().out == f"{URL}articles/bridge-2018/a01/#claim The Gazette\n"
    linked = {href.removeprefix("../") for href in tree.xpath("//a/@href")}
    assert linked == {path for path in world.files if "/articles/" not in path}


# ---- shapes -----------------------------------------------------------------------------------------------------


def conforms(made, *names, change=None):
    data = union(made, *names)
    if change:
        data.update(PREFIXES + change)
    shapes = rdflib.Graph().parse(data=made.files[f"{FOLDER}shapes.ttl"].decode(), format="turtle")
    ok, _, report = pyshacl.validate(data, shacl_graph=shapes, meta_shacl=False)
    return ok, report


def test_the_shapes_are_shapes_and_the_data_fits_them(world):
    shapes = rdflib.Graph().parse(data=world.files[f"{FOLDER}shapes.ttl"].decode(), format="turtle")
    ok, _, report = pyshacl.validate(union(world), shacl_graph=shapes, meta_shacl=True)
    assert ok, report
    assert b"[" + b"status]" not in world.files[f"{FOLDER}shapes.ttl"]
    targets = set(shapes.objects(None, rdflib.SH.targetClass))
    present = set(union(world).objects(None, rdflib.RDF.type))
    assert targets <= present  # no shape holds only because there is nothing that it is for


def test_the_longest_statements_of_the_record_fit_the_shapes(live):
    sizes = sorted((len(data), path) for path, data in live.files.items() if re.search(r"/a\d+\.trig$", path))
    chosen = [path.removeprefix(FOLDER) for _, path in sizes[-3:] + sizes[:2]]
    ok, report = conforms(live, *chosen)
    assert ok, report


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (f"DELETE DATA {{ <{A02}#record> ct:status ct:status-contradicted }}", "ct:status"),
        (f"INSERT DATA {{ <{A02}#record> ct:status ct:status-supported }}", "ct:status"),
        (f"INSERT DATA {{ <{A02}#attribution> ct:drift ct:status-supported }}", "ct:drift"),
        (f"DELETE WHERE {{ <{A02}#evidence-echo-2018-copy> ct:source ?s }}", "ct:source"),
        ("DELETE WHERE { ?p dcterms:license ?l }", "dcterms:license"),
        ("DELETE WHERE { ?s oa:prefix ?p }", "oa:prefix"),
        (f"DELETE WHERE {{ <{A02}#quantity> schema:value ?v }}", "OrConstraint"),
        (f"INSERT DATA {{ <{A02}#quantity> schema:minValue 3.0 ; schema:maxValue 2.0 }}", ":minValue"),
        (f"DELETE {{ <{A02}#claim> schema:name ?n }} INSERT {{ <{A02}#claim> schema:name '{'x' * 76}'@en }} WHERE {{ <{A02}#claim> schema:name ?n }}", "MaxLength"),
    ],
)  # fmt: skip
def test_the_shapes_see_what_is_wrong(world, change, shape):
    ok, report = conforms(world, change=change)
    assert not ok
    assert shape in report


# ---- files ------------------------------------------------------------------------------------------------------


def test_the_same_record_gives_the_same_bytes(world):
    again = Made(corpus(Path(world.corpus.root).parent))
    assert again.files == world.files


def test_pieces_are_small(live):
    for path in ("claimtrail.trig", "claimtrail.jsonld"):
        assert live.largest[FOLDER + path] <= 1 << 18 < len(live.files[FOLDER + path]), path


def test_every_document_has_its_context_in_it_and_names_none_to_fetch(live):
    for path, data in live.files.items():
        if path.endswith(".jsonld"):
            document = json.loads(data)
            assert isinstance(document["@context"], dict), path
            assert "@import" not in document["@context"], path
    (shared,) = json.loads(live.files[f"{FOLDER}context.jsonld"]).values()
    own = json.loads(live.files[f"{FOLDER}claimtrail.jsonld"])["@context"]
    assert own == shared | {"@base": URL}


def test_a_site_without_an_address_gets_one_of_the_domain_for_examples(tmp_path):
    made = Made(corpus(tmp_path), url="")
    assert FALLBACK.encode() in made.files[f"{FOLDER}claimtrail.trig"]
    assert made.store.query(f"ASK {{ GRAPH ?g {{ <{FALLBACK}articles/bridge-2018/a02/#claim> ?p ?o }} }}")


def test_the_address_of_the_site_may_lack_its_slash_and_have_a_folder(tmp_path):
    made = Made(corpus(tmp_path), url="https://x.example/a b")
    rows = made.store.query(
        "SELECT DISTINCT ?c WHERE { ?c a <http://schema.org/Claim> } ORDER BY ?c", use_default_graph_as_union=True
    )
    assert next(iter(rows))["c"].value == "https://x.example/a%20b/articles/bridge-2018/a01/#claim"


def test_hostile_text_stays_text(tmp_path):
    bad = 'a" . } <x> { <y> <z> "\\\\ \\u0022 \' """'
    quoted = json.dumps(bad)
    made = changed(tmp_path, (SOFT, "glance: The Gazette dates the reopening fifteen months after the closing.", f"glance: {quoted}"), (ARTICLE, "title: The bridge that nobody opened", f"title: {quoted}"))  # fmt: skip
    assert (bad,) in made.ask("SELECT ?t WHERE { ?r schema:abstract ?t }")
    assert made.ask("SELECT DISTINCT ?t WHERE { ?a a schema:Article ; dcterms:title ?t }") == [(bad,)]
    assert made.quads("claimtrail.trig") == made.quads("claimtrail.jsonld")


def test_every_status_has_a_concept(world):
    assert {world.linked.word(status) for status in Status} == {
        f"{URL}{FOLDER}terms.ttl#status-{status.value}" for status in Status
    }
    assert len(Graph()) == 0
