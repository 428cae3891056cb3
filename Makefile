# Everything a person or CI does here. `make demo` and `make test` need a Swift toolchain and nothing else: what is
# missing they install.

# Warnings are errors in our own builds. One setting for all of them, so that none builds what another has built.
export CANO_STRICT = 1

# What is only built for those who ask for it. The tests and what is released have all of it.
traits = --traits SQLite

# Real processes wait more than they work, so more tests run side by side than there are cores. What they took goes to the
# reports that `make slowest` reads.
reports = .build/reports
pytest = /usr/bin/python3 -m pytest -q --durations=10 --junitxml=$(reports)/$@.xml
side_by_side = -n 6 --dist loadgroup

.PHONY: demo docs test test-swift test-compiler test-contract test-cron test-examples test-end-to-end test-valkey test-faults faults slowest \
  sanitize check check-instructions lint format build build-tests release trials examples contract fuzz bench bench-bridge bench-raw \
  bench-peers bench-growth bench-idle bench-memory bench-retention bench-fairness bench-waiting bench-pages bench-bulk bench-workers bench-shards \
  bench-history bench-engine bench-instructions bench-bridge-instructions bench-durability

demo:
	@scripts/install-dependencies.sh demo
	swift build --product cano-bridge
	@scripts/demo.sh .build/debug/cano-bridge

# Whether links lead somewhere, blocks are what they say and those of Swift compile; and the documentation of every library, in .build/docs,
# without a warning.
docs: build-tests
	$(pytest) -n 2 Tests/Docs
	scripts/documentation.sh

test: test-swift test-compiler test-contract test-cron test-examples test-end-to-end test-faults

# Not all of them at once: hundreds of Redis servers would begin at the same time, and each test's commands wait for those of all others.
test-swift: build-tests
	@mkdir -p $(reports)
	swift test $(traits) --skip-build --experimental-maximum-parallelization-width 32 --skip FuzzTests --xunit-output $(reports)/$@.xml
	swift test $(traits) --skip-build --filter FuzzTests --xunit-output $(reports)/$@-fuzz.xml

# What must not compile does not, and the compiler says why.
test-compiler: build-tests
	$(pytest) -n 2 Tests/Compiler

# The schemas and the AsyncAPI document of docs/contract, against golden entries and the official schema.
test-contract:
	@scripts/install-dependencies.sh test
	$(pytest) Tests/Contract

# Cron against croniter, in a program linked as what is released: a static one has to bring its time zones along.
test-cron: trials
	CANO_CRON_TIMES=$(CURDIR)/.build/release/cron-times $(pytest) -n 2 Tests/Cron

# Black-box tests from a foreign client, on the binary as it ships.
test-end-to-end: trials examples
	$(UNDER_TEST) $(pytest) $(side_by_side) Tests/EndToEnd

# The same on Valkey, which is fetched for it.
test-valkey: trials examples
	PATH=$$(scripts/install-valkey.sh):$$PATH $(UNDER_TEST) $(pytest) $(side_by_side) Tests/EndToEnd

# The tests that an example shows. Tests/EndToEnd runs the others.
test-examples: examples
	swift test $(for_examples) --package-path Examples --skip-build

# Bridges and Redis servers are killed, frozen, cut off and filled up while runs are under way. In short: a part of it.
test-faults: trials
	$(UNDER_TEST) $(pytest) $(side_by_side) Tests/Faults --short

# All of it, twenty-five minutes; writes the table of docs/reliability.md. One after the other: it takes times.
faults: trials
	$(UNDER_TEST) $(pytest) Tests/Faults --report docs/reliability.md

UNDER_TEST = CANO_BRIDGE=$(CURDIR)/.build/release/cano-bridge CANO_TRIAL_BRIDGE=$(CURDIR)/.build/release/trial-bridge

# The ten tests that took longest in the last runs of the parts above.
slowest:
	@scripts/slowest-tests.py $(reports)

