# Two commands: `make demo` and `make test`. Both set up what they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
PEERS := .venv-peers/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt
FAST := not calibration and not faults and not browser and not peers and not package and not scenarios

.PHONY: demo test check format bench calibrate slow peers docs release-check clean

.venv/core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) torch==2.13.0
	$(PIP) -e '.[examples]'
	touch $@

.venv/dev: .venv/core requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	touch $@

demo: .venv/core
	test -f demo/playnote.toml || $(BIN)/playnote init --example digits demo --yes
	$(BIN)/playnote baseline --project demo --workers 2
	$(BIN)/playnote round run --project demo --workers 2
	$(BIN)/playnote round show --project demo
	$(BIN)/playnote report --project demo
	$(BIN)/playnote next --project demo

test: .venv/dev
	$(BIN)/pytest -m "$(FAST)"

# What is too slow for every change: whole projects, error rates, kills and full disks, a real browser.
slow: .venv/dev
	$(MAKE) .venv-peers/axe/ready || echo "axe-core could not be installed: the accessibility tests will say so and skip"
	$(BIN)/pytest -m "calibration or faults or browser or scenarios or package"

# Other tools' own libraries, in an environment of their own: they write, Playnote reads back equal.
.venv-peers/ready: tests/peers/requirements.txt tests/peers/older.txt
	rm -f $@
	test -x $(PEERS)/python || $(PYTHON) -m venv .venv-peers
	$(PEERS)/pip install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
	grep -v '^#' tests/peers/older.txt | while read -r package; do \
	  test -d ".venv-peers/older/$$package" || $(PEERS)/pip install --quiet --disable-pip-version-check --no-deps \
	    --target ".venv-peers/older/$$package" "$$package" || exit 1; done
	touch $@

# The protocol's own inspector, which lists and calls every tool of the agent door.
.venv-peers/inspector/ready:
	npm install --silent --no-audit --no-fund --prefix .venv-peers/inspector @modelcontextprotocol/inspector@0.15.0
	touch $@

# The accessibility rules that the browser tests run on every page.
.venv-peers/axe/ready:
	npm install --silent --no-audit --no-fund --prefix .venv-peers/axe axe-core@4.14.1
	touch $@

peers: .venv/dev
	$(MAKE) .venv-peers/inspector/ready || echo "the inspector could not be installed: its test will say so and skip"
	$(MAKE) .venv-peers/ready || echo "other tools' libraries could not be installed: their tests will say so and skip"
	$(BIN)/pytest -m peers

check: .venv/dev
	$(BIN)/ruff check src tests benchmarks docs/scripts
	$(BIN)/ruff format --check src tests benchmarks docs/scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev
	$(BIN)/ruff check --fix --quiet src tests benchmarks docs/scripts || true
	$(BIN)/ruff format --quiet src tests benchmarks docs/scripts

calibrate: .venv/dev
	$(BIN)/python -m playnote.testing.calibrate
	$(BIN)/python -m playnote.testing.procedure_rates

# What the docs take from code and results, written anew; then the site, where a warning is an error.
docs: .venv/dev
	PLAYNOTE_LANG=en $(BIN)/python docs/scripts/refresh.py
	$(BIN)/python -m mkdocs build --quiet

# The wheel with each extra alone, in fresh environments: gigabytes of downloads, minutes.
release-check: .venv/dev
	$(BIN)/python docs/scripts/release_check.py

bench: .venv/dev
	for script in benchmarks/*/*.py; do echo "== $$script"; $(BIN)/python $$script; done

clean:
	rm -rf .venv .venv-peers demo build dist
