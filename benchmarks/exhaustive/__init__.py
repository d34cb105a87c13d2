"""Every input of a dtype, for every function and order: `python -m benchmarks.exhaustive` (see `--help`)."""
