"""Exact derivatives of expressions, by one table of rules in numerically stable form.

The rules are chosen so that differentiating again keeps full relative accuracy: σ′ is `logistic_slope` (σ(x)σ(−x),
never σ(1−σ)), tanh′ is 4σ′(2x), Φ′ is the density. Where an expression is piecewise, the derivative is piecewise
with the same condition, so that the chosen subgradient at a kink is the branch the condition takes there, and an
unselected branch is never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from nonlin.expression import nodes as n
from nonlin.expression.nodes import Node

Rule = Callable[..., Node]


def _power_rules() -> tuple[Rule, Rule]:
    def in_base(u: Node, v: Node) -> Node:
        return v * n.power(u, v - 1)

    def in_exponent(u: Node, v: Node) -> Node:
        return n.power(u, v) * n.log(u)

    return in_base, in_exponent


# op -> one rule per argument: the partial derivative as an expression of the arguments.
PARTIALS: Mapping[str, tuple[Rule, ...]] = {
    "add": (lambda u, v: n.one, lambda u, v: n.one),
    "sub": (lambda u, v: n.one, lambda u, v: n.constant(-1)),
    "mul": (lambda u, v: v, lambda u, v: u),
    "div": (lambda u, v: 1 / v, lambda u, v: -(u / v) / v),
    "neg": (lambda u: n.constant(-1),),
    "exp": (n.exp,),
    "expm1": (n.exp,),
    "log": (lambda u: 1 / u,),
    "log1p": (lambda u: 1 / (1 + u),),
    "sqrt": (lambda u: n.constant(0.5) / n.sqrt(u),),
    "power": _power_rules(),
    "tanh": (lambda u: 4 * n.logistic_slope(2 * u),),
    "logistic": (n.logistic_slope,),
    "logistic_slope": (lambda u: -(n.logistic_slope(u) * n.tanh(n.constant(0.5) * u)),),
    "softplus": (n.logistic,),
    "erf": (lambda u: 2 / n.sqrt(n.pi) * n.exp(-(u * u)),),
    "erfc": (lambda u: -2 / n.sqrt(n.pi) * n.exp(-(u * u)),),
    "normal_cdf": (n.normal_pdf,),
    "normal_pdf": (lambda u: -(u * n.normal_pdf(u)),),
    # At a tie the second argument wins: max(x, 0) has derivative 0 at 0, as ReLU has in PyTorch.
    "maximum": (lambda u, v: n.select(n.less(v, u), 1, 0), lambda u, v: n.select(n.less(v, u), 0, 1)),
    "minimum": (lambda u, v: n.select(n.less(u, v), 1, 0), lambda u, v: n.select(n.less(u, v), 0, 1)),
    "abs": (n.sign,),
    "sign": (lambda u: n.zero,),
    "floor": (lambda u: n.zero,),
    "sin": (lambda u: n.make("cos", u),),
    "cos": (lambda u: -n.make("sin", u),),
    "atan": (lambda u: 1 / (1 + u * u),),
    "row_offset": (lambda u, v: n.one, lambda u, v: n.constant(-1)),
}


def _chain(node: Node, slopes: Mapping[Node, Node]) -> Node:
    if node.op == "select":
        condition, when_true, when_false = node.args
        return n.select(condition, slopes[when_true], slopes[when_false])
    total: Node = n.zero
    for partial, argument in zip(PARTIALS[node.op], node.args, strict=True):
        if slopes[argument] is not n.zero:
            total = total + chained(partial(*node.args), slopes[argument])
    return total


def chained(partial: Node, slope: Node) -> Node:
    """partial · slope, with a piecewise 0/1 partial turned into a selection: no 0·∞ from an unselected side."""
    if partial.op == "select" and {partial.args[1], partial.args[2]} == {n.zero, n.one}:
        condition, when_true, when_false = partial.args
        return n.select(condition, n.mul(when_true, slope), n.mul(when_false, slope))
    return slope if partial is n.one else -slope if partial is n.constant(-1) else partial * slope


@cache
def derivative(node: Node, wrt: Node = n.x, order: int = 1) -> Node:
    """The derivative of an expression with respect to x (or a parameter node), `order` times.

    Row operations are not differentiated here; their products with a vector are in `expression.rows`.
    """
    if order == 0:
        return node
    if order > 1:
        return derivative(derivative(node, wrt, order - 1), wrt)
    slopes: dict[Node, Node] = {}
    for current in n.walk(node):
        if current is wrt:
            slopes[current] = n.one
        elif current.op in n.COMPARISONS or not current.args:
            slopes[current] = n.zero
        else:
            slopes[current] = _chain(current, slopes)
    return slopes[node]
