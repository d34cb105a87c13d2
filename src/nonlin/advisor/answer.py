"""`choose`: from what is known about a network to advice with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nonlin.advisor.advice import Advice
from nonlin.advisor.conditions import all_hold
from nonlin.advisor.contradictions import refuse
from nonlin.advisor.from_facts import DEEP_AND_PLAIN, PYTORCH_LINEAR_VARIANCE
from nonlin.advisor.matching import also_avoided, at, avoided, fire, reason_of, suggestions
from nonlin.advisor.question import Question, ask
from nonlin.advisor.recipes import INITS, LOSSES
from nonlin.advisor.records import Init, Loss, Reason, Suggestion
from nonlin.advisor.rule import Rule
from nonlin.advisor.sources import SOURCES
from nonlin.facts import gradient_profile
from nonlin.registry import gain, get

IMAGES = "digits"
# Task -> data set of `nonlin compare` to try the advice on.
BUNDLED_DATA: Mapping[str | None, str] = {
    None: IMAGES, "multiclass": IMAGES, "binary": "breast_cancer", "regression": "diabetes",
}  # fmt: skip


def choose(
    task: str | None = None,
    network: str | None = None,
    *,
    depth: int | None = None,
    normalization: str | None = None,
    residual: bool | None = None,
    data: str | None = None,
    priority: str | None = None,
    symptoms: str | Iterable[str] | None = None,
    tried: str | Iterable[str] | None = None,
    output: str | None = None,
    **unknown: object,
) -> Advice:
    """Advice on activations: hidden layers, output layer, the loss that goes with it, the init, what to avoid.

    Everything is optional; what is not said is not assumed. Where the introductory articles and published results
    differ, the advice shows both. Each reason carries its source.

    Parameters
    ----------
    task : what is predicted: "regression", "nonnegative_regression", "binary", "multiclass", "multilabel",
        "language_model"
    network : "mlp", "cnn", "rnn", "lstm", "gru", "transformer", "self_normalizing"
    depth : number of layers with an activation, at least 1
    normalization : "none", "batch", "layer", "rms", "group", "instance"
    residual : whether layers add their input to their output
    data : "tabular", "image", "text", "audio", "time_series"
    priority : "accuracy", "speed", "memory"
    symptoms : what goes wrong: "dead_units", "saturated_units", "vanishing_gradient", "exploding_gradient"
    tried : activations that did not do well in the hidden layers
    output : the output activation you have in mind, to be checked against the task

    Raises:
    ------
    InvalidValueError : a value that is no choice, or inputs that contradict each other
    InvalidTypeError : an unknown keyword, or a value of the wrong type
    UnknownNameError : `tried` or `output` names an unknown activation
    """
    said = {"task": task, "network": network, "depth": depth, "normalization": normalization, "residual": residual,
            "data": data, "priority": priority, "symptoms": symptoms, "tried": tried, "output": output}  # fmt: skip
    question = ask(said, unknown)
    fired = fire(question)
    refuse(question, fired)
    return _advice(question, fired)


def _advice(question: Question, fired: Sequence[Rule]) -> Advice:
    avoid = avoided(fired)
    refused = {item.name for item in avoid if item.where == "hidden"}
    hidden = suggestions("hidden", fired, refused)
    outputs = suggestions("output", fired)
    return Advice(
        question=question,
        hidden=(*hidden, *suggestions("gate", fired)),
        output=outputs[0] if outputs else None,
        loss=_loss(fired),
        init=_init(question, hidden, fired),
        avoid=avoid,
        also_avoid=also_avoided(fired),
        notes=tuple(reason_of(rule) for rule in at("note", fired)),
        next=_next(question, hidden),
    )


def _loss(fired: Sequence[Rule]) -> Loss | None:
    rules = at("loss", fired)
    if not rules:
        return None
    name = rules[0].names[0]
    return Loss(name, LOSSES[name].code, LOSSES[name].takes, tuple(map(reason_of, rules)))


def _init(question: Question, hidden: Sequence[Suggestion], fired: Sequence[Rule]) -> Init:
    rule = max(at("init", fired), key=lambda rule: rule.strength)
    known = _one_input(hidden)
    recipe = INITS[rule.names[0]]
    return Init(
        rule.names[0], recipe.title, recipe.code.format(name=known[0]), tuple((name, gain(name)) for name in known),
        (reason_of(rule), *_default_init(question, known[0])),
    )  # fmt: skip


def _one_input(hidden: Sequence[Suggestion]) -> list[str]:
    """The functions of one input: matched gains and `nonlin compare` are about these, not about gated units."""
    return [suggestion.name for suggestion in hidden if suggestion.kind == "elementwise"]


def _default_init(question: Question, name: str) -> tuple[Reason, ...]:
    """What PyTorch's own start does to the gradient of a deep plain feedforward network with this activation."""
    if question.depth is None or not all_hold(DEEP_AND_PLAIN, question):
        return ()
    activation = get(name)
    layers = gradient_profile(
        activation.expression, activation.parameters, sigma_w2=PYTORCH_LINEAR_VARIANCE, depth=question.depth + 1
    )
    factor = layers.gradient_rms[0]
    text = (f"PyTorch's default start of nn.Linear (gain √⅓) is matched to no activation: with {name} it multiplies "
            f"the gradient by {factor:.1e} over {question.depth} plain layers.")  # fmt: skip
    return (Reason("default-linear-init", text, "evidence", (SOURCES["pytorch-init"], SOURCES["definition"])),)


def _next(question: Question, hidden: Sequence[Suggestion]) -> str:
    """The command that puts the advice to the test on bundled data, where `nonlin compare` has such a network."""
    names = _one_input(hidden)[:4]
    data, network = BUNDLED_DATA.get(question.task), question.network or "mlp"
    if data is None or network not in ("mlp", "cnn"):
        return f"nonlin show {names[0]}"
    network = network if data == IMAGES else "mlp"
    return f"nonlin compare {data} --network {network} --activations {','.join(names)}"
