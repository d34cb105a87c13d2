"""Gated units: two inputs, one of which passes through a function and scales the other.

The formula is written in x, the input that passes through the function, and the parameter `value`, which it scales.
`gated` says which half of an array x is, where one array holds both: there the papers differ.
"""

from nonlin.catalog.definition import Definition, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import logistic, maximum, normal_cdf, parameter, x

FAMILY = "gates"

_VALUE = parameter("value")
_OPERANDS = (Parameter("value", 1.0, "the input that is scaled"),)
_SHAZEER = Reference("Shazeer", 2020, "GLU variants improve transformer", "https://arxiv.org/abs/2002.05202")
_COST = ("Needs two linear layers in place of one: the hidden width is cut to 2/3 to make up for it.",)
_AVOID = "Layers whose width cannot be doubled."

GLU = Definition(
    name="glu",
    title="GLU (gated linear unit)",
    family=FAMILY,
    kind="gate",
    gated="second",
    formula=_VALUE * logistic(x),
    parameters=_OPERANDS,
    summary="The first half times the sigmoid of the second half.",
    reference=Reference("Dauphin, Fan, Auli, Grangier", 2016, "Language modeling with gated convolutional networks",
                        "https://arxiv.org/abs/1612.08083"),
    aliases=also_known_as(torch="GLU", functional="glu", keras="glu", jax="glu", mlx=["GLU", "glu"],
                          also=["gated_linear_unit"]),
    pros=("A linear path for the gradient beside the gate.",),
    cons=_COST,
    used_in=("Convolutional language models", "Conformer"),
    use_when="A convolutional network on sequences.",
    avoid_when=_AVOID,
    roles=("gate",),
    torch_module="GLU",
)  # fmt: skip

BILINEAR = Definition(
    name="bilinear",
    title="Bilinear gate",
    family=FAMILY,
    kind="gate",
    gated="first",
    formula=_VALUE * x,
    parameters=_OPERANDS,
    summary="The product of the two halves: a gate without a function.",
    reference=_SHAZEER,
    aliases=also_known_as(also=["bilinear_glu"]),
    pros=("The cheapest gate.",),
    cons=_COST,
    used_in=("The study that compared the gates",),
    use_when="The gate's function is to be left out, as a baseline.",
    avoid_when=_AVOID,
    roles=("gate",),
    torch_module="BilinearGate",
)  # fmt: skip

REGLU = Definition(
    name="reglu",
    title="ReGLU",
    family=FAMILY,
    kind="gate",
    gated="first",
    formula=_VALUE * maximum(x, 0),
    parameters=_OPERANDS,
    summary="ReLU of the first half times the second half.",
    reference=_SHAZEER,
    aliases=also_known_as(also=["relu_glu"]),
    pros=("Cheap, and half the units are silent.",),
    cons=_COST,
    used_in=("Sparse language models",),
    use_when="A transformer whose hidden units should be sparse.",
    avoid_when=_AVOID,
    roles=("gate",),
    torch_module="ReGLU",
)  # fmt: skip

GEGLU = Definition(
    name="geglu",
    title="GEGLU",
    family=FAMILY,
    kind="gate",
    gated="first",
    formula=_VALUE * (x * normal_cdf(x)),
    parameters=_OPERANDS,
    summary="GELU of the first half times the second half.",
    reference=_SHAZEER,
    aliases=also_known_as(also=["gelu_glu", "gated_gelu"]),
    pros=("Among the best of the gates compared in its paper.",),
    cons=(*_COST, "Some libraries gate with the second half: check before loading weights."),
    used_in=("T5 v1.1", "Gemma"),
    use_when="The feed-forward block of a transformer.",
    avoid_when=_AVOID,
    roles=("gate",),
    torch_module="GEGLU",
)  # fmt: skip

SWIGLU = Definition(
    name="swiglu",
    title="SwiGLU",
    family=FAMILY,
    kind="gate",
    gated="first",
    formula=_VALUE * (x * logistic(x)),
    parameters=_OPERANDS,
    summary="Swish of the first half times the second half.",
    reference=_SHAZEER,
    aliases=also_known_as(onnx="SwiGLU", also=["silu_glu", "swish_glu", "gated_silu"]),
    pros=("The gate of most large language models.",),
    cons=(*_COST, "Some libraries gate with the second half: check before loading weights."),
    used_in=("Llama", "PaLM"),
    use_when="The feed-forward block of a large language model.",
    avoid_when=_AVOID,
    roles=("gate",),
    torch_module="SwiGLU",
)  # fmt: skip
