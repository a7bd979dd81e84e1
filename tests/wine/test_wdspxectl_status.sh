#!/bin/bash
# wdspxectl status from outside: what it tells of a server that runs, in words and for Prometheus.
#
#   test_wdspxectl_status.sh WDSPXECTL_EXE
#
# The environment gives WINEPREFIX, whose provider list must be empty. The test providers lie in
# providers/ beside the program. Needs python3.
set -u
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 WDSPXECTL_EXE" >&2; exit 2; }
exe=$(realpath "$1")
tmp=$(mktemp -d) || exit 2
readonly EXIT_NOT_FOUND=3 DISCOVERS=5 JUNK=2
# A name as long as a registry key's may be, and another one that begins the same.
long=$(printf 'x%.0s' $(seq 200))
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

clean_up() {
    local name
    [ -z "${server:-}" ] || : >"$tmp/stop"
    [ -z "${server:-}" ] || wait "$server"
    for name in reject answer "${long}1" "${long}2"; do
        ctl provider remove "$name"
    done
    rm -rf "$tmp"
} >/dev/null 2>&1
trap clean_up EXIT

add() { # name, DLL, options...
    local name=$1 dll=$2
    shift 2
    expect 0 provider add "$name" "Z:$(dirname "$exe")/providers/$dll.dll" "$@"
}

# The server has files of its own: those of ctl are for the questions.
serve() { # options...
    read -r port boot_port < <(free_ports)
    : >"$tmp/serve"
    rm -f "$tmp/stop"
    (cd "$tmp" && exec wine "$exe" serve --quiet --interface 127.0.0.1 --port "$port" --boot-port \
        "$boot_port" --for 240 --stop-file stop "$@") >"$tmp/serve" 2>&1 </dev/null &
    server=$!
    for _ in $(seq 600); do
        ! grep -q '^serving' "$tmp/serve" || return 0
        sleep 0.1
    done
    false
}

stop() {
    : >"$tmp/stop"
    wait "$server"
    server=
}

ask() {
    python3 - "$port" $DISCOVERS $JUNK <<'PY'
import socket, sys
packet = bytearray(300)
packet[0:3] = b"\1\1\6"
packet[28:34] = bytes.fromhex("525400abcdef")
packet[236:240] = bytes([99, 130, 83, 99])
options = bytes([53, 1, 1, 93, 2, 0, 7, 60, 9]) + b"PXEClient" + b"\xff"
packet[240:240 + len(options)] = options
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    packet[4:8] = (i + 1).to_bytes(4, "big")
    s.sendto(packet, ("127.0.0.1", int(sys.argv[1])))
for i in range(int(sys.argv[3])):
    s.sendto(b"junk", ("127.0.0.1", int(sys.argv[1])))
PY
}

# Reads the text format as strictly as it is described, then holds a Python expression against it: m
# has the samples' numbers by name and labels, both as they are written.
metrics_hold() {
    python3 - "$tmp/out" "$1" <<'PY'
import re, sys
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r"(%s)(\{%s(?:,%s)*\})? (\d+(?:\.\d+)?)$" % (NAME, LABEL, LABEL))
text = open(sys.argv[1], encoding="utf-8", newline="").read().replace("\r\n", "\n")
assert text.endswith("\n"), "the last line does not end"
m, types, helps, group = {}, {}, set(), None
for line in text.splitlines():
    if line.startswith("# HELP "):
        name = line.split(" ")[2]
        assert name not in helps, "HELP twice: " + line
        helps.add(name)
        group = name
    elif line.startswith("# TYPE "):
        _, _, name, kind = line.split(" ")
        assert name == group and name not in types, "TYPE out of place: " + line
        assert kind in ("counter", "gauge", "summary"), line
        assert (kind == "counter") == name.endswith("_total"), line
        types[name] = kind
    else:
        match = SAMPLE.match(line)
        assert match, "not a sample: " + line
        name, labels, value = match.groups()
        base = re.sub("_(sum|count)$", "", name) if types[group] == "summary" else name
        assert base == group, "out of its group: " + line
        assert name + (labels or "") not in m, "twice: " + line
        m[name + (labels or "")] = float(value)
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

