"""Dead links, soft 404s, moved pages and what can't be told; resuming, reports, the command."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

import scripts.__main__ as program
from scripts.__main__ import main
from scripts.links import (
    DOUBT,
    REPORT,
    Address,
    NoNetworkError,
    Page,
    Result,
    Verdict,
    addresses,
    as_json,
    ask_all,
    code,
    is_home,
    judge,
    problems,
    remembered,
    report,
    summary,
    text_of,
    unlikely,
)
from scripts.progress import Progress
from scripts.web import Answer, Fault
from tests import world as invented
from tests.misbehave import CALM, FILLING, NOW, Clock, Everywhere, Server, client, page, reply, to
from tests.world import edited, put

SOUND = {
    path: re.sub(r"home: .*\n", "", text) if path.startswith("publishers/") and "herald" not in path else text
    for path, text in invented.SOUND.items()
}
"""The invented world with one publisher's own address, so that the addresses can be counted on the fingers."""


def corpus(root, files=None):
    return invented.corpus(root, files or SOUND)


pytestmark = pytest.mark.usefixtures("own_loop")

PROJECT = Path(__file__).parent.parent
URL = "http://herald.example/news/bridge"


@pytest.fixture(scope="module")
def running():
    with Server().running() as server:
        yield server


@pytest.fixture
def server(running):
    running.routes.clear()
    running.asked.clear()
    running.heads.clear()
    return running


def checked(server, tmp_path, *found, results="links.jsonl", again=False, since=NOW - timedelta(days=7), limits=CALM):
    """The results of asking for addresses, each found at the server under its own name."""
    clock = Clock()
    memory = remembered(tmp_path / results)

    async def run():
        async with client(clock, limits, server.port) as web:
            await ask_all(web, found, memory, since=since, now=clock.now, progress=Progress(len(found), StringIO()), again=again)  # fmt: skip

    try:
        asyncio.run(run())
    finally:
        memory.close()
    return memory.results


def verdict(server, tmp_path, url=URL, titles=()):
    result = checked(server, tmp_path, Address(url, [], set(titles)))[url]
    return result.verdict, result.why, result.to


# ---- one address ------------------------------------------------------------------------------------------------


def test_a_page_with_the_title_on_record_is_ok_and_nothing_more_is_asked(server, tmp_path):
    server.routes["/news/bridge"] = page("The Herald | The bridge that nobody opened")
    assert verdict(server, tmp_path, titles={"The bridge that nobody opened"}) == (Verdict.OK, "", "")
    assert server.asked == ["HEAD herald.example/news/bridge", "GET herald.example/news/bridge"]


def test_a_file_that_is_no_page_is_settled_by_head(server, tmp_path):
    server.routes["/report.pdf"] = reply(b"%PDF", type="application/pdf")
    assert verdict(server, tmp_path, "http://herald.example/report.pdf")[0] is Verdict.OK
    assert server.asked == ["HEAD herald.example/report.pdf"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 500, 501, 503])
def test_a_head_that_is_refused_or_lies_is_followed_by_get(server, tmp_path, status):
    server.routes |= {"HEAD /news/bridge": reply(status=status), "/news/bridge": page("The bridge")}
    assert verdict(server, tmp_path, titles={"The bridge"}) == (Verdict.OK, "", "")


def test_a_head_that_promises_what_get_does_not_have_is_found_out(server, tmp_path):
    server.routes |= {"HEAD /news/bridge": page("The bridge"), "/news/bridge": reply("gone", status=404)}
    assert verdict(server, tmp_path)[:2] == (Verdict.DEAD, "404 Not Found")