# What the tests try on everything that reads what others wrote, with other inputs and for longer, each fuzzer for so many seconds: make
# fuzz seconds=600. A find is repeated by its seed: make fuzz only=cron seed=42 inputs=1. An input that ends the process is in .build/fuzz.
fuzz: seed := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
fuzz: seconds := 20
fuzz: export CANO_FUZZ_SEED = $(seed)
fuzz: export CANO_FUZZ_SECONDS = $(seconds)
fuzz: export CANO_FUZZ_INPUTS = $(inputs)
fuzz: export CANO_FUZZ_ONLY = $(only)
fuzz: build-tests
	@rm -rf .build/fuzz
	@echo "seed $(seed)"
	swift test $(traits) --skip-build --filter FuzzTests || { tail -n +1 .build/fuzz/*; exit 1; }

# The engine's tests under ThreadSanitizer, in a build of their own.
sanitize:
	@scripts/install-dependencies.sh test
	scripts/sanitize.sh

check: lint build-tests check-instructions

# What a busy machine does not hide: whether the engine's hot paths take more instructions than they did. Where valgrind is not to be had, as on
# a Mac, nothing is counted, and that is said.
check-instructions:
	@scripts/install-dependencies.sh test
	@if command -v valgrind >/dev/null; then $(MAKE) --no-print-directory bench-instructions; \
	else echo "valgrind is not there: the instructions of the hot paths are not counted"; fi

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Examples Benchmarks

format:
	swift format --in-place --recursive Package.swift Sources Tests Examples Benchmarks

build:
	@scripts/install-dependencies.sh run
	swift build

build-tests:
	@scripts/install-dependencies.sh test
	swift build $(traits) --build-tests

# With Swift's libraries in it, so that the one file runs where no Swift is; libhiredis and libsqlite3 come with the system.
release:
	@scripts/install-dependencies.sh test
	swift build $(as_released) --product cano-bridge

# What the tests run beside it, linked the same way: a bridge whose workflows fail, crash and block as they are told, and a
# program that says when cron expressions are due.
trials: release
	swift build $(as_released) --product trial-bridge
	swift build $(as_released) --product cron-times

as_released = -c release --static-swift-stdlib $(traits)

# The schemas of docs/contract and its AsyncAPI document, from the tables in Sources/CanoBus.
contract:
	swift run contract-files docs/contract

# The packages a reader would copy, each built as its README says.
examples:
	@scripts/install-dependencies.sh run
	swift build $(for_examples) --package-path Examples --build-tests
	swift build $(for_examples) --package-path Examples/order-service

# One scratch folder for both: what they depend on is compiled once. They are run and not debugged.
for_examples = --scratch-path .build-examples -debug-info-format none

# What a change can make slower or faster, as ratios within one session, half an hour at most: a bridge beside redis-benchmark, beside the plain
# commands that its runs come to and beside other systems, how its costs grow, and the engine beside the original, with the instructions of both.
# Each part is a command of its own. The other benchmarks take longer, or tell of more particular things.
bench: bench-bridge bench-raw bench-peers bench-growth bench-engine bench-instructions bench-bridge-instructions

# How fast one bridge is, beside redis-benchmark: see docs/performance.md.
bench-bridge: release
	/usr/bin/python3 Benchmarks/bridge.py .build/release/cano-bridge

# A bridge beside a client in C that sends the commands its runs come to, plain or as the same scripts: make bench-raw rounds=9.
bench-raw: release
	/usr/bin/python3 Benchmarks/raw.py .build/release/cano-bridge $(rounds)

# The same job by other means, which are installed for it: make bench-peers rounds=3 only=celery.
bench-peers: release
	@scripts/install-dependencies.sh bench
	/usr/bin/python3 Benchmarks/peers.py .build/release/cano-bridge $(if $(rounds),--rounds $(rounds)) $(only)

# What a run costs with more bridges, states, input and store, and whether that is a straight line: make bench-growth rounds=5 only=store.
bench-growth: trials
	/usr/bin/python3 Benchmarks/growth.py .build/release/trial-bridge $(if $(rounds),--rounds $(rounds)) $(only)

# What each level of --durability costs. On the Redis of this machine, or on Valkey, which has all levels:
# PATH=$$(scripts/install-valkey.sh):$$PATH make bench-durability
bench-durability: release
	/usr/bin/python3 Benchmarks/durability.py .build/release/cano-bridge

# What an idle bridge costs Redis beside a million runs that it can't take.
bench-idle: release
	/usr/bin/python3 Benchmarks/idle.py .build/release/cano-bridge

# What a million waiting runs cost, and how fast they are woken.
bench-waiting: release
	/usr/bin/python3 Benchmarks/waiting.py .build/release/cano-bridge

# How long each page of the admin server takes beside a million runs.
bench-pages: release
	/usr/bin/python3 Benchmarks/pages.py .build/release/cano-bridge

# How long the command line takes to find and steer 100,000 runs at once, and the bridge to do it.
bench-bulk: release
	/usr/bin/python3 Benchmarks/bulk.py .build/release/cano-bridge

# What steps cost that workers do, and how fast they are: see docs/performance.md.
bench-workers: release
	/usr/bin/python3 Benchmarks/workers.py .build/release/cano-bridge
	/usr/bin/python3 Benchmarks/peers.py .build/release/cano-bridge hand celery

# What a run costs on one, two and four masters, and what shards cost at rest: see docs/performance.md.
bench-shards: release
	/usr/bin/python3 Benchmarks/shards.py .build/release/cano-bridge

# How fast a history takes events, and what questions take with a million runs in it: see docs/performance.md.
bench-history: release
	swift build $(as_released) --product history-queries
	/usr/bin/python3 Benchmarks/history.py .build/release/cano-bridge .build/release/history-queries

# What Redis holds of everything a bus keeps, and a bridge of many commands: see docs/operations.md.
bench-memory: release
	/usr/bin/python3 Benchmarks/memory.py .build/release/cano-bridge

# How long each kind of work waits for a slot while bridges are stopped and killed, ten minutes long.
bench-fairness: trials
	/usr/bin/python3 Benchmarks/fairness.py .build/release/trial-bridge

# Whether what a bridge at full speed leaves in Redis stays within its bounds, five minutes long.
bench-retention: release
	/usr/bin/python3 Benchmarks/retention.py .build/release/cano-bridge

# How much CPU the engine needs, beside the original's figures, linked as what is released. The rows of the second run are those the
# original ran on one thread.
# Memory that a round frees stays with the process: given back to the system and asked for again, it costs some rows half as much again, by
# how large their largest block happens to be.
bench-engine: export MALLOC_TRIM_THRESHOLD_ = 1073741824
bench-engine:
	swift build -c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench --product engine
	.build-bench/release/engine
	@one=; ! command -v taskset >/dev/null || one='taskset -c 0'; $$one .build-bench/release/engine --one-core

# How many instructions the engine's hot paths take, beside the counts of Benchmarks/instructions.json: a busy machine does not change them.
# make bench-instructions update=--update writes what it finds.
bench-instructions:
	swift build -c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench --product engine
	/usr/bin/python3 Benchmarks/instructions.py .build-bench/release/engine $(update)

# The same of one run on a bridge, which differ more: see docs/performance.md.
bench-bridge-instructions: release
	@scripts/install-dependencies.sh bench
	/usr/bin/python3 Benchmarks/bridge.py .build/release/cano-bridge instructions $(update)
