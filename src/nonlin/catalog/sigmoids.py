"""S-shaped activations with two horizontal asymptotes."""

from nonlin.catalog.definition import Definition, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import logistic, tanh, x

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
                          transformers="sigmoid", sklearn="logistic", also=["logistic", "expit"]),
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
                          transformers="tanh", sklearn="tanh", also=["hyperbolic_tangent"]),
    pros=("Centred on zero, so the next layer's inputs are too.", "A gradient four times as steep as the sigmoid's."),
    cons=("Saturates on both sides: the gradient vanishes for large inputs.",),
    used_in=("Hidden state of recurrent networks", "Outputs in (−1, 1)"),
    use_when="The hidden state of a recurrent network.",
    avoid_when="Hidden layers of deep feedforward networks: the gradient vanishes.",
    roles=("recurrent", "output"),
    torch_module="Tanh",
)  # fmt: skip
