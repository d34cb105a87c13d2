"""The networks under comparison, and their initial weights.

Weights are drawn from N(0, g²/fan_in) with zero bias. For a layer that reads activations g is the activation's
matched gain 1/√E[f(z)²], z ~ N(0, 1), which keeps the variance of z at one from layer to layer; the first layer reads
standardised inputs and the last is plain: g = 1 (He et al. 2015; Klambauer et al. 2017). All candidates of a seed
share one stream of draws, so they start from the same weights up to the gain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from nonlin.comparison.cells import Recipe

POOL = 2
KERNEL = 3


def build(
    recipe: Recipe,
    shape: tuple[int, ...],
    outputs: int,
    hidden: Callable[[], nn.Module],
    gain: float,
    generator: torch.Generator,
) -> nn.Sequential:
    """The network for inputs of `shape` (without the row axis), initialised from `generator` alone.

    It ends in `outputs` plain numbers: logits for a classification (the loss applies the softmax), the standardised
    value for a regression.
    """
    layers = _NETWORKS[recipe.network](recipe, shape, outputs, hidden)
    network = nn.Sequential(*layers)
    linear = [layer for layer in layers if isinstance(layer, (nn.Linear, nn.Conv2d))]
    for index, layer in enumerate(linear):
        plain = index in (0, len(linear) - 1)
        _initialise(layer, 1.0 if plain else gain, generator)
    return network


def _initialise(layer: nn.Linear | nn.Conv2d, gain: float, generator: torch.Generator) -> None:
    fan_in = layer.weight[0].numel()
    with torch.no_grad():
        layer.weight.normal_(0.0, gain / math.sqrt(fan_in), generator=generator)
        assert layer.bias is not None
        layer.bias.zero_()


def _empty(kind: Callable[..., nn.Module], *sizes: int, **options: Any) -> nn.Module:
    """A layer without torch's own initialisation, which would draw from the global generator."""
    layer: nn.Module = nn.utils.skip_init(kind, *sizes, dtype=torch.float32, **options)
    return layer


def _mlp(recipe: Recipe, shape: tuple[int, ...], outputs: int, hidden: Callable[[], nn.Module]) -> list[nn.Module]:
    """`depth` hidden layers of `width` units."""
    layers: list[nn.Module] = [nn.Flatten()]
    width = math.prod(shape)
    for _ in range(recipe.depth):
        layers += [_empty(nn.Linear, width, recipe.width), hidden()]
        width = recipe.width
    return [*layers, _empty(nn.Linear, width, outputs)]


def _cnn(recipe: Recipe, shape: tuple[int, ...], outputs: int, hidden: Callable[[], nn.Module]) -> list[nn.Module]:
    """`depth` 3 × 3 convolutions of `width` channels, 2 × 2 max pooling while the image allows it, one linear layer."""
    layers: list[nn.Module] = []
    channels, side = shape[0], min(shape[1:])
    sizes = list(shape[1:])
    for _ in range(recipe.depth):
        layers += [_empty(nn.Conv2d, channels, recipe.width, kernel_size=KERNEL, padding=KERNEL // 2), hidden()]
        channels = recipe.width
        if side >= 2 * POOL:
            layers.append(nn.MaxPool2d(POOL))
            sizes, side = [s // POOL for s in sizes], side // POOL
    return [*layers, nn.Flatten(), _empty(nn.Linear, channels * math.prod(sizes), outputs)]


_NETWORKS: dict[str, Callable[..., list[nn.Module]]] = {"mlp": _mlp, "cnn": _cnn}
