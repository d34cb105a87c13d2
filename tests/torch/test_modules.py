"""Modules: torch.nn's names, keywords, values, state and manners."""

from __future__ import annotations

import copy
import inspect
import pickle
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn

import nonlin as nl
import nonlin.torch as nlt
from nonlin.catalog import DEFINITIONS
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError

get: Any = nl.get

NAMES = tuple(nlt.MODULES)
SHARED = tuple(name for name in NAMES if hasattr(nn, name))
ELEMENTWISE = tuple(d.torch_module for d in DEFINITIONS.values() if d.kind == "elementwise")
LEARNED = tuple(d.torch_module for d in DEFINITIONS.values() if sum(p.learned for p in d.parameters) == 1)
RANDOM = tuple(d.torch_module for d in DEFINITIONS.values() if d.training)
VARIANTS = tuple((d, *variant) for d in DEFINITIONS.values() for variant in d.variants)


WIDE_AXIS = -2  # its length is even, as gates need


def image(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(seed))


def made(name: str) -> Any:
    """Our module, in evaluation mode: what is random in training is not compared here."""
    return getattr(nlt, name)().eval()


def theirs(name: str) -> Any:
    """PyTorch's module, with our defaults where it demands a value."""
    parameters = inspect.signature(getattr(nn, name)).parameters
    definition = next(d for d in DEFINITIONS.values() if d.torch_module == name)
    demanded = {
        p.name: definition.defaults[p.name]
        for p in parameters.values()
        if p.default is p.empty and p.name in definition.defaults
    }
    axis = {"dim": WIDE_AXIS} if "dim" in parameters else {}
    return getattr(nn, name)(**demanded, **axis).eval()


def test_every_definition_has_a_module() -> None:
    assert len(NAMES) == len(DEFINITIONS)
    assert SHARED
    assert LEARNED
    assert VARIANTS
    assert set(NAMES) <= set(dir(nlt))
    with pytest.raises(AttributeError, match="no module class"):
        nlt.NoSuchModule  # noqa: B018


@pytest.mark.parametrize("name", SHARED)
def test_arguments_and_printed_form_are_torchs(name: str) -> None:
    ours, peer = getattr(nlt, name), getattr(nn, name)
    positional = [p for p in inspect.signature(ours).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    expected = [] if peer.__init__ is nn.Module.__init__ else list(inspect.signature(peer).parameters.values())
    assert [(p.name, p.kind) for p in positional] == [(p.name, p.kind) for p in expected]
    assert all(
        p.default is q.default or q.default in (q.empty, p.default) for p, q in zip(positional, expected, strict=True)
    )
    assert repr(ours()).partition("(")[0] == name
    if "inplace" in inspect.signature(peer).parameters:
        assert "inplace=True" in repr(ours(inplace=True))


@pytest.mark.parametrize("name", SHARED)
def test_values_and_gradients_are_torchs(name: str) -> None:
    """Within the error of torch's own float32 (1e-6 absolute on [-4, 4])."""
    x = image().clamp(-4, 4)
    results = []
    axis = {"dim": WIDE_AXIS} if "dim" in inspect.signature(getattr(nlt, name)).parameters else {}
    for module in (getattr(nlt, name)(**axis).eval(), theirs(name)):
        z = x.clone().requires_grad_()
        y = module(z)
        (gradient,) = torch.autograd.grad((y * image(1)[..., : y.shape[-2], :]).sum(), z)
        results.append((y, gradient))
    torch.testing.assert_close(results[0], results[1], rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", SHARED)
def test_state_is_exchanged_with_torch(name: str) -> None:
    ours, peer = made(name), theirs(name)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in peer.state_dict().items()}
    ours.load_state_dict({k: v + 1 for k, v in peer.state_dict().items()})
    peer.load_state_dict(ours.state_dict())


@pytest.mark.parametrize("name", NAMES)
def test_copies_and_pickles_work_as_the_original(name: str) -> None:
    module = made(name)
    if "dim" in vars(module):
        module.dim = WIDE_AXIS
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert type(twin) is type(module)
        assert repr(twin) == repr(module)
        assert torch.equal(twin(image()), module(image()))


@pytest.mark.parametrize("name", RANDOM)
def test_random_activations_draw_while_they_train(name: str) -> None:
    module = getattr(nlt, name)()
    torch.manual_seed(4)
    first, second = module(image()), module(image())
    torch.manual_seed(4)
    assert torch.equal(module(image()), first)
    assert not torch.equal(first, second)
    mean = torch.stack([module(image()) for _ in range(2000)]).mean(0)
    torch.testing.assert_close(mean, module.eval()(image()), rtol=0.02, atol=0.01)
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int64):
        assert module.train()(image().to(dtype)).dtype is module.eval()(image().to(dtype)).dtype


def test_defined_activations_are_modules_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nonlin.registry._defined", {})
    mine = nl.define("modulemine", "x * sigmoid(steep * x)", steep=1.5)
    module = nlt.module("modulemine", steep=2.0)
    assert torch.equal(module(image()), mine(image(), steep=2.0))
    assert repr(module) == "ActivationModule(modulemine, steep=2.0)"
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(image()), module(image()))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_parameters_are_attributes_and_positional(name: str) -> None:
    definition = next(d for d in DEFINITIONS.values() if d.torch_module == name)
    for parameter in definition.parameters:
        if not parameter.learned:
            module = getattr(nlt, name)(**{parameter.name: 0.7}).eval()
            assert getattr(module, parameter.name) == 0.7
            assert torch.equal(module(image()), get(definition.name)(image(), **{parameter.name: 0.7}))
            with pytest.raises(InvalidValueError, match="domain"):
                getattr(nlt, name)(**{parameter.name: float("inf")})
    takes_any = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(getattr(nlt, name)).parameters.values())
    with nullcontext() if takes_any else pytest.raises(InvalidTypeError, match="other arguments"):
        getattr(nlt, name)(no_such_keyword=1)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("wanted", [True, False])
