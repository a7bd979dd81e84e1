# shellcheck shell=bash
# The boot lab: three network namespaces with a DHCP + TFTP server, room for the server under test
# (run by Wine) and a switch with a QEMU client at it. Sourced by tools/demo and by tests.
#
#   . tools/lab/lab.sh
#   lab_require                  root, tools, tun device: one clear line for what is missing
#   lab_open FOLDER [relay]      names and namespaces of this run; FOLDER gets every log
#   … lab_capture_start, lab_dhcp_start, lab_relay_start, lab_http_start, lab_wine_start, lab_spawn,
#   lab_client_start …
#   lab_close                    ends all that this run started, deletes its namespaces
#
# Functions say what went wrong in LAB_ERROR and return 1; they never end the caller. They must
# hold without `set -e`, which is off inside a condition: every step is checked.
#
# The network; the right half only with "relay", where the client then is:
#
#   dhcp   10.77.0.1 fd77::1 --+                                                  client (tap0)
#   server 10.77.0.2 fd77::2 --br0-- 10.77.0.254 fd77::fe relay 10.88.0.254 fd88::fe --br1

LAB_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR/../.. source=tools/debian-first.sh
. "$LAB_HOME/../debian-first.sh"
LAB_SUBNET=10.77.0
LAB_DHCP_ADDRESS=$LAB_SUBNET.1
LAB_SERVER_ADDRESS=$LAB_SUBNET.2
LAB_SUBNET6=fd77::
LAB_DHCP_ADDRESS6=${LAB_SUBNET6}1
LAB_SERVER_ADDRESS6=${LAB_SUBNET6}2
# The relay's two addresses, and the subnet behind it.
LAB_RELAY_ADDRESS=$LAB_SUBNET.254
LAB_RELAY_ADDRESS6=${LAB_SUBNET6}fe
LAB_FAR_SUBNET=10.88.0
LAB_FAR_SUBNET6=fd88::
LAB_FAR_ADDRESS=$LAB_FAR_SUBNET.254
LAB_FAR_ADDRESS6=${LAB_FAR_SUBNET6}fe
LAB_MAC=52:54:00:77:00:01
LAB_UUID=00112233-4455-6677-8899-aabbccddeeff
LAB_MARKER='WDSPXE-BOOT-OK'
LAB_ERROR=
LAB_EXIT_CODE=

LAB_DIR=
LAB_NS_NET=
LAB_NS_DHCP=
LAB_NS_SERVER=
LAB_NS_RELAY=
LAB_WINE_PREFIX=
LAB_SELECTED=
declare -A LAB_PID=() LAB_WINESERVER_PIDS=()

lab_error()
{
    LAB_ERROR=$*
    return 1
}

# lab_quiet COMMAND…: runs it with its output kept for LAB_ERROR.
lab_quiet()
{
    local output status=0
    output=$("$@" 2>&1) || status=$?
    ((status == 0)) ||
        lab_error "'$*' exited $status${output:+: $(tail -n 1 <<<"$output")}"
}

# ---- what the machine must have ----------------------------------------------------------------

# lab_require [COMMAND…]: also those that only some runs need.
lab_require()
{
    local tool
    [ "$(id -u)" = 0 ] || lab_error "needs root (network namespaces, ports below 1024)" || return 1
    for tool in ip setpriv tcpdump tshark dnsmasq nasm python3 qemu-system-x86_64 wine \
        x86_64-w64-mingw32-gcc "$@"; do
        command -v "$tool" >/dev/null ||
            lab_error "'$tool' is not installed (tools/packages demo installs it)" || return 1
    done
    if [ ! -c /dev/net/tun ]; then
        mkdir -p /dev/net && mknod /dev/net/tun c 10 200 2>/dev/null ||
            lab_error "no /dev/net/tun, and it cannot be made" || return 1
    fi
}

# ---- processes ---------------------------------------------------------------------------------

