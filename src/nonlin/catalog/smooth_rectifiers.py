"""Smooth curves between two straight lines, the left one at zero or nearly."""

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import (
    Node,
    absolute,
    constant,
    exp,
    expm1,
    less,
    less_equal,
    logistic,
    logistic_slope,
    maximum,
    neg,
    parameter,
    select,
    softplus,
    sqrt,
    x,
)

FAMILY = "smooth_rectifiers"

_BETA, _B = parameter("beta"), parameter("b")
_DOUBT = "The output must be positive."


def _root(square: Node | int) -> Node:
    """√(x² + square) without overflow."""
    magnitude = absolute(x)
    return select(less(magnitude, 1), sqrt(x * x + square), magnitude * sqrt(1 + square / x / x))


def _bend(square: Node | int) -> Node:
    """½ square / √(x² + square)³: the second derivative of ½ √(x² + square)."""
    near, far, magnitude = x * x + square, 1 + square / x / x, absolute(x)
    half = square / constant(2)
    tail = half / (far * sqrt(far)) / magnitude / magnitude / magnitude
    return select(less(magnitude, 1), half / (near * sqrt(near)), tail)


def _softplus_in_beta() -> Node:
    """∂/∂β of log(1 + e^βx)/β: minus the entropy of σ(βx), over β², which does not cancel in this form."""
    u = absolute(_BETA * x)
    return -((softplus(-u) + u * logistic(-u)) / _BETA / _BETA)


SOFTPLUS = Definition(
    name="softplus",
    title="Softplus",
    family=FAMILY,
    formula=softplus(_BETA * x) / _BETA,
    forms=(
        Form((), select(less(x, 0), softplus(_BETA * x) / _BETA, x + softplus(-(_BETA * x)) / _BETA)),
        Form(("x",), logistic(_BETA * x)),
        Form(("x", "x"), _BETA * logistic_slope(_BETA * x)),
        Form(("beta",), _softplus_in_beta()),
        Form(("beta", "x"), x * logistic_slope(_BETA * x)),
    ),
    parameters=(Parameter("beta", 1.0, "sharpness; large β approaches ReLU", low=0.0, open_low=True),),
    summary="The logarithm of 1 + eˣ: ReLU with its corner rounded off, positive everywhere.",
    reference=Reference("Dugas, Bengio, Bélisle, Nadeau, Garcia", 2000,
                        "Incorporating second-order functional knowledge for better option pricing"),
    aliases=also_known_as(torch="Softplus", functional="softplus", keras="softplus", jax="softplus", onnx="Softplus",
                          mlx=["Softplus", "softplus"], tinygrad="softplus", also=["smooth_relu", "log1pexp"]),
    pros=("Smooth, with a gradient everywhere.", "Positive: a variance or a rate can come out of it."),
    cons=("An exponential and a logarithm to compute.", "Not centred on zero."),
    used_in=("Outputs that are variances or rates",),
    use_when=_DOUBT,
    avoid_when="Hidden layers of deep networks: its mean is far from zero.",
    roles=("hidden", "output"),
    torch_module="Softplus",
)  # fmt: skip

LOG_SIGMOID = Definition(
    name="log_sigmoid",
    title="Log-sigmoid",
    family=FAMILY,
    formula=neg(softplus(-x)),
    summary="The logarithm of the sigmoid, right where the sigmoid itself underflows.",
    reference=Reference("Cox", 1958, "The regression analysis of binary sequences",
                        "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x"),
    aliases=also_known_as(torch="LogSigmoid", functional="logsigmoid", keras="log_sigmoid", jax="log_sigmoid",
                          mlx=["LogSigmoid", "log_sigmoid"], tinygrad="logsigmoid"),
    pros=("Exact log-probabilities, however unlikely.",),
    cons=("Not a probability: exponentiate to read it.",),
    used_in=("Losses on pairs: word vectors, contrastive learning, preference training",),
    use_when="A loss needs the logarithm of a probability of yes.",
    avoid_when="Hidden layers.",
    roles=("output",),
    torch_module="LogSigmoid",
)  # fmt: skip

_HALF_OVER_SUM = _B / 4 / (_root(_B) / 2 + absolute(x) / 2)  # ½ b / (r + |x|) = ½ (r − |x|), without cancellation

