"""Activations whose shape, not only a slope, is learned."""

from fractions import Fraction

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import absolute, apply, equal, less, parameter, pi, select, x

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
