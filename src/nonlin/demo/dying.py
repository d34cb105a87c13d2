"""Chapter 3: a network whose units are driven to death by large steps, and the same with a slope on the other side."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

import nonlin.demo.data as data
import nonlin.demo.networks as networks
from nonlin.activation import Activation
from nonlin.demo.chapter import Block, Chapter, Context, commands, figure, table, text
from nonlin.demo.data import Rows
from nonlin.demo.selection import REPAIR, USUAL
from nonlin.registry import get

DEPTH = 5
WIDTH = 64
CALM, WILD = 0.003, 0.1  # Adam's learning rate: ordinary, and far too large
BURST = 40  # steps at the large rate, before the ordinary ones
POINTS = 15
TITLE = "ReLU units die"
CLAIM = "A unit whose input is negative for every example has no gradient, and never comes back."


@dataclass(frozen=True)
class Outcome:
    """The mean loss of `POINTS` stretches of training, the share of dead units by hidden layer, the test accuracy."""

    losses: tuple[float, ...]
    dead: tuple[float, ...]
    accuracy: float


def dead_shares(network: nn.Sequential, activation: Activation, inputs: torch.Tensor) -> tuple[float, ...]:
    """The share of units, by hidden layer, whose slope f′(z) is 0 for every row of `inputs`."""
    with torch.no_grad():
        scores = list(networks.scores_before(network, inputs))[:-1]
        return tuple(float((activation.derivative(z) == 0).all(0).double().mean()) for z in scores)


def experiment(rows: Rows, activation: Activation, *, burst: int, steps: int, seed: int) -> Outcome:
    """Train with `burst` far too large steps first, then with `steps` ordinary ones, and count the dead."""
    sizes = (rows.learn.shape[1], *[WIDTH] * DEPTH, rows.classes)
    network = networks.stack(sizes, activation, networks.scaled(activation.facts.gain), seed)
    learn = (network, rows.learn, rows.learn_classes)
    if burst:
        networks.train(*learn, steps=burst, learning_rate=WILD, seed=seed)
    losses = networks.train(*learn, steps=steps, learning_rate=CALM, seed=seed + 1)
    return Outcome(
        tuple(networks.means(losses, POINTS)),
        dead_shares(network, activation, torch.cat([rows.learn, rows.test])),
        networks.accuracy(network, rows.test, rows.test_classes),
    )


def write(context: Context) -> Chapter:
    """Three trainings: ordinary steps alone, too large ones first, and too large ones first with the repair."""
    rows, usual, repair = data.digits(context.seed), get(USUAL), get(REPAIR)
    steps = 150 if context.quick else 390
    found = {}
    for label, activation, burst in (
        (f"{usual.name}, ordinary steps", usual, 0),
        (f"{usual.name}, large steps first", usual, BURST),
        (f"{repair.name}, large steps first", repair, BURST),
    ):
        context.say(f"training {DEPTH} layers: {label}")
        found[label] = experiment(rows, activation, burst=burst, steps=steps, seed=context.seed)
    return Chapter("dying", TITLE, CLAIM, _summary(found), _blocks(found, len(rows.learn) + len(rows.test), steps))


def _summary(found: dict[str, Outcome]) -> str:
    (calm, killed, repaired), usual, repair = found.values(), get(USUAL).name, get(REPAIR).name
    return (
        f"{BURST} steps that are far too large leave {100 * _mean(killed.dead):.0f} % of {usual} units dead for good "
        f"(ordinary steps: {100 * _mean(calm.dead):.0f} %) and {100 * killed.accuracy:.0f} % right; {repair} loses "
        f"{100 * _mean(repaired.dead):.0f} % and recovers to {100 * repaired.accuracy:.0f} %."
    )


def _blocks(found: dict[str, Outcome], inputs: int, steps: int) -> tuple[Block, ...]:
    usual, repair = get(USUAL).name, get(REPAIR).name
    return (
        text(
            f"The same network of {DEPTH} hidden layers learns the digits three times: with ordinary steps (Adam, "
            f"learning rate {CALM:g}); with {BURST} far too large steps first (rate {WILD:g}); and with those and "
            f"{repair} instead of {usual}. A unit counts as dead when its slope is exactly 0 for all {inputs} images "
            "that were looked at."
        ),
        figure("shares_by_layer", "Dead units by layer", f"Share of the {WIDTH} units of each hidden layer whose slope "
               "is 0 for every image, at the end.", series={label: list(o.dead) for label, o in found.items()}),
        figure("training_curves", "The loss during the ordinary steps", f"Mean cross-entropy over {POINTS} equal "
               f"stretches of {steps} steps, after the large ones. Guessing gives ln 10 = 2.30.",
               series={label: [float(f"{v:.4g}") for v in o.losses] for label, o in found.items()},
               ylabel="loss", xlabel=f"stretch of {steps // POINTS} steps"),
        table("At the end", ["network", "dead units", "test accuracy"],
              [[label, f"{100 * _mean(o.dead):.1f} %", f"{100 * o.accuracy:.1f} %"] for label, o in found.items()]),
        text(
            f"Dead units receive no gradient: the ordinary steps could not bring them back. {repair} keeps a small "
            "slope for negative inputs, so its units cannot die, and training recovers. Both would rather have had "
            "ordinary steps from the start: where units die, lower the learning rate first."
        ),
        commands(f"nonlin plot {usual} {repair}", "nonlin choose --symptom dead_units"),
    )  # fmt: skip


def _mean(shares: tuple[float, ...]) -> float:
    return sum(shares) / len(shares)
