#!/bin/bash
# End-to-end test: a real client boots from our server.
# Usage: tests/e2e/boot.sh bios|uefi|uefi6|http|http6 [--relay] [--file-in-offer] [--winsock]
#        [--webpxe] [x64|x86]
# Runs tools/demo on the existing build, then looks at what it left with eyes of its own.
set -Eeuo pipefail
export LC_ALL=C

usage()
{
    echo "Usage: tests/e2e/boot.sh bios|uefi|uefi6|http|http6 [--relay] [--file-in-offer]" \
        "[--winsock] [--webpxe] [x64|x86]" >&2
    exit 2
}

# must_have WHAT FILTER [CAPTURE]
must_have()
{
    local count
    count=$(frames "$2" "${3:-capture}")
    ((count > 0)) || fail "tshark finds no $1"
    SEEN+=("$count x $1")
}

# What our server said, and that the client fetched what it named. 10.77.0.1, fd77::1: the DHCP and
# file server; 10.77.0.2, fd77::2: ours.
check_answer()
{
    case $CLIENT in
    bios | uefi)
        if [ -n "$IN_OFFER" ]; then
            must_have "OFFER of ours that names $FILE" "ip.src == 10.77.0.2 &&
                udp.srcport == 67 && dhcp.option.dhcp == 2 && dhcp.file == \"$FILE\""
            (($(frames "ip && udp.port == 4011") == 0)) || fail "the client asked on port 4011"
        else
            must_have "ACK of ours on port 4011 that names $FILE" "ip.src == 10.77.0.2 &&
                udp.srcport == 4011 && dhcp.option.dhcp == 5 && dhcp.file == \"$FILE\""
        fi
        must_have "TFTP request" "ip.dst == 10.77.0.1 && tftp.source_file == \"$FILE\""
        ;;
    uefi6)
        # Nobody else in the lab sends option 59, or anything from port 4011 to a client.
        must_have "REPLY of ours on port 4011, or ADVERTISE, with a URL" "ipv6 &&
            dhcpv6.option.type == 59 && (dhcpv6.msgtype == 2 ||
            (udp.srcport == 4011 && dhcpv6.msgtype == 7))"
        must_have "TFTP request" "ipv6.dst == fd77::1 && tftp.source_file == \"$FILE\""
        ;;
    http)
        must_have "OFFER of ours for HTTP clients" "ip.src == 10.77.0.2 &&
            dhcp.option.dhcp == 2 && dhcp.option.vendor_class_id == \"HTTPClient\""
        must_have "HTTP request" "ip.dst == 10.77.0.1 && http.request.uri == \"/$FILE\" &&
            http.request.method == \"GET\""
        must_have "HTTP answer" "ip.src == 10.77.0.1 && http.response.code == 200"
        ;;
    http6)
        must_have "ADVERTISE or REPLY with a URL" "ipv6 && dhcpv6.option.type == 59"
        must_have "HTTP request" "ipv6.dst == fd77::1 && http.request.uri == \"/$FILE\" &&
            http.request.method == \"GET\""
        must_have "HTTP answer" "ipv6.src == fd77::1 && http.response.code == 200"
        ;;
    esac
}

# 10.77.0.254, fd77::fe: the relay on the servers' side; 10.88.0.254, fd88::fe: on the client's.
check_relay()
{
    case $CLIENT in
    uefi6 | http6)
        must_have "RELAY-FORW to us" "ipv6.src == fd77::fe && ipv6.dst == fd77::2 &&
            dhcpv6.msgtype == 12"
        must_have "RELAY-REPL of ours with an ADVERTISE and the Interface-Id" \
            "ipv6.src == fd77::2 && ipv6.dst == fd77::fe && dhcpv6.msgtype == 13 &&
            dhcpv6.msgtype == 2 && dhcpv6.option.type == 18"
        must_have "ADVERTISE with a vendor class on the client's side" \
            "udp.dstport == 546 && ipv6 && dhcpv6.msgtype == 2 && dhcpv6.option.type == 16" \
            capture-client
        ;;
    *)
        must_have "DISCOVER from the relay to us" "ip.dst == 10.77.0.2 &&
            dhcp.ip.relay == 10.88.0.254 && dhcp.option.dhcp == 1"
        must_have "OFFER of ours to the relay with its option 82" "ip.src == 10.77.0.2 &&
            ip.dst == 10.88.0.254 && udp.dstport == 67 && dhcp.ip.relay == 10.88.0.254 &&
            dhcp.option.dhcp == 2 && dhcp.option.type == 82"
        must_have "OFFER of ours on the client's side" "ip.src == 10.88.0.254 &&
            dhcp.option.dhcp == 2 && dhcp.option.dhcp_server_id == 10.77.0.2" capture-client
        ;;
    esac
}

# That the server used the network that this boot is to prove: with x64 the native one if it was
# built, unless Windows' sockets were asked for.
check_network()
{
    local expected=Winsock
    [ "$NETWORK" = winsock ] || [ ! -e "build/win-$ARCH/bin/wdspxenet.dll.so" ] || expected=native
    grep -qE " (info|warning): network: $expected" "$OUT/server.log" ||
        fail "the server did not use the network '$expected'"
    SEEN+=("network: $expected")
}

check_cleanup()
{
    local run left
    run=$(cat "$OUT/run.pid")
    left=$(ip netns list | grep -c "^wdspxe-$run-" || true)
    ((left == 0)) || fail "$left network namespaces were left behind"
    left=$(grep -las -- "WINEPREFIX=$OUT/prefix" /proc/[0-9]*/environ | wc -l || true)
    ((left == 0)) || fail "$left Wine processes were left behind"
}

CLIENT=${1:-}
ARCH=x64
RELAY=
IN_OFFER=
PROVIDER=staticpxe
NETWORK=auto
SEEN=()
case $CLIENT in
bios) FILE=bios.0 ;;
uefi | uefi6 | http | http6) FILE=x64.efi ;;
*) usage ;;
esac
shift
for argument in "$@"; do
    case $argument in
    --relay) RELAY=--relay ;;
    --file-in-offer) IN_OFFER=--file-in-offer ;;
    --webpxe) PROVIDER=webpxe ;;
    --winsock) NETWORK=winsock ;;
    x64 | x86) ARCH=$argument ;;
    *) usage ;;
    esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
begin "boot.sh $CLIENT${RELAY:+ $RELAY}${IN_OFFER:+ $IN_OFFER} $PROVIDER $NETWORK $ARCH"

tools/demo --no-build --client "$CLIENT" --provider "$PROVIDER" $RELAY $IN_OFFER --arch "$ARCH" --network "$NETWORK" \
    --out "$OUT" ||
    fail "tools/demo exited $?"

marker=$(lab_client_marker "$CLIENT")
LAB_DIR=$OUT client_shows "$marker" || fail "no line '$marker' in $OUT/serial.log"
check_answer
[ -z "$RELAY" ] || check_relay
check_network
must_be_well_formed capture ${RELAY:+capture-client}
check_cleanup
echo "tests/e2e/$TEST: ok"
printf '  %s\n' "${SEEN[@]}"
