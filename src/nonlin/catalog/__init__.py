"""The definitions. Adding an activation is one block in one of these files; no other file knows it by name."""

from collections.abc import Mapping
from types import MappingProxyType

from nonlin.catalog import exponentials, linear, normalizers, rectifiers, self_gated, sigmoids
from nonlin.catalog.definition import Alias, Definition, Form, Parameter, Reference, Training

FAMILIES = (linear, sigmoids, rectifiers, exponentials, self_gated, normalizers)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {d.name: d for family in FAMILIES for d in vars(family).values() if isinstance(d, Definition)}
)

__all__ = ["DEFINITIONS", "FAMILIES", "Alias", "Definition", "Form", "Parameter", "Reference", "Training"]
