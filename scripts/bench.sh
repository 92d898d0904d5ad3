#!/usr/bin/env bash
# Builds and runs the benchmarks, prints their lines, and writes build/bench.json: the figures, the peers' figures and
# the machine they were measured on. Figures are noisy: compare those of one run.
#
#   scripts/bench.sh [PART]      only the figures with PART in their name
set -u
cd "$(dirname "$0")/.." || exit 3
part=${1:-}
scripts/build.sh release skein benchmarks >build/bench-build.log 2>&1 || { tail -30 build/bench-build.log >&2; exit 1; }
export SKEIN_BINARY=$PWD/build/release/skein SKEIN_BENCH_TREES=$PWD/build/bench-trees SKEIN_BENCH_SOURCE=$PWD LC_ALL=C
# Peers from npm; the figures that need one are left out where it cannot be had.
for peer in langgraph repomix; do
  folder=bench/peers/$peer
  cmp -s $folder/package-lock.json $folder/node_modules/.skein-lock ||
    { (cd $folder && npm ci --ignore-scripts --no-audit --no-fund) >"build/bench-npm-$peer.log" 2>&1 &&
      cp $folder/package-lock.json $folder/node_modules/.skein-lock; } ||
    echo "bench: $peer could not be installed (build/bench-npm-$peer.log); going on without it" >&2
done
# A tree that others publish figures of: Debian's Django, unpacked and not installed.
django=$SKEIN_BENCH_TREES/django-source
[ -d "$django/usr" ] ||
  { mkdir -p "$django" && (cd "$django" && apt-get download -q python3-django && dpkg -x python3-django_*.deb .) \
    >build/bench-django.log 2>&1; } ||
  echo "bench: python3-django could not be downloaded (build/bench-django.log); going on without it" >&2
# What cold runs left (forget_state of bench/harness): removed while nothing is measured.
trap 'rm -rf "$SKEIN_BENCH_TREES/set-aside"' EXIT
lines=build/bench.txt
: >"$lines"
status=0
for program in build/release/bench/*_bench bench/*/*_bench.sh; do
  [ -x "$program" ] || continue
  "$program" ${part:+"$part"} | tee -a "$lines"
  [ "${PIPESTATUS[0]}" = 0 ] || { echo "bench: $program failed" >&2; status=1; }
done

json_string() { sed 's/\\/\\\\/g; s/"/\\"/g' | tr -d '\n'; }
{
  printf '{\n  "schema": "skein.bench/1",\n  "machine": {\n'
  printf '    "cpu": "%s",\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1 | json_string)"
  printf '    "cores": %d,\n' "$(nproc)"
  printf '    "memory_bytes": %d,\n' "$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
  printf '    "kernel": "%s",\n' "$(uname -r | json_string)"
  printf '    "compiler": "%s",\n' "$(g++ --version | head -1 | json_string)"
  printf '    "load_1min": %s,\n' "$(cut -d' ' -f1 /proc/loadavg)"
  printf '    "commit": "%s"\n  },\n' "$(git rev-parse --short HEAD 2>/dev/null | json_string)"
  awk '
    function text(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\"" }
    function rest(n,  s, i) { s = $n; for (i = n + 1; i <= NF; i++) s = s " " $i; return s }
    $1 == "BENCH" { f[++b] = sprintf("{\"name\": %s, \"value\": %s, \"unit\": %s, \"goal\": %s, \"bound\": %s, \"met\": %s}",
                                     text($2), $3, text($4), text($6), $7, $8 == "met" ? "true" : "false") }
    $1 == "PEER" { p[++q] = sprintf("{\"name\": %s, \"value\": %s, \"unit\": %s, \"peer\": %s}", text($2), $3, text($4), text(rest(5))) }
    $1 == "NOTE" { n[++m] = sprintf("{\"name\": %s, \"value\": %s, \"unit\": %s}", text($2), $3, text($4)) }
    function list(key, a, size, last,  i) {
      printf "  \"%s\": [", key
      for (i = 1; i <= size; i++) printf "%s\n    %s", (i > 1 ? "," : ""), a[i]
      printf "%s]%s\n", (size ? "\n  " : ""), (last ? "" : ",")
    }
    END { list("figures", f, b); list("peers", p, q); list("notes", n, m, 1) }' "$lines"
  printf '}\n'
} >build/bench.json
echo "$(grep -c '^BENCH .* met$' "$lines") met, $(grep -c '^BENCH .* missed$' "$lines") missed; build/bench.json"
exit $status
