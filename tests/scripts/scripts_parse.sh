#!/usr/bin/env bash
# Every shell script parses, and says in its second line what it is for.
bad=0
for script in demo check .ci/run scripts/*.sh tests/scripts/*.sh; do
  bash -n "$script" || bad=1
  sed -n 2p "$script" | grep -q '^# .' || { echo "$script: its second line does not say what it is for"; bad=1; }
  [ -x "$script" ] || { echo "$script: not executable"; bad=1; }
done
exit $bad
