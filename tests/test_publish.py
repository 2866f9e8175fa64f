"""Nothing half-made is ever in place, the same input gives the same bytes, and what is gone is removed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import markdown
import pytest
import yaml
from lxml import html

from scripts import publish as publishing
from scripts.load import load
from scripts.publish import BuildError, Paths, gather, newest, publish, put_in_place, write
from scripts.render import Settings
from tests.world import ARTICLE, CLAIM, SOUND, corpus, edited, put

PROJECT = Path(__file__).parent.parent
CONTENT = {
    "index.md": "# Home\n\n<!-- include: articles -->\n",
    "assets/site.css": "a{}",
    "about.md": "# About\n\n[Home](index.md)\n",
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Paths of a small site of its own."""
    monkeypatch.setattr(publishing, "BUILD", tmp_path / "build")
    put(tmp_path / "content", CONTENT)
    put(tmp_path / "claims", SOUND)
    return Paths(tmp_path / "claims", tmp_path / "content", tmp_path / "out" / "site")


def built(site):
    return publish(load(site.claims), site, Settings(url="https://host.example/"))


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_only_what_changed_is_written(tmp_path):
    docs = tmp_path / "docs"
    assert write({"a.md": b"1", "b/c.md": b"2"}, docs) == 2
    before = (docs / "a.md").stat().st_mtime_ns
    assert write({"a.md": b"1", "b/c.md": b"3"}, docs) == 1
    assert (docs / "a.md").stat().st_mtime_ns == before
    assert (docs / "b/c.md").read_bytes() == b"3"


def test_what_is_gone_is_removed_with_its_empty_folder_and_nothing_else(tmp_path):
    docs = tmp_path / "docs"
    write({"a.md": b"1", "b/c/d.md": b"2"}, docs)
    (docs / "mine.md").write_text("by hand")
    assert write({"a.md": b"1"}, docs) == 1
    assert sorted(path.name for path in docs.iterdir()) == ["a.md", "mine.md"]


@pytest.mark.parametrize("manifest", ["", "{", '{"a": 1}', '["../outside.md", "/etc/hosts", 7]'])
def test_a_damaged_manifest_removes_nothing_outside(tmp_path, manifest):
    (tmp_path / "outside.md").write_text("keep")
    (tmp_path / "docs.manifest.json").write_text(manifest)
    write({"a.md": b"1"}, tmp_path / "docs")
    assert (tmp_path / "outside.md").read_text() == "keep"
    assert json.loads((tmp_path / "docs.manifest.json").read_text()) == ["a.md"]


def test_a_write_that_fails_half_way_is_mended_by_the_next(tmp_path, monkeypatch):
    docs = tmp_path / "docs"
    write({"a.md": b"1"}, docs)
    replace = os.replace

    def failing(source, target):
        if str(target).endswith("c.md"):
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="disk full"):
        write({"b.md": b"2", "c.md": b"3"}, docs)
    monkeypatch.setattr(os, "replace", replace)
    write({"c.md": b"3"}, docs)
    assert sorted(path.name for path in docs.iterdir()) == ["c.md"]


def test_a_site_is_built_and_a_second_build_has_nothing_to_do(site):
    assert "pages" in built(site)
    assert (site.out / "articles/bridge-2018/a02/index.html").is_file()
    assert (site.out / "404.html").is_file()
    before = {path: path.stat().st_mtime_ns for path in site.out.rglob("*")}
    assert built(site).endswith("is up to date")
    assert before == {path: path.stat().st_mtime_ns for path in site.out.rglob("*")}


def test_an_edit_of_a_record_and_of_a_page_rebuilds(site):
    built(site)
    put(site.claims, edited((CLAIM, "three years", "four years")))
    assert "pages" in built(site)
    assert "four years" in (site.out / "articles/bridge-2018/a02/index.html").read_text()
    put(site.content, {"about.md": "# Changed\n"})
    built(site)
    assert "Changed" in (site.out / "about/index.html").read_text()


