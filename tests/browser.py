"""Find a Chromium for the tests, or get one: Debian's package where packages may be installed, else playwright's own.

Run by `make test`; the tests themselves only ask `chromium()`. Fails, and never skips, where no browser can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str | None:
    """The path of a Chromium that starts, or None."""
    candidates = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in NAMES), _own()]
    for path in candidates:
        if path and Path(path).is_file() and _starts(path):
            return path
    return None


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _own() -> str | None:
    """Where playwright keeps its own Chromium, if it has fetched one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _install() -> None:
    if sys.platform == "linux" and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"] if shutil.which("sudo") else None
        if sudo is not None:
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
                subprocess.run(
                    [*sudo, "apt-get", "--quiet", *arguments], env=environment, check=False, stdout=subprocess.DEVNULL
                )
            if chromium():
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    if chromium():
        return 0
    print("No Chromium here: fetching one for the tests …", file=sys.stderr)
    _install()
    if chromium():
        return 0
    print(
        "The tests need a Chromium: install Debian's package 'chromium', or set CHROMIUM to the path of one.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
