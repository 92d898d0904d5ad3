#!/usr/bin/env bash
# Cross-compiles skein for arm64 and runs the unit tests under qemu-user. The toolchain and the arm64 libraries live in a
# debootstrapped Debian 12 of their own (SKEIN_ARM64, default build/arm64-root, 2.5 GB, kept), so that this machine's
# packages stay as they are. Needs root. Leaves build/arm64/skein.
set -u
cd "$(dirname "$0")/.." || exit 3
. scripts/debian.sh
root=${SKEIN_ARM64:-build/arm64-root}
debian_make "$root"
root=$(cd "$root" && pwd)
debian_enter "$root"
mkdir -p "$root/skein"
debian_mount "$PWD" "$root/skein"
scripts/setup.sh --npm || exit 3

# Libraries for arm64, tools for this machine; packages for all architectures have no other name.
debian_run "$root" '
  set -e
  cd /skein
  [ -e /root/arm64-ready ] && cmp -s /root/arm64-ready scripts/packages.txt && exit 0
  dpkg --add-architecture arm64
  apt-get update -qq
  names=
  for p in $(awk "!/^#/ && NF && (\$2 == \"build\" || \$2 == \"test\") { print \$1 }" scripts/packages.txt); do
    case $p in
      clang-* | libclang-* | valgrind | python3) continue ;;
      *-dev) apt-cache show --no-all-versions $p | grep -q "^Architecture: all" || p=$p:arm64 ;;
    esac
    names="$names $p"
  done
  apt-get install -y -qq --no-install-recommends $names crossbuild-essential-arm64 qemu-user-static
  cp scripts/packages.txt /root/arm64-ready' >build/arm64-setup.log 2>&1 ||
  { tail -5 build/arm64-setup.log >&2; echo "skein: the arm64 packages could not be installed; build/arm64-setup.log" >&2; exit 3; }

begun=$SECONDS
debian_run "$root" 'cd /skein && cmake --preset arm64 && cmake --build build/arm64' >build/arm64-build.log 2>&1 || {
  grep -E -A4 'error|FAILED' build/arm64-build.log | head -40 >&2
  echo "skein: the build for arm64 failed; build/arm64-build.log" >&2
  exit 1
}
echo "built for arm64 in $((SECONDS - begun)) s; unit tests under qemu-user:"
debian_run "$root" 'cd /skein && ctest --test-dir build/arm64 -LE "e2e|crash|bench" --parallel "$(nproc)" --output-on-failure --timeout 900'
