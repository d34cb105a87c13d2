"""Writes src/nonlin/emit/two_over_pi.py, the bits of 2/π that reduce huge angles: `python scripts/two_over_pi.py`.

Entry j holds 48 bits of 2/π, those of weight 2¹ to 2⁻⁴⁶ in 2^(16j − 64) · 2/π: what multiplies an integer below
2⁶⁹ and is worth less than a full turn. Entries j, j + 3, j + 6 and j + 9 together are 192 consecutive bits.
"""

from __future__ import annotations

from pathlib import Path

import mpmath

OUTPUT = Path(__file__).parent.parent / "src/nonlin/emit/two_over_pi.py"
STEP, FIRST, BITS = 16, -64, 46
LARGEST = 1995  # the exponent of the last bit of a product of two doubles
ROWS = (LARGEST - FIRST) // STEP + 1 + 9

HEADER = '''"""Bits of 2/π, 48 an entry and 16 apart. Written by scripts/two_over_pi.py, which explains them; do not edit."""

from __future__ import annotations

'''


def entry(row: int) -> float:
    """2^(16·row − 64) · 2/π modulo 4, cut off after the bit of weight 2⁻⁴⁶."""
    with mpmath.workprec(STEP * ROWS + 200):
        scaled = mpmath.floor(mpmath.ldexp(2 / mpmath.pi, STEP * row + FIRST + BITS))
        return float(int(scaled) % (1 << BITS + 2)) / (1 << BITS)


def render() -> str:
    """The text of the module."""
    lines = "".join(f"    {entry(row)!r},\n" for row in range(ROWS))
    layout = f"FIRST, STEP, BITS = {FIRST}, {STEP}, {BITS}\n"
    return f"{HEADER}{layout}TWO_OVER_PI: tuple[float, ...] = (\n{lines})\n"


if __name__ == "__main__":
    OUTPUT.write_text(render(), encoding="utf-8")
    print(f"wrote {OUTPUT}")
