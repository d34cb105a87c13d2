"""Every call inside a kernel hands over what the function takes: with opaque types LLVM does not look."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import nonlin as nl
from nonlin.emit.share import share_text
from nonlin.kernels.ufunc import loop_text

_DEFINED = re.compile(r"define [^@]*@([\w.]+)\(([^)]*)\)")
_CALLED = re.compile(r"call [^@\n]*@([\w.]+)\(([^\n]*)\)")


def _count(arguments: str) -> int:
    """How many arguments a list has, vectors and constants with commas of their own being one each."""
    while (shorter := re.sub(r"[<({\[][^<>(){}\[\]]*[>)}\]]", "", arguments)) != arguments:
        arguments = shorter
    return arguments.count(",") + 1 if arguments.strip() else 0


def wrong_calls(text: str) -> set[str]:
    takes = {name: _count(parameters) for name, parameters in _DEFINED.findall(text)}
    return {name for name, given in _CALLED.findall(text) if name in takes and _count(given) != takes[name]}


def texts() -> Iterator[tuple[str, str]]:
    for name in nl.names():
        ufunc = getattr(nl.get(name), "ufunc", None)
        kinds = ("float16", "float32", "float64", "bfloat16") if getattr(ufunc, "signature", "") is None else ()
        for kind in kinds or ("float32", "float64"):
            if ufunc is not None:
                yield f"{name} {kind}", loop_text(ufunc, kind)
    yield "sharing", share_text()


def test_every_call_hands_over_what_the_function_takes() -> None:
    found = dict(texts())
    assert len(found) > 4 * len(nl.names(kind="elementwise"))
    assert {title: wrong for title, text in found.items() if (wrong := wrong_calls(text))} == {}


@pytest.mark.parametrize("lost", [", ptr %data)", "ptr %args, "])
def test_a_lost_argument_is_seen(lost: str) -> None:
    _, text = next(texts())
    call = next(line for line in text.splitlines() if "call void @choose" in line)
    assert wrong_calls(text.replace(call, call.replace(lost, ")" if lost.endswith(")") else ""))) == {"choose"}
