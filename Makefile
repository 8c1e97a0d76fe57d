.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(sort $(wildcard libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml))
EDITABLE := $(foreach package,$(PACKAGES),-e ./$(dir $(package)))
STAMP := $(VENV)/.installed
SOURCES := libs services tools tests
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: help
help: ## List what can be made.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

# buf wants a folder to keep things in, though nothing is fetched; the home may not be one's own.
export BUF_CACHE_DIR ?= $(CURDIR)/build/buf

# Where uv's cache cannot be written, as without a home of one's own, uv does without it.
WITH_OR_WITHOUT_CACHE := cache=$$(uv cache dir); { mkdir -p "$$cache" && test -w "$$cache"; } 2>/dev/null || export UV_NO_CACHE=1

.PHONY: setup
setup: $(STAMP) ## Make the virtual environment from the lock file.

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(STAMP): requirements.lock pyproject.toml $(PACKAGES) | $(BIN)/uv
	@echo "Installing what requirements.lock names into $(VENV)"
	@$(WITH_OR_WITHOUT_CACHE); \
	  uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock; \
	  uv pip install --quiet --no-deps --no-build-isolation $(EDITABLE)
	@$(BIN)/python -m compileall -q -j 0 -x '/test_' $(SOURCES)
	@touch $@

.PHONY: lock
lock: | $(BIN)/uv ## Resolve every package's requirements into requirements.lock.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  $(foreach package,$(PACKAGES),--no-emit-package $(shell sed -n 's/^name = "\(.*\)"/\1/p' $(package))) \
	  --group dev $(PACKAGES) -o requirements.lock

.PHONY: demo
demo: setup ## Run one campaign end to end on this machine (DEMO_LEADS, DEMO_FLOW, DEMO_SPEED, DEMO_KEEP, DEMO_SIMULATOR).
	@devstack demo

.PHONY: demo-automation
demo-automation: setup ## Have a program run a team for weeks, judged by the hidden truth (DEMO_WORLD, DEMO_SPEED, DEMO_WEEKS, DEMO_RULES, DEMO_PEOPLE).
	@devstack demo-automation

.PHONY: up
up: setup ## Run the same stack until Ctrl-C and print its addresses; on a sandbox clock (SPEED=1: in real time).
	@devstack up

# Each process would compile every module again if it could not leave what it has compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: test
test: setup ## Run the tests, several at a time, but for the long ones; starts what it needs by itself (TEST_ARGS).
	@pytest -n auto -m "not long" $(TEST_ARGS)

.PHONY: test-long
test-long: setup ## Run the tests that start services and whole stacks, and others that last long, which make test leaves out (TEST_ARGS).
	@pytest -n 3 -m long $(TEST_ARGS)

.PHONY: chaos
chaos: setup ## Run the tests that break things, each dependency away for OUTAGE_SECONDS (30); writes build/outages.json.
	@OUTAGE_SECONDS=$${OUTAGE_SECONDS:-30} pytest tests/chaos $(TEST_ARGS)

.PHONY: automation-chaos
automation-chaos: setup ## Kill worker, campaign-api and Temporal while a program's days run, AUTOMATION_KILLS (50) times.
	@AUTOMATION_KILLS=$${AUTOMATION_KILLS:-50} pytest tests/chaos/test_program_kills.py --timeout 3600 $(TEST_ARGS)

.PHONY: webhook-chaos
webhook-chaos: setup ## Publish 5,000 events to receivers that fail, hang and lie while the dispatcher is killed (CHAOS_EVENTS).
	@CHAOS_EVENTS=$${CHAOS_EVENTS:-5000} pytest tests/integration/webhook_dispatcher/test_chaos.py --timeout 3600 $(TEST_ARGS)

.PHONY: restore
restore: setup ## Lose both databases in the middle of a campaign, put a backup back, and go on to its end.
	@RESTORE=1 pytest tests/chaos/test_restore.py $(TEST_ARGS)

