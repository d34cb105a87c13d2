"""The articles' claims, formulas and numbers, one by one. The only test file that names activations."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import nonlin as nl

LN2, LN3 = math.log(2), math.log(3)
LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848
CUBIC = math.sqrt(2 / math.pi)
NORMAL = NormalDist()
GRID = np.linspace(-6, 6, 241)

# --- the twelve formulas ---------------------------------------------------------------------------------------

FORMULAS: dict[str, Callable[[Any], Any]] = {
    "binary_step": lambda x: np.where(x < 0, 0.0, 1.0),
    "linear": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "relu": lambda x: np.maximum(0, x),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "prelu": lambda x: np.where(x > 0, x, 0.25 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "swish": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * np.array([NORMAL.cdf(one) for one in x]),
    "gelu_tanh": lambda x: 0.5 * x * (1 + np.tanh(CUBIC * (x + 0.044715 * x**3))),
    "selu": lambda x: LAMBDA * np.where(x > 0, x, ALPHA * (np.exp(x) - 1)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    np.testing.assert_allclose(nl.get(name)(GRID), FORMULAS[name](GRID), rtol=1e-13, atol=1e-15)


# name -> (x, f, f′, f″), worked out by hand: e^(ln 3) = 3 makes the sigmoid of ln 3 three quarters.
BY_HAND: dict[str, list[tuple[float, float, float, float]]] = {
    "binary_step": [(-2, 0, 0, 0), (0, 1, 0, 0), (2, 1, 0, 0)],
    "linear": [(-2, -2, 1, 0), (3, 3, 1, 0)],
    "sigmoid": [(0, 1 / 2, 1 / 4, 0), (LN3, 3 / 4, 3 / 16, -3 / 32), (-LN3, 1 / 4, 3 / 16, 3 / 32)],
    "tanh": [(0, 0, 1, 0), (LN2, 0.6, 0.64, -0.768), (-LN2, -0.6, 0.64, 0.768)],
    "relu": [(-2, 0, 0, 0), (0, 0, 0, 0), (3, 3, 1, 0)],
    "leaky_relu": [(-2, -0.02, 0.01, 0), (3, 3, 1, 0)],
    "prelu": [(-2, -0.5, 0.25, 0), (3, 3, 1, 0)],
    "elu": [(-LN2, -1 / 2, 1 / 2, 1 / 2), (3, 3, 1, 0)],
    "selu": [(-LN2, -LAMBDA * ALPHA / 2, LAMBDA * ALPHA / 2, LAMBDA * ALPHA / 2), (3, 3 * LAMBDA, LAMBDA, 0)],
    "swish": [(0, 0, 1 / 2, 1 / 2), (LN3, 3 / 4 * LN3, 3 / 4 + 3 / 16 * LN3, 3 / 8 - 3 / 32 * LN3)],
    "gelu": [(0, 0, 1 / 2, 2 * NORMAL.pdf(0)), (1, NORMAL.cdf(1), NORMAL.cdf(1) + NORMAL.pdf(1), NORMAL.pdf(1))],
    "gelu_tanh": [(0, 0, 1 / 2, CUBIC)],
}
WORKED = [pytest.param(name, *row, id=f"{name} at {row[0]:.3g}") for name, rows in BY_HAND.items() for row in rows]


@pytest.mark.parametrize(("name", "x", "value", "slope", "second"), WORKED)
def test_by_hand(name: str, x: float, value: float, slope: float, second: float) -> None:
    f = nl.get(name)
    found = (f(x), f.derivative(x), f.derivative(x, 2))
    assert found == pytest.approx((value, slope, second), rel=4e-15, abs=1e-16)


def test_softmax_and_its_matrix_by_hand() -> None:
    scores, p = np.log([1.0, 2.0, 5.0]), np.array([1, 2, 5]) / 8
    np.testing.assert_allclose(nl.softmax(scores), p, rtol=1e-15)
    np.testing.assert_allclose(nl.log_softmax(scores), np.log(p), rtol=1e-15)
    np.testing.assert_allclose(nl.softmax.jacobian(scores), np.diag(p) - np.outer(p, p), rtol=1e-14)


def test_a_neuron() -> None:
    """z = w1·x1 + w2·x2 + b, a = activation(z)."""
    z = 0.5 * 2.0 + -1.0 * 3.0 + 1.0
    assert (z, nl.relu(z), nl.linear(z)) == (-1.0, 0.0, -1.0)
    assert nl.sigmoid(z) == pytest.approx(1 / (1 + math.e))


# --- ranges and shapes -----------------------------------------------------------------------------------------

RANGES = {
    "binary_step": "{0, 1}", "linear": "(−∞, ∞)", "sigmoid": "(0, 1)", "tanh": "(−1, 1)", "relu": "[0, ∞)",
    "leaky_relu": "(−∞, ∞)", "prelu": "(−∞, ∞)", "elu": "(−1, ∞)",
}  # fmt: skip


@pytest.mark.parametrize("name", RANGES)
def test_range(name: str) -> None:
    assert f"range                 {RANGES[name]}\n" in str(nl.get(name).facts)


def test_sigmoid_gradient_is_at_most_a_quarter_and_significant_between_minus_3_and_3() -> None:
    """The article's ±3 is where 18 % of the largest slope is left and 91 % of the rise is done; 1 % is left at ±6."""
    facts = nl.sigmoid.facts
    assert (facts.max_slope, facts.max_slope_at) == (0.25, 0.0)
    assert nl.sigmoid.derivative(3.0) == pytest.approx(0.0452, abs=5e-5)
    assert nl.sigmoid.derivative(3.0) / facts.max_slope == pytest.approx(0.18, abs=0.002)
    assert nl.sigmoid(3.0) - nl.sigmoid(-3.0) == pytest.approx(0.905, abs=5e-4)
    assert [round(end, 2) for end in (facts.saturation[0].high, facts.saturation[1].low)] == [-5.99, 5.99]
    assert nl.sigmoid.derivative(10.0) < 5e-5


