"""Race nonlin beside other libraries: `python -m benchmarks.speed`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

SIZES = "8,1024,16384,262144,4194304,67108864"
QUICK_SIZES = "8,16384,4194304"
DTYPES = "float32,float64,bfloat16"


def main(
    functions: Annotated[str, typer.Option(help="Names, separated by commas; those of the bars if none.")] = "",
    orders: Annotated[str, typer.Option(help="0 for f, 1 for f′.")] = "0,1",
    sizes: Annotated[str, typer.Option(help=f"Elements [default: {SIZES}].")] = "",
    dtypes: Annotated[str, typer.Option(help=f"[default: {DTYPES}; quick: float32]")] = "",
    threads: Annotated[str, typer.Option(help="[default: 1,2; quick: 1]")] = "",
    contenders: Annotated[str, typer.Option(help="[default: all; quick: without those slow to start]")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Few rounds; prints a table and writes no file.")] = False,
    page: Annotated[bool, typer.Option("--page", help="Only write the page and the figure from the tables.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Measure cells again that the file has.")] = False,
) -> None:
    """Measure each function beside other libraries, side by side in one process.

    Without --quick, finished cells go into docs/proofs/speed.csv as they end: stopped, the same command goes on from
    there. Then docs/speed.md and docs/img/speed.svg are written from the file.
    """
    if page:
        _publish(small=False)
        return
    counts = _numbers(threads or ("1" if quick else "1,2"))
    if len(counts) > 1:
        raise typer.Exit(_one_process_each(counts) or _publish())
    # Before any library starts its threads.
    os.environ["OMP_NUM_THREADS"] = os.environ["NPROC"] = str(counts[0])
    from benchmarks.speed import session
    from nonlin.errors import NonlinError

    kinds = _words(dtypes or ("float32" if quick else DTYPES))
    elements = _numbers(sizes or (QUICK_SIZES if quick else SIZES))
    try:
        cells = session.plan(_words(functions), _numbers(orders), kinds, elements, counts[0])
        if functions or not sizes:
            cells += session.rows_plan(_words(functions), kinds, counts[0])
        session.run(cells, _words(contenders), quick=quick, again=again)
    except NonlinError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        print("Stopped. Finished cells are kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(130) from None


def _one_process_each(counts: tuple[int, ...]) -> int:
    """The libraries read their number of threads when they start, so every number has a process of its own."""
    rest = [argument for argument in sys.argv[1:] if not argument.startswith("--threads")]
    if "--threads" in sys.argv:
        rest.remove(sys.argv[sys.argv.index("--threads") + 1])
    for count in counts:
        command = [sys.executable, "-m", "benchmarks.speed", *rest, f"--threads={count}"]
        if code := subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode:
            return code
    return 0


def _publish(*, small: bool = True) -> int:
    from benchmarks.speed import session

    if small:
        missed = [bar.promise for bar in session.publish() if bar.met is False]
        print("\n".join(f"missed: {promise}" for promise in missed) or "every bar is met")
    else:
        session.write_page()
    return 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in _words(text))


if __name__ == "__main__":
    typer.run(main)
