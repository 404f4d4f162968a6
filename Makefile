# The only entry: `make` lists the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export UV_PROJECT_ENVIRONMENT := $(abspath $(VENV))
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

# ── set-up ───────────────────────────────────────────────────────────────────
.PHONY: setup
setup: $(VENV)/.synced ## make .venv and install everything into it, from the lock

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.synced: $(BIN)/uv uv.lock pyproject.toml $(wildcard */pyproject.toml)
	$(BIN)/uv sync --locked --quiet --python $(BIN)/python --inexact
	@touch $@

# ── the workers ──────────────────────────────────────────────────────────────
SAMPLE := var/sample/newsnexus.db

# Embedded defaults: without a .env the workers run this repository's deduper on the sample database.
ifeq ($(wildcard .env),)
export PATH_TO_PYTHON_VENV          ?= $(abspath $(VENV))
export PATH_TO_MICROSERVICE_DEDUPER ?= $(abspath deduper)
export PATH_TO_DATABASE             ?= $(abspath var/sample)
export NAME_DB                      ?= newsnexus.db
export PATH_TO_CSV                  ?= $(abspath var/sample/article_ids.csv)
export PATH_TO_LOGS                 ?= $(abspath var/logs)
export JOB_STORE                    ?= $(abspath var/jobs.sqlite3)
endif

.PHONY: run run-legacy run-distributed sample demo
run: setup $(SAMPLE) ## start the FastAPI worker on 127.0.0.1:8000, on the sample database
	$(BIN)/uvicorn --app-dir worker-python/src main:app --host 127.0.0.1 --port $(or $(PORT),8000) --no-access-log

run-legacy: setup $(SAMPLE) ## start the Flask worker on 127.0.0.1:5000, on the sample database
	PORT=$(or $(PORT),5000) $(BIN)/python -m worker_python_flask

run-distributed: setup $(SAMPLE) ## PostgreSQL, two API processes behind Envoy, three workers; Ctrl-C stops all
	PYTHONPATH=tests $(BIN)/python -m rig.distributed $(or $(PORT),8000)

sample: setup $(SAMPLE) ## make the sample database in var/sample, where there is none

$(SAMPLE):
	@mkdir -p var/logs
	$(BIN)/python -m deduper sample --to var/sample --name newsnexus.db

demo: setup ## one report through both workers: the duplicates found, and whether the rows are equal
	PYTHONPATH=tests $(BIN)/python -m rig.demo

# ── the cutover ──────────────────────────────────────────────────────────────
.PHONY: drill
drill: setup node ## the whole cutover on this machine, with every fault; writes docs/drills/
	$(BIN)/cutover drill cutover/drill.toml

# ── tests ────────────────────────────────────────────────────────────────────
UNIT        := worker-python/tests/unit worker-python-flask/tests deduper/tests parity-harness/tests/unit cutover/tests/unit
MUTANTS     := parity-harness/tests/mutants
CONTRACT    := worker-python/tests/contracts
INTEGRATION := worker-python/tests/integration cutover/tests/integration

# Not under coverage, and in processes of its own: what imports apps afresh, again and again, and
# what the harness's watchdog interrupts, which may be while coverage holds its own lock.
PLAIN   := $(MUTANTS) parity-harness/tests/integration parity-harness/tests/unit/targets \
           parity-harness/tests/unit/runner/test_sides.py
PYTEST  := $(BIN)/pytest -q -n logical --maxprocesses 4 --dist worksteal
COVERED := $(PYTEST) --cov --ignore=$(CONTRACT) $(addprefix --ignore=,$(PLAIN))

.PHONY: node
node: setup # what runs in Node, before a test waits for it
	@PYTHONPATH=tests $(BIN)/python -m rig.npm

.PHONY: test test-fast test-unit test-integration test-contract spoilt test-e2e coverage mutants
test: setup node ## everything, with coverage: at least 90 % of all packages, branches included
	$(COVERED) --cov-report=
	$(PYTEST) --dist loadgroup $(PLAIN)
	$(BIN)/pytest -q $(CONTRACT)

