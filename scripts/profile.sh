#!/usr/bin/env bash
# Counts the instructions of three `skein docs` runs on the fixed tree under valgrind's callgrind: everything new (cold),
# nothing changed (noop), one file changed (one-file).
#
#   scripts/profile.sh             writes docs/profile/<run>.txt: the total and the 20 hottest functions
#   scripts/profile.sh --compare   only warns where a total is more than 10 % over the committed one
set -u
cd "$(dirname "$0")/.." || exit 3
compare=
[ "${1:-}" = --compare ] && compare=1
if [ -n "$compare" ] && [ ! -s docs/profile/cold.txt ]; then
  echo "  profile: no baseline yet (make profile)"
  exit 0
fi
command -v valgrind >/dev/null || { echo "skein: valgrind is missing: scripts/setup.sh test" >&2; [ -n "$compare" ]; exit; }
skein=$PWD/build/release/skein
[ -x "$skein" ] || { echo "skein: build/release/skein is missing: make build" >&2; exit 3; }

work=$PWD/build/profile
rm -rf "$work"
mkdir -p "$work/home" docs/profile
scripts/profile_tree.sh "$work/tree"

# count RUN: prints "<instructions> <function>" of the whole process, most first, after a line with the total.
count() {
  (cd "$work/tree" && env -i HOME="$work/home" PATH="$PATH" LC_ALL=C \
    valgrind --quiet --tool=callgrind --callgrind-out-file="$work/$1.callgrind" "$skein" docs . --quiet --jobs 1) \
    >"$work/$1.log" 2>&1 || { tail -5 "$work/$1.log" >&2; echo "skein: the $1 run failed under callgrind" >&2; return 1; }
  callgrind_annotate --threshold=100 --show-percs=no "$work/$1.callgrind" 2>/dev/null |
    awk '/PROGRAM TOTALS/ { t = $1; gsub(",", "", t); print t, "total"; next }
         t && /^ *[0-9,]+ +[^ ]+:/ { n = $1; gsub(",", "", n); $1 = ""; sub(/^ *[^:]*:/, ""); sub(/ \[[^]]*\]$/, ""); print n, $0 }'
}

for run in cold noop one-file; do
  [ $run = one-file ] && printf '\nint added_for_the_profile(void) { return 1; }\n' >>"$work/tree/packages/tree-sitter/src/node.cc"
  count $run >"$work/$run.counts" || exit 1
  total=$(awk '$2 == "total" { print $1; exit }' "$work/$run.counts")
  baseline=docs/profile/$run.txt
  if [ -n "$compare" ]; then
    awk -v run=$run -v now="$total" '$2 == "instructions" {
      change = 100 * (now - $1) / $1
      printf "  profile: %-8s %14.0f instructions, %+.1f %% against the baseline%s\n", run, now, change, (change > 10 ? "  WARNING: more than 10 % over" : "")
      exit }' "$baseline"
  else
    awk -v total="$total" -v run=$run '
      BEGIN { printf "%.0f instructions in all (skein docs, %s run on the tree of scripts/profile_tree.sh, callgrind)\n", total, run }
      $2 != "total" && n < 20 { n++; c = $1; $1 = ""; printf "%14.0f %5.1f%% %s\n", c, 100 * c / total, substr($0, 2, 140) }' "$work/$run.counts" >"$baseline"
    head -4 "$baseline"
  fi
done
