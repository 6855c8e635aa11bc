# Shanglin. `make help` lists what there is; `make run` and `make test` are all that a newcomer needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

DATA  ?= ./data
ADDR  ?= localhost:8080
FIRMS ?= 5000
KILLS ?= 200
SEED  ?= 1
BIN   := bin/shanglin

GO_FILES  := $(shell find cmd internal policy schemes demo web -name node_modules -prune -o -name '*.go' -print 2>/dev/null)
GO_DATA   := $(shell find schemes demo internal api -type f \( -name '*.yaml' -o -name '*.json' -o -name '*.sql' \) 2>/dev/null)
WEB_FILES := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts web/tsconfig.json

STATICCHECK := go tool -modfile=tools/tools.mod staticcheck
LINTED      := ./cmd/... ./internal/... ./policy/... ./schemes/... ./demo/... ./tools/... ./web/...

##@ Use it

run: build ## Build everything and serve the demo county on http://localhost:8080 (DATA=./data FIRMS=5000 ADDR=localhost:8080)
	@exec $(BIN) serve --store sqlite:$(DATA) --listen $(ADDR) --demo --demo-firms $(FIRMS) --log-level warn

build: $(BIN) ## Build the web pages and the one binary, bin/shanglin

##@ Work on it

test: need-tests check test-go test-web test-browser ## Everything that CI runs: lints, Go on SQLite and PostgreSQL, web, browser

check: web/node_modules/.installed ## Lints only: gofmt, vet, staticcheck, edges, no data in Go, scheme files and their layout, generated files
	@echo "── gofmt"; out=$$(gofmt -l $(GO_FILES) $$(find tools bench -name '*.go')); [ -z "$$out" ] || { echo "not formatted (make format mends it):"; echo "$$out"; exit 1; }
	@echo "── go vet"; go vet $(LINTED)
	@echo "── staticcheck"; $(STATICCHECK) $(LINTED)
	@echo "── edges between packages, no data in Go files"; go test ./tools/...
	@echo "── scheme files"; go run ./cmd/shanglin check schemes
	@echo "── layout of scheme files"; go run ./cmd/shanglin fmt --check schemes
	@echo "── generated files"; scripts/generated --check

test-go: ## Go tests, on SQLite and on a PostgreSQL 15 cluster of their own
	@echo "── Go tests"; go run ./internal/platform/store/storetest/cluster -- go test -timeout 20m $(LINTED)

test-web: web/node_modules/.installed ## Types, lint, unit tests and build of the web
	@echo "── web: types"; cd web && npm run --silent types
	@echo "── web: lint"; cd web && npm run --silent lint
	@echo "── web: unit tests"; cd web && npm test --silent

test-browser: need-browser build e2e/node_modules/.installed ## Browser tests in Debian's Chromium, against the binary and a small demo county
	@echo "── browser tests"; cd e2e && npm test --silent

# bench/ is a module of its own, so that nothing here depends on PocketBase, DuckDB, expr or cel-go. `make check` reads its format and that no data stands in it,
# but does not compile it: only `make bench`, which vets it first, fetches them. Without a C compiler DuckDB is left out, and the bench says so.
bench: build ## The figures quoted in README.md, measured on this machine (minutes)
	@scripts/need /usr/lib/postgresql/15/bin/initdb=postgresql-15
	@echo "── go vet, module bench"; cd bench && go vet ./...
	@scripts/bench

kill: ## The main job, a licence, a selection, and a sum that goes back, with the program killed (SIGKILL) KILLS=200 times on each database, at moments drawn from SEED=1 (minutes)
	@scripts/need /usr/lib/postgresql/15/bin/initdb=postgresql-15
	@SHANGLIN_KILLS=$(KILLS) SHANGLIN_KILLS_SEED=$(SEED) go run ./internal/platform/store/storetest/cluster -- \
		go test ./cmd/shanglin -run '^TestKilled(Program|Licence|Selection|Sum)$$' -count 1 -timeout 2h -v

generate: web/node_modules/.installed ## Write the generated files anew: api/openapi.json, the web's types
	@scripts/generated

format: ## Format Go files and scheme files
	@gofmt -w $(GO_FILES) $$(find tools bench -name '*.go')
	@go run ./cmd/shanglin fmt schemes

clean: ## Remove what was built (not ./data)
	@rm -rf bin web/dist web/node_modules e2e/node_modules e2e/pictures

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

need-tests: need-browser
	@scripts/need /usr/lib/postgresql/15/bin/initdb=postgresql-15

need-browser:
	@scripts/need /usr/bin/chromium=chromium /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc=fonts-noto-cjk

$(BIN): $(GO_FILES) $(GO_DATA) go.mod go.sum web/dist/index.html
	@echo "── building $@"
	@CGO_ENABLED=0 go build -trimpath -o $@ ./cmd/shanglin

web/dist/index.html: web/node_modules/.installed $(WEB_FILES)
	@echo "── building the web pages"
	@cd web && npm run --silent build -- --logLevel error

# npm ci runs again only when what it would install has changed.
%/node_modules/.installed: %/package.json %/package-lock.json
	@scripts/tools
	@echo "── installing npm packages of $*"
	@cd $* && npm ci --no-progress --loglevel=error
	@touch $@

.PHONY: run build test check test-go test-web test-browser bench kill generate format clean help need-tests need-browser
