"""Modules of gated units, of mirrored activations, of pools, and of activations that are random while they train."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from nonlin.activation import Activation
from nonlin.catalog import Parameter
from nonlin.registry import activation_of, get
from nonlin.torch.context import as_floating
from nonlin.torch.dispatch import apply
from nonlin.torch.modules import ActivationModule


class AxisModule(nn.Module):
    """A gated unit or a mirrored activation as a module: the axis `dim` comes out half as long, or twice."""

    def __init__(self, activation: str | Activation, *, dim: int = -1):
        super().__init__()
        self.activation: Any = get(activation)
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The gate of the halves of x along `dim`, or f(x) followed by f(−x) along it."""
        value: torch.Tensor = self.activation(x, axis=self.dim)
        return value

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class PoolModule(nn.Module):
    """A pool as a module: groups of `num_pieces` neighbours along the axis `dim` come out as one each."""

    def __init__(self, activation: str | Activation, *, num_pieces: int = 2, dim: int = -1):
        super().__init__()
        self.activation: Any = get(activation)
        self.num_pieces = num_pieces
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The pool of the groups of x along `dim`."""
        value: torch.Tensor = self.activation(x, axis=self.dim, num_pieces=self.num_pieces)
        return value

    def extra_repr(self) -> str:
        return f"num_pieces={self.num_pieces}, dim={self.dim}"


class RandomModule(ActivationModule):
    """An activation that draws numbers in training mode, one per element, from PyTorch's default generator.

    In evaluation mode, after `eval()`, it is the activation's own formula.
    """

    def __init__(self, activation: str | Activation, **keywords: Any):
        super().__init__(activation, **keywords)
        definition = self.activation.definition
        drawn = tuple(Parameter(name, 0.0, "drawn") for name, _, _ in definition.training.drawn)
        self.while_training: Any = activation_of(
            replace(definition, formula=definition.training.formula, parameters=drawn, forms=(), training=None)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The formula with drawn numbers while training, the activation's own otherwise."""
        if not self.training:
            return super().forward(x)
        rules = self.activation.definition.training.drawn
        given = as_floating(x.clone() if self.inplace else x, smallest=torch.float64)
        drawn = {n: torch.empty_like(given).uniform_(getattr(self, low), getattr(self, high)) for n, low, high in rules}
        value = apply(self.while_training, given, parameters=drawn)
        return x.copy_(value) if self.inplace else value
