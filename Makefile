# make run: a demo on this machine. make test: everything. Needs Python 3.11 or newer, git, and this file.

# The first Python that runs and is new enough.
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
  $$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Deno keeps what it has read in here: no home is needed, and no network.
DENO := DENO_DIR=$(abspath $(VENV))/.deno DENO_NO_UPDATE_CHECK=1 $(BIN)/deno
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

.PHONY: run demo survey test check words cards bench migration lock browser clean

run: $(VENV)/.run
	$(BIN)/python -m service run

demo: $(VENV)/.run
	$(BIN)/python -m service demo

# 144 synthetic rocks into a running demo, to see the survey: /survey/?site=synthetic
survey: $(VENV)/.run
	$(BIN)/python -m service demo --survey

test: $(VENV)/.test check browser
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(DENO) fmt --check --quiet
	$(DENO) lint --quiet
	$(DENO) check --quiet --no-remote --no-npm service/pages

# The lint of the words; then docs/what-we-say.md anew, to be read and committed with the words.
words: $(VENV)/.test
	$(BIN)/python -m service words check
	$(BIN)/python -m tests.specs.what_we_say

# demo/cards.png: every state of a card in every language, to look through. After a change that is meant:
# `.venv/bin/python -m tests.cards.gallery golden`, and look again.
cards: $(VENV)/.test
	$(BIN)/python -m tests.cards.gallery

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench.run
	$(BIN)/python -m tests.bench.imports
	$(BIN)/python -m tests.bench.evidence
	$(BIN)/python -m tests.bench.cards
	$(BIN)/python -m tests.bench.survey
	$(BIN)/python -m tests.bench.notices
	$(BIN)/python -m tests.bench.tablet

# What the tables in the code have that the last migration lacks, as a new file to read: make migration name="wet rocks"
migration: $(VENV)/.test
	@test -n "$(name)" || { echo 'Say what it does: make migration name="wet rocks"'; exit 1; }
	@scratch=$$(mktemp -d) && export DATABASE_URL=sqlite:///$$scratch/scratch.db && \
	  number=$$(printf '%04d' $$(($$(ls migrations/versions/*.py | wc -l) + 1))) && \
	  $(BIN)/alembic upgrade head && \
	  $(BIN)/alembic revision --autogenerate --rev-id $$number -m "$(name)" && \
	  $(BIN)/ruff format --quiet migrations; rm -rf $$scratch

# The system's Chromium if there is one; else Debian's, else Playwright's. Without windows (the headless shell) it
# takes a third of the time. A browser test that has none fails in CI, and says so loudly elsewhere.
browser: $(VENV)/.test
	@{ command -v chromium-headless-shell || \
	  command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get update -qq && \
	    { apt-get install -qq -y chromium-headless-shell || apt-get install -qq -y chromium; }; } || \
	  $(BIN)/playwright install chromium; } >/dev/null 2>&1 || echo "NO BROWSER: pages will not be looked at"

# requirements*.txt: every version with its hashes, no address of any registry.
lock: $(VENV)/.uv
	$(LOCK) pyproject.toml --group dev -o requirements-dev.txt --upgrade
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt --upgrade

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

$(VENV)/.run: $(VENV)/.uv requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	touch $@
