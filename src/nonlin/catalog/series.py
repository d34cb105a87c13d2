"""Power series with exact coefficients, for differences that cancel near 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import factorial

from nonlin.expression.nodes import Node, constant


def polynomial(variable: Node, coefficients: Sequence[Fraction]) -> Node:
    """c₀ + c₁ v + c₂ v² + … by Horner's scheme."""
    result = constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = coefficient + variable * result
    return result


def tanh_coefficients(count: int) -> list[Fraction]:
    """Taylor coefficients of tanh at 0, of x⁰, x¹, …, from t′ = 1 − t²."""
    known: list[Fraction] = [Fraction(0)]
    for n in range(count - 1):
        square = sum((known[i] * known[n - i] for i in range(n + 1)), Fraction(0))
        known.append((Fraction(n == 0) - square) / (n + 1))
    return known


def exponential_coefficients(start: int, count: int) -> Iterator[Fraction]:
    """1/k! for k = start, start + 1, …"""
    return (Fraction(1, factorial(k)) for k in range(start, start + count))
