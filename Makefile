# The short front of the build. `make demo` and `make test` are all a newcomer needs.
REPO ?= /usr/lib/python3/dist-packages/django
OUTPUT ?= build/demo-graph
JOBS := $(shell nproc)

.PHONY: all deps demo test bench test-dialects bench-functions format lint install fuzz-smoke check-cpython check-tiers check-sql-suite clean
.PHONY: check-kill check-memory check-scip

all: build/release/relgraph

deps:
	@scripts/deps.sh

.PHONY: release sanitize debug
release sanitize debug fuzz: deps
	@mkdir -p build
	@cmake --preset $@ >build/$@.log 2>&1 || { cat build/$@.log; exit 1; }
	@cmake --build --preset $@ -- --quiet

build/release/relgraph: release

demo: release
	@scripts/demo.sh "$(REPO)" "$(OUTPUT)"

test: sanitize
	@tests/run.sh build/sanitize

bench: release
	@bench/run.sh $(BENCH)

test-dialects: release
	@tests/dialects/run.sh build/release

bench-functions: release
	@build/release/bench_functions

format:
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

lint: debug
	@scripts/lint.sh

install: release
	@cmake --install build/release --prefix "$(PREFIX)"

fuzz-smoke: fuzz
	@fuzz/smoke.sh

# Kills a hundred builds at random moments; SEED=n draws the same ones again.
check-kill: release
	@RG_BUILD="$$PWD/build/release" KILLS=100 tests/robustness/test_killed_builds.sh

# Builds a repository whose facts have more than 2 GB with 256 MB for the engine; CORPUS, SOURCE_MB: see there.
check-memory: release
	@RG_BUILD="$$PWD/build/release" tests/robustness/check_memory.sh

# Reads an index of some 1 GB, made of copies of INDEX, whose files lie below ROOT.
.PHONY: check-scip-size
check-scip-size: release
	@for i in $$(seq $$((1000000000 / $$(stat -Lc %s "$(INDEX)") + 1))); do cat "$(INDEX)"; done >build/large.scip
	@build/release/bench_scip build/large.scip "$(ROOT)"; status=$$?; rm -f build/large.scip; exit $$status

check-cpython: release
	@tests/cpython/check.sh

# SQL_SUITE=folder names another place than ../shared/sql-suite; FAILURES=--failures shows each.
# The promises of the tiers, and every rule as written and as rewritten, on a repository of any size.
REPOSITORY ?= /usr/lib/python3/dist-packages/django
check-scip: release
	@tests/scip/check.sh

check-tiers: release
	build/release/tests/test_tier_matrix $(REPOSITORY)
	build/release/tests/test_rule_rewrites $(REPOSITORY)

check-sql-suite: release
	@tests/sql-suite/check.sh build/release $(FAILURES)

clean:
	rm -rf build
