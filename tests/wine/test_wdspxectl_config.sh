#!/bin/bash
# wdspxectl config from outside: every setting with its default, set, of a wrong type, out of range;
# registry files out and in.
#
#   test_wdspxectl_config.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, in whose registry the settings are changed and unset at the end.
# Needs python3.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

server='HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE'
host='HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WDSServer\Parameters'
tracing='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Tracing\WDSServer'

# The names of all settings, from the program itself.
names() {
    ctl config show --json
    python3 -c 'import json, sys
print(*[s["name"] for s in json.load(open(sys.argv[1], encoding="utf-8"))])' "$tmp/out"
}

unset_all() {
    local name
    for name in $all; do
        ctl config unset "$name"
    done
}

clean_up() {
    unset_all >/dev/null 2>&1
    rm -rf "$tmp"
}

# A value as other programs write it, unchecked. `wine reg` in a folder without a reg.exe.
reg_add() { # key, name, type, data
    (cd / && wine reg add "$1" /v "$2" /t "$3" /d "$4" /f) >/dev/null 2>&1 </dev/null
}

value_is() { # name, Python value, source
    ctl config show "$1" --json
    json_holds "j['value'] == $2 and j['source'] == '$3'"
}

start_wine
all=$(names)
trap clean_up EXIT
unset_all

# --- defaults -------------------------------------------------------------------------------------

expect 0 config show --json
check "show --json is JSON" out_is_json
check "everything is at its default" json_holds '
    {s["name"]: s["value"] for s in j} == {
        "UseDhcpPorts": 1, "BindPolicy": 0, "BindInterfaces": [], "BannedGuids": [],
        "ResponseDelays": [], "MulticastGroups": [], "LoadBalanceBuckets": "0-255", "LoadBalanceTakeover": 8,
        "StrictRequests": 0, "TraceDisabled": 0, "TracingDisabled": 0,
        "MaxPendingRequests": 10000,
        "AuthRecheckTime": 3600, "AuthFailureRetryTime": 30, "DisableRogueDetection": 0,
        "SharedPorts": 0, "EnableFileTracing": 0, "EnableConsoleTracing": 0,
        "FileTracingMask": 0xfffe0000, "ConsoleTracingMask": 0xfffe0000, "MaxFileSize": 65536,
        "FileDirectory": "%windir%\\tracing"}
    and all(s["source"] == "default" and s["problem"] is None for s in j)'
check "what is live" json_holds '{s["name"] for s in j if s["live"]} == {
    "BindPolicy", "BindInterfaces", "TraceDisabled", "TracingDisabled", "EnableFileTracing", "EnableConsoleTracing",
    "FileTracingMask", "ConsoleTracingMask", "MaxFileSize", "FileDirectory"}'
check "what is unused" json_holds '{s["name"] for s in j if s["unused"]} == {
    "AuthRecheckTime", "AuthFailureRetryTime", "DisableRogueDetection"}'
check "what is ours" json_holds '{s["name"] for s in j if s["ours"]} == {
    "ResponseDelays", "MulticastGroups", "LoadBalanceBuckets", "LoadBalanceTakeover",
    "StrictRequests", "MaxPendingRequests"}'
expect 0 config check
check "nothing is wrong" out_has "every setting is right"

# --- set, wrong type, out of range: each of them --------------------------------------------------

# name, key, a good value, how JSON shows it, a value out of range (- if there is none), and a type
# of the registry that it must not have, with data
every() {
    local name=$1 key=$2 good=$3 json=$4 outside=$5 type=$6 data=$7
    expect 0 config set "$name" "$good"
    check "$name is set" value_is "$name" "$json" registry
    if [ "$outside" != - ]; then
        usage_error 'allowed: ' config set "$name" "$outside"
        check "$name is as before" value_is "$name" "$json" registry
    fi
    reg_add "$key" "$name" "$type" "$data"
    expect 1 config check
    check "$name of type $type is told" out_has "$name is of type $type, but must be of type"
    check "$name of type $type is shown as wrong" value_is "$name" None registry
    expect 0 config unset "$name"
    ctl config show "$name" --json
    check "$name is back at its default" json_holds 'j["source"] == "default"'
}

every UseDhcpPorts "$server" 0 0 2 REG_SZ 0
every BindPolicy "$server" 1 1 2 REG_SZ 1
every BindInterfaces "$server" IP:10.0.0.2 '["IP:10.0.0.2"]' IP:10.0.0.256 REG_SZ IP:10.0.0.2
every BannedGuids "$server" '{00112233445566778899aabbccddeeff}' \
    '["{00112233445566778899aabbccddeeff}"]' '{0011}' REG_SZ x
