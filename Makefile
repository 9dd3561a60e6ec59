# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test slow drills lint format bench clean

demo: .venv/installed  ## run DAVIS on the bundled sample: a table, and where the pictures are
	$(BIN)/toto-bench run --task davis --backbone toto-nano --layer 4 --data sample --out runs

test: .venv/installed-dev  ## every test that takes seconds
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

slow: .venv/installed-dev  ## the long drills
	$(BIN)/python -m pytest -m slow $(ARGS)

drills: .venv/installed-dev  ## what can go wrong with a robot, one after the other, in a simulator of its own (550 MB more)
	$(BIN)/python -m pip install --quiet --editable '.[dev,franka,franka-sim]'
	$(BIN)/python -m pytest -m "slow or not slow" tests/toto_bench/deploy $(ARGS)

lint: .venv/installed-dev  ## style, types, cards and tables
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/toto-bench validate

format: .venv/installed-dev  ## put code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-dev  ## speed, each a ratio measured in one run
	$(BIN)/python benchmarks/davis.py
	$(BIN)/python benchmarks/cli.py
	$(BIN)/python benchmarks/sample.py --generation
	$(BIN)/python benchmarks/toto.py --tokens 257 1025
	$(BIN)/python benchmarks/probing.py
	$(BIN)/python benchmarks/sta_metric.py
	$(BIN)/python benchmarks/robots.py

clean:
	rm -rf .venv runs build dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "toto-bench needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	@echo "Installing toto-bench and what it needs into .venv: a few GB (torch), a few minutes ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-dev: pyproject.toml | .venv/bin/python
	@echo "Installing toto-bench with its tests into .venv: a few GB (torch), a few minutes ..."
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch .venv/installed $@
