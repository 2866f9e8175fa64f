"""Copies in a web archive: found, asked for, and written into records byte for byte."""

import asyncio
import json
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

import scripts.__main__ as program
from scripts import archive
from scripts.__main__ import main
from scripts.archive import (
    BusyError,
    CannotWriteError,
    Outcome,
    Wayback,
    archive_all,
    remembered,
    report,
    summary,
    told,
    wanted,
    with_archived,
    write,
)
from scripts.check import check
from scripts.load import load, parse
from scripts.progress import Progress
from scripts.records import Article, Source
from tests.misbehave import NOW, Clock, Server, client, page, reply, to
from tests.world import SOUND, corpus, edited, put

pytestmark = pytest.mark.usefixtures("own_loop")

GAZETTE = "sources/gazette-2018-reopening.yml"
COUNTY = "sources/county-2017-report.yml"
OPEN = "https://gazette.example/open"
COPY = "https://web.archive.org/web/20180309120000/https://gazette.example/open"


@pytest.fixture(scope="module")
def running():
    with Server().running() as server:
        yield server


@pytest.fixture
def server(running):
    running.routes = {}
    running.asked.clear()
    running.heads.clear()
    return running


class Machine:
    """A web archive: `kept` has the moments and pages of each address, `saves` what becomes of asking for a capture."""

    def __init__(self, server):
        self.server = server
        self.kept = {}
        self.saves = {}
        self.queries = []
        server.routes = self

    def __contains__(self, name):
        return name.startswith("web.archive.org/")

    def __getitem__(self, name):
        return self.answer

    def keep(self, url, moment, made=None):
        self.kept.setdefault(url, {})[moment] = made or page("The bridge is open")

    async def answer(self, writer, head):
        method, path, _ = head.split("\r\n")[0].split(" ")
        writer.write(self.made(method, path))
        await writer.drain()

    def made(self, method, path):
        if path.startswith("/cdx/"):
            query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
            self.queries.append(query)
            assert query["filter"] == "statuscode:200"
            assert query["output"] == "json"
            moments = sorted(
                moment
                for moment in self.kept.get(query["url"], {})
                if query.get("from", "0").ljust(14, "0") <= moment <= query.get("to", "9").ljust(14, "9")
            )
            limit = int(query["limit"])
            chosen = moments[:limit] if limit > 0 else moments[limit:]
            rows = [["timestamp", "original"], *([moment, query["url"]] for moment in chosen)]
            return reply(json.dumps(rows if chosen else []), type="application/json")
        if path.startswith("/web/"):
            moment, _, url = path.removeprefix("/web/").partition("id_/")
            return self.kept.get(url, {}).get(moment) or reply(status=404)
        if path.startswith("/save/status/"):
            return self.saves[path]
        url = path.removeprefix("/save/") if method == "GET" else "POST"
        answer = self.saves.get(url, reply(status=520))
        return answer.pop(0) if isinstance(answer, list) else answer


@pytest.fixture
def machine(server):
    return Machine(server)


def run(server, tmp_path, files=None, clock=None, keys=None, **options):
    """Archive what a world wants; gives what was done, and the world as it then is."""
    world = corpus(tmp_path, files)
    found = wanted(world)
    done = []
    clock = clock or Clock()
    memory = remembered(tmp_path / "archive.jsonl")

    async def go():
        async with client(clock, port=server.port) as web:
            wayback = Wayback(web, keys=keys)
            await archive_all(wayback, found, memory, world.root, since=NOW - timedelta(days=30), now=clock.now, progress=Progress(len(found), StringIO()), done=done, **options)  # fmt: skip

    try:
        asyncio.run(go())
    finally:
        memory.close()
    return {it.it.record.id: it for it in done}, load(world.root)


ONE = {path: text for path, text in SOUND.items() if path == GAZETTE}


# ---- what is wanted -------------------------------------------------------------------------------------------------


