#!/bin/bash
# wdspxectl from outside: commands, exit codes, help, JSON, and a short run of the server.
#
#   test_wdspxectl_cli.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX. CC_WINDOWS names the compiler that builds the test provider
# (default: by the machine type of the exe). Needs python3.
# Registers providers under a prefix of its own and removes them at the end. The server is run on
# 127.0.0.1 and free high ports.
set -u

[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
prefix="wdspxectl-test-$$-"
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

# --- tools ----------------------------------------------------------------------------------------

# The order of our own providers, without the prefix, separated by blanks.
own_order() {
    ctl provider list --json
    python3 - "$tmp/out" "$prefix" <<'PY'
import json, sys
p = sys.argv[2]
print(*[e["name"][len(p):] for e in json.load(open(sys.argv[1], encoding="utf-8"))
        if e["name"].startswith(p)])
PY
}

order_is() {
    local order
    order=$(own_order)
    [ "$order" = "$1" ] || { echo "order: $order"; false; }
}

remove_own_providers() {
    local name
    for name in $(own_order); do
        ctl provider remove "$prefix$name"
    done
}

clean_up() {
    remove_own_providers >/dev/null 2>&1
    rm -rf "$tmp"
}

# --- wine runs, and runs this program -------------------------------------------------------------

trap clean_up EXIT
start_wine

# --- help and usage errors ------------------------------------------------------------------------

for command in "" serve replay provider "provider add" "provider remove" "provider list" \
    "provider move" "provider show" config "config show" "config set" "config unset" "config check" \
    "config export" "config import" version; do
    for form in "$command --help" "$command -h" "help $command"; do
        # shellcheck disable=SC2086 # words on purpose
        expect 0 $form
        check "usage line of '$form'" out_has "Usage: wdspxectl${command:+ $command}"
        check "exit codes in '$form'" out_has "  4  already exists"
    done
done
expect 0 provider help
check "help of a group" out_has "Usage: wdspxectl provider COMMAND"
expect 0 serve help
for option in --interface --port --boot-port --stop-file --for --json --quiet --verbose; do
    check "serve --help tells of $option" out_has "$option"
done

expect 0 --version
check "--version is the command of that name" out_matches '^wdspxectl [0-9]+\.[0-9]+\.[0-9]+$'
check "and tells of the DLL" out_matches '^wdspxe\.dll [0-9]'
expect 0 version --json
check "as JSON" python3 -c 'import json, re, sys
v = json.load(open(sys.argv[1], encoding="utf-8"))
assert re.fullmatch(r"\d+\.\d+\.\d+", v["wdspxectl"]) and v["wdspxe"] == v["wdspxectl"] + ".0", v
assert v["path"].lower().endswith("\\wdspxe.dll"), v' "$tmp/out"
expect 0 --help
check "--help tells of --version" out_has '--version'
expect 0 provider --help
check "a command's does not" out_lacks '--version'

usage_error 'a command is missing'
usage_error 'unknown option "--version"' provider --version
usage_error 'did you mean "provider"?' provder list
usage_error 'did you mean "list"?' provider lsit
usage_error 'did you mean "--interface"?' serve --interfaces 10.0.0.1
usage_error 'did you mean "--for"?' serve --fro=5
usage_error 'unknown option "--help-me"' serve --help-me
usage_error 'unknown command "nonsense"' nonsense
usage_error 'unknown option "--nonsense"' --nonsense
usage_error 'a command is missing' provider
usage_error 'wdspxectl provider: unknown command "ad"' provider ad
usage_error 'wdspxectl provider list: unknown option "--jsn"' provider list --jsn
usage_error 'unknown option "-j"' provider list -j
usage_error '"x" is one argument too many' provider list x
usage_error 'arguments are missing' provider add onlyname
usage_error 'arguments are missing' provider remove
usage_error 'arguments are missing' provider show
usage_error 'the name of the provider is empty' provider show ""
usage_error 'no backslash' provider add 'a\b' x.dll
usage_error 'exclude each other' provider add n x.dll --before a --after b
usage_error 'not "x"' provider add n x.dll --index x
usage_error 'not "-1"' provider add n x.dll --index -1
usage_error 'not "4294967295"' provider add n x.dll --index 4294967295
usage_error 'exactly one' provider move n
usage_error 'exactly one' provider move n 1 --before a
usage_error 'itself' provider move Abc --before aBC
usage_error '--critical takes no value' provider add n x.dll --critical=yes
usage_error '--json is given more than 1 time' provider list --json --json
usage_error '--for needs a SECONDS' serve --for
usage_error '--for needs a SECONDS' serve --for --json
usage_error 'from 1 to 4294967295' serve --for 0
usage_error 'from 1 to 65535' serve --port 65536
usage_error 'not empty' serve --boot-port=
usage_error 'from 1 to 65535' serve --boot-port 6x
for address in 1.2.3 1.2.3.256 0x7f.0.0.1 fe80::1::2 fe80::g fe80::1% fe80::1%no-such-interface \
    fe80::1%0 fe80::1%4294967296 127.0.0.1%1 '[::1]' localhost; do
    usage_error 'IPv4 or IPv6 address' serve --interface "$address"
done

# --- a provider to work with ----------------------------------------------------------------------

cat >"$tmp/provider.c" <<'C'
/* Registers its callbacks with the wdspxe.dll of the process and ignores every request. */
#include <windows.h>

typedef DWORD(__stdcall *register_function)(HANDLE, ULONG, PVOID, PVOID);

static DWORD __stdcall on_request(HANDLE request, PVOID packet, ULONG length, PVOID local,
                                  PVOID remote, ULONG *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = 3; /* PXE_BA_IGNORE */
    return 0;
}

static DWORD __stdcall on_shutdown(PVOID context)
{
    (void)context;
    return 0;
}

__declspec(dllexport) DWORD __stdcall PxeProviderInitialize(HANDLE provider, HKEY key)
{
    HMODULE server = GetModuleHandleA("wdspxe.dll");
    FARPROC found = server == NULL ? NULL : GetProcAddress(server, "PxeRegisterCallback");
    register_function register_callback = (register_function)(void *)found;
    (void)key;
    if (register_callback == NULL)
        return 127;
    DWORD error = register_callback(provider, 0, (PVOID)on_request, NULL);
    return error != 0 ? error : register_callback(provider, 1, (PVOID)on_shutdown, NULL);
}
C
machine=$(exe_machine) || { echo "FAIL: $exe is no Windows program"; exit 1; }
provider="$tmp/Prüfer.dll"
"${CC_WINDOWS:-$machine-w64-mingw32-gcc}" -shared -Wl,--kill-at -o "$tmp/p.dll" "$tmp/provider.c" ||
    { echo "FAIL: the test provider does not build"; exit 1; }
mv "$tmp/p.dll" "$provider"
printf 'int nothing(void);int nothing(void){return 0;}' >"$tmp/nothing.c"
"${CC_WINDOWS:-$machine-w64-mingw32-gcc}" -shared -o "$tmp/nothing.dll" "$tmp/nothing.c" || exit 1
python3 - "$provider" "$tmp/foreign.dll" <<'PY'
import struct, sys
b = bytearray(open(sys.argv[1], "rb").read())
at = struct.unpack_from("<I", b, 60)[0] + 4
old = struct.unpack_from("<H", b, at)[0]
struct.pack_into("<H", b, at, 0x14c if old != 0x14c else 0x8664)
open(sys.argv[2], "wb").write(b)
PY
echo "this is text" >"$tmp/text.dll"

# --- the list -------------------------------------------------------------------------------------

expect 0 provider list --json
check "the list is JSON" out_is_json
check "the list is an array" json_holds 'isinstance(j, list)'
check "nothing of ours is in the list yet" order_is ""

expect 0 provider add "${prefix}b" "Prüfer.dll" --critical
check "add says what it did" out_has "added \"${prefix}b\" at index "
check "add shows an absolute path" out_has ':\'
expect 4 provider add "${prefix}B" "Prüfer.dll"
check "a second add changes nothing" order_is "b"
expect 3 provider add "${prefix}x" missing.dll
check "a missing file is told" err_has 'missing.dll: there is no such file; --force'
expect 3 provider add "${prefix}x" .
expect 3 provider add "${prefix}x" "Prüfer.dll" --before "${prefix}nobody"
expect 3 provider add "${prefix}x" "Prüfer.dll" --after "${prefix}nobody"
check "a refused add changes nothing" order_is "b"
expect 0 provider add "${prefix}a" missing.dll --force --before "${prefix}b"
check "--force warns" err_has "warning:"
expect 0 provider add "${prefix}größer" "Prüfer.dll" "--after=${prefix}B"
check "no warning for a good DLL" test ! -s "$tmp/err"
expect 0 provider add "${prefix}d" "Prüfer.dll" --index BOTTOM
expect 0 provider add "${prefix}e" nothing.dll --after "${prefix}a"
check "a DLL that is no provider is told" err_has "does not export PxeProviderInitialize"
check "order after the adds" order_is "a e b größer d"

expect 0 provider list
check "list has a heading" out_has "INDEX  CRITICAL  NAME"
check "list has a row" grep -q "yes .*${prefix}b .*Prüfer.dll" "$tmp/out"
expect 0 provider list --json
check "list --json is JSON" out_is_json
check "members" json_holds '[e for e in j if e["name"] == p + "b"][0]["critical"] is True'
check "not critical" json_holds \
    '[e for e in j if e["name"] == p + "größer"][0]["critical"] is False'
check "indexes are the places" json_holds '[e["index"] for e in j] == list(range(len(j)))'
check "paths are absolute" json_holds 'all(e["path"][1:3] == ":\\" for e in j if p in e["name"])'
check "list --json is one line" test "$(wc -l <"$tmp/out")" -eq 1

expect 0 provider move "${prefix}d" --before "${prefix}a"
check "move up before" order_is "d a e b größer"
expect 0 provider move "${prefix}d" --after "${prefix}e"
check "move down after" order_is "a e d b größer"
expect 0 provider move "${prefix}a" --before "${prefix}GRÖßER"
check "move down before, name in other case" order_is "e d b a größer"
expect 3 provider move "${prefix}a" --before "${prefix}nobody"
expect 3 provider move "${prefix}nobody" 0
expect 3 provider move "${prefix}nobody" --after "${prefix}a"
check "a refused move changes nothing" order_is "e d b a größer"
expect 0 provider move "${prefix}größer" top
check "top is index 0" out_has "to index 0"
check "top" order_is "größer e d b a"
expect 0 provider move "${prefix}größer" bottom
check "bottom" order_is "e d b a größer"
expect 0 provider move "${prefix}a" 0
check "a number" out_has "moved \"${prefix}a\" to index 0"
check "order after a number" order_is "a e d b größer"

# --- show -----------------------------------------------------------------------------------------

expect 0 provider show "${prefix}GRÖßER"
check "show: name as registered" out_has "${prefix}größer"
check "show: exists" grep -q '^exists: *yes' "$tmp/out"
check "show: export" grep -q '^exports PxeProviderInitialize: *yes' "$tmp/out"
check "show: usable" grep -q '^usable: *yes$' "$tmp/out"
check "show: key" grep -q "^key: .*WDSPXE.Providers.${prefix}größer" "$tmp/out"
expect 0 provider show "${prefix}b" --json
check "show --json is JSON" out_is_json
check "show --json" json_holds 'j["name"] == p + "b" and j["critical"] and j["usable"] and
    j["exists"] and j["machine_fits"] and j["exports_initialize"] and j["defect"] is None and
    j["path"].endswith("\\Prüfer.dll") and j["key"].endswith("\\WDSPXE\\Providers\\" + p + "b")'
expect 0 provider show "${prefix}a" --json
check "show of a missing file" json_holds 'not j["exists"] and not j["usable"] and j["defect"]'
expect 0 provider show "${prefix}e" --json
check "show of no provider" json_holds 'j["exists"] and j["machine_fits"] and
    not j["exports_initialize"] and not j["usable"]'
expect 0 provider add "${prefix}f" foreign.dll
check "another machine type is told by add" err_has "another machine type"
expect 0 provider show "${prefix}f" --json
check "show of a foreign DLL" json_holds 'j["exists"] and j["machine"] and
    not j["machine_fits"] and not j["usable"] and "machine" in j["defect"]'
expect 0 provider add "${prefix}t" text.dll
check "text is told by add" err_has "no Windows DLL"
expect 3 provider show "${prefix}nobody"
check "show of nobody" err_has "no provider is named \"${prefix}nobody\""

# --- remove ---------------------------------------------------------------------------------------

expect 0 provider remove "${prefix}D"
check "remove" order_is "a e b größer f t"
expect 3 provider remove "${prefix}d"
check "remove of nobody" err_has "no provider is named"
expect 0 provider remove "${prefix}f"
expect 0 provider remove "${prefix}t"
expect 0 provider remove "${prefix}e"
expect 0 provider remove "${prefix}a"

# --- serve ----------------------------------------------------------------------------------------

# One DHCPDISCOVER and one datagram of rubbish; with --quiet the server tells of none.
send_requests() { # port, options of serve...
    local -a told=(--told '127.0.0.1 (DISCOVER|not DHCP)|"event": ?"request"')
    [[ " $* " != *" --quiet "* ]] || told=()
    discover "$1" --junk 1 --log "$tmp/out" --ready serving ${told[@]+"${told[@]}"}
}

# One JSON value per line: "serving", requests, "stopped".
events_are_right() {
    python3 - "$tmp/out" "$prefix" "$1" <<'PY'
import json, sys
e = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert e[0]["event"] == "serving" and e[0]["port"] == int(sys.argv[3]), e[0]
assert e[0]["interfaces"] == ["127.0.0.1"], e[0]
assert e[-1]["event"] == "stopped" and e[-1]["reason"] == "stop file", e[-1]
assert e[-1]["counters"]["received"] == 2 and e[-1]["counters"]["ignored"] == 2, e[-1]
r = [x for x in e if x["event"] == "request"]
d = [x for x in r if x["mac"] == "52:54:00:AB:CD:EF"]
assert len(r) == 2 and len(d) == 1, r
assert d[0]["type"] == "DISCOVER" and d[0]["architectures"][0]["name"] == "UEFI x64", d
assert d[0]["provider"].startswith(sys.argv[2]) and d[0]["action"] == "ignore", d
assert [x for x in r if x["mac"] is None and x["bytes"] == 7], r
PY
}

serve_with_stop_file() { # options...; sets rc and served_port
    local boot_port pid
    read -r served_port boot_port < <(free_ports)
    : >"$tmp/out"
    (
        ctl serve --interface 127.0.0.1 --port "$served_port" --boot-port "$boot_port" --for 300 \
            --stop-file stop "$@"
        exit "$rc"
    ) &
    pid=$!
    check "requests could be sent ($*)" send_requests "$served_port" "$@"
    : >"$tmp/stop"
    wait "$pid"
    rc=$?
    check "exit code 0, is $rc (serve $*)" test "$rc" -eq 0
    check "the stop file is gone ($*)" test ! -e "$tmp/stop"
}

expect 0 provider remove "${prefix}größer"
serve_with_stop_file --json
check "events" events_are_right "$served_port"

serve_with_stop_file --verbose
check "text: first line" grep -q "^serving on 127.0.0.1, ports $served_port and " "$tmp/out"
check "text: request" grep -q "^[-0-9]* [0-9:.]* 52:54:00:AB:CD:EF 127.0.0.1 DISCOVER UEFI x64 on \
port $served_port -> ${prefix}b: no answer, .* ms\$" "$tmp/out"
check "text: rubbish" grep -q "(no MAC) 127.0.0.1 not DHCP, 7 bytes on port $served_port" "$tmp/out"
check "text: last line" \
    grep -q '^stopped (stop file): 2 received, 0 answered, 2 ignored,' "$tmp/out"
check "text: information messages" grep -q ' info: ' "$tmp/err"

serve_with_stop_file --quiet
check "quiet: two lines" test "$(wc -l <"$tmp/out")" -eq 2
check "quiet: no information messages" test "$(grep -c ' info: ' "$tmp/err")" -eq 0

: >"$tmp/stop"
expect 1 serve --stop-file stop --for 5
check "a stop file that is there already is told" err_has "is there already"
check "and deleted" test ! -e "$tmp/stop"

read -r port boot_port < <(free_ports)
expect 0 serve --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" --for 1
check "--for" out_has "stopped (time is up): 0 received"
for address in ::1 ::1%lo; do
    grep -q '^0*1 ' /proc/net/if_inet6 || break # a machine without IPv6
    expect 0 serve --interface "$address" --port "$port" --boot-port "$boot_port" --for 1
    check "an IPv6 interface: $address" out_has "serving on ::1"
done

expect 3 serve --interface 192.0.2.77 --port "$port" --boot-port "$boot_port" --for 5
check "an unknown interface" err_has "the server did not start"
expect 3 serve --interface 2001:db8::77 --port "$port" --boot-port "$boot_port" --for 5
check "an unknown IPv6 interface" err_has "no interface of this machine has the address 2001:db8::77"
check "nothing is served then" out_is_empty

# Sends a signal to a program under Wine once it has printed "serving"; its exit code, 99 if it goes on.
# In the foreground of Python, for a shell starts background jobs with SIGINT ignored.
interrupt() { # signal, program, arguments...
    (cd "$tmp" && timeout 180 python3 - "$@" <<'PY'
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
out = open("out", "wb")
p = subprocess.Popen(["wine", *sys.argv[2:]], stdin=subprocess.DEVNULL, stdout=out,
                     stderr=subprocess.DEVNULL)
end = time.monotonic() + 60
while b"serving" not in open("out", "rb").read() and time.monotonic() < end:
    time.sleep(0.05)
p.send_signal(getattr(signal, sys.argv[1]))
try:
    sys.exit(p.wait(30))
except subprocess.TimeoutExpired:
    p.wait(60)
    sys.exit(99)
PY
    )
}

# Wine makes Ctrl-C of SIGINT for 64-bit programs; its WoW64 does not for 32-bit ones, whatever the
# program. A small program tells which Wine this is.
cat >"$tmp/waits.c" <<'C'
#include <stdio.h>
#include <windows.h>

static HANDLE event;

static BOOL WINAPI on_event(DWORD type)
{
    (void)type;
    SetEvent(event);
    return TRUE;
}

int main(void)
{
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    SetConsoleCtrlHandler(on_event, TRUE);
    puts("serving");
    fflush(stdout);
    return WaitForSingleObject(event, 40000) == WAIT_OBJECT_0 ? 7 : 8;
}
C
"${CC_WINDOWS:-$machine-w64-mingw32-gcc}" -o "$tmp/waits.exe" "$tmp/waits.c" || exit 1
rc=0
interrupt SIGINT waits.exe || rc=$?
if [ "$rc" -eq 7 ]; then
    check "Ctrl-C ends it with 0" interrupt SIGINT "$exe" serve --interface 127.0.0.1 --port "$port" \
        --boot-port "$boot_port" --for 60
    check "Ctrl-C is told" out_has "stopped (Ctrl-C): "
    if [ -e "$(dirname "$exe")/wdspxenet.dll.so" ]; then # by which it is told
        check "SIGTERM ends it with 0" interrupt SIGTERM "$exe" serve --interface 127.0.0.1 \
            --port "$port" --boot-port "$boot_port" --for 60
        check "SIGTERM is told" out_has "stopped (SIGTERM): "
    fi
else
    echo "not asked: whether Ctrl-C ends the server; this Wine tells no $machine program of it"
    check "only a 32-bit program may miss it" test "$machine" = i686
fi

port_in_use() {
    python3 - "$port" "$tmp" "$exe" "$boot_port" <<'PY'
import socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2] + "/out", "wb") as out, open(sys.argv[2] + "/err", "wb") as err:
    sys.exit(subprocess.call(["wine", sys.argv[3], "serve", "--interface", "127.0.0.1", "--port",
                              sys.argv[1], "--boot-port", sys.argv[4], "--for", "5"],
                             stdin=subprocess.DEVNULL, stdout=out, stderr=err) != 1)
PY
}
check "a port in use ends it with 1" port_in_use
check "the code is told" err_has "(error 10048)"
check "and what to do" err_has "config set UseDhcpPorts 0"
# By the native half, which 32-bit programs have not.
[ "$machine" = i686 ] || check "who has it" err_has 'is taken: 127.0.0.1 by "python3'

# --- the end --------------------------------------------------------------------------------------

expect 0 provider remove "${prefix}b"
check "nothing of ours is left" order_is ""
finish
