"""The committed polynomials are those their script fits: the quick ones anew each time, all of them as a slow test."""

from __future__ import annotations

import pytest

from nonlin.emit import polynomials
from scripts import fit_polynomials

# The fits by least squares take seconds from this degree on.
QUICK = 5
LEVELS = [(target, level, degree) for target in fit_polynomials.TARGETS for level, degree in target.degrees.items()]
IN_FLOAT = fit_polynomials.NARROW


def fitted(target: fit_polynomials.Target, level: str, degree: int) -> tuple[float, ...]:
    if level in IN_FLOAT:
        return tuple(fit_polynomials.fit_float(target, degree))
    return tuple(float(coefficient) for coefficient in fit_polynomials.fit(target, degree))


@pytest.mark.parametrize(
    ("target", "level", "degree"),
    [each for each in LEVELS if each[1] not in IN_FLOAT or each[2] <= QUICK],
    ids=lambda part: getattr(part, "name", str(part)),
)
def test_coefficients(target: fit_polynomials.Target, level: str, degree: int) -> None:
    assert polynomials.POLYNOMIALS[target.name][level] == fitted(target, level, degree)


@pytest.mark.slow
def test_the_module_is_what_its_script_writes() -> None:
    assert fit_polynomials.OUTPUT.read_text(encoding="utf-8") == fit_polynomials.render()


def test_every_polynomial_has_a_target() -> None:
    wanted = {(target.name, level): degree for target, level, degree in LEVELS}
    found = {
        (name, level): len(c) - 1 for name, levels in polynomials.POLYNOMIALS.items() for level, c in levels.items()
    }
    assert found == wanted


def test_a_coefficient_off_by_one_bit_is_seen() -> None:
    target, level, degree = next(each for each in LEVELS if each[1] == "double")
    first, *others = fitted(target, level, degree)
    assert polynomials.POLYNOMIALS[target.name][level] != (first * (1 + 2.0**-52), *others)
