"""The activations the demonstration shows, by the part they play in the introductory articles.

The one table of names here; every name is looked up in the registry, where it may be any alias.
"""

from __future__ import annotations

from nonlin.activation import Activation
from nonlin.registry import get

STRAIGHT = "linear"  # no activation at all
USUAL = "relu"  # the articles' first choice for hidden layers, and the one whose units die
REPAIR = "leaky_relu"  # the articles' cure for dead units
PROBABILITIES = "softmax"  # the output of a multiclass classifier
DEEP = ("sigmoid", "tanh", USUAL, "selu")  # two that saturate, one that keeps half, one that normalises itself
CANDIDATES = ("sigmoid", "tanh", USUAL, "gelu", "swish")  # for the hidden layers of the digit classifier


def activations(names: tuple[str, ...]) -> tuple[Activation, ...]:
    """The activations of these names. Raises UnknownNameError."""
    return tuple(map(get, names))
