"""The exhaustive proof: it measures what the oracle measures, it finds what is planted, and its table is up to date."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from benchmarks.exhaustive import certify, session, table
from benchmarks.exhaustive.distance import ulp_distance
from benchmarks.exhaustive.scan import PIECE, Found, _Scratch, pieces_of, scan
from benchmarks.exhaustive.subject import FLOOR, NEAR, Subject, subjects
from nonlin.expression import oracle
from nonlin.expression.nodes import walk
from tests.architecture.sandbox import copy_project

ROWS = table.read()
WANTED = subjects()
EXPONENTIALS = {"exp", "expm1", "tanh", "logistic"}


def _curved(name: str) -> bool:
    """Smooth, bounded, and with a polynomial in its kernel."""
    activation = nl.get(name)
    used = {node.op for node in walk(activation.expression)}
    return activation.facts.bounded and activation.facts.smoothness == np.inf and bool(used & EXPONENTIALS)


CURVED = [name for name in nl.names(kind="elementwise") if _curved(name)]
SAMPLED = 6  # random inputs a row is re-checked at


@dataclasses.dataclass(frozen=True)
class Planted(Subject):
    """A subject whose kernel gives another value at one bit pattern."""

    pattern: int = 0
    instead: float = 0.0

    def values(self, x: np.ndarray[Any, Any], out: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        result = super().values(x, out)
        if x.dtype == self.numpy_dtype:
            result[x.view(f"u{x.itemsize}") == self.pattern] = self.instead
        return result


@pytest.mark.parametrize("dtype", ["float16", "float32", "bfloat16"])
def test_the_distance_is_the_oracles(dtype: str) -> None:
    random = np.random.default_rng(3)
    exact = np.concatenate([random.normal(0, 1, 300) * 10.0 ** random.uniform(-50, 45, 300), [0, 1, np.inf, -np.inf]])
    exact = np.repeat(exact, 3)
    with np.errstate(all="ignore"):
        got = (exact * (1 + random.normal(0, 1e-3, exact.size))).astype(Subject("", 0, dtype).numpy_dtype)
    got[::7] = np.inf
    got[::11] = np.nan
    wide = got.astype(np.float64)
    np.testing.assert_allclose(ulp_distance(dtype)(wide, exact), oracle.ulp_error(wide, exact, dtype), rtol=1e-14)


def test_the_floor_holds_the_ulp_up() -> None:
    near, plain = ulp_distance("float32", FLOOR)(1e-9, 0.0), ulp_distance("float32")(1e-9, 0.0)
    assert near == 1e-9 / (FLOOR * 2.0**-23)
    assert plain > 1e6 * near
    assert ulp_distance("float32", FLOOR)(1.5, 1.0) == ulp_distance("float32")(1.5, 1.0)


def test_pieces_cover_every_input_once() -> None:
    for order in (0, 1, 2):
        subject = Subject(CURVED[0], order, "float32")
        pieces = list(pieces_of(subject))
        assert [first for first, _, _ in pieces] == [0, *(last + 1 for _, last, _ in pieces[:-1])]
        assert pieces[-1][1] == 2**32 - 1
        assert max(last - first for first, last, _ in pieces) < PIECE
        near = [np.array([first, last], np.uint32).view(np.float32) for first, last, near in pieces if near]
        assert bool(near) == bool(subject.sign_changes)
        zeros = np.array(subject.sign_changes)
        assert all(np.abs(ends[:, None] - zeros).min(axis=1).max() <= NEAR * (1 + 1e-6) for ends in near)


@pytest.mark.parametrize("name", CURVED)
def test_one_wrong_value_is_found(name: str) -> None:
    clean = scan(Subject(name, 0, "float16"), threads=1)
    assert clean.inputs == 1 << 16
    assert clean.worst[0][0] <= 0.51
    assert clean.beyond[1:] == [0, 0]
    pattern = 0x3E51
    right = Subject(name, 0, "float16").values(np.array([pattern], np.uint16).view(np.float16))[0]
    wrong = right
    for _ in range(3):
        wrong = np.nextafter(wrong, np.float16(np.inf))
    found = scan(Planted(name, 0, "float16", pattern, float(wrong)), threads=1)
    assert found.worst[0][1] == pattern
    assert 2 < found.worst[0][0] < 4
    assert [b - a for a, b in zip(clean.beyond, found.beyond, strict=True)] == [1, 1, 1]


@pytest.mark.parametrize(("pattern", "instead"), [(0x3E51, np.nan), (0x3E51, np.inf), (0x7E01, 0.0), (0xFC00, 7.0)])
def test_lost_and_invented_specials_are_large_errors(pattern: int, instead: float) -> None:
    found = scan(Planted(CURVED[0], 0, "float16", pattern, instead), threads=1)
    assert found.worst[0][1] == pattern
    assert found.worst[0][0] > 1e3


LIMITLESS = [s for s in subjects(dtypes=("float16",)) if np.isnan(s.values(np.array([np.inf]))[0])]


@dataclasses.dataclass(frozen=True)
class NotANumber(Subject):
    """A subject whose kernels all give NaN at one input."""

    at: float = 1.0

    def values(self, x: np.ndarray[Any, Any], out: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        result = super().values(x, out)
        result[x == self.at] = np.nan
        return result


def test_nan_is_right_where_a_wave_has_no_limit_and_nowhere_else() -> None:
    assert LIMITLESS
    for subject in LIMITLESS:
        asked = subject.function, subject.order, subject.dtype
        clean = scan(subject, threads=1)
        assert clean.inputs == 1 << 16
        assert clean.worst[0][0] <= subject.bar
        assert certify.errors(subject, np.array([np.inf, -np.inf], np.float16)).max() == 0
        for pattern in (0x7C00, 0xFC00):
            assert scan(Planted(*asked, pattern, 1.0), threads=1).worst[0] == (np.inf, pattern)
        assert scan(NotANumber(*asked), threads=1).worst[0] == (np.inf, 0x3C00)
    for pattern in (0x7C00, 0xFC00):
        assert scan(Planted(CURVED[0], 0, "float16", pattern, np.nan), threads=1).worst[0] == (np.inf, pattern)


def test_one_wrong_float32_is_found() -> None:
    pattern = 0x3F5A1234
    first = pattern // PIECE * PIECE
    right = Subject(CURVED[0], 0, "float32").values(np.array([pattern], np.uint32).view(np.float32))
    wrong = float((right.view(np.int32) + 5).view(np.float32)[0])
    found: Found = _Scratch(Planted(CURVED[0], 0, "float32", pattern, wrong)).piece(
        first, first + PIECE - 1, near=False
    )
    assert found.worst[0][1] == pattern
    assert 3 < found.worst[0][0] < 7
    assert found.beyond[2] == 1


def test_a_row_is_measured_and_read_back(tmp_path: Path) -> None:
    asked = [Subject(CURVED[0], order, "float16") for order in (0, 1)]
    path = tmp_path / "table.csv"
    measured = session.run(asked, path, threads=1)
    assert [row.holds for row in measured] == [True, True]
    rows = table.read(path)
    assert table.stale(rows, asked) == []
    assert session.run(asked, path, threads=1) == []  # up to date
    assert len(table.stale(rows, [*asked, Subject(CURVED[0], 2, "float16")])) == 1
    assert len(table.stale(rows, asked[:1])) == 1
    changed = {s: dataclasses.replace(row, sha256="0" * 64) for s, row in rows.items()}
    assert len(table.stale(changed, asked)) == 2
    beyond = {s: dataclasses.replace(row, error=3.0) for s, row in rows.items()}
    assert len(table.stale(beyond, asked)) == 2
    for row in rows.values():
        assert certify.errors(row.subject, row.worst[:1])[0] == pytest.approx(row.error, abs=1e-5)


def test_a_scan_that_misses_what_the_oracle_sees_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = Subject(CURVED[0], 0, "float16")
    seen = scan(subject, threads=1)
    monkeypatch.setattr(session, "scan", lambda *_, **__: dataclasses.replace(seen, worst=[(0.1, seen.worst[0][1])]))
    with pytest.raises(certify.CertificationError, match="by the oracle"):
        session.measure(subject, 1, lambda inputs: None)


def test_the_hash_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Subject(CURVED[0], 1, "float32").sha256
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert Subject(CURVED[0], 1, "float32").sha256 == here


def test_a_changed_coefficient_turns_the_proof_red(tmp_path: Path) -> None:
    """In a copy of the package every polynomial's leading coefficients are off by a thousandth."""
    path = tmp_path / "table.csv"
    copy = copy_project(tmp_path)
    asked = ("-m", "benchmarks.exhaustive", "--functions", CURVED[0], "--dtypes", "float16", "--table", str(path))
    assert copy.python(*asked).returncode == 0
    assert copy.python(*asked, "--check").returncode == 0
    copy.append("src/nonlin/emit/polynomials.py", _MISTAKE)
    stale = copy.python(*asked, "--check")
    assert stale.returncode == 1
    assert stale.stdout.count("the kernel has changed") == 3
    wrong = copy.python(*asked)
    assert wrong.returncode == 1
    assert "promised 0.51" in wrong.stdout + wrong.stderr or "by the oracle" in wrong.stderr


_MISTAKE = """
POLYNOMIALS = {name: {level: (1.001 * values[0], *values[1:]) for level, values in levels.items()}
               for name, levels in POLYNOMIALS.items()}
"""


def test_the_table_is_up_to_date() -> None:
    """Every row there is proves the kernel there is; functions without rows are sampled by tests/contract."""
    measured = [subject for subject in WANTED if subject in ROWS]
    assert measured
    assert table.stale(ROWS, measured) == [], "run `make exhaustive`, which measures only what has changed"


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: str(row.subject))
def test_the_rows_are_true(row: table.Row) -> None:
    """The worst inputs give the error written down, and a random sample nothing beyond it."""
    worst = certify.errors(row.subject, row.worst)
    assert worst.max() == pytest.approx(row.error, abs=session.AGREEMENT)
    sample = certify.sample(row.subject, SAMPLED, seed=int(row.sha256[:6], 16))
    assert certify.errors(row.subject, sample).max() <= row.error + session.AGREEMENT
    assert row.inputs == 1 << (8 * row.subject.numpy_dtype.itemsize)
