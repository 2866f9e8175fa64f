"""The vocabularies: every closed list of words that a record may use, each word with its one-sentence meaning.

The checker, the JSON Schemas, the terms page and the legends are made from this module and from nothing else.
Definitions follow the field's usage: the statuses and fidelities are those of fact-checking and of studies of
quotation errors, the stances are CiTO's, the relations in a chain of sources are PROV's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Term(StrEnum):
    """A word of a closed vocabulary: `value` as records write it, `label` as pages print it, `meaning` in one sentence."""

    meaning: str
    label: str

    def __new__(cls, slug: str, meaning: str, label: str = "") -> Term:
        term = str.__new__(cls, slug)
        term._value_ = slug
        term.meaning = meaning
        term.label = label or slug.replace("-", " ")
        return term

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Give editors each word with its meaning."""
        return {
            "title": cls.__name__,
            "description": (cls.__doc__ or "").strip(),
            "type": "string",
            "oneOf": [{"const": term.value, "description": term.meaning} for term in cls],
        }


class Tone(StrEnum):
    """The four ways in which evidence cuts, each with the shape that stands for it beside its colour."""

    mark: str
    label: str

    def __new__(cls, slug: str, mark: str, label: str) -> Tone:
        tone = str.__new__(cls, slug)
        tone._value_ = slug
        tone.mark = mark
        tone.label = label
        return tone

    SUPPORTS = "supports", "●", "for"
    QUALIFIES = "qualifies", "◐", "with a condition"
    CONTRADICTS = "contradicts", "✕", "against"
    SILENT = "silent", "○", "neither"


class Toned(Term):
    """A word that is shown in one of the four tones."""

    tone: Tone

    def __new__(cls, slug: str, tone: Tone, meaning: str, label: str = "") -> Toned:
        term = str.__new__(cls, slug)
        term._value_ = slug
        term.tone = tone
        term.meaning = meaning
        term.label = label or slug.replace("-", " ")
        return term


class Kind(Term):
    """What sort of statement it is."""

    FACT = "fact", "Says that something is or was so, and could be settled by evidence."
    FIGURE = "figure", "Gives a number, a share or a date that could be compared with other counts."
    ATTRIBUTED_STATEMENT = (
        "attributed-statement",
        "Says that somebody said, reported or found something.",
        "statement of a source",
    )
    CAUSAL_CLAIM = "causal-claim", "Says that one thing happened because of another."
    PREDICTION = "prediction", "Says what will, may or would happen."
    INSINUATION = (
        "insinuation",
        "Suggests something without saying it; the record restates the proposition that it suggests.",
    )
    OPINION = "opinion", "Judges or characterises; no evidence could settle it."


class Passage(Term):
    """What part of the article a run of paragraphs is."""

    HEADLINE = "headline", "The title and whatever stands with it before the first paragraph."
    BODY = "body", "The author's own text."
    QUOTATION = "quotation", "Text that the article sets as the words of somebody else."
    LIST = "list", "Items set apart from the running text."
    HEADING = "heading", "A heading inside the text."
    AUTHOR_NOTE = "author-note", "A line about the author."
    FOOTER = "footer", "Closing matter such as a notice of rights."


class Crediting(Term):
    """How the article credits somebody for a statement."""

    QUOTED = "quoted", "The article gives words in quotation marks as somebody's own."
    NAMED = "named", "The article names a person, body or outlet."
    VAGUE = "vague", "The article points at nobody who could be found, as in 'reports' or 'experts say'."
    NONE = "none", "The article credits nobody."


class Fidelity(Toned):
    """Does the credited source say this? Judged by a person."""

    FAITHFUL = "faithful", Tone.SUPPORTS, "The credited source says it, with the same scope and strength."
    MINOR_DRIFT = (
        "minor-drift",
        Tone.QUALIFIES,
        "A small difference from the credited source that does not change the point.",
    )
    DISTORTED = "distorted", Tone.CONTRADICTS, "What the credited source says was changed in a way that matters."
    CONTRADICTED_BY_SOURCE = (
        "contradicted-by-source",
        Tone.CONTRADICTS,
        "The credited source says the opposite.",
    )
    NOT_IN_SOURCE = "not-in-source", Tone.CONTRADICTS, "The credited source was read and is silent on it."
    INDIRECT = "indirect", Tone.QUALIFIES, "The credited source says it, but only repeats another one."
    VAGUE_SOURCE = "vague-source", Tone.SILENT, "The article credits nobody who could be identified."
    SOURCE_UNAVAILABLE = (
        "source-unavailable",
        Tone.SILENT,
        "Who is credited is clear, but the document was not found or could not be read.",
    )
    NO_ATTRIBUTION = "no-attribution", Tone.SILENT, "The article credits nobody."
    UNCHECKED = "unchecked", Tone.SILENT, "Nobody has examined it yet."


