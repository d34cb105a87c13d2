"""Activations that are a line, or nearly, on the right and an exponential on the left; and the exponential itself."""

from fractions import Fraction

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.catalog.series import exponential_coefficients, polynomial
from nonlin.expression.nodes import Node, decimal, exp, expm1, less, logistic, parameter, select, x

FAMILY = "exponentials"

# The solution of the fixed-point equations of Klambauer et al. (2017) for mean 0 and variance 1, to 31 digits.
SELU_ALPHA = decimal("1.6732632423543772848170429916717")
SELU_SCALE = decimal("1.0507009873554804934193349852946")


def _line_and_exponential(alpha: Node) -> Node:
    return select(less(0, x), x, alpha * expm1(x))


ELU = Definition(
    name="elu",
    title="ELU (exponential linear unit)",
    family=FAMILY,
    formula=_line_and_exponential(parameter("alpha")),
    parameters=(Parameter("alpha", 1.0, "−alpha is the value at minus infinity", low=0.0, open_low=True),),
    summary="A line for positive inputs, a smooth curve down to −α for negative ones.",
    reference=Reference("Clevert, Unterthiner, Hochreiter", 2015,
                        "Fast and accurate deep network learning by exponential linear units (ELUs)",
                        "https://arxiv.org/abs/1511.07289"),
    aliases=also_known_as(torch="ELU", functional="elu", keras="elu", jax="elu", onnx="Elu",
                          keras_layers="ELU", timm="elu", mlx=["ELU", "elu"], tinygrad="elu",
                          also=["exponential_linear_unit"]),
    pros=("Smooth down to −α, where ReLU has a corner.", "Negative outputs bring the mean closer to zero.",
          "No dead units."),
    cons=("An exponential to compute.", "α is not learned.", "The output grows without bound on the right."),
    used_in=("Image classifiers without batch normalisation",),
    use_when="ReLU units die and there is no batch normalisation.",
    avoid_when="Batch normalisation is used: its advantage disappears.",
    torch_module="ELU",
)  # fmt: skip

SELU = Definition(
    name="selu",
    title="SELU (scaled exponential linear unit)",
    family=FAMILY,
    formula=SELU_SCALE * _line_and_exponential(SELU_ALPHA),
    summary="ELU scaled so that mean 0 and variance 1 are kept from layer to layer.",
    reference=Reference("Klambauer, Unterthiner, Mayr, Hochreiter", 2017, "Self-normalizing neural networks",
                        "https://arxiv.org/abs/1706.02515"),
    aliases=also_known_as(torch="SELU", functional="selu", keras="selu", jax="selu", onnx="Selu",
                          timm="selu", mlx=["SELU", "selu"], tinygrad="selu", also=["scaled_exponential_linear_unit"]),
    pros=("Normalises itself: no batch normalisation is needed.", "Gradients neither vanish nor explode with depth."),
    cons=("Needs LeCun normal weights, plain dense layers and alpha dropout.",
          "Less explored in convolutional and recurrent networks."),
    used_in=("Deep multilayer perceptrons on tabular data",),
    use_when="A deep, plain multilayer perceptron without normalisation, with LeCun normal weights.",
    avoid_when="Other normalisation, residual connections or ordinary dropout are used.",
    torch_module="SELU",
)  # fmt: skip

_ALPHA = parameter("alpha")
_U = x / _ALPHA
# expm1(u) − u eᵘ = −u² (1/2 + u/3 + u²/8 + …): coefficient (k − 1)/k! of uᵏ
_CELU_SERIES = [-(k - 1) * c for k, c in enumerate(exponential_coefficients(2, 16), start=2)]

CELU = Definition(
    name="celu",
    title="CELU (continuously differentiable ELU)",
    family=FAMILY,
    formula=select(less(0, x), x, _ALPHA * expm1(_U)),
    forms=(
        # For a small quotient x/α, which may underflow, α expm1(x/α) is x.
        Form((), select(less(-Fraction(1, 2**60) * _ALPHA, x), x, _ALPHA * expm1(_U))),
        Form(("x",), select(less(0, x), 1, exp(_U))),
        Form(("alpha",), select(less(0, x), 0, select(
            less(Fraction(-1, 4), _U), _U * _U * polynomial(_U, _CELU_SERIES), expm1(_U) - _U * exp(_U)))),
    ),
    parameters=(Parameter("alpha", 1.0, "−alpha is the value at minus infinity", low=0.0, open_low=True),),
    summary="ELU stretched so that its slope is continuous for every α.",
    reference=Reference("Barron", 2017, "Continuously differentiable exponential linear units",
                        "https://arxiv.org/abs/1704.07483"),
    aliases=also_known_as(torch="CELU", functional="celu", keras="celu", jax="celu", onnx="Celu", timm="celu",
                          mlx=["CELU", "celu"], tinygrad="celu"),
    pros=("Its slope has no jump, whatever α is.", "No dead units."),
    cons=("An exponential to compute.",),
    used_in=("Image classifiers without batch normalisation",),
    use_when="ELU with an α other than 1.",
    avoid_when="Batch normalisation is used: its advantage disappears.",
    torch_module="CELU",
)  # fmt: skip

