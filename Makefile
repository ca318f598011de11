# Needs python3 (3.11 or newer), node and npm. `make test ARGS='-k exchange'` passes words on to pytest.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: demo test campaign bench docs lock lint clean

demo: $(INSTALLED)
	@$(BIN)/python examples/demo.py

# The real npm versions that the tests run are fetched once, by the machine's own npm, and kept in
# $SAFEPUBLISH_WORLD (default: ~/.cache/safepublish/world).
test: $(INSTALLED)
	@$(BIN)/python tests/world.py
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term $(ARGS)

# Every situation of tests/situations.py, npm alone and then safepublish: half an hour on two cores.
campaign: $(INSTALLED)
	@$(BIN)/python tests/world.py
	@$(BIN)/python tests/situations.py $(ARGS)

bench: $(INSTALLED)
	@$(BIN)/python tests/world.py
	@$(BIN)/python bench/guard.py $(ARGS)
	@$(BIN)/python bench/action.py $(ARGS)
	@$(BIN)/python bench/workflow.py $(ARGS)

docs: $(INSTALLED)
	@$(BIN)/python docs/generate.py

# What the action installs, from pyproject.toml's dependencies, with the hashes of the wheels for every platform.
lock: $(INSTALLED)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' --output-file action/requirements.txt pyproject.toml

lint: $(INSTALLED)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("python3 is " + sys.version.split()[0] + ", older than 3.11: make PYTHON=/path/to/a/newer/python3")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,dev]'
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* build dist
	find safepublish tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
