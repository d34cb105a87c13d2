"""The record that defines an activation: everything nonlin knows about it that cannot be derived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nonlin.expression.nodes import Node

Kind = Literal["elementwise", "row"]


@dataclass(frozen=True)
class Parameter:
    """An operand of the formula besides x, under PyTorch's name.

    `low` and `high` bound the domain; `open_low` excludes the lower end (α > 0). `learned` marks a parameter that
    is trained with the network by default (the slope of the parametric ReLU).
    """

    name: str
    default: float
    meaning: str
    low: float = float("-inf")
    high: float = float("inf")
    open_low: bool = False
    learned: bool = False

    def admits(self, value: float) -> bool:
        above = self.low < value if self.open_low else self.low <= value
        return above and value <= self.high and abs(value) != float("inf")

    @property
    def domain(self) -> str:
        """The domain as text: "> 0", "≥ 0", "any finite number"."""
        if self.low == float("-inf") and self.high == float("inf"):
            return "any finite number"
        left = "" if self.low == float("-inf") else f"{'>' if self.open_low else '≥'} {self.low:g}"
        right = "" if self.high == float("inf") else f"≤ {self.high:g}"
        return " and ".join(filter(None, (left, right)))


@dataclass(frozen=True)
class Reference:
    """Where the function comes from."""

    authors: str
    year: int
    title: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}." + (f" {self.url}" if self.url else "")


@dataclass(frozen=True)
class Alias:
    """Another name for the function, with the parameter values that name stands for.

    `prefix` is "" for a name in general use ("swish"), else where a library keeps it ("torch.nn.", "keras.").
    The qualified name always resolves; the bare one where no other activation claims it.
    """

    name: str
    prefix: str = ""
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def full(self) -> str:
        return self.prefix + self.name


@dataclass(frozen=True)
class Definition:
    """One activation. `formula` is the only mathematics; values, derivatives, facts and kernels follow from it.

    `torch_module` is the class name the PyTorch module takes, torch.nn's where it has one ("LeakyReLU").
    `variants` maps a keyword value of that class to another definition (GELU's approximate="tanh"). `roles` says
    where in a network it belongs: "hidden", "output", "gate". Texts are one sentence each, for people.
    """

    name: str
    title: str
    family: str
    formula: Node
    summary: str
    reference: Reference
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[Alias, ...] = ()
    pros: tuple[str, ...] = ()
    cons: tuple[str, ...] = ()
    used_in: tuple[str, ...] = ()
    use_when: str = ""
    avoid_when: str = ""
    roles: tuple[str, ...] = ("hidden",)
    kind: Kind = "elementwise"
    torch_module: str = ""
    variants: tuple[tuple[str, str, str], ...] = ()  # (keyword, value, name of the definition)

    @property
    def defaults(self) -> dict[str, float]:
        return {p.name: p.default for p in self.parameters}
