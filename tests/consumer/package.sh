#!/bin/bash
# Makes the package of a build folder twice, as different people would; both must be the same.
#   package.sh BUILD_FOLDER CPACK      leaves the package in BUILD_FOLDER/dist
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: package.sh BUILD_FOLDER CPACK" >&2; exit 2; }
cd "$1"

for tool in cmake cmp unzip zip; do
    command -v "$tool" >/dev/null || { echo "package.sh: $tool is not installed" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --build . --target products
(umask 022 && TZ=UTC "$2" --config CPackConfig.cmake)
(umask 077 && TZ=Asia/Kolkata LANG=C.UTF-8 "$2" --config CPackConfig.cmake -B "$work")
name=$(cd "$work" && ls -- *.zip)
cmp "$work/$name" "dist/$name"
cmp "$work/$name.sha256" "dist/$name.sha256"

# Another time makes other bytes: the one above was not left out.
SOURCE_DATE_EPOCH=1000000000 "$2" --config CPackConfig.cmake -B "$work/dated" >"$work/log"
listing=$(unzip -lqq "$work/dated/$name")
if grep -v ' 2001-09-09 ' <<<"$listing"; then
    echo "SOURCE_DATE_EPOCH was not obeyed" >&2
    exit 1
fi
echo "$name is the same twice, byte for byte"
