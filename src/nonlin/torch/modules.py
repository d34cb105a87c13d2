"""The two kinds of module: elementwise activations and row functions."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nonlin.activation import Activation
from nonlin.errors import InvalidValueError
from nonlin.registry import get
from nonlin.torch.dispatch import apply
from nonlin.torch.rows import apply_row


class ActivationModule(nn.Module):
    """An activation as a module; its parameters are attributes under their names, learned ones `nn.Parameter`s.

    A learned parameter has `num_parameters` values, one for all channels or one per channel (axis 1, as in
    torch.nn). `inplace=True` overwrites the input with the result, and its gradient stays right.
    """

    unsaid: tuple[tuple[str, float], ...] = ()
    """Parameters with values that the printed form leaves out."""

    def __init__(
        self,
        activation: str | Activation,
        *,
        inplace: bool = False,
        num_parameters: int = 1,
        device: Any = None,
        dtype: Any = None,
        **parameters: float,
    ):
        super().__init__()
        self.activation: Any = get(activation)
        self.inplace = inplace
        values = {**self.activation.parameters, **parameters}
        for p in self.activation.definition.parameters:
            value: Any = float(values[p.name])
            if not p.admits(value):
                raise InvalidValueError(f"{p.name} is outside its domain", received=value, choices=[p.domain])
            if p.learned:
                self.num_parameters = num_parameters
                value = nn.Parameter(torch.full((num_parameters,), value, device=device, dtype=dtype))
            setattr(self, p.name, value)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The activation of every element of x."""
        values = {p.name: self._operand(p.name, x) for p in self.activation.definition.parameters}
        if not self.inplace:
            return apply(self.activation, x, parameters=values)
        if torch.is_grad_enabled() and (x.requires_grad or any(p.requires_grad for p in self.parameters())):
            return x.copy_(apply(self.activation, x.clone(), parameters=values))
        return apply(self.activation, x, out=x, parameters=values)

    def _operand(self, name: str, x: torch.Tensor) -> Any:
        value = getattr(self, name)
        if not isinstance(value, torch.Tensor):
            return value
        if value.numel() == 1:
            return value.reshape(())
        if x.dim() < 2 or x.shape[1] != value.numel():
            raise InvalidValueError(
                f"{name} has one value per channel (axis 1 of the input)",
                received=f"{value.numel()} values for an input of shape {tuple(x.shape)}",
                fix="set num_parameters to the number of channels, or to 1",
            )
        return value.reshape(-1, *[1] * (x.dim() - 2))

    def extra_repr(self) -> str:
        """As torch.nn prints: parameter values, the number of learned ones, `inplace` where it is on."""
        own = self.activation.definition.parameters
        values = {p.name: getattr(self, p.name) for p in own if not p.learned}
        values = {name: value for name, value in values.items() if (name, value) not in self.unsaid}
        if any(p.learned for p in own):
            values["num_parameters"] = self.num_parameters
        name = [self.activation.name] if type(self) is ActivationModule else []
        shown = [f"{key}={value!r}" for key, value in values.items()]
        return ", ".join(name + shown + ["inplace=True"] * self.inplace)


class RowModule(nn.Module):
    """A row function as a module, along the axis `dim` (the last one unless told)."""

    def __init__(self, activation: str | Activation, *, dim: int | None = None):
        super().__init__()
        self.activation: Any = get(activation)
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The row function of x along `dim`."""
        axis = int(self.activation.bound.get("axis", -1)) if self.dim is None else self.dim
        return apply_row(self.activation, x, axis)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
