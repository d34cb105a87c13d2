"""Activation: one function with its values, derivatives, facts and texts, all derived from its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from nonlin.arguments import input_error
from nonlin.backends import backend_of
from nonlin.catalog import Definition, Reference
from nonlin.errors import InvalidTypeError, InvalidValueError, unknown_name
from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.kernels import assemble as kernels
from nonlin.kernels.threads import THRESHOLD_BYTES
from nonlin.kernels.ufunc import FAILURES, raise_failure


@dataclass(frozen=True, eq=False, repr=False)
class Activation:
    """What every activation has, elementwise or over rows. Objects come from `nonlin.get`."""

    definition: Definition
    bound: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, x: Any, *arguments: Any, **keywords: Any) -> Any:
        """f(x); see `ElementwiseActivation` and `RowActivation` for what each accepts."""
        raise NotImplementedError

    def derivative(self, x: Any, order: int = 1, *, wrt: str = "x", out: Any = None, **parameters: Any) -> Any:
        """f′(x), elementwise. A row function has no elementwise derivative: InvalidTypeError."""
        raise InvalidTypeError(
            f"{self.name} depends on a whole row, so its derivative is a matrix, not one number per element",
            fix=f"nonlin.{self.name}.vjp(x, gradient, axis) or nonlin.{self.name}.jacobian(x)",
        )

    def accuracy(self, points: int = 100) -> Any:
        """Sampled worst errors of f, f′, f″ and the derivatives in the parameters: `nonlin.accuracy.Accuracy`.

        At about `points` inputs per dtype and derivative; takes about a second. Raises InvalidTypeError for a
        function that is not elementwise, InvalidValueError for a number of points outside 10 … 100,000.
        """
        from nonlin.accuracy import measure

        return measure(self.definition, self.parameters, self.derivative, points)

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def title(self) -> str:
        return self.definition.title

    @property
    def family(self) -> str:
        return self.definition.family

    @property
    def kind(self) -> str:
        return self.definition.kind

    @property
    def reference(self) -> Reference:
        """The paper it comes from."""
        return self.definition.reference

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names, peers' names qualified: "torch.nn.SiLU"."""
        return tuple(alias.full for alias in self.definition.aliases)

    @cached_property
    def parameters(self) -> dict[str, float]:
        """Values in force: the defaults, or what `bind` fixed."""
        return {**self.definition.defaults, **self.bound}

    @property
    def expression(self) -> Node:
        """The formula, parameters as symbols."""
        return self.definition.formula

    @cached_property
    def bound_expression(self) -> Node:
        """The formula with the parameter values in force put in."""
        values = {nodes.parameter(p): nodes.decimal(repr(v)) for p, v in self.parameters.items()}
        return nodes.substitute(self.expression, values)

    @cached_property
    def formula(self) -> str:
        """The formula as text that `nonlin.define` accepts."""
        from nonlin.expression.text import to_text

        return to_text(self.expression)

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX."""
        from nonlin.emit.latex import latex

        return latex(self.expression)

    @cached_property
    def mathml(self) -> str:
        """The formula as a MathML element, which browsers draw and read out without a script."""
        from nonlin.emit.mathml import mathml

        return mathml(self.expression)

    @cached_property
    def facts(self) -> Any:
        """What follows from the definition: range, kinks, slopes, limits, gain (see `nonlin.facts`)."""
        from nonlin.facts import facts_of, row_facts_of

        if self.kind == "row":
            return row_facts_of(self.expression)
        return facts_of(self.definition.derivative(), self.parameters)

    def bind(self, **parameters: float) -> Any:
        """The same activation with other parameter values as defaults; raises for unknown names and values."""
        for name, value in parameters.items():
            self.check_parameter(name, value)
            if np.ndim(value):
                raise InvalidValueError(
                    "bind fixes single numbers",
                    received=f"{name} of shape {np.shape(value)}",
                    fix=f"pass the array with each call: f(x, {name}=...)",
                )
        return type(self)(self.definition, {**self.bound, **{name: float(v) for name, v in parameters.items()}})

    def check_parameter(self, name: str, value: object) -> None:
        """Raises unless the activation has this parameter and the value (a number or an array) lies in its domain."""
        known = {p.name: p for p in self.definition.parameters}
        if name not in known:
            raise unknown_name(f"parameter of {self.name}", name, known)
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "biuf":
            raise InvalidTypeError(f"{name} of {self.name} must be a number or an array of them", received=repr(value))
        numbers = numbers.astype(float)
        smallest, largest = float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))
        if not (known[name].admits(smallest) and known[name].admits(largest)):
            raise InvalidValueError(
                f"{name} of {self.name} must be {known[name].domain}",
                received=value,
                fix=f"default {known[name].default}",
            )

    def __repr__(self) -> str:
        values = "".join(f", {name}={value:g}" for name, value in self.parameters.items())
        return f"<nonlin activation {self.name}{values}: {self.formula}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.definition, dict(self.bound))


PROMISED_ULP = {False: 2.0, True: 4.0}
"""The bound on the error of float32 results, in units in the last place: of functions, of derivatives."""


@cache
def _ufunc(
    name: str, spellings: tuple[Node, Node], operands: tuple[str, ...], ulp: float, usual: tuple[float, ...]
) -> np.ufunc:
    expression, written = spellings
    return kernels.elementwise(name, expression, operands, ulp, usual, written)


@dataclass(frozen=True, eq=False, repr=False)
class ElementwiseActivation(Activation):
    """f(x) for each element; the parameters are operands, so arrays of them broadcast against x."""

    def __call__(self, x: Any, *, out: Any = None, **parameters: Any) -> Any:
        """f(x): the same kind of array, shape and dtype as x (integers and bool become floating as NumPy promotes).

        x: NumPy array, number, torch tensor or JAX array. out: where to write (NumPy array or tensor).
        Parameters by name; arrays broadcast. Raises InvalidTypeError for complex or object input,
        UnknownNameError for a parameter it does not have, InvalidValueError outside the domain.
        """
        if type(x) is np.ndarray and not parameters and x.nbytes < THRESHOLD_BYTES:
            return self._directly(self.ufunc, x, out)
        return self._apply(x, 0, "x", out, parameters)

    def derivative(self, x: Any, order: int = 1, *, wrt: str = "x", out: Any = None, **parameters: Any) -> Any:
        """The order-th derivative in x, or with `wrt` in a parameter (then `order` counts further derivatives in x
        after the first in the parameter: order=1 is ∂f/∂wrt). At a kink: the subgradient of the definition.
        """
        if not hasattr(order, "__index__") or order < 0:
            raise InvalidValueError("the order of a derivative is a whole number, 0 or more", received=repr(order))
        if type(x) is np.ndarray and not parameters and x.nbytes < THRESHOLD_BYTES:
            return self._directly(self._kernel(order, wrt), x, out)
        return self._apply(x, order, wrt, out, parameters)

    def _directly(self, ufunc: np.ufunc, x: np.ndarray[Any, Any], out: Any) -> Any:
        """What `_apply` comes to for an array too small for threads and no parameters given, and a microsecond less."""
        values = self._values[x.dtype]
        try:  # without a star NumPy gets its arguments in place, which takes 0.2 µs less
            if not values:
                result = ufunc(x, out=out)
            elif len(values) == 1:
                result = ufunc(x, values[0], out=out)
            else:
                result = ufunc(x, *values, out=out)
        except (TypeError, ValueError) as error:
            raise input_error(self.name, x, error, out) from None
        if FAILURES:
            raise_failure(ufunc)
        return result

    def _apply(self, x: Any, order: int, wrt: str, out: Any, given: dict[str, Any]) -> Any:
        # Other backends come first: they check the parameters themselves, need no kernel, and may be tracing.
        backend = backend_of(x)
        if backend is not None:
            return backend.apply(self, x, order, wrt, out, given)
        ufunc = self._kernel(order, wrt)
        for name, value in given.items():
            self.check_parameter(name, value)
        given = {**self.parameters, **given} if given else self.parameters
        try:
            return kernels.call(ufunc, (x, *given.values()), out)
        except (TypeError, ValueError) as error:
            raise input_error(self.name, x, error, out) from None

    @cached_property
    def _values(self) -> kernels.Values:
        return kernels.Values(tuple(self.parameters.values()))

    @cached_property
    def _kernels(self) -> dict[tuple[int, str], np.ufunc]:
        return {}

    def _kernel(self, order: int, wrt: str) -> np.ufunc:
        found = self._kernels.get((order, wrt))
        if found is None:
            found = self._kernels[order, wrt] = self.derivative_ufunc_of(order, wrt)
        return found

    @cached_property
    def ufunc(self) -> np.ufunc:
        """The numpy.ufunc of f. Operands: x, then the parameters in the order of the definition."""
        return self.derivative_ufunc_of(0)

    @cached_property
    def derivative_ufunc(self) -> np.ufunc:
        """The numpy.ufunc of f′, operands as for `ufunc`."""
        return self.derivative_ufunc_of(1)

    def derivative_ufunc_of(self, order: int = 1, wrt: str = "x") -> np.ufunc:
        """The numpy.ufunc of a derivative, operands as for `ufunc`; order and wrt as for `derivative`."""
        known = tuple(self.definition.defaults)
        if wrt != "x" and wrt not in known:
            raise unknown_name("operand", wrt, ("x", *known))
        if wrt != "x" and order < 1:
            raise InvalidValueError("a derivative in a parameter has order 1 or more", received=order)
        index = ("x",) * order if wrt == "x" else (wrt, *("x",) * (order - 1))
        name = f"{self.name}_derivative_{order}_{wrt}" if index else self.name
        spellings = self.definition.derivative(*index), self.definition.written_derivative(*index)
        return _ufunc(
            name, spellings, ("x", *known), PROMISED_ULP[bool(index)], tuple(self.definition.defaults.values())
        )
