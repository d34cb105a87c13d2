"""Rows by way of copies: those that are not contiguous, that lie side by side, or whose largest entry is infinite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nonlin.emit import row_copies, row_share
from nonlin.expression.nodes import Node
from tests.emit.test_row_share import DTYPES, FORMATS, LOGARITHM, MEMORY, NODES, SHARE, compiled


def in_pieces(dtype: str) -> Iterator[tuple[Any, Any]]:
    """Rows contiguous and not, of lengths around those of vectors and copies; some with infinite entries."""
    draw = np.random.default_rng(2)
    for length in (1, 7, 16, 31, 33, 100, 1025, 3001, 16_500):
        plain = draw.normal(0, 5, length).astype(dtype)
        for value, count in ((0.0, 0), (np.inf, 2), (-np.inf, length), (np.nan, 1)):
            row = plain.copy()
            row[draw.permutation(length)[:count]] = value
            wide = np.full((length, 3), 1e3, dtype)
            wide[:, 1] = row
            yield row, wide[:, 1]


def differences(node: Node, dtype: str) -> int:
    """In how many rows a stride of the input or of the output changes a bit."""
    function, found = compiled(node), 0
    for row, strided in in_pieces(dtype):
        wanted, apart = function(row), np.zeros((row.size, 2), dtype)
        function(row, out=apart[:, 0])
        backwards = np.zeros_like(row)
        function(strided, out=backwards[::-1])
        same = all(np.array_equal(got, wanted, equal_nan=True) for got in (function(strided), apart[:, 0]))
        found += not (same and np.array_equal(backwards[::-1], wanted, equal_nan=True) and not apart[:, 1].any())
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_a_row_in_pieces_has_the_same_values(node: Node, dtype: str) -> None:
    assert 16_500 * np.dtype(dtype).itemsize > row_copies.TILE
    for sweep in row_share.Share(MEMORY[dtype], negated=False, logarithm=node is LOGARITHM).sweeps():
        assert row_copies.LENGTH % (sweep.unroll * sweep.format.lanes.count) == 0
    assert differences(node, dtype) == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_piece_put_elsewhere_is_seen(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = FORMATS[MEMORY[dtype]]
    first = [line.replace("mul i64 %j, %out.step", "mul i64 0, %out.step") for line in row_copies._each(form)]
    monkeypatch.setattr(row_copies, "_each", lambda form: first)
    assert differences(SHARE, dtype) > 0


def side_by_side(node: Node, dtype: str) -> int:
    """In how many blocks of rows along the first axis, with results along it, anything differs from rows alone."""
    function, draw, found = compiled(node), np.random.default_rng(4), 0
    for length, rows in ((1, 40), (10, 33), (64, 17), (64, 16), (1000, 20), (5000, 7), (8170, 3)):
        across = draw.normal(0, 5, (length, rows)).astype(dtype)
        across[draw.integers(length), :: rows // 2] = np.inf
        out = np.zeros((length, rows + 2), dtype)
        function(across.T, out=out[:, 1:-1].T)
        wanted = np.array([function(row.copy()) for row in across.T])
        found += not (np.array_equal(out[:, 1:-1].T, wanted) and not out[:, [0, -1]].any())
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_rows_side_by_side_have_the_same_values(node: Node, dtype: str) -> None:
    assert side_by_side(node, dtype) == 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("%k.next = add i64 %k, 1", "%k.next = add i64 %k, 2"),
        ("%out.offset = mul i64 %i, %out.outer", "%out.offset = mul i64 0, %out.outer"),
    ],
)
def test_a_row_mixed_up_with_its_neighbours_is_seen(right: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.replace(right, wrong) for line in row_copies._tiles("float", 4)]
    assert lines != row_copies._tiles("float", 4)
    monkeypatch.setattr(row_copies, "_tiles", lambda number, size: lines)
    assert side_by_side(SHARE, "float32") > 0


def test_a_copy_that_keeps_infinities_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [
        line.replace("%copy = select i1 %is.pivot", "%copy = select i1 false") for line in row_copies._gather("float")
    ]
    monkeypatch.setattr(row_copies, "_gather", lambda number: kept)
    with pytest.raises(AssertionError):
        test_infinite_rows_in_pieces(SHARE, "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("node", [SHARE, LOGARITHM], ids=["share", "logarithm"])
def test_infinite_rows_in_pieces(node: Node, dtype: str) -> None:
    """Equal infinities share the whole, whether the row is contiguous or not, and whatever else is in it."""
    for row, strided in in_pieces(dtype):
        for given in (row, strided):
            if np.isinf(row.max()):
                wanted = np.where(row == row.max(), 1 / (row == row.max()).sum(), 0.0)
                got = compiled(node)(given)
                shares = got if node is SHARE else np.exp(got)
                np.testing.assert_allclose(shares, wanted, rtol=1e-6 if dtype == "float32" else 1e-14)
