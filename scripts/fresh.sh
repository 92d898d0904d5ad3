#!/usr/bin/env bash
# Tries the front door on a fresh machine: a debootstrapped Debian 12 with git and ca-certificates and nothing else, into
# which the last commit is cloned. Needs root. Prints what each command took and how large the machine became.
#
#   scripts/fresh.sh [demo|check|both]     SKEIN_FRESH=DIR: there, and kept (default: a new folder, removed at the end).
set -u
cd "$(dirname "$0")/.." || exit 3
. scripts/debian.sh
what=${1:-both}
case $what in demo | check | both) ;; *) echo "usage: scripts/fresh.sh [demo|check|both]" >&2; exit 2 ;; esac
root=${SKEIN_FRESH:-$(mktemp -d -t skein-fresh.XXXXXX)}

begun=$SECONDS
debian_make "$root"
root=$(cd "$root" && pwd)
debian_enter "$root"
if [ -z "${SKEIN_FRESH:-}" ]; then
  # Only when every mount went: nothing may be removed through one.
  trap 'debian_leave; grep -q " $root/" /proc/mounts || rm -rf "$root"' EXIT
fi
rm -rf "$root/root/skein"
git clone -q --no-hardlinks . "$root/root/skein" || exit 1
echo "fresh machine: $((SECONDS - begun)) s, $(du -smx "$root" | cut -f1) MB"

run() { # run COMMAND LIMIT_S
  local begun=$SECONDS log=build/fresh-$1.log
  debian_run "$root" "cd /root/skein && ./$1" >"$log" 2>&1 || {
    tail -20 "$log" >&2
    echo "./$1 failed on a fresh machine ($log)" >&2
    exit 1
  }
  local took=$((SECONDS - begun)) size
  size=$(du -smx "$root" | cut -f1)
  tail -1 "$log"
  echo "./$1: $took s (<= $2), the machine is $size MB$([ $took -le "$2" ] && echo ': met' || echo ': missed')"
}
case $what in demo | both) run demo 720 ;; esac
case $what in check | both) run check 1500 ;; esac
