#!/bin/bash
# What tools/lab/lab.sh says of processes: whether one lives, and how it ended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/.. source=tools/lab/lab.sh
. tools/lab/lab.sh

LAB_DIR=$(mktemp -d)
trap 'rm -rf "${LAB_DIR:?}"' EXIT

fail()
{
    echo "check-lab: $*" >&2
    exit 1
}

# Its first thread ends at once, as that of a program under Wine may; another one ends the process when
# there is a line to be read, with exit code 3.
gcc -pthread -o "$LAB_DIR/threads" -xc - <<'C'
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *last(void *argument)
{
    char byte;

    (void)argument;
    (void)!read(0, &byte, 1);
    exit(3);
}

int main(void)
{
    pthread_t thread;

    (void)pthread_create(&thread, NULL, last, NULL);
    (void)syscall(SYS_exit, 0);
}
C
mkfifo "$LAB_DIR/line"
"$LAB_DIR/threads" <"$LAB_DIR/line" &
LAB_PID[threads]=$!
exec 3>"$LAB_DIR/line"
end=$((SECONDS + 60))
until grep -q '^State:.Z' "/proc/${LAB_PID[threads]}/status"; do
    ((SECONDS < end)) || fail "the first thread does not end"
    sleep 0.05
done
lab_alive threads || fail "a process with another thread is taken for ended"
! lab_wait_gone threads 1 || fail "a process with another thread has gone"
echo >&3
lab_wait_gone threads 60 || fail "it does not end"
! lab_alive threads || fail "one that has ended is alive"
lab_exit_code threads
[ "$LAB_EXIT_CODE" = 3 ] || fail "exit code $LAB_EXIT_CODE instead of 3"

# What a process wrote last counts, also when it has ended before anybody looked.
(echo ready >"$LAB_DIR/brief.log") &
LAB_PID[brief]=$!
lab_wait_gone brief 60 || fail "the brief one does not end"
lab_wait_line brief ready 60 || fail "$LAB_ERROR"
(exit 4) &
LAB_PID[brief]=$!
! lab_wait_line brief never 60 || fail "a line that nobody wrote is there"
[ "$LAB_ERROR" = "brief ended before it was ready (exit code 4)" ] || fail "$LAB_ERROR"
echo "check-lab: ok"
