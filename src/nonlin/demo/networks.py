"""Plain networks for experiments: their initial weights, pre-activations, training. Nothing global is changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from nonlin.activation import Activation
from nonlin.torch import module

Start = Callable[[nn.Linear, int, torch.Generator], None]  # layer, its place, source of draws


def stack(sizes: tuple[int, ...], activation: Activation, start: Start, seed: int) -> nn.Sequential:
    """Linear layers of these sizes with the activation between them; the last layer gives plain scores."""
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        linear = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            start(linear, index, generator)
        layers += [linear, module(activation)]
    return nn.Sequential(*layers[:-1])


def scaled(gain: float) -> Start:
    """Weights N(0, gain²/fan_in), no bias; the first layer reads data and has gain 1."""

    def start(layer: nn.Linear, index: int, generator: torch.Generator) -> None:
        deviation = (gain if index else 1.0) / math.sqrt(layer.in_features)
        layer.weight.normal_(0.0, deviation, generator=generator)
        layer.bias.zero_()

    return start


def pytorch_default(layer: nn.Linear, index: int, generator: torch.Generator) -> None:
    """What nn.Linear does when nothing is said: weights and biases uniform within ±1/√fan_in."""
    bound = 1.0 / math.sqrt(layer.in_features)
    layer.weight.uniform_(-bound, bound, generator=generator)
    layer.bias.uniform_(-bound, bound, generator=generator)


def scores_before(network: nn.Sequential, inputs: torch.Tensor) -> Iterator[torch.Tensor]:
    """What each layer hands to its activation, z = Wx + b, first layer first, the output layer's last."""
    for layer in network:
        inputs = layer(inputs)
        if isinstance(layer, nn.Linear):
            yield inputs


def train(
    network: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    batch: int = 128,
) -> list[float]:
    """Minimise the cross-entropy on minibatches, the learning rate falling linearly to 0; returns the loss of each."""
    generator = torch.Generator().manual_seed(seed)
    updates = torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)
    losses = []
    for step in range(steps):
        updates.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        rows = torch.randint(len(targets), (batch,), generator=generator)
        updates.zero_grad()
        loss = nn.functional.cross_entropy(network(inputs[rows]), targets[rows])
        loss.backward()
        updates.step()
        losses.append(loss.item())
    return losses


def accuracy(network: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """The share of rows whose largest score is the right class's."""
    with torch.no_grad():
        return float((network(inputs).argmax(1) == targets).double().mean())


def means(values: list[float], parts: int) -> list[float]:
    """The means of `parts` consecutive pieces, to draw a long noisy series."""
    return [float(np.mean(piece)) for piece in np.array_split(np.asarray(values), parts)]


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread sums in one order: the same numbers whatever the number of cores. Restored on leaving."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
