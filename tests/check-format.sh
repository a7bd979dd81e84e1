#!/bin/bash
# Holds every C and C++ file against .clang-format, with the one version whose opinion counts: others
# lay out a few things differently. `tests/check-format.sh --fix` rewrites what differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly CLANG_FORMAT=clang-format-19

command -v "$CLANG_FORMAT" >/dev/null || {
    echo "$CLANG_FORMAT is missing: install it by tools/packages test" >&2
    exit 1
}
mapfile -t files < <(find include src tests tools -name '*.[ch]' -o -name '*.cpp' | sort)
[ "${#files[@]}" -gt 400 ] || { echo "only ${#files[@]} files found: looking at nothing" >&2; exit 1; }
if [ "${1:-}" = --fix ]; then
    "$CLANG_FORMAT" -i "${files[@]}"
else
    "$CLANG_FORMAT" --dry-run -Werror "${files[@]}"
fi
echo "${#files[@]} files checked"
