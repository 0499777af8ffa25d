# `make` says what can be done here. Everything needs Go alone, except: race
# needs a C compiler, lint reads the contract with node, and what runs on PostgreSQL or Redis uses the servers that
# TEST_DATABASE_URL and TEST_REDIS_URL name, else starts private ones.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

FUZZTIME ?= 10s

with := go run ./internal/engines/with --
raced := $(addsuffix /...,./internal/ledger ./internal/store ./internal/guard ./internal/webhooks ./internal/moving ./internal/jobs ./internal/live ./passes/apple ./passes/google ./api) ./passes ./passes/artwork ./scanner
# What is C in Go's clothes, or draws pixels: none of it shares anything with our
# goroutines, and under the race detector it took most of the time.
unwatched := $(foreach package,modernc.org/sqlite/lib golang.org/x/image/... image/...,-gcflags=$(package)=-race=false)
linter := mobile-contracts/lint/node_modules/.package-lock.json
# Go files that people write; generated ones look as their generator likes.
written = $(shell find . -name '*.go' -not -name '*.gen.go' -not -path '*/node_modules/*')

client := mobile-contracts/typescript
pages := passes/web/browser
till := scanner/till

.PHONY: help demo build test client pass-schema browser race fuzz bench expiry faults lint contract generate generate-client drift

help: ## Say what can be done here
	@sed -n 's/^\([a-z-]*\):[a-z ]* ## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r target what; do printf '  %-16s%s\n' "$$target" "$$what"; done

demo: ## Serve a seeded merchant on http://127.0.0.1:8080
	go run ./cmd/stempel demo

build: ## Build the static binaries into bin/
	CGO_ENABLED=0 go build -tags grpcnotrace -trimpath -ldflags="-s -w" -gcflags=stempel/passes/web=-l -o bin/ ./cmd/...

test: ## Run all tests, with PostgreSQL and Redis, and the TypeScript client's
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory pass-schema; \
	else echo "NOT RUN: Apple passes against the schema of passkit-generator. It needs node and npm."; fi
	$(with) go test ./...
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory client; \
	elif [ "$${CI:-}" = true ]; then echo "NOT RUN: the tests of the TypeScript client need node and npm"; exit 1; \
	else echo; echo "NOT RUN: the tests of the TypeScript client. They need node and npm."; fi

client: ## Test the TypeScript client against a running server; needs node and npm
	CGO_ENABLED=0 go build -o bin/stempel ./cmd/stempel
	cd $(client) && npm ci --no-fund --no-audit --loglevel=error
	cd $(client) && npm run --silent check || { echo "drift: make generate-client, and commit what changes"; exit 1; }
	cd $(client) && STEMPEL_BINARY=$(CURDIR)/bin/stempel npm test --silent

pass-schema: ## Fetch what Apple passes are held against in tests and the bench; needs npm
	cd passes/apple/testdata/passkit && npm ci --no-fund --no-audit --loglevel=error

browser: ## Test the card's pages and the till in a real Chromium; needs node, npm, chromium and zbarimg
	@if command -v npm >/dev/null && command -v zbarimg >/dev/null && { [ -n "$${CHROMIUM:-}" ] || command -v chromium >/dev/null; }; then \
		CGO_ENABLED=0 go build -o bin/stempel ./cmd/stempel; \
		(cd $(pages) && npm ci --no-fund --no-audit --loglevel=error && STEMPEL_BINARY=$(CURDIR)/bin/stempel npm test --silent); \
		(cd $(till)/vendor && npm ci --no-fund --no-audit --loglevel=error && npm test --silent); \
		(cd $(till)/readtest && npm ci --no-fund --no-audit --loglevel=error && npm test --silent); \
		(cd $(till)/browser && STEMPEL_BINARY=$(CURDIR)/bin/stempel npm test --silent); \
	elif [ "$${CI:-}" = true ]; then echo "NOT RUN: the pages in a browser need node, npm, chromium and zbarimg"; exit 1; \
	else echo; echo "NOT RUN: the card's pages and the till in a browser. They need node, npm, chromium and zbarimg."; fi

generate-client: ## Make the TypeScript client's types anew from the contract
	cd $(client) && npm ci --no-fund --no-audit --loglevel=error && npm run generate

# With -short it leaves out what does one thing after the other, and draws fewer examples:
# `make test` has all of them.
race: ## Run the tests of everything concurrent under the race detector
	CGO_ENABLED=1 $(with) go test -race -short $(unwatched) -timeout 25m $(raced)

fuzz: ## Fuzz every parser for FUZZTIME (10s)
	@go test -list '^Fuzz' ./... \
		| awk '/^Fuzz/ { found[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, found[i]; n = 0 }' \
		| while read -r package target; do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
		done

bench: ## Measure a scan beside pgbench, a pass beside RSA; BENCH_JSON=path keeps the figures
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory pass-schema; fi
	go run ./cmd/bench bench

expiry: ## Measure scans beside the expiry of a million lots of points; EXPIRY_JSON=path keeps the figures
	go run ./cmd/bench expiry

faults: ## Kill servers during scans and updates, and count; FAULTS_JSON=path keeps the figures
	go run ./cmd/bench faults

lint: contract ## Check formatting, modules, go vet, staticcheck and the contract
	@unformatted=$$(gofmt -l $(written)); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	@unformatted=$$(go tool gofumpt -l $(written)); test -z "$$unformatted" || { echo "gofumpt would change:"; echo "$$unformatted"; exit 1; }
	go mod tidy -diff
	go vet ./...
	go tool staticcheck ./...

contract: ## Lint the contract, where there is node
	@if node --eval 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || major == 20 && minor >= 19 ? 0 : 1)' 2>/dev/null \
		&& command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory $(linter); npm run --silent --prefix mobile-contracts/lint lint; \
	else \
		echo "SKIPPED: the contract was not linted, which takes node 20.19 or newer and npm" >&2; \
	fi

# What lints the contract, as its lock file has it.
$(linter): mobile-contracts/lint/package-lock.json
	npm ci --no-audit --no-fund --prefix mobile-contracts/lint

generate: ## Make all generated files anew
	go generate ./...

drift: ## Fail when a generated file is not what its source makes
	@# In a copy, so that the check changes nothing and needs no clean tree.
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
	git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read | tar -x -C "$$copy"; \
	cd "$$copy"; unset $$(git rev-parse --local-env-vars); git init --quiet; \
	git add --all; before=$$(git write-tree); \
	go generate ./...; \
	git add --all; git diff --cached --exit-code "$$before" \
		|| { echo "drift: make generate, and commit what changes"; exit 1; }
