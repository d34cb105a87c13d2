"""Expectations under a Gaussian: what a wide layer at initialisation does to means and variances.

Integrals are split at the break points of f and refined until they stand to about 14 digits, so a corner or a jump
costs no accuracy (Gauss–Hermite quadrature would lose most digits there).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array
from nonlin.facts.curve import Curve, curve_of

WIDTH = 12.0  # standard deviations integrated to each side: the density beyond is below 1e-32
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANELS = np.linspace(-WIDTH, WIDTH, 49)
_ROUNDS, _TOLERANCE = 14, 1e-15


@dataclass(frozen=True)
class GaussianMoments:
    """E f(u), E f(u)² and E f′(u)² for Gaussian u."""

    mean: float
    second: float
    slope_second: float


def expectation(integrand: Callable[[Array], Array], breaks: Array) -> Array:
    """E g(z) for z ~ N(0, 1), where `integrand` maps n points to k rows of n values: k expectations."""
    inside = breaks[np.abs(breaks) < WIDTH]
    edges = np.unique(np.concatenate([_PANELS, inside]))
    low, high = edges[:-1], edges[1:]
    coarse = _panel_integrals(integrand, low, high)
    total: Array = np.zeros(coarse.shape[0])
    with np.errstate(all="ignore"):
        for _ in range(_ROUNDS):
            middle = 0.5 * (low + high)
            halves = _panel_integrals(integrand, np.concatenate([low, middle]), np.concatenate([middle, high]))
            first, second = np.split(halves, 2, axis=1)
            rough = (np.abs(first + second - coarse) > _TOLERANCE * np.maximum(1.0, np.abs(coarse))).any(axis=0)
            total += (first + second)[:, ~rough].sum(axis=1)
            if not rough.any():
                return total
            low, high = np.concatenate([low[rough], middle[rough]]), np.concatenate([middle[rough], high[rough]])
            coarse = np.concatenate([first[:, rough], second[:, rough]], axis=1)
    total += coarse.sum(axis=1)
    return total


def _panel_integrals(integrand: Callable[[Array], Array], low: Array, high: Array) -> Array:
    half = 0.5 * (high - low)
    z = (0.5 * (low + high))[:, None] + half[:, None] * _NODES
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    values = np.atleast_2d(integrand(z.ravel())).reshape(-1, *z.shape)
    return np.asarray((values * density * _WEIGHTS).sum(axis=-1) * half)


def curve_moments(curve: Curve, mean: float = 0.0, variance: float = 1.0) -> GaussianMoments:
    """The moments of a curve under N(mean, variance)."""
    deviation = math.sqrt(variance)

    def integrand(z: Array) -> Array:
        u = mean + deviation * z
        value, slope = curve(u), curve(u, 1)
        return np.stack([value, value * value, slope * slope])

    if deviation == 0:
        value, slope = curve.at(mean), curve.at(mean, 1)
        return GaussianMoments(value, value * value, slope * slope)
    return GaussianMoments(*expectation(integrand, (curve.breaks - mean) / deviation).tolist())


def gaussian_moments(
    expression: Node, parameters: Mapping[str, float] | None = None, *, mean: float = 0.0, variance: float = 1.0
) -> GaussianMoments:
    """E f, E f² and E f′² for u ~ N(mean, variance). A jump of f has no slope and adds nothing to E f′²."""
    return curve_moments(curve_of(expression, parameters), mean, variance)


def moment_map(
    expression: Node,
    parameters: Mapping[str, float] | None = None,
    *,
    mean: float = 0.0,
    variance: float = 1.0,
    weight_sum: float = 0.0,
    weight_square_sum: float = 1.0,
) -> tuple[float, float]:
    """Mean and variance of a unit's output from those of its inputs: (μ, ν) → (μ̃, ν̃) with u ~ N(μω, ντ).

    `weight_sum` is ω = Σ wᵢ, `weight_square_sum` is τ = Σ wᵢ², both over one unit's weights (Klambauer, Unterthiner,
    Mayr, Hochreiter 2017, "Self-normalizing neural networks", equations 4 and 5).
    """
    moments = gaussian_moments(expression, parameters, mean=mean * weight_sum, variance=variance * weight_square_sum)
    return moments.mean, moments.second - moments.mean**2


def moment_jacobian(
    expression: Node,
    parameters: Mapping[str, float] | None = None,
    *,
    mean: float = 0.0,
    variance: float = 1.0,
    weight_sum: float = 0.0,
    weight_square_sum: float = 1.0,
) -> NDArray[np.float64]:
    """The 2×2 derivative of `moment_map` in (μ, ν): rows μ̃, ν̃.

    By differentiating the density instead of f (Stein's identity), so corners and jumps need no care.
    """
    curve = curve_of(expression, parameters)
    deviation, centre = math.sqrt(variance * weight_square_sum), mean * weight_sum

    def integrand(z: Array) -> Array:
        value = curve(centre + deviation * z)
        by_mean, by_variance = z * weight_sum / deviation, (z * z - 1.0) / (2.0 * variance)
        square = value * value
        return np.stack([value, value * by_mean, value * by_variance, square * by_mean, square * by_variance])

    f, f_mean, f_variance, s_mean, s_variance = expectation(integrand, (curve.breaks - centre) / deviation)
    return np.array([[f_mean, f_variance], [s_mean - 2.0 * f * f_mean, s_variance - 2.0 * f * f_variance]])


@dataclass(frozen=True)
class FixedPoint:
    """A mean and variance that a layer maps to themselves, and the Jacobian of the map there."""

    mean: float
    variance: float
    jacobian: tuple[tuple[float, float], tuple[float, float]]

    @property
    def spectral_norm(self) -> float:
        """The largest factor by which one layer stretches a small deviation."""
        return float(np.linalg.norm(np.array(self.jacobian), 2))

    @property
    def attracting(self) -> bool:
        """Whether every small deviation shrinks in one layer, so that deep layers stay at this mean and variance."""
        return self.spectral_norm < 1.0


def fixed_point(
    expression: Node, parameters: Mapping[str, float] | None = None, *, weight_square_sum: float = 1.0
) -> FixedPoint | None:
    """Where `moment_map` with ω = 0 settles when started at mean 0 and variance 1; None if it does not settle.

    A variance that sinks to 0 (signals die out) or grows without bound is not a fixed point.
    """
    mean, variance = 0.0, 1.0
    for _ in range(200):
        new_mean, new_variance = moment_map(
            expression, parameters, mean=mean, variance=variance, weight_square_sum=weight_square_sum
        )
        change = abs(new_mean - mean) + abs(new_variance - variance)
        mean, variance = new_mean, new_variance
        if not 1e-6 < variance < 1e6:
            return None
        if change < 1e-12:
            rows = moment_jacobian(
                expression, parameters, mean=mean, variance=variance, weight_square_sum=weight_square_sum
            ).tolist()
            return FixedPoint(mean, variance, (tuple(rows[0]), tuple(rows[1])))
    return None
