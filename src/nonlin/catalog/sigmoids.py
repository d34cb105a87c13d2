"""S-shaped activations with two horizontal asymptotes."""

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import (
    absolute,
    less,
    logistic,
    logistic_slope,
    normal_cdf,
    parameter,
    select,
    sign,
    sqrt,
    tanh,
    x,
)

FAMILY = "sigmoids"

SIGMOID = Definition(
    name="sigmoid",
    title="Sigmoid (logistic)",
    family=FAMILY,
    formula=logistic(x),
    summary="Squeezes any number into (0, 1), read as the probability of yes.",
    reference=Reference("Rumelhart, Hinton, Williams", 1986, "Learning representations by back-propagating errors",
                        "https://doi.org/10.1038/323533a0"),
    aliases=also_known_as(torch="Sigmoid", functional="sigmoid", keras="sigmoid", jax="sigmoid", onnx="Sigmoid",
                          transformers="sigmoid", sklearn="logistic", timm="sigmoid", mlx="sigmoid",
                          tinygrad="sigmoid", also=["logistic", "expit"]),
    pros=("Its output is a probability.", "Smooth, with a gradient everywhere."),
    cons=("Saturates: beyond about ±3 its gradient is small, and stacked layers make the gradient vanish.",
          "Its output is never negative, so it is not centred on zero and gradients of a layer share one sign.",
          "Its derivative never exceeds 0.25."),
    used_in=("Output of binary and multilabel classifiers", "Gates of LSTM and GRU"),
    use_when="The output layer of a binary or multilabel classifier (with the loss on logits), or a gate.",
    avoid_when="Hidden layers of deep networks: the gradient vanishes.",
    roles=("output", "gate"),
    torch_module="Sigmoid",
)  # fmt: skip

TANH = Definition(
    name="tanh",
    title="Tanh (hyperbolic tangent)",
    family=FAMILY,
    formula=tanh(x),
    summary="Squeezes any number into (−1, 1), centred on zero.",
    reference=Reference("LeCun, Bottou, Orr, Müller", 1998, "Efficient backprop",
                        "https://doi.org/10.1007/3-540-49430-8_2"),
    aliases=also_known_as(torch="Tanh", functional="tanh", keras="tanh", jax="tanh", onnx="Tanh",
                          transformers="tanh", sklearn="tanh", timm="tanh", mlx="tanh", tinygrad="tanh",
                          also=["hyperbolic_tangent"]),
    pros=("Centred on zero, so the next layer's inputs are too.", "A gradient four times as steep as the sigmoid's."),
    cons=("Saturates on both sides: the gradient vanishes for large inputs.",),
    used_in=("Hidden state of recurrent networks", "Outputs in (−1, 1)"),
    use_when="The hidden state of a recurrent network.",
    avoid_when="Hidden layers of deep feedforward networks: the gradient vanishes.",
    roles=("recurrent", "output"),
    torch_module="Tanh",
)  # fmt: skip

_DISTANCE = 1 + absolute(x)

SOFTSIGN = Definition(
    name="softsign",
    title="Softsign",
    family=FAMILY,
    formula=x / (1 + absolute(x)),
    forms=(
        Form((), select(less(absolute(x), 1), x / _DISTANCE, sign(x) * (1 - 1 / _DISTANCE))),
        Form(("x",), 1 / _DISTANCE / _DISTANCE),
    ),
    summary="The input over one plus its size: an S shape that approaches ±1 slowly.",
    reference=Reference("Bergstra, Desjardins, Lamblin, Bengio", 2009,
                        "Quadratic polynomials learn better image features"),
    aliases=also_known_as(torch="Softsign", functional="softsign", keras="softsign", jax="soft_sign", onnx="Softsign",
                          mlx=["Softsign", "softsign"], tinygrad="softsign", also=["soft_sign", "elliotsig"]),
    pros=("No exponential to compute.", "Saturates later than tanh."),
    cons=("Saturates all the same.", "Its curvature jumps at 0."),
    used_in=("Deep networks before ReLU",),
    use_when="A cheap, centred output in (−1, 1) is wanted.",
    avoid_when="Hidden layers of deep feedforward networks: the gradient vanishes.",
    torch_module="Softsign",
)  # fmt: skip

