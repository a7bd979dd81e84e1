# shellcheck shell=bash
# How the package runs Windows programs; sourced by serve and by wdspxectl. Everything is done as the
# user wdspxe, in a Wine prefix of its own, which is made when it is first needed.

STATE=/var/lib/wdspxe
PROGRAMS='Z:\usr\lib\wdspxe'
PROVIDERS='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
WINESERVER_PROGRAM=/usr/lib/wine/wineserver64
readonly STATE PROGRAMS PROVIDERS WINESERVER_PROGRAM

# No display, no questions, nothing outside of the state folder: TMPDIR is where programs find the
# wineserver that runs already, so it must be the same for the service and for the administrator.
export HOME=$STATE WINEPREFIX=$STATE/wine TMPDIR=$STATE/tmp WINELOADER=/usr/lib/wine/wine64 \
    WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES='winemenubuilder.exe=d;mscoree,mshtml='
unset DISPLAY WAYLAND_DISPLAY WINEARCH
umask 077

wine()
{
    "$WINELOADER" "$@"
}

wineserver()
{
    "$WINESERVER_PROGRAM" "$@"
}

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
    prefix_step wine "$PROGRAMS\\wdspxectl.exe" provider add staticpxe "$PROGRAMS\\staticpxe.dll" ||
        return 1
    prefix_step wine reg add "$PROVIDERS\\staticpxe" /v ConfigFile /t REG_SZ \
        /d 'Z:\etc\wdspxe\staticpxe.ini' /f || return 1
    # Also ends the programs that Wine left running, and saves the registry.
    wineserver -k
    wineserver -w
    mv "$WINEPREFIX" "$ready"
}

# Two that start together wait for one another.
prefix_prepare()
{
    local lock status=0
    mkdir -p "$TMPDIR" || return 1
    exec {lock}>"$STATE/prefix.lock"
    flock "$lock"
    # The lock must not stay with what Wine leaves running.
    [ -d "$WINEPREFIX" ] || prefix_make {lock}>&- || status=1
    exec {lock}>&-
    return "$status"
}
