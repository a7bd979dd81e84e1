#!/bin/bash
# End-to-end test of two PXE servers that ask one web service (webpxe), in namespaces: the servers have a Wine prefix
# and a machine each and nothing in common; the service, docs/examples/webpxe-service.py, is on a third. A real client
# (QEMU) boots five times:
#   1. both serve                                     it is installed
#   2. the service was killed and started again       it is left to its disk, by both servers
#   3. the server that installed it is killed, and
#      the page's button "rescue" was pressed         it gets the rescue system from the other one
#   4. the killed one is back, the other is killed    it is left to its disk by the one that is back
#   5. the service was killed once more, the page's
#      button "install again" was pressed             it is installed by the one that is back
# Usage: tests/e2e/shared-service.sh bios|uefi
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

[[ ${1:-} =~ ^(bios|uefi)$ && $# -eq 1 ]] || { echo "Usage: tests/e2e/shared-service.sh bios|uefi" >&2 && exit 2; }
readonly CLIENT=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly WAIT=60  # seconds until something that must happen has not
readonly BOOT=240 # the same for a boot
readonly GAVE_UP='No more network devices|No bootable device|PXE-E[0-9]+|failed to load Boot0001'
readonly KEY='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers\webpxe'
readonly SECOND_ADDRESS=$LAB_SUBNET.3
readonly SERVICE=$LAB_DHCP_ADDRESS:8080
BOOTS=0
SERVICES=0
declare -A LOG=() # by server, first or second: of the one that runs now

# ---- servers and service -------------------------------------------------------------------------

lab_up()
{
    lab_here
    NAMESPACE=([first]=$LAB_NS_SERVER [second]=wdspxe-$$-second)
    machine_add "${NAMESPACE[second]}" p-second "$SECOND_ADDRESS"
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    for file in bios.0 x64.efi; do
        cp "$OUT/tftp/$file" "$OUT/tftp/rescue-$file"
    done
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
}

# server_install first|second: its prefix, and the provider.
server_install()
{
    select_server "$1"
    wine_up
    install webpxe.dll
    wdspxectl provider add webpxe 'C:\wdspxe\webpxe.dll'
    in_wine reg add "$KEY" /v Url /d "http://$SERVICE/boot" /f
}

# member_start first|second LOG
member_start()
{
    select_server "$1"
    LOG[$1]=$2
    server_start "$2" --verbose
}

# server_kill first|second
server_kill()
{
    lab_stop "${LOG[$1]}" KILL
    unset "LOG[$1]"
}

# With its database, which outlives it, and a new log.
service_start()
{
    SERVICES=$((SERVICES + 1))
    lab_spawn "service-$SERVICES" "$LAB_NS_DHCP" python3 docs/examples/webpxe-service.py --address "${SERVICE%:*}" \
        --port "${SERVICE#*:}" --database "$OUT/machines.db" --files "$OUT/files.json"
    lab_wait_line "service-$SERVICES" 'serving on' "$WAIT" || fail "$LAB_ERROR" "service-$SERVICES"
}

service_again()
{
    lab_stop "service-$SERVICES" KILL
    service_start
}

# press install|rescue: the button of the service's page, for the client.
press()
{
    ip netns exec "$LAB_NS_DHCP" python3 - "http://$SERVICE/wish" "${LAB_MAC//:/-}" "$1" <<'PY' || fail "no button $1"
import sys, urllib.parse, urllib.request
url, name, wish = sys.argv[1:]
urllib.request.urlopen(url, urllib.parse.urlencode({"name": name, "wish": wish}).encode(), timeout=30)
PY
}

write_files()
{
    local kind
    for kind in install: rescue:rescue-; do
        printf '"%s": {"bios": {"file": "%sbios.0", "next_server": "%s"}, "x64": {"file": "%sx64.efi", "next_server": "%s"}}\n' \
            "${kind%:*}" "${kind#*:}" "$LAB_DHCP_ADDRESS" "${kind#*:}" "$LAB_DHCP_ADDRESS"
    done | sed -e '1s/^/{/' -e '$!s/$/,/' -e '$s/$/}/'
}

# ---- boots ---------------------------------------------------------------------------------------

# lines PATTERN LOG: how many lines of the log match.
lines()
{
    grep -Ec -- "$1" "$OUT/$2.log" || true
}

# boot WHAT: until the boot program has run or the firmware has given up; prints which: booted, disk.
client_boot()
{
    local marker end=$((SECONDS + BOOT))
    marker=$(lab_client_marker "$CLIENT")
    lab_client_start "$CLIENT" || fail "$LAB_ERROR"
    until client_shows "$marker"; do
        ! lab_console | grep -aE -- "$GAVE_UP" >/dev/null || break
        ((SECONDS < end)) || fail "the client neither boots nor gives up" serial "${LOG[@]}" dhcp
        lab_alive client || client_shows "$marker" || fail "the client ended" serial client "${LOG[@]}" dhcp
        sleep 0.1
    done
    lab_stop client
    BOOTED=disk
    ! client_shows "$marker" || BOOTED=booted
    cp "$OUT/serial.log" "$OUT/serial-$BOOTS.log"
}

# boot disk|install|rescue: the client's next boot ends so; then WHO is the server that named its file, or "".
boot()
{
    local wanted=$1 name acks file=
    local -A before=() ignored=()
    BOOTS=$((BOOTS + 1))
    for name in "${!LOG[@]}"; do
        before[$name]=$(lines "$LAB_MAC .*: ACK " "${LOG[$name]}")
        ignored[$name]=$(lines 'the service says "ignore"; .*: disk' "${LOG[$name]}")
    done
    local sent
    sent=$(lines 'sent .*/tftp/' dhcp)
    client_boot
    WHO=
    for name in "${!LOG[@]}"; do
        acks=$(($(lines "$LAB_MAC .*: ACK " "${LOG[$name]}") - before[$name]))
        ((acks == 0)) || WHO=$name
        [ "$wanted" = disk ] || continue
        ((acks == 0)) || fail "boot $BOOTS: the $name server named a file" "${LOG[@]}"
        (($(lines 'the service says "ignore"; .*: disk' "${LOG[$name]}") > ignored[$name])) ||
            fail "boot $BOOTS: the $name server was not told to leave it to its disk" "${LOG[@]}"
    done
    case $wanted in
    disk) [ "$BOOTED" = disk ] || fail "boot $BOOTS: it booted from the network" "${LOG[@]}" ;;
    *)
        [ "$BOOTED" = booted ] || fail "boot $BOOTS: it did not boot" "serial-$BOOTS" "${LOG[@]}" dhcp
        [ -n "$WHO" ] || fail "boot $BOOTS: no server named a file" "${LOG[@]}"
        (($(lines 'sent .*/tftp/' dhcp) > sent)) || fail "boot $BOOTS: no file was sent" dhcp
        file=$(grep -oE 'sent .*/tftp/[^ ]+' "$OUT/dhcp.log" | tail -n 1)
        [[ $wanted,${file##*/} =~ ^(install,(bios\.0|x64\.efi)|rescue,rescue-.*)$ ]] ||
            fail "boot $BOOTS: it got ${file##*/}, which is not the $wanted system" dhcp
        ;;
    esac
    echo "   boot $BOOTS: $wanted${WHO:+, by the $WHO server, ${file##*/}}"
}

main()
{
    local WHO BOOTED installer other
    begin shared-service.sh "$CLIENT"
    lab_up
    write_files >"$OUT/files.json"
    service_start
    server_install first
    server_install second
    member_start first first
    member_start second second

    echo "== both serve"
    boot install
    installer=$WHO
    other=first
    [ "$installer" = second ] || other=second
    echo "== the service is killed and started again"
    service_again
    boot disk
    echo "== the $installer server is killed, and the machine's user wants the rescue system"
    server_kill "$installer"
    press rescue
    boot rescue
    echo "== the $installer server is back, the $other one is killed"
    member_start "$installer" "$installer-again"
    server_kill "$other"
    boot disk
    echo "== the service is killed and started again, and the machine is to be installed again"
    press install
    service_again
    boot install
    [ "$WHO" = "$installer" ] || fail "it was not the $installer server"
    ! grep -Eq ' (warning|error|fatal): ' "$OUT"/{first,second,*-again}.log ||
        fail "a server complained" first second "$installer-again"
    echo "tests/e2e/shared-service.sh $CLIENT: ok"
}

main
