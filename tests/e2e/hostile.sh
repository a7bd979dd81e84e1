#!/bin/bash
# End-to-end test of what the network may do to the server, in namespaces:
#   - 10,000 datagrams of each kind that could flood the log leave fewer than 100 lines, and nothing on
#     the wire for what nobody can be answered for;
#   - replies to relays and clients elsewhere follow the routing table, although requests come by
#     another way; relays are answered at the port that they ask for; multicast discovery;
#   - how much larger than its request an answer can be;
#   - what the server itself broadcasts is no request.
# Usage: tests/e2e/hostile.sh auto|native|winsock [KIND…]   KIND: a name in hostile.py
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

NETWORK=${1:-}
case $NETWORK in
auto | native | winsock) shift ;;
*) echo "Usage: tests/e2e/hostile.sh auto|native|winsock [KIND…]" >&2 && exit 2 ;;
esac
KINDS=("$@")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh

readonly BIN=$PWD/build/win-x64/bin
OUT=$PWD/build/demo/test-hostile-$NETWORK-$(date +%Y%m%d-%H%M%S)-$$

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
    echo "tests/e2e/hostile.sh $NETWORK: $why (files in $OUT)" >&2
    exit 1
}

on_exit()
{
    local status=$?
    trap - EXIT INT TERM HUP ERR
    lab_close
    rm -rf "${LAB_WINE_PREFIX:?}"
    exit "$status"
}

# A second link between the two, by which the server's route to the far subnet leads.
lab_up()
{
    lab_require || fail "$LAB_ERROR"
    lab_open "$OUT" || fail "$LAB_ERROR"
    lab_switch br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_DHCP" p-dhcp8 10.66.0.1 eth8 br8 || fail "$LAB_ERROR"
    lab_plug "$LAB_NS_SERVER" p-server8 10.66.0.2 eth8 br8 || fail "$LAB_ERROR"
    ip -n "$LAB_NS_DHCP" addr add 10.88.0.254/32 dev lo
    ip -n "$LAB_NS_SERVER" route add 10.88.0.0/24 via 10.66.0.1
    ip netns exec "$LAB_NS_SERVER" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
        net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth8.rp_filter=0
    lab_wine_template "$PWD/build/lab/wine-template" || fail "$LAB_ERROR"
    lab_wine_start "$PWD/build/lab/wine-template" || fail "$LAB_ERROR" wineserver wine-warmup
}

run_ours()
{
    lab_wine timeout -k 5 60 wine 'C:\wdspxe\wdspxectl.exe' "$@" </dev/null >>"$OUT/setup.log" 2>&1 ||
        fail "wdspxectl $* failed" setup
}

# Boot file and URL are as long as they may be.
settings()
{
    local long
    long=$(printf 'x%.0s' {1..120})
    printf '[default]\nfile=%s\nnext_server6=fd77::1\nhttp_url=http://10.77.0.1/%s\n' \
        "$long" "$long${long:0:115}"
}

# server_up NAME: with the providers that are registered.
server_up()
{
    rm -f "$LAB_WINE_PREFIX/drive_c/wdspxe/stop"
    lab_wine_spawn "$1" wine 'C:\wdspxe\wdspxectl.exe' serve --network "$NETWORK" \
        --stop-file 'C:\wdspxe\stop'
    lab_wait_line "$1" 'serving on' 20 || fail "$LAB_ERROR" setup "$1"
}

server_down()
{
    : >"$LAB_WINE_PREFIX/drive_c/wdspxe/stop"
    lab_wait_gone "$1" 60 || fail "the server does not stop" "$1"
    [ "$(lab_exit_code "$1")" = 0 ] || fail "wdspxectl serve did not exit with 0" "$1"
    tail -n 1 "$OUT/$1.log"
}

mac_of()
{
    ip netns exec "$LAB_NS_SERVER" cat "/sys/class/net/$1/address"
}

hostile()
{
    echo "== $1"
    ip netns exec "$LAB_NS_DHCP" env SECOND_MAC="$(mac_of eth8)" PYTHONDONTWRITEBYTECODE=1 \
        python3 tests/e2e/hostile.py "$1" "$(mac_of eth0)" "${@:2}" ||
        fail "$1: not as it should be" "$SERVER"
}

main()
{
    local folder
    trap 'fail "line $LINENO: $BASH_COMMAND exited $?"' ERR
    trap on_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    lab_up
    folder=$LAB_WINE_PREFIX/drive_c/wdspxe
    mkdir -p "$folder"
    cp "$BIN"/{wdspxe.dll,wdspxectl.exe,staticpxe.dll} "$folder/" || fail "the build is not complete"
    [ ! -e "$BIN/wdspxenet.dll.so" ] || cp "$BIN/wdspxenet.dll.so" "$folder/"
    x86_64-w64-mingw32-gcc -shared -O2 -Wall -Wextra -Werror -Iinclude -o "$folder/echo.dll" \
        tests/e2e/echo_provider.c tests/consumer/provider.def build/win-x64/lib/libwdspxe.a
    settings >"$folder/staticpxe.ini"
    run_ours provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    SERVER=server
    server_up server
    hostile routes "$NETWORK"
    hostile growth
    hostile floods "$OUT/server.log" "${KINDS[@]}"
    server_down server
    run_ours provider remove staticpxe
    run_ours provider add echo 'C:\wdspxe\echo.dll'
    SERVER=looped
    server_up looped
    hostile loop
    server_down looped
    grep -F 'network: ' "$OUT/server.log" || true
    echo "tests/e2e/hostile.sh $NETWORK: ok"
}

main
