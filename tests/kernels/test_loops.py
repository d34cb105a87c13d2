"""The loop around a body: vector code, and the conversions of the narrow dtypes, over all their values."""

from __future__ import annotations

import numpy as np
import pytest

from nonlin.emit import frame, loops, storage
from nonlin.errors import InvalidValueError
from nonlin.kernels import build_ufunc, jit
from tests.kernels import toys


@pytest.mark.parametrize("hardware", [True, False])
def test_half_conversions_are_exact_over_all_values(monkeypatch: pytest.MonkeyPatch, hardware: bool) -> None:
    if hardware and not storage._converts_half():
        pytest.skip("this processor has no float16 conversion")
    monkeypatch.setattr(storage, "_converts_half", lambda: hardware)
    body = toys.RECIPROCAL
    text = toys.module(body, 1, "float16")
    ufunc = build_ufunc("reciprocal", "", 1, {"float16": lambda: text})
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    with np.errstate(all="ignore"):
        expected = (np.float32(1) / x.astype(np.float32)).astype(np.float16)
    np.testing.assert_array_equal(ufunc(x), expected)
    same_bits = ~np.isnan(x)
    identity = build_ufunc("identity", "", 1, {"float16": lambda: toys.module(toys.IDENTITY, 1, "float16")})
    np.testing.assert_array_equal(identity(x).view(np.uint16)[same_bits], x.view(np.uint16)[same_bits])
    assert np.isnan(identity(x)[~same_bits]).all()


@pytest.mark.parametrize("hardware", [True, False])
def test_half_rounds_float32_to_nearest_even(monkeypatch: pytest.MonkeyPatch, hardware: bool) -> None:
    """Every float16 value, every midpoint between two and their neighbours, divided out of a float32 operand."""
    if hardware and not storage._converts_half():
        pytest.skip("this processor has no float16 conversion")
    monkeypatch.setattr(storage, "_converts_half", lambda: hardware)
    scale = (
        "define internal float @body(float %x, float %p0) alwaysinline {\n  %r = fmul float %x, %p0\n  ret float %r\n}"
    )
    ufunc = build_ufunc("scale", "", 2, {"float16": lambda: loops.loop_module(scale, 2, "float16")})
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    for factor in np.array([1.0009765625, 0.5, 0.0009765625, 1.5, 3.3e-5], np.float16):
        with np.errstate(all="ignore"):
            expected = (x.astype(np.float32) * np.float32(factor)).astype(np.float16)
        np.testing.assert_array_equal(ufunc(x, factor), expected)


@pytest.mark.parametrize("dtype", storage.STORAGE)
@pytest.mark.parametrize(("body", "operands"), [(toys.ONE, 1), (toys.TWO, 2), (toys.RECIPROCAL, 1)])
def test_bodies_become_vector_code(dtype: str, body: str, operands: int) -> None:
    listing = jit.assembly(toys.module(body, operands, dtype))
    instruction = "div" if body is toys.RECIPROCAL else "add"
    suffix = "pd" if dtype == "float64" else "ps"
    assert f"v{instruction}{suffix}" in listing or f"\t{instruction}{suffix}" in listing or "fdiv\tv" in listing
    assert f"{instruction}{suffix[0].replace('p', 's')}{suffix[1]}" not in listing


def _places_left(text: str) -> int:
    """How many places on the stack the optimised core still has."""
    binding, machine = jit._llvm()
    module = binding.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    jit._optimise(binding, machine, module)
    core = next(str(function) for function in module.functions if function.name.startswith("groups."))
    return core.count(" alloca ")


@pytest.mark.parametrize("dtype", storage.STORAGE)
def test_groups_stay_in_registers(dtype: str) -> None:
    """In one vector, and in pieces as on a processor with shorter ones: written in pieces, a place is slow to read."""
    text = toys.module(toys.ONE, 1, dtype)
    pieces = text.replace("!1 = distinct !{!1, ", "!1 = distinct !{!1, !99, ")
    pieces += '!99 = !{!"llvm.loop.vectorize.width", i32 4}\n'
    assert _places_left(text) == _places_left(pieces) == 0
    assert _places_left(pieces.replace("llvm.loop.unroll.full", "llvm.loop.unroll.disable")) > 0


def test_a_wrong_dtype_is_named() -> None:
    with pytest.raises(InvalidValueError, match="float8"):
        loops.loop_module(toys.ONE, 1, "float8")


@pytest.mark.parametrize("machine", ["x86_64", "arm64", "riscv64"])
def test_every_machine_keeps_the_status_flags(machine: str) -> None:
    text = frame.entry_point("walk", machine=machine)
    saved, call, restored = (text.index(word) for word in ("%status =", "call void @walk", "status)\n  ret"))
    assert saved < call < restored