def test_what_a_link_shows_is_escaped_and_lacks_nothing(site):
    title = """A "b" <i>c</i> & d {{ 7*7 }} <img src=x onerror=alert(1)> < 5 > 4"""
    put(site.claims, edited((ARTICLE, "title: The bridge that nobody opened", f"title: '{title}'")))
    built(site)
    head = html.parse(str(site.out / "articles/bridge-2018/index.html")).find("head")
    assert head.xpath(".//meta[@property='og:title']/@content") == [title]
    assert head.findtext("title") == f"{title} · Claimtrail"
    assert head.xpath(".//meta[@property='og:image:alt']/@content")[0].startswith(title)
    assert head.xpath(".//meta[@name='description']/@content")[0].startswith(title)
    assert head.xpath(".//i|.//img") == []


def test_a_site_without_an_address_names_none(site):
    publish(load(site.claims), site, Settings(url=""))
    assert (site.out / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"
    publish(load(site.claims), site, Settings(url="https://host.example/project/"))
    assert "Sitemap: https://host.example/project/sitemap.xml\n" in (site.out / "robots.txt").read_text()
    page = (site.out / "articles/bridge-2018/a01/index.html").read_text()
    assert 'content="https://host.example/project/assets/share/bridge-2018.png"' in page
    assert 'href="/project/assets/icon.svg"' in (site.out / "404.html").read_text()


def test_a_withdrawn_file_takes_its_page_along(site):
    built(site)
    for path in ("articles/bridge-2018/a03.yml",):
        (site.claims / path).unlink()
    built(site)
    assert not (site.out / "articles/bridge-2018/a03").exists()


def test_a_build_that_fails_leaves_the_old_site(site):
    built(site)
    before = tree(site.out)
    put(site.content, {"about.md": "# About\n\n[nowhere](missing.md)\n"})
    with pytest.raises(BuildError, match=r"missing\.md"):
        built(site)
    assert tree(site.out) == before
    assert [path.name for path in site.out.parent.iterdir()] == ["site"]


@pytest.mark.parametrize("link", ["[x](missing.md)", "[x](index.md#nowhere)", "[x](/absolute.md)"])
def test_a_bad_link_in_a_page_written_by_hand_stops_the_build(site, link):
    put(site.content, {"about.md": f"# About\n\n{link}\n"})
    with pytest.raises(BuildError, match="MkDocs refuses the pages"):
        built(site)
    assert not site.out.exists()


def test_a_page_that_is_not_utf8_is_named(site):
    (site.content / "bad.md").write_bytes(b"\xff")
    with pytest.raises(BuildError, match=r"bad\.md is not UTF-8"):
        gather(site.content)


def test_a_missing_content_folder_is_said(tmp_path):
    with pytest.raises(BuildError, match="--content names the folder"):
        gather(tmp_path / "nowhere")


@pytest.mark.parametrize("exchange", [True, False])
def test_the_fresh_site_takes_the_place_of_the_old_one_whole(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(publishing, "_exchanged", lambda one, other: False)
    put(tmp_path / "site", {"old": "1"})
    put(tmp_path / ".site.fresh", {"new": "2"})
    put_in_place(tmp_path / ".site.fresh", tmp_path / "site")
    assert tree(tmp_path / "site") == {"new": b"2"}


def start(site, **options):
    """The build as a process of its own."""
    command = [
        sys.executable,
        "-m",
        "scripts",
        "build",
        "--claims",
        site.claims,
        "--content",
        site.content,
        "--out",
        site.out,
    ]
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def finish(process):
    """Its exit status and what it printed."""
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 0.95])
def test_a_build_killed_at_any_moment_leaves_a_whole_site(site, share):
    began = time.monotonic()
    assert finish(start(site))[0] == 0
    delay = share * (time.monotonic() - began)
    before = tree(site.out)
    put(site.claims, edited((CLAIM, "three years", "four years")))
    process = start(site, start_new_session=True)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    after = tree(site.out)
    assert after == before or b"four years" in after["articles/bridge-2018/a02/index.html"]
    assert finish(start(site))[0] == 0
    assert b"four years" in tree(site.out)["articles/bridge-2018/a02/index.html"]


