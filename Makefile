# One way to do each thing. Everything is set up in .venv with dependencies locked by hash; nothing else is needed
# than Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
k ?=
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: demo test check golden soak bench lock clean

demo: $(VENV)/base
	@$(BIN)/mrr demo

test: $(VENV)/dev
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && $(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(if $(k),-k "$(k)")

check: $(VENV)/dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow" $(if $(k),-k "$(k)")

golden: $(VENV)/dev
	@MRR_GOLDEN=write $(BIN)/python -m pytest tests/golden

soak: $(VENV)/dev
	@$(BIN)/python -m pytest -n $(WORKERS) -m "soak" --override-ini addopts="-q --strict-markers"
	@MRR_EXAMPLES=20 $(BIN)/python -m pytest -q -n $(WORKERS) --dist load tests/properties tests/edits/test_properties.py tests/basis

$(VENV)/base: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mrr needs Python 3.11 or newer; say make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up: dependencies, locked by hash"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/base
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# Needs uv; run it after a change of dependencies and read the difference.
# Ratios measured in one run, kept in benchmarks/results.json; N is the number of customers.
N ?= 100000
bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks $(N)

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --group build -q -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --group build --group dev -c requirements.lock -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) demo
