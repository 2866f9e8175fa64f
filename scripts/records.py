"""The records: what each kind of file under `claims/` may hold.

Every leaf arrives as text, exactly as it was written, and is typed here. A field's description is what editors show
and what the data dictionary prints. An absent optional field means that nobody has judged it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scripts.terms import (
    Access,
    Bearing,
    Crediting,
    Drift,
    Fidelity,
    Kind,
    Passage,
    PublisherKind,
    Relation,
    Role,
    SourceKind,
    Stance,
    Status,
    Technique,
)
from scripts.values import Number, PartialDate

Location = tuple[str | int, ...]
"""The way from the top of a record to a value: ("evidence", 0, "finding")."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def words(text: str) -> list[str]:
    """The words of `text`, case folded and with straight apostrophes: the unit of lengths, anchors and fingerprints."""
    return [match.group().casefold().replace("’", "'") for match in WORD.finditer(text)]


def _count(value: Any) -> int:
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9]\d*", value, re.ASCII):
        raise PydanticCustomError("count", "should be a whole number, written with digits alone")
    return int(value)


def _flag(value: Any) -> bool:
    if value not in (True, False, "true", "false"):
        raise PydanticCustomError("flag", "should be true or false")
    return value in (True, "true")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    else:
        if parts.scheme not in ("http", "https"):
            host = None
    if not host or not ("." in host or host == "localhost") or re.search(r"[\s<>\"\\^`{|}\x00-\x1f\x7f]", value):
        raise PydanticCustomError(
            "url", "should be a web address: http or https, a full host name, no blanks or quotes"
        )
    return value


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
# an editor's YAML server types plain scalars itself, and this loader doesn't: the schemas allow both
Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}]},
        mode="validation",
    ),
]
Flag = Annotated[
    bool, BeforeValidator(_flag), WithJsonSchema({"enum": [True, False, "true", "false"]}, mode="validation")
]
Url = Annotated[Text, AfterValidator(_web_address), Field(json_schema_extra={"format": "uri"})]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*/a[0-9]{2,4}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*/$")]
"""A page's place below the top of the site, with a slash at its end: `sources/county-2019-report/`."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Part(BaseModel):
    """A part of a record: frozen, and closed to fields that it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Part):
    """A file of its own. Its id is its path below its folder, without the ending."""

    folder: ClassVar[str]

    @property
    def id(self) -> str:
        # not a private attribute of pydantic's: those take ten times as long to read, and ids are read all the time
        return str(self.__dict__.get("_id", ""))

    @property
    def path(self) -> str:
        """Its file, relative to the folder of claims, with forward slashes."""
        return str(self.__dict__.get("_path", ""))

    def placed(self, id: str, path: str) -> None:
        """Tell a record that was just made who it is and where it stands; only the loader does this."""
        self.__dict__["_id"] = id
        self.__dict__["_path"] = path


# ---- parts ----------------------------------------------------------------------------------------------------------


class Anchor(Part):
    """The words that a passage starts and ends with, three to six each, as the article prints them."""

    starts: Text = Field(description="The first three to six words of the passage.")
    ends: Text = Field(description="The last three to six words of the passage.")
    prefix: Text | None = Field(None, description="Words just before it, where the start alone would be found earlier.")
    suffix: Text | None = Field(None, description="Words just after it, where the end alone would be ambiguous.")