# What is told is up to a second old.
until_metrics_hold() {
    for _ in $(seq 60); do
        ctl status --prometheus
        [ "$rc" -ne 0 ] || ! metrics_hold "$1" || return 0
        sleep 1
    done
    false
}

start_wine
expect $EXIT_NOT_FOUND status
check "no server" err_has 'no such server runs on this machine'
check "one line" err_is_one_line
usage_error 'process' status --process
usage_error 'nothing' status --nothing

# --- a server that passes on, answers, ignores ----------------------------------------------------

add reject prov_reject
add answer prov_answer
(cd / && wine reg add 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers\answer' \
    /v ReplyMode /t REG_SZ /d null /f) >/dev/null 2>&1 </dev/null
check "it serves" serve
check "nothing yet" until_metrics_hold 'm.get("wdspxe_requests_received_total{interface=\"127.0.0.1\"}", 0) == 0'
check "asked" ask
check "received" until_metrics_hold 'm["wdspxe_requests_received_total{interface=\"127.0.0.1\"}"] == 7'
check "answered, and by whom" metrics_hold 'm["wdspxe_requests_answered_total{interface=\"127.0.0.1\"}"] == 5
    and m["wdspxe_replies_sent_total{interface=\"127.0.0.1\"}"] == 5
    and m["wdspxe_provider_answered_total{provider=\"answer\"}"] == 5
    and m["wdspxe_provider_answered_total{provider=\"reject\"}"] == 0'
check "passed on" metrics_hold 'm["wdspxe_provider_offered_total{provider=\"reject\"}"] == 7
    and m["wdspxe_provider_rejected_total{provider=\"reject\"}"] == 7
    and m["wdspxe_provider_offered_total{provider=\"answer\"}"] == 7'
check "not answered, by reason" metrics_hold 'm["wdspxe_requests_dropped_total{interface=\"127.0.0.1\",reason=\"ignored\"}"] == 2
    and sum(v for k, v in m.items() if k.startswith("wdspxe_requests_dropped_total")) == 2'
check "how long" metrics_hold 'm["wdspxe_request_duration_seconds_count"] == 5
    and m["wdspxe_request_duration_seconds{quantile=\"0.99\"}"] >= m["wdspxe_request_duration_seconds{quantile=\"0.5\"}"]
    and m["wdspxe_provider_duration_seconds_count{provider=\"answer\"}"] == 7'
check "it runs" metrics_hold 'm["wdspxe_paused"] == 0 and m["wdspxe_open_requests"] == 0'

expect 0 status
check "in words: the server" out_matches '^received 7, answered 5, replies 5, send errors 0, open 0$'
check "in words: why not" out_matches '^not answered: ignored 2$'
check "in words: a provider" out_matches '^reject +7 +0 +0 +0 +7 +0 +0 '
check "in words: an interface" out_matches '^127.0.0.1 +7 +5 +5 +0 +ignored 2$'
process=$(tr -d '\r' <"$tmp/out" | sed -n 's/^process \([0-9]*\),.*/\1/p')
expect 0 status --process "$process"
expect $EXIT_NOT_FOUND status --process 4294967295

# It tells the same again and again, until the server ends.
: >"$tmp/watch"
(cd "$tmp" && exec timeout 120 wine "$exe" status --watch) >"$tmp/watch" 2>&1 </dev/null &
watch=$!
watched_twice() {
    for _ in $(seq 600); do
        [ "$(grep -c '^received 7,' "$tmp/watch")" -lt 2 ] || return 0
        sleep 0.1
    done
    false
}
check "watched" watched_twice
stop
wait "$watch"
rc=$?
check "the watch ends with the server, and says so: $rc" test "$rc" -eq $EXIT_NOT_FOUND
expect $EXIT_NOT_FOUND status

# --- names ----------------------------------------------------------------------------------------

expect 0 provider remove answer
expect 0 provider remove reject
add "${long}1" prov_reject
add "${long}2" prov_reject
check "it serves" serve
check "no series comes twice, however long a name is" until_metrics_hold \
    'sum(k.startswith("wdspxe_provider_offered_total{") for k in m) == 2'
stop
finish
