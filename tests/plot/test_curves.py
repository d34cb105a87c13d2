"""`plot.curve` and `plot.compare` draw what the activation computes and what its facts say, and leave no trace."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from nonlin.activation import Activation
from nonlin.errors import InvalidValueError, UnknownNameError
from nonlin.plot import compare, curve, describe
from nonlin.plot.curves import picture_of
from nonlin.plot.formula import can_set, formula
from nonlin.plot.palette import STROKES
from nonlin.plot.sampling import Break, span_of
from nonlin.plot.text import SAMPLE_ROW, shaded
from nonlin.registry import get, names

ELEMENTWISE = names(kind="elementwise")
KINKED = [n for n in ELEMENTWISE if get(n).facts.kinks]
JUMPING = [n for n in ELEMENTWISE if get(n).facts.jumps]


@pytest.fixture(autouse=True)
def _leaves_no_trace() -> Iterator[None]:
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


@cache
def drawn(name: str) -> Axes:
    """The picture of an activation, drawn once for all tests that only look at it."""
    return curve(name)


def lines(ax: Axes, gid: str) -> list[Line2D]:
    return [line for line in ax.get_lines() if line.get_gid() == gid]


def sampled(ax: Axes, gid: str) -> tuple[np.ndarray, np.ndarray]:
    pieces = [np.asarray(line.get_data(), dtype=float) for line in lines(ax, gid)]
    return np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])


def points(ax: Axes, gid: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for line in lines(ax, gid) for x, y in np.asarray(line.get_data(), dtype=float).T]


def check_drawn(ax: Axes, activation: Activation) -> None:
    """The curves are f and f′ over the whole span, by an evaluation independent of the one that drew them."""
    from nonlin.expression.differentiate import derivative
    from nonlin.expression.numeric import evaluate

    places = [place.x for place in (*activation.facts.kinks, *activation.facts.jumps)]
    for gid, node in (("value", activation.expression), ("slope", derivative(activation.expression))):
        x, y = sampled(ax, gid)
        assert len(x) > 400
        assert (x[0], x[-1]) == span_of([activation]) == ax.get_xlim()
        # One rounding beside a kink, float64 evaluation may already be on its other side.
        apart = np.all([abs(x - place) > 1e-12 for place in places], axis=0) if places else slice(None)
        np.testing.assert_allclose(y[apart], evaluate(node, x[apart], activation.parameters), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_curve_draws_f_and_its_derivative(name: str) -> None:
    check_drawn(drawn(name), get(name))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_curve_is_inside_the_picture_unless_it_grows_too_fast(name: str) -> None:
    ax = drawn(name)
    low, high = ax.get_ylim()
    reach = 2 * (ax.get_xlim()[1] - ax.get_xlim()[0])
    for gid in ("value", "slope"):
        _, y = sampled(ax, gid)
        assert low < max(y.min(), -reach) <= min(y.max(), reach) < high
    assert low < 0 < high


def test_a_wrong_curve_would_be_noticed() -> None:
    name = ELEMENTWISE[-1]
    ax = curve(name)
    line = lines(ax, "slope")[0]
    line.set_ydata(np.asarray(line.get_ydata()) * 1.0005 + 1e-6)
    with pytest.raises(AssertionError):
        check_drawn(ax, get(name))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_bands_are_the_regions_of_saturation(name: str) -> None:
    ax = drawn(name)
    facts = get(name).facts
    for gid, regions in (("saturation", facts.saturation), ("dead", facts.dead_region)):
        bands: list[Any] = [p for p in ax.patches if p.get_gid() == gid]
        edges = sorted((p.get_x(), p.get_x() + p.get_width()) for p in bands)
        low, high = ax.get_xlim()
        wanted = [(max(r.low, low), min(r.high, high)) for r in regions if r.high - r.low > 0.25 and r.low < high]
        assert len(edges) == len(wanted)
        assert np.allclose(edges, sorted(wanted), rtol=1e-12)
        assert all(bool(band.get_hatch()) == (gid == "dead") for band in bands)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_landmark_within_reach_is_inside_the_picture(name: str) -> None:
    low, high = span_of([get(name)])
    facts = get(name).facts
    places = [k.x for k in facts.kinks] + [j.x for j in facts.jumps]
    places += [end for r in shaded(get(name)) for end in (r.low, r.high)]
    assert all(low < x < high for x in places if abs(x) < 17)
    assert low == -high
    assert -20 <= low <= -5


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_kinks_are_marked(name: str) -> None:
    facts = get(name).facts
    ax = drawn(name)
    assert [x for x, _ in points(ax, "kink")] == [k.x for k in facts.kinks]
    for kink in facts.kinks:
        limits = {(kink.x, kink.left_slope), (kink.x, kink.right_slope)} - {(kink.x, kink.subgradient)}
        assert set(points(ax, "open slope")) >= limits
        assert (kink.x, kink.subgradient) in points(ax, "closed slope")


@pytest.mark.parametrize("name", JUMPING)
def test_jumps_are_not_joined(name: str) -> None:
    ax = drawn(name)
    for jump in get(name).facts.jumps:
        pieces = [np.asarray(line.get_xdata(), dtype=float) for line in lines(ax, "value")]
        assert not any(x.min() < jump.x < x.max() for x in pieces)
        at = float(get(name)(np.float64(jump.x)))
        assert (jump.x, at) in points(ax, "closed value")
        assert set(points(ax, "open value")) >= {(jump.x, y) for y in (jump.left, jump.right) if y != at}


def test_some_activations_have_kinks_and_jumps() -> None:
    assert KINKED
    assert JUMPING


def test_a_break_is_visible_only_if_something_jumps() -> None:
    assert Break(0, 0, 1, 1).visible
    assert not Break(0, 1, 1, 1).visible
    assert not Break(0, 0, math.inf, 0).visible


@pytest.mark.parametrize("name", names())
def test_the_formula_is_set_as_mathematics(name: str) -> None:
    text = formula(get(name))
    assert text.startswith("$")
    assert can_set(text)


@pytest.mark.parametrize("name", names())
def test_every_word_leaves_ink(name: str) -> None:
    ax = drawn(name)
    assert isinstance(ax.figure, Figure)
    page = rendered(ax.figure)
    for text in (*ax.texts, left_title(ax), ax.xaxis.label):
        box = text.get_window_extent()
        ink = page[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1]
        assert ink.min(initial=255) < 160, text.get_text()


def rendered(figure: Figure) -> np.ndarray:
    """The darkest channel of each pixel, rows from the bottom."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    page: np.ndarray = np.asarray(canvas.buffer_rgba())[::-1, :, :3].min(axis=2)
    return page