.PHONY: fuzz
fuzz: setup ## Ask every RPC and the inbound port 20,000 times what nobody foresaw (FUZZ_SEED); writes build/fuzz.jsonl.
	@rm -f build/fuzz.jsonl
	@FUZZ_MESSAGES=5000 FUZZ_SEED=$${FUZZ_SEED:-$$RANDOM} pytest tests/integration -k test_fuzz $(TEST_ARGS)
	@cat build/fuzz.jsonl

.PHONY: interference
interference: setup ## End, delete and reset workflows at Temporal in every state that they can be in.
	@INTERFERENCE=all pytest -n auto tests/integration/outreach_worker/test_interference.py $(TEST_ARGS)

.PHONY: laws
laws: setup ## Draw hundreds of worlds in which everything goes wrong at once (LAW_SEED, LAW_WORLDS); writes build/laws.jsonl.
	@rm -f build/laws.jsonl
	@LAW_WORLDS=$${LAW_WORLDS:-300} LAW_SEED=$${LAW_SEED:-$$RANDOM} pytest -n auto -m law $(TEST_ARGS)
	@python -m tests.laws

.PHONY: rotation
rotation: setup ## Change every key and certificate every few seconds under load and attack (ROTATION_SECONDS); writes build/rotation*.json.
	@ROTATION_SECONDS=$${ROTATION_SECONDS:-120} pytest tests/e2e/test_rotation.py tests/e2e/test_hostile_certificates.py --timeout 900 $(TEST_ARGS)
	@cat build/rotation.json build/rotation-tls.json

.PHONY: sealing-rotation
sealing-rotation: setup ## Change wrapping keys and data keys again and again beside a campaign, then take every old one away; writes build/sealing-rotation.json.
	@SEALING_ROTATION=1 pytest tests/e2e/test_sealing_rotation.py --timeout 900 $(TEST_ARGS)
	@cat build/sealing-rotation.json

.PHONY: sealing-cost
sealing-cost: setup ## Measure the processor of adding a lead, and of its whole life, sealed against in clear, in pairs (SEALING_PAIRS, SEALING_LEADS); writes build/sealing-cost.json.
	@rm -f build/sealing-cost.json
	@SEALING_PAIRS=$${SEALING_PAIRS:-5} pytest -n 0 tests/integration/campaigns/repositories/test_sealing_cost.py tests/e2e/test_sealing_cost.py --timeout 3600 $(TEST_ARGS)
	@cat build/sealing-cost.json

.PHONY: races
races: setup ## Race every pair of verbs on a campaign from two replicas (RACES each); writes build/races.json.
	@RACES=$${RACES:-50} pytest tests/integration/campaign_api/commands/test_verbs_at_once.py $(TEST_ARGS)
	@cat build/races.json

.PHONY: rates
rates: setup ## Measure how many calls campaign-api answers next to a server that does nothing (RATES_PAIRS; RATES_WITHOUT=audit,row security,access: also without each); writes build/rates.json.
	@RATES_PAIRS=$${RATES_PAIRS:-8} pytest tests/e2e/test_rates.py --timeout 900 $(TEST_ARGS)
	@cat build/rates.json

.PHONY: lists
lists: setup ## Measure a page by every filter and order of leads and of actions next to a SELECT by primary key (LISTS_ROWS, LISTS_REPEATS); writes build/lists*.json.
	@LISTS_ROWS=$${LISTS_ROWS:-1000000} LISTS_REPEATS=$${LISTS_REPEATS:-100} pytest -n 0 tests/integration/campaigns/listings/test_speed.py tests/integration/linkedin_gateway/listings/test_speed.py --timeout 3600 $(TEST_ARGS)