every ResponseDelays "$server" ALL=60000 '["ALL=60000"]' ALL=60001 REG_DWORD 5
every MulticastGroups "$server" 239.1.2.3 '["239.1.2.3"]' 10.0.0.2 REG_SZ 239.1.2.3
every LoadBalanceBuckets "$server" 0-127 '"0-127"' 0-256 REG_DWORD 5
every LoadBalanceTakeover "$server" 65535 65535 65536 REG_SZ 5
every StrictRequests "$server" 1 1 2 REG_SZ 1
every TraceDisabled "$server" 1 1 - REG_SZ 1
every TracingDisabled "$server" 1 1 - REG_SZ 1
every MaxPendingRequests "$server" 1 1 0 REG_SZ 5
every AuthRecheckTime "$server" 4294967295 4294967295 4294967296 REG_SZ 5
every AuthFailureRetryTime "$server" 1 1 x REG_SZ 5
every DisableRogueDetection "$server" 1 1 2 REG_SZ 1
every SharedPorts "$host" 1 1 2 REG_SZ 1
every EnableFileTracing "$tracing" 0 0 2 REG_SZ 1
every EnableConsoleTracing "$tracing" 0 0 2 REG_SZ 1
every FileTracingMask "$tracing" 0x00080000 0x80000 0x100000000 REG_SZ 1
every ConsoleTracingMask "$tracing" 0 0 x REG_SZ 1
every MaxFileSize "$tracing" 1024 1024 1023 REG_SZ 4096
every FileDirectory "$tracing" 'C:\lögs' '"C:\\lögs"' - REG_DWORD 1

expect 0 config set BindInterfaces ip:10.0.0.2 MAC:00-11-22-33-44-55
check "a list" value_is BindInterfaces '["ip:10.0.0.2", "MAC:00-11-22-33-44-55"]' registry
expect 0 config unset bindINTERFACES
expect 0 config unset BindInterfaces
usage_error 'takes one value' config set UseDhcpPorts 1 0
usage_error 'allowed: 0 or 1' config set UseDhcpPorts yes
expect 3 config set UseDhcp 1
check "an unknown name" err_has 'no setting is named "UseDhcp"'
expect 3 config unset UseDhcp
expect 3 config show UseDhcp

# A vital one is told as such, with what happens.
reg_add "$server" BindInterfaces REG_MULTI_SZ 'IP:10.0.0.2\0eth0'
expect 1 config check
check "a wrong entry" out_has 'BindInterfaces has the entry "eth0"; allowed: MAC:'
check "what it comes to" out_has 'the server will not start'
reg_add "$server" BindPolicy REG_DWORD 7
expect 1 config check
check "a wrong number" out_has 'BindPolicy is 7; allowed: 0 or 1; its default is used'
expect 0 config show
check "show marks what is wrong" out_has 'WRONG: is 7; allowed: 0 or 1'
expect 1 config export x.reg
check "nothing wrong is exported" err_has 'nothing is exported'
check "no file is left" test ! -e "$tmp/x.reg"
unset_all

# --- options --------------------------------------------------------------------------------------

expect 0 config set UseDhcpPorts 0
expect 0 config show --json --interface 10.0.0.7 --port 67
check "options win" json_holds '{s["name"]: (s["value"], s["source"]) for s in j
    if s["source"] != "default"} == {"UseDhcpPorts": (1, "option"), "BindPolicy": (1, "option"),
    "BindInterfaces": (["IP:10.0.0.7"], "option")}'
expect 0 config show UseDhcpPorts
check "details: from" grep -q '^from: *registry$' "$tmp/out"
check "details: key" out_has "$server"

# --- registry files -------------------------------------------------------------------------------

expect 0 config set BindInterfaces IP:10.0.0.2 MAC:001122AABBCC
expect 0 config set FileDirectory '%TEMP%\"q"\ö'
expect 0 config set LoadBalanceBuckets 0-63,128
expect 0 config set SharedPorts 1
expect 0 config export all.reg
cp "$tmp/all.reg" "$tmp/first.reg"

# As Windows writes it: the mark of UTF-16LE, CR LF, folded lines, escapes.
windows_file() {
    python3 - "$tmp/first.reg" <<'PY'
import sys
b = open(sys.argv[1], "rb").read()
assert b[:2] == b"\xff\xfe"
t = b[2:].decode("utf-16-le")
assert "\n" not in t.replace("\r\n", "")
lines = t.split("\r\n")
assert lines[0] == "Windows Registry Editor Version 5.00" and lines[1] == ""
assert '"UseDhcpPorts"=dword:00000000' in lines
assert '"LoadBalanceBuckets"="0-63,128"' in lines
assert any(l.startswith('"BindInterfaces"=hex(7):49,00,50,00,3a,00') and l.endswith(",\\")
           for l in lines), lines
assert any(l.startswith('"FileDirectory"=hex(2):25,00,54,00') for l in lines), lines
assert all(len(l) <= 80 for l in lines if not l.startswith("["))
PY
}
check "a file as Windows writes it" windows_file

