"""RDF graphs as bytes: TriG, its part Turtle, and JSON-LD, each written as its grammar asks.

There are no blank nodes here: everything has an address, so that two sets of statements can be compared as sets. Order
is that in which statements were added, so that the same graphs give the same bytes.

Sources: RDF 1.1 TriG and Turtle (W3C, 2014), JSON-LD 1.1 (W3C, 2020), RFC 3987 for addresses, and for dates that XML
Schema has no type for the Extended Date/Time Format of the Library of Congress, which is part of ISO 8601-2:2019.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from scripts.values import Number, PartialDate


class Namespace:
    """The common beginning of a vocabulary's addresses: `PROV.wasDerivedFrom` is the address of that word."""

    def __init__(self, start: str) -> None:
        self.start = start

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        address = self.start + name
        self.__dict__[name] = address  # found at once the next time
        return address

    def __getitem__(self, name: str) -> str:
        return self.start + name


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"


class Literal(NamedTuple):
    """A value: text in a language, or of a datatype, or plain."""

    text: str
    datatype: str = ""
    lang: str = ""


Object = str | Literal
"""An address, or a value."""


class Graph:
    """Statements by subject and predicate; one that is added twice stands once. The default graph has no name."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.nodes: dict[str, dict[str, dict[Object, None]]] = {}

    def add(self, subject: str, predicate: str, *objects: Object | None) -> None:
        """State each of `objects`; None, for what a record doesn't say, states nothing."""
        said = [object for object in objects if object is not None]
        if said:
            self.nodes.setdefault(subject, {}).setdefault(predicate, {}).update(dict.fromkeys(said))

    def __len__(self) -> int:
        return sum(len(objects) for predicates in self.nodes.values() for objects in predicates.values())


# ---- values ---------------------------------------------------------------------------------------------------------


def text(value: str | None, lang: str = "en") -> Literal | None:
    """Text in a language."""
    return None if value is None else Literal(value, lang=lang)


def plain(value: str | None) -> Literal | None:
    """Text in no language, such as a name or a code."""
    return None if value is None else Literal(value)


def flag(value: bool) -> Literal:
    """True or false."""
    return Literal("true" if value else "false", XSD.boolean)


def whole(value: int) -> Literal:
    """A whole number."""
    return Literal(str(value), XSD.integer)


def decimal(value: Number | None) -> Literal | None:
    """A number as the record writes it, which is how XML Schema writes a decimal."""
    return None if value is None else Literal(value.written, XSD.decimal)


_BY_LENGTH = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}


def date(value: PartialDate | None) -> Literal | None:
    """A date in the precision that it has: of XML Schema's types where one fits, else EDTF (`2016/2017-03`, `2014~`)."""
    if value is None:
        return None
    points = value.written.removeprefix("about ").split("/")
    if value.about:
        return Literal("/".join(f"{point}~" for point in points), EDTF)
    if len(points) == 2:
        return Literal(value.written, EDTF)
    return Literal(value.written, _BY_LENGTH[len(value.written)])


