"""Activations of the form x times a smooth gate of x."""

from nonlin.catalog.definition import Definition, Form, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import (
    decimal,
    exp,
    less,
    less_equal,
    logistic,
    maximum,
    minimum,
    normal_cdf,
    parameter,
    pi,
    select,
    softplus,
    sqrt,
    tanh,
    x,
)

FAMILY = "self_gated"

_GELU_PAPER = Reference("Hendrycks, Gimpel", 2016, "Gaussian error linear units (GELUs)",
                        "https://arxiv.org/abs/1606.08415")  # fmt: skip

SWISH = Definition(
    name="swish",
    title="Swish (SiLU for β = 1)",
    family=FAMILY,
    formula=x * logistic(parameter("beta") * x),
    parameters=(Parameter("beta", 1.0, "steepness of the gate; large β approaches ReLU, 0 a line"),),
    summary="The input times its own sigmoid: a smooth ReLU that dips below zero.",
    reference=Reference("Ramachandran, Zoph, Le", 2017, "Searching for activation functions",
                        "https://arxiv.org/abs/1710.05941"),
    aliases=also_known_as(torch="SiLU", functional="silu", keras=["silu", "swish"], jax=["silu", "swish"],
                          onnx="Swish", transformers=["silu", "swish"], timm=["silu", "swish"], mlx=["SiLU", "silu"],
                          tinygrad=["silu", "swish"], echo=("swish", {"beta": 1.25}), also=["sil"]),
    pros=("Smooth, and not monotonic: small negative inputs still count.",
          "Bounded below and unbounded above, which regularises without saturating."),
    cons=("An exponential to compute.", "Its edge over other smooth functions is within noise."),
    used_in=("EfficientNet", "The gate of SwiGLU in large language models"),
    use_when="Very deep networks (the articles: more than 40 layers).",
    avoid_when="Speed on a small processor matters most.",
    torch_module="SiLU",
)  # fmt: skip

GELU = Definition(
    name="gelu",
    title="GELU (Gaussian error linear unit)",
    family=FAMILY,
    formula=x * normal_cdf(x),
    summary="The input times the chance that a standard normal is below it.",
    reference=_GELU_PAPER,
    aliases=also_known_as(torch="GELU", functional="gelu", keras="gelu", onnx="Gelu",
                          transformers=["gelu", "gelu_python"], timm="gelu", mlx=["GELU", "gelu"],
                          also=["gelu_exact", "gelu_erf"]),
    pros=("Smooth, and the default of most transformers.", "Combines the ideas of dropout, zoneout and ReLU."),
    cons=("Needs the error function.", "Its edge over other smooth functions is within noise."),
    used_in=("BERT, RoBERTa, ALBERT", "Vision transformers"),
    use_when="Transformers.",
    avoid_when="Speed on a small processor matters most.",
    torch_module="GELU",
    variants=(("approximate", "tanh", "gelu_tanh"),),
)  # fmt: skip

GELU_TANH = Definition(
    name="gelu_tanh",
    title="GELU, tanh approximation",
    family=FAMILY,
    formula=x * logistic(2 * (sqrt(2 / pi) * (x + decimal("0.044715") * (x * x * x)))),
    summary="GELU with the normal distribution replaced by a tanh of a cubic; written here with 1 + tanh u = 2σ(2u).",
    reference=_GELU_PAPER,
    aliases=also_known_as(jax="gelu", transformers=["gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh",
                                                    "gelu_python_tanh"],
                          timm="gelu_tanh", addons="gelu", mlx="gelu_approx", tinygrad="gelu",
                          also=["gelu_approximate"]),
    pros=("Close to GELU (within 0.0005) and needs no error function.",),
    cons=("Not the same function: a network trained with one should not be served with the other.",),
    used_in=("GPT-2", "The original BERT code"),
    use_when="A network was trained with it.",
    avoid_when="A network was trained with the exact GELU.",
    torch_module="GELUTanh",
)  # fmt: skip

QUICK_GELU = Definition(
    name="quick_gelu",
    title="GELU, sigmoid approximation",
    family=FAMILY,
    formula=x * logistic(decimal("1.702") * x),
    summary="GELU with the normal distribution replaced by a sigmoid of 1.702 x.",
    reference=_GELU_PAPER,
    aliases=also_known_as(transformers="quick_gelu", timm="quick_gelu", mlx="gelu_fast_approx", tinygrad="quick_gelu",
                          also=["gelu_sigmoid"]),
    pros=("The cheapest of the GELU family.",),
    cons=("Not the same function: it differs from GELU by up to 0.02.",),
    used_in=("CLIP",),
    use_when="A network was trained with it.",
    avoid_when="A network was trained with another GELU.",
    torch_module="QuickGELU",
)  # fmt: skip

