#!/usr/bin/env bash
# Makes docs/images/: pages of this checkout in headless Chromium, and the terminal.
set -eu
cd "$(dirname "$0")/.."
command -v chromium >/dev/null || { echo "skein: chromium is missing: scripts/setup.sh dev" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p docs/images "$work/home"
skein=$PWD/build/release/skein

shoot() { # shoot URL FILE WIDTH,HEIGHT
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/chromium" \
    --screenshot="$2" --window-size="$3" "$1" >/dev/null 2>"$work/chromium.log" || { tail -3 "$work/chromium.log" >&2; return 1; }
}

git clone -q . "$work/skein"
(cd "$work/skein" && HOME=$work/home "$skein" docs) >/dev/null
pages=$work/skein/.skein/docs
shoot "file://$pages/index.html" docs/images/overview.png 1280,860
page=$(grep -rl --include='*.html' 'Result' "$pages" | grep -m1 'result' || find "$pages" -name '*.html' | sort | sed -n 3p)
shoot "file://$page" docs/images/file.png 1280,860

# The terminal: commands and what they print, as text on a dark page; the machine's path is not shown.
{
  echo '<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#1b1f27;color:#d7dae0;font:15px/1.45 monospace}'
  echo 'pre{padding:22px 26px;margin:0;white-space:pre-wrap}b{color:#8fd18f;font-weight:600}</style><pre>'
  escape() { sed "s|$work/||g; s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g"; }
  show() { printf '<b>$ %s</b>\n' "$(printf '%s' "$1" | escape)"; (cd "$work/skein" && eval "$1" 2>&1 | head -"${2:-12}" | escape); echo; }
  export PATH="$PWD/build/release:$PATH" HOME="$work/home"
  rm -rf "$work/skein/.skein"
  show "skein docs"
  show "skein docs"
  show "echo '// one line more' >> src/base/result.h; skein docs"
  show "skein symbols src/base/result.h" 6
  echo '</pre>'
} >"$work/terminal.html"
shoot "file://$work/terminal.html" docs/images/terminal.png 960,500
ls -l docs/images