def test_what_has_an_address_and_no_copy_is_wanted(tmp_path):
    world = corpus(tmp_path, edited((GAZETTE, "url: https://gazette.example/open", "url: https://web.archive.org/web/2018/https://gazette.example/open"), (COUNTY, "how: full}", "how: full}\narchived_url: https://archive.example/c")))  # fmt: skip
    assert [it.record.id for it in wanted(world)] == ["echo-2018-copy"]
    world = corpus(
        tmp_path,
        edited(("articles/bridge-2018/article.yml", "archived_url: https://archive.example/herald/bridge\n", "")),
    )
    assert next(it.record.id for it in wanted(world)) == "bridge-2018"
    assert [it.record.id for it in wanted(world, hosts=["echo.example"])] == ["echo-2018-copy"]
    assert [it.record.id for it in wanted(world, paths=[world.root / COUNTY])] == ["county-2017-report"]
    (it,) = wanted(world, hosts=["gazette.example"])
    assert (it.day, it.exact, it.titles) == (date(2018, 2, 28), True, ("The bridge is open",))


# ---- finding --------------------------------------------------------------------------------------------------------


def test_the_first_capture_since_publication_is_taken_and_written(machine, server, tmp_path):
    for moment in ("20170101000000", "20180309120000", "20190101000000"):
        machine.keep(OPEN, moment)
    done, world = run(server, tmp_path, ONE)
    assert world.sources["gazette-2018-reopening"].archived_url == COPY
    assert done["gazette-2018-reopening"].written
    assert machine.queries == [{"url": OPEN, "output": "json", "fl": "timestamp,original", "filter": "statuscode:200", "from": "20180228", "limit": "5"}]  # fmt: skip
    text = (tmp_path / "claims" / GAZETTE).read_text()
    assert text == SOUND[GAZETTE].replace(f"url: {OPEN}\n", f"url: {OPEN}\narchived_url: {COPY}\n")


def test_a_capture_before_publication_is_not_the_document(machine, server, tmp_path):
    machine.keep(OPEN, "20170101000000")
    done, world = run(server, tmp_path, ONE, save=False)
    assert world.sources["gazette-2018-reopening"].archived_url is None
    assert done["gazette-2018-reopening"].result.outcome is Outcome.NONE


@pytest.mark.parametrize(("moments", "taken"), [(["20190601000000", "20200301000000", "20200401000000"], "20200301000000"), (["20180601000000", "20190601000000"], "20190601000000")])  # fmt: skip
def test_without_a_date_the_capture_nearest_to_the_reading_is_taken(machine, server, tmp_path, moments, taken):
    for moment in moments:
        machine.keep(OPEN, moment)
    _, world = run(server, tmp_path, {GAZETTE: SOUND[GAZETTE].replace("published: 2018-03\n", "")})
    assert world.sources["gazette-2018-reopening"].archived_url == f"https://web.archive.org/web/{taken}/{OPEN}"


def test_a_capture_of_something_else_is_passed_over(machine, server, tmp_path):
    machine.keep(OPEN, "20180301000000", page("Page not found"))
    machine.keep(OPEN, "20180302000000", to("/web/20180302000000id_/https://gazette.example/"))
    machine.keep("https://gazette.example/", "20180302000000", page("The Gazette"))
    machine.keep(OPEN, "20180309120000")
    _, world = run(server, tmp_path, ONE)
    assert world.sources["gazette-2018-reopening"].archived_url == COPY


def test_no_more_than_three_captures_are_looked_at(machine, server, tmp_path):
    for day in range(10, 16):
        machine.keep(OPEN, f"201803{day}000000", page("Page not found"))
    done, _ = run(server, tmp_path, ONE, save=False)
    assert done["gazette-2018-reopening"].result.why.startswith("the capture of 20180312 is not the page: answers 200")
    assert len([line for line in server.asked if "id_/" in line]) == 3


@pytest.mark.parametrize("body", ["<html>", '{"a": 1}', "[[1],[2]]", '[["timestamp","original"],["2018","x"]]'])
def test_a_list_of_captures_that_can_not_be_read_is_a_failure_or_empty(machine, server, tmp_path, body, monkeypatch):
    monkeypatch.setattr(machine, "made", lambda method, path: reply(body, type="application/json"))
    done, world = run(server, tmp_path, ONE, save=False)
    assert done["gazette-2018-reopening"].result.outcome in (Outcome.FAILED, Outcome.NONE)
    assert world.sources["gazette-2018-reopening"].archived_url is None


