"""Every name that libraries use resolves, with the default it has there; what is missing is listed, exactly."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import numpy as np
import pytest

import nonlin as nl
from nonlin.catalog import DEFINITIONS
from nonlin.expression import numeric

PEERS = tomllib.loads((Path(__file__).parent / "peer_names.toml").read_text(encoding="utf-8"))
MISSING = PEERS["missing"]["names"]
NAMES = [f"{library}.{name}" for library, names in PEERS["names"].items() for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_resolves_or_is_listed_as_missing(name: str) -> None:
    if name in MISSING:
        with pytest.raises(LookupError):
            nl.get(name)
    else:
        assert nl.get(name).definition in DEFINITIONS.values()


def test_the_lists_are_whole() -> None:
    assert len(NAMES) > 230
    assert set(MISSING) <= set(NAMES)


@pytest.mark.parametrize("name", PEERS["defaults"])
def test_the_name_brings_the_default_it_has_there(name: str) -> None:
    assert nl.get(name).parameters == PEERS["defaults"][name]


def test_the_three_lines_from_zero_to_one_are_three_functions() -> None:
    x = np.array([-2.0, -0.5, 0.25, 2.0])
    values = [nl.get(n)(x) for n in PEERS["groups"]["lines_from_zero_to_one"]]
    np.testing.assert_allclose(values[0], x / 6 + 0.5, rtol=1e-15)
    np.testing.assert_allclose(values[1], 0.2 * x + 0.5, rtol=1e-15)
    np.testing.assert_allclose(values[2], np.clip((x + 1) / 2, 0, 1), rtol=1e-15)


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_the_function_equals_pytorchs_where_it_has_it(name: str) -> None:
    """Between −4 and 4, where PyTorch's own errors are small: a wrong constant or sign shows, a rounding does not."""
    torch = pytest.importorskip("torch")
    ours = nl.get(name)
    theirs = getattr(torch.nn, ours.definition.torch_module, None)
    if theirs is None:
        return
    needed = [p for p in inspect.signature(theirs).parameters.values() if p.default is p.empty]
    arguments = [ours.parameters[p.name] for p in needed if p.name in ours.parameters]
    x = torch.linspace(-4, 4, 1601, dtype=torch.float64)
    module = theirs(*arguments).to(torch.float64).eval()
    np.testing.assert_allclose(ours(x.numpy()), module(x).detach().numpy(), rtol=1e-9, atol=1e-12)


def test_a_name_may_fix_the_axis() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    over_channels = nl.get(PEERS["groups"]["over_channels"])
    np.testing.assert_array_equal(over_channels(x), over_channels(x, axis=-3))
    np.testing.assert_allclose(over_channels(x).sum(axis=1), 1.0)


def test_forms_equal_their_formulas() -> None:
    """The accuracy contract holds values and derivatives; this says it for every form at a glance, also of gates."""
    x = np.linspace(-6.0, 6.0, 241)
    with_forms = [d for d in DEFINITIONS.values() if d.forms]
    assert len(with_forms) > 8
    for definition in with_forms:
        plain = numeric.evaluate(definition.formula, x, definition.defaults)
        np.testing.assert_allclose(
            numeric.evaluate(definition.derivative(), x, definition.defaults), plain, rtol=1e-8, atol=1e-12,
            err_msg=definition.name,
        )  # fmt: skip
