"""Split and scaled tensors for one seed. Scaling looks at the training rows only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nonlin.comparison.data import Data
from nonlin.comparison.splits import split


@dataclass(frozen=True, eq=False)
class Part:
    """Scaled inputs and targets of one part; class numbers, or standardised values of shape (rows, 1)."""

    inputs: torch.Tensor
    targets: torch.Tensor


@dataclass(frozen=True, eq=False)
class Prepared:
    """The three parts, the loss, and what a constant prediction would reach."""

    train: Part
    validation: Part
    test: Part
    loss: nn.Module

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        return self.train, self.validation, self.test

    def score(self, outputs: torch.Tensor, part: Part) -> float:
        """Accuracy (share of rows with the right class), or R² = 1 - squared error / that of the training mean."""
        if part.targets.dtype == torch.int64:
            return float((outputs.argmax(dim=1) == part.targets).double().mean())
        residual = (outputs.double() - part.targets).square().sum()
        return float(1 - residual / part.targets.double().square().sum())

    @property
    def constant(self) -> tuple[float, float]:
        """Training loss and test score of the best constant prediction: class shares, or the mean."""
        targets = self.train.targets
        if targets.dtype != torch.int64:
            return float(targets.square().mean()), self.score(torch.zeros_like(self.test.targets), self.test)
        shares = torch.bincount(targets).double() / len(targets)
        present = shares[shares > 0]
        constant = torch.nn.functional.one_hot(shares.argmax(), len(shares)).expand(len(self.test.targets), -1)
        return float(-(present * present.log()).sum()), self.score(constant, self.test)


def prepare(data: Data, seed: int) -> Prepared:
    """Split `data` by `seed` and standardise it with mean and deviation of the training rows.

    Tables are scaled column by column, images channel by channel.
    """
    parts = split(data, seed)
    axes = (0, 2, 3) if data.is_image else (0,)
    mean, deviation = _moments(data.inputs[parts.train], axes)
    inputs = ((data.inputs - mean) / deviation).astype(np.float32)
    targets = data.targets
    if data.task == "regression":
        centre, spread = _moments(targets[parts.train], (0,))
        targets = ((targets - centre) / spread).astype(np.float32)[:, None]
    train, validation, test = (
        Part(torch.from_numpy(inputs[rows]), torch.from_numpy(targets[rows]))
        for rows in (parts.train, parts.validation, parts.test)
    )
    loss = nn.CrossEntropyLoss() if data.task == "classification" else nn.MSELoss()
    return Prepared(train, validation, test, loss)


def _moments(values: NDArray[np.floating], axes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation in float64; a deviation of zero (a constant column) becomes one."""
    mean = values.mean(axis=axes, keepdims=True, dtype=np.float64)
    deviation = values.std(axis=axes, keepdims=True, dtype=np.float64)
    return mean, np.where(deviation > 1e-12 * np.maximum(np.abs(mean), 1e-12), deviation, 1.0)