# ---- asking for a capture -------------------------------------------------------------------------------------------


def saved(machine, answer, moment="20261120120000"):
    machine.keep(OPEN, moment)
    machine.kept[OPEN] = {moment: machine.kept[OPEN][moment]}
    machine.saves[OPEN] = answer


@pytest.mark.parametrize("way", ["redirect", "header", "job"])
def test_a_capture_is_asked_for_and_its_address_read_from_the_answer(machine, server, tmp_path, way, monkeypatch):
    moment = "20261120120000"
    machine.saves = {
        OPEN: {
            "redirect": to(f"/web/{moment}/{OPEN}", 302),
            "header": reply("saved", Content_Location=f"/web/{moment}/{OPEN}"),
            "job": reply('<script>spn.watchJob("spn2-0123456789abcdef")</script>'),
        }[way],
        "/save/status/spn2-0123456789abcdef": reply(json.dumps({"status": "success", "timestamp": moment})),
    }
    kept = Machine.made

    def made(self, method, path):
        if path.startswith("/save/"):
            self.keep(OPEN, moment)  # from now on there is one
        return reply("x") if path == f"/web/{moment}/{OPEN}" else kept(self, method, path)

    monkeypatch.setattr(Machine, "made", made)
    done, world = run(server, tmp_path, ONE)
    assert done["gazette-2018-reopening"].result.outcome is Outcome.SAVED
    assert world.sources["gazette-2018-reopening"].archived_url == f"https://web.archive.org/web/{moment}/{OPEN}"


def test_with_keys_an_order_is_posted_and_waited_for(machine, server, tmp_path, monkeypatch):
    job = "/save/status/spn2-abcdef0123456789"
    machine.saves = {"POST": reply(json.dumps({"job_id": "spn2-abcdef0123456789"}), type="application/json")}
    states = [
        reply('{"status": "pending"}'),
        reply("not json"),
        reply('{"status": "success", "timestamp": "20261120120000"}'),
    ]
    kept = Machine.made

    def made(self, method, path):
        if path == job:
            self.keep(OPEN, "20261120120000")
            return states.pop(0)
        return kept(self, method, path)

    monkeypatch.setattr(Machine, "made", made)
    done, _ = run(server, tmp_path, ONE, keys=("me", "secret"))
    assert done["gazette-2018-reopening"].result.outcome is Outcome.SAVED
    posts = [head for head in server.heads if head.startswith("POST /save ")]
    assert len(posts) == 1
    assert "LOW me:secret" in posts[0]
    assert states == []


def test_a_refusal_is_told_and_not_asked_again(machine, server, tmp_path):
    machine.saves[OPEN] = reply(
        status=403, X_Archive_Wayback_Runtime_Error="RobotAccessControlException: Blocked By Robots"
    )
    done, world = run(server, tmp_path, ONE)
    result = done["gazette-2018-reopening"].result
    assert (result.outcome, result.why) == (Outcome.REFUSED, "RobotAccessControlException: Blocked By Robots")
    assert world.sources["gazette-2018-reopening"].archived_url is None
    before = len(server.asked)
    again, _ = run(server, tmp_path, ONE)
    assert again["gazette-2018-reopening"].result == result
    assert len(server.asked) == before


def test_a_save_that_seems_to_fail_and_is_done_is_found(machine, server, tmp_path, monkeypatch):
    kept = Machine.made

    def made(self, method, path):
        if path.startswith("/save/"):
            self.keep(OPEN, "20261120235959")
            return reply(status=523)
        return kept(self, method, path)

    monkeypatch.setattr(Machine, "made", made)
    _, world = run(server, tmp_path, ONE)
    assert world.sources["gazette-2018-reopening"].archived_url.startswith(
        "https://web.archive.org/web/20261120235959/"
    )


