# Everything here sets itself up: a virtual environment in .venv with what requirements/ locks.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check

# Peers of the benchmarks, such as gunicorn, get an environment of their own.
BENCH_VENV ?= .venv-bench
BENCHMARKS = webhooks served sends worker scale startup

.PHONY: help demo demo-check test test-crash test-all bench $(BENCHMARKS:%=bench-%) lint types imports docs lock matrix screenshots clean

help: ## List these targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

demo: $(VENV)/.test ## Play a two-way exchange with a simulated Vonage, then serve the site.
	@$(BIN)/python manage.py demo

demo-check: $(VENV)/.test ## Play the same exchange without staying; fail unless all of it came true.
	@$(BIN)/python manage.py demo --check

test: $(VENV)/.test ## Run the tests, on SQLite or on DATABASE_URL.
	@$(BIN)/python -m pytest -m "not long" $(ARGS)

test-crash: $(VENV)/.test ## Kill processes over and over and compare (needs PostgreSQL).
	@$(BIN)/python -m pytest tests/crash -s $(ARGS)

test-all: $(VENV)/.test ## Run every test, the long ones too, at full size.
	@VONAGE_KILL_TEST_SIZE=full $(BIN)/python -m pytest $(ARGS)

bench: $(BENCH_VENV)/.bench ## Run all benchmarks, on SQLite or on DATABASE_URL (a few minutes).
	@for name in $(BENCHMARKS); do \
		printf '\n=== %s\n' "$$name"; $(BENCH_VENV)/bin/python -m benchmarks.$$name || exit 1; \
	done

bench-webhooks: ## Measure webhooks in one process beside a bare view.
bench-served: ## Measure webhooks through gunicorn beside a bare view.
bench-sends: ## Measure sends beside the Vonage SDK and a bare POST.
bench-worker: ## Measure vonage_worker against an API that answers late.
bench-scale: ## Measure admin pages, the worker, the sweep and pruning as tables grow.
bench-startup: ## Measure what the app adds to a site that sends nothing.
$(BENCHMARKS:%=bench-%): $(BENCH_VENV)/.bench
	@$(BENCH_VENV)/bin/python -m benchmarks.$(@:bench-%=%) $(ARGS)

lint: $(VENV)/.dev ## Check style and formatting.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## Check types, and calls as users of the package write them.
	@$(BIN)/mypy
	@PYTHONPATH=$(CURDIR) $(BIN)/python tests/typing/check.py

imports: $(VENV)/.dev ## Check that imports point one way.
	@$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev ## Build the documentation, warnings as errors.
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

matrix: $(VENV)/.test ## Write the table of what each channel carries into docs/channels.md.
	@PYTHONPATH=. DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python docs/content_matrix.py

screenshots: $(VENV)/.dev ## Take the pictures of the documentation anew (needs Chromium).
	@$(BIN)/python docs/screenshots.py

lock: $(VENV)/.dev ## Resolve requirements/*.lock anew from pyproject.toml.
	@for group in test test-django60 mariadb bench dev; do \
		$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --all-extras \
			--group $$group --generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" --output-file requirements/$$group.lock; \
	done

clean: ## Remove what these targets made.
	rm -rf $(VENV) $(BENCH_VENV) docs/_build build dist .hypothesis .mypy_cache .ruff_cache

$(VENV)/bin/python $(BENCH_VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(@D:/bin=) (once)…"
	@$(PYTHON) -m venv $(@D:/bin=) || { rm -rf $(@D:/bin=); \
		echo "The virtual environment could not be made. On Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.test: $(VENV)/bin/python requirements/test.lock
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements/dev.lock
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@ $(VENV)/.test

$(BENCH_VENV)/.bench: $(BENCH_VENV)/bin/python requirements/bench.lock
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@touch $@
