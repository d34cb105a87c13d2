"""From expression to instructions: one table, operation to the value that computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nonlin.emit.angles import Angle, angle_of
from nonlin.emit.arithmetic import Arithmetic
from nonlin.emit.value import Value
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node

_COMPARISONS = {"less": "olt", "less_equal": "ole", "equal": "oeq"}
# Powers with an integer exponent up to this are products.
_LARGEST_PRODUCT = 64


class Lowering:
    """Writes the instructions of an expression into a body; every node once."""

    def __init__(self, maths: Arithmetic, operands: Mapping[str, str], known: Mapping[Node, Value] | None = None):
        self.body = maths.body
        self.maths = maths
        self.operands = operands
        self._values: dict[Node, Value] = dict(known or {})

    def value(self, node: Node) -> Value:
        found = self._values.get(node)
        if found is None:
            found = self._values[node] = self._lower(node)
        return found

    def result(self, node: Node) -> str:
        """The expression as one number."""
        return self.maths.plain(self.value(node))

    def _lower(self, node: Node) -> Value:
        known = constant_value(node)
        if known is not None:
            return self.maths.constant(known)
        if node.op in ("variable", "parameter"):
            return Value(self.operands[str(node.name)], bounded=node.op == "parameter", exact=True)
        if (piece := self.maths.piece(node, self.value)) is not None:
            return piece
        if node.op == "select":
            condition, when_true, when_false = node.args
            return self.maths.select(self._condition(condition), self.value(when_true), self.value(when_false))
        return _TABLE[node.op](self, node)

    def _condition(self, node: Node) -> str:
        a, b = (self.maths.plain(self.value(argument)) for argument in node.args)
        return self.body.compare(_COMPARISONS[node.op], a, b)

    def arguments(self, node: Node) -> list[Value]:
        return [self.value(argument) for argument in node.args]

    def flat_arguments(self, node: Node) -> list[Value]:
        return [self.maths.flat(value) for value in self.arguments(node)]

    def wave(self, node: Node, eighths: int) -> Value:
        """sin(the argument of `node` + eighths · π/4)."""
        angle = angle_of(node.args[0])
        u = self._turning(angle)
        return _apply(self.maths, "sine", self.maths.neg(u) if angle.negated else u, angle, eighths)

    def _turning(self, angle: Angle) -> Value:
        """u of an angle; a product of operands is known where it overflows, too."""
        if not angle.is_product:
            return self.maths.flat(self.value(angle.operand))
        if angle.operand.op != "mul" or not self.maths.precision.scaled:
            return self.value(angle.operand)
        return _apply(self.maths, "turning_product", *map(self.value, angle.operand.args))

    def larger(self, node: Node) -> Value:
        a, b = self.flat_arguments(node)
        return self.maths.select(self.body.compare("olt", a.high, b.high), b, a)

    def smaller(self, node: Node) -> Value:
        a, b = self.flat_arguments(node)
        return self.maths.select(self.body.compare("olt", b.high, a.high), b, a)

    def magnitude(self, node: Node) -> Value:
        return self.maths.magnitude(self.arguments(node)[0])

    def sign(self, node: Node) -> Value:
        (a,) = self.flat_arguments(node)
        zero = self.body.constant(0.0)
        signed = self.body.intrinsic("copysign", self.body.constant(1.0), a.high)
        is_zero = self.body.compare("oeq", a.high, zero)
        return Value(self.body.select(is_zero, zero, signed), bounded=True)

    def power(self, node: Node) -> Value:
        exponent = constant_value(node.args[1])
        base = self.value(node.args[0])
        if exponent is not None and exponent.denominator == 1 and 0 < abs(exponent) <= _LARGEST_PRODUCT:
            product = self._product(base, abs(int(exponent)))
            return product if exponent > 0 else self.maths.div(self.maths.constant(1), product)
        if exponent == 0.5:
            return _apply(self.maths, "sqrt", base)
        return self._library("pow")(self, node)

    def _product(self, base: Value, exponent: int) -> Value:
        if exponent == 1:
            return base
        half = self._product(base, exponent // 2)
        square = self.maths.mul(half, half)
        return self.maths.mul(square, base) if exponent % 2 else square

    @staticmethod
    def _library(function: str, *, bounded: bool = False) -> Callable[[Lowering, Node], Value]:
        def call(lowering: Lowering, node: Node) -> Value:
            names = [lowering.maths.plain(value) for value in lowering.arguments(node)]
            return Value(lowering.maths.library(function, *names), bounded=bounded)

        return call

    def floor(self, node: Node) -> Value:
        (a,) = self.flat_arguments(node)
        return Value(self.body.intrinsic("floor", a.high), bounded=a.bounded)


def _apply(maths: Arithmetic, method: str, *arguments: Value | Angle | int) -> Value:
    made: Value = getattr(maths, method)(*arguments)
    return made


def _unary(method: str, *, flat: bool = True) -> Callable[[Lowering, Node], Value]:
    def call(lowering: Lowering, node: Node) -> Value:
        (argument,) = lowering.flat_arguments(node) if flat else lowering.arguments(node)
        return _apply(lowering.maths, method, argument)

    return call


def _binary(method: str) -> Callable[[Lowering, Node], Value]:
    def call(lowering: Lowering, node: Node) -> Value:
        return _apply(lowering.maths, method, *lowering.arguments(node))

    return call


def _subtract(lowering: Lowering, node: Node) -> Value:
    a, b = lowering.arguments(node)
    return _below_anchor(node, lowering.maths.add(a, lowering.maths.neg(b)))


def _offset(lowering: Lowering, node: Node) -> Value:
    """u − anchor, and 0 where both are the same infinity."""
    maths, body = lowering.maths, lowering.body
    u, anchor = lowering.flat_arguments(node)
    difference = maths.add(u, maths.neg(anchor))
    infinite = body.compare("oeq", body.abs(u.high), body.constant(float("inf")))
    at_anchor = maths.select(body.compare("oeq", u.high, anchor.high), maths.constant(0), difference)
    return _below_anchor(node, maths.select(infinite, at_anchor, difference))


def _below_anchor(node: Node, difference: Value) -> Value:
    """The value of a − b, which is not positive where b is the row's largest a."""
    a, b = node.args
    return replace(difference, nonpositive=b.op == "row_anchor" and b.args[0] is a)


_TABLE: Mapping[str, Callable[[Lowering, Node], Value]] = {
    "add": _binary("add"),
    "sub": _subtract,
    "row_offset": _offset,
    "mul": _binary("mul"),
    "div": _binary("div"),
    "neg": _unary("neg", flat=False),
    "exp": _unary("exp"),
    "expm1": _unary("expm1"),
    "log": _unary("log", flat=False),
    "log1p": _unary("log1p"),
    "sqrt": _unary("sqrt"),
    "power": Lowering.power,
    "tanh": _unary("tanh_of_vanishing", flat=False),
    "logistic": _unary("logistic"),
    "logistic_slope": _unary("logistic_slope"),
    "softplus": _unary("softplus"),
    "erf": _unary("erf"),
    "erfc": _unary("erfc"),
    "normal_cdf": _unary("normal_cdf"),
    "normal_pdf": _unary("normal_pdf"),
    "minimum": Lowering.smaller,
    "maximum": Lowering.larger,
    "abs": Lowering.magnitude,
    "sign": Lowering.sign,
    "floor": Lowering.floor,
    "sin": lambda lowering, node: lowering.wave(node, 0),
    "cos": lambda lowering, node: lowering.wave(node, 2),
    "atan": Lowering._library("atan", bounded=True),
}
