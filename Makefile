# Each target creates the virtual environment .venv first, from the locked versions in requirements/.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
TEST_LOCK ?= test
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTHON_CODE = django_vonage_messages example_project tests docs benchmarks manage.py

# The benchmarks have their own environment, because nothing else needs gunicorn and the Vonage SDK.
BENCH_VENV ?= .venv-bench
BENCHMARKS = webhooks served sends worker scale startup

.PHONY: help setup demo demo-check test test-slow test-crash test-all bench $(BENCHMARKS:%=bench-%) \
	check lint spelling types imports migrations docs matrix screenshots lock clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(VENV)/.dev ## Create .venv with all tools, and install the Git hooks.
	@if [ -e .git ]; then $(BIN)/pre-commit install; else \
		echo "This is not a Git checkout, so no Git hooks were installed."; fi

demo: $(VENV)/.test ## Play a demo with a simulated Vonage, then serve the example site.
	@$(BIN)/python manage.py demo

demo-check: $(VENV)/.test ## Play the demo, check its results, and exit.
	@$(BIN)/python manage.py demo --check

test: $(VENV)/.test ## Run the tests except the slow ones, on SQLite or on DATABASE_URL.
	@$(BIN)/python -m pytest -m "not slow and not long" $(ARGS)

test-slow: $(VENV)/.test ## Run the slow tests.
	@$(BIN)/python -m pytest -m "slow and not long" $(ARGS)

test-crash: $(VENV)/.test ## Kill processes at random moments and check the rows (needs PostgreSQL and PgBouncer).
	@$(BIN)/python -m pytest tests/crash -s -n 0 $(ARGS)

test-all: $(VENV)/.test ## Run every test at full size, including the long ones.
	@$(BIN)/python -m pytest --ignore tests/crash $(ARGS)
	@VONAGE_KILL_TEST_SIZE=full $(BIN)/python -m pytest tests/crash -s -n 0

bench: $(BENCH_VENV)/.bench ## Run all benchmarks, on SQLite or on DATABASE_URL (a few minutes).
	@for name in $(BENCHMARKS); do \
		printf '\n=== %s\n' "$$name"; $(BENCH_VENV)/bin/python -m benchmarks.$$name || exit 1; \
	done

bench-webhooks: ## Compare webhooks with a bare view, in one process.
bench-served: ## Compare webhooks with a bare view, in gunicorn.
bench-sends: ## Compare sends with the Vonage SDK and a bare POST.
bench-worker: ## Measure vonage_worker with a slow API.
bench-scale: ## Measure admin pages, the worker and commands while tables grow.
bench-startup: ## Measure the cost of the app in a site that sends nothing.
$(BENCHMARKS:%=bench-%): $(BENCH_VENV)/.bench
	@$(BENCH_VENV)/bin/python -m benchmarks.$(@:bench-%=%) $(ARGS)

check: lint spelling types imports migrations docs demo-check test ## Run all checks for a pull request.

lint: $(VENV)/.dev ## Check style, formatting and outdated Django code.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@find $(PYTHON_CODE) -name '*.py' -exec $(BIN)/django-upgrade --target-version 5.2 --check {} +

spelling: $(VENV)/.dev ## Check the spelling in code and documentation.
	@$(BIN)/codespell

types: $(VENV)/.dev ## Check types in the package and in example calls of users.
	@$(BIN)/mypy
	@PYTHONPATH=$(CURDIR) $(BIN)/python tests/type_hints/check.py

imports: $(VENV)/.dev ## Check that imports point one way.
	@$(BIN)/lint-imports --no-cache

migrations: $(VENV)/.dev ## Check that each model change has a migration.
	@for field in AutoField BigAutoField; do \
		TEST_DEFAULT_AUTO_FIELD=django.db.models.$$field $(BIN)/python -m django \
			makemigrations --check --dry-run --settings=tests.settings --pythonpath=. || exit 1; \
	done

docs: $(VENV)/.dev ## Build the documentation; warnings are errors.
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

matrix: $(VENV)/.test ## Update the tables of contents and options in docs/channels.md.
	@PYTHONPATH=. DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python docs/content_matrix.py

screenshots: $(VENV)/.dev ## Take the screenshots of the documentation (needs Chromium).
	@$(BIN)/python docs/screenshots.py

lock: $(VENV)/.dev ## Update requirements/*.lock from pyproject.toml.
	@for group in test test-django60 mariadb bench dev; do \
		$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --all-extras \
			--group $$group --generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" --output-file requirements/$$group.lock; \
	done

clean: ## Delete the files that these targets create.
	rm -rf $(VENV) $(BENCH_VENV) docs/_build build dist .hypothesis .mypy_cache .ruff_cache .coverage*

$(VENV)/bin/python $(BENCH_VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is Python " + sys.version.split()[0] + ". Set PYTHON=…") if sys.version_info < (3, 11) else None'
	@echo "Creating $(@D:/bin=) (only once)…"
	@$(PYTHON) -m venv $(@D:/bin=) || { rm -rf $(@D:/bin=); \
		echo "The virtual environment was not created. On Debian, install python3-venv." >&2; exit 1; }

$(VENV)/.test: $(VENV)/bin/python requirements/$(TEST_LOCK).lock
	@$(PIP) install --require-hashes -r requirements/$(TEST_LOCK).lock
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements/dev.lock
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@ $(VENV)/.test

$(BENCH_VENV)/.bench: $(BENCH_VENV)/bin/python requirements/bench.lock
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@touch $@
