"""Functions of a whole row: each output depends on every input along one axis."""

from nonlin.catalog.definition import Definition, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import exp, log, row_anchor, row_sum, x

FAMILY = "normalizers"

_SHIFTED = x - row_anchor(x)
_BRIDLE = Reference("Bridle", 1990, "Probabilistic interpretation of feedforward classification network outputs",
                    "https://doi.org/10.1007/978-3-642-76153-9_28")  # fmt: skip

SOFTMAX = Definition(
    name="softmax",
    title="Softmax",
    family=FAMILY,
    kind="row",
    formula=exp(_SHIFTED) / row_sum(exp(_SHIFTED)),
    summary="Turns a row of scores into probabilities that sum to 1.",
    reference=_BRIDLE,
    aliases=also_known_as(torch=["Softmax", ("Softmax2d", {"axis": -3})],
                          functional="softmax", keras="softmax", jax="softmax", onnx="Softmax",
                          keras_layers="Softmax", mlx=["Softmax", "softmax"], tinygrad="softmax", sklearn="softmax"),
    pros=("Relative probabilities of classes that exclude each other.",),
    cons=("Raising one probability lowers all others: wrong where several labels may be true at once.",),
    used_in=("Output of multiclass classifiers", "Attention weights"),
    use_when="The output layer of a multiclass classifier (train on the logits, apply it to read probabilities).",
    avoid_when="Hidden layers; several labels may be true at once.",
    roles=("output",),
    torch_module="Softmax",
)  # fmt: skip

_MIRRORED = -x - row_anchor(-x)

SOFTMIN = Definition(
    name="softmin",
    title="Softmin",
    family=FAMILY,
    kind="row",
    formula=exp(_MIRRORED) / row_sum(exp(_MIRRORED)),
    summary="Softmax of the negated row: the smallest input gets the largest probability.",
    reference=_BRIDLE,
    aliases=also_known_as(torch="Softmin", functional="softmin", mlx=["Softmin", "softmin"], tinygrad="softmin"),
    pros=("Turns distances or costs into probabilities.",),
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
    formula=_SHIFTED - log(row_sum(exp(_SHIFTED))),
    summary="The logarithm of softmax, right where the probability itself underflows.",
    reference=_BRIDLE,
    aliases=also_known_as(torch="LogSoftmax", functional="log_softmax", keras="log_softmax", jax="log_softmax",
                          onnx="LogSoftmax", mlx=["LogSoftmax", "log_softmax"], tinygrad="log_softmax"),
    pros=("Exact log-probabilities, however unlikely the class.",),
    cons=("Not a probability: exponentiate to read it.",),
    used_in=("Negative log-likelihood losses",),
    use_when="A loss needs log-probabilities.",
    avoid_when="The loss takes logits: applying it first does the work twice.",
    roles=("output",),
    torch_module="LogSoftmax",
)  # fmt: skip
