"""PyTorch source text of an expression: a plain function of tensors that compilers can fuse.

The text serves where the compiled kernels cannot: accelerators, tracing, function transforms. It holds every
primitive in its stable form, so that its accuracy is that of PyTorch's own exp, erfc and so on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from nonlin.emit.angles import without_offset
from nonlin.emit.torch_rows import ROW_HELPERS
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node, walk, zero
from nonlin.expression.rows import is_row

# op -> text over the texts of its arguments; a name from HELPERS makes that helper part of the source.
TENSORS: Mapping[str, str] = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
    "exp": "torch.exp({0})", "expm1": "torch.expm1({0})", "log": "torch.log({0})", "log1p": "torch.log1p({0})",
    "sqrt": "torch.sqrt({0})", "power": "torch.pow({0}, {1})",
    "tanh": "torch.tanh({0})", "logistic": "logistic({0})", "logistic_slope": "logistic_slope({0})",
    "softplus": "softplus({0})", "erf": "torch.erf({0})", "erfc": "torch.erfc({0})",
    "normal_cdf": "normal_cdf({0})", "normal_pdf": "normal_pdf({0})",
    "minimum": "torch.clamp({0}, max={1})", "maximum": "torch.clamp({0}, min={1})",
    "abs": "torch.abs({0})", "sign": "sign({0})", "floor": "torch.floor({0})",
    "sin": "torch.sin({0})", "cos": "torch.cos({0})", "atan": "torch.atan({0})",
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}",
    "select": "torch.where({0}, {1}, {2})",
    "row_sum": "torch.sum({0}, dim=-1, keepdim=True)",
    "row_anchor": "torch.amax({0}.detach(), dim=-1, keepdim=True)", "row_offset": "row_offset({0}, {1})",
    "row_threshold": "row_threshold({0})", "row_square_threshold": "row_square_threshold({0})",
    "row_winner": "row_winner({0})",
}  # fmt: skip

HELPERS: Mapping[str, str] = {
    **ROW_HELPERS,
    "product": '''
def product(a, b):
    """a * b, where a factor that has vanished beats one that has overflowed: 0 times infinity is 0, its limit."""
    p = a * b
    return torch.where((p != p) & (a == a) & (b == b), 0.0, p)
''',
    "logistic": """
def logistic(u):
    e = torch.exp(-torch.abs(u))
    return torch.where(u < 0, e, 1.0) / (1.0 + e)
""",
    "logistic_slope": """
def logistic_slope(u):
    e = torch.exp(-torch.abs(u))
    return e / ((1.0 + e) * (1.0 + e))
""",
    "softplus": """
def softplus(u):
    return torch.clamp(u, min=0.0) + torch.log1p(torch.exp(-torch.abs(u)))
""",
    "sign": """
def sign(u):
    return torch.where(u == u, torch.sign(u), u)
""",
    # exp(-u²/2) with u = head + tail, head of ten bits: head² is exact, so the exponent loses nothing to rounding.
    "normal_pdf": """
def normal_pdf(u):
    v = torch.clamp(u, -40.0, 40.0)
    head = torch.round(v * 16.0) * 0.0625
    return torch.exp(-0.5 * head * head) * (0.3989422804014327 * torch.exp(-0.5 * (v - head) * (v + head)))
""",
    # erfc magnifies the rounding of its argument z = t/√2 by 2z²: what was lost is put back, to first order.
    "normal_cdf": """
def normal_cdf(u):
    t = torch.clamp(torch.abs(u), max=40.0)
    head = torch.round(t * 16.0) * 0.0625
    z = t * 0.7071067811865476
    lost = (head * 0.70703125 - z) + head * 0.000075531186547524 + (t - head) * 0.7071067811865476
    q = 0.5 * (torch.erfc(z) - 1.1283791670955126 * torch.exp(-z * z) * lost)
    return torch.where(u < 0, q, 1.0 - q)
