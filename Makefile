# `make` alone lists the targets. Every target sets up what it needs.
.DEFAULT_GOAL := help

STUDY ?= study.yaml
PYTHON ?= python3
ARGS ?=

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready

export PYTHONUTF8 := 1

.PHONY: help setup setup-torch setup-ray report test lab lint types acceptance browser torch ray bench golden lock clean clean-reports

help: ## print this list
	@$(PYTHON) -c "import re,pathlib; [print(f'  make {m[1]:<14} {m[2]}') for m in re.finditer(r'^([a-z-]+):.*?## (.*)$$', pathlib.Path('Makefile').read_text(encoding='utf-8'), re.M)]"

setup: $(READY) ## make the project's environment in .venv (the other targets do this by themselves)

# The environment follows the lock and the project's own description; neither changed, nothing is done. What the lock does not name stays, because
# `uv pip sync` would take away what setup-torch and setup-ray added.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(f'framing needs Python 3.11 to 3.14, but {sys.executable} is {sys.version.split()[0]}; name another with make PYTHON=python3.12') if not (3, 11) <= sys.version_info[:2] <= (3, 14) else None"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

report: $(READY) ## run the study and write reports/<study>/ (STUDY=path/to/study.yaml ARGS="--sample 20")
	$(BIN)/framing report --study $(STUDY) $(ARGS)

test: $(READY) ## run the tests that need nothing but the environment
	$(BIN)/python -m pytest -m "not acceptance and not browser and not torch and not ray" $(ARGS)

lab: $(READY) ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00-corpus.ipynb $(ARGS)

lint: $(READY) ## ruff over the whole tree
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict over src
	$(BIN)/mypy

acceptance: $(READY) ## the main job on real articles kept beside the project (skipped without them)
	$(BIN)/python -m pytest -m acceptance $(ARGS)

browser: $(READY) ## look at a report in headless Chromium (needs chromium)
	$(BIN)/python -m pytest -m browser $(ARGS)

setup-torch: $(READY) ## add PyTorch (CPU build) and what training needs besides, for training and for comparing with the transformers pipeline
	@$(BIN)/python -c "import torch, onnx" 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 -r training/requirements.txt

torch: setup-torch ## the tests that need PyTorch
	$(BIN)/python -m pytest -m torch $(ARGS)

setup-ray: $(READY) ## add Ray, for scoring on several machines
	@$(BIN)/python -c "import ray" 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check "ray>=2.50"

ray: setup-ray ## the tests that need Ray
	$(BIN)/python -m pytest -m ray $(ARGS)

# A corpus of 100,000 articles takes another half an hour: .venv/bin/python benchmarks/corpus.py --articles 100000
bench: setup-torch ## measure set-up, report time and peak memory, what the bundled model costs, and scoring side by side with the transformers pipeline
	$(BIN)/python benchmarks/report.py $(ARGS)
	$(BIN)/python benchmarks/model.py
	$(BIN)/python benchmarks/scoring.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/elsewhere.py
	$(BIN)/python benchmarks/corpus.py --articles 1000 10000

golden: $(READY) ## write the golden tables of the tests anew (look at the difference before you commit it)
	$(BIN)/python -m pytest tests/test_golden.py --write-golden

lock: $(READY) ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --group dev --output-file requirements.lock pyproject.toml requirements-build.in

clean: ## remove the environment, caches and builds; reports stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

clean-reports: ## remove reports/: every report, and the kept scores, which take as long again to make
	rm -rf reports
