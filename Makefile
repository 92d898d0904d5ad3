# Short names of the tasks; plain `make` lists them. The work is in scripts/ and CMake.
PREFIX ?= $(HOME)/.local
NAME ?=
SECONDS ?=
KILLS ?= 1000

.DEFAULT_GOAL := help
.PHONY: help build debug test install deb bench fuzz crash soak lint format coverage profile fresh arm64 golden summaries screenshots clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build build/release/skein
	@scripts/build.sh release skein

debug: ## Build everything for a debugger, in build/debug
	@scripts/build.sh debug

test: ## Build and run the tests of the released build (./check runs all)
	@scripts/build.sh release && ctest --preset release --parallel "$$(nproc)"

install: build ## Install to PREFIX (default ~/.local)
	@scripts/install.sh "$(PREFIX)"

deb: build ## Make a Debian package in build/
	@scripts/deb.sh

bench: ## Run the benchmarks (NAME=part of a name: one)
	@scripts/bench.sh "$(NAME)"

fuzz: ## Run each fuzz target for SECONDS (default 60)
	@scripts/build.sh asan fuzz_targets && scripts/fuzz.sh "$(SECONDS)"

crash: ## Kill the process KILLS times (default 1000) and see what is left
	@scripts/build.sh release crash_test && SKEIN_CRASH_KILLS=$(KILLS) build/release/tests/crash/crash_test

soak: build ## Random commands for SECONDS (default 600): nothing may grow
	@scripts/soak.sh "$(SECONDS)"

lint: ## clang-format and clang-tidy on changed files (ALL=1: on all)
	@scripts/lint.sh $(if $(ALL),--all)

format: ## Format changed files (ALL=1: all)
	@scripts/lint.sh --fix $(if $(ALL),--all)

coverage: ## Measure line coverage per room into docs/coverage.txt
	@scripts/coverage.sh

profile: build ## Count instructions of three docs runs into docs/profile/
	@scripts/profile.sh

fresh: ## Try ./demo and ./check on a debootstrapped Debian 12 (root; WHAT=demo|check|both)
	@scripts/fresh.sh $(WHAT)

arm64: ## Cross-compile for arm64, run the unit tests under qemu-user
	@scripts/arm64.sh

golden: ## Write the golden files of the tests anew, to be read as a diff
	@scripts/build.sh release && SKEIN_UPDATE_GOLDEN=1 ctest --preset release -R Golden

summaries: ## Print the table of docs/summaries.md: this project's own output, before and after
	@scripts/build.sh release skein summary_test app_test >/dev/null && scripts/summaries.sh

screenshots: build ## Make the pictures in docs/images/
	@scripts/screenshots.sh

clean: ## Remove build/
	@! grep -q " $(CURDIR)/build/" /proc/mounts || { echo "something is mounted below build/: umount it first" >&2; exit 1; }
	rm -rf --one-file-system build
