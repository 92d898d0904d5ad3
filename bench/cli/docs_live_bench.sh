#!/usr/bin/env bash
# skein docs --serve --watch beside python3 -m http.server.
cd "$(dirname "$0")/../.." || exit 3
exec python3 bench/cli/docs_live_bench.py
