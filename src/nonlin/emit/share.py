"""One call of an inner loop shared by several threads, as LLVM text: atomics only, no call of the system.

A *job* is a record of 64-bit words that says which loop to run on which operands, in slices of how many rows (a row is
an element, for an elementwise loop). The slices form queues, one for each thread in the order of memory. Whoever
enters `work` takes slices from its own queue and then from the others', until none is left: a thread that gets no
processor delays nothing, and a thread that comes again finds in its cache what it left there.

- `member`: takes part if its number is below `MEMBERS`, in a team of OpenMP that is called together.
- `open`: opens the job to helpers. `lead`: works, closes the job, and waits for those that are inside.
- `serve`: a helper. It waits a while for a job that is open, joins, works, and waits for the next.

The state word counts the helpers inside and has a bit for an open job. A helper joins by raising it in one step with
the test of that bit, so once the job is closed and the count is zero nobody reads the record.
"""

from __future__ import annotations

import platform

LOOP, DATA, OPERANDS, ROWS, SLICE, SLICES, CORE, QUEUES, MEMBERS, NUMBER, SERIAL = range(11)
"""Words of a job: loop and its data, operands, rows, rows of a slice, slices, core dimension, queues, threads,
the address of OpenMP's function for a thread's number, and a number no job before had."""
STATE, STOP = 16, 17
"""Who is inside; and whether helpers have to go home."""
ADDRESSES, STEPS, MOST_OPERANDS = 24, 40, 16
"""The operands' addresses, then their steps between rows, then those within a row."""
TAKEN, MOST_QUEUES = STEPS + 2 * MOST_OPERANDS, 64
"""How many slices have been taken from each queue: words on cache lines of their own."""
WORDS = TAKEN + 8 * MOST_QUEUES
_OPEN = 1 << 32

_PAUSES = {
    "x86": ("  call void @llvm.x86.sse2.pause()", "declare void @llvm.x86.sse2.pause()"),
    "arm": ("  call void @llvm.aarch64.hint(i32 1)", "declare void @llvm.aarch64.hint(i32)"),
}
_FAMILIES = {"x86_64": "x86", "amd64": "x86", "i686": "x86", "aarch64": "arm", "arm64": "arm"}

