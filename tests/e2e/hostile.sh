#!/bin/bash
# End-to-end test of what the network may do to the server, in namespaces:
#   - 10,000 datagrams of each kind that could flood the log leave fewer than 100 lines, and nothing on
#     the wire for what nobody can be answered for;
#   - replies to relays and clients elsewhere follow the routing table, although requests come by
#     another way; relays are answered at the port that they ask for; multicast discovery;
#   - how much larger than its request an answer can be;
#   - what the server itself broadcasts is no request.
# Usage: tests/e2e/hostile.sh auto|native|winsock [KIND…]   KIND: a name in hostile.py
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

NETWORK=${1:-}
case $NETWORK in
auto | native | winsock) shift ;;
*) echo "Usage: tests/e2e/hostile.sh auto|native|winsock [KIND…]" >&2 && exit 2 ;;
esac
KINDS=("$@")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh


# A second link between the two, by which the server's route to the far subnet leads.
lab_up()
{
    lab_here
    lab_switch br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_DHCP" p-dhcp8 10.66.0.1 eth8 br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_SERVER" p-server8 10.66.0.2 eth8 br8 || fail "$LAB_ERROR"
    ip -n "$LAB_NS_DHCP" addr add 10.88.0.254/32 dev lo
    ip -n "$LAB_NS_SERVER" route add 10.88.0.0/24 via 10.66.0.1
    ip netns exec "$LAB_NS_SERVER" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
        net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth8.rp_filter=0
    wine_up
}

# Boot file and URL are as long as they may be.
settings()
{
    local long
    long=$(printf 'x%.0s' {1..120})
    printf '[default]\nfile=%s\nnext_server6=fd77::1\nhttp_url=http://10.77.0.1/%s\n' \
        "$long" "$long${long:0:115}"
}

mac_of()
{
    ip netns exec "$LAB_NS_SERVER" cat "/sys/class/net/$1/address"
}

hostile()
{
    echo "== $1"
    ip netns exec "$LAB_NS_DHCP" env SECOND_MAC="$(mac_of eth8)" PYTHONDONTWRITEBYTECODE=1 \
        python3 tests/e2e/hostile.py "$1" "$(mac_of eth0)" "${@:2}" ||
        fail "$1: not as it should be" "$SERVER"
}

main()
{
    begin hostile.sh "$NETWORK"
    lab_up
    install staticpxe.dll
    x86_64-w64-mingw32-gcc -shared -O2 -Wall -Wextra -Werror -Iinclude -o "$FOLDER/echo.dll" \
        tests/e2e/echo_provider.c tests/consumer/provider.def build/win-x64/lib/libwdspxe.a
    settings >"$FOLDER/staticpxe.ini"
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    wdspxectl config set MulticastGroups 239.129.2.3
    SERVER=server
    server_start server --network "$NETWORK"
    hostile routes "$NETWORK"
    hostile growth
    hostile floods "$OUT/server.log" "${KINDS[@]}"
    server_stop server
    wdspxectl provider remove staticpxe
    wdspxectl provider add echo 'C:\wdspxe\echo.dll'
    SERVER=looped
    server_start looped --network "$NETWORK"
    hostile loop
    server_stop looped
    grep -F 'network: ' "$OUT/server.log" || true
    echo "tests/e2e/hostile.sh $NETWORK: ok"
}

main
