"""Activations that are a line on the right and an exponential on the left."""

from nonlin.catalog.definition import Definition, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import Node, decimal, expm1, less, parameter, select, x

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
                          also=["scaled_exponential_linear_unit"]),
    pros=("Normalises itself: no batch normalisation is needed.", "Gradients neither vanish nor explode with depth."),
    cons=("Needs LeCun normal weights, plain dense layers and alpha dropout.",
          "Less explored in convolutional and recurrent networks."),
    used_in=("Deep multilayer perceptrons on tabular data",),
    use_when="A deep, plain multilayer perceptron without normalisation, with LeCun normal weights.",
    avoid_when="Other normalisation, residual connections or ordinary dropout are used.",
    torch_module="SELU",
)  # fmt: skip
