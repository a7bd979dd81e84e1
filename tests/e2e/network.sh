#!/bin/bash
# End-to-end test of the server's network, in namespaces, with small clients of our own:
#   - 5,000 clients that DISCOVER within one second and send again by the timers of RFC 2131 are all
#     told their boot file;
#   - interfaces that come while it serves are served, those that go are left, without a restart;
#   - so is one whose port another program has, once that has left it.
# Usage: tests/e2e/network.sh auto|native|winsock [x64|x86]
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

NETWORK=${1:-} ARCH=${2:-x64}
case $NETWORK-$ARCH in
auto-x64 | native-x64 | winsock-x64 | auto-x86 | winsock-x86) ;;
*) echo "Usage: tests/e2e/network.sh auto|native|winsock [x64|x86]" >&2 && exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly CLIENTS=5000 BURST_TIME=120
readonly WAIT=60 # seconds until something that must happen has not

lab_up()
{
    lab_here
    gcc -O2 -Wall -Wextra -Werror -o "$OUT/clients" tests/e2e/clients.c
    wine_up
    install staticpxe.dll
    printf '[server]\nnext_server=%s\nnext_server6=%s\n[default]\nfile=bios.0\n' \
        "$LAB_DHCP_ADDRESS" "$LAB_DHCP_ADDRESS6" >"$FOLDER/staticpxe.ini"
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
}

# server_up [OPTION]…: of serve.
server_up()
{
    server_start server --quiet --verbose --network "$NETWORK" "$@"
}

server_down()
{
    server_stop server
    server_is_content server
}

# clients INTERFACE ADDRESS COUNT SECONDS: on the other side of the switches.
clients()
{
    ip netns exec "$LAB_NS_DHCP" "$OUT/clients" "$@"
}

# ipv6_client INTERFACE: a SOLICIT of UEFI firmware to all servers, each second until one answers.
ipv6_client()
{
    ip netns exec "$LAB_NS_DHCP" env PYTHONPATH=tests/support PYTHONDONTWRITEBYTECODE=1 \
        python3 - "$1" "$WAIT" <<'PYTHON'
import socket, sys, time
from wire import dhcp6, option6

# Elapsed time; it asks for vendor options, the file and its parameters, and domain servers; UNDI 3.0 (RFC 5970).
SOLICIT = dhcp6(1, xid=0xaabbcc, client=b"\0\4" + bytes.fromhex("00112233445566778899aabbccddeeff"),
                options=option6(8, b"\0\0") + option6(6, bytes.fromhex("0010003b003c0017")) + option6(62, b"\1\3\0"))
interface, limit = sys.argv[1], time.monotonic() + int(sys.argv[2])
client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
client.bind(("::", 546, 0, socket.if_nametoindex(interface)))
client.settimeout(1)
while time.monotonic() < limit:
    client.sendto(SOLICIT, ("ff02::1:2", 547, 0, socket.if_nametoindex(interface)))
    try:
        reply, sender = client.recvfrom(1500)
    except TimeoutError:
        continue
    if reply[:4] == b"\x02\xaa\xbb\xcc" and sender[3] == socket.if_nametoindex(interface):
        print("ADVERTISE from", sender[0])
        sys.exit(0)
sys.exit("no ADVERTISE on " + interface)
PYTHON
}

# Until the server's log has so many lines with the text.
wait_lines()
{
    becomes_true "$WAIT" has_lines "$@" || fail "not $1 times in the server's log: '$2'" server
}

has_lines()
{
    lab_alive server || fail "the server ended" server
    (($(grep -cF -- "$2" "$OUT/server.log" || true) >= $1))
}

burst()
{
    echo "== $CLIENTS clients begin within one second"
    clients eth0 "$LAB_DHCP_ADDRESS" "$CLIENTS" "$BURST_TIME" || fail "not all were served" server
}

