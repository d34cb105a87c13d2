"""Formulas typed by users: what they mean, what is refused and where, and that printing is the inverse of parsing."""

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonlin.catalog import DEFINITIONS
from nonlin.errors import FormulaError
from nonlin.expression import nodes, text
from nonlin.expression.formula import COUNTS, FUNCTIONS, SYNONYMS, parse, to_text
from nonlin.expression.nodes import Node, apply, constant, decimal, parameter, select, x

a = parameter("a")

MEANINGS: list[tuple[str, Node]] = [
    ("x * tanh(softplus(x))", x * apply("tanh", apply("softplus", x))),
    ("max(0, x) + a*min(0, x)", apply("maximum", 0, x) + a * apply("minimum", 0, x)),
    ("where(x > 0, x, a*(exp(x)-1))", select(nodes.less(0, x), x, a * (apply("exp", x) - 1))),
    ("x if x > 0 else 0.01*x", select(nodes.less(0, x), x, decimal("0.01") * x)),
    ("x**2", x**2),
    ("x^2", x**2),
    ("x²/x³", x**2 / x**3),
    ("-x^2", -(x**2)),
    ("2^x^a", nodes.power(2, x**a)),
    ("0.5*x*(1+erf(x/sqrt(2)))", Fraction(1, 2) * x * (1 + apply("erf", x / apply("sqrt", 2)))),
    ("|x|", apply("abs", x)),
    ("||x| − 1|·2", apply("abs", apply("abs", x) - 1) * 2),
    ("σ(x)", apply("logistic", x)),
    ("sigmoid(x)", apply("logistic", x)),
    ("x*Φ(x) + Phi(x)", x * apply("normal_cdf", x) + apply("normal_cdf", x)),
    ("pi*e", nodes.pi * apply("exp", 1)),
    ("e^x", apply("exp", x)),
    ("1e-3*x", decimal("0.001") * x),
    (".5*x", decimal("0.5") * x),
    ("max(x, 1, 2)", apply("maximum", apply("maximum", x, 1), 2)),
    ("where(0 < x <= 1, x, a)", select(nodes.less(0, x), select(nodes.less_equal(x, 1), x, a), a)),
    ("where(x < 0 or x >= 1, x, a)", select(nodes.less(x, 0), x, select(nodes.less_equal(1, x), x, a))),
    ("where(not x != a, x, a)", select(nodes.equal(x, a), x, a)),
    ("  x\n + 1 ", x + 1),
    ("+x", x),
]


@pytest.mark.parametrize(("formula", "meaning"), MEANINGS, ids=[f for f, _ in MEANINGS])
def test_meaning(formula: str, meaning: Node) -> None:
    assert parse(formula) is meaning


def test_decimals_are_exact() -> None:
    assert parse("0.044715").value == Fraction(44715, 10**6)
    assert parse("0.044715") is not constant(0.044715)


def test_other_names_become_parameters() -> None:
    assert nodes.parameters(parse("alpha * x + negative_slope")) == ("alpha", "negative_slope")


REFUSED: list[tuple[str, int, str]] = [
    ("", 0, "empty"),
    ("x * tahn(x)", 5, "did you mean tanh"),
    ("αβγ + tahn(x)", 7, "tahn is not a function"),
    ("0.25 * x² + tahn(x)", 13, "tahn is not a function"),
    ("x(x + 1)", 1, r"x\*\(…\)"),
    ("2x", 2, "write \\*"),
    ("2 (x)", 1, "write \\*"),
    ("(x)(x)", 4, "write \\*"),
    ("tanh * x", 1, "tanh is a function"),
    ("tanh x", 6, "does not continue"),
    ("x > 0", 1, "where"),
    ("x and 1", 1, "comparison"),
    ("where(x, 1, 2)", 7, "condition"),
    ("x if x > 0", 1, "no else"),
    ("x +", 4, "does not continue"),
    ("x + * 2", 5, "does not continue"),
    ("(x", 1, "never closed"),
    ("x)", 2, "closes nothing"),
    ("|x", 1, "never closed"),
    ("x|", 2, "closes nothing"),
    ("x # y", 3, "'#' has no meaning"),
    ("x.real", 2, "'.' has no meaning"),
    ("x[0]", 2, "no meaning"),
    ("lambda x: x", 9, "no meaning"),
    ("x := 3", 3, "no meaning"),
    ("'x'", 1, "no meaning"),
    ("__import__(x)", 1, "not a function"),
    ("x // 2", 1, "sign"),
    ("True * x", 1, "True is not a number"),
    ("tanh(x, x)", 1, "takes 1 value"),
    ("max(x)", 1, "takes 2 values"),
    ("tanh(*x)", 1, "plain values"),
    ("1e999999", 1, "exponent"),
    ("1e1000*1e1000*1e1000*1e1000*x", 1, "too large"),
    ("9" * 5000, 1, "digits"),
    ("x" * 20_000, 0, "at most"),
    ("x" * 10_000_000, 0, "at most"),
    ("-" * 1_500 + "x", 202, "nests"),
    ("+".join("x" * 900), 1, "nests"),
    ("-" * 9_000 + "x", 2_001, "too long"),
    ("(" * 900 + "x" + ")" * 900, 201, "nests"),
]


