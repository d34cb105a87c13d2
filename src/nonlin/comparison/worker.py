"""A worker process: reads calls from its standard input, answers on its standard output, one pickle each.

Started as `python -m nonlin.comparison.worker` rather than through `multiprocessing`, so that a user's script needs no
`if __name__ == "__main__":` guard, one worker's death loses one cell only, and Ctrl-C reaches the parent alone.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from pathlib import Path


def main() -> None:
    """Serve calls until the parent closes the pipe. The first message is the parent's import path."""
    requests = sys.stdin.buffer
    # Anything printed by the work must not end up between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.path[:] = pickle.load(requests)
    _single_thread()
    while True:
        try:
            function, arguments = pickle.load(requests)
        except EOFError:
            return
        pickle.dump(_call(function, arguments), answers)
        answers.flush()


def _single_thread() -> None:
    """One thread per worker: the workers share the cores, and one thread sums in one order."""
    import torch

    torch.set_num_threads(1)


def _call(function: object, arguments: tuple[object, ...]) -> tuple[bool, object]:
    try:
        assert callable(function)
        return True, function(*arguments)
    except Exception as error:  # noqa: BLE001 - reported to the parent, which decides
        where = traceback.extract_tb(error.__traceback__)[-1]
        return False, f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"


if __name__ == "__main__":
    main()
