"""Writes src/nonlin/emit/two_over_pi.py, the bits of 2/π that reduce huge angles: `python scripts/two_over_pi.py`.

A product of two doubles reaches 2²⁰⁴⁸, and a sine is to be known to 2⁻¹²¹ of a turn where it is nearly 0.
"""

from __future__ import annotations

from pathlib import Path

import mpmath

OUTPUT = Path(__file__).parent.parent / "src/nonlin/emit/two_over_pi.py"
BITS = 2400
LINE = 100  # hexadecimal digits

HEADER = '''"""2/π to many bits, cut off. Written by scripts/two_over_pi.py; do not edit."""

from __future__ import annotations

from fractions import Fraction

'''


def render() -> str:
    """The text of the module."""
    with mpmath.workprec(BITS + 100):
        digits = f"{int(mpmath.floor(mpmath.ldexp(2 / mpmath.pi, BITS))):0{BITS // 4}X}"
    lines = "".join(f'    "{digits[start : start + LINE]}"\n' for start in range(0, len(digits), LINE))
    return f"{HEADER}_DIGITS = (\n{lines})\nTWO_OVER_PI = Fraction(int(_DIGITS, 16), 2**{BITS})\n"


if __name__ == "__main__":
    OUTPUT.write_text(render(), encoding="utf-8")
    print(f"wrote {OUTPUT}")
