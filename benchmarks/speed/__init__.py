"""The race beside other libraries: `python -m benchmarks.speed` (see `--help`)."""
