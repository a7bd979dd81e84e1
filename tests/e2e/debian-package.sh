#!/bin/bash
# End-to-end test of the Debian package, in a clean root of this machine's own release, which
# debootstrap makes (kept in build/debian for the next run). Usage: tests/e2e/debian-package.sh [PACKAGE.deb]
# Without PACKAGE.deb it makes the package first.
#
#   1. dpkg -i, apt-get -f install; the service as its unit starts it, but by hand: same user, same
#      capabilities; a BIOS client boots from it; TERM stops it in order.
#   2. Purged: the root is, file by file, one that has only ever had the packages it depends on.
#   3. Installed again, now with systemd running (in systemd-nspawn): the unit with all its
#      restrictions; a client boots; root at a terminal is attacked by somebody who is the service's
#      user (debian_terminal.py); after a crash the service comes back; stopped. Then ROUNDS (2) of
#      everything that an administrator does (debian_rounds.sh), and purged.
#
# Needs root, and what `tools/packages demo debian` installs.
set -Eeuo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

# Mounts are made in a namespace of this script's own, and go with it.
if [ -z "${WDSPXE_OWN_MOUNTS:-}" ]; then
    WDSPXE_OWN_MOUNTS=1 exec unshare --mount -- "${BASH_SOURCE[0]}" "$@"
fi

PACKAGE=${1:+$(realpath "$1")}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
# shellcheck source=tests/e2e/debian_root.sh
. tests/e2e/debian_root.sh

RELEASE=$(. /etc/os-release && echo "$VERSION_CODENAME")
readonly RELEASE
readonly BOOT_TIME=120 READY_TIME=300
STARTED=$SECONDS

leave()
{
    systemd_kill
    lab_close
    root_processes | xargs -r kill -s KILL || true
    root_unmount "$OUT/reference" 2>/dev/null || true
    root_unmount "$ROOT" 2>/dev/null || true
    rm -rf --one-file-system "${ROOT:?}" "${OUT:?}/reference"
}

say()
{
    printf '[%4d s] %s\n' "$((SECONDS - STARTED))" "$*"
}

readonly ROUNDS=${ROUNDS:-2}

# The package of this tree, if none was given.
package_make()
{
    [ -z "$PACKAGE" ] || return 0
    say "the package"
    cmake --workflow --preset win-x64-debian >"$OUT/package.log" 2>&1 ||
        fail "the package could not be made" package
    PACKAGE=$(sed -n 's/^CPack: - package: \(.*\.deb\) generated\.$/\1/p' "$OUT/package.log")
    [ -f "$PACKAGE" ] || fail "CPack made no package" package
}

check_package()
{
    lintian --fail-on error,warning "$PACKAGE" >"$OUT/lintian.log" 2>&1 ||
        fail "lintian finds faults" lintian
}

# ---- what is in the root -------------------------------------------------------------------------

# Every file of a root with its kind, rights and owner, and with its content where packages write
# settings. Not: what apt and dpkg note for themselves, caches, logs, and the copies of the account
# files that every change of accounts leaves (passwd- and so on).
listing()
{
    (
        cd "$1"
        find . -xdev \( -path ./proc -o -path ./var/cache -o -path ./var/lib/apt -o \
            -path ./var/lib/dpkg -o -path ./var/log -o -path ./run -o -path ./tmp \) -prune -o \
            -printf '%y %m %u:%g %p %l\n'
        find ./etc ./var/lib/systemd -xdev -type f ! -name 'ld.so.cache' \
            ! -name passwd- ! -name group- ! -name shadow- ! -name gshadow- -exec sha256sum {} +
    ) | sort
}

# What the root is to be after a purge: one that only ever had the packages that ours depends on.
reference_make()
{
    say "the reference: a root with nothing but the dependencies"
    root_make "$OUT/reference"
    apt_in "$OUT/reference" install "${DEPENDENCIES[@]}"
    root_unmount "$OUT/reference"
    listing "$OUT/reference" >"$OUT/reference.list"
    rm -rf --one-file-system "$OUT/reference"
}

