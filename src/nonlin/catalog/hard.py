"""Straight lines and parabolas in place of smooth curves, for processors to which an exponential is expensive."""

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import Node, absolute, expm1, less, less_equal, maximum, minimum, parameter, select, x

FAMILY = "hard"

_MOBILENET = Reference("Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam", 2019,
                       "Searching for MobileNetV3", "https://arxiv.org/abs/1905.02244")  # fmt: skip


def _clipped(u: Node, low: Node | int, high: Node | int) -> Node:
    return minimum(maximum(u, low), high)


HARDTANH = Definition(
    name="hardtanh",
    title="Hard tanh",
    family=FAMILY,
    formula=_clipped(x, parameter("min_val"), parameter("max_val")),
    parameters=(Parameter("min_val", -1.0, "smallest output"), Parameter("max_val", 1.0, "largest output")),
    summary="A straight line, cut off at −1 and 1.",
    reference=Reference("Collobert", 2004, "Large scale machine learning (PhD thesis, Université Paris VI)"),
    aliases=also_known_as(torch="Hardtanh", functional="hardtanh", keras="hard_tanh", jax="hard_tanh",
                          mlx=["HardTanh", "hard_tanh"], tinygrad="hardtanh"),
    pros=("Cheaper than tanh.", "Centred on zero."),
    cons=("No gradient at all where it is cut off.",),
    used_in=("Binary networks", "Early text taggers"),
    use_when="Tanh is too expensive, or values must stay in an interval.",
    avoid_when="Deep networks: units beyond ±1 stop learning.",
    torch_module="Hardtanh",
)  # fmt: skip

HARD_SIGMOID = Definition(
    name="hard_sigmoid",
    title="Hard sigmoid (slope 1/6)",
    family=FAMILY,
    formula=_clipped((x + 3) / 6, 0, 1),
    forms=(Form((), select(less(absolute(x), 3), (x + 3) / 6, select(less(x, 0), 0, 1))),),
    summary="A straight line from 0 at −3 to 1 at 3 in place of the sigmoid.",
    reference=_MOBILENET,
    aliases=also_known_as(torch="Hardsigmoid", functional="hardsigmoid", keras="hard_sigmoid", jax="hard_sigmoid",
                          timm="hard_sigmoid", tinygrad="hardsigmoid"),
    pros=("Cheaper than the sigmoid, and exactly 0 and 1 at its ends.",),
    cons=("No gradient beyond ±3.", "Three different functions have this name: check the slope."),
    used_in=("Squeeze-and-excitation blocks of MobileNetV3",),
    use_when="A gate must be cheap.",
    avoid_when="The output must be a probability that is never exactly 0 or 1.",
    roles=("gate",),
    torch_module="Hardsigmoid",
)  # fmt: skip

_LINE = parameter("alpha") * x + parameter("beta")
_LINE_BELOW_ONE = parameter("alpha") * x + (parameter("beta") - 1)

HARD_SIGMOID_LINE = Definition(
    name="hard_sigmoid_line",
    title="Hard sigmoid (any slope, 0.2 by default)",
    family=FAMILY,
    formula=_clipped(_LINE, 0, 1),
    # The sign of αx + (β − 1) is right where αx + β rounds to 1.
    forms=(Form((), select(less_equal(_LINE, 0), 0, select(less(_LINE_BELOW_ONE, 0), _LINE, 1))),),
    parameters=(Parameter("alpha", 0.2, "slope"), Parameter("beta", 0.5, "value at 0")),
    summary="The line αx + β, cut off at 0 and 1.",
    reference=Reference("Theano Development Team", 2016,
                        "Theano: a Python framework for fast computation of mathematical expressions",
                        "https://arxiv.org/abs/1605.02688"),
    aliases=also_known_as(onnx="HardSigmoid", also=["keras2.hard_sigmoid", "theano.hard_sigmoid",
                                                    "hard_sigmoid_onnx"]),
    pros=("Covers every hard sigmoid in use by its two numbers.",),
    cons=("Not the function PyTorch, JAX and Keras 3 call by this name.",),
    used_in=("Recurrent layers of Keras 1 and 2",),
    use_when="A network was trained with it.",
    avoid_when="A new network: the slope 1/6 is what processors' libraries have.",
    roles=("gate",),
    torch_module="HardSigmoidLine",
)  # fmt: skip

