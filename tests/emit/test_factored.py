"""Polynomial branches in float32 arithmetic: their errors, how few low parts they keep, and what is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nonlin.emit import factored, fused, llvm
from nonlin.emit.body import Body
from nonlin.emit.branches import Interval
from nonlin.emit.factored import Plan, error_of
from nonlin.expression.nodes import Node, absolute, decimal, less, less_equal, maximum, minimum, select, tanh, x
from nonlin.expression.polynomial import factored as factors_of
from nonlin.kernels import assemble
from tests.emit.planting import Mistake, planted

TENTH = decimal("0.1")
LONG = Fraction(float(np.float32(0.1)))  # all 24 bits, below the last one of 40


@dataclass(frozen=True)
class Branch:
    """A polynomial, where it is chosen, and the bound promised."""

    polynomial: Node
    low: float
    high: float
    bar: float = 2.0

    @property
    def expression(self) -> Node:
        """−1 below the branch, 2 above it."""
        return select(less_equal(x, self.low), -1, select(less(x, self.high), self.polynomial, 2))


BRANCHES = {
    "a line": Branch((x + 3) / 6, -3, 3),
    "a line by a tenth": Branch(TENTH * x - decimal("0.3"), -7, 9),
    "a steep line": Branch(decimal("1.9") * (x + 5), -5, 3),
    "a line through a half": Branch(x / 3 + Fraction(1, 2), -3, 3, 4.0),
    "a parabola": Branch(x * (x + 3) / 6, -3, 3),
    "a parabola of a power of two": Branch(x * (x + 2) / 2, -2, 0),
    "a square": Branch((x + 1) ** 2 / 4, -1, 1),
    "a wide square": Branch((x + LONG) ** 2 / 3, 0, 40),
    "two roots": Branch((x - 5) * (x + 1) * TENTH, -1, 5),
    "two roots, as a slope": Branch((x - 5) * (x + 1) * TENTH, -30, 50, 4.0),
    "a cubic as a slope": Branch(x * x * (x + 3) / 7, -3, 3, 4.0),
}
each = pytest.mark.parametrize("name", BRANCHES)


def inputs(branch: Branch) -> Any:
    """All float32 from many starts on, next to the roots and ends too."""
    polynomial = factors_of(branch.polynomial)
    assert polynomial is not None
    starts = [*np.linspace(branch.low, branch.high, 1500), *map(float, polynomial.roots), branch.low, branch.high]
    bits = np.array(starts, np.float32).view(np.int32)[:, None] + np.arange(-400, 400)
    values = np.unique(bits.astype(np.int32).view(np.float32))
    tiny = np.array([1e-45, 3e-45, 7e-42, 1e-39, 1.2e-38, 1e-30, 0.0], np.float32)
    values = np.concatenate([values, tiny, -tiny])
    return values[(values > branch.low) & (values < branch.high)]


def worst(branch: Branch) -> float:
    """The largest error in ulp, against the product of the exact factors in longer numbers."""
    points = inputs(branch)
    polynomial = factors_of(branch.polynomial)
    assert polynomial is not None
    factor = np.longdouble(polynomial.factor.numerator) / np.longdouble(polynomial.factor.denominator)
    exact = factor * np.prod([points.astype(np.longdouble) - np.longdouble(float(r)) for r in polynomial.roots], axis=0)
    got = assemble.elementwise("branch", branch.expression, ("x",), branch.bar)(points)
    ulp = np.maximum(np.spacing(np.abs(exact).astype(np.float32)), np.float32(2.0**-149)).astype(np.longdouble)
    assert np.isfinite(got).all()
    wrong_sign = (exact == 0) & (np.signbit(got) != np.signbit(exact))
    return float(np.where(wrong_sign, np.inf, np.abs(got - exact) / ulp).max())


def plan_of(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """What is kept."""
    seen: list[Plan] = []
    product = factored._product

    def spied(*arguments: Any) -> str:
        seen.append(arguments[-1])
        return product(*arguments)

    monkeypatch.setattr(factored, "_product", spied)
    llvm.body_text(branch.expression, ("x",), "float32", branch.bar)
    assert len(seen) == 1, "not computed by its factors"
    return seen[0]


@each
def test_the_error_is_within_the_bound(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = BRANCHES[name]
    polynomial = factors_of(branch.polynomial)
    assert polynomial is not None
    bound = error_of(polynomial, plan_of(branch, monkeypatch))
    assert worst(branch) <= bound < branch.bar


KEPT = {
    "a line": Plan(0, factor=False),
    "a parabola": Plan(1, factor=True),
    "a parabola of a power of two": Plan(0, factor=False),
    "a square": Plan(1, factor=False),
    "two roots, as a slope": Plan(0, factor=False),
    "a cubic as a slope": Plan(0, factor=True),
}


@pytest.mark.parametrize("name", KEPT)
def test_no_more_low_parts_than_the_bound_asks_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan_of(BRANCHES[name], monkeypatch) == KEPT[name]


def test_a_line_is_a_sum_and_a_product() -> None:
    text = llvm.body_text(BRANCHES["a line"].expression, ("x",), "float32", 2.0)
    assert (text.count("fsub"), text.count("fmul"), text.count("fma"), text.count("fadd")) == (1, 1, 0, 0)


def test_clipping_is_a_choice_between_branches_too() -> None:
    text = llvm.body_text(minimum(maximum((x + 3) / 6, 0), 1), ("x",), "float32", 2.0)
    assert (text.count("fsub"), text.count("fmul"), text.count("fma"), text.count("fadd")) == (1, 1, 0, 0)


LEFT_ALONE = {
    "a parabola for every x": x * (x + 3) / 6,
    "a root that is no float32": select(less(absolute(x), 3), x * (x + TENTH), 1),
    "irrational roots": select(less(absolute(x), 3), x * x - 2, 1),
    "a huge root": select(less(absolute(x), 3), x * (x + 2**30), 1),
    "a proportion": select(less(x, 0), x / 3, x),
    "part of a product": select(less(x, 0), (x + 3) / 6 * tanh(x), x),
    "read by a condition": select(less((x + 3) / 6, TENTH), (x + 3) / 6, 1),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_left_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = llvm.body_text(LEFT_ALONE[name], ("x",), "float32", 2.0)
    monkeypatch.setattr(fused.FusedInFloat, "results", lambda self, expression, x, ulp: {})
    assert llvm.body_text(LEFT_ALONE[name], ("x",), "float32", 2.0) == text


def test_a_bound_that_cannot_be_kept_is_no_plan() -> None:
    polynomial = factors_of((x + 1) * (x + 1) * x * x * x / 3)
    assert polynomial is not None
    assert factored.in_float(fused.FusedInFloat(Body("float")), "%x", polynomial, Interval(-1, 1), 2.0) is None


MISTAKES = (
    Mistake("a sum without its rest", "b.fma(factor, rest, small) if small", "small if small", "a parabola"),
    Mistake("a factor without its low part", "if plan.factor and not _is_float(c)", "if False", "a parabola"),
    Mistake("the low part of the wrong sum", "index >= len(shifted) - plan.sums", "index < plan.sums", "a square"),
    Mistake("the small addend first", "interval.reach <= abs(root)", "True", "a wide square"),
    Mistake("a factor that is a float", "of_factor = 0.0 if plan.factor else float(abs(nearest / c - 1) * 2**24)",
            "of_factor = 0.0", "a parabola"),
    Mistake("a sum that costs nothing", "sums = shifted - plan.sums", "sums = 0", "a parabola"),
    Mistake("a sum times a factor that costs half an ulp", "min(1.0, mantissa / 2)", "0.0", "a line"),
    Mistake("x first", "for root in polynomial.roots if root]\n    for", "for root in polynomial.roots]\n    for",
            "a parabola"),
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_a_planted_mistake_is_seen(mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = planted(factored, mistake, tmp_path, monkeypatch)
    monkeypatch.setattr(fused, "factored", wrong)
    branch = BRANCHES[mistake.spoils]
    polynomial = factors_of(branch.polynomial)
    assert polynomial is not None
    plans = [Plan(sums, factor) for sums in range(3) for factor in (False, True)]
    claimed = next(error for plan in plans if (error := wrong.error_of(polynomial, plan)) < branch.bar)
    assert worst(branch) > claimed
