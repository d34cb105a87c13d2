"""One call of an inner loop shared by several threads, as LLVM text: atomics only, no call of the system.

A *job* is a record of 64-bit words that says which loop to run on which operands, and which slice of its rows comes
next (a row is an element, for an elementwise loop). Whoever enters `work` takes the next slice when it is done with
one, until none is left: a thread that gets no processor delays nothing, for the others take its slices.

- `member`: takes part if fewer than `MEMBERS` did, for a team that is called together and waits for all.
- `lead`: opens the job to helpers, works, closes it, and waits for those that are inside.
- `serve`: a helper. It waits a while for a job that is open, joins, works, and waits for the next.

The state word counts the threads inside and has a bit for an open job. A helper joins by raising it in one step with
the test of that bit, so once the job is closed and the count is zero nobody reads the record.
"""

from __future__ import annotations

import platform

LOOP, DATA, OPERANDS, ROWS, SLICE, CORE, MEMBERS, SLICES = range(8)
"""Words of a job: loop and its data, operands, rows, rows of a slice, core dimension, most helpers, slices."""
NEXT, TICKETS, STATE, STOP = 8, 9, 16, 24
"""Words that threads change: the next slice, members so far; who is inside; whether to go home."""
ADDRESSES, STEPS, MOST_OPERANDS = 32, 48, 16
"""The operands' addresses, then their steps between rows, then those within a row."""
WORDS = STEPS + 2 * MOST_OPERANDS
_OPEN = 1 << 32

_PAUSES = {
    "x86": ("  call void @llvm.x86.sse2.pause()", "declare void @llvm.x86.sse2.pause()"),
    "arm": ("  call void @llvm.aarch64.hint(i32 1)", "declare void @llvm.aarch64.hint(i32)"),
}
_FAMILIES = {"x86_64": "x86", "amd64": "x86", "i686": "x86", "aarch64": "arm", "arm64": "arm"}

