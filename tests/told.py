"""Runs what a document tells its readers to do, and compares what it says that they will see.

A ```console block holds commands after `$ ` and what each prints. A ```yaml block that begins with `# PATH` is written to
that file; one that begins with `# in PATH` is set at the end of the list `evidence:` in it. A ```text block is written to
the file that its info string names. `python -m tests.told DOCUMENT` runs a document and writes the output into it.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from scripts.__main__ import _parser

PROJECT = Path(__file__).resolve().parent.parent
REPOSITORY = "https://github.com/claimtrail/claimtrail"
_BLOCK = re.compile(r"^```(console|yaml|text)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COURIER = """<!doctype html><html lang="en"><head><title>Tolls are back on the bridge</title>
<meta property="og:site_name" content="The Courier"><meta name="author" content="Carla Cartwright">
<meta property="article:published_time" content="2018-04-02"></head>
<body><article><p>Since March 2017 carts have paid tolls on the bridge.</p></article></body></html>"""


class _Web(http.server.BaseHTTPRequestHandler):
    """The web as the documents have it: one page of an invented newspaper, and an archive without a copy of it."""

    def do_GET(self) -> None:
        page = {"http://courier.example/tolls": ("text/html", COURIER)}.get(self.path)
        if self.path.startswith("http://archive.example/"):
            page = ("application/json", '{"archived_snapshots": {}}')
        kind, text = page or ("text/plain", "")
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def web():
    """The invented web, as a proxy; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def copied(folder: Path) -> Path:
    """What stands here as a repository that can be cloned, whatever of it is committed."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@dataclass
class Reader:
    """Somebody who does what a document says, in a folder of his own."""

    home: Path
    repository: Path
    proxy: str

    def __post_init__(self) -> None:
        self.here = self.home

    def env(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return kept | {
            "HOME": str(self.home), "LC_ALL": "C.UTF-8", "HTTP_PROXY": self.proxy, "http_proxy": self.proxy,
            "WAYBACK_API": "http://archive.example/wayback", "GIT_CONFIG_GLOBAL": "/dev/null", "PYTHONUNBUFFERED": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.example", "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@b.example", "GIT_CONFIG_COUNT": "2", "NO_COLOR": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.repository}.insteadOf", "GIT_CONFIG_VALUE_0": REPOSITORY,
            "GIT_CONFIG_KEY_1": "advice.detachedHead", "GIT_CONFIG_VALUE_1": "false",
        }  # fmt: skip

    def run(self, command: str) -> str:
        """What a command prints, on both channels. A failure is what it prints too."""
        where = self.home / ".where"
        where.unlink(missing_ok=True)
        script = f"cd {str(self.here)!r} || exit\ntrap 'pwd > {str(where)!r}' EXIT\n{command}\n"
        made = subprocess.run(["bash", "-c", script], env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # fmt: skip
        self.here = Path(where.read_text().strip())
        assert self.here.is_relative_to(self.home), f"{command} led out to {self.here}"
        venv = self.here / ".venv"
        if "git clone" in command and not venv.exists():
            # what `make` would set up is set up here already; an old list of requirements keeps make from fetching it anew
            venv.symlink_to(Path(sys.prefix))
            os.utime(self.here / "requirements.lock", (0, 0))
            os.utime(self.here / "requirements-dev.lock", (0, 0))
        return made.stdout

    def write(self, path: str, text: str) -> None:
        target = self.here / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def insert(self, path: str, text: str) -> None:
        target = self.here / path
        whole = target.read_text(encoding="utf-8")
        found = re.search(r"^evidence:\n(?:[ -].*\n)*", whole, re.MULTILINE)
        assert found, f"{path} has no evidence"
        target.write_text(whole[: found.end()] + text + whole[found.end() :], encoding="utf-8")

    def follow(self, document: str) -> str:
        """Do all that the document says; returns it with what was really printed."""

        def block(match: re.Match[str]) -> str:
            language, info, body = match.groups()
            if language == "text" and info.strip():
                self.write(info.strip(), body)
            elif language == "yaml":
                head, _, rest = body.partition("\n")
                place = re.fullmatch(r"# (in )?(\S+\.yml)", head)
                assert place, f"no file is named: {head}"
                if place[1]:
                    self.insert(place[2], rest)
                else:
                    self.write(place[2], rest)
            elif language == "console":
                told = re.findall(r"^\$ ((?:.*\\\n)*.*)$", body, re.MULTILINE)
                body = "".join(f"$ {command}\n{self.run(command)}" for command in told)
            return f"```{language}{info}\n{body}```"

        return _BLOCK.sub(block, document)


@contextlib.contextmanager
def reader(folder: Path, repository: Path | None = None):
    """A reader in `folder`, with a repository to clone and the invented web."""
    repository = repository or copied(folder / "origin")
    (folder / "home").mkdir()
    with web() as proxy:
        yield Reader(folder / "home", repository, proxy)


def commands_page() -> str:
    """`docs/commands.md`: every command with its arguments and options, from the parser."""
    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    parts = ["# Commands\n\nAs `python -m scripts COMMAND --help` gives them; `python -m tests.told docs/commands.md` writes this page.\n"]  # fmt: skip
    for name, parser in commands.choices.items():
        rows = []
        for action in parser._actions:
            if isinstance(action, argparse._HelpAction):
                continue
            value = action.metavar or ("/".join(action.choices) if action.choices else action.dest.upper())
            shown = ", ".join(f"`{option}`" if action.nargs == 0 else f"`{option} {value}`" for option in action.option_strings)  # fmt: skip
            rows.append(
                f"| {shown or f'`{value}`'} | {(action.help or '').replace('|', chr(92) + '|')} |".replace("%%", "%")
            )
        table = "\n| | |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
        parts.append(f"## {name}\n\n{parser.description}\n{table}")
    return "\n".join(parts)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name == "docs/commands.md":
            Path(name).write_text(commands_page(), encoding="utf-8")
            continue
        with tempfile.TemporaryDirectory() as scratch, reader(Path(scratch)) as somebody:
            path = Path(name)
            path.write_text(somebody.follow(path.read_text(encoding="utf-8")), encoding="utf-8")
