"""MathML: well-formed, of the right shape, and safe whatever a parameter is called."""

import xml.etree.ElementTree as ET

import pytest

from nonlin.catalog import DEFINITIONS
from nonlin.emit import mathml as target
from nonlin.emit import notation
from nonlin.emit.mathml import mathml
from nonlin.expression import nodes
from nonlin.expression.formula import parse

SPACE = "{http://www.w3.org/1998/Math/MathML}"
INVISIBLE = str.maketrans("", "", "\u2061\u2062")
# How many children each element must have.
CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "msqrt": 1, "munder": 2, "mi": 0, "mn": 0, "mo": 0, "mtext": 0}


def read(formula: str) -> ET.Element:
    return ET.fromstring(mathml(parse(formula)))


def seen(formula: str) -> str:
    """What a reader sees, without layout."""
    return "".join(read(formula).itertext()).translate(INVISIBLE)


@pytest.mark.parametrize("node", [*(d.formula for d in DEFINITIONS.values()), parse("x**2/sqrt(|x|+1)")], ids=str)
def test_well_formed(node: nodes.Node) -> None:
    root = ET.fromstring(mathml(node))
    assert root.tag == SPACE + "math"
    assert root.get("display") == "block"
    for element in root.iter():
        name = element.tag.removeprefix(SPACE)
        assert len(element) == CHILDREN.get(name, len(element)), name
        assert name in CHILDREN or not (element.text or "").strip()


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x * tanh(softplus(x))", "xtanh(softplus(x))"),
        ("x * sigmoid(beta * x)", "xσ(βx)"),
        ("x - (x + 1)", "x−(x+1)"),
        ("where(x > 0, x, negative_slope * x)", "{xif\xa0x>0axotherwise"),
        ("exp(x - row_anchor(x)) / row_sum(exp(x - row_anchor(x)))", "exi∑jexj"),
        ("0.5 * -x", "0.5(−x)"),
    ],
)
def test_reads(formula: str, text: str) -> None:
    assert seen(formula) == text


def test_elements() -> None:
    assert [e.tag.removeprefix(SPACE) for e in read("x**2 / sqrt(x)").iter()][1:] == \
        ["mfrac", "msup", "mi", "mn", "msqrt", "mi"]  # fmt: skip
    table = read("where(x > 1, 1, where(x < 0, 0, x))").find(f".//{SPACE}mtable")
    assert table is not None
    assert len(table) == 3


def test_names_are_escaped() -> None:
    root = ET.fromstring(mathml(nodes.parameter("<b>&") * nodes.x))
    assert "<b>&" in "".join(root.itertext())


def test_every_box_is_set() -> None:
    assert set(target.SETTERS) == notation.KINDS
    assert set(target.SETTERS) != notation.KINDS | {"planted"}
