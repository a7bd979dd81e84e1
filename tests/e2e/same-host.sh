#!/bin/bash
# End-to-end test: a real client boots from our server beside a DHCP server on the same address, both
# on port 67 (SharedPorts=1). What the client asks the DHCP server, by an identifier that is ours, too,
# must be left to it. Kea shares its port with nobody: there the DHCP server has the port to itself, and tells
# clients by option 60 that the boot server is here, too, on port 4011 (UseDhcpPorts=0).
# Usage: tests/e2e/same-host.sh bios|uefi|http auto|native|winsock [dnsmasq|isc|kea]
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
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly WAIT=180 # seconds until something that must happen has not

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
    isc) lab_here dhcpd ;;
    kea) lab_here kea-dhcp4 ;;
    *) lab_here ;;
    esac
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    files_up
    [ "$DHCP" = dnsmasq ] || "${DHCP}_up"
    [ "$CLIENT" != http ] || web_up
    wine_up
}

web_up()
{
    lab_spawn http "$LAB_NS_SERVER" python3 -u -m http.server --protocol HTTP/1.1 \
        --bind "$LAB_SERVER_ADDRESS" --directory "$OUT/tftp" 80
    lab_wait_line http 'Serving HTTP' 10 || fail "$LAB_ERROR" http
}

server_up()
{
    install staticpxe.dll
    printf '[default]\nfile=x64.efi\n[arch:0]\nfile=bios.0\n[arch:16]\nhttp_url=%s\n' \
        "http://$LAB_SERVER_ADDRESS/x64.efi" >"$FOLDER/staticpxe.ini"
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    if [ "$DHCP" = kea ]; then
        wdspxectl config set UseDhcpPorts 0
    else
        wdspxectl config set SharedPorts 1
    fi
    server_start server --verbose --network "$NETWORK"
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
    begin same-host.sh "$CLIENT" "$NETWORK" "$DHCP"
    lab_up
    server_up
    client_boots "$CLIENT" "$WAIT" server
    lab_capture_stop
    check_capture
    server_stop server
    grep -F 'network: ' "$OUT/server.log"
    echo "tests/e2e/same-host.sh $CLIENT $NETWORK $DHCP: ok"
}

main
