"""The nodes of the maths language, and the functions that build them.

A node is immutable and *interned*: building the same expression twice gives the same object, so that equality is
identity, a dict can be keyed by node, and a shared subexpression is one node in every table derived from it.

Comparisons give a truth value that only `select` reads; every other operation takes and gives real numbers. Those of
rows read the whole last axis; all but `row_winner` reduce it and broadcast the result.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

Number = int | float | Fraction


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Node:
    """One operation and its arguments; leaves carry a value (constant) or a name (variable, parameter)."""

    op: str
    args: tuple[Node, ...] = ()
    value: Fraction | None = None
    name: str | None = None

    def __add__(self, other: Node | Number) -> Node:
        return add(self, other)

    def __radd__(self, other: Number) -> Node:
        return add(other, self)

    def __sub__(self, other: Node | Number) -> Node:
        return sub(self, other)

    def __rsub__(self, other: Number) -> Node:
        return sub(other, self)

    def __mul__(self, other: Node | Number) -> Node:
        return mul(self, other)

    def __rmul__(self, other: Number) -> Node:
        return mul(other, self)

    def __truediv__(self, other: Node | Number) -> Node:
        return div(self, other)

    def __rtruediv__(self, other: Number) -> Node:
        return div(other, self)

    def __pow__(self, other: Node | Number) -> Node:
        return power(self, other)

    def __neg__(self) -> Node:
        return neg(self)

    def __repr__(self) -> str:
        if self.op == "constant":
            return str(self.value)
        return self.name if self.name is not None else f"{self.op}({', '.join(map(repr, self.args))})"

    def __reduce__(self) -> tuple[object, ...]:
        return partial(make, value=self.value, name=self.name), (self.op, *self.args)  # interned again when unpickled


# name -> number of arguments. Every table derived from the language has an entry for each; tests hold them to it.
OPERATIONS: Mapping[str, int] = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1,
    "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "sqrt": 1, "power": 2,
    "tanh": 1, "logistic": 1, "logistic_slope": 1, "softplus": 1,
    "erf": 1, "erfc": 1, "normal_cdf": 1, "normal_pdf": 1,
    "minimum": 2, "maximum": 2, "abs": 1, "sign": 1, "floor": 1,
    "sin": 1, "cos": 1, "atan": 1, "select": 3, "row_offset": 2,
}  # fmt: skip
COMPARISONS: Mapping[str, int] = {"less": 2, "less_equal": 2, "equal": 2}
ROW_OPERATIONS: Mapping[str, int] = {
    "row_sum": 1, "row_anchor": 1, "row_threshold": 1, "row_square_threshold": 1, "row_winner": 1,
}  # fmt: skip
LEAVES = ("constant", "pi", "variable", "parameter")

_interned: weakref.WeakValueDictionary[object, Node] = weakref.WeakValueDictionary()


def make(op: str, *args: Node, value: Fraction | None = None, name: str | None = None) -> Node:
    """The one node with this operation and these arguments (interned)."""
    key = (op, *map(id, args), value, name)
    return _interned.get(key) or _interned.setdefault(key, Node(op, args, value, name))


def constant(value: Number) -> Node:
    """An exact rational constant; a float is taken at its exact binary value."""
    return make("constant", value=Fraction(value))


def decimal(text: str) -> Node:
    """An exact constant from its decimal digits: `decimal("0.044715")` is 44715/10⁶, not the nearest float."""
    return make("constant", value=Fraction(text))


def as_node(value: Node | Number) -> Node:
    return value if isinstance(value, Node) else constant(value)


x = make("variable", name="x")
pi = make("pi")
zero, one = constant(0), constant(1)


def parameter(name: str) -> Node:
    """An operand other than x that may vary per call, broadcast and be differentiated: a slope, a β, an α."""
    return make("parameter", name=name)


def add(a: Node | Number, b: Node | Number) -> Node:
    a, b = as_node(a), as_node(b)
    if a.value is not None and b.value is not None:
        return constant(a.value + b.value)
    return b if a is zero else a if b is zero else make("add", a, b)


def sub(a: Node | Number, b: Node | Number) -> Node:
    a, b = as_node(a), as_node(b)
    if a.value is not None and b.value is not None:
        return constant(a.value - b.value)
    return a if b is zero else neg(b) if a is zero else make("sub", a, b)


def mul(a: Node | Number, b: Node | Number) -> Node:
    a, b = as_node(a), as_node(b)
    if a.value is not None and b.value is not None:
        return constant(a.value * b.value)
    if a is zero or b is zero:
        return zero
    return b if a is one else a if b is one else make("mul", a, b)


def div(a: Node | Number, b: Node | Number) -> Node:
    a, b = as_node(a), as_node(b)
    if a.value is not None and b.value:
        return constant(a.value / b.value)
    return a if b is one else zero if a is zero else make("div", a, b)


def neg(a: Node | Number) -> Node:
    a = as_node(a)
    if a.value is not None:
        return constant(-a.value)
    return a.args[0] if a.op == "neg" else make("neg", a)


def power(a: Node | Number, b: Node | Number) -> Node:
    a, b = as_node(a), as_node(b)
    if b is zero:
        return one
    return a if b is one else make("power", a, b)


def select(condition: Node, when_true: Node | Number, when_false: Node | Number) -> Node:
    """`when_true` where the comparison holds, else `when_false`; the other branch is never seen, NaN or not."""
    when_true, when_false = as_node(when_true), as_node(when_false)
    return when_true if when_true is when_false else make("select", condition, when_true, when_false)


def less(a: Node | Number, b: Node | Number) -> Node:
    return make("less", as_node(a), as_node(b))


def less_equal(a: Node | Number, b: Node | Number) -> Node:
    return make("less_equal", as_node(a), as_node(b))


def equal(a: Node | Number, b: Node | Number) -> Node:
    return make("equal", as_node(a), as_node(b))


def apply(op: str, *args: Node | Number) -> Node:
    """The node of any operation by name, through its builder where it has one."""
    return _BUILDERS[op](*args) if op in _BUILDERS else make(op, *map(as_node, args))


_BUILDERS: Mapping[str, Callable[..., Node]] = {
    "add": add, "sub": sub, "mul": mul, "div": div, "neg": neg, "power": power, "select": select,
    "less": less, "less_equal": less_equal, "equal": equal,
}  # fmt: skip


def exp(a: Node | Number) -> Node:
    return make("exp", as_node(a))


def expm1(a: Node | Number) -> Node:
    return make("expm1", as_node(a))


def log(a: Node | Number) -> Node:
    return make("log", as_node(a))


def log1p(a: Node | Number) -> Node:
    return make("log1p", as_node(a))


def sqrt(a: Node | Number) -> Node:
    return make("sqrt", as_node(a))


def tanh(a: Node | Number) -> Node:
    return make("tanh", as_node(a))


def logistic(a: Node | Number) -> Node:
    """σ(a) = 1 / (1 + e⁻ᵃ)."""
    return make("logistic", as_node(a))


def logistic_slope(a: Node | Number) -> Node:
    """σ′(a) = σ(a) σ(−a), with its full relative accuracy in both tails."""
    return make("logistic_slope", as_node(a))


def softplus(a: Node | Number) -> Node:
    """log(1 + eᵃ)."""
    return make("softplus", as_node(a))


def erf(a: Node | Number) -> Node:
    return make("erf", as_node(a))


def erfc(a: Node | Number) -> Node:
    return make("erfc", as_node(a))


def normal_cdf(a: Node | Number) -> Node:
    """Φ(a), the standard normal distribution function."""
    return make("normal_cdf", as_node(a))


def normal_pdf(a: Node | Number) -> Node:
    """φ(a) = e^(−a²/2) / √(2π), the standard normal density."""
    return make("normal_pdf", as_node(a))


def minimum(a: Node | Number, b: Node | Number) -> Node:
    return make("minimum", as_node(a), as_node(b))


def maximum(a: Node | Number, b: Node | Number) -> Node:
    return make("maximum", as_node(a), as_node(b))


def absolute(a: Node | Number) -> Node:
    return make("abs", as_node(a))


def sign(a: Node | Number) -> Node:
    """−1, 0 or 1."""
    return make("sign", as_node(a))


def row_sum(a: Node) -> Node:
    """Σ over the last axis, broadcast back over it."""
    return make("row_sum", a)


def row_anchor(a: Node) -> Node:
    """The row's maximum, used only as a shift the result does not depend on: its derivative is taken as zero."""
    return make("row_anchor", a)


def walk(node: Node) -> Iterator[Node]:
    """Every distinct node below and including this one, arguments before the nodes that use them."""
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            yield current
        elif current not in seen:
            seen.add(current)
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args))


def parameters(node: Node) -> tuple[str, ...]:
    """Names of the parameters an expression reads, in order of first use."""
    return tuple(dict.fromkeys(n.name for n in walk(node) if n.op == "parameter" and n.name))


def substitute(node: Node, replacements: Mapping[Node, Node]) -> Node:
    """The expression with some nodes replaced: `substitute(f, {parameter("beta"): one})`."""
    built: dict[Node, Node] = {}
    for current in walk(node):
        rebuilt = apply(current.op, *(built[arg] for arg in current.args)) if current.args else current
        built[current] = replacements.get(current, rebuilt)
    return built[node]
