"""How far a long run has come: one line that is rewritten on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO


class Progress:
    """Counts steps up to `total` and tells of them on `stream`, which is standard error unless another is given.

    A terminal sees one line that is rewritten at every step. Anything else, a log above all, gets a plain line at
    every twentieth of the way, so that a run of any length leaves some twenty lines.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._done = 0
        self._every = max(1, total // 20)

    def step(self, note: str, steps: int = 1) -> None:
        """`steps` more are done; `note` says what there is to say."""
        before, self._done = self._done, self._done + steps
        line = f"{self._done:,} of {self._total:,}  {note}"
        if self._live:
            self._stream.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
            self._stream.flush()
        elif self._done == self._total or self._done // self._every > before // self._every:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def end(self) -> None:
        """Leave the line as it is and begin a new one."""
        if self._live and self._done:
            self._stream.write("\n")
            self._stream.flush()
