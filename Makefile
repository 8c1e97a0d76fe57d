.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(sort $(wildcard libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml))
EDITABLE := $(foreach package,$(PACKAGES),-e ./$(dir $(package)))
STAMP := $(VENV)/.installed
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## List what can be made.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(STAMP) ## Make the virtual environment from the lock file.

$(VENV)/bin/uv:
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(STAMP): requirements.lock pyproject.toml $(PACKAGES) | $(VENV)/bin/uv
	@echo "Installing what requirements.lock names into $(VENV)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

.PHONY: lock
lock: | $(VENV)/bin/uv ## Resolve every package's requirements into requirements.lock.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  $(foreach package,$(PACKAGES),--no-emit-package $(shell sed -n 's/^name = "\(.*\)"/\1/p' $(package))) \
	  --group dev $(PACKAGES) -o requirements.lock

PROTOS := $(shell find protos -name '*.proto' | sort)
GENERATED := libs/protos/src
PROTOC := $(BIN)/python -m grpc_tools.protoc --proto_path=protos

.PHONY: proto
proto: setup ## Generate libs/protos from protos/.
	@find $(GENERATED)/outreach -name '*_pb2*' -delete
	@$(PROTOC) --python_out=$(GENERATED) --mypy_out=quiet:$(GENERATED) $(PROTOS)
	@$(PROTOC) --grpc_python_out=$(GENERATED) --mypy_grpc_out=quiet,only_async:$(GENERATED) $(filter %_service.proto,$(PROTOS))
