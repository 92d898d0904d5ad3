#!/usr/bin/env bash
# Configures build/PRESET where that is not done, and builds TARGETs (default: all) in it.
#
#   scripts/build.sh PRESET [TARGET…]
set -u
cd "$(dirname "$0")/.." || exit 3
preset=${1:?usage: scripts/build.sh PRESET [TARGET…]}; shift

lacking=$(scripts/setup.sh --missing build) || {
  echo "skein: these Debian packages are needed to build and are not here: $lacking" >&2
  echo "skein: run scripts/setup.sh build (or ./demo, which does it first)" >&2
  exit 3
}
scripts/setup.sh --npm || exit 3

# Without the test packages (./demo on a fresh machine) the release build goes without tests; ./check adds them.
cache=build/$preset/CMakeCache.txt
options=()
if [ "$preset" = release ]; then
  if scripts/setup.sh --missing test >/dev/null; then want=ON; else want=OFF; fi
  grep -qs "^SKEIN_TESTS:BOOL=$want" "$cache" || options+=("-DSKEIN_TESTS=$want")
fi
if [ ! -e "build/$preset/build.ninja" ] || [ ${#options[@]} -gt 0 ] || [ CMakePresets.json -nt "$cache" ]; then
  mkdir -p build
  cmake --preset "$preset" ${options[@]+"${options[@]}"} >"build/configure-$preset.log" 2>&1 || {
    tail -30 "build/configure-$preset.log" >&2
    exit 1
  }
fi
# The same sources in another folder (a clone, a worktree) are the same to ccache.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
args=()
[ $# -eq 0 ] || args=(--target "$@")
exec cmake --build "build/$preset" ${args[@]+"${args[@]}"}
