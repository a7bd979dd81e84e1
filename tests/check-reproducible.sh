#!/bin/bash
# Builds the products twice, from copies of the tree in two different folders, and compares them.
#   check-reproducible.sh x64|x86|arm64
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: check-reproducible.sh x64|x86|arm64" >&2; exit 2; }
preset=win-$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in one another-place; do
    mkdir "$work/$copy"
    tar -c --exclude=./build --exclude=./.git . | tar -x -C "$work/$copy"
    (cd "$work/$copy" && cmake --workflow --preset "$preset-build" >"$work/$copy.log" 2>&1) ||
        { tail -n 30 "$work/$copy.log"; exit 1; }
done
compared=0
files=(bin/wdspxe.dll bin/wdsbp.dll bin/wdspxectl.exe bin/staticpxe.dll bin/webpxe.dll lib/libwdspxe.a)
if [ -e "$work/one/build/$preset/bin/wdspxenet.dll.so" ]; then
    files+=(bin/wdspxenet.dll.so)
fi
for file in "${files[@]}"; do
    cmp "$work/one/build/$preset/$file" "$work/another-place/build/$preset/$file"
    compared=$((compared + 1))
done
echo "$compared files are the same, byte for byte"
