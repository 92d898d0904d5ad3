#!/usr/bin/env bash
# Which lines of src/ the tests execute, per room.
#
#   scripts/coverage.sh          builds build/coverage, runs all tests, writes docs/coverage.txt
#   scripts/coverage.sh --last   prints what was last measured
set -u
cd "$(dirname "$0")/.." || exit 3
table=docs/coverage.txt
if [ "${1:-}" = --last ]; then
  [ -s $table ] && sed 's/^/  /' $table || echo "  coverage: not measured yet (make coverage)"
  exit 0
fi
command -v lcov >/dev/null || { echo "skein: lcov is missing: scripts/setup.sh dev" >&2; exit 3; }

scripts/build.sh coverage || exit 1
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage --parallel "$(nproc)" --timeout 1200 --output-on-failure || failed=1
lcov --quiet --capture --directory build/coverage --no-external --base-directory "$PWD" \
  --rc geninfo_gcov_tool="gcov" --ignore-errors gcov,source --output-file build/coverage/all.info 2>build/coverage/lcov.log ||
  { tail -5 build/coverage/lcov.log >&2; exit 1; }

# .info: SF:<file>, then DA:<line>,<count> of each line with code.
awk -v root="$PWD/src/" -F: '
  /^SF:/ { file = $2; here = index(file, root) == 1; split(substr(file, length(root) + 1), part, "/"); room = part[1] }
  here && /^DA:/ { split($2, d, ","); lines[room]++; if (d[2] > 0) hit[room]++ }
  END {
    for (r in lines) { all += lines[r]; allhit += hit[r]; print r, hit[r] + 0, lines[r] }
    print "src", allhit, all
  }' build/coverage/all.info | sort -k1,1 >build/coverage/rooms.txt
{
  echo "Lines of src/ that the tests execute (make coverage; g++ -O0, gcov)"
  printf '%-8s %9s %9s %8s  %s\n' room executed lines percent goal
  for room in base text store net engine repo docs app cli src; do
    awk -v r=$room '$1 == r {
      goal = r == "src" ? 90 : (r == "engine" || r == "store") ? 95 : 0; p = 100 * $2 / $3
      printf "%-8s %9d %9d %7.1f%%  %s\n", r, $2, $3, p, goal ? ">= " goal "% " (p >= goal ? "met" : "missed") : "" }' build/coverage/rooms.txt
  done | sed 's/ *$//'
} >$table
cat $table
exit "${failed:-0}"