# True while PID is a living child of this shell: a number that went to another process is not. A
# process whose first thread has ended looks like a zombie, and lives until its last one has.
lab_is_child()
{
    local stat state parent
    local -a threads
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -r state parent _ <<<"${stat##*) }"
    [ "$parent" = $$ ] || return 1
    [ "$state" = Z ] || return 0
    threads=("/proc/$1/task/"*)
    ((${#threads[@]} > 1))
}

# lab_spawn NAME NAMESPACE COMMAND…: starts it in the background, output to $LAB_DIR/NAME.log. It is
# ended by lab_stop or lab_close, and by the kernel should this shell be killed (with the signal in
# LAB_DEATH_SIGNAL, default KILL).
lab_spawn()
{
    local name=$1 namespace=$2
    shift 2
    : >"$LAB_DIR/$name.log"
    ip netns exec "$namespace" setpriv --pdeathsig "${LAB_DEATH_SIGNAL:-KILL}" -- "$@" \
        </dev/null >"$LAB_DIR/$name.log" 2>&1 &
    LAB_PID[$name]=$!
}

lab_alive()
{
    [ -n "${LAB_PID[$1]:-}" ] && lab_is_child "${LAB_PID[$1]}"
}

# lab_wait_gone NAME SECONDS: true when it ended by itself within that time.
lab_wait_gone()
{
    local end=$((SECONDS + $2))
    while lab_alive "$1"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

# lab_exit_code NAME: LAB_EXIT_CODE becomes the exit code of one that has ended. It is not printed: in
# $(…) a shell knows only the children that the one outside has noticed the end of.
lab_exit_code()
{
    LAB_EXIT_CODE=0
    wait "${LAB_PID[$1]}" 2>/dev/null || LAB_EXIT_CODE=$?
}

# lab_stop NAME [SIGNAL]: ends it, first politely; nothing to do if it is gone.
lab_stop()
{
    local name=$1 signal=${2:-TERM}
    if lab_alive "$name"; then
        kill -s "$signal" "${LAB_PID[$name]}" 2>/dev/null || true
        if ! lab_wait_gone "$name" 3; then
            kill -s KILL "${LAB_PID[$name]}" 2>/dev/null || true
        fi
    fi
    [ -z "${LAB_PID[$name]:-}" ] || wait "${LAB_PID[$name]}" 2>/dev/null || true
    unset "LAB_PID[$name]"
}

# lab_wait_line NAME PATTERN SECONDS: until the log of NAME has a line with the extended regular
# expression.
lab_wait_line()
{
    local name=$1 pattern=$2 end=$((SECONDS + $3))
    until grep -Eaq -- "$pattern" "$LAB_DIR/$name.log"; do
        if ! lab_alive "$name"; then
            ! grep -Eaq -- "$pattern" "$LAB_DIR/$name.log" || return 0 # written since
            lab_exit_code "$name"
            lab_error "$name ended before it was ready (exit code $LAB_EXIT_CODE)" || return 1
        fi
        ((SECONDS < end)) || lab_error "$name was not ready after $3 s" || return 1
        sleep 0.05
    done
}

# ---- network -----------------------------------------------------------------------------------

# lab_plug NAMESPACE PORT ADDRESS [INTERFACE [SWITCH]]: plugs an interface (eth0) of NAMESPACE into
# the switch (br0). Without an ADDRESS (''), it has none of IPv4.
lab_plug()
{
    local namespace=$1 port=$2 address=$3 interface=${4:-eth0} switch=${5:-br0}
    lab_quiet ip link add "$interface" netns "$namespace" type veth peer name "$port" \
        netns "$LAB_NS_NET" || return 1
    lab_quiet ip -n "$LAB_NS_NET" link set "$port" master "$switch" up || return 1
    lab_quiet ip -n "$namespace" link set lo up || return 1
    lab_ipv6_steady "$namespace" "$interface"
    lab_quiet ip -n "$namespace" link set "$interface" up || return 1
    [ -z "$address" ] || lab_quiet ip -n "$namespace" addr add "$address/24" dev "$interface"
}

# lab_plug6 NAMESPACE ADDRESS [INTERFACE]: an IPv6 address for one that is plugged in.
lab_plug6()
{
    lab_quiet ip -n "$1" -6 addr add "$2/64" dev "${3:-eth0}" nodad
}

# Servers have the addresses that they are given, at once: none more from router advertisements, and
# no second of waiting for the link-local one. Where this cannot be set they only start slower.
lab_ipv6_steady()
{
    ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.accept_ra=0" "net.ipv6.conf.$2.accept_dad=0" \
        >/dev/null 2>&1 || true
}

# A switch in the net namespace.
lab_switch()
{
    lab_quiet ip -n "$LAB_NS_NET" link add "$1" type bridge forward_delay 0 mcast_snooping 0 ||
        return 1
    lab_quiet ip -n "$LAB_NS_NET" link set "$1" up
}

# The second subnet and the router between the two; lab_relay_start puts the relay agent on it.
lab_open_relay()
{
    local namespace
    LAB_NS_RELAY=wdspxe-$$-relay
    lab_quiet ip netns add "$LAB_NS_RELAY" || return 1
    lab_switch br1 || return 1
    lab_plug "$LAB_NS_RELAY" p-relay "$LAB_RELAY_ADDRESS" up0 br0 || return 1
    lab_plug "$LAB_NS_RELAY" p-far "$LAB_FAR_ADDRESS" dn0 br1 || return 1
    lab_plug6 "$LAB_NS_RELAY" "$LAB_RELAY_ADDRESS6" up0 || return 1
    lab_plug6 "$LAB_NS_RELAY" "$LAB_FAR_ADDRESS6" dn0 || return 1
    lab_quiet ip netns exec "$LAB_NS_RELAY" sysctl -qw net.ipv4.ip_forward=1 \
        net.ipv6.conf.all.forwarding=1 || return 1
    for namespace in "$LAB_NS_DHCP" "$LAB_NS_SERVER"; do
        lab_quiet ip -n "$namespace" route add "$LAB_FAR_SUBNET.0/24" via "$LAB_RELAY_ADDRESS" ||
            return 1
        lab_quiet ip -n "$namespace" -6 route add "$LAB_FAR_SUBNET6/64" \
            via "$LAB_RELAY_ADDRESS6" || return 1
    done
}

# Namespaces of runs that were killed: their shell is gone and nothing lives in them.
lab_sweep()
{
    local namespace pid
    while read -r namespace _; do
        pid=${namespace#wdspxe-}
        pid=${pid%%-*}
        [[ $namespace =~ ^wdspxe-[0-9]+-(net|dhcp|server|second|third|relay)(-[a-z0-9-]+)?$ ]] || continue
        if [ ! -e "/proc/$pid" ] && [ -z "$(ip netns pids "$namespace" 2>/dev/null)" ]; then
            ip netns del "$namespace" 2>/dev/null || true
        fi
    done < <(ip netns list)
}

# lab_open FOLDER [relay]: the process id in the names lets runs go on side by side.
lab_open()
{
    local namespace client_switch=br0
    [ ! -e "$1/prefix" ] || lab_error "$1 is the folder of another run" || return 1
    LAB_DIR=$1
    LAB_NS_NET=wdspxe-$$-net
    LAB_NS_DHCP=wdspxe-$$-dhcp
    LAB_NS_SERVER=wdspxe-$$-server
    LAB_WINE_PREFIX=$LAB_DIR/prefix
    mkdir -p "$LAB_DIR" || lab_error "cannot make $LAB_DIR" || return 1
    echo $$ >"$LAB_DIR/run.pid"

    lab_sweep
    for namespace in "$LAB_NS_NET" "$LAB_NS_DHCP" "$LAB_NS_SERVER"; do
        lab_quiet ip netns add "$namespace" ||
            lab_error "this machine gives no network namespaces: $LAB_ERROR" || return 1
    done
    lab_switch br0 || return 1
    lab_plug "$LAB_NS_DHCP" p-dhcp "$LAB_DHCP_ADDRESS" || return 1
    lab_plug6 "$LAB_NS_DHCP" "$LAB_DHCP_ADDRESS6" || return 1
    lab_plug "$LAB_NS_SERVER" p-server "$LAB_SERVER_ADDRESS" || return 1
    lab_plug6 "$LAB_NS_SERVER" "$LAB_SERVER_ADDRESS6" || return 1
    if [ "${2:-}" = relay ]; then
        lab_open_relay || return 1
        client_switch=br1
    fi
    lab_quiet ip -n "$LAB_NS_NET" tuntap add dev tap0 mode tap || return 1
    lab_quiet ip -n "$LAB_NS_NET" link set tap0 master "$client_switch" up
}

# lab_open_pair FOLDER [NAME]: only two machines with a cable between them, for a test of speed: the
# server and, in the net namespace, at the address of the DHCP server, whoever asks it. Several pairs
# of one run have names.
lab_open_pair()
{
    local namespace
    LAB_DIR=$1
    LAB_NS_NET=wdspxe-$$-net${2:+-$2}
    LAB_NS_SERVER=wdspxe-$$-server${2:+-$2}
    LAB_WINE_PREFIX=$LAB_DIR/prefix${2:+-$2}
    [ ! -e "$LAB_WINE_PREFIX" ] || lab_error "$1 is the folder of another run" || return 1
    mkdir -p "$LAB_DIR" || lab_error "cannot make $LAB_DIR" || return 1
    lab_sweep
    for namespace in "$LAB_NS_NET" "$LAB_NS_SERVER"; do
        lab_quiet ip netns add "$namespace" ||
            lab_error "this machine gives no network namespaces: $LAB_ERROR" || return 1
        lab_quiet ip -n "$namespace" link set lo up || return 1
    done
    lab_quiet ip link add eth0 netns "$LAB_NS_SERVER" type veth peer name eth0 \
        netns "$LAB_NS_NET" || return 1
    lab_quiet ip -n "$LAB_NS_SERVER" addr add "$LAB_SERVER_ADDRESS/24" dev eth0 || return 1
    lab_quiet ip -n "$LAB_NS_NET" addr add "$LAB_DHCP_ADDRESS/24" dev eth0 || return 1
    for namespace in "$LAB_NS_NET" "$LAB_NS_SERVER"; do
        lab_ipv6_steady "$namespace" eth0
        lab_quiet ip -n "$namespace" link set eth0 up || return 1
    done
}

# lab_select NAME NAMESPACE: the one of several servers that functions here mean from here on, with a
# Wine prefix of its own.
lab_select()
{
    [ -z "$LAB_SELECTED" ] || LAB_WINESERVER_PIDS[$LAB_SELECTED]=${LAB_PID[wineserver]:-}
    LAB_SELECTED=$1
    LAB_NS_SERVER=$2
    LAB_WINE_PREFIX=$LAB_DIR/prefix-$1
    LAB_PID[wineserver]=${LAB_WINESERVER_PIDS[$1]:-}
}

# Ends what is left, last started first, and deletes the namespaces. Safe to call at any time.
lab_close()
{
    local name namespace
    for name in client server capture relay-capture relay dhcp; do
        lab_stop "$name"
    done
    lab_wine_stop
    for name in "${!LAB_PID[@]}"; do
        lab_stop "$name"
    done
    for namespace in "$LAB_NS_SERVER" "$LAB_NS_DHCP" "$LAB_NS_RELAY" "$LAB_NS_NET"; do
        [ -z "$namespace" ] || [ ! -e "/run/netns/$namespace" ] ||
            ip netns del "$namespace" || true
    done
}

# ---- capture -----------------------------------------------------------------------------------

# What is worth keeping: UDP, HTTP, and "nobody listens on that port" over IPv6.
LAB_CAPTURE_FILTER='udp or tcp port 80 or (icmp6 and ip6[40] == 1)'

# lab_capture_start FILE [SWITCH [NAME]]: what crosses the switch (br0), written as it comes.
lab_capture_start()
{
    local name=${3:-capture}
    lab_spawn "$name" "$LAB_NS_NET" \
        tcpdump -i "${2:-br0}" -U --immediate-mode -Z root -w "$1" "$LAB_CAPTURE_FILTER"
    lab_wait_line "$name" 'listening on' 10
}

# lab_capture_stop [NAME…]
lab_capture_stop()
{
    local name
    sleep 0.2
    for name in "${@:-capture}"; do
        lab_stop "$name"
    done
}

# ---- DHCP + TFTP server ------------------------------------------------------------------------

# lab_dnsmasq NAME NAMESPACE INTERFACE ARGUMENT…: none of the machine's own settings, no DNS.
lab_dnsmasq()
{
    local name=$1 namespace=$2 interface=$3
    shift 3
    lab_spawn "$name" "$namespace" dnsmasq --keep-in-foreground --conf-file=/dev/null \
        --user=root --group=root --pid-file= --log-facility=- --port=0 \
        --interface="$interface" --bind-interfaces --log-dhcp "$@"
}

# lab_dhcp_start TFTP_FOLDER [v4|v6]: addresses of that kind and files, and not a word about network
# boot. Behind a relay the addresses are for the far subnet.
lab_dhcp_start()
{
    local kind=${2:-v4} subnet=$LAB_SUBNET subnet6=$LAB_SUBNET6
    local -a arguments=(--dhcp-leasefile="$LAB_DIR/leases" --enable-tftp --tftp-root="$1"
        --tftp-no-fail)
    if [ -n "$LAB_NS_RELAY" ]; then
        subnet=$LAB_FAR_SUBNET
        subnet6=$LAB_FAR_SUBNET6
        arguments+=(--dhcp-option="option:router,$LAB_FAR_ADDRESS")
    else
        # The BIOS boot ROM waits 15 s if no router advertisement comes.
        # shellcheck disable=SC2054 # dnsmasq's commas
        arguments+=(--enable-ra --ra-param=eth0,2 --dhcp-range="$LAB_SUBNET6,ra-only,64")
    fi
    if [ "$kind" = v6 ]; then
        # Not authoritative: a preference of 255 makes the client listen to no other server.
        arguments+=(--dhcp-range="${subnet6}100,${subnet6}1ff,64,10m")
    else
        # --no-ping: else the first offer comes 3 s late.
        arguments+=(--no-ping --dhcp-authoritative
            --dhcp-range="$subnet.100,$subnet.200,255.255.255.0,10m")
    fi
    lab_dnsmasq dhcp "$LAB_NS_DHCP" eth0 "${arguments[@]}"
    lab_wait_line dhcp 'TFTP root is' 10
}

# ---- relay agent -------------------------------------------------------------------------------

# lab_relay_start v4|v6 [ARGUMENT…]: a relay agent (dhcrelay) that hands requests to both servers, and router
# advertisements for the far subnet. Only what goes to the DHCP ports is relayed: the rest is routed.
lab_relay_start()
{
    local -a arguments
    # shellcheck disable=SC2054 # dnsmasq's commas
    lab_dnsmasq router "$LAB_NS_RELAY" dn0 --dhcp-leasefile="$LAB_DIR/router-leases" --enable-ra \
        --ra-param=dn0,2 --dhcp-range="$LAB_FAR_SUBNET6,ra-only,64"
    lab_wait_line router 'router advertisement' 10 || return 1
    if [ "$1" = v6 ]; then
        # -I: an Interface-Id, which has to come back as it went.
        arguments=(-6 -I -l dn0 -u "$LAB_DHCP_ADDRESS6%up0" -u "$LAB_SERVER_ADDRESS6%up0")
    else
        # -a: relay information (option 82), the same for IPv4.
        arguments=(-4 -a -id dn0 -iu up0 "${@:2}" "$LAB_DHCP_ADDRESS" "$LAB_SERVER_ADDRESS")
    fi
    lab_spawn relay "$LAB_NS_RELAY" dhcrelay -d --no-pid "${arguments[@]}"
    lab_wait_line relay 'Sending on .*up0' 10
}

# ---- HTTP server -------------------------------------------------------------------------------

# lab_http_start FOLDER [ADDRESS]: a plain web server for files, on the DHCP server's machine.
lab_http_start()
{
    lab_spawn http "$LAB_NS_DHCP" python3 -u -m http.server --protocol HTTP/1.1 \
        --bind "${2:-$LAB_DHCP_ADDRESS}" --directory "$1" 80
    lab_wait_line http 'Serving HTTP' 10
}

# ---- boot programs -----------------------------------------------------------------------------

# lab_nbp_build FOLDER: bios.0 and x64.efi from the sources in nbp/.
lab_nbp_build()
{
    mkdir -p "$1" || lab_error "cannot make $1" || return 1
    lab_quiet nasm -f bin "$LAB_HOME/nbp/bios.asm" -o "$1/bios.0" || return 1
    lab_quiet x86_64-w64-mingw32-gcc -std=c11 -O2 -Wall -Wextra -ffreestanding \
        -fno-stack-protector -nostdlib -Wl,--subsystem,10 -e efi_main \
        "$LAB_HOME/nbp/efi.c" -o "$1/x64.efi"
}

# ---- Wine --------------------------------------------------------------------------------------

# lab_wine_env PREFIX: prints the environment of every Wine process here, a word a line: no display,
# no questions, nothing written outside the prefix.
lab_wine_env()
{
    printf '%s\n' env -u DISPLAY -u WAYLAND_DISPLAY -u WINEARCH "WINEPREFIX=$1" "HOME=$1" \
        "WINEDLLPATH=${LAB_WINEDLLPATH:-}" "WINEDEBUG=${LAB_WINEDEBUG:--all}" \
        'WINEDLLOVERRIDES=winemenubuilder.exe=d;mscoree,mshtml='
}

# lab_wine_in PREFIX COMMAND…: runs it with that prefix.
lab_wine_in()
{
    local -a environment
    mapfile -t environment < <(lab_wine_env "$1")
    shift
    "${environment[@]}" "$@"
}

# lab_wine COMMAND…: runs it with this run's prefix in the server's namespace. Sockets belong to the
# wineserver that lab_wine_start put there, but interfaces are listed by a service process that the
# first program starts: that one has to be inside as well.
lab_wine()
{
    lab_wine_in "$LAB_WINE_PREFIX" ip netns exec "$LAB_NS_SERVER" "$@"
}

# lab_wine_spawn NAME COMMAND…: lab_spawn in the server's namespace with this run's prefix.
lab_wine_spawn()
{
    local name=$1
    local -a environment
    shift
    mapfile -t environment < <(lab_wine_env "$LAB_WINE_PREFIX")
    lab_spawn "$name" "$LAB_NS_SERVER" "${environment[@]}" "$@"
}

# Debian's `wineserver` wrapper always passes -p0, so the server would go away between programs.
lab_wineserver_path()
{
    local path
    for path in /usr/lib/wine/wineserver64 /usr/lib/wine/wineserver; do
        [ ! -x "$path" ] || { echo "$path" && return 0; }
    done
    command -v wineserver
}

# Makes PREFIX from nothing, in a folder beside it first: one that was cut short is never used.
lab_wine_template_make()
{
    local template=$1 version=$2 fresh=$1.new
    rm -rf "$fresh" "$template"
    mkdir -p "$fresh" || lab_error "cannot make $fresh" || return 1
    # Output into files, not pipes: Wine's background processes would keep a pipe open.
    lab_wine_in "$fresh" timeout -k 5 180 wine wineboot -i </dev/null >"$fresh/boot.log" 2>&1 ||
        lab_error "wineboot failed, see $fresh/boot.log" || return 1
    # A crash must end the program at once, not start a debugger.
    lab_wine_in "$fresh" timeout -k 5 60 wine reg add \
        'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug' /v Debugger /d false /f \
        </dev/null >>"$fresh/boot.log" 2>&1 ||
        lab_error "wine reg failed, see $fresh/boot.log" || return 1
    # -k also saves the registry.
    lab_wine_in "$fresh" "$(lab_wineserver_path)" -k || true
    lab_wine_in "$fresh" timeout 30 "$(lab_wineserver_path)" -w || true
    [ -f "$fresh/system.reg" ] || lab_error "wineboot left no registry in $fresh" || return 1
    echo "$version" >"$fresh/lab-version"
    mv "$fresh" "$template" || lab_error "cannot move $fresh to $template"
}

# lab_wine_template FOLDER: a Wine prefix to clone, made once and kept; again after an upgrade of
# Wine. Runs that start together wait for one another.
lab_wine_template()
{
    local template=$1 version lock status=0
    version=$(wine --version 2>/dev/null | tr -d '\r')
    mkdir -p "$(dirname "$template")" || lab_error "cannot make $template" || return 1
    exec {lock}>"$template.lock"
    flock -w 300 "$lock" || lab_error "another run holds $template.lock" || return 1
    if [ "$(cat "$template/lab-version" 2>/dev/null)" != "$version" ]; then
        # The lock must not outlive this shell in a Wine process that stays behind.
        lab_wine_template_make "$template" "$version" {lock}>&- || status=1
    fi
    exec {lock}>&-
    return "$status"
}

# lab_wine_start TEMPLATE: clones the template for this run and starts its wineserver inside the
# server's namespace: the namespace of wineserver is the one that counts for sockets.
lab_wine_start()
{
    local template=$1 file server
    # Hard links make the clone cheap; what Wine rewrites in place must be a real copy.
    cp -al "$template" "$LAB_WINE_PREFIX" || lab_error "cannot clone $template" || return 1
    for file in system.reg user.reg userdef.reg .update-timestamp; do
        [ ! -e "$template/$file" ] || {
            rm -f "${LAB_WINE_PREFIX:?}/$file" &&
                cp -p "$template/$file" "$LAB_WINE_PREFIX/$file"
        } || lab_error "cannot copy $template/$file" || return 1
    done
    server=$(lab_wineserver_path)
    LAB_WINESERVER=$server
    # INT is the signal on which a wineserver ends its clients too (not TERM, not QUIT).
    LAB_DEATH_SIGNAL=INT lab_wine_spawn wineserver "$server" -f -p
    lab_wineserver_wait || return 1
    lab_wine timeout -k 5 60 wine cmd /c exit </dev/null >"$LAB_DIR/wine-warmup.log" 2>&1 ||
        lab_error "Wine does not start, see $LAB_DIR/wine-warmup.log" || return 1
    lab_alive wineserver || lab_error "the wineserver in the namespace did not stay"
}

# lab_wine_up [x64|x86]: both of these for this run; x86 by a 32-bit Wine, fetched once.
lab_wine_up()
{
    local build
    build=$(cd "$LAB_HOME/../.." && pwd)/build
    local template=$build/lab/wine-template
    if [ "${1:-x64}" = x86 ]; then
        template+=-x86
        LAB_WINEDLLPATH=$build/wine32
        "$LAB_HOME/../fetch-wine32" "$LAB_WINEDLLPATH" >"$LAB_DIR/wine32.log" 2>&1 ||
            lab_error "no 32-bit Wine, see $LAB_DIR/wine32.log" || return 1
    fi
    lab_wine_template "$template" || return 1
    lab_wine_start "$template"
}

# lab_wine_install FOLDER FILE…: copies these of a build into C:\wdspxe of this run's prefix, and the native
# half of the network, if there is one.
lab_wine_install()
{
    local folder=$LAB_WINE_PREFIX/drive_c/wdspxe from=$1 file
    shift
    mkdir -p "$folder" || lab_error "cannot make $folder" || return 1
    for file in "$@"; do
        cp "$from/$file" "$folder/" || lab_error "the build is not complete: no $from/$file" ||
            return 1
    done
    [ ! -e "$from/wdspxenet.dll.so" ] || cp "$from/wdspxenet.dll.so" "$folder/"
}

# Until it takes connections, for a program that finds no wineserver starts one of its own, which
# ends too early. Its current folder is the one of its socket.
lab_wineserver_wait()
{
    local end=$((SECONDS + 20))
    until [ -S "/proc/${LAB_PID[wineserver]}/cwd/socket" ]; do
        lab_alive wineserver || lab_error "the wineserver here ended at once" || return 1
        ((SECONDS < end)) || lab_error "the wineserver did not get ready in 20 s" || return 1
        sleep 0.02
    done
}

# Ends every Wine process of this run's prefix: -k tells the wineserver to end its clients.
lab_wine_stop()
{
    [ -n "${LAB_PID[wineserver]:-}" ] || return 0
    # Also if ours has ended: another one may have taken its place.
    lab_wine timeout 10 "$LAB_WINESERVER" -k >/dev/null 2>&1 || true
    lab_wait_gone wineserver 5 || true
    lab_stop wineserver INT
}

# ---- client ------------------------------------------------------------------------------------

# lab_client_start bios|uefi|uefi6|http|http6|secure|arm64|u-boot: a machine with nothing to boot from
# but its network; its serial console goes to $LAB_DIR/serial.log. QEMU ends when the boot program
# switches the machine off. LAB_CLIENT_MEMORY: its MiB, 256 if not set. secure: UEFI x64 with Secure
# Boot on; arm64, u-boot: an ARM64 machine with UEFI, with U-Boot.
lab_client_start()
{
    local kind emulator=qemu-system-x86_64
    local -a machine
    case $1 in
    bios)
        machine=(-M pc -device "e1000,netdev=n0,mac=$LAB_MAC" -boot n)
        ;;
    uefi | uefi6 | http | http6)
        lab_firmware_copy || return 1
        lab_machine_uefi q35
        # What is left when these are off is what it boots by: PXE, then HTTP.
        for kind in 4 6; do
            case $1-$kind in
            uefi-4 | uefi6-6) ;;
            *) machine+=(-fw_cfg "name=opt/org.tianocore/IPv${kind}PXESupport,string=n") ;;
            esac
        done
        ;;
    secure)
        lab_firmware_take /usr/share/OVMF/OVMF_CODE_4M.secboot.fd \
            /usr/share/OVMF/OVMF_VARS_4M.ms.fd || return 1
        lab_machine_uefi q35,smm=on -global driver=cfi.pflash01,property=secure,value=on
        machine+=(-fw_cfg "name=opt/org.tianocore/IPv6PXESupport,string=n")
        ;;
    arm64)
        lab_firmware_take /usr/share/AAVMF/AAVMF_CODE.fd /usr/share/AAVMF/AAVMF_VARS.fd || return 1
        emulator=qemu-system-aarch64
        lab_machine_uefi virt -cpu cortex-a57
        ;;
    u-boot)
        emulator=qemu-system-aarch64
        machine=(-M virt -cpu cortex-a57 -bios /usr/lib/u-boot/qemu_arm64/u-boot.bin
            -device "virtio-net-pci,romfile=,netdev=n0,mac=$LAB_MAC")
        ;;
    *)
        lab_error "no such client: $1"
        return 1
        ;;
    esac
    : >"$LAB_DIR/serial.log"
    lab_spawn client "$LAB_NS_NET" "$emulator" -accel tcg -m "${LAB_CLIENT_MEMORY:-256}" -nographic \
        -nodefaults -monitor none -no-reboot -serial "file:$LAB_DIR/serial.log" -uuid "$LAB_UUID" \
        -netdev tap,id=n0,ifname=tap0,script=no,downscript=no "${machine[@]}"
}