def test_a_new_capture_of_an_error_page_is_refused(machine, server, tmp_path, monkeypatch):
    machine.saves[OPEN] = reply("", Content_Location=f"/web/20261120120000/{OPEN}")
    kept = Machine.made

    def made(self, method, path):
        if path.startswith("/save/"):
            self.keep(OPEN, "20261120120000", page("Access denied"))
        return kept(self, method, path)

    monkeypatch.setattr(Machine, "made", made)
    done, world = run(server, tmp_path, ONE)
    assert done["gazette-2018-reopening"].result.outcome is Outcome.REFUSED
    assert "a test for browsers" in done["gazette-2018-reopening"].result.why
    assert world.sources["gazette-2018-reopening"].archived_url is None


def test_no_more_than_three_captures_are_asked_for_in_a_minute(machine, server, tmp_path):
    files = {f"sources/s-{number}.yml": SOUND[GAZETTE].replace("/open", f"/{number}") for number in range(4)}
    times = []
    clock = Clock()
    made = machine.made

    def timed(method, path):
        if path.startswith("/save/"):
            times.append(clock.seconds)
            return reply(status=400)
        return made(method, path)

    machine.made = timed
    run(server, tmp_path, files, clock=clock)
    assert len(times) == 4
    assert all(later - earlier >= 20 for earlier, later in pairwise(times))


def test_the_archive_is_obeyed_when_it_asks_for_a_pause(machine, server, tmp_path):
    machine.keep(OPEN, "20261120120000")
    machine.kept = {}
    machine.saves[OPEN] = [reply(status=429, Retry_After="60"), reply(status=429, Retry_After="9999")]
    clock = Clock()
    with pytest.raises(BusyError, match="9,999 s"):
        run(server, tmp_path, ONE, clock=clock)
    assert clock.seconds >= 60
    assert (tmp_path / "archive.jsonl").read_bytes() == b""


def test_a_failure_of_the_day_is_asked_again_next_time(machine, server, tmp_path):
    done, _ = run(server, tmp_path, ONE)
    assert done["gazette-2018-reopening"].result.outcome is Outcome.FAILED
    machine.keep(OPEN, "20180309120000")
    _, world = run(server, tmp_path, ONE)
    assert world.sources["gazette-2018-reopening"].archived_url == COPY


# ---- runs -----------------------------------------------------------------------------------------------------------


def test_a_dry_run_writes_and_orders_nothing_and_the_next_one_uses_what_it_found(machine, server, tmp_path):
    machine.keep(OPEN, "20180309120000")
    done, world = run(server, tmp_path, dry=True)
    assert not any(it.written for it in done.values())
    assert world.sources["gazette-2018-reopening"].archived_url is None
    assert not any("/save" in line for line in server.asked)
    before = len(server.asked)
    done, world = run(server, tmp_path, save=False)
    assert len(server.asked) == before
    assert world.sources["gazette-2018-reopening"].archived_url == COPY
    assert check(world) == []


