#!/bin/bash
# End-to-end test with providers that know nothing of this project's DLLs but their interface
# (tests/providers/msvc). Usage: tests/e2e/providers.sh [x64|x86] [FOLDER OF THE BUILT FILES]
#
# FilterProvider is asked first, AnswerProvider second. One BIOS client is on the filter's list of
# those that may boot, and must boot; another is on the list of those that may not, and must get no
# answer of ours. The answers on the wire are compared byte for byte, option 252 included.
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

ARCH=${1:-x64}
case $ARCH in
x64 | x86) ;;
*) echo "Usage: tests/e2e/providers.sh [x64|x86] [FOLDER OF THE BUILT FILES]" >&2 && exit 2 ;;
esac
BIN=$(realpath -m "${2:-$(dirname "${BASH_SOURCE[0]}")/../../build/win-$ARCH/bin}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly ALLOWED_MAC=52:54:00:77:00:01
readonly DENIED_MAC=52:54:00:77:00:66
readonly SETTINGS='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
readonly BCD_PATH='boot\x86\my.bcd' # 15 characters
readonly BOOT_TIME=90 DENIED_TIME=15

# setting PROVIDER NAME TYPE DATA
setting()
{
    in_wine reg add "$SETTINGS\\$1" /v "$2" /t "$3" /d "$4" /f
}

lab_up()
{
    lab_here
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    dhcp_up
    wine_up
}

server_up()
{
    install wdsbp.dll providers/{filterprovider,answerprovider}.dll
    wdspxectl provider add filter 'C:\wdspxe\filterprovider.dll'
    wdspxectl provider add answer 'C:\wdspxe\answerprovider.dll'
    # The denied one is on both lists: denial counts.
    setting filter Allow REG_MULTI_SZ "${ALLOWED_MAC//:/-}\\0${DENIED_MAC//:/}"
    setting filter Deny REG_MULTI_SZ "00-00-00-00-00-00\\0$DENIED_MAC"
    setting answer NextServer REG_SZ "$LAB_DHCP_ADDRESS"
    setting answer BcdPath REG_SZ "$BCD_PATH"
    server_start server --verbose
}

denied_client()
{
    local end=$((SECONDS + DENIED_TIME))
    LAB_MAC=$DENIED_MAC # of the next client
    lab_client_start bios || fail "$LAB_ERROR"
    while lab_alive client && ((SECONDS < end)); do
        lab_alive server || fail "the server ended" server
        sleep 0.2
    done
    lab_stop client
    mv "$OUT/serial.log" "$OUT/serial-denied.log"
    ! grep -aqF -- "$LAB_MARKER" "$OUT/serial-denied.log" || fail "the denied client booted" server
}

allowed_client()
{
    # shellcheck disable=SC2034 # lab.sh uses it
    LAB_MAC=$ALLOWED_MAC
    client_boots bios "$BOOT_TIME" server
}

# The payloads of our answers to a client of this type (option 53), as hexadecimal digits.
answers()
{
    tshark -n -r "$OUT/capture.pcap" -T fields -e udp.payload -Y \
        "ip.src == $LAB_SERVER_ADDRESS && dhcp.hw.mac_addr == $ALLOWED_MAC &&
         dhcp.option.dhcp == $1" 2>/dev/null | tr -d ':'
}

# check_answers TYPE: everything from the cookie on must be as the provider's calls say.
check_answers()
{
    local type=$1 payload expected count=0
    # 53; 60 "PXEClient"; 54 10.77.0.2; 252 with the path and one zero byte; End, and nothing after.
    expected=63825363
    expected+=$(printf '3501%02x' "$type")3c09505845436c69656e7436040a4d0002
    expected+=fc10626f6f745c7838365c6d792e62636400ff
    while IFS= read -r payload; do
        count=$((count + 1))
        [ "${payload:472}" = "$expected" ] ||
            fail "an answer of type $type ends in ${payload:472}, expected $expected"
        [ "${payload:40:8}" = 0a4d0001 ] || fail "siaddr is ${payload:40:8}"
        [ "${payload:216:14}" = 62696f732e3000 ] || fail "file is ${payload:216:14}"
    done < <(answers "$type")
    ((count > 0)) || fail "the capture has no answer of type $type to $ALLOWED_MAC" server
    printf '  %d answers of type %d, option 252 = fc 10 "%s" 00\n' "$count" "$type" "$BCD_PATH"
}

# What the providers traced: before they had a handle, while reading settings, at work, at the end.
check_traces()
{
    local line
    for line in 'Filter starts' '[filter] Deny: 2 addresses' '[filter] Allow: 2 addresses' \
        'Answer starts' '[answer] NextServer is 10.77.0.1 (as the sample has it: ' \
        "[filter] ${DENIED_MAC//:/-} is denied" '[filter] Filter shuts down' \
        '[answer] Answer shuts down'; do
        grep -aqF -- "$line" "$OUT/server.log" || fail "no line '$line' in the server's log" server
    done
}

check_capture()
{
    local asked answered
    lab_capture_stop
    asked=$(frames "dhcp.option.dhcp == 1 && dhcp.hw.mac_addr == $DENIED_MAC")
    answered=$(frames "ip.src == $LAB_SERVER_ADDRESS && dhcp.hw.mac_addr == $DENIED_MAC")
    ((asked > 0)) || fail "the denied client did not ask" serial-denied
    ((answered == 0)) || fail "the denied client got $answered answers of ours" server
    echo "  the denied client asked $asked times and got no answer of ours"
    check_answers 2
    check_answers 5
    must_be_well_formed
}

main()
{
    begin providers.sh "$ARCH"
    lab_up
    server_up
    denied_client
    allowed_client
    server_stop server
    check_traces
    check_capture
    echo "tests/e2e/providers.sh $ARCH: ok"
}

main
