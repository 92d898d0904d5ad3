#!/usr/bin/env bash
# axe-core finds nothing on any kind of page, light and dark, at desktop and phone width, also with the search open.
#
#   pages_accessible.sh SKEIN
# Chromium and axe-core (npm) are needed; without them the test says what it left out.
set -u
skein=$1
source=$PWD
axe=$source/node_modules/axe-core/axe.min.js
command -v chromium >/dev/null || { echo "left out: chromium is not installed (scripts/setup.sh dev)"; exit 77; }
[ -r "$axe" ] || { echo "left out: node_modules/axe-core is missing (npm ci --ignore-scripts)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$work/tree"
cd "$work/tree" || exit 1
mkdir -p app/core app/web tests docs
cat >README.md <<'TEXT'
# Parcels

Follows parcels. See [the core](app/core/track.py), and:

| a | b |
|---|---|
| 1 | `x` |

```sh
make test
```
TEXT
printf 'all:\n\ttrue\ntest:\n\ttrue\n' >Makefile
printf '{"name": "parcels", "dependencies": {"left": "^1"}, "bin": "app/web/main.js"}\n' >package.json
printf '"""Tracks."""\nfrom app.core import order\n\nclass Track:\n    """One.\n\n    - a\n    - b\n    """\n    def find(self, key):\n        """Finds.\n\n        >>> 1\n        """\n        if key and self:\n            return key\n\n    size = 3\n\nif __name__ == "__main__":\n    Track()\n' >app/core/track.py
printf '"""Orders."""\nfrom app.core import track\nLIMIT = 3\n' >app/core/order.py
printf 'import {x} from "./util";\nimport y from "left";\n/** Starts. */\nexport function main(a) { return x; }\n' >app/web/main.js
printf 'export const x = 1;\n' >app/web/util.js
printf 'from app.core.track import Track\nfrom app.core import order\n\ndef test_it():\n    assert Track\n' >tests/test_track.py
printf 'from tests import test_track\n' >app/__init__.py
git init -q . && git add . && git -c user.name=A -c user.email=a@example.org commit -qm one
echo '# more' >>app/core/track.py
git -c user.name=B -c user.email=b@example.org commit -qam two
"$skein" docs >/dev/null || { echo "skein docs failed"; exit 1; }
site=$work/tree/.skein/docs

# Copies without the policy that forbids foreign scripts, with axe in them; the result becomes the page's text.
cat >"$work/run.js" <<'JS'
// In a frame, which may be narrower than a window of Chromium's can be, the page around it is told.
function tell(result) { if (parent === window) document.title = result; else parent.postMessage(result, "*"); }
window.addEventListener("load", function () {
  const search = document.querySelector(".find input");
  const wants = document.documentElement.dataset.search;
  if (wants && search) { search.focus(); search.value = wants; search.dispatchEvent(new Event("input")); }
  document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  setTimeout(function () {
    axe.run(document, { resultTypes: ["violations"] }).then(function (found) {
      const lines = found.violations.map(function (v) {
        return v.id + ": " + v.help + " at " + v.nodes.slice(0, 3).map(function (n) {
          return n.target.join(" ") + " {" + (n.any[0] ? n.any[0].message : "") + "}"; }).join(" | ");
      });
      const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const wide = document.documentElement.scrollWidth > innerWidth + 1 ? " TOO WIDE" : "";
      tell("RESULT " + dark + " " + innerWidth + " options " + document.querySelectorAll("a[role=option]").length
        + " violations " + lines.length + wide + " " + lines.join(" ;; "));
    }, function (error) { tell("RESULT error " + error); });
  }, 300);
});
JS
cp "$axe" "$work/axe.js"
prepare() { # prepare PAGE SEARCH
  sed -e '/http-equiv="Content-Security-Policy"/d' -e "s|<html lang=\"en\">|<html lang=\"en\" data-search=\"$2\">|" \
    -e "s|</head>|<script src=\"file://$work/axe.js\"></script><script src=\"file://$work/run.js\"></script></head>|" \
    "$site/$1" >"$site/${1%.html}.axe.html"
}
bad=0 seen=0
look() { # look PAGE WIDTH SCHEME SEARCH
  prepare "$1" "$4"
  local scheme=1; [ "$3" = dark ] && scheme=0
  local title page="$site/${1%.html}.axe.html"
  if [ "$2" -lt 500 ]; then
    printf '<!doctype html><meta name="color-scheme" content="light dark"><title>x</title><iframe width="%s" height="800" src="file://%s" style="border:0"></iframe><script>onmessage = function (e) { document.title = e.data; };</script>' "$2" "$page" >"$work/frame.html"
    page=$work/frame.html
  fi
  title=$(timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --allow-file-access-from-files \
    --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$work/chromium" \
    --blink-settings=preferredColorScheme=$scheme --window-size="$2",900 --virtual-time-budget=20000 \
    --dump-dom "file://$page" 2>/dev/null | grep -o '<title>RESULT[^<]*' | head -1)
  seen=$((seen + 1))
  case $title in
    *"RESULT $3 $2 "*"violations 0 "*|*"RESULT $3 $2 "*"violations 0") [[ $title != *"TOO WIDE"* ]] || { bad=1; echo "$1 at $2 px: wider than the window"; } ;;
    *) bad=1; echo "$1 ($3, $2 px, search '$4'): ${title#<title>}" ;;
  esac
  if [ -n "$4" ] && [[ $title == *" options 0 "* ]]; then bad=1; echo "$1: searching '$4' found nothing"; fi
}
pages="index.html modules/app/index.html files/app/core/track.py.html symbols/index.html graph/layers.html graph/cycles.html graph/owners.html changes.html"
for page in $pages; do
  [ -r "$site/$page" ] || { bad=1; echo "there is no $page"; continue; }
  look "$page" 1280 light ""
  look "$page" 1280 dark ""
done
for page in index.html modules/app/index.html files/app/core/track.py.html graph/layers.html; do
  look "$page" 390 light ""
done
look index.html 390 dark "track"
look index.html 1280 light "track"
[ $bad -eq 0 ] && echo "axe finds nothing: $seen looks"
exit $bad
