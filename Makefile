# Four commands: demo, test, check, bench. Each sets up what it needs in .venv, once.
# ARGS goes to the program that the command runs: make demo ARGS="--dataset fashion_mnist"

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
JOBS ?= 2

INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
PINS := pyproject.toml constraints.txt
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
PEERS := $(VENV)/peers.stamp

.PHONY: help demo test check lint format types layers snippets bench screenshots clean

help:
	@echo 'make demo    train a first network and draw its learning curves'
	@echo 'make test    run the tests and the doctests'
	@echo 'make check   lint, formatting, types, import layers, snippets in the docs'
	@echo 'make bench   measure lamina beside Keras and PyTorch'
	@echo 'make screenshots  pictures of TensorBoard and of a report, in build/screenshots (needs Chromium)'
	@echo 'make format  rewrite the files as `make check` wants them'
	@echo 'make clean   remove .venv and everything else that was made here'

demo: $(RUNTIME)
	@$(BIN)/lamina demo $(ARGS)

test: $(DEV)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: lint types layers snippets

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(DEV)
	$(BIN)/pyright
	$(BIN)/pyright --project pyright-strict.json

layers: $(DEV)
	$(BIN)/lint-imports --no-logo

# Their programs are optimized as users' are; those of the other tests are not (conftest.py).
snippets: $(DEV)
	JAX_DISABLE_MOST_OPTIMIZATIONS=0 $(BIN)/python -m pytest tests/docs $(ARGS)

bench: $(PEERS)
	$(BIN)/python benchmarks/training.py $(ARGS)

# Where Chromium is not installed it says so, and that is all.
screenshots: $(DEV)
	@$(BIN)/python -m tests.screenshots build/screenshots

clean:
	rm -rf $(VENV) build dist .cache .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment starts without pip, which pip itself then brings: so Python's ensurepip is not needed.
$(RUNTIME): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lamina needs Python 3.11 or newer; choose one with PYTHON=…")'
	@echo 'Setting up $(VENV) (the first time only)'
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python install -qq --disable-pip-version-check --constraint constraints.txt pip
	@$(INSTALL) --editable '.[plots,sklearn]'
	@touch $@

$(DEV): $(RUNTIME)
	@echo 'Installing what tests and checks need (the first time only)'
	@$(INSTALL) --editable '.[plots,sklearn]' --group dev
	@touch $@

$(PEERS): $(RUNTIME)
	@echo 'Installing TensorFlow, Keras and PyTorch to compare with (the first time only; large)'
	@$(INSTALL) --editable '.[plots,sklearn]' --group bench
	@touch $@