.PHONY: audit
audit: setup ## Kill 64 writers of the audit and its sealer for a minute, verify it, and measure what a record costs (AUDIT_WRITERS, AUDIT_SECONDS); writes build/audit*.json.
	@AUDIT_WRITERS=$${AUDIT_WRITERS:-64} AUDIT_SECONDS=$${AUDIT_SECONDS:-60} pytest tests/integration/identity/audit tests/integration/webhook_dispatcher/test_audit_cost.py --timeout 600 $(TEST_ARGS)
	@cat build/audit.json build/audit-cost.json

.PHONY: told
told: setup ## Measure when leads are told to go against when they go (TOLD_LEADS of a calm and of a crowded campaign); writes build/told.jsonl.
	@rm -f build/told.jsonl
	@TOLD_LEADS=$${TOLD_LEADS:-300} pytest tests/integration/linkedin_gateway/test_told_against_real.py --timeout 3600 $(TEST_ARGS)
	@cat build/told.jsonl

STORAGE_LOCK := tests/integration/servicekit/storage/requirements.lock
STORAGE_STAMP := .venv-storage/.installed

$(STORAGE_STAMP): $(STORAGE_LOCK) | $(STAMP)
	@echo "Installing what $(STORAGE_LOCK) names into .venv-storage"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --clear .venv-storage; 	  VIRTUAL_ENV=$(CURDIR)/.venv-storage uv pip install --quiet --require-hashes -r $(STORAGE_LOCK)
	@touch $@

.PHONY: storage
storage: setup $(STORAGE_STAMP) ## Try what keeps files against a server that speaks S3.
	@STORAGE_SERVER=$(CURDIR)/.venv-storage/bin/moto_server pytest tests/integration/servicekit/storage $(TEST_ARGS)

.PHONY: storage-lock
storage-lock: | $(BIN)/uv ## Resolve that server into its lock file.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header 	  $(STORAGE_LOCK:.lock=.in) -o $(STORAGE_LOCK)

VERIFIERS := tests/unit/webhook_dispatcher/foreign_verifiers
VERIFIERS_STAMP := .venv-verifiers/.installed

$(VERIFIERS_STAMP): $(VERIFIERS)/requirements.lock | $(STAMP)
	@echo "Installing what $(VERIFIERS)/requirements.lock names into .venv-verifiers"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --clear .venv-verifiers; \
	  VIRTUAL_ENV=$(CURDIR)/.venv-verifiers uv pip install --quiet --require-hashes -r $(VERIFIERS)/requirements.lock
	@touch $@

build/verifiers/.installed: $(VERIFIERS)/package-lock.json $(VERIFIERS)/verify.mjs
	@command -v npm >/dev/null || { echo "npm is not there. Debian: apt-get install npm"; exit 1; }
	@mkdir -p build/verifiers && cp $(VERIFIERS)/package*.json $(VERIFIERS)/verify.mjs build/verifiers/
	@cd build/verifiers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: verifiers
verifiers: setup $(VERIFIERS_STAMP) build/verifiers/.installed ## Have libraries of others, of PyPI and npm, verify what we sign (needs npm).
	@VERIFIERS_PYTHON=$(CURDIR)/.venv-verifiers/bin/python VERIFIERS_NODE=$(CURDIR)/build/verifiers pytest $(VERIFIERS) $(TEST_ARGS)

.PHONY: verifiers-lock
verifiers-lock: | $(BIN)/uv ## Resolve those libraries into their lock files.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  $(VERIFIERS)/requirements.in -o $(VERIFIERS)/requirements.lock
	@cd $(VERIFIERS) && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error

.PHONY: bench
bench: setup ## Measure against floors and peers; writes build/bench.json, build/imports.json and build/starts.json.
	@devstack bench
	@python -m devstack.comparisons.imports
	@python -m devstack.comparisons.starts

.PHONY: webhook-bench
webhook-bench: setup ## Measure publishing and delivering next to httpx, and what one hung endpoint costs; writes build/webhooks.json.
	@python -m devstack.webhook_bench.bench

