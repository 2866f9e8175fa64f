"""MkDocs's page machinery, kept in memory: one page of the docs folder at a time, to the bytes that a build would write.

The functions of MkDocs that are called here are those that its own build calls, in the same order, so that the bytes
are the same; a test compares them. MkDocs keeps some of its state in one place, so only one thread may ask at a time.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

from mkdocs.commands import build as building
from mkdocs.structure.files import File, Files, file_sort_key, set_exclusions
from mkdocs.structure.nav import get_navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_build_timestamp

from scripts.publish import Output, configured, data_of, mkdocs_words, ours
from scripts.render import Settings


class _Files(Files):
    """The files of a docs folder by their path, each made when it is asked for: a site may have tens of thousands."""

    def __init__(self, paths: Collection[str], make: Callable[[str], File]) -> None:
        super().__init__([])
        self._paths, self._make = paths, make

    def get_file_from_path(self, path: str) -> File | None:
        path = PurePosixPath(path).as_posix()
        if path not in self._src_uris and path in self._paths:
            self._src_uris[path] = self._make(path)
        return self._src_uris.get(path)

    def __iter__(self) -> Iterator[File]:
        for path in self._paths:
            self.get_file_from_path(path)
        return iter(sorted(self._src_uris.values(), key=file_sort_key))

    def __len__(self) -> int:
        return len(self._paths)


class _Pages(Sequence[File]):
    """The pages among the files, worked out only if a template asks."""

    def __init__(self, files: _Files) -> None:
        self._files = files

    def __getitem__(self, at: Any) -> Any:
        return self._files.documentation_pages()[at]

    def __len__(self) -> int:
        return len(self._files.documentation_pages())


class Machine:
    """MkDocs with its configuration, its theme and its templates, for the pages of any version of a site.

    It writes below `folder`, and each page that it wrote is taken away again at once.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.docs, site = settings, folder / "docs", folder / "site"
        self.docs.mkdir(exist_ok=True)
        with mkdocs_words(), ours(0):
            config = configured(self.docs, site, settings, lambda _: True)
            config.plugins.on_startup(command="serve", dirty=False)
            self.config = config = config.plugins.on_config(config)
            self.nav: list[dict[str, str]] = config["nav"]
            self.env = config.theme.get_env()
            theme = Files([])
            theme.add_files_from_theme(self.env, config)
            self.theme = {file.src_uri: file for file in config.plugins.on_files(theme, config=config)}

    def file(self, path: str) -> File:
        """MkDocs's idea of a file of the docs folder."""
        return File(path, str(self.docs), self.config.site_dir, self.config.use_directory_urls)


class Frame:
    """The frame around the pages of one version of a site.

    `made` are the files of the docs folder, `hand` the paths of those among them that are written by hand, and `epoch`
    is what the site is dated with. `warnings` is what MkDocs has to say of the navigation.
    """

    def __init__(
        self,
        machine: Machine,
        made: Mapping[str, Output],
        hand: Collection[str],
        epoch: int,
    ) -> None:
        self._made, self._hand, self._epoch = made, hand, epoch
        self.theme = machine.theme
        self._config = config = machine.config
        self._files = _Files(made, machine.file)
        with mkdocs_words() as self.warnings, ours(epoch):
            config["nav"] = [entry for entry in machine.nav if all(path in made for path in entry.values())]
            self._in_nav = {path for entry in config["nav"] for path in entry.values()}
            few = Files(
                file for path in sorted({*self._in_nav, *hand}) if (file := self._files.get_file_from_path(path))
            )
            set_exclusions(few, config)
            nav = get_navigation(few, config)
            self._nav = config.plugins.on_nav(nav, config=config, files=self._files)
            self._env = config.plugins.on_env(machine.env, config=config, files=self._files)
            for page in self._nav.pages:
                if page.title is None:  # an entry without a title takes the page's
                    self._populate(page.file)

    def path_at(self, url: str) -> str | None:
        """The path of the page that is to be found at an address, which ends in `/` or `index.html` or is empty."""
        folder = url.removesuffix("index.html").rstrip("/")
        inside = f"{folder}/" if folder else ""
        candidates = [f"{inside}index.md", f"{inside}README.md"]
        if folder.rpartition("/")[2] not in ("", "index", "README"):
            candidates.append(f"{folder}.md")
        found = next((path for path in candidates if path in self._made), None)
        if found and found in self._hand and not self._file(found).inclusion.is_included():  # type: ignore[no-untyped-call]
            return None
        return found

    def page(self, path: str) -> bytes:
        """The bytes of the page that is made from one file of the docs folder."""
        with mkdocs_words(), ours(self._epoch):
            file = self._file(path)
            page = self._populate(file)
            target = Path(file.abs_dest_path)
            building._build_page(page, self._config, _Pages(self._files), self._nav, self._env)
            data = target.read_bytes()
            target.unlink()
            if path not in self._in_nav:
                file.page = None
            return data

    def _file(self, path: str) -> File:
        file = self._files.get_file_from_path(path)
        assert file is not None
        return file

    def _populate(self, file: File) -> Page:
        data = data_of(self._made[file.src_uri])
        # as a file is read that is opened as text
        file.content_string = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        page = self._paged(file)
        building._populate_page(page, self._config, self._files)
        file._content = None
        return page

    def _paged(self, file: File) -> Page:
        return file.page or Page(None, file, self._config)

    def template(self, name: str) -> bytes:
        """The bytes of `404.html`, `sitemap.xml` or `sitemap.xml.gz`."""
        with mkdocs_words(), ours(self._epoch):
            source = name.removesuffix(".gz")
            pages = [self._paged(file) for file in self._files.documentation_pages()] if "sitemap" in name else []
            template = self._env.get_template(source)
            # MkDocs asks only whether these are `Files`, and takes the pages of them at once if they are
            files: Any = _Pages(self._files)
            data = building._build_template(source, template, files, self._config, self._nav).encode("utf-8")
            if source == name:
                return data
            packed = io.BytesIO()
            with gzip.GzipFile(name, "wb", fileobj=packed, mtime=get_build_timestamp(pages=pages)) as zipped:
                zipped.write(data)
            return packed.getvalue()

    def complaints(self, path: str) -> list[str]:
        """What a strict build would refuse in one page written by hand."""
        with mkdocs_words() as words, ours(self._epoch):
            page = self._populate(self._file(path))
            for target in page.links_to_anchors or ():
                if target.page is None or target.page.present_anchor_ids is None:
                    self._populate(target)
            page.validate_anchor_links(files=self._files, log_level=self._config.validation.links.anchors)
        return words
