"""Tests of the contract: a mistake planted in a copy of the package, or of the contract itself, must turn it red."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sandbox import copy_project
from tests.contract.cases import all_cases

RULES = "src/nonlin/expression/differentiate.py"
WAVES = "tests/emit/test_trigonometric.py"
ACCURACY, MEASURE = "tests/contract/test_accuracy.py", "tests/contract/test_promise.py"

# The slope of a function with a corner that is the larger of two.
CORNER = next(
    str(case) for case in all_cases(defaults_only=True)
    if case.order == 1 and case.activation.expression.op == "maximum" and case.activation.facts.kinks
)  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """A small wrong edit, and the tests of which at least one must notice."""

    title: str
    file: str
    old: str
    new: str
    guard: str


MISTAKES = (
    Mistake(
        "a slope wrong by a thousandth",
        RULES, "4 * n.logistic_slope(2 * u)", "4.004 * n.logistic_slope(2 * u)",
        f"{ACCURACY}::test_against_the_oracle",
    ),
    Mistake(
        "a slope in the form that loses its digits",
        RULES, '"logistic": (n.logistic_slope,)', '"logistic": (lambda u: n.logistic(u) * (1 - n.logistic(u)),)',
        f"{ACCURACY}::test_against_the_oracle",
    ),
    Mistake(
        "a subgradient beyond both slopes",
        RULES, '"maximum": (lambda u, v: n.select(n.less(v, u), 1, 0)',
        '"maximum": (lambda u, v: n.select(n.less(v, u), 1, n.select(n.equal(u, v), 2, 0))',
        f"{ACCURACY}::test_against_the_oracle[{CORNER}-float32]",
    ),
    Mistake(
        "a derivative of the wrong order",
        "src/nonlin/activation.py",
        'index = ("x",) * order if wrt == "x"', 'index = ("x",) * min(order, 1) if wrt == "x"',
        f"{ACCURACY}::test_against_the_oracle",
    ),
    Mistake(
        "a large angle reduced with the parts that serve a small one",
        "src/nonlin/emit/trigonometric.py", "NEAR = 2.0**20", "NEAR = 2.0**90", f"{WAVES}::test_every_magnitude",
    ),
    Mistake(
        "the low part of an angle taken for less than a turn",
        "src/nonlin/emit/trigonometric.py", "SMALL = 2.0**-10", "SMALL = 2.0**60",
        f"{WAVES}::test_products_that_leave_the_range",
    ),
    Mistake(
        "a remainder without its low part",
        "src/nonlin/emit/trigonometric.py", "small += [products[3][0], products[2][1]] if", "small += [] if",
        f"{WAVES}::test_beside_the_zeros",
    ),
    Mistake(
        "a wrong bit of 2/π",
        "src/nonlin/emit/two_over_pi.py", "F118B\"", "F118C\"",
        f"{WAVES}::test_beside_the_zeros",
    ),
    Mistake(
        "an infinity less itself",
        "src/nonlin/emit/lower.py", "maths.select(infinite, at_anchor, difference)", "difference",
        "tests/contract/test_rows.py::test_equal_infinities_share_the_whole",
    ),
    Mistake(
        "rows of infinities that are not told from others",
        "src/nonlin/emit/rows.py", "if node in leaves:", "if False:",
        "tests/contract/test_rows.py::test_equal_infinities_share_the_whole",
    ),
    Mistake(
        "a measure that sees no error",
        "tests/contract/promise.py", "    if not (errors > limit).any():", "    if True or not (errors > limit).any():",
        f"{MEASURE}::test_a_mistake_is_seen",
    ),
    Mistake(
        "a measure that forgives NaN",
        "tests/contract/promise.py",
        "np.where(np.isnan(errors) | infinite, np.inf, errors)", "np.nan_to_num(np.where(infinite, np.inf, errors))",
        f"{MEASURE}::test_a_mistake_is_seen",
    ),
    Mistake(
        "a relaxed bar",
        "tests/contract/promise.py", '"float64": {0: 4.0, 1: 4.0, 2: 4.0}', '"float64": {0: 4.0, 1: 4.0, 2: 40.0}',
        f"{MEASURE}::test_bars_are_those_of_the_promises",
    ),
    Mistake(
        "a run list without the functions that have parameters",
        "tests/contract/cases.py", 'return nl.names(kind="elementwise")',
        'return tuple(n for n in nl.names(kind="elementwise") if not nl.get(n).parameters)',
        f"{ACCURACY}::test_the_run_list_is_the_catalogue",
    ),
    Mistake(
        "a regime left empty",
        "tests/contract/regimes.py",
        '"infinite": lambda case, info, n: np.array([np.inf, -np.inf] if case.wrt == "x" else [])',
        '"infinite": lambda case, info, n: np.array([])',
        f"{ACCURACY}::test_every_regime_has_its_inputs",
    ),
    Mistake(
        "a parameter whose domain is not checked",
        "src/nonlin/activation.py",
        "if not (known[name].admits(smallest) and known[name].admits(largest)):", "if False:",
        "tests/contract/test_parameters.py::test_the_domain",
    ),
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_turns_the_contract_red(mistake: Mistake, tmp_path: Path) -> None:
    sandbox = copy_project(tmp_path)
    sandbox.replace(mistake.file, mistake.old, mistake.new)
    run = sandbox.python("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", mistake.guard)
    assert run.returncode == 1, f"not noticed:\n{run.stdout}{run.stderr}"
    assert "failed" in run.stdout
