"""The record of a comparison as a page, and as blocks for a page that holds more than it."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

from nonlin.report.page import Block, Page, Record, Section

MOST_CURVES = 8  # more cannot be told apart in one picture
HEADER = (
    "activation", "mean", "95 % interval", "tie", "difference", "p", "rate (seeds)",
    "seconds a run", "diverged",
)  # fmt: skip


def page(record: Record) -> Page:
    """The page of one comparison."""
    summary = record["recommendation"]
    section = Section("result", "Result", _what(record), summary, tuple(blocks(record, summary=False)))
    settings = tuple((name.replace("_", " "), _plain(value)) for name, value in record["settings"].items())
    return Page(f"Activations compared on {record['data']}", _rows(record), (section,), settings)


def blocks(record: Record, *, summary: bool = True) -> list[Block]:
    """Figure, table, curves, failures and notes; with `summary`, the verdict before them."""
    found: list[Block] = []
    if summary:
        found.append({"kind": "text", "text": f"{_what(record)}: {record['recommendation']}"})
    if record["table"]:
        found += [_intervals(record), _table(record), *_curves(record)]
    listed = [*_failures(record), *record["notes"]]
    return [*found, {"kind": "list", "title": "To bear in mind", "items": listed}] if listed else found


def _what(record: Record) -> str:
    settings = record["settings"]
    return (
        f"{settings['network']} {settings['depth']} × {settings['width']} on {record['data']}, "
        f"{settings['steps']} steps, {len(settings['seeds'])} seeds"
    )


def _rows(record: Record) -> str:
    learn, validation, test = record["rows"]
    return (
        f"The same network trained with each activation: {learn} rows to learn from, {validation} to choose the "
        f"learning rate, {test} to test. A constant prediction has {_score(record, record['baseline'])}."
    )


def _intervals(record: Record) -> Block:
    percent = record["metric"] == "accuracy"
    scale = 100.0 if percent else 1.0
    rows = [
        {
            "name": row["activation"], "best": row["best"], "mean": scale * row["mean"],
            "low": scale * (row["mean"] if row["low"] is None else row["low"]),
            "high": scale * (row["mean"] if row["high"] is None else row["high"]),
        }
        for row in record["table"]
    ]  # fmt: skip
    label = f"test {record['metric']}" + (", %" if percent else "")
    network = record["settings"]["network"]
    return {
        "kind": "figure", "figure": "intervals", "title": f"Test {record['metric']} with its 95 % interval, {network}",
        "caption": "Best mean first. Shaded, with a filled circle: cannot be told apart from the best.",
        "data": {"rows": rows, "xlabel": label},
    }  # fmt: skip


def _table(record: Record) -> Block:
    network = record["settings"]["network"]
    rows = [_cells(record, row) for row in record["table"]]
    return {"kind": "table", "caption": f"The comparison in numbers, {network}", "header": list(HEADER), "rows": rows}


def _cells(record: Record, row: Record) -> list[str]:
    first = row is record["table"][0]
    rate, count = row["learning_rates"][0]
    interval = "–" if row["low"] is None else f"{_score(record, row['low'])} … {_score(record, row['high'])}"
    return [
        row["activation"],
        _score(record, row["mean"]),
        interval,
        "best" if first else "yes" if row["best"] else "no",
        "" if first else _score(record, row["difference"], signed=True),
        "" if first else _p(row["p"]),
        f"{rate:g} ({count} of {row['seeds']}{', edge' if row['at_edge'] else ''})",
        f"{row['seconds']:.2f}",
        str(row["diverged"]),
    ]


def _curves(record: Record) -> list[Block]:
    """The validation loss while learning, of the best few."""
    shown = [row for row in record["table"] if row["curve"]][:MOST_CURVES]
    if not shown:
        return []
    series = {row["activation"]: [_number(point[2]) for point in row["curve"]] for row in shown}
    every = round(shown[0]["curve"][0][0])
    best = "" if len(shown) == len(record["table"]) else f" The {len(shown)} best of {len(record['table'])}."
    return [{
        "kind": "figure", "figure": "training_curves",
        "title": f"Validation loss while learning, {record['settings']['network']}",
        "caption": f"Mean over seeds, at the learning rate chosen; one point every {every} steps.{best}",
        "data": {"series": series, "ylabel": "validation loss", "xlabel": f"× {every} steps"},
    }]  # fmt: skip


def _failures(record: Record) -> list[str]:
    """One line for each activation, learning rate and status."""
    counts = Counter((f["status"], f["activation"], f["learning_rate"]) for f in record["failures"])
    reasons = {(f["status"], f["activation"], f["learning_rate"]): f["reason"] for f in record["failures"]}
    return [
        f"{status}: {name} at learning rate {rate:g}, {count} runs (for example: {reasons[status, name, rate]})"
        for (status, name, rate), count in counts.items()
    ]


def _score(record: Record, value: float, signed: bool = False) -> str:
    sign = "+" if signed else ""
    text = f"{100 * value:{sign}.1f} %" if record["metric"] == "accuracy" else f"{value:{sign}.3f}"
    return re.sub("[+−](?=0[.0]*( %)?$)", "±", text.replace("-", "−"))


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _plain(value: Any) -> str:
    return (
        ", ".join(map(_plain, value))
        if isinstance(value, list)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
