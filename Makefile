# Tòa soạn. Two commands on a fresh machine: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help run test check lint nu markup serve bench fmt
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
PYTHON_BIN := $(VENV)/bin/python
PIP := $(PYTHON_BIN) -m pip --disable-pip-version-check
PIP_VERSION := 26.3
MANAGE := $(PYTHON_BIN) manage.py
# Three workers on two cores: tests of pages and of servers wait as much as they work.
PYTEST := $(PYTHON_BIN) -m pytest -n 3 --dist worksteal
# Tests of plain Python, which know no database: once is enough.
NO_DATABASE := $(addprefix --ignore=news/tests/,text test_filetypes.py test_imaging.py test_markup.py)
# Files somebody writes by hand, and the templates among them.
OURS := config accounts news manage.py $(wildcard bench)
TEMPLATES = $(shell find templates -name '*.html')
# What a production site would set; the checks of `make lint` run with it, and with keys made on the spot.
AS_IN_PRODUCTION = env -u DATABASE_URL NO_DOTENV=1 DATA_DIR=$(CURDIR)/$(VENV)/scratch SITE_URL=https://toasoan.example.vn \
	MAIL_URL=smtp+tls://toasoan:x@mail.example.vn:587 REDIS_URL=redis://127.0.0.1:6379/0 \
	$$($(PYTHON_BIN) -c 'from config.first_run import fresh_keys; print(fresh_keys())' | grep '^[A-Z]')

export PORT ?= 8000
HOST ?= 127.0.0.1
WORKERS ?= 2
# Measured with 150 slow clients of each kind: a body that trickles in holds a thread (an idle one ends by itself), so threads
# are many; slow headers are cut off, a request line with its headers is at most 64 KiB, and on SIGTERM whatever is under
# way gets half a minute.
GRANIAN := --http 1 --no-ws --backlog 2048 --blocking-threads 256 --http1-header-read-timeout 10000 \
	--http1-buffer-size 65536 --respawn-failed-workers --workers-kill-timeout 30

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 16

# --- The environment: .venv, built once, filled again when the pinned lists change ----------------

# A virtual environment whose interpreter is gone (it was upgraded, or the folder moved) is no environment.
ifneq ($(wildcard $(VENV)/.made),)
ifneq ($(shell $(PYTHON_BIN) -c 'print("lives")' 2>/dev/null),lives)
$(shell rm -f $(VENV)/.made)
endif
endif

$(VENV)/.made:
	@echo "Đang chuẩn bị môi trường Python trong $(VENV) (chỉ lần đầu)…"
	@python=$$(sh config/find_python.sh) && "$$python" -m venv --clear $(VENV)
	@$(PIP) install --quiet pip==$(PIP_VERSION)
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "Đang cài thư viện…"
	@$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.runtime
	@echo "Đang cài công cụ phát triển…"
	@$(PIP) install --quiet --only-binary :all: -r requirements.txt --group dev
	@touch $@

.env: | $(VENV)/.runtime
	@$(PYTHON_BIN) -m config.first_run

# Compressing every static file takes seconds, so only when one changed.
COLLECTED := $(or $(DATA_DIR),data)/static/staticfiles.json
$(COLLECTED): $(shell find static 2>/dev/null) $(VENV)/.runtime | .env
	@$(MANAGE) collectstatic --noinput --verbosity 0

# --- Commands --------------------------------------------------------------------------------------

run: export SITE_URL ?= http://127.0.0.1:$(PORT)
# The demo newsroom stays open without a second factor: only this machine reaches it.
run: export STAFF_MFA_GRACE_DAYS ?= 3650
run: $(VENV)/.runtime $(COLLECTED) ## the demo newsroom at http://127.0.0.1:8000 (PORT overrides); running again keeps the data
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) sync_roles
	@$(MANAGE) load_demo
	@$(MANAGE) send_outbox --later
	@exec $(PYTHON_BIN) -m config.run

test: $(VENV)/.dev ## the suite on SQLite, then on PostgreSQL all that knows a database, of the browser tests the journeys (ARGS="-k word" goes to pytest)
	env -u DATABASE_URL $(PYTEST) $(ARGS)
	$(PYTHON_BIN) -m news.tests.postgres -- $(PYTEST) -m "journey or not browser" $(NO_DATABASE) $(ARGS)

# The Nu HTML checker: Java, and its jar from the npm registry, checked against its known digest.
VNU := 26.9.27
VNU_SHA256 := 5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7
$(VENV)/vnu-$(VNU).jar: | $(VENV)/.dev
	@$(PYTHON_BIN) config/fetch_vnu.py $(VNU) $(VNU_SHA256) $@

nu: $(VENV)/vnu-$(VNU).jar

markup: nu ## the Nu checker over every page of the demo newsroom (needs Java)
	VNU_JAR=$(VENV)/vnu-$(VNU).jar $(PYTEST) news/tests/nu_checker.py

check: lint markup test ## everything CI runs

lint: $(VENV)/.dev
	$(PYTHON_BIN) -m ruff format --check --output-format concise $(OURS)
	$(PYTHON_BIN) -m ruff check $(OURS)
	$(VENV)/bin/lint-imports
	$(if $(TEMPLATES),$(VENV)/bin/djade --check --target-version 6.1 $(TEMPLATES))
	$(AS_IN_PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(AS_IN_PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(AS_IN_PRODUCTION) $(PYTHON_BIN) -m mypy

serve: $(VENV)/.runtime ## the production server process: HOST, PORT, WORKERS and .env.example's variables
	@exec $(PYTHON_BIN) -m granian --interface wsgi --host $(HOST) --port $(PORT) --workers $(WORKERS) $(GRANIAN) \
		config.wsgi:application

bench: $(VENV)/.dev ## the measurements in bench/
	@found=no; for script in bench/*.py; do \
		[ -f "$$script" ] || continue; found=yes; echo "== $$script"; $(PYTHON_BIN) "$$script" || exit 1; \
	done; [ $$found = yes ] || echo "bench/: chưa có phép đo nào."

fmt: $(VENV)/.dev ## put code and templates into shape
	$(PYTHON_BIN) -m ruff check --fix-only --quiet $(OURS)
	$(PYTHON_BIN) -m ruff format $(OURS)
	$(if $(TEMPLATES),-$(VENV)/bin/djade --target-version 6.1 $(TEMPLATES))
