# `make help` prints the commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

help:  ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

site: $(VENV)/.run  ## build build/site
	@$(BIN)/python -m scripts build

serve: $(VENV)/.run  ## serve the site live at http://127.0.0.1:8000/
	@$(BIN)/python -m scripts serve

check: $(VENV)/.run  ## check the records
	@$(BIN)/python -m scripts check

test: $(VENV)/.dev  ## run every test; sets up what they need, a browser included
	@$(BIN)/python tests/browser.py
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## format, lint, type-check the program and check the records, as the hooks of pre-commit do
	@if git rev-parse --quiet --verify HEAD >/dev/null 2>&1; then $(BIN)/pre-commit run --all-files; \
	else $(BIN)/ruff format . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/python -m scripts check; fi

bench: $(VENV)/.run  ## time and measure every stage on a made-up record
	@$(BIN)/python -m scripts bench

lock: $(VENV)/.dev  ## resolve the requirements anew, for Python 3.11 to 3.14 on Linux and macOS
	@for name in requirements requirements-dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url $$name.in --output-file $$name.lock; done

clean:  ## remove what was built
	rm -rf build/site build/cache build/other build/*.json build/*.stamp && find build/docs -mindepth 1 ! -name .gitkeep -delete

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python has no venv: install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

.PHONY: help site serve check test lint bench lock clean
