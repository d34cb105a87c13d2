"""How to start the weights."""

from nonlin.advisor.conditions import when
from nonlin.advisor.rule import Rule, Strength

INITIALISATION_RULES = (
    Rule(
        "matched-init", "init", ("matched_normal",),
        "Weights from N(0, gain² / fan_in) keep the variance from layer to layer.",
        ("he-2015", "definition"), when(network=("mlp", "cnn", "transformer", None)), Strength.ALTERNATIVE,
    ),
    Rule(
        "lecun-init", "init", ("lecun_normal",),
        "Draw weights from N(0, 1 / fan_in), biases 0: mean 0 and variance 1 are SELU's fixed point only then.",
        ("klambauer-2017", "twelve-types"), when(network="self_normalizing"),
    ),
    Rule(
        "orthogonal-init", "init", ("orthogonal",),
        "An orthogonal matrix keeps lengths however often the recurrence applies it.",
        ("saxe-2013",), when(network=("rnn", "lstm", "gru")),
    ),
)  # fmt: skip
