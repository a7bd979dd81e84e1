#!/bin/bash
# End-to-end test: a real client boots from our server beside a DHCP server on the same address, both
# on port 67 (SharedPorts=1). What the client asks the DHCP server, by an identifier that is ours, too,
# must be left to it. Kea shares its port with nobody: there the DHCP server has the port to itself, and tells
# clients by option 60 that the boot server is here, too, on port 4011 (UseDhcpPorts=0).
# Usage: tests/e2e/same-host.sh bios|uefi|http auto|native|winsock [dnsmasq|isc|kea]
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

CLIENT=${1:-} NETWORK=${2:-auto} DHCP=${3:-dnsmasq}
case $CLIENT-$NETWORK in
bios-auto | bios-native | bios-winsock) FILE=bios.0 ;;
uefi-auto | uefi-native | uefi-winsock | http-auto | http-native | http-winsock) FILE=x64.efi ;;
*) CLIENT= ;;
esac
case $CLIENT-$DHCP in
bios-dnsmasq | uefi-dnsmasq | http-dnsmasq | bios-isc | uefi-isc | http-isc | bios-kea | uefi-kea) ;;
*)
    echo "Usage: tests/e2e/same-host.sh bios|uefi|http auto|native|winsock [dnsmasq|isc|kea]" >&2
    exit 2 # HTTP clients never come to port 4011
    ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh

readonly BIN=$PWD/build/win-x64/bin
readonly WAIT=180 # seconds until something that must happen has not
OUT=$PWD/build/demo/test-same-host-$CLIENT-$NETWORK-$DHCP-$(date +%Y%m%d-%H%M%S)-$$

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
    echo "tests/e2e/same-host.sh $CLIENT $NETWORK $DHCP: $why (files in $OUT)" >&2
    exit 1
}

on_exit()
{
    local status=$?
    trap - EXIT INT TERM HUP ERR
    lab_close
    rm -rf "${LAB_WINE_PREFIX:?}" "$OUT/firmware-vars.fd"
    exit "$status"
}

# dnsmasq has the files and router advertisements; addresses, if it is the DHCP server.
files_up()
{
    local -a addresses=()
    [ "$DHCP" != dnsmasq ] || addresses=(--no-ping --dhcp-authoritative
        --dhcp-range="$LAB_SUBNET.100,$LAB_SUBNET.200,255.255.255.0,10m")
    # shellcheck disable=SC2054 # dnsmasq's commas
    lab_dnsmasq dhcp "$LAB_NS_SERVER" eth0 --dhcp-leasefile="$OUT/leases" --enable-tftp \
        --tftp-root="$OUT/tftp" --tftp-no-fail --enable-ra --ra-param=eth0,2 \
        --dhcp-range="$LAB_SUBNET6,ra-only,64" "${addresses[@]}"
    lab_wait_line dhcp 'TFTP root is' 10 || fail "$LAB_ERROR" dhcp
}

isc_up()
{
    cat >"$OUT/dhcpd.conf" <<TEXT
authoritative;
ping-check false;
default-lease-time 600;
subnet $LAB_SUBNET.0 netmask 255.255.255.0 { range $LAB_SUBNET.100 $LAB_SUBNET.200; }
TEXT
    : >"$OUT/dhcpd.leases"
    lab_spawn isc "$LAB_NS_SERVER" dhcpd -4 -f -d --no-pid -cf "$OUT/dhcpd.conf" \
        -lf "$OUT/dhcpd.leases" eth0
    lab_wait_line isc 'Sending on .*eth0' 30 || fail "$LAB_ERROR" isc
}

kea_up()
{
    cat >"$OUT/kea.json" <<TEXT
{"Dhcp4": {
    "interfaces-config": {"interfaces": ["eth0"]},
    "lease-database": {"type": "memfile", "persist": false},
    "subnet4": [{"subnet": "$LAB_SUBNET.0/24", "pools": [{"pool": "$LAB_SUBNET.100 - $LAB_SUBNET.200"}]}],
    "client-classes": [{
        "name": "pxe",
        "test": "substring(option[60].hex,0,9) == 'PXEClient'",
        "option-data": [{"name": "vendor-class-identifier", "data": "PXEClient", "always-send": true}]
    }],
    "loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}]
}}
TEXT
    lab_spawn kea "$LAB_NS_SERVER" env KEA_PIDFILE_DIR="$OUT" KEA_LOCKFILE_DIR="$OUT" kea-dhcp4 \
        -c "$OUT/kea.json"
    lab_wait_line kea 'DHCP4_STARTED' 30 || fail "$LAB_ERROR" kea
}

