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
readonly EXIT_FAILED=1 EXIT_NOT_FOUND=3 DISCOVERS=5 JUNK=2
# Names that begin the same: the second pair is longer in UTF-8 than what the server keeps of a name.
long=$(printf 'x%.0s' $(seq 200))
cut=$(printf '語%.0s' $(seq 200))
key='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

clean_up() {
    local name
    : >"$tmp/stop"
    : >"$tmp/stop2"
    [ -z "${server:-}" ] || wait "$server"
    [ -z "${second:-}" ] || wait "$second"
    ctl service uninstall
    for name in reject answer critical "${long}1" "${long}2" "${cut}1" "${cut}2"; do
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

set_value() { # provider, value, type, data
    (cd / && exec wine reg add "$key\\$1" /v "$2" /t "$3" /d "$4" /f) >/dev/null 2>&1 </dev/null
}

# Servers have files of their own: those of ctl are for the questions.
start() { # where what it says goes, the file that stops it
    : >"$tmp/$1"
    rm -f "$tmp/$2"
    (cd "$tmp" && exec wine "${server_exe:-$exe}" serve --quiet --interface 127.0.0.1 --port "$port" --boot-port \
        "$boot_port" --for 240 --stop-file "$2") >"$tmp/$1" 2>&1 </dev/null &
}

serve() {
    read -r port boot_port < <(free_ports)
    start serve stop
    server=$!
    becomes_true grep -q '^serving' "$tmp/serve"
}

stop() {
    : >"$tmp/stop"
    wait "$server"
    server=
}

ask() { discover "$port" --count $DISCOVERS --junk $JUNK "$@"; }

# Reads the text format as strictly as it is described, then holds a Python expression against it: m
# has the samples' numbers by name and labels, both as they are written.
metrics_hold() {
    python3 - "$tmp/out" "$1" <<'PY'
import re, sys
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
LABEL_NAME = re.compile(r'[{,]([a-zA-Z0-9_]+)="(?:[^"\\\n]|\\.)*"')
SAMPLE = re.compile(r"(%s)(\{%s(?:,%s)*\})? (\d+(?:\.\d+)?)$" % (NAME, LABEL, LABEL))
text = open(sys.argv[1], encoding="utf-8", newline="").read().replace("\r\n", "\n")
assert text.endswith("\n"), "the last line does not end"
m, types, helps, group = {}, {}, set(), None
for line in text[:-1].split("\n"):
    if line.startswith("# HELP "):
        name = line.split(" ")[2]
        assert re.fullmatch(NAME, name) and group in (None, *types), "HELP out of place: " + line
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
        label_names = LABEL_NAME.findall(labels or "")
        assert len(set(label_names)) == len(label_names), "a label twice: " + line
        base = re.sub("_(sum|count)$", "", name) if types[group] == "summary" else name
        assert base == group, "out of its group: " + line
        assert name + (labels or "") not in m, "twice: " + line
        m[name + (labels or "")] = float(value)
assert helps == set(types), "HELP without TYPE"
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

# Holds a Python expression against the one JSON object that was written: s.
json_holds() {
    python3 - "$tmp/out" "$1" <<'PY'
import json, sys
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
assert len(lines) == 1, "not one line"
s = json.loads(lines[0])
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

# What is told is up to a second old.
asked_metrics_hold() {
    ctl status --prometheus
    [ "$rc" -eq 0 ] && metrics_hold "$1"
}
until_metrics_hold() { becomes_true asked_metrics_hold "$1"; }

start_wine
expect $EXIT_NOT_FOUND status
check "no server" err_has 'no such server runs on this machine'
check "one line" err_is_one_line
expect $EXIT_NOT_FOUND status --prometheus
check "nothing that Prometheus could take for numbers" out_is_empty
expect $EXIT_NOT_FOUND status --watch
usage_error '--process needs a ID' status --process
usage_error 'from 1 to 4294967295' status --process 0
usage_error '--watch takes no value' status --watch=2
usage_error 'unknown option "--nothing"' status --nothing
usage_error '--json and --prometheus are two forms' status --json --prometheus
usage_error 'one argument too many' status all
expect 0 status --help
for option in --watch --json --prometheus --process; do
    check "help tells of $option" out_has "$option"
done

# --- a server that passes on, answers, ignores ----------------------------------------------------

add reject prov_reject
add answer prov_answer
set_value reject Filter REG_DWORD 2 # PXE_PROV_FILTER_PXE_ONLY
set_value answer ReplyMode REG_SZ null
check "it serves" serve
check "nothing yet" until_metrics_hold 'm.get("wdspxe_requests_received_total{interface=\"127.0.0.1\"}", 0) == 0'
check "asked" ask
check "received" until_metrics_hold 'm["wdspxe_requests_received_total{interface=\"127.0.0.1\"}"] == 7'
check "answered, and by whom" metrics_hold 'm["wdspxe_requests_answered_total{interface=\"127.0.0.1\"}"] == 5
    and m["wdspxe_replies_sent_total{interface=\"127.0.0.1\"}"] == 5
    and m["wdspxe_provider_answered_total{provider=\"answer\"}"] == 5
    and m["wdspxe_provider_answered_total{provider=\"reject\"}"] == 0'
check "passed on, and filtered" metrics_hold 'm["wdspxe_provider_offered_total{provider=\"reject\"}"] == 5
    and m["wdspxe_provider_filtered_total{provider=\"reject\"}"] == 2
    and m["wdspxe_provider_filtered_total{provider=\"answer\"}"] == 0
    and m["wdspxe_provider_rejected_total{provider=\"reject\"}"] == 5
    and m["wdspxe_provider_offered_total{provider=\"answer\"}"] == 7'
check "not answered, by reason" metrics_hold 'm["wdspxe_requests_dropped_total{interface=\"127.0.0.1\",reason=\"ignored\"}"] == 2
    and sum(v for k, v in m.items() if k.startswith("wdspxe_requests_dropped_total")) == 2'
check "how long" metrics_hold 'm["wdspxe_request_duration_seconds_count"] == 5
    and m["wdspxe_request_duration_seconds{quantile=\"0.99\"}"] >= m["wdspxe_request_duration_seconds{quantile=\"0.5\"}"]
    and m["wdspxe_provider_duration_seconds_count{provider=\"answer\"}"] == 7'
check "it runs" metrics_hold 'm["wdspxe_paused"] == 0 and m["wdspxe_open_requests"] == 0'
check "one network" metrics_hold 'sum(k.startswith("wdspxe_network_info{") for k in m) == 1'
check "no thread is held" metrics_hold 'm["wdspxe_all_threads_held_seconds_total"] == 0'

expect 0 status
check "in words: nothing of held threads" out_lacks 'all threads'
check "in words: the server" out_matches '^received 7, answered 5, replies 5, send errors 0, open 0$'
check "in words: why not" out_matches '^not answered: ignored 2$'
check "in words: a provider" out_matches '^reject +5 +2 +0 +0 +5 +0 +0 '
check "in words: no warnings" out_lacks warning
check "in words: an interface" out_matches '^127.0.0.1 +7 +5 +5 +0 +ignored 2$'
check "one server has no share to tell of" bash -c "! grep -q '^share' '$tmp/out'"
process=$(tr -d '\r' <"$tmp/out" | sed -n 's/^process \([0-9]*\),.*/\1/p')
expect 0 status --process "$process"
expect 0 status --json
check "as JSON: the server" json_holds "s['process'] == $process and s['state'] == 'serving' and s['received'] == 7
    and s['replies'] == 5 and s['not_answered']['ignored'] == 2 and sum(s['not_answered'].values()) == 2
    and s['duration_ms']['count'] == 5 and s['uptime_seconds'] > 0 and s['last_warning'] is None"
check "as JSON: its providers and interfaces" json_holds "[p['name'] for p in s['providers']] == ['reject', 'answer']
    and all(p['warnings'] == 0 and p['last_warning'] is None for p in s['providers'])
    and s['providers'][0]['offered'] == 5 and s['providers'][0]['filtered'] == 2
    and s['interfaces'][0]['interface'] == '127.0.0.1' and s['interfaces'][0]['not_answered']['ignored'] == 2"
check "as JSON: no share" json_holds "s['share'] == {'buckets': 256, 'taken_over': 0,
    'last_taken_over_seconds_ago': None, 'partner_is_silent': False}"
expect $EXIT_NOT_FOUND status --process 4294967295

# It tells the same again and again, until the server ends.
: >"$tmp/watch"
(cd "$tmp" && exec timeout 120 wine "$exe" status --watch) >"$tmp/watch" 2>&1 </dev/null &
watch=$!
watched_twice() { [ "$(grep -c '^received *7 ' "$tmp/watch")" -ge 2 ]; }
check "watched" becomes_true watched_twice
check "the first look has no rate, the next has" diff - <(tr -d '\r' <"$tmp/watch" | awk '$1 == "received" { print $3 }' | head -n 2) <<'END'
-
0.0
END
check "and fits into 80 columns" awk 'length($0) > 80 { exit 1 }' "$tmp/watch"
check "the provider is there" grep -qE '^answer +[0-9]+ +' "$tmp/watch"
stop
wait "$watch"
rc=$?
check "the watch ends with the server, and says so: $rc" test "$rc" -eq $EXIT_NOT_FOUND
expect $EXIT_NOT_FOUND status

# --- several --------------------------------------------------------------------------------------

check "it serves" serve
server_port=$port
read -r port boot_port < <(free_ports)
start serve2 stop2
second=$!
check "another one" becomes_true grep -q '^serving' "$tmp/serve2"
several() {
    ctl status
    [ "$rc" -eq $EXIT_FAILED ] && err_has '--process says which is meant'
}
check "which is meant?" becomes_true several
check "nothing is told of either" out_is_empty
read -r one other < <(tr -d '\r' <"$tmp/err" | sed -n 's/.*processes \([0-9]*\), \([0-9]*\);.*/\1 \2/p')
check "only the second one is asked" ask
told_of() { # process, received
    ctl status --process "$1"
    [ "$rc" -eq 0 ] && out_matches "^process $1, serving " && out_matches "^received $2,"
}
asked_one_is() { told_of "$one" 7 || told_of "$other" 7; }
check "the one that was asked" becomes_true asked_one_is
out_matches "^process $one," || { other=$one; }
check "the one that was not" told_of "$other" 0
: >"$tmp/stop2"
wait "$second"
second=
expect 0 status
check "the one that is left" out_matches "^process $other, serving "
port=$server_port
stop

# --- a share of the clients -----------------------------------------------------------------------

# RFC 3074 puts the client of ask, 52:54:00:ab:cd:ef, into another bucket than 0.
expect 0 config set LoadBalanceBuckets 0
expect 0 config set LoadBalanceTakeover 8
check "it serves" serve
check "a client of a partner's that answers" ask
check "left to it" until_metrics_hold 'm["wdspxe_requests_dropped_total{interface=\"127.0.0.1\",reason=\"shared\"}"] == 5'
check "nothing was taken over" metrics_hold 'm["wdspxe_share_buckets"] == 1 and m["wdspxe_taken_over_total"] == 0
    and m["wdspxe_last_taken_over_timestamp_seconds"] == 0'
expect 0 status
check "in words" out_matches \
    "^share 1 of 256 buckets; other servers' clients: 5 requests left to them, 0 clients taken over\$"
before=$(date +%s)
check "the partner is silent" ask --secs 20
check "taken over, once for the boot" until_metrics_hold 'm["wdspxe_taken_over_total"] == 1'
check "and when" metrics_hold "$before - 2 <= m['wdspxe_last_taken_over_timestamp_seconds'] <= $(date +%s)"
expect 0 status
check "in words" out_matches \
    ' 1 clients taken over, the last [0-9]+ s ago: one of them is down, or does not get its clients.'
expect 0 status --json
check "as JSON" json_holds "s['share']['buckets'] == 1 and s['share']['taken_over'] == 1
    and 0 <= s['share']['last_taken_over_seconds_ago'] < 300 and s['share']['partner_is_silent']"
stop
expect 0 config unset LoadBalanceBuckets
expect 0 config unset LoadBalanceTakeover

# --- paused ---------------------------------------------------------------------------------------

read -r port boot_port < <(free_ports)
expect 0 service install --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" --on-demand
expect 0 service start
expect 0 service control pause
check "asked" ask
check "a paused service" until_metrics_hold 'm["wdspxe_paused"] == 1
    and m.get("wdspxe_requests_dropped_total{interface=\"127.0.0.1\",reason=\"paused\"}") == 7'
expect 0 status
check "in words" out_matches '^process [0-9]+, paused for '
expect 0 service control continue
check "it goes on" until_metrics_hold 'm["wdspxe_paused"] == 0'
expect 0 service uninstall
expect $EXIT_NOT_FOUND status

# --- a critical provider's fault ends the server --------------------------------------------------

expect 0 provider remove answer
expect 0 provider remove reject
add critical bad_null --critical
check "it serves" serve
check "asked" ask
wait "$server"
rc=$?
server=
check "it has ended by itself: $rc" test "$rc" -eq $EXIT_FAILED
expect $EXIT_NOT_FOUND status
check "nothing of it is left" err_has 'no such server runs on this machine'
expect 0 provider remove critical

# --- without the native half ----------------------------------------------------------------------

if [ "$(exe_machine)" = x86_64 ]; then
    mkdir "$tmp/alone"
    cp "$exe" "$(dirname "$exe")/wdspxe.dll" "$tmp/alone"
    add reject prov_reject
    server_exe=$tmp/alone/$(basename "$exe")
    check "it serves" serve
    server_exe=
    check "which network, and why" until_metrics_hold \
        'm.get("wdspxe_network_info{network=\"Winsock\",why_not_native=\"no wdspxenet.dll.so beside wdspxe.dll\"}") == 1'
    expect 0 status
    check "in words" out_has 'network Winsock (no wdspxenet.dll.so beside wdspxe.dll): several times slower'
    expect 0 status --json
    check "as JSON" json_holds "s['network'] == 'Winsock' and s['why_not_native'].startswith('no wdspxenet') and
        s['all_threads_held_seconds'] == 0"
    stop
    expect 0 provider remove reject
fi

# --- a provider that holds every thread -----------------------------------------------------------

# By the loader's lock, without which no other thread begins: few requests are enough. The server ends
# after half a minute of it, so it is watched from the beginning.
add reject faulty
export FAULT=loaderlock
check "it serves" serve
unset FAULT
watch() { # where it goes, options...
    local to=$1
    shift
    (cd "$tmp" && exec timeout 300 wine "$exe" status --watch "$@") >"$tmp/$to" 2>&1 </dev/null &
}
watch watched
words=$!
watch watched_metrics --prometheus
metrics=$!
check "watched" becomes_true grep -q '^received  *0 ' "$tmp/watched"
check "watched, for Prometheus" becomes_true grep -q '^wdspxe_all_threads_held_seconds_total 0' "$tmp/watched_metrics"
python3 - "$port" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(100):
    packet = bytearray(300)
    packet[0:3] = b"\1\1\6"
    packet[4:8] = (i + 1).to_bytes(4, "big")
    packet[28:34] = b"\x02\xfa" + i.to_bytes(4, "big") # whom faulty.c fails for
    packet[236:240] = bytes([99, 130, 83, 99])
    options = bytes([53, 1, 1, 93, 2, 0, 7, 60, 9]) + b"PXEClient" + b"\xff"
    packet[240:240 + len(options)] = options
    s.sendto(packet, ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.02)
PY
check "every thread is held" becomes_true grep -qE \
    '^all threads were held by callbacks that do not return: [1-9][0-9]* s' "$tmp/watched"
check "every thread is held, for Prometheus" becomes_true grep -qE \
    '^wdspxe_all_threads_held_seconds_total [1-9]' "$tmp/watched_metrics"
stop
wait "$words" "$metrics"
expect 0 provider remove reject

# --- names ----------------------------------------------------------------------------------------

add "${long}1" prov_reject
add "${long}2" prov_reject
add "${cut}1" prov_reject
add "${cut}2" prov_reject
check "it serves" serve
check "no series comes twice, however long a name is" until_metrics_hold \
    'sum(k.startswith("wdspxe_provider_offered_total{") for k in m) == 4'
check "a long name is whole" metrics_hold '"wdspxe_provider_offered_total{provider=\"%s2\"}" % ("x" * 200) in m'
check "one that is cut has its place" metrics_hold 'sum("語" in k and k.endswith(",place=\"4\"}") for k in m) > 0
    and "wdspxe_provider_duration_seconds_sum" in "".join(k for k in m if "place=\"4\"" in k)'
stop
finish
