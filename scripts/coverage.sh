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
# A process killed while it writes its counters spoils them for all that come later: the crash tests are left out.
ctest --test-dir build/coverage -LE crash --parallel "$(nproc)" --timeout 1200 --output-on-failure || failed=1
# The initial capture knows the lines of files that no test touched.
for kind in initial run; do
  lcov --quiet --capture $([ $kind = run ] || echo --initial) --directory build/coverage --base-directory "$PWD/build/coverage" \
    --include "$PWD/src/*" --include "$PWD/build/coverage/rooms/*" --rc geninfo_gcov_tool=gcov --ignore-errors gcov,source --output-file build/coverage/$kind.info 2>build/coverage/lcov.log ||
    { tail -5 build/coverage/lcov.log >&2; exit 1; }
done

# .info: SF:<file>, then DA:<line>,<count> of each line with code. A header comes by way of build/coverage/rooms/, and once
# for each program that uses it: a line is executed when it was in any.
awk -v root="$PWD/" -F: '
  /^SF:/ {
    file = $2
    here = sub("^" root "(build/coverage/rooms/[a-z]+|src)/", "", file)
    split(file, part, "/")
  }
  here && /^DA:/ { split($2, d, ","); line = file ":" d[1]; room[line] = part[1]; if (d[2] > 0) ran[line] = 1 }
  END {
    for (line in room) { lines[room[line]]++; hit[room[line]] += line in ran }
    for (r in lines) { all += lines[r]; allhit += hit[r]; print r, hit[r] + 0, lines[r] }
    print "src", allhit, all
  }' build/coverage/initial.info build/coverage/run.info | sort -k1,1 >build/coverage/rooms.txt
{
  echo "Lines of src/ that the tests execute (make coverage; g++ -O0, gcov)"
  printf '%-8s %9s %9s %8s  %s\n' room executed lines percent goal
  for room in base text store net engine cache repo docs prose summary agents app cli src; do
    awk -v r=$room '$1 == r {
      goal = r == "src" ? 90 : (r == "engine" || r == "store") ? 95 : 0; p = 100 * $2 / $3
      printf "%-8s %9d %9d %7.1f%%  %s\n", r, $2, $3, p, goal ? ">= " goal "% " (p >= goal ? "met" : "missed") : "" }' build/coverage/rooms.txt
  done | sed 's/ *$//'
} >$table
cat $table
exit "${failed:-0}"