_TEXT = """
define internal i64 @work(ptr %job) noinline {{
entry:
  %args = alloca [{most} x ptr], align 64
  %dimensions = alloca [2 x i64], align 16
  %loop = load ptr, ptr %job, align 8
{fields}
  %data = inttoptr i64 %whole to ptr
  %core.to = getelementptr i64, ptr %dimensions, i64 1
  store i64 %core, ptr %core.to, align 8
  %next.at = getelementptr i64, ptr %job, i64 {next}
  %addresses = getelementptr i64, ptr %job, i64 {addresses}
  %steps = getelementptr i64, ptr %job, i64 {steps}
  br label %take
take:
  %taken = phi i64 [0, %entry], [%taken.next, %run]
  %index = atomicrmw add ptr %next.at, i64 1 monotonic
  %first = mul i64 %index, %slice
  %left = sub i64 %rows, %first
  %some = icmp slt i64 %first, %rows
  br i1 %some, label %operand, label %end
operand:
  %i = phi i64 [0, %take], [%i.next, %operand]
  %address.at = getelementptr i64, ptr %addresses, i64 %i
  %address = load ptr, ptr %address.at, align 8
  %step.at = getelementptr i64, ptr %steps, i64 %i
  %step = load i64, ptr %step.at, align 8
  %offset = mul i64 %first, %step
  %moved = getelementptr i8, ptr %address, i64 %offset
  %to = getelementptr ptr, ptr %args, i64 %i
  store ptr %moved, ptr %to, align 8
  %i.next = add i64 %i, 1
  %all = icmp eq i64 %i.next, %operands
  br i1 %all, label %run, label %operand
run:
  %count = call i64 @llvm.smin.i64(i64 %left, i64 %slice)
  store i64 %count, ptr %dimensions, align 8
  call void %loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data)
  %taken.next = add i64 %taken, 1
  br label %take
end:
  ret i64 %taken
}}

define void @member(ptr %job) {{
  %tickets.at = getelementptr i64, ptr %job, i64 {tickets}
  %ticket = atomicrmw add ptr %tickets.at, i64 1 monotonic
  %members.at = getelementptr i64, ptr %job, i64 {members}
  %members = load i64, ptr %members.at, align 8
  %invited = icmp slt i64 %ticket, %members
  br i1 %invited, label %in, label %out
in:
  %taken = call i64 @work(ptr %job)
  ret void
out:
  ret void
}}

define i64 @lead(ptr %job, i64 %patience) {{
  %state.at = getelementptr i64, ptr %job, i64 {state}
  store atomic i64 {open}, ptr %state.at release, align 8
  %taken = call i64 @work(ptr %job)
  %closed = atomicrmw sub ptr %state.at, i64 {open} acq_rel
  %inside = call i64 @wait(ptr %job, i64 %patience)
  ret i64 %inside
}}

define i64 @wait(ptr %job, i64 %patience) noinline {{
entry:
  %state.at = getelementptr i64, ptr %job, i64 {state}
  br label %look
look:
  %i = phi i64 [0, %entry], [%i.next, %again]
  %inside = load atomic i64, ptr %state.at acquire, align 8
  %none = icmp eq i64 %inside, 0
  %tired = icmp uge i64 %i, %patience
  %enough = or i1 %none, %tired
  br i1 %enough, label %end, label %again
again:
{pause}
  %i.next = add i64 %i, 1
  br label %look
end:
  ret i64 %inside
}}

define void @serve(ptr %job, i64 %patience) {{
entry:
  %state.at = getelementptr i64, ptr %job, i64 {state}
  %next.at = getelementptr i64, ptr %job, i64 {next}
  %stop.at = getelementptr i64, ptr %job, i64 {stop}
  %members.at = getelementptr i64, ptr %job, i64 {members}
  %slices.at = getelementptr i64, ptr %job, i64 {slices}
  br label %look
look:
  %i = phi i64 [0, %entry], [0, %leave], [%i.next, %again]
  %state = load atomic i64, ptr %state.at acquire, align 8
  %open = icmp uge i64 %state, {open}
  br i1 %open, label %consider, label %idle
consider:
  %inside = sub i64 %state, {open}
  %members = load atomic i64, ptr %members.at monotonic, align 8
  %next = load atomic i64, ptr %next.at monotonic, align 8
  %slices = load atomic i64, ptr %slices.at monotonic, align 8
  %room = icmp slt i64 %inside, %members
  %work = icmp slt i64 %next, %slices
  %welcome = and i1 %room, %work
  br i1 %welcome, label %join, label %idle
join:
  %raised = add i64 %state, 1
  %exchange = cmpxchg ptr %state.at, i64 %state, i64 %raised acq_rel monotonic
  %joined = extractvalue {{ i64, i1 }} %exchange, 1
  br i1 %joined, label %in, label %idle
in:
  %taken = call i64 @work(ptr %job)
  br label %leave
leave:
  %left = atomicrmw sub ptr %state.at, i64 1 release
  br label %look
idle:
  %stop = load atomic i64, ptr %stop.at monotonic, align 8
  %home = icmp ne i64 %stop, 0
  %tired = icmp uge i64 %i, %patience
  %enough = or i1 %home, %tired
  br i1 %enough, label %end, label %again
again:
{pause}
  %i.next = add i64 %i, 1
  br label %look
end:
  ret void
}}
declare i64 @llvm.smin.i64(i64, i64)
{declaration}
"""
_FIELDS = {"whole": DATA, "operands": OPERANDS, "rows": ROWS, "slice": SLICE, "core": CORE}
_FIELD = """\
  %{name}.at = getelementptr i64, ptr %job, i64 {word}
  %{name} = load i64, ptr %{name}.at, align 8"""


def share_text(machine: str | None = None) -> str:
    """LLVM module with `member`, `lead`, `wait` and `serve`, which take the address of a job."""
    family = _FAMILIES.get((machine or platform.machine()).lower(), "")
    pause, declaration = _PAUSES.get(family, ("", ""))
    return _TEXT.format(
        most=MOST_OPERANDS,
        fields="\n".join(_FIELD.format(name=name, word=word) for name, word in _FIELDS.items()),
        next=NEXT,
        tickets=TICKETS,
        state=STATE,
        stop=STOP,
        members=MEMBERS,
        slices=SLICES,
        addresses=ADDRESSES,
        steps=STEPS,
        open=_OPEN,
        pause=pause,
        declaration=declaration,
    )
