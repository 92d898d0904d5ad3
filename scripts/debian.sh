#!/usr/bin/env bash
# Sourced by scripts that need a Debian 12 beside this machine's: a debootstrapped folder and commands run in it (root).
#
#   debian_make DIR     a minimal Debian 12 with git and ca-certificates, where it is not there yet
#   debian_enter DIR    mounts /proc and /dev into it; left again at the script's end
#   debian_run DIR CMD  runs a shell command in it, with root's home and no environment of ours
debian_make() {
  local mirror
  [ "$(id -u)" = 0 ] || { echo "skein: this needs root (debootstrap, chroot)" >&2; exit 3; }
  command -v debootstrap >/dev/null || { echo "skein: debootstrap is missing: scripts/setup.sh dev" >&2; exit 3; }
  mirror=${MIRROR:-$(awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null)}
  mkdir -p "$1" build
  if [ ! -x "$1/usr/bin/git" ]; then
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$1" "$mirror" >build/debootstrap.log 2>&1 ||
      { tail -5 build/debootstrap.log >&2; echo "skein: debootstrap failed; build/debootstrap.log" >&2; exit 3; }
  fi
  # A network with names or a certificate authority of its own works inside, too.
  cp /etc/hosts /etc/resolv.conf "$1/etc/"
  cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
}

debian_mounts=()
debian_mount() { mount --bind "$1" "$2" || exit 3; debian_mounts=("$2" ${debian_mounts[@]+"${debian_mounts[@]}"}); }
debian_leave() { for m in ${debian_mounts[@]+"${debian_mounts[@]}"}; do umount "$m"; done; debian_mounts=(); }
debian_enter() {
  trap debian_leave EXIT
  trap 'exit 130' INT TERM
  debian_mount /proc "$1/proc"
  debian_mount /dev "$1/dev"
  debian_mount /dev/pts "$1/dev/pts"  # Terminals; a bind of /dev leaves it out.
}

debian_run() {
  chroot "$1" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt sh -c "$2"
}
