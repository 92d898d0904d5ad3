#!/usr/bin/env bash
# Prints the table "before and after" of docs/summaries.md: tools run on this project under `skein exec`, one that fails
# and one that passes of most. Nothing of the working tree is changed. `make summaries` builds what it needs.
set -u
cd "$(dirname "$0")/.." || exit 3
root=$PWD skein=$PWD/build/release/skein
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch LC_ALL=C.UTF-8 NO_COLOR=1

size_of() { # FILE
  python3 -c 'import sys
text = open(sys.argv[1]).read()
print("%s bytes, %s lines" % (format(len(text.encode()), ","), format(text.count("\n"), ",")))' "$1"
}
row() { # NAME COMMAND…
  local name=$1; shift
  (cd "$scratch" && "$skein" exec -- "$@") >"$scratch/after" 2>/dev/null
  (cd "$scratch" && "$skein" log show last --raw) >"$scratch/before"
  (cd "$scratch" && "$skein" summarize last --limit 2KB) >"$scratch/short"
  echo "| $name | $(size_of "$scratch/before") | $(size_of "$scratch/after") | $(size_of "$scratch/short") |"
}

echo "| run | before | after | \`--limit 2KB\` |"
echo "| --- | --- | --- | --- |"
cp -r src "$scratch/src"
sed -i 's/ log_line = 0;/ line_of_log = 0;/' "$scratch/src/summary/summary.h"
printf '%%.o: %%.cc\n\tg++ -std=c++23 -Wall -fsyntax-only -Isrc $<\n' >"$scratch/Makefile"
row "\`make -k\` with \`g++\`, a member renamed in \`summary.h\`, four files" make -k src/summary/{recogniser,render,verdict,summarizer}.o
row "\`cmake\`, without a compiler" cmake -S "$root" -B "$scratch/build" -G Ninja -DCMAKE_CXX_COMPILER="$scratch/no-g++"
row "\`summary_test\` (GoogleTest)" "$root/build/release/tests/summary/summary_test"
row "\`app_test\` (GoogleTest), nowhere to write" env TMPDIR="$scratch/none" "$root/build/release/tests/app/app_test"
row "\`ctest\`, nowhere to write" env TMPDIR="$scratch/none" ctest --test-dir "$root/build/release/tests/app" --output-on-failure
row "\`valgrind skein version\`" valgrind --leak-check=full "$skein" version
