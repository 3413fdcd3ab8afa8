# make lab · make test · make quick · make lessons · make bench   (each sets up .venv when needed)
# Without make, as on Windows: py -m course_lib.command.setup, then the commands that stand here,
# with .venv\Scripts for .venv/bin.

# The first Python from 3.11 to 3.14 that runs. Another one, before there is a .venv:
# make lab PYTHON=/path/to/python
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& { echo "$$p"; break; }; done)
BIN := .venv/bin
# A process that dies ends the run: replaced, as is the rule, it left the run waiting for ever.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadscope \
	--no-loadscope-reorder --max-worker-restart 0

.PHONY: setup lab test quick lint lessons bench requirements
setup:
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 to 3.14 found." \
	"Install one from https://www.python.org/downloads/ and run make again."; exit 1; }
	@"$(PYTHON)" -m course_lib.command.setup

lab: setup
	@$(BIN)/python -m course_lib lab

test: lint
	$(PYTEST) $(ARGS)

# In a few minutes: without notebooks, browser, grading runs and what takes seconds.
quick: lint
	$(PYTEST) tests/library tests/exercises tests/command course_lib -m "not slow" $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/python notebooks/build.py --check

lessons: setup
	$(BIN)/python notebooks/build.py $(LESSON)

bench: setup
	$(BIN)/python tests/bench $(ARGS)

# requirements.txt anew, after a change in pyproject.toml; UPGRADE=--upgrade for newer versions.
requirements: setup
	$(BIN)/python -m course_lib.command.requirements $(UPGRADE)
