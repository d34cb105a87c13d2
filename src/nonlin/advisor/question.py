"""What the user said, checked: every field, its legal values and the other names people use for them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from nonlin.activation import Activation
from nonlin.errors import InvalidTypeError, InvalidValueError
from nonlin.registry import get


@dataclass(frozen=True)
class Question:
    """The situation to advise on. None, or an empty tuple, means "not said".

    `depth` counts the layers that carry an activation. `symptoms` are the finding codes of a diagnosis;
    `tried` are activations that did not do well; `output` is the output activation the user has in mind.
    """

    task: str | None = None
    network: str | None = None
    depth: int | None = None
    normalization: str | None = None
    residual: bool | None = None
    data: str | None = None
    priority: str | None = None
    symptoms: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    output: str | None = None


FIELDS = tuple(field.name for field in fields(Question))

TASKS = ("regression", "nonnegative_regression", "binary", "multiclass", "multilabel", "language_model")
NETWORKS = ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "self_normalizing")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "task": TASKS,
    "network": NETWORKS,
    "normalization": ("none", "batch", "layer", "rms", "group", "instance"),
    "data": ("tabular", "image", "text", "audio", "time_series"),
    "priority": ("accuracy", "speed", "memory"),
    "symptoms": ("dead_units", "saturated_units", "vanishing_gradient", "exploding_gradient"),
}

# field -> other name -> the value it means. Names that could mean two things are not here: the error asks.
OTHER_NAMES: Mapping[str, Mapping[str, str]] = {
    "task": {"binary_classification": "binary", "multiclass_classification": "multiclass", "lm": "language_model",
             "multi_class": "multiclass", "multilabel_classification": "multilabel", "multi_label": "multilabel",
             "non_negative_regression": "nonnegative_regression", "count_regression": "nonnegative_regression"},
    "network": {"dnn": "mlp", "dense": "mlp", "fully_connected": "mlp", "convolutional": "cnn", "recurrent": "rnn",
                "vit": "transformer", "self_normalising": "self_normalizing", "snn": "self_normalizing"},
    "normalization": {"batchnorm": "batch", "batch_norm": "batch", "layernorm": "layer", "layer_norm": "layer",
                      "rmsnorm": "rms", "rms_norm": "rms", "groupnorm": "group", "group_norm": "group",
                      "instancenorm": "instance", "instance_norm": "instance", "no": "none"},
    "data": {"table": "tabular", "images": "image", "timeseries": "time_series", "language": "text"},
    "priority": {"quality": "accuracy", "fast": "speed"},
    "symptoms": {"dying_relu": "dead_units", "dead_neurons": "dead_units", "saturation": "saturated_units",
                 "vanishing_gradients": "vanishing_gradient", "exploding_gradients": "exploding_gradient"},
}  # fmt: skip

# What a value that is no choice, but well known, most likely means.
HINTS: Mapping[str, Mapping[str, str]] = {
    "task": {"classification": "say which kind: binary (yes or no), multiclass (exactly one of several classes) "
                               "or multilabel (any number of labels at once)",
             "generation": "for text generated token by token use task='language_model'"},
    "network": {"resnet": "use network='cnn' with residual=True"},
}  # fmt: skip


def ask(said: Mapping[str, object], unknown: Iterable[str] = ()) -> Question:
    """The question in canonical words. Raises InvalidTypeError or InvalidValueError for anything it cannot mean."""
    for keyword in unknown:
        raise InvalidTypeError(
            "choose() does not know this keyword",
            received=repr(keyword), choices=FIELDS, fix=_did_you_mean(difflib.get_close_matches(keyword, FIELDS, n=1)),
        )  # fmt: skip
    return Question(**{field: _READERS[field](field, value) for field, value in said.items() if value is not None})


def _word(field: str, value: object) -> str:
    """One of the field's choices, by any of its names; spaces and hyphens count as underscores."""
    choices, others = CHOICES[field], OTHER_NAMES[field]
    if not isinstance(value, str):
        raise InvalidTypeError(f"{field} is a word", received=repr(value), choices=choices)
    word = value.strip().lower().replace("-", "_").replace(" ", "_")
    word = others.get(word, word)
    if word in choices:
        return word
    raise InvalidValueError(
        f"{field} must be one of the choices", received=repr(value), choices=choices, fix=_likely_fix(field, word)
    )


def _likely_fix(field: str, word: str) -> str | None:
    """A hint for a word that means several things, else the choices whose names are nearest."""
    hints, others = HINTS.get(field, {}), OTHER_NAMES[field]
    near_hints = difflib.get_close_matches(word, list(hints), n=1, cutoff=0.85)
    if near_hints:
        return hints[near_hints[0]]
    near = difflib.get_close_matches(word, [*CHOICES[field], *others], n=2, cutoff=0.5)
    return _did_you_mean(dict.fromkeys(others.get(name, name) for name in near))


def _did_you_mean(names: Iterable[str]) -> str | None:
    quoted = " or ".join(map(repr, names))
    return f"did you mean {quoted}?" if quoted else None


def _words(field: str, value: object) -> tuple[str, ...]:
    return _unique(_word(field, item) for item in _items(field, value))


def _activations(field: str, value: object) -> tuple[str, ...]:
    return _unique(_activation(field, item) for item in _items(field, value))


def _items(field: str, value: object) -> tuple[object, ...]:
    """The items of a list; one word is a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple | set | frozenset):
        raise InvalidTypeError(f"{field} is a word or a list of words", received=repr(value))
    return tuple(value)


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _activation(field: str, value: object) -> str:
    """An activation's canonical name; `get` raises for a name it does not know, with the nearest ones."""
    if isinstance(value, str | Activation):
        return get(value).name
    raise InvalidTypeError(f"{field} takes names of activations", received=repr(value), fix="nonlin.names() lists them")


def _depth(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidTypeError("depth is a whole number of layers with an activation", received=repr(value))
    if value < 1:
        raise InvalidValueError(
            "depth must be at least 1: it counts the layers that carry an activation", received=value,
            fix="leave depth out if it is not decided yet",
        )  # fmt: skip
    return value


def _truth(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidTypeError(f"{field} is True or False", received=repr(value), choices=("True", "False"))
    return value


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "task": _word,
    "network": _word,
    "depth": _depth,
    "normalization": _word,
    "residual": _truth,
    "data": _word,
    "priority": _word,
    "symptoms": _words,
    "tried": _activations,
    "output": _activation,
}