def test_a_head_that_hangs_is_followed_by_get(server, tmp_path):
    async def hang(writer, head):
        await asyncio.sleep(30)

    server.routes |= {"HEAD /news/bridge": hang, "/news/bridge": page("The bridge")}
    found = checked(server, tmp_path, Address(URL, [], {"The bridge"}), limits=replace(CALM, read=0.5))
    assert found[URL].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("answer", "expected", "why"),
    [
        (reply(status=410), Verdict.DEAD, "410 Gone"),
        (reply(status=401), Verdict.BLOCKED, "401 Unauthorized"),
        (page("Verify", status=403), Verdict.BLOCKED, "403 Forbidden"),
        (reply(status=429), Verdict.BLOCKED, "429 Too Many Requests"),
        (reply(status=999), Verdict.BLOCKED, "999"),
        (reply(status=503, cf_mitigated="challenge"), Verdict.BLOCKED, "503 Service Unavailable"),
        (page("Just a moment..."), Verdict.BLOCKED, "a test for browsers: 'Just a moment...'"),
        (reply(status=500), Verdict.NO_ANSWER, "500 Internal Server Error"),
        (reply(status=304), Verdict.NO_ANSWER, "304 Not Modified"),
        (
            to("/news/bridge"),
            Verdict.NO_ANSWER,
            "redirected in a circle: http://herald.example/news/bridge comes again",
        ),
        (to("javascript:x"), Verdict.DEAD, "redirected to 'javascript:x', which is no web address"),
        (reply(), Verdict.SOFT, "an empty page"),
        (reply(" \n", type=""), Verdict.SOFT, "an empty page"),
        (page("Page not found"), Verdict.SOFT, "answers 200 with the title 'Page not found'"),
        (page("الصفحة غير موجودة"), Verdict.SOFT, "answers 200 with the title 'الصفحة غير موجودة'"),
        (page("Herald", "Seite nicht gefunden."), Verdict.SOFT, "says that there is no such page: 'nicht gefunden'"),
        (page("herald", "Buy this domain today."), Verdict.SOFT, "the domain is parked: 'Buy this domain'"),
        (to("/"), Verdict.SOFT, "redirected to the home page: http://herald.example/"),
        (to("/en/", 302), Verdict.SOFT, "redirected to the home page: http://herald.example/en/"),
        (to("/404.html", 302), Verdict.SOFT, "redirected to an error page: http://herald.example/404.html"),
        (to("/login?to=x", 302), Verdict.BLOCKED, "redirected to a login: http://herald.example/login?to=x"),
        (
            reply('<meta http-equiv="refresh" content="0; url=/">'),
            Verdict.SOFT,
            "redirected to the home page: http://herald.example/",
        ),
    ],
)
def test_each_answer_has_its_verdict_and_reason(server, tmp_path, answer, expected, why):
    server.routes |= {"/news/bridge": answer, "/": page("Herald"), "/en/": page("Herald"), "/404.html": page("Oops"), "/login?to=x": page("In")}  # fmt: skip
    assert verdict(server, tmp_path) == (expected, why, "")


def test_the_same_page_for_what_cannot_exist_is_a_soft_404(server, tmp_path):
    server.routes |= {"/news/bridge": page("Herald", FILLING + "09:01"), "/news/" + unlikely(URL).rpartition("/")[2]: page("Herald", FILLING + "09:02")}  # fmt: skip
    assert verdict(server, tmp_path) == (Verdict.SOFT, "the same page as for an address that can't exist", "")


def test_a_page_of_its_own_beside_a_page_for_everything_is_ok(server, tmp_path):
    server.routes |= {"/news/bridge": page("Bridge"), "/news/" + unlikely(URL).rpartition("/")[2]: page("Herald", "All our news " * 90)}  # fmt: skip
    assert verdict(server, tmp_path)[0] is Verdict.OK


def test_a_page_that_scripts_draw_can_not_be_told(server, tmp_path):
    shell = reply("<title>Herald</title><div id=app></div><script>draw()</script>")
    server.routes |= {"/news/bridge": shell, "/news/" + unlikely(URL).rpartition("/")[2]: shell}
    assert verdict(server, tmp_path)[0] is Verdict.BLOCKED


def test_everything_led_to_one_page_is_a_soft_404(server, tmp_path):
    server.routes |= {"/news/bridge": to("/welcome/all", 302), "/news/" + unlikely(URL).rpartition("/")[2]: to("/welcome/all", 302), "/welcome/all": page()}  # fmt: skip
    assert verdict(server, tmp_path)[1] == "redirected to where every address of the host leads: http://herald.example/welcome/all"  # fmt: skip