def test_tanh_is_a_sigmoid_with_a_steeper_gradient_and_zero_centred() -> None:
    np.testing.assert_allclose(nl.tanh(GRID), 2 * nl.sigmoid(2 * GRID) - 1, atol=2e-16)
    assert nl.tanh.facts.max_slope == 4 * nl.sigmoid.facts.max_slope == 1
    assert nl.tanh.facts.zero_centered
    assert not nl.sigmoid.facts.zero_centered
    assert all(facts.bounded and len(facts.saturation) == 2 for facts in (nl.tanh.facts, nl.sigmoid.facts))


def test_step_and_line_cannot_teach_the_layers_before_them() -> None:
    assert not nl.binary_step.derivative(GRID).any()
    assert (nl.linear.derivative(GRID) == 1).all()


def test_relu_has_a_dead_side_and_leaky_relu_has_not() -> None:
    (dead,) = nl.relu.facts.dead_region
    assert (dead.low, dead.high) == (-math.inf, 0)
    assert not nl.relu.derivative(GRID[GRID < 0]).any()
    assert nl.leaky_relu.facts.dead_region == ()
    assert (nl.leaky_relu.derivative(GRID[GRID < 0]) == 0.01).all()
    # A unit pushed far to the negative side gets no gradient from any example, so it never comes back.
    scores = np.random.default_rng(0).standard_normal((1000, 8)) @ np.full(8, 0.1) - 10
    assert not nl.relu.derivative(scores).any()
    assert nl.leaky_relu.derivative(scores).all()


def test_relu_does_not_activate_all_the_neurons_at_the_same_time() -> None:
    scores = np.random.default_rng(1).standard_normal(100_000)
    assert (nl.relu(scores) > 0).mean() == pytest.approx(0.5, abs=0.01)


def test_prelu_learns_its_slope() -> None:
    x = np.array([-2.0, -0.5, 3.0])
    np.testing.assert_array_equal(nl.prelu.derivative(x, wrt="weight"), [-2.0, -0.5, 0.0])
    np.testing.assert_array_equal(nl.prelu(x, weight=0.01), nl.leaky_relu(x))
    assert [p.learned for p in nl.prelu.definition.parameters] == [True]


def test_elu_is_smooth_down_to_minus_alpha() -> None:
    assert nl.elu.facts.kinks == ()
    assert len(nl.relu.facts.kinks) == 1
    for alpha in (0.5, 1.0, 2.0):
        assert nl.elu(-40.0, alpha=alpha) == pytest.approx(-alpha, rel=1e-15)


def test_swish_is_bounded_below_unbounded_above_and_not_monotonic() -> None:
    facts = nl.swish.facts
    assert facts.bounded_below
    assert not facts.bounded_above
    assert facts.limits == (0, math.inf)
    assert facts.range.low == pytest.approx(-0.27846, abs=1e-5)
    assert facts.monotonic == "none"
    assert nl.swish is nl.get("silu")


def test_gelu_is_x_times_the_chance_that_a_normal_is_below_it() -> None:
    """f(x) = x · P(X ≤ x): the mean of x times m ~ Bernoulli(Φ(x)), the article's stochastic zero or one."""
    draws = np.random.default_rng(2).standard_normal(200_000)
    for x in (-1.5, -0.3, 0.8, 2.0):
        keep = draws <= x
        assert nl.gelu(x) == pytest.approx((x * keep).mean(), abs=4 * abs(x) * keep.std() / math.sqrt(draws.size))
    assert np.abs(nl.gelu(GRID) - nl.gelu_tanh(GRID)).max() < 5e-4


# --- softmax ---------------------------------------------------------------------------------------------------


def test_softmax_of_the_articles_scores() -> None:
    np.testing.assert_array_equal(np.round(nl.softmax([1.8, 0.9, 0.68]), 2), [0.58, 0.23, 0.19])


