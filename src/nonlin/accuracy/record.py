"""The record of a measurement: the worst errors found, and the points they were found among."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nonlin.accuracy.faults import Fault, label
from nonlin.facts.interval import number_json


@dataclass(frozen=True)
class WorstError:
    """The largest error of f, or of a derivative, in one dtype: |got − exact| in units in the last place at x.

    `points` were compared; `unmeasured` more have no exact value, or none that could be certified. Without any
    comparison ulp, x, got and exact are NaN.
    """

    dtype: str
    order: int
    wrt: str
    ulp: float
    x: float
    got: float
    exact: float
    points: int
    unmeasured: int

    @property
    def what(self) -> str:
        """f, f′, f″ or ∂f/∂parameter."""
        return label(self.order, self.wrt)


@dataclass(frozen=True)
class Accuracy:
    """Sampled worst errors of one activation, per dtype and derivative, against values certified to 40 digits.

    The unit is the distance between neighbouring numbers of the dtype at the exact value; within 1/16 of a sign
    change of a derivative away from x = 0 it is taken at no less than 2⁻⁸. Sampled: a larger error elsewhere is
    possible. Printing gives a table, `to_dict` values JSON can hold (±∞ as "inf" and "-inf", NaN as None).
    """

    name: str
    formula: str
    computed: str  # the equal formula that is computed in its place, where there is one
    parameters: Mapping[str, float]
    errors: tuple[WorstError, ...]
    faults: tuple[Fault, ...]
    points: int
    seconds: float

    def worst(self, dtype: str | None = None, order: int | None = None) -> WorstError:
        """The largest error of all, or of one dtype or order. Raises ValueError where nothing was measured."""
        chosen = (e for e in self.errors if dtype in (None, e.dtype) and order in (None, e.order) and e.points)
        return max(chosen, key=lambda error: error.ulp)

    def to_dict(self) -> dict[str, Any]:
        """The whole record in values JSON can hold."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        values = "".join(f", {name} = {value:g}" for name, value in self.parameters.items())
        yield f"{self.name}: f(x) = {self.formula}{values}"
        if self.computed != self.formula:
            yield f"computed as {self.computed}"
        yield f"worst errors sampled at {self.points:,} points in {self.seconds:.1f} s"
        yield f"{'':8} {'dtype':9} {'error (ulp)':>11}  {'at x':>14}  {'computed':>14}  {'exact':>14}  {'points':>6}"
        for e in self.errors:
            numbers = "  ".join(f"{number:>14.7g}" for number in (e.x, e.got, e.exact))
            yield f"{e.what:8} {e.dtype:9} {e.ulp:>11.3g}  {numbers}  {e.points:>6}"
        yield from (f"note: {fault}" for fault in self.faults)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return number_json(value) if isinstance(value, float) else value
