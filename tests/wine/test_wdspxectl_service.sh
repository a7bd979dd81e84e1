#!/bin/bash
# wdspxectl service from outside: installed, started, asked, controlled, stopped, removed; what stays in
# the registry; what it says when it does not start.
#
#   test_wdspxectl_service.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, whose provider list must be empty. The test providers lie in
# providers/ beside the program. Needs python3.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
bin=$(dirname "$exe")
tmp=$(mktemp -d) || exit 2
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

services='HKLM\SYSTEM\CurrentControlSet\Services'
source="$services\\EventLog\\Application\\WDSPXE"
base="$services\\WDSServer\\Providers\\WDSPXE"

# In a folder without a reg.exe or sc.exe.
wine_tool() {
    (cd / && wine "$@") </dev/null 2>&1 | tr -d '\r'
}

clean_up() {
    ctl service uninstall
    wine_tool sc delete WDSServer
    wine_tool reg delete "$services\\WDSServer" /f
    wine_tool reg delete "$source" /f
    rm -rf "$tmp"
} >/dev/null 2>&1

value_of() { # provider, value: as reg shows it
    wine_tool reg query "$base\\Providers\\$1" /v "$2" | awk -v name="$2" '$1 == name { print $3 }'
}

source_is() { # what EventMessageFile must have, "" if there is none
    local is
    is=$(wine_tool reg query "$source" /v EventMessageFile | awk '$1 == "EventMessageFile" { print $3 }')
    [ "${is##*\\}" = "$1" ] || { echo "  the event source has \"$is\", not \"$1\""; false; }
}

value_is() { # provider, value, what
    local is
    is=$(value_of "$1" "$2")
    [ "$is" = "$3" ] || { echo "  $1 $2: $is, not $3"; false; }
}

# All services of the registry, without what the providers wrote and the server's identity.
registry() {
    wine_tool reg export "$services" "$(winepath -w "$tmp/services.reg")" /y >/dev/null
    iconv -f utf-16 -t utf-8 "$tmp/services.reg" | tr -d '\r' |
        awk '/^\[/ { own = /WDSPXE/ } !own && NF > 0'
}

status_is() { # state
    ctl service status --json
    json_holds "j['state'] == '$1'"
}

# Whether a DISCOVER to the port is answered, or is not.
answered() { discover "$1" --answer 30; }
silent() { ! discover "$1" --answer 2; }

start_wine
trap clean_up EXIT
ctl service uninstall

# --- not installed --------------------------------------------------------------------------------

for command in start stop status uninstall "control 200"; do
    # shellcheck disable=SC2086 # words on purpose
    expect 3 service $command
    check "not installed: $command" err_has 'the service is not installed'
done
expect 1 service run
check "run on a console" err_has 'only the service control manager can run the service'
expect 0 service --help
check "run is hidden" bash -c "! grep -q '^  run ' '$tmp/out'"
usage_error 'a control is 128 to 255' service control 127
usage_error 'a control is 128 to 255' service control 256
usage_error 'a control is 128 to 255' service control stop
usage_error '--account is local-service' service install --account me
usage_error 'IPv4 or IPv6 address' service install --interface eth0
usage_error 'full path' service install --dump-dir dumps
usage_error 'has a quotation mark' service install --dump-dir 'C:\a"b'
usage_error 'has two percent signs' service install --dump-dir 'C:\%TEMP%\x'

# --- its life -------------------------------------------------------------------------------------

expect 0 provider add control "$(winepath -w "$bin/providers/prov_control.dll")"
expect 0 provider add answer "$(winepath -w "$bin/providers/prov_answer.dll")"
wine_tool reg add "$base\\Providers\\answer" /v ReplyMode /t REG_SZ /d null /f >/dev/null
before=$(registry)
read -r port boot_port < <(free_ports)
options=(--interface 127.0.0.1 --port "$port" --boot-port "$boot_port")

expect 0 service install "${options[@]}" --on-demand
check "install says what will run" out_has "service run --interface \"127.0.0.1\" --port \"$port\""
check "the server's identity is there" bash -c "[ -n \"\$(cd / && wine reg query '$base' /v ServerDuid 2>/dev/null </dev/null | grep REG_BINARY)\" ]"
check "the event viewer has the words" source_is wdspxe.dll
expect 4 service install
check "installed already" err_has 'installed already'
expect 0 service status --json
check "as installed" json_holds 'j["state"] == "stopped" and j["starts"] == "on demand" and
    j["account"] == "NT AUTHORITY\\LocalService" and " service run " in j["command_line"]'
expect 1 service control 200
check "does not run" err_has 'the service does not run'

expect 0 service start
check "start waits until it runs" out_has 'running, process '
expect 0 service start
check "runs already" out_has 'running already'
check "state" status_is running
check "a client is answered" answered "$port"