def test_what_was_found_before_a_break_is_written_without_asking(machine, server, tmp_path, monkeypatch):
    machine.keep(OPEN, "20180309120000")

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(archive, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            run(server, tmp_path, ONE)
    assert (tmp_path / "claims" / GAZETTE).read_text() == SOUND[GAZETTE]
    before = len(server.asked)
    _, world = run(server, tmp_path, ONE)
    assert len(server.asked) == before
    assert world.sources["gazette-2018-reopening"].archived_url == COPY


def test_a_limit_is_of_addresses_asked_about_and_runs_add_up(machine, server, tmp_path):
    first, _ = run(server, tmp_path, limit=1, save=False)
    assert len(first) == 1
    second, _ = run(server, tmp_path, limit=1, save=False)
    assert len(second) == 2


# ---- writing --------------------------------------------------------------------------------------------------------

HEAD = "title: T\npublisher: p\n"
TAIL = "kind: news-report\nread: {on: 2020, how: full}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{HEAD}url: {OPEN}\n{TAIL}", f"{HEAD}url: {OPEN}\narchived_url: {COPY}\n{TAIL}"),
        (f"# é\n{HEAD}url:   '{OPEN}'  # seen\n\n# then\n{TAIL}", f"# é\n{HEAD}url:   '{OPEN}'  # seen\narchived_url: {COPY}\n\n# then\n{TAIL}"),
        (f"{HEAD}url:\n  {OPEN}\n{TAIL}", f"{HEAD}url:\n  {OPEN}\narchived_url: {COPY}\n{TAIL}"),
        (f"{HEAD}{TAIL}url: {OPEN}", f"{HEAD}{TAIL}url: {OPEN}\narchived_url: {COPY}"),
        (f"{HEAD}url: {OPEN}\n{TAIL}".replace("\n", "\r\n"), f"{HEAD}url: {OPEN}\narchived_url: {COPY}\n{TAIL}".replace("\n", "\r\n")),
        (f"{HEAD}url: {OPEN}\n{TAIL}".replace("\n", "\n  ").rjust(0), None),
        (f"---\n{HEAD}copies:\n- url: https://c.example/\nurl: {OPEN}\n{TAIL}", f"---\n{HEAD}copies:\n- url: https://c.example/\nurl: {OPEN}\narchived_url: {COPY}\n{TAIL}"),
    ],
)  # fmt: skip
def test_the_line_goes_in_below_url_and_every_other_byte_stays(before, after):
    if after is None:
        before = "".join(f"  {line}\n" for line in f"{HEAD}url: {OPEN}\n{TAIL}".splitlines())
        after = before.replace(f"  url: {OPEN}\n", f"  url: {OPEN}\n  archived_url: {COPY}\n")
    made = with_archived(before.encode(), COPY)
    assert made.decode() == after
    assert parse(made).value == parse(before.encode()).value | {"archived_url": COPY}


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (f"{HEAD}archived_url: {COPY}\nurl: {OPEN}\n{TAIL}", "has the field"),
        (f"{HEAD}archived_url:\nurl: {OPEN}\n{TAIL}", "has the field"),
        (f"{HEAD}{TAIL}", "no field url"),
        (f"{{title: T, publisher: p, url: '{OPEN}', kind: news-report, read: {{on: 2020, how: full}}}}", "by hand"),
        (f'{HEAD}url: "https://gazette.example/\\\n  open"\n{TAIL}', "by hand"),
        (f"{HEAD}url: {OPEN}\n{TAIL}title: again\n", "not sound"),
        (f'{HEAD}note: "a\u2028b"\nurl: {OPEN}\n{TAIL}', "by hand"),
        ("- a list\n", "not sound"),
        ("\xff", "not sound"),
        ("", "not sound"),
    ],
)
def test_what_can_not_be_written_byte_for_byte_is_refused(before, why):
    with pytest.raises(CannotWriteError, match=why):
        with_archived(before.encode("latin-1" if before == "\xff" else "utf-8"), COPY)


def test_an_address_that_plain_yaml_would_read_otherwise_is_quoted_or_refused():
    before = f"{HEAD}url: {OPEN}\n{TAIL}".encode()
    assert b'archived_url: "https://a.example/x:"' in with_archived(before, "https://a.example/x:")
    for bad in ("javascript:alert(1)", "https://a.example/\nauthor: B", "https://a.example/ # b", ""):
        with pytest.raises(CannotWriteError):
            with_archived(before, bad)


def test_every_sound_file_of_the_real_record_takes_its_copy(real):
    for it in wanted(real):
        data = (real.root / it.record.path).read_bytes()
        made = with_archived(data, f"https://web.archive.org/web/20200101000000/{it.url}", type(it.record))
        lines = made.splitlines(keepends=True)
        (added,) = [number for number, line in enumerate(lines) if line.startswith(b"archived_url: ")]
        assert b"".join(lines[:added] + lines[added + 1 :]) == data
        assert lines[added - 1].startswith((b"url:", b"  http"))
    assert {type(it.record) for it in wanted(real)} <= {Source, Article}