class Quantity(Part):
    """A number with what it counts: exactly one of value, about, low with high, at_least or at_most."""

    measure: Id = Field(description="The measure under claims/measures/ that says unit and scope.")
    value: Number | None = Field(None, description="The number as given.")
    about: Number | None = Field(None, description="The number where the text says about, some or roughly.")
    low: Number | None = Field(None, description="The lower end of a range; `high` goes with it.")
    high: Number | None = Field(None, description="The upper end of a range.")
    at_least: Number | None = Field(None, description="The number where the text says at least or more than.")
    at_most: Number | None = Field(None, description="The number where the text says at most or up to.")
    as_of: PartialDate | None = Field(None, description="The time that the number is for, as far as the text gives it.")
    counted_by: Text | None = Field(None, description="Who counted or estimated, where the text says so.")
    scope: Text | None = Field(
        None,
        description="Where this number's scope is not quite its measure's; such a number is shown and never compared.",
    )

    @model_validator(mode="after")
    def _one_number(self) -> Quantity:
        forms = [name for name in ("value", "about", "at_least", "at_most") if getattr(self, name) is not None] + (
            [] if self.low is None and self.high is None else ["low with high"]
        )
        if len(forms) != 1:
            raise PydanticCustomError(
                "quantity", "should have exactly one of value, about, low with high, at_least, at_most"
            )
        if forms == ["low with high"]:
            if self.low is None or self.high is None:
                raise PydanticCustomError("quantity", "has one end of a range: low and high go together")
            if self.low.exact > self.high.exact:
                raise PydanticCustomError(
                    "quantity", "has a range that ends below its beginning: write the smaller number as low"
                )
        return self


class Attribution(Part):
    """Whom the article credits for a statement, and what that credit turned out to be."""

    to: Text | None = Field(None, description="Who is credited, in the article's terms.")
    how: Crediting
    source: Id | None = Field(None, description="The document that was credited, where it was found.")
    fidelity: Fidelity = Field(description="Does the credited source say this?")
    drift: tuple[Drift, ...] = Field((), description="What changed on the way.")
    source_says: Text | None = Field(None, description="What the credited source gives instead, paraphrased.")
    because: Text | None = Field(None, description="Our reason for the fidelity in one sentence, where it needs one.")


class Evidence(Part):
    """What one source says that bears on one statement."""

    source: Id = Field(description="The document.")
    role: Role
    on: Bearing
    stance: Stance
    finding: Text = Field(description="What the source says, paraphrased; it stands alone and holds nothing of ours.")
    reading: Text | None = Field(None, description="What we make of it, in one sentence; shown as ours.")
    quantity: Quantity | None = None
    phrase: Text | None = Field(None, description="Words of the source, verbatim, at most eight.")
    locator: Text | None = Field(None, description="Where in the source it stands: page, table, paragraph.")
    rests_on: tuple[Id, ...] | None = Field(
        None,
        description="The sources that this finding repeats, where they are not those of the whole document; "
        "an empty list says that the finding is the source's own.",
    )


class Search(Part):
    """Something that was looked for and not found."""

    what: Text = Field(description="What would have been evidence.")
    where: Text = Field(description="Which places, languages or kinds of source were searched.")
    on: PartialDate = Field(description="When.")


class Related(Part):
    """A link to another statement."""

    to: ClaimId = Field(description="The other statement.")
    as_: Relation = Field(alias="as")
    note: Text | None = Field(None, description="How the two hang together, where the relation alone does not say it.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Judgement(Part):
    """A status that no rule can work out, with the reason."""

    status: Status
    because: Text = Field(description="Our reason, in one sentence.")


class Withdrawal(Part):
    """A record taken back. It keeps its file and its page."""

    on: PartialDate = Field(description="When it was taken back.")
    reason: Text = Field(description="Why it was taken back.")


class Correction(Part):
    """A change of what a published record says."""

    on: PartialDate = Field(description="When it was changed.")
    what: Text = Field(description="What changed; from what to what, if a verdict did.")


class Copy(Part):
    """Another address of the same text."""

    url: Url = Field(description="Where the copy is.")
    publisher: Id | None = Field(None, description="Who carries it.")
    published: PartialDate | None = Field(None, description="When it appeared there.")
    note: Text | None = Field(None, description="What is to be known of the copy.")


class Reading(Part):
    """When and how a source was read."""

    on: PartialDate = Field(description="The day on which you read it.")
    how: Access
    note: Text | None = Field(None, description="Where the copy was read, if not at the address given.")


class Passages(Part):
    """A run of paragraphs of one kind."""

    kind: Passage
    first: Count = Field(description="The number of its first paragraph; 0 is the headline.")
    last: Count = Field(description="The number of its last paragraph.")


class NoStatement(Part):
    """A paragraph that carries no statement."""

    para: Count = Field(description="The paragraph.")
    because: Text = Field(description="Why it carries no statement.")


class Merged(Part):
    """An entry of the inventory that has no record of its own."""

    inventory: Text = Field(description="The entry.")
    into: ClaimId = Field(description="The statement that covers it.")
    because: Text = Field(description="Why the two are one.")


class LeftOut(Part):
    """An entry of the inventory that became no record."""

    inventory: Text = Field(description="The entry.")
    because: Text = Field(description="Why it became no record.")


class Inferred(Part):
    """Something about the article that is concluded and not printed on it."""

    what: Text = Field(description="What is concluded.")
    because: Text = Field(description="From what it is concluded.")


class Layout(Part):
    """How a copy of the text is cut into paragraphs: by blank lines or by lines, counted from 1."""

    split: Annotated[str, StringConstraints(pattern=r"^(blocks|lines)$")] = Field(
        description="What sets pieces apart: `blocks`, blank lines; `lines`, every end of a line."
    )
    headline: tuple[Count, ...] = Field((), description="The pieces that make paragraph 0.")
    first: Count = Field(description="The piece that is paragraph 1.")
    last: Count = Field(description="The piece that is the last paragraph.")


class ParagraphPrint(Part):
    """The fingerprint of one paragraph."""

    words: Count = Field(description="How many words it has.")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The salted SHA-256 of its words."
    )
    grams: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{3})*$")] = Field(
        description="Twelve bits of a salted SHA-256 for every run of three words, three hexadecimal digits each, sorted."
    )


