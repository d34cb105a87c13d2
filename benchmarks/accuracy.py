"""float64 held to the oracle: `python -m benchmarks.accuracy` writes docs/proofs/float64.csv and docs/accuracy.md.

For every elementwise function and for f, f′ and f″: the compulsory inputs of the contract (zeros, subnormals, the
largest numbers, infinities, corners, the borders of the exponential, the Gaussian tail, sign changes) and random ones,
log-spaced over all magnitudes and dense where functions bend. Every value is compared with a certified one. Float32 is
proved over all its inputs by `benchmarks.exhaustive`, against these float64 kernels.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks import accuracy_page, machine
from benchmarks.exhaustive.subject import Subject
from nonlin.errors import NonlinError
from tests.contract import promise
from tests.contract.cases import ORDERS, Case, elementwise
from tests.contract.regimes import all_points

TABLE = Path(__file__).parents[1] / "docs" / "proofs" / "float64.csv"
SIZE = 200  # points per sampled regime: about 3,000 for each function and order


@dataclass(frozen=True)
class Row:
    """The largest error of one order of one function, in ulp, and where it is; `sha256` is that of the arithmetic."""

    function: str
    order: int
    bar: float
    error: float
    worst_input: str
    points: int
    sha256: str
    date: str
    machine: str

    @property
    def case(self) -> Case:
        return Case(self.function, self.order, "x", Subject(self.function, self.order, "float64").parameters)

    @property
    def holds(self) -> bool:
        return self.error <= self.bar


def fingerprint(function: str, order: int) -> str:
    """Hash of the arithmetic of the kernel: a row with another hash is stale."""
    return Subject(function, order, "float64").sha256


def measure(function: str, order: int, size: int = SIZE) -> Row:
    """One row of the table, measured now."""
    case = Case(function, order, "x", Subject(function, order, "float64").parameters)
    x = all_points(case, np.float64, size)
    errors = promise.errors_by_oracle(case, x, case.kernel(x))
    worst = int(np.argmax(errors))
    return Row(
        function=function, order=order, bar=promise.bar(case, np.float64), error=float(f"{errors[worst]:.4g}"),
        worst_input=float(x[worst]).hex(), points=x.size, sha256=fingerprint(function, order),
        date=machine.today(), machine=machine.description(),
    )  # fmt: skip


def read(path: Path = TABLE) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Row(**{**row, "order": int(row["order"]), "bar": float(row["bar"]), "error": float(row["error"]),
                   "points": int(row["points"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]  # fmt: skip


def write(rows: Iterable[Row], path: Path = TABLE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("functions", nargs="*", help="names; all when none is given. Other rows are kept.")
    parser.add_argument("--size", type=int, default=SIZE, help=f"points per sampled regime (default {SIZE})")
    parser.add_argument("--jobs", type=int, default=machine.cores(), help="processes")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the table; 1 when a promise is broken."""
    options = _parser().parse_args(arguments)
    chosen = options.functions or list(elementwise())
    kept = {(row.function, row.order): row for row in (read() if TABLE.exists() else [])}
    with ProcessPoolExecutor(options.jobs) as pool:
        tasks = [pool.submit(measure, name, order, options.size) for name in chosen for order in ORDERS]
        for task in tasks:
            row = task.result()
            kept[row.function, row.order] = row
            print(
                f"{row.function:<20} order {row.order}  {row.error:8.4g} ulp at {float.fromhex(row.worst_input):.17g}"
            )
    rows = [kept[name, order] for name in elementwise() for order in ORDERS if (name, order) in kept]
    write(rows)
    accuracy_page.PAGE.write_text(accuracy_page.page(), encoding="utf-8")
    broken = [f"{row.function}, order {row.order}: {row.error} ulp" for row in rows if not row.holds]
    print("\n".join(["broken promises:", *broken]) if broken else "every promise is kept", file=sys.stderr)
    return int(bool(broken))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NonlinError as error:
        sys.exit(f"{error}")