expect 0 service control 200
check "a control reaches the provider" value_is control Control1 0xc8
expect 0 service control 255
check "the next one" value_is control Control2 0xff
expect 0 service control pause
check "pause reaches the provider" value_is control Control3 0x2
check "state" status_is paused
check "a paused server is silent" silent "$port"
expect 0 service control continue
check "continue reaches the provider" value_is control Control4 0x3
check "state" status_is running
check "it answers again" answered "$port"
expect 0 service control paramchange
check "paramchange reaches the provider" value_is control Control5 0x6
check "five controls" value_is control Controls 0x5

expect 0 service stop
check "stop waits until it has stopped" out_has 'stopped'
check "state" status_is stopped
check "the providers were shut down" value_is control Shutdown 0x1
check "stop was no control to them" value_is control Controls 0x5
expect 0 service stop
expect 0 service start
check "it starts again" status_is running
expect 0 service uninstall
check "uninstall stops it" out_has 'uninstalled'
expect 3 service status
check "nor is there an event source" source_is ""
check "the registry is as before" diff <(echo "$before") <(registry)

# --- it does not start ----------------------------------------------------------------------------

expect 0 service install "${options[@]}"
expect 0 service status
check "starts with the machine" out_has 'with the machine'
port_taken() {
    python3 - "$port" "$exe" "$tmp" <<'PY'
import socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[3] + "/out", "wb") as out, open(sys.argv[3] + "/err", "wb") as err:
    sys.exit(subprocess.call(["wine", sys.argv[2], "service", "start"], stdin=subprocess.DEVNULL,
                             stdout=out, stderr=err) != 1)
PY
}
check "a port is taken: exit code 1" port_taken
check "a port is taken" grep -qE 'the service did not start: .*\(error (10048|10013)\)' "$tmp/err"
expect 0 service status
check "why it ended" grep -qE 'ended by: .*\(error (10048|10013)\)' "$tmp/out"

wine_tool reg add "$base" /v BindInterfaces /t REG_MULTI_SZ /d eth0 /f >/dev/null
expect 1 service start
check "a wrong setting" err_has '(error 13)'
expect 0 config unset BindInterfaces
expect 0 service start
expect 0 service stop
expect 0 service uninstall

# --- a provider fails -----------------------------------------------------------------------------

wine_tool reg add "$source" /v EventMessageFile /t REG_SZ /d 'C:\other.dll' /f >/dev/null
expect 0 provider add bad_null "$(winepath -w "$bin/providers/bad_null.dll")" --critical --index 0
expect 0 service install "${options[@]}" --on-demand --dump-dir "$(winepath -w "$tmp")\\"
expect 0 service start
check "nobody is answered" silent "$port"
check "the service ends" becomes_true status_is stopped
expect 0 service status
check "by an error, so that its manager starts it again" out_has '(error 1067)'
# A 64-bit Wine makes none of a 32-bit program.
[ "$(exe_machine)" = i686 ] || check "a minidump is left" compgen -G "$tmp/bad_null-*.dmp"
expect 0 provider remove bad_null
expect 0 service uninstall
check "another's message file stays" source_is other.dll

# --- beside Microsoft's ---------------------------------------------------------------------------

wine_tool sc create WDSServer binPath= 'C:\windows\system32\nothing.exe' start= auto >/dev/null
expect 1 service install "${options[@]}"
check "Microsoft's service starts with the machine" err_has '--beside-wds'
expect 3 service status
wine_tool sc delete WDSServer >/dev/null # with all that is below

# Our own program plays it: a service of one process may go by any name.
expect 0 provider add answer "$(winepath -w "$bin/providers/prov_answer.dll")"
wine_tool reg add "$base\\Providers\\answer" /v ReplyMode /t REG_SZ /d null /f >/dev/null
read -r wds_port wds_boot_port < <(free_ports)
wds="$(winepath -w "$exe") service run --beside-wds --interface 127.0.0.1 --port $wds_port"
expect 0 service install "${options[@]}"
wine_tool sc create WDSServer binPath= "$wds --boot-port $wds_boot_port" >/dev/null
wine_tool sc start WDSServer >/dev/null
check "it serves" answered "$wds_port"
expect 1 service start
check "Microsoft's service runs" err_has "Microsoft's service WDSServer runs"
expect 0 service uninstall
expect 1 service install "${options[@]}"
check "not installed beside it" err_has '--beside-wds'
expect 3 service status

expect 0 service install "${options[@]}" --beside-wds --account network-service
expect 0 service status --json
check "beside it" json_holds 'j["command_line"].endswith(" --beside-wds") and
    j["account"] == "NT AUTHORITY\\NetworkService"'
expect 0 service start
check "both serve" answered "$port"
check "both serve" answered "$wds_port"
expect 0 service uninstall
wine_tool sc stop WDSServer >/dev/null

finish