def test_a_host_is_probed_once_a_folder(server, tmp_path):
    urls = [f"http://herald.example/news/{number}" for number in range(4)]
    server.routes |= {f"/news/{number}": page(f"Number {number}", f"{number} " * 300) for number in range(4)}
    checked(server, tmp_path, *(Address(url) for url in urls))
    assert len([line for line in server.asked if "claimtrail-" in line]) == 1


def test_a_title_that_speaks_of_things_not_found_is_no_soft_404(server, tmp_path):
    server.routes["/news/bridge"] = page("Toll book not found, page not found either")
    assert verdict(server, tmp_path, titles={"Toll book not found, page not found either"})[0] is Verdict.OK


def test_a_page_that_moved_for_good_names_its_new_address(server, tmp_path):
    server.routes |= {"/news/bridge": to("https://herald.example/2018/bridge"), "/2018/bridge": page("The bridge")}
    assert verdict(server, tmp_path, titles={"The bridge"}) == (Verdict.MOVED, "moved for good", "https://herald.example/2018/bridge")  # fmt: skip


def test_a_passing_redirect_is_ok_with_a_note(server, tmp_path):
    server.routes |= {"/news/bridge": to("/2018/bridge", 302), "/2018/bridge": page("The bridge")}
    assert verdict(server, tmp_path, titles={"The bridge"}) == (Verdict.OK, "redirected for now to http://herald.example/2018/bridge", "")  # fmt: skip


def test_a_host_that_is_gone_is_dead(server, tmp_path):
    assert verdict(server, tmp_path, "http://nowhere.invalid/x") == (
        Verdict.DEAD,
        "there is no host nowhere.invalid",
        "",
    )


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_verdict_that_is_not_ok(fault):
    judged, why, _ = judge(Answer(URL, URL, fault=fault, why="so"))
    assert judged is not Verdict.OK
    assert why == "so"


@pytest.mark.parametrize(("path", "home"), [("", True), ("/", True), ("/en/", True), ("/index.php", True), ("/de-AT/home.html", True), ("/?p=1", False), ("/news", False), ("/node/1", False)])  # fmt: skip
def test_a_home_page_is_told_by_its_path(path, home):
    assert is_home(f"https://herald.example{path}") is home


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        ("Brücke الجسر".encode(), "iso-8859-1"),  # declared wrongly
        ("Brücke".encode("cp1252"), "utf-8"),  # declared wrongly the other way
        ("الجسر".encode("cp1256"), "windows-1256"),
        (b'<meta charset="windows-1251">' + "мост".encode("cp1251"), ""),
        ("Brücke".encode("latin-1"), "no-such-charset"),
        ("Brücke".encode()[:-1] + b"\xc3", "utf-8"),  # cut in the middle of a letter
    ],
)
def test_text_is_read_whatever_charset_is_declared(body, declared):
    text = text_of(Answer(URL, URL, 200, headers={"content-type": f"text/html; charset={declared}"}, body=body))
    assert any(word in text for word in ("Brück", "الجسر", "мост"))
    assert "\ufffd" not in text or declared == "utf-8"


def test_a_page_is_its_title_headings_and_words_without_scripts():
    body = b"<title>A &amp; B</title><style>p{}</style><h1>One <b>two</b></h1><script>var x='not found'</script><svg><title>icon</title></svg>text"
    it = Page(Answer(URL, URL, 200, headers={"content-type": "text/html"}, body=body))
    assert (it.title, it.heading, it.text) == ("A & B", "One two", "One two text")


# ---- the record ---------------------------------------------------------------------------------------------------


