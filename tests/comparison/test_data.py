"""Reading data, and the command: every kind of bad input is one message and exit code 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nonlin.cli.main import app
from nonlin.comparison import bundled
from nonlin.comparison.data import load
from nonlin.errors import DataError, InvalidTypeError, InvalidValueError, UnknownNameError
from tests.comparison.helpers import PAIR

RECIPE = {"--seeds": "1", "--steps": "20", "--width": "4", "--learning-rates": "0.01,0.03", "--executor": "serial"}
FAST = ["--activations", ",".join(PAIR), *(text for option in RECIPE.items() for text in option)]


def good_table(rows: int = 60) -> list[str]:
    random = np.random.default_rng(0)
    kinds = ["oak", "elm", "ash"]
    body = [f"{random.normal():.3f},{i % 5},{'wet' if i % 2 else 'dry'},{kinds[i % 3]}" for i in range(rows)]
    return ["height,rings,soil,kind", *body]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n" if lines else "", encoding="utf-8")
    return path


def command(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `nonlin compare`."""
    result = CliRunner().invoke(app, ["compare", *arguments, *FAST, "--out", str(tmp_path / "runs")])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_csv_file_end_to_end(tmp_path: Path) -> None:
    path = write(tmp_path / "trees.csv", good_table())
    code, out, error = command(tmp_path, str(path), "--target", "kind", "--json")
    assert code == 0, error
    record = json.loads(out)
    assert record["data"] == "trees"
    assert record["task"] == "classification"
    assert {row["activation"] for row in record["table"]} == set(PAIR)
    assert "training runs" in error
    assert "estimated time" in error
    code, out, error = command(tmp_path, str(path), "--target", "kind")
    assert code == 0
    assert "are finished already" in error
    assert record["recommendation"] in out


def test_words_become_one_column_each() -> None:
    data = load(([[0.0, 1.0]] * 20, [0, 1] * 10))
    assert data.inputs.shape == (20, 2)


def test_columns_of_a_table(tmp_path: Path) -> None:
    path = write(tmp_path / "trees.csv", good_table())
    data = load(path, target="kind")
    assert data.inputs.shape == (60, 4)
    assert data.classes == ("ash", "elm", "oak")
    assert set(np.unique(data.inputs[:, 2:])) == {0.0, 1.0}
    assert any("'soil'" in note for note in data.notes)
    assert load(path, target="kind", drop=["soil"]).inputs.shape == (60, 2)
    assert load(path, target="height").task == "regression"
    assert load(path, target="rings").task == "classification"
    assert load(path, target="rings", task="regression").task == "regression"


def with_cell(row: int, column: int, text: str) -> Callable[[], list[str]]:
    def lines() -> list[str]:
        table = [line.split(",") for line in good_table()]
        table[row][column] = text
        return [",".join(line) for line in table]

    return lines


def one_class() -> list[str]:
    return [line.replace("elm", "oak").replace("ash", "oak") for line in good_table()]


def names_column() -> list[str]:
    return [line + (",owner" if i == 0 else f",person {i}") for i, line in enumerate(good_table())]


BAD: list[tuple[str, Callable[[], list[str]], list[str], list[str]]] = [
    ("empty file", list, ["--target", "kind"], ["file is empty"]),
    ("header only", lambda: good_table(0), ["--target", "kind"], ["no rows"]),
    ("no target given", good_table, [], ["which column", "height, rings, soil, kind", "--target"]),
    ("unknown target", good_table, ["--target", "kinds"], ["no such column", "height, rings, soil, kind", "'kind'"]),
    ("unknown drop", good_table, ["--target", "kind", "--drop", "soul"], ["no such column", "'soil'"]),
    ("gap", with_cell(3, 0, ""), ["--target", "kind"], ["missing", "height (1)", "1 of 60 rows", "remove"]),
    ("NaN", with_cell(3, 0, "NaN"), ["--target", "kind"], ["missing", "height (1)"]),
    ("infinity", with_cell(3, 0, "inf"), ["--target", "kind"], ["finite", "height (1)"]),
    ("gap in target", with_cell(3, 3, ""), ["--target", "kind"], ["missing", "kind (1)"]),
    ("nonsense in numbers", with_cell(7, 0, "abc"), ["--target", "kind"], ["mixes numbers and text", "'abc' in row 7"]),
    ("free text", names_column, ["--target", "kind"], ["'owner'", "60 different values", "--drop owner"]),
    ("one class", one_class, ["--target", "kind"], ["two classes", "'oak'"]),
    ("rare class", with_cell(5, 3, "fir"), ["--target", "kind"], ["at least 5 rows", "fir (1)"]),
    ("too few rows", lambda: good_table(12), ["--target", "kind"], ["at least 20 rows", "12 rows"]),
    ("text for regression", good_table, ["--target", "kind", "--task", "regression"], ["needs numbers"]),
    ("ragged", lambda: [*good_table(), "1,2,3,4,5,6"], ["--target", "kind"], ["not a readable CSV"]),
    ("cnn", good_table, ["--target", "kind", "--network", "cnn"], ["needs images", "mlp"]),
]


