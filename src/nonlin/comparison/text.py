"""A comparison as plain text: table, verdict, failures and notes, for a terminal and for a reader without one.

Works on the record of a comparison (`Comparison.to_dict`), not on the object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
HEADER = ("", "activation", "mean", "95 % interval", "vs best", "p", "learning rate", "s/run", "diverged")


def render(record: Record) -> str:
    """Heading, aligned table, recommendation, failures, notes."""
    lines = [_heading(record)]
    if record["table"]:
        table = [HEADER, *(_cells(record, row) for row in record["table"])]
        lines += ["", *_aligned(table), "", "* cannot be told apart from the best"]
    lines += ["", recommendation(record)]
    return "\n".join([*lines, *_failures(record), *(f"note: {note}" for note in record["notes"])])


def recommendation(record: Record) -> str:
    """One sentence about what the numbers allow to be said."""
    rows = record["table"]
    if not rows:
        return "No run finished, so nothing can be recommended; the failures say why."
    best, name = rows[0], rows[0]["activation"]
    score = number(record, best["mean"])
    if best["mean"] <= record["baseline"]:
        return (
            f"No activation beats a constant prediction ({number(record, record['baseline'])}): change the network, "
            "the steps or the learning rates before choosing an activation."
        )
    if len(rows) == 1:
        return f"{name} reaches {score}; there is nothing to compare it with."
    if best["seeds"] < 2:
        return f"{name} has the highest score, {score}, but one seed cannot tell activations apart: run at least five."
    tied = [row["activation"] for row in rows if row["best"]]
    if len(tied) == 1:
        others = f"each of the other {len(rows) - 1}" if len(rows) > 2 else rows[1]["activation"]
        return f"Use {name}: {score}, better than {others} beyond what chance explains."
    listed = ", ".join(tied[:-1]) + " and " + tied[-1]
    return (
        f"{listed} cannot be told apart on these data with {best['seeds']} seeds: take any of them, for example "
        f"{name}, which has the highest mean ({score})."
    )


def number(record: Record, value: float | None, signed: bool = False) -> str:
    """A score as it is shown: an accuracy in per cent, R² with three digits."""
    if value is None:
        return "–"
    sign = "+" if signed else ""
    return f"{100 * value:{sign}.1f} %" if record["metric"] == "accuracy" else f"{value:{sign}.3f}"


def _heading(record: Record) -> str:
    settings = record["settings"]
    train, validation, test = record["rows"]
    return (
        f"{record['data']}: test {record['metric']} of {settings['network']} {settings['depth']} × "
        f"{settings['width']}, {settings['steps']} steps, {len(settings['seeds'])} seeds\n"
        f"rows: {train} training, {validation} validation, {test} test; "
        f"a constant prediction has {number(record, record['baseline'])}"
    )


def _cells(record: Record, row: Record) -> tuple[str, ...]:
    first = row is record["table"][0]
    rate, count = row["learning_rates"][0]
    interval = "–" if row["low"] is None else f"{number(record, row['low'])} … {number(record, row['high'])}"
    return (
        "*" if row["best"] else "",
        row["activation"],
        number(record, row["mean"]),
        interval,
        "" if first else number(record, row["difference"], signed=True),
        "" if first else _p(row["p"]),
        f"{rate:g} ({count} of {row['seeds']}{', edge' if row['at_edge'] else ''})",
        f"{row['seconds']:.2f}",
        str(row["diverged"] or ""),
    )


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 0.9995 else "1"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _failures(record: Record) -> list[str]:
    """One line per activation and status, so that a whole grid going wrong stays readable."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for failure in record["failures"]:
        groups.setdefault((failure["activation"], failure["status"]), []).append(failure)
    settings = record["settings"]
    runs = len(settings["seeds"]) * len(settings["learning_rates"])
    return [
        f"{status}: {name}, {len(group)} of {runs} runs, at learning rates "
        f"{', '.join(f'{rate:g}' for rate in sorted({f['learning_rate'] for f in group}))}; "
        f"for example: {group[0]['reason']}"
        for (name, status), group in groups.items()
    ]
