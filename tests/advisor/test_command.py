"""`nonlin choose`, and the public name `nonlin.choose`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

import nonlin
from nonlin.advisor.question import CHOICES
from nonlin.advisor.text import WIDTH
from nonlin.cli.main import app
from tests.architecture.sandbox import run_python

EXAMPLE = ("--task", "multiclass", "--network", "cnn", "--depth", "20", "--normalization", "batch")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["choose", *arguments])


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_example_of_the_documentation() -> None:
    result = run(*EXAMPLE)
    advice = nonlin.choose("multiclass", "cnn", depth=20, normalization="batch")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.rstrip().splitlines()[:-1])) <= WIDTH
    assert advice.next.startswith("nonlin compare digits --network cnn --activations ")
    assert result.stdout.rstrip().endswith(f"Next: {advice.next}")
    assert len(result.stdout.splitlines()) <= 68
    for title in (
        "Hidden layers",
        "Output layer and loss",
        "Initial weights",
        "Avoid in hidden layers",
        "Avoid at the output",
        "Bear in mind",
        "Sources",
    ):
        assert f"\n{title}\n" in result.stdout
    for item in (*advice.hidden, advice.loss, advice.init):
        assert item is not None
        assert all(flat(reason.text)[:60] in flat(result.stdout) for reason in item.reasons)


def test_no_colour_codes_in_a_pipe() -> None:
    assert "\x1b" not in run(*EXAMPLE).stdout


def test_json_is_the_advice() -> None:
    result = run(*EXAMPLE, "--residual", "--json")
    advice = nonlin.choose("multiclass", "cnn", depth=20, normalization="batch", residual=True)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == advice.to_dict()


def test_options_that_repeat() -> None:
    names = nonlin.names(kind="elementwise")[:2]
    symptoms = CHOICES["symptoms"][:2]
    options = [part for s in symptoms for part in ("--symptom", s)] + [part for n in names for part in ("--tried", n)]
    question = json.loads(run(*options, "--json").stdout)["question"]
    assert (question["symptoms"], question["tried"]) == (list(symptoms), list(names))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--task", "clasification"), "binary (yes or no)"),
        (("--network", "tranformer"), "did you mean 'transformer'?"),
        (("--depth", "0"), "depth must be at least 1"),
        (("--network", "self-normalising", "--normalization", "batch"), "keeps mean and variance by itself"),
        (("--tried", "no_such_activation"), "unknown activation"),
        (("--depth", "many"), "--depth"),
        (("--no-such-option",), "No such option"),
    ],
    ids=str,
)
def test_wrong_use_is_a_sentence_and_exit_code_2(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in flat(result.stderr)
    assert "Traceback" not in result.stderr


def test_help_lists_every_choice() -> None:
    shown = flat(run("--help").stdout.replace("│", " "))
    for choices in CHOICES.values():
        assert all(choice in shown for choice in choices)


@pytest.mark.parametrize(
    "first",
    ["import nonlin.advisor.rules", "from nonlin.advisor.rules import RULES", "import nonlin.cli.choose",
     "from nonlin.cli import choose", "import nonlin.advisor.answer; nonlin.choose()"],
)  # fmt: skip
def test_choose_is_the_function_in_every_import_order(first: str) -> None:
    code = f"{first}\nimport nonlin\nnonlin.choose('binary')\nfrom nonlin import choose\nassert choose is nonlin.choose"
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr


def test_advice_needs_no_heavy_library() -> None:
    code = (
        "import sys, nonlin; str(nonlin.choose('binary', 'mlp'))\n"
        "print([m for m in ('torch', 'matplotlib', 'sklearn', 'typer', 'rich') if m in sys.modules])"
    )
    assert run_python("-c", code).stdout.strip() == "[]"
