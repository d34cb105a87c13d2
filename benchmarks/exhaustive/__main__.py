"""Prove the accuracy of every function over every input: `python -m benchmarks.exhaustive`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.exhaustive import certify, session, table
from benchmarks.exhaustive.subject import BARS, subjects
from nonlin.errors import NonlinError


def main(
    functions: Annotated[str, typer.Option(help="Names, separated by commas [default: the whole catalogue].")] = "",
    orders: Annotated[str, typer.Option(help="0 for f, 1 for f′, 2 for f″.")] = "0,1,2",
    dtypes: Annotated[str, typer.Option(help="Which of them.")] = ",".join(BARS),
    threads: Annotated[int, typer.Option(help="0: one for each core.")] = 0,
    again: Annotated[bool, typer.Option("--again", help="Measure rows again that are up to date.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Measure nothing: list the rows that are stale.")] = False,
    path: Annotated[Path, typer.Option("--table", help="The table to read and to write.")] = table.TABLE,
) -> None:
    """Run all inputs of each dtype through f, f′ and f″ and write the largest errors to docs/proofs/float32.csv.

    Rows whose kernel has not changed are kept; stopped with Ctrl-C, the same command goes on from there. Exit code 1:
    a row is beyond its bar, or with --check stale.
    """
    try:
        asked = [s for s in subjects(_words(functions), _words(dtypes)) if str(s.order) in _words(orders)]
        if not check:
            session.run(asked, path, again=again, threads=threads)
    except NonlinError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except certify.CertificationError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print("Stopped. Finished rows are kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(130) from None
    rows = table.read(path)
    wrong = table.stale({s: rows[s] for s in asked if s in rows}, asked)
    print("\n".join(wrong) if wrong else f"{len(asked)} rows: every promise holds")
    raise typer.Exit(1 if wrong else 0)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


if __name__ == "__main__":
    typer.run(main)
