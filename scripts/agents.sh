#!/usr/bin/env bash
# Fetches the coding agents that tests run for real into build/peers/agents (some 700 MB): OpenCode and Codex, from npm,
# in the versions below. Without them those tests say what they leave out. Nothing is installed elsewhere.
#
#   scripts/agents.sh
set -eu
cd "$(dirname "$0")/.."
opencode=1.18.33 codex=0.169.0
folder=build/peers/agents
mkdir -p "$folder"
[ -e "$folder/package.json" ] || echo '{"private": true}' >"$folder/package.json"
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-save --package-lock=false \
  "opencode-ai@$opencode" "@openai/codex@$codex"
ls "$folder"/node_modules/opencode-linux-*/bin/opencode "$folder"/node_modules/@openai/codex-linux-*/vendor/*/bin/codex
