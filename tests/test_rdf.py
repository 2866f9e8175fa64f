"""What the writers write, two independent readers read back as it was."""

import json
import re

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import rdf
from scripts.rdf import Context, Graph, Literal, Names, Namespace, iri
from scripts.values import PartialDate

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:rdflib")  # its parsers warn of itself
EX = Namespace("http://ex.example/#")
NAMES = Names("https://site.example/", {"ex": EX, "xsd": rdf.XSD})
CONTEXT = Context(NAMES, {EX.says: "en", EX.link: "@id", EX.note: ""})
S = "https://site.example/articles/a-b/a01/#claim"
STRANGE = "a\"b\\c\nd\re\tf\bg\fh\x01\x7f\x85\u2028\u2029 'q' ''' \"\"\" \\u0041 الجسر 😀 \ufeff\ufffe"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def graph(*objects, name="https://site.example/data/v1/g.trig#g", predicate=EX.says):
    made = Graph(name)
    made.add(S, predicate, *objects)
    return made


def oxigraph(text, kind, base=None):
    return {
        (q.subject.value, q.predicate.value, _ox(q.object), getattr(q.graph_name, "value", ""))
        for q in pyoxigraph.parse(text.encode(), kind, base_iri=base)
    }


def _ox(term):
    if isinstance(term, pyoxigraph.NamedNode):
        return term.value
    plain = term.language or term.datatype.value == str(rdflib.XSD.string)
    return Literal(term.value, "" if plain else term.datatype.value, term.language or "")


@pytest.fixture(autouse=True, scope="module")
def as_written():
    """Have rdflib keep 0.50 as 0.50."""
    kept, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    yield
    rdflib.NORMALIZE_LITERALS = kept


def by_rdflib(text, kind):
    store = rdflib.Dataset()
    store.parse(data=text, format=kind)
    return {(str(s), str(p), _rl(o), str(g.identifier if hasattr(g, "identifier") else g or "")) for s, p, o, g in store.quads()}  # fmt: skip


def _rl(term):
    if isinstance(term, rdflib.URIRef):
        return str(term)
    return Literal(str(term), str(term.datatype or ""), term.language or "")


def trig(*graphs):
    return rdf.trig_head(NAMES) + "".join(rdf.trig(g, NAMES) for g in graphs)


def json_ld(*graphs):
    return rdf.json_ld(graphs, CONTEXT)


def said(*graphs):
    return {(s, p, o, g.name) for g in graphs for s, ps in g.nodes.items() for p, os in ps.items() for o in os}


OBJECTS = [
    Literal(STRANGE, lang="en"), Literal(STRANGE, lang="ar"), Literal(STRANGE), Literal(""), Literal("x", lang="zh-hant"),
    Literal("true", rdf.XSD.boolean), Literal("-3", rdf.XSD.integer), Literal("14", rdf.XSD.decimal),
    Literal("0.50", rdf.XSD.decimal), Literal("2016/2017-03", rdf.EDTF), Literal("2017-06", rdf.XSD.gYearMonth),
    "https://elsewhere.example/?a=1&b='2'#x", "https://site.example/", "https://site.example//odd/../x", "https://site.example/a:b/",
    "http://ex.example/#word", "http://ex.example/#not.a.local", "https://site.example/sources/x/#source", S,
]  # fmt: skip


@pytest.mark.parametrize("predicate", [EX.says, EX.link, EX.note])
def test_every_value_and_address_is_read_back_by_both_readers_from_both_formats(predicate):
    made = graph(*OBJECTS, predicate=predicate)
    text, document = trig(made), json_ld(made)
    assert oxigraph(text, pyoxigraph.RdfFormat.TRIG) == said(made)
    assert oxigraph(document, pyoxigraph.RdfFormat.JSON_LD) == said(made)
    assert by_rdflib(text, "trig") == said(made)
    assert by_rdflib(document, "json-ld") == said(made)


