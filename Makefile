# Two commands do everything: `make verify` and `make test`. Each prepares the environment first if it has to.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2
# what one process has compiled, the others and the next run need not compile again
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/build/xla
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS ?= 0.02

.PHONY: verify test lint types imports notebooks bench full clean

$(VENV)/.installed: pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "broximal needs Python 3.11 or newer; say PYTHON=python3.11 make ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make environments; on Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

verify: $(VENV)/.installed ## the main job: every theorem of the catalogue, quick profile
	$(BIN)/broximal verify --profile quick --jobs $(JOBS) --json out/report.json --plots out/plots

full: $(VENV)/.installed ## the same with the long profile
	$(BIN)/broximal verify --profile full --jobs $(JOBS) --json out/report-full.json --plots out/plots-full

test: $(VENV)/.installed ## all tests but the long profile
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed ## types of the package as it is installed from a wheel
	rm -rf build/types
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target build/types .
	$(BIN)/pyright --pythonpath $(BIN)/python

imports: $(VENV)/.installed ## oracles <- problems <- theory <- verify
	$(BIN)/lint-imports

notebooks: $(VENV)/.installed ## execute the notebooks and check that the committed outputs are current
	$(BIN)/python notebooks/build.py --check

bench: $(VENV)/.installed ## ratios against peers, measured in the same run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build out .pytest_cache .ruff_cache
