"""Wrong arguments of `nonlin.compare`: each is explained before anything is trained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import nonlin
from nonlin.errors import InvalidTypeError, InvalidValueError, MissingDependencyError, UnknownNameError
from tests.comparison.helpers import PAIR, Counting, tiny

ROW = nonlin.names(kind="row")[0]
WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"activations": "a,b"}, InvalidTypeError, "sequence"),
    ({"activations": []}, InvalidValueError, "at least one"),
    ({"activations": [PAIR[0], PAIR[0]]}, InvalidValueError, "twice"),
    ({"activations": [PAIR[0] + "x"]}, UnknownNameError, PAIR[0]),
    ({"activations": [ROW]}, InvalidValueError, "elementwise"),
    ({"activations": [3]}, InvalidTypeError, "by name"),
    ({"network": "rnn"}, InvalidValueError, "mlp, cnn"),
    ({"network": "cnn"}, InvalidValueError, "images"),
    ({"seeds": 0}, InvalidValueError, "at least 1"),
    ({"seeds": [1, 1]}, InvalidValueError, "different"),
    ({"learning_rates": []}, InvalidValueError, "positive"),
    ({"learning_rates": [-1]}, InvalidValueError, "positive"),
    ({"steps": 0}, InvalidValueError, "steps"),
    ({"stepz": 5}, UnknownNameError, "'steps'"),
    ({"preset": "slow"}, InvalidValueError, "quick"),
    ({"splits": "none"}, InvalidValueError, "resampled"),
    ({"task": "ranking"}, InvalidValueError, "regression"),
    ({"executor": "cloud"}, InvalidValueError, "local"),
    ({"executor": 3}, InvalidTypeError, "submit"),
    ({"workers": 0}, InvalidValueError, "worker"),
]


@pytest.mark.parametrize(("changes", "kind", "text"), WRONG, ids=[str(w[0]) for w in WRONG])
def test_wrong_arguments_are_explained(
    tmp_path: Path, changes: dict[str, Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        tiny(tmp_path, **{"activations": PAIR, **changes})


def test_ray_is_asked_for_by_name_when_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match="nonlin\\[ray\\]"):
        tiny(tmp_path, executor="ray")


def test_a_directory_that_cannot_be_written_is_said_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    untouched = Counting()
    with pytest.raises(InvalidValueError, match="cannot be written"):
        tiny(tmp_path / "file", executor=untouched)
    assert untouched.calls == 0