def test_a_graph_without_a_name_is_turtle_and_json_ld_too():
    made = graph(Literal("x", lang="en"), name="")
    assert oxigraph(trig(made), pyoxigraph.RdfFormat.TURTLE) == said(made)
    assert oxigraph(json_ld(made), pyoxigraph.RdfFormat.JSON_LD) == said(made)
    assert by_rdflib(trig(made), "turtle")


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text_is_read_back(value):
    made = graph(Literal(value, lang="en"), Literal(value))
    assert oxigraph(trig(made), pyoxigraph.RdfFormat.TRIG) == said(made)
    assert oxigraph(json_ld(made), pyoxigraph.RdfFormat.JSON_LD) == said(made)


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_any_text_is_read_back_by_rdflib(value):
    made = graph(Literal(value, lang="en"))
    assert by_rdflib(trig(made), "trig") == said(made)


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_address_becomes_one_that_the_grammar_allows(path, query, fragment):
    address = iri(f"https://x.example/{path}?{query}#{fragment}")
    made = graph(address)
    assert oxigraph(trig(made), pyoxigraph.RdfFormat.TRIG) == said(made)  # it checks RFC 3987
    assert iri(address) == address


@pytest.mark.parametrize(
    ("address", "made"),
    [
        ("https://x.example/a b", "https://x.example/a%20b"),
        ("https://x.example/[a]?b=[c]", "https://x.example/%5Ba%5D?b=%5Bc%5D"),
        ("https://x.example/100%", "https://x.example/100%25"),
        ("https://x.example/%D8%A8?a=%2f", "https://x.example/%D8%A8?a=%2f"),
        ("https://x.example/متحدث", "https://x.example/متحدث"),
        ("https://x.example/a#b#c", "https://x.example/a#b%23c"),
        ('https://x.example/<>"{}|\\^`', "https://x.example/%3C%3E%22%7B%7D%7C%5C%5E%60"),
        ("https://en.example/wiki/Offensive_(March_2016)", "https://en.example/wiki/Offensive_(March_2016)"),
        ("https://x.example/\n\t\x00", "https://x.example/%0A%09%00"),
    ],
)
def test_only_what_may_not_stand_in_an_address_is_encoded(address, made):
    assert iri(address) == made


@pytest.mark.parametrize(
    ("written", "value", "datatype"),
    [
        ("2017", "2017", str(rdf.XSD.gYear)),
        ("2017-06", "2017-06", str(rdf.XSD.gYearMonth)),
        ("2017-06-09", "2017-06-09", str(rdf.XSD.date)),
        ("2016/2017-03", "2016/2017-03", rdf.EDTF),
        ("about 2014", "2014~", rdf.EDTF),
        ("about 2014-05/2015", "2014-05~/2015~", rdf.EDTF),
    ],
)
def test_a_date_keeps_its_precision(written, value, datatype):
    assert rdf.date(PartialDate.parse(written)) == Literal(value, datatype)


def test_what_a_record_does_not_say_is_not_stated_and_what_is_said_twice_stands_once():
    made = graph(None, rdf.text(None), rdf.date(None), rdf.decimal(None), rdf.plain(None))
    assert made.nodes == {}
    made.add(S, EX.says, rdf.text("a"), rdf.text("a"), rdf.text("a", "ar"))
    assert len(made) == 2


def test_two_words_with_one_local_name_get_two_names_in_json_ld():
    other = Namespace("http://other.example/#")
    context = Context(Names("https://s.example/", {"ex": EX, "other": other}), {EX.value: "", other.value: "@id"})
    assert context.words == {EX.value: "value", other.value: "other:value"}
    made = Graph()
    made.add("https://s.example/a/#b", EX.value, Literal("1"))
    made.add("https://s.example/a/#b", other.value, "https://s.example/a/#c")
    assert oxigraph(rdf.json_ld([made], context), pyoxigraph.RdfFormat.JSON_LD) == said(made)


def test_a_document_of_json_ld_names_no_other_document():
    document = json_ld(graph(Literal("x")), graph(Literal("y"), name="https://site.example/data/v1/h.trig#h"))
    assert isinstance(json.loads(document)["@context"], dict)
    assert re.findall(r'"@(?:context|import)":"', document) == []


def test_the_bytes_hang_on_nothing_but_the_order_of_what_was_said():
    assert trig(graph(*OBJECTS)) == trig(graph(*OBJECTS))
    assert trig(Graph("https://site.example/x/#g")) == rdf.trig_head(NAMES) + "\n<x/#g> {\n}\n"
