"""LaTeX, and the notation it shares with MathML."""

import pytest
from matplotlib.mathtext import MathTextParser

from nonlin.catalog import DEFINITIONS
from nonlin.emit import latex as target
from nonlin.emit import notation
from nonlin.emit.latex import latex
from nonlin.expression import nodes
from nonlin.expression.formula import parse

WRITTEN = [
    ("x * tanh(softplus(x))", r"x \, \tanh(\operatorname{softplus}(x))"),
    ("x * Phi(x)", r"x \, \Phi(x)"),
    ("x * sigmoid(beta * x)", r"x \, \sigma(\beta \, x)"),
    ("max(x, 0)", r"\max(x, 0)"),
    ("where(x > 0, x, negative_slope * x)",
     r"\begin{cases} x & \text{if } x > 0 \\ a \, x & \text{otherwise} \end{cases}"),
    ("where(x > 1, 1, where(x < -1, -1, x))",
     r"\begin{cases} 1 & \text{if } x > 1 \\ -1 & \text{if } x < -1 \\ x & \text{otherwise} \end{cases}"),
    ("alpha * expm1(x)", r"\alpha \, (e^{x} - 1)"),
    ("log1p(exp(x))", r"\log(1 + e^{x})"),
    ("sqrt(2/pi)", r"\sqrt{\frac{2}{\pi}}"),
    ("x**(1/2)", r"\sqrt{x}"),
    ("x*(x*x)", "x^{3}"),
    ("2 * 3**x", r"2 \cdot 3^{x}"),
    ("1/3 * x", r"\frac{1}{3} \, x"),
    ("exp(-x**2 / 2)", r"e^{-\frac{x^{2}}{2}}"),
    ("(x + 1)**2", "(x + 1)^{2}"),
    ("(x**2)**beta", r"(x^{2})^{\beta}"),
    ("x - (x + 1)", "x - (x + 1)"),
    ("x - -3 * x", r"x + 3 \, x"),
    ("-(x + 1)", "-(x + 1)"),
    ("(-x) * x", r"(-x) \, x"),
    ("|x| * floor(x)", r"|x| \, \lfloor x \rfloor"),
    ("tanh(x / 2)", r"\tanh\left(\frac{x}{2}\right)"),
    ("atan(x) + sgn(x)", r"\arctan(x) + \operatorname{sgn}(x)"),
    ("1.0507009873554804934193349852946 * x", r"1.05070\ldots \, x"),
    ("0.00012345678912 * x", r"0.000123456\ldots \, x"),
    ("beta1 * x + beta_2", r"\beta_{1} \, x + \beta_{2}"),
    ("max_value * x", r"\mathrm{max\_value} \, x"),
    ("a * x + negative_slope", r"a \, x + \mathrm{negative\_slope}"),
    ("row_sum(exp(x))", r"\sum_{j} e^{x_{j}}"),
    ("x - row_anchor(x)", r"x_{i} - \max_{j} x_{j}"),
    ("exp(x - row_anchor(x)) / row_sum(exp(x - row_anchor(x)))", r"\frac{e^{x_{i}}}{\sum_{j} e^{x_{j}}}"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "written"), WRITTEN, ids=[f for f, _ in WRITTEN])
def test_notation(formula: str, written: str) -> None:
    assert latex(parse(formula)) == written


def test_cases_on_one_line() -> None:
    written = latex(parse("where(x > 0, x, alpha)"), cases=False)
    assert written == r"\{x\ \mathrm{if}\ x > 0;\ \alpha\ \mathrm{otherwise}\}"


@pytest.mark.parametrize("node", [*(d.formula for d in DEFINITIONS.values()), *(parse(f) for f, _ in WRITTEN)], ids=str)
def test_matplotlib_sets_every_formula(node: nodes.Node) -> None:
    MathTextParser("path").parse(f"${latex(node, cases=False)}$")


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda d: d.name)
def test_braces_and_environments_balance(definition: object) -> None:
    written = latex(definition.formula)  # type: ignore[attr-defined]
    assert written.count("{") == written.count("}")
    assert written.count(r"\left") == written.count(r"\right")
    assert written.count(r"\begin") == written.count(r"\end")


def test_every_operation_has_a_notation_and_every_box_is_set() -> None:
    language = {*nodes.LEAVES, *nodes.OPERATIONS, *nodes.COMPARISONS, *nodes.ROW_OPERATIONS}
    assert set(notation.RULES) == language
    assert set(notation.RULES) != language | {"planted"}
    assert set(target.SETTERS) == notation.KINDS


def test_a_dropped_parenthesis_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notation, "at_least", lambda box, binding: box)
    with pytest.raises(AssertionError):
        test_notation("x - (x + 1)", "x - (x + 1)")
