"""What the live server serves is what a build makes, after every kind of edit, and nothing that an author does ends it."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts import publish as publishing
from scripts import serve as serving
from scripts.dataset import FOLDER
from scripts.load import load
from scripts.publish import Paths, newest, outputs, run_mkdocs, settings_of, write
from scripts.render import Settings
from scripts.serve import Live, Server
from tests.world import ARTICLE, CLAIM, SOFT, SOUND, edited, put

PROJECT = Path(__file__).parent.parent
CONTENT = {
    "index.md": "# Home\n\n<!-- include: counts -->\n\n<!-- include: articles -->\n\n<!-- include: example -->\n",
    "assets/site.css": "a{}",
    "method.md": "# Method\n\nSee [home](index.md) and [a word](terms.md#status-supported).\n\n<!-- include: rules -->\n",
    "about.md": "---\ntitle: About us\n---\n\n# About\r\n\r\n[The article](articles/bridge-2018/index.md)\r\n",
}
SETTINGS = Settings(url="https://host.example/", repo="https://code.example/r")
A02 = "articles/bridge-2018/a02/"


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """A small site of its own."""
    monkeypatch.setattr(publishing, "BUILD", tmp_path / "build")
    monkeypatch.setattr(serving, "PATIENCE", 0)
    put(tmp_path / "content", CONTENT)
    put(tmp_path / "claims", SOUND)
    return Paths(tmp_path / "claims", tmp_path / "content", tmp_path / "out" / "site")


@pytest.fixture
def said():
    return []


@pytest.fixture
def live(paths, said):
    started = Live(paths, lambda _: SETTINGS, said.append)
    yield started
    assert started.wait_for_check()
    started.close()


@pytest.fixture
def server(paths, said):
    with Running(paths, said) as started:
        yield started


class Running:
    """A server in a thread."""

    def __init__(self, paths, said, settings=SETTINGS, **options):
        self.server = Server(
            paths,
            settings if callable(settings) else lambda _: settings,
            0,
            said.append,
            **{"search": False, **options},
        )

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        self.server.start()
        return self.server

    def __exit__(self, *_):
        self.server.live.wait_for_check()
        self.server.shutdown()
        self.server.close()
        self.thread.join()


def clean(paths, folder, settings=lambda _: SETTINGS):
    """What a build from nothing makes, without the search index."""
    shutil.rmtree(folder, ignore_errors=True)
    corpus = load(paths.claims)
    write(outputs(corpus, paths.content, settings(corpus)), folder / "docs")
    run_mkdocs(folder / "docs", folder / "site", settings(corpus), newest(corpus))
    site = folder / "site"
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def differing(live, built):
    """The files whose bytes are not those of the build."""
    return [path for path, data in built.items() if live.answer(path).data != data or live.answer(path).status != 200]


def asked(server, path="", method="GET", **headers):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
    connection.request(method, f"{address.path}{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def until(true, seconds=120):
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def edit(live, paths, files=None, gone=(), content=None):
    """Edit the world on disk and tell the server, as the watcher does."""
    put(paths.claims, files or {})
    put(paths.content, content or {})
    for path in gone:
        (paths.claims / path).unlink()
    changed = [
        *(paths.claims / path for path in (*(files or {}), *gone)),
        *(paths.content / path for path in content or {}),
    ]
    live.update(path.resolve() for path in changed)


NEW = "articles/bridge-2018/a04.yml"
EDITS = {
    "a claim": {"files": {CLAIM: edited((CLAIM, "three years", "four years"))[CLAIM]}},
    "a date, which moves then and now": {
        "files": {"sources/gazette-2018-reopening.yml": edited(("sources/gazette-2018-reopening.yml", "2018-03\n", "2018-05\n"))["sources/gazette-2018-reopening.yml"]}
    },
    "a derivation, which takes an origin away": {
        "files": {"sources/gazette-2018-reopening.yml": SOUND["sources/gazette-2018-reopening.yml"] + "derived_from: [county-2017-report]\n"}
    },
    "a publisher's name": {"files": {"publishers/the-gazette.yml": "name: The Evening Gazette\nkind: news-outlet\n"}},
    "a body above a publisher": {"files": {"publishers/the-gazette.yml": "name: The Gazette\nkind: news-outlet\npart_of: the-county\n"}},
    "an article's date": {"files": {ARTICLE: edited((ARTICLE, "published: 2018-03-09", "published: 2017-01-09"))[ARTICLE]}},
    "a topic": {"files": {"topics/bridge-closure.yml": SOUND["topics/bridge-closure.yml"].replace("The closure", "A closure")}},
    "a measure": {"files": {"measures/months-shut.yml": SOUND["measures/months-shut.yml"].replace("Months shut", "Months closed")}},
    "a new statement": {"files": {NEW: SOUND["articles/bridge-2018/a03.yml"].replace("Some say that", "Others say that")}},
    "a withdrawal": {"files": {CLAIM: SOUND[CLAIM] + "withdrawn: {on: 2020-03-01, reason: It was two statements.}\n"}},
    "the newest day": {"files": {SOFT: edited((SOFT, "checked: 2020-02-01", "checked: 2021-07-07"))[SOFT]}},
    "a page written by hand": {"content": {"method.md": "# Changed\n\n<!-- include: statuses -->\n", "assets/site.css": "b{}"}},
    "a deletion": {"gone": ["articles/bridge-2018/a03.yml"]},
}  # fmt: skip


def test_what_is_served_is_a_clean_build_byte_for_byte_after_every_kind_of_edit(live, paths, tmp_path):
    assert live.wait_for_check()
    assert differing(live, clean(paths, tmp_path / "clean")) == []
    for name, change in EDITS.items():
        edit(live, paths, **change)
        assert live.wait_for_check()  # two threads of one process must not run MkDocs at once
        assert differing(live, clean(paths, tmp_path / "clean")) == [], name
    # one edit after another in one world: the sum of them is no world that the program made up
    assert b"Others say that" in live.answer("articles/bridge-2018/a04/").data
    assert live.answer("articles/bridge-2018/a03/").status == 404


def test_what_a_team_says_of_its_site_is_taken_in_like_any_edit(paths, said, tmp_path, monkeypatch):
    monkeypatch.delenv("SITE_URL", raising=False)
    live = Live(paths, settings_of, said.append)
    for text in (
        "name: Bridgetrail\n",
        "name: Bridgewatch\nurl: https://host.example/bridges/\nlicence: {name: CC0}\n",
    ):
        edit(live, paths, {"site.yml": text})
        assert live.wait_for_check()
        assert differing(live, clean(paths, tmp_path / "clean", settings_of)) == []
    assert (live.root, said) == ("/bridges/", [])
    assert "<title>Bridgewatch</title>" in live.answer("").data.decode()
    live.close()


def test_a_broken_file_shows_its_last_sound_version_and_is_named_with_its_place(live, paths, said, tmp_path):
    edit(live, paths, edited((CLAIM, "three years", "four years")))
    edit(live, paths, {CLAIM: SOUND[CLAIM].replace("kind: figure", "kind: [figure")})
    assert b"four years" in live.answer(A02).data
    assert live.wait_for_check()
    assert [line for line in said if f"{CLAIM}:" in line and "yaml-syntax" in line]
    edit(
        live,
        paths,
        {"topics/bridge-closure.yml": SOUND["topics/bridge-closure.yml"].replace("The closure", "A closure")},
    )
    assert b"A closure" in live.answer("topics/bridge-closure/").data  # what isn't broken goes on
    assert b"four years" in live.answer("articles/bridge-2018/").data
    edit(live, paths, {CLAIM: SOUND[CLAIM]})
    assert live.wait_for_check()
    assert said[-1] == "no problems"
    assert differing(live, clean(paths, tmp_path / "clean")) == []


def test_a_record_that_breaks_a_rule_is_shown_and_named(live, paths, said):
    edit(live, paths, edited((CLAIM, "short: The bridge", "short: It is false that the bridge")))
    assert b"It is false that the bridge" in live.answer(A02).data
    assert live.wait_for_check()
    assert [line for line in said if f"{CLAIM}:2:8: short-with-verdict" in line]
    assert len(live.problems) == 1


def test_a_page_that_cannot_be_made_shows_what_it_was_when_the_record_was_sound(live, paths, said):
    assert live.wait_for_check()
    before = live.answer(A02).data
    edit(live, paths, edited((CLAIM, "source: gazette-2018-reopening", "source: gazette-2018-reopenign")))
    assert live.answer(A02).data == before
    assert live.answer("articles/bridge-2018/a01/").status == 200
    assert live.wait_for_check()
    assert [line for line in said if "did you mean 'gazette-2018-reopening'" in line]
    edit(live, paths, SOUND)
    assert live.wait_for_check()
    assert live.problems == []


def test_a_page_that_never_could_be_made_says_why(paths, said):
    put(paths.claims, edited((CLAIM, "source: gazette-2018-reopening", "source: gazette-2018-reopenign")))
    live = Live(paths, lambda _: SETTINGS, said.append)
    assert live.wait_for_check()
    found = live.answer(A02)
    assert found.status == 500
    assert b"gazette-2018-reopenign" in found.data
    live.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Method\n\n<!-- include: nothing -->\n", "includes 'nothing'"),
        ("# Method\n\n[nowhere](missing.md)\n", "missing.md"),
        ("# Method\n\n[nowhere](terms.md#no-such-word)\n", "#no-such-word"),
    ],
)
def test_what_a_strict_build_refuses_in_a_page_written_by_hand_is_named(live, paths, said, text, words):
    edit(live, paths, content={"method.md": text})
    assert live.wait_for_check()
    assert [line for line in said if words in line]
    assert live.answer("method/").status == 200
    edit(live, paths, content=CONTENT)
    assert live.wait_for_check()
    assert live.problems == []


def test_a_page_that_is_not_utf_8_is_named_and_the_one_before_it_stays(live, paths, said):
    (paths.content / "method.md").write_bytes(b"# M\xe9thode\n")
    live.update([(paths.content / "method.md").resolve()])
    assert "is not UTF-8" in said[-1]
    assert b"Method" in live.answer("method/").data
    assert live.wait_for_check()


def test_an_edit_of_a_file_reaches_the_reader_by_itself(server, paths, said):
    put(paths.claims, edited((CLAIM, "three years", "five years")))
    until(lambda: b"five years" in asked(server, A02)[1])
    folder = paths.claims / "articles" / "bridge-2018"
    folder.rename(paths.claims / "away")  # a whole folder goes, as when a branch is changed
    until(lambda: asked(server, A02)[0].status == 404)
    (paths.claims / "away").rename(folder)
    until(lambda: b"five years" in asked(server, A02)[1])
    until(lambda: server.live.problems == [])


def test_a_browser_gets_the_script_that_loads_again_and_nobody_else_does(server):
    response, plain = asked(server, A02)
    _, shown = asked(server, A02, Sec_Fetch_Dest="document")
    script = shown.partition(b'<script src="/__serve__/live.js"')[2].partition(b"</script>\n")[0]
    assert shown == plain.replace(b"</body>", b'<script src="/__serve__/live.js"' + script + b"</script>\n</body>")
    assert f'data-tag="{response.headers["X-Version"]}"'.encode() in script
    assert asked(server, "__serve__/live.js")[1] == (PROJECT / "scripts" / "serve.js").read_bytes()
    head, nothing = asked(server, A02, method="HEAD")
    assert (nothing, head.headers["Content-Length"]) == (b"", str(len(plain)))
    assert head.headers["X-Version"] == response.headers["X-Version"]


def test_no_reload_leaves_the_script_out(paths, said):
    with Running(paths, said, reloading=False) as server:
        assert asked(server, A02, Sec_Fetch_Dest="document")[1] == asked(server, A02)[1]


def test_addresses_answer_as_on_a_static_host(server):
    missing, page = asked(server, "nowhere/")
    assert missing.status == 404
    assert b"There is no page here" in page
    moved, _ = asked(server, A02.rstrip("/"))
    assert (moved.status, moved.headers["Location"]) == (301, f"/{A02}")
    assert asked(server, "embed/bridge-2018/a02/")[1] == asked(server, "embed/bridge-2018/a02/index.html")[1]
    assert asked(server, "embed/bridge-2018/a02")[0].status == 301
    kinds = {path: asked(server, path)[0].headers["Content-Type"] for path in ("", "assets/site.css", "assets/site.js", "assets/share.png", "robots.txt", "sitemap.xml", "sitemap.xml.gz")}  # fmt: skip
    assert list(kinds.values()) == ["text/html; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/png", "text/plain; charset=utf-8", "application/xml; charset=utf-8", "application/gzip"]  # fmt: skip
    for path in ("../claims/sources/county-2017-report.yml", "pagefind/../../x", "%2e%2e/x", "a%00b", "index.md"):
        assert asked(server, path)[0].status == 404, path


def test_a_site_that_stands_in_a_folder_is_served_in_it(paths, said):
    with Running(paths, said, Settings(url="https://host.example/project/")) as server:
        assert server.url.endswith("/project/")
        assert asked(server, "assets/site.css")[0].status == 200
        assert b'href="/project/assets/icon.svg"' in asked(server, "nowhere")[1]


def test_problems_have_a_page_and_are_told_to_the_browser(server, paths):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
    connection.request("GET", "/__serve__/events")
    stream = connection.getresponse()
    assert stream.readline() == b'data: {"problems": 0}\n'
    put(paths.claims, edited((CLAIM, "short: The bridge", "short: It is <b>false</b> that the bridge")))
    until(lambda: stream.readline() == b'data: {"problems": 1}\n')
    _, page = asked(server, "__serve__/")
    assert f"{CLAIM}:2:8: short-with-verdict".encode() in page
    connection.close()


def test_what_only_a_whole_build_makes_follows(paths, said, monkeypatch):
    monkeypatch.setattr(serving, "BEFORE_INDEXING", 0.05)
    with Running(paths, said, settings_of, search=True) as server:
        until(lambda: asked(server, "pagefind/pagefind-entry.json")[0].status == 200, 60)
        before = asked(server, "pagefind/pagefind-entry.json")[1]
        put(paths.claims, edited((CLAIM, "three years", "five zebras")))
        until(lambda: asked(server, "pagefind/pagefind-entry.json")[1] != before, 60)
        folder = server.indexer._paths.out
        until(lambda: b"five zebras" in (folder / A02 / "index.html").read_bytes())
        for path in ("data/index.html", f"{FOLDER}/SHA256SUMS", "llms.txt", "index.html"):
            assert asked(server, path)[1] == (folder / path).read_bytes(), path
        edit_of_page = CONTENT["method.md"] + "more"
        put(paths.content, {"data.md": edit_of_page})
        until(lambda: b"more" in asked(server, "data/")[1])  # an older build does not hide an edit
        assert asked(server, f"{FOLDER}/nothing.json")[0].status == 404
    assert said == []


def start(paths, *options):
    command = [sys.executable, "-m", "scripts", "serve", "--claims", paths.claims, "--content", paths.content, *options]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly(paths, number):
    process = start(paths, "--port", "0", "--no-search")
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(number)
    output, _ = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, "")


def test_a_port_that_is_taken_is_said(paths, server):
    process = start(paths, "--port", str(server.server_port))
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "--port names another" in output
    assert "Traceback" not in output


def test_an_edit_of_the_program_starts_it_anew_only_if_it_starts(paths, said, tmp_path, monkeypatch):
    for name in ("scripts", "content"):
        shutil.copytree(PROJECT / name, tmp_path / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "mkdocs.yml", tmp_path / "copy")
    monkeypatch.setattr(serving, "PROJECT", tmp_path / "copy")
    with Running(paths, said) as server:
        module = tmp_path / "copy" / "scripts" / "terms.py"
        sound = module.read_text()
        module.write_text(f"{sound}\nraise RuntimeError('half typed')\n")
        until(lambda: any("half typed" in line for line in said))
        assert not server.restart
        assert asked(server, A02)[0].status == 200
        module.write_text(sound)
        until(lambda: server.restart)


def test_other_systems_paths_of_the_watcher_are_those_of_the_records(server, paths, tmp_path):
    link = tmp_path / "link"
    os.symlink(paths.claims, link)
    with Running(Paths(link, paths.content), []) as other:
        put(paths.claims, edited((CLAIM, "three years", "six years")))
        until(lambda: b"six years" in asked(other, A02)[1])
