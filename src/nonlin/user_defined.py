"""Activations from a formula a user types: parsed, differentiated, compiled and checked."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nonlin.accuracy import Fault, faults
from nonlin.activation import Activation, ElementwiseActivation
from nonlin.catalog import DEFINITIONS, Definition, Parameter, Reference
from nonlin.catalog.definition import Form
from nonlin.errors import InvalidValueError
from nonlin.expression import nodes
from nonlin.expression.formula import FUNCTIONS, NAMES, parse
from nonlin.expression.nodes import Node
from nonlin.expression.rewrite import stable
from nonlin.expression.text import to_text
from nonlin.kernels.ufunc import compile_loops
from nonlin.registry import activation_of, catalogued, register

WRONG_WITHIN = 100.0  # |x| up to which an infinite or NaN result whose exact value is finite refuses the formula
UNDEFINED_WITHIN = 10.0  # |x| up to which f must have a value
# Keywords of the calls that take an activation's parameters by name.
TAKEN = {"x", "out", "order", "wrt", "axis", "name", "formula", "self", "inplace", "points"}


def define(name: str, formula: str, /, **defaults: float) -> Activation:
    """A new activation from a formula in x: `define("mine", "x * tanh(softplus(x))")`.

    Other names in the formula are parameters and need a default: `define("bent", "x * sigmoid(b * x)", b=1.5)`.
    The result has everything a catalogue entry has, and `get(name)` finds it. Defining a name again replaces it.

    Where the formula as typed would lose digits in a tail, an equal one is computed (`nonlin.expression.rewrite`):
    `.formula` is what was typed, `.accuracy()` shows both. All kernels are compiled here, and f, f′, f″ and the
    derivatives in the parameters are evaluated at several hundred inputs in float32 and float64.

    Refused, with the input: f without a value at some |x| ≤ 10 (log(x) at −1, x/x at 0), and f or a first derivative
    that at some |x| ≤ 100 is infinite or NaN although the exact value is finite (∞ − ∞), or far from it. No error, but
    told in `.definition.cons` and `.accuracy().faults`: an overflow that is mathematically right, a derivative that
    does not exist, and the faults above further out. The errors of finite results are what `.accuracy()` measures.

    Raises FormulaError for a formula that does not parse; InvalidValueError for a name that is taken or not an
    identifier, parameters without default, defaults without parameter or not finite, and the faults above.
    """
    _check_name(name)
    expression = parse(formula)
    _check_parameters(name, formula, expression, defaults)
    definition = _definition(name, formula, expression, defaults)
    activation = activation_of(definition)
    compile_all(activation)
    if isinstance(activation, ElementwiseActivation):
        found = faults(definition, activation.parameters, activation.derivative)
        for fault in found:
            _refuse(name, formula, fault)
        activation = activation_of(replace(definition, cons=tuple(f"{fault}." for fault in found)))
    register(activation)
    return activation


def _definition(name: str, formula: str, expression: Node, defaults: Mapping[str, float]) -> Definition:
    computed = stable(expression)
    better = computed is not expression
    return Definition(
        name=name,
        title=name,
        family="defined",
        kind="row" if any(node.op in nodes.ROW_OPERATIONS for node in nodes.walk(expression)) else "elementwise",
        formula=expression,
        forms=(*([Form((), computed)] if better else []), *_known_forms(computed)),
        summary=f"Defined by the formula {formula}" + (f", computed as {to_text(computed)}." if better else "."),
        reference=Reference("you", 0, "defined in this session"),
        parameters=tuple(
            Parameter(p, float(defaults[p]), "parameter of the formula") for p in nodes.parameters(expression)
        ),
        torch_module="".join(part.title() for part in name.split("_")),
    )


def _known_forms(computed: Node) -> Iterator[Form]:
    """The careful forms of the catalogue's function with this formula at its defaults, where there is one."""
    for definition in DEFINITIONS.values():
        values = {nodes.parameter(p.name): nodes.decimal(repr(p.default)) for p in definition.parameters}
        if definition.forms and nodes.substitute(definition.formula, values) is computed:
            forms = (form for form in definition.forms if set(form.index) <= {"x"})
            yield from (Form(form.index, nodes.substitute(form.expression, values)) for form in forms)
            return


def compile_all(activation: Activation) -> None:
    """Compile every kernel now; a formula no kernel can be made of raises here and not at the first call."""
    if not isinstance(activation, ElementwiseActivation):
        compile_loops(activation.ufunc)  # type: ignore[attr-defined]
        compile_loops(activation.vjp_ufunc)  # type: ignore[attr-defined]
        return
    for order, wrt in ((0, "x"), (1, "x"), (2, "x"), *((1, parameter) for parameter in activation.parameters)):
        compile_loops(activation.derivative_ufunc_of(order, wrt), "float16", "float32", "float64")


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or name[0] == "_":
        raise InvalidValueError(
            "the name must be an identifier",
            received=repr(name),
            fix="use letters, digits and _, a letter first, and no word of Python's own",
        )
    if name in FUNCTIONS or name in NAMES:
        raise InvalidValueError("the name has a meaning in formulas", received=repr(name), fix=f"try 'my_{name}'")
    if catalogued(name):
        raise InvalidValueError("the name belongs to the catalogue", received=repr(name), fix=f"try 'my_{name}'")


def _check_parameters(name: str, formula: str, expression: Node, defaults: Mapping[str, float]) -> None:
    used = nodes.parameters(expression)
    if set(used) != set(defaults):
        raise InvalidValueError(
            "every name in the formula other than x and the functions is a parameter and needs a default, and no other",
            received=f"parameters {sorted(used)}, defaults {sorted(defaults)}",
            fix=f"define({name!r}, {formula!r}, {', '.join(f'{p}=1.0' for p in used)})" if used else "drop the extra",
        )
    for parameter, default in defaults.items():
        if parameter in TAKEN or parameter.startswith("_") or keyword.iskeyword(parameter):
            raise InvalidValueError(
                "a parameter cannot have the name of a keyword of nonlin's calls",
                received=repr(parameter),
                fix=f"call it {parameter.strip('_')}_value",
            )
        if not _is_finite_number(default):
            raise InvalidValueError("a default is a finite number", received=f"{parameter}={default!r}")
    if nodes.x not in nodes.walk(expression):
        raise InvalidValueError("an activation is a function of x", received=formula, fix="write x for its input")


def _is_finite_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse(name: str, formula: str, fault: Fault) -> None:
    """Raise for a fault that would break a network at inputs it meets."""
    if fault.kind == "undefined" and not fault.order and abs(fault.x) <= UNDEFINED_WITHIN:
        raise InvalidValueError(
            f"{name} needs a value at every x within ±{UNDEFINED_WITHIN:g}",
            received=fault,
            fix=f"say what it is there: where({_elsewhere(fault.x)}, {formula}, 0)",
        )
    if fault.kind == "wrong" and fault.order <= 1 and abs(fault.x) <= WRONG_WITHIN:
        raise InvalidValueError(
            f"{name} comes out wrong at an input a network meets: a part of the formula overflows, or divides 0 by 0, "
            "or has a kink that the whole has not",
            received=fault,
            fix="write it with sigmoid, softplus, tanh, expm1, log1p or Phi, or piecewise: where(x < 0, ..., ...)",
        )


def _elsewhere(x: float) -> str:
    return "x != 0" if not x else "x > 0" if x < 0 else f"x < {x:.6g}"
