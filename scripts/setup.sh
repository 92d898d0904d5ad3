#!/usr/bin/env bash
# Installs what skein is built and tested with, where it is missing: Debian packages from scripts/packages.txt and the
# npm packages of package-lock.json. Does nothing, fast, when nothing is missing; a failure can simply be repeated.
#
#   scripts/setup.sh GROUP…            groups: build test dev
#   scripts/setup.sh --missing GROUP…  names what is missing; exit status 1 where something is
#   scripts/setup.sh --npm             only the npm packages
set -u
cd "$(dirname "$0")/.." || exit 3
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
log=build/setup.log
say() { printf '%s\n' "$*"; }
give_up() { say "skein: $*" >&2; exit 3; }

# Packages of the groups in $@, one a line.
wanted() { awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $2 " ") { print $1 }' scripts/packages.txt; }

# Those of them that dpkg does not have installed.
missing() {
  local names; names=$(wanted "$@")
  comm -23 <(sort -u <<<"$names") \
    <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $names 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo --preserve-env=DEBIAN_FRONTEND,LC_ALL "$@"
  else give_up "needs root to install packages, and there is no sudo. As root: scripts/setup.sh $groups"
  fi
}
apt() { as_root apt-get -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }

# What apt said it could not fetch, or its last words.
show_failure() {
  grep -E '^(E|Err|W: Failed)' "$log" | sort -u | head -8 | sed 's/^/  /' >&2
  give_up "$1 The whole log is $log. Nothing is lost: run the same command again."
}

install_packages() {
  local packages=$1 reasons started=$SECONDS sizes
  command -v apt-get >/dev/null || give_up "this is no Debian: install what scripts/packages.txt names, then make build. Missing: $packages"
  say "Debian packages that are missing, and what for:"
  for p in $packages; do
    reasons=$(awk -v p="$p" '$1==p && !/^#/ { $1=""; $2=""; sub(/^ +/, ""); print; exit }' scripts/packages.txt)
    printf '  %-22s %s\n' "$p" "${reasons:-installs the grammars (npm ci)}"
  done
  apt update >"$log" 2>&1 || say "  (the package lists could not be refreshed; going on with those that are here)"
  sizes=$(apt install --assume-no --no-remove --no-install-recommends $packages 2>&1 |
    sed -nE 's/^Need to get (.*) of archives\.?$/\1 to download/p; s/^After this operation, (.*) of additional disk space.*/\1 on disk/p' | paste -sd, | sed 's/,/, /')
  say "  with what they need: ${sizes:-size unknown}"
  apt install --no-remove --no-install-recommends $packages >>"$log" 2>&1 ||
    show_failure "apt-get could not install them."
  say "  installed in $((SECONDS - started)) s"
}

# The grammars are C sources in npm packages; no script of theirs is run. The stamp names the lock file's bytes.
npm_stamp() { sha256sum package-lock.json | cut -d' ' -f1; }
npm_done() { [ "$(cat node_modules/.skein-stamp 2>/dev/null)" = "$(npm_stamp)" ]; }
install_npm_packages() {
  local started=$SECONDS
  npm_done && return 0
  command -v npm >/dev/null || give_up "npm is missing. Run ./demo or ./check, which install it."
  say "npm packages (tree-sitter and its grammars, C sources; ranks of tokens; about 150 MB on disk): npm ci --ignore-scripts"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1 || {
    grep -vE '^npm (ERR!|error) A complete log' "$log" | tail -8 | sed 's/^/  /' >&2
    give_up "npm could not fetch the packages of package-lock.json. Nothing is lost: run the same command again."
  }
  npm_stamp >node_modules/.skein-stamp
  say "  installed in $((SECONDS - started)) s"
}

groups=${*:-build}
case ${1:-} in
  --missing)
    shift
    command -v dpkg-query >/dev/null || exit 0  # Not Debian: CMake will name what it does not find.
    lacking=$(missing "$@")
    [ -z "$lacking" ] || { say $lacking; exit 1; } ;;
  --npm)
    mkdir -p build
    install_npm_packages ;;
  *)
    mkdir -p build
    lacking=$(missing $groups)
    command -v npm >/dev/null || lacking="$lacking npm"
    [ -z "${lacking// /}" ] || install_packages "$(echo $lacking)"
    install_npm_packages ;;
esac
