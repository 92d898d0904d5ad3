#!/usr/bin/env bash
# Runs every fuzz target for a while, keeping what it finds in build/fuzz-corpus/<name>/.
#   scripts/fuzz.sh [SECONDS]      (default 60, each)
set -u
cd "$(dirname "$0")/.." || exit 3
seconds=${1:-60}; [ -n "$seconds" ] || seconds=60
bad=0
for target in build/asan/tests/fuzz/*_fuzz; do
  [ -x "$target" ] || continue
  name=$(basename "$target" _fuzz)
  found=build/fuzz-corpus/$name
  mkdir -p "$found"
  first=tests/fuzz/corpus/$name
  [ -d "$first" ] || first=
  if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -artifact_prefix="build/fuzz-corpus/$name-" \
    "$found" $first >"build/fuzz-corpus/$name.log" 2>&1; then
    echo "fuzz $name: $(grep -oE '^#[0-9]+.*DONE.*cov: [0-9]+' "build/fuzz-corpus/$name.log" | sed -E 's/^#([0-9]+).*cov: ([0-9]+)/\1 inputs, \2 edges/')"
  else
    echo "fuzz $name: FAILED, see build/fuzz-corpus/$name.log"; tail -5 "build/fuzz-corpus/$name.log"
    bad=1
  fi
done
exit $bad
