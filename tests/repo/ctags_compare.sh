#!/usr/bin/env bash
# How much of what universal-ctags finds in a tree `skein symbols` finds too, by (path, name) over functions, classes
# and methods.   Usage: tests/repo/ctags_compare.sh SKEIN TREE LANGUAGE [LEAST]
# Left out, since they are no names in the source or no functions, classes or methods: ctags' invented names
# ("AnonymousFunction…", "__anon…"), its JavaScript "classes" that are object literals, shell arrays ("x=(") that it takes for functions, and minified files. "#x" and "x"
# count as one name, as do "operator ==" and "operator==". Prints the share, exits with 1 below LEAST (0.95), and
# lists what is missing when MISSING names a file.
set -euo pipefail
skein=$(realpath "$1"); tree=$2; language=$3; least=${4:-0.95}
case $language in
  python) args=(--languages=Python --kinds-Python=cfm) ours='python' ;;
  c) args=(--languages=C --kinds-C=fs) ours='c' ;;
  cpp) args=(--languages=C++ --kinds-C++=cfs) ours='c cpp' ;;
  javascript) args=(--languages=JavaScript --kinds-JavaScript=cfm) ours='javascript' ;;
  typescript) args=(--languages=TypeScript --kinds-TypeScript=cfm) ours='typescript tsx' ;;
  go) args=(--languages=Go --kinds-Go=fsi) ours='go' ;;
  rust) args=(--languages=Rust --kinds-Rust=fsgiP) ours='rust' ;;
  java) args=(--languages=Java --kinds-Java=cgim) ours='java' ;;
  csharp) args=(--languages=C# '--kinds-C#=cgims') ours='csharp' ;;
  ruby) args=(--languages=Ruby --kinds-Ruby=cfmS) ours='ruby' ;;
  php) args=(--languages=PHP --kinds-PHP=cfit) ours='php' ;;
  shell) args=(--languages=Sh --kinds-Sh=f) ours='shell' ;;
  *) echo "unknown language: $language" >&2; exit 2 ;;
esac
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$tree"
names='[(.path|ltrimstr("./")), (.name|gsub("[ #]|\\[\"|\"\\]";""))]|@tsv'
ctags -R --links=no "${args[@]}" --fields=+lKP --output-format=json -f - . 2>/dev/null |
  jq -r 'select((.name|test("^(__anon|AnonymousFunction|AnonymousClass)"))|not)
         | select(.path|test("[.]min[.](js|cjs|mjs)$")|not)
         | select(.language != "Sh" or (.name|endswith("=")|not))
         | select(.language != "JavaScript" or .kind != "class" or ((.pattern // "")|test("\\bclass\\b")))
         | '"$names" | LC_ALL=C sort -u > "$work/theirs"
"$skein" symbols --json | jq -r --arg ours "$ours" \
  'select(.language as $l | $ours | split(" ") | index($l)) | '"$names" | LC_ALL=C sort -u > "$work/ours"
all=$(wc -l < "$work/theirs"); found=$(LC_ALL=C comm -12 "$work/theirs" "$work/ours" | wc -l)
if [ -n "${MISSING:-}" ]; then LC_ALL=C comm -23 "$work/theirs" "$work/ours" > "$MISSING"; fi
awk -v f="$found" -v n="$all" -v l="$least" -v g="$language" \
  'BEGIN { s = n ? f / n : 1; printf "%s: found %d of %d ctags symbols, %.3f (>= %s)\n", g, f, n, s, l; exit s < l }'