class Drift(Term):
    """What changed between the credited source and the article."""

    FIGURE_CHANGED = "figure-changed", "The number differs."
    SCOPE_WIDENED = "scope-widened", "It is said of more than the source says it of."
    SCOPE_NARROWED = "scope-narrowed", "It is said of less than the source says it of."
    QUALIFIER_DROPPED = "qualifier-dropped", "A condition or a hedge of the source is missing."
    CERTAINTY_RAISED = "certainty-raised", "It is put as surer than in the source."
    DATE_SHIFTED = "date-shifted", "It is placed at another time."
    ACTOR_CHANGED = "actor-changed", "It is credited to, or said of, somebody else."
    QUOTE_ALTERED = "quote-altered", "Words in quotation marks differ."
    OUT_OF_CONTEXT = "out-of-context", "The surroundings that give it its sense are missing."
    CAUSATION_ADDED = "causation-added", "A cause was added."
    TRANSLATION = "translation", "The sense changed between languages."


class Role(Term):
    """Who a source is to the statement."""

    ATTRIBUTED = "attributed", "The source that the article credits, or a copy of it."
    UPSTREAM = (
        "upstream",
        "A source that the credited source draws on, or a probable origin of an uncredited statement.",
    )
    INDEPENDENT = "independent", "A source that neither the article nor its credited source rests on."
    CONTEXT = "context", "Background that cuts neither way."


class Bearing(Term):
    """What a piece of evidence bears on."""

    SAYING = "saying", "Whether the one who is credited said it: it feeds the attribution."
    MATTER = "matter", "Whether it is so: it feeds the record."
    BOTH = "both", "Both, with the same stance: whether it was said, and whether it is so.", "saying and matter"


class Stance(Toned):
    """Which way a source cuts, if it is right."""

    SUPPORTS = "supports", Tone.SUPPORTS, "If the source is right, the statement is right."
    QUALIFIES = (
        "qualifies",
        Tone.QUALIFIES,
        "If the source is right, the statement is right only under a condition that the finding names.",
    )
    CONTRADICTS = "contradicts", Tone.CONTRADICTS, "If the source is right, the statement is wrong."
    SILENT = "silent", Tone.SILENT, "The source was read and settles nothing here."


class Status(Toned):
    """What does the record show? Computed, except for the three that are judged."""

    SUPPORTED = (
        "supported",
        Tone.SUPPORTS,
        "At least two independent origins, or a primary document, support it, and none contradicts it.",
    )
    SUPPORTED_WITH_QUALIFICATION = (
        "supported-with-qualification",
        Tone.QUALIFIES,
        "At least two independent origins, or a primary document, bear out the core; a condition needs stating.",
    )
    CONTESTED = (
        "contested",
        Tone.QUALIFIES,
        "Independent origins stand on both sides, or one contradicts it and others bear it out with a condition.",
    )
    SINGLE_SOURCE = (
        "single-source",
        Tone.SILENT,
        "Exactly one independent origin bears on it, and it is no primary document.",
    )
    UNSUPPORTED = "unsupported", Tone.SILENT, "It was searched for, the search is on record, and nothing was found."
    CONTRADICTED = (
        "contradicted",
        Tone.CONTRADICTS,
        "At least two independent origins, or a primary document, contradict it, and none supports it.",
    )
    MISLEADING_CONTEXT = (
        "misleading-context",
        Tone.CONTRADICTS,
        "The parts are accurate, but their arrangement or an omission misleads; the technique is named.",
    )
    OVERTAKEN = "overtaken", Tone.QUALIFIES, "It was right when written, and later events changed it."
    NOT_CHECKABLE = (
        "not-checkable",
        Tone.SILENT,
        "An opinion, or nothing for which evidence could exist; the reason is given.",
    )
    IN_PROGRESS = "in-progress", Tone.SILENT, "It has not been assessed yet."


