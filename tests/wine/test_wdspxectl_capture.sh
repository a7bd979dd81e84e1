#!/bin/bash
# wdspxectl serve --capture: what tshark reads in the file.
#
#   test_wdspxectl_capture.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, whose provider list must be empty. The test providers lie in
# providers/ beside the program. Needs python3 and tshark.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

clean_up() {
    ctl provider remove answer
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

# A DISCOVER that is answered, and rubbish.
ask() { # port
    discover "$1" --first $((0x01020304)) --junk 1 --log "$tmp/out" --ready serving \
        --told '127.0.0.1 (DISCOVER|not DHCP)'
}

# PORT TO COMMENT of each frame, in the order of time; the server's port is "server".
frames() {
    tshark -r "$tmp/run.pcapng" -T fields -e frame.time_epoch -e udp.srcport -e udp.dstport \
        -e udp.length -e frame.comment 2>"$tmp/tshark" | sort -n | cut -f2- |
        sed "s/\\b$port\\b/server/"
}

frame_is() { # number, pattern
    frames | sed -n "$1p" | grep -qE -- "$2"
}

start_wine
expect 0 provider add answer "Z:$(dirname "$exe")/providers/prov_answer.dll"
(cd / && wine reg add 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers\answer' \
    /v ReplyMode /t REG_SZ /d null /f) >/dev/null 2>&1 </dev/null

read -r port boot_port < <(free_ports)
: >"$tmp/out"
(
    ctl serve --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" --for 120 \
        --stop-file stop --capture run.pcapng
    exit "$rc"
) &
pid=$!
check "asked" ask "$port"
: >"$tmp/stop"
wait "$pid"
rc=$?
check "exit code 0, is $rc" test "$rc" -eq 0
check "three frames" test "$(frames | wc -l)" -eq 3
check "tshark has nothing to complain of" bash -c "! grep -qi 'cut short\|damaged\|error' '$tmp/tshark'"
check "the request, and who decided" frame_is 1 '	server	308	provider answer: nbp, 1 reply$'
check "its reply, and whose it is" frame_is 2 '^server	[0-9]+	[0-9]+	sent by provider answer$'
check "what was not answered, and why" frame_is 3 '	server	15	provider .*: .*, no answer: '
check "checksums are right" test -z "$(tshark -r "$tmp/run.pcapng" -o udp.check_checksum:TRUE \
    -o ip.check_checksum:TRUE -Y 'udp.checksum.status != 1 or ip.checksum.status != 1' 2>/dev/null)"
check "tshark finds the DISCOVER" test "$(tshark -r "$tmp/run.pcapng" -d "udp.port==$port,dhcp" \
    -Y 'dhcp.option.dhcp == 1 && dhcp.id == 0x01020304' 2>/dev/null | wc -l)" -eq 1

expect 3 serve --capture no-such-folder/run.pcapng --for 1
check "a file that cannot be made is told" err_has 'cannot write the capture "no-such-folder/run.pcapng"'
expect 0 provider remove answer
finish
