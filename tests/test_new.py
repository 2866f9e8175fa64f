"""Starting records: ids, templates that say what is missing, and what a page says of itself, whatever the server does."""

import http.server
import json
import re
import subprocess
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts import webpage
from scripts.__main__ import main
from scripts.check import check
from scripts.draft import STARTS, free, next_number, scalar, slug, source_id, template
from scripts.load import load, parse
from scripts.new import Desk
from scripts.records import KINDS, Claim, Exceptions, Source, Topic
from scripts.terms import Access, Kind, SourceKind, Stance
from tests.world import SOUND, put


@pytest.fixture
def claims(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return put(tmp_path / "claims", SOUND)


def new(*arguments):
    return main(["new", *arguments, "--claims", "claims"])


def value(path):
    return parse(path.read_bytes()).value


# ---- ids --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "id"), [("The Courier", "the-courier"), ("Le Député’s café", "le-deputes-cafe"), ("الجسر", ""), ("  a -- b!", "a-b"), ("Süd 2018", "sud-2018")])  # fmt: skip
def test_a_slug_has_small_letters_digits_and_single_hyphens(text, id):
    assert slug(text) == id


def test_a_sources_id_is_publisher_date_and_words_of_the_title():
    assert source_id("the-courier", (), "2018-04-02", "The tolls are back on the bridge at last", "") == "courier-2018-04-02-tolls-back-bridge"  # fmt: skip
    siblings = ["aa-2015-no-entry", "aa-2016-x", "anadolu-2014-y"]
    assert source_id("anadolu-agency", siblings, "2017", "Turkey bars 10,000", "") == "aa-2017-turkey-bars"
    assert source_id("the-echo", (), "", "الجسر", "https://echo.example/ar/bridge-is-open.html?x=1") == "echo-bridge-open"  # fmt: skip


def test_numbers_and_ids_go_on_after_the_highest_ever():
    assert next_number(["a01", "a07", "article", "b99"]) == "a08"
    assert next_number([f"a{n:02}" for n in range(1, 100)]) == "a100"
    assert next_number([]) == "a01"
    assert free("x", {"x", "x-2"}) == "x-3"


def test_a_statement_taken_back_or_deleted_keeps_its_number(claims, capsys):
    def git(*arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
        subprocess.run(command, cwd=claims.parent, check=True, capture_output=True)

    put(claims, {"articles/bridge-2018/a03.yml": SOUND["articles/bridge-2018/a01.yml"] + "withdrawn: {on: 2020, reason: Twice.}\n"})  # fmt: skip
    assert new("claim", "bridge-2018", "--bare") == 0
    assert (claims / "articles/bridge-2018/a04.yml").is_file()
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    git("rm", "-q", "claims/articles/bridge-2018/a04.yml", "claims/topics/bridge-closure.yml", "-r", "claims/measures")
    git("commit", "-qm", "two")
    assert new("claim", "bridge-2018", "--bare") == 0
    assert (claims / "articles/bridge-2018/a05.yml").is_file()
    assert not (claims / "articles/bridge-2018/a04.yml").exists()
    assert new("topic", "bridge-closure") == 2
    assert new("measure", "months-shut") == 2
    assert "never given again" in capsys.readouterr().err
    assert new("topic", "Bridge closure") == 0
    assert (claims / "topics/bridge-closure-2.yml").is_file()


# ---- templates --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", STARTS.values(), ids=STARTS)
def test_a_template_is_strict_yaml_in_which_only_what_a_person_must_give_is_wrong(tmp_path, kind):
    for bare in (False, True):
        parsed = parse(template(kind, bare=bare).encode())
        assert parsed.faults == []
        assert set(parsed.value) <= {info.alias or name for name, info in kind.model_fields.items()}
        for name, info in kind.model_fields.items():
            assert not info.is_required() or name in parsed.value


def test_every_word_of_a_vocabulary_stands_in_the_template_with_its_meaning():
    for kind, vocabularies in ((Claim, (Kind, Stance)), (Source, (SourceKind, Access))):
        text = template(kind)
        for vocabulary in vocabularies:
            for word in vocabulary:
                assert re.search(rf"#   {word.value} +{re.escape(word.meaning)}$", text, re.MULTILINE), word


def test_every_field_that_can_be_filled_in_stands_in_the_template():
    for kind in set(KINDS) - {Exceptions}:
        text = template(kind)
        for name, info in kind.model_fields.items():
            if name not in (
                "fingerprint",
                "withdrawn",
                "corrected",
                "checked",
                "merged",
                "left_out",
                "inferred",
                "order",
            ):
                assert re.search(rf"^(# )?{info.alias or name}:", text, re.MULTILINE), (kind, name)


def test_ids_of_other_records_are_listed_where_they_are_few():
    few, many = {Topic: ["bridge-closure", "tolls"]}, {Topic: [f"t{n}" for n in range(40)]}
    assert "One of: bridge-closure, tolls." in template(Claim, known=few)
    assert "in claims/topics/, without its ending." in template(Claim, known=many)


@pytest.mark.parametrize("text", ["a: b", "# no", "- x", "null", "~", "", "[a]", "{a}", "a, b", "'", '"', "x\\y", "yes", "2018-04-02", "&a", "*a", "!t", "%", "@", "`", "a #b", "a:", "|", ">", "a" * 500, "الجسر مفتوح"])  # fmt: skip
def test_any_text_comes_back_from_the_yaml_as_it_was(text):
    assert parse(f"k: {scalar(text)}\nl: [{scalar(text)}, x]\n".encode()).value == {"k": text, "l": [text, "x"]}


def test_what_is_started_is_reported_as_unfinished_and_as_nothing_else(claims, capsys):
    started = ["claim bridge-2018", "article ferry-2019", "topic tolls", "measure carts", "publisher the-courier", "source minutes", "site Bridges"]  # fmt: skip
    for arguments in started:
        assert new(*arguments.split(), "--offline") == 0
    out = capsys.readouterr().out
    assert "claims/articles/bridge-2018/a04.yml written; to fill in: says, short, kind, para, anchor.starts" in out
    found = check(load(claims))
    assert {problem.rule for problem in found} == {"unfinished"}
    assert {problem.path.split("/")[1] for problem in found} == {"articles", "topics", "measures", "publishers", "sources", "site.yml"}  # fmt: skip
    (kind,) = [p for p in found if p.path.endswith("a04.yml") and p.message.startswith("kind ")]
    assert kind.message == "kind is still to be filled in"
    assert kind.hint == f"one of: {', '.join(word.value for word in Kind)}"
    assert (claims / "articles/bridge-2018/a04.yml").read_text().splitlines()[kind.line - 1] == "kind: TODO"


def test_unfinished_is_a_value_that_begins_with_the_word_and_hides_no_other_fault(claims):
    put(claims, {"topics/tolls.yml": "title: TODOs of the council\nquestion: 'TODO: which?'\nglanse: x\n"})
    found = [problem for problem in check(load(claims)) if problem.path.endswith("tolls.yml")]
    assert [(problem.line, problem.rule) for problem in found] == [(2, "unfinished"), (3, "unknown-field")]


def test_an_unfinished_record_is_never_published(claims, capsys):
    new("topic", "tolls")
    assert main(["build", "--claims", "claims", "--out", "site"]) == 1
    assert "unfinished" in capsys.readouterr().err


def test_nothing_is_ever_overwritten(claims, capsys):
    before = (claims / "topics/bridge-closure.yml").read_bytes()
    for arguments in (["topic", "bridge-closure"], ["source", "T", "--id", "county-2017-report"], ["article", "bridge-2018"]):  # fmt: skip
        assert new(*arguments) == 2
    assert new("site", "x") == 0
    assert new("site", "y") == 2
    assert "claims/site.yml is there already, and nothing is overwritten" in capsys.readouterr().err
    assert (claims / "topics/bridge-closure.yml").read_bytes() == before


@pytest.mark.parametrize(("arguments", "says"), [
    (["claim", "brige-2018"], "there is no article 'brige-2018' (did you mean 'bridge-2018'?)"),
    (["claim"], "new claim needs an article's id"),
    (["source"], "new source needs an address or a title"),
    (["source", "https://no host/x"], "is not a web address"),
    (["source", "https://county.example/report?utm_source=x"], "claims/sources/county-2017-report.yml has this address already"),
    (["topic", "الجسر"], "no id can be made"),
    (["topic", "x", "--id", "Not An Id"], "is not an id"),
    (["evidence", "bridge-2018/a9"], "there is no statement 'bridge-2018/a9'"),
    (["evidence", "bridge-2018/a02", "--source", "county-2017-reprt"], "did you mean 'county-2017-report'?"),
])  # fmt: skip
def test_what_can_not_be_started_says_why_and_leaves_no_file(claims, capsys, arguments, says):
    text = SOUND["sources/county-2017-report.yml"]
    assert re.search(r"^url: ", text, re.MULTILINE)
    put(claims, {"sources/county-2017-report.yml": re.sub(r"(?m)^url: .*$", "url: http://www.county.example/report/", text)})  # fmt: skip
    before = sorted(claims.rglob("*"))
    assert new(*arguments, "--offline") == 2
    assert says in capsys.readouterr().err
    assert sorted(claims.rglob("*")) == before


def test_evidence_is_printed_ready_to_be_set_under_its_statement(claims, capsys):
    path = claims / "articles/bridge-2018/a02.yml"
    before = path.read_text()
    assert new("evidence", "bridge-2018/a02", "--source", "county-2017-report") == 0
    out = capsys.readouterr().out
    assert path.read_text() == before
    path.write_text(before.replace("evidence:\n", "evidence:\n" + out, 1))
    found = check(load(claims))
    assert {problem.rule for problem in found} == {"unfinished"}
    assert [p.message.split(" ")[0] for p in found] == [f"evidence.0.{name}" for name in ("role", "on", "stance", "finding")]  # fmt: skip


# ---- what a page says of itself ---------------------------------------------------------------------------------

OPEN_GRAPH = """<!doctype html><html lang="en-GB"><head><title>Tolls are back on the bridge | The Courier</title>
<meta property="og:title" content="Tolls are back on the bridge"><meta property="og:site_name" content="The Courier">
<meta name="author" content="Carla Cartwright"><meta property="article:published_time" content="2018-04-02T09:00:00Z">
</head><body><article><p>Carts have paid since March 2017.</p></article></body></html>"""
JSON_LD = """<html lang="de"><head><title>x</title><script type="application/ld+json">{"@context": "https://schema.org",
"@type": "NewsArticle", "headline": "Die Br\\u00fccke ist offen", "datePublished": "2018-05-03", "author": {"@type": "Person", "name": "Bert Bauer"},
"publisher": {"@type": "Organization", "name": "Der Bote"}}</script></head><body><p>Text.</p></body></html>"""
PLAIN = "<html><head></head><body><p>Nothing is said of this page.</p></body></html>"
HOSTILE = """<html lang="en"><head><title>a: b # {c} [d] "e" \u202e\u200b<!-- x --> TODO</title><meta property="og:title" content="a: b # {c} [d] &quot;e&quot; \u202e\u200b&#10;f"></head><body></body></html>"""


class Server(http.server.BaseHTTPRequestHandler):
    """Misbehaves as its path says; `/wayback` plays the archive."""

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/wayback":
            query = parse_qs(urlsplit(self.path).query)
            self.server.asked.append(query)
            kept = {"available": True, "status": "200", "url": "http://web.archive.org/web/2018/x"}
            self.answer(json.dumps({"archived_snapshots": {"closest": kept} if "tolls" in query["url"][0] else {}}).encode(), "application/json")  # fmt: skip
        elif path.startswith("/tolls"):
            self.answer(OPEN_GRAPH.encode())
        elif path == "/json":
            self.answer(JSON_LD.encode())
        elif path == "/plain":
            self.answer(PLAIN.encode())
        elif path == "/hostile":
            self.answer(HOSTILE.encode())
        elif path == "/mislabelled":
            self.answer(
                "<html><head><title>Brücke – الجسر</title></head></html>".encode(), "text/html; charset=latin-1"
            )
        elif path == "/latin":
            self.answer("<html><head><meta charset='iso-8859-1'><title>Brücke</title></head></html>".encode("latin-1"))
        elif path == "/unknown-charset":
            self.answer(
                "<html><head><title>Brücke</title></head></html>".encode("latin-1"), "text/html; charset=no-such"
            )
        elif path == "/huge":
            self.answer(OPEN_GRAPH.encode() + b" " * (6 << 20))
        elif path == "/moved":
            self.redirect("/tolls?utm_campaign=z")
        elif path == "/circle":
            self.redirect("/circle")
        elif path == "/pdf":
            self.answer(b"%PDF-1.7\n...", "application/pdf")
        elif path == "/picture":
            self.answer(b"\x89PNG\r\n", "image/png")
        elif path == "/hang":
            self.server.release.wait(5)
        elif path == "/dribble":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            for _ in range(40):
                if self.server.release.wait(0.05):
                    break
                self.wfile.write(b"<")
                self.wfile.flush()
        elif path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "500")
            self.end_headers()
            self.wfile.write(b"<html>")
        else:
            self.answer(b"<html><title>Not here</title></html>", status=404)

    def answer(self, data, kind="text/html; charset=utf-8", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass  # whoever asked has read enough

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    httpd.release, httpd.asked = threading.Event(), []
    httpd.handle_error = lambda *_: None
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield httpd
    httpd.release.set()
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def base(server, monkeypatch):
    address = f"http://localhost:{server.server_port}"
    monkeypatch.setattr(webpage, "WAYBACK", f"{address}/wayback")
    return address


def test_a_page_with_open_graph_fills_in_all_that_a_page_can(claims, base, server, capsys):
    server.asked.clear()
    assert new("source", f"{base}/tolls?utm_source=mail&id=7#top") == 0
    out = capsys.readouterr().out
    path = claims / "sources/courier-2018-04-02-tolls-back-bridge.yml"
    made = value(path)
    assert {name: text for name, text in made.items() if name not in ("kind", "read")} == {
        "title": "Tolls are back on the bridge",
        "lang": "en",
        "publisher": "the-courier",
        "author": "Carla Cartwright",
        "published": "2018-04-02",
        "url": f"{base}/tolls?id=7",
        "archived_url": "https://web.archive.org/web/2018/x",
    }
    assert value(claims / "publishers/the-courier.yml") == {"name": "The Courier", "kind": "TODO", "home": f"{base}/"}
    assert "claims/sources/courier-2018-04-02-tolls-back-bridge.yml written; to fill in: kind, read.on, read.how" in out
    assert "from the page, to be checked against it: title, author, published, lang, archived_url" in out
    assert "no publisher has the home localhost, so one was started" in out
    assert server.asked == [{"url": [f"{base}/tolls?id=7"], "timestamp": ["20180402"]}]
    assert {problem.rule for problem in check(load(claims))} == {"unfinished"}


def test_the_publisher_is_found_by_its_home_or_by_its_other_sources(claims, base, capsys):
    put(claims, {"publishers/the-courier.yml": f"name: The Courier\nkind: news-outlet\nhome: {base}/en\n"})
    assert new("source", f"{base}/tolls") == 0
    assert value(claims / "sources/courier-2018-04-02-tolls-back-bridge.yml")["publisher"] == "the-courier"
    put(claims, {"publishers/the-courier.yml": "name: The Courier\nkind: news-outlet\n"})
    put(claims, {"sources/cr-2017-x.yml": f"title: x\npublisher: the-courier\nurl: {base}/old\nkind: news-report\nread: {{on: 2020, how: full}}\n"})  # fmt: skip
    assert new("source", f"{base}/tolls-2") == 0
    assert value(claims / "sources/cr-2018-04-02-tolls-back-bridge.yml")["publisher"] == "the-courier"


def test_publishers_that_share_a_site_are_named(claims, base, capsys):
    put(claims, {f"publishers/{id}.yml": f"name: {id}\nkind: news-outlet\nhome: {base}/{id}/\n" for id in ("the-courier", "the-post")})  # fmt: skip
    assert new("source", f"{base}/tolls") == 0
    assert "the site localhost is of no one publisher; publishers there besides: the-courier, the-post" in capsys.readouterr().out  # fmt: skip
    assert value(claims / "sources/2018-04-02-tolls-back-bridge.yml")["publisher"] == "TODO"


def test_on_the_real_record_the_publisher_of_nearly_every_source_is_found_and_doubts_are_said(real, monkeypatch):
    desk = Desk(real, None)
    monkeypatch.setattr(desk, "_write", lambda *_: pytest.fail("a publisher was started that is there already"))
    own = [source for source in real.sources.values() if source.url and not source.carried_by]
    wrong = []
    for source in own:
        desk.said.clear()
        found, _ = desk._publisher(webpage.Page(source.url))
        if found != source.publisher:
            wrong.append(source.id)
            assert source.publisher in " ".join(desk.said), source.id
    assert len(wrong) < len(own) / 50, wrong


def test_on_the_real_record_the_next_number_follows_the_highest(real):
    desk = Desk(real, None)
    for article in real.articles:
        highest = max(int(claim.number[1:]) for claim in real.claims_of(article))
        assert int(next_number(desk.ids(Claim, article))[1:]) > highest
        assert next_number(desk.ids(Claim, article)) not in {claim.number for claim in real.claims_of(article)}


def test_an_article_is_started_from_its_page(claims, base):
    assert new("article", f"{base}/tolls") == 0
    made = value(claims / "articles/cartwright-2018/article.yml")
    assert (made["title"], made["author"], made["publisher"]) == ("Tolls are back on the bridge", "Carla Cartwright", "the-courier")  # fmt: skip


def test_json_ld_is_read_too(base):
    page = webpage.look(f"{base}/json")
    assert (page.title, page.author, page.published, page.lang, page.site) == ("Die Brücke ist offen", "Bert Bauer", "2018-05-03", "de", "Der Bote")  # fmt: skip
    assert page.trouble == ("the web archive has no copy",)


@pytest.mark.parametrize("path", ["mislabelled", "latin", "unknown-charset"])
def test_a_wrong_or_unknown_charset_does_no_harm(base, path):
    assert webpage.look(f"{base}/{path}").title.startswith("Brücke")


@pytest.mark.parametrize(("path", "says"), [
    ("nowhere", "the page could not be read: the server answers 404"),
    ("circle", "the page could not be read: it redirects in a circle"),
    ("hang", "the page could not be read: the server did not answer in time"),
    ("dribble", "the page could not be read: it took too long"),
    ("short", "the page could not be read, there may be no network: "),
    ("pdf", "it is a PDF, which is not looked into"),
    ("picture", "it is no web page (image/png)"),
])  # fmt: skip
def test_what_could_not_be_had_is_said_and_the_address_kept(base, path, says):
    page = webpage.look(f"{base}/{path}", wait=0.4, deadline=0.6)
    assert page.trouble[0].startswith(says)
    assert (page.url, page.title, page.published) == (f"{base}/{path}", "", "")


def test_a_redirect_is_followed_and_named(base):
    page = webpage.look(f"{base}/moved")
    assert (page.url, page.title) == (f"{base}/tolls", "Tolls are back on the bridge")
    assert page.trouble == (f"the address leads on to {base}/tolls",)


def test_of_a_huge_page_only_the_beginning_is_read(base):
    page = webpage.look(f"{base}/huge")
    assert page.title == "Tolls are back on the bridge"
    assert page.trouble[0] == "the page is larger than 4 MB; only its beginning was read"


def test_a_page_that_says_nothing_leaves_the_fields_to_a_person(claims, base, capsys):
    assert new("source", f"{base}/plain", "--id", "plain-page") == 0
    out = capsys.readouterr().out
    assert "not found: title, author, published, lang" in out
    assert "the web archive has no copy" in out
    made = value(claims / "sources/plain-page.yml")
    assert (made["title"], made["published"], made["url"]) == ("TODO", "TODO", f"{base}/plain")


def test_what_a_page_says_can_not_break_the_record(claims, base):
    assert new("source", f"{base}/hostile", "--id", "hostile") == 0
    assert value(claims / "sources/hostile.yml")["title"].startswith('a: b # {c} [d] "e"')
    assert {problem.rule for problem in check(load(claims))} == {"unfinished"}


def test_an_archive_that_gives_nonsense_is_said(base, monkeypatch):
    monkeypatch.setattr(webpage, "WAYBACK", f"{base}/plain")
    page = webpage.look(f"{base}/tolls")
    assert page.trouble == ("the web archive gave no answer on a copy",)
    assert page.archived_url == ""


def test_without_a_network_the_address_alone_is_filled_in_and_that_is_said(claims, base, server, capsys):
    server.asked.clear()
    assert new("source", f"{base}/tolls", "--offline") == 0
    assert "the network was not asked: --offline" in capsys.readouterr().out
    assert server.asked == []
    assert value(claims / "sources/localhost-tolls.yml")["url"] == f"{base}/tolls"


def test_no_network_at_all_is_said_in_time(claims, capsys, monkeypatch):
    monkeypatch.setattr(webpage, "WAYBACK", "http://localhost:9/wayback")
    begun = time.monotonic()
    assert new("source", "http://localhost:9/tolls") == 0
    assert time.monotonic() - begun < 10
    out = capsys.readouterr().out
    assert "the page could not be read, there may be no network" in out
    assert "the web archive gave no answer on a copy" in out
