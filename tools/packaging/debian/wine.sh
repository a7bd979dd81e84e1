# shellcheck shell=bash
# How the package runs Windows programs; sourced by serve and by control. Everything is done as the
# user wdspxe, in a Wine prefix of its own, which is made when it is first needed.
#
# Wine's server ("the wineserver") keeps the registry in memory and writes it to the prefix, so there
# must never be two, and none may be ended while a program uses it:
#   owner.lock   held by the wineserver itself, so exactly as long as it lives
#   server.lock  held by what serves; others are its guests while the file `serving` is there
#   use.lock     shared by the administrator's commands; the server takes it whole before it ends a
#                wineserver, its own or one that was left behind

STATE=/var/lib/wdspxe
PROGRAMS='Z:\usr\lib\wdspxe'
PROGRAM=/usr/lib/wdspxe/wdspxectl.exe
PROVIDERS='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
SERVING=$STATE/serving
GUEST_WAIT=15 OWNER_WAIT=300
readonly STATE PROGRAMS PROGRAM PROVIDERS SERVING GUEST_WAIT OWNER_WAIT
OWNER_LOCK='' SERVER_LOCK='' USE_LOCK='' WINESERVER=''

# Debian 12 has wine64 beside the server, Debian 13 only wine.
for WINELOADER in /usr/lib/wine/wine64 /usr/lib/wine/wine; do
    [ ! -x "$WINELOADER" ] || break
done
for WINESERVER_PROGRAM in /usr/lib/wine/wineserver64 /usr/lib/wine/wineserver; do
    [ ! -x "$WINESERVER_PROGRAM" ] || break
done

# No display, no questions. TMPDIR is not set: the wineserver's socket is in /tmp, which is the same
# folder for everything that the package starts, and Wine 10 fails if TMPDIR is set.
export HOME=$STATE WINEPREFIX=$STATE/wine WINELOADER LC_ALL=C.UTF-8 \
    WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES='winemenubuilder.exe=d;mscoree,mshtml='
unset DISPLAY WAYLAND_DISPLAY WINEARCH WINESERVER TMPDIR XDG_RUNTIME_DIR
umask 077

# Neither a program nor what it leaves running may keep a lock.
wine()
{
    "$WINELOADER" "$@" {OWNER_LOCK}>&- {SERVER_LOCK}>&- {USE_LOCK}>&-
}

wineserver()
{
    "$WINESERVER_PROGRAM" "$@" {OWNER_LOCK}>&- {SERVER_LOCK}>&- {USE_LOCK}>&-
}

# ---- the locks -----------------------------------------------------------------------------------

locks_open()
{
    exec {OWNER_LOCK}>>"$STATE/owner.lock" {SERVER_LOCK}>>"$STATE/server.lock" \
        {USE_LOCK}>>"$STATE/use.lock"
}

# Whether a server is up that others may use: it holds its lock, and its wineserver is there.
server_is_up()
{
    [ -e "$SERVING" ] || return 1
    flock -n "$SERVER_LOCK" || return 0
    flock -u "$SERVER_LOCK"
    return 1
}

# What of the user's runs there, for messages.
owner_name()
{
    local pid
    for pid in /proc/[0-9]*; do
        [ "$(stat -c %u "$pid" 2>/dev/null)" = "$(id -u)" ] &&
            [[ $(readlink "$pid/exe" 2>/dev/null) == */wineserver* ]] && echo "process ${pid#/proc/}"
    done
}

# ---- the wineserver ------------------------------------------------------------------------------

# wineserver_start [-p]: by whoever holds owner.lock, which goes over to it. Returns when it takes
# connections: a program that finds none would start one of its own. The current folder of a
# wineserver is that of its socket. (A function in the background would be a shell more.)
wineserver_start()
{
    "$WINESERVER_PROGRAM" -f "$@" </dev/null {SERVER_LOCK}>&- {USE_LOCK}>&- &
    WINESERVER=$!
    until [ -S "/proc/$WINESERVER/cwd/socket" ]; do
        kill -0 "$WINESERVER" 2>/dev/null || {
            echo "the wineserver ended at once" >&2
            return 1
        }
        sleep 0.05
    done
    exec {OWNER_LOCK}>&-
    # Starts Wine's own services, which must not hold the pipe of a program's output.
    wine cmd /c exit </dev/null >/dev/null 2>&1
}

# Also ends what still runs in the prefix; the registry is saved.
wineserver_stop()
{
    [ -n "$WINESERVER" ] || return 0
    wineserver -k
    wait "$WINESERVER"
    WINESERVER=
}

# ---- the prefix ----------------------------------------------------------------------------------

# prefix_step COMMAND…: part of making the prefix. Output goes to a file: programs that Wine leaves
# running would hold on to a pipe.
prefix_step()
{
    WINEDEBUG=err+all "$@" </dev/null >>"$STATE/prefix.log" 2>&1 || {
        echo "making the Wine prefix failed at '$*'; the end of $STATE/prefix.log:" >&2
        tail -n 5 "$STATE/prefix.log" >&2
        wineserver -k
        return 1
    }
}

# Makes the prefix in a folder beside, so that one that was cut short is never used. The wineserver
# is there before the first program, and stays until after the last: one that a program starts for
# itself goes away with it, and whoever comes just then is refused.
prefix_make()
{
    local ready=$WINEPREFIX
    local WINEPREFIX=$ready.new
    export WINEPREFIX
    echo "making a Wine prefix in $ready; that takes some seconds, once" >&2
    rm -rf "$WINEPREFIX"
    mkdir -p "$WINEPREFIX" || return 1
    : >"$STATE/prefix.log"
    prefix_step wineserver -p || return 1
    prefix_step wine wineboot -i || return 1
    # A crash must end the program at once, not start a debugger.
    prefix_step wine reg add 'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug' \
        /v Debugger /d false /f || return 1
    prefix_step wine "$PROGRAM" provider add staticpxe "$PROGRAMS\\staticpxe.dll" || return 1
    prefix_step wine reg add "$PROVIDERS\\staticpxe" /v ConfigFile /t REG_SZ \
        /d 'Z:\etc\wdspxe\staticpxe.ini' /f || return 1
    # Also ends the programs that Wine left running, and saves the registry.
    wineserver -k
    wineserver -w
    mv "$WINEPREFIX" "$ready"
}

# By whoever holds owner.lock. The drives are what they were when the prefix was made: a Z: that
# somebody changed would lead every path of the settings elsewhere.
prefix_prepare()
{
    [ -d "$WINEPREFIX" ] || prefix_make || return 1
    ln -sfn / "$WINEPREFIX/dosdevices/z:"
    ln -sfn ../drive_c "$WINEPREFIX/dosdevices/c:"
}
