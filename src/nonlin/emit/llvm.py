"""The LLVM text of a kernel: the body of an expression inside the loop of its dtype."""

from __future__ import annotations

from contextlib import suppress

from nonlin.emit.angles import sines_need_pairs
from nonlin.emit.arithmetic import Arithmetic
from nonlin.emit.body import Body
from nonlin.emit.distribute import distribute
from nonlin.emit.fused import PIECES_IN_DOUBLE, FusedInDouble, FusedInFloat
from nonlin.emit.loops import loop_module
from nonlin.emit.lower import Lowering
from nonlin.emit.nan import carried
from nonlin.emit.narrow import UnsupportedError
from nonlin.emit.primitives import Primitives
from nonlin.emit.saturating import is_piece as is_saturating
from nonlin.emit.storage import STORAGE
from nonlin.emit.value import DOUBLE, SINGLE, WIDE, Precision, Value
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import COMPARISONS, LEAVES, Node, constant, parameter, substitute, walk

DTYPES = ("float16", "float32", "float64", "bfloat16")
# The error of a float32 value that still rounds to the right 16-bit number but for 1 in 100 of its ulp.
_ULP_OF_FLOAT = {"float32": 0.0, "float16": 64.0, "bfloat16": 512.0}
# Expressions of these alone, with one rounded operation on any path, are as exact in float as in double.
_EXACT = {"neg", "abs", "sign", "select", "minimum", "maximum", "floor", *COMPARISONS, *LEAVES}
_ROUNDED = {"add", "sub", "mul"}
_ARITHMETIC = {"mul", "div", "neg", "select", "abs", "minimum", "maximum"}
# Functions with several roundings of their own.
_COMPOSED = {"logistic_slope", "normal_cdf", "softplus", "erfc", "erf", "sin", "cos"}


def kernel_text(
    expression: Node,
    operands: tuple[str, ...],
    dtype: str,
    ulp: float = 2.0,
    usual: tuple[float, ...] = (),
    parameters: str = "",
    written: Node | None = None,
) -> str:
    """LLVM module whose function `loop` is NumPy's inner loop of the expression for one dtype.

    `operands` names the inputs, x first, then the parameters. float16 and float32 results are computed in float32
    arithmetic where their error then stays below `ulp` units in the last place, else in float64 arithmetic and
    rounded once. float64 results carry low parts and powers of two. `usual` are parameter values for which a
    second, simpler body is worth having: a factor of one drops out. `parameters` is their dtype where it is not that
    of x: float32 beside bfloat16. `written` is another spelling of the expression, shorter and with fewer digits in
    float64 arithmetic; float32 arithmetic tries it second.
    """
    body = body_text(expression, operands, dtype, ulp, written=written)
    if not any(value in (0.0, 1.0, -1.0) for value in usual):
        return loop_module(body, len(operands), dtype, parameters=parameters)
    values = {parameter(name): constant(value) for name, value in zip(operands[1:], usual, strict=True)}
    expression, written = substitute(expression, values), substitute(written or expression, values)
    simpler = body_text(expression, operands[:1], dtype, ulp, name="body.usual", written=written)
    declared = [line for line in simpler.splitlines() if line not in body or not line.startswith(("declare", "@"))]
    text = "\n".join([body, *declared])
    return loop_module(text, len(operands), dtype, parameters=parameters, usual=usual)


def body_text(
    expression: Node,
    operands: tuple[str, ...],
    dtype: str,
    ulp: float = 2.0,
    name: str = "body",
    written: Node | None = None,
) -> str:
    """The function `@body` alone, with the declarations it needs."""
    outer = STORAGE[dtype].compute
    prepared = distribute(expression)
    spellings = [prepared] if written is None else [prepared, distribute(written)]
    if outer == "double":
        return _function(prepared, operands, name, outer, Primitives(Body("double"), _double_precision(prepared)))
    if _rounds_once(prepared):
        return _function(prepared, operands, name, outer, Arithmetic(Body("float"), SINGLE))
    # A spelling that is one piece as a whole comes before another with such a piece in a branch.
    for spelling in sorted(dict.fromkeys(spellings), key=lambda spelling: not is_saturating(spelling)):
        maths = FusedInFloat(Body("float"))
        with suppress(UnsupportedError):
            return _function(spelling, operands, name, outer, maths, max(ulp, _ULP_OF_FLOAT[dtype]))
    if sines_need_pairs(prepared):
        return _function(prepared, operands, name, outer, Primitives(Body("double"), DOUBLE))
    if _adds_parameters(prepared):
        return _function(prepared, operands, name, outer, Primitives(Body("double"), WIDE))
    known = [spelling for spelling in spellings if spelling in PIECES_IN_DOUBLE]
    return _function([*known, prepared][0], operands, name, outer, FusedInDouble(Body("double"), SINGLE))


def _function(
    expression: Node, operands: tuple[str, ...], name: str, outer: str, maths: Arithmetic, ulp: float = float("inf")
) -> str:
    body = maths.body
    inputs = [_widened(body, f"%{operand}", outer) for operand in operands]
    known = maths.results(expression, Value(inputs[0], exact=True), ulp)
    lowering = Lowering(maths, dict(zip(operands, inputs, strict=True)), known)
    value = lowering.value(expression)
    if value.error > ulp:
        raise UnsupportedError(f"an error of {value.error} ulp")
    result = maths.plain(value)
    flowing = carried(expression)
    for operand, given in zip(operands, inputs, strict=True):
        if operand not in flowing:
            result = body.select(body.compare("uno", given, given), given, result)
    result = _narrowed(body, result, outer)
    arguments = ", ".join(f"{outer} %{operand}" for operand in operands)
    lines = [*body.declarations, f"define internal {outer} @{name}({arguments}) alwaysinline {{", *body.lines]
    return "\n".join([*lines, f"  ret {outer} {result}", "}", ""])


def _widened(body: Body, name: str, outer: str) -> str:
    return name if body.kind == outer else body.emit(f"fpext {outer} {name} to {body.kind}")


def _narrowed(body: Body, name: str, outer: str) -> str:
    return name if body.kind == outer else body.emit(f"fptrunc {body.kind} {name} to {outer}")


def _rounds_once(expression: Node) -> bool:
    depth: dict[Node, int] = {}
    for node in walk(expression):
        if node.op not in _EXACT | _ROUNDED:
            return False
        depth[node] = (node.op in _ROUNDED) + max((depth[a] for a in node.args), default=0)
    return depth[expression] <= 1


def _adds_parameters(expression: Node) -> bool:
    """Whether coefficients are differences of products of parameters, which may cancel to the last of their bits."""
    without_x: dict[Node, bool] = {}
    for node in walk(expression):
        without_x[node] = node.op != "variable" and all(without_x[argument] for argument in node.args)
        products = [a for a in node.args if a.op in ("mul", "div") and constant_value(a) is None]
        if node.op in ("add", "sub") and without_x[node] and products:
            return True
    return False


def _double_precision(expression: Node) -> Precision:
    """Wide where several roundings meet: a sum outside the functions' arguments, or two functions multiplied."""
    functions = 0
    stack, seen = [expression], set[Node]()
    while stack:
        node = stack.pop()
        if node in seen or constant_value(node) is not None:
            continue
        seen.add(node)
        if node.op in ("add", "sub"):
            return WIDE
        if node.op in _ARITHMETIC:
            stack.extend(node.args)
        elif node.op not in COMPARISONS and node.op not in LEAVES:
            functions += 2 if node.op in _COMPOSED else 1
    return WIDE if functions > 1 else DOUBLE
