"""Fits the kernels' polynomials and writes src/nonlin/emit/polynomials.py: `python scripts/fit_polynomials.py`.

Each polynomial interpolates its function at Chebyshev nodes with 50 digits (within a small factor of the best
polynomial of its degree) and is then written in powers of the variable. The printed error is measured, relative,
with the rounded coefficients, on 4,000 points.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import mpmath
import numpy as np

mp = mpmath.mp.clone()
mp.dps = 50
OUTPUT = Path(__file__).parent.parent / "src/nonlin/emit/polynomials.py"
Real: TypeAlias = Any  # an mpmath number: the library has no types


@dataclass(frozen=True)
class Target:
    """A function on an interval, the degree per precision, and what the fit's error is relative to."""

    name: str
    meaning: str
    function: Callable[[Real], Real]
    low: Real
    high: Real
    degrees: dict[str, int]
    weight: Callable[[Real], Real]  # error of the result that an error 1 of the polynomial makes, relative


def _expm1_rest(r: Real) -> Real:
    return mp.mpf(1) / 2 + r / 6 if abs(r) < mp.mpf(10) ** -20 else (mp.expm1(r) - r) / r**2


def _expm1_cubic(r: Real) -> Real:
    return mp.mpf(1) / 6 + r / 24 if abs(r) < mp.mpf(10) ** -15 else (mp.expm1(r) - r - r * r / 2) / r**3


def _expm1_quartic(r: Real) -> Real:
    rest = mp.expm1(r) - r - r * r / 2 - r**3 / 6
    return mp.mpf(1) / 24 + r / 120 if abs(r) < mp.mpf(10) ** -11 else rest / r**4


def _tanh_cubic(v: Real) -> Real:
    u = mp.sqrt(v)
    return -mp.mpf(1) / 3 + 2 * v / 15 if v < mp.mpf(10) ** -15 else (mp.tanh(u) - u) / u**3


def _minus_tanh_rest(v: Real) -> Real:
    u = mp.sqrt(v)
    near = -mp.mpf(2) / 15 + 17 * v / 315
    return near if v < mp.mpf(10) ** -12 else ((u - mp.tanh(u)) / u**3 - mp.mpf(1) / 3) / v


def _tanh_squared_rest(v: Real) -> Real:
    near = -mp.mpf(2) / 3 + 17 * v / 45
    return near if v < mp.mpf(10) ** -12 else (mp.tanh(mp.sqrt(v)) ** 2 / v - 1) / v


def _normal_center(v: Real) -> Real:
    density, u = 1 / mp.sqrt(2 * mp.pi), mp.sqrt(v)
    near = density / 40
    return near if v < mp.mpf(10) ** -8 else (mp.erf(u / mp.sqrt(2)) / 2 - density * (u - u**3 / 6)) / u**5


def _log_rest(v: Real) -> Real:
    s = mp.sqrt(v)
    return mp.mpf(2) / 3 + 2 * v / 5 if v < mp.mpf(10) ** -18 else (mp.log1p(s) - mp.log1p(-s) - 2 * s) / s**3


def _erf_ratio(v: Real) -> Real:
    return 2 / mp.sqrt(mp.pi) * (1 - v / 3) if v < mp.mpf(10) ** -18 else mp.erf(mp.sqrt(v)) / mp.sqrt(v)


def _log1p_rest(t: Real) -> Real:
    return -mp.mpf(1) / 2 + t / 3 if t < mp.mpf(10) ** -20 else (mp.log1p(t) - t) / t**2


def _sine_rest(z: Real) -> Real:
    """sin r = r (1 − r²/6 + r⁴ S(r²))."""
    near = mp.mpf(1) / 120 - z / 5040
    return near if z < mp.mpf(10) ** -12 else (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1 + z / 6) / z**2


def _cosine_rest(z: Real) -> Real:
    """cos r = 1 − r²/2 + r⁴/24 + r⁶ C(r²)."""
    near = -mp.mpf(1) / 720 + z / 40320
    return near if z < mp.mpf(10) ** -9 else (mp.cos(mp.sqrt(z)) - 1 + z / 2 - z**2 / 24) / z**3


