"""Sines and cosines of every magnitude: against the oracle, and at the numbers nearest to their zeros."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from nonlin.emit import angles, llvm, polynomials, trigonometric
from nonlin.expression import oracle
from nonlin.expression.constants import PI
from nonlin.expression.formula import parse
from nonlin.expression.nodes import parameters
from nonlin.kernels import assemble, jit
from scripts import fit_polynomials
from scripts import two_over_pi as script

with mpmath.workprec(3000):
    TURNS = Fraction(int(mpmath.ldexp(2 / mpmath.pi, 2900)), 2**2900)  # quarter turns per radian
FORMULAS = (
    "sin(x)", "cos(x)", "sin(b * x)", "cos(-2 * x * b)", "sin(x + pi/4)", "cos(3*pi/4 - b*x)", "sin(1.3*x)", "cos(x/3)",
    "sin(30*x + 0.7)", "sin(1.3 - x)", "sin(2*pi*x)", "cos(pi*x/2)", "sin(x)**2", "cos(x**2)", "sin(x * b + 2)",
)  # fmt: skip
DTYPES = ("float16", "float32", "float64")


def hardest(bits: int, lowest: int, highest: int) -> Iterator[float]:
    """For each exponent the number of so many bits nearest to a multiple of π/2: a denominator of a convergent."""
    for exponent in range(lowest, highest):
        rest, (before, now) = TURNS * Fraction(2) ** exponent % 1, (0, 1)
        while rest:
            rest = 1 / rest
            before, now = now, int(rest) * now + before
            if now >= 2**bits:
                break
            rest -= int(rest)
        yield float(before) * 2.0**exponent


def everywhere(dtype: str) -> NDArray[Any]:
    """All magnitudes, multiples of π/4 and their neighbours, both sides of where the reduction changes, and zero."""
    info, random = np.finfo(dtype), np.random.default_rng(1)
    magnitudes = 2.0 ** random.uniform(np.log2(float(info.smallest_subnormal)), info.maxexp, 300)
    multiples = random.integers(1, 2**40, 60) * np.pi / 4
    border = trigonometric.NEAR * np.pi / 2 * random.uniform(0.9, 1.1, 60)
    x = np.concatenate([magnitudes, multiples, border, np.linspace(0, 9, 100), [0.0, float(info.max)]])
    with np.errstate(over="ignore", under="ignore"):
        found: NDArray[Any] = np.concatenate([x, -x]).astype(dtype)
    return np.asarray(found[np.isfinite(found)])


def worst(formula: str, x: NDArray[Any], **values: float) -> float:
    """The largest error over x, in ulp of its dtype."""
    node = parse(formula)
    got = assemble.elementwise("probe", node, ("x", *values))(x, *(x.dtype.type(v) for v in values.values()))
    taken = {name: float(x.dtype.type(value)) for name, value in values.items()}
    exact = [oracle.value(node, float(at), **taken) for at in x]
    return float(oracle.ulp_error(got, exact, x.dtype).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_every_magnitude(formula: str, dtype: str) -> None:
    values = dict.fromkeys(parameters(parse(formula)), 0.3)
    limit = 0.51 if dtype == "float16" else 3 if formula.endswith("**2") else 1
    assert worst(formula, everywhere(dtype), **values) < limit


@pytest.mark.parametrize("b", [1e-300, 1e-30, 1e18, 1.7e308])
def test_products_that_leave_the_range(b: float) -> None:
    x = everywhere("float64")
    assert worst("sin(b * x)", x[np.abs(x) > 1e-7], b=b) < 1
    assert worst("cos(x * b)", x, b=b) < 1


@pytest.mark.parametrize("formula", ["sin(x)", "cos(x)", "sin(x)**2", "2 * sin(x + pi/4) * sin(x + pi/4)"])
def test_beside_the_zeros(formula: str) -> None:
    """The numbers of each exponent nearest to a multiple of π/4 keep every digit."""
    scale = 0.5 if "pi" in formula else 1.0
    double = scale * np.array(list(hardest(53, -52, 971)))
    assert worst(formula, np.concatenate([double, -double])) < (3 if formula.endswith("**2") else 1)
    single = (scale * np.array(list(hardest(24, -23, 104)))).astype(np.float32)
    assert worst(formula, np.concatenate([single, -single])) < 1


def test_the_hardest_numbers_are_hard() -> None:
    near = [abs(TURNS * Fraction(x) - round(TURNS * Fraction(x))) for x in hardest(53, -52, 971)]
    assert len(near) > 1000
    assert max(near) < 2.0**-50
    assert 2.0**-64 < min(near) < 2.0**-60


def test_ends() -> None:
    sine = assemble.elementwise("probe", parse("sin(x)"), ("x",))
    for dtype in DTYPES:
        got = sine(np.array([0.0, -0.0, np.inf, -np.inf, np.nan], dtype))
        assert np.signbit(got[:2]).tolist() == [False, True]
        assert got[:2].tolist() == [0, 0]
        assert np.isnan(got[2:]).all()
    half_turns = assemble.elementwise("probe", parse("sin(pi * x)"), ("x",))
    assert half_turns(np.arange(1.0, 50.0)).any() == np.False_


def test_no_element_depends_on_its_neighbours() -> None:
    sine, x = assemble.elementwise("probe", parse("x + sin(x)**2"), ("x",)), everywhere("float64")
    np.testing.assert_array_equal(sine(x), [sine(np.array([at]))[0] for at in x])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_loop_calls_nothing(dtype: str) -> None:
    text = llvm.kernel_text(parse("x + sin(x)**2"), ("x",), dtype)
    assert "@sin" not in text
    assert "vmulpd" in jit.assembly(text) or "fmul\tv" in jit.assembly(text) or "mulpd" in jit.assembly(text)


def test_a_row_may_hold_waves() -> None:
    node, rows = parse("sin(x) / row_sum(cos(x)**2)"), everywhere("float64")[:240].reshape(8, 30)
    got = assemble.row("probe", node, ("x",))(rows)
    exact = np.array([oracle.row_value(node, row.tolist()) for row in rows])
    assert oracle.ulp_error(got, exact, "float64").max() < 4


@pytest.mark.parametrize(
    ("typed", "factor", "negated", "eighths", "constant"),
    [
        ("x", 1, False, 0, 0),
        ("-x", 1, True, 0, 0),
        ("2 * (b * x) / 3", Fraction(2, 3), False, 0, 0),
        ("x - pi/2", 1, False, -2, -PI / 2),
        ("3*pi/4 - x", 1, True, 3, 3 * PI / 4),
        ("1 + x", 1, False, 2, 1),
        ("x - 20", 1, False, -26, -20),
        ("x * 1e-40", 1, False, 0, 0),
    ],
)
def test_parts_of_an_angle(typed: str, factor: Fraction, negated: bool, eighths: int, constant: Fraction) -> None:
    angle = angles.angle_of(parse(typed))
    assert angle.factor == factor
    assert (angle.negated, angle.eighths) == (negated, eighths)
    assert abs(angle.eighths * PI / 4 + angle.rest - constant) < Fraction(1, 10**55)
    assert not angle.rest or angle.eighths % 2 == 0


def test_rates() -> None:
    assert angles.angle_of(parse("3 * pi * x")).rate == 6
    assert abs(angles.angle_of(parse("x")).rate - TURNS) <= Fraction(1, 2**2400)
    assert angles.angle_of(parse("1.3 * x")).rate == Fraction(13, 10) * angles.angle_of(parse("x")).rate


def test_the_tables_are_what_their_scripts_write() -> None:
    assert script.OUTPUT.read_text(encoding="utf-8") == script.render()
    for target in fit_polynomials.TARGETS:
        for level, degree in target.degrees.items() if target.name in ("sine", "cosine") else ():
            fitted = tuple(float(c) for c in fit_polynomials.fit(target, degree))
            assert polynomials.POLYNOMIALS[target.name][level] == fitted
