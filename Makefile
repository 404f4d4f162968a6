# The only entry: `make` lists the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export UV_PROJECT_ENVIRONMENT := $(abspath $(VENV))
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

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

# ── tests ────────────────────────────────────────────────────────────────────
TEST_UNIT        := worker-python/tests/unit worker-python-flask/tests deduper/tests parity-harness/tests/unit
TEST_INTEGRATION := worker-python/tests/integration

.PHONY: test-unit test-integration test-contract test-fast
test-unit: setup ## unit tests
	$(BIN)/pytest -q $(TEST_UNIT)

test-integration: setup ## integration tests
	$(BIN)/pytest -q $(TEST_INTEGRATION)

test-contract: setup ## the parity contract of the two workers
	cd worker-python && ../$(BIN)/pytest -q tests/contracts

test-fast: setup ## unit and integration tests, under a minute
	$(BIN)/pytest -q $(TEST_UNIT) $(TEST_INTEGRATION)

# ── quality ──────────────────────────────────────────────────────────────────
MYPY_TREES := worker-python/src/worker_python deduper/src/deduper parity-harness/src/parity_harness cutover/src/cutover

.PHONY: lint format types imports
lint: setup ## ruff: style and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: setup ## ruff: format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: setup ## mypy, strict, tree by tree
	@set -e; for tree in $(MYPY_TREES); do echo "mypy $$tree"; $(BIN)/mypy $$tree; done

imports: setup ## import-linter: who may import whom
	$(BIN)/lint-imports

.PHONY: refreeze
refreeze: setup ## write the legacy worker's digests anew: only when production changed
	cd worker-python-flask && (find src -name '*.py' | LC_ALL=C sort; echo pyproject.toml) | xargs sha256sum > FROZEN.sha256