# A second subnet: the clients' end is there from the beginning, the server's comes and goes.
interfaces()
{
    local round
    lab_switch br9 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_DHCP" p-dhcp9 10.99.0.1 eth9 br9 || fail "$LAB_ERROR"
    for round in 1 2; do
        echo "== an interface comes, and goes ($round)"
        lab_plug "$LAB_NS_SERVER" p-server9 10.99.0.2 eth9 br9 || fail "$LAB_ERROR"
        ip -n "$LAB_NS_DHCP" neigh flush dev eth9 # it has another hardware address now
        wait_lines "$round" ': listening on 10.99.0.2:4011'
        clients eth9 10.99.0.1 10 "$WAIT" || fail "the new subnet is not served" server
        # Wine takes an interface for the one that had its name before, which has another index.
        if [ "$round" = 1 ] || grep -q 'network: native' "$OUT/server.log"; then
            ipv6_client eth9 || fail "the new subnet is not served over IPv6" server
        fi
        clients eth0 "$LAB_DHCP_ADDRESS" 10 "$WAIT" || fail "the old subnet is not served" server
        ip -n "$LAB_NS_SERVER" link del eth9
        wait_lines "$round" 'no longer listening on 10.99.0.2:67'
        wait_lines "$round" 'no longer listening on 10.99.0.2:4011'
        clients eth0 "$LAB_DHCP_ADDRESS" 10 "$WAIT" || fail "the old subnet is not served" server
    done
    echo "== an address changes"
    ip -n "$LAB_NS_SERVER" addr add 10.77.0.3/24 dev eth0
    ip -n "$LAB_NS_SERVER" addr del "$LAB_SERVER_ADDRESS/24" dev eth0
    # The second address of a subnet may go with the first, as the system is set up.
    ip -n "$LAB_NS_SERVER" addr add 10.77.0.3/24 dev eth0 2>/dev/null || true
    wait_lines 1 ': listening on 10.77.0.3:4011'
    clients eth0 "$LAB_DHCP_ADDRESS" 10 "$WAIT" || fail "the new address is not served" server
}

# A program that has port 67 of an interface before the server, and ends. The interface has a name of
# its own: Wine would give it the index of the one that had its name before.
taken()
{
    echo "== a port is taken, and left"
    server_up
    lab_plug "$LAB_NS_SERVER" p-server7 '' eth7 br9 || fail "$LAB_ERROR"
    lab_spawn rival "$LAB_NS_SERVER" python3 -uc 'import signal, socket
rival = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
rival.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth7")
rival.bind(("", 67))
print("has it")
signal.pause()'
    lab_wait_line rival 'has it' "$WAIT" || fail "$LAB_ERROR" rival
    ip -n "$LAB_NS_SERVER" addr add 10.99.0.2/24 dev eth7
    ip -n "$LAB_NS_DHCP" neigh flush dev eth9
    wait_lines 1 'cannot listen on 10.99.0.2:67: error 10048'
    clients eth0 "$LAB_DHCP_ADDRESS" 10 "$WAIT" || fail "the old subnet is not served" server
    lab_stop rival
    wait_lines 1 'warning: listening on 10.99.0.2:67'
    clients eth9 10.99.0.1 10 "$WAIT" || fail "the new subnet is not served" server
    server_stop server
    [ "$(grep -Ec ' (warning|error|fatal): ' "$OUT/server.log")" = 2 ] ||
        fail "the server complained of something else, or twice" server
    ip -n "$LAB_NS_SERVER" link del eth7
}

# One interface of two, chosen by its IPv6 addresses: it is served over IPv4 and IPv6, alone.
chosen()
{
    local link_local address
    link_local=$(ip -n "$LAB_NS_SERVER" -o -6 addr show dev eth0 scope link |
        sed -n 's/.* inet6 \([^/]*\)\/.*/\1/p')
    lab_plug "$LAB_NS_SERVER" p-server9 10.99.0.2 eth9 br9 || fail "$LAB_ERROR"
    for address in "$LAB_SERVER_ADDRESS6" "$link_local%eth0"; do
        echo "== --interface $address"
        server_up --interface "$address"
        grep -q "serving on ${address%\%*}" "$OUT/server.log" || fail "served elsewhere" server
        clients eth0 "$LAB_DHCP_ADDRESS" 10 "$WAIT" || fail "no IPv4 on $address" server
        ipv6_client eth0 || fail "no IPv6 on $address" server
        ! grep -q '10\.99\.0' "$OUT/server.log" || fail "the other interface is served" server
        server_down
    done
}

main()
{
    begin network.sh "$NETWORK" "$ARCH"
    lab_up
    server_up
    burst
    interfaces
    server_down
    taken
    chosen
    grep -F 'network: ' "$OUT/server.log"
    echo "tests/e2e/network.sh $NETWORK $ARCH: ok"
}

main