SQUAREPLUS = Definition(
    name="squareplus",
    title="Squareplus",
    family=FAMILY,
    formula=(x + sqrt(x * x + _B)) / 2,
    forms=(
        Form((), select(less(x, 0), _HALF_OVER_SUM, x / 2 + _root(_B) / 2)),
        Form(("x",), select(less(x, 0), _HALF_OVER_SUM / _root(_B), 1 - _HALF_OVER_SUM / _root(_B))),
        Form(("x", "x"), _bend(_B)),
        Form(("b",), constant(1) / 4 / _root(_B)),
        Form(("b", "x"), -(x * (1 / _root(_B) / _root(_B) / _root(_B))) / 4),
    ),
    parameters=(Parameter("b", 4.0, "width of the bend; 0 would be ReLU", low=0.0, open_low=True),),
    summary="A hyperbola between the lines of ReLU: softplus without an exponential.",
    reference=Reference("Barron", 2021, "Squareplus: a softplus-like algebraic rectifier",
                        "https://arxiv.org/abs/2112.11687"),
    aliases=also_known_as(keras="squareplus", jax="squareplus"),
    pros=("Only a square root to compute.", "Smooth and positive."),
    cons=("Approaches its lines slowly.", "Not centred on zero."),
    used_in=("Neural radiance fields",),
    use_when="Softplus would do and exponentials are expensive.",
    avoid_when="The tail must vanish quickly.",
    torch_module="Squareplus",
)  # fmt: skip

SPARSE_PLUS = Definition(
    name="sparse_plus",
    title="Sparse plus",
    family=FAMILY,
    formula=select(less_equal(x, -1), 0, select(less(x, 1), (x + 1) ** 2 / 4, x)),
    summary="ReLU whose corner is a parabola between −1 and 1: softplus with an exact zero.",
    reference=Reference("Blondel, Martins, Niculae", 2019, "Learning with Fenchel-Young losses",
                        "https://arxiv.org/abs/1901.02324"),
    aliases=also_known_as(keras="sparse_plus", jax="sparse_plus"),
    pros=("Exactly zero below −1, smooth slope.",),
    cons=("No gradient below −1.",),
    used_in=("Losses with sparse predictions",),
    use_when="A smooth rectifier must give exact zeros.",
    avoid_when="Units die: it has no gradient below −1.",
    torch_module="SparsePlus",
)  # fmt: skip

_FAR_LEFT = less(x, -40)  # where softplus(x) is eˣ to the last bit
_NOT_FAR = maximum(x, -41)  # keeps the argument of the root from underflowing to 0
# Newton's correction of a rounded softplus: zero in exact arithmetic, the lost digits in a kernel.
_REFINED = select(less(x, 50), softplus(x) + (expm1(-softplus(x)) + exp(x - softplus(x))), x)

SQRT_SOFTPLUS = Definition(
    name="sqrtsoftplus",
    title="Square root of softplus",
    family=FAMILY,
    formula=sqrt(softplus(x)),
    forms=(
        Form((), select(_FAR_LEFT, exp(x / 2), sqrt(softplus(_NOT_FAR)))),
        Form(("x", "x"), select(_FAR_LEFT, exp(x / 2) / 4,
                                (2 * _REFINED * logistic_slope(x) - logistic(x) ** 2) / 4 / _REFINED / sqrt(_REFINED))),
    ),
    summary="The square root of softplus: positive, and growing as √x.",
    reference=Reference("Hugging Face", 2026, "Transformers: activations", "https://github.com/huggingface/transformers"),
    aliases=also_known_as(transformers="sqrtsoftplus", also=["sqrt_softplus"]),
    pros=("Positive, and large scores are damped.",),
    cons=("An exponential, a logarithm and a root to compute.",),
    used_in=("Scores of mixtures of experts",),
    use_when="Scores must be positive without a few large ones deciding everything.",
    avoid_when="Hidden layers.",
    roles=("output",),
    torch_module="SqrtSoftplus",
)  # fmt: skip

_UNIT = _root(1)
_HALF_RECIPROCAL = constant(1) / 2 / (_UNIT + absolute(x))  # ½ (r − |x|)

BENT_IDENTITY = Definition(
    name="bent_identity",
    title="Bent identity",
    family=FAMILY,
    formula=(sqrt(x * x + 1) - 1) / 2 + x,
    forms=(
        Form((), select(less(absolute(x), 1), x * (1 + x / (2 * (_UNIT + 1))),
                        select(less(x, 0), x / 2, constant(3) / 2 * x) + (_HALF_RECIPROCAL - constant(1) / 2))),
        Form(("x",), select(less(x, 0), constant(1) / 2 + _HALF_RECIPROCAL / _UNIT,
                            constant(3) / 2 - _HALF_RECIPROCAL / _UNIT)),
        Form(("x", "x"), _bend(1)),
    ),
    summary="A line that bends at zero from slope 1/2 to slope 3/2.",
    reference=Reference("Kunc, Kléma", 2024, "Three decades of activations: a comprehensive survey of 400 activation "
                        "functions for neural networks", "https://arxiv.org/abs/2402.09092"),
    aliases=also_known_as(echo="bent_id", also=["bent_id"]),
    pros=("Never saturates and is smooth.",),
    cons=("Close to a line: little nonlinearity per layer.",),
    used_in=("Surveys of activation functions",),
    use_when="Other units saturate and the network is deep.",
    avoid_when="Shallow networks: they need more bend.",
    torch_module="BentIdentity",
)  # fmt: skip
