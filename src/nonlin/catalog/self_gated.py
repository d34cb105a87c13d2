"""Activations of the form x times a smooth gate of x."""

from nonlin.catalog.definition import Definition, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import decimal, logistic, normal_cdf, parameter, pi, sqrt, x

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
                          onnx="Swish", transformers=["silu", "swish"], also=["sil"]),
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
                          transformers=["gelu", "gelu_python"], also=["gelu_exact", "gelu_erf"]),
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
                                                    "gelu_python_tanh"], also=["gelu_approximate"]),
    pros=("Close to GELU (within 0.0005) and needs no error function.",),
    cons=("Not the same function: a network trained with one should not be served with the other.",),
    used_in=("GPT-2", "The original BERT code"),
    use_when="A network was trained with it.",
    avoid_when="A network was trained with the exact GELU.",
    torch_module="GELUTanh",
)  # fmt: skip
