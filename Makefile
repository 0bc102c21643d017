# S&OP Portal. `make demo` runs it, `make test` tests it; each sets itself up on a machine with Python ≥ 3.11 and make.
SHELL := /bin/sh
PYTHON3 ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
PORT ?= 8000
export PORT
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
MAKEFLAGS += --no-print-directory
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test test-long e2e check format bench screenshots clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup  ## run the portal with its demo company (PORT=8000; RESET=1 starts over); Ctrl+C ends all of it
	@$(if $(RESET),$(BIN)/python -m sop_portal.embedded.reset,:)
	@exec $(BIN)/python manage.py demo

test: setup-dev  ## calc, services, views, api, architecture and one flow, on real PostgreSQL and Redis (about 3 min)
	@exec $(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -q

test-long: setup-dev  ## faults, races and long flows (about 13 min)
	@ended=0; \
	$(PYTEST) -m "long and not e2e" -n 2 --dist loadfile --no-loadscope-reorder -q --durations=15 --ignore tests/faults || ended=1; \
	$(PYTEST) -m "long and not e2e" -n 3 --dist loadfile --no-loadscope-reorder -q --durations=25 tests/faults || ended=1; \
	exit $$ended

e2e: setup-dev  ## in a browser: the system's Chromium
	@exec $(PYTEST) -m e2e -n 2 --dist loadfile --no-loadscope-reorder -q --durations=15

check: setup-dev  ## ruff, format, mypy, import contracts, migrations, templates, Dockerfile, compose file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/hadolint Dockerfile
	PATH="$$PATH:$(BIN)" node node_modules/dclint/bin/dclint.cjs --max-warnings 0 -c .dclintrc.json docker-compose.yml

format: setup-dev  ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev  ## measure; nothing is judged
	@exec $(PYTEST) -m bench -q -s benchmarks

screenshots: setup-dev  ## pictures of every page, light and dark, into screenshots/
	@exec $(BIN)/python manage.py screenshots

clean:  ## remove the virtual environment and fetched files; data in .data stays
	rm -rf .venv node_modules static/vendor staticfiles

setup: .venv/stamps/runtime .venv/stamps/front-end .venv/stamps/redis  ## what `make demo` needs

setup-dev: setup .venv/stamps/dev  ## what the tests and checks need

.venv/stamps/uv:
	@$(PYTHON3) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON3) -m venv .venv || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@mkdir -p .venv/stamps && touch $@

.venv/stamps/runtime: requirements.txt .venv/stamps/uv
	@echo "Installing what the portal needs …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt || $(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/stamps/dev: requirements-dev.txt .venv/stamps/runtime
	@echo "Installing what the tests need …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt || $(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

.venv/stamps/front-end: package.json package-lock.json .venv/stamps/runtime
	@echo "Fetching the front-end files …"
	@$(BIN)/python sop_portal/setup/front_end.py
	@touch $@

.venv/stamps/redis: sop_portal/setup/redis_server.py .venv/stamps/uv
	@$(BIN)/python sop_portal/setup/redis_server.py
	@touch $@