unset_all
expect 0 config import all.reg
check "what was imported is told" out_has 'LoadBalanceBuckets = 0-63,128'
expect 0 config export again.reg
check "out, in and out again is the same file" cmp "$tmp/first.reg" "$tmp/again.reg"
expect 0 config export utf8.reg --utf8
unset_all
expect 0 config import utf8.reg
expect 0 config export again.reg
check "the same by UTF-8" cmp "$tmp/first.reg" "$tmp/again.reg"

# regedit reads ours, and we read regedit's.
unset_all
(cd / && wine reg import "$(winepath -w "$tmp/first.reg")") >/dev/null 2>&1 </dev/null
expect 0 config export again.reg
check "reg import reads our file" cmp "$tmp/first.reg" "$tmp/again.reg"
(cd / && wine reg export "$server" "$(winepath -w "$tmp/reg.reg")" /y) >/dev/null 2>&1 </dev/null
expect 0 config unset BindInterfaces
expect 0 config import reg.reg
check "we read the file of reg export" value_is BindInterfaces \
    '["IP:10.0.0.2", "MAC:001122AABBCC"]' registry

expect 0 config unset SharedPorts
expect 0 config export exact.reg --exact
expect 0 config set SharedPorts 1
expect 0 config import exact.reg --dry-run
check "a dry run tells" out_has 'SharedPorts = 0 (default)'
check "a dry run changes nothing" value_is SharedPorts 1 registry
expect 0 config import exact.reg
check "--exact unsets" value_is SharedPorts 0 default

# All of it or nothing.
refused() { # what the line must say, lines of the file...
    local wanted=$1
    shift
    expect 0 config export before.reg --exact
    printf '%s\n' "$@" >"$tmp/wrong.reg"
    expect 1 config import wrong.reg
    check "'$wanted' for: $*" err_has "$wanted"
    expect 0 config export after.reg --exact
    check "nothing has changed after: $*" cmp "$tmp/before.reg" "$tmp/after.reg"
}
first='Windows Registry Editor Version 5.00'
good='"UseDhcpPorts"=dword:1'
refused 'line 4: BindPolicy is 2; allowed: 0 or 1' "$first" "[$server]" "$good" '"BindPolicy"=dword:2'
refused 'line 4: BindPolicy is of type REG_SZ' "$first" "[$server]" "$good" '"BindPolicy"="1"'
refused 'line 5: deletes the key' "$first" "[$server]" "$good" '' "[-$host]"
refused 'line 4: an equals sign is missing' "$first" "[$server]" "$good" '"BindPolicy" dword:1'
refused 'line 4: a quotation mark is missing' "$first" "[$server]" "$good" '"BindPolicy'
refused 'line 4: something follows' "$first" "[$server]" "$good" '"BindPolicy"=dword:1 x'
refused 'line 2: a value comes before any [key]' "$first" "$good"
refused 'a registry file begins with' "[$server]" "$good"
refused 'a file of version 4' REGEDIT4 "[$server]" "$good"
printf '\377\376W' >"$tmp/wrong.reg"
expect 1 config import wrong.reg
check "half a character" err_has 'neither UTF-16 nor UTF-8'
expect 3 config import missing.reg
: >"$tmp/wrong.reg"
expect 1 config import wrong.reg
check "an empty file" err_has 'this is empty, no registry file; nothing is imported'
cp "$exe" "$tmp/wrong.reg"
expect 1 config import wrong.reg
check "a program" err_has 'neither UTF-16 nor UTF-8'
truncate -s 17M "$tmp/wrong.reg"
expect 1 config import wrong.reg
check "a huge file" err_has 'has more than 16 MB, as no file of settings has; nothing is imported'

# --- a share --------------------------------------------------------------------------------------

expect 0 config set LoadBalanceBuckets 0-127
expect 0 config check
check "a share needs other servers" out_has 'LoadBalanceBuckets 0-127: other servers must have'
check "they take over" bash -c "! grep -q LoadBalanceTakeover '$tmp/out'"
expect 0 config set LoadBalanceTakeover 0
expect 0 config check
check "nobody takes over" out_has 'LoadBalanceTakeover 0: the clients of a server that is down'
expect 0 config unset LoadBalanceTakeover
expect 0 config unset LoadBalanceBuckets

printf '%s\n' "$first" '' '; a remark' "[${host/HKEY_LOCAL_MACHINE/HKLM}]" '"sharedports"=dword:1' \
    '"UdpPortPolicy"=dword:0' "[$server\\Providers\\X]" '@="x"' '"BindPolicy"=dword:1' \
    '[-HKEY_CURRENT_USER\Software\Other]' >"$tmp/some.reg"
expect 0 config import some.reg
check "other lines are passed over" out_has '4 other lines passed over'
check "a short root and another spelling" value_is SharedPorts 1 registry
check "a value of another key is no setting" value_is BindPolicy 0 default

usage_error 'arguments are missing' config import
usage_error 'a command is missing' config

unset_all
finish
