# Everything a person or CI does here. `make demo` and `make test` need a Swift toolchain and nothing else: what is
# missing they install.

# Warnings are errors in our own builds. One setting for all of them, so that none builds what another has built.
export CANO_STRICT = 1

# What is only built for those who ask for it. The tests ask for all of it.
traits = --traits SQLite

.PHONY: demo test test-swift test-cron test-end-to-end test-faults faults trials sanitize check format build release bench-bridge bench-engine

demo:
	@scripts/install-dependencies.sh run
	swift build --product cano-bridge
	@scripts/demo.sh .build/debug/cano-bridge

test: test-swift test-cron test-end-to-end test-faults

test-swift:
	@scripts/install-dependencies.sh test
	swift build $(traits) --build-tests
	swift test $(traits) --skip-build

# Cron against croniter, in a program linked as what is released: a static one has to bring its time zones along.
test-cron:
	@scripts/install-dependencies.sh test
	swift build -c release --static-swift-stdlib --product cron-times
	CANO_CRON_TIMES=$(CURDIR)/.build/release/cron-times /usr/bin/python3 -m pytest -q Tests/Cron

# Black-box tests from a foreign client, on the binary as it ships.
test-end-to-end: release trials
	$(UNDER_TEST) /usr/bin/python3 -m pytest -q Tests/EndToEnd

# Bridges and Redis servers are killed, frozen, cut off and filled up while runs are under way. In short: a part of it.
test-faults: release trials
	$(UNDER_TEST) /usr/bin/python3 -m pytest -q Tests/Faults --short

# All of it, a quarter of an hour; writes the table of docs/reliability.md.
faults: release trials
	$(UNDER_TEST) /usr/bin/python3 -m pytest -q Tests/Faults --report docs/reliability.md

UNDER_TEST = CANO_BRIDGE=$(CURDIR)/.build/release/cano-bridge CANO_TRIAL_BRIDGE=$(CURDIR)/.build/release/trial-bridge

# The engine's tests under ThreadSanitizer, in a build of their own.
sanitize:
	@scripts/install-dependencies.sh test
	scripts/sanitize.sh

check:
	@scripts/install-dependencies.sh test
	swift format lint --strict --recursive Package.swift Sources Tests Examples Benchmarks
	swift build $(traits) --build-tests

format:
	swift format --in-place --recursive Package.swift Sources Tests Examples Benchmarks

build:
	@scripts/install-dependencies.sh run
	swift build

# With Swift's libraries in it, so that the one file runs where no Swift is; libhiredis comes with the system.
release:
	@scripts/install-dependencies.sh test
	swift build -c release --static-swift-stdlib --product cano-bridge

# A bridge whose workflows fail, crash and block as the tests tell them.
trials:
	swift build -c release --static-swift-stdlib --product trial-bridge

# How fast one bridge is, beside redis-benchmark: see docs/performance.md.
bench-bridge: release
	/usr/bin/python3 Benchmarks/bridge.py .build/release/cano-bridge

# How much CPU the engine needs, beside the original's figures, linked as what is released. The rows of the second run are those the
# original ran on one thread.
bench-engine:
	swift run -c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench engine
	@one=; ! command -v taskset >/dev/null || one='taskset -c 0'; $$one .build-bench/release/engine --one-core
