"""The quotient P / (1 + |Q|) of polynomials and its derivatives, written so that no power of x overflows.

Up to |x| = 1 polynomials are in x, by Horner's rule. Beyond it they are in t = 1/x, both divided by the denominator's
highest power: P = x⁵ p(t), Q = x⁴ q(t), 1 + |Q| = x⁴ d(t) for the degrees 5 and 4. Where the leading coefficient b₄
outweighs the rest of d, derivatives are those of c₁ x + c₀ + R / (1 + |Q|), a division with remainder: there the terms
of the quotient rule cancel to nothing, for f″ falls with x⁻³.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from nonlin.catalog.definition import Form
from nonlin.expression.nodes import Node, absolute, constant, less, parameter, select, sign, x

NUMERATOR = tuple(f"a{i}" for i in range(6))
DENOMINATOR = tuple(f"b{i}" for i in range(1, 5))
_A = [parameter(name) for name in NUMERATOR]
_B = [constant(0), *(parameter(name) for name in DENOMINATOR)]
_T = 1 / x
_DOWN = constant(Fraction(1, 2**64))


def _horner(coefficients: Sequence[Node], at: Node) -> Node:
    """c₀ + c₁ u + c₂ u² + …"""
    *others, result = coefficients
    for coefficient in reversed(others):
        result = coefficient + at * result
    return result


def _slopes(coefficients: Sequence[Node], order: int) -> list[Node]:
    """The coefficients times i (i − 1) …, `order` factors: those of xⁿ times the n-th derivative."""
    for n in range(order):
        coefficients = [(i - n) * c for i, c in enumerate(coefficients)]
    return list(coefficients)


def _reversed(coefficients: Sequence[Node], order: int = 0) -> Node:
    """xⁿ times the n-th derivative of a polynomial, divided by its highest power of x."""
    return _horner(_slopes(coefficients, order)[::-1], _T)


def _power(base: Node, exponent: int) -> Node:
    return constant(1) if not exponent else base if exponent == 1 else base**exponent


def _side(u: Node) -> Node:
    """The sign, and −1 at a corner: a comparison sees the low part of a sum that has cancelled to it."""
    return select(less(0, u), 1, -1)


def _lifted(u: Node) -> Node:
    """2⁶⁴ u: x times a coefficient may overflow where its quotient does not."""
    return 2**64 * u


def _apart(near: Node, far: Node) -> Node:
    return select(less(1, absolute(x)), far, near)


_P, _Q = _horner(_A, x), x * _horner(_B[1:], x)
# Not the sign of Q, whose product with a tiny x is 0.
_S = sign(x) * _side(_horner(_B[1:], x))
_D = 1 + _S * _Q
_FAR_P, _FAR_Q = _reversed(_A), _reversed(_B)
_FAR_S = _side(_FAR_Q)
_FAR_D = _T**4 + _FAR_S * _FAR_Q


def _slopes_of_quotient(numerator: Sequence[Node]) -> tuple[Node, Node]:
    """d x f′ and d x² f″ over the highest power of x of the numerator over that of the denominator, in t."""
    p, first, second = (_reversed(numerator, order) for order in (0, 1, 2))
    u, w = (_FAR_S * _reversed(_B, order) / _FAR_D for order in (1, 2))
    return first - p * u, second - 2 * first * u - p * w + 2 * p * u * u


def _remainder() -> tuple[Node, list[Node]]:
    """c₁ and the coefficients of R, with the sign of b₄ as that of Q."""
    signed = [constant(1), *(sign(_B[4]) * b for b in _B[1:])]
    c1 = _A[5] / signed[4]
    c0 = (_A[4] - c1 * signed[3]) / signed[4]
    shifted = [constant(0), *signed]
    return c1, [_A[i] - c1 * shifted[i] - c0 * signed[i] for i in range(4)]


def _slope() -> Node:
    first, second = (_horner(_slopes(c, 1)[1:], x) for c in (_A, _B))
    near = (first - _P * (_S * second / _D)) / _D
    c1, rest = _remainder()
    return _apart(
        near,
        select(_LEADS, c1 + _T * (_T * _slopes_of_quotient(rest)[0]) / _FAR_D, _slopes_of_quotient(_A)[0] / _FAR_D),
    )


def _curvature() -> Node:
    (p1, q1), (p2, q2) = ([_horner(_slopes(c, n)[n:], x) for c in (_A, _B)] for n in (1, 2))
    u, w = _S * q1 / _D, _S * q2 / _D
    near = (p2 - 2 * p1 * u - _P * w + 2 * _P * u * u) / _D
    leading = _DOWN * (_lifted(_T) * _T * _T * _slopes_of_quotient(_remainder()[1])[1] / _FAR_D)
    return _apart(near, select(_LEADS, leading, _T * _slopes_of_quotient(_A)[1] / _FAR_D))


_REST = absolute(_T) * _horner([*(absolute(b) for b in _B[3:0:-1]), constant(1)], absolute(_T))
_LEADS = less(4 * _REST, absolute(_B[4]))


def _far_power(exponent: int) -> Node:
    """xⁿ / d for n from 1 downwards, in two factors: a power of t alone would vanish too early."""
    if exponent > 0:
        return x / _FAR_D
    half = -exponent // 2
    return _power(_T, -exponent - half) / _FAR_D * _power(_T, half)


def _in_denominator(i: int) -> Node:
    """∂f/∂bᵢ. P stands in a product whose other factors are not 0, or what is left where it cancels would be lost."""
    near = _S * (_power(x, i) / _D) * _P / _D
    far = _far_power(i - 3) * _FAR_P / _FAR_D if i < 4 else _lifted(x * _DOWN * _FAR_P / _FAR_D / _FAR_D)
    return _apart(-near, -(_FAR_S * far))


def forms() -> tuple[Form, ...]:
    """f, f′, f″ and the derivatives in the coefficients."""
    return (
        Form((), _apart(_P / _D, _lifted(x * _DOWN * _FAR_P / _FAR_D))),
        Form(("x",), _slope()),
        Form(("x", "x"), _curvature()),
        *(Form((a,), _apart(_power(x, i) / _D, _far_power(i - 4))) for i, a in enumerate(NUMERATOR)),
        *(Form((b,), _in_denominator(i)) for i, b in enumerate(DENOMINATOR, start=1)),
    )
