#!/bin/bash
# Rounds of an administrator's life with the package, inside a container with systemd and everything it
# depends on: installed, used in every order with systemctl, put in again (an upgrade), purged while
# something of it runs. Usage: debian_rounds.sh COUNT PACKAGE.deb [FIRST]
# Every command must exit with 0 and leave the unit as it should be. Prints a line for each round.
set -Eeuo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
COUNT=$1 PACKAGE=$2 FIRST=${3:-1}
LOG=/tmp/round.log
STEPS=0

fail()
{
    echo "round $ROUND, after:$DONE: $*" >&2
    tail -n 20 "$LOG" >&2
    journalctl -u wdspxe -n 20 -o cat --no-pager >&2
    exit 1
}

# step NAME COMMAND…
step()
{
    local name=$1
    shift
    DONE+=" $name"
    STEPS=$((STEPS + 1))
    timeout 900 "$@" </dev/null >"$LOG" 2>&1 || fail "$name exited with $?"
}

state_is()
{
    [ "$(systemctl show --value -p ActiveState wdspxe)" = "$1" ] ||
        fail "the unit is not $1 but $(systemctl show --value -p ActiveState wdspxe)"
}

control()
{
    step "$1" wdspxectl "${@:2}"
}

# The orders of what is done to the unit, with a command of wdspxectl behind, before, beside each.
life()
{
    local order=$1 letter
    for ((at = 0; at < ${#order}; at++)); do
        letter=${order:at:1}
        case $letter in
        s) step start systemctl start wdspxe && state_is active ;;
        p) step stop systemctl stop wdspxe && state_is inactive ;;
        r) step restart systemctl restart wdspxe && state_is active ;;
        l) control list provider list ;;
        c) control check config check ;;
        e) control export config export /tmp/lab.reg && rm -f /tmp/lab.reg ;;
        b) # beside a restart
            wdspxectl provider list >/tmp/beside.log 2>&1 &
            step restart-beside systemctl restart wdspxe && state_is active
            wait $! || fail "wdspxectl beside a restart: $(cat /tmp/beside.log)"
            ;;
        u) step upgrade dpkg -i "$PACKAGE" ;;
        esac
    done
}

purge()
{
    if ((ROUND % 2)); then
        wdspxectl provider list >/tmp/beside.log 2>&1 &
        sleep "0.$((ROUND % 10))"
    fi
    step purge dpkg --purge wdspxe
    wait || true # what was beside it had its server taken away
    [ ! -e /var/lib/wdspxe ] && [ ! -e /run/wdspxe ] && [ ! -e /etc/wdspxe ] && ! id wdspxe >/dev/null 2>&1 ||
        fail "the purge left something: $(ls -d /var/lib/wdspxe /run/wdspxe /etc/wdspxe 2>&1)"
}

ORDERS=(slrlpls cspsle lsrbrp srulpe sbblu clsrpcsu)
for ((ROUND = FIRST; ROUND < FIRST + COUNT; ROUND++)); do
    DONE=
    step install dpkg -i "$PACKAGE"
    life "${ORDERS[ROUND % ${#ORDERS[@]}]}"
    purge
    echo "round $ROUND:$DONE"
done
echo "$COUNT rounds, $STEPS steps, no error"
