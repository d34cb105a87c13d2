"""Race nonlin beside other libraries: `python -m benchmarks.speed`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.speed import plan, records, session
from benchmarks.speed.files import Files
from benchmarks.speed.peers import CONTENDERS
from benchmarks.speed.plan import Choice
from nonlin.errors import InvalidValueError, NonlinError, unknown_name

ROOT = Path(__file__).parents[2]
QUICK_SIZES = (8, 1 << 14, 1 << 22)
INTERRUPTED = 130
DOCS = Files().docs
# The libraries read these when they start.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")


def main(
    functions: Annotated[str, typer.Option(help="Names, separated by commas; those of the bars if none.")] = "",
    orders: Annotated[str, typer.Option(help="0 for f, 1 for f′.")] = "0,1",
    sizes: Annotated[str, typer.Option(help="Numbers of elements [default: the plan's; quick: 8, 2¹⁴, 2²²].")] = "",
    dtypes: Annotated[str, typer.Option(help="[default: the plan's; quick: float32]")] = "",
    threads: Annotated[str, typer.Option(help="[default: one in cache, two beyond; quick: 1]")] = "",
    contenders: Annotated[str, typer.Option(help="[default: all; quick: without those slow to start]")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Few rounds; prints a table and writes no file.")] = False,
    page: Annotated[bool, typer.Option("--page", help="Only write the page and the figure from the tables.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Measure races again that the file has.")] = False,
    docs: Annotated[Path, typer.Option(help="The folder the results are read from and written to.")] = DOCS,
    count: Annotated[int, typer.Option(hidden=True, help="The races on so many threads, in this process.")] = 0,
) -> None:
    """Measure each function beside other libraries, side by side in one process.

    Without --quick, finished races go into docs/proofs/speed.csv as they end: stopped, the same command goes on from
    there, and later measures what has changed. Then docs/speed.md and docs/img/speed.svg are written from the file.
    """
    try:
        choice = Choice(_words(functions), _numbers(orders), _words(dtypes), _numbers(sizes), _numbers(threads))
        if quick:
            choice = replace(choice, dtypes=choice.dtypes or ("float32",), sizes=choice.sizes or QUICK_SIZES,
                             threads=choice.threads or (1,))  # fmt: skip
        if count:
            _race(choice, _contenders(contenders), Files(docs), quick=quick, again=again, count=count)
        elif page:
            _publish(Files(docs))
        else:
            _all(choice, Files(docs), quick=quick, again=again)
    except NonlinError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        if not count:
            print("Stopped. Finished races are kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def _all(choice: Choice, files: Files, *, quick: bool, again: bool) -> None:
    """Each number of threads in a process of its own, then the small calls, the page and the figure."""
    started = time.perf_counter()
    session.warn_when_busy()
    for count in plan.threads_of(plan.cells(choice)):
        command = [sys.executable, "-m", "benchmarks.speed", *sys.argv[1:], f"--count={count}"]
        environment = {**os.environ, **dict.fromkeys(_THREADS, str(count))}
        if code := subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            raise KeyboardInterrupt if code == INTERRUPTED else typer.Exit(code)
    if quick:
        return
    session.measure_small(files, again=again)
    _publish(files)
    print(f"{(time.perf_counter() - started) / 60:.1f} minutes")


def _race(choice: Choice, contenders: tuple[str, ...], files: Files, *, quick: bool, again: bool, count: int) -> None:
    """The races on `count` threads."""
    with suppress(ImportError):
        import_module("ml_dtypes")  # before a kernel is built, so that it has bfloat16 from the start
    cells = [cell for cell in plan.cells(choice) if cell.threads == count]
    wanted = cells if quick or again else session.due(cells, records.read(files.table))
    if not quick:
        print(
            f"{count} thread{'s' * (count > 1)}: {len(cells) - len(wanted)} races are up to date, {len(wanted)} to do"
        )
    session.run(wanted, contenders, files, quick=quick)


def _publish(files: Files) -> None:
    for bar in session.publish(files):
        print(f"{bar.verdict}: {bar.promise}{f': {bar.measured}' if bar.checks else ''}")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in _words(text))
    except ValueError:
        raise InvalidValueError("whole numbers, separated by commas", received=text, fix="1024,16384") from None


def _contenders(text: str) -> tuple[str, ...]:
    for name in _words(text):
        if name not in CONTENDERS:
            raise unknown_name("contender", name, CONTENDERS)
    return _words(text)


if __name__ == "__main__":
    typer.run(main)
