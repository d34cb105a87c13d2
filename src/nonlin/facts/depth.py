"""What theory predicts for a deep plain network of wide layers at initialisation.

Layer l computes z = W f(z of layer l − 1) + b with W ~ N(0, σ_w²/fan_in), b ~ N(0, σ_b²). For wide layers z is
Gaussian with variance q (Poole et al. 2016, "Exponential expressivity in deep neural networks through transient
chaos"; Schoenholz et al. 2017, "Deep information propagation"). Batch normalisation, residual connections and
training itself are outside the theory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nonlin.errors import InvalidValueError
from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array
from nonlin.facts.curve import Curve, curve_of
from nonlin.facts.moments import curve_moments

Parameters = Mapping[str, float] | None


@dataclass(frozen=True)
class DepthProfile:
    """Predictions per layer, first layer first; each tuple has one entry per layer.

    `variance`: q, of the pre-activations z. `activation_rms`: √E f(z)². `gradient_factor`: χ₁ at that q.
    `gradient_rms`: size of ∂loss/∂z, the last layer's set to 1. `weight_gradient_rms`: of one entry of ∂loss/∂W
    for one sample, the last layer's set to 1.
    """

    variance: tuple[float, ...]
    activation_rms: tuple[float, ...]
    gradient_factor: tuple[float, ...]
    gradient_rms: tuple[float, ...]
    weight_gradient_rms: tuple[float, ...]


def length_map(
    expression: Node, parameters: Parameters = None, *, variance: float = 1.0, sigma_w2: float, sigma_b2: float = 0.0
) -> float:
    """q′ = σ_w² E f(√q z)² + σ_b²: the variance of the next layer's pre-activations."""
    return sigma_w2 * curve_moments(curve_of(expression, parameters), variance=variance).second + sigma_b2


def gradient_factor(
    expression: Node, parameters: Parameters = None, *, variance: float = 1.0, sigma_w2: float
) -> float:
    """χ₁ = σ_w² E f′(√q z)²: the factor on the mean squared gradient as it passes one layer backwards."""
    return sigma_w2 * curve_moments(curve_of(expression, parameters), variance=variance).slope_second


def gradient_profile(
    expression: Node,
    parameters: Parameters = None,
    *,
    sigma_w2: float,
    depth: int,
    sigma_b2: float = 0.0,
    input_second_moment: float = 1.0,
) -> DepthProfile:
    """The predicted sizes of activations and gradients in each of `depth` layers of equal width.

    `input_second_moment` is the mean square of the network's input entries. Only ratios between layers are
    predicted for gradients, so no loss is needed. Raises `InvalidValueError` for depth < 1 or a negative variance.
    """
    if depth < 1 or sigma_w2 < 0 or sigma_b2 < 0:
        raise InvalidValueError(
            "a network has at least one layer, and variances are not negative",
            received=f"depth={depth}, sigma_w2={sigma_w2}, sigma_b2={sigma_b2}",
        )
    curve = curve_of(expression, parameters)
    inputs, factors, variances = [input_second_moment], [], []
    for _ in range(depth):
        variances.append(sigma_w2 * inputs[-1] + sigma_b2)
        moments = curve_moments(curve, variance=variances[-1])
        inputs.append(moments.second)
        factors.append(sigma_w2 * moments.slope_second)
    # ∂loss/∂z of layer l is that of the last layer times χ₁ of layers l … depth − 1.
    squared = np.cumprod([1.0, *reversed(factors[:-1])])[::-1]
    weight_squared = squared * inputs[:-1]
    return DepthProfile(
        variance=tuple(variances),
        activation_rms=tuple(math.sqrt(second) for second in inputs[1:]),
        gradient_factor=tuple(factors),
        gradient_rms=tuple(np.sqrt(squared).tolist()),
        weight_gradient_rms=tuple(np.sqrt(weight_squared / (weight_squared[-1] or 1.0)).tolist()),
    )


def correlation_map(
    expression: Node,
    parameters: Parameters = None,
    *,
    correlation: float,
    variance: float = 1.0,
    sigma_w2: float,
    sigma_b2: float = 0.0,
) -> float:
    """c′: the correlation of two inputs' pre-activations one layer on, from their correlation c (both variance q).

    c′ = (σ_w² E f(u₁) f(u₂) + σ_b²) / q′. Accurate to about 9 digits for 0 ≤ c ≤ 0.99.
    """
    curve = curve_of(expression, parameters)
    next_variance = sigma_w2 * curve_moments(curve, variance=variance).second + sigma_b2
    product = _product_moment(curve, correlation, variance)
    return (sigma_w2 * product + sigma_b2) / next_variance if next_variance else 1.0


def _product_moment(curve: Curve, correlation: float, variance: float) -> float:
    """E f(u₁) f(u₂) on a tensor grid of Gauss–Legendre panels split at the break points."""
    if correlation >= 1.0:
        return curve_moments(curve, variance=variance).second
    deviation = math.sqrt(variance)
    breaks = curve.breaks / (deviation or 1.0)
    edges = np.unique(np.concatenate([np.linspace(-9.0, 9.0, 61), breaks[np.abs(breaks) < 9.0]]))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = 0.5 * np.diff(edges)
    z: Array = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    weighted = curve(deviation * z) * (half[:, None] * weights).ravel()
    rest = 1.0 - correlation**2
    distance = z[:, None] ** 2 - 2.0 * correlation * np.outer(z, z) + z**2
    density = np.exp(-0.5 * distance / rest) / (2.0 * math.pi * math.sqrt(rest))
    return float(weighted @ density @ weighted)


def dead_share(correlation: float, tolerance: float = 0.01) -> float:
    """The expected share of units with negative z on all but a share `tolerance` of the inputs, at initialisation.

    Φ(√((1 − c)/c) Φ⁻¹(ε)) for inputs whose pre-activations have correlation c; for a function that is dead on one
    side, that is the share of nearly dead units in a healthy network, and it grows with depth as c approaches 1.
    """
    if correlation <= 0.0:
        return 0.0
    normal = NormalDist()
    return normal.cdf(math.sqrt((1.0 - correlation) / correlation) * normal.inv_cdf(tolerance))
