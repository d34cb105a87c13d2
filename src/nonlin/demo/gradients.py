"""Chapter 2: how large the gradient is at each depth, measured in real networks beside what the facts predict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

import nonlin.demo.data as data
import nonlin.demo.networks as networks
from nonlin.activation import Activation
from nonlin.demo.chapter import Block, Chapter, Context, commands, figure, listed, number, table, text
from nonlin.demo.networks import Start
from nonlin.demo.selection import DEEP, activations
from nonlin.facts import gradient_profile

DEPTH = 24
WIDTH = 256
ROWS = 128
TOO_LARGE = 1.6
TITLE = "Gradients vanish and explode with depth"
CLAIM = "Backpropagation multiplies one factor per layer: below 1 the gradient vanishes, above 1 it explodes."
# What a start is called, and what it means.
STARTS: Mapping[str, str] = {
    "matched": "weights N(0, gain²/fan_in), the gain computed from the activation so that signals keep their size",
    "default": "PyTorch's default for nn.Linear: weights and biases uniform within ±1/√fan_in",
    "too large": f"the matched weights times {TOO_LARGE:g}",
}


@dataclass(frozen=True)
class Measured:
    """Gradient size by layer, the last hidden layer's set to 1: measured, and predicted by `facts.gradient_profile`."""

    measured: tuple[float, ...]
    predicted: tuple[float, ...]


def measure(activation: Activation, start: str, *, depth: int, draws: int, seed: int) -> Measured:
    """The root mean square of ∂loss/∂z in each hidden layer, over `draws` networks (geometric mean)."""
    rows = data.digits(seed)
    inputs, classes = rows.learn[:ROWS], rows.learn_classes[:ROWS]
    way, weights, biases = _start(activation, start)
    sizes = (inputs.shape[1], *[WIDTH] * depth, rows.classes)
    logs = [
        np.log(_gradients(networks.stack(sizes, activation, way, seed + draw), inputs, classes))
        for draw in range(draws)
    ]
    # The first layer has gain 1 (or its own fan-in): the mean square it adds is put into the input's.
    first = float(inputs.square().mean()) * (1.0 / weights if start != "default" else 1.0)
    profile = gradient_profile(
        activation.expression, activation.parameters,
        sigma_w2=weights, sigma_b2=biases, depth=depth, input_second_moment=first,
    )  # fmt: skip
    sizes_by_layer = np.exp(np.mean(logs, axis=0))
    return Measured(tuple((sizes_by_layer / sizes_by_layer[-1]).tolist()), profile.gradient_rms)


def _start(activation: Activation, start: str) -> tuple[Start, float, float]:
    """The start, and its variances: of a weight times fan_in, and of a bias."""
    if start == "default":
        return networks.pytorch_default, 1 / 3, 1 / (3 * WIDTH)
    gain = activation.facts.gain * (TOO_LARGE if start == "too large" else 1.0)
    return networks.scaled(gain), gain**2, 0.0


def _gradients(network: nn.Sequential, inputs: torch.Tensor, classes: torch.Tensor) -> list[float]:
    scores = list(networks.scores_before(network, inputs))
    loss = nn.functional.cross_entropy(scores[-1], classes)
    found = torch.autograd.grad(loss, scores[:-1])
    return [float(g.double().square().mean().sqrt()) for g in found]


def write(context: Context) -> Chapter:
    """Measure every chosen activation from every start."""
    chosen = activations(DEEP)
    depth, draws = (12, 1) if context.quick else (DEPTH, 3)
    found: dict[str, dict[str, Measured]] = {}
    for start in STARTS:
        found[start] = {}
        for activation in chosen:
            context.say(f"{depth} layers of {WIDTH} units with {activation.name}, {start} weights")
            found[start][activation.name] = measure(activation, start, depth=depth, draws=draws, seed=context.seed)
    return Chapter("gradients", TITLE, CLAIM, _summary(found, depth), _blocks(found, chosen, depth))


def _summary(found: dict[str, dict[str, Measured]], depth: int) -> str:
    shares = ", ".join(f"{name} {number(m.measured[0])}" for name, m in found["matched"].items())
    return f"Gradient at layer 1 over that at layer {depth}, with matched weights: {shares}."


def _blocks(found: dict[str, dict[str, Measured]], chosen: tuple[Activation, ...], depth: int) -> tuple[Block, ...]:
    factors = [[a.name, f"{a.facts.max_slope:.4g}", f"{a.facts.gain:.4f}", f"{math.sqrt(a.facts.chi):.4f}"]
               for a in chosen]  # fmt: skip
    return (
        text(
            "The gradient at one layer is the gradient at the next times the weights and times the slope f′(z). What "
            "that does to its size follows from the definition alone: a factor √χ, with z Gaussian of variance 1. The "
            "dashed lines below come from the definitions; the solid ones were measured by backpropagation through "
            f"real networks reading {ROWS} scanned digits."
        ),
        {"kind": "equation", "name": "factor"},
        {"kind": "functions", "items": [
            {"name": a.name, "title": a.title, "formula": a.formula, "url": a.reference.url,
             "reference": f"{a.reference.authors} ({a.reference.year}). {a.reference.title}"} for a in chosen
        ]},
        table("From the definitions: what one layer does to the gradient",
              ["activation", "largest slope", "matched gain", "√χ, factor per layer"], factors),
        *(_picture(start, meaning, found[start]) for start, meaning in STARTS.items()),
        table(f"Gradient at layer 1 over that at layer {depth}", ["activation", "weights", "measured", "predicted"],
              [[name, start, number(m.measured[0]), number(m.predicted[0])]
               for start, by_name in found.items() for name, m in by_name.items()]),
        text(
            f"With matched weights the gradient falls below a hundredth for {_below(found['matched'])}; with PyTorch's "
            f"default weights for {_below(found['default'])}; with too large weights it grows more than a hundredfold "
            f"for {_above(found['too large'])}. The prediction is for very wide layers; {WIDTH} units and a few draws "
            "scatter around it."
        ),
        commands(f"nonlin show {chosen[-1].name}", f"nonlin plot {' '.join(a.name for a in chosen)}"),
    )  # fmt: skip


def _picture(start: str, meaning: str, by_name: dict[str, Measured]) -> Block:
    return figure(
        "lines_by_depth", f"Gradient size by layer, {start} weights",
        f"{start.capitalize()} weights: {meaning}. The last hidden layer's gradient is set to 1; each step up the "
        "axis is a factor of ten or more.",
        series={name: _rounded(m.measured) for name, m in by_name.items()},
        predicted={name: _rounded(m.predicted) for name, m in by_name.items()}, ylabel="gradient size",
    )  # fmt: skip


def _below(by_name: dict[str, Measured]) -> str:
    return listed(name for name, m in by_name.items() if m.measured[0] < 0.01)


def _above(by_name: dict[str, Measured]) -> str:
    return listed(name for name, m in by_name.items() if m.measured[0] > 100)


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [float(f"{v:.4g}") for v in values]
