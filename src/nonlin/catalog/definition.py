"""The record that defines an activation: everything nonlin knows about it that cannot be derived."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from nonlin.expression import nodes
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node

Kind = Literal["elementwise", "row", "gate", "pool", "mirror"]


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
class Form:
    """An equal expression of the formula, or of one of its derivatives, for where the obvious one loses digits.

    `index` names the operand of each differentiation: () for f itself, ("x", "x") for f″, ("beta",) for ∂f/∂β.
    The accuracy tests compare what the kernels make of it with the formula, so a form that is not equal turns them red.
    """

    index: tuple[str, ...]
    expression: Node


@dataclass(frozen=True)
class Training:
    """What a random activation does while it trains: the formula with some names drawn, one number per element.

    Each entry of `drawn` is (name in the formula, parameter that is its lower bound, parameter that is its upper
    bound), uniform between the two. Evaluation, and everything else in nonlin, uses the definition's own formula.
    """

    formula: Node
    drawn: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Definition:
    """One activation. `formula` is the only mathematics; values, derivatives, facts and kernels follow from it.

    `forms` are equal expressions that lose fewer digits. `training` is set for random activations alone.

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
    forms: tuple[Form, ...] = ()
    training: Training | None = None
    gated: Literal["", "first", "second"] = ""  # gates, pools: the part of one array that is x of the formula

    @property
    def defaults(self) -> dict[str, float]:
        return {p.name: p.default for p in self.parameters}

    def derivative(self, *index: str) -> Node:
        """The expression to compute: f without arguments, f″ for ("x", "x"), ∂f/∂β for ("beta",); in any order."""
        return _derivative(self.formula, self.forms, tuple(sorted(index)))

    def written_derivative(self, *index: str) -> Node:
        """The same by the table of rules alone, from the formula as it is written."""
        return _derivative(self.formula, (), tuple(sorted(index)))


@cache
def _derivative(formula: Node, forms: tuple[Form, ...], index: tuple[str, ...]) -> Node:
    """From the form that has the most of the differentiations done; the rest by the table of rules."""
    usable = [form for form in (Form((), formula), *forms) if not _missing(form.index, index)]
    best = max(reversed(usable), key=lambda form: len(form.index))
    result = best.expression
    for name in _missing(index, best.index):
        result = derivative(result, nodes.x if name == "x" else nodes.parameter(name))
    return result


def _missing(wanted: tuple[str, ...], present: tuple[str, ...]) -> list[str]:
    """What of `wanted` is not in `present`, repetitions counted."""
    left = list(present)
    return [name for name in wanted if name not in left or left.remove(name)]  # type: ignore[func-returns-value]