def test_a_file_that_changed_in_the_meantime_is_left_alone(tmp_path):
    root = put(tmp_path, {GAZETTE: SOUND[GAZETTE].replace("/open", "/other")})
    with pytest.raises(CannotWriteError, match="changed in the meantime"):
        write(root / GAZETTE, OPEN, COPY)
    with pytest.raises(CannotWriteError, match="can't be written"):
        write(root / "nothing.yml", OPEN, COPY)
    assert (root / GAZETTE).read_text() == SOUND[GAZETTE].replace("/open", "/other")


def test_writing_keeps_the_mode_follows_a_link_and_leaves_nothing_behind(tmp_path, monkeypatch):
    real = put(tmp_path / "real", {"it.yml": SOUND[GAZETTE]}) / "it.yml"
    real.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(real)
    write(link, OPEN, COPY)
    assert link.is_symlink()
    assert COPY in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    put(tmp_path / "real", {"it.yml": SOUND[GAZETTE]})

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scripts.archive.os.replace", full)
    with pytest.raises(CannotWriteError, match="No space left"):
        write(link, OPEN, COPY)
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["it.yml"]
    assert real.read_text() == SOUND[GAZETTE]


# ---- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def world(machine, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAVEPAGENOW_ACCESS_KEY", raising=False)
    monkeypatch.setattr(program, "_web", lambda limits: client(Clock(), limits, server.port))
    put(tmp_path / "claims", SOUND)
    return machine


COMMAND = ["archive", "--claims", "claims", "--results", "kept.jsonl"]


def test_the_command_writes_copies_and_tells_of_each(world, capsys, tmp_path):
    world.keep(OPEN, "20180309120000")
    assert main([*COMMAND, "--no-save", "--report", "report.md"]) == 0
    out, err = capsys.readouterr()
    assert f"claims/{GAZETTE}: found: {COPY}\n" in out
    assert f"claims/{COUNTY}: none: no capture (https://county.example/report)\n" in out
    assert err.endswith("3 without a copy: 1 found, 2 none, 0 not asked, 1 files changed\n")
    assert f"- `claims/{GAZETTE}: found: {COPY}`" in (tmp_path / "report.md").read_text()
    assert main(["check", "--claims", "claims"]) == 0


def test_the_command_stops_when_the_archive_says_so_and_tells_what_was_done(world, capsys):
    world.keep("https://county.example/report", "20180309120000", page("The closure of the bridge"))
    world.saves["https://echo.example/open"] = reply(status=429, Retry_After="99999")
    assert main(COMMAND) == 0
    out, err = capsys.readouterr()
    assert "county-2017-report.yml: found" in out
    assert "run archive again later" in err
    assert "2 not asked, 1 files changed" in err


def test_another_archive_can_be_named(world, server, tmp_path):
    server.routes = {}
    main([*COMMAND, "--endpoint", "http://other.example/"])
    assert all(line.startswith("GET other.example/") for line in server.asked)
    assert server.asked


def test_a_file_that_can_not_be_written_is_told_and_1(world, capsys, tmp_path):
    world.keep(OPEN, "20180309120000")
    put(
        tmp_path / "claims",
        {GAZETTE: "{" + ", ".join(SOUND[GAZETTE].replace(OPEN, f"'{OPEN}'").strip().splitlines()) + "}\n"},
    )
    assert main([*COMMAND, "--no-save", "--host", "gazette.example"]) == 1
    assert (
        f"claims/{GAZETTE}: not written: the line does not fit in below url: set it by hand" in capsys.readouterr().out
    )


def test_the_report_is_capped(tmp_path):
    it = wanted(corpus(tmp_path, ONE))[0]
    done = [archive.Done(it, archive.Result(OPEN, Outcome.NONE, "", "no capture", ""))] * 2000
    assert len(report(done, 2000, "claims")) <= archive.REPORT + 10
    assert summary(done, 2001) == "2,001 without a copy: 2,000 none, 1 not asked, 0 files changed"
    assert told(done[0], "claims").endswith(f"none: no capture ({OPEN})")
    assert Article.folder == "articles"