_GOLDEN = Reference("Basirat, Roth", 2018, "The quest for the golden activation function",
                    "https://arxiv.org/abs/1808.00783")  # fmt: skip

ELISH = Definition(
    name="elish",
    title="ELiSH (exponential linear squashing)",
    family=FAMILY,
    formula=select(less(x, 0), expm1(x), x) * logistic(x),
    forms=(Form((), select(less(x, 0), expm1(x) * logistic(x), x * logistic(x))),),
    summary="Swish for positive inputs, ELU times a sigmoid for negative ones.",
    reference=_GOLDEN,
    aliases=also_known_as(echo="elish", also=["exponential_linear_squashing"]),
    pros=("Found by a search over formulas to do well on images.",),
    cons=("Two exponentials to compute.",),
    used_in=("The study that found it",),
    use_when="The study is to be repeated.",
    avoid_when="Anything else: swish does as well.",
    torch_module="ELiSH",
)  # fmt: skip

_ALPHA_P, _ALPHA_N, _BETA = parameter("alpha_p"), parameter("alpha_n"), parameter("beta")
_SMALL, _OVER_X = less(Fraction(-1, 4), x), x * polynomial(x, list(exponential_coefficients(2, 16)))
_BEYOND_LINE = select(_SMALL, x * _OVER_X, expm1(x) - x)  # which cancels near 0

XIELU = Definition(
    name="xielu",
    title="xIELU (expanded integral of ELU)",
    family=FAMILY,
    formula=select(less(0, x), _ALPHA_P * (x * x) + _BETA * x, _ALPHA_N * (expm1(x) - x) + _BETA * x),
    forms=(
        Form((), select(less(0, x), x * (_ALPHA_P * x + _BETA), select(
            _SMALL, x * (_ALPHA_N * _OVER_X + _BETA), select(
                less(x, -80), (_BETA - _ALPHA_N) * x - _ALPHA_N, _ALPHA_N * (expm1(x) - x) + _BETA * x)))),
        Form(("x",), select(less(0, x), 2 * _ALPHA_P * x + _BETA, _ALPHA_N * expm1(x) + _BETA)),
        Form(("alpha_n",), select(less(0, x), 0, _BEYOND_LINE)),
        Form(("alpha_p",), select(less(0, x), x * x, 0)),
        Form(("beta",), x),
    ),
    parameters=(
        Parameter("alpha_p", 0.8, "curvature for positive inputs", low=0.0, learned=True),
        Parameter("alpha_n", 0.8, "size of the exponential for negative inputs", low=0.0, learned=True),
        Parameter("beta", 0.5, "slope at 0"),
    ),
    summary="A parabola on the right and the integral of an exponential on the left, both learned.",
    reference=Reference("Huang, Schlag", 2024, "Deriving activation functions using integration",
                        "https://arxiv.org/abs/2411.13010"),
    aliases=also_known_as(transformers="xielu"),
    pros=("Its slope grows with the input, as the square of ReLU's does, and does not vanish on the left.",),
    cons=("Two numbers per layer to learn.", "Grows with the square: watch half precision."),
    used_in=("The Apertus language models",),
    use_when="The feed-forward block of a large transformer that is trained from scratch.",
    avoid_when="Small networks: little to gain.",
    torch_module="XIELU",
)  # fmt: skip

EXPONENTIAL = Definition(
    name="exponential",
    title="Exponential",
    family=FAMILY,
    formula=exp(x),
    summary="eˣ: turns any number into a positive one.",
    reference=Reference("Nelder, Wedderburn", 1972, "Generalized linear models", "https://doi.org/10.2307/2344614"),
    aliases=also_known_as(keras="exponential", sklearn="exp"),
    pros=("Positive outputs whose logarithm is linear in the inputs.",),
    cons=("Overflows: beyond 89 in float32.", "Its gradient explodes with its value."),
    used_in=("Output of Poisson regression",),
    use_when="The output is a rate and the loss is Poisson's.",
    avoid_when="Hidden layers: it explodes.",
    roles=("output",),
    torch_module="Exponential",
)  # fmt: skip
