"""The files of a folder at a revision, from git's objects: nothing is checked out, and nothing is written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class RevisionError(Exception):
    """A revision can't be read; the message says why and what to do."""


def files_at(folder: Path, revision: str) -> dict[str, bytes]:
    """Every file below `folder` at `revision`, by its path below it.

    Raises RevisionError where there is no git, no repository, no such revision, or no such folder in it.
    """
    commit = commit_of(folder, revision)
    below = _git(folder, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")
    listing = _git(folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", below or ".")
    names: list[tuple[str, bytes]] = []
    for entry in listing.split(b"\0"):
        head, tab, path = entry.partition(b"\t")
        mode, kind, blob = head.split(b" ") if tab else (b"", b"", b"")
        if kind == b"blob" and mode != b"120000":  # a link in the repository is no file of its own
            names.append((os.fsdecode(path).removeprefix(below), blob))
    if not names:
        raise RevisionError(f"{revision} has no {below.rstrip('/') or folder}: choose a revision that has records")
    told = _git(folder, "cat-file", "--batch", ask=b"".join(blob + b"\n" for _, blob in names))
    found: dict[str, bytes] = {}
    at = 0
    for name, blob in names:
        line = told[at : told.index(b"\n", at)]
        at += len(line) + 1
        if not line.startswith(blob + b" blob "):
            raise RevisionError(f"git has no content for {name} at {revision}: is the repository whole?")
        size = int(line.rpartition(b" ")[2])
        found[name] = told[at : at + size]
        at += size + 1
    return found


def commit_of(folder: Path, revision: str) -> str:
    """The commit that a revision names. Raises RevisionError."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: --claims names the folder that holds articles/, sources/ …")
    _git(folder, "rev-parse", "--git-dir")
    try:
        found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except RevisionError:
        message = f"git knows no revision {revision!r} here"
        if _git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true":
            message += ", and this clone is shallow: run `git fetch --unshallow`, or check out with more of its history"
        else:
            branches = _git(folder, "branch", "--all", "--format=%(refname:short)").decode("utf-8", "replace").split()
            message += f": name a commit, a tag or a branch ({', '.join(branches[:5]) or 'there is none yet'})"
        raise RevisionError(message) from None
    return found.decode("ascii").strip()


def parted(folder: Path, revision: str) -> str:
    """Where what is checked out parted from `revision`: what came there since is no change made here.

    `revision` itself where the two have nothing in common. Raises RevisionError.
    """
    commit = commit_of(folder, revision)
    try:
        return _git(folder, "merge-base", commit, "HEAD").decode("ascii").strip()
    except RevisionError:
        return commit


def subjects(folder: Path, base: str, head: str | None) -> list[tuple[str, str]]:
    """The commits that `head` has and `base` has not, newest first: each one's short name and its subject."""
    span = f"{commit_of(folder, base)}..{commit_of(folder, head or 'HEAD')}"
    told = _git(folder, "log", "--no-merges", "--no-show-signature", "--format=%h %s", span).decode("utf-8", "replace")
    found = []
    for line in told.splitlines():
        name, _, subject = line.partition(" ")
        found.append((name, subject))
    return found


def _git(folder: Path, *arguments: str, ask: bytes = b"") -> bytes:
    """What git prints. Raises RevisionError with git's own words where it fails."""
    environment = os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; revisions stand behind --end-of-options
            command, input=ask, env=environment, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed, and only git knows earlier revisions") from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        if "not a git repository" in words:
            words = f"{folder} is in no git repository: there is nothing to compare with"
        raise RevisionError(words or f"git {arguments[0]} failed")
    return done.stdout
