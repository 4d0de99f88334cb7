# make test is all a fresh clone needs; CI calls only targets of this file.
PYTHON ?= python3
BIN := .venv/bin
GENERATED := target/generated.jsonl

.PHONY: all wasm wasm-tools test-wasm runtimes bench-wasm playground test-playground test test-rust packages test-redis test-ha test-python test-node test-serve lint lint-rust lint-python lint-node lint-options lint-plot options \
  version-check fmt bless linear bench bench-gateways recordings clean agents test-agents examples test-examples newest test-newest test-codex codex test-claude-code claude-code test-comply comply test-page instructions \
  lint-crates fuzz \
  objects soak properties sanitize mutants advisories docs docs-tools test-cross
all: lint test

test: test-rust test-python test-node test-serve

# In one command, so that the core is built once for all three.
test-rust:
	cargo test -q -p sluicegate -p sluicegate-cli -p sluicegate-gateway -p sluicegate-benches -p sluicegate-axum-example --all-features

# Continuations on a real Redis; installs redis-server where it is missing.
test-redis: $(BIN)/.installed bindings-node/node_modules/.installed target/debug/sluicegate
	.ci/redis cargo test -q -p sluicegate --all-features --test continuation
	.ci/redis $(BIN)/pytest -q bindings-python -k redis
	cd bindings-node && ../.ci/redis node --test test/*redis.test.mjs
	cd bindings-node && $(SERVE) ../.ci/redis node --test test/gateway-redis.test.mjs

# Two servers with one Redis behind haproxy and nginx; installs those where they are missing.
test-ha: bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && $(SERVE) ../.ci/redis ../.ci/debian haproxy nginx-light -- node --test test/gateway-ha.test.mjs

# The Codex CLI through the gateway example and `sluicegate serve`. It has 400 MB, and so no place among the packages that every test needs.
CODEX := target/codex
CODEX_BIN = CODEX="$(abspath $(CODEX))/node_modules/.bin/codex"
test-codex: codex bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && $(CODEX_BIN) node --test test/codex-*.mjs
	cd bindings-node && $(CODEX_BIN) $(SERVE) node --test test/codex-*.mjs

codex: $(CODEX)/.installed
$(CODEX)/.installed:
	mkdir -p $(CODEX)
	npm install --no-save --silent --no-audit --no-fund --prefix $(CODEX) @openai/codex@latest
	touch $@

# Claude Code through `sluicegate serve`; it has 400 MB, too. Its wrapper wants a newer Node than we do, its program none.
CLAUDE := target/claude
test-claude-code: claude-code bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && CLAUDE="$$(echo "$(abspath $(CLAUDE))"/node_modules/@anthropic-ai/claude-code-*/claude)" \
		$(SERVE) ../.ci/loopback node --test test/claude-code.mjs

claude-code: $(CLAUDE)/.installed
$(CLAUDE)/.installed:
	mkdir -p $(CLAUDE)
	npm install --no-save --silent --no-audit --no-fund --prefix $(CLAUDE) @anthropic-ai/claude-code@latest
	touch $@

