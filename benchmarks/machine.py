"""What a measurement was made on: processor, cores, memory, system and the versions that matter."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

PACKAGES = ("nonlin", "numpy", "llvmlite", "torch", "jax", "scipy", "numexpr", "ml_dtypes")


def processor() -> str:
    """The processor's name as it calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Version of Python and of each package that is installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def description() -> str:
    """One line: "AMD EPYC, 2 cores, Linux x86_64; python 3.11.1, numpy 2.4.6 …"."""
    listed = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{processor()}, {cores()} cores, {platform.system()} {platform.machine()}; {listed}"


def today() -> str:
    return datetime.now(UTC).date().isoformat()