JUDGED = (Status.MISLEADING_CONTEXT, Status.OVERTAKEN, Status.NOT_CHECKABLE)
"""The statuses that no rule can work out; a record that has one gives the reason."""


class Technique(Term):
    """How an arrangement that misleads is made. It describes the text, never its author's intent."""

    MISATTRIBUTION = "misattribution", "A statement is credited to somebody who did not make it."
    CONFLATION = "conflation", "Two different events, bodies or counts are run together."
    OMISSION = "omission", "Something is left out without which the rest reads otherwise."
    SELECTIVE_QUOTATION = "selective-quotation", "Words are quoted without those that change their sense."
    FALSE_PRECISION = "false-precision", "An estimate is given as a count."
    SCOPE_SHIFT = "scope-shift", "A number or fact about one set is used for another."
    CHRONOLOGY = "chronology", "The order of events is changed."
    LOADED_QUESTION = "loaded-question", "A question presupposes what would have to be shown."
    ARGUMENT_FROM_ABSENCE = "argument-from-absence", "Want of evidence is taken as evidence of want."


class SourceKind(Term):
    """What sort of document a source is."""

    PRIMARY_DOCUMENT = (
        "primary-document",
        "A document or record made by those who took part or had first-hand knowledge, which settles what it attests.",
    )
    OFFICIAL_STATEMENT = "official-statement", "What an office, army, party or company says in its own name."
    WIRE = "wire", "A report of a news agency."
    NEWS_REPORT = "news-report", "A report by a newspaper, broadcaster or news site."
    INVESTIGATION = "investigation", "Reporting from the outlet's own inquiry over some time."
    ACADEMIC = "academic", "A study or article by scholars or a research institute."
    NGO_REPORT = "ngo-report", "A report by a non-governmental organisation."
    COMMENTARY = "commentary", "An opinion piece, column or blog post."
    REFERENCE = "reference", "An encyclopedia, database, list or profile."


class Access(Term):
    """How a source was read."""

    FULL = "full", "The whole document was read."
    EXCERPT = (
        "excerpt",
        "Part of a stored copy was read, often the first 2,000 characters; what stands further down was not seen.",
    )
    ARCHIVED = "archived", "The document was read in a web archive."
    QUOTED = (
        "quoted",
        "The document itself was not read; it is known through sources that quote it, and is never evidence.",
    )


class PublisherKind(Term):
    """What sort of body stands behind a document. Descriptive only."""

    NEWS_AGENCY = "news-agency", "Sells or gives reports to other outlets."
    NEWS_OUTLET = "news-outlet", "A newspaper, broadcaster, magazine or news site."
    GOVERNMENT = "government", "A state's office, army, court or agency, or its parliament."
    INTERGOVERNMENTAL = "intergovernmental", "A body of several states, or a coalition of them."
    RESEARCH = "research", "A university, institute or think tank."
    NGO = "ngo", "A non-governmental organisation, a monitoring group among them."
    ARMED_GROUP = "armed-group", "A party to an armed conflict that is not a state."
    COMPANY = "company", "A business other than a news outlet."
    BLOG = "blog", "A site run by one person or a small group."
    REFERENCE = "reference", "An encyclopedia, database or archive."
    PERSON = "person", "Somebody who published in his or her own name."


class Relation(Term):
    """How one statement relates to another."""

    SAME = "same", "Both say the same."
    STRONGER = "stronger", "This one says more than the other."
    WEAKER = "weaker", "This one says less than the other."
    CONTRADICTS = "contradicts", "Both cannot be right."
    SCOPE_DIFFERS = "scope-differs", "They speak of the same thing in another place, time or group."


class When(Term):
    """Where a source stands in time to the article."""

    BEFORE = "before", "Published before the article: its author could have read it."
    SAME_DAY = "same-day", "Published on the day of the article."
    AFTER = "after", "Published after the article: it shows what is known now."
    UNKNOWN = "unknown", "The dates on record do not settle which came first."


VOCABULARIES: tuple[type[Term], ...] = (
    Kind,
    Crediting,
    Fidelity,
    Drift,
    Status,
    Role,
    Bearing,
    Stance,
    Technique,
    SourceKind,
    Access,
    PublisherKind,
    Relation,
    When,
    Passage,
)
"""Every vocabulary, in the order of the terms page."""
