"""PyTorch code for what rules name: how to read an output activation, losses, and ways to start the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """A thing to write down, not to look up: its title and the PyTorch code for it."""

    title: str
    code: str


# How an output activation is applied to read predictions.
READINGS: Mapping[str, str] = {
    "linear": "predictions = model(inputs)",
    "sigmoid": "probabilities = model(inputs).sigmoid()",
    "exponential": "predictions = model(inputs).exp()",
    "softmax": "probabilities = model(inputs).softmax(dim=-1)",
}


@dataclass(frozen=True)
class LossRecipe:
    """A loss of torch.nn: how to call it, and what it expects."""

    code: str
    takes: str


LOSSES: Mapping[str, LossRecipe] = {
    "MSELoss": LossRecipe("torch.nn.MSELoss()(outputs, targets)", "outputs and targets of the same shape"),
    "PoissonNLLLoss": LossRecipe("torch.nn.PoissonNLLLoss(log_input=True)(outputs, targets)",
                                 "outputs (logarithms) and non-negative targets of the same shape"),
    "BCEWithLogitsLoss": LossRecipe("torch.nn.BCEWithLogitsLoss()(logits, targets)",
                                    "logits, and targets 0.0 or 1.0 of the same shape"),
    "CrossEntropyLoss": LossRecipe("torch.nn.CrossEntropyLoss()(logits, targets)",
                                   "logits (batch, classes) and class indices"),
}  # fmt: skip


# {name} is the first suggested activation.
INITS: Mapping[str, Recipe] = {
    "matched_normal": Recipe("Normal with matched gain",
                             "torch.nn.init.normal_(weight, std=nonlin.gain({name!r}) / fan_in**0.5)"),
    "lecun_normal": Recipe("LeCun normal", "torch.nn.init.normal_(weight, std=fan_in**-0.5)"),
    "orthogonal": Recipe("Orthogonal recurrent weights", "torch.nn.init.orthogonal_(weight)"),
}  # fmt: skip