def normal_tail_variable(shift: float, reach: float) -> tuple[Real, Real]:
    """Middle and half width of w = 1 / (t + shift) for t in [0, reach]."""
    low, high = 1 / mp.mpf(reach + shift), 1 / mp.mpf(shift)
    return (low + high) / 2, (high - low) / 2


def _tail(shift: float, reach: float) -> Callable[[Real], Real]:
    middle, half = normal_tail_variable(shift, reach)

    def ratio(z: Real) -> Real:
        t = 1 / (middle + half * z) - shift
        return (t + shift) * mp.exp(t * t / 2) * mp.erfc(t / mp.sqrt(2)) / 2

    return ratio


# In one variable from zero to far out: (t − centre) / (t + shift), the centre a float32 number; then the ends.
RATIOS = {"normal_gate": (1.14453125, 3.0, 0.7, 14.5), "normal_slope": (0.71484375, 3.0, 0.0, 14.75)}


def _ends(name: str) -> tuple[Real, Real]:
    centre, shift, low, high = RATIOS[name]
    return (mp.mpf(low) - centre) / (low + shift), (mp.mpf(high) - centre) / (high + shift)


def _half_tail(t: Real) -> Real:
    """(1 − Φ(t)) e^(t²/2)."""
    return mp.exp(t * t / 2) * mp.erfc(t / mp.sqrt(2)) / 2


def _slope_of_gate(t: Real) -> Real:
    """(Φ(−t) − t φ(t)) e^(t²/2)."""
    return _half_tail(t) - t / mp.sqrt(2 * mp.pi)


SLOPE_ZERO = mp.findroot(_slope_of_gate, 0.75)


def _in_ratio(name: str, function: Callable[[Real], Real]) -> Callable[[Real], Real]:
    centre, shift, *_ = RATIOS[name]
    return lambda z: function((shift * z + centre) / (1 - z))


def _gate(t: Real) -> Real:
    return t * _half_tail(t)


def _slope_over_zero(t: Real) -> Real:
    return _slope_of_gate(t) / (SLOPE_ZERO - t)


def _ratio_target(name: str, meaning: str, function: Callable[[Real], Real], degree: int) -> Target:
    centre, shift, low, high = RATIOS[name]
    values = _in_ratio(name, function)
    meaning += f" in (t − {centre:g}) / (t + {shift:g}), {low:g} ≤ t ≤ {high:g}"
    return Target(name, meaning, values, *_ends(name), {"float": degree}, lambda z: 1 / values(z))


def _normal_near(v: Real) -> Real:
    density, u = 1 / mp.sqrt(2 * mp.pi), mp.sqrt(v)
    return density if v < mp.mpf(10) ** -20 else mp.erf(u / mp.sqrt(2)) / 2 / u


NORMAL_TAIL = {"single": (4.0, 15.0), "double": (5.0, 39.0)}  # level: shift, largest t
EIGHTH = mp.pi / 4 * (1 + mp.mpf(2) ** -20)
HALF_LN2 = mp.log(2) / 2 * (1 + mp.mpf(2) ** -20)


def _tail_target(level: str, degree: int) -> Target:
    shift, reach = NORMAL_TAIL[level]
    ratio = _tail(shift, reach)
    meaning = f"(t + {shift:g}) (1 − Φ(t)) e^(t²/2) for t ≤ {reach:g}, in z = (1/(t + {shift:g}) − middle) / half"
    return Target("normal_tail", meaning, ratio, mp.mpf(-1), mp.mpf(1), {level: degree}, lambda z: 1 / ratio(z))


