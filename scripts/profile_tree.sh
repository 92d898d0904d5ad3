#!/usr/bin/env bash
# Makes the fixed 2 MB tree on which `make profile` counts instructions: hand-written sources out of the npm packages
# that package-lock.json pins (C, C++, JavaScript, TypeScript, Markdown), and Python modules made here.
#
#   scripts/profile_tree.sh DIR
set -eu
dir=${1:?usage: scripts/profile_tree.sh DIR}
cd "$(dirname "$0")/.."
rm -rf "$dir"
mkdir -p "$dir/vendorless"
dir=$(cd "$dir" && pwd)
for package in node-addon-api tree-sitter tree-sitter-c tree-sitter-cpp tree-sitter-javascript tree-sitter-python tree-sitter-typescript; do
  (cd node_modules && find "$package" -name node_modules -prune -o -type f ! -name parser.c \
    \( -name '*.c' -o -name '*.h' -o -name '*.cc' -o -name '*.js' -o -name '*.ts' -o -name '*.md' -o -name package.json \) -print0) |
    (cd node_modules && xargs -0 cp --parents -t "$dir/vendorless")
done
mv "$dir/vendorless" "$dir/packages"

# 120 modules of 5 classes; module N imports N-1 and N-7.
mkdir -p "$dir/shapes"
for i in $(seq 0 119); do
  awk -v i="$i" 'BEGIN {
    printf "\"\"\"Shapes of family %d.\n\nMade by scripts/profile_tree.sh.\n\"\"\"\nimport math\n", i
    if (i > 0) printf "from shapes.family_%d import Shape%d_0\n", i - 1, i - 1
    if (i > 6) printf "import shapes.family_%d\n", i - 7
    for (c = 0; c < 5; c++) {
      printf "\n\nclass Shape%d_%d:\n    \"\"\"A shape with %d corners.\"\"\"\n\n    CORNERS = %d\n", i, c, c + 3, c + 3
      printf "\n    def __init__(self, side, name=None):\n        self.side = side\n        self.name = name or \"shape-%d-%d\"\n", i, c
      printf "\n    def area(self):\n        \"\"\"Square units.\"\"\"\n        return %d * self.side ** 2 / (4 * math.tan(math.pi / %d))\n", c + 3, c + 3
      printf "\n    def scaled(self, factor):\n        \"\"\"The same shape, `factor` times as large.\"\"\"\n        return Shape%d_%d(self.side * factor, self.name)\n", i, c
      printf "\n    def _check(self):\n        if self.side <= 0:\n            raise ValueError(\"a side is longer than nothing\")\n"
    }
  }' >"$dir/shapes/family_$i.py"
done
touch "$dir/shapes/__init__.py"
cat >"$dir/README.md" <<'TXT'
# Profile tree

A fixed tree for counting instructions: packages that others wrote, and generated Python modules.
TXT
cd "$dir"
git init -q -b main
git add -A
git -c user.name=skein -c user.email=skein@localhost commit -q -m "The fixed tree"