# lab_machine_uefi MACHINE [ARGUMENT…]: sets `machine` of lab_client_start, with the firmware taken.
lab_machine_uefi()
{
    # romfile= (empty): else the iPXE ROM takes the place of the firmware's own PXE client.
    # shellcheck disable=SC2054 # QEMU's commas
    machine=(-M "$@"
        -drive "if=pflash,format=raw,readonly=on,file=$LAB_FIRMWARE_CODE"
        -drive "if=pflash,format=raw,file=$LAB_DIR/firmware-vars.fd"
        -device virtio-rng-pci
        -device "virtio-net-pci,romfile=,netdev=n0,mac=$LAB_MAC,bootindex=1")
}

# The firmware writes to its variable store: each run gets its own.
lab_firmware_copy()
{
    local code
    for code in /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/OVMF/OVMF_CODE.fd; do
        [ ! -f "$code" ] || {
            lab_firmware_take "$code" "${code/CODE/VARS}"
            return
        }
    done
    lab_error "no UEFI firmware in /usr/share/OVMF (package ovmf)"
}

# lab_firmware_take CODE VARIABLES
lab_firmware_take()
{
    [ -f "$1" ] || lab_error "no UEFI firmware $1" || return 1
    LAB_FIRMWARE_CODE=$1
    lab_quiet cp "$2" "$LAB_DIR/firmware-vars.fd"
}

# The text of the client's console, without what moves the cursor.
lab_console()
{
    tr -d '\000' <"$LAB_DIR/serial.log" | tr '\r' '\n' | sed -e 's/\x1b\[[0-9;=?]*[A-Za-z]//g'
}

# lab_client_marker CLIENT: the line that the boot program prints.
lab_client_marker()
{
    case $1 in
    bios) echo "$LAB_MARKER bios" ;;
    uefi | uefi6 | http | http6) echo "$LAB_MARKER uefi-x64" ;;
    esac
}
