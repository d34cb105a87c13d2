"""The text of the passes that search a row: for the threshold τ with Σ max(u − τ, 0)ᵖ = 1, and for its largest entry.

τ is found by Newton's method from below, in float64. The sum is convex and falling in τ, so that the steps go
up and never past τ, and they end exactly: for p = 1 once no entry has left the sum (then it is Michelot's fixed point),
for p = 2 once a step is so small that the next would change nothing. The rows it is given have 0 as their largest
entry, so τ lies in [−1, 0]. For float64 results two more steps are taken in pairs of numbers, after
which τ is known to about 2⁻¹⁰⁰: an entry u − τ has its relative accuracy even where most of it cancels.

Lanes are added in a fixed order, so τ does not depend on the row's stride or alignment. NaN gives NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nonlin.emit.body import hexadecimal
from nonlin.emit.row_pass import DOUBLES, Pass, two_sum
from nonlin.emit.value import Value

Lowered = Callable[[Pass], tuple[list[str], Value]]
"""Of a pass: the lines that load and compute u, and the name of u."""

WIDE, MASK, COUNT = DOUBLES.wide, DOUBLES.of("i1"), DOUBLES.count
ZEROS, ONES = "zeroinitializer", f"splat (double {hexadecimal(1.0)})"
# For p = 2 the error after a step of s is about s² times half the number of entries: nothing beside 2⁻⁵³.
_SMALL_STEP = 2.0**-34
FMA = f"declare {WIDE} @llvm.fma.v{COUNT}f64({WIDE}, {WIDE}, {WIDE})"


@dataclass(frozen=True)
class Threshold:
    """The search for τ in the pass `this`; `pairs` asks for its low part."""

    this: Pass
    power: int
    pairs: bool
    lowered: Lowered

    def text(self) -> list[str]:
        """Everything from the label of this pass to the branch to the next: %total.TAG.double, %rest.TAG.double."""
        tag = self.this.tag
        high, low = (f"%high.{tag}.next", f"%low.{tag}.next") if self.pairs else (f"%tau.{tag}.next", None)
        lines = [f"pass.{tag}:", f"  br label %newton.{tag}", *self._newton(), *(self._polish() if self.pairs else [])]
        lines.append(f"{'polished' if self.pairs else 'found'}.{tag}:")
        lines += DOUBLES.splat(f"%total.{tag}.double", high, "double")
        lines += DOUBLES.splat(f"%rest.{tag}.double", low, "double") if low else []
        return [*lines, f"  br label %pass.{int(tag) + 1}"]

    def _newton(self) -> list[str]:
        tag = self.this.tag
        inner = Pass(self.this.row, DOUBLES, f"{tag}n")
        return [
            f"newton.{tag}:",
            f"  %tau.{tag} = phi double [{hexadecimal(-1.0)}, %pass.{tag}], [%tau.{tag}.next, %moved.{tag}]",
            f"  %slope.{tag}.before = phi double [{hexadecimal(-1.0)}, %pass.{tag}], [%slope.{tag}, %moved.{tag}]",
            *DOUBLES.splat(f"%tau.{tag}.all", f"%tau.{tag}", "double"),
            *self._over_the_row(inner, f"newton.{tag}", f"moved.{tag}", ("excess", "slope"), self._sums),
            f"moved.{tag}:",
            *total(f"%excess.{tag}n.next", f"%excess.{tag}"),
            *total(f"%slope.{tag}n.next", f"%slope.{tag}"),
            f"  %over.{tag} = fadd double %excess.{tag}, {hexadecimal(-1.0)}",
            *self._step(f"%over.{tag}", f"%slope.{tag}", f"%move.{tag}"),
            f"  %tau.{tag}.next = fadd double %tau.{tag}, %move.{tag}",
            f"  %up.{tag} = fcmp ogt double %tau.{tag}.next, %tau.{tag}",
            *self._unfinished(),
            f"  %again.{tag} = and i1 %up.{tag}, %unfinished.{tag}",
            f"  br i1 %again.{tag}, label %newton.{tag}, label %found.{tag}",
        ]

    def _step(self, excess: str, slope: str, target: str) -> list[str]:
        """target = excess / (p Σ max(u − τ, 0)ᵖ⁻¹)"""
        scaled = f"{target}.by"
        return [
            f"  {scaled} = fmul double {slope}, {hexadecimal(float(self.power))}",
            f"  {target} = fdiv double {excess}, {scaled}",
        ]

    def _unfinished(self) -> list[str]:
        """p = 1: an entry has left the sum since the last step. p = 2: the step was not small beside −τ."""
        tag = self.this.tag
        if self.power == 1:
            return [f"  %unfinished.{tag} = fcmp one double %slope.{tag}, %slope.{tag}.before"]
        return [
            f"  %small.{tag} = fmul double %tau.{tag}.next, {hexadecimal(-_SMALL_STEP)}",
            f"  %unfinished.{tag} = fcmp ogt double %move.{tag}, %small.{tag}",
        ]

    def _over_the_row(
        self, inner: Pass, before: str, after: str, sums: tuple[str, ...], body: Callable[[Pass, Value], list[str]]
    ) -> list[str]:
        """A loop over the row that adds to `sums`, each %NAME.TAG with its next value %NAME.TAG.next."""
        tag = inner.tag
        lines, u = self.lowered(inner)
        carried = [
            f"  %{name}.{tag} = phi {WIDE} [{ZEROS}, %{before}], [%{name}.{tag}.next, %step.{tag}]" for name in sums
        ]
        return [
            f"  br label %step.{tag}",
            f"step.{tag}:",
            f"  %j.{tag} = phi i64 [0, %{before}], [%j.{tag}.next, %step.{tag}]",
            *carried,
            *inner.lane_numbers(),
            *lines,
            *body(inner, u),
            f"  %j.{tag}.next = add nuw nsw i64 %j.{tag}, {COUNT}",
            f"  %more.{tag} = icmp ult i64 %j.{tag}.next, %n",
            f"  br i1 %more.{tag}, label %step.{tag}, label %{after}",
        ]

    def _sums(self, inner: Pass, u: Value) -> list[str]:
        tag = inner.tag
        above, term, weight = f"%above.{tag}", f"%above.{tag}", f"%one.{tag}"
        lines = [
            f"  %gap.{tag} = fsub {WIDE} {u.high}, %tau.{self.this.tag}.all",
            *_only_above(tag, f"%gap.{tag}", "ugt"),
        ]
        if self.power == 2:
            term, weight = f"%square.{tag}", above
            lines.append(f"  {term} = fmul {WIDE} {above}, {above}")
        return [
            *lines,
            f"  %excess.{tag}.next = fadd {WIDE} %excess.{tag}, {term}",
            f"  %slope.{tag}.next = fadd {WIDE} %slope.{tag}, {weight}",
        ]

    def _polish(self) -> list[str]:
        """Two steps of Newton's method with τ, the gaps and their sum in pairs; the second for entries at the edge."""
        tag = self.this.tag
        inner = Pass(self.this.row, DOUBLES, f"{tag}p")
        return [
            f"found.{tag}:",
            f"  br label %polish.{tag}",
            f"polish.{tag}:",
            f"  %first.{tag} = phi i1 [true, %found.{tag}], [false, %refined.{tag}]",
            f"  %high.{tag} = phi double [%tau.{tag}.next, %found.{tag}], [%high.{tag}.next, %refined.{tag}]",
            f"  %low.{tag} = phi double [{hexadecimal(0.0)}, %found.{tag}], [%low.{tag}.next, %refined.{tag}]",
            *DOUBLES.splat(f"%minus.{tag}.high", f"%high.{tag}", "double"),
            *DOUBLES.splat(f"%minus.{tag}.low", f"%low.{tag}", "double"),
            *self._over_the_row(inner, f"polish.{tag}", f"refined.{tag}", ("excess", "error", "slope"), self._pairs),
            f"refined.{tag}:",
            *total_of_pairs(f"%excess.{tag}p.next", f"%error.{tag}p.next", f"%closer.{tag}"),
            *total(f"%slope.{tag}p.next", f"%weight.{tag}"),
            f"  %near.{tag} = fadd double %closer.{tag}, {hexadecimal(-1.0)}",
            f"  %exact.{tag} = fadd double %near.{tag}, %closer.{tag}.error",
            *self._step(f"%exact.{tag}", f"%weight.{tag}", f"%last.{tag}"),
            f"  %tail.{tag} = fadd double %low.{tag}, %last.{tag}",
            *two_sum("double", f"%high.{tag}", f"%tail.{tag}", f"%high.{tag}.next", f"%low.{tag}.next"),
            f"  br i1 %first.{tag}, label %polish.{tag}, label %polished.{tag}",
        ]

    def _pairs(self, inner: Pass, u: Value) -> list[str]:
        """The gap u − τ as %above and, below its last bit, %tail; its power goes into the sum."""
        tag, own = inner.tag, self.this.tag
        lines = [
            f"  %down.{tag} = fneg {WIDE} %minus.{own}.high",
            *two_sum(WIDE, u.high, f"%down.{tag}", f"%rough.{tag}", f"%slip.{tag}"),
            f"  %both.{tag} = fsub {WIDE} {u.low or ZEROS}, %minus.{own}.low",
            f"  %slips.{tag} = fadd {WIDE} %slip.{tag}, %both.{tag}",
            *two_sum(WIDE, f"%rough.{tag}", f"%slips.{tag}", f"%gap.{tag}", f"%under.{tag}"),
            *_only_above(tag, f"%gap.{tag}", "ogt"),  # −∞ has become NaN; a NaN in the row is in τ by now
            f"  %tail.{tag} = select {MASK} %in.{tag}, {WIDE} %under.{tag}, {WIDE} {ZEROS}",
        ]
        term, left, weight = f"%above.{tag}", f"%tail.{tag}", f"%one.{tag}"
        if self.power == 2:
            lines += _square(tag)
            term, left, weight = f"%square.{tag}", f"%square.{tag}.low", f"%above.{tag}"
        return [
            *lines,
            *two_sum(WIDE, f"%excess.{tag}", term, f"%excess.{tag}.next", f"%lost.{tag}"),
            f"  %losses.{tag} = fadd {WIDE} %lost.{tag}, {left}",
            f"  %error.{tag}.next = fadd {WIDE} %error.{tag}, %losses.{tag}",
            f"  %slope.{tag}.next = fadd {WIDE} %slope.{tag}, {weight}",
        ]


