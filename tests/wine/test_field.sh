#!/bin/bash
# Replays the requests of tests/field through staticpxe and holds what comes out against cases.json.
#   test_field.sh WDSPXECTL_EXE STATICPXE_DLL
# The environment gives WINEPREFIX. Needs python3.
set -u
export LC_ALL=C.UTF-8 WINEDEBUG=${WINEDEBUG:--all}
unset DISPLAY
[ $# -eq 2 ] && [ -f "$1" ] && [ -f "$2" ] ||
    { echo "usage: $0 WDSPXECTL_EXE STATICPXE_DLL" >&2; exit 2; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/../field/check.py" "$(realpath "$1")" "$(realpath "$2")"