@pytest.mark.parametrize(("formula", "column", "says"), REFUSED, ids=[f[:20] for f, _, _ in REFUSED])
def test_refusals_point_at_the_column(formula: str, column: int, says: str) -> None:
    started = time.perf_counter()
    with pytest.raises(FormulaError, match=says) as refused:
        parse(formula)
    assert time.perf_counter() - started < 1
    assert len(str(refused.value)) < 1_500
    if column:
        rule, shown, caret, *_ = str(refused.value).split("\n")
        assert f"(column {column})" in rule
        at = caret.index("^")
        assert shown[at : at + 1] == formula[column - 1 : column]


def test_nothing_is_evaluated() -> None:
    for attack in (
        "__import__('os').system('true')",
        "(lambda: 1)()",
        "[c for c in ()]",
        "open(x)",
        "exec(x)",
        "f'{x}'",
    ):
        with pytest.raises(FormulaError):
            parse(attack)


def test_a_formula_must_be_text() -> None:
    with pytest.raises(FormulaError, match="text"):
        parse(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "printed"),
    [
        (x * apply("tanh", apply("softplus", x)), "x * tanh(softplus(x))"),
        (apply("maximum", x, 0), "max(x, 0)"),
        (select(nodes.less(0, x), x, a * apply("expm1", x)), "where(x > 0, x, a * expm1(x))"),
        (select(nodes.less(a, x), x, 0), "where(a < x, x, 0)"),
        (decimal("0.044715") * x**3, "0.044715 * x**3"),
        (constant(Fraction(1, 3)) * x, "1/3 * x"),
        (x * constant(Fraction(1, 3)), "x * (1/3)"),
        (x - (x - 1), "x - (x - 1)"),
        ((x - x) - 1, "x - x - 1"),
        ((x**2) ** a, "(x**2)**a"),
        (-(x * x), "-(x * x)"),
        ((-x) * x, "-x * x"),
        (nodes.power(constant(-2), x), "(-2)**x"),
        (nodes.power(-x, 2), "(-x)**2"),
        (x ** (-a), "x**-a"),
        (constant(10**300) * x, "1e300 * x"),
    ],
)
def test_printing(node: Node, printed: str) -> None:
    assert to_text(node) == printed
    assert parse(printed) is node


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda d: d.name)
def test_every_definition_prints_and_parses_back(definition: object) -> None:
    formula = definition.formula  # type: ignore[attr-defined]
    assert parse(to_text(formula)) is formula


CONSTANTS = st.one_of(st.fractions(max_denominator=1000), st.floats(-1e6, 1e6), st.decimals(-9, 9, places=6)).map(
    lambda v: constant(Fraction(v))
)
LEAVES = st.one_of(CONSTANTS, st.sampled_from([x, nodes.pi, a, parameter("negative_slope"), parameter("alpha")]))
OPERATIONS = {op: n for op, n in COUNTS.items() if op != "select"}


def _grow(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    plain = st.sampled_from(sorted(OPERATIONS)).flatmap(
        lambda op: st.tuples(*[children] * OPERATIONS[op]).map(lambda values: apply(op, *values))
    )
    tests = st.builds(
        lambda op, p, q: nodes.make(op, p, q), st.sampled_from(sorted(nodes.COMPARISONS)), children, children
    )
    return st.one_of(plain, st.builds(select, tests, children, children))


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=12)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(EXPRESSIONS)
def test_printing_is_the_inverse_of_parsing(node: Node) -> None:
    assert parse(to_text(node)) is node


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet="x0.5+-*/^()|,<>= eatnhσ²if\n\0é", max_size=30))
def test_any_text_gives_a_node_or_a_formula_error(formula: str) -> None:
    try:
        node = parse(formula)
    except FormulaError:
        return
    assert parse(to_text(node)) is node


def test_a_planted_misprint_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(text.INFIX, "sub", (" - ", text.ADDS, text.ADDS, text.ADDS))
    with pytest.raises(AssertionError):
        test_printing(x - (x - 1), "x - (x - 1)")


def test_every_operation_can_be_printed_and_typed() -> None:
    language = {*nodes.OPERATIONS, *nodes.COMPARISONS, *nodes.ROW_OPERATIONS}
    assert set(text.COVERED) == language
    assert set(text.COVERED) != language | {"planted"}
    assert set(FUNCTIONS.values()) <= language
    assert set(SYNONYMS.values()) <= language
    assert set(text.CALLS.values()) <= set(FUNCTIONS)