def test_two_builds_at_once_do_not_harm_each_other(site):
    results = [finish(process) for process in [start(site), start(site)]]
    assert [status for status, _ in results] == [0, 0], results
    assert (site.out / "articles/bridge-2018/a02/index.html").is_file()
    assert [path.name for path in site.out.parent.iterdir()] == ["site"]


def test_the_same_input_gives_the_same_bytes_anywhere(tmp_path):
    trees = []
    for name, env in (
        ("one", {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        (
            "two-other",
            {
                "TZ": "America/Adak",
                "LC_ALL": "C.UTF-8",
                "LANG": "de_DE.UTF-8",
                "PYTHONHASHSEED": "2",
                "SOURCE_DATE_EPOCH": "1",
            },
        ),
    ):
        folder = tmp_path / name
        put(folder / "claims", SOUND)
        put(folder / "content", CONTENT)
        status, output = finish(start(Paths(folder / "claims", folder / "content", folder / "site"), env=env))
        assert status == 0, output
        trees.append(tree(folder / "site"))
    assert trees[0].keys() == trees[1].keys()
    assert [path for path in trees[0] if trees[0][path] != trees[1][path]] == []


def test_the_site_is_dated_by_its_records_and_not_by_the_clock(site):
    built(site)
    assert newest(load(site.claims)) == 1580515200
    assert "<lastmod>2020-02-01</lastmod>" in (site.out / "sitemap.xml").read_text()


def test_nothing_of_the_themes_own_scripts_is_published(site):
    built(site)
    ours = {path.name for path in (PROJECT / "content" / "assets").iterdir()} | {"share", "share.png"}
    assert {path.name for path in site.out.glob("assets/*")} <= ours


def test_another_records_pages_need_no_copy_of_the_styles(site):
    built(site)
    assert (site.out / "assets/site.css").read_text() == "a{}"  # its own goes first
    assert (site.out / "assets/fonts/claimtrail-serif.woff2").is_file()


def test_one_thread_may_read_the_site_while_another_build_replaces_it(site):
    built(site)
    page, stop, missing = site.out / "index.html", threading.Event(), []

    def read():
        while not stop.is_set():
            if not page.is_file():
                missing.append(time.monotonic())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for years in ("four", "five"):
            put(site.claims, edited((CLAIM, "three years", f"{years} years")))
            built(site)
    finally:
        stop.set()
        reader.join()
    assert missing == []


def test_the_world_is_sound(tmp_path):
    assert corpus(tmp_path).problems == []


# ---- pages that are HTML already ------------------------------------------------------------------------------------


def test_a_page_made_from_a_template_is_what_markdown_would_leave_of_it_and_is_kept_from_it(site, monkeypatch):
    asked, convert = [], markdown.Markdown.convert
    with monkeypatch.context() as patch:
        patch.setattr(markdown.Markdown, "convert", lambda self, text: asked.append(text) or convert(self, text))
        built(site)
    config = publishing.configured(site.docs, site.out, Settings(), lambda _: True)
    made, hand = [], []
    for path in site.docs.rglob("*.md"):
        front, fence, body = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
        is_made = bool(fence) and "kind" in yaml.safe_load(front)
        (made if is_made else hand).append(path)
        if is_made:
            whole = markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs)
            assert whole.convert(body.strip()) == body.strip()
            page = path.relative_to(site.docs).with_suffix("")
            folder = page.parent if page.name == "index" else page
            assert body.strip() in (site.out / folder / "index.html").read_text(encoding="utf-8")
    assert len(made) > 20
    assert len([text for text in asked if text]) == len(hand)


@pytest.mark.parametrize(("anchor", "there"), [("status-contested", True), ("status-contestd", False)])
def test_a_link_to_a_place_on_a_page_made_from_a_template_is_still_looked_after(site, anchor, there):
    put(site.content, {"about.md": f"# About\n\n[a word](terms.md#{anchor})\n"})
    if there:
        built(site)
    else:
        with pytest.raises(BuildError, match="does not contain an anchor"):
            built(site)
