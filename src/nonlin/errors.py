"""Every error nonlin raises on purpose.

Each says the rule that was broken, what was received, the legal choices and the likely fix, so that the reader
can act without opening the source. The command line turns them into one message and the exit code in `exit_code`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NonlinError(Exception):
    """Base of all errors raised on purpose."""

    exit_code = 2

    def __init__(self, rule: str, *, received: object = None, choices: Iterable[str] = (), fix: str | None = None):
        self.rule, self.received, self.choices, self.fix = rule, received, tuple(choices), fix
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole text: rule, received, choices, fix, one line each."""
        lines = [self.rule]
        if self.received is not None:
            lines.append(f"  received: {self.received}")
        if self.choices:
            lines.append(f"  choices: {', '.join(self.choices)}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.message


class InvalidValueError(NonlinError, ValueError):
    """A value outside what the function accepts."""


class InvalidTypeError(NonlinError, TypeError):
    """A type or dtype the function does not accept."""


class UnknownNameError(NonlinError, LookupError):
    """A name that is in no table; the message suggests the nearest ones."""


class FormulaError(NonlinError, ValueError):
    """A formula that does not parse; the message points at the column."""


class DataError(NonlinError, ValueError):
    """Data that cannot be used: empty, not a number, one class only, no such column."""


class MissingDependencyError(NonlinError, ImportError):
    """An optional dependency is needed and not installed."""


class RunError(NonlinError, RuntimeError):
    """A run that started well and failed or was interrupted; finished work is kept."""

    exit_code = 1


def unknown_name(kind: str, name: str, known: Iterable[str], *, listing: str | None = None) -> UnknownNameError:
    """The error for a name no table holds: the nearest known names, and where to see them all.

    `kind` says what was looked up ("activation"), `listing` the call or command that lists every legal name; without it
    the message does.
    """
    names = list(known)
    nearest = difflib.get_close_matches(str(name).lower(), names, n=3, cutoff=0.5)
    fix = f"did you mean {' or '.join(repr(n) for n in nearest)}?" if nearest else None
    if listing is None:
        return UnknownNameError(
            f"unknown {kind}", received=repr(name), choices=names, fix=fix if names else "there is none"
        )
    rule = f"unknown {kind}; {listing} lists all of them"
    return UnknownNameError(rule, received=repr(name), choices=nearest, fix=fix)
