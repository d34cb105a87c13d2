"""Initialisation gains with torch.nn.init's signature."""

from __future__ import annotations

from nonlin.registry import gain, get

_LAYERS = frozenset(f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The matched gain of any activation: 1/√E[f(z)²] for z ~ N(0, 1), the factor of the weights.

    `torch.nn.init.calculate_gain` takes the same arguments, knows six functions, and gives conventional numbers for
    three of them (1, 5/3 and 3/4) that do not keep the second moment at 1; here every name gets the matched gain.
    `param` is the activation's first parameter. PyTorch's names of convolution layers have gain 1.

    Raises:
        UnknownNameError: no activation has this name.
    """
    if nonlinearity in _LAYERS:
        return 1.0
    activation = get(nonlinearity)
    first = next(iter(activation.definition.parameters), None)
    return gain(activation, **({first.name: float(param)} if param is not None and first else {}))
