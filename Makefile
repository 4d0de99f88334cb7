# make test is all a fresh clone needs; CI calls only targets of this file.
PYTHON ?= python3
BIN := .venv/bin
GENERATED := target/generated.jsonl

.PHONY: all test test-rust test-redis test-python test-node lint lint-rust lint-python lint-node lint-crates version-check fmt bless linear bench fuzz objects recordings clean
all: lint test

test: test-rust test-python test-node

test-rust:
	cargo test -q -p sluicegate --all-features
	cargo test -q -p sluicegate-benches

# Continuations on a real Redis; installs redis-server where it is missing.
test-redis: $(BIN)/.installed bindings-node/node_modules/.installed
	.ci/redis cargo test -q -p sluicegate --all-features --test continuation
	.ci/redis $(BIN)/pytest -q bindings-python -k redis
	cd bindings-node && ../.ci/redis node --test test/redis.test.mjs

test-python: $(BIN)/.installed $(GENERATED)
	$(BIN)/pytest -q bindings-python

test-node: bindings-node/node_modules/.installed $(GENERATED)
	cd bindings-node && npm test --silent

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

bindings-node/node_modules/.installed: $(SOURCES) $(shell find bindings-node/src -name '*.rs') bindings-node/package.json bindings-node/Cargo.toml
	cd bindings-node && npm ci --silent --no-audit --no-fund
	touch $@

lint: lint-rust lint-python lint-node lint-crates version-check

lint-rust:
	cargo fmt --all --check
	cargo clippy -q --workspace --all-targets --all-features -- -D warnings

lint-python: $(BIN)/.installed
	$(BIN)/ruff check bindings-python
	$(BIN)/ruff format --check bindings-python
	cd bindings-python && ../$(BIN)/python -m mypy.stubtest sluicegate
	$(BIN)/mypy --strict bindings-python/tests/typing_sample.py

lint-node: bindings-node/node_modules/.installed
	cd bindings-node && npm run lint --silent

# Licences, bans and sources of what is built in.
lint-crates:
	$(PYTHON) .ci/deny

# One version number in every manifest.
version-check:
	@version=$$(sed -n 's/^version = "\([^"]*\)".*/\1/p' Cargo.toml | head -1); \
	for manifest in bindings-node/package.json fuzz/Cargo.toml; do \
	  grep -q "\"$$version\"" $$manifest || { echo "$$manifest is not at version $$version"; exit 1; }; \
	done; echo "version $$version everywhere"

fmt: $(BIN)/.installed
	cargo fmt --all
	$(BIN)/ruff format bindings-python
	$(BIN)/ruff check --fix bindings-python

# Rewrites the expectations in fixtures/ from what comes out; read the diff.
bless:
	BLESS=1 cargo test -q -p sluicegate --test golden --test hostile --test images --test envelope --test requests --test websocket --test continuation

# Instructions per delta do not grow with the stream.
linear:
	cargo build -q --release
	.ci/linear

bench:
	cargo bench -p sluicegate-benches

# Every fuzz target for SECS seconds, or the TARGETS named; needs a nightly toolchain.
SECS ?= 60
fuzz:
	SECS=$(SECS) TARGETS="$(TARGETS)" .ci/fuzz

# A million objects of each class come and go.
objects: $(BIN)/.installed bindings-node/node_modules/.installed
	SLUICEGATE_OBJECTS=1000000 $(BIN)/pytest -q bindings-python -k come_and_go
	cd bindings-node && SLUICEGATE_OBJECTS=1000000 node --test test/lifecycle.test.mjs

# Real streams, where there are some: RECORDINGS=<folder of .sse files> make recordings
recordings: $(BIN)/.installed bindings-node/node_modules/.installed
	cargo build -q --release
	.ci/recordings "$(RECORDINGS)"
	SLUICEGATE_RECORDINGS="$(RECORDINGS)" cargo test -q -p sluicegate --test mutations --test cli --test websocket --test continuation
	SLUICEGATE_RECORDINGS="$(RECORDINGS)" $(BIN)/pytest -q bindings-python -k recording
	cd bindings-node && SLUICEGATE_RECORDINGS="$(RECORDINGS)" node --test test/*clients.test.mjs test/shapes.test.mjs test/strict-r*.test.mjs

clean:
	rm -rf target .venv bindings-node/node_modules bindings-node/*.node
