#!/usr/bin/env bash
# scripts/packages.txt, package.json and docs/dependencies.md name the same packages.
listed=$( { awk '!/^#/ && NF { print $1 }' scripts/packages.txt
  sed -n '/"\(dependencies\|devDependencies\)"/,/}/s/^ *"\([^"]*\)": ".*/\1/p' package.json; } | sort -u)
# In the document: the first cell of a table's row, `name` or `name`, `name`.
documented=$(sed -n 's/^| \(`[^|]*`\) *|.*/\1/p' docs/dependencies.md | grep -oE '`[^`]+`' | tr -d '`' | sort -u)
bad=0
for name in $(comm -23 <(echo "$listed") <(echo "$documented")); do echo "docs/dependencies.md has no row for $name"; bad=1; done
for name in $(comm -13 <(echo "$listed") <(echo "$documented")); do echo "docs/dependencies.md has a row for $name, which nothing installs"; bad=1; done
awk '!/^#/ && NF && ($2 !~ /^(build|test|dev)$/ || NF < 3) { print "scripts/packages.txt: " $0 ": no group or no reason"; bad = 1 } END { exit bad }' scripts/packages.txt || bad=1
exit $bad