class Fingerprint(Part):
    """What lets anybody check anchors without the text; see `scripts/fingerprint.py`."""

    salt: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = Field(
        description="What goes before the words in each hash."
    )
    paragraphs: tuple[ParagraphPrint, ...] = Field(description="From paragraph 0, the headline, on.")


class Documented(Part):
    """Something that was published about an outlet or a byline, with the evidence each way. It gets no verdict."""

    says: Text = Field(description="The proposition that the evidence bears on, neutrally worded.")
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="What was published on it, each way.")


class Reply(Part):
    """What an outlet says of itself, or in answer to what was published about it."""

    source: Id = Field(description="The document in which it is said.")
    finding: Text = Field(description="What is said, paraphrased.")
    phrase: Text | None = Field(None, description="Words of it, verbatim, at most eight.")
    locator: Text | None = Field(None, description="Where in the document it stands.")


# ---- records --------------------------------------------------------------------------------------------------------


class Article(Record):
    """A text under study."""

    folder: ClassVar[str] = "articles"

    title: Text = Field(description="As the article prints it.")
    author: Text | None = Field(None, description="The byline, or absent where there is none.")
    publisher: Id = Field(description="The outlet: sources of it never witness for the article.")
    published: PartialDate | None = Field(None, description="When, as precisely as it is known.")
    lang: Language = Field("en", description="The language of the text, as a tag such as ar; English if left out.")
    url: Url | None = Field(None, description="Where the text is, or was, to be read.")
    archived_url: Url | None = Field(None, description="A copy in a web archive.")
    copies: tuple[Copy, ...] = Field((), description="Other addresses of the same text.")
    about: Text | None = Field(
        None, description="Two or three sentences on what the record shows of it, at most 60 words."
    )
    inferred: tuple[Inferred, ...] = Field((), description="What is concluded and not printed on it.")
    studied: Text = Field(description="Which copy of the text was studied, and how paragraphs are counted.")
    layout: Layout
    passages: tuple[Passages, ...] = Field(
        min_length=1, description="What each run of paragraphs is; together they cover the text."
    )
    without_statements: tuple[NoStatement, ...] = Field((), description="The paragraphs that carry no statement.")
    merged: tuple[Merged, ...] = Field((), description="Entries of the inventory that another statement covers.")
    left_out: tuple[LeftOut, ...] = Field((), description="Entries of the inventory that became no record.")
    looked_for: tuple[Search, ...] = Field((), description="What was looked for and not found.")
    order: Count = Field(0, description="Where it stands among the articles.")
    fingerprint: Fingerprint | None = Field(
        None, description="Made by `python -m scripts verify`; the last field of the file."
    )