def _only_above(tag: str, gap: str, predicate: str) -> list[str]:
    """%in: positive (or NaN, for "ugt") and before the row's end; %above, %one: the gap and 1 there, elsewhere 0."""
    return [
        f"  %positive.{tag} = fcmp {predicate} {WIDE} {gap}, {ZEROS}",
        f"  %in.{tag} = and {MASK} %positive.{tag}, %mask.{tag}",
        f"  %above.{tag} = select {MASK} %in.{tag}, {WIDE} {gap}, {WIDE} {ZEROS}",
        f"  %one.{tag} = select {MASK} %in.{tag}, {WIDE} {ONES}, {WIDE} {ZEROS}",
    ]


def _square(tag: str) -> list[str]:
    """(above + tail)² as %square and %square.low."""
    called = f"call {WIDE} @llvm.fma.v{COUNT}f64"
    return [
        f"  %square.{tag} = fmul {WIDE} %above.{tag}, %above.{tag}",
        f"  %square.{tag}.minus = fneg {WIDE} %square.{tag}",
        f"  %square.{tag}.rest = {called}({WIDE} %above.{tag}, {WIDE} %above.{tag}, {WIDE} %square.{tag}.minus)",
        f"  %twice.{tag} = fadd {WIDE} %tail.{tag}, %tail.{tag}",
        f"  %square.{tag}.low = {called}({WIDE} %above.{tag}, {WIDE} %twice.{tag}, {WIDE} %square.{tag}.rest)",
    ]


