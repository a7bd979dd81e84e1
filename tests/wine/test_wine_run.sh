#!/bin/bash
# tools/wine-run after runs that were killed: while they made the prefix, and with a program that
# goes on.
#   test_wine_run.sh RUNNER...
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: test_wine_run.sh RUNNER..." >&2; exit 2; }
runner=("$@")
work=$(mktemp -d)
export WDSPXE_WINEPREFIX=$work/prefix
started=

finish()
{
    [ -z "$started" ] || kill -KILL -- "-$started" 2>/dev/null || true
    "${runner[@]}" --stop || true
    rm -rf "$work"
}
trap finish EXIT

fail()
{
    echo "FAIL: $*" >&2
    cat "$WDSPXE_WINEPREFIX/.log" >&2 || true
    exit 1
}

# within SECONDS COMMAND...: waits for it to succeed
within()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

# In a group of its own, so that all of it can be killed. Into a file, for what is left of it would
# keep a pipe open; from a FIFO that stays open, for a program that reads to go on.
start()
{
    setsid "${runner[@]}" "$@" >>"$work/output" 2>&1 <"$work/input" &
    started=$!
}

kill_started()
{
    kill -KILL -- "-$started"
    wait "$started" 2>/dev/null || true
    started=
}

is_gone()
{
    ! kill -0 "$1" 2>/dev/null
}


mkfifo "$work/input"
exec 8<>"$work/input"

start --start
within 300 test -e "$WDSPXE_WINEPREFIX/drive_c" || fail "no prefix was begun"
kill_started
[ -e "$WDSPXE_WINEPREFIX/.making" ] || fail "the prefix was complete before it could be killed"
"${runner[@]}" --start || fail "the prefix was not made again"
[ -e "$WDSPXE_WINEPREFIX/.ready" ] || fail "no .ready"
[ ! -e "$WDSPXE_WINEPREFIX/.making" ] || fail "still .making"
said=$("${runner[@]}" cmd /c 'echo first' | tr -d '\r')
[ "$said" = first ] || fail "it said '$said', not 'first'"

# A program that nobody waits for any more is ended by the next --start, and the prefix stays.
touch "$WDSPXE_WINEPREFIX/drive_c/kept"
start cmd /k 'echo is there'
within 120 grep -q 'is there' "$work/output" || fail "the program did not start"
! is_gone "$started" || fail "the program ended by itself"
"${runner[@]}" --start || fail "no second start"
within 60 is_gone "$started" || fail "the program goes on"
[ -e "$WDSPXE_WINEPREFIX/drive_c/kept" ] || fail "the prefix was made again for nothing"
said=$("${runner[@]}" cmd /c 'echo second' | tr -d '\r')
[ "$said" = second ] || fail "it said '$said', not 'second'"
echo "wine-run works after runs that were killed"
