#!/bin/bash
# End-to-end test: a real client boots from our server. Usage: tests/e2e/boot.sh bios|uefi [x64|x86]
# Runs tools/demo on the existing build, then looks at what it left with eyes of its own.
set -euo pipefail
export LC_ALL=C

fail()
{
    echo "tests/e2e/boot.sh $CLIENT: $*" >&2
    exit 1
}

CLIENT=${1:-}
ARCH=${2:-x64}
case $CLIENT in
bios) MARKER='WDSPXE-BOOT-OK bios' FILE=bios.0 ;;
uefi) MARKER='WDSPXE-BOOT-OK uefi-x64' FILE=x64.efi ;;
*) echo "Usage: tests/e2e/boot.sh bios|uefi [x64|x86]" >&2 && exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
OUT=$PWD/build/demo/test-$CLIENT-$ARCH-$(date +%Y%m%d-%H%M%S)-$$

tools/demo --no-build --client "$CLIENT" --arch "$ARCH" --out "$OUT" || fail "tools/demo exited $?"

# A whole line of the console, not a word in some message about it.
tr -d '\000' <"$OUT/serial.log" | tr '\r' '\n' | grep -aqx -- "$MARKER" ||
    fail "no line '$MARKER' in $OUT/serial.log"
filter="ip.src == 10.77.0.2 && udp.srcport == 4011 && dhcp.option.dhcp == 5"
answers=$(tshark -n -r "$OUT/capture.pcap" -Y "$filter && dhcp.file == \"$FILE\"" \
    -T fields -e frame.number 2>/dev/null | wc -l)
((answers > 0)) || fail "tshark finds no answer of ours on port 4011 that names $FILE"
malformed=$(tshark -n -r "$OUT/capture.pcap" -Y _ws.malformed 2>/dev/null | wc -l)
((malformed == 0)) || fail "tshark finds $malformed malformed packets"
run=$(cat "$OUT/run.pid")
left=$(ip netns list | grep -c "^wdspxe-$run-" || true)
((left == 0)) || fail "$left network namespaces were left behind"
echo "tests/e2e/boot.sh $CLIENT: ok ($answers answers of ours on port 4011)"
