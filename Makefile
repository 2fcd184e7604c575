# The front door. `make` alone lists what it opens.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

STARTED := $(shell date +%s)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Only the pages keep a history: writing every event to disk costs a run half a minute.
DAGSTER_HOME := $(CURDIR)/data/dagster
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A check never touches the warehouse of a running build.
CHECKS_WAREHOUSE := $(CURDIR)/target/checks.duckdb

.PHONY: help env run dagster test accept chaos fuzz bench-hygiene bench-increment bench-rules bench-identity bench-identity-quality bench-marts bench-inference validity lint format sqlfluff docs metrics lock clean

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Set up, simulate a company if it has no exports yet, run the whole pipeline
	@if [ ! -d data/exports ] && grep -q data/exports/ trustlift.yml; then \
		$(BIN)/trustlift simulate; fi
	@TRUSTLIFT_SETUP_SECONDS=$$(( $$(date +%s) - $(STARTED) )) $(BIN)/trustlift run

dagster: $(READY) ## Open Dagster's pages: the graph, its schedule and its sensors
	@mkdir -p $(DAGSTER_HOME)
	@cp orchestration/dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	DAGSTER_HOME=$(DAGSTER_HOME) $(BIN)/dagster dev

test: $(READY) ## Run every test but the full-scale ones, a file at a time on each core
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

accept: $(READY) ## Run the full-scale acceptance tests
	$(BIN)/python -m pytest tests/acceptance -m acceptance

chaos: $(READY) ## Run at once, kill runs in every stage, permute what arrives: marts must not notice
	$(BIN)/python -m tests.chaos.two_runs
	$(BIN)/python -m tests.chaos.kills
	$(BIN)/python -m tests.chaos.permutations

fuzz: $(READY) ## Land and judge 20,000 broken records: each kept, or quarantined with a reason
	$(BIN)/python -m tests.chaos.fuzz

bench-hygiene: $(READY) ## Judge 10 million generated events, in scans of the raw rows
	$(BIN)/python -m benchmarks.hygiene

bench-increment: $(READY) ## Run one more day on 30 and on 360 days of history
	$(BIN)/python -m benchmarks.increment

bench-rules: $(READY) ## Measure each rule of hygiene against the sample company's truth
	$(BIN)/python -m benchmarks.rules

bench-identity: $(READY) ## Resolve 10 million identity edges, beside what others need for them
	$(BIN)/python -m benchmarks.identity

bench-identity-quality: $(READY) ## Compare customers with the truth of 3 worlds of 100,000 records, beside simpler ways
	$(BIN)/python -m benchmarks.identity_quality

bench-marts: $(READY) ## Build all marts on a million events, beside the facts they are made from
	$(BIN)/python -m benchmarks.marts

bench-inference: $(READY) ## Read out 20 metrics of 10 million customers, beside the one aggregation and tea-tasting
	$(BIN)/python -m benchmarks.inference

validity: $(READY) ## Judge the statistics of experiments where the truth is known: errors, coverage, power
	$(BIN)/python -m benchmarks.validity --write docs/experiments.md

lint: $(READY) ## Check style, types and SQL; change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory sqlfluff

sqlfluff: $(READY) ## Check the SQL only
	@mkdir -p $(dir $(CHECKS_WAREHOUSE))
	TRUSTLIFT_WAREHOUSE=$(CHECKS_WAREHOUSE) $(BIN)/sqlfluff lint models tests/dbt

docs: $(READY) ## Write docs/kpis.md and the table of README.md from what the marts say of themselves
	$(BIN)/python -m report.kpi_catalogue

metrics: $(READY) ## Ask the published metrics: make metrics ASK="--metrics return_adoption_rate --group-by feature"
	@DBT_TARGET=published $(BIN)/dbt --quiet parse --profiles-dir .
	@DBT_TARGET=published DBT_PROFILES_DIR=. $(BIN)/mf query $(ASK)

format: $(READY) ## Rewrite Python in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

env: $(READY) ## Build the environment in .venv, as the lock says

lock: ## Resolve pyproject.toml's dependencies into requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --generate-hashes \
		--no-header --no-annotate --no-strip-extras --quiet --output-file requirements.lock

clean: ## Remove the environment and everything derived; data/ stays
	rm -rf $(VENV) target logs build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# pip compiles what it installs, so that the first run does not; setuptools, which builds us, is in the lock.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed and $(PYTHON) is %d.%d: name another, as in make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Setting up $(VENV) from requirements.lock: some minutes the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@
