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

# Output of the programs that make the prefix goes to a file: those that Wine leaves running would
# hold on to a pipe.
prefix_step()
{
    wine "$@" </dev/null >>"$STATE/prefix.log" 2>&1 || {
        echo "making the Wine prefix failed at '$*'; see $STATE/prefix.log" >&2
        return 1
    }
}

# Makes the prefix in a folder beside, so that one that was cut short is never used.
prefix_make()
{
    local ready=$WINEPREFIX
    local WINEPREFIX=$ready.new
    export WINEPREFIX
    echo "making a Wine prefix in $ready; that takes some seconds, once" >&2
    rm -rf "$WINEPREFIX"
    : >"$STATE/prefix.log"
    prefix_step wineboot -i || return 1
    # A crash must end the program at once, not start a debugger.
    prefix_step reg add 'HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug' \
        /v Debugger /d false /f || return 1
    prefix_step "$PROGRAMS\\wdspxectl.exe" provider add staticpxe "$PROGRAMS\\staticpxe.dll" ||
        return 1
    prefix_step reg add "$PROVIDERS\\staticpxe" /v ConfigFile /t REG_SZ \
        /d 'Z:\etc\wdspxe\staticpxe.ini' /f || return 1
    # Ends the programs that Wine left running, and saves the registry.
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
