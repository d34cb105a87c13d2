"""Split a typed formula into tokens, and write it in Python's notation, remembering every column.

Mathematical writing is accepted beside Python's: x^2 and x² for x**2, |x| for abs(x), · and × for *, − for -, ≤, ≥.
Each number is replaced by its index in a list, so that its digits reach the expression as they were typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from nonlin.errors import FormulaError

LONGEST = 10_000  # characters
MOST_TOKENS = 2_000
LARGEST_EXPONENT = 1_000
MOST_DIGITS = 2_000
WINDOW = 70  # characters of a long formula shown in an error
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d²³][^\W²³]*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^(),<>|−·×÷≤≥²³])"
)
SPELLING = {"^": "**", "−": "-", "·": "*", "×": "*", "÷": "/", "≤": "<=", "≥": ">="}
RAISED = {"²": "2", "³": "3"}
ENDS_A_VALUE = re.compile(r"[\w)²³]$")
WORDS_BETWEEN = {"if", "else", "and", "or", "not"}


@dataclass(frozen=True)
class Source:
    """A formula as typed, the same in Python's notation, and for each character there the column it came from."""

    typed: str
    python: str
    columns: tuple[int, ...]
    numbers: tuple[str, ...]

    def column(self, offset: int) -> int:
        """The typed column of a byte offset in the Python text: how a syntax tree counts."""
        return self.column_of(len(self.python.encode()[:offset].decode(errors="ignore")))

    def column_of(self, index: int) -> int:
        """The typed column of a character of the Python text; the end for one outside."""
        return self.columns[index] if 0 <= index < len(self.columns) else len(self.typed)


def fail(typed: str, column: int, rule: str, *, choices: tuple[str, ...] = (), fix: str | None = None) -> NoReturn:
    """Raise the error that shows the formula with a caret under the column."""
    start = max(0, min(column - WINDOW // 2, len(typed) - WINDOW))
    shown = typed[start : start + WINDOW]
    before, after = "…" if start else "", "…" if start + WINDOW < len(typed) else ""
    caret = " " * (column - start + len(before)) + "^"
    message = f"{rule} (column {column + 1})\n    {before}{shown}{after}\n    {caret}"
    raise FormulaError(message, choices=choices, fix=fix)


def read(formula: str) -> Source:
    """Tokens of a formula; `FormulaError` for one too long, or a character without a meaning."""
    if not isinstance(formula, str):
        raise FormulaError("a formula is a text such as 'x * tanh(x)'", received=repr(formula)[:WINDOW])
    if len(formula) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters", received=f"{len(formula)} characters")
    typed = re.sub(r"\s", " ", formula)
    if not typed.strip():
        raise FormulaError("the formula is empty", fix="write one in x, such as 'x * tanh(x)'")
    writer = _Writer(typed)
    position = 0
    while position < len(typed):
        found = TOKEN.match(typed, position)
        if found is None:
            fail(typed, position, f"the character {typed[position]!r} has no meaning in a formula")
        writer.write(found)
        position = found.end()
    return writer.source()


class _Writer:
    def __init__(self, typed: str):
        self.typed, self.tokens = typed, 0
        self.pieces: list[str] = []
        self.columns: list[int] = []
        self.numbers: list[str] = []
        self.open_bars: list[int] = []
        self.previous = ""

    def write(self, found: re.Match[str]) -> None:
        text, column = found[0], found.start()
        if found["space"]:
            if self.pieces:
                self._emit(" ", column)
            return
        self.tokens += 1
        if self.tokens > MOST_TOKENS:
            fail(self.typed, column, f"the formula is too long: more than {MOST_TOKENS} numbers, names and signs")
        if found["number"]:
            self._number(text, column)
        elif text in RAISED:
            self._emit("**", column)
            self._number(RAISED[text], column)
        elif text == "|":
            self._bar(column)
        else:
            self._check_product(found)
            self._emit(SPELLING.get(text, text), column)
        self.previous = text

    def _emit(self, text: str, column: int) -> None:
        self.pieces.append(text)
        self.columns.extend([column] * len(text))

    def _check_product(self, found: re.Match[str]) -> None:
        """2x and (x)(x): the product sign must be written."""
        text, column = found[0], found.start()
        touches = column > 0 and self.typed[column - 1] != " "
        after_number = touches and re.match(r"[\d.]", self.previous) and (found["name"] or text == "(")
        after_bracket = self.previous == ")" and (text == "(" or (found["name"] and text not in WORDS_BETWEEN))
        if after_number or after_bracket:
            fail(self.typed, column, "a product needs its sign", fix=f"write * before {text!r}")

    def _number(self, text: str, column: int) -> None:
        if len(text) > MOST_DIGITS:
            fail(self.typed, column, f"a number has at most {MOST_DIGITS} digits")
        exponent = text.lower().partition("e")[2]
        if abs(int(exponent or 0)) > LARGEST_EXPONENT:
            fail(self.typed, column, f"a number's exponent is at most {LARGEST_EXPONENT}")
        self._emit(str(len(self.numbers)) + " ", column)
        self.numbers.append(text)

    def _bar(self, column: int) -> None:
        after_bar = self.previous == "|" and self.pieces[-1].strip() == ")"
        if after_bar or ENDS_A_VALUE.search(self.previous):
            if not self.open_bars:
                fail(self.typed, column, "this | closes nothing", fix="write |x| or abs(x), with * between two of them")
            self.open_bars.pop()
            self._emit(")", column)
        else:
            self.open_bars.append(column)
            self._emit("abs(", column)

    def source(self) -> Source:
        if self.open_bars:
            fail(self.typed, self.open_bars[-1], "this | is never closed", fix="write |x| or abs(x)")
        return Source(self.typed, "".join(self.pieces), tuple(self.columns), tuple(self.numbers))
