#!/usr/bin/env bash
# Tries the front door on a fresh machine: a debootstrapped Debian 12 with git and ca-certificates and nothing else, into
# which the last commit is cloned. Needs root. Prints what each command took and how large the machine became.
#
#   scripts/fresh.sh [demo|check|both]     SKEIN_FRESH=DIR says where (default: a new folder below TMPDIR, removed at the
#                                          end); MIRROR=URL where from (default: this machine's).
set -u
cd "$(dirname "$0")/.." || exit 3
what=${1:-both}
case $what in demo | check | both) ;; *) echo "usage: scripts/fresh.sh [demo|check|both]" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo "skein: make fresh needs root (debootstrap, chroot)" >&2; exit 3; }
command -v debootstrap >/dev/null || { echo "skein: debootstrap is missing: scripts/setup.sh dev" >&2; exit 3; }

mirror=${MIRROR:-$(awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null)}
keep=
if [ -n "${SKEIN_FRESH:-}" ]; then root=$SKEIN_FRESH keep=1; else root=$(mktemp -d -t skein-fresh.XXXXXX); fi
mkdir -p "$root" build
root=$(cd "$root" && pwd)
leave() {
  for m in dev proc; do mountpoint -q "$root/$m" && umount "$root/$m"; done
  # Never remove below a mount that would not go.
  if [ -z "$keep" ] && ! grep -q " $root/" /proc/mounts; then rm -rf "$root"; fi
}
trap leave EXIT
trap 'exit 130' INT TERM

begun=$SECONDS
if [ ! -x "$root/usr/bin/git" ]; then
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" "$mirror" >build/fresh-debootstrap.log 2>&1 ||
    { tail -5 build/fresh-debootstrap.log >&2; echo "skein: debootstrap failed" >&2; exit 3; }
fi
cp /etc/hosts /etc/resolv.conf "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
rm -rf "$root/root/skein"
git clone -q --no-hardlinks . "$root/root/skein" || exit 1
mount --bind /proc "$root/proc" && mount --bind /dev "$root/dev" || exit 3
echo "fresh machine: $((SECONDS - begun)) s, $(du -smx "$root" | cut -f1) MB"

run() { # run COMMAND LIMIT_S
  local begun=$SECONDS log=build/fresh-$1.log status
  chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -c "cd /root/skein && ./$1" >"$log" 2>&1
  status=$?
  [ $status = 0 ] || { tail -20 "$log" >&2; echo "./$1 failed on a fresh machine ($log)" >&2; exit 1; }
  local took=$((SECONDS - begun)) size
  size=$(du -smx "$root" | cut -f1)
  echo "./$1: $took s (<= $2), the machine is $size MB (<= 3000): $([ $took -le "$2" ] && [ "$size" -le 3000 ] && echo met || echo missed)"
}
case $what in demo | both) run demo 720 ;; esac
case $what in check | both) run check 1500 ;; esac
