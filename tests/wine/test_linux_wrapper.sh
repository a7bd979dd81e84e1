#!/bin/bash
# The package's `wdspxectl` for Linux: runs the program, passes on what it says and its exit code, and
# says what is missing.
#
#   test_linux_wrapper.sh WDSPXECTL_EXE WDSPXE_DLL
#
# The environment gives WINEPREFIX.
set -u

[ $# -eq 2 ] && [ -f "$1" ] && [ -f "$2" ] || { echo "usage: $0 WDSPXECTL_EXE WDSPXE_DLL" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/wine/outside.sh
. "$root/tests/wine/outside.sh"
bin="$tmp/un packed/bin"
mkdir -p "$bin" "$tmp/programs"
cp "$exe" "$2" "$root/tools/packaging/linux/wdspxectl" "$bin/"
ln -s "$bin/wdspxectl" "$tmp/programs/wdspxectl"
start_wine

# wrapper EXIT_CODE ARGUMENT...: by a link, from another folder.
wrapper() {
    local wanted=$1
    shift
    (cd "$tmp" && exec timeout 60 "$tmp/programs/wdspxectl" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null
    rc=$?
    checks=$((checks + 1))
    [ "$rc" -eq "$wanted" ] || fail "exit code $rc, expected $wanted: $*"
}

wrapper 0 --version
check "it runs the program" out_matches '^wdspxectl [0-9]'
check "and Wine says nothing" [ ! -s "$tmp/err" ]
wrapper 2 provider lst
check "words come through" err_has 'did you mean "list"?'
wrapper 3 provider show "nobody's name"
check "arguments with blanks do" err_has "no provider is named \"nobody's name\""

mv "$bin/wdspxe.dll" "$tmp/"
wrapper 127 --version
check "a missing DLL is named" err_has 'no wdspxe.dll in'
check "in one line" err_is_one_line
mv "$tmp/wdspxe.dll" "$bin/"
mv "$bin/wdspxectl.exe" "$tmp/"
wrapper 127 --version
check "a missing program is named" err_has 'no wdspxectl.exe in'
mv "$tmp/wdspxectl.exe" "$bin/"

for program in sh dirname realpath stat id; do
    ln -s "$(command -v "$program")" "$tmp/programs/"
done
if [ ! -x /usr/lib/wine/wine64 ] && [ ! -x /usr/lib/wine/wine ]; then
    PATH=$tmp/programs wrapper 127 --version
    check "a missing Wine is told" err_has 'apt install'
fi
mkdir "$tmp/theirs"
chown 12345 "$tmp/theirs" 2>/dev/null && {
    WINEPREFIX=$tmp/theirs wrapper 127 --version
    check "somebody else's prefix is told" err_has 'belongs to'
}

finish
