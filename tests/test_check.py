"""Each rule accepts what it must and refuses what it must, at the right place; and the all-wrong record has every fault."""

from datetime import date
from pathlib import Path

import pytest

from scripts import lint, shape
from scripts import problems as reports
from scripts.check import RULES, check, examples, level_of, rule_name, text_of
from scripts.load import load
from scripts.relate import newest
from scripts.terms import Status
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, corpus, edited, put

COUNTY = "sources/county-2017-report.yml"
GAZETTE = "sources/gazette-2018-reopening.yml"
ECHO = "sources/echo-2018-copy.yml"
OPINION = "articles/bridge-2018/a03.yml"
HERALD = "publishers/the-herald.yml"
TOPIC = "topics/bridge-closure.yml"

ARTICLE_FIELDS = "publisher: the-gazette"
SIXTY = " ".join(["word"] * 60)

# the pieces from which the cases of the rules on evidence are put together
SHARP = "source: gazette-2018-reopening\n  role: independent\n  on: matter\n  stance: contradicts\n  finding: The Gazette dates the reopening of the bridge fifteen months after its closing."
NUMBERED = SHARP + "\n  quantity: {measure: months-shut, value: 15, as_of: 2016/2017-03}"
OVERTAKEN = "judgement: {status: overtaken, because: It was so in 2015.}\n"
REPORT_ALONE = [
    (CLAIM, SHARP, SHARP.replace("contradicts", "silent")),
    (
        CLAIM,
        "on: matter\n  stance: contradicts\n  finding: The Echo",
        "on: matter\n  stance: silent\n  finding: The Echo",
    ),
]
SUPPORTED = [
    (SOFT, SHARP, SHARP.replace("gazette-2018-reopening", "county-2017-report").replace("contradicts", "supports"))
]
HEARD = [(COUNTY, "url: https://county.example/report\n", ""), (COUNTY, "how: full", "how: quoted")]
RELAYED = [
    (ECHO, "[gazette-2018-reopening]", "[county-2017-report]"),
    (
        CLAIM,
        "on: matter\n  stance: contradicts\n  finding: The Echo",
        "on: saying\n  stance: contradicts\n  finding: The Echo",
    ),
]
BIRCH = [
    (
        "measures/months-birch.yml",
        "",
        "title: Months shut, the Birch bridge\nunit: months\nscope: Months for which the Birch bridge was shut to carts.\n",
    ),
    ("measures/months-shut.yml", "for which the bridge", "for which the Alder bridge"),
]
TWIN = (
    SHARP.replace(
        "The Gazette dates the reopening of the bridge fifteen months after its closing",
        "The report of the Gazette puts the closure of the bridge at fourteen months",
    )
    + "\n  quantity: {measure: months-shut, value: 14, as_of: 2016/2017-02}"
)
DAYS = [
    (COUNTY, "published: 2017-06", "published: 2018-03-02"),
    (GAZETTE, "published: 2018-03", "published: 2018-03-01"),
]
SAME_TITLE = [
    (
        ECHO,
        "title: الجسر مفتوح\ntitle_en: The bridge is open\nlang: ar\npublisher: the-echo",
        "title: The bridge is open\npublisher: the-gazette",
    ),
]
NAMES = [
    (
        "names.yml",
        "",
        "names:\n- {name: the Alder bridge, not: [Elder bridge, the Elder Bridge]}\n- {name: al-Alder, not: [Alder]}\n",
    )
]