_UCSCHAR = (
    "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_UNRESERVED = rf"A-Za-z0-9._~\-{_UCSCHAR}"
_ODD = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^{_UNRESERVED}%!$&'()*+,;=:@/?]")
_ADDRESS = re.compile(r"(?P<start>[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)(?P<rest>[^#]*)(?:#(?P<fragment>.*))?", re.DOTALL)


@lru_cache(4096)
def iri(address: str) -> str:
    """An address as RFC 3987 allows it: what may not stand there is percent-encoded, and all else is left alone."""

    def encode(part: str) -> str:
        return _ODD.sub(lambda match: quote(match[0], safe=""), part)

    match = _ADDRESS.fullmatch(address)
    if not match:
        return encode(address)
    fragment = "" if match["fragment"] is None else f"#{encode(match['fragment'])}"
    return encode(match["start"]) + encode(match["rest"]) + fragment


# ---- TriG and Turtle ------------------------------------------------------------------------------------------------

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_UNSAFE = re.compile('["\\\\\x00-\x1f\x7f\u0080-\u009f\u2028\u2029\ufffe\uffff]')
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_BELOW = re.compile(r"(?:[a-z0-9][a-z0-9-]*/)+(?:[a-z0-9]+\.[a-z]+)?(?:#[A-Za-z0-9][A-Za-z0-9.-]*)?")


def escaped(value: str) -> str:
    """The inside of a quoted string of Turtle."""
    if not _UNSAFE.search(value):
        return value
    return _UNSAFE.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", value)


class Names:
    """Addresses written short: below `base` as relative ones, those of a vocabulary with its prefix."""

    def __init__(self, base: str, prefixes: Mapping[str, Namespace]) -> None:
        self.base = base
        self.prefixes = {prefix: space.start for prefix, space in prefixes.items()}
        self._by_start = {start: prefix for prefix, start in self.prefixes.items()}
        self.prefixed = lru_cache(4096)(self._prefixed)

    def _prefixed(self, address: str) -> str:
        at = max(address.rfind("#"), address.rfind("/")) + 1
        prefix = self._by_start.get(address[:at])
        return f"{prefix}:{address[at:]}" if prefix and _LOCAL.fullmatch(address, at) else ""

    def relative(self, address: str) -> str:
        """What stands below the base, or the address whole where a short form could be read as something else."""
        if address.startswith(self.base) and _BELOW.fullmatch(address, len(self.base)):
            return address[len(self.base) :]
        return address

    def turtle(self, address: str) -> str:
        return self.prefixed(address) or f"<{self.relative(address)}>"


def trig_head(names: Names) -> str:
    """The lines with which a file of Turtle or TriG begins."""
    lines = [f"@prefix {prefix}: <{start}> ." for prefix, start in names.prefixes.items()]
    return "\n".join([f"@base <{names.base}> .", *lines, ""])


def trig(graph: Graph, names: Names) -> str:
    """One graph, after `trig_head`; that without a name is Turtle as well."""
    lines = ["", f"{names.turtle(graph.name)} {{"] if graph.name else []
    indent = "  " if graph.name else ""
    for subject, predicates in graph.nodes.items():
        if not graph.name:
            lines.append("")
        said = []
        for predicate, objects in predicates.items():
            word = "a" if predicate == RDF.type else names.turtle(predicate)
            said.append(f"{word} {', '.join([_turtle_object(object, names) for object in objects])}")
        lines.append(f"{indent}{names.turtle(subject)} " + f" ;\n{indent}  ".join(said) + " .")
    if graph.name:
        lines.append("}")
    return "\n".join(lines) + "\n"


def _turtle_object(object: Object, names: Names) -> str:
    if isinstance(object, str):
        return names.turtle(object)
    if object.lang:
        return f'"{escaped(object.text)}"@{object.lang}'
    if object.datatype in (XSD.boolean, XSD.integer):
        return object.text
    return f'"{escaped(object.text)}"' + (f"^^{names.turtle(object.datatype)}" if object.datatype else "")


# ---- JSON-LD --------------------------------------------------------------------------------------------------------


class Context:
    """A JSON-LD context: a word for each predicate, and what a bare string means there.

    `words` maps each predicate's address to `@id` (an address), a language, or nothing (plain text).
    """

    def __init__(self, names: Names, words: Mapping[str, str]) -> None:
        self.names = names
        self.kinds = words
        self.words: dict[str, str] = {}
        taken: dict[str, str] = {}
        for address in words:
            short = names.prefixed(address)
            local = short.partition(":")[2]
            # of two vocabularies with the same word the first has it bare
            self.words[address] = local if taken.setdefault(local, address) == address else short

    def definitions(self, with_base: bool) -> dict[str, Any]:
        """The context itself; `@base` has an effect only in a document's own context, not in one that is fetched."""
        found: dict[str, Any] = {"@version": 1.1}
        if with_base:
            found["@base"] = self.names.base
        found |= {"id": "@id", "type": "@type"} | self.names.prefixes
        for address, kind in self.kinds.items():
            short = self.names.prefixed(address)
            if kind == "@id":
                found[self.words[address]] = {"@id": short, "@type": "@id"}
            elif kind:
                found[self.words[address]] = {"@id": short, "@language": kind}
            else:
                found[self.words[address]] = {"@id": short}
        return found

    def node(self, subject: str, predicates: Mapping[str, Iterable[Object]]) -> dict[str, Any]:
        """One subject with all that is said of it in one graph."""
        names = self.names
        found: dict[str, Any] = {"id": names.prefixed(subject) or names.relative(subject)}
        for predicate, objects in predicates.items():
            if predicate == RDF.type:
                types = [names.prefixed(str(object)) or str(object) for object in objects]
                found["type"] = types if len(types) > 1 else types[0]
                continue
            kind = self.kinds[predicate]
            values = [self._value(object, kind) for object in objects]
            found[self.words[predicate]] = values if len(values) > 1 else values[0]
        return found

    def _value(self, object: Object, kind: str) -> Any:
        if isinstance(object, str):
            short = self.names.prefixed(object) or self.names.relative(object)
            return short if kind == "@id" else {"@id": short}
        if object.lang:
            return object.text if object.lang == kind else {"@value": object.text, "@language": object.lang}
        if object.datatype == XSD.boolean:
            return object.text == "true"
        if object.datatype == XSD.integer:
            return int(object.text)
        if object.datatype:
            return {"@value": object.text, "@type": self.names.prefixed(object.datatype) or object.datatype}
        return object.text if kind == "" else {"@value": object.text}


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: half the time of dumps


def dumped(value: Any) -> str:
    """JSON in one line, without blanks that mean nothing."""
    return _encode(value)


JSON_LD_TAIL = "\n]}\n"


def json_ld_head(context: Context) -> str:
    """How a document begins: with its context in it, so that nothing has to be fetched to read it."""
    return f'{{"@context":{dumped(context.definitions(with_base=True))},\n"@graph":[\n'


def json_ld_graph(graph: Graph, context: Context) -> str:
    """One graph of a document, a line for each subject; between two graphs stands a comma."""
    nodes = ",\n".join([dumped(context.node(subject, said)) for subject, said in graph.nodes.items()])
    return f'{{"id":{dumped(context.names.relative(graph.name))},"@graph":[\n{nodes}]}}' if graph.name else nodes


def json_ld(graphs: Iterable[Graph], context: Context) -> str:
    """A whole document."""
    return json_ld_head(context) + ",\n".join(json_ld_graph(graph, context) for graph in graphs) + JSON_LD_TAIL
