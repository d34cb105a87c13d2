"""`nonlin demo`: the story of activation functions, run on bundled data and written into one HTML file."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.status import Status

from nonlin.cli.output import narration_console
from nonlin.errors import MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonlin.demo.chapter import Chapter


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")] = Path("nonlin-demo/report.html"),
    quick: Annotated[bool, typer.Option("--quick", help="Less of everything: a look in a few seconds.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Decides everything random.")] = 0,
) -> None:
    """See the whole story on real data: why networks need activations, how they fail, which one to choose.

    Five chapters, about a minute on two cores, no network access; prints the path of the report it wrote. Interrupted
    with Ctrl-C, it keeps what is finished.

    Example: nonlin demo --quick -o look.html
    """
    try:
        from nonlin.demo import Watcher, run
    except ImportError as error:
        raise MissingDependencyError(
            "the demonstration needs PyTorch, scikit-learn, SciPy and Matplotlib", received=str(error),
            fix='pip install "nonlin[demo]"',
        ) from error  # fmt: skip
    started = time.monotonic()
    with _Terminal() as terminal:
        watcher = Watcher(terminal.now, terminal.finished, terminal.pause, shown=True)
        path = run(out, seed=seed, quick=quick, watcher=watcher)
    size, seconds = path.stat().st_size / 1000, time.monotonic() - started
    narration_console().print(f"\n{seconds:.0f} s, {size:.0f} kB. Open the report in any browser:", highlight=False)
    typer.echo(path)


class _Terminal:
    """Shows on standard error what runs now and what each chapter found; plain lines where nothing can be redrawn."""

    def __init__(self) -> None:
        self._console = narration_console()
        self._status: Status | None = None

    def __enter__(self) -> _Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def now(self, place: str, text: str) -> None:
        """What runs now."""
        line = f"{place}  {text} …"
        if not self._console.is_terminal:
            self._say(line)
        elif self._status:
            self._status.update(line)
        else:
            self._status = self._console.status(line)
            self._status.start()

    def finished(self, place: str, chapter: Chapter) -> None:
        """The chapter's finding, which stays."""
        self._stop()
        self._say(f"{place}  [bold]{chapter.title}[/bold]", markup=True)
        self._say(f"        {chapter.summary}")

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Leaves the terminal to another display."""
        if self._status:
            self._say(str(self._status.status))
        self._stop()
        yield

    def _stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None

    def _say(self, line: str, markup: bool = False) -> None:
        self._console.print(line, markup=markup, highlight=False, soft_wrap=True)