class Claim(Record):
    """One statement of one article: what it says, whom it credits, and the evidence."""

    folder: ClassVar[str] = "articles"

    says: Text = Field(description="The statement, paraphrased, with the text's own hedges and nothing of ours.")
    short: Text = Field(description="At most 75 characters, no verdict in it.")
    kind: Kind
    para: Count = Field(description="The paragraph; 0 is the headline.")
    anchor: Anchor
    topics: tuple[Id, ...] = Field(min_length=1, description="The questions that it bears on.")
    quantity: Quantity | None = None
    attribution: Attribution
    evidence: tuple[Evidence, ...] = Field((), description="What sources say that bears on it.")
    glance: Text | None = Field(None, description="At most 60 words; leads with what the record shows.")
    technique: Technique | None = None
    looked_for: tuple[Search, ...] = Field((), description="What was looked for and not found.")
    would_change: Text | None = Field(None, description="What evidence would change the verdict.")
    related: tuple[Related, ...] = Field((), description="Links to other statements.")
    judgement: Judgement | None = None
    withdrawn: Withdrawal | None = None
    corrected: tuple[Correction, ...] = Field((), description="What was changed since it was published.")
    checked: PartialDate | None = Field(None, description="When the whole record was last gone through.")
    note: Text | None = Field(None, description="A note of ours on how the passage was read.")

    @property
    def article(self) -> str:
        """The id of its article."""
        return self.id.partition("/")[0]

    @property
    def number(self) -> str:
        """Its number within the article, such as a21."""
        return self.id.partition("/")[2]

    def quantities(self) -> Iterator[tuple[Location, Quantity]]:
        """Each quantity with its location: the statement's own first, then those of the evidence."""
        if self.quantity:
            yield ("quantity",), self.quantity
        for index, item in enumerate(self.evidence):
            if item.quantity:
                yield ("evidence", index, "quantity"), item.quantity


class Source(Record):
    """One document in the world."""

    folder: ClassVar[str] = "sources"

    title: Text = Field(
        description="As the document prints it, in its own script; a description stands in [square brackets]."
    )
    title_en: Text | None = Field(None, description="The title in English, where it is in another language.")
    lang: Language = Field("en", description="The language of the document, as a tag such as ar; English if left out.")
    publisher: Id = Field(description="Whose text it is.")
    carried_by: Id | None = Field(
        None, description="The site on which the copy was read, where it isn't the publisher's."
    )
    author: Text | None = Field(None, description="The byline.")
    published: PartialDate | None = Field(None, description="When, as precisely as it is known.")
    url: Url | None = Field(
        None, description="The page that was read; absent only for a document known through quotation."
    )
    archived_url: Url | None = Field(None, description="The same page in a web archive.")
    copies: tuple[Copy, ...] = Field((), description="Other addresses of the same text.")
    kind: SourceKind
    derived_from: tuple[Id, ...] = Field((), description="The sources whose words or figures it repeats.")
    read: Reading
    note: Text | None = Field(None, description="What is to be known of it that no other field says.")

    @property
    def title_lang(self) -> str:
        """The language in which the title stands: a description of ours, which needs no gloss, is English."""
        return "en" if self.title.startswith("[") and not self.title_en else self.lang


class Publisher(Record):
    """An outlet, agency, office or other body that stands behind documents."""

    folder: ClassVar[str] = "publishers"

    name: Text = Field(description="What it calls itself.")
    country: Text | None = Field(None, description="Where it sits.")
    kind: PublisherKind
    home: Url | None = Field(None, description="The address of its own site.")
    part_of: Id | None = Field(None, description="The body of which it is a part; the two count as one origin.")
    documented: tuple[Documented, ...] = Field((), description="What was published about it.")
    reply: tuple[Reply, ...] = Field((), description="What it says of itself, or answers.")
    note: Text | None = Field(None, description="What is to be known of it that no other field says.")


class Topic(Record):
    """A question that readers browse."""

    folder: ClassVar[str] = "topics"

    title: Text = Field(description="Two or three words for lists.")
    question: Text = Field(description="The question that readers come with, open and without an answer in it.")
    glance: Text | None = Field(None, description="At most 60 words; leads with what the record shows.")
    summary: Text | None = Field(
        None, description="At most 250 words; *emphasis* and [links](article/a01) are allowed."
    )
    order: Count = Field(0, description="Where it stands among the topics.")


