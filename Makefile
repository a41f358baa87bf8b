# Set-up, and the few commands that are not Snakemake's. 'make help' lists every target.

SHELL := /bin/sh
BIN := .venv/bin
CORES ?= $(shell nproc)
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=5
REPORT := results/sample/report
# Snakemake and others keep copies of sources in the home folder; who has none (a service, a container) gets one here.
ifeq ($(shell [ -w "$${XDG_CACHE_HOME:-$${HOME:-/}}" ] || echo none),none)
export XDG_CACHE_HOME := $(CURDIR)/.cache
endif
.DEFAULT_GOAL := help
.PHONY: help setup setup-slurm report report-reference verify test test-fast test-cluster lint format bench fuzz torture lock clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 24

setup: ## install the locked Python and Node packages and check the system libraries
	@tools/setup.sh

setup-slurm: setup ## also install what runs trainings as jobs of a SLURM cluster
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-slurm.txt

report: setup ## build the report of the sample edition: no data needed, minutes on two cores
	@$(BIN)/snakemake sample --cores $(CORES) --quiet rules
	@echo "$(CURDIR)/$(REPORT)/report.pdf"
	@echo "$(CURDIR)/$(REPORT)/report.html"

report-reference: setup ## render the report of the committed reference results, without training
	@$(BIN)/python -m rework report --edition reference --results results/reference --processes $(CORES)

verify: setup ## recompute the hashes of data and results, and name files that no rule makes
	@$(BIN)/python -m rework verify

test: setup lint ## run every check that does not need a cluster
	@$(PYTEST) -m "not cluster"

test-fast: setup ## run the tests that take only seconds
	@$(PYTEST) -m "not slow"

test-cluster: setup-slurm ## run trainings on a small SLURM on this machine (installed first, if root on Debian)
	@tools/setup_slurm.sh
	@REWORK_CLUSTER=required $(PYTEST) -m cluster $(CHOSEN) tests/cluster

lint: setup ## check format, style, types, imports, rules and environments without running anything
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/snakefmt --check Snakefile workflow/rules
	@$(BIN)/mypy
	@PYTHONPATH=workflow $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/snakemake --lint --quiet all
	@$(BIN)/python tools/make_envs.py --check

format: setup ## format the code
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format
	@$(BIN)/snakefmt Snakefile workflow/rules

bench: setup ## measure what a user waits for and training steps on an idle machine (20 minutes), into bench/
	@OMP_NUM_THREADS=1 PYTHONPATH=workflow:tests $(BIN)/python benchmarks/bench.py --folder bench
	@PYTHONPATH=workflow $(BIN)/python benchmarks/training_speed.py --json bench/training-speed.json
	@PYTHONPATH=workflow $(BIN)/python benchmarks/style_speed.py

fuzz: setup ## read raw files that are damaged at random, for an hour (MINUTES=60); each must be read or refused
	@OMP_NUM_THREADS=1 PYTHONPATH=workflow $(BIN)/python tools/fuzz.py --minutes $(or $(MINUTES),60)

torture: setup ## kill trainings, Snakemake and the report at 300 random moments (KILLS=300); all must end as if nothing had been
	@PYTHONPATH=workflow:tests $(BIN)/python tools/torture.py --kills $(or $(KILLS),300)

lock: setup ## renew the lock files and the conda environments from requirements.in and requirements-slurm.in
	$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --generate-hashes --no-emit-index-url --python-version 3.11 --constraint requirements.txt \
		$$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.txt) --custom-compile-command "make lock" \
		requirements-slurm.in -o requirements-slurm.txt
	$(BIN)/python tools/make_envs.py

clean: ## remove the sample edition, caches and the environment; full results and Snakemake's record of them stay
	rm -rf results/sample .venv report/node_modules .mypy_cache .ruff_cache .pytest_cache
	if [ -d .snakemake ]; then find .snakemake -mindepth 1 -maxdepth 1 ! -name metadata -exec rm -rf {} +; fi
