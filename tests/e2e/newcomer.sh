#!/bin/bash
# Somebody who has a fresh Debian, a clone and the pages, and types what they say: README.md, docs/getting-started-linux.md,
# docs/debian.md, in that order, at a terminal (newcomer.py, which also has the list of what is not typed, and why).
# Usage: tests/e2e/newcomer.sh [RELEASE]        (bookworm, trixie; this machine's, if none is given)
#
#   1. README until it serves, in a chroot on this machine's network: it installs packages and builds.
#   2. The rest, and getting started, in the lab's network: there are a DHCP and TFTP server, and a client that boots.
#   3. The service, in the same root booted by systemd (systemd-nspawn): a client boots; it is purged.
#
# The root is new each time; the clean Debian that it is made from, and the packages, stay in build/debian. Needs root,
# and what `tools/packages demo debian` installs. Takes six to nine minutes: everything is built in the root.
set -Eeuo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

# Mounts are made in a namespace of this script's own, and go with it.
if [ -z "${WDSPXE_OWN_MOUNTS:-}" ]; then
    WDSPXE_OWN_MOUNTS=1 exec unshare --mount -- "${BASH_SOURCE[0]}" "$@"
fi

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
RELEASE=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
readonly RELEASE
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
# shellcheck source=tests/e2e/debian_root.sh
. tests/e2e/debian_root.sh

readonly BOOT_TIME=120
readonly HOME_IN_ROOT=/root/wdspxe
# What a reader's shell has; as apt is asked by nobody's hand, it asks nothing back.
readonly BASH_OF_READER=(env -i -C "$HOME_IN_ROOT" HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash --norc --noediting -i)
STARTED=$SECONDS

leave()
{
    systemd_kill
    lab_close
    machine_leave || echo "tests/e2e/newcomer.sh: something is still mounted in $ROOT, which stays" >&2
}

say()
{
    printf '[%4d s] %s\n' "$((SECONDS - STARTED))" "$*"
}

# ---- the machine ---------------------------------------------------------------------------------

# What every Debian has, and whoever has a clone.
machine_make()
{
    say "a fresh $RELEASE, and a clone in it"
    # Where something is mounted, `ip netns exec` works behind a chroot, too.
    mkdir -p "$ROOT"
    mount --bind "$ROOT" "$ROOT"
    root_make "$ROOT"
    apt_in "$ROOT" install adduser ca-certificates git
    clone_make
}

# As it is here: what is not committed yet is tried as well, and a tree without a history is taken whole.
clone_make()
{
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git clone -q "file://$PWD" "$ROOT$HOME_IN_ROOT"
        git ls-files -z --modified --others --exclude-standard |
            tar --null --ignore-failed-read -T - -c | tar -C "$ROOT$HOME_IN_ROOT" -x
    else
        mkdir -p "$ROOT$HOME_IN_ROOT"
        tar --exclude=./build -c . | tar -C "$ROOT$HOME_IN_ROOT" -x
    fi
}

machine_devices()
{
    mount --rbind /dev "$ROOT/dev"
    mount --rbind /sys "$ROOT/sys"
    mount -t tmpfs -o mode=755 tmpfs "$ROOT/run"
}

machine_devices_away()
{
    local folder
    for folder in dev sys run; do
        ! mountpoint -q "$ROOT/$folder" || umount -R -l "$ROOT/$folder"
    done
}

# Nothing of the machine's own may be mounted in what is deleted.
machine_leave()
{
    root_processes | xargs -r kill -s KILL || true
    machine_devices_away
    root_unmount "$ROOT"
    ! mountpoint -q "$ROOT" || umount -l "$ROOT"
    ! grep -Fq " $ROOT" /proc/self/mountinfo || return 1
    rm -rf --one-file-system "${ROOT:?}"
}

# ---- the reader ----------------------------------------------------------------------------------

# reads NAME PAGE COMMAND…: to its end, with a client whenever the page shows one.
reads()
{
    local name=$1 page=$2
    shift 2
    say "$page"
    rm -f "$OUT/client.wanted" "$OUT/client.booted"
    : >"$OUT/$name.log"
    setpriv --pdeathsig KILL -- tests/e2e/newcomer.py "$page" "$OUT" "$@" </dev/null >"$OUT/$name.log" 2>&1 &
    LAB_PID[$name]=$!
    while lab_alive "$name"; do
        if [ -e "$OUT/client.wanted" ]; then
            say "  a client boots"
            client_boots bios "$BOOT_TIME" "$name"
            mv "$OUT/client.wanted" "$OUT/client.booted"
        fi
        sleep 0.2
    done
    lab_exit_code "$name"
    [ "$LAB_EXIT_CODE" = 0 ] || fail "the reader of $page is stuck" "$name"
    say "  $(tail -n 1 "$OUT/$name.log")"
}

main()
{
    begin newcomer.sh "$RELEASE"
    ROOT=$OUT/root
    lab_here debootstrap systemd-nspawn nsenter unshare git
    dhcp_up
    archive_read
    base_make
    machine_make

    machine_devices
    reads readme "README.md##A provider" chroot "$ROOT" "${BASH_OF_READER[@]}"
    reads provider "README.md#A provider" ip netns exec "$LAB_NS_SERVER" chroot "$ROOT" "${BASH_OF_READER[@]}"
    # The provider of the reader's own.
    mkdir -p "$ROOT/srv/pxe"
    cp "$ROOT$HOME_IN_ROOT/minimal.dll" "$ROOT/srv/pxe/mine.dll"
    reads started docs/getting-started-linux.md ip netns exec "$LAB_NS_SERVER" chroot "$ROOT" "${BASH_OF_READER[@]}"
    root_processes | xargs -r kill -s KILL || true # Wine's server, which ends some seconds later
    machine_devices_away
    root_unmount "$ROOT"

    systemd_up
    reads service docs/debian.md nsenter -t "$LEADER" -a -- "${BASH_OF_READER[@]}"
    inside systemctl poweroff
    lab_wait_gone systemd "$WAIT" || fail "systemd did not power off" systemd
    say "ok"
}

main
