#!/usr/bin/env bash
# Two types of one name in one namespace, in headers that no file includes together, are linked into one: the functions of
# one then work on the other's bytes. No compiler warns of it without link-time optimisation.
set -u
twice=$(awk '
  FNR == 1 { space = "" }
  /^namespace [a-z:]+ \{/ { space = $2 }
  /^} *\/\/ namespace/ { space = "" }
  space && /^(struct|class|union|enum class) [A-Za-z]+/ && !/;$/ {
    name = $1 == "enum" ? $3 : $2
    full = space "::" name
    if (full in where && where[full] != FILENAME) print full ": " where[full] " and " FILENAME
    where[full] = FILENAME
  }' src/*/*.h src/*/*/*.h)
[ -z "$twice" ] && exit 0
echo "types of one name in one namespace (rename one):" >&2
echo "$twice" >&2
exit 1