test-fast: setup ## unit and integration tests less the slow ones, under a minute
	$(PYTEST) -m "not slow" $(UNIT) $(INTEGRATION)

test-unit: setup ## unit tests
	$(PYTEST) $(UNIT)

test-integration: setup ## integration tests: real processes, real databases, real servers
	$(PYTEST) $(INTEGRATION) parity-harness/tests/integration

test-contract: setup ## the parity contract of the two workers, by the harness; ENGINE=distributed: the new one on PostgreSQL
	cd worker-python && CONTRACT=parity$(if $(filter distributed,$(ENGINE)),-distributed).toml ../$(BIN)/pytest -q -p no:schemathesis tests/contracts

spoilt: setup ## spoil each route's status, key and type on either side: does the contract notice?
	PYTHONPATH=tests $(BIN)/python -m rig.spoilt

test-e2e: setup node ## api/ stand-in, both workers, database, rows
	$(BIN)/pytest -q tests/end_to_end tests/edge

coverage: setup node ## the same coverage, line by line: what no test reaches
	$(COVERED)

mutants: setup ## the harness finds every seeded mistake of a migration
	$(BIN)/pytest -q $(MUTANTS)

.PHONY: bench
bench: setup ## the service's speed beside the Flask worker and the limits: one table, a minute
	$(BIN)/python benchmarks/service.py

MACHINE := worker-python/tests/unit/engines/test_state_machine.py::test_whatever_happens_all_is_as_promised

.PHONY: chaos
chaos: setup chaos-$(or $(ENGINE),local) ## kill, stop and cut off the service; ENGINE=distributed for the other one; writes docs/reliability.md

.PHONY: chaos-local chaos-distributed
chaos-local:
	CHAOS_KILLS=200 CHAOS_EXAMPLES=10 CHAOS_STEPS=300 CHAOS_BAD_REQUESTS=10000 ENGINE_MACHINE_EXAMPLES=500 \
	    CHAOS_REPORT=docs/reliability.md $(BIN)/pytest -q worker-python/tests/chaos \
	    "$(MACHINE)[local]" worker-python/tests/integration/engines/test_stress.py

chaos-distributed:
	CHAOS_OUTAGES="1 8 45" CHAOS_ROUNDS=3 CHAOS_STALLED_SECONDS=5 CHAOS_REPORT=$(abspath docs/reliability.md) \
	    ENGINE_MACHINE_EXAMPLES=500 $(BIN)/pytest -q worker-python/tests/distributed "$(MACHINE)[distributed]"

# ── pages that are made ──────────────────────────────────────────────────────
.PHONY: docs quality traps
docs: setup ## make the generated pages of docs/ anew
	PYTHONPATH=tests $(BIN)/python -m rig.consumers
	PYTHONPATH=tests $(BIN)/python -m rig.matrix
	PYTHONPATH=tests $(BIN)/python -m rig.departures

traps: setup ## write the pages of the trap catalogue
	$(BIN)/parity traps --write parity-harness/docs/traps

quality: setup ## measure the deduper's scores on the labelled sample; writes docs/deduper-quality.md
	DEDUPER_MODEL_PATH= $(BIN)/python -m deduper quality --to docs/deduper-quality.md

# ── quality ──────────────────────────────────────────────────────────────────
SOURCES := worker-python/src/worker_python worker-python/src/worker_python_client deduper/src/deduper parity-harness/src/parity_harness cutover/src/cutover
TESTS   := worker-python/tests deduper/tests parity-harness/tests cutover/tests tests benchmarks

.PHONY: check lint format types imports
check: lint types imports test ## all of it: what CI calls

lint: setup ## ruff: style and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: setup ## ruff: format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: setup ## mypy, strict, tree by tree
	@set -e; for tree in $(SOURCES) $(TESTS); do echo "mypy $$tree"; $(BIN)/mypy $$tree; done

imports: setup ## import-linter: who may import whom
	$(BIN)/lint-imports --no-logo

.PHONY: refreeze
refreeze: setup ## write the legacy worker's digests anew: only when production changed
	cd worker-python-flask && (find src -name '*.py' | LC_ALL=C sort; echo pyproject.toml) | xargs sha256sum > FROZEN.sha256
