# shellcheck shell=bash
# A clean Debian in a folder, to install into, to work in and to boot. Sourced after tests/e2e/common.sh; the
# caller has RELEASE, OUT, ROOT, mounts in a namespace of its own, and the function `say`.
#
#   archive_read; base_make       the archive; a clean RELEASE, made once and kept in build/debian
#   root_make "$ROOT"             from it; then in_root, apt_in
#   systemd_up; inside …; systemd_kill

readonly CACHE=$PWD/build/debian
readonly INCLUDED=systemd,systemd-sysv,dbus,procps
readonly WAIT=60 # seconds
LEADER=

# The archive that this machine's own apt uses, and the way there.
archive_read()
{
    MIRROR=$(tools/debian-source-list deb | sed -n 's/^URIs: //p')
    PROXY=$(apt-config dump --format '%v' Acquire::http::Proxy)
}

# A clean Debian, made once; a run that was cut short leaves nothing that the next would use.
base_make()
{
    local fresh=$CACHE/root.new.$$
    mkdir -p "$CACHE/archives/$RELEASE/partial"
    [ ! -e "$CACHE/$RELEASE.tar" ] || return 0
    say "debootstrap: a clean $RELEASE, once"
    env ${PROXY:+http_proxy="$PROXY"} debootstrap --variant=minbase --include="$INCLUDED" "$RELEASE" "$fresh" "$MIRROR" \
        >"$OUT/debootstrap.log" 2>&1 || { rm -rf "$fresh" && fail "debootstrap failed" debootstrap; }
    rm -rf "$fresh"/var/cache/apt/archives/*.deb
    tar -C "$fresh" -cf "$CACHE/$RELEASE.tar.$$" . && rm -rf "$fresh"
    mv "$CACHE/$RELEASE.tar.$$" "$CACHE/$RELEASE.tar"
}

# root_make FOLDER: a clean root, with what programs in it expect to be mounted. Packages that were
# fetched once are taken from the cache.
root_make()
{
    mkdir -p "$1"
    tar -C "$1" -xf "$CACHE/$RELEASE.tar"
    mount -t proc proc "$1/proc"
    mount --bind "$CACHE/archives/$RELEASE" "$1/var/cache/apt/archives"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    [ -z "$PROXY" ] || echo "Acquire::http::Proxy \"$PROXY\";" >"$1/etc/apt/apt.conf.d/90proxy"
    in_root "$1" apt-get -q=2 update || fail "apt-get update failed" root
}

# root_processes: those that were started in the root by chroot.
root_processes()
{
    local process
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/root" 2>/dev/null)" != "$ROOT" ] || echo "${process#/proc/}"
    done
}

root_unmount()
{
    local folder
    for folder in proc var/cache/apt/archives; do
        ! mountpoint -q "$1/$folder" || umount "$1/$folder"
    done
}

in_root()
{
    local root=$1
    shift
    chroot "$root" "$@" </dev/null >>"$OUT/root.log" 2>&1
}

apt_in()
{
    local root=$1
    shift
    in_root "$root" apt-get -q=2 -y --no-install-recommends -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-unsafe-io "$@" || fail "apt-get $* failed" root
}

# ---- systemd in it -------------------------------------------------------------------------------

# inside COMMAND…: in the booted root.
inside()
{
    nsenter -t "$LEADER" -a -- "$@" </dev/null
}

systemd_up()
{
    local end=$((SECONDS + WAIT))
    say "systemd starts in the root"
    : >"$OUT/systemd.log"
    setpriv --pdeathsig KILL -- systemd-nspawn --quiet --directory="$ROOT" --boot --register=no \
        --keep-unit --machine="wdspxe-$$" --network-namespace-path="/run/netns/$LAB_NS_SERVER" \
        </dev/null >"$OUT/systemd.log" 2>&1 &
    LAB_PID[systemd]=$!
    until LEADER=$(pgrep -P "${LAB_PID[systemd]}") &&
        inside systemctl is-active multi-user.target >/dev/null 2>&1; do
        lab_alive systemd || fail "systemd-nspawn ended" systemd
        ((SECONDS < end)) || fail "multi-user.target was not reached in $WAIT s" systemd
        sleep 0.2
    done
}

# The root's systemd first: all that runs under it ends with it, and not with systemd-nspawn.
systemd_kill()
{
    [ -z "${LAB_PID[systemd]:-}" ] || pgrep -P "${LAB_PID[systemd]}" | xargs -r kill -s KILL || true
    lab_stop systemd KILL
}
