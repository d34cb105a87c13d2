"""The plan: which cells a comparison consists of. Made and checked before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from nonlin import registry
from nonlin.activation import Activation
from nonlin.comparison.cells import Candidate, Cell, Recipe, whole_number
from nonlin.comparison.data import Data
from nonlin.errors import InvalidTypeError, InvalidValueError, unknown_name

SMALLEST_IMAGE = 4

# `seeds` and `learning_rates` belong to the plan, the rest to the recipe; `width` depends on the network.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        "seeds": 3,
        "learning_rates": (0.003, 0.01, 0.03, 0.1),
        "width": {"mlp": 32, "cnn": 8},
        "steps": 300,
    },
    "standard": {
        "seeds": 10,
        "learning_rates": (0.001, 0.003, 0.01, 0.03, 0.1),
        "width": {"mlp": 64, "cnn": 16},
        "steps": 600,
    },
    "thorough": {
        "seeds": 20,
        "learning_rates": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
        "width": {"mlp": 128, "cnn": 32},
        "steps": 1500,
    },
}


class RecipeOptions(TypedDict, total=False):
    """How every candidate is trained, where it differs from the preset; the fields of `cells.Recipe`.

    `depth` hidden layers of `width` units or channels, `steps` Adam steps on minibatches of `batch` rows; `splits`
    "resampled" (every seed draws its own rows) or "fixed".
    """

    depth: int | None
    width: int | None
    steps: int | None
    batch: int | None
    splits: str | None


@dataclass(frozen=True, eq=False)
class Plan:
    """Data, activations by label, recipe, seeds and learning rates; `cells` is their product."""

    data: Data
    activations: Mapping[str, Activation]
    recipe: Recipe
    seeds: tuple[int, ...]
    learning_rates: tuple[float, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Seed by seed, so that an interrupted run has whole seeds to show."""
        return tuple(
            Cell(self.data.digest, candidate, self.recipe, rate, seed)
            for seed in self.seeds
            for candidate in map(candidate_of, self.activations.values())
            for rate in self.learning_rates
        )

    def describe(self) -> str:
        """One line: what is trained, and how often."""
        return (
            f"{len(self.activations)} activations × {len(self.learning_rates)} learning rates × "
            f"{len(self.seeds)} seeds = {len(self.cells)} training runs of {self.recipe.steps} steps "
            f"({self.recipe.network}, {self.recipe.depth} × {self.recipe.width})"
        )


def make(
    data: Data,
    activations: Sequence[object] | None,
    preset: str,
    seeds: int | Iterable[int] | None,
    learning_rates: Iterable[float] | None,
    recipe: Mapping[str, Any],
) -> Plan:
    """A plan from a preset and what the user says otherwise (None: as the preset says)."""
    if preset not in PRESETS:
        raise InvalidValueError("no such preset", received=repr(preset), choices=PRESETS)
    fields = Recipe.__dataclass_fields__
    for name in recipe:
        if name not in fields:
            raise unknown_name("option of a comparison", name, fields, listing="help(nonlin.compare)")
    chosen = dict(PRESETS[preset])
    default_seeds, default_rates, width = (chosen.pop(name) for name in ("seeds", "learning_rates", "width"))
    chosen |= {name: value for name, value in recipe.items() if value is not None}
    plan = Plan(
        data,
        chosen_activations(activations),
        Recipe(**({"width": width.get(chosen.get("network", "mlp"), 1)} | chosen)),
        _seeds(default_seeds if seeds is None else seeds),
        _rates(default_rates if learning_rates is None else learning_rates),
    )
    _check_network(plan)
    return plan


def chosen_activations(given: Sequence[object] | None) -> dict[str, Activation]:
    """Activations by label, from names or Activation objects; None stands for every one meant for hidden layers.

    Raises UnknownNameError for a name nobody knows, InvalidValueError for a row function (softmax and its kin mix
    the units of a layer) and for one function given twice.
    """
    if isinstance(given, str):
        raise InvalidTypeError(
            "activations must be a sequence of names",
            received=repr(given),
            fix=f"activations=[{', '.join(repr(a.strip()) for a in given.split(','))}]",
        )
    chosen: dict[str, Activation] = {}
    for item in _defaults() if given is None else given:
        found = _elementwise(item)
        label = candidate_of(found).label
        if label in chosen:
            raise InvalidValueError(
                "an activation is given twice, perhaps under another of its names", received=label, fix="name it once"
            )
        chosen[label] = found
    if not chosen:
        raise InvalidValueError(
            "at least one activation is needed",
            received="none",
            fix="leave activations out to compare all that are meant for hidden layers",
        )
    return chosen


def candidate_of(activation: Activation) -> Candidate:
    """What identifies an activation; the label shows the parameters that are not at their defaults."""
    defaults = activation.definition.defaults
    changed = [f"{name}={value:g}" for name, value in activation.parameters.items() if value != defaults[name]]
    label = f"{activation.name}({', '.join(changed)})" if changed else activation.name
    return Candidate(label, activation.name, tuple(sorted(activation.parameters.items())), activation.formula)


def _defaults() -> list[str]:
    return [n for n in registry.names(kind="elementwise") if "hidden" in registry.get(n).definition.roles]


def _elementwise(given: object) -> Activation:
    if not isinstance(given, (str, Activation)):
        raise InvalidTypeError("an activation is given by name or as an Activation", received=repr(given))
    found = registry.get(given)
    if found.kind != "elementwise":
        raise InvalidValueError(
            "a hidden layer needs an elementwise function; this one mixes the units of a layer",
            received=found.name,
            fix="leave it out; it belongs to the output layer",
        )
    return found


def _seeds(seeds: int | Iterable[int]) -> tuple[int, ...]:
    if isinstance(seeds, Iterable):
        chosen = tuple(whole_number("a seed", s, 0) for s in seeds)
        if not chosen or len(set(chosen)) < len(chosen):
            raise InvalidValueError("seeds must be different and at least one", received=repr(chosen))
        return chosen
    return tuple(range(whole_number("seeds", seeds)))


def _rates(rates: Iterable[float]) -> tuple[float, ...]:
    chosen = tuple(sorted({float(r) for r in rates}))
    if not chosen or not all(math.isfinite(r) and r > 0 for r in chosen):
        raise InvalidValueError("learning rates must be positive numbers, at least one", received=repr(chosen))
    return chosen


def _check_network(plan: Plan) -> None:
    if plan.recipe.network != "cnn":
        return
    if not plan.data.is_image:
        raise InvalidValueError(
            "a convolutional network needs images",
            fix="use network='mlp'",
            received=f"a table of shape {plan.data.inputs.shape}",
        )
    if min(plan.data.inputs.shape[2:]) < SMALLEST_IMAGE:
        raise InvalidValueError(
            f"images must be at least {SMALLEST_IMAGE} × {SMALLEST_IMAGE}",
            fix="use network='mlp'",
            received=f"shape {plan.data.inputs.shape[2:]}",
        )
