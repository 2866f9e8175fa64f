"""A built site as one zip that opens from a memory stick, with its checksum beside it.

The same site makes the same bytes: names are sorted, every file has the day of the record and the same attributes. What
Deflate makes of a file may differ between versions of zlib.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from scripts.render import Settings
from scripts.version import Version

README = """{name}, version {version}

This folder is a copy of the whole site. It needs no network.

To read it, open a terminal in this folder and run

    python3 -m http.server --bind 127.0.0.1

(on Windows: py -m http.server --bind 127.0.0.1), then open http://127.0.0.1:8000/ in a browser. Pages can also be opened
one by one as files, but search and the links between pages need the server.

The data of the record, for programs, is below data/v1/; data/index.html says what each file is.

{terms}
{where}"""


def name_of(version: Version) -> str:
    """The name of a release, and of the one folder in it."""
    return f"claimtrail-{version}".replace("+", "-")  # a plus sign is a blank to some servers


def release(site: Path, out: Path, version: Version, settings: Settings) -> Path:
    """Write the zip of the folder `site` into the folder `out`, and a `.sha256` beside it; returns the path of the zip.

    Neither is ever half there: both are written under another name first.
    """
    out.mkdir(parents=True, exist_ok=True)
    name = name_of(version)
    target = out / f"{name}.zip"
    fresh = target.with_suffix(".zip.new")
    rights = settings.rights
    terms = [rights.credit, rights.title, rights.url or ""] if rights else [settings.name, "no licence is given"]
    readme = README.format(
        name=settings.name,
        version=version,
        terms=", ".join(term for term in terms if term),
        where=f"From {settings.url}\n" if settings.url else "",
    )
    try:
        with zipfile.ZipFile(fresh, "w") as archive:
            archive.writestr(_entry(f"{name}/README.txt", version), readme)
            files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
            for relative, path in sorted(files.items()):
                entry = _entry(f"{name}/{relative}", version)
                entry.file_size = path.stat().st_size  # by which the archive knows whether it needs Zip64
                with path.open("rb") as source, archive.open(entry, "w") as place:
                    shutil.copyfileobj(source, place)
        with fresh.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
    beside = out / f"{target.name}.sha256"
    draft = beside.with_suffix(".sha256.new")
    draft.write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    os.replace(draft, beside)
    return target


def _entry(path: str, version: Version) -> zipfile.ZipInfo:
    day = version.day
    entry = zipfile.ZipInfo(path, (day.year, day.month, day.day, 0, 0, 0))
    entry.create_system = 3  # Unix, wherever it is made
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