_WORK = """
define internal void @work(ptr %job, i64 %me) noinline {{
entry:
  %args = alloca [{MOST_OPERANDS} x ptr], align 64
  %dimensions = alloca [2 x i64], align 16
  %loop = load ptr, ptr %job, align 8
{fields}
  %data = inttoptr i64 %whole to ptr
  %core.to = getelementptr i64, ptr %dimensions, i64 1
  store i64 %core, ptr %core.to, align 8
  %addresses = getelementptr i64, ptr %job, i64 {ADDRESSES}
  %steps = getelementptr i64, ptr %job, i64 {STEPS}
  %taken = getelementptr i64, ptr %job, i64 {TAKEN}
  br label %queue
queue:
  %visit = phi i64 [0, %entry], [%visit.next, %empty]
  %sum = add i64 %me, %visit
  %q = urem i64 %sum, %queues
  %q.next = add i64 %q, 1
  %share = mul i64 %q, %slices
  %share.next = mul i64 %q.next, %slices
  %begin = udiv i64 %share, %queues
  %end = udiv i64 %share.next, %queues
  %line = mul i64 %q, 8
  %taken.at = getelementptr i64, ptr %taken, i64 %line
  br label %take
take:
  %before = atomicrmw add ptr %taken.at, i64 1 monotonic
  %index = add i64 %begin, %before
  %some = icmp slt i64 %index, %end
  br i1 %some, label %slice, label %empty
slice:
  %first = mul i64 %index, %length
  %left = sub i64 %rows, %first
  %count = call i64 @llvm.smin.i64(i64 %left, i64 %length)
  store i64 %count, ptr %dimensions, align 8
  br label %operand
operand:
  %i = phi i64 [0, %slice], [%i.next, %operand]
  %address.at = getelementptr ptr, ptr %addresses, i64 %i
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
  call void %loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data)
  br label %take
empty:
  %visit.next = add i64 %visit, 1
  %done = icmp eq i64 %visit.next, %queues
  br i1 %done, label %return, label %queue
return:
  ret void
}}
declare i64 @llvm.smin.i64(i64, i64)
"""
_MEMBER = """
define void @member(ptr %job) {{
  %number.at = getelementptr ptr, ptr %job, i64 {NUMBER}
  %members.at = getelementptr i64, ptr %job, i64 {MEMBERS}
  %number = load ptr, ptr %number.at, align 8
  %members = load i64, ptr %members.at, align 8
  %short = call i32 %number()
  %me = sext i32 %short to i64
  %invited = icmp slt i64 %me, %members
  br i1 %invited, label %in, label %out
in:
  call void @work(ptr %job, i64 %me)
  br label %out
out:
  ret void
}}
"""
_LEAD = """
define void @open(ptr %job) {{
  %state.at = getelementptr i64, ptr %job, i64 {STATE}
  store atomic i64 {open}, ptr %state.at release, align 8
  ret void
}}
define i64 @lead(ptr %job, i64 %patience) {{
  %state.at = getelementptr i64, ptr %job, i64 {STATE}
  call void @work(ptr %job, i64 0)
  %closed = atomicrmw sub ptr %state.at, i64 {open} acq_rel
  %inside = call i64 @wait(ptr %job, i64 %patience)
  ret i64 %inside
}}
define i64 @wait(ptr %job, i64 %patience) noinline {{
entry:
  %state.at = getelementptr i64, ptr %job, i64 {STATE}
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
{declaration}
"""
_SERVE = """
define void @serve(ptr %job, i64 %me, i64 %patience) {{
entry:
  %state.at = getelementptr i64, ptr %job, i64 {STATE}
  %stop.at = getelementptr i64, ptr %job, i64 {STOP}
  %members.at = getelementptr i64, ptr %job, i64 {MEMBERS}
  %serial.at = getelementptr i64, ptr %job, i64 {SERIAL}
  br label %look
look:
  %i = phi i64 [0, %entry], [0, %in], [%i.next, %again]
  %last = phi i64 [0, %entry], [%serial, %in], [%last, %again]
  %state = load atomic i64, ptr %state.at acquire, align 8
  %open = icmp uge i64 %state, {open}
  br i1 %open, label %consider, label %idle
consider:
  %members = load atomic i64, ptr %members.at monotonic, align 8
  %serial = load atomic i64, ptr %serial.at monotonic, align 8
  %invited = icmp slt i64 %me, %members
  %new = icmp ne i64 %serial, %last
  %welcome = and i1 %invited, %new
  br i1 %welcome, label %join, label %idle
join:
  %raised = add i64 %state, 1
  %exchange = cmpxchg ptr %state.at, i64 %state, i64 %raised acq_rel monotonic
  %joined = extractvalue {{ i64, i1 }} %exchange, 1
  br i1 %joined, label %in, label %idle
in:
  call void @work(ptr %job, i64 %me)
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
"""
_FIELDS = {
    "whole": DATA,
    "operands": OPERANDS,
    "rows": ROWS,
    "length": SLICE,
    "slices": SLICES,
    "core": CORE,
    "queues": QUEUES,
}
_FIELD = """\
  %{name}.at = getelementptr i64, ptr %job, i64 {word}
  %{name} = load i64, ptr %{name}.at, align 8"""


def share_text(machine: str | None = None) -> str:
    """LLVM module with `member`, `open`, `lead`, `wait` and `serve`, which take the address of a job."""
    family = _FAMILIES.get((machine or platform.machine()).lower(), "")
    pause, declaration = _PAUSES.get(family, ("", ""))
    fields = "\n".join(_FIELD.format(name=name, word=word) for name, word in _FIELDS.items())
    words = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}
    return "".join(
        text.format(**words, fields=fields, open=_OPEN, pause=pause, declaration=declaration)
        for text in (_WORK, _MEMBER, _LEAD, _SERVE)
    )
