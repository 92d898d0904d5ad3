#!/usr/bin/env bash
# Random skein commands on a changing tree: nothing may grow.   scripts/soak.sh [SECONDS]   (default 600)
exec "$(dirname "$0")/soak.py" "$(dirname "$0")/../build/release/skein" "${1:-600}"
