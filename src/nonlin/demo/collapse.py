"""Chapter 1: without an activation, a deep network is one affine map, and learns what a line can learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

import nonlin.demo.data as data
import nonlin.demo.networks as networks
from nonlin.activation import Activation
from nonlin.demo.chapter import Block, Chapter, Context, commands, figure, number, table, text
from nonlin.demo.data import Rows
from nonlin.demo.selection import PROBABILITIES, STRAIGHT, USUAL
from nonlin.registry import get

DEPTH = 8
WIDTH = 64
GRID = 40
TITLE = "Without an activation, depth is an illusion"
CLAIM = "A network of linear layers is one linear layer, however many there are."


@dataclass(frozen=True)
class Product:
    """A linear network multiplied out: y = weight·x + bias, and how far its outputs are from the network's own.

    `difference` is the largest one over the largest output, `roundings` the same in units of float64's 2⁻⁵².
    """

    weight: torch.Tensor
    bias: torch.Tensor
    difference: float
    roundings: float


def multiply_out(network: nn.Sequential, inputs: torch.Tensor) -> Product:
    """W = W_n … W_2 W_1 and b = W_n(… (W_2 b_1 + b_2) …) + b_n in float64, compared with the network in float64."""
    weight, bias = torch.eye(inputs.shape[1], dtype=torch.float64), torch.zeros(inputs.shape[1], dtype=torch.float64)
    outputs = inputs.double()
    for layer in network:
        if isinstance(layer, nn.Linear):
            own, shift = layer.weight.detach().double(), layer.bias.detach().double()
            weight, bias = own @ weight, own @ bias + shift
            outputs = outputs @ own.T + shift
        else:
            outputs = layer(outputs).detach()
    apart = (inputs.double() @ weight.T + bias - outputs).abs().max() / outputs.abs().max()
    return Product(weight, bias, float(apart), float(apart) / float(np.finfo(np.float64).eps))


def write(context: Context) -> Chapter:
    """Train the same deep network with and without an activation, on rings and on digits."""
    rings, digits = data.rings(context.seed), data.digits(context.seed)
    steps = 150 if context.quick else 400
    straight, usual = get(STRAIGHT), get(USUAL)
    context.say(f"training {DEPTH} layers with and without an activation on two rings")
    flat, bent = (_trained(rings, activation, steps, context.seed) for activation in (straight, usual))
    context.say(f"the same on {len(digits.learn)} scanned digits")
    flat_digits, bent_digits = (_trained(digits, activation, steps, context.seed) for activation in (straight, usual))
    product = multiply_out(flat_digits, digits.test)
    summary = (
        f"{DEPTH} linear layers multiplied out equal one matrix to {product.roundings:.0f} units of rounding "
        f"(relative difference {number(product.difference)}); rings: {_percent(flat, rings)} right without an "
        f"activation, {_percent(bent, rings)} with {usual.name}."
    )
    blocks = (
        text(
            f"Each layer computes z = Wx + b. With nothing between them, {DEPTH} layers of {WIDTH} units are a product "
            "of matrices, and a product of matrices is a matrix. Here the trained network on the digits is multiplied "
            f"out: on {len(digits.test)} images, one layer and {DEPTH} layers differ by {number(product.difference)} "
            f"of the largest output, {product.roundings:.1f} units of float64's rounding (2⁻⁵²)."
        ),
        {"kind": "equation", "name": "collapse"},
        table("Accuracy on test rows", ["data", "logistic regression", f"{DEPTH} layers, {straight.name}",
                                        f"{DEPTH} layers, {usual.name}"],
              [_row("two rings", rings, flat, bent), _row("scanned digits", digits, flat_digits, bent_digits)]),
        text(
            "The linear network scores like logistic regression, and fails where no line separates the classes. Planes "
            "nearly separate the digits, so there an activation adds little: the data decide, and only a measurement "
            "says how."
        ),
        _regions(rings, (straight, flat), (usual, bent)),
        commands(f"nonlin show {straight.name}", f"nonlin plot {straight.name} {usual.name}"),
    )  # fmt: skip
    return Chapter("collapse", TITLE, CLAIM, summary, blocks)


def _trained(rows: Rows, activation: Activation, steps: int, seed: int) -> nn.Sequential:
    sizes = (rows.learn.shape[1], *[WIDTH] * (DEPTH - 1), rows.classes)
    network = networks.stack(sizes, activation, networks.scaled(activation.facts.gain), seed)
    networks.train(network, rows.learn, rows.learn_classes, steps=steps, learning_rate=0.003, seed=seed)
    return network


def _percent(network: nn.Module, rows: Rows) -> str:
    return f"{100 * networks.accuracy(network, rows.test, rows.test_classes):.1f} %"


def _row(name: str, rows: Rows, flat: nn.Module, bent: nn.Module) -> list[str]:
    return [name, f"{100 * logistic_regression(rows):.1f} %", _percent(flat, rows), _percent(bent, rows)]


def logistic_regression(rows: Rows) -> float:
    """Test accuracy of scikit-learn's logistic regression."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000).fit(rows.learn.numpy(), rows.learn_classes.numpy())
    return float(model.score(rows.test.numpy(), rows.test_classes.numpy()))


def _regions(rows: Rows, *pairs: tuple[Activation, nn.Module]) -> Block:
    edge = [round(float(v), 4) for v in np.linspace(-1.4, 1.4, GRID)]
    grid = torch.tensor([[x, y] for y in edge for x in edge])
    panels = []
    for activation, network in pairs:
        with torch.no_grad():
            share = get(PROBABILITIES)(network(grid))[:, 1].reshape(GRID, GRID)
        panels.append({
            "title": f"{DEPTH} layers, {activation.name}", "note": f"{_percent(network, rows)} of the test rows right",
            "x": edge, "y": edge, "probability": [[round(float(v), 3) for v in line] for line in share],
        })  # fmt: skip
    points = [[round(float(v), 3) for v in point] for point in rows.test[:200]]
    return figure(
        "decision_regions", "What the two networks decide",
        f"Two rings. The linear network can only cut the plane by one straight line; with {pairs[1][0].name} it "
        "encloses the inner ring.",
        panels=panels, points=points, labels=rows.test_classes[:200].tolist(),
    )  # fmt: skip
