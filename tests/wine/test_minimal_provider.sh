#!/bin/bash
# Builds the README's provider with the README's command, and lets it answer under Wine.
#   test_minimal_provider.sh COMPILER SOURCE_FOLDER LIBRARY_FOLDER RUNNER... TEST_EXE
set -euo pipefail
[ $# -ge 5 ] || {
    echo "usage: $0 COMPILER SOURCE_FOLDER LIBRARY_FOLDER RUNNER... TEST_EXE" >&2
    exit 2
}
compiler=$1 source_folder=$2 library_folder=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$compiler" -shared -I "$source_folder/include" -o "$folder/minimal.dll" \
    "$source_folder/tests/providers/minimal.c" -L "$library_folder" -lwdspxe >"$folder/said" 2>&1 ||
    { cat "$folder/said"; exit 1; }
[ ! -s "$folder/said" ] || { echo "the compiler warns:"; cat "$folder/said"; exit 1; }
"$source_folder/tools/wine-test" "$@" "Z:${folder//\//\\}\\minimal.dll"