SPARSE_SIGMOID = Definition(
    name="sparse_sigmoid",
    title="Sparse sigmoid (hard sigmoid of slope 1/2)",
    family=FAMILY,
    formula=_clipped((x + 1) / 2, 0, 1),
    forms=(Form((), select(less(absolute(x), 1), (x + 1) / 2, select(less(x, 0), 0, 1))),),
    summary="A straight line from 0 at −1 to 1 at 1: sparsemax of two classes.",
    reference=Reference("Blondel, Martins, Niculae", 2019, "Learning with Fenchel-Young losses",
                        "https://arxiv.org/abs/1901.02324"),
    aliases=also_known_as(keras="sparse_sigmoid", jax="sparse_sigmoid", torch_activation="HardSigmoid",
                          also=["hard_sigmoid_binarynet", "binaryconnect.hard_sigmoid"]),
    pros=("Gives probabilities that are exactly 0 and 1 where the score is clear.",),
    cons=("No gradient beyond ±1, unless its own loss is used.",),
    used_in=("Binary networks",),
    use_when="Together with the matching Fenchel-Young loss, or to binarise stochastically.",
    avoid_when="Hidden layers.",
    roles=("output", "gate"),
    torch_module="SparseSigmoid",
)  # fmt: skip

HARDSWISH = Definition(
    name="hardswish",
    title="Hard swish",
    family=FAMILY,
    formula=select(less_equal(x, -3), 0, select(less(x, 3), x * (x + 3) / 6, x)),
    summary="The input times a hard sigmoid: swish without an exponential.",
    reference=_MOBILENET,
    aliases=also_known_as(torch="Hardswish", functional="hardswish", keras=["hard_silu", "hard_swish"],
                          jax=["hard_silu", "hard_swish"], onnx="HardSwish", transformers="hardswish",
                          timm="hard_swish", mlx="hardswish", tinygrad="hardswish"),
    pros=("Nearly swish at the price of ReLU.",),
    cons=("No gradient below −3.", "A corner in the slope at ±3."),
    used_in=("MobileNetV3",),
    use_when="A small processor must run a network that would use swish.",
    avoid_when="Exponentials are cheap.",
    torch_module="Hardswish",
)  # fmt: skip

HARD_MISH = Definition(
    name="hard_mish",
    title="Hard mish",
    family=FAMILY,
    formula=select(less_equal(x, -2), 0, select(less(x, 0), x * (x + 2) / 2, x)),
    summary="The identity for positive inputs and a parabola between −2 and 0: mish without an exponential.",
    reference=Reference("Misra", 2020, "H-Mish", "https://github.com/digantamisra98/H-Mish"),
    aliases=also_known_as(timm="hard_mish", also=["h_mish"]),
    pros=("Mish's dip at the price of ReLU.",),
    cons=("No gradient below −2.", "A corner in the slope at −2."),
    used_in=("Detectors on small processors",),
    use_when="A small processor must run a network that would use mish.",
    avoid_when="Exponentials are cheap.",
    torch_module="HardMish",
)  # fmt: skip

HARD_ELISH = Definition(
    name="hard_elish",
    title="Hard ELiSH",
    family=FAMILY,
    formula=select(less_equal(x, -1), 0,
                   select(less(x, 0), expm1(x) * (x + 1) / 2, select(less(x, 1), x * (x + 1) / 2, x))),
    summary="ELiSH with a hard sigmoid of slope 1/2 as its gate.",
    reference=Reference("Basirat, Roth", 2018, "The quest for the golden activation function",
                        "https://arxiv.org/abs/1808.00783"),
    aliases=also_known_as(echo="hard_elish"),
    pros=("Found by a search over formulas to do well on images.",),
    cons=("Three corners in the slope or curvature.", "No gradient below −1."),
    used_in=("The study that found it",),
    use_when="The study is to be repeated.",
    avoid_when="Anything else: simpler functions do as well.",
    torch_module="HardELiSH",
)  # fmt: skip
