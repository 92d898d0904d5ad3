#!/usr/bin/env bash
# Makes build/skein_<version>_<architecture>.deb out of build/release/skein.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -nE 's/^project\(skein VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
stage=build/deb
rm -rf "$stage"
mkdir -p "$stage/root/DEBIAN" "$stage/debian"
DESTDIR=$PWD/$stage/root scripts/install.sh /usr >/dev/null
mv "$stage/root/usr/share/doc/skein/LICENSE" "$stage/root/usr/share/doc/skein/copyright"
if [ -d "$stage/root/usr/share/zsh" ]; then
  mv "$stage/root/usr/share/zsh/site-functions" "$stage/root/usr/share/zsh/vendor-completions"  # Where Debian's zsh looks.
fi

# What the binary is linked with; libgit2 and hiredis are loaded when first needed, so they are only recommended.
printf 'Source: skein\n\nPackage: skein\nArchitecture: any\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O root/usr/bin/skein 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
cat >"$stage/root/DEBIAN/control" <<TXT
Package: skein
Version: $version
Architecture: $architecture
Maintainer: The skein authors <skein@localhost>
Installed-Size: $(du -sk "$stage/root/usr" | cut -f1)
Depends: ${depends:-libc6, libstdc++6}
Recommends: git, libgit2-1.5, libhiredis0.14
Section: devel
Priority: optional
Description: build system for coding-agent work
 skein takes a repository, turns what is asked for into a graph of steps, and
 runs the steps: in parallel, cached by content and resumable. Its first
 product writes a linked documentation site of a repository.
TXT
dpkg-deb --root-owner-group --build "$stage/root" "build/skein_${version}_${architecture}.deb" >/dev/null
ls -l "build/skein_${version}_${architecture}.deb"