def _halves(source: str, target: str, step: int) -> str:
    """A line that moves lane i + step of `source` to lane i."""
    order = ", ".join(f"i32 {(i + step) % COUNT}" for i in range(COUNT))
    return f"  {target} = shufflevector {WIDE} {source}, {WIDE} poison, <{COUNT} x i32> <{order}>"


def total(source: str, target: str) -> list[str]:
    """The sum of the lanes of `source` as the scalar `target`, pairwise: lanes 4 apart, 2 apart, 1 apart."""
    lines, current = [], source
    for step in (4, 2, 1):
        lines.append(_halves(current, f"{target}.by{step}", step))
        lines.append(f"  {target}.of{step} = fadd {WIDE} {current}, {target}.by{step}")
        current = f"{target}.of{step}"
    return [*lines, f"  {target} = extractelement {WIDE} {current}, i32 0"]


def total_of_pairs(source: str, error: str, target: str) -> list[str]:
    """The same with what each addition leaves out, together with the lanes' `error`, as the scalar `target`.error."""
    lines, current, missing = [], source, error
    for step in (4, 2, 1):
        new, rest = f"{target}.of{step}", f"{target}.rest{step}"
        lines += [_halves(current, f"{target}.by{step}", step), _halves(missing, f"{target}.err{step}", step)]
        lines += two_sum(WIDE, current, f"{target}.by{step}", new, f"{target}.miss{step}")
        lines.append(f"  {rest}.sum = fadd {WIDE} {missing}, {target}.err{step}")
        lines.append(f"  {rest} = fadd {WIDE} {rest}.sum, {target}.miss{step}")
        current, missing = new, rest
    lines.append(f"  {target} = extractelement {WIDE} {current}, i32 0")
    return [*lines, f"  {target}.error = extractelement {WIDE} {missing}, i32 0"]
