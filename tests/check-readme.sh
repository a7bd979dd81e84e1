#!/bin/bash
# The provider that the README shows is the one that the test suite compiles and runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shown=$(awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md)
[ -n "$shown" ] || { echo "README.md shows no C code" >&2; exit 1; }
diff <(echo "$shown") tests/providers/minimal.c
echo "README.md shows tests/providers/minimal.c as it is"