def test_inplace_overwrites_the_input_and_keeps_the_gradient(name: str, wanted: bool) -> None:
    module, plain = getattr(nlt, name)(inplace=True).eval(), made(name)
    leaf = image().requires_grad_(wanted)
    z = leaf * 1.5
    y = module(z)
    assert y is z
    assert torch.equal(y, plain(leaf * 1.5))
    if wanted:
        (gradient,) = torch.autograd.grad(y.sum(), leaf)
        assert torch.equal(gradient, torch.autograd.grad(plain(leaf * 1.5).sum(), leaf)[0])
        before = leaf.detach().clone()
        with pytest.raises(RuntimeError, match="leaf"):
            module(leaf)
        assert torch.equal(leaf, before)


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 7), (2, 3, 4, 5)])
def test_each_channel_has_its_own_value_and_gradient(name: str, shape: tuple[int, ...]) -> None:
    module, x = getattr(nlt, name)(3, init=0.1).double(), torch.randn(shape, dtype=torch.float64)
    (learned,) = module.parameters()
    learned.data = torch.tensor([0.1, 0.5, 2.0], dtype=torch.float64)
    (parameter,) = dict(module.named_parameters())
    y = module(x)
    y.sum().backward()
    for channel, value in enumerate(learned.tolist()):
        alone = x[:, channel]
        assert torch.equal(y[:, channel], module.activation(alone, **{parameter: value}))
        slope = module.activation.derivative(alone, wrt=parameter, **{parameter: value}).sum()
        torch.testing.assert_close(learned.grad[channel], slope)


@pytest.mark.parametrize("name", sorted(set(LEARNED) & set(SHARED)))
@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 7), (2, 3, 4, 5)])
def test_learned_parameters_are_per_channel(name: str, shape: tuple[int, ...]) -> None:
    ours, peer = getattr(nlt, name)(3, init=0.1), getattr(nn, name)(3, init=0.1)
    values = {k: torch.tensor([0.1, -0.5, 2.0]) for k in peer.state_dict()}
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    for module in (ours, peer):
        module.load_state_dict(values)
        module(x).square().sum().backward()
    for mine, other in zip(ours.parameters(), peer.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad)
    with pytest.raises(InvalidValueError, match="per channel"):
        ours(torch.zeros(2, 4))
    assert ours.double()(x.double()).dtype == torch.float64


@pytest.mark.parametrize("name", LEARNED)
def test_a_learned_parameter_learns(name: str) -> None:
    module = getattr(nlt, name)()
    (learned,) = module.parameters()
    optimiser = torch.optim.SGD([learned], lr=0.5)
    x = image()
    target = getattr(nlt, name)(init=0.6)(x).detach()
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.mse_loss(module(x), target).backward()
        optimiser.step()
    assert abs(learned.item() - 0.6) < 1e-3


@pytest.mark.parametrize(("definition", "keyword", "value", "other"), VARIANTS)
def test_a_keyword_selects_a_variant(definition: Any, keyword: str, value: str, other: str) -> None:
    cls = getattr(nlt, definition.torch_module)
    module = cls(**{keyword: value})
    assert torch.equal(module(image()), get(other)(image()))
    assert repr(module) == repr(getattr(nn, cls.__name__)(**{keyword: value}))
    with pytest.raises(InvalidValueError, match=f"{keyword}(.|\n)*{value}"):
        cls(**{keyword: "no such"})


@pytest.mark.parametrize("name", nl.names())
def test_module_takes_any_name(name: str) -> None:
    activation = get(name)
    for spelling in (name, activation, *activation.aliases):
        assert vars(nlt.module(spelling))["activation"].definition is activation.definition
    for alias in activation.definition.aliases:
        x = image().transpose(-1, -2)
        expected = activation.bind(**dict(alias.parameters))(x)
        assert alias.prefix == "" or torch.equal(nlt.module(alias.full).eval()(x), expected)
    with pytest.raises(UnknownNameError):
        nlt.module(name + "_no_such")


@pytest.mark.parametrize("name", nl.names())
def test_gain_is_the_matched_one(name: str) -> None:
    activation = get(name)
    if activation.kind == "elementwise":
        assert nlt.calculate_gain(name) == nl.gain(name)
    for parameter in tuple(activation.parameters)[:1]:
        assert nlt.calculate_gain(name, 0.3) == nl.gain(name, **{parameter: 0.3})


def test_gain_of_layers_is_one_and_unknown_names_are_refused() -> None:
    assert [nlt.calculate_gain(f"conv{t}{n}d") for t in ("", "_transpose") for n in (1, 2, 3)] == [1.0] * 6
    with pytest.raises(UnknownNameError):
        nlt.calculate_gain("no such")
    assert list(inspect.signature(nlt.calculate_gain).parameters) == ["nonlinearity", "param"]