TARGETS = (
    Target("expm1", "(e^r − 1 − r) / r² in r, |r| ≤ ln 2 / 2", _expm1_rest, -HALF_LN2, HALF_LN2,
           {"coarse": 4, "float": 5, "single": 5}, lambda r: r * r / mp.expm1(r) if r else mp.mpf(0)),
    Target("expm1", "(e^r − 1 − r) / r² in r, |r| ≤ ln 2 / 2, relative to e^r", _expm1_rest, -HALF_LN2, HALF_LN2,
           {"whole": 4}, lambda r: r * r / mp.exp(r)),
    Target("expm1", "(e^r − 1 − r − r²/2) / r³ in r, |r| ≤ ln 2 / 2", _expm1_cubic, -HALF_LN2, HALF_LN2,
           {"double": 10}, lambda r: r**3 / mp.expm1(r) if r else mp.mpf(0)),
    Target("expm1_wide", "(e^r − 1 − r − r²/2 − r³/6) / r⁴ in r, |r| ≤ ln 2 / 2", _expm1_quartic, -HALF_LN2, HALF_LN2,
           {"double": 9}, lambda r: r**4 / mp.expm1(r) if r else mp.mpf(0)),
    Target("tanh", "(tanh u − u) / u³ in u², |u| ≤ 0.55", _tanh_cubic, mp.mpf(0), mp.mpf("0.3026"), {"float": 3},
           lambda v: v),
    Target("minus_tanh", "((u − tanh u) / u³ − 1/3) / u² in u², |u| ≤ 1", _minus_tanh_rest, mp.mpf(0), mp.mpf(1),
           {"float": 6}, lambda v: v / (mp.mpf(1) / 3 + v * _minus_tanh_rest(v))),
    Target("tanh_squared", "(tanh² u / u² − 1) / u² in u², |u| ≤ 0.9", _tanh_squared_rest, mp.mpf(0), mp.mpf("0.8101"),
           {"float": 6}, lambda v: v / (1 + v * _tanh_squared_rest(v))),
    Target("normal_center", "(Φ(u) − 1/2 − (u − u³/6)/√(2π)) / u⁵ in u², |u| ≤ 1", _normal_center, mp.mpf(0),
           mp.mpf("1.01"), {"double": 10}, lambda v: 2 * v**2 * mp.sqrt(v)),
    Target("log", "(log((1+s)/(1−s)) − 2s) / s³ in s², 1/√2 ≤ (1+s)/(1−s) ≤ √2", _log_rest, mp.mpf(0),
           (3 - 2 * mp.sqrt(2)) ** 2 * (1 + mp.mpf(2) ** -10), {"single": 3, "double": 7}, lambda v: v / 2),
    Target("log1p", "(log(1 + t) − t) / t² in t, 0 ≤ t ≤ 1", _log1p_rest, mp.mpf(0), mp.mpf(1), {"float": 8},
           lambda t: t * t / mp.log1p(t) if t else mp.mpf(0)),
    Target("erf", "erf(u) / u in u², |u| ≤ 1/2", _erf_ratio, mp.mpf(0), mp.mpf("0.26"), {"single": 5, "double": 9},
           lambda v: 1 / _erf_ratio(v)),
    _ratio_target("normal_gate", "t (1 − Φ(t)) e^(t²/2)", _gate, 8),
    _ratio_target("normal_slope", "(Φ(−t) − t φ(t)) e^(t²/2) / (its zero − t)", _slope_over_zero, 9),
    Target("normal_near", "(Φ(u) − 1/2) / u in u², |u| ≤ 0.7", _normal_near, mp.mpf(0), mp.mpf("0.4901"), {"float": 4},
           lambda v: 2 * mp.sqrt(v)),
    Target("sine", "(sin(r) / r − 1 + r²/6) / r⁴ in r², |r| ≤ π/4", _sine_rest, mp.mpf(0), EIGHTH**2,
           {"single": 3, "double": 5}, lambda z: z**2),
    Target("cosine", "(cos(r) − 1 + r²/2 − r⁴/24) / r⁶ in r², |r| ≤ π/4", _cosine_rest, mp.mpf(0), EIGHTH**2,
           {"single": 3, "double": 5}, lambda z: z**3),
    *(_tail_target(level, degree) for level, degree in (("single", 11), ("double", 23))),
)  # fmt: skip


def fit(target: Target, degree: int) -> list[Real]:
    """Coefficients, constant term first, of the interpolation at degree + 1 Chebyshev nodes."""
    count = degree + 1
    nodes = [mp.cos(mp.pi * (mp.mpf(k) + 0.5) / count) for k in range(count)]
    middle, half = (target.low + target.high) / 2, (target.high - target.low) / 2
    points = [middle + half * node for node in nodes]
    return list(mp.lu_solve(mp.matrix([[p**j for j in range(count)] for p in points]),
                            mp.matrix([target.function(p) for p in points])))  # fmt: skip


