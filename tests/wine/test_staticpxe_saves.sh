#!/bin/bash
# staticpxe's file is saved again and again while clients ask, every other time with mistakes: each request
# is answered by one version of the file, each mistake is told once, and status tells what is in force.
#
#   test_staticpxe_saves.sh WDSPXECTL_EXE STATICPXE_DLL [SAVES]
#
# The environment gives WINEPREFIX, whose provider list must be empty. Needs python3. A thousand saves by
# hand: WINEPREFIX=… tests/wine/test_staticpxe_saves.sh build/win-x64/bin/wdspxectl.exe
# build/win-x64/bin/staticpxe.dll 1000
set -u
{ [ $# -eq 2 ] || [ $# -eq 3 ]; } && [ -f "$1" ] && [ -f "$2" ] ||
    { echo "usage: $0 WDSPXECTL_EXE STATICPXE_DLL [SAVES]" >&2; exit 2; }
exe=$(realpath "$1")
dll=$(realpath "$2")
export WINEDEBUG=-all,+eventlog
saves=${3:-60}
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d) || exit 2
# shellcheck source=tests/wine/outside.sh
. "$tests/outside.sh"
server=

clean_up() {
    : >"$tmp/stop"
    [ -z "$server" ] || wait "$server"
    ctl provider remove saves
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

# Wine keeps no events, but shows their texts, shortened, under what they are: err, warn.
events() { grep -c ":$1:eventlog:ReportEventW L\"staticpxe\"" "$tmp/log"; }
event_has() { grep -q "eventlog:ReportEventW .*$1" "$tmp/log"; }
lines_ending() { tr -d '\r' <"$tmp/log" | grep -c "(event $1)\$"; }

status_has() {
    ctl status
    [ "$rc" -eq 0 ] && out_matches "$1"
}

start_wine
cp "$dll" "$tmp/staticpxe.dll"
printf '[default]\nfile=f0\noption.128=u32:0\noption.129="i0"\n' >"$tmp/staticpxe.ini"
expect 0 provider add saves "Z:$tmp/staticpxe.dll"
read -r port boot_port < <(free_ports)
(cd "$tmp" && exec wine "$exe" serve --quiet --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" \
    --stop-file stop) >"$tmp/log" 2>&1 </dev/null &
server=$!
check "the server serves" becomes_true grep -q '^serving' "$tmp/log"

check "$saves saves under load" python3 "$tests/saves.py" "$tmp/staticpxe.ini" "$tmp/log" "$boot_port" \
    "$saves"

printf '[default]\nfiel=a\nnext_server=10.0\n' >"$tmp/staticpxe.ini"
check "status tells that the file is refused, and since when" becomes_true status_has \
    '^  (a warning|[0-9]+ warnings, the last), [0-9: -]+, [0-9]+ answered since: .*staticpxe.ini: changed, but wrong \(2 mistakes\)'
check "its event has line, section, key" event_has 'line 2, section \[default\], key fiel: unknown key'
printf '[default]\nfile=right.0\n' >"$tmp/staticpxe.ini"
check "status tells that it is right again" becomes_true status_has \
    '^  [0-9]+ warnings, the last, [0-9: -]+, [0-9]+ answered since: .*staticpxe.ini: right again; in force now: '
check "each refusal was one event" test "$(events err)" -eq $((saves / 2 + 1))
check "each end of one, too" test "$(events warn)" -eq $((saves / 2 + 1))
check "the log numbers them" test "$(lines_ending 1033) $(lines_ending 1034)" = \
    "$(events err) $(events warn)"

: >"$tmp/stop"
check "the server stops in order" wait "$server"
server=

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
