#!/bin/bash
# wdspxectl serve when an exception leaves a provider's callback: what is told, the event, the minidump,
# and whether the server goes on.
#
#   test_wdspxectl_faults.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, whose provider list must be empty. The test providers lie in
# providers/ beside the program. Needs python3.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
providers=$(dirname "$exe")/providers
tmp=$(mktemp -d) || exit 2
# Wine keeps no event log: it says here what it was given.
export WINEDEBUG=-all,+eventlog
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

clean_up() {
    ctl provider remove faulty
    ctl provider remove good
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

add() { # name, DLL, options...
    local name=$1 dll=$2
    shift 2
    expect 0 provider add "$name" "Z:$providers/$dll.dll" "$@"
}

# Serves until it ends by itself, or until `count` requests have come to an end.
serve() { # exit code, count, options...
    local wanted=$1 count=$2 port boot_port pid
    shift 2
    rm -rf "$tmp/dumps" "$tmp/stop"
    : >"$tmp/out"
    read -r port boot_port < <(free_ports)
    (
        ctl serve --json --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" --for 120 \
            --stop-file stop "$@"
        exit "$rc"
    ) &
    pid=$!
    check "$count requests ($*)" discover "$port" --count "$count" \
        --log "$tmp/out" --ready '"serving"' --told '"request"'
    : >"$tmp/stop"
    wait "$pid"
    rc=$?
    check "exit code $wanted, is $rc (serve $*)" test "$rc" -eq "$wanted"
}

# One minidump, with the exception and the module it happened in.
dump_is_of() { # exception code, module
    python3 - "$tmp/dumps" "$1" "$2" <<'PY'
import glob, struct, sys

files = glob.glob(sys.argv[1] + "/*.dmp")
assert len(files) == 1, files
b = open(files[0], "rb").read()
signature, _, count, at = struct.unpack_from("<4sIII", b)
assert signature == b"MDMP"
streams = {}
for i in range(count):
    kind, size, where = struct.unpack_from("<III", b, at + 12 * i)
    streams[kind] = (where, size)
THREADS, MODULES, EXCEPTION = 3, 4, 6
where, _ = streams[EXCEPTION]
thread, _, code, _, _, address = struct.unpack_from("<IIIIQQ", b, where)
assert code == int(sys.argv[2], 16), hex(code)
where, _ = streams[THREADS]
threads = [struct.unpack_from("<I", b, where + 4 + 48 * i)[0]
           for i in range(struct.unpack_from("<I", b, where)[0])]
assert thread in threads, (thread, threads)
where, _ = streams[MODULES]
for i in range(struct.unpack_from("<I", b, where)[0]):
    base, size, _, _, name = struct.unpack_from("<QIIII", b, where + 4 + 108 * i)
    length, = struct.unpack_from("<I", b, name)
    if base <= address < base + size:
        path = b[name + 4:name + 4 + length].decode("utf-16-le")
        assert path.lower().endswith(sys.argv[3]), path
        sys.exit()
sys.exit("the exception is in no module")
PY
}

no_dump() { [ -z "$(ls "$tmp/dumps" 2>/dev/null)" ]; }

# Wine's dbghelp.dll makes no dump of a 32-bit program in a 64-bit Wine (its error is 87), and a Wine of
# 32 bits is not what the tests run in. That must be told, and nothing be left.
check_dump() { # what, exception code, module
    if [ "$machine" = i686 ]; then
        check "$1: none for 32 bits" no_dump
        check "$1: it is told" err_has 'a minidump cannot be written'
    else
        check "$1" dump_is_of "$2" "$3"
    fi
}

dump_is_named() { # how its path begins, as Python writes it
    if [ "$machine" = i686 ]; then
        events_hold "f[0]['dump'] is None"
    else
        events_hold "f[0]['dump'].startswith('$1') and f[0]['dump'].endswith('.dmp')"
    fi
}

start_wine
machine=$(exe_machine)

# --- not critical: disabled, the others go on -----------------------------------------------------

add faulty bad_null
add good good
serve 0 2 --dump-dir dumps
check "one finding" events_hold "len(f) == 1 and f[0]['rule'] == 'fault' and f[0]['provider'] == 'faulty'"
check "it names its minidump" dump_is_named 'dumps\\faulty-'
check "the next request is the other's" events_hold "[x['provider'] for x in e if x['event'] == 'request'][1] == 'good'"
check_dump "minidump" 0xc0000005 bad_null.dll
check "the log has it" err_has 'it gets no further request (event 1024)'
check "the event log has it" grep -q 'eventlog.*faulty' "$tmp/err"
check "and the start of the other" grep -q 'eventlog.*good' "$tmp/err"

# --- policies -------------------------------------------------------------------------------------

serve 1 1 --dump-dir dumps --on-fault stop
check "stopped by the fault" events_hold "e[-1]['reason'] == \"a provider's fault\""
check_dump "minidump of it" 0xc0000005 bad_null.dll
check "the event log has the end" grep -q 'takes no further request' "$tmp/err"

serve 0 3 --dump-dir dumps --on-fault continue
check "goes on with it" events_hold "len(f) == 3"
check_dump "one minidump for the same place" 0xc0000005 bad_null.dll
check "which only the first one names" events_hold "[x['dump'] for x in f[1:]] == [None, None]"

: >"$tmp/a-file"
serve 0 1 --dump-dir a-file
check "no folder, no minidump: it is told" err_has 'a minidump cannot be written'
check "and nothing else is different" events_hold "len(f) == 1 and f[0]['dump'] is None"

usage_error '--on-fault is auto, stop, disable or continue, not "explode"' serve --on-fault explode

# --- critical: the server stops -------------------------------------------------------------------

expect 0 provider remove faulty
add faulty bad_stack --critical --index 0
serve 1 1 --dump-dir dumps
check_dump "an overflow of the stack, too" 0xc00000fd bad_stack.dll
check "a critical one ends it" events_hold "e[-1]['reason'] == \"a provider's fault\""

# --- the verifier ---------------------------------------------------------------------------------

expect 0 provider remove faulty
add faulty bad_leak --index 0
serve 0 1 --dump-dir dumps
check "not held against the rules unless asked" events_hold "len(f) == 0"
serve 0 1 --dump-dir dumps --verify
check "a broken rule is told" events_hold "len(f) == 1 and f[0]['rule'] == 'packet-leaked' and f[0]['dump'] is None"
check "no minidump for that" no_dump

finish
