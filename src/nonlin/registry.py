"""Names to activations: the catalogue, every peer library's names, and what a user defined."""

from __future__ import annotations

from functools import cache

from nonlin.activation import Activation, ElementwiseActivation
from nonlin.catalog import DEFINITIONS, SAME_PLACES, Definition
from nonlin.errors import InvalidValueError, unknown_name
from nonlin.gate_activation import GateActivation
from nonlin.mirror_activation import MirrorActivation
from nonlin.pool_activation import PoolActivation
from nonlin.row_activation import RowActivation

_defined: dict[str, Activation] = {}
_KINDS: dict[str, type[Activation]] = {
    "elementwise": ElementwiseActivation,
    "row": RowActivation,
    "gate": GateActivation,
    "pool": PoolActivation,
    "mirror": MirrorActivation,
}


def activation_of(definition: Definition, **values: float) -> Activation:
    """The object for one definition, its parameters bound where values are given."""
    made: Activation = _KINDS[definition.kind](definition)
    return made.bind(**values) if values else made


@cache
def _catalogue() -> dict[str, Activation]:
    return {name: activation_of(definition) for name, definition in DEFINITIONS.items()}


@cache
def _by_any_name() -> dict[str, Activation]:
    """Every spelling: qualified aliases always, bare ones where nothing else has the name, own names first."""
    table: dict[str, Activation] = {}
    for activation in _catalogue().values():
        for alias in activation.definition.aliases:
            bound = activation.bind(**dict(alias.parameters)) if alias.parameters else activation
            table[alias.full] = bound
    for activation in _catalogue().values():
        for alias in activation.definition.aliases:
            table.setdefault(alias.name, activation)
    return table | _catalogue()


@cache
def _by_folded_name() -> dict[str, Activation]:
    table: dict[str, Activation] = {}
    for name, activation in _by_any_name().items():
        table.setdefault(_fold(name), activation)
    return table


def _fold(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def _same_place(name: str) -> str:
    """The name as the catalogue writes its library: "tf.keras.activations.relu" is kept as "keras.relu"."""
    start = next((start for start in SAME_PLACES if name.startswith(start)), "")
    return SAME_PLACES[start] + name.removeprefix(start) if start else name


def get(name: str | Activation) -> Activation:
    """The activation of that name: its own, an alias, or a peer's name ("torch.nn.SiLU", "gelu_new").

    A peer's name brings the peer's default parameters. Capitals, hyphens and spaces do not matter.
    Raises UnknownNameError, with the nearest names, for anything else.
    """
    if isinstance(name, Activation):
        return name
    found = _find(name)
    if found is None:
        raise unknown_name("activation", name, [*_by_folded_name(), *_defined], listing="nonlin list")
    return found


def _find(name: object) -> Activation | None:
    if not isinstance(name, str):
        return None
    folded = _fold(name)
    table = _by_folded_name()
    return _defined.get(name) or _by_any_name().get(name) or table.get(folded) or table.get(_same_place(folded))


def names(family: str | None = None, kind: str | None = None) -> tuple[str, ...]:
    """Own names of all activations, in catalogue order, then the defined ones; or those of one family or kind."""
    known = {**_catalogue(), **_defined}
    families = tuple(dict.fromkeys(a.family for a in known.values()))
    if family is not None and family not in families:
        raise unknown_name("family", family, families)
    if kind is not None and kind not in _KINDS:
        raise InvalidValueError("unknown kind of activation", received=repr(kind), choices=_KINDS)
    return tuple(n for n, a in known.items() if family in (None, a.family) and kind in (None, a.kind))


def catalogued(name: str) -> bool:
    """Whether the catalogue has this name, in any spelling, as its own or as an alias."""
    return name in _by_any_name() or _fold(name) in _by_folded_name()


def register(activation: Activation) -> None:
    """Let `get` and `names` find an activation that is not of the catalogue, in place of one of the same name."""
    _defined[activation.name] = activation


def gain(name: str | Activation, **parameters: float) -> float:
    """The matched init gain 1/√E[f(z)²], z ~ N(0, 1): weights N(0, gain²/fan_in) keep the second moment at one."""
    activation = get(name)
    return float((activation.bind(**parameters) if parameters else activation).facts.gain)
