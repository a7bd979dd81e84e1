#!/bin/bash
# wdspxectl static from outside: ten wrong files, all mistakes of each at once; what a machine gets and
# why; boots that are counted, shown and set.
#
#   test_wdspxectl_static.sh WDSPXECTL_EXE [--make]
#
# The environment gives WINEPREFIX. The wrong files and what is said of them are in tests/static; --make
# writes the latter anew, to be read before it is kept. Needs python3.
set -u
{ [ $# -eq 1 ] || [ "${2:-}" = --make ]; } && [ -f "$1" ] ||
    { echo "usage: $0 WDSPXECTL_EXE [--make]" >&2; exit 2; }
exe=$(realpath "$1")
make=${2:-}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
files=$(cd "$(dirname "${BASH_SOURCE[0]}")/../static" && pwd)
readonly EXIT_FAILED=1 EXIT_NOT_FOUND=3 WRONG_FILES=10
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

# The tool names files by their full paths; the golden files are free of the folder.
without_folder() {
    python3 -c 'import re, sys
folder = sys.argv[1]
text = sys.stdin.read().replace("\r", "")
sys.stdout.write(re.sub(r"[A-Z]:" + re.escape(folder.replace("/", "\\")) + r"\\", "", text))' "$tmp"
}

# The same mistakes as in the lines, in the same order, each with its parts.
json_says_the_same() { # golden file
    python3 - "$tmp/out" "$1" "$tmp" <<'PY'
import json, ntpath, re, sys
folder = re.compile(r"[A-Z]:" + re.escape(sys.argv[3].replace("/", "\\")) + r"\\")
told = json.load(open(sys.argv[1], encoding="utf-8"))
lines = open(sys.argv[2], encoding="utf-8").read().splitlines()[:-1]

def line_of(p):
    where = [ntpath.basename(p["file"])] if p["file"] else []
    where += [f"line {p['line']}"] if p["line"] else []
    where += [f"section [{p['section']}]"] if p["section"] is not None else []
    where += [f"key {p['key']}"] if p["key"] is not None else []
    return ", ".join(where) + ": " + folder.sub("", p["problem"])

made = [line_of(p) for p in told["problems"]]
if made != lines or told["mistakes"] != len(lines):
    sys.exit("\n".join(["not the same:"] + made))
PY
}

# --- ten wrong files ------------------------------------------------------------------------------

start_wine
cp "$files"/*.ini "$files"/*.csv "$tmp/"
count=0
for golden in "$files"/*.txt; do
    name=$(basename "$golden" .txt)
    expect $EXIT_FAILED static check "$name.ini"
    without_folder <"$tmp/out" >"$tmp/said"
    [ -z "$make" ] || cp "$tmp/said" "$golden"
    check "all mistakes of $name" diff -u "$golden" "$tmp/said"
    expect $EXIT_FAILED static check "$name.ini" --json
    check "all mistakes of $name in JSON" json_says_the_same "$golden"
    count=$((count + 1))
done
check "all wrong files were read" test "$count" -eq $WRONG_FILES

# --- a good file, a missing one -------------------------------------------------------------------

cat >"$tmp/good.ini" <<'INI'
[server]
machines=good.csv
[default]
file=pc.0
ipxe_file=menu.ipxe
[rule:switch]
circuit_id=eth-0/7*
ignore=yes
[rule:pi]
mac=dc-a6-32-*
file=bootcode.bin
file_in_offer=yes
option.43="Raspberry Pi Boot"
[rule:branch]
subnet=10.20.0.0/16
use=branch
[arch:7]
file=x64.efi
[group:branch]
next_server=10.20.0.5
[group:lab]
file=lab.0
boots=2
then=disk
[group:disk]
file=disk.0
INI
printf 'mac,name,section\n52-54-00-12-34-56,pc-1,lab\n' >"$tmp/good.csv"
expect 0 static check good.ini
check "a good file" out_matches '^good.ini: good; [0-9]+ rules, 1 machine of lists, 2 files, '
expect 0 static check good.ini --json
check "a good file in JSON" json_holds 'j["mistakes"] == 0 and j["problems"] == [] and j["machines"] == 1'
printf '[default]\nfile=a.efi\nfile_in_offer=yes\noption.43=hex:0a0141ff\n' >"$tmp/warned.ini"
expect 0 static check warned.ini
check "a warning" out_matches '^warning: .*warned.ini, line 1, section \[default\], key option.43: .* 060108'
check "it is good all the same" out_matches '^warned.ini: good; '
expect 0 static check warned.ini --json
check "a warning in JSON" json_holds 'j["mistakes"] == 0 and j["warnings"] == 1
    and [p["is_warning"] for p in j["problems"]] == [True]'
expect $EXIT_NOT_FOUND static check gone.ini
check "a file that is not there" err_has 'cannot read gone.ini'
usage_error 'arguments are missing' static check
printf '[default]\nfiel=a\n' >"$tmp/one.ini"
expect $EXIT_FAILED static check one.ini
check "one mistake" out_has 'one.ini: 1 mistake'

# --- what a machine gets --------------------------------------------------------------------------

explained() { # Python expression over what the JSON says, arguments of explain...
    local wanted=$1
    shift
    ctl static explain good.ini "$@" --json
    checks=$((checks + 1))
    [ "$rc" -eq 0 ] && json_holds "$wanted" || fail "explain $*: $wanted"
}

explained 'j["section"] == "rule:pi" and j["sent"]["file"] == "bootcode.bin" and
    j["sent"]["file_in_offer"] == "yes" and j["refused"] is None' --mac dc-a6-32-01-02-03 --arch bios
explained 'j["section"] == "arch:7" and j["sent"]["file"] == "x64.efi" and
    [r["fails"] for r in j["rules"]] == ["circuit_id", "mac", "subnet"]' --mac 52-54-00-00-00-01 --arch x64
explained 'j["sent"]["next_server"] == "10.20.0.5" and j["layers"] == ["rule:branch", "group:branch", "default", "server"]' --arch bios \
    --relay 10.20.3.4
explained 'j["refused"].startswith("ignore=yes") and j["sent"] == {}' --circuit-id eth-0/72
explained 'j["refused"].startswith("ignore=yes")' --circuit-id hex:6574682D302F37
explained 'j["section"] == "default"' --circuit-id hex:00
explained 'j["refused"].startswith("it boots over HTTP, and its section has no http_url")' --class HTTPClient --arch 16
explained 'j["sent"]["file"] == "menu.ipxe"' --user-class iPXE --arch bios
explained 'j["machine"] == "pc-1" and j["known_by"] == "mac" and j["sent"]["file"] == "lab.0"' \
    --mac 52:54:00:12:34:56 --arch x64
explained 'j["sent"]["boots"] == "2" and j["sent"]["then"] == "group:disk"' --mac 52-54-00-12-34-56
usage_error 'write hex: and 1 to 255 bytes' static explain good.ini --remote-id hex:0
expect 0 static explain good.ini --mac 52-54-00-00-00-01 --arch x64
check "why: the rules before" out_matches '^  not \[rule:pi\]: mac does not hold$'
check "why: the section and its line" out_matches '^\[arch:7\] \(.*good.ini, line 17\)$'
check "what is sent" out_matches '^  file +x64.efi$'
expect $EXIT_NOT_FOUND static explain good.ini --class U-Boot.armv8
check "no section" out_has 'no section is for it'
expect $EXIT_FAILED static explain one.ini
check "a wrong file is not explained" err_has 'one.ini has 1 mistake; wdspxectl static check tells all'
usage_error 'a MAC address has six bytes' static explain good.ini --mac 52-54
usage_error 'write architectures' static explain good.ini --arch x65
usage_error 'write an IPv4 or IPv6 address' static explain good.ini --relay 10.0

# --- boots ----------------------------------------------------------------------------------------

machine=52-54-00-12-34-56
list_is() { # lines
    expect 0 static list good.ini
    check "the list is: $1" test "$(tr -d '\r' <"$tmp/out")" = "$1"
}

list_is ''
expect 0 static list good.ini --json
check "an empty list in JSON" json_holds 'j == {"machines": []}'
expect $EXIT_NOT_FOUND static forget good.ini $machine
check "nothing to forget" err_has "nothing is known about $machine"
expect 0 static once good.ini $machine
list_is '52-54-00-12-34-56  boots 0 of 1'
expect 0 static once good.ini guid:00112233-4455-6677-8899-aabbccddeeff
expect 0 static again good.ini mac:$machine
list_is $'guid:{00112233-4455-6677-8899-AABBCCDDEEFF}  boots 0 of 1\n52-54-00-12-34-56  boots 0'
expect 0 static list good.ini --json
check "the list in JSON" json_holds 'j == {"machines": [
    {"machine": "guid:{00112233-4455-6677-8899-AABBCCDDEEFF}", "boots": 0, "limit": 1},
    {"machine": "52-54-00-12-34-56", "boots": 0, "limit": None}]}'
expect 0 static forget good.ini 'guid:{00112233-4455-6677-8899-AABBCCDDEEFF}'
list_is '52-54-00-12-34-56  boots 0'
usage_error 'is neither a MAC address nor guid:GUID' static once good.ini pc-1
expect $EXIT_FAILED static once one.ini $machine
expect $EXIT_NOT_FOUND static list gone.ini

# A line that a crash cut off, and one with a wrong bit, count for nothing and stop nothing.
printf 'mac-525400123456 9 - 00000000 00000000 b 00000000\nmac-52540012' >>"$tmp/good.ini.boots"
list_is '52-54-00-12-34-56  boots 0'
expect 0 static once good.ini $machine
list_is '52-54-00-12-34-56  boots 0 of 1'
expect 0 static forget good.ini $machine
list_is ''

finish
