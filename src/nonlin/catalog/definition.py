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

    `library` is "" for a name in general use ("swish"), else "torch", "keras", "jax", "onnx" or "transformers";
    the alias is then also known as "library.name" ("torch.nn.SiLU" is library "torch", name "nn.SiLU").
    """

    name: str
    library: str = ""
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def full(self) -> str:
        return f"{self.library}.{self.name}" if self.library else self.name


@dataclass(frozen=True)
class Definition:
    """One activation. `formula` is the only mathematics; values, derivatives, facts and kernels follow from it.

    `torch_module` is the class name in torch.nn whose name and keywords the module takes ("LeakyReLU"); it is
    derived from the title when empty. Texts are one sentence each, for the cheat sheet and `nonlin show`.
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

    @property
    def defaults(self) -> dict[str, float]:
        return {p.name: p.default for p in self.parameters}
