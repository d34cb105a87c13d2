"""Activations whose shape, not only a slope, is learned."""

from fractions import Fraction

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.catalog.quotient import DENOMINATOR, NUMERATOR, forms
from nonlin.expression.nodes import Node, absolute, apply, equal, less, parameter, pi, select, x

FAMILY = "learned"

_ALPHA = parameter("alpha")
_ANGLE = _ALPHA * x
_SINE = apply("sin", _ANGLE)
_LEANING = apply("sin", _ANGLE + pi / 4)  # (sin u + cos u) / √2, which is nearly 0 where 1 + sin 2u is
_TINY = less(absolute(_ANGLE), Fraction(1, 2**30))

SNAKE = Definition(
    name="snake",
    title="Snake",
    family=FAMILY,
    formula=x + _SINE**2 / _ALPHA,
    forms=(
        # x + x = x at 0 and at ±∞ alone: −0 stays −0, and of a bounded wave on a line far out only the line is left.
        Form((), select(equal(x + x, x), x, x + _SINE * _SINE / _ALPHA)),
        # The slope touches 0 again and again; it and the curvature have no limit at ±∞, where they are NaN.
        Form(("x",), 2 * _LEANING * _LEANING),
        Form(("x", "x"), 2 * (_ALPHA * apply("cos", 2 * _ANGLE))),
        Form(("alpha",), select(_TINY, x * x, (x * apply("sin", 2 * _ANGLE) - _SINE * _SINE / _ALPHA) / _ALPHA)),
    ),
    parameters=(Parameter("alpha", 1.0, "frequency of the wave", low=0.0, open_low=True, learned=True),),
    summary="A line with a wave on it that never falls: periodic patterns continue beyond the training data.",
    reference=Reference("Ziyin, Hartwig, Ueda", 2020, "Neural networks fail to learn periodic functions and how to "
                        "fix it", "https://arxiv.org/abs/2006.08195"),
    aliases=also_known_as(addons="snake"),
    pros=("Learns periodic functions, and continues them beyond the data.", "Monotonic, though it waves."),
    cons=("A sine to compute.", "Its gradient is zero at the end of each wave.", "At ±∞ its slope has no limit."),
    used_in=("Vocoders: BigVGAN, the Descript audio codec",),
    use_when="The target is periodic: sound, seasons, daily demand.",
    avoid_when="Nothing in the data repeats.",
    torch_module="Snake",
)  # fmt: skip

# The fit of the leaky ReLU between −3 and 3 that networks start from in the authors' own code (ml-research/pau).
_FITTED = dict(zip((*NUMERATOR, *DENOMINATOR), (
    3.35583603e-02, 5.05000375e-01, 1.65343934, 2.01001052, 9.31901999e-01, 1.52424124e-01,
    3.30847488e-06, 3.98021568, 5.12471206e-07, 3.01830109e-01,
), strict=True))  # fmt: skip


def _coefficient(name: str) -> Parameter:
    power = name[1] if name[1] > "1" else ""
    of = "1" if name[1] == "0" else f"x{'⁰¹²³⁴⁵'[int(power)] if power else ''}"
    part = "numerator" if name in NUMERATOR else "denominator"
    return Parameter(name, _FITTED[name], f"coefficient of {of} in the {part}", learned=True)


def _polynomial(names: tuple[str, ...]) -> Node:
    """The terms a0, a1·x, a2·x², …, as papers write them."""
    total: Node | None = None
    for name in names:
        power = int(name[1])
        term = parameter(name) if not power else parameter(name) * (x if power == 1 else x**power)
        total = term if total is None else total + term
    assert total is not None
    return total


# The promise is measured at these coefficients and with any one of them changed. Where they are trained to, sums may
# cancel; where a5 and b4, or all of b1 … b4, are 0 at once, derivatives lose digits far out, values at ±∞ may be NaN,
# and with no denominator at all so are float64 values beyond 1e77.
PADE = Definition(
    name="pade",
    title="Padé activation unit",
    family=FAMILY,
    formula=_polynomial(NUMERATOR) / (1 + absolute(_polynomial(DENOMINATOR))),
    forms=forms(),
    parameters=tuple(map(_coefficient, _FITTED)),
    summary="A quotient of polynomials whose ten coefficients are learned; its denominator is never zero.",
    reference=Reference("Molina, Schramowski, Kersting", 2019, "Padé activation units: end-to-end learning of "
                        "flexible activation functions in deep networks", "https://arxiv.org/abs/1907.06732"),
    aliases=also_known_as(pau="PAU", also=["rational_activation"]),
    pros=("Learns almost any shape, from where it starts: a leaky ReLU, by default.",),
    cons=("Ten more parameters for each place it is used in.", "Outside the data it grows like a straight line."),
    used_in=("Image classifiers of its authors", "Deep reinforcement learning"),
    use_when="The shape of the activation is to be learned too.",
    avoid_when="The cost counts, or the inputs reach far beyond the range of the training data.",
    torch_module="Pade",
)  # fmt: skip
