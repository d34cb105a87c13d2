"""Cells: the independent pieces a comparison is made of, and what identifies one.

A cell is one training run: this data, this activation, this network, this learning rate, this seed. Two cells with
the same key give the same result, so a finished cell is never trained again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from nonlin.errors import InvalidValueError

SCHEMA = 1  # of the cell files; raise it whenever the same key would give another result

Network = Literal["mlp", "cnn"]
Splits = Literal["resampled", "fixed"]


@dataclass(frozen=True)
class Candidate:
    """An activation under comparison.

    `formula` is its text: it goes into the key, so that a changed definition is trained again, and lets a worker
    process rebuild a function the user defined. `parameters` are the values in force.
    """

    label: str
    name: str
    parameters: tuple[tuple[str, float], ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class Recipe:
    """How every candidate is trained: the same for all of them.

    `depth` hidden layers of `width` units (for "cnn": convolutions of `width` channels), `steps` Adam steps on
    minibatches of `batch` rows, the learning rate falling linearly to zero. With `splits` "resampled" every seed
    draws its own training, validation and test rows; with "fixed" all seeds share one split.
    """

    network: Network = "mlp"
    depth: int = 2
    width: int = 64
    steps: int = 600
    batch: int = 64
    splits: Splits = "resampled"

    def __post_init__(self) -> None:
        for name, kind in (("network", Network), ("splits", Splits)):
            if getattr(self, name) not in get_args(kind):
                raise InvalidValueError(f"no such {name}", received=repr(getattr(self, name)), choices=get_args(kind))
        for name in ("depth", "width", "steps", "batch"):
            whole_number(name, getattr(self, name))


@dataclass(frozen=True)
class Cell:
    """One training run. `data` is the digest of the data set."""

    data: str
    candidate: Candidate
    recipe: Recipe
    learning_rate: float
    seed: int

    @property
    def split_seed(self) -> int:
        return self.seed if self.recipe.splits == "resampled" else 0

    @property
    def key(self) -> str:
        """16 hexadecimal digits of a SHA-256 over everything that decides the result."""
        text = json.dumps({"schema": SCHEMA, **self.to_dict()}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Everything that decides the result, as JSON types. The label does not: it is only what a table shows."""
        unlabelled = replace(self, candidate=replace(self.candidate, label=""))
        cell: dict[str, Any] = json.loads(json.dumps(asdict(unlabelled)))
        return cell

    def __str__(self) -> str:
        return f"{self.candidate.label}, learning rate {self.learning_rate:g}, seed {self.seed}"


def whole_number(name: str, value: object, least: int = 1) -> int:
    """`value` as an int of at least `least`; InvalidValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidValueError(f"{name} must be a whole number of at least {least}", received=repr(value))
    return value
