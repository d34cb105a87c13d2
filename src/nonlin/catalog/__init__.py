"""The definitions. Adding an activation is one block in one of these files; no other file knows it by name."""

from collections.abc import Mapping
from types import MappingProxyType

from nonlin.catalog import (
    exponentials,
    gates,
    hard,
    learned,
    linear,
    normalizers,
    pools,
    rectifiers,
    self_gated,
    shrinkers,
    sigmoids,
    smooth_rectifiers,
)
from nonlin.catalog.definition import Alias, Definition, Form, Parameter, Reference, Training
from nonlin.catalog.naming import SAME_PLACES
from nonlin.catalog.peers import PEER_FORMULAS, PeerFormula

FAMILIES = (
    linear,
    sigmoids,
    rectifiers,
    exponentials,
    self_gated,
    smooth_rectifiers,
    learned,
    hard,
    shrinkers,
    gates,
    pools,
    normalizers,
)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {d.name: d for family in FAMILIES for d in vars(family).values() if isinstance(d, Definition)}
)

__all__ = [
    "DEFINITIONS",
    "FAMILIES",
    "PEER_FORMULAS",
    "SAME_PLACES",
    "Alias",
    "Definition",
    "Form",
    "Parameter",
    "PeerFormula",
    "Reference",
    "Training",
]