@pytest.mark.parametrize(("lines", "options", "texts"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_one_message_and_exit_code_2(
    tmp_path: Path, lines: Callable[[], list[str]], options: list[str], texts: list[str]
) -> None:
    code, out, error = command(tmp_path, str(write(tmp_path / "trees.csv", lines())), *options)
    assert code == 2, error
    assert out == ""
    assert "Traceback" not in error
    for text in texts:
        assert text in error
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nowhere.csv", "--target", "a"], "no such file"),
        (["digitz"], "'digits'"),
        (["table.xlsx"], "only .csv"),
        (["digits", "--target", "class"], "has its target already"),
        (["iris", "--learning-rates", "fast"], "separated by commas"),
    ],
)
def test_wrong_use_of_the_command(tmp_path: Path, arguments: list[str], text: str) -> None:
    code, _, error = command(tmp_path, *arguments)
    if "--learning-rates" in arguments:
        result = CliRunner().invoke(app, ["compare", *arguments])
        code, error = result.exit_code, result.stderr
    assert code == 2
    assert text in error
    assert "Traceback" not in error


def test_an_unwritable_directory_is_said_before_training(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    code, _, error = command(tmp_path, "iris")
    assert code == 2
    assert "cannot be written" in error


def test_a_comparison_without_any_result_exits_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("planted")

    monkeypatch.setattr("nonlin.comparison.training.run", fail)
    code, out, error = command(tmp_path, "iris")
    assert code == 1
    assert "planted" in out
    assert "no training run finished" in error


@pytest.mark.parametrize("name", bundled.NAMES)
def test_bundled_sets(name: str) -> None:
    data = load(name)
    assert data.rows > 100
    assert np.isfinite(data.inputs).all()
    assert data.is_image == (data.inputs.ndim == 4)


def test_the_digits_are_images() -> None:
    assert load("digits").inputs.shape == (1797, 1, 8, 8)


ARRAYS: list[tuple[object, object, str]] = [
    (np.ones((30, 2), dtype=complex), [0, 1] * 15, "must be numbers"),
    (np.array([["a", "b"]] * 30), [0, 1] * 15, "must be numbers"),
    (np.ones(30), [0, 1] * 15, "shape"),
    (np.ones((30, 2)), [0, 1], "one value per row"),
    (np.ones((30, 2)), [0.5] * 30, "nothing to learn"),
    (np.full((30, 2), np.nan), [0, 1] * 15, "column 0 \\(30\\)"),
    (np.full((30, 2), 1e300), [0, 1] * 15, "finite"),
    (np.ones((30, 2)), [0.0, np.nan] * 15, "15 rows without one"),
    (np.ones((30, 2)), list(range(30)), "rows"),
]


@pytest.mark.parametrize(("inputs", "targets", "text"), ARRAYS, ids=[a[2] for a in ARRAYS])
def test_bad_arrays(inputs: object, targets: object, text: str) -> None:
    with pytest.raises(DataError, match=text):
        load((inputs, targets), task="classification" if text == "rows" else None)


def test_what_is_not_data() -> None:
    with pytest.raises(InvalidTypeError):
        load(3)
    with pytest.raises(UnknownNameError):
        load("mnist")
    with pytest.raises(InvalidValueError):
        load("iris", target="kind")