ACCEPTED = {
    "unknown-reference": [],
    "unused-record": [[(GAZETTE, "publisher: the-gazette", "publisher: the-gazette\ncarried_by: the-copyist")]],
    "paragraph-exists": [],
    "passages-in-order": [],
    "paragraph-without-statement": [],
    "no-fingerprint": [],
    "anchor-length": [[(CLAIM, "starts: The county engineer,", "starts: The county engineer announced that the,")]],
    "anchor-in-paragraph": [[(CLAIM, "starts: The county engineer,", "starts: THE County Engineer,")]],
    "short-too-long": [[(CLAIM, "short: The bridge stayed shut for three years", f"short: {'x' * 75}")]],
    "short-with-verdict": [[(CLAIM, "short: The bridge stayed shut", "short: The bridge stayed shut, unwrongedly")]],
    "glance-too-long": [
        [(CLAIM, "glance: The county's report gives fourteen months, and a newspaper fifteen.", f"glance: {SIXTY}")]
    ],
    "phrase-too-long": [
        [(CLAIM, "phrase: fourteen months after the closing", "phrase: one two three four five six seven eight")]
    ],
    "figure-without-quantity": [],
    "distortion-not-shown": [
        [
            (
                CLAIM,
                "fidelity: distorted\n  drift: [figure-changed]\n  source_says: Fourteen months.",
                "fidelity: minor-drift",
            )
        ]
    ],
    "attribution-at-odds": [],
    "fidelity-without-evidence": [[(CLAIM, "role: attributed\n  on: both", "role: independent\n  on: both")]],
    "own-outlet-as-witness": [[(GAZETTE, "publisher: the-gazette", "publisher: the-county")]],
    "derivation-in-a-circle": [
        [(GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [county-2017-report]")]
    ],
    "witness-before-the-event": [[(CLAIM, "value: 15, as_of: 2016/2017-03", "value: 15, as_of: 2018-03-05")]],
    "checkable-without-evidence": [],
    "saying-without-credit": [],
    "later-against-the-saying": [[(COUNTY, "published: 2017-06", "published: 2018-03")]],
    "finding-not-alone": [
        [(CLAIM, "finding: The report of the county", "finding: It-Works Ltd's report of the county")]
    ],
    "several-stances": [],
    "context-with-stance": [
        [
            (
                SOFT,
                "role: independent\n  on: matter\n  stance: contradicts",
                "role: context\n  on: matter\n  stance: silent",
            )
        ]
    ],
    "evidence-not-read": [],
    "judgement-out-of-place": [[(OPINION, "kind: opinion", "kind: fact")]],
    "related-one-way": [],
    "read-before-published": [[(GAZETTE, "on: 2020-01-01", "on: 2018-03")]],
    "spelling-of-names": [
        NAMES,
        [*NAMES, (CLAIM, "glance: The county's report", "glance: The county's report on the Alder bridge")],
        [*NAMES, (CLAIM, "glance: The county's report", "glance: The county's report on “the Elder Bridge”")],
        [*NAMES, (CLAIM, "glance: The county's report", "glance: The county's report on al-Alder")],
        [*NAMES, (GAZETTE, "title: The bridge is open", "title: The Elder bridge is open")],
    ],
    "tracking-parameter": [[(GAZETTE, "example/open", "example/open?id=7&source=x")]],
    "repeated-entry": [[(CLAIM, "topics: [bridge-closure]", "topics: [bridge-closure, other]")]],
    "verdict-on-one-origin": [
        [(CLAIM, "glance:", f"{OVERTAKEN}glance:")],
        [(CLAIM, "glance:", f"{OVERTAKEN}glance:"), (COUNTY, "how: full", "how: excerpt")],
        REPORT_ALONE,
        [(SOFT, "checked:", "withdrawn: {on: 2020-02-01, reason: It was counted twice.}\n" + OVERTAKEN + "checked:")],
    ],
    "supported-without-ground": [
        SUPPORTED,
        [
            *SUPPORTED,
            (SOFT, "stance: supports", "stance: supports\n  rests_on: []"),
            (COUNTY, "kind: primary-document", "kind: primary-document\nderived_from: [gazette-2018-reopening]"),
        ],
    ],
    "encyclopedia-alone": [
        [
            (ECHO, "kind: news-report", "kind: reference"),
            (SOFT, "source: gazette-2018-reopening", "source: echo-2018-copy"),
        ],
        [(ECHO, "kind: news-report", "kind: reference")],
    ],
    "citation-not-read": [
        [*HEARD, *RELAYED],
        [
            *HEARD,
            (
                CLAIM,
                "fidelity: distorted\n  drift: [figure-changed]\n  source_says: Fourteen months.",
                "fidelity: source-unavailable",
            ),
        ],
    ],
    "finding-after-publication": [
        [(CLAIM, SHARP, SHARP.replace("fifteen months after its closing", "to 14 March 2018, a Wednesday"))],
        [(CLAIM, SHARP, SHARP.replace("The Gazette dates", "The Gazette expects for 14 May 2018"))],
        [(CLAIM, SHARP, SHARP.replace("fifteen months after its closing", "to 31 June 2018, which is no day"))],
    ],
    "scope-unlike-measure": [
        [*BIRCH, (CLAIM, SHARP, SHARP.replace("the bridge fifteen", "the Alder bridge fifteen"))],
        [*BIRCH, (CLAIM, SHARP, SHARP.replace("the bridge fifteen", "the Alder and the Birch bridge fifteen"))],
        [
            *BIRCH,
            (
                CLAIM,
                NUMBERED,
                NUMBERED.replace("the bridge fifteen", "the Birch bridge fifteen").replace(
                    "value: 15", "scope: the other bridge, value: 15"
                ),
            ),
        ],
        BIRCH,
    ],
    "other-scope-decides": [
        [
            (
                CLAIM,
                NUMBERED,
                NUMBERED.replace("value: 15", "scope: shut to walkers, value: 15")
                + "\n  reading: Where no walker goes no cart does.",
            )
        ],
        [
            (
                CLAIM,
                NUMBERED,
                NUMBERED.replace("value: 15", "scope: shut to walkers, value: 15").replace("contradicts", "qualifies"),
            )
        ],
    ],
    "credit-without-derivation": [
        [(CLAIM, "finding: The Echo repeats", "finding: The Echo, citing the Gazette, repeats")],
        [
            (
                CLAIM,
                SHARP,
                SHARP.replace("The Gazette dates", "The Gazette, citing The Echo, dates") + "\n  rests_on: []",
            )
        ],
        [(CLAIM, SHARP, SHARP.replace("The Gazette dates", "The Gazette, “citing The Echo”, dates"))],
        [(CLAIM, SHARP, SHARP.replace("The Gazette dates", "The Gazette, citing The Echoes of old, dates"))],
    ],
    "twin-findings": [
        [(CLAIM, NUMBERED, TWIN)],
        [(COUNTY, "published: 2017-06", "published: 2018-03-05"), DAYS[1], (CLAIM, NUMBERED, TWIN)],
        [*DAYS, (CLAIM, NUMBERED, TWIN.replace("on: matter", "on: saying"))],
        [*DAYS, (CLAIM, NUMBERED, TWIN + "\n  rests_on: []")],
        [
            *DAYS,
            (CLAIM, NUMBERED, TWIN),
            (GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [county-2017-report]"),
        ],
        DAYS,
    ],
    "finding-repeats-title": [[(GAZETTE, "title: The bridge is open", "title: The reopening of the bridge")]],
    "two-records-of-one-address": [[(ECHO, "https://echo.example/open", "https://gazette.example/opening")]],
    "two-records-of-one-text": [
        SAME_TITLE,
        [*SAME_TITLE, (ECHO, "derived_from: [gazette-2018-reopening]\n", "")],
    ],
    "publisher-without-home": [
        [("publishers/the-gazette.yml", "home: https://gazette.example/", "part_of: the-county")],
        [("publishers/the-gazette.yml", "kind: news-outlet\nhome: https://gazette.example/", "kind: person")],
    ],
    "stale-check": [[(COUNTY, "on: 2020-01-01", "on: 2022-01-30")]],
    "loaded-word": [[(CLAIM, "glance: The county's report", 'glance: The county\'s "baseless" report')]],
    "address-gone": [
        [
            ("addresses.txt", "source sources/gazette-reopening/", "page search/")
        ],  # pages of no record are for the build
        [
            ("addresses.txt", "statement articles/bridge-2018/a01/", "statement articles/ferry-2019/a01/"),
            (
                "redirects.yml",
                "redirects:\n",
                "redirects:\n- {from: articles/ferry-2019/, to: articles/bridge-2018/, on: 2020, because: It was misnamed.}\n",
            ),
        ],
    ],
    "redirect-sound": [[("redirects.yml", "to: sources/gazette-2018-reopening/", "to: method/")]],
    "summary-link": [[(TOPIC, "(bridge-2018/a02)", "(https://a.example/b)")]],
}

REFUSED = {
    "unknown-reference": [
        ([(CLAIM, "- source: county-2017-report", "- source: county-2017-reprt")], CLAIM, "did you mean 'county-2017-report'?"),
        ([(CLAIM, "source: county-2017-report\n  fid", "source: nothing\n  fid")], CLAIM, "under sources/"),
        ([(CLAIM, "topics: [bridge-closure]", "topics: [bridge]")], CLAIM, "did you mean 'bridge-closure'?"),
        ([(CLAIM, "measure: months-shut, about", "measure: months-shot, about")], CLAIM, "did you mean 'months-shut'?"),
        ([(ECHO, "[gazette-2018-reopening]", "[gazette]")], ECHO, "did you mean"),
        ([(ECHO, "publisher: the-echo", "publisher: the-ecko")], ECHO, "did you mean 'the-echo'?"),
        ([(HERALD, "kind: news-outlet", "kind: news-outlet\npart_of: nobody")], HERALD, "under publishers/"),
        ([(ARTICLE, "order: 0", "order: 0")] if "order: 0" in SOUND[ARTICLE] else [(ARTICLE, "publisher: the-copyist", "publisher: copyist")], ARTICLE, "did you mean 'the-copyist'?"),
        ([(CLAIM, "to: bridge-2018/a01", "to: bridge-2018/a09")], CLAIM, "did you mean"),
        ([(CLAIM, "  phrase: fourteen", "  rests_on: [nothing]\n  phrase: fourteen")], CLAIM, "under sources/"),
    ],
    "unused-record": [([(ARTICLE, ", publisher: the-copyist", "")], "publishers/the-copyist.yml", "delete")],
    "paragraph-exists": [([(CLAIM, "para: 2", "para: 7")], CLAIM, "run from 0 to 3")],
    "passages-in-order": [
        ([(ARTICLE, "first: 1, last: 2", "first: 2, last: 2")], ARTICLE, "beginning where"),
        ([(ARTICLE, "first: 3, last: 3", "first: 3, last: 4")], ARTICLE, "verify --write"),
        ([(ARTICLE, "first: 0, last: 0", "first: 2, last: 2")], ARTICLE, "begin at 0"),
    ],
    "paragraph-without-statement": [
        ([(ARTICLE, "- {para: 3, because: It says nothing of the bridge.}\n", "")], ARTICLE, "without_statements"),
        ([(ARTICLE, "- {para: 3, ", "- {para: 2, because: No.}\n- {para: 3, ")], ARTICLE, "remove the entry"),
    ],
    "no-fingerprint": [([(ARTICLE, SOUND[ARTICLE][SOUND[ARTICLE].index("fingerprint:") :], "")], ARTICLE, "verify")],
    "anchor-length": [
        ([(CLAIM, "starts: The county engineer,", "starts: The county,")], CLAIM, "three to six"),
        ([(CLAIM, "ends: for three years", "ends: that the bridge stayed shut for three years")], CLAIM, "three to six"),
    ],
    "anchor-in-paragraph": [
        ([(CLAIM, "starts: The county engineer,", "starts: The county enginer,")], CLAIM, "'engineer' instead of 'enginer'"),
        ([(CLAIM, "ends: for three years", "ends: third winter in darkness")], CLAIM, "these words stand in paragraph 1"),
        ([(CLAIM, "ends: for three years", "ends: shut for three decades")], CLAIM, "has no 'for three decades'"),
        ([(CLAIM, "ends: for three years", "ends: wholly other words here")], CLAIM, "verify"),
    ],
    "short-too-long": [([(CLAIM, "short: The bridge stayed shut for three years", f"short: {'x' * 76}")], CLAIM, "leave out 1")],
    "short-with-verdict": [([(CLAIM, "short: The bridge", "short: The wrong bridge")], CLAIM, "what the article says")],
    "glance-too-long": [
        ([(CLAIM, "glance: The county's", f"glance: {SIXTY} The county's")], CLAIM, "keep what leads"),
        ([(TOPIC, "glance: Fourteen", f"glance: {SIXTY} Fourteen")], TOPIC, "keep what leads"),
        ([(TOPIC, "  The report gives", f"  {SIXTY} {SIXTY} {SIXTY} {SIXTY} {SIXTY} The report gives")], TOPIC, "keep what leads"),
    ],
    "phrase-too-long": [([(CLAIM, "phrase: fourteen", "phrase: one two three four five fourteen")], CLAIM, "at most eight")],
    "figure-without-quantity": [
        ([(CLAIM, "quantity: {measure: months-shut, about: 36, as_of: 2015/2017, counted_by: the county engineer}\n", "")], CLAIM, "as_of"),
        ([(CLAIM, ", as_of: 2016/2017-03", "")], CLAIM, "what time"),
    ],
    "distortion-not-shown": [
        ([(CLAIM, "  drift: [figure-changed]\n", "")], CLAIM, "what changed"),
        ([(CLAIM, "  source_says: Fourteen months.\n", "")], CLAIM, "what the credited source gives"),
        ([(CLAIM, "fidelity: distorted\n  drift: [figure-changed]\n", "fidelity: contradicted-by-source\n")], CLAIM, "what changed"),
    ],
    "attribution-at-odds": [
        ([(SOFT, "how: vague", "how: none")], SOFT, "no-attribution"),
        ([(CLAIM, "fidelity: distorted", "fidelity: no-attribution")], CLAIM, "how: none"),
        ([(SOFT, "to: local traders, ", "")], SOFT, "add to:"),
        ([(SOFT, "fidelity: vague-source", "fidelity: faithful")], SOFT, "how: named"),
        ([(CLAIM, "fidelity: distorted", "fidelity: vague-source")], CLAIM, "how: vague"),
    ],
    "fidelity-without-evidence": [([(CLAIM, "role: attributed\n  on: both", "role: independent\n  on: matter")], CLAIM, "on: saying")],
    "own-outlet-as-witness": [
        ([(GAZETTE, "publisher: the-gazette", "publisher: the-herald")], CLAIM, "can't witness for itself"),
        ([(GAZETTE, "publisher: the-gazette", "publisher: the-copyist")], CLAIM, "can't witness for itself"),
        ([(GAZETTE, "https://gazette.example/open", "https://copies.example/bridge")], CLAIM, "can't witness for itself"),
    ],
    "derivation-in-a-circle": [
        ([(GAZETTE, "kind: news-report", "kind: news-report\nderived_from: [echo-2018-copy]")], ECHO, "remove the link"),
        ([(ECHO, "[gazette-2018-reopening]", "[echo-2018-copy]")], ECHO, "remove the link"),
        ([(HERALD, "kind: news-outlet", "kind: news-outlet\npart_of: the-herald")], HERALD, "remove the link"),
    ],
    "witness-before-the-event": [([(CLAIM, "value: 14, as_of: 2016/2017-02", "value: 14, as_of: 2017-08")], CLAIM, "mend the date")],
    "checkable-without-evidence": [([(OPINION, "judgement: {status: not-checkable, because: Nobody is named and no toll is.}\n", "")], OPINION, "looked for")],
    "saying-without-credit": [
        ([(SOFT, "{to: local traders, how: vague, fidelity: vague-source}", "{how: none, fidelity: no-attribution}"), (SOFT, "on: matter", "on: saying")], SOFT, "on: matter"),
    ],
    "later-against-the-saying": [([(COUNTY, "published: 2017-06", "published: 2018-04")], CLAIM, "on: matter")],
    "finding-not-alone": [
        ([(CLAIM, "finding: The report of the county engineer puts", "finding: It puts")], CLAIM, "name who"),
        ([(CLAIM, "finding: The report of the county engineer puts", "finding: The same report of the county puts")], CLAIM, "name who"),
        ([(CLAIM, "finding: The report of the county engineer puts the closure of the bridge at fourteen months.", "finding: Fourteen months, says Gazette.")], CLAIM, "who says what"),
        ([(HERALD, "finding: The Gazette names", "finding: They name")], HERALD, "name who"),
        ([(HERALD, "finding: The Herald calls itself free of any company.", "finding: He calls himself free of any company.")], HERALD, "name who"),
    ],
    "several-stances": [
        ([(CLAIM, "- source: echo-2018-copy", "- source: gazette-2018-reopening")], CLAIM, "merge"),
        ([(CLAIM, "- source: echo-2018-copy", "- source: county-2017-report")], CLAIM, "merge"),
    ],
    "context-with-stance": [([(SOFT, "role: independent", "role: context")], SOFT, "stance: silent")],
    "evidence-not-read": [
        ([(GAZETTE, "url: https://gazette.example/open\n", ""), (GAZETTE, "how: excerpt", "how: quoted")], CLAIM, "in which it was read"),
        ([(GAZETTE, "url: https://gazette.example/open\n", "")], GAZETTE, "how: quoted"),
        ([(GAZETTE, "how: excerpt", "how: quoted")], GAZETTE, "no url"),
    ],
    "judgement-out-of-place": [
        ([(OPINION, "status: not-checkable", "status: supported")], OPINION, "remove"),
        ([(OPINION, "status: not-checkable", "status: overtaken")], OPINION, "not-checkable"),
        ([(OPINION, "kind: opinion", "kind: fact"), (OPINION, "status: not-checkable", "status: misleading-context")], OPINION, "technique"),
    ],
    "related-one-way": [
        ([(CLAIM, "as: stronger", "as: same")], SOFT, "as: stronger"),
        ([(CLAIM, "related:\n- {to: bridge-2018/a01, as: stronger}\n", "")], SOFT, "as: stronger"),
        ([(CLAIM, "to: bridge-2018/a01", "to: bridge-2018/a02")], CLAIM, "remove the link"),
    ],
    "read-before-published": [([(GAZETTE, "on: 2020-01-01", "on: 2018-02-28")], GAZETTE, "mend the one")],
    "spelling-of-names": [
        ([*NAMES, (CLAIM, "glance: The county's report", "glance: The county's report on the Elder Bridge")], CLAIM, "write 'the Alder bridge'"),
        ([*NAMES, (CLAIM, "says: The county engineer", "says: Elder bridge's engineer")], CLAIM, "write 'the Alder bridge'"),
        ([*NAMES, (TOPIC, "  The report gives", "  The report on Alder gives")], TOPIC, "write 'al-Alder'"),
        ([*NAMES, ("measures/months-shut.yml", "the bridge", "the Elder bridge")], "measures/months-shut.yml", "the Alder bridge"),
    ],
    "tracking-parameter": [
        ([(GAZETTE, "example/open", "example/open?id=7&utm_source=feed")], GAZETTE, "check --fix"),
        ([(HERALD, "home: https://herald.example/", "home: https://herald.example/?fbclid=x")], HERALD, "check --fix"),
        ([(ARTICLE, "copies.example/bridge", "copies.example/bridge?gclid=x")], ARTICLE, "check --fix"),
    ],
    "repeated-entry": [
        ([(CLAIM, "topics: [bridge-closure]", "topics: [bridge-closure, bridge-closure]")], CLAIM, "check --fix"),
        ([(CLAIM, "drift: [figure-changed]", "drift: [figure-changed, figure-changed]")], CLAIM, "check --fix"),
        ([(ECHO, "[gazette-2018-reopening]", "[gazette-2018-reopening, gazette-2018-reopening]")], ECHO, "check --fix"),
        ([(CLAIM, "  phrase: fourteen", "  rests_on: [gazette-2018-reopening, gazette-2018-reopening]\n  phrase: fourteen")], CLAIM, "check --fix"),
        ([(CLAIM, "- {to: bridge-2018/a01, as: stronger}", "- {to: bridge-2018/a01, as: stronger}\n- {to: bridge-2018/a01, as: stronger}")], CLAIM, "check --fix"),
    ],
    "verdict-on-one-origin": [
        ([(SOFT, "checked:", f"{OVERTAKEN}checked:")], SOFT, "remove the judgement"),
        ([(OPINION, "status: not-checkable", "status: overtaken"), (OPINION, "kind: opinion", "kind: fact")], OPINION, "add evidence"),
        ([*REPORT_ALONE, (COUNTY, "how: full", "how: excerpt")], CLAIM, "read the whole document"),
        ([*REPORT_ALONE, (COUNTY, "kind: primary-document", "kind: primary-document\nderived_from: [gazette-2018-reopening]")], CLAIM, "add an origin"),
    ],
    "supported-without-ground": [
        ([*SUPPORTED, (COUNTY, "kind: primary-document", "kind: primary-document\nderived_from: [gazette-2018-reopening]")], SOFT, "rests_on: []"),
    ],
    "encyclopedia-alone": [
        ([(GAZETTE, "kind: news-report", "kind: reference")], SOFT, "read and cite"),
        ([(GAZETTE, "kind: news-report", "kind: reference"), (SOFT, "source: gazette-2018-reopening", "source: echo-2018-copy")], SOFT, "read and cite"),
    ],
    "citation-not-read": [
        (HEARD, CLAIM, "source-unavailable"),
        ([*HEARD, *RELAYED, (CLAIM, "fidelity: distorted\n  drift: [figure-changed]\n  source_says: Fourteen months.", "fidelity: not-in-source")], CLAIM, "source-unavailable"),
        ([(ECHO, "url: https://echo.example/open\n", ""), (ECHO, "how: full", "how: quoted")], HERALD, "in which it was read"),
    ],
    "finding-after-publication": [
        ([(CLAIM, SHARP, SHARP.replace("fifteen months after its closing", "to 14 May 2018, a Monday"))], CLAIM, "foretold"),
        ([(HERALD, "as the owner of the Herald", "as the owner of the Herald in June 2019")], HERALD, "foretold"),
    ],
    "scope-unlike-measure": [
        ([*BIRCH, (CLAIM, SHARP, SHARP.replace("the bridge fifteen", "the Birch bridge fifteen"))], CLAIM, "name the measure that fits"),
        ([*BIRCH, (CLAIM, "says: The county engineer announced that the bridge", "says: The county engineer announced that the Birch bridge")], CLAIM, "name the measure that fits"),
        ([(CLAIM, "value: 15", "scope: The bridge was shut to carts, value: 15")], CLAIM, "remove scope"),
    ],
    "other-scope-decides": [
        ([(CLAIM, NUMBERED, NUMBERED.replace("value: 15", "scope: shut to walkers, value: 15"))], CLAIM, "say in reading"),
        ([(CLAIM, "about: 36", "scope: shut to walkers, about: 36")], CLAIM, "say in reading"),
    ],
    "credit-without-derivation": [
        ([(CLAIM, SHARP, SHARP.replace("The Gazette dates", "The Gazette, citing The Echo, dates"))], CLAIM, "rests_on: []"),
        ([(CLAIM, SHARP, SHARP.replace("The Gazette dates", "According to the newspaper Echo's report, the Gazette dates"))], CLAIM, "rests_on: []"),
        ([(GAZETTE, "kind: news-report", "kind: wire")], GAZETTE, "publisher: the agency"),
        ([(GAZETTE, "publisher: the-gazette", "publisher: the-gazette\nauthor: The Echo")], GAZETTE, "publisher: the author"),
    ],
    "twin-findings": [
        ([*DAYS, (CLAIM, NUMBERED, TWIN)], CLAIM, "find whose words"),
        ([*DAYS, (CLAIM, NUMBERED, NUMBERED.replace("value: 15, as_of: 2016/2017-03", "value: 14, as_of: 2016/2017-03") + "\n  phrase: months after the closing")], CLAIM, "find whose words"),
    ],
    "finding-repeats-title": [
        ([(GAZETTE, "title: The bridge is open", "title: The reopening of the bridge fifteen months after its closing")], SOFT, "who, what"),
        ([(ECHO, "title_en: The bridge is open", "title_en: The Echo repeats the months that the Gazette gives")], CLAIM, "who, what"),
    ],
    "two-records-of-one-address": [
        ([(ECHO, "https://echo.example/open", "http://www.gazette.example/open/")], GAZETTE, "keep one record"),
        ([(ECHO, "url: https://echo.example/open", "url: https://web.archive.org/web/20180401/http://gazette.example/open")], GAZETTE, "keep one record"),
        ([(ECHO, "url: https://echo.example/open", 'url: https://echo.example/open\ncopies: [{url: "https://m.gazette.example/open"}]')], GAZETTE, "keep one record"),
        ([(ECHO, "https://echo.example/open", "https://gazette.test/2018/03/the-bridge"), (ECHO, "publisher: the-echo", ARTICLE_FIELDS), (GAZETTE, "example/open", "example/2018/03/the-bridge")], GAZETTE, "keep one record"),
    ],
    "two-records-of-one-text": [
        ([*SAME_TITLE, (ECHO, "derived_from: [gazette-2018-reopening]\n", ""), (ECHO, "published: 2018-04-01\n", "")], GAZETTE, "derived_from"),
    ],
    "publisher-without-home": [([("publishers/the-gazette.yml", "home: https://gazette.example/\n", "")], "publishers/the-gazette.yml", "add home")],
    "stale-check": [
        ([(COUNTY, "on: 2020-01-01", "on: 2022-02-02")], SOFT, "go through"),
        ([(GAZETTE, "on: 2020-01-01", "on: 2020-02-02")], SOFT, "go through"),
    ],
    "loaded-word": [
        ([(CLAIM, "glance: The county's report", "glance: The county's notorious report")], CLAIM, "quotation marks"),
        ([(CLAIM, "finding: The report of", "finding: The so-called report of")], CLAIM, "say it plainly"),
        ([(HERALD, "says: The Herald is", "says: The mouthpiece Herald is")], HERALD, "say it plainly"),
        ([(TOPIC, "  The report gives", "  The fake report gives")], TOPIC, "say it plainly"),
    ],
    "address-gone": [
        ([("addresses.txt", "statement articles/bridge-2018/a01/", "statement articles/bridge-2018/a09/")], "addresses.txt", "withdrawn:"),
        ([("addresses.txt", "source sources/gazette-reopening/", "source sources/gone/")], "addresses.txt", "redirects.yml"),
        ([("redirects.yml", "from: sources/gazette-reopening/", "from: sources/gazette-of-old/")], "addresses.txt", "redirects.yml"),
    ],
    "redirect-sound": [
        ([("redirects.yml", "to: sources/gazette-2018-reopening/", "to: sources/gazette/")], "redirects.yml", "that there is"),
        ([("redirects.yml", "from: sources/gazette-reopening/", "from: sources/echo-2018-copy/")], "redirects.yml", "remove the entry"),
        ([("redirects.yml", "redirects:\n", "redirects:\n- {from: sources/gazette-reopening/, to: topics/bridge-closure/, on: 2020, because: No.}\n")], "redirects.yml", "keep one"),
        ([("redirects.yml", "redirects:\n", "redirects:\n- {from: sources/old/, to: sources/gazette-reopening/, on: 2020, because: No.}\n")], "redirects.yml", "where the way ends"),
        ([("redirects.yml", "from: sources/gazette-reopening/", "from: articles/bridge-2018/a09/")], "redirects.yml", "withdrawn:"),
    ],
    "summary-link": [
        ([(TOPIC, "(bridge-2018/a02)", "(bridge-2018/a04)")], TOPIC, "did you mean"),
        ([(TOPIC, "(bridge-2018/a02)", "(javascript:alert)")], TOPIC, ""),
    ],
}  # fmt: skip


def test_the_sound_world_has_no_problem(tmp_path):
    assert reports.as_text(check(corpus(tmp_path))) == ""


def test_every_rule_has_both_halves_and_a_docstring():
    names = {rule_name(rule) for rule in RULES}
    assert names == set(ACCEPTED) == set(REFUSED) == set(examples())
    assert all(text_of(rule).endswith(".") for rule in RULES)


def test_some_breaches_are_warnings_and_the_rest_are_errors(tmp_path):
    levels = {rule_name(rule): level_of(rule) for rule in RULES}
    assert sorted(name for name, level in levels.items() if level == "warning") == [
        "publisher-without-home", "stale-check", "two-records-of-one-text"
    ]  # fmt: skip
    (problem,) = check(corpus(tmp_path, edited(*REFUSED["publisher-without-home"][0][0])))
    assert problem.level == "warning"
    assert not reports.has_errors([problem])
    assert reports.has_errors([problem, reports.Problem("x", 1, 1, "rule", "x")])


@pytest.mark.parametrize("rule", [rule_name(rule) for rule in RULES])
def test_the_example_of_a_rule_breaks_it_and_prints_what_the_page_says(tmp_path, rule):
    it = examples()[rule]
    found = check(corpus(tmp_path, edited((it.file, it.accepted, it.refused), *it.also)))
    assert it.printed in [f"{p.message} ({p.hint})" for p in found if p.rule == rule]
    before = check(corpus(tmp_path / "before", edited(*it.also)))
    assert rule not in {p.rule for p in before}, "the example breaks the rule before its edit"


def test_a_status_that_the_evidence_does_not_bear_is_caught_whatever_the_table_of_statuses_says(tmp_path, monkeypatch):
    world = corpus(tmp_path)
    assert "supported-without-ground" not in {problem.rule for problem in check(world)}
    monkeypatch.setattr(lint, "status_of", lambda count, searched: Status.SUPPORTED)
    found = {p.path.rpartition("/")[2]: p.message for p in check(world) if p.rule == "supported-without-ground"}
    assert found == {
        "a01.yml": "supported, yet the-gazette contradicts it",
        "a02.yml": "supported, yet the-county contradicts it",
    }


@pytest.mark.parametrize(("rule", "edits"), [(rule, edits) for rule, cases in ACCEPTED.items() for edits in cases])
def test_a_rule_accepts_what_it_must(tmp_path, rule, edits):
    problems = check(corpus(tmp_path, edited(*edits)))
    assert [problem for problem in problems if problem.rule == rule] == []


@pytest.mark.parametrize(
    ("rule", "edits", "path", "hint"), [(rule, *case) for rule, cases in REFUSED.items() for case in cases]
)
def test_a_rule_refuses_what_it_must_and_says_the_way_out(tmp_path, rule, edits, path, hint):
    problems = [problem for problem in check(corpus(tmp_path, edited(*edits))) if problem.rule == rule]
    assert problems, f"{rule} found nothing"
    assert any(problem.path.endswith(path) and hint in problem.hint for problem in problems), problems


def test_a_reference_to_a_broken_record_is_not_a_second_fault(tmp_path):
    problems = check(corpus(tmp_path, edited((GAZETTE, "kind: news-report", "kind: news"))))
    assert [problem.rule for problem in problems] == ["unknown-value"]


def test_a_link_to_a_broken_statement_is_not_a_second_fault(tmp_path):
    problems = check(corpus(tmp_path, edited((CLAIM, "para: 2", "para: two"))))
    assert "summary-link" not in {problem.rule for problem in problems}


def test_a_statement_without_its_article_is_named(tmp_path):
    files = dict(SOUND)
    del files[ARTICLE]
    problems = check(corpus(tmp_path, files))
    assert any(p.path.endswith(CLAIM) and "no article 'bridge-2018'" in p.message for p in problems)


def test_the_all_wrong_record_has_every_fault_at_once(monkeypatch):
    data = Path(__file__).parent / "data" / "broken"
    monkeypatch.chdir(data)
    printed = reports.as_text(check(load(Path("claims"))))
    assert printed == (data / "expected.txt").read_text(encoding="utf-8")


def test_the_all_wrong_record_breaks_every_rule(monkeypatch):
    data = Path(__file__).parent / "data" / "broken"
    monkeypatch.chdir(data)
    broken = {problem.rule for problem in check(load(Path("claims")))}
    assert {rule_name(rule) for rule in shape.RULES} - broken == {
        "unused-record"
    }  # it keeps quiet beside broken records


def test_an_exception_excuses_one_file_from_one_rule(tmp_path):
    files = edited((CLAIM, "glance: The county's report", "glance: The county's notorious report"))
    entry = f"exceptions:\n- {{rule: loaded-word, file: {CLAIM}, because: The word is the county's own, until: 2020-02-01}}\n"
    assert check(corpus(tmp_path, files | {"exceptions.yml": entry})) == []
    other = entry.replace("loaded-word", "phrase-too-long")
    rules = [problem.rule for problem in check(corpus(tmp_path / "other", files | {"exceptions.yml": other}))]
    assert rules == ["loaded-word", "needless-exception"]


def test_an_exception_that_nothing_needs_is_a_problem(tmp_path):
    entry = f"exceptions:\n- {{rule: loaded-word, file: {CLAIM}, because: It was needed once, until: 2020-02-01}}\n"
    (problem,) = check(corpus(tmp_path, SOUND | {"exceptions.yml": entry}))
    assert (problem.rule, problem.line, problem.hint) == ("needless-exception", 2, "remove the exception")
    assert problem.path.endswith("exceptions.yml")


def test_an_exception_that_has_run_out_is_a_problem_and_still_excuses(tmp_path):
    files = edited((CLAIM, "glance: The county's report", "glance: The county's notorious report"))
    entry = f"exceptions:\n- {{rule: loaded-word, file: {CLAIM}, because: The county's own, until: 2020-01}}\n"
    world = corpus(tmp_path, files | {"exceptions.yml": entry})
    (problem,) = check(world)
    assert (problem.rule, problem.level, problem.line) == ("expired-exception", "error", 2)
    assert "January 2020" in problem.message
    assert check(world, date(2020, 1, 31)) == []
    assert [found.rule for found in check(world, date(2020, 2, 1))] == ["expired-exception"]


def test_ages_are_counted_to_the_newest_day_on_record_or_to_the_day_given(tmp_path):
    world = corpus(tmp_path)
    assert newest(world) == date(2020, 2, 1)
    assert check(world) == check(world, date(2020, 2, 1)) == []
    (problem,) = check(world, date(2022, 2, 1))
    assert (problem.rule, problem.level) == ("stale-check", "warning")
    assert problem.path.endswith(SOFT)


def test_problems_are_sorted_and_none_is_printed_twice(tmp_path):
    problems = check(corpus(tmp_path, edited((CLAIM, "kind: figure", "kind: x"), (SOFT, "kind: fact", "kind: y"))))
    assert problems == sorted(set(problems))


def test_json_and_annotations_carry_the_same_facts(tmp_path):
    import json

    problems = check(corpus(tmp_path, edited((CLAIM, "short: The", "short: The wrong"))))
    (problem,) = [problem for problem in problems if problem.rule == "short-with-verdict"]
    assert json.loads(reports.as_json([problem]))[0] == {
        "path": problem.path, "line": 2, "column": 8, "rule": "short-with-verdict", "level": "error",
        "message": "short has the verdict word 'wrong'", "hint": "restate only what the article says",
    }  # fmt: skip
    assert reports.as_github([problem]) == (
        f"::error file={problem.path},line=2,col=8,title=short-with-verdict::"
        "short has the verdict word 'wrong' (restate only what the article says)\n"
    )


def test_annotations_escape_what_would_end_them():
    problem = reports.Problem("a,b:c.yml", 1, 2, "rule", "100 %\nof: it", "")
    assert reports.as_github([problem]) == "::error file=a%2Cb%3Ac.yml,line=1,col=2,title=rule::100 %25%0Aof: it\n"


def test_messages_are_an_address_a_rule_and_a_way_out(tmp_path):
    for problem in check(load(put(tmp_path / "claims", edited((CLAIM, "para: 2", "para: 9"))))):
        assert str(problem).startswith(f"{problem.path}:{problem.line}:{problem.column}: {problem.rule}: ")
        assert problem.hint
