#!/bin/bash
# End-to-end test: the server as a service of Wine's service manager. Installed, started; a real BIOS
# client boots; a control of its own reaches a provider; stopped, removed, and nothing is left in the
# registry but configuration. Usage: tests/e2e/service.sh
set -Eeuo pipefail
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

readonly SERVICES='HKLM\SYSTEM\CurrentControlSet\Services'
readonly PROVIDERS="$SERVICES\\WDSServer\\Providers\\WDSPXE\\Providers"
readonly BOOT_TIME=90

# All services of the registry, line by line, as UTF-8.
registry()
{
    in_wine reg export "$SERVICES" 'C:\wdspxe\services.reg' /y
    iconv -f utf-16 -t utf-8 "$FOLDER/services.reg" | tr -d '\r'
}

lab_up()
{
    lab_here
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    dhcp_up
    wine_up
    # Wine's service manager goes away with the last program: this one stays.
    lab_wine_spawn keeper bash -c 'tail -f /dev/null | exec wine cmd /c "set /p line="'
}

files_in_place()
{
    install staticpxe.dll providers/prov_control.dll
    printf '[server]\nnext_server=%s\n[default]\nfile=bios.0\n' "$LAB_DHCP_ADDRESS" \
        >"$FOLDER/staticpxe.ini"
    wdspxectl provider add control 'C:\wdspxe\prov_control.dll'
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
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
    begin service.sh
    lab_up
    files_in_place
    registry >"$OUT/before.reg"
    wdspxectl service install --on-demand
    wdspxectl service start
    client_boots bios "$BOOT_TIME" keeper
    wdspxectl service control 200
    [ "$(controls)" = 0xc8 ] || fail "control 200 did not reach the provider" setup
    wdspxectl service stop
    wdspxectl service uninstall
    registry >"$OUT/after.reg"
    lab_capture_stop
    answers=$(frames "ip.src == $LAB_SERVER_ADDRESS && udp.srcport == 4011 && dhcp.option.dhcp == 5")
    ((answers > 0)) || fail "the capture has no ACK of ours on port 4011" setup
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
