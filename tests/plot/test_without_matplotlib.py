"""Without Matplotlib pictures explain what to install, and descriptions still work."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
sys.modules["matplotlib"] = None
import nonlin as nl
from nonlin.errors import MissingDependencyError
name = nl.names(kind="elementwise")[0]
assert nl.plot.describe(name)
try:
    nl.plot.curve
except MissingDependencyError as error:
    assert 'pip install "nonlin[plot]"' in str(error), error
else:
    raise SystemExit("no error")
"""


def test_the_error_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
