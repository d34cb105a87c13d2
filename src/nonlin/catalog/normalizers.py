"""Functions of a whole row: each output depends on every input along one axis."""

from nonlin.catalog.definition import Definition, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import constant, exp, log, maximum, power, row_anchor, row_sum, x
from nonlin.expression.row_nodes import row_offset, row_square_threshold, row_threshold, row_winner

FAMILY = "normalizers"

# Entries equal to an infinite largest one share the whole, as those that grow together do.
_BELOW_LARGEST = row_offset(x, row_anchor(x))
_BRIDLE = Reference("Bridle", 1990, "Probabilistic interpretation of feedforward classification network outputs",
                    "https://doi.org/10.1007/978-3-642-76153-9_28")  # fmt: skip

SOFTMAX = Definition(
    name="softmax",
    title="Softmax",
    family=FAMILY,
    kind="row",
    formula=exp(_BELOW_LARGEST) / row_sum(exp(_BELOW_LARGEST)),
    summary="Turns a row of scores into probabilities that sum to 1.",
    reference=_BRIDLE,
    aliases=also_known_as(torch=["Softmax", ("Softmax2d", {"axis": -3})],
                          functional="softmax", keras="softmax", jax="softmax", onnx="Softmax",
                          keras_layers="Softmax", mlx=["Softmax", "softmax"], tinygrad="softmax", sklearn="softmax"),
    pros=("Relative probabilities of classes that exclude each other.",
          "Scores of +∞ share the whole equally, as in the limit."),
    cons=("Raising one probability lowers all others: wrong where several labels may be true at once.",),
    used_in=("Output of multiclass classifiers", "Attention weights"),
    use_when="The output layer of a multiclass classifier (train on the logits, apply it to read probabilities).",
    avoid_when="Hidden layers; several labels may be true at once.",
    roles=("output",),
    torch_module="Softmax",
)  # fmt: skip

_ABOVE_SMALLEST = row_offset(-x, row_anchor(-x))

SOFTMIN = Definition(
    name="softmin",
    title="Softmin",
    family=FAMILY,
    kind="row",
    formula=exp(_ABOVE_SMALLEST) / row_sum(exp(_ABOVE_SMALLEST)),
    summary="Softmax of the negated row: the smallest input gets the largest probability.",
    reference=_BRIDLE,
    aliases=also_known_as(torch="Softmin", functional="softmin", mlx=["Softmin", "softmin"], tinygrad="softmin"),
    pros=("Turns distances or costs into probabilities.", "Costs of −∞ share the whole equally, as in the limit."),
    cons=("Lowering one cost lowers all other probabilities.",),
    used_in=("Soft assignment to clusters",),
    use_when="The row holds costs, and the cheapest should win.",
    avoid_when="Hidden layers; several labels may be true at once.",
    roles=("output",),
    torch_module="Softmin",
)  # fmt: skip

LOG_SOFTMAX = Definition(
    name="log_softmax",
    title="Log-softmax",
    family=FAMILY,
    kind="row",
    formula=_BELOW_LARGEST - log(row_sum(exp(_BELOW_LARGEST))),
    summary="The logarithm of softmax, right where the probability itself underflows.",
    reference=_BRIDLE,
    aliases=also_known_as(torch="LogSoftmax", functional="log_softmax", keras="log_softmax", jax="log_softmax",
                          onnx="LogSoftmax", mlx=["LogSoftmax", "log_softmax"], tinygrad="log_softmax"),
    pros=("Exact log-probabilities, however unlikely the class.",
          "Scores of +∞ share the probability equally, as in the limit."),
    cons=("Not a probability: exponentiate to read it.",),
    used_in=("Negative log-likelihood losses",),
    use_when="A loss needs log-probabilities.",
    avoid_when="The loss takes logits: applying it first does the work twice.",
    roles=("output",),
    torch_module="LogSoftmax",
)  # fmt: skip

SPARSEMAX = Definition(
    name="sparsemax",
    title="Sparsemax",
    family=FAMILY,
    kind="row",
    formula=maximum(_BELOW_LARGEST - row_threshold(_BELOW_LARGEST), 0),
    summary="The probabilities nearest to the scores: small scores get exactly 0.",
    reference=Reference("Martins, Astudillo", 2016, "From softmax to sparsemax: a sparse model of attention and "
                        "multi-label classification", "https://arxiv.org/abs/1602.02068"),
    aliases=also_known_as(keras="sparsemax", addons=["sparsemax", "Sparsemax"], entmax=["sparsemax", "Sparsemax"],
                          activations_plus="Sparsemax"),
    pros=("Probabilities that are exactly 0 for all but a few classes.",),
    cons=("No gradient for entries at 0.", "Needs its own loss: the logarithm of 0 is −∞."),
    used_in=("Sparse attention", "Multi-label classifiers"),
    use_when="Attention or an output that should name a few classes and rule out the rest.",
    avoid_when="The loss takes the logarithm of the probabilities.",
    roles=("output",),
    torch_module="Sparsemax",
)  # fmt: skip

_HALF = constant(0.5) * _BELOW_LARGEST

ENTMAX15 = Definition(
    name="entmax15",
    title="1.5-entmax",
    family=FAMILY,
    kind="row",
    formula=power(maximum(_HALF - row_square_threshold(_HALF), 0), 2),
    summary="Halfway between softmax and sparsemax: smooth where it is positive, exactly 0 for small scores.",
    reference=Reference("Peters, Niculae, Martins", 2019, "Sparse sequence-to-sequence models",
                        "https://arxiv.org/abs/1905.05702"),
    aliases=also_known_as(entmax=["entmax15", "Entmax15"], activations_plus="Entmax", also=["entmax_1.5", "entmax1.5"]),
    pros=("Sparse, and with a gradient that falls to 0 before the probability does.",),
    cons=("No gradient for entries at 0.", "Needs its own loss: the logarithm of 0 is −∞."),
    used_in=("Sparse attention", "Sequence-to-sequence models"),
    use_when="Sparse attention weights that are to be learned by gradients.",
    avoid_when="The loss takes the logarithm of the probabilities.",
    roles=("output",),
    torch_module="Entmax15",
)  # fmt: skip

HARDMAX = Definition(
    name="hardmax",
    title="Hardmax",
    family=FAMILY,
    kind="row",
    formula=row_winner(x),
    summary="1 for the first of the largest scores, 0 for all others.",
    reference=Reference("ONNX", 2017, "Open Neural Network Exchange: operator Hardmax",
                        "https://onnx.ai/onnx/operators/onnx__Hardmax.html"),
    aliases=also_known_as(onnx="Hardmax", also=["one_hot_argmax"]),
    pros=("The decision itself, as a one-hot row.",),
    cons=("Its gradient is 0 everywhere: nothing in front of it learns.",),
    used_in=("Hard attention", "Exported classifiers"),
    use_when="A trained network is to return its decision.",
    avoid_when="Anything in front of it is to be trained by gradients.",
    roles=("decision",),
    torch_module="Hardmax",
)  # fmt: skip
