#!/bin/bash
# End-to-end test of several servers for one network (docs/scaling.md), in namespaces: two servers,
# each with half of the buckets, a Wine prefix and a network of its own, and nothing in common.
#   - of 1,000 clients each is answered exactly once, by the server that its hash says, by broadcast
#     and through a relay agent that forwards to both;
#   - one server is killed: its clients are answered by the other after the takeover time, and not
#     before, and one of its clients, a real one (QEMU with UEFI firmware), boots;
#   - it is started again: each is answered exactly once again.
# Usage: tests/e2e/balance.sh [--full [CLIENTS]]
# With --full instead: 2,000 clients that tell no seconds, over IPv4 and IPv6, with the same
# transaction again and with a new one each time, while all servers live, one is dead, and it is back;
# two and three servers, the first over Winsock. Prints a table; takes a quarter of an hour.
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

FULL=
CLIENTS=1000
if [ "${1:-}" = --full ]; then
    FULL=yes
    CLIENTS=${2:-2000}
elif [ $# -gt 0 ]; then
    echo "Usage: tests/e2e/balance.sh [--full [CLIENTS]]" >&2
    exit 2
fi
readonly FULL CLIENTS
readonly TAKEOVER=10 # seconds; between the second and the third DISCOVER of a client (4 and 12 s)
readonly WAIT=60     # seconds until something that must happen has not
readonly BOOT=120    # the same for the real client
SECOND_ADDRESS=$LAB_SUBNET.3
THIRD_ADDRESS=$LAB_SUBNET.4
RUN=() # logs of the servers that run now: first…, second…
declare -A ADDRESS=() BUCKETS=() NETWORK=()

lab_up()
{
    lab_here
    NAMESPACE=([first]=$LAB_NS_SERVER [second]=wdspxe-$$-second)
    ADDRESS=([first]=$LAB_SERVER_ADDRESS [second]=$SECOND_ADDRESS)
    [ -n "$FULL" ] || BUCKETS=([first]=0-127 [second]=128-255)
    machine_add "${NAMESPACE[second]}" p-second "${ADDRESS[second]}"
    lab_plug6 "${NAMESPACE[second]}" "${LAB_SUBNET6}3" || fail "$LAB_ERROR"
    [ -z "$FULL" ] || third_up
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
}

third_up()
{
    NAMESPACE[third]=wdspxe-$$-third
    ADDRESS[third]=$THIRD_ADDRESS
    NETWORK=([first]=winsock)
    machine_add "${NAMESPACE[third]}" p-third "${ADDRESS[third]}"
    lab_plug6 "${NAMESPACE[third]}" "${LAB_SUBNET6}4" || fail "$LAB_ERROR"
}

# server_install first|second: its prefix, provider and settings.
server_install()
{
    select_server "$1"
    wine_up
    install staticpxe.dll
    printf '[server]\nnext_server=%s\nnext_server6=%s\n[arch:0]\nfile=bios.0\n[arch:7]\nfile=x64.efi\n' \
        "$LAB_DHCP_ADDRESS" "$LAB_DHCP_ADDRESS6" >"$FOLDER/staticpxe.ini"
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    [ -z "${BUCKETS[$1]:-}" ] || wdspxectl config set LoadBalanceBuckets "${BUCKETS[$1]}"
    wdspxectl config set LoadBalanceTakeover "$TAKEOVER"
}

# member_start first|second LOG
member_start()
{
    select_server "$1"
    server_start "$2" --verbose --network "${NETWORK[$1]:-auto}"
}

# member_stop first|second LOG
member_stop()
{
    select_server "$1"
    server_stop "$2"
    server_is_content "$2"
}

# lines PATTERN LOG…: how many lines of these logs together match.
lines()
{
    local pattern=$1 name total=0
    shift
    for name in "$@"; do
        total=$((total + $(grep -Ec -- "$pattern" "$OUT/$name.log" || true)))
    done
    echo "$total"
}

# What the log's budget left out is only counted.
# asked LOG…: DISCOVERs that these servers had. offered LOG…: OFFERs that they sent.
asked()
{
    echo $(($(lines ' DISCOVER ' "$@") + $(left_out 's/.*left out the lines of ([0-9]+) more.*/\1/p' "$@")))
}

offered()
{
    echo $(($(lines ' DISCOVER .*: OFFER ' "$@") +
        $(left_out 's/.*left out the lines of .*[ ,]([0-9]+) answered.*/\1/p' "$@")))
}

# left_out SED-PROGRAM LOG…: the sum of the numbers that it prints.
left_out()
{
    local program=$1
    shift
    (cd "$OUT" && sed -nE "$program" "${@/%/.log}") | awk '{ sum += $1 } END { print sum + 0 }'
}

has_asked()
{
    (($(asked "$1") >= seen[$1] + CLIENTS))
}

# Until every server that runs has said what it did with so many more DISCOVERs. `seen` is what it
# had said before.
wait_for_servers()
{
    local name
    for name in "${RUN[@]}"; do
        becomes_true "$WAIT" has_asked "$name" || fail "$name has not got all DISCOVERs" "$name"
    done
}

# clients MODE [ARGUMENT…]: of balance_clients.py, on the other side of the switch.
clients()
{
    local mode=$1
    shift
    ip netns exec "$LAB_NS_DHCP" python3 tests/e2e/balance_clients.py "$mode" "$CLIENTS" \
        "${ADDRESS[first]}" "${ADDRESS[second]}" "$@" || fail "the clients were not content" "${RUN[@]}"
}

# exactly_once MODE: the clients see it; and so do the servers, who together sent an OFFER for each.
exactly_once()
{
    local name offers
    local -A seen=()
    for name in "${RUN[@]}"; do
        seen[$name]=$(asked "$name")
    done
    offers=$(offered "${RUN[@]}")
    clients "$1"
    wait_for_servers
    offers=$(($(offered "${RUN[@]}") - offers))
    ((offers == CLIENTS)) || fail "the servers sent $offers OFFERs to $CLIENTS clients" "${RUN[@]}"
}

# A real client of the dead server boots from the living one.
real_client()
{
    local living=$1 request="$LAB_MAC .* DISCOVER .*"
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
    client_boots uefi "$BOOT" "$living"
    lab_stop dhcp
    (($(lines "$request another server's client" "$living") > 0)) ||
        fail "the real client was not another server's" "$living"
    (($(lines "$request: OFFER " "$living") > 0)) || fail "no OFFER to the real client" "$living"
    grep -E -- "$LAB_MAC " "$OUT/$living.log" | tr -d '\r' | sed 's/^/   /'
}

# row HOW-MANY STATE: of the table, one for each family and kind of transaction.
row()
{
    local family kind result
    for family in 4 6; do
        for kind in same new; do
            GROUP=$((GROUP + 1))
            result=$(ip netns exec "$LAB_NS_DHCP" python3 tests/e2e/balance_table.py "$CLIENTS" \
                "$GROUP" "$family" "$kind") || WRONG=$((WRONG + 1))
            printf '%-8s %-10s IPv%s %-5s %s\n' "$1" "$2" "$family" "$kind" "$result" |
                tee -a "$OUT/table.log"
        done
    done
}

# table NAME=BUCKETS…: the servers that share the clients; the last one dies and comes back.
table()
{
    local server name last
    local -a names=()
    for server in "$@"; do
        name=${server%%=*}
        names+=("$name")
        select_server "$name"
        wdspxectl config set LoadBalanceBuckets "${server#*=}"
        member_start "$name" "$name-$#"
    done
    last=$name
    row "$#" "all alive"
    lab_stop "$last-$#" KILL
    row "$#" "one dead"
    member_start "$last" "$last-$#-again"
    row "$#" "one back"
    member_stop "$last" "$last-$#-again"
    for name in "${names[@]}"; do
        [ "$name" = "$last" ] || member_stop "$name" "$name-$#"
    done
}

full()
{
    local name
    GROUP=0
    WRONG=0
    for name in first second third; do
        server_install "$name"
    done
    echo "servers  state      family transaction"
    table first=0-127 second=128-255
    table first=0-85 second=86-170 third=171-255
    ((WRONG == 0)) || fail "$WRONG rows have clients that were answered twice or never"
    grep -h 'network: ' "$OUT"/{first,second}-2.log
    echo "tests/e2e/balance.sh --full: ok"
}

main()
{
    local dead living
    begin balance.sh
    lab_up
    if [ -n "$FULL" ]; then
        full
        return
    fi
    server_install first
    server_install second
    member_start first first
    member_start second second
    RUN=(first second)
    echo "== both serve, by broadcast"
    exactly_once once
    echo "== both serve, behind a relay agent"
    exactly_once relayed

    dead=$(python3 tests/e2e/balance_clients.py owner "$LAB_MAC")
    living=first
    [ "$dead" = second ] || living=second
    echo "== the $dead one is killed"
    lab_stop "$dead" KILL
    RUN=("$living")
    clients takeover "$TAKEOVER" "$dead"
    echo "== a real client of the $dead one"
    real_client "$living"

    echo "== the $dead one is there again"
    member_start "$dead" "$dead-again"
    RUN=("$living" "$dead-again")
    exactly_once once
    member_stop "$living" "$living"
    member_stop "$dead" "$dead-again"
    grep -h 'network: ' "$OUT/$living.log"
    echo "tests/e2e/balance.sh: ok"
}

main
