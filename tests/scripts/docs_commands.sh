#!/usr/bin/env bash
# Runs the commands that README.md, CONTRIBUTING.md and docs/*.md show, and compares their exit codes.
# In a ```console block a line "$ command" is run in a scratch checkout of a small project, one per document; a line
# "[exit N]" after it says the expected code where that is not 0. `make X`, ./demo and ./check are only looked up: running
# them is what `make fresh` does. Blocks of other kinds are not run.
#   docs_commands.sh SKEIN
set -u
skein=$(realpath "${1:?usage: docs_commands.sh SKEIN}")
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/home"
ln -s "$skein" "$work/bin/skein"
export PATH=$work/bin:$PATH HOME=$work/home LC_ALL=C
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_DATA_HOME
git config --global user.name skein
git config --global user.email skein@localhost
git config --global init.defaultBranch main

checkout() { # A small real project: the ground of this one.
  mkdir -p "$1/src"
  cp -r "$source/src/base" "$1/src/"
  cp "$source/README.md" "$source/package.json" "$source/CMakeLists.txt" "$1/"
  (cd "$1" && git init -q && git add -A && git commit -q -m "A scratch project")
}

ran=0 bad=0
run() { # run DOCUMENT LINE COMMAND EXPECTED
  local status log=$work/log
  case $3 in
    ./demo* | ./check*) [ -x "$source/${3%% *}" ]; status=$? ;;
    make | make\ *) (cd "$source" && make --dry-run ${3#make} >"$log" 2>&1); status=$? ;;
    *) (cd "$work/tree" && timeout 60 bash -c "$3" </dev/null >"$log" 2>&1); status=$? ;;
  esac
  ran=$((ran + 1))
  if [ "$status" != "$4" ]; then
    echo "$1:$2: \`$3\` ended with $status, the document says $4"
    head -5 "$log" 2>/dev/null | cut -c1-160 | sed 's/^/    /'
    bad=1
  fi
}

for document in README.md CONTRIBUTING.md docs/*.md; do
  grep -q '^```console' "$document" || continue
  rm -rf "$work/tree"
  checkout "$work/tree"
  # <line> TAB <expected> TAB <command>
  while IFS=$'\t' read -r line expected command; do
    run "$document" "$line" "$command" "$expected"
  done < <(awk '
    function flush() { if (command != "") printf "%d\t%d\t%s\n", at, expected, command; command = "" }
    /^```/ { flush(); inside = ($0 == "```console") && !inside; next }
    inside && /^\$ / { flush(); command = substr($0, 3); at = NR; expected = 0; next }
    inside && /^\[exit [0-9]+\]$/ { gsub(/[^0-9]/, ""); expected = $0 + 0 }
    END { flush() }' "$document")
done
echo "$ran commands of the documents ran"
[ $ran -gt 0 ] || bad=1
exit $bad
