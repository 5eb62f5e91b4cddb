# Everything here sets itself up: a virtual environment in .venv with what requirements/ locks.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help demo demo-check test test-crash test-all bench lint types imports docs lock matrix screenshots clean

help: ## List these targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

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

bench: $(VENV)/.test ## Measure a webhook and a send, on SQLite or on DATABASE_URL.
	@$(BIN)/python benchmarks/webhook_and_send.py $(ARGS)

lint: $(VENV)/.dev ## Check style and formatting.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## Check types.
	@$(BIN)/mypy

imports: $(VENV)/.dev ## Check that imports point one way.
	@$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev ## Build the documentation, warnings as errors.
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

matrix: $(VENV)/.test ## Write the table of what each channel carries into docs/channels.md.
	@PYTHONPATH=. DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python docs/content_matrix.py

screenshots: $(VENV)/.dev ## Take the pictures of the documentation anew (needs Chromium).
	@$(BIN)/python docs/screenshots.py

lock: $(VENV)/.dev ## Resolve requirements/*.lock anew from pyproject.toml.
	@for group in test mariadb bench dev; do \
		$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --all-extras \
			--group $$group --generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" --output-file requirements/$$group.lock; \
	done

clean: ## Remove what these targets made.
	rm -rf $(VENV) docs/_build build dist .hypothesis .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once)…"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The virtual environment could not be made. On Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.test: $(VENV)/bin/python requirements/test.lock
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements/dev.lock
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@ $(VENV)/.test
