"""Row functions found by a search: thresholds at the edge of their support, extremes, ties, their exact Jacobians.

The error of an output p = u − τ is measured in units in the last place of max(p, 2⁻²⁴): just above the threshold
p is what is left of a difference that cancels, and below 2⁻²⁴ no relative bound is promised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.emit import row_search
from nonlin.emit import rows as row_kernels
from nonlin.errors import InvalidTypeError
from nonlin.expression import nodes, oracle
from nonlin.expression.nodes import maximum, walk, x
from nonlin.expression.row_nodes import row_offset, row_threshold, row_winner
from nonlin.expression.rows import THRESHOLD_POWERS
from nonlin.kernels import assemble

BARS = {"float32": 2.0, "float64": 4.0}
EDGE = 2.0**-24
POWERS = {
    name: THRESHOLD_POWERS[node.op]
    for name in nl.names(kind="row")
    for node in walk(nl.get(name).expression)
    if node.op in THRESHOLD_POWERS
}
WINNERS = [name for name in nl.names(kind="row") if nl.get(name).expression is row_winner(x)]
each_threshold = pytest.mark.parametrize("name", POWERS)
each_dtype = pytest.mark.parametrize("dtype", BARS)
same = np.testing.assert_array_equal


def errors(got: Any, wanted: list[Any], dtype: str) -> Any:
    """Ulp at max(|wanted|, 2⁻²⁴)."""
    distances = [float(abs(oracle.CONTEXT.mpf(float(g)) - w)) for g, w in zip(got, wanted, strict=True)]
    at = np.maximum(np.abs([float(w) for w in wanted]), EDGE).astype(dtype)
    return np.array(distances) / np.spacing(at).astype(float)


def hard_rows(dtype: str) -> list[Any]:
    """Entries at the threshold and a few ulp beside it, entries that leave one at a time, huge and tiny numbers."""
    finest, largest = float(np.finfo(dtype).eps), float(np.finfo(dtype).max)
    draw = np.random.default_rng(17)
    found = [-(1 - 2.0 ** -np.arange(count)) for count in (20, 50)]
    for k in (-3, -1, 0, 1, 3):
        found += [np.array([0, -0.99, -0.995 + k * finest / 2]), np.array([0, -1 + k * finest / 2])]
        found += [np.array([0, 0, -0.5 + k * finest / 4, -0.5 - k * finest / 4]), np.array([1, k * 1e-30, 3e-20])]
    for count in (5, 19):
        found += [shift + draw.uniform(-1, 1, count) for shift in (1e-10, 1, 1e6)]
        found += [draw.normal(size=count) / count, -draw.exponential(size=count) * 1e3]
    found += [np.full(40, 7.0), np.append(-np.ones(30), 0.0), np.append(-np.ones(30) * (1 - 1e-6), 0.0)]
    found += [np.array([largest, -largest, largest * 0.9999]), np.full(3, np.finfo(dtype).tiny), np.zeros(1)]
    return [row.astype(dtype) for row in found]


def worst(function: Any, expression: nodes.Node, dtype: str) -> float:
    return float(max(errors(function(row), oracle.row_value(expression, row), dtype).max() for row in hard_rows(dtype)))


def test_the_catalogue_has_both_powers_and_a_winner() -> None:
    assert set(POWERS.values()) == set(THRESHOLD_POWERS.values()) == {1, 2}
    assert len(WINNERS) == 1


@each_dtype
@each_threshold
def test_at_the_edge_of_the_support(name: str, dtype: str) -> None:
    activation: Any = nl.get(name)
    assert worst(activation, activation.expression, dtype) <= BARS[dtype]
    for row in hard_rows(dtype):
        value = activation(row)
        assert (value >= 0).all()
        assert abs(float(value.sum(dtype=np.float64)) - 1) <= row.size * np.finfo(dtype).eps


@each_dtype
@each_threshold
def test_long_rows(name: str, dtype: str) -> None:
    """Against float64 by sorting, whose own error is some 10⁻¹²."""
    from nonlin.expression.numeric import evaluate

    activation: Any = nl.get(name)
    for scale in (1e-3, 1.0, 30.0):
        rows = (np.random.default_rng(2).normal(size=(3, 20_011)) * scale).astype(dtype)
        np.testing.assert_allclose(activation(rows), evaluate(activation.expression, rows), rtol=2e-7, atol=1e-11)


@each_dtype
@each_threshold
def test_infinite_entries_and_nan(name: str, dtype: str) -> None:
    """Equal infinities share the whole; −∞ takes no part, in the gradient neither; NaN spoils its row."""
    activation: Any = nl.get(name)
    inf, nan = np.inf, np.nan
    shared = {(inf, 1.0, inf): (0.5, 0, 0.5), (-inf, -inf): (0.5, 0.5), (inf, -inf): (1, 0), (3.0,): (1,)}
    for row, wanted in shared.items():
        same(activation(np.array(row, dtype)), np.array(wanted, dtype))
    for row in ((nan, 1.0, 2.0), (0.0, nan), (inf, nan), (nan, -inf), (nan,)):
        assert np.isnan(activation(np.array(row, dtype))).all()
    finite, given = np.array([0.5, 0.25, 1.0], dtype), np.array([1.0, -2.0, 0.5], dtype)
    with_infinity = activation.vjp(np.append(finite, -inf).astype(dtype), np.append(given, inf).astype(dtype))
    same(with_infinity, np.append(activation.vjp(finite, given), 0))
    assert activation(np.zeros((2, 0), dtype)).shape == (2, 0)


@each_threshold
def test_jacobian_by_the_papers_formula(name: str) -> None:
    """diag(s) − s sᵀ / Σs, with s = 1 on the support for p = 1 and s = √f for p = 2."""
    activation: Any = nl.get(name)
    for row in np.random.default_rng(9).normal(size=(20, 7)):
        value = activation(row)
        weight = (value > 0).astype(float) if POWERS[name] == 1 else np.sqrt(value)
        expected = np.diag(weight) - np.outer(weight, weight) / weight.sum()
        np.testing.assert_allclose(activation.jacobian(row), expected, rtol=1e-13, atol=1e-15)


@each_dtype
@pytest.mark.parametrize("name", [*POWERS, *WINNERS])
def test_strides_neighbours_and_threads_change_no_bit(name: str, dtype: str) -> None:
    activation: Any = nl.get(name)
    rows = np.random.default_rng(4).normal(size=(600, 517)).astype(dtype)
    expected = np.stack([activation(row.copy()) for row in rows])
    same(activation(rows), expected)
    same(activation(np.asfortranarray(rows)), expected)
    same(activation(rows[:, ::-1]), activation(rows[:, ::-1].copy()))


@each_dtype
@pytest.mark.parametrize("name", WINNERS)
def test_the_first_of_the_largest_wins(name: str, dtype: str) -> None:
    activation: Any = nl.get(name)
    draw = np.random.default_rng(6)
    for length in (1, 2, 7, 8, 16, 17, 40):
        rows = draw.integers(0, 4, size=(50, length)).astype(dtype)
        rows[::5] = -np.inf
        rows[1::5, -1] = np.inf
        wanted = np.zeros_like(rows)
        wanted[np.arange(50), rows.argmax(axis=1)] = 1
        same(activation(rows), wanted)
        same(activation.vjp(rows, rows), np.zeros_like(rows))
    assert np.isnan(activation(np.array([1.0, np.nan, 3.0], dtype))).all()
    same(activation(np.array([-0.0, 0.0], dtype)), np.array([1, 0], dtype))


@pytest.mark.parametrize("name", nl.names(kind="row"))
def test_sampled_accuracy_is_for_elementwise_functions(name: str) -> None:
    with pytest.raises(InvalidTypeError, match="whole row"):
        nl.get(name).accuracy()


def test_a_users_formula_may_search_a_row() -> None:
    mine: Any = nl.define(
        "mine", "max(3*row_offset(x, row_anchor(x)) - row_threshold(3*row_offset(x, row_anchor(x))), 0)"
    )
    linear: Any = nl.get(next(name for name, power in POWERS.items() if power == 1))
    row = np.random.default_rng(8).normal(size=9)
    np.testing.assert_allclose(mine(row), linear(3 * row), rtol=1e-13, atol=1e-15)


SHIFTED = row_offset(x, nodes.row_anchor(x))
LINEAR = maximum(SHIFTED - row_threshold(SHIFTED), 0)


def test_the_measure_sees_planted_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A threshold without its last steps, one that stops too soon, and one of the other power."""
    kernel = assemble.row("planted_right", LINEAR, ("x",))
    assert worst(kernel, LINEAR, "float64") <= BARS["float64"]
    monkeypatch.setattr(row_search.Threshold, "_polish", lambda self: _unpolished(self.this.tag))
    assert worst(assemble.row("planted_unpolished", LINEAR, ("x",)), LINEAR, "float64") > BARS["float64"]
    monkeypatch.undo()
    monkeypatch.setattr(row_search.Threshold, "_unfinished", _after_one_step)
    assert worst(assemble.row("planted_unfinished", LINEAR, ("x",)), LINEAR, "float32") > BARS["float32"]
    monkeypatch.undo()
    monkeypatch.setattr(row_kernels, "THRESHOLD_POWERS", {"row_threshold": 2})
    assert worst(assemble.row("planted_power", LINEAR, ("x",)), LINEAR, "float32") > BARS["float32"]


def _unpolished(tag: str) -> list[str]:
    return [
        f"found.{tag}:",
        f"  %high.{tag}.next = fadd double %tau.{tag}.next, 0x8000000000000000",
        f"  %low.{tag}.next = fsub double %tau.{tag}.next, %tau.{tag}.next",
        f"  br label %polished.{tag}",
    ]


def _after_one_step(threshold: Any) -> list[str]:
    return [f"  %unfinished.{threshold.this.tag} = icmp eq i1 true, false"]
