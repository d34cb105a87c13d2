"""What a comparison says while it runs, on standard error: what runs now, how much is done, how much time is left."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

LINES = 10  # progress lines in a log file, where nothing can be overwritten


class Progress:
    """A live display on a terminal, plain lines in a log, nothing when `shown` is False (None: on a terminal only)."""

    def __init__(self, shown: bool | None) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._shown = self._console.is_terminal if shown is None else shown
        self._live: Live | None = None
        self._total = self._done = self._failed = 0
        self._began = time.monotonic()
        self._running: tuple[str, ...] = ()

    def say(self, line: str) -> None:
        """One line that stays."""
        if self._shown:
            self._console.print(line, markup=False, soft_wrap=True)

    def begin(self, total: int) -> Self:
        """Count `total` cells from now on."""
        self._total, self._began = total, time.monotonic()
        return self

    def __enter__(self) -> Self:
        if self._shown and self._console.is_terminal and self._total:
            self._live = Live(self, console=self._console, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def running(self, cells: Iterable[object]) -> None:
        """The cells in work now."""
        self._running = tuple(str(c) for c in cells)

    def finished(self, cell: object, status: str) -> None:
        """One more cell done."""
        self._done += 1
        self._failed += status != "finished"
        step = max(self._total // LINES, 1)
        if self._shown and not self._live and (self._done % step == 0 or self._done == self._total):
            self.say(f"{self._summary()}; last: {cell}, {status}")

    def _summary(self) -> str:
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done} of {self._total} runs done{failed}, {self._left()}"

    def _left(self) -> str:
        if not self._done:
            return "starting"
        spent = time.monotonic() - self._began
        return f"about {duration(spent / self._done * (self._total - self._done))} left"

    def __rich__(self) -> Any:
        lines = Table.grid()
        lines.add_row(Text(self._summary()))
        lines.add_row(ProgressBar(self._total, self._done, width=60))
        for cell in self._running:
            lines.add_row(Text(f"  now: {cell}", style="dim"))
        return lines


def duration(seconds: float) -> str:
    """Seconds as a reader says them: "8 s", "3 min", "2.5 h"."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
