# Works with the make of macOS (3.81). Everything runs in .venv; `make help` lists it.
PYTHON ?=
PORT ?=
BROWSER ?=
INTO ?=
LESSONS ?=
UPGRADE ?=
ROWS ?=
ENGINES ?=
QUICK ?=
LIMIT ?=
ASSIGNMENT ?=
SUBMISSIONS ?=
PY := .venv/bin/python

export PYTHON PORT BROWSER INTO

.DEFAULT_GOAL := help
.PHONY: help setup lab test test-slow lint types spelling format build figures check-built site site-serve bench bench-setup load-test grade formgrader study lock clean

help: ## List these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv and install what requirements.lock says (PYTHON= names the Python)
	@sh tools/setup.sh

lab: setup ## Open the course in JupyterLab (PORT=8888, BROWSER=no)
	@$(PY) tools/lab.py

test: setup ## Run all checks: lint, types, spelling, stale files, tests, lessons
	@$(PY) tools/check.py

test-slow: setup ## Run 10,000 random cases through fits (make test has 300)
	@MMCOURSE_FUZZ=10000 $(PY) -m pytest -q tests/fuzz

lint: setup ## Check style and format with ruff
	@$(PY) tools/check.py lint

types: setup ## Check types with mypy
	@$(PY) tools/check.py types

spelling: setup ## Check spelling with codespell
	@$(PY) tools/check.py spelling

format: setup ## Let ruff format and repair what it can
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

build: setup ## Build the notebooks that are stale (LESSONS=09 builds that one anyway)
	@$(PY) course/build.py $(LESSONS)
	@$(PY) -m docs.r_users.build

figures: setup ## Draw the picture of the README, and those that tests compare with
	@$(PY) docs/figures/overview.py
	@$(PY) -m pytest -q tests/unit/test_pictures.py --mpl-generate-path=tests/unit/pictures

check-built: setup ## Fail when a built notebook or page is out of step with its master
	@$(PY) course/build.py --check
	@$(PY) -m docs.r_users.build --check

site: setup ## Build the website into docs/_build/html, from the stored outputs
	@$(PY) -m docs.website.build

site-serve: site ## Build the website and show it on this machine (PORT=8000)
	@$(PY) -m docs.website.serve

bench: setup ## Measure speed and memory (QUICK=yes, ROWS="gpa a", ENGINES=mmcourse, LIMIT=60)
	@$(PY) benchmarks/run.py --rows "$(ROWS)" --engines "$(ENGINES)" \
	    $(if $(QUICK),--quick) $(if $(LIMIT),--limit $(LIMIT))

bench-setup: setup ## Install the engines to compare with into .venv-bench
	@$(PY) benchmarks/environment.py

load-test: setup ## Grade a class of 100, kill the run, go on (for benchmarks/RESULTS.md)
	@$(PY) benchmarks/load.py

grade: setup ## Grade a class (ASSIGNMENT=20_sleepstudy SUBMISSIONS=export.zip)
	@.venv/bin/mmcourse grade $(ASSIGNMENT) $(if $(SUBMISSIONS),--submissions "$(SUBMISSIONS)") \
	    $(if $(INTO),--into "$(INTO)")

formgrader: setup ## Mark written answers by hand, in JupyterLab (INTO=grading, PORT=8888)
	@$(PY) tools/formgrader.py

study: setup ## Simulate which intervals cover, which tests keep their level (QUICK=yes)
	@$(PY) -m benchmarks.coverage.run $(if $(QUICK),--quick)

lock: setup ## Write requirements.lock from pyproject.toml (UPGRADE=yes takes newer releases)
	@$(PY) -m uv pip compile pyproject.toml --extra dev --universal \
	    --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" --quiet \
	    $(if $(UPGRADE),--upgrade) --output-file requirements.lock

clean: ## Remove .venv, .venv-bench and caches (a learner's work/ stays)
	@rm -rf .venv .venv-bench dist docs/_build
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
