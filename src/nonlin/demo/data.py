"""The data of the demonstration, split and scaled: two rings, made, and the 1,797 scanned digits, real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nonlin.comparison.data import Data, load
from nonlin.comparison.prepared import prepare
from nonlin.comparison.splits import split

RING_ROWS = 600


@dataclass(frozen=True, eq=False)
class Rows:
    """Inputs (rows, columns) in float32 and class numbers, for learning and for the test."""

    learn: torch.Tensor
    learn_classes: torch.Tensor
    test: torch.Tensor
    test_classes: torch.Tensor
    classes: int


def rings(seed: int) -> Rows:
    """Two classes on two noisy circles, one inside the other: no straight line separates them."""
    random = np.random.default_rng(seed)
    classes = np.arange(RING_ROWS) % 2
    radius = 1.0 - 0.55 * classes + 0.09 * random.normal(size=RING_ROWS)
    angle = random.uniform(0, 2 * np.pi, RING_ROWS)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _halves(points, classes, 2)


def _halves(points: NDArray[np.float64], classes: NDArray[np.int64], count: int) -> Rows:
    inputs, targets = torch.from_numpy(points).float(), torch.from_numpy(classes)
    middle = len(points) // 2
    return Rows(inputs[:middle], targets[:middle], inputs[middle:], targets[middle:], count)


def digits(seed: int) -> Rows:
    """The scanned digits as rows of 64 standardised grey values; the same split as a comparison's."""
    data = load("digits")
    ready = prepare(data, seed)
    learn, test = ready.train, ready.test
    return Rows(learn.inputs.flatten(1), learn.targets, test.inputs.flatten(1), test.targets, len(data.classes))


def test_images(seed: int) -> NDArray[np.float32]:
    """The images of the test rows of `digits`, as scanned: (rows, 8, 8), 0 (white) to 16 (black)."""
    data: Data = load("digits")
    images: NDArray[np.float32] = data.inputs[split(data, seed).test, 0]
    return images
