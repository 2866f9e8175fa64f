"""What several test modules share: the real site, built once, served on loopback, and a browser to look at it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.server
import threading
from pathlib import Path

import pytest

from scripts.load import load
from scripts.publish import BUILD, Paths, project_settings, publish
from tests.browser import chromium

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real():
    """The real record."""
    return load(PROJECT / "claims", BUILD / "cache" / "records")


@pytest.fixture(scope="session")
def site(real):
    """The folder of the real site, built if it isn't up to date."""
    publish(real, Paths(), project_settings())
    return Paths().out


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    """A folder on loopback; gives the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def address(site):
    """Where the real site is served."""
    with served(site) as url:
        yield url


@pytest.fixture(scope="session")
def below(site, tmp_path_factory):
    """Where the real site is served in a folder of its host, as a project page would be."""
    root = tmp_path_factory.mktemp("host")
    (root / "project").symlink_to(site)
    with served(root) as url:
        yield f"{url}project/"


@pytest.fixture
def own_loop():
    """A thread free for a loop of asyncio: the browser that other tests hold open marks its own loop as running."""
    running = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    yield
    asyncio.events._set_running_loop(running)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if not path:
        pytest.fail("The tests need a Chromium: run `make test`, which gets one, or set CHROMIUM to the path of one.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
