"""Activations made of two straight lines."""

from nonlin.catalog.definition import Definition, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import Node, less, maximum, parameter, select, x

FAMILY = "rectifiers"


def _two_slopes(slope: Node) -> Node:
    return select(less(0, x), x, slope * x)


RELU = Definition(
    name="relu",
    title="ReLU (rectified linear unit)",
    family=FAMILY,
    formula=maximum(x, 0),
    summary="Keeps positive inputs, sets negative ones to zero.",
    reference=Reference("Nair, Hinton", 2010, "Rectified linear units improve restricted Boltzmann machines",
                        "https://icml.cc/Conferences/2010/papers/432.pdf"),
    aliases=also_known_as(torch="ReLU", functional="relu", keras="relu", jax="relu", onnx="Relu",
                          transformers="relu", sklearn="relu", also=["rectifier", "ramp"]),
    pros=("Very cheap to compute, and half the units are silent at a time.",
          "Does not saturate for positive inputs, so gradients pass unchanged."),
    cons=("A unit whose input is negative for every example gets no gradient and dies.",
          "Its output is never negative, so it is not centred on zero."),
    used_in=("Hidden layers of convolutional networks and multilayer perceptrons",),
    use_when="The first thing to try in the hidden layers of a convolutional network or a multilayer perceptron.",
    avoid_when="Output layers, and networks in which many units have died.",
    torch_module="ReLU",
)  # fmt: skip

LEAKY_RELU = Definition(
    name="leaky_relu",
    title="Leaky ReLU",
    family=FAMILY,
    formula=_two_slopes(parameter("negative_slope")),
    parameters=(Parameter("negative_slope", 0.01, "slope for negative inputs"),),
    summary="ReLU with a small slope for negative inputs, so that no unit dies.",
    reference=Reference("Maas, Hannun, Ng", 2013, "Rectifier nonlinearities improve neural network acoustic models",
                        "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf"),
    aliases=also_known_as(torch="LeakyReLU", functional="leaky_relu", jax="leaky_relu", onnx="LeakyRelu",
                          transformers="leaky_relu", keras=("leaky_relu", {"negative_slope": 0.2}), also=["lrelu"]),
    pros=("A gradient for negative inputs too: no dead units.",),
    cons=("The small slope makes learning slow for negative inputs.", "One more number to choose."),
    used_in=("Generative adversarial networks", "Detectors of the YOLO family"),
    use_when="ReLU units die.",
    avoid_when="Output layers.",
    torch_module="LeakyReLU",
)  # fmt: skip

PRELU = Definition(
    name="prelu",
    title="Parametric ReLU",
    family=FAMILY,
    formula=_two_slopes(parameter("weight")),
    parameters=(Parameter("weight", 0.25, "learned slope for negative inputs, one per channel or one for all",
                          learned=True),),
    summary="Leaky ReLU whose negative slope is learned with the network.",
    reference=Reference("He, Zhang, Ren, Sun", 2015, "Delving deep into rectifiers", "https://arxiv.org/abs/1502.01852"),
    aliases=also_known_as(torch="PReLU", functional="prelu", keras=("PReLU", {"weight": 0.0}), onnx="PRelu",
                          transformers="prelu", also=["parametric_relu"]),
    pros=("The network finds the slope that suits each channel.",),
    cons=("Behaves differently from problem to problem, as the slope does.", "May overfit a small data set."),
    used_in=("Large image classifiers", "Super-resolution"),
    use_when="Leaky ReLU with a fixed slope does not bring dead units back to life.",
    avoid_when="Small data sets.",
    torch_module="PReLU",
)  # fmt: skip