def left_title(ax: Axes) -> Text:
    return next(t for t in ax.get_children() if isinstance(t, Text) and t.get_text() == ax.get_title(loc="left"))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_labels_stay_on_the_page_and_off_each_other(name: str) -> None:
    ax = drawn(name)
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in (*ax.texts, left_title(ax), ax.xaxis.label)]
    page = ax.figure.bbox
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and page.y0 <= b.y0 and b.y1 <= page.y1 for b in boxes)
    assert overlapping(boxes) == []


def overlapping(boxes: list[Any]) -> list[tuple[int, int]]:
    return [(j, i) for i, a in enumerate(boxes) for j, b in enumerate(boxes[:i]) if a.overlaps(b)]


def test_parameters_and_span_are_obeyed() -> None:
    name = next(n for n in ELEMENTWISE if get(n).parameters)
    parameter, default = next(iter(get(name).parameters.items()))
    parameters: dict[str, Any] = {parameter: default / 2}
    ax = curve(name, span=(-2, 3), derivative=False, **parameters)
    x, y = sampled(ax, "value")
    assert ax.get_xlim() == (-2, 3)
    np.testing.assert_allclose(y, get(name)(x, **parameters))
    assert not lines(ax, "slope")
    assert f"{parameter} = " in ax.get_title(loc="left")


def test_drawing_on_the_callers_axes_changes_nothing_else() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert curve(ELEMENTWISE[0], left) is left
    assert not right.get_lines()


@pytest.mark.parametrize("name", names(kind="row"))
def test_a_row_function_is_drawn_as_a_row(name: str) -> None:
    ax = drawn(name)
    patches: list[Any] = list(ax.patches)
    heights = {gid: [p.get_height() for p in patches if p.get_gid() == gid] for gid in ("before", "after")}
    assert heights["before"] == list(SAMPLE_ROW)
    np.testing.assert_allclose(heights["after"], get(name)(np.array(SAMPLE_ROW)))


@pytest.mark.parametrize("derivative", [False, True])
def test_compare_draws_each_curve_in_its_own_stroke(derivative: bool) -> None:
    chosen = ELEMENTWISE[-len(STROKES) :]
    ax = compare(chosen, derivative=derivative)
    for index, name in enumerate(chosen):
        x, y = sampled(ax, f"curve {index}")
        function = get(name).derivative if derivative else get(name)
        np.testing.assert_allclose(y, function(x))
        assert {line.get_color() for line in lines(ax, f"curve {index}")} == {STROKES[index].colour}
    assert [text.get_text() for text in ax.texts] == list(chosen)


def test_compare_labels_do_not_touch() -> None:
    ax = compare(ELEMENTWISE[-len(STROKES) :])
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert overlapping(boxes) == []
    assert all(b.x1 <= ax.figure.bbox.x1 and b.y1 <= ax.figure.bbox.y1 for b in boxes)


def test_the_commands_picture_has_a_panel_for_derivatives() -> None:
    assert len(picture_of(ELEMENTWISE[:2]).axes) == 2
    assert len(picture_of(ELEMENTWISE[:2], derivative=False).axes) == 1
    assert len(picture_of(ELEMENTWISE[:1]).axes) == 1


@pytest.mark.parametrize(
    "chosen",
    [[], ELEMENTWISE[:1] * (len(STROKES) + 1), [ELEMENTWISE[0], names(kind="row")[0]]],
    ids=["none", "many", "row"],
)
def test_what_cannot_share_a_picture(chosen: list[str]) -> None:
    with pytest.raises(InvalidValueError, match="picture"):
        compare(chosen)


def test_wrong_names_and_spans() -> None:
    with pytest.raises(UnknownNameError):
        curve("no such function")
    for span in ((1, 1), (2, -2), (0, math.inf), (math.nan, 1)):
        with pytest.raises(InvalidValueError, match="span"):
            curve(ELEMENTWISE[0], span=span)


@pytest.mark.parametrize("name", names())
def test_the_text_twin_says_what_is_drawn(name: str) -> None:
    activation = get(name)
    text = describe(name)
    assert text.startswith(activation.title)
    if activation.kind != "row":
        assert text.lower().count("kink at") == len(activation.facts.kinks)
        assert text.lower().count("jump at") == len(activation.facts.jumps)
        assert ("no gradient" in text or "aturated" in text) == bool(shaded(activation))
    else:
        assert str(SAMPLE_ROW[1]) in text
