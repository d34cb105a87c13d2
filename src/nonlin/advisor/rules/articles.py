"""What the articles advise for hidden layers. Their advice for output layers is in `outputs`."""

from nonlin.advisor.conditions import AtLeast, AtMost, Has, when
from nonlin.advisor.rule import Rule, Strength

VERY_DEEP = 41  # "beyond 40 layers"
_FEEDFORWARD = ("mlp", "cnn", None)
_RECURRENT = ("rnn", "lstm", "gru")

ARTICLE_RULES = (
    Rule(
        "hidden-relu", "hidden", ("relu",),
        "Begin with ReLU and move on to other functions only if it does not give the best results.",
        ("twelve-types", "problem"), when(network=(None,)),
    ),
    Rule(
        "mlp-relu", "hidden", ("relu",),
        "The usual choice for hidden layers of multilayer perceptrons: simple and fast.",
        ("twelve-types", "importance"), when(network="mlp"),
    ),
    Rule(
        "cnn-relu", "hidden", ("relu",),
        "The usual choice for hidden layers of convolutional networks: simple and fast.",
        ("twelve-types", "importance"), when(network="cnn"),
    ),
    Rule(
        "hidden-leaky-relu", "hidden", ("leaky_relu",),
        "For deep models: unlike ReLU it keeps a small gradient for negative inputs.",
        ("importance", "problem"), when(network=_FEEDFORWARD), Strength.ALTERNATIVE,
    ),
    Rule(
        "hidden-elu", "hidden", ("elu",),
        "A strong alternative to ReLU: negative side smooth, outputs centred closer to zero.",
        ("twelve-types",), when(network=_FEEDFORWARD), Strength.ALTERNATIVE,
    ),
    Rule(
        "dead-units-leaky", "hidden", ("leaky_relu", "elu"),
        "Units die where the gradient is zero for negative inputs; these have a gradient there.",
        ("twelve-types", "importance", "problem"), when(symptoms=Has("dead_units"), network=_FEEDFORWARD),
    ),
    Rule(
        "still-dead-prelu", "hidden", ("prelu",),
        "Used when leaky ReLU still fails to solve the problem of dead neurons: the slope is learned.",
        ("twelve-types",), when(symptoms=Has("dead_units"), tried=Has("leaky_relu"), network=_FEEDFORWARD),
    ),
    Rule(
        "relu-was-tried", "hidden", ("leaky_relu", "elu", "gelu", "swish"),
        "ReLU did not give the best results here, so move on to other functions.",
        ("twelve-types",), when(tried=Has("relu"), network=_FEEDFORWARD), Strength.ALTERNATIVE,
    ),
    Rule(
        "hidden-gelu", "hidden", ("gelu",),
        "Said to be better than ReLU and ELU across vision, language and speech.",
        ("twelve-types",), when(network=_FEEDFORWARD), Strength.WORTH_A_TRY,
    ),
    Rule(
        "very-deep-swish", "hidden", ("swish",),
        "For networks deeper than 40 layers; said to match or beat ReLU consistently on deep networks.",
        ("twelve-types",), when(depth=AtLeast(VERY_DEEP), network=_FEEDFORWARD),
    ),
    Rule(
        "very-deep-not-relu-first", "hidden", ("relu",),
        "Beyond 40 layers the articles put swish first.",
        ("twelve-types",), when(depth=AtLeast(VERY_DEEP), network=_FEEDFORWARD), Strength.ALTERNATIVE, limit=True,
    ),
    Rule(
        "recurrent-tanh", "hidden", ("tanh",),
        "The usual choice for the hidden state of a recurrent network: bounded and centred on zero.",
        ("twelve-types", "importance"), when(network=_RECURRENT),
    ),
    Rule(
        "recurrent-sigmoid-gates", "gate", ("sigmoid",),
        "A gate multiplies by a share between 0 (closed) and 1 (open), which is what sigmoid returns.",
        ("twelve-types",), when(network=_RECURRENT),
    ),
    Rule(
        "transformer-gelu", "hidden", ("gelu",),
        "The function of BERT, RoBERTa, ALBERT and other leading language models.",
        ("twelve-types",), when(network="transformer"),
    ),
    Rule(
        "self-normalizing-selu", "hidden", ("selu",),
        "Keeps mean 0 and variance 1 from layer to layer, so that no other normalisation is needed.",
        ("twelve-types",), when(network="self_normalizing"),
    ),
    Rule(
        "speed-relu", "hidden", ("relu",),
        "The cheapest to compute: one comparison.",
        ("twelve-types", "problem", "importance"), when(priority="speed", network=_FEEDFORWARD),
    ),
    Rule(
        "not-s-shaped-hidden", "avoid-hidden", ("sigmoid", "tanh"),
        "They saturate, and stacked layers make the gradient vanish.",
        ("twelve-types", "importance", "problem"), when(network=(*_FEEDFORWARD, "transformer", "self_normalizing")),
    ),
    Rule(
        "shallow-saturation", "note", (),
        "In a network of a few layers saturation is rarely a problem.",
        ("twelve-types",), when(depth=AtMost(3), network=_FEEDFORWARD),
    ),
    Rule(
        "not-linear-hidden", "avoid-hidden", ("linear",),
        "All layers together are then one linear layer.",
        ("what-and-why", "problem", "importance", "twelve-types"),
    ),
    Rule(
        "not-step-hidden", "avoid-hidden", ("binary_step",),
        "Its gradient is zero, which hinders backpropagation.",
        ("twelve-types",),
    ),
)  # fmt: skip