.PHONY: capacity
capacity: setup ## Measure what a lead costs: memory, processor, rows, Temporal's actions (CAPACITY_LEADS); writes build/capacity.json.
	@devstack capacity

.PHONY: revisions
revisions: setup ## Measure what a decision takes here and at another revision, in turn (BEFORE, PAIRS, ROWS); writes build/revisions.json.
	@python -m devstack.comparisons.revisions "$(BEFORE)" --pairs $${PAIRS:-5} --rows $${ROWS:-1000000}

.PHONY: format
format: setup ## Format the code and mend what can be mended by itself.
	@ruff format --quiet $(SOURCES)
	@ruff check --quiet --fix $(SOURCES)
	@ruff format --quiet $(SOURCES)
	@buf format -w protos

.PHONY: lint
lint: setup ## Check format, style, import rules and protos, and that no promise of the API is broken.
	@ruff format --check --quiet $(SOURCES)
	@ruff check --quiet $(SOURCES)
	@lint-imports --no-logo
	@buf lint protos
	@buf format -d --exit-code protos
	@buf breaking protos --against $(BASELINE)

.PHONY: types
types: setup ## Check types, strictly.
	@mypy $(wildcard libs/*/src services/*/src tools/*/src)

# Of Google's the generated code is a package.
PROTOS := $(shell find protos -name '*.proto' -not -path 'protos/google/*' | sort)
GENERATED ?= libs/protos/src
PROTOC := python -m grpc_tools.protoc --proto_path=protos

.PHONY: proto
proto: setup ## Generate libs/protos from protos/.
	@mkdir -p $(GENERATED)/outreach $(GENERATED)/buf
	@find $(GENERATED)/outreach $(GENERATED)/buf -name '*_pb2*' -delete
	@$(PROTOC) --python_out=$(GENERATED) --mypy_out=quiet:$(GENERATED) $(PROTOS)
	@$(PROTOC) --grpc_python_out=$(GENERATED) --mypy_grpc_out=quiet,only_async:$(GENERATED) $(filter %_service.proto,$(PROTOS))

.PHONY: proto-fresh
proto-fresh: setup ## Check that the generated code is that of protos/.
	@rm -rf build/protos && $(MAKE) proto GENERATED=build/protos
	@diff -r -x __init__.py -x py.typed -x service_config.json -x __pycache__ build/protos/outreach libs/protos/src/outreach \
	  && diff -r -x __init__.py -x __pycache__ build/protos/buf libs/protos/src/buf \
	  || { echo "The generated code is stale: run make proto"; exit 1; }

.PHONY: api-reference
api-reference: setup ## Write docs/api/ from the protos and their comments.
	@python -m devstack.api_reference docs/api

.PHONY: event-catalogue
event-catalogue: setup ## Write docs/events/ from the protos: text, JSON Schema and example of each type.
	@python -m devstack.event_catalogue.pages docs/events

.PHONY: client
client: setup ## Write what callers are given of the contract: types of methods, classes of errors, gRPC's service config, docs/cli.md, completion.
	@python -m devstack.client_code

# What callers were promised: the contract of the last release.
BASELINE := protos/baseline.binpb

.PHONY: proto-baseline
proto-baseline: setup ## Promise the contract as it is now; says which promises of before are broken by that.
	@test ! -e $(BASELINE) || buf breaking protos --against $(BASELINE) || echo "These are allowed from now on: say why in the CHANGELOG."
	@buf build protos --exclude-source-info -o $(BASELINE)

.PHONY: env-example
env-example: setup ## Write .env.example from the settings of the services.
	@python -m devstack.environment > .env.example

.PHONY: rules
rules: setup ## Play the worlds in which each alert fires and stays silent; needs promtool (PROMTOOL).
	@python -m devstack.observability.rules $(PROMTOOL)

# Beside other checks: nothing that Python packages have can play them.
.PHONY: rules-or-say-so
rules-or-say-so: setup
	@mkdir -p build
	@python -m devstack.observability.rules --or-say-so $(PROMTOOL) >build/rules.log || { cat build/rules.log; exit 1; }

# What writes dashboards, in an environment of its own.
DASHBOARDS_STAMP := .venv-dashboards/.installed

$(DASHBOARDS_STAMP): deploy/observability/requirements.lock | $(STAMP)
	@echo "Installing what deploy/observability/requirements.lock names into .venv-dashboards"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --allow-existing --python $(BIN)/python .venv-dashboards; \
	  VIRTUAL_ENV=$(CURDIR)/.venv-dashboards uv pip install --quiet --require-hashes -r deploy/observability/requirements.lock
	@touch $@

.PHONY: dashboards
dashboards: $(DASHBOARDS_STAMP) ## Write deploy/observability/dashboards from what stands in boards.
	@PYTHONPATH=deploy/observability .venv-dashboards/bin/python -m boards

.PHONY: observability
observability: dashboards ## Ask a running stack's Prometheus every query of dashboards and rules (PROMETHEUS).
	@git diff --exit-code --stat deploy/observability/dashboards
	@python -m devstack.observability.live $(PROMETHEUS)

# What draws them, by npm.
PICTURES_SOURCE := deploy/observability/pictures
PICTURES := build/pictures

$(PICTURES)/dist/index.html: $(filter-out %.py,$(wildcard $(PICTURES_SOURCE)/*))
	@command -v npm >/dev/null || { echo "npm is not there. Debian: apt-get install npm"; exit 1; }
	@mkdir -p $(PICTURES) && cp $(PICTURES_SOURCE)/* $(PICTURES)/
	@cd $(PICTURES) && npm ci --legacy-peer-deps --no-audit --no-fund --loglevel=error && npm run --silent build -- --logLevel error

.PHONY: dashboard-pictures
dashboard-pictures: setup $(DASHBOARDS_STAMP) $(PICTURES)/dist/index.html ## Draw each dashboard on live data into docs/dashboards (needs npm, Prometheus, Chromium).
	@python -m devstack.observability.pictures $(PICTURES)/dist
	@.venv-dashboards/bin/python $(PICTURES_SOURCE)/fewer_colours.py docs/dashboards

.PHONY: gameday
gameday: setup ## Make ten faults, hear of each by its alert, and end it as its entry says; writes build/gameday.json (FAULTS=kill,hang; FAULTS=further: ten more).
	@test "$$(id -u)" = 0 || { echo "It mounts a small disk, which only root may (of a container, for example)."; exit 1; }
	@unshare --mount $(BIN)/python -m devstack.gameday.gameday

.PHONY: metrics-page
metrics-page: setup ## Write the tables of docs/metrics.md from the services' metrics.
	@python -m devstack.metrics_page docs/metrics.md

.PHONY: privacy-page
privacy-page: setup ## Write the tables of docs/privacy.md from the map of personal data.
	@python -m devstack.privacy_page docs/privacy.md

.PHONY: k8s-validate
k8s-validate: setup k8s-tools ## Render every overlay, component and combination, and check what comes out.
	@deployment check $(CHECK_ARGS)

OVERLAY ?= production

.PHONY: k8s-site-check
k8s-site-check: setup k8s-tools ## Check an overlay with your own site.env before it is applied: OVERLAY=production.
	@deployment site $(OVERLAY)

# Tools of this lane alone, in an environment of their own: make demo and make test do without.
K8S_STAMP := .venv-k8s/.installed

.PHONY: k8s-tools
k8s-tools: $(K8S_STAMP) ## Install what the lanes around the manifests need.

$(K8S_STAMP): deploy/k8s/requirements.lock | $(STAMP)
	@echo "Installing what deploy/k8s/requirements.lock names into .venv-k8s"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --allow-existing --python $(BIN)/python .venv-k8s; \
	  VIRTUAL_ENV=$(CURDIR)/.venv-k8s uv pip install --quiet --require-hashes -r deploy/k8s/requirements.lock
	@touch $@

.PHONY: k8s-lock
k8s-lock: | $(BIN)/uv ## Resolve the tools around the manifests into deploy/k8s/requirements.lock.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  deploy/k8s/requirements.in -o deploy/k8s/requirements.lock

# A linter with hundreds of dependencies: in an environment of its own, and in no other lane.
CHECKOV_STAMP := .venv-checkov/.installed

$(CHECKOV_STAMP): deploy/checkov/requirements.lock | $(STAMP)
	@echo "Installing what deploy/checkov/requirements.lock names into .venv-checkov"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --allow-existing --python $(BIN)/python .venv-checkov; \
	  VIRTUAL_ENV=$(CURDIR)/.venv-checkov uv pip install --quiet --require-hashes -r deploy/checkov/requirements.lock
	@touch $@

.PHONY: checkov
checkov: setup $(CHECKOV_STAMP) ## Have checkov look at every rendering and at the file of the images (what it skips, and why: deploy/checkov/config.yaml).
	@rm -rf build/rendered && deployment render build/rendered
	@cp deploy/images/Dockerfile build/rendered/
	@.venv-checkov/bin/checkov --config-file deploy/checkov/config.yaml --directory build/rendered

.PHONY: checkov-lock
checkov-lock: | $(BIN)/uv ## Resolve checkov into its lock file.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  deploy/checkov/requirements.in -o deploy/checkov/requirements.lock

# What models are fitted with, 200 MB beside everything else: only this lane and one image have it.
TRAINING_STAMP := .venv-training/.installed

$(TRAINING_STAMP): deploy/training/requirements.lock | $(STAMP)
	@echo "Installing what deploy/training/requirements.lock names into .venv-training"
	@$(WITH_OR_WITHOUT_CACHE); uv venv --quiet --allow-existing --python $(BIN)/python .venv-training; \
	  VIRTUAL_ENV=$(CURDIR)/.venv-training uv pip install --quiet --compile-bytecode --require-hashes -r deploy/training/requirements.lock
	@touch $@

.PHONY: training-tools
training-tools: $(TRAINING_STAMP) ## Install what models are fitted with.

.PHONY: training
training: setup $(TRAINING_STAMP) ## Learn models of people who were drawn, good data and bad, and measure what that takes; writes build/training.json.
	@PYTHONPATH=$$(.venv-training/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') pytest tests/training $(TEST_ARGS)
	@cat build/training.json

.PHONY: order
order: setup ## Compare a customer's rules with the list's order in twenty worlds with tastes and twenty without (ORDER_SLOTS); writes build/order.json.
	@ORDER_SLOTS=$${ORDER_SLOTS:-480} pytest -n 0 tests/order --timeout 600 $(TEST_ARGS)
	@cat build/order.json

.PHONY: training-lock
training-lock: | $(BIN)/uv ## Resolve what models are fitted with into its lock file.
	@$(WITH_OR_WITHOUT_CACHE); uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  deploy/training/requirements.in -o deploy/training/requirements.lock

.PHONY: image
image: setup ## Build the images of the services, the simulator and the command line (IMAGE_BASE, IMAGE_TAG, IMAGE_REGISTRY, IMAGE_WHEELS).
	@deployment image $(IMAGES)

.PHONY: image-lint
image-lint: setup k8s-tools ## Check the file that images are built from.
	@.venv-k8s/bin/hadolint deploy/images/Dockerfile

.PHONY: e2e-containers
e2e-containers: setup ## Run the local overlay in containers: a campaign to its end, drains, limits (needs podman; make image first).
	@deployment containers

.PHONY: check
check: lint types proto-fresh k8s-validate image-lint rules-or-say-so test ## Everything that CI runs, but for make test-long, which it runs after it.
	@command -v kubectl >/dev/null || echo "NOT CHECKED HERE, for there is no kubectl: manifests, their mutants (with CI=1 that fails)"
