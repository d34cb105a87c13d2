"""The text of the pass that finds the first of a row's largest entries, and of asking later which lane it is."""

from __future__ import annotations

from nonlin.emit.body import hexadecimal
from nonlin.emit.row_pass import Pass

_NOWHERE = (1 << 63) - 1  # the place of a lane that has seen no entry
_NAN = float("nan")


def search(this: Pass, body: list[str], result: str) -> list[str]:
    """The whole pass: %winner.TAG is the place of the first largest `result`, %spoilt.TAG whether there is a NaN.

    Each lane keeps its first largest entry; of the lanes' largest the one at the smallest place is taken. A lane
    starts at NaN, which every number replaces, so that a row of −∞ has a winner too.
    """
    tag, wide, mask, places = this.tag, this.lanes.wide, this.mask, this.lanes.of("i64")
    nothing = f"splat ({this.lanes.number} {hexadecimal(_NAN)})"
    return [
        f"pass.{tag}:",
        f"  br label %step.{tag}",
        f"step.{tag}:",
        f"  %j.{tag} = phi i64 [0, %pass.{tag}], [%j.{tag}.next, %step.{tag}]",
        f"  %best.{tag} = phi {wide} [{nothing}, %pass.{tag}], [%best.{tag}.next, %step.{tag}]",
        f"  %at.{tag} = phi {places} [splat (i64 {_NOWHERE}), %pass.{tag}], [%at.{tag}.next, %step.{tag}]",
        f"  %bad.{tag} = phi {mask} [zeroinitializer, %pass.{tag}], [%bad.{tag}.next, %step.{tag}]",
        *this.lane_numbers(),
        *body,
        f"  %isnan.{tag} = fcmp uno {wide} {result}, {result}",
        f"  %new.{tag} = and {mask} %isnan.{tag}, %mask.{tag}",
        f"  %bad.{tag}.next = or {mask} %bad.{tag}, %new.{tag}",
        f"  %larger.{tag} = fcmp ugt {wide} {result}, %best.{tag}",
        f"  %taken.{tag} = and {mask} %larger.{tag}, %mask.{tag}",
        f"  %best.{tag}.next = select {mask} %taken.{tag}, {wide} {result}, {wide} %best.{tag}",
        f"  %at.{tag}.next = select {mask} %taken.{tag}, {places} %lanes.{tag}, {places} %at.{tag}",
        f"  %j.{tag}.next = add nuw nsw i64 %j.{tag}, {this.lanes.count}",
        f"  %more.{tag} = icmp ult i64 %j.{tag}.next, %n",
        f"  br i1 %more.{tag}, label %step.{tag}, label %done.{tag}",
        f"done.{tag}:",
        *_first_of_lanes(this),
        f"  br label %pass.{int(tag) + 1}",
    ]


def _first_of_lanes(this: Pass) -> list[str]:
    tag, wide, mask, places = this.tag, this.lanes.wide, this.mask, this.lanes.of("i64")
    number, count = this.lanes.number, this.lanes.count
    reduce = f"@llvm.vector.reduce.{{}}.v{count}{{}}"
    kind = "f32" if number == "float" else "f64"
    return [
        f"  %top.{tag} = call {number} {reduce.format('fmax', kind)}({wide} %best.{tag}.next)",
        *this.lanes.splat(f"%top.{tag}.all", f"%top.{tag}", number),
        f"  %istop.{tag} = fcmp oeq {wide} %best.{tag}.next, %top.{tag}.all",
        f"  %candidates.{tag} = select {mask} %istop.{tag}, {places} %at.{tag}.next, {places} splat (i64 {_NOWHERE})",
        f"  %winner.{tag} = call i64 {reduce.format('umin', 'i64')}({places} %candidates.{tag})",
        f"  %spoilt.{tag} = call i1 {reduce.format('or', 'i1')}({mask} %bad.{tag}.next)",
    ]


def declarations(this: Pass) -> list[str]:
    """What the text of `search` calls."""
    count, number = this.lanes.count, this.lanes.number
    kind = "f32" if number == "float" else "f64"
    return [
        f"declare {number} @llvm.vector.reduce.fmax.v{count}{kind}({this.lanes.wide})",
        f"declare i64 @llvm.vector.reduce.umin.v{count}i64({this.lanes.of('i64')})",
        f"declare i1 @llvm.vector.reduce.or.v{count}i1({this.mask})",
    ]


def marked(found: str, this: Pass) -> tuple[list[str], str]:
    """Lines of a later pass, and the name they give: 1 in the winner's lane, 0 in others, NaN in a spoilt row."""
    lanes, target = this.lanes, f"%won.{found}.{this.tag}"
    number, wide = lanes.number, lanes.wide
    chosen = [(f"{target}.yes", 1.0), (f"{target}.no", 0.0)]
    lines = lanes.splat(f"{target}.at", f"%winner.{found}", "i64")
    for name, value in chosen:
        lines.append(
            f"  {name}.scalar = select i1 %spoilt.{found}, {number} {hexadecimal(_NAN)}, {number} {hexadecimal(value)}"
        )
        lines += lanes.splat(name, f"{name}.scalar", number)
    return [
        *lines,
        f"  {target}.is = icmp eq {lanes.of('i64')} %lanes.{this.tag}, {target}.at",
        f"  {target} = select {this.mask} {target}.is, {wide} {target}.yes, {wide} {target}.no",
    ], target
