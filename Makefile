# make demo · make test · make bench · make accuracy · make exhaustive
#
# Everything is installed into .venv, at the versions in constraints.txt. PYTHON=... chooses the interpreter.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
BIN := .venv/bin
JOBS ?= 2
INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test bench accuracy exhaustive
.DELETE_ON_ERROR:

demo: .venv/.demo
	@$(BIN)/nonlin demo

# The linter and the type checker are tests too, so that the summary names the one that fails.
test: .venv/.dev
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --quiet

bench: .venv/.bench
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.readme

accuracy: .venv/.dev
	@$(BIN)/python -m benchmarks.accuracy

exhaustive: .venv/.dev
	@$(BIN)/python -m benchmarks.exhaustive
	@$(BIN)/python -m benchmarks.readme

.venv/.demo: .venv/.created pyproject.toml constraints.txt
	@echo "Installing what the demo needs into .venv (a few minutes the first time) …" >&2
	@$(INSTALL) --editable '.[demo]'
	@touch $@

.venv/.dev: .venv/.created pyproject.toml constraints.txt
	@echo "Installing what the tests need into .venv (a few minutes the first time) …" >&2
	@$(INSTALL) --editable '.[dev]'
	@touch $@ .venv/.demo

.venv/.bench: .venv/.dev
	@echo "Installing the peers that the benchmark measures beside into .venv …" >&2
	@$(INSTALL) --editable '.[dev,bench]'
	@touch $@

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "nonlin needs Python 3.11 or newer, and '$(PYTHON)' is not. Try: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@touch $@
