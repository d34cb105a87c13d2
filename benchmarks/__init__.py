"""Measurements and proofs: `python -m benchmarks.speed`, `python -m benchmarks.exhaustive`."""
