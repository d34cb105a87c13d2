"""What a picture shows, in words: the text twin of every figure of an activation. Needs no Matplotlib."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.emit.notation import symbols
from nonlin.plot.points import slopes_at, values_at
from nonlin.registry import get

# The example of the articles: three outputs of a network with three classes.
SAMPLE_ROW = (1.8, 0.9, 0.68)
_LONG_NUMBER = re.compile(r"(\d+\.\d{5})\d+")
_COURSE = {
    ("increasing", True): "the curve always rises", ("increasing", False): "the curve never falls",
    ("decreasing", True): "the curve always falls", ("decreasing", False): "the curve never rises",
}  # fmt: skip
NARROW = 0.25


def number(value: float) -> str:
    """Three significant digits, with the minus and infinity signs a reader expects."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value + 0.0:.3g}".replace("-", "−")


def interval(region: Any) -> str:
    """An interval of the facts in the usual brackets: [0, ∞)."""
    left = "[" if region.low_closed and math.isfinite(region.low) else "("
    right = "]" if region.high_closed and math.isfinite(region.high) else ")"
    return f"{left}{number(region.low)}, {number(region.high)}{right}"


def values(facts: Any) -> str:
    """The range as text: [0, ∞), or {0, 1} if there are only so many values."""
    levels = getattr(facts, "levels", ())
    return "{" + ", ".join(map(number, levels)) + "}" if levels else interval(facts.range)


def where(region: Any) -> str:
    """An interval as a condition on x: "x < −2"."""
    if math.isinf(region.low) and math.isinf(region.high):
        return "every x"
    if math.isinf(region.low):
        return f"x < {number(region.high)}"
    if math.isinf(region.high):
        return f"x > {number(region.low)}"
    return f"{number(region.low)} < x < {number(region.high)}"


def label(activation: Activation) -> str:
    """The title, with the parameters that differ from their defaults: "Leaky ReLU (negative_slope = 0.2)"."""
    defaults = activation.definition.defaults
    changed = [f"{k} = {number(v)}" for k, v in activation.parameters.items() if v != defaults[k]]
    return activation.title + (f" ({', '.join(changed)})" if changed else "")


def parameter_values(activation: Activation) -> list[tuple[str, str, str]]:
    """Name, symbol in the formula and value of each parameter."""
    boxes = symbols(activation.expression)
    signs = {name: "".join(part.text for part in (box, *box.parts)) for name, box in boxes.items()}
    return [(name, signs.get(name, name), number(value)) for name, value in activation.parameters.items()]


def describe(name: str | Activation) -> str:
    """Two or three sentences that say what `plot.curve(name)` shows, derived from the facts.

    Raises UnknownNameError if no activation has that name.
    """
    activation = get(name)
    sentences = row_sentences(activation) if activation.kind == "row" else curve_sentences(activation)
    return f"{label(activation)}: {' '.join(map(_capital, sentences))}"


def row_sentences(activation: Activation) -> list[str]:
    """The sample row before and after."""
    after = values_at(activation, SAMPLE_ROW)
    return [
        activation.definition.summary.rstrip(".") + ".",
        f"The row {_row(SAMPLE_ROW)} becomes {_row(after)}, which adds up to {number(round(float(after.sum()), 9))}.",
    ]


def curve_sentences(activation: Activation) -> list[str]:
    """Shape and range; slope; saturation; kinks and jumps."""
    facts = activation.facts
    course = _COURSE.get((facts.monotonic, facts.strictly_monotonic), "the curve both rises and falls")
    formula = _LONG_NUMBER.sub(r"\1…", activation.formula)
    sentences = [f"f(x) = {formula}.", f"{course}; its values {'are' if facts.levels else 'lie in'} {values(facts)}."]
    sentences.append(steepest(activation))
    return [s for s in sentences if s] + [note.text for note in notes(activation)]


@dataclass(frozen=True)
class Note:
    """Something shaded or marked in a picture: how it looks there, and what it means."""

    sign: str
    text: str


def notes(activation: Activation) -> list[Note]:
    """What is hatched (no slope at all), shaded (hardly any), marked by a diamond (kink) or by circles (jump)."""
    facts = activation.facts
    dead = hatched(activation)
    faint = [r for r in shaded(activation) if not nearly_inside(r, dead)]
    found = [Note("Hatched", f"the slope is 0 for {_join(dead)}: no gradient.")] if dead else []
    if faint:
        found.append(Note("Shaded", f"saturated for {_join(faint)}: the slope is under 1 % of its largest."))
    found += [
        Note("◇", f"kink at x = {number(k.x)}: the slope goes from {number(k.left_slope)} to {number(k.right_slope)},"
                  f" and is taken as {number(k.subgradient)} there.")
        for k in facts.kinks
    ]  # fmt: skip
    jumps = [f"jump at x = {number(j.x)} from {number(j.left)} to {number(j.right)}." for j in facts.jumps]
    return found + [Note("○ ●", text) for text in jumps]


def shaded(activation: Activation) -> list[Any]:
    """The regions of saturation that a picture shades: not the slivers where a slope passes through zero."""
    return [r for r in activation.facts.saturation if r.high - r.low > NARROW]


def hatched(activation: Activation) -> list[Any]:
    """The regions that a picture hatches: the slope is exactly zero, over more than a point."""
    return [r for r in activation.facts.dead_region if r.high - r.low > NARROW]


def nearly_inside(region: Any, others: Iterable[Any]) -> bool:
    """Whether one of the other intervals holds this one but for a sliver."""
    return any(o.low - NARROW <= region.low and region.high <= o.high + NARROW for o in others)


def steepest(activation: Activation) -> str:
    """The largest slope, and where it is if that is a single place."""
    largest = activation.facts.max_slope
    if not math.isfinite(largest) or largest == 0:
        return ""
    at = steepest_place(activation)
    return f"The steepest slope is {number(largest)}" + ("." if at is None else f", at x = {number(at)}.")


def steepest_place(activation: Activation) -> float | None:
    """Where |f′| is largest, if that is a single place."""
    at = activation.facts.max_slope_at
    if at is None or not math.isfinite(at):
        return None
    beside = np.abs(slopes_at(activation, [at - 0.1, at + 0.1]))
    return float(at) if float(beside.max()) < activation.facts.max_slope * (1 - 1e-9) else None


def _row(values: Iterable[float]) -> str:
    return "[" + ", ".join(f"{v:.2f}".rstrip("0").replace("-", "−") for v in map(float, values)) + "]"


def _join(regions: Iterable[Any]) -> str:
    return " and ".join(map(where, regions))


def _capital(text: str) -> str:
    return text if text.startswith("f(") else text[:1].upper() + text[1:]
