#!/bin/bash
# Builds the products twice, from copies of the tree in two different folders, and compares them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in one another-place; do
    mkdir "$work/$copy"
    tar -c --exclude=./build --exclude=./.git . | tar -x -C "$work/$copy"
    (cd "$work/$copy" && cmake --workflow --preset win-x64-build >"$work/$copy.log" 2>&1) ||
        { tail -n 30 "$work/$copy.log"; exit 1; }
done
compared=0
files=(bin/wdspxe.dll bin/wdspxectl.exe bin/staticpxe.dll lib/libwdspxe.a)
if [ -e "$work/one/build/win-x64/bin/wdspxenet.dll.so" ]; then
    files+=(bin/wdspxenet.dll.so)
fi
for file in "${files[@]}"; do
    cmp "$work/one/build/win-x64/$file" "$work/another-place/build/win-x64/$file"
    compared=$((compared + 1))
done
echo "$compared files are the same, byte for byte"