""",
}

_BOUNDED = frozenset({"logistic", "logistic_slope", "tanh", "erf", "erfc", "normal_cdf", "normal_pdf",
                      "sign", "sin", "cos", "atan"})  # fmt: skip


def torch_source(node: Node, operands: Sequence[str], name: str = "activation") -> str:
    """Python source of `name(*operands)`: the expression over PyTorch tensors of one floating dtype.

    Operands are tensors that broadcast together (0-dimensional for a single number). A row expression works along
    the last axis. Every operation is differentiable by PyTorch or by `torch.func`, but the gradient of the
    composition is not the exact one: nonlin differentiates the expression instead.
    """
    body = list(_statements(node, operands))
    used = [text for helper, text in HELPERS.items() if any(f"{helper}(" in line for line in body)]
    head = f"def {name}({', '.join(operands)}):"
    return "import torch\n\n" + "\n".join([*used, "\n" + head, *(f"    {line}" for line in body), ""])


def _statements(node: Node, operands: Sequence[str]) -> Iterator[str]:
    constants = {n: value for n in walk(node) if (value := constant_value(n)) is not None}
    texts = {n: _constant_text(value) for n, value in constants.items()}
    outside = _outside_of_angles(node)
    for number, current in enumerate(walk(node)):
        if current not in outside:
            continue
        if not current.args:
            texts.setdefault(current, str(current.name))
        elif current not in constants:
            texts[current] = f"t{number}"
            yield f"t{number} = {_tensor_text(current, texts, frozenset(constants))}"
    result = f"torch.full_like(x, {texts[node]})" if node in constants else texts[node]
    for operand in () if is_row(node) else operands:
        if not _carries_nan(node, operand):
            yield f"value = torch.where({operand} == {operand}, {result}, {operand})"
            result = "value"
    yield f"return {result}"


def _carries_nan(node: Node, operand: str) -> bool:
    """Whether NaN in the operand comes out as NaN by itself: not where a branch or a constant does not read it."""
    if node.op == "select":
        return all(_carries_nan(branch, operand) for branch in node.args[1:])
    return node.name == operand or any(_carries_nan(arg, operand) for arg in node.args)


def _constant_text(value: Fraction) -> str:
    return repr(float(value)) if value >= 0 else f"({float(value)!r})"


def _outside_of_angles(node: Node) -> set[Node]:
    """The nodes that are computed in the dtype of x: all but what the arguments of sines are made of."""
    found, stack = set[Node](), [node]
    while stack:
        current = stack.pop()
        if current not in found:
            found.add(current)
            stack.extend(() if _has_wide_angle(current) else current.args)
    return found


def _has_wide_angle(node: Node) -> bool:
    return node.op in ("sin", "cos") and bool(node.args[0].args)


def _wave_text(node: Node) -> str:
    """The sine or cosine in float64, a constant c taken out of its argument: beside a huge u, u + c is u."""
    angle, offset = without_offset(node.args[0])
    sine, cosine = (TENSORS[op].format(_wide_text(angle)) for op in ("sin", "cos"))
    if not offset:
        return sine if node.op == "sin" else cosine
    turned = math.sin(offset), math.cos(offset)
    if node.op == "sin":
        return f"{sine} * {turned[1]!r} + {cosine} * {turned[0]!r}"
    return f"{cosine} * {turned[1]!r} - {sine} * {turned[0]!r}"


def _wide_text(node: Node) -> str:
    """An angle in float64: rounded to float32, a large one has lost its place in the turn."""
    value = constant_value(node)
    if value is not None:
        return _constant_text(value)
    if not node.args:
        return f"{node.name}.double()"
    return f"({TENSORS[node.op].format(*map(_wide_text, node.args))})"


def _tensor_text(node: Node, texts: Mapping[Node, str], constant: frozenset[Node]) -> str:
    if _has_wide_angle(node):
        return f"({_wave_text(node)}).to(x.dtype)"
    arguments = [texts[arg] for arg in node.args]
    if node.op == "mul" and _can_be_zero_times_infinity(*node.args):
        return f"product({arguments[0]}, {arguments[1]})"
    if node.op == "maximum" and node.args[1] is zero:
        return f"torch.relu({arguments[0]})"  # at a tie the second argument wins: a slope of 0, which clamp has not
    if node.op in ("minimum", "maximum") and node.args[0] in constant:
        arguments.reverse()
    elif node.op == "select" and all(branch in constant for branch in node.args[1:]):
        # Two Python numbers would take PyTorch's default dtype instead of x's.
        arguments[1] = f"x.new_full((), {arguments[1]})"
    elif node.op == "power" and node.args[0] in constant:
        arguments[0] = f"x.new_full((), {arguments[0]})"
    return TENSORS[node.op].format(*arguments)


def _can_be_zero_times_infinity(a: Node, b: Node) -> bool:
    if (_bounded(a) and _bounded(b)) or (_monomial(a) and _monomial(b)):
        return False
    return not (constant_value(a) or constant_value(b))


def _bounded(node: Node) -> bool:
    if constant_value(node) is not None:
        return True
    if node.op in ("neg", "abs", "add", "sub", "mul"):
        return all(map(_bounded, node.args))
    return node.op in _BOUNDED or (node.op == "select" and all(map(_bounded, node.args[1:])))


def _monomial(node: Node) -> bool:
    """c·xⁿ: two of them vanish together and overflow together."""
    if node.op in ("mul", "neg"):
        return all(map(_monomial, node.args))
    return node.op == "variable" or bool(constant_value(node))
