"""Module classes generated from the catalogue, with torch.nn's names, keywords and order of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from inspect import Parameter
from types import MappingProxyType
from typing import Any

from torch import nn

from nonlin.activation import Activation
from nonlin.catalog import DEFINITIONS, Definition
from nonlin.errors import InvalidTypeError, InvalidValueError
from nonlin.registry import get
from nonlin.torch.gates import AxisModule, PoolModule, RandomModule
from nonlin.torch.modules import ActivationModule, RowModule

RESIZING = ("gate", "pool", "mirror")  # kinds whose module changes the length of an axis, and takes no parameters
_BASES: Mapping[str, type[nn.Module]] = {
    "row": RowModule,
    "gate": AxisModule,
    "pool": PoolModule,
    "mirror": AxisModule,
}
_COMMON = {"num_parameters": 1, "device": None, "dtype": None}


def _signature(definition: Definition) -> inspect.Signature:
    """torch.nn's signature where it has this class, then what only we have, by keyword."""
    theirs: Any = getattr(nn, definition.torch_module, None)
    takes_none = theirs is None or theirs.__init__ is nn.Module.__init__
    known = [] if takes_none else [_with_default(p, definition) for p in inspect.signature(theirs).parameters.values()]
    kind = Parameter.KEYWORD_ONLY if theirs else Parameter.POSITIONAL_OR_KEYWORD
    names = {p.name for p in known}
    ours = [Parameter(name, kind, default=value) for name, value in _keywords(definition) if name not in names]
    return inspect.Signature(sorted([*known, *ours], key=lambda p: p.kind))


def _with_default(parameter: Parameter, definition: Definition) -> Parameter:
    """torch.nn's parameter, with the catalogue's default where torch.nn demands a value."""
    own = definition.defaults
    return parameter.replace(default=own[parameter.name]) if _demanded(parameter, own) else parameter


def _demanded(parameter: Parameter, own: Mapping[str, float]) -> bool:
    return parameter.default is parameter.empty and parameter.name in own


def _keywords(definition: Definition) -> Iterator[tuple[str, Any]]:
    if definition.kind in RESIZING:
        yield from (("num_pieces", 2),) * (definition.kind == "pool")
        yield "dim", -1
        return
    yield from ((p.name, p.default) for p in definition.parameters if not p.learned)
    learned = _learned(definition)
    if learned:
        yield from {**_COMMON, **learned}.items()
    yield ("dim", None) if definition.kind == "row" else ("inplace", False)


def _learned(definition: Definition) -> dict[str, float]:
    """Keyword of each learned parameter's first value: "init" where there is one, as in torch.nn; else their names."""
    learned = {p.name: p.default for p in definition.parameters if p.learned}
    return {"init": next(iter(learned.values()))} if len(learned) == 1 else learned


def _variant(definition: Definition, values: dict[str, Any]) -> dict[str, str]:
    """Keyword values that select another definition, taken out of `values`: approximate="tanh"."""
    return {keyword: values.pop(keyword) for keyword, _, _ in definition.variants if keyword in values}


def _selected(definition: Definition, chosen: Mapping[str, str], signature: inspect.Signature) -> Activation:
    for keyword, value in chosen.items():
        own = signature.parameters[keyword].default
        known = {own: definition.name, **{v: name for k, v, name in definition.variants if k == keyword}}
        if value not in known:
            raise InvalidValueError(f"unknown {keyword}", received=repr(value), choices=map(repr, known))
        return get(known[value])
    return get(definition.name)


def _constructor_arguments(
    definition: Definition, values: dict[str, Any], signature: inspect.Signature
) -> dict[str, Any]:
    """What the base class takes: `init` becomes the learned parameter's value; a keyword without effect is refused."""
    learned = [p.name for p in definition.parameters if p.learned]
    arguments = {name: values.pop("init") for name in learned if "init" in values}
    understood = {name for name, _ in _keywords(definition)}
    for name, value in values.items():
        if name in understood:
            arguments[name] = value
        elif signature.parameters[name].kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            _refuse_unless_default(definition, signature.parameters[name], value)
    return arguments


def _refuse_unless_default(definition: Definition, parameter: Parameter, value: Any) -> None:
    if value != parameter.default:
        raise InvalidValueError(
            f"{definition.torch_module} takes torch.nn's {parameter.name} only at its default",
            received=repr(value),
            choices=[repr(parameter.default)],
        )


def _base(definition: Definition) -> type[nn.Module]:
    return _BASES.get(definition.kind, RandomModule if definition.training else ActivationModule)


def _module_class(definition: Definition) -> type[nn.Module]:
    signature = _signature(definition)
    base: Any = _base(definition)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes the class's constructor
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise InvalidTypeError(
                f"{definition.torch_module}{signature} was called with other arguments", received=error
            ) from None
        bound.apply_defaults()
        chosen = _variant(definition, bound.arguments)
        base.__init__(
            self,
            _selected(definition, chosen, signature),
            **_constructor_arguments(definition, bound.arguments, signature),
        )
        vars(self).update(chosen)

    def extra_repr(self: Any) -> str:
        chosen = [f"{keyword}={getattr(self, keyword)!r}" for keyword in {k for k, _, _ in definition.variants}]
        return ", ".join(filter(None, [*chosen, base.extra_repr(self)]))

    extra = tuple((name, p.default) for name, p in signature.parameters.items() if p.kind is Parameter.KEYWORD_ONLY)
    body = {"__init__": __init__, "__signature__": signature, "extra_repr": extra_repr, "unsaid": extra,
            "__module__": "nonlin.torch", "__doc__": f"{definition.title}. {definition.summary}"}  # fmt: skip
    return type(definition.torch_module, (base,), body)


MODULES: Mapping[str, type[nn.Module]] = MappingProxyType(
    {definition.torch_module: _module_class(definition) for definition in DEFINITIONS.values()}
)


def module(name: str | Activation, **parameters: Any) -> nn.Module:
    """A module by any name the registry knows, its parameters and keywords by torch.nn's names.

    `module("torch.nn.LeakyReLU", negative_slope=0.2, inplace=True)`; also for activations made with `define`.
    A learned parameter's first value is given under its own name.

    Raises:
        UnknownNameError: no activation has this name.
    """
    activation = get(name)
    own = {p.name: p for p in activation.definition.parameters}
    values = parameters if activation.kind in RESIZING else {**activation.parameters, **parameters}
    if activation.kind == "row" and "axis" in values:
        values = {"dim": int(values["axis"]), **{k: v for k, v in values.items() if k != "axis"}}
    single = "init" in _learned(activation.definition)
    if DEFINITIONS.get(activation.name) is activation.definition:
        first = {key for key in values if single and key in own and own[key].learned}
        keywords = {"init" if key in first else key: value for key, value in values.items()}
        return MODULES[activation.definition.torch_module](**keywords)
    return RowModule(activation, **parameters) if activation.kind == "row" else ActivationModule(activation, **values)
