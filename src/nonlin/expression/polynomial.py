"""Polynomials in x with rational coefficients, as they stand in a formula, and their rational roots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt

from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node

Coefficients = Mapping[int, Fraction]
_LARGEST_DEGREE = 8


@dataclass(frozen=True)
class Factored:
    """factor · (x − r₁) (x − r₂) …, the roots that are 0 last."""

    factor: Fraction
    roots: tuple[Fraction, ...]


@cache
def coefficients(node: Node) -> Coefficients:
    """The coefficient of each power of x in a polynomial, without those that are 0; nothing for anything else."""
    known = constant_value(node)
    if known is not None:
        return {0: known} if known else {}
    if node.op == "variable":
        return {1: Fraction(1)}
    if node.op not in _RULES:
        return {}
    arguments = [coefficients(argument) for argument in node.args]
    return _RULES[node.op](*arguments) if all(arguments) else {}


def _sum(a: Coefficients, b: Coefficients) -> Coefficients:
    return _collected([*a.items(), *b.items()])


def _product(a: Coefficients, b: Coefficients) -> Coefficients:
    if max(a) + max(b) > _LARGEST_DEGREE:
        return {}
    return _collected([(i + j, c * d) for i, c in a.items() for j, d in b.items()])


def _collected(terms: list[tuple[int, Fraction]]) -> Coefficients:
    sums = {power: sum((c for i, c in terms if i == power), Fraction(0)) for power, _ in terms}
    return {power: total for power, total in sums.items() if total}


def _negative(a: Coefficients) -> Coefficients:
    return {power: -c for power, c in a.items()}


def _quotient(a: Coefficients, b: Coefficients) -> Coefficients:
    return _product(a, {0: 1 / b[0]}) if set(b) == {0} else {}


def _power(a: Coefficients, b: Coefficients) -> Coefficients:
    exponent = b[0] if set(b) == {0} else Fraction(0)
    if exponent.denominator != 1 or not 0 < exponent <= _LARGEST_DEGREE:
        return {}
    result: Coefficients = {0: Fraction(1)}
    for _ in range(int(exponent)):
        result = _product(result, a) if result else {}
    return result


_RULES: Mapping[str, Callable[..., Coefficients]] = {
    "add": _sum,
    "sub": lambda a, b: _sum(a, _negative(b)),
    "neg": _negative,
    "mul": _product,
    "div": _quotient,
    "power": _power,
}


@cache
def factored(node: Node) -> Factored | None:
    """A polynomial as the product of its factors; None where one is irreducible over the rationals, or a constant."""
    terms = coefficients(node)
    if not terms or max(terms) == 0:
        return None
    zeros, degree = min(terms), max(terms)
    rest = [terms.get(power, Fraction(0)) for power in range(zeros, degree + 1)]
    roots = _roots(rest)
    return None if roots is None else Factored(rest[-1], (*roots, *[Fraction(0)] * zeros))


def _roots(terms: list[Fraction]) -> tuple[Fraction, ...] | None:
    """The roots of a polynomial of degree 0, 1 or 2, constant term first, if all are rational."""
    if len(terms) > 3:
        return None
    if len(terms) < 3:
        return () if len(terms) == 1 else (-terms[0] / terms[1],)
    c, b, a = terms
    root = _rational_root(b * b - 4 * a * c)
    return None if root is None else ((-b - root) / (2 * a), (-b + root) / (2 * a))


def _rational_root(value: Fraction) -> Fraction | None:
    if value < 0:
        return None
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    return root if root * root == value else None
