# On a fresh machine each target installs what it lacks, and then works.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
LIBRARIES := pkg-config liblz4-dev libsqlite3-dev libxxhash-dev
PYTHON_MODULES := python3-lz4 python3-xxhash
DOCUMENTED := FluxFormat FluxLog FluxIndex FluxStore FluxImport FluxReplay
FORMATTED := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Commit Benchmarks/Queries \
	Fuzz/Package.swift Fuzz/Sources

# The simulations are optimized, and see what is internal to the rooms.
TESTABLE := -Xswiftc -enable-testing

# What `soak` runs at least: minutes of each of its parts, and seeds of the simulations.
MINUTES := 30
SEEDS := 100000

# For how long `fuzz` runs each target.
SECONDS_EACH ?= 30

.PHONY: run test sanitize coverage soak mutations fuzz lint docs bench clean libraries modules curl python3

run: libraries curl
	swift build --product fluxrun
	swift run --skip-build fluxrun demo

test: libraries curl python3 modules
	swift build $(SWIFT_FLAGS) --build-tests
	Tests/StaleView/run
	Tests/Verdict/run swift test $(SWIFT_FLAGS) --skip-build --disable-xctest
	swift build -c release --product flux-simulation $(TESTABLE)
	.build/release/flux-simulation crash
	.build/release/flux-simulation states --count 10000
	.build/release/flux-simulation faults
	swift build -c release --product flux-store-simulation $(TESTABLE)
	.build/release/flux-store-simulation --count 1000
	swift build -c release --product flux-soak $(TESTABLE)
	.build/release/flux-soak stops --every 25
	.build/release/flux-soak kill
	.build/release/flux-soak power --stores 3
	.build/release/flux-soak power --lie seg/
	.build/release/flux-soak follow
	.build/release/flux-soak door --seconds 30

# The tests of the store with the address sanitizer and the thread sanitizer.
sanitize: libraries
	Tests/Sanitize/run address
	Tests/Sanitize/run thread

# The lines that decode, recover and seal, as tests reach them.
coverage: libraries python3 modules
	Tests/Coverage/run

# Crashes, random states and faults of the log, and whole stores, with other seeds than those of `test`; then processes
# that are killed, and losses of power, on real files.
soak: libraries
	swift build -c release --product flux-simulation $(TESTABLE)
	.build/release/flux-simulation soak --minutes $(MINUTES) --count $(SEEDS) --first 10001
	swift build -c release --product flux-store-simulation $(TESTABLE)
	.build/release/flux-store-simulation --seed 10001 --count $(SEEDS)
	swift build -c release --product flux-soak $(TESTABLE)
	.build/release/flux-soak stops --stores 3 --seed 10001
	.build/release/flux-soak kill --minutes $(MINUTES) --seed 10001
	.build/release/flux-soak power --minutes $(MINUTES) --seed 10001
	.build/release/flux-soak follow --minutes 2
	.build/release/flux-soak door --minutes $(MINUTES)

# Faults that are put into the log on purpose, one at a time; each must be caught.
mutations: libraries
	Tests/Mutations/run

# Decoders, recovery and salvage over bytes that anyone may have written, for some seconds each.
fuzz: libraries
	SECONDS_EACH=$(SECONDS_EACH) Fuzz/run

lint:
	swift format lint --strict -r $(FORMATTED)

docs: libraries
	for target in $(DOCUMENTED); do \
		swift package generate-documentation --target $$target --warnings-as-errors || exit 1; \
	done

# Figures, and the floors below which they must not fall. STORE is the folder of a store; without one, that of the
# recordings in Fixtures is made, which is too small to measure appends.
bench: libraries
	Benchmarks/run $(STORE)

clean:
	rm -rf .build .build-* Benchmarks/.build Benchmarks/.build-peers Fuzz/.build

libraries: PACKAGES := $(LIBRARIES) $(PACKAGES_BESIDE)
modules: PACKAGES := $(PYTHON_MODULES)
libraries modules:
	@missing=; \
	for package in $(PACKAGES); do \
		dpkg-query -W -f='$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	$(INSTALL)

curl python3:
	@missing=; command -v $@ >/dev/null || missing=" $@"; $(INSTALL)

# Installs the packages named in $$missing, as root or through sudo; else says what to type.
define INSTALL
if [ -z "$$missing" ]; then exit 0; fi; \
if ! command -v apt-get >/dev/null; then \
	echo "These packages are missing (names as in Debian):$$missing; install them and try again." >&2; exit 1; \
fi; \
if [ "$$(id -u)" -eq 0 ]; then sudo=; \
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo=sudo; \
else echo "Packages are missing. Type:  sudo apt-get update && sudo apt-get install -y$$missing" >&2; exit 1; fi; \
echo "installing$$missing" >&2; \
$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null
endef