def fit_float(target: Target, degree: int) -> list[float]:
    """float32 coefficients: rounded one after the other from the constant term, the rest fitted again each time.

    Each fit is a least-squares fit whose weights are raised where the error is large, which tends to the minimax fit.
    """
    half, middle = float(target.high - target.low) / 2, float(target.high + target.low) / 2
    points = middle + half * np.cos(np.pi * (np.arange(2000) + 0.5) / 2000)
    values = np.array([float(target.function(mp.mpf(p))) for p in points])
    weights = np.array([float(target.weight(mp.mpf(p))) for p in points])
    coefficients: list[float] = []
    for first in range(degree + 1):
        columns = np.stack([points**j * weights for j in range(first, degree + 1)], axis=1)
        rest = (values - np.polynomial.polynomial.polyval(points, [*coefficients, 0.0])) * weights
        emphasis = np.ones_like(points)
        for _ in range(60):
            root = np.sqrt(emphasis)
            solution = np.linalg.lstsq(columns * root[:, None], rest * root, rcond=None)[0]
            emphasis = emphasis * (np.abs(columns @ solution - rest) + 1e-30)
            emphasis /= emphasis.sum()
        coefficients.append(float(np.float32(solution[0])))
    return coefficients


def measured_error(target: Target, coefficients: list[float]) -> Real:
    points = (target.low + (target.high - target.low) * mp.mpf(float(t)) for t in np.linspace(0, 1, 4001))
    return max(abs((mp.polyval([mp.mpf(c) for c in reversed(coefficients)], p) - target.function(p)) * target.weight(p))
               for p in points)  # fmt: skip


NARROW = ("float", "coarse", "whole")
HEADER = '''"""Polynomials of the kernels, constant term first. Written by scripts/fit_polynomials.py; do not edit.

"float", "coarse" and "whole" serve float32 results computed in float32 arithmetic, "single" those computed in float64
arithmetic, "double" float64 results. The error beside each is relative to the function it serves.
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
'''


def render() -> str:
    """The text of the module."""
    blocks: dict[str, list[str]] = {}
    for target in TARGETS:
        for level, degree in target.degrees.items():
            rounded = fit_float(target, degree) if level in NARROW else [float(c) for c in fit(target, degree)]
            error = mp.log(measured_error(target, rounded), 2)
            numbers = ", ".join(map(repr, rounded)) + ("," if len(rounded) == 1 else "")
            lines = textwrap.fill(numbers, 120, initial_indent=" " * 12, subsequent_indent=" " * 12)
            block = f'        # {target.meaning}: 2^{float(error):.1f}\n        "{level}": (\n{lines}\n        ),'
            blocks.setdefault(target.name, []).append(block)
    table = "\n".join(f'    "{name}": {{\n' + "\n".join(levels) + "\n    }," for name, levels in blocks.items())
    normal_tail = "\n".join(
        f'    "{level}": ({shift!r}, {", ".join(repr(float(v)) for v in normal_tail_variable(shift, reach))}),'
        for level, (shift, reach) in NORMAL_TAIL.items()
    )
    ratios = "\n".join(f'    "{name}": ({centre!r}, {shift!r}),' for name, (centre, shift, *_) in RATIOS.items())
    zero = float(np.float32(float(SLOPE_ZERO)))
    zero_low = float(np.float32(float(SLOPE_ZERO - zero)))
    return (
        HEADER
        + "POLYNOMIALS: Mapping[str, Mapping[str, tuple[float, ...]]] = {\n"
        + table
        + "\n}\n\n# Normal tail: shift, middle and half width of its variable.\n"
        + f"NORMAL_TAIL: Mapping[str, tuple[float, float, float]] = {{\n{normal_tail}\n}}\n"
        + "\n# Ratios: centre and shift of the variable (t − centre) / (t + shift).\n"
        + f"RATIOS: Mapping[str, tuple[float, float]] = {{\n{ratios}\n}}\n"
        + "\n# Where Φ(−t) = t φ(t), as the sum of two float32 numbers.\n"
        + f"NORMAL_SLOPE_ZERO = ({zero!r}, {zero_low!r})\n"
    )


if __name__ == "__main__":
    OUTPUT.write_text(render())
    print(f"wrote {OUTPUT}")
