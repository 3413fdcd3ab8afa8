# make lab · make test · make lessons · make bench   (each sets up .venv when needed)

# The first Python from 3.11 to 3.13 that runs. Another one: make lab PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo "$$p"; break; }; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: lab test lessons bench
lab: $(READY)
	@$(BIN)/course lab

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/python notebooks/build.py --check
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lessons: $(READY)
	$(BIN)/python notebooks/build.py $(LESSON)

bench: $(READY)
	$(BIN)/python tests/bench $(ARGS)

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found." \
	"Install one from https://www.python.org/downloads/ and run make again."; exit 1; }
	@echo "Setting up .venv: some 2 GB of packages, once. That takes some minutes, without a word."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
