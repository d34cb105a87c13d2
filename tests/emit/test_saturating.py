"""u / (c + |u|), its slope, tanh² and u − tanh(u) in float32 arithmetic: that they are, and that mistakes show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nonlin.emit import fused, llvm, narrow, saturating
from nonlin.emit.body import Body
from nonlin.emit.distribute import distribute
from nonlin.emit.lower import Lowering
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.expression import oracle
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, absolute, constant, less, logistic_slope, select, sign, tanh, x
from nonlin.kernels import assemble
from tests.emit.planting import Mistake, planted


@dataclass(frozen=True)
class Piece:
    """A structure, and the formula and order that the oracle is asked for."""

    expression: Node
    formula: Node
    order: int = 0

    @property
    def bar(self) -> float:
        return 4.0 if self.order else 2.0


def distance(c: float) -> Node:
    return constant(c) + absolute(x)


SHRUNK = x - tanh(x)
PIECES = {
    "x / (1 + |x|)": Piece(x / distance(1), x / distance(1)),
    "x / (|x| + 3)": Piece(x / (absolute(x) + 3), x / distance(3)),
    "its slope": Piece(derivative(x / distance(1)), x / distance(1), 1),
    "its slope, written short": Piece(1 / distance(1) / distance(1), x / distance(1), 1),
    "the slope of x / (|x| + 3)": Piece(derivative(x / (absolute(x) + 3)), x / distance(3), 1),
    "x − tanh(x)": Piece(SHRUNK, SHRUNK),
    "the slope of x − tanh(x)": Piece(derivative(SHRUNK), SHRUNK, 1),
    "tanh(x)²": Piece(tanh(x) ** 2, SHRUNK, 1),
    "tanh(x) tanh(x)": Piece(tanh(x) * tanh(x), SHRUNK, 1),
}
each = pytest.mark.parametrize("name", PIECES)


def kernel(name: str) -> np.ufunc:
    piece = PIECES[name]
    return assemble.elementwise("piece", piece.expression, ("x",), piece.bar)


def worst_of_many(name: str) -> float:
    """The largest error in ulp at two million inputs, against the kernel for float64."""
    inputs = np.linspace(-15, 15, 1_000_003).astype(np.float32)
    inputs = np.concatenate([inputs, np.geomspace(1e-6, 200, 1_000_003).astype(np.float32)])
    got, wanted = kernel(name)(inputs).astype(float), kernel(name)(inputs.astype(float))
    away = np.abs(wanted) > 2.0**-126
    return float((np.abs(got - wanted) / np.spacing(np.abs(wanted).astype(np.float32)))[away].max())


def worst(name: str) -> float:
    """The largest error in ulp; a zero of the wrong sign and a NaN or number in the wrong place are infinite."""
    piece = PIECES[name]
    specials = [0.0, np.inf, 1e-45, 1e-42, 2.0**-126, 1e-20, 1e-13, 3e-14, 1e-9, 3.4e38, 1e18, 1e19, 3e19, 1e20, 1e22]
    sides = np.concatenate([specials, np.geomspace(1e-15, 1e24, 200), np.linspace(0, 4, 200)])
    inputs = np.concatenate([sides, -sides, [np.nan]]).astype(np.float32)
    exact = [
        oracle.derivative(piece.formula, float(at), 1) if piece.order else oracle.value(piece.formula, float(at))
        for at in inputs
    ]
    got = kernel(name)(inputs)
    errors = oracle.ulp_error(got, exact, "float32")
    if not piece.order:
        errors[(inputs == 0) & (np.signbit(got) != np.signbit(inputs))] = np.inf
    return float(errors.max())


def claimed(name: str) -> float:
    lowering = Lowering(fused.FusedInFloat(Body("float")), {"x": "%x"})
    return lowering.value(distribute(PIECES[name].expression)).error


@each
def test_against_the_oracle(name: str) -> None:
    assert worst(name) <= PIECES[name].bar


@each
def test_the_error_is_no_larger_than_it_says(name: str) -> None:
    assert worst_of_many(name) <= claimed(name) <= PIECES[name].bar


@each
def test_float32_arithmetic_does(name: str) -> None:
    piece = PIECES[name]
    assert "double" not in llvm.body_text(piece.expression, ("x",), "float32", piece.bar)


def test_a_spelling_that_is_one_piece_comes_first() -> None:
    spelled = select(less(absolute(x), 1), x / distance(1), sign(x) * (1 - 1 / distance(1)))
    whole, single = x / distance(1), llvm.body_text(x / distance(1), ("x",), "float32")
    assert llvm.body_text(spelled, ("x",), "float32", written=whole) == single
    series = select(less(absolute(x), 0.25), x * x * x, SHRUNK)
    assert llvm.body_text(series, ("x",), "float32", written=SHRUNK) == llvm.body_text(SHRUNK, ("x",), "float32")


LOOK_ALIKE = {
    "another argument": 2 * x / distance(1),
    "a negative constant": x / (absolute(x) - constant(1)),
    "a constant that is no float32": x / (constant(1) / 3 + absolute(x)),
    "a sum that is no distance": x / (1 + x),
    "another tanh": x - tanh(x * x),
    "a tanh of a pair": 3 * x + 1 - tanh(3 * x + 1),
    "a tanh times another": tanh(x) * tanh(2 * x),
    "another slope": 1 - 4 * logistic_slope(x * x),
    "another multiple": 1 - 3 * logistic_slope(2 * x),
    "another power": tanh(x) ** 3,
    "two distances": 1 / distance(1) / distance(2),
}


@pytest.mark.parametrize("name", LOOK_ALIKE)
def test_a_structure_that_only_looks_alike_is_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = llvm.body_text(LOOK_ALIKE[name], ("x",), "float32", 2.0)
    monkeypatch.setattr(saturating, "_PIECES", ())
    assert llvm.body_text(LOOK_ALIKE[name], ("x",), "float32", 2.0) == text


QUOTIENT, SLOPE, THREE, SHRINK = "x / (1 + |x|)", "its slope", "the slope of x / (|x| + 3)", "x − tanh(x)"
MISTAKES = (
    Mistake("∞ / ∞", "self.at_most(b.abs(u), _FULL)", "b.abs(u)", QUOTIENT),
    Mistake("full too soon", "_FULL = 2.0**60", "_FULL = 2.0**20", QUOTIENT),
    Mistake("no sign", 'b.intrinsic("copysign", quotient, u)', "quotient", QUOTIENT),
    Mistake("a square that overflows", "b.mul(b.mul(distance, down), distance)",
            "b.mul(b.mul(distance, distance), down)", SLOPE),
    Mistake("a slope of 1 at 0", "Found(x, found.c, found.c)", "Found(x, found.c)", THREE),
    Mistake("the rounding of 1/3", "b.sub(first, series)), first_low)", "b.sub(first, series)), b.constant(0.0))",
            SHRINK),
    Mistake("the low part of a square", "b.mul(square_low, series)", "b.constant(0.0)", SHRINK),
    Mistake("the low part of a sum", "b.fma(square, series_low, b.mul(square_low, series))",
            "b.mul(square_low, series)", SHRINK),
    Mistake("a difference out of reach", "small = b.compare(\"olt\", size, one)",
            "small = b.compare(\"olt\", size, b.constant(0.5))", SHRINK),
    Mistake("a series out of reach", 'b.compare("olt", size, one)', 'b.compare("olt", size, b.constant(1.25))', SHRINK),
    Mistake("a square of digits lost", "b.constant(0.9)", "b.constant(0.6)", "tanh(x)²"),
    Mistake("a square without its series", "b.polynomial(POLYNOMIALS[\"tanh_squared\"][\"float\"], square), square)",
            "b.constant(-2 / 3), square)", "tanh(x)²"),
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_a_planted_mistake_is_seen(mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(mistake, tmp_path, monkeypatch)
    name = mistake.spoils
    assert worst(name) > PIECES[name].bar or worst_of_many(name) > claimed(name)


def test_a_tail_that_ends_too_soon_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake = Mistake("", "b.add(size, size), 40.0)", "b.add(size, size), 12.0)", SHRINK)
    wrong = planted(narrow, mistake, tmp_path, monkeypatch).Narrow.inverse_of_double
    monkeypatch.setattr(narrow.Narrow, "inverse_of_double", wrong)
    assert worst(SHRINK) > PIECES[SHRINK].bar or worst_of_many(SHRINK) > claimed(SHRINK)


def plant(mistake: Mistake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels be written by a copy of the pieces with the mistake."""
    module = planted(saturating, mistake, folder, monkeypatch)
    for name in (
        "_over_distance",
        "_over_squared_distance",
        "_tanh_squared",
        "_minus_tanh",
        "_cubic",
        "piece",
    ):
        monkeypatch.setattr(saturating.SaturatingInFloat, name, getattr(module.SaturatingInFloat, name))


@pytest.mark.parametrize(("name", "polynomial"), [("x − tanh(x)", "minus_tanh"), ("tanh(x)²", "tanh_squared")])
def test_a_changed_coefficient_is_seen(name: str, polynomial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    levels: Any = POLYNOMIALS[polynomial]
    first, second, *rest = levels["float"]
    monkeypatch.setitem(levels, "float", (first, second * (1 + 2.0**-16), *rest))
    assert worst_of_many(name) > claimed(name)
