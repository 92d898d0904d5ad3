#!/usr/bin/env bash
# Installs build/release/skein, its shell completions and its papers below PREFIX.
#   scripts/install.sh PREFIX      DESTDIR is honoured.
set -eu
prefix=${1:?usage: scripts/install.sh PREFIX}
cd "$(dirname "$0")/.."
root=${DESTDIR:-}$prefix
install -Dm755 -s build/release/skein "$root/bin/skein"
skein=build/release/skein
completion() { # completion SHELL FILE
  local text
  text=$("$skein" completion "$1" 2>/dev/null) || return 0
  mkdir -p "$root/$(dirname "$2")"
  printf '%s\n' "$text" >"$root/$2"
}
completion bash share/bash-completion/completions/skein
completion zsh share/zsh/site-functions/_skein
completion fish share/fish/vendor_completions.d/skein.fish
install -Dm644 LICENSE "$root/share/doc/skein/LICENSE"
install -Dm644 README.md "$root/share/doc/skein/README.md"
echo "installed $root/bin/skein"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) [ -n "${DESTDIR:-}" ] || echo "$prefix/bin is not in PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