def test_softmax_does_not_return_one_and_zero() -> None:
    """The article: it "returns 1 for the largest probability". That is argmax; softmax nears it for large scores."""
    scores = np.array([1.8, 0.9, 0.68])
    one_hot = np.eye(3)[np.argmax(scores)]
    np.testing.assert_array_equal(one_hot, [1, 0, 0])
    assert nl.softmax(scores).max() < 0.6
    assert nl.softmax(scores).min() > 0.1
    np.testing.assert_allclose(nl.softmax(scores * 100), one_hot, atol=1e-30)
    assert np.argmax(nl.softmax(scores)) == np.argmax(scores)


def test_five_sigmoids_are_no_distribution_and_softmax_is() -> None:
    outputs = np.array([0.8, 0.9, 0.7, 0.8, 0.6])
    scores = np.log(outputs / (1 - outputs))
    np.testing.assert_allclose(nl.sigmoid(scores), outputs, rtol=1e-14)
    assert outputs.sum() == pytest.approx(3.8)
    assert nl.softmax(scores).sum() == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(nl.softmax([0.0, LN3])[1], nl.sigmoid(LN3))  # two classes: softmax is the sigmoid


def test_a_probability_above_one_half_is_class_one() -> None:
    np.testing.assert_array_equal(nl.sigmoid(GRID) >= 0.5, nl.binary_step(GRID) == 1)


# --- networks --------------------------------------------------------------------------------------------------


def _forward(layers: list[Any], x: Any, activation: Any) -> Any:
    for weights in layers:
        x = activation(x @ weights)
    return x


def test_linear_layers_collapse_to_one() -> None:
    draw = np.random.default_rng(3)
    layers = [draw.standard_normal((8, 8)) / math.sqrt(8) for _ in range(20)]
    x = draw.standard_normal((50, 8))
    one = np.linalg.multi_dot(layers)
    np.testing.assert_allclose(_forward(layers, x, nl.linear), x @ one, atol=1e-12)
    assert np.abs(_forward(layers, x, nl.relu) - x @ one).max() > 0.1


def test_two_relu_units_learn_what_no_line_can() -> None:
    """Exclusive or: relu(x1 + x2) − 2·relu(x1 + x2 − 1); the best line gives one half everywhere."""
    x, target = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 1, 1, 0.0])
    hidden = nl.relu(x @ [[1, 1], [1, 1]] + [0, -1])
    np.testing.assert_array_equal(hidden @ [1, -2], target)
    columns = np.column_stack([x, np.ones(4)])
    best, *_ = np.linalg.lstsq(columns, target, rcond=None)
    np.testing.assert_allclose(columns @ best, 0.5)


def test_gradients_vanish_as_a_product_of_small_slopes() -> None:
    """Backpropagation multiplies slopes: at best 1/4 per sigmoid layer, 1 per ReLU layer whose units are on."""
    assert nl.sigmoid.facts.max_slope**10 < 1e-6
    scores = np.random.default_rng(4).standard_normal((10, 2000))
    by_depth = np.cumprod(np.abs(nl.sigmoid.derivative(scores)), axis=0).max(axis=1)
    assert (by_depth[1:] < by_depth[:-1]).all()
    assert by_depth[-1] < 1e-6
    assert np.prod(nl.relu.derivative(np.abs(scores)), axis=0).min() == 1


def test_a_large_change_of_a_saturated_input_is_a_small_change_of_the_output() -> None:
    assert nl.sigmoid(20.0) - nl.sigmoid(10.0) < 5e-5


def test_gradients_explode_until_numbers_overflow() -> None:
    layers = [np.full((4, 4), 10.0, np.float32)] * 40
    with np.errstate(over="ignore"):
        assert np.isinf(_forward(layers, np.ones((1, 4), np.float32), nl.relu)).all()


def test_selu_keeps_mean_and_variance_through_32_layers() -> None:
    """LeCun normal weights (variance 1/fan-in); ReLU from the same start loses the signal."""
    width, draw = 512, np.random.default_rng(5)
    layers = [draw.standard_normal((width, width)) / math.sqrt(width) for _ in range(32)]
    x = draw.standard_normal((256, width))
    out = _forward(layers, x, nl.selu)
    assert abs(out.mean()) < 0.05
    assert out.var() == pytest.approx(1, abs=0.1)
    assert _forward(layers, x, nl.relu).var() < 1e-6
    assert nl.selu.facts.mean == pytest.approx(0, abs=1e-12)
    assert nl.selu.facts.second_moment == pytest.approx(1, abs=1e-12)


def test_selu_has_what_the_article_says_it_needs() -> None:
    """Values of both signs to move the mean, and slopes above and below one to move the variance."""
    assert nl.selu.facts.range.low == pytest.approx(-LAMBDA * ALPHA)
    assert nl.selu.derivative(1.0) > 1 > nl.selu.derivative(-1.0)
    assert nl.relu.facts.range.low == 0
