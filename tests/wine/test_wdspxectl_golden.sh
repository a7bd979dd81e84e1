#!/bin/bash
# Replays captures of real clients through staticpxe and compares its replies with golden files.
#
#   test_wdspxectl_golden.sh WDSPXECTL_EXE STATICPXE_DLL [--make]
#
# The environment gives WINEPREFIX. Cases and golden files are in tests/golden; --make writes the
# golden files anew, which tests/oracle/golden_capture.py then holds against the captures.
# Needs python3. The server's DUID in the registry is changed, and put back at the end.
set -u
export LC_ALL=C.UTF-8 WINEDEBUG=${WINEDEBUG:--all}
unset DISPLAY

usage() { echo "usage: $0 WDSPXECTL_EXE STATICPXE_DLL [--make]" >&2; exit 2; }
[ $# -ge 2 ] && [ -f "$1" ] && [ -f "$2" ] || usage
exe=$(realpath "$1")
provider=$(realpath "$2")
make=${3:-}
[ -z "$make" ] || [ "$make" = --make ] || usage
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tmp=$(mktemp -d) || exit 2
key='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE'
failures=0
passed=0

# Output goes to files: a wineserver that stays would keep a pipe open for ever.
run() { (cd "$tmp" && exec timeout 120 "$@") >"$tmp/out" 2>"$tmp/err" </dev/null; }

current_duid() {
    run wine reg query "$key" /v ServerDuid || return 0
    tr -d '\r' <"$tmp/out" | awk '$1 == "ServerDuid" { print $3 }'
}

set_duid() {
    if [ -n "$1" ]; then
        run wine reg add "$key" /v ServerDuid /t REG_BINARY /d "$1" /f
    else
        run wine reg delete "$key" /v ServerDuid /f || true
    fi
}

clean_up() {
    set_duid "$old_duid"
    rm -rf "$tmp"
}

# One case per line: name, capture, address of "to" or "-", DUID or "-".
list_cases() {
    python3 - "$tests/golden/cases.json" <<'PY'
import json, sys
for case in json.load(open(sys.argv[1]))["cases"]:
    print(case["name"], case["capture"], case.get("to", "-"), case.get("duid", "-"))
PY
}

replay() { # name, capture, to, options...
    local name=$1 capture=$2 to=$3
    local -a filter=()
    shift 3
    [ "$to" = - ] || filter=(--to "$to")
    run wine "$exe" replay "$provider" "Z:$tests/captures/$capture" --brief "${filter[@]}" \
        --set "ConfigFile=Z:$(tr / '\\' <<<"$tests/golden/$name.ini")" "$@"
}

run wine cmd /c exit
old_duid=$(current_duid)
trap clean_up EXIT
while read -r name capture to duid <&3; do
    [ "$duid" = - ] || set_duid "$duid" || { echo "FAIL: $name: the DUID cannot be set"; exit 1; }
    action=(--expect "Z:$tests/golden/$name.json")
    [ -z "$make" ] || action=(--golden-out "Z:$tests/golden/$name.json")
    if replay "$name" "$capture" "$to" "${action[@]}" &&
        grep -q ' 0 findings' <(tr -d '\r' <"$tmp/out"); then
        passed=$((passed + 1))
    else
        failures=$((failures + 1))
        echo "FAIL: $name"
        sed 's/^/  /' "$tmp/out" "$tmp/err" | tail -n 20
    fi
done 3< <(list_cases)
echo "$passed captures replayed, $failures differ"
[ "$failures" -eq 0 ] && [ "$passed" -gt 10 ]
