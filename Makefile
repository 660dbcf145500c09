# One word does what CI does: `make test`. The first call sets everything up in .venv; later ones start at once.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(BIN)/uv)

# Statistics here are many small computations: threads of the linear algebra library only cost time.
export OPENBLAS_NUM_THREADS ?= 1
export PYTHONUTF8 = 1

.PHONY: help demo test lab app check bench calibrate lock pictures docs clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## set up, run every report on the samples, name the index page
	@$(BIN)/cxlab demo --out reports

test: $(READY) ## set up and pass the tests; CI runs the same
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

lab: $(READY) ## open JupyterLab on the notebooks
	@$(BIN)/cxlab lab

app: $(READY) ## serve the notebooks as apps
	@$(BIN)/cxlab app

check: $(READY) ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(READY) ## measure beside peers; results in benchmarks/results
	@$(BIN)/python -m benchmarks

calibrate: $(READY) ## simulate error rates and coverage at length
	@$(BIN)/python -m pytest -q -m calibrate -n 2 --dist worksteal

lock: $(READY) ## resolve requirements.lock anew, for every Python from 3.11 on
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile pyproject.toml --group dev --universal --upgrade \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
		--quiet --output-file requirements.lock

pictures: $(READY) ## take the pictures of the README and the tutorials from real pages
	@$(BIN)/python docs/pictures/draw.py

docs: $(READY) ## build the documentation into docs/_build, a warning is an error
	@rm -rf docs/_build
	@$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs docs/_build
	@echo "$(CURDIR)/docs/_build/index.html"

clean: ## remove what set-up and runs made
	@rm -rf $(VENV) reports build dist benchmarks/.cache docs/_build

$(READY): requirements.lock pyproject.toml .ci/setup
	@sh .ci/setup $(VENV)
	@touch $@
