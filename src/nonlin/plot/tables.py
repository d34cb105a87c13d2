"""Text twins of the figures in `nonlin.plot.figures`: header and rows with the same numbers. Needs no Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]  # header, rows
Series = Mapping[str, Sequence[float]]


def lines_by_depth(series: Series, predicted: Series | None = None) -> Table:
    """One row for each layer; a column for each label, followed by its prediction."""
    columns: dict[str, Sequence[float]] = {}
    for label, values in series.items():
        columns[label] = values
        if predicted and label in predicted:
            columns[f"{label}, predicted"] = predicted[label]
    return _columns("layer", columns, "{:.3g}")


def shares_by_layer(series: Series) -> Table:
    """One row for each layer, in per cent."""
    return _columns("layer", {label: [100 * v for v in values] for label, values in series.items()}, "{:.0f} %")


def training_curves(series: Series) -> Table:
    """One row for each epoch."""
    return _columns("epoch", series, "{:.4g}")


def intervals(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One row for each candidate: mean, interval, whether it ties with the best."""
    body: list[tuple[str, ...]] = [
        (str(row["name"]), *(f"{row[key]:.4g}" for key in ("mean", "low", "high")), "yes" if row["best"] else "no")
        for row in rows
    ]
    return ("candidate", "mean", "95 % interval from", "to", "ties with the best"), body


def image_and_probabilities(probabilities: Sequence[float], label: int | str) -> Table:
    """One row for each class; the true class is marked."""
    rows: list[tuple[str, ...]] = [
        (str(index), f"{100 * share:.1f} %", "true class" if str(index) == str(label) else "")
        for index, share in enumerate(probabilities)
    ]
    return ("class", "probability", ""), rows


def decision_regions(panels: Sequence[Mapping[str, Any]]) -> Table:
    """One row for each panel: its title, and "note" if it has one (such as the accuracy)."""
    return ("network", "result"), [(str(p["title"]), str(p.get("note", ""))) for p in panels]


def _columns(first: str, columns: Mapping[str, Sequence[float]], form: str) -> Table:
    length = max((len(values) for values in columns.values()), default=0)
    rows = [
        (str(i + 1), *(form.format(values[i]) if i < len(values) else "" for values in columns.values()))
        for i in range(length)
    ]
    return (first, *columns), rows
