"""docs/accuracy.md from the committed tables: what is promised, how it is measured, and the largest errors found."""

from __future__ import annotations

import csv
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "accuracy.md"
TABLES = {"float32": DOCS / "proofs" / "float32.csv", "float64": DOCS / "proofs" / "float64.csv"}

HEAD = """\
# Accuracy

What is promised of every elementwise function, in units in the last place (ulp): the distance between neighbouring
floating-point numbers at the exact value, at least that of the subnormal numbers.

| | f | f′ and f″ | inputs |
|---|---|---|---|
| float32 | ≤ 2 ulp | ≤ 4 ulp | all 2³² |
| float16, bfloat16 | ≤ 0.51 ulp | ≤ 0.51 ulp | all 65,536 |
| float64 | ≤ 4 ulp | ≤ 4 ulp | compulsory and sampled |

- Within 1/16 of a sign change away from x = 0, where no relative bound is meaningful, the ulp of a derivative is taken
  at max(|f′(x)|, 2⁻⁸); so is that of the few functions f that change their sign elsewhere than at 0.
- At ±∞ the value is the limit. NaN stays NaN, and no other input gives NaN. No warning is printed.
- At a corner the derivative is the definition's choice (`facts.kinks`), which lies between the slopes of the two sides.
  A corner that is no floating-point number may be taken up to 4 ulp away.
- Parameters are operands of the dtype of x: in float32 a slope of 0.01 is the nearest float32 to it.
- Products of a vector with the Jacobian of a row function are sums that cancel; their error is at most four times the
  spacing of numbers beside 1, for gradients of size 1.

Exact values come from interval arithmetic with at least 40 certified digits, which differentiates by Taylor series and
shares no code with the kernels (`nonlin.expression.oracle`). float64 kernels are held to it directly. float32 kernels
run on every input against the float64 kernels, and their worst inputs are held to it again; an empty float32 cell has
not been run on every input yet, and `tests/contract` holds it on a sample.

```sh
.venv/bin/python -m benchmarks.accuracy       # float64, minutes: docs/proofs/float64.csv and this page
.venv/bin/python -m benchmarks.exhaustive     # float32 and float16, every input, long: docs/proofs/float32.csv
```

The tables also hold the worst input, a hash of the arithmetic, the date and the machine. A test refuses rows of another
arithmetic and measures the worst inputs again.

## Largest errors found, in ulp
"""


def page() -> str:
    """The page, from the tables as they are in the folder; a table that is not there leaves its columns empty."""
    found = {dtype: _errors(path, dtype) for dtype, path in TABLES.items()}
    names = list(dict.fromkeys(name for errors in found.values() for name, _ in errors))
    columns = [(dtype, order) for dtype in TABLES for order in range(3)]
    titles = [f"{dtype} {symbol}" for dtype in TABLES for symbol in ("f", "f′", "f″")]
    lines = [f"| function | {' | '.join(titles)} |", f"|---|{'---:|' * len(columns)}"]
    for name in names:
        cells = [found[dtype].get((name, order), "") for dtype, order in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([HEAD, *lines, ""])


def _errors(path: Path, dtype: str) -> dict[tuple[str, int], str]:
    """The error of each function and order as text, bold where it breaks the promise."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("dtype", dtype) == dtype]
    return {(row["function"], int(row["order"])): _cell(float(row["error"]), float(row["bar"])) for row in rows}


def _cell(error: float, bar: float) -> str:
    return f"{error:.2f}" if error <= bar else f"**{error:.1f}**"
