# shellcheck shell=bash
# What end-to-end tests have in common. Sourced in the project's folder, after tools/lab/lab.sh.
#
#   begin relays.sh native      what this run is called in messages, and its folder, OUT
#   … wine_up, install, wdspxectl, server_start, client_boots, server_stop …
#
# After `begin` everything ends by `fail` or by a signal, and then what was started is ended. A test
# that made more than the lab has to take away defines `leave`.
# shellcheck disable=SC2119,SC2120 # functions of lab.sh take no arguments of ours

TEST=
OUT=
ARCH=${ARCH:-x64}
BIN=${BIN:-$PWD/build/win-$ARCH/bin}
readonly COMMAND_TIME=120 STOP_TIME=60 # seconds

begin()
{
    TEST=$*
    OUT=$PWD/build/demo/test-${TEST//[ .\/]/-}-$(date +%Y%m%d-%H%M%S)-$$
    trap 'fail "${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND exited $?"' ERR
    trap on_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# fail WHY [LOG…]: below the ends of these logs.
fail()
{
    local why=$1 name
    trap - ERR
    shift
    for name in "$@"; do
        [ -s "$OUT/$name.log" ] || continue
        printf -- '---- end of %s\n' "$OUT/$name.log"
        tail -n 15 "$OUT/$name.log" | tr -cd '[:print:]\n\t'
    done
    echo "tests/e2e/$TEST: $why (files in $OUT)" >&2
    exit 1
}

on_exit()
{
    local status=$?
    trap - EXIT INT TERM HUP ERR
    ! declare -F leave >/dev/null || leave
    servers_leave
    lab_close
    [ -z "$LAB_WINE_PREFIX" ] || rm -rf "${LAB_WINE_PREFIX:?}" "$OUT/firmware-vars.fd"
    exit "$status"
}

# becomes_true SECONDS COMMAND…
becomes_true()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

# ---- the lab -----------------------------------------------------------------------------------

# lab_here [relay] [COMMAND…]: opens the lab, with a relay's subnet or without, if the machine has these.
lab_here()
{
    local -a relay=()
    [ "${1:-}" != relay ] || { relay=(relay) && shift; }
    lab_require "$@" || fail "$LAB_ERROR"
    lab_open "$OUT" ${relay[@]+"${relay[@]}"} || fail "$LAB_ERROR"
}

# Builds boot programs, and starts the DHCP server, which hands them out by TFTP.
dhcp_up()
{
    lab_nbp_build "$OUT/tftp" || fail "$LAB_ERROR"
    lab_dhcp_start "$OUT/tftp" || fail "$LAB_ERROR" dhcp
}

# machine_add NAMESPACE PORT ADDRESS [INTERFACE [SWITCH]]: one more, plugged in as by lab_plug.
machine_add()
{
    lab_quiet ip netns add "$1" || fail "$LAB_ERROR"
    lab_plug "$@" || fail "$LAB_ERROR"
}

# ---- the server --------------------------------------------------------------------------------

wine_up()
{
    lab_wine_up "$ARCH" || fail "$LAB_ERROR" wineserver wine-warmup
    FOLDER=$LAB_WINE_PREFIX/drive_c/wdspxe
}

# install [FILE…]: our programs and these files of the build, into C:\wdspxe.
install()
{
    lab_wine_install "$BIN" wdspxe.dll wdspxectl.exe "$@" || fail "$LAB_ERROR"
}

# in_wine COMMAND…: runs a Windows program to its end.
in_wine()
{
    lab_wine timeout -k 5 "$COMMAND_TIME" wine "$@" </dev/null >>"$OUT/setup.log" 2>&1 ||
        fail "'$*' exited $?" setup
}

wdspxectl()
{
    in_wine 'C:\wdspxe\wdspxectl.exe' "$@"
}

# server_start NAME [OPTION…]: wdspxectl serve; its output is NAME.log.
server_start()
{
    local name=$1
    shift
    rm -f "$FOLDER/stop"
    lab_wine_spawn "$name" wine 'C:\wdspxe\wdspxectl.exe' serve --stop-file 'C:\wdspxe\stop' "$@"
    lab_wait_line "$name" 'serving on' 60 || fail "$LAB_ERROR" setup "$name" dhcp
}

server_stop()
{
    : >"$FOLDER/stop"
    lab_wait_gone "$1" "$STOP_TIME" || fail "the server does not stop" "$1"
    lab_exit_code "$1"
    [ "$LAB_EXIT_CODE" = 0 ] || fail "wdspxectl serve exited $LAB_EXIT_CODE" "$1"
}

# server_is_content NAME: nothing went wrong in what it told.
server_is_content()
{
    ! grep -Eq ' (warning|error|fatal): ' "$OUT/$1.log" || fail "the server complained" "$1"
}

# ---- several servers -----------------------------------------------------------------------------

# By name: the network namespace that a test gives to each server.
declare -A NAMESPACE=()

# select_server NAME: the one that functions here and in lab.sh mean by "the server" from here on.
select_server()
{
    lab_select "$1" "${NAMESPACE[$1]}"
    FOLDER=$LAB_WINE_PREFIX/drive_c/wdspxe
}

servers_leave()
{
    local name
    for name in "${!NAMESPACE[@]}"; do
        select_server "$name"
        lab_wine_stop
        rm -rf "${LAB_WINE_PREFIX:?}"
        [ ! -e "/run/netns/$LAB_NS_SERVER" ] || ip netns del "$LAB_NS_SERVER" || true
    done
}

# ---- the client --------------------------------------------------------------------------------

# client_shows MARKER|TEXT: of these the marker is a whole line, not a word in some message about it.
client_shows()
{
    local -a whole=()
    [[ $1 != "$LAB_MARKER"* ]] || whole=(-x)
    lab_console | grep -aF ${whole[@]+"${whole[@]}"} -- "$1" >/dev/null
}

# client_boots KIND SECONDS SERVER [TEXT]: until a QEMU client's console has the boot program's line, or
# TEXT, while SERVER runs.
client_boots()
{
    local end=$((SECONDS + $2)) server=$3 proof=${4:-$(lab_client_marker "$1")}
    lab_client_start "$1" || fail "$LAB_ERROR"
    until client_shows "$proof"; do
        lab_alive "$server" || fail "the server ended" "$server" serial
        lab_alive client || client_shows "$proof" ||
            fail "the client ended without '$proof'" client serial "$server" dhcp
        ((SECONDS < end)) || fail "no '$proof' after $2 s" serial "$server" dhcp
        sleep 0.2
    done
    # The boot program switches the machine off by itself; the console is complete then.
    [ -n "${4:-}" ] || lab_wait_gone client 5 || true
    lab_stop client
}

# frames FILTER [CAPTURE]: how many frames of the capture match. DHCPv6 on port 4011 has to be named
# to tshark, which takes that port for DHCPv4; the IPv4 filters must not have that.
frames()
{
    local -a reading=()
    [[ $1 != *ipv6* ]] || reading=(-d "udp.port==4011,dhcpv6")
    tshark -n -r "$OUT/${2:-capture}.pcap" ${reading[@]+"${reading[@]}"} -Y "$1" -T fields \
        -e frame.number 2>/dev/null | wc -l
}

# must_be_well_formed [CAPTURE…]: all but the files' transfer, which is not ours, as tshark sees it.
must_be_well_formed()
{
    local capture count
    for capture in "${@:-capture}"; do
        count=$(($(frames "_ws.malformed && udp && !tftp && !(ipv6 && udp.port == 4011)" "$capture") +
            $(frames "_ws.malformed && ipv6 && udp.port == 4011" "$capture")))
        ((count == 0)) || fail "tshark finds $count malformed packets in $capture.pcap"
    done
}
