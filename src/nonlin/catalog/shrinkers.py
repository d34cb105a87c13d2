"""Activations that set small inputs to zero, or nearly, and keep large ones."""

from fractions import Fraction

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.catalog.series import polynomial, tanh_coefficients
from nonlin.expression.nodes import Node, absolute, less, parameter, select, tanh, x

FAMILY = "shrinkers"

_WAVELETS = Reference("Donoho, Johnstone", 1994, "Ideal spatial adaptation by wavelet shrinkage",
                      "https://doi.org/10.1093/biomet/81.3.425")  # fmt: skip
_LAMBDA = parameter("lambd")
_NO_DENOISING = "Hidden layers of classifiers: what is small is not noise there."


def _shrunk(amount: Node) -> Node:
    """Inputs within ±λ become 0, the others come closer to 0 by `amount`."""
    return select(less(_LAMBDA, x), x - amount, select(less(x, -_LAMBDA), x + amount, 0))


def _half_width(default: float) -> Parameter:
    return Parameter("lambd", default, "inputs within ± this become 0", low=0.0, open_low=True)


HARDSHRINK = Definition(
    name="hardshrink",
    title="Hard shrink",
    family=FAMILY,
    formula=select(less(_LAMBDA, absolute(x)), x, 0),
    parameters=(_half_width(0.5),),
    summary="Sets inputs within ±λ to zero and keeps all others unchanged.",
    reference=_WAVELETS,
    aliases=also_known_as(torch="Hardshrink", functional="hardshrink", keras="hard_shrink", addons="hardshrink",
                          mlx=["HardShrink", "hard_shrink"]),
    pros=("Removes small values without touching large ones.",),
    cons=("Jumps at ±λ.", "No gradient for small inputs."),
    used_in=("Denoising by wavelets", "Sparse codes"),
    use_when="Small coefficients are noise and large ones must stay as they are.",
    avoid_when=_NO_DENOISING,
    torch_module="Hardshrink",
)  # fmt: skip

SOFTSHRINK = Definition(
    name="softshrink",
    title="Soft shrink",
    family=FAMILY,
    formula=_shrunk(_LAMBDA),
    parameters=(_half_width(0.5),),
    summary="Moves every input towards zero by λ, and stops there.",
    reference=Reference("Donoho", 1995, "De-noising by soft-thresholding", "https://doi.org/10.1109/18.382009"),
    aliases=also_known_as(torch="Softshrink", functional="softshrink", keras="soft_shrink", addons="softshrink",
                          mlx=["Softshrink", "softshrink"], also=["soft_threshold"]),
    pros=("Continuous, and the exact step of gradient descent with an L1 penalty.",),
    cons=("Large values are shrunk as well.", "No gradient for small inputs."),
    used_in=("Unrolled sparse coding", "Denoising"),
    use_when="Each layer is one step of a sparse-coding algorithm.",
    avoid_when=_NO_DENOISING,
    torch_module="Softshrink",
)  # fmt: skip

SHRINK = Definition(
    name="shrink",
    title="Shrink (hard and soft in one)",
    family=FAMILY,
    formula=_shrunk(parameter("bias")),
    parameters=(_half_width(0.5), Parameter("bias", 0.0, "how far the other inputs move towards 0")),
    summary="Sets inputs within ±λ to zero and moves all others towards zero by a bias.",
    reference=_WAVELETS,
    aliases=also_known_as(onnx="Shrink"),
    pros=("Hard shrink for bias 0, soft shrink for bias λ.",),
    cons=("Jumps at ±λ unless the bias is λ.",),
    used_in=("Networks exchanged as ONNX files",),
    use_when="A network was trained with it.",
    avoid_when=_NO_DENOISING,
    torch_module="Shrink",
)  # fmt: skip

# x − tanh x = x³ (1/3 − 2x²/15 + …): below 0.2 the series, where the difference would cancel.
_ODD = [-coefficient for coefficient in tanh_coefficients(26)[3::2]]

TANHSHRINK = Definition(
    name="tanhshrink",
    title="Tanh shrink",
    family=FAMILY,
    formula=x - tanh(x),
    forms=(Form((), select(less(absolute(x), Fraction(1, 5)), x * x * x * polynomial(x * x, _ODD), x - tanh(x))),),
    summary="The input minus its tanh: flat near zero, a line far from it.",
    reference=Reference("Collobert, Kavukcuoglu, Farabet", 2011,
                        "Torch7: a Matlab-like environment for machine learning"),
    aliases=also_known_as(torch="Tanhshrink", functional="tanhshrink", keras="tanh_shrink", addons="tanhshrink"),
    pros=("A smooth shrinker.",),
    cons=("Hardly any gradient near zero, where the inputs of a normalised layer are.",),
    used_in=("Sparse codes",),
    use_when="A sparse code needs a smooth shrinker.",
    avoid_when=_NO_DENOISING,
    torch_module="Tanhshrink",
)  # fmt: skip
