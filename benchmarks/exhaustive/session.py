"""A run over many rows: what is up to date is kept, a finished row is written at once, progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks import machine
from benchmarks.exhaustive import certify, table
from benchmarks.exhaustive.scan import scan
from benchmarks.exhaustive.subject import Subject
from benchmarks.exhaustive.table import Row

AGREEMENT = 0.01
"""How far the oracle's figure may be above the scan's, in ulp; 4 ulp of float64 are 10⁻⁸ of one of float32."""
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())


def run(subjects: Sequence[Subject], path: Path, *, again: bool = False, threads: int = 0) -> list[Row]:
    """Measure what the table lacks or has from other kernels (everything with `again`); returns the new rows."""
    rows, console = table.read(path), Console(stderr=True)
    due = [s for s in subjects if again or s not in rows or rows[s].sha256 != s.sha256]
    console.print(f"{len(subjects) - len(due)} rows are up to date, {len(due)} to do")
    measured = []
    with Progress(*_COLUMNS, TimeRemainingColumn(), console=console) as progress:
        whole = progress.add_task("all rows", total=sum(_size(subject) for subject in due) or 1)
        for subject in due:
            row = measure(subject, threads, lambda inputs: progress.advance(whole, inputs))
            rows[subject] = row
            measured.append(row)
            table.write(rows.values(), path)
            progress.console.print(described(row))
    return measured


def _size(subject: Subject) -> int:
    return 1 << (8 * subject.numpy_dtype.itemsize)


def measure(subject: Subject, threads: int, progress: Callable[[int], None]) -> Row:
    """One row: all inputs, then the worst of them, the special points and a random sample against the oracle.

    Raises CertificationError where the oracle finds an error the scan did not see.
    """
    found = scan(subject, threads=threads, progress=progress)
    size = subject.numpy_dtype.itemsize
    worst = np.array([pattern for _, pattern in found.worst], f"u{size}").view(subject.numpy_dtype)
    error = found.worst[0][0]
    judged = np.concatenate([worst, certify.sample(subject)])
    errors = certify.errors(subject, judged)
    certified = float(errors.max())
    if certified > error + AGREEMENT:
        at = table.hexadecimal(float(judged[errors.argmax()]))
        raise certify.CertificationError(
            f"{subject} at {at}: {certified:.6g} ulp by the oracle, at most {error:.6g} seen"
        )
    return Row(
        function=subject.function,
        order=subject.order,
        dtype=subject.dtype,
        bar=subject.bar,
        error=error,
        certified=certified,
        worst_input=table.hexadecimal(float(worst[0])),
        over_half=found.beyond[0],
        over_one=found.beyond[1],
        over_two=found.beyond[2],
        inputs=found.inputs,
        worst_patterns=" ".join(f"{pattern:0{2 * size}x}" for _, pattern in found.worst[: table.KEPT]),
        parameters=" ".join(f"{name}={value!r}" for name, value in subject.parameters.items()),
        sha256=subject.sha256,
        date=machine.today(),
        machine=machine.description(),
    )


def described(row: Row) -> str:
    """One line: the worst error, where, and whether the promise holds."""
    verdict = "" if row.holds else f"  BEYOND {row.bar:g}"
    return f"{row.subject!s:32} {row.error:.4f} ulp at {row.worst_input}{verdict}"
