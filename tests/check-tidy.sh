#!/bin/bash
# Runs the checks of .clang-tidy over every file of this project that the host preset compiles (those
# of libraries that are built lie below build/), with the one version whose opinion counts. About 15 seconds of one processor.
#   check-tidy.sh [BUILD-FOLDER]    build/host if not given; it must be configured
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly CLANG_TIDY=clang-tidy-19
build=${1:-build/host}

command -v "$CLANG_TIDY" >/dev/null || {
    echo "$CLANG_TIDY is missing: install it by tools/packages test" >&2
    exit 1
}
[ -e "$build/compile_commands.json" ] || {
    echo "$build/compile_commands.json is missing: cmake --preset host" >&2
    exit 1
}

# The checks are in force: a file that breaks one of them is refused.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
printf 'int BadName(void);\nint BadName(void) { return 0; }\n' >"$planted/planted.c"
if "$CLANG_TIDY" --quiet --config-file=.clang-tidy "$planted/planted.c" -- -std=c11 \
    >"$planted/out" 2>&1; then
    echo "a planted mistake was not found" >&2
    exit 1
fi
grep -q 'readability-identifier-naming' "$planted/out" || { cat "$planted/out" >&2; exit 1; }

mapfile -t files < <(python3 -c '
import json, sys
files = {entry["file"] for entry in json.load(open(sys.argv[1]))}
print("\n".join(sorted(file for file in files if not file.startswith(sys.argv[2]))))' \
    "$build/compile_commands.json" "$PWD/build/")
[ "${#files[@]}" -gt 100 ] || { echo "only ${#files[@]} files: looking at nothing" >&2; exit 1; }
status=0
printf '%s\0' "${files[@]}" | xargs -0 -n 8 -P "$(nproc)" \
    "$CLANG_TIDY" --quiet --extra-arg=-w -p "$build" >"$planted/out" 2>"$planted/err" || status=$?
grep -E 'error:|warning:' "$planted/out" "$planted/err" -h | sed "s|$PWD/||" | sort -u >&2 || true
echo "${#files[@]} files checked"
[ "$status" -eq 0 ]