# What reads answers with openai-node, with the newest one, which wants a newer Node than we do.
NEWEST := target/newest
NEWEST_TESTS := test/*clients.test.mjs test/fetch*.test.mjs test/responses-over-chat.test.mjs test/stream.test.mjs \
  test/messages.test.mjs test/gateway.test.mjs
test-newest: newest bindings-node/node_modules/.installed
	cd bindings-node && NEWEST="$(abspath $(NEWEST))" "$(abspath $(NEWEST))/node_modules/.bin/node" --import ./test/newest.mjs --test $(NEWEST_TESTS)

newest: $(NEWEST)/.installed
$(NEWEST)/.installed:
	mkdir -p $(NEWEST)
	npm install --no-save --silent --no-audit --no-fund --prefix $(NEWEST) node@22 openai@latest
	touch $@

# The package as a WebAssembly module, for browsers, workers, and where there is no addon: bindings-node/wasm/. Where the toolchain
# lacks the target, Debian's Rust builds the standard library, too.
WASM := bindings-node/wasm
WASM_TOOLS := target/wasm-tools
WASM_SOURCES := $(shell find core/src core/catalog core/profiles core/options.json bindings-node/src -type f) bindings-node/build.rs bindings-node/Cargo.toml Cargo.toml Cargo.lock
WASM_FILES := $(shell find bindings-node/lib -name '*.*js') bindings-node/index.js bindings-node/fetch.js bindings-node/scripts/build-wasm.mjs
BUILD_WASM := TOOLS="$(abspath $(WASM_TOOLS))" node bindings-node/scripts/build-wasm.mjs
wasm: $(WASM)/load.mjs
$(WASM)/load.mjs: $(WASM)/sluicegate.wasm $(WASM_FILES)
	$(BUILD_WASM) --js
$(WASM)/sluicegate.wasm: $(WASM_TOOLS)/.installed $(WASM_SOURCES)
	$(BUILD_WASM) --module

# What builds it, so that CI can tell a tool that is not to be had from a build that fails.
wasm-tools: $(WASM_TOOLS)/.installed
	$(BUILD_WASM) --tools
$(WASM_TOOLS)/.installed:
	mkdir -p $(WASM_TOOLS)
	npm install --no-save --silent --no-audit --no-fund --prefix $(WASM_TOOLS) binaryen@132.0.0 esbuild@0.28
	touch $@

# Every kind of fixture on the module, in each runtime that can be had; on the addon, in Deno and Bun; the edge example.
RUNTIMES := target/runtimes
IN_RUNTIMES = TOOLS="$(abspath $(WASM_TOOLS))" RUNTIMES="$(abspath $(RUNTIMES))"
WASM_TESTS := test/chunks.test.mjs test/collect.test.mjs test/stream.test.mjs test/continuation.test.mjs test/fetch*.test.mjs \
  test/host.test.mjs test/websocket.test.mjs test/requests.test.mjs test/bodies.test.mjs test/wasm/*.test.mjs
test-wasm: wasm runtimes bindings-node/node_modules/.installed
	cd bindings-node && SLUICEGATE_NATIVE=wasm node --test test/fixtures.test.mjs test/request-fixtures.test.mjs $(WASM_TESTS)
	cd bindings-node && if ../.ci/chromium true; then $(IN_RUNTIMES) ../.ci/chromium node test/wasm/runtimes.mjs; \
	  else $(IN_RUNTIMES) node test/wasm/runtimes.mjs; fi

# npm brings the programs. What cannot be installed is missing in what test-wasm prints.
runtimes: $(RUNTIMES)/.installed
$(RUNTIMES)/.installed:
	mkdir -p $(RUNTIMES)
	for name in deno bun workerd; do \
	  npm install --no-save --silent --no-audit --no-fund --prefix $(RUNTIMES)/$$name $$name || echo "$$name cannot be installed"; \
	done
	touch $@

# Size, cold start and what an event costs, beside the addon.
bench-wasm: wasm bindings-node/node_modules/.installed
	node benches/wasm.mjs

# The playground: one page with the module in it, which opens from a file.
PLAYGROUND := target/playground/index.html
playground: wasm
	node docs/playground/build.mjs $(WASM_TOOLS) $(PLAYGROUND)

# That page in Chromium, which is installed where it is missing.
test-playground: playground bindings-node/node_modules/.installed
	cd bindings-node && ../.ci/chromium node --test test/playground.mjs

# llm-comply on `sluicegate serve`, over upstreams of each dialect; it has the schemas of Open Responses and of chat.
COMPLY := target/comply
test-comply: comply bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && COMPLY="$(abspath $(COMPLY))/bin/llm-comply" $(SERVE) node --test test/comply.mjs

comply: $(COMPLY)/.installed
$(COMPLY)/.installed:
	test -x $(COMPLY)/bin/python || $(PYTHON) -m venv $(COMPLY)
	$(COMPLY)/bin/pip install -q llm-comply
	touch $@

# The OpenAI Agents SDK and LangChain over the transports; they bring much that no other test needs.
test-agents: agents bindings-node/node_modules/.installed
	$(BIN)/pytest -q bindings-python/tests/test_agents.py bindings-python/tests/test_langchain.py

agents: $(BIN)/.installed
	$(BIN)/pip install -q 'openai-agents>=0.24' 'langchain-openai>=1' openai

# The short examples in Python. LiteLLM and what it brings have half a gigabyte, so these have a venv of their own.
EXAMPLES := target/examples
test-examples: examples bindings-node/node_modules/.installed
	$(EXAMPLES)/bin/pytest -q bindings-python/tests/test_framework_examples.py
	$(EXAMPLES)/bin/mypy --strict bindings-python/examples

examples: $(EXAMPLES)/.installed
$(EXAMPLES)/.installed: bindings-python/examples/requirements.txt $(BIN)/.installed
	test -x $(EXAMPLES)/bin/python || $(PYTHON) -m venv $(EXAMPLES)
	$(EXAMPLES)/bin/pip install -q -r bindings-python/examples/requirements.txt './bindings-python[test]'
	touch $@

test-python: $(BIN)/.installed bindings-node/node_modules/.installed $(GENERATED)
	$(BIN)/pytest -q bindings-python

test-node: bindings-node/node_modules/.installed $(GENERATED)
	cd bindings-node && npm test --silent

# The suite of the gateway example, on `sluicegate serve`.
SERVE := SLUICEGATE_SERVER="$(CURDIR)/target/debug/sluicegate"
test-serve: bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && $(SERVE) node --test test/gateway*.test.mjs test/soak.test.mjs

# The page of `sluicegate serve` in Chromium, which is installed where it is missing.
test-page: bindings-node/node_modules/.installed target/debug/sluicegate
	cd bindings-node && $(SERVE) ../.ci/chromium node --test test/gateway-page.test.mjs

target/debug/sluicegate: $(shell find core/src cli/src gateway/src -type f) Cargo.lock
	cargo build -q -p sluicegate-cli
	touch $@

# Core's suites on other processors, under qemu; installs Rust, compilers and qemu of Debian. Takes long: CROSS=aarch64 is one of them.
CROSS ?= aarch64 s390x
test-cross:
	for target in $(CROSS); do .ci/cross $$target || exit 1; done

# Streams that the Rust suite generates, for the others to replay.
$(GENERATED): $(shell find core/src -name '*.rs') core/tests/generated.rs core/tests/streams/mod.rs
	mkdir -p target
	SLUICEGATE_GENERATED="$(CURDIR)/$@" cargo test -q -p sluicegate --all-features --test generated

# The venv, with the package built from this tree; rebuilt when a source changes.
SOURCES := $(shell find core/src bindings-python/src bindings-python/python -type f -name '*.rs' -o -type f -name '*.py*') Cargo.lock
$(BIN)/.installed: $(SOURCES) bindings-python/pyproject.toml bindings-python/Cargo.toml core/Cargo.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q './bindings-python[test,lint]'
	touch $@

bindings-node/node_modules/.installed: $(SOURCES) $(shell find bindings-node/src -name '*.rs') bindings-node/package.json bindings-node/examples/gateway/package.json bindings-node/Cargo.toml
	cd bindings-node && npm ci --silent --no-audit --no-fund
	cd bindings-node/examples/gateway && npm ci --ignore-scripts --silent --no-audit --no-fund
	touch $@

lint: lint-rust lint-python lint-node lint-crates lint-options lint-plot version-check

lint-rust:
	cargo fmt --all --check
	cargo clippy -q --workspace --all-targets --all-features -- -D warnings

lint-python: $(BIN)/.installed
	$(BIN)/ruff check bindings-python cli/packages benches/bindings.py --config bindings-python/pyproject.toml
	$(BIN)/ruff format --check bindings-python cli/packages benches/bindings.py --config bindings-python/pyproject.toml
	cd bindings-python && ../$(BIN)/python -m mypy.stubtest sluicegate --allowlist stubtest.allowlist
	$(BIN)/mypy --strict bindings-python/tests/typing_sample.py bindings-python/tests/typing_answers.py bindings-python/examples/agent.py bindings-python/examples/over_websocket.py

lint-node: bindings-node/node_modules/.installed
	cd bindings-node && npm run lint --silent

# Licences, bans and sources of what is built in.
lint-crates:
	$(PYTHON) .ci/deny

# Known vulnerabilities of all that is built in or tested with, as far as their lists can be had.
advisories: $(BIN)/.installed
	$(PYTHON) .ci/advisories

# The types and the page of options are what core/options.json gives; `make options` rewrites them.
lint-options:
	$(PYTHON) .ci/options

options:
	$(PYTHON) .ci/options --write

# The plot in the README is what the newest record gives; `.ci/plot --write` draws it.
lint-plot:
	$(PYTHON) .ci/plot

# One version number in every manifest; with TAG=v… that of the tag.
version-check:
	@TAG=$(TAG) node .ci/version.mjs

fmt: $(BIN)/.installed
	cargo fmt --all
	$(BIN)/ruff format bindings-python benches/bindings.py --config bindings-python/pyproject.toml
	$(BIN)/ruff check --fix bindings-python benches/bindings.py --config bindings-python/pyproject.toml

# Rewrites the expectations in fixtures/ from what comes out; read the diff.
bless:
	BLESS=1 cargo test -q -p sluicegate --test golden --test hostile --test images --test envelope --test requests --test profiles --test websocket --test continuation --test lint

# Instructions per delta do not grow with the stream.
linear:
	cargo build -q --release
	.ci/linear

# Instructions per event are what benches/record/instructions.json says, to 3 %; BLESS=1 make instructions rewrites it.
instructions:
	$(MEASURE) instructions

# The pages of docs/ as a site, target/site: with search, and the API pages of all three languages. Nothing in it is loaded from
# elsewhere; a link that leads nowhere fails. What is not a page of docs/ is in .ci/site.
DOCS := target/docs
docs: docs-tools
	rm -rf $(DOCS)/node target/site
	RUSTDOCFLAGS='-D warnings' cargo doc -q -p sluicegate --all-features --no-deps --target-dir $(DOCS)/rust
	$(DOCS)/npm/node_modules/.bin/typedoc --options .ci/site/typedoc.json --logLevel Warn
	$(PYTHON) .ci/site/pages $(DOCS)
	cd $(DOCS) && venv/bin/zensical build --strict --clean -f site.yml
	mv $(DOCS)/site target/site
	$(PYTHON) .ci/site/check target/site $(DOCS)/npm/node_modules/iframe-worker/shim/index.js

docs-tools: $(DOCS)/.installed
$(DOCS)/.installed: .ci/site/requirements.txt .ci/site/package.json
	mkdir -p $(DOCS)/npm
	test -x $(DOCS)/venv/bin/python || $(PYTHON) -m venv $(DOCS)/venv
	$(DOCS)/venv/bin/pip install -q -r .ci/site/requirements.txt
	cp .ci/site/package.json $(DOCS)/npm
	npm install --silent --no-audit --no-fund --prefix $(DOCS)/npm
	touch $@

# Everything beside limits and peers, in one table: benches/record/<date>.md, a short one in docs/reference/numbers.md, and the plot. Takes minutes.
# One contest alone, with criterion: cargo bench -p sluicegate-benches -- 'parse: text'
MEASURE := cargo run -q --profile bench -p sluicegate-benches --bin
ROWS := benches/rows
bench: $(BIN)/.installed bindings-node/node_modules/.installed benches/node_modules/.installed
	mkdir -p $(ROWS) && rm -f $(ROWS)/*
	$(MEASURE) shape -- 'text deltas' 2097152 >$(ROWS)/text.sse
	$(MEASURE) shape -- 'text deltas of a chat server' 2097152 >$(ROWS)/chat.sse
	$(BIN)/python benches/bindings.py $(ROWS)/text.sse sdk >$(ROWS)/1.json
	$(BIN)/python benches/bindings.py $(ROWS)/chat.sse respond >$(ROWS)/4.json
	if $(MAKE) -s benches/.venv/.installed; then \
	  benches/.venv/bin/python benches/bindings.py $(ROWS)/text.sse litellm >$(ROWS)/2.json; \
	else echo "LiteLLM cannot be installed here: not measured"; fi
	node benches/bindings.mjs $(ROWS)/text.sse >$(ROWS)/3.json
	$(BIN)/python benches/bindings.py $(ROWS)/text.sse events >$(ROWS)/5.json
	node benches/bindings.mjs $(ROWS)/text.sse events >$(ROWS)/6.json
	python=benches/.venv/bin/python; test -x $$python || python=$(BIN)/python; \
	for row in objects on_event; do \
	  $$python benches/bindings.py $(ROWS)/text.sse $$row; node benches/host.mjs $(ROWS)/text.sse $$row; \
	done >$(ROWS)/7.json
	$(MEASURE) table -- "$$(date +%F)" $(ROWS)/*.json
	$(PYTHON) .ci/plot --write

# Whole gateways, one beside the other, over the loopback: streams, CPU time, latency, memory. Installs wrk where it is missing;
# takes six minutes, and wants the machine for itself: benches/record/gateways-<date>.md.
bench-gateways: bindings-node/node_modules/.installed
	$(MAKE) -s benches/.proxy/.installed || echo "LiteLLM's proxy cannot be installed here: not measured"
	cargo build -q --release -p sluicegate-cli
	cargo build -q --release -p sluicegate-gateway-benches
	ulimit -n "$$(ulimit -Hn)" && .ci/debian wrk -- node benches/gateways/run.mjs | tee benches/record/gateways-$$(date +%F).md

benches/.proxy/.installed: benches/requirements.txt
	test -x benches/.proxy/bin/python || $(PYTHON) -m venv benches/.proxy
	benches/.proxy/bin/pip install -q "$$(sed -n 's/^litellm==/litellm[proxy]==/p' benches/requirements.txt)" mcp
	touch $@

benches/.venv/.installed: benches/requirements.txt $(BIN)/.installed
	test -x benches/.venv/bin/python || $(PYTHON) -m venv benches/.venv
	benches/.venv/bin/pip install -q -r benches/requirements.txt ./bindings-python
	touch $@

benches/node_modules/.installed: benches/package-lock.json
	cd benches && npm ci --silent --no-audit --no-fund
	touch $@

# Every fuzz target for SECS seconds, or the TARGETS named; needs a nightly toolchain.
SECS ?= 60
fuzz:
	SECS=$(SECS) TARGETS="$(TARGETS)" .ci/fuzz

# Mutants of core, where the last run was left: FILES (globs in core/src), SHARD=k/n, TESTS to run first. All of them take days:
# make mutants FILES='continuation/*.rs continuation.rs' TESTS='--lib --test continuation'
mutants:
	FILES="$(FILES)" SHARD="$(SHARD)" TESTS="$(TESTS)" .ci/mutants

# The Rust, Python and Node suites under AddressSanitizer; needs a nightly toolchain and gcc.
sanitize: $(BIN)/.installed bindings-node/node_modules/.installed
	.ci/sanitize

# A million objects of each class come and go.
objects: $(BIN)/.installed bindings-node/node_modules/.installed
	SLUICEGATE_OBJECTS=1000000 $(BIN)/pytest -q bindings-python -k come_and_go
	cd bindings-node && SLUICEGATE_OBJECTS=1000000 node --test test/lifecycle.test.mjs

# STREAMS at once for MINUTES, through every consumer in one process, then through both gateways; RECORDINGS=<folder>
# adds real ones. Fails where an output differs from what the stream gives alone, or where memory grows.
MINUTES ?= 10
STREAMS ?= 2000
SEED ?= $(shell date +%s)
SOAK = SLUICEGATE_SOAK_MINUTES=$(MINUTES) SLUICEGATE_SOAK_STREAMS=$(STREAMS) SLUICEGATE_SOAK_SEED=$(SEED) \
  $(if $(RECORDINGS),SLUICEGATE_RECORDINGS="$(abspath $(RECORDINGS))")
soak: bindings-node/node_modules/.installed target/debug/sluicegate
	$(SOAK) cargo test -q -p sluicegate --all-features --test soak -- --nocapture
	cd bindings-node && $(SOAK) node test/soak.test.mjs
	cd bindings-node && $(SOAK) $(SERVE) node test/soak.test.mjs

# The property tests again and again, with seeds that are drawn here and printed.
ROUNDS ?= 10
properties:
	SEED=$(SEED) ROUNDS=$(ROUNDS) .ci/properties

# Real streams, where there are some: RECORDINGS=<folder of .sse files> make recordings
recordings: $(BIN)/.installed bindings-node/node_modules/.installed
	cargo build -q --release
	.ci/recordings "$(RECORDINGS)"
	SLUICEGATE_RECORDINGS="$(RECORDINGS)" cargo test -q -p sluicegate -p sluicegate-cli --all-features --test mutations --test cli --test websocket --test continuation --test lint --test messages --test round_trip --test to_chat
	SLUICEGATE_RECORDINGS="$(RECORDINGS)" $(BIN)/pytest -q bindings-python -k recording
	cd bindings-node && SLUICEGATE_RECORDINGS="$(RECORDINGS)" node --test test/*clients.test.mjs test/shapes.test.mjs test/strict-r*.test.mjs

# What a release consists of, for this platform, in dist/: built, installed where there is no cargo, run.
packages:
	.ci/packages

clean:
	rm -rf target dist .venv bindings-node/node_modules bindings-node/examples/gateway/node_modules bindings-node/*.node bindings-node/wasm benches/.venv benches/node_modules benches/rows
