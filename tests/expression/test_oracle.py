"""The oracle against hand-known values, closed forms, its own difference quotients and planted mistakes."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import libmp

from nonlin.catalog import DEFINITIONS
from nonlin.errors import InvalidTypeError, InvalidValueError
from nonlin.expression import nodes, oracle
from nonlin.expression.nodes import apply, parameter, select, x
from nonlin.expression.oracle import series

a = parameter("a")
UNARY = [op for op, count in nodes.OPERATIONS.items() if count == 1]
SMOOTH = [op for op in UNARY if op not in ("abs", "sign", "floor")]
CURVES = [d for d in DEFINITIONS.values() if d.kind == "elementwise"]


def close(got: object, wanted: object, digits: int = 38) -> bool:
    m = oracle.CONTEXT
    return bool(abs(m.mpf(got) - m.mpf(wanted)) <= m.mpf(10) ** -digits * abs(m.mpf(wanted)))


@pytest.mark.parametrize(
    ("op", "at", "wanted"),
    [
        ("erfc", 10, "2.0884875837625447570007862949577886115608181193212e-45"),
        ("exp", 1, "2.7182818284590452353602874713526624977572470936999596"),
        ("logistic", -800, "3.667874584177687213455495654260798215465e-348"),
        ("log", 10, "2.302585092994045684017991454684364207601101488628773"),
        ("softplus", 0, "0.69314718055994530941723212145817656807550013436026"),
        ("normal_pdf", 0, "0.39894228040143267793994605993438186847585863116493"),
        ("atan", 1, "0.78539816339744830961566084581987572104929234984378"),
        ("sqrt", 2, "1.4142135623730950488016887242096980785696718753769"),
        ("logistic_slope", 0, "0.25"),
        ("normal_cdf", 0, "0.5"),
        ("tanh", 0, "0"),
        ("abs", -3, "3"),
        ("sign", -3, "-1"),
        ("floor", -2.5, "-3"),
    ],
)
def test_known_values(op: str, at: float, wanted: str) -> None:
    assert close(oracle.value(apply(op, x), at), wanted)


def test_values_in_the_far_tails_agree_with_asymptotic_series() -> None:
    m = oracle.CONTEXT
    odd_products = [math.prod(range(1, 2 * k, 2)) for k in range(60)]
    tail = sum((-1) ** k * m.mpf(p) / m.mpf(38) ** (2 * k) for k, p in enumerate(odd_products))
    assert close(oracle.value(apply("normal_cdf", x), -38), m.exp(-722) / m.sqrt(2 * m.pi) / 38 * tail)
    assert close(oracle.value(apply("tanh", x), 1e-300), m.mpf(1e-300) - m.mpf(1e-300) ** 3 / 3)


def test_cancellation_is_survived() -> None:
    m = oracle.CONTEXT
    assert close(oracle.value(x - apply("tanh", x), 1e-100), m.mpf(1e-100) ** 3 / 3)
    assert close(oracle.value(1 - apply("tanh", x), 500), 2 * m.exp(-1000) / (1 + m.exp(-1000)))
    assert oracle.value(apply("sqrt", x * x + 1) - x, 1e300) == pytest.approx(5e-301)


@pytest.mark.parametrize("op", SMOOTH)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("at", [0.37, 1.9, 5.5])
def test_derivatives_match_difference_quotients_of_values(op: str, order: int, at: float) -> None:
    node, h, center = apply(op, x), Fraction(1, 2**30), Fraction(at)
    points = [oracle.value(node, center + (2 * k - order) * h / 2) for k in range(order + 1)]
    quotient = sum((-1) ** (order - k) * math.comb(order, k) * p for k, p in enumerate(points)) / oracle.CONTEXT.mpf(
        2
    ) ** (-30 * order)
    assert close(oracle.derivative(node, at, order), quotient, digits=14)


def test_a_planted_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(series.RULES, "tanh", series.RULES["atan"])
    with pytest.raises(AssertionError):
        test_derivatives_match_difference_quotients_of_values("tanh", 1, 0.37)


@pytest.mark.parametrize(
    ("node", "at", "order", "wanted"),
    [
        (apply("exp", x), -700, 3, "exp(-700)"),
        (apply("normal_cdf", x), -30, 2, "30*exp(-450)/sqrt(2*pi)"),
        (apply("logistic", x), -745, 1, "exp(-745)/(1+exp(-745))**2"),
        (apply("tanh", x), 350, 1, "4*exp(-700)/(1+exp(-700))**2"),
        (x**5, 3, 4, "360"),
        (x ** Fraction(1, 2), 4, 2, "-mpf(1)/32"),
        (apply("log1p", x), 1e-300, 2, "-1/(1+mpf(1e-300))**2"),
        (apply("logistic", x), 0, 2, "0"),
        (x - apply("tanh", x), 0, 1, "0"),
        (x - apply("tanh", x), 0, 3, "2"),
        (apply("sin", x) * apply("cos", x), 1, 1, "cos(2)"),
    ],
)
def test_derivatives_in_closed_form(node: nodes.Node, at: float, order: int, wanted: str) -> None:
    m = oracle.CONTEXT
    names = {n: getattr(m, n) for n in ("exp", "sqrt", "pi", "mpf", "cos")}
    assert close(oracle.derivative(node, at, order), eval(wanted, names))  # noqa: S307


def test_derivatives_in_parameters() -> None:
    assert close(oracle.derivative(x * apply("logistic", a * x), 2, wrt="a", a=0), 1)
    assert close(oracle.derivative(x**a, 2, wrt="a", a=3), 8 * oracle.CONTEXT.log(2))


@pytest.mark.parametrize("definition", CURVES, ids=lambda d: d.name)
@pytest.mark.parametrize("at", [0.3, -0.3, 20, -20, -700, 1e300, -1e300, 5e-324, -5e-324])
def test_every_definition_has_value_and_derivatives_over_the_whole_range(definition: object, at: float) -> None:
    formula, defaults = definition.formula, definition.defaults  # type: ignore[attr-defined]
    for order in (0, 1, 2):
        assert not np.isnan(oracle.values(formula, [at], order, **defaults)).any()


@pytest.mark.parametrize("definition", CURVES, ids=lambda d: d.name)
def test_every_definition_has_limits(definition: object) -> None:
    formula, defaults = definition.formula, definition.defaults  # type: ignore[attr-defined]
    for at in (math.inf, -math.inf):
        limit, far = (
            oracle.value(formula, at, **defaults),
            oracle.value(formula, math.copysign(2.0**900, at), **defaults),
        )
        assert (
            limit == far or close(limit, far) or (abs(limit) == math.inf and abs(far) > 2.0**400) or abs(far) < 1e-200
        )


@pytest.mark.parametrize(
    ("node", "plus", "minus"),
    [
        (1 / x, 0, 0),
        (x / (1 + apply("abs", x)), 1, -1),
        (apply("log1p", apply("abs", x)), math.inf, math.inf),
        (apply("softplus", x), math.inf, 0),
        (x + apply("sin", x), math.inf, -math.inf),
        (x * apply("exp", x), math.inf, 0),
        (apply("exp", apply("exp", x)), math.inf, 1),
        (apply("sin", x), math.nan, math.nan),
        (x * apply("sin", x), math.nan, math.nan),
        (apply("log", x), math.inf, math.nan),
    ],
)
def test_limits(node: nodes.Node, plus: float, minus: float) -> None:
    np.testing.assert_equal([float(oracle.value(node, s * math.inf)) for s in (1, -1)], [plus, minus])


@pytest.mark.parametrize("frequency", [1, 2, 3, Fraction(7, 2), 5])
def test_a_bounded_wave_has_no_limit_and_is_not_taken_for_growth(frequency: Fraction) -> None:
    for wave in (apply("cos", frequency * x), 1 + apply("sin", frequency * x)):
        for order in (0, 1, 2):
            for at in (math.inf, -math.inf):
                assert np.isnan(float(oracle.derivative(wave, at, order) if order else oracle.value(wave, at)))


def test_waves_of_huge_arguments() -> None:
    assert oracle.value(apply("sin", x), 1e308) == pytest.approx(0.4533964905016491, rel=1e-15)
    with pytest.raises(oracle.OracleError):
        oracle.value(apply("cos", apply("exp", x)), 1e300)


def test_nan_in_nan_out_and_nan_where_undefined() -> None:
    assert np.isnan(float(oracle.value(x, math.nan)))
    assert np.isnan(float(oracle.value(a * x, 1, a=math.nan)))
    assert np.isnan(float(oracle.value(apply("log", x), -1)))
    assert np.isnan(float(oracle.value(x / x, 0)))


def test_an_unselected_branch_is_never_evaluated() -> None:
    guarded = select(nodes.less(0, x), apply("log", x), x)
    assert oracle.value(guarded, -1) == -1
    assert oracle.derivative(guarded, -1) == 1


def test_kinks_and_jumps_are_errors_that_hold_both_sides() -> None:
    with pytest.raises(oracle.KinkError) as kink:
        oracle.derivative(apply("maximum", x, a * x), 0, a=0.25)
    assert (float(kink.value.left), float(kink.value.right)) == (0.25, 1)
    with pytest.raises(oracle.KinkError, match="value jumps"):
        oracle.derivative(select(nodes.less(x, 0), 0, 1), 0)
    with pytest.raises(oracle.KinkError, match="jumps"):
        oracle.derivative(apply("floor", x), 2)


def test_one_sided_derivatives() -> None:
    kinked = apply("abs", x)
    assert [int(oracle.one_sided(kinked, 0, side=s)) for s in (-1, 1)] == [-1, 1]
    assert [int(oracle.one_sided(apply("floor", x), 2, order=0, side=s)) for s in (-1, 1)] == [1, 2]
    with pytest.raises(InvalidValueError, match="side"):
        oracle.one_sided(kinked, 0, side=0)


def test_a_tie_that_is_no_kink_is_no_error() -> None:
    square = apply("maximum", x, 0) * apply("maximum", x, 0)
    assert oracle.derivative(square, 0) == 0
    with pytest.raises(oracle.KinkError):
        oracle.derivative(square, 0, 2)
    assert oracle.derivative(apply("maximum", 0, x * x), 0) == 0
    assert oracle.derivative(select(nodes.less_equal(0, x * x), x, -x), 0) == 1
    assert oracle.derivative(apply("abs", x), 5e-324) == 1


def test_what_cannot_be_certified_raises() -> None:
    undecidable = select(nodes.equal(apply("exp", apply("log", x)), x), 1, 0)
    with pytest.raises(oracle.OracleError):
        oracle.value(undecidable, 3)


def test_library_failures_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(u: object, prec: int) -> object:
        raise ValueError("broken")

    monkeypatch.setitem(oracle.evaluate.FUNCTIONS, "tanh", broken)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="broken"):
        oracle.value(apply("tanh", x), 1)
    with pytest.raises(KeyError):
        oracle.value(nodes.make("no_such_operation", x), 1)


def test_inputs_are_taken_exactly() -> None:
    assert close(3 * oracle.value(x, Fraction(1, 3)), 1)
    assert oracle.value(x, np.float32(0.1)) == np.float32(0.1)
    assert oracle.value(x, 10**30 + 1) == 10**30 + 1
    assert oracle.value(x, mpmath.mpf("0.5")) == 0.5
    for wrong in ("1", 1j, True, None):
        with pytest.raises(InvalidTypeError):
            oracle.value(x, wrong)


def test_parameters_must_match() -> None:
    with pytest.raises(InvalidValueError, match="add a"):
        oracle.value(a * x, 1)
    with pytest.raises(InvalidValueError, match="no such parameter"):
        oracle.value(x, 1, a=2)
    with pytest.raises(InvalidValueError, match="finite"):
        oracle.value(a * x, 1, a=math.inf)


def test_the_global_precision_is_untouched() -> None:
    before = mpmath.mp.prec
    oracle.value(x - apply("tanh", x), 1e-300)
    assert mpmath.mp.prec == before


def test_rows() -> None:
    shifted = x - nodes.row_anchor(x)
    shares = apply("exp", shifted) / nodes.row_sum(apply("exp", shifted))
    row = [1.8, 0.9, 0.68]
    found = oracle.row_value(shares, row)
    weights = [oracle.CONTEXT.exp(v) for v in row]
    assert all(close(f, w / sum(weights)) for f, w in zip(found, weights, strict=True))
    column = oracle.row_derivative(shares, row, 0)
    assert close(column[0], found[0] * (1 - found[0]))
    assert close(column[1], -found[0] * found[1])
    assert [float(v) for v in oracle.row_value(shares, [1e300, 0, -1e300])] == [1, 0, 0]


def test_every_operation_is_covered() -> None:
    language = {*nodes.OPERATIONS, *nodes.COMPARISONS, *nodes.ROW_OPERATIONS}
    assert set(oracle.COVERED) == language
    assert set(oracle.COVERED) != language | {"planted"}


def test_enclosures_hold_the_value() -> None:
    """At low precision every function encloses the value known at high precision."""
    from nonlin.expression.oracle.functions import FUNCTIONS

    for name, function in FUNCTIONS.items():
        for at in (1e-30, 0.3, 2.7, 41.0):
            u = libmp.from_float(at), libmp.from_float(at)
            coarse, fine = function(u, 60), function(u, 400)
            assert libmp.mpf_le(coarse[0], fine[0]), name
            assert libmp.mpf_ge(coarse[1], fine[1]), name
