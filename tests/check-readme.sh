#!/bin/bash
# The provider that the README shows is the one that the test suite compiles and runs; in the pages that
# tests/e2e/newcomer.sh types, no command is left out for want of a mark.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shown=$(awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md)
[ -n "$shown" ] || { echo "README.md shows no C code" >&2; exit 1; }
diff <(echo "$shown") tests/providers/minimal.c
echo "README.md shows tests/providers/minimal.c as it is"
tests/e2e/newcomer.py --check README.md docs/getting-started-linux.md docs/debian.md
