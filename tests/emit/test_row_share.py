"""Shares of a row and their logarithms: which kernels are written so, and their values where that has corners."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.emit import row_copies, row_share, row_sweep, row_totals
from nonlin.emit.rows import kernel_text
from nonlin.expression import oracle
from nonlin.expression.nodes import Node, exp, log, row_anchor, row_sum, x
from nonlin.expression.row_nodes import row_offset
from nonlin.kernels import assemble

FORMATS = row_sweep.FORMATS
MEMORY = {"float32": "float", "float64": "double"}
DTYPES = tuple(MEMORY)
BARS = {"float32": 2.0, "float64": 4.0}
BELOW = row_offset(x, row_anchor(x))
SHARE = exp(BELOW) / row_sum(exp(BELOW))
LOGARITHM = BELOW - log(row_sum(exp(BELOW)))
ABOVE = row_offset(-x, row_anchor(-x))
NODES = {"share": SHARE, "negated": exp(ABOVE) / row_sum(exp(ABOVE)), "logarithm": LOGARITHM}


def share(shifted: Node) -> Node:
    return exp(shifted) / row_sum(exp(shifted))


def is_share(node: Node, dtype: str = "float32", operands: tuple[str, ...] = ("x",)) -> bool:
    return row_copies.NAME in kernel_text(node, operands, dtype)


def compiled(node: Node) -> Any:
    return assemble.row("tried", node, ("x",))


def reference(rows: Any, *, logarithm: bool) -> Any:
    """In float64, of float32 rows with a finite largest entry."""
    rows = rows.astype(np.float64)
    top = rows.max(axis=-1, keepdims=True)
    powers = np.exp(rows - top)
    if not logarithm:
        return powers / powers.sum(axis=-1, keepdims=True)
    others = np.where(rows == top, 0.0, powers).sum(axis=-1, keepdims=True)
    return rows - top - np.log1p((rows == top).sum(axis=-1, keepdims=True) - 1 + others)


def ulp_of_float(got: Any, wanted: Any) -> float:
    return float((np.abs(got - wanted) / np.spacing(np.abs(wanted).astype(np.float32))).max())


def edges(dtype: str) -> Iterator[Any]:
    """Largest entries around ±near and beyond, with entries as far below them as the format can tell from nothing."""
    form, draw = FORMATS[MEMORY[dtype]], np.random.default_rng(5)
    ends = {"float32": [87.3, 88.0, 103.2, 103.97, 104.1], "float64": [708.3, 709.0, 744.4, 745.13, 745.2]}[dtype]
    near = np.dtype(dtype).type(form.near)
    for anchor in (0.0, 0.34657, 20.8, near, np.nextafter(near, near * 0), near * 1.0001, 1e7, 1e30):
        for sign in (1, -1):
            below = np.concatenate([[0, 1e-6, *ends, form.reach, 3 * form.near], draw.uniform(0, form.reach, 12)])
            yield (sign * anchor - below).astype(dtype)
            yield (sign * anchor - below * 0.01).astype(dtype)


def worst_at_edges(function: Any, node: Node, dtype: str) -> float:
    return max(float(oracle.ulp_error(function(row), oracle.row_value(node, row), dtype).max()) for row in edges(dtype))


def test_which_expressions_are_shares() -> None:
    catalogue = [name for name in nl.names(kind="row") if is_share(nl.get(name).expression)]
    assert len(catalogue) >= 3
    assert all(is_share(node, dtype) for node in NODES.values() for dtype in DTYPES)
    anchor = row_anchor(x)
    others = [share(x - anchor), share(row_offset(2 * x, row_anchor(2 * x))), share(row_offset(x, row_anchor(-x)))]
    others += [exp(BELOW) / row_sum(exp(ABOVE)), BELOW - log(row_sum(exp(ABOVE))), BELOW + log(row_sum(exp(BELOW)))]
    assert not any(is_share(node) for node in others)
    assert not is_share(SHARE, operands=("x", "y"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_infinity_is_asked_for_once_a_row(dtype: str) -> None:
    """In rows of finite entries the offset is the subtraction, with no instruction more in any loop."""
    anchor = row_anchor(x)
    plain, limit = (
        function_in(kernel_text(exp(shifted) * row_sum(exp(shifted)), ("x",), dtype))
        for shifted in (x - anchor, row_offset(x, anchor))
    )
    more = [line for line in limit if line not in plain]
    assert len(limit) - len(plain) == 7
    assert len(more) <= 8
    assert any("call void @row.infinite(" in line for line in more)
    assert "row.infinite" not in kernel_text(share(x - anchor), ("x",), dtype)


def function_in(text: str) -> list[str]:
    """The lines of the function for contiguous rows."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if "define internal void @row.contiguous(" in line)
    return lines[start : lines.index("}", start)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_values_where_the_formats_end(node: Node, dtype: str) -> None:
    towards = -1 if node is NODES["negated"] else 1
    function = compiled(node)
    plain = SHARE if node is NODES["negated"] else node
    assert worst_at_edges(lambda row: function(towards * row), plain, dtype) <= BARS[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("node", "field", "value"),
    [
        (SHARE, "near", 2e7),
        (SHARE, "near", 20.0),
        (SHARE, "shift", 0),
        (SHARE, "reach", 80.0),
        (LOGARITHM, "near", 2e7),
        (LOGARITHM, "shift", 0),
        (LOGARITHM, "reach", 15.0),
    ],
)
def test_a_format_stretched_too_far_is_seen(
    node: Node, field: str, value: Any, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, memory = list(edges(dtype)), MEMORY[dtype]
    wanted = [oracle.row_value(node, row) for row in rows]
    monkeypatch.setitem(FORMATS, memory, replace(FORMATS[memory], **{field: value}))
    got = [compiled(node)(row) for row in rows]
    assert max(float(oracle.ulp_error(g, w, dtype).max()) for g, w in zip(got, wanted, strict=True)) > BARS[dtype]


def hard_rows() -> Iterator[Any]:
    """Blocks of float32 rows whose sum is mostly a few entries, or very many, or beside the largest next to nothing."""
    draw = np.random.default_rng(8)
    yield draw.normal(0, 30, (4000, 37))
    yield draw.normal(0, 3, (4000, 36)) - 1e4  # ties, and distances in steps of 2⁻¹⁰
    yield draw.integers(-3, 3, (20_000, 30)) * draw.uniform(0, 5, (20_000, 1))
    yield np.tile(draw.uniform(-3, 3, (40, 2)), (1, 10_000))
    one = np.repeat(draw.uniform(-90, 0, (300, 1)), 3001, axis=1)
    one[:, 7] = 3.0
    yield one
    yield np.where(np.arange(4096) == 9, 0.0, np.repeat(-draw.uniform(90, 115, (50, 1)), 4096, axis=1))


def worst_of_hard_rows(node: Node) -> float:
    function = compiled(node)
    blocks = [block.astype(np.float32) for block in hard_rows()]
    return max(ulp_of_float(function(b), reference(b, logarithm=node is LOGARITHM)) for b in blocks)


@pytest.mark.parametrize("node", [SHARE, LOGARITHM], ids=["share", "logarithm"])
def test_values_of_hard_rows(node: Node) -> None:
    assert worst_of_hard_rows(node) <= BARS["float32"]


def test_values_of_long_rows_of_doubles() -> None:
    assert worst_of_long_rows(SHARE) <= BARS["float64"]
    assert worst_of_long_rows(LOGARITHM) <= BARS["float64"]


def long_rows() -> list[Any]:
    """Two values over and over, whose sum always errs to one side; and the same beside an entry that has nearly all."""
    rows = [np.tile([-0.1, -1.7], 10_000), np.tile([-0.3, -2.2], 10_000)]
    return [*rows, *(np.append(row - 30, 0.0) for row in rows)]


def worst_of_long_rows(node: Node) -> float:
    """At the largest and at the last but one entry; a value of a row of 20,000 is dear, and there are three."""
    function, worst = compiled(node), 0.0
    for row in long_rows():
        values, counts = np.unique(row, return_counts=True)
        powers = [oracle.CONTEXT.exp(oracle.CONTEXT.mpf(v) - oracle.CONTEXT.mpf(values[-1])) for v in values]
        total = oracle.CONTEXT.fsum(p * int(c) for p, c in zip(powers, counts, strict=True))
        wanted = [p / total if node is SHARE else oracle.CONTEXT.log(p / total) for p in powers]
        got = function(row)[[int(np.argmax(row == v)) for v in values]]
        worst = max(worst, float(oracle.ulp_error(got, wanted, "float64").max()))
    return worst


def dropping_the_error(b: Any, powers: Sequence[str], sums: Sequence[str]) -> list[str]:
    total, error = sums
    for power in powers:
        total = b.add(total, power)
    return [total, error]


def losing_the_upper_lanes(b: Any, powers: Sequence[str], sums: Sequence[str]) -> list[str]:
    lower = b.add(powers[0], powers[-1]) if len(powers) > 1 else powers[0]
    order = ", ".join(f"i32 {i}" for i in range(8))
    lanes = b.emit(f"shufflevector {b.kind} {lower}, {b.kind} poison, <8 x i32> <{order}>")
    return [b.emit(f"fadd <8 x double> {sums[0]}, {b.emit(f'fpext <8 x float> {lanes} to <8 x double>')}"), sums[1]]


def careless_power(share: Any, b: Any, u: str, bias: str) -> str:
    return str(POWER(replace(share, logarithm=True), b, u, bias))


POWER: Callable[..., str] = row_share.Share.power
NOTHING_MISSING = "  %missing = fadd double 0.0, 0.0"


@pytest.mark.parametrize(
    ("node", "worst", "place", "name", "planted"),
    [
        (SHARE, worst_of_hard_rows, row_share, "_from_above", dropping_the_error),
        (SHARE, worst_of_hard_rows, row_share.Share, "power", careless_power),
        (SHARE, worst_of_hard_rows, row_totals._Row, "_missing", lambda row: [NOTHING_MISSING]),
        (LOGARITHM, worst_of_hard_rows, row_share, "_ones", lambda b, mask: "1"),
        (LOGARITHM, worst_of_hard_rows, row_share, "_in_doubles", losing_the_upper_lanes),
        (SHARE, worst_of_long_rows, row_share, "_from_above", dropping_the_error),
        (LOGARITHM, worst_of_long_rows, row_share, "_in_order", dropping_the_error),
    ],
)
def test_a_sum_that_loses_something_is_seen(
    node: Node, worst: Any, place: Any, name: str, planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, planted)
    assert worst(node) > BARS["float32" if worst is worst_of_hard_rows else "float64"]
