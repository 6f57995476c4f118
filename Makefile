# The commands of daily work. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

dev: ## set up everything a developer needs
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -e '.[dev]'

check: ## formatting, lint, types and tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

golden: ## write the golden files anew; read the difference before you commit it
	$(BIN)/python -m pytest tests/golden --update-golden

reference: ## build templates/reference.docx anew
	$(BIN)/python -m tests.make_reference

bench: ## measure speed against peers in the same run
	$(BIN)/python -m tests.benchmarks

.PHONY: help dev check golden reference bench
