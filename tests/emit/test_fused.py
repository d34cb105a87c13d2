"""Products and slopes computed in one piece: that they are, that they keep the promise, that mistakes in them show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nonlin.emit import fused, llvm
from nonlin.emit.body import Body
from nonlin.emit.distribute import distribute
from nonlin.emit.lower import Lowering
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.expression import oracle
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, decimal, logistic, logistic_slope, normal_cdf, softplus, tanh, x
from nonlin.kernels import assemble
from tests.emit.planting import Mistake, planted

NEAR, FLOOR = 1 / 16, 2.0**-8
"""Within NEAR of a sign change of a slope the ulp is taken at no less than FLOOR: the promise."""
EPS = 2.0**-23


@dataclass(frozen=True)
class Piece:
    """f or f′ of a structure, and whether float32 arithmetic is to do."""

    formula: Node
    order: int
    in_float: bool = True

    @property
    def expression(self) -> Node:
        return derivative(self.formula, x, self.order)

    @property
    def bar(self) -> float:
        return 4.0 if self.order else 2.0


SELF_GATED = x * logistic(x)
PIECES = {
    "x Φ(x)": Piece(x * normal_cdf(x), 0),
    "its slope": Piece(x * normal_cdf(x), 1),
    "x tanh(softplus(x))": Piece(x * tanh(softplus(x)), 0),
    "its slope, in float64": Piece(x * tanh(softplus(x)), 1, in_float=False),
    "softplus": Piece(softplus(x), 0),
    "the slope of x σ(x)": Piece(SELF_GATED, 1),
    "the slope of x σ(1.702 x)": Piece(x * logistic(decimal("1.702") * x), 1),
    "the slope of x σ(a cubic)": Piece(x * logistic(decimal("1.6") * (x + decimal("0.045") * x * x * x)), 1),
}
each = pytest.mark.parametrize("name", PIECES)


def text_of(name: str) -> str:
    piece = PIECES[name]
    return llvm.body_text(piece.expression, ("x",), "float32", piece.bar)


@cache
def points(name: str) -> tuple[Any, list[Any], Any]:
    """Inputs, exact values, and where the ulp is held up: specials, both tails, subnormal results, sign changes."""
    piece = PIECES[name]
    specials = [0.0, np.inf, np.nan, 1e-45, 1e-42, 2.0**-126, 1e-20, 1e-9, 3.4e38, 1e20, 1e30]
    tails = [np.linspace(0, 20, 500), np.linspace(12, 15, 120), np.linspace(60, 112, 300), np.geomspace(1e-7, 1, 100)]
    turns = [turn + np.concatenate([np.linspace(-0.07, 0.07, 120), EPS * np.arange(-30, 31)]) for turn in _turns(piece)]
    sides = np.concatenate([specials, *tails])
    inputs = np.unique(np.concatenate([sides, -sides, *turns]).astype(np.float32))
    inputs = np.append(inputs, np.float32(-0.0))
    exact = [_exact(piece, float(at)) for at in inputs]
    near = np.zeros(inputs.shape, np.bool_)
    for turn in _turns(piece):
        near |= np.abs(inputs.astype(float) - turn) <= NEAR
    return inputs, exact, near


def _exact(piece: Piece, at: float) -> Any:
    return oracle.derivative(piece.formula, at, 1) if piece.order else oracle.value(piece.formula, at)


def _turns(piece: Piece) -> list[float]:
    """Where the slope changes its sign, found in float64."""
    grid = np.linspace(-9, -0.1, 4000)
    slope = assemble.elementwise("turns", piece.expression, ("x",), piece.bar)
    turns = np.flatnonzero(slope(grid[1:]) * slope(grid[:-1]) < 0)
    low, high = grid[turns], grid[turns + 1]
    for _ in range(50):
        middle = (low + high) / 2
        left = slope(middle) * slope(low) > 0
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return [float(turn) for turn in high]


def worst_of_many(name: str) -> float:
    """The largest error in ulp at two million inputs, away from zeros, against the kernel for float64."""
    piece = PIECES[name]
    kernel = assemble.elementwise("piece", piece.expression, ("x",), piece.bar)
    inputs = np.linspace(-15, 15, 2_000_003).astype(np.float32)
    got, wanted = kernel(inputs).astype(float), kernel(inputs.astype(float))
    away = np.abs(wanted) > FLOOR if piece.order else np.abs(wanted) > 2.0**-126
    return float((np.abs(got - wanted) / np.spacing(np.abs(wanted).astype(np.float32)))[away].max())


def worst(name: str) -> float:
    """The largest error in ulp; a zero of the wrong sign and a NaN or number in the wrong place are infinite."""
    piece = PIECES[name]
    inputs, exact, near = points(name)
    got = assemble.elementwise("piece", piece.expression, ("x",), piece.bar)(inputs)
    errors = oracle.ulp_error(got, exact, "float32")
    for index in np.flatnonzero(near & (errors > 0)):
        unit = 2.0 ** np.floor(np.log2(max(abs(float(exact[index])), FLOOR))) * EPS
        errors[index] = float(abs(oracle.CONTEXT.mpf(float(got[index])) - exact[index])) / unit
    if not piece.order and piece.formula.op == "mul":
        errors[(inputs == 0) & (np.signbit(got) != np.signbit(inputs))] = np.inf
    return float(errors.max())


def test_the_inputs_reach_every_regime() -> None:
    for name, piece in PIECES.items():
        inputs, exact, near = points(name)
        wanted = np.abs([float(value) for value in exact])
        assert inputs.size > 2000
        assert ((wanted > 0) & (wanted < 2.0**-126)).sum() >= 5
        assert near.any() == bool(piece.order)
        assert {np.inf, -np.inf} < set(inputs.tolist())
        assert np.isnan(inputs).any()


@each
def test_against_the_oracle(name: str) -> None:
    assert worst(name) <= PIECES[name].bar


@each
def test_the_error_is_no_larger_than_it_says(name: str) -> None:
    """What a piece says of its error decides whether a product of it may stay in float32 arithmetic."""
    assert worst_of_many(name) <= claimed(name)


def claimed(name: str) -> float:
    if not PIECES[name].in_float:
        return 0.51
    lowering = Lowering(fused.FusedInFloat(Body("float")), {"x": "%x"})
    return lowering.value(distribute(PIECES[name].expression)).error


@each
def test_the_arithmetic_is_the_pieces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its pieces the same structure is computed otherwise, and where they are float32's, in float64."""
    assert ("double" not in text_of(name)) == PIECES[name].in_float
    with_pieces = text_of(name)
    monkeypatch.setattr(fused.FusedInFloat, "piece", lambda self, node, lower: None)
    monkeypatch.delattr(fused.FusedInFloat, "softplus")
    monkeypatch.setattr(fused.FusedInDouble, "piece", lambda self, node, lower: None)
    assert text_of(name) != with_pieces
    assert "double" in text_of(name)


