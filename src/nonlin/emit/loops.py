"""The frame around a scalar body: LLVM text of a NumPy ufunc inner loop.

A caller writes one scalar function, `define internal float @body(float %x, float %p0) alwaysinline`, and
`loop_module` puts the loop around it. Shape of the result, and the reason:

- Elements go through in *groups* of `lanes` (512 bits): an inner loop of constant length that the loop vectoriser
  turns into straight vector code without a scalar remainder (`groups.py`). Vector and scalar code never mix, so the
  result of an element does not depend on its neighbours, its alignment, its stride or the number of threads.
- Contiguous operands are read and written in place, the last group under a mask. Strided, reversed or mixed operands
  are copied through small stack buffers and take the same vector code (`walk.py`).
- Results too large for any cache are written past the caches (`stream.py`).
- Parameters with step 0 are loaded once and stay in a register.
- A group is read before it is written, and NumPy hands over operands that are either disjoint or exactly the same
  (`out=x`) and copies everything else first. An alias check at run time would send `out=x` to slow code.
- The floating-point status flags are restored at the end, so NumPy has no reason to print a warning.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.emit.copies import copies_text
from nonlin.emit.frame import ATTRIBUTES, entry_point
from nonlin.emit.groups import groups_text, masked_text, usual_text
from nonlin.emit.storage import STORAGE, conversions
from nonlin.emit.stream import stream_text
from nonlin.emit.walk import buffered_text, start_text, walk_text
from nonlin.errors import InvalidValueError

__all__ = ["ATTRIBUTES", "entry_point", "loop_module"]

_METADATA = """
!0 = distinct !{}
!1 = distinct !{!1, !3, !4, !5, !6, !11}
!2 = distinct !{!2, !6, !7}
!3 = !{!"llvm.loop.parallel_accesses", !0}
!4 = !{!"llvm.loop.vectorize.enable", i1 true}
!5 = !{!"llvm.loop.interleave.count", i32 1}
!6 = !{!"llvm.loop.unroll.disable"}
!7 = !{!"llvm.loop.vectorize.enable", i1 false}
!8 = !{!"branch_weights", i32 100, i32 1}
!9 = !{i32 1}
!10 = !{!"branch_weights", i32 1, i32 100}
!11 = !{!"llvm.loop.vectorize.followup_vectorized", !12}
!12 = !{!"llvm.loop.unroll.full"}
"""


def loop_module(
    body_text: str, operands: int, dtype: str, *, parameters: str = "", name: str = "loop", usual: Sequence[float] = ()
) -> str:
    """LLVM module with the ufunc inner loop `name` around the scalar function `@body` in `body_text`.

    `operands` counts the inputs, x first and then the parameters; x and the result have `dtype`, the parameters
    `parameters` (the same where it is empty), which must be computed in the same type.
    `@body` takes and returns `STORAGE[dtype].compute`: double for float64, float for the three others.
    The function must be free of memory access, but for tables of constants, and of calls other than LLVM intrinsics
    that become instructions.
    With `usual`, `body_text` also holds `@body.usual`, a function of x alone that is used where the parameters have
    these values and stand still.

    Raises InvalidValueError for a dtype without storage or for no operand at all.
    """
    if dtype not in STORAGE:
        raise InvalidValueError("no loop for this dtype", received=repr(dtype), choices=STORAGE)
    if operands < 1:
        raise InvalidValueError("a loop needs at least one operand", received=operands)
    storage = STORAGE[dtype]
    inputs = [storage, *[STORAGE[parameters or dtype]] * (operands - 1)]
    chosen = ".chosen" if usual else ""
    parts = [
        body_text,
        *(conversions(kind) for kind in dict.fromkeys([dtype, parameters or dtype])),
        copies_text(inputs),
        masked_text(inputs),
        groups_text(inputs, uniform=True),
        groups_text(inputs[:1], uniform=True, suffix=".usual") if usual else "",
        groups_text(inputs, uniform=False) if operands > 1 else "",
        usual_text(inputs, usual) if usual else "",
        buffered_text(inputs, chosen),
        walk_text(inputs, chosen),
        stream_text(storage, operands),
        start_text(inputs, chosen),
        entry_point("start", name=name),
        ATTRIBUTES,
        _metadata(body_text),
    ]
    return "\n".join(part.strip("\n") for part in parts if part) + "\n"


def _metadata(body_text: str) -> str:
    """Asked to vectorise a call of the C library, LLVM would complain on standard error."""
    calls_library = "nounwind memory(none)" in body_text
    return _METADATA.replace("i1 true", "i1 false") if calls_library else _METADATA
