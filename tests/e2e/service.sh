#!/bin/bash
# End-to-end test: the server as a service of Wine's service manager. Installed, started; a real BIOS
# client boots; a control of its own reaches a provider; stopped, removed, and nothing is left in the
# registry but configuration. Usage: tests/e2e/service.sh
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh

BIN=$PWD/build/win-x64/bin
OUT=$PWD/build/demo/test-service-$(date +%Y%m%d-%H%M%S)-$$
readonly SERVICES='HKLM\SYSTEM\CurrentControlSet\Services'
readonly PROVIDERS="$SERVICES\\WDSServer\\Providers\\WDSPXE\\Providers"
readonly BOOT_TIME=90
KEEPER=

# fail WHY [LOG…]: below the ends of these logs.
fail()
{
    local why=$1 name
    trap - ERR
    shift
    for name in "$@"; do
        printf -- '---- end of %s\n' "$OUT/$name.log"
        tr -d '\000' <"$OUT/$name.log" | tail -n 15
    done
    echo "tests/e2e/service.sh: $why (files in $OUT)" >&2
    exit 1
}

on_exit()
{
    local status=$?
    trap - EXIT INT TERM HUP ERR
    [ -z "$KEEPER" ] || kill "$KEEPER" 2>/dev/null || true
    lab_close
    rm -rf "${LAB_WINE_PREFIX:?}"
    exit "$status"
}

# in_wine COMMAND…: runs a Windows program to its end.
in_wine()
{
    lab_wine timeout -k 5 60 wine "$@" </dev/null >>"$OUT/commands.log" 2>&1 ||
        fail "'$*' exited $?" commands
}

wdspxectl()
{
    in_wine 'C:\wdspxe\wdspxectl.exe' "$@"
}

# All services of the registry, line by line, as UTF-8.
registry()
{
    in_wine reg export "$SERVICES" 'C:\wdspxe\services.reg' /y
    iconv -f utf-16 -t utf-8 "$LAB_WINE_PREFIX/drive_c/wdspxe/services.reg" | tr -d '\r'
}

lab_up()
{
    local template=$PWD/build/lab/wine-template
    lab_require || fail "$LAB_ERROR"
    lab_open "$OUT" || fail "$LAB_ERROR"
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
    lab_wine_template "$template" || fail "$LAB_ERROR"
    lab_wine_start "$template" || fail "$LAB_ERROR" wineserver wine-warmup
    # Wine's service manager goes away with the last program: this one stays.
    lab_wine_spawn keeper bash -c 'tail -f /dev/null | exec wine cmd /c "set /p line="'
    KEEPER=${LAB_PID[keeper]}
}

files_in_place()
{
    local folder=$LAB_WINE_PREFIX/drive_c/wdspxe
    mkdir -p "$folder"
    cp "$BIN"/{wdspxe.dll,wdspxectl.exe,staticpxe.dll} "$BIN"/providers/prov_control.dll "$folder/" ||
        fail "the build is not complete"
    cp "$BIN"/wdspxenet.dll.so "$folder/" 2>/dev/null || true
    printf '[server]\nnext_server=%s\n[default]\nfile=bios.0\n' "$LAB_DHCP_ADDRESS" \
        >"$folder/staticpxe.ini"
    wdspxectl provider add control 'C:\wdspxe\prov_control.dll'
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
}

client_boots()
{
    local marker end=$((SECONDS + BOOT_TIME))
    marker=$(lab_client_marker bios)
    lab_client_start bios || fail "$LAB_ERROR"
    until tr -d '\000' <"$OUT/serial.log" | tr '\r' '\n' | grep -aqx -- "$marker"; do
        ((SECONDS < end)) || fail "no line '$marker' after $BOOT_TIME s" serial commands dhcp
        sleep 0.1
    done
    lab_wait_gone client 5 || true
    lab_stop client
}

# What the provider has noted of its controls.
controls()
{
    lab_wine timeout -k 5 60 wine reg query "$PROVIDERS\\control" /v Control1 </dev/null 2>/dev/null |
        tr -d '\r' | awk '$1 == "Control1" { print $3 }'
}

main()
{
    local answers
    trap on_exit EXIT
    trap 'exit 130' INT TERM HUP
    trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
    lab_up
    files_in_place
    registry >"$OUT/before.reg"
    wdspxectl service install --on-demand
    wdspxectl service start
    client_boots
    wdspxectl service control 200
    [ "$(controls)" = 0xc8 ] || fail "control 200 did not reach the provider" commands
    wdspxectl service stop
    wdspxectl service uninstall
    registry >"$OUT/after.reg"
    lab_capture_stop
    answers=$(tshark -n -r "$OUT/capture.pcap" -Y "ip.src == $LAB_SERVER_ADDRESS &&
        udp.srcport == 4011 && dhcp.option.dhcp == 5" 2>/dev/null | wc -l)
    ((answers > 0)) || fail "the capture has no ACK of ours on port 4011" commands
    # Left may be what providers noted, and the identity that the server made for itself.
    diff <(grep -v '^"ServerDuid"\|^  [0-9a-f,]*\\\?$\|^"Control\|^"Shutdown"' "$OUT/before.reg") \
        <(grep -v '^"ServerDuid"\|^  [0-9a-f,]*\\\?$\|^"Control\|^"Shutdown"' "$OUT/after.reg") ||
        fail "the registry is not as before"
    ! grep -q '\\Services\\wdspxe\|EventLog\\Application\\WDSPXE' "$OUT/after.reg" ||
        fail "the service or its event source is still in the registry"
    echo "tests/e2e/service.sh: ok: installed, started, a client booted ($answers answers on port" \
        "4011), control 200 reached the provider, stopped, removed"
}

main
