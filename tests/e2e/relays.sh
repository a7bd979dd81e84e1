#!/bin/bash
# End-to-end test: one client behind two real relay agents (isc-dhcp-relay). The same request comes
# twice, at the same time, and is offered twice: nothing takes the second for a repeat. With a kind of
# client a real one (QEMU) boots behind the two as well. The server's route to the relays' subnet leads
# by another link than the one by which requests come: its replies have to take it.
# Usage: tests/e2e/relays.sh auto|native|winsock [bios|uefi]
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

NETWORK=${1:-}
CLIENT=${2:-}
case $NETWORK,$CLIENT in
auto,* | native,* | winsock,*) ;;
*) echo "Usage: tests/e2e/relays.sh auto|native|winsock [bios|uefi]" >&2 && exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly SECOND=wdspxe-$$-second
readonly BOOT=180 # seconds until the real client has booted, at most

leave()
{
    [ ! -e "/run/netns/$SECOND" ] || ip netns del "$SECOND" || true
}

# The second relay agent, between the two switches like the first.
second_relay()
{
    lab_spawn second "$SECOND" dhcrelay -4 -d --no-pid -a -id dn0 -iu up0 "$LAB_DHCP_ADDRESS" \
        "$LAB_SERVER_ADDRESS"
    lab_wait_line second 'Sending on .*up0' 10 || fail "$LAB_ERROR" second
}

# From the server to the first relay only: nothing is asked by it.
second_link()
{
    lab_switch br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_SERVER" p-server8 10.66.0.2 eth8 br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_RELAY" p-relay8 10.66.0.254 up8 br8 || fail "$LAB_ERROR"
    ip -n "$LAB_NS_SERVER" route replace "$LAB_FAR_SUBNET.0/24" via 10.66.0.254
    ip netns exec "$LAB_NS_RELAY" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.up8.rp_filter=0
    lab_capture_start "$OUT/capture.pcap" br8 || fail "$LAB_ERROR" capture
}

lab_up()
{
    lab_here relay dhcrelay sysctl
    machine_add "$SECOND" p-second 10.77.0.253 up0 br0
    lab_plug "$SECOND" p-second1 10.88.0.253 dn0 br1 || fail "$LAB_ERROR"
    second_link
    lab_relay_start v4 -iu up8 || fail "$LAB_ERROR" relay router
    second_relay
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    wine_up
}

server_up()
{
    install staticpxe.dll
    printf '[server]\nnext_server=%s\n[default]\nfile=bios.0\n[arch:7]\nfile=x64.efi\n' \
        "$LAB_DHCP_ADDRESS" >"$FOLDER/staticpxe.ini"
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    server_start server --verbose --network "$NETWORK"
}

# Broadcasts one DISCOVER a second on the client's switch until both relays have brought an OFFER for
# the same one.
client()
{
    ip netns exec "$LAB_NS_NET" env PYTHONPATH=tests/support PYTHONDONTWRITEBYTECODE=1 python3 - <<'PYTHON'
import socket, struct, sys, time
from wire import dhcp4, udp4

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("br1", 0))
end = time.monotonic() + 120
while time.monotonic() < end:
    packet = dhcp4(1, flags=0x8000, mac=b"\2\2\2\2\2\2")
    wire.send(b"\xff" * 6 + b"\2\2\2\2\2\2" + b"\x08\0"
              + udp4("0.0.0.0", 68, "255.255.255.255", 67, packet))
    relays, until = set(), time.monotonic() + 3
    while len(relays) < 2 and (left := until - time.monotonic()) > 0:
        wire.settimeout(left)
        try:
            frame = wire.recv(2000)
        except TimeoutError:
            break
        if frame[12:14] == b"\x08\0" and frame[23] == 17 and frame[46:50] == packet[4:8] \
                and frame[42] == 2:
            relays.add(socket.inet_ntoa(frame[66:70]))
    if len(relays) == 2:
        print("OFFERs by", *sorted(relays))
        sys.exit(0)
sys.exit("no two OFFERs for one DISCOVER")
PYTHON
}

# A real client takes what comes first of everything that comes twice.
boot()
{
    local relay
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
    client_boots "$CLIENT" "$BOOT" server
    for relay in 10.88.0.254 10.88.0.253; do
        grep -q "^[^ ]* [^ ]* $LAB_MAC .*via relay $relay.* DISCOVER .*: OFFER to $relay:67" \
            "$OUT/server.log" || fail "the client's DISCOVER was not offered by way of $relay" server
    done
    echo "booted behind two relays: $(lab_client_marker "$CLIENT")"
}

# On the link that the route leads by: all OFFERs, and no request.
check_replies()
{
    local relay
    for relay in "$LAB_FAR_ADDRESS" 10.88.0.253; do
        (($(frames "dhcp.option.dhcp == 2 && ip.dst == $relay") > 0)) ||
            fail "no OFFER to $relay took the server's route" server
    done
    (($(frames "dhcp.type == 1") == 0)) || fail "a request came by the link for replies" server
}

main()
{
    local line
    begin relays.sh "$NETWORK"
    lab_up
    server_up
    client || fail "not offered twice" server relay second
    [ -z "$CLIENT" ] || boot
    lab_capture_stop
    server_stop server
    check_replies
    for line in 10.88.0.254 10.88.0.253; do
        grep -Eq "via relay $line.* DISCOVER .*OFFER to $line:67" "$OUT/server.log" ||
            fail "no line about the OFFER by way of $line" server
    done
    grep -F 'network: ' "$OUT/server.log"
    echo "tests/e2e/relays.sh $NETWORK: ok"
}

main