def test_every_address_of_the_record_is_found_with_its_place(tmp_path):
    world = corpus(
        tmp_path,
        edited(
            ("topics/bridge-closure.yml", "see [the figure](bridge-2018/a02).", "see [it](https://topic.example/a_(b)), or https://bare.example/x."),
            ("articles/bridge-2018/a02.yml", "  finding: The Echo", "  reading: As [seen](https://reading.example/) here.\n  finding: The Echo"),
            ("sources/gazette-2018-reopening.yml", "url: https://gazette.example/open", "url: https://gazette.example/open#:~:text=bridge\narchived_url: https://archive.example/g"),
        ),
    )  # fmt: skip
    found = {it.url: it for it in addresses(world)}
    homes = {"https://county.example/", "https://gazette.example/", "https://echo.example/"}
    assert sorted(found.keys() - homes) == [
        "https://archive.example/g", "https://archive.example/herald/bridge", "https://bare.example/x",
        "https://copies.example/bridge", "https://county.example/report", "https://echo.example/open",
        "https://gazette.example/open", "https://herald.example/", "https://herald.example/bridge",
        "https://reading.example/", "https://topic.example/a_(b)",
    ]  # fmt: skip
    (mention,) = found["https://gazette.example/open"].mentions
    assert (mention.path, mention.line, mention.column, mention.field) == (
        f"{world.shown}/sources/gazette-2018-reopening.yml",
        4,
        6,
        "url",
    )
    assert found["https://gazette.example/open"].titles == {"The bridge is open"}
    assert found["https://herald.example/"].titles == set()
    assert [it.url for it in addresses(world, hosts=["example"])] == sorted(found)
    assert [it.url for it in addresses(world, hosts=["www.echo.example"])] == [
        "https://echo.example/",
        "https://echo.example/open",
    ]
    of_publishers = {it.url for it in addresses(world, paths=[world.root / "publishers"])}
    assert of_publishers == homes | {"https://herald.example/"}


def test_the_real_record_has_all_its_addresses(real):
    urls = {it.url for it in addresses(real)}
    for source in real.sources.values():
        for url in (source.url, source.archived_url, *(copy.url for copy in source.copies)):
            assert not url or url.partition("#")[0] in urls
    assert {publisher.home for publisher in real.publishers.values() if publisher.home} <= urls


# ---- remembering --------------------------------------------------------------------------------------------------


def test_results_are_used_again_until_they_are_too_old(server, tmp_path):
    server.routes |= {"/a": page("A"), "/b": reply(status=404)}
    found = [Address("http://h.example/a"), Address("http://h.example/b")]
    checked(server, tmp_path, *found)
    first = len(server.asked)
    checked(server, tmp_path, *found)
    assert len(server.asked) == first
    checked(server, tmp_path, *found, again=True)
    assert {line.split("/")[-1] for line in server.asked[first:]} == {"b"}
    before = len(server.asked)
    checked(server, tmp_path, *found, since=NOW + timedelta(days=1))
    assert {line.split("/")[-1] for line in server.asked[before:]} >= {"a", "b"}


def test_a_half_written_line_and_other_rubbish_are_as_good_as_not_there(server, tmp_path):
    server.routes["/a"] = page("A")
    checked(server, tmp_path, Address("http://h.example/a"))
    path = tmp_path / "links.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b'[]\n{"url": 1}\n\xff\n' + whole + whole[:40])
    memory = remembered(path)
    assert list(memory.results) == ["http://h.example/a"]
    memory.add(Result("http://h.example/b", Verdict.DEAD, "so", "", 404, 1, NOW.isoformat()))
    memory.close()
    memory = remembered(path)
    assert sorted(memory.results) == ["http://h.example/a", "http://h.example/b"]
    memory.close()
    memory = remembered(path, fresh=True)
    assert memory.results == {}
    memory.close()


def test_an_address_whose_host_asks_to_wait_is_asked_in_the_next_run(server, tmp_path):
    server.routes["/a"] = [reply(status=429, Retry_After="9999"), page("A")]
    assert checked(server, tmp_path, Address("http://h.example/a")) == {}
    assert checked(server, tmp_path, Address("http://h.example/a"))["http://h.example/a"].verdict is Verdict.OK