# The names of the packages that ours depends on.
dependencies_read()
{
    mapfile -t DEPENDENCIES < <(dpkg-deb -f "$PACKAGE" Depends | tr ',' '\n' |
        sed -e 's/(.*//' -e 's/ //g')
    ((${#DEPENDENCIES[@]} > 0)) || fail "the package depends on nothing"
}

# Nothing may be left that bears our name or belongs to nobody.
check_no_trace()
{
    local left
    left=$(find "$ROOT" -xdev \( -path "$ROOT/var/cache/apt" -o -path "$ROOT/var/log" -o \
        -path "$ROOT/var/lib/apt" -o -path "$ROOT/proc" \) -prune -o \
        \( -iname '*wdspxe*' -o -iname '*staticpxe*' \) -print)
    [ -z "$left" ] || fail "left behind: $left"
    ! grep -l wdspxe "$ROOT"/etc/passwd "$ROOT"/etc/group "$ROOT"/etc/shadow "$ROOT"/etc/gshadow ||
        fail "the user is still there"
    ! grep -q '^Package: wdspxe$' "$ROOT/var/lib/dpkg/status" || fail "dpkg still knows it"
}

# ---- the client ----------------------------------------------------------------------------------

# client_boot NAME: a BIOS client boots from what is running.
client_boot()
{
    say "a BIOS client boots ($1)"
    client_boots bios "$BOOT_TIME" "$1"
    mv "$OUT/serial.log" "$OUT/serial-$1.log"
}

settings_write()
{
    cat >"$ROOT/etc/wdspxe/staticpxe.ini" <<TEXT
[server]
next_server=$LAB_DHCP_ADDRESS
[default]
file=bios.0
TEXT
}

# ---- 1: by hand ----------------------------------------------------------------------------------

install_by_dpkg()
{
    say "dpkg -i, apt-get -f install"
    cp "$PACKAGE" "$ROOT/package.deb"
    ! in_root "$ROOT" dpkg -i /package.deb || fail "dpkg -i found all dependencies in a clean root"
    apt_in "$ROOT" -f install
    rm "$ROOT/package.deb"
    in_root "$ROOT" systemd-analyze verify wdspxe.service || fail "systemd-analyze verify" root
    in_root "$ROOT" dpkg --verify wdspxe || fail "dpkg --verify" root
    [ "$(chroot "$ROOT" dpkg-query -W -f '${db:Status-Abbrev}' wdspxe)" = 'ii ' ] ||
        fail "it is not installed" root
}

# As the unit does it: the user, one capability, no way to more.
serve_by_hand()
{
    local -a capabilities=(--inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service
        --bounding-set=-all,+net_bind_service)
    say "the service by hand; the first start makes the Wine prefix"
    lab_spawn hand "$LAB_NS_SERVER" chroot "$ROOT" setpriv --reuid=wdspxe --regid=wdspxe \
        --init-groups --no-new-privs "${capabilities[@]}" /usr/lib/wdspxe/serve
    lab_wait_line hand 'serving on' "$READY_TIME" || fail "$LAB_ERROR" hand
    say "it serves"
    # The administrator's tool, while it runs.
    chroot "$ROOT" wdspxectl provider list </dev/null >"$OUT/providers.log" 2>&1 ||
        fail "wdspxectl provider list failed" providers
    grep -q staticpxe "$OUT/providers.log" || fail "staticpxe is not registered" providers
}

stop_by_hand()
{
    kill -s TERM "${LAB_PID[hand]}"
    lab_wait_gone hand "$WAIT" || fail "it still runs $WAIT s after TERM" hand
    lab_exit_code hand
    [ "$LAB_EXIT_CODE" = 0 ] || fail "it did not exit with 0" hand
    grep -q '^stopped ' "$OUT/hand.log" || fail "the server was not stopped in order" hand
    check_nothing_runs_in_root
}

nothing_runs_in_root()
{
    [ -z "$(root_processes)" ]
}

check_nothing_runs_in_root()
{
    becomes_true "$WAIT" nothing_runs_in_root ||
        fail "processes are left: $(root_processes | xargs -r ps -o pid=,args= -p)"
}

purge_and_compare()
{
    say "purge, and compare with the reference"
    apt_in "$ROOT" purge wdspxe
    check_no_trace
    root_unmount "$ROOT"
    listing "$ROOT" >"$OUT/purged.list"
    diff "$OUT/reference.list" "$OUT/purged.list" >"$OUT/difference.log" ||
        fail "the root is not what it was" difference
}

# ---- 3: systemd ----------------------------------------------------------------------------------

# property NAME: of the service
property()
{
    inside systemctl show --value -p "$1" wdspxe.service
}

is_active()
{
    [ "$(property ActiveState)" = active ]
}

wait_active()
{
    becomes_true "$READY_TIME" is_active || fail "it is $(property ActiveState) after $READY_TIME s" unit
}

# Also what Wine said when its prefix was made.
journal()
{
    cp "$ROOT/var/lib/wdspxe/prefix.log" "$OUT/prefix.log" 2>/dev/null || true
    inside journalctl -u wdspxe -o cat --no-pager >"$OUT/unit.log" 2>&1 || true
}

serve_by_systemd()
{
    inside systemctl enable wdspxe >>"$OUT/systemctl.log" 2>&1 || fail "enable failed" systemctl
    say "systemctl start"
    inside systemctl start wdspxe >>"$OUT/systemctl.log" 2>&1 ||
        { journal; fail "systemctl start failed" systemctl unit; }
    journal
    grep -q 'serving on' "$OUT/unit.log" || fail "active, and not serving" unit
    client_boot systemd
    journal
    grep -q ' ACK ' "$OUT/unit.log" || fail "the journal has no answer of ours" unit
    inside env -C /root wdspxectl provider list >"$OUT/providers.log" 2>&1 ||
        fail "wdspxectl provider list failed beside the service" providers
    grep -q staticpxe "$OUT/providers.log" || fail "staticpxe is not registered" providers
    check_confined
    check_reload
}

# A reload tells whether the file can be read: the server has followed it by itself, or goes on with
# what it had.
check_reload()
{
    say "systemctl reload"
    inside systemctl reload wdspxe >>"$OUT/systemctl.log" 2>&1 ||
        { journal; fail "systemctl reload failed" systemctl unit; }
    echo 'fiel=bios.0' >>"$ROOT/etc/wdspxe/staticpxe.ini"
    ! inside systemctl reload wdspxe >>"$OUT/systemctl.log" 2>&1 ||
        fail "systemctl reload took a file with a mistake" systemctl
    journal
    grep -q 'fiel' "$OUT/unit.log" || fail "the journal does not name the mistake" unit
    [ "$(property ActiveState)" = active ] || fail "the server did not outlive the mistake" unit
    settings_write
}

# What the unit promises about the processes, asked of the kernel.
check_confined()
{
    local pid
    pid=$(pgrep -f 'wdspxectl.exe serve' --ns "$LEADER" --nslist pid | head -n 1)
    [ -n "$pid" ] || fail "there is no process of the server"
    grep -Eq '^CapEff:\s*0000000000000400$' "/proc/$pid/status" || fail "more than one capability"
    grep -Eq '^CapBnd:\s*0000000000000400$' "/proc/$pid/status" || fail "more could be gained"
    grep -Eq '^NoNewPrivs:\s*1$' "/proc/$pid/status" || fail "privileges could be gained"
    grep -Eq '^Seccomp:\s*2$' "/proc/$pid/status" || fail "no system call is filtered"
    [ "$(stat -c %u "/proc/$pid")" = "$(chroot "$ROOT" id -u wdspxe)" ] || fail "wrong user"
}

# Root at a terminal, and somebody who has got into the service's user.
check_attack()
{
    say "an attack on root's terminal"
    x86_64-w64-mingw32-gcc -std=c11 -O2 -Wall -Wextra -Werror -fno-stack-protector -shared -s \
        tests/e2e/evil_provider.c -o "$ROOT/opt/evil.dll" >"$OUT/attack.log" 2>&1 ||
        fail "the attack cannot be built" attack
    chmod 644 "$ROOT/opt/evil.dll"
    cp tests/captures/bios-ipxe.pcap "$ROOT/root/capture.pcap"
    tests/e2e/debian_terminal.py "$LEADER" /root/capture.pcap >"$OUT/attack.log" 2>&1 ||
        fail "the service's user gets to root" attack
    rm -f "$ROOT/opt/evil.dll" "$ROOT/root/capture.pcap" "$ROOT/root/lab.reg"
}

rounds()
{
    say "$ROUNDS rounds of an administrator's life"
    cp "$PACKAGE" "$ROOT/root/package.deb"
    cp tests/e2e/debian_rounds.sh "$ROOT/root/rounds"
    inside /root/rounds "$ROUNDS" /root/package.deb >"$OUT/rounds.log" 2>&1 ||
        fail "a round ended with an error" rounds
    tail -n 1 "$OUT/rounds.log"
    inside dpkg -i /root/package.deb >>"$OUT/rounds.log" 2>&1 || fail "dpkg -i failed" rounds
    rm -f "$ROOT/root/package.deb" "$ROOT/root/rounds"
    settings_write
}

# has_restarted COUNT: more often than that
has_restarted()
{
    [ "$(property NRestarts)" -gt "$1" ]
}

comes_back()
{
    local restarts
    restarts=$(property NRestarts)
    say "the server crashes, and comes back"
    kill -s KILL "$(pgrep -f 'wdspxectl.exe serve' --ns "$LEADER" --nslist pid | head -n 1)"
    becomes_true "$READY_TIME" has_restarted "$restarts" || { journal; fail "it was not started again" unit; }
    wait_active
}

stop_by_systemd()
{
    say "systemctl stop"
    inside systemctl stop wdspxe || fail "systemctl stop failed"
    journal
    [ "$(property Result)" = success ] || fail "stopped with $(property Result)" unit
    tail -n 5 "$OUT/unit.log" | grep -q '^stopped ' ||
        fail "the server was not stopped in order" unit
    ! inside pgrep -u wdspxe || fail "processes are left" unit
}

# A purge stops what runs.
purge_inside()
{
    say "systemctl start, purge"
    inside systemctl start wdspxe || fail "the second start failed"
    inside env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -y purge wdspxe >>"$OUT/root.log" 2>&1 ||
        fail "apt-get purge failed" root
    ! inside systemctl status wdspxe >/dev/null 2>&1 || fail "systemd still knows it"
    inside systemctl poweroff
    lab_wait_gone systemd "$WAIT" || fail "systemd did not power off" systemd
    check_no_trace
}

main()
{
    [ -z "$PACKAGE" ] || [ -f "$PACKAGE" ] ||
        { echo "tests/e2e/debian-package.sh: no $PACKAGE" >&2 && exit 2; }
    begin debian-package.sh
    ROOT=$OUT/root
    lab_here debootstrap systemd-nspawn nsenter unshare lintian
    dhcp_up
    package_make
    check_package
    archive_read
    dependencies_read
    base_make
    reference_make

    root_make "$ROOT"
    install_by_dpkg
    settings_write
    serve_by_hand
    client_boot hand
    stop_by_hand
    purge_and_compare

    mount -t proc proc "$ROOT/proc"
    cp "$PACKAGE" "$ROOT/package.deb"
    in_root "$ROOT" dpkg -i /package.deb || fail "dpkg -i failed" root
    rm "$ROOT/package.deb"
    umount "$ROOT/proc"
    settings_write
    systemd_up
    serve_by_systemd
    check_attack
    comes_back
    stop_by_systemd
    rounds
    purge_inside
    say "ok"
}

main
