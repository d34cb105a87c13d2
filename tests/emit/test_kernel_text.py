"""The LLVM text of kernels: deterministic, accepted by LLVM, without fast-math or calls, for the whole language."""

from __future__ import annotations

import re

import numpy as np
import pytest
from llvmlite import binding

import nonlin as nl
from nonlin.emit.llvm import DTYPES, body_text, kernel_text
from nonlin.expression import nodes, oracle
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, parameter, x
from nonlin.expression.numeric import evaluate
from nonlin.kernels import assemble

A = parameter("a")
FUNCTIONS = {op: nodes.apply(op, *(x, A)[:count]) for op, count in nodes.OPERATIONS.items() if op != "select"}
CHOICES = {op: nodes.select(nodes.apply(op, x, A), x, -x) for op in nodes.COMPARISONS}
LANGUAGE = FUNCTIONS | CHOICES
FAST = re.compile(r"\b(fast|nnan|ninf|nsz|arcp|afn|reassoc|contract)\b")


def text_of(node: Node, dtype: str) -> str:
    return kernel_text(node, ("x", "a"), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", LANGUAGE)
def test_every_operation_of_the_language_has_a_kernel_llvm_accepts(op: str, dtype: str) -> None:
    text = text_of(LANGUAGE[op], dtype)
    module = binding.parse_assembly(text)
    module.verify()
    assert module.get_function("loop").linkage == binding.Linkage.external
    assert text == text_of(LANGUAGE[op], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_no_fast_math_and_no_library_calls(name: str, dtype: str) -> None:
    definition = nl.get(name).definition
    for order in (0, 1, 2):
        text = kernel_text(derivative(definition.formula, x, order), ("x", *definition.defaults), dtype)
        assert not FAST.search("\n".join(line for line in text.splitlines() if " = f" in line))
        declared = re.findall(r"^declare [^@]*@([\w.]+)", text, re.MULTILINE)
        assert [call for call in declared if not call.startswith("llvm.")] == []


def test_a_shared_exponential_is_computed_once() -> None:
    """x Φ(x) and its derivative Φ(x) + x φ(x) need one e^(−x²/2) between the distribution and the density."""
    both = nodes.normal_cdf(x) + x * nodes.normal_pdf(x)
    lines = [
        len(body_text(node, ("x",), "float64").splitlines())
        for node in (nodes.normal_cdf(x), nodes.normal_pdf(x), both)
    ]
    assert lines[2] < lines[0] + lines[1]


@pytest.mark.parametrize("op", LANGUAGE)
def test_every_operation_computes_what_it_says(op: str) -> None:
    """Moderate inputs, every dtype, against plain evaluation of the same expression in float64."""
    ufunc = assemble.elementwise(op, LANGUAGE[op], ("x", "a"))
    points, a = np.linspace(0.11, 3.3, 41), 1.75
    wanted = evaluate(LANGUAGE[op], points, {"a": a})
    np.testing.assert_allclose(ufunc(points, a), wanted, rtol=1e-14)
    for dtype, tolerance in ((np.float32, 2e-6), (np.float16, 5e-3)):
        got = ufunc(points.astype(dtype), dtype(a))
        assert got.dtype == dtype
        exact = evaluate(LANGUAGE[op], points.astype(dtype), {"a": a})
        np.testing.assert_allclose(got, exact, rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize("op", [op for op, count in nodes.OPERATIONS.items() if count == 1])
def test_operations_of_one_argument_at_the_far_ends(op: str) -> None:
    """±∞, the largest numbers, subnormals: what the oracle says, and NaN only where there is no value."""
    ufunc = assemble.elementwise(op, FUNCTIONS[op], ("x",))
    points = np.array([np.inf, 1.7e308, 800.0, 1e-300, 5e-324, 0.0])
    points = np.concatenate([points, -points, [np.nan]])
    if op in ("sin", "cos"):
        points = points[np.abs(points) < 1e6]
    wanted = [oracle.value(FUNCTIONS[op], float(point)) for point in points]
    errors = oracle.ulp_error(ufunc(points), wanted, "float64")
    assert dict(zip(points[errors > 4].tolist(), errors[errors > 4].tolist(), strict=True)) == {}