@pytest.mark.parametrize("hosts", [1, DOUBT, DOUBT + 5])
def test_without_a_network_nothing_is_noted(server, tmp_path, monkeypatch, hosts):
    found = [Address(f"http://h{number}.invalid/") for number in range(hosts)]
    with monkeypatch.context() as offline:
        offline.setattr(Everywhere, "unknown", (".invalid", "example.com"))
        with pytest.raises(NoNetworkError, match="no network"):
            checked(server, tmp_path, *found)
    assert (tmp_path / "links.jsonl").read_bytes() == b""
    server.routes["/"] = page()
    assert len(checked(server, tmp_path, Address("http://there.example/"), *found)) == hosts + 1


@pytest.mark.parametrize("hosts", [1, DOUBT, DOUBT + 5])
def test_with_a_network_hosts_that_are_gone_are_dead_however_many(server, tmp_path, hosts):
    found = [Address(f"http://h{number}.invalid/") for number in range(hosts)]
    assert [result.verdict for result in checked(server, tmp_path, *found).values()] == [Verdict.DEAD] * hosts


def test_a_run_that_is_killed_goes_on_where_it_stopped(server, tmp_path):
    """A run of its own, killed with no chance to tidy up, on a host that hangs at its last address."""
    held = asyncio.Event()

    async def hang(writer, head):
        await held.wait()

    sources = {
        f"sources/gazette-{number}.yml": SOUND["sources/gazette-2018-reopening.yml"].replace("/open", f"/n{number}")
        for number in range(6)
    }
    put(tmp_path / "claims", {path: text for path, text in SOUND.items() if "publishers" in path} | sources)
    server.routes |= {f"/n{number}": page("The bridge is open") for number in range(5)} | {"/n5": hang}
    results = tmp_path / "kept.jsonl"
    script = (
        "import sys; from tests.misbehave import Clock, client; import scripts.__main__ as program\n"
        f"program._web = lambda limits: client(Clock(), limits, {server.port})\n"
        f"sys.exit(program.main(['links', '--claims', {str(tmp_path / 'claims')!r}, '--results', {str(results)!r}]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up and not (results.exists() and results.read_bytes().count(b"\n") >= 6):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    kept = [json.loads(line)["url"] for line in results.read_text().splitlines()]
    assert len(kept) == 6  # a publisher's home among them
    assert not any(url.endswith("/n5") for url in kept)
    server.routes["/n5"] = page("The bridge is open")
    server.asked.clear()
    again = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert {line.split("/")[-1] for line in server.asked} == {"n5"}


# ---- telling ------------------------------------------------------------------------------------------------------


def told(tmp_path, **results):
    """A world with results by name of host."""
    found = addresses(corpus(tmp_path))
    made = {}
    for it in found:
        verdict, why, to = results.get(it.url.split("/")[2].split(".")[0], (Verdict.OK, "", ""))
        made[it.url] = Result(it.url, verdict, why, to, 200, 1, "2026-11-20T12:00:00+00:00")
    return found, made


def test_problems_stand_at_their_lines_and_none_is_an_error(tmp_path):
    found, results = told(tmp_path, county=(Verdict.DEAD, "404 Not Found", ""), echo=(Verdict.MOVED, "moved for good", "https://echo.example/new"))  # fmt: skip
    shown = [str(problem) for problem in problems(found, results)]
    assert len(shown) == 2
    assert (
        "/sources/county-2017-report.yml:4:6: warning: link-dead: https://county.example/report: 404 Not Found (look for"
        in shown[0]
    )
    assert "link-moved: https://echo.example/open: moved for good: https://echo.example/new (" in shown[1]


def test_the_report_counts_and_names_places_and_lets_no_host_write_markup(tmp_path):
    found, results = told(tmp_path, county=(Verdict.SOFT, "the title '`<b>@someone</b>\n# hm'", ""))
    text = report(found, results)
    assert text.startswith(
        "# Links of the record\n\n7 addresses: 1 soft-404, 6 ok. Asked between 2026-11-20T12:00:00+00:00"
    )
    assert "## soft-404: 1" in text
    assert "- `https://county.example/report` · `the title 'ˋ<b>@someone</b> # hm'` · " in text
    assert "sources/county-2017-report.yml:4" in text


def test_a_report_fits_into_an_issue_and_says_what_it_leaves_out(tmp_path):
    found = [Address(f"https://h.example/{'x' * 90}{number}") for number in range(1500)]
    results = {
        it.url: Result(it.url, Verdict.DEAD, "404 Not Found", "", 404, 1, "2026-11-20T12:00:00+00:00") for it in found
    }
    text = report(found, results)
    assert len(text) <= REPORT
    left = int(text.rpartition("\n\n")[2].split(" ")[0].replace(",", ""))
    assert left + text.count("\n- ") == 1500


def test_code_shows_letters_and_keeps_what_must_stay_escaped():
    assert code("https://h.example/%D8%A7") == "`https://h.example/ا`"
    assert code("https://h.example/%20a") == "`https://h.example/%20a`"
    assert code("https://h.example/%ff") == "`https://h.example/%ff`"


def test_json_has_every_address_with_its_result_and_places(tmp_path):
    found, results = told(tmp_path)
    rows = json.loads(as_json(found, results))
    assert len(rows) == 7
    assert rows[0]["mentions"][0]["field"] == "archived_url"
    assert summary(found, {}) == "7 addresses: 7 not asked"


def test_progress_is_one_line_on_a_terminal_and_some_twenty_elsewhere():
    class Terminal(StringIO):
        def isatty(self):
            return True

    for stream in (Terminal(), StringIO()):
        progress = Progress(1000, stream)
        for _ in range(1000):
            progress.step("ok " + "x" * 300)
        progress.end()
        assert stream.getvalue().count("\n") == (1 if stream.isatty() else 20)
        assert "1,000 of 1,000" in stream.getvalue().splitlines()[-1]
    for line in stream.getvalue().splitlines():
        assert "\r" not in line


# ---- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def world(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(program, "_web", lambda limits: client(Clock(), limits, server.port))
    put(tmp_path / "claims", SOUND)
    titles = {"herald.example/bridge": "The bridge that nobody opened", "archive.example/herald/bridge": "The bridge that nobody opened", "copies.example/bridge": "The bridge that nobody opened", "gazette.example/open": "The bridge is open", "echo.example/open": "الجسر مفتوح", "herald.example/": "Herald"}  # fmt: skip
    server.routes |= {path: page(title) for path, title in titles.items()}
    return server


COMMAND = ["links", "--claims", "claims", "--results", "kept.jsonl"]


def test_the_command_tells_what_is_wrong_and_is_0_unless_strict(world, capsys, tmp_path):
    assert main([*COMMAND, "--report", "report.md"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "claims/sources/county-2017-report.yml:4:6: warning: link-dead: https://county.example/report: 404"
    )
    assert out.count("\n") == 1
    assert err.endswith("7 addresses: 1 dead, 6 ok\n")
    assert "## dead: 1" in (tmp_path / "report.md").read_text()
    assert main([*COMMAND, "--strict"]) == 1
    assert main([*COMMAND, "--strict", "claims/publishers"]) == 0
    assert main([*COMMAND, "--strict", "--host", "echo.example"]) == 0


def test_the_command_prints_annotations_and_json(world, capsys):
    main([*COMMAND, "--format", "github"])
    assert capsys.readouterr().out.startswith(
        "::warning file=claims/sources/county-2017-report.yml,line=4,col=6,title=link-dead::"
    )
    main([*COMMAND, "--format", "json"])
    assert {row["verdict"] for row in json.loads(capsys.readouterr().out)} == {"dead", "ok"}


def test_without_a_network_the_command_says_so(world, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(Everywhere, "unknown", ("",))
    assert main(COMMAND) == 1
    assert "there seems to be no network" in capsys.readouterr().err


def test_wrong_use_is_2(world, capsys):
    assert main([*COMMAND, "claims/nothing.yml"]) == 2
    assert "there is no claims/nothing.yml" in capsys.readouterr().err
