#!/bin/bash
# wdspxectl serve when nothing more can be written: standard output, the capture, the trace file and a
# minidump say so once, on standard error and in the event log, the server goes on, and it says when
# they are written again.
#
#   test_wdspxectl_full_disk.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, whose provider list must be empty. The test providers lie in
# providers/ beside the program. Needs python3 and util-linux (prlimit).
#
# The full disk is a limit to the size of files that the server's process has: the bytes beyond it are
# refused by the kernel, the last write before it is cut short, and it can be lifted from outside. The
# signal that comes with it is ignored. /dev/full is the real error; and where this may mount one (root
# may), a small tmpfs is filled, with all four of them in it.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
providers=$(dirname "$exe")/providers
tmp=$(mktemp -d) || exit 2
# Wine keeps no event log: it says here what it was given.
export WINEDEBUG=-all,+eventlog
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

tracing='HKLM\SOFTWARE\Microsoft\Tracing\WDSServer'
clean_up() {
    ctl provider remove answer
    ctl provider remove faulty
    (cd / && wine reg delete "$tracing" /f) </dev/null
    umount -l "$tmp/small"
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

reg() { (cd / && wine reg add "$@" /f) >/dev/null 2>&1 </dev/null; }

# A server of this shell's; its standard error is a pipe, which has no size.
serve() { # options...
    rm -f "$tmp/stop" "$tmp/said"
    mkfifo "$tmp/pipe"
    # Both ends are open before anybody needs them: opening one by itself waits for the other.
    exec 9<>"$tmp/pipe" 8<"$tmp/pipe" 7>"$tmp/pipe" 9>&-
    rm "$tmp/pipe"
    cat <&8 >"$tmp/said" 7>&- &
    cat_pid=$!
    read -r port boot_port < <(free_ports)
    (
        trap '' XFSZ
        cd "$tmp" && exec timeout 300 wine "$exe" serve --interface 127.0.0.1 --port "$port" \
            --boot-port "$boot_port" --for 240 --stop-file stop "$@"
    ) >"${out:-$tmp/out}" 2>&7 </dev/null 7>&- 8<&- &
    serve_pid=$!
    exec 7>&- 8<&-
}

stop() { # exit code
    : >"$tmp/stop"
    wait "$serve_pid"
    rc=$?
    wait "$cat_pid"
    cp "$tmp/said" "$tmp/err"
    check "exit code $1, is $rc" test "$rc" -eq "$1"
}

# The process that runs the server: it holds the socket, as Wine's server does. Prints nothing until
# there is one.
server() {
    python3 - "$port" <<'PY'
import glob, os, sys
inodes = {"socket:[%s]" % f[9] for f in map(str.split, open("/proc/net/udp"))
          if f[1].endswith(":%04X" % int(sys.argv[1]))}
for fd in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        process = fd.split("/")[2]
        if os.readlink(fd) in inodes and "wineserver" not in open("/proc/%s/comm" % process).read():
            print(process)
            break
    except OSError:
        pass
PY
}
is_up() { [ -n "$(server)" ]; }
limit() { prlimit --pid "$(server)" --fsize="$1:unlimited"; }

# So many DISCOVERs, slowly enough for the log to have a line for each of them. Without waiting for an
# answer: the counters tell at the end.
ask() { # how many
    discover "$port" --count "$1" --first $((asked + 1)) --pause 0.12
    asked=$((asked + $1))
}

said() { grep -qE -- "$1" "$tmp/said"; }
times() { grep -v ':eventlog:' "$tmp/said" | grep -cE -- "$1"; }
asked=0
ask_until() { # command...: within two minutes
    local end=$((SECONDS + 120))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        ask 2
    done
}

trace_into() { # folder below $tmp, which is made
    mkdir "$tmp/$1"
    reg "$tracing" /v EnableFileTracing /t REG_DWORD /d 1
    reg "$tracing" /v FileTracingMask /t REG_DWORD /d 0xffffffff
    reg "$tracing" /v FileDirectory /t REG_EXPAND_SZ /d "Z:${tmp//\//\\}\\${1//\//\\}"
}

start_wine
expect 0 provider add answer "Z:$providers/prov_answer.dll"
key='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
reg "$key\\answer" /v ReplyMode /t REG_SZ /d null

# --- full, and then not any more ----------------------------------------------------------------

trace_into trace
serve --capture run.pcapng --verbose
check "serves" becomes_true is_up
check "asked before" ask 3
# Half of the next line fits, and nothing of the others.
limit $(($(stat -c %s "$tmp/out") + 50))
lost='cannot be written.*(error|\(error)'
check "the capture's loss is told" ask_until said "the capture .run.pcapng. $lost"
check "the trace's" ask_until said "the trace file in .* $lost"
check "standard output's" ask_until said "standard output $lost"
before=$asked
ask 10
limit unlimited
check "the capture works again" ask_until said 'the capture .run.pcapng.: written again; [0-9]+ datagrams'
check "the trace does" ask_until said 'the trace file in .* is written again: [0-9]+ lines'
check "standard output does" ask_until said 'standard output: written again; [0-9]+ lines'
ask 3
stop 1 # for the capture is not complete
check "each was told once" test "$(times "$lost")" -eq 3
check "each was an event" test "$(grep -c 'eventlog.*\(cannot be written\|written again\)' "$tmp/said")" -ge 6
check "the end says what is not in the capture" \
    err_has 'the capture "run.pcapng" is not complete, '
check "all that came meanwhile was answered" python3 - "$tmp/out" "$asked" <<'PY'
import re, sys
line = open(sys.argv[1], encoding="utf-8", errors="replace").read().splitlines()[-1]
received, answered = map(int, re.search(r"(\d+) received, (\d+) answered", line).groups())
assert received == answered == int(sys.argv[2]), line
PY
check "the capture's blocks are whole" bash -c \
    "tshark -r '$tmp/run.pcapng' 2>&1 >/dev/null | grep -ciE 'cut short|damaged|error' | grep -qx 0"
check "and those from before and after are there" python3 - "$(tshark -r "$tmp/run.pcapng" -T fields -e dhcp.id \
    -d "udp.port==$port,dhcp" 2>/dev/null)" "$before" "$asked" <<'PY'
import sys
ids = {int(x, 16) for x in sys.argv[1].split()}
before, asked = map(int, sys.argv[2:])
assert {3, asked} <= ids, sorted(ids)
assert before + 5 not in ids, sorted(ids)
PY
check "no line of standard output is two" python3 - "$tmp/out" <<'PY'
import re, sys
lines = open(sys.argv[1], encoding="utf-8", errors="replace").read().splitlines()
whole = [x for x in lines if re.match(r"\d{4}-\d\d-\d\d \d\d:", x)]
assert all(len(re.findall(r"\d{4}-\d\d-\d\d \d\d:", x)) == 1 for x in whole), lines
assert len(lines) > 7, lines # of before and after; a busy machine sums some up
PY
check "no line of the trace is two" python3 - "$tmp/trace/wdsserver.log" <<'PY'
import sys
lines = open(sys.argv[1], encoding="utf-8", errors="replace").read().splitlines()
assert all(x.count("[WDSPXE]") <= 1 for x in lines), lines
assert len(lines) > 5
PY
(cd / && wine reg delete "$tracing" /f) </dev/null >/dev/null 2>&1

# --- standard output is full from the beginning -----------------------------------------------------

out=/dev/full serve
check "serves without standard output" becomes_true is_up
check "it is told" ask_until said "standard output cannot be written: .*error 112"
ask 5
stop 1
check "once" test "$(times 'standard output cannot be written')" -eq 1

# --- all of them on a file system that is full ------------------------------------------------------

mkdir "$tmp/small"
if mount -t tmpfs -o size=24m none "$tmp/small" 2>"$tmp/err"; then
    trace_into small/trace
    expect 0 provider add faulty "Z:$providers/bad_null.dll" --index 0
    out=$tmp/small/out serve --verbose --capture small/run.pcapng --dump-dir small/dumps --on-fault continue
    check "serves" becomes_true is_up
    fill() { ! cat /dev/zero >"$tmp/small/filler"; } 2>/dev/null
    check "filled" fill
    check "the capture's loss" ask_until said "the capture .small.run.pcapng. cannot be written"
    check "the trace's" ask_until said 'the trace file in .* cannot be written'
    check "standard output's" ask_until said 'standard output cannot be written'
    check "a minidump's" ask_until said 'a minidump cannot be written'
    rm "$tmp/small/filler"
    check "the capture again" ask_until said 'the capture .small.run.pcapng.: written again; [0-9]+ datagrams'
    check "the trace again" ask_until said 'the trace file in .* is written again: [0-9]+ lines'
    check "standard output again" ask_until said 'standard output: written again; [0-9]+ lines'
    [ "$(exe_machine)" = i686 ] || # Wine makes none of 32-bit programs
        check "a minidump again" ask_until said 'a minidump: written again; [0-9]+ minidumps were lost'
    stop 1 # for the capture is not complete
    check "the last line is there" grep -q '^stopped (stop file): ' "$tmp/small/out"
    expect 0 provider remove faulty
    (cd / && wine reg delete "$tracing" /f) </dev/null >/dev/null 2>&1
else
    echo "not asked: a tmpfs that is full ($(head -1 "$tmp/err"))"
fi

# --- a minidump that does not fit -------------------------------------------------------------------

expect 0 provider remove answer
expect 0 provider add faulty "Z:$providers/bad_null.dll"
serve --dump-dir dumps --on-fault continue
check "serves" becomes_true is_up
limit 30000
check "no minidump" ask_until said 'a minidump cannot be written: '
check "none is named" bash -c "! grep -q 'minidump: ' '$tmp/said' '$tmp/out'"
no_dump() { [ -z "$(ls "$tmp/dumps")" ]; }
check "none is left" becomes_true no_dump
if [ "$(exe_machine)" != i686 ]; then # Wine makes none of 32-bit programs
    limit unlimited
    check "the next one is written" ask_until said 'a minidump: written again; [0-9]+ minidumps were lost'
    check "and there" becomes_true compgen -G "$tmp/dumps/faulty-*.dmp" >/dev/null
fi
stop 0
expect 0 provider remove faulty
finish