def test_a_structure_that_only_looks_alike_is_left_alone() -> None:
    assert "double" in llvm.body_text(x * normal_cdf(decimal("1.1") * x), ("x",), "float32", 2.0)
    for u, w in ((x - 10**6, x), (x, 2 * x), (x * x, 2 * x * x), (x**3 - 1000 * x, 3 * x**3 - 1000 * x)):
        slope = logistic(u) + w * logistic_slope(u)  # where e^−|u| is nothing, w times it need not be
        assert "double" in llvm.body_text(slope, ("x",), "float32", 4.0), slope


GATE, GATE_SLOPE, TANH, TANH_SLOPE, LOGISTIC_SLOPE, PRODUCT_SLOPE, CUBIC = (
    "x Φ(x)", "its slope", "x tanh(softplus(x))", "its slope, in float64", "the slope of x σ(x)",
    "the slope of x σ(1.702 x)", "the slope of x σ(a cubic)",
)  # fmt: skip
MISTAKES = (
    Mistake("the low part of a tail", "b.add(gate_low, gate_low))", "b.constant(0.0))", GATE),
    Mistake("a tail that ends too soon", "self.at_most(magnitude, 14.5)", "self.at_most(magnitude, 13.5)", GATE),
    Mistake("a series out of reach", '"olt", magnitude, b.constant(0.7)', '"olt", magnitude, b.constant(1.0)', GATE),
    Mistake("the rounding of a square", "b.fma(t, t, b.neg(square))", "b.constant(0.0)", GATE_SLOPE),
    Mistake("the low part of the zero", "b.constant(zero[1])", "b.constant(0.0)", GATE_SLOPE),
    Mistake("the end of a slope", "self.at_most(b.abs(x.high), 14.75)", "b.abs(x.high)", GATE_SLOPE),
    Mistake("the 1 beside a tail", "b.constant(0.0), b.constant(1.0))), error",
            "b.constant(0.0), b.constant(0.0))), error", GATE_SLOPE),
    Mistake("the low part of a share", "main_low, b.constant(0.0))", "b.constant(0.0), b.constant(0.0))", TANH),
    Mistake("what a sum leaves out", "lost = b.fma(within, quotient, b.sub(main, gated))", "lost = b.constant(0.0)",
            TANH),
    Mistake("a cancelling form near 0", "near = b.compare(\"olt\", b.constant(0.5), e)",
            "near = b.compare(\"olt\", b.constant(1.5), e)", TANH),
    Mistake("the sign of zero", 'b.intrinsic("copysign", result, x.high)', "result", TANH),
    Mistake("a subnormal tail", "self.clamp(x.high, -GONE, GONE)", "self.clamp(x.high, -95.0, 95.0)", TANH),
    Mistake("∞ in the result", "b.constant(GONE), x.high), x.high, whole)", "b.constant(GONE), x.high), whole, whole)",
            TANH),
    Mistake("a coefficient", "b.constant(6.0)", "b.constant(6.00001)", TANH_SLOPE),
    Mistake("subnormal slopes", "_NOTHING = 150.0", "_NOTHING = 100.0", TANH_SLOPE),
    Mistake("what a power leaves of e", "b.add(b.add(more, power), low)", "b.add(more, power)", LOGISTIC_SLOPE),
    Mistake("a square without its square", "b.fma(e, e, b.add(e, e))", "b.add(e, e)", LOGISTIC_SLOPE),
    Mistake("the end of a gate", "b.select(gone, b.constant(0.0), result)", "result", LOGISTIC_SLOPE),
    Mistake("an infinite factor", "self.at_most(w.high, 1e30)", "w.high", LOGISTIC_SLOPE),
    Mistake("the low part of a product", "b.fma(power, q, self.argument_low(w.low))", "b.mul(power, q)", PRODUCT_SLOPE),
    Mistake("what a cubic leaves of its square", "b.fma(x.high, x.high, b.neg(square))", "b.constant(0.0)", CUBIC),
    Mistake("what a cubic leaves of its sum", "b.sub(alone.high, b.sub(total, product))", "b.constant(0.0)", CUBIC),
    Mistake("the low part of a constant", "((factor.low, square), (alone.low, b.constant(1.0)))", "((None, square),)",
            CUBIC),
    Mistake("a softplus that ends too soon", "self._clamped(away, -104.0, 0.0)", "self._clamped(away, -90.0, 0.0)",
            "softplus"),
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_a_planted_mistake_is_seen(mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(mistake, tmp_path, monkeypatch)
    name = mistake.spoils
    assert worst(name) > PIECES[name].bar or worst_of_many(name) > claimed(name)


def plant(mistake: Mistake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels be written by a copy of the pieces with the mistake."""
    module = planted(fused, mistake, folder, monkeypatch)
    for name in ("FusedInFloat", "FusedInDouble", "PIECES_IN_DOUBLE"):
        monkeypatch.setattr(llvm, name, getattr(module, name))


POLYNOMIALS_OF = {"x Φ(x)": ("normal_gate", "normal_near"), "its slope": ("normal_slope",), "softplus": ("log1p",)}


@pytest.mark.parametrize(("name", "polynomial"), [(n, p) for n, names in POLYNOMIALS_OF.items() for p in names])
def test_a_changed_coefficient_is_seen(name: str, polynomial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    levels: Any = POLYNOMIALS[polynomial]
    first, second, *rest = levels["float"]
    monkeypatch.setitem(levels, "float", (first, second * (1 + 2.0**-16), *rest))
    assert worst(name) > PIECES[name].bar