# The DHCP server moves into the server's namespace.
lab_up()
{
    case $DHCP in
    isc) lab_require dhcpd || fail "$LAB_ERROR" ;;
    kea) lab_require kea-dhcp4 || fail "$LAB_ERROR" ;;
    *) lab_require || fail "$LAB_ERROR" ;;
    esac
    lab_open "$OUT" || fail "$LAB_ERROR"
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    files_up
    [ "$DHCP" = dnsmasq ] || "${DHCP}_up"
    [ "$CLIENT" != http ] || web_up
    lab_wine_template "$PWD/build/lab/wine-template" || fail "$LAB_ERROR"
    lab_wine_start "$PWD/build/lab/wine-template" || fail "$LAB_ERROR" wineserver wine-warmup
}

web_up()
{
    lab_spawn http "$LAB_NS_SERVER" python3 -u -m http.server --protocol HTTP/1.1 \
        --bind "$LAB_SERVER_ADDRESS" --directory "$OUT/tftp" 80
    lab_wait_line http 'Serving HTTP' 10 || fail "$LAB_ERROR" http
}

run_ours()
{
    lab_wine timeout -k 5 60 wine 'C:\wdspxe\wdspxectl.exe' "$@" </dev/null >>"$OUT/setup.log" 2>&1 ||
        fail "wdspxectl $* failed" setup
}

server_up()
{
    local folder=$LAB_WINE_PREFIX/drive_c/wdspxe
    mkdir -p "$folder"
    cp "$BIN"/{wdspxe.dll,wdspxectl.exe,staticpxe.dll} "$folder/" || fail "the build is not complete"
    [ ! -e "$BIN/wdspxenet.dll.so" ] || cp "$BIN/wdspxenet.dll.so" "$folder/"
    printf '[default]\nfile=x64.efi\n[arch:0]\nfile=bios.0\n[arch:16]\nhttp_url=%s\n' \
        "http://$LAB_SERVER_ADDRESS/x64.efi" >"$folder/staticpxe.ini"
    run_ours provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    if [ "$DHCP" = kea ]; then
        run_ours config set UseDhcpPorts 0
    else
        run_ours config set SharedPorts 1
    fi
    lab_wine_spawn server wine 'C:\wdspxe\wdspxectl.exe' serve --verbose --network "$NETWORK" \
        --stop-file 'C:\wdspxe\stop'
    lab_wait_line server 'serving on' 20 || fail "$LAB_ERROR" setup server dhcp
}

# The boot program's line on the console is the proof.
client_boot()
{
    local marker end=$((SECONDS + WAIT))
    marker=$(lab_client_marker "$CLIENT")
    lab_client_start "$CLIENT" || fail "$LAB_ERROR"
    until grep -aqF -- "$marker" "$OUT/serial.log"; do
        lab_alive server || fail "the server ended" server serial
        lab_alive client || grep -aqF -- "$marker" "$OUT/serial.log" ||
            fail "the client ended without '$marker'" serial server dhcp
        ((SECONDS < end)) || fail "no '$marker' after $WAIT s" serial server dhcp
        sleep 0.1
    done
    lab_stop client
    lab_capture_stop
}

# frames FILTER: how many frames of the capture match.
frames()
{
    tshark -n -r "$OUT/capture.pcap" -Y "$1" -T fields -e frame.number 2>/dev/null | wc -l
}

# The address came from the DHCP server alone: nobody acknowledged a request for one without giving it.
check_capture()
{
    local ours="ip.src == $LAB_SERVER_ADDRESS && udp.srcport == 67"
    (($(frames "$ours && dhcp.option.dhcp == 5 && dhcp.ip.your != 0.0.0.0") > 0)) ||
        fail "no ACK with an address" server dhcp
    (($(frames "$ours && dhcp.option.dhcp == 5 && dhcp.ip.your == 0.0.0.0") == 0)) ||
        fail "an ACK without an address" server dhcp
    if [ "$CLIENT" = http ]; then
        (($(frames "http.request.uri == \"/$FILE\"") > 0)) || fail "$FILE was not read" server dhcp
    else
        (($(frames "tftp.source_file == \"$FILE\"") > 0)) || fail "$FILE was not read" server dhcp
    fi
}

main()
{
    trap 'fail "line $LINENO: $BASH_COMMAND exited $?"' ERR
    trap on_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    lab_up
    server_up
    client_boot
    check_capture
    : >"$LAB_WINE_PREFIX/drive_c/wdspxe/stop"
    lab_wait_gone server 30 || fail "the server does not stop" server
    [ "$(lab_exit_code server)" = 0 ] || fail "wdspxectl serve did not exit with 0" server
    grep -F 'network: ' "$OUT/server.log"
    echo "tests/e2e/same-host.sh $CLIENT $NETWORK $DHCP: ok"
}

main
