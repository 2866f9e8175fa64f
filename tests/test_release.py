"""A release opens from a memory stick, search included, and what the page on data says to type works."""

import contextlib
import json
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
import urllib.request
import zipfile
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from scripts import dataset
from scripts import publish as publishing
from scripts.__main__ import main
from scripts.load import load
from scripts.publish import Paths, publish
from scripts.release import release
from scripts.render import Settings
from scripts.version import Version, version
from tests.conftest import served
from tests.world import SOUND, put

PROJECT = Path(__file__).parent.parent
SETTINGS = Settings(
    url="https://site.example/",
    repo="https://code.example/x/y",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    credit="Bridge contributors",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The invented world as a whole site, with our own pages, and its version."""
    folder = tmp_path_factory.mktemp("built")
    put(folder / "claims", SOUND)
    corpus = load(folder / "claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "BUILD", folder / "build")
        publish(corpus, Paths(folder / "claims", PROJECT / "content", folder / "site"), SETTINGS)
    return folder / "site", version(corpus)


@pytest.fixture(scope="module")
def packed(built, tmp_path_factory):
    site, state = built
    return release(site, tmp_path_factory.mktemp("release"), state, SETTINGS)


# ---- the zip --------------------------------------------------------------------------------------------------------


def test_another_program_finds_the_zip_sound_and_its_checksum_right(packed):
    done = subprocess.run([sys.executable, "-m", "zipfile", "-t", packed], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Done testing"
    done = subprocess.run(["sha256sum", "--check", f"{packed.name}.sha256"], cwd=packed.parent, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == f"{packed.name}: OK"
    assert sorted(path.name for path in packed.parent.iterdir()) == [packed.name, f"{packed.name}.sha256"]


def test_the_zip_holds_the_whole_site_in_one_folder_with_a_text_that_says_how_to_open_it(built, packed):
    site, state = built
    top = f"claimtrail-{state.short}-{state.sha256[:8]}"
    with zipfile.ZipFile(packed) as archive:
        names = [entry.filename for entry in archive.infolist()]
        assert names[0] == f"{top}/README.txt"
        there = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
        assert names[1:] == [f"{top}/{path}" for path in there]
        text = archive.read(names[0]).decode()
        assert str(state) in text
        assert "python3 -m http.server" in text
        for entry in archive.infolist():
            assert entry.date_time == (2020, 2, 1, 0, 0, 0)
            assert stat.filemode(entry.external_attr >> 16) == "-rw-r--r--"
            if entry.filename != names[0]:
                assert archive.read(entry) == (site / entry.filename.removeprefix(f"{top}/")).read_bytes()


def test_the_same_site_packs_to_the_same_bytes_whatever_its_files_dates(built, packed, tmp_path):
    site, state = built
    shutil.copytree(site, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    (tmp_path / "elsewhere/index.html").chmod(0o600)
    assert release(tmp_path / "elsewhere", tmp_path / "out", state, SETTINGS).read_bytes() == packed.read_bytes()


def test_a_release_that_fails_leaves_nothing_half_made(tmp_path, monkeypatch):
    put(tmp_path / "site", {"index.html": "x"})

    def full(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="disk full"):
        release(tmp_path / "site", tmp_path / "out", Version(date(2020, 1, 1), "0" * 64, 1), SETTINGS)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_command_refuses_to_release_an_unsound_record(tmp_path, capsys):
    put(tmp_path / "claims", SOUND | {"topics/bridge-closure.yml": "title: x\n"})
    assert main(["release", "--claims", str(tmp_path / "claims"), "--out", str(tmp_path / "out")]) == 1
    assert "There is no release." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_unpacked_and_served_by_python_alone_it_reads_and_its_search_finds(packed, tmp_path, browser):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = browser.new_context()
    try:
        waited_for(f"http://127.0.0.1:{port}/")
        page = context.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{port}/search/?q=engineer")
        link = page.locator("main a[href*='bridge-2018/a02']").first
        link.wait_for()
        link.click()
        page.wait_for_url("**/articles/bridge-2018/a02/**")
        assert page.locator("h1").inner_text().startswith("The county engineer")
        assert [url for url in asked if not url.startswith((f"http://127.0.0.1:{port}/", "data:"))] == []
    finally:
        context.close()
        server.terminate()
        server.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def waited_for(url):
    """What a server says that is still starting."""
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()
        time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


# ---- the page on data -----------------------------------------------------------------------------------------------


@pytest.fixture
def lines(built, tmp_path, monkeypatch):
    """What the page on data says to type, by name, with the site's address put in place; run in an empty folder."""
    site, _ = built
    monkeypatch.chdir(tmp_path)
    with served(site) as url:
        yield typed((site / "data/index.html").read_text(encoding="utf-8"), url)


def typed(page, url):
    blocks = html.fromstring(page).xpath("//code[@data-run]")
    assert all(
        "https://site.example/data/v1" in block.text_content() or "curl" not in block.text_content() for block in blocks
    )
    return {block.get("data-run"): block.text_content().replace("https://site.example/", url) for block in blocks}


def fetched(script):
    """Do what the `curl -O` lines of a script say; returns its other lines."""
    rest = []
    for line in script.strip().splitlines():
        match = re.fullmatch(r"curl -O (\S+)", line)
        if match:
            with urllib.request.urlopen(match[1]) as answer:
                Path(match[1].rpartition("/")[2]).write_bytes(answer.read())
        else:
            rest.append(line)
    return rest


def ran(script):
    """What a Python script prints, in a process of its own: the libraries leave files open and types behind."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_for_pandas_load_the_tables(lines):
    printed = ran(lines["pandas"])
    assert re.search(r"^distorted .*1", printed, re.MULTILINE)
    assert re.search(r"contradicts +4", printed)


def test_the_lines_for_duckdb_load_statements_and_evidence(lines):
    assert fetched(lines["duckdb-fetch"]) == []
    run = "import duckdb, sys, json; print(json.dumps([duckdb.sql(q).fetchall() for q in json.load(sys.stdin)]))"
    queries = json.dumps([sql for sql in lines["duckdb"].split(";") if sql.strip()])
    done = subprocess.run([sys.executable, "-c", run], input=queries, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    statuses = dict(first)
    assert sum(statuses.values()) == 3
    assert statuses["not-checkable"] == 1
    assert second[0] == ["gazette-2018-reopening", 2]


def test_the_lines_for_datasette_serve_tables_and_search(lines):
    (command,) = fetched(lines["datasette"])
    assert command.split()[0] == "datasette"
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", *command.split(), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answer = waited_for(f"http://127.0.0.1:{port}/claimtrail/statements.json?_search=engineer&_shape=array")
        assert [row["id"] for row in json.loads(answer)] == ["bridge-2018/a02"]
        page = waited_for(f"http://127.0.0.1:{port}/claimtrail/statements")
        assert b'name="_search"' in page
    finally:
        server.terminate()
        server.wait()


def test_the_lines_for_a_triple_store_load_the_linked_data(lines):
    assert fetched(lines["triples-fetch"]) == []
    assert "Nanopublication" in ran(lines["triples"])
    assert int(ran(lines["triples-rdflib"])) > 300


def test_the_page_on_data_lists_every_file_with_its_size_and_how_it_begins(built):
    site, state = built
    page = html.parse(str(site / "data/index.html")).getroot()
    assert page.xpath("//dd/code/text()")[0] == str(state)
    for slot in page.xpath("//span[@data-size or @data-head or @data-files]"):
        text = slot.text_content()
        assert text.strip() if slot.get("data-head") else re.search(r"\d", text), slot.attrib
    listed = {slot.get("data-size") for slot in page.xpath("//span[@data-size]")}
    there = {
        path.relative_to(site).as_posix()
        for path in (site / "data/v1").rglob("*")
        if path.is_file() and "articles" not in path.parts
    }
    assert there <= listed
    for link in page.xpath("//dl[contains(@class, 'files')]//a/@href"):
        if "#" not in link:
            assert (site / "data" / link).is_file(), link


def test_pages_name_their_own_data_and_feeds(built):
    site, _ = built

    def alternates(path):
        head = html.parse(str(site / path / "index.html"))
        return {
            (link.get("type"), (site / path / link.get("href")).resolve().relative_to(site.resolve()).as_posix())
            for link in head.xpath("//head/link[@rel='alternate'][not(contains(@type, 'oembed'))]")
        }

    atom, whole = "application/atom+xml", ("application/atom+xml", "feed.xml")
    assert alternates("") == {whole}
    assert alternates("articles/bridge-2018/a02") == {
        whole,
        ("application/json", "data/v1/articles/bridge-2018/a02.json"),
    }
    for page in ("articles/bridge-2018", "topics/bridge-closure", "sources/echo-2018-copy"):
        assert alternates(page) == {whole, (atom, f"{page}/feed.xml")}
        assert "feed.xml" in html.parse(str(site / page / "index.html")).xpath("//main//a/@href")
    assert alternates("corrections") == {whole, (atom, "changes/feed.xml")}
    for page in site.rglob("*.html"):
        for link in html.parse(str(page)).xpath("//head/link[@rel='alternate']/@href"):
            assert page.name == "404.html" or (page.parent / link).is_file(), (page, link)


def test_the_dictionary_has_every_field_and_column(built):
    from scripts.tables import TABLES

    site, _ = built
    page = html.parse(str(site / "data/dictionary/index.html")).getroot()
    told = page.xpath("//dl[contains(@class, 'fields')]/div/dt/code/text()")
    assert len(told) == sum(len(shape.fields) for shape in dataset.dictionary()) + sum(len(t.columns) for t in TABLES)
    ids = set(page.xpath("//@id"))
    assert {link[1:] for link in page.xpath("//main//a/@href") if link.startswith("#")} <= ids
