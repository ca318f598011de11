# Needs python3 (3.11.2 or newer), node and npm. `make test ARGS='-k exchange'` passes words on to pytest.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed
RUNNABLE := .venv/.runnable
SITE := .venv/.site

.PHONY: demo test test-pythons campaign campaign-mutants campaign-rehearse record logs bench faults fuzz docs site \
	site-serve test-site facts lock lint clean

# Installs the package and what it needs, not the tools of the tests.
demo: $(RUNNABLE)
	@$(BIN)/python examples/demo.py

# The real npm versions that the tests run are fetched once, by the machine's own npm, and kept in
# $SAFEPUBLISH_WORLD (default: ~/.cache/safepublish/world).
test: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term $(ARGS)

# The suite's pure part and one publish on each CPython of this machine, or ARGS=--oldest-and-newest.
test-pythons: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m tests.support.pythons $(ARGS)

# Every situation of campaigns/situations.py, npm alone and then safepublish: an hour and a half on two cores, or a fair part
# of them, as make campaign ARGS='--minutes 20 --seed 7'. Then 300 that are drawn together from them, and the whole of
# the tables of which `make test` runs a part.
campaign: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m campaigns situations $(ARGS)
	@$(BIN)/python -m campaigns situations --mixed 300
	@SAFEPUBLISH_WHOLE=1 $(BIN)/python -m pytest -q -n auto tests/test_many.py tests/test_with.py tests/test_network_against_npm.py \
		tests/test_differential.py tests/detect/test_config_against_npm.py

# Logs of every failing publish that can be made, by the real tools, as every CI dresses them, explained: half an hour.
logs: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m tests.support.tools
	@$(BIN)/python -m campaigns logs $(ARGS)

# Every situation that a workflow can hold, npm alone and then its rehearsal: an hour on two cores, or a fair part
# of it: make campaign-rehearse ARGS='--minutes 10 --seed 7'.
campaign-rehearse: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m campaigns rehearsals $(ARGS)

# Small errors in a copy of the package, and whether a test notices: make campaign-mutants ARGS='--minutes 20 --seed 7'.
campaign-mutants: $(INSTALLED)
	@nice -n 19 $(BIN)/python -m campaigns mutants $(ARGS)

# The picture in the README, from a real run of the demo on a pseudo-terminal.
record: $(INSTALLED)
	@$(BIN)/python -m docs.record

# Every benchmark, a quarter of an hour on a quiet machine; ARGS=--write puts the table into the README.
bench: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m bench $(ARGS)

# The readers of foreign text, each in turn, for a while: make fuzz ARGS='--minutes 120'.
fuzz: $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@nice -n 19 $(BIN)/python -m campaigns fuzz $(ARGS)

# Ways in which the world may misbehave, npm alone and then behind the guard: a quarter of an hour on two cores.
faults: $(INSTALLED)
	@$(BIN)/python -m tests.support.world
	@$(BIN)/python -m campaigns faults $(ARGS)

# The tables of safepublish/data, from the npm registry: the npm of each Node, and the CI vendors. ARGS=ci refreshes one.
facts: $(INSTALLED)
	@$(BIN)/python -m tools.facts $(ARGS)

docs: $(INSTALLED)
	@$(BIN)/python -m docs.generate

# The site in build/site, from docs/: MkDocs with the Material theme from PyPI, the packages of
# docs/site/playground/package-lock.json from npm's registry. A link that leads nowhere fails it. WHEEL=FILE is what the
# playground runs, else a wheel of the sources.
site: $(SITE)
	@$(BIN)/python -m docs.site build $(if $(WHEEL),--wheel $(WHEEL)) $(ARGS)

# The same on the loopback: make site-serve ARGS='--port 8001'.
site-serve: $(SITE)
	@$(BIN)/python -m docs.site serve $(ARGS)

# The site in a real Chromium, which npm's package @sparticuz/chromium holds, driven by Playwright.
test-site: $(SITE)
	@$(BIN)/python -m docs.site build $(if $(WHEEL),--wheel $(WHEEL))
	@SAFEPUBLISH_SITE=build/site $(BIN)/python -m pytest -q --no-cov tests/site $(ARGS)

# What the action installs, from pyproject.toml's dependencies, with the hashes of the wheels for every platform.
lock: $(INSTALLED)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' --output-file action/requirements.txt pyproject.toml

lint: $(INSTALLED)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/mypy

$(RUNNABLE): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11, 2) and sys.exit("python3 is " + sys.version.split()[0] + ", older than 3.11.2: make PYTHON=/path/to/a/newer/python3")'
	$(PYTHON) -m venv .venv
	@echo 'installing safepublish into .venv ...'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(INSTALLED): $(RUNNABLE)
	@echo 'installing the tools of tests and lint into .venv ...'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,dev]'
	@touch $@

$(SITE): $(INSTALLED)
	@echo 'installing the tools of the site into .venv ...'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[site]'
	@touch $@

clean:
	rm -rf .venv .venvs .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* build dist
	find safepublish tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