class Measure(Record):
    """A quantity: what is counted, where and of whom, and what may be compared with what."""

    folder: ClassVar[str] = "measures"

    title: Text = Field(description="What is counted, in a few words.")
    unit: Text = Field(description="What one of them is: fighters, US dollars, per cent.")
    scope: Text = Field(description="Of whom, where and when: two numbers are compared only if both fit it.")
    share: Flag = Field(False, description="Whether it is a percentage: distances are then points, not ratios.")
    caution: Text | None = Field(None, description="What to bear in mind when reading the numbers side by side.")


class Exempt(Part):
    """One file that may break one rule until a day, with the reason."""

    rule: Id = Field(description="The rule.")
    file: Text = Field(description="Its path below the folder of claims, such as articles/bridge-2018/a07.yml.")
    because: Text = Field(description="Why the file may break it.")
    until: PartialDate = Field(description="The last day on which it holds; then somebody looks at it again.")


class Exceptions(Record):
    """What may break a rule; an exception that has run out, or is not needed any more, is itself a problem."""

    folder: ClassVar[str] = ""

    exceptions: tuple[Exempt, ...] = Field(min_length=1, description="One entry for each file and rule.")


class Name(Part):
    """One name with the spelling that this record keeps to in its own words."""

    name: Text = Field(description="The spelling to keep to.")
    not_: tuple[Text, ...] = Field(
        alias="not", min_length=1, description="Spellings that are not used; capitals count, as in the text."
    )
    because: Text | None = Field(None, description="Why this one, where it needs saying.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Names(Record):
    """How names are spelt in the record's own words. Titles and quoted words keep their own spelling."""

    folder: ClassVar[str] = ""

    names: tuple[Name, ...] = Field(min_length=1)


class Moved(Part):
    """An address that was once published, and where its page stands now."""

    from_: Address = Field(alias="from", description="The old address, such as sources/old-id/.")
    to: Address = Field(description="The page that takes its place; an article's statements go along with it.")
    on: PartialDate
    because: Text

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Redirects(Record):
    """Where pages went whose address changed: each old address answers with a page that leads to the new one."""

    folder: ClassVar[str] = ""

    redirects: tuple[Moved, ...] = Field(min_length=1)


class Published(Part):
    """An address that was once published, and what stood there: a statement, a source, a page …"""

    kind: Text
    address: Text


class Addresses(Record):
    """The addresses that were once published: `addresses.txt`, which a command writes, with a line for each."""

    folder: ClassVar[str] = ""

    addresses: tuple[Published, ...] = ()


class Licence(Part):
    """What others may do with the texts and data."""

    name: Text = Field(description="Its short name, such as CC BY 4.0.")
    url: Url | None = Field(None, description="Where it is to be read.")


class Site(Record):
    """What a team says of its site as a whole. The file is `site.yml`, beside the folders of records."""

    folder: ClassVar[str] = ""

    name: Text = Field(description="What the site is called.")
    description: Text | None = Field(None, description="What it is, in one sentence; shown by search engines.")
    url: Url | None = Field(None, description="The address that the site will have.")
    repo: Url | None = Field(
        None, description="The repository; pages then link to the record behind them and to an error report."
    )
    branch: Text = Field("main", description="The branch of the repository that the site is built from.")
    contact: Url | None = Field(
        None, description="Where errors are reported; the repository's issues if it is left out."
    )
    licence: Licence | None = Field(None, description="The licence of the texts and data.")
    credit: Text | None = Field(None, description="Whom to name when the texts or data are used.")
    about: Text | None = Field(
        None,
        description="What the record holds and how its articles were chosen; *emphasis* and [links](…) are allowed.",
    )
    reading: Text | None = Field(
        None, description="How its sources were searched for and read, and what that leaves out; marked up as `about`."
    )


KINDS: tuple[type[Record], ...] = (
    Article,
    Claim,
    Source,
    Publisher,
    Topic,
    Measure,
    Exceptions,
    Redirects,
    Names,
    Site,
)
