"""The committed table of float64 errors: complete, of the kernels as they are, and right at its worst inputs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks import accuracy, accuracy_page
from benchmarks.accuracy import Row
from tests.contract import promise
from tests.contract.cases import ORDERS, elementwise

ROWS = {(row.function, row.order): row for row in accuracy.read()}
REPRINT = "run: python -m benchmarks.accuracy"


def complaint(row: Row | None, function: str, order: int) -> str:
    """What is wrong with a row, or nothing."""
    if row is None:
        return f"no row for {function}, order {order}; {REPRINT} {function}"
    if row.sha256 != accuracy.fingerprint(function, order):
        return f"the row of {function}, order {order} is of another kernel; {REPRINT} {function}"
    if not row.holds:
        return f"{function}, order {order} breaks its promise of {row.bar} ulp: {row.error}"
    x = np.array([float.fromhex(row.worst_input)])
    error = float(promise.errors_by_oracle(row.case, x, row.case.kernel(x))[0])
    return "" if abs(error - row.error) <= 1e-3 * max(error, 1e-3) else f"{row} says otherwise: {error}"


@pytest.mark.parametrize("function", elementwise())
def test_rows(function: str) -> None:
    found = [complaint(ROWS.get((function, order)), function, order) for order in ORDERS]
    assert [text for text in found if text] == []


def test_no_row_is_of_a_function_that_is_gone() -> None:
    assert {name for name, _ in ROWS} <= set(elementwise())
    assert len(ROWS) > 30


def test_stale_and_wrong_rows_are_refused() -> None:
    row = next(row for row in ROWS.values() if row.error > 0.3)
    key = (row.function, row.order)
    fresh = dataclasses.replace(row, sha256=accuracy.fingerprint(*key))
    assert "of another kernel" in complaint(dataclasses.replace(row, sha256="0" * 64), *key)
    assert "no row" in complaint(None, *key)
    assert "breaks its promise" in complaint(dataclasses.replace(fresh, error=5.0), *key)
    assert "says otherwise" in complaint(dataclasses.replace(fresh, error=row.error / 2), *key)


def test_the_page_is_made_from_the_tables() -> None:
    assert accuracy_page.PAGE.read_text(encoding="utf-8") == accuracy_page.page(), REPRINT
    assert accuracy_page.page().count("\n| ") > len(elementwise())
