"""A number inside a kernel: more than one machine number, where accuracy needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """The real number (high + low) · 2^power, as names of instructions.

    `low` is the part below the last bit of `high`, kept for arguments of exponentials, where an error of one unit
    in an argument of 700 would be 700 units in the result. `power` keeps e⁻⁷⁴⁰ as a normal number times a power of
    two, so that x·e⁻⁷⁴⁰ is rounded once. `vanishes`: tends to zero somewhere, so its product with an infinite factor
    is the limit 0 and not NaN. `bounded`: never infinite.

    In float arithmetic the power of two is the constant −`shift`, `exact` marks sums and products of operands whose
    low part makes them as good as exact, `rough` bounds the error of `high` without it and `error` what functions
    have lost, both in units in the last place. `gone` is the condition under which the value is zero in any product,
    `divisor` what a σ is the inverse of and `argument` what it is a function of. `whole` is the value without shift,
    where that takes less than to multiply `high`. `nonpositive`: known to be ≤ 0.
    """

    high: str
    low: str | None = None
    power: str | None = None
    vanishes: bool = False
    bounded: bool = False
    shift: int = 0
    exact: bool = False
    rough: float = float("inf")
    error: float = 0.0
    gone: str | None = None
    divisor: str | None = None
    argument: str | None = None
    whole: str | None = None
    nonpositive: bool = False

    @property
    def alone(self) -> float:
        """The error of `high` alone, in units in the last place; ∞ where nobody knows."""
        return 0.0 if self.low is None else self.rough


@dataclass(frozen=True)
class Precision:
    """How carefully to compute: `level` names the polynomials; `pairs` and `scaled` switch on `low` and `power`.

    `wide` adds the low part of the result before it is returned: what a sum of terms that cancel needs.
    """

    level: str
    pairs: bool
    scaled: bool
    wide: bool = False


# float32 results from float64 arithmetic need neither: an argument of 100 has 2^-46 relative error, and nothing a
# float32 can hold underflows. float64 results need both.
SINGLE = Precision("single", pairs=False, scaled=False)
DOUBLE = Precision("double", pairs=True, scaled=True)
FLOAT = Precision("float", pairs=True, scaled=True)
WIDE = Precision("double", pairs=True, scaled=True, wide=True)
