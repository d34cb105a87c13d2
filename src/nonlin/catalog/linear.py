"""The activations without curvature: the step and the straight line."""

from nonlin.catalog.definition import Definition, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import less, select, x

FAMILY = "linear"

BINARY_STEP = Definition(
    name="binary_step",
    title="Binary step",
    family=FAMILY,
    formula=select(less(x, 0), 0, 1),
    summary="Fires (1) when the input reaches the threshold 0, stays silent (0) below it.",
    reference=Reference("McCulloch, Pitts", 1943, "A logical calculus of the ideas immanent in nervous activity",
                        "https://doi.org/10.1007/BF02478259"),
    aliases=also_known_as(mlx=["Step", "step"], also=["step", "heaviside", "threshold_unit"]),
    pros=("The simplest yes-or-no decision.",),
    cons=("Its gradient is 0 everywhere, so backpropagation cannot train the weights before it.",
          "It gives one of two values, so it cannot tell more than two classes apart."),
    used_in=("The first perceptrons", "Hard decisions after training"),
    use_when="A trained score must become a hard yes or no.",
    avoid_when="Anything before it must learn by gradient descent.",
    roles=("decision",),
    torch_module="BinaryStep",
)  # fmt: skip

LINEAR = Definition(
    name="linear",
    title="Linear (identity)",
    family=FAMILY,
    formula=x,
    summary="Passes the weighted sum through unchanged: no activation.",
    reference=Reference("Rosenblatt", 1958, "The perceptron: a probabilistic model for information storage",
                        "https://doi.org/10.1037/h0042519"),
    aliases=also_known_as(torch="Identity", keras="linear", jax="identity", onnx="Identity", transformers="linear",
                          sklearn="identity", timm="identity", mlx="Identity", also=["identity", "none"]),
    pros=("An output that may take any value, as a regression needs.",),
    cons=("Any number of linear layers collapses to one linear layer.",
          "Its derivative is the same constant whatever the input."),
    used_in=("Output layers of regression networks", "Linear bottlenecks"),
    use_when="The output layer of a regression.",
    avoid_when="Hidden layers: without a nonlinearity depth adds nothing.",
    roles=("output",),
    torch_module="Identity",
)  # fmt: skip
