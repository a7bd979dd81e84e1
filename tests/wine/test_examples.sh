#!/bin/bash
# The providers of docs/examples: built by the commands of its README, each asked what a real client asked, once and
# in four threads. A compiler that is not there leaves its language out, and is named.
#
#   WINEPREFIX=... test_examples.sh WDSPXECTL_EXE SOURCE_FOLDER
set -uo pipefail
[ $# -eq 2 ] || { echo "usage: $0 WDSPXECTL_EXE SOURCE_FOLDER" >&2; exit 2; }
exe=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
export WDSPXE=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. "$here/outside.sh"
page=$WDSPXE/docs/examples/README.md
built=0

export GOCACHE=$tmp/go GOFLAGS=-mod=mod GO111MODULE=off GOTOOLCHAIN=local

# The block of commands below a heading.
commands_of() {
    awk -v wanted="### $1" '
        /^#/ { here = $0 == wanted }
        /^```sh$/ { inside = here; next }
        /^```$/ { inside = 0 }
        inside' "$page"
}

# build LANGUAGE DLL: false: it was not built, and why was said
build() {
    commands_of "$1" >"$tmp/commands"
    checks=$((checks + 1))
    [ -s "$tmp/commands" ] || { fail "$page has no commands for $1" && return 1; }
    if (cd "$tmp" && bash -euo pipefail commands) >"$tmp/out" 2>"$tmp/err"; then
        check "no warning of the compiler for $1" [ ! -s "$tmp/err" ]
        built=$((built + 1))
        return 0
    fi
    fail "the commands for $1 failed"
    return 1
}

# Two of the three requests of the capture are for a boot server: the one to port 67 that takes an address
# is not.
ask() { # LANGUAGE DLL FILE OPTION...
    local language=$1 dll=$2 file=$3
    shift 3
    expect 0 replay "$dll" boot.pcap --json "$@"
    events_hold '[(r["type"], {f["id"]: f["value"] for f in r["fields"]}["file"])
                  for x in e if x["event"] == "exchange" for r in x["replies"]]
                 == [("OFFER", "\"'"$file"'\""), ("ACK", "\"'"$file"'\"")]' || fail "$language: other replies"
    check "$language breaks no rule" events_hold 'not f'
    expect 0 replay "$dll" boot.pcap --quiet --repeat 100 --threads 4 "$@"
    check "$language answers in four threads" out_matches '^replayed 300 requests .*: 200 answered, .* 0 findings'
}

missing() { # LANGUAGE WHAT
    echo "left out: $1, for there is no $2 (tools/packages languages)"
}

has_rust() {
    local library
    library=$(rustc --print target-libdir --target x86_64-pc-windows-gnu 2>"$tmp/err") && [ -d "$library" ]
}

start_wine
cp "$WDSPXE/tests/captures/bios-ipxe.pcap" "$tmp/boot.pcap"
build C && ask C provider-c.dll c/bios.0 --set BootFile0=c/bios.0 --set BootFile7=c/x64.efi
expect 0 replay provider-c.dll boot.pcap --quiet --set BootFile7=c/x64.efi
check "no file for that architecture: passed on" out_matches ': 0 answered'

printf '%s\n' '52:54:00:77:00:02 cpp/other.0' '52:54:00:77:00:01 cpp/bios.0' >"$tmp/machines.txt"
list="List=Z:${tmp//\//\\}\\machines.txt"
build C++ && ask C++ provider-cpp.dll cpp/bios.0 --set "$list"
echo '52:54:00:77:00:02 cpp/other.0' >"$tmp/machines.txt"
expect 0 replay provider-cpp.dll boot.pcap --quiet --set "$list"
check "a machine that is not listed: passed on" out_matches ': 0 answered'
expect 3 replay provider-cpp.dll boot.pcap --quiet
check "without a list it does not start" grep -q 'error 2\b' "$tmp/err" "$tmp/out"

if has_rust; then
    build Rust && ask Rust provider-rust.dll rust/bios.0
else
    missing Rust "rustc with the target x86_64-pc-windows-gnu"
fi
if command -v go >/dev/null; then
    build Go && ask Go provider-go.dll go/bios.0
else
    missing Go go
fi
echo "$built languages built"
[ "$built" -ge 2 ] || fail "C and C++ were not built"
finish
