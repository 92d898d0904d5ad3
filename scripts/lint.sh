#!/usr/bin/env bash
# clang-format and clang-tidy on the files that differ from the last commit and from main (--all: on all).
#   scripts/lint.sh [--fix] [--all]     --fix formats instead of complaining, and leaves clang-tidy out
set -u
cd "$(dirname "$0")/.." || exit 3
fix= all=
for a in "$@"; do
  case $a in
    --fix) fix=1 ;;
    --all) all=1 ;;
    *) sed -n '3s/^# *//p' "$0"; exit 2 ;;
  esac
done
for tool in clang-format-19 clang-tidy-19; do
  command -v $tool >/dev/null || { echo "skein: $tool is missing: scripts/setup.sh dev" >&2; exit 3; }
done
if [ -n "$all" ]; then
  files=$(git ls-files '*.cc' '*.h')
else
  base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  [ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse -q --verify HEAD~1 || git rev-parse HEAD)
  files=$( { git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'; git ls-files -o --exclude-standard -- '*.cc' '*.h'; } | sort -u)
fi
[ -n "$files" ] || { echo "lint: no C++ file changed"; exit 0; }
if [ -n "$fix" ]; then
  clang-format-19 -i $files
  exit
fi
bad=0
clang-format-19 --dry-run --Werror $files || bad=1
sources=$(grep -E '^(src|bench|tests)/.*\.cc$' <<<"$files" | grep -v '^tests/fuzz/')
if [ -n "$sources" ]; then
  [ -e build/release/compile_commands.json ] || cmake --preset release >/dev/null || exit 1
  xargs -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p build/release --extra-arg=-Wno-unknown-warning-option <<<"$sources" || bad=1
fi
exit $bad