GELU_10 = Definition(
    name="gelu_10",
    title="GELU, clipped at 10",
    family=FAMILY,
    formula=minimum(maximum(x * normal_cdf(x), -10), 10),
    # GELU reaches 10 between the number 10 and the next one of any format, and −10 nowhere.
    forms=(Form((), select(less_equal(x, 10), x * normal_cdf(x), 10)),),
    summary="GELU cut off at 10, so that few bits can hold its output.",
    reference=Reference("Wu, Judd, Zhang, Isaev, Micikevicius", 2020,
                        "Integer quantization for deep learning inference: principles and empirical evaluation",
                        "https://arxiv.org/abs/2004.09602"),
    aliases=also_known_as(transformers="gelu_10"),
    pros=("Its range is known, which low-precision arithmetic needs.",),
    cons=("No gradient above 10.",),
    used_in=("Transformers quantised to 8 bits",),
    use_when="A transformer will be quantised to 8 bits.",
    avoid_when="Full precision is at hand.",
    torch_module="GELU10",
)  # fmt: skip

# tanh(log(1 + e)) = ((1 + e)² − 1) / ((1 + e)² + 1) with e = eˣ; for x > 0 as 1 − 2g² / (1 + 2g + 2g²) with g = e⁻ˣ.
_RISING = exp(x) * (exp(x) + 2)
_FALLING = 2 * (exp(-x) * exp(-x)) / (1 + 2 * exp(-x) + 2 * (exp(-x) * exp(-x)))

MISH = Definition(
    name="mish",
    title="Mish",
    family=FAMILY,
    formula=x * tanh(softplus(x)),
    forms=(Form((), select(less_equal(x, 0), x * (_RISING / (_RISING + 2)), x - x * _FALLING)),),
    summary="The input times the tanh of its softplus: much like swish, a little deeper dip.",
    reference=Reference("Misra", 2019, "Mish: a self regularized non-monotonic activation function",
                        "https://arxiv.org/abs/1908.08681"),
    aliases=also_known_as(torch="Mish", functional="mish", keras="mish", jax="mish", onnx="Mish", transformers="mish",
                          timm="mish", addons="mish", mlx=["Mish", "mish"], tinygrad="mish"),
    pros=("Smooth, and not monotonic: small negative inputs still count.",),
    cons=("Three transcendental functions, slow unless they are fused.", "Its edge over swish is within noise."),
    used_in=("YOLOv4",),
    use_when="A detector of the YOLO family is rebuilt.",
    avoid_when="Speed on a small processor matters most.",
    torch_module="Mish",
)  # fmt: skip

TELU = Definition(
    name="telu",
    title="TeLU (hyperbolic tangent exponential linear unit)",
    family=FAMILY,
    formula=x * tanh(exp(x)),
    forms=(Form((), select(less(x, 7), x * tanh(exp(x)), x)),),  # 1 − tanh(e⁷) is 10⁻⁹⁵², and e^(2·e⁷) overflows
    summary="The input times the tanh of its exponential: nearly the identity from 1 on.",
    reference=Reference("Fernandez, Mali", 2024, "TeLU activation function for fast and stable deep learning",
                        "https://arxiv.org/abs/2412.20269"),
    aliases=also_known_as(torch_activation="TanhExp", also=["tanh_exp"]),
    pros=("Nearly linear for positive inputs, so gradients pass unchanged.",),
    cons=("An exponential and a tanh to compute.", "Another function, x·tanh(ELU(x)), has the same name."),
    used_in=("The study that proposed it",),
    use_when="Where mish would do.",
    avoid_when="Speed on a small processor matters most.",
    torch_module="TeLU",
)  # fmt: skip

E_SWISH = Definition(
    name="e_swish",
    title="E-swish",
    family=FAMILY,
    formula=parameter("beta") * x * logistic(x),
    parameters=(Parameter("beta", 1.75, "factor, between 1 and 2"),),
    summary="Swish times a factor.",
    reference=Reference("Alcaide", 2018, "E-swish: adjusting activations to different network depths",
                        "https://arxiv.org/abs/1801.07145"),
    aliases=also_known_as(echo=["eswish", "e_swish"], also=["eswish"]),
    pros=("Larger gradients than swish without another start of the weights.",),
    cons=("A factor before the next layer's weights: the right start of the weights does the same.",),
    used_in=("The study that proposed it",),
    use_when="The study is to be repeated.",
    avoid_when="Anything else: choose swish, and the start of the weights to match.",
    torch_module="ESwish",
)  # fmt: skip

LISHT = Definition(
    name="lisht",
    title="LiSHT (linearly scaled hyperbolic tangent)",
    family=FAMILY,
    formula=x * tanh(x),
    summary="The input times its tanh: symmetric, close to the absolute value.",
    reference=Reference("Roy, Manna, Dubey, Chaudhuri", 2019,
                        "LiSHT: non-parametric linearly scaled hyperbolic tangent activation function for neural "
                        "networks",
                        "https://arxiv.org/abs/1901.05894"),
    aliases=also_known_as(addons="lisht"),
    pros=("Large negative inputs keep a gradient.",),
    cons=("Symmetric: the sign of the input is lost.", "Never negative."),
    used_in=("The study that proposed it",),
    use_when="Only the size of a feature matters.",
    avoid_when="The sign of the input matters.",
    torch_module="LiSHT",
)  # fmt: skip
