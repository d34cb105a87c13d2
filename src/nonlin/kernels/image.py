"""From an object file to a *flat image*: code and constants in one block that runs wherever it is placed.

A kernel calls nothing outside itself and reaches its constants relative to the instruction, so linking it takes a
few additions. Done once, before the kernel is stored, it lets a later process use the kernel without LLVM.
Only x86-64 ELF objects are linked here; anything else raises NotFlatError and is linked by LLVM instead.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_X86_64 = 62
_WRITABLE, _ALLOCATED = 1, 2
_PROGRAM, _SYMBOLS, _RELATIONS = 1, 2, 4
_RELATIVE_32 = {2, 4}  # R_X86_64_PC32, R_X86_64_PLT32: target + addend - place
_GLOBAL = 1


class NotFlatError(Exception):
    """The object needs more than this linker does: another format, writable data, or a function from outside."""


@dataclass(frozen=True)
class Image:
    """Position-independent machine code; `entries` maps each exported function to its offset."""

    code: bytes
    entries: dict[str, int]


@dataclass(frozen=True)
class _Section:
    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int


@dataclass(frozen=True)
class _Symbol:
    name: str
    binding: int
    section: int
    value: int


def flatten(data: bytes) -> Image:
    """Link the object file `data`; raises NotFlatError where that is not possible here."""
    if data[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", data, 18)[0] != _X86_64:
        raise NotFlatError("not an x86-64 ELF object")
    sections = _sections(data)
    places, size = _place(sections)
    code = bytearray(size)
    for index, place in places.items():
        section = sections[index]
        code[place : place + section.size] = data[section.offset : section.offset + section.size]
    symbols = [
        symbol for section in sections if section.type == _SYMBOLS for symbol in _symbols(data, sections, section)
    ]
    for section in sections:
        if section.type == _RELATIONS and section.info in places:
            _relocate(data, section, symbols, places, code)
    entries = {s.name: places[s.section] + s.value for s in symbols if s.binding == _GLOBAL and s.section in places}
    return Image(bytes(code), entries)


def _sections(data: bytes) -> list[_Section]:
    start, size, count, names = struct.unpack_from("<Q10xHHH", data, 40)
    rows = [struct.unpack_from("<IIQ8xQQIIQ8x", data, start + size * i) for i in range(count)]
    table = rows[names][3]
    return [_Section(_text(data, table + row[0]), *row[1:]) for row in rows]


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()


def _place(sections: list[_Section]) -> tuple[dict[int, int], int]:
    """The offset of each section in the image, and the image's size. Unwind tables are left out: nothing unwinds."""
    places: dict[int, int] = {}
    end = 0
    for index, section in enumerate(sections):
        if not section.flags & _ALLOCATED or not section.size or section.name == ".eh_frame":
            continue
        if section.flags & _WRITABLE or section.type != _PROGRAM:
            raise NotFlatError(f"section {section.name} cannot be placed")
        step = max(section.alignment, 1)
        places[index] = -(-end // step) * step
        end = places[index] + section.size
    return places, end


def _symbols(data: bytes, sections: list[_Section], table: _Section) -> Iterator[_Symbol]:
    names = sections[table.link].offset
    for offset in range(table.offset, table.offset + table.size, 24):
        name, info, section, value = struct.unpack_from("<IBxHQ", data, offset)
        yield _Symbol(_text(data, names + name), info >> 4, section, value)


def _relocate(data: bytes, section: _Section, symbols: list[_Symbol], places: dict[int, int], code: bytearray) -> None:
    for offset in range(section.offset, section.offset + section.size, 24):
        place, info, addend = struct.unpack_from("<QQq", data, offset)
        symbol, kind = symbols[info >> 32], info & 0xFFFFFFFF
        if kind not in _RELATIVE_32 or symbol.section not in places:
            raise NotFlatError(f"relocation {kind} against {symbol.name!r} is not supported")
        at = places[section.info] + place
        target = places[symbol.section] + symbol.value
        struct.pack_into("<i", code, at, target + addend - at)