LAPLACE = Definition(
    name="laplace",
    title="Laplace gate of Mega",
    family=FAMILY,
    formula=normal_cdf((x - parameter("mu")) / parameter("sigma")),
    parameters=(Parameter("mu", 0.707107, "where it is 1/2"),
                Parameter("sigma", 0.282095, "width of the step", low=0.0, open_low=True)),
    summary="A normal distribution function, shifted and steepened to follow the square of ReLU.",
    reference=Reference("Ma, Zhou, Kong, He, Gui, Neubig, May, Zettlemoyer", 2022,
                        "Mega: moving average equipped gated attention", "https://arxiv.org/abs/2209.10655"),
    aliases=also_known_as(transformers="laplace"),
    pros=("Bounded, with a bounded gradient, where the square of ReLU grows.",),
    cons=("Not a Laplace distribution, whatever its name says.", "Saturates on both sides."),
    used_in=("The attention of Mega",),
    use_when="Attention weights without a softmax.",
    avoid_when="Hidden layers.",
    roles=("gate",),
    torch_module="Laplace",
)  # fmt: skip

_PENALTY = select(less(0, x), 1, parameter("a"))

PENALIZED_TANH = Definition(
    name="penalized_tanh",
    title="Penalised tanh",
    family=FAMILY,
    formula=select(less(0, x), tanh(x), parameter("a") * tanh(x)),
    forms=(Form(("x", "x"), -8 * (_PENALTY * tanh(x)) * logistic_slope(2 * x)),),
    parameters=(Parameter("a", 0.25, "factor for negative inputs"),),
    summary="Tanh with its negative side scaled down, as leaky ReLU does with the line.",
    reference=Reference("Xu, Huang, Li", 2016, "Revise saturated activation functions",
                        "https://arxiv.org/abs/1602.05980"),
    aliases=also_known_as(also=["penalised_tanh"]),
    pros=("Stable across learning rates in networks for text.",),
    cons=("Saturates on both sides.", "A corner at 0."),
    used_in=("Networks for text",),
    use_when="A recurrent network would use tanh.",
    avoid_when="Very deep feedforward networks.",
    torch_module="PenalizedTanh",
)  # fmt: skip

_ALPHA, _SIZE = parameter("alpha"), absolute(x)
_ISRU_PAPER = Reference("Carlile, Delamarter, Kinney, Marti, Whitney", 2017,
                        "Improving deep learning by inverse square root linear units (ISRLUs)",
                        "https://arxiv.org/abs/1710.09967")  # fmt: skip
_NEAR, _FAR = 1 + _ALPHA * (x * x), _ALPHA + 1 / x / x  # 1 + αx² = _NEAR = x² · _FAR, which cannot overflow

ISRU = Definition(
    name="isru",
    title="ISRU (inverse square root unit)",
    family=FAMILY,
    formula=x / sqrt(1 + _ALPHA * (x * x)),
    forms=(
        Form((), select(less(_SIZE, 1), x / sqrt(_NEAR), sign(x) / sqrt(_FAR))),
        Form(("x",), select(less(_SIZE, 1), 1 / (_NEAR * sqrt(_NEAR)),
                            1 / (_FAR * sqrt(_FAR)) / _SIZE / _SIZE / _SIZE)),
        Form(("x", "x"), select(less(_SIZE, 1), -3 * _ALPHA * x / (_NEAR * _NEAR * sqrt(_NEAR)),
                                -(sign(x) * (3 * _ALPHA / (_FAR * _FAR * sqrt(_FAR)) / x / x / x / x)))),
    ),
    parameters=(Parameter("alpha", 1.0, "1/√alpha is the value at infinity", low=0.0, open_low=True),),
    summary="An S shape from one inverse square root.",
    reference=_ISRU_PAPER,
    aliases=also_known_as(echo="isru"),
    pros=("No exponential to compute.", "Smooth."),
    cons=("Saturates on both sides.",),
    used_in=("Recurrent networks on small processors",),
    use_when="Tanh is too expensive.",
    avoid_when="Hidden layers of deep feedforward networks: the gradient vanishes.",
    torch_module="ISRU",
)  # fmt: skip
