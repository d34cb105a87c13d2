"""`define`: formulas as people type them are right in every dtype, tails included, or refused with the input."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin import registry, user_defined
from nonlin.accuracy import faults, measure
from nonlin.errors import FormulaError, InvalidTypeError, InvalidValueError
from nonlin.expression import oracle
from nonlin.expression.formula import parse
from tests.contract.promise import BARS

TYPED = (
    "max(0, x)",
    "x if x > 0 else 0.01*x",
    "x if x > 0 else exp(x) - 1",
    "1 / (1 + exp(-x))",
    "x / (1 + exp(-x))",
    "x * 1/(1 + e^(-1.702*x))",
    "log(1 + exp(x))",
    "x * tanh(log(1 + exp(x)))",
    "x * ((1 + exp(x))^2 - 1) / ((1 + exp(x))^2 + 1)",
    "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
    "2/(1 + exp(-2*x)) - 1",
    "0.5 * x * (1 + erf(x / sqrt(2)))",
    "0.5 * x * (1 + tanh(sqrt(2/pi) * (x + 0.044715*x^3)))",
    "x * max(0, min(1, (x + 3)/6))",
    "min(max(x, -1), 1)",
    "sign(x) * log(1 + |x|)",
    "exp(-x^2)",
    "-log(1 + exp(-x))",
    "x * exp(x) / (1 + exp(x))",
    "x + 0.5*sin(x)",
    "max(0, x)^2",
    "atan(x)",
)
# Dense around 0 and both tails, to where float64's exponential ends.
INPUTS = np.concatenate([np.linspace(-9, 9, 73), np.geomspace(9, 760, 25), -np.geomspace(9, 760, 25)])


def worst_errors(activation: nl.Activation, formula: str, order: int) -> dict[str, float]:
    """Against the formula as typed, parsed here anew; where its derivative jumps, nothing is compared."""
    node, worst = parse(formula), {}
    for dtype in BARS:
        x = np.unique(INPUTS.astype(dtype))
        known: list[tuple[float, float, Any]] = []
        for at, got in zip(x.tolist(), activation.derivative(x, order).tolist(), strict=True):
            with suppress(oracle.KinkError):
                known.append((at, got, oracle.derivative(node, at, order) if order else oracle.value(node, at)))
        assert len(known) > x.size - 5
        worst[dtype] = max(error_in_ulp(*one, dtype, floor=order > 0) for one in known)
    return worst


def error_in_ulp(x: float, got: float, exact: Any, dtype: str, *, floor: bool) -> float:
    """Between −4 and 4 a derivative may change its sign: there the unit is that of numbers of 2⁻⁸ at least."""
    if floor and abs(x) < 4 and abs(exact) < 2.0**-8:
        return float(abs(got - exact)) / (2.0**-8 * float(np.finfo(dtype).eps))
    return float(oracle.ulp_error(got, exact, dtype))


@pytest.mark.parametrize("formula", TYPED)
def test_what_people_type_is_right_in_the_tails(formula: str) -> None:
    errors = worst_errors(nl.define("typed", formula), formula, 0)
    assert all(errors[dtype] <= BARS[dtype][0] for dtype in BARS), errors


@pytest.mark.parametrize("formula", TYPED)
def test_slopes_are_right_in_the_tails(formula: str) -> None:
    errors = worst_errors(nl.define("typed", formula), formula, 1)
    assert all(errors[dtype] <= BARS[dtype][1] for dtype in BARS), errors


WAVES = ("sin(x)", "x + cos(2*x)", "sin(30*x + 0.5)", "cos(pi*x/2)", "sin(x)*cos(x)", "x + sin(1.3*x)**2")
FAR = np.array([1e3, 1e5, 3e6, 4e9, 1e15, 1e22, 3e38, 1e100, 1e200, 1.7e308])


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("formula", WAVES)
def test_waves_are_right_however_far(formula: str, order: int) -> None:
    activation, node = nl.define("wave", formula), parse(formula)
    for dtype, bars in BARS.items():
        with np.errstate(over="ignore"):
            x = np.concatenate([FAR, -FAR]).astype(dtype)
        x = x[np.isfinite(x)]
        exact = [oracle.derivative(node, at, order) if order else oracle.value(node, at) for at in x.tolist()]
        assert oracle.ulp_error(activation.derivative(x, order), exact, dtype).max() <= bars[order]


def test_a_wave_of_what_overflows_is_refused_and_does_not_keep_the_oracle_busy() -> None:
    with pytest.raises(InvalidValueError, match="overflows"):
        nl.define("wild", "cos(exp(x))")


def test_the_typed_formula_and_what_is_computed_are_both_shown() -> None:
    mine = nl.define("mine", "x * tanh(log(1 + exp(x)))")
    assert mine.formula == "x * tanh(log(1 + exp(x)))"
    assert "computed as x * tanh(softplus(x))" in mine.definition.summary
    assert "computed as where(x <" in str(mine.accuracy(20))  # the catalogue's careful form of the same function
    assert "computed as" not in str(nl.define("mine", "x + x * tanh(x)").accuracy(20))


def test_what_is_defined_behaves_as_the_catalogue_does() -> None:
    mine = nl.define("mine_too", "x * sigmoid(b * x)", b=1.5)
    assert nl.get("mine_too") is mine
    assert "mine_too" in nl.names(family="defined")
    assert mine(0.5, b=2.0) == nl.define("mine_2", "x * sigmoid(2 * x)")(0.5)
    assert mine.derivative(np.float32(3), wrt="b").dtype == np.float32
    assert mine.facts.value_at_zero == 0
    assert nl.define("mine_too", "x") is nl.get("mine_too") is not mine


def test_a_formula_over_rows() -> None:
    rows = nl.define("shares", "exp(x - row_anchor(x)) / row_sum(exp(x - row_anchor(x)))")
    assert rows.kind == "row"
    np.testing.assert_allclose(rows(np.ones((2, 4))), 0.25)
    with pytest.raises(InvalidTypeError, match="whole row"):
        rows.accuracy()


REFUSED = {
    "log(x)": "no value at x = ",
    "x**1.5": "no value at x = -",
    "1/x": "where(x != 0, 1/x, 0)",
    "sin(x)/x": "no value at x = 0",
    "exp(x**2) / (1 + exp(x**2)) + exp(x) * exp(-x) * exp(x**2) / exp(x**2)": "and exactly",
    "sqrt(exp(8*x)) / exp(4*x)": "and exactly 1",
    "sign(x) * atan(abs(x))": "f′ is 0 at x = 0 in float32, and exactly 1",
}


@pytest.mark.parametrize("formula", REFUSED)
def test_a_formula_without_finite_values_is_refused_with_the_input(formula: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        nl.define("refused", formula)
    assert REFUSED[formula] in str(refused.value)
    assert "x = " in str(refused.value)
    with pytest.raises(LookupError):
        nl.get("refused")


def test_an_overflow_that_is_right_is_told_and_not_refused() -> None:
    growing = nl.define("growing", "exp(x)")
    assert [text for text in growing.definition.cons if text.startswith("f overflows float32 at x = 89.")]
    assert [f.kind for f in growing.accuracy(20).faults] == ["overflow"] * 3
    root = nl.define("root", "sqrt(abs(x))")
    assert [(f.kind, f.order, f.x) for f in root.accuracy(20).faults] == [("undefined", 1, 0.0), ("undefined", 2, 0.0)]


def test_a_kernel_that_gives_nan_is_seen() -> None:
    definition = nl.define("line", "2 * x").definition
    found = faults(definition, {}, lambda x, order, wrt: np.where(x == 1, x.dtype.type(np.nan), 2 * x))
    assert {(f.kind, f.order, f.x) for f in found} == {("wrong", 0, 1.0), ("wrong", 1, 1.0), ("wrong", 2, 1.0)}
    slopes = (2.0, 0.0)
    assert faults(definition, {}, lambda x, order, wrt: slopes[order - 1] + 0 * x if order else 2 * x) == ()
    found = faults(definition, {}, lambda x, order, wrt: x.dtype.type(0) * x if order else 2 * x)
    assert [(f.kind, f.order, f.got, f.exact) for f in found] == [("wrong", 1, 0.0, 2.0)]


def test_a_formula_that_cannot_be_compiled_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("no code")

    monkeypatch.setattr(user_defined, "compile_loops", broken)
    with pytest.raises(RuntimeError, match="no code"):
        nl.define("uncompiled", "x")
    assert "uncompiled" not in nl.names()


@pytest.mark.parametrize("name", ["", "1st", "two words", "lambda", "x", "e", "pi", "exp", "where", "_hidden", None, 3])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(InvalidValueError, match="name"):
        nl.define(name, "x")


def test_names_of_the_catalogue_are_refused() -> None:
    for activation in map(nl.get, nl.names()):
        if activation.family == "defined":
            continue
        for name in (activation.name, activation.name.upper(), *activation.aliases):
            with pytest.raises(InvalidValueError, match="name"):
                nl.define(name, "x")


@pytest.mark.parametrize(
    ("formula", "defaults"),
    [
        ("a * x", {}),
        ("x", {"a": 1.0}),
        ("a * x", {"b": 1.0}),
        ("out * x", {"out": 1.0}),
        ("order * x", {"order": 1.0}),
        ("a * x", {"a": float("nan")}),
        ("a * x", {"a": float("inf")}),
        ("a * x", {"a": "1"}),
        ("a * x", {"a": True}),
        ("1", {}),
    ],
)
def test_parameters_that_are_refused(formula: str, defaults: dict[str, float]) -> None:
    with pytest.raises(InvalidValueError):
        nl.define("refused", formula, **defaults)


@pytest.mark.parametrize("formula", ["", "x +", "import os", "x.real", "tanhh(x)", "lambda * x", "x > 0", "2x"])
def test_what_does_not_parse(formula: str) -> None:
    with pytest.raises(FormulaError):
        nl.define("refused", formula)


def test_accuracy_of_the_catalogue() -> None:
    """A sample here; every function is held to its bars elsewhere."""
    for family in dict.fromkeys(nl.get(name).family for name in nl.names(kind="elementwise")):
        name = nl.names(family=family, kind="elementwise")[0]
        record = nl.get(name).accuracy(10)
        assert {e.dtype for e in record.errors} == set(BARS)
        assert record.worst(order=0).ulp <= 4
        assert record.points == sum(e.points for e in record.errors) > 100
        assert f"sampled at {record.points:,} points" in str(record)
        assert json.loads(json.dumps(record.to_dict(), allow_nan=False))["name"] == name


def test_accuracy_sees_a_wrong_kernel() -> None:
    mine = nl.define("mine", "x * tanh(x)")
    wrong = measure(mine.definition, {}, lambda x, order, wrt: mine.derivative(x, order) / x.dtype.type(1.01))
    for dtype, order in ((d, o) for d in BARS for o in (0, 1, 2)):
        assert wrong.worst(dtype, order).ulp > 5
        assert mine.accuracy(30).worst(dtype, order).ulp < 5


@pytest.mark.parametrize("points", [0, 9, 100_001, 2.5, "many"])
def test_a_number_of_points_that_is_refused(points: int) -> None:
    with pytest.raises(InvalidValueError, match="points"):
        nl.get(nl.names(kind="elementwise")[0]).accuracy(points)


@pytest.fixture(autouse=True)
def _what_is_defined_here_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_defined", {})
