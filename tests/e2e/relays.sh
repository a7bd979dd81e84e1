#!/bin/bash
# End-to-end test: one client behind two real relay agents (isc-dhcp-relay). The same request comes
# twice, at the same time, and is offered twice: nothing takes the second for a repeat. With a kind of
# client a real one (QEMU) boots behind the two as well.
# Usage: tests/e2e/relays.sh auto|native|winsock [bios|uefi]
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

readonly BIN=$PWD/build/win-x64/bin SECOND=wdspxe-$$-second
readonly BOOT=180 # seconds until the real client has booted, at most
OUT=$PWD/build/demo/test-relays-$NETWORK-$(date +%Y%m%d-%H%M%S)-$$

# fail WHY [LOG…]: below the ends of these logs.
fail()
{
    local why=$1 name
    trap - ERR
    shift
    for name in "$@"; do
        printf -- '---- end of %s\n' "$OUT/$name.log"
        tail -n 15 "$OUT/$name.log"
    done
    echo "tests/e2e/relays.sh $NETWORK: $why (files in $OUT)" >&2
    exit 1
}

on_exit()
{
    local status=$?
    trap - EXIT INT TERM HUP ERR
    lab_close
    [ ! -e "/run/netns/$SECOND" ] || ip netns del "$SECOND" || true
    rm -rf "${LAB_WINE_PREFIX:?}"
    exit "$status"
}

# The second relay agent, between the two switches like the first.
second_relay()
{
    lab_spawn second "$SECOND" dhcrelay -4 -d --no-pid -a -id dn0 -iu up0 "$LAB_DHCP_ADDRESS" \
        "$LAB_SERVER_ADDRESS"
    lab_wait_line second 'Sending on .*up0' 10 || fail "$LAB_ERROR" second
}

lab_up()
{
    lab_require dhcrelay sysctl || fail "$LAB_ERROR"
    lab_open "$OUT" relay || fail "$LAB_ERROR"
    ip netns add "$SECOND"
    lab_plug "$SECOND" p-second 10.77.0.253 up0 br0 || fail "$LAB_ERROR"
    lab_plug "$SECOND" p-second1 10.88.0.253 dn0 br1 || fail "$LAB_ERROR"
    lab_relay_start v4 || fail "$LAB_ERROR" relay router
    second_relay
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    lab_wine_template "$PWD/build/lab/wine-template" || fail "$LAB_ERROR"
    lab_wine_start "$PWD/build/lab/wine-template" || fail "$LAB_ERROR" wineserver wine-warmup
}

server_up()
{
    local folder=$LAB_WINE_PREFIX/drive_c/wdspxe
    mkdir -p "$folder"
    cp "$BIN"/{wdspxe.dll,wdspxectl.exe,staticpxe.dll} "$folder/" || fail "the build is not complete"
    [ ! -e "$BIN/wdspxenet.dll.so" ] || cp "$BIN/wdspxenet.dll.so" "$folder/"
    printf '[server]\nnext_server=%s\n[default]\nfile=bios.0\n[arch:7]\nfile=x64.efi\n' \
        "$LAB_DHCP_ADDRESS" >"$folder/staticpxe.ini"
    lab_wine timeout -k 5 60 wine 'C:\wdspxe\wdspxectl.exe' provider add staticpxe \
        'C:\wdspxe\staticpxe.dll' </dev/null >"$OUT/setup.log" 2>&1 ||
        fail "the provider cannot be registered" setup
    lab_wine_spawn server wine 'C:\wdspxe\wdspxectl.exe' serve --verbose --network "$NETWORK" \
        --stop-file 'C:\wdspxe\stop'
    lab_wait_line server 'serving on' 20 || fail "$LAB_ERROR" setup server
}

# Broadcasts one DISCOVER a second on the client's switch until both relays have brought an OFFER for
# the same one.
client()
{
    ip netns exec "$LAB_NS_NET" env PYTHONPATH=tests/e2e PYTHONDONTWRITEBYTECODE=1 python3 - <<'PYTHON'
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
    local marker end=$((SECONDS + BOOT)) relay
    marker=$(lab_client_marker "$CLIENT")
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
    lab_client_start "$CLIENT" || fail "$LAB_ERROR"
    until grep -aqF -- "$marker" "$OUT/serial.log"; do
        lab_alive client || grep -aqF -- "$marker" "$OUT/serial.log" ||
            fail "the client ended" client serial server dhcp
        ((SECONDS < end)) || fail "the client does not boot" serial server dhcp
        sleep 0.1
    done
    lab_stop client
    for relay in 10.88.0.254 10.88.0.253; do
        grep -q "^[^ ]* [^ ]* $LAB_MAC .*via relay $relay.* DISCOVER .*: OFFER to $relay:67" \
            "$OUT/server.log" || fail "the client's DISCOVER was not offered by way of $relay" server
    done
    echo "booted behind two relays: $marker"
}

main()
{
    local line
    trap 'fail "line $LINENO: $BASH_COMMAND exited $?"' ERR
    trap on_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    lab_up
    server_up
    client || fail "not offered twice" server relay second
    [ -z "$CLIENT" ] || boot
    : >"$LAB_WINE_PREFIX/drive_c/wdspxe/stop"
    lab_wait_gone server 60 || fail "the server does not stop" server
    [ "$(lab_exit_code server)" = 0 ] || fail "wdspxectl serve did not exit with 0" server
    for line in 10.88.0.254 10.88.0.253; do
        grep -Eq "via relay $line.* DISCOVER .*OFFER to $line:67" "$OUT/server.log" ||
            fail "no line about the OFFER by way of $line" server
    done
    grep -F 'network: ' "$OUT/server.log"
    echo "tests/e2e/relays.sh $NETWORK: ok"
}

main
