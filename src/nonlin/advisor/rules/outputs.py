"""The output layer and its loss, by task; what does not belong there. Planning what is forbidden is an error."""

from nonlin.advisor.conditions import when
from nonlin.advisor.rule import Rule

_CLASSES = ("multiclass", "language_model")
_ANY_TASK = ("regression", "nonnegative_regression", "binary", "multiclass", "multilabel", "language_model")

_OUTPUTS = (
    Rule(
        "regression-linear", "output", ("linear",),
        "A regression target may take any value, so the output layer has no activation.",
        ("twelve-types",), when(task="regression"),
    ),
    Rule(
        "binary-sigmoid", "output", ("sigmoid",),
        "One unit; sigmoid turns its score into the probability of yes.",
        ("twelve-types", "problem", "importance"), when(task="binary"),
    ),
    Rule(
        "multiclass-softmax", "output", ("softmax",),
        "One unit per class; softmax turns scores into probabilities that sum to 1.",
        ("twelve-types", "problem", "importance"), when(task="multiclass"),
    ),
    Rule(
        "multilabel-sigmoid", "output", ("sigmoid",),
        "One unit per label; each label has its own probability, whatever the others are.",
        ("twelve-types",), when(task="multilabel"),
    ),
    Rule(
        "language-model-softmax", "output", ("softmax",),
        "The next token is one of many classes that exclude each other, and for those softmax is preferred.",
        ("twelve-types", "problem"), when(task="language_model"),
    ),
    Rule(
        "nonnegative-exp", "output", ("exponential",),
        "Let the network give the logarithm of the expected value: its exponential is never negative, and unlike ReLU "
        "it never stops learning.",
        ("pytorch-losses",), when(task="nonnegative_regression"),
    ),
)  # fmt: skip

_LOSSES = (
    Rule(
        "regression-loss", "loss", ("MSELoss",),
        "The squared error of the unchanged output.",
        ("pytorch-losses",), when(task="regression"),
    ),
    Rule(
        "nonnegative-loss", "loss", ("PoissonNLLLoss",),
        "Takes the logarithm of the expected value as the network gives it (log_input=True).",
        ("pytorch-losses",), when(task="nonnegative_regression"),
    ),
    Rule(
        "yes-or-no-loss", "loss", ("BCEWithLogitsLoss",),
        "Give it the logits: it contains the sigmoid, in a form that does not overflow.",
        ("pytorch-losses",), when(task=("binary", "multilabel")),
    ),
    Rule(
        "classes-loss", "loss", ("CrossEntropyLoss",),
        "Give it the logits: it contains the softmax, which would otherwise act twice.",
        ("pytorch-losses",), when(task=_CLASSES),
    ),
    Rule(
        "outputs-are-where-errors-are", "note", (),
        "Output first: 19 of 30 real repairs changed its activation, about 3 a hidden one.",
        ("wardat-2021",), when(task=_ANY_TASK),
    ),
)  # fmt: skip

_NOT_AT_THE_OUTPUT = (
    Rule(
        "relu-hidden-only", "avoid-output", ("relu",),
        "It belongs in hidden layers: it gives no negative score, and may die.",
        ("twelve-types",), when(task=_ANY_TASK),
    ),
    Rule(
        "multilabel-not-softmax", "avoid-output", ("softmax", "log_softmax"),
        "Softmax makes the labels compete: raising one probability lowers the others, yet several labels may be true.",
        ("importance", "twelve-types"), when(task="multilabel"),
    ),
    Rule(
        "classes-not-sigmoid", "avoid-output", ("sigmoid",),
        "Separate sigmoids do not sum to 1: no probabilities of exclusive classes.",
        ("twelve-types",), when(task=_CLASSES),
    ),
    Rule(
        "binary-not-softmax", "avoid-output", ("softmax", "log_softmax"),
        "Softmax over a single unit is always 1; with two units the task is multiclass.",
        ("wardat-2021",), when(task="binary"),
    ),
    Rule(
        "classes-not-step", "avoid-output", ("binary_step",),
        "It gives no gradient; turn probabilities into a decision after training.",
        ("twelve-types",), when(task=("binary", *_CLASSES, "multilabel")),
    ),
)  # fmt: skip

OUTPUT_RULES = (*_OUTPUTS, *_LOSSES, *_NOT_AT_THE_OUTPUT)
