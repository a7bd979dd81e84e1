#!/bin/bash
# What becomes of `wdspxectl serve` when a provider fails, in each of the 38 ways of faulty.c, under load:
# it goes on through another provider, or ends with an exit code that makes a supervisor start it again;
# the log says who it was; it stops within 15 seconds, by the stop file, Ctrl-C and SIGTERM in turn.
#
#   test_faulty.sh WDSPXECTL_EXE PROVIDERS_FOLDER [FAULT...]
#
# The environment gives WINEPREFIX, whose provider list must be empty. Needs python3.
set -u
[ $# -ge 2 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE PROVIDERS_FOLDER [FAULT...]" >&2; exit 2; }
exe=$(realpath "$1")
providers=$(realpath "$2")
shift 2
tmp=$(mktemp -d) || exit 2
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

clean_up() {
    ctl provider remove faulty
    ctl provider remove good
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

start_wine
expect 0 provider add faulty "Z:$providers/faulty.dll"
expect 0 provider add good "Z:$providers/good.dll"
[ "$failures" -eq 0 ] || exit 1
# Wine tells a 32-bit program neither of Ctrl-C nor of SIGTERM; a 64-bit one of the latter by the native half.
ways=()
if [ "$(exe_machine)" != x86_64 ]; then
    ways=(--by file)
elif [ ! -e "$(dirname "$exe")/wdspxenet.dll.so" ]; then
    ways=(--by file --by ctrl-c)
fi
python3 "$(dirname "${BASH_SOURCE[0]}")/faulty_table.py" "${ways[@]}" "$exe" "$tmp" "$@"
