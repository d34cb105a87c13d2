"""Records for the tests of reports, written by hand: what a comparison and a demonstration hand over."""

from __future__ import annotations

from typing import Any

HOSTILE = "<script>alert('x')</script>\"&$\\frac$"


def comparison(candidates: int = 3, name: str = "function", data: str = "made") -> dict[str, Any]:
    """A finished comparison; the first two candidates tie."""
    return {
        "schema": "nonlin.comparison/1", "data": data, "task": "classification", "metric": "accuracy", "baseline": 0.1,
        "rows": [60, 20, 20], "directory": f"runs/{data}", "recommendation": f"Take {name} 0.",
        "settings": {"network": "mlp", "depth": 2, "width": 32, "steps": 300, "seeds": [0, 1, 2], "batch": 64,
                     "learning_rates": [0.01, 0.1], "overlap": 0.25},
        "table": [_row(index, f"{name} {index}") for index in range(candidates)],
        "failures": [{"activation": f"{name} 1", "learning_rate": 0.1, "seed": 2, "status": "diverged",
                      "reason": f"not finite in {name}"}],
        "notes": [f"a note on {name}"], "best": [f"{name} 0", f"{name} 1"],
    }  # fmt: skip


def _row(index: int, name: str) -> dict[str, Any]:
    mean = 0.95 - 0.01 * index
    return {
        "activation": name, "seeds": 3, "mean": mean, "low": mean - 0.01, "high": mean + 0.01, "learning_rate": 0.01,
        "learning_rates": [[0.01, 2], [0.1, 1]], "at_edge": False, "difference": -0.01 * index,
        "difference_low": -0.02, "difference_high": 0.01, "p": 1.0 if index < 2 else 0.0001, "effect": None,
        "best": index < 2, "equivalent": None, "diverged": int(index == 1), "diverged_seeds": 0, "crashed": 0,
        "seconds": 0.25, "steps": 300, "weights": 1000, "scores": [mean, mean, mean],
        "curve": [[20 * i, 2.0 / i, None if i == 3 else 2.1 / i + 0.01 * index] for i in range(1, 16)],
    }  # fmt: skip


def figures(name: str = "first") -> dict[str, dict[str, Any]]:
    """Data for each kind of figure."""
    grid = [-1.0, 0.0, 1.0]
    panel = {"title": name, "note": f"note on {name}", "x": grid, "y": grid,
             "probability": [[0.1, 0.4, 0.6], [0.2, 0.6, 0.7], [0.3, 0.8, 0.9]]}  # fmt: skip
    return {
        "lines_by_depth": {"series": {name: [1.0, 0.1, 0.01]}, "predicted": {name: [1.0, 0.2, None]}, "ylabel": name},
        "shares_by_layer": {"series": {name: [0.0, 0.5], f"{name} 2": [0.25, 1.0]}},
        "training_curves": {"series": {name: [2.0, 1.0, None]}, "ylabel": "loss", "xlabel": name},
        "intervals": {"rows": [{"name": name, "mean": 90.0, "low": 89.0, "high": 91.0, "best": True}]},
        "decision_regions": {"panels": [panel, panel], "points": [[0.1, 0.2], [0.5, -0.5]], "labels": [0, 1]},
        "image_and_probabilities": {"image": [[0.0, 1.0], [1.0, 0.0]], "probabilities": [0.9, 0.1], "label": 0},
    }


def demonstration(name: str = "first") -> dict[str, Any]:
    """One chapter with every kind of block."""
    statement = {"kind": "evidence", "text": f"because of {name}", "sources": [1]}
    page = {
        "heading": name, "next": f"nonlin show {name}",
        "sections": [{"title": name, "items": [{"head": name, "aside": name, "statements": [statement]}]}],
        "sources": [{"key": "a", "kind": "evidence", "text": name, "url": "https://example.org/a"},
                    {"key": "b", "kind": "evidence", "text": name, "url": "javascript:alert(1)"}],
    }  # fmt: skip
    function = {"name": name, "title": name, "formula": "max(x, 0)", "reference": name, "url": "javascript:alert(1)"}
    blocks: list[dict[str, Any]] = [
        {"kind": "text", "text": name}, {"kind": "list", "title": name, "items": [name]},
        {"kind": "commands", "lines": [name]}, {"kind": "equation", "name": "collapse"},
        {"kind": "equation", "name": "factor"},
        {"kind": "functions", "items": [function, {**function, "formula": f"{name} is ("}]},
        {"kind": "table", "caption": name, "header": [name, "b"], "rows": [[name, name]]},
        {"kind": "comparison", "comparison": comparison(name=name)}, {"kind": "advice", "page": page},
        *({"kind": "figure", "figure": figure, "title": f"{figure} of {name}", "caption": name, "data": data}
          for figure, data in figures(name).items()),
    ]  # fmt: skip
    chapter = {"key": "one", "title": name, "claim": name, "summary": name, "blocks": blocks}
    return {
        "schema": "nonlin.demo/1", "title": name, "lead": name, "settings": {"seed": 0, "data": name}, "planned": 2,
        "chapters": [chapter, {**chapter, "key": "two", "blocks": []}],
    }  # fmt: skip
