#!/bin/bash
# webpxe with a service that is good, wrong, slow, dead, huge, or lies, under the verifier.
#
#   test_webpxe.sh WDSPXECTL_EXE WEBPXE_DLL STATICPXE_DLL
#
# The environment gives WINEPREFIX. Needs python3 and openssl. Registers two providers under names of its
# own and removes them at the end.
set -u

[ $# -eq 3 ] && [ -f "$1" ] && [ -f "$2" ] && [ -f "$3" ] ||
    { echo "usage: $0 WDSPXECTL_EXE WEBPXE_DLL STATICPXE_DLL" >&2; exit 2; }
exe=$(realpath "$1")
web=$(realpath "$2")
static=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d) || exit 2
prefix="webpxe-test-$$-"
providers='HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
token=Geheim-4711
services=()
# shellcheck source=tests/wine/outside.sh
. "$here/outside.sh"

clean_up() {
    : >"$tmp/stop"
    [ -z "${server:-}" ] || wait "$server"
    for pid in "${services[@]}"; do
        kill "$pid" 2>/dev/null
    done
    ctl provider remove "${prefix}first" >/dev/null 2>&1
    ctl provider remove "${prefix}second" >/dev/null 2>&1
    rm -rf "$tmp"
}

# serve NAME [CERTIFICATE KEY]: a service on a port of its own, in $port.
serve() {
    local name=$1
    shift
    python3 "$here/webpxe_fake.py" serve "$tmp/$name.port" "$tmp/$name.log" "$@" 2>"$tmp/$name.errors" &
    services+=($!)
    : >"$tmp/$name.log"
    becomes_true test -s "$tmp/$name.port" || { fail "the service $name does not start"; exit 1; }
    port=$(cat "$tmp/$name.port")
}

capture() { # file, cases...
    python3 "$here/webpxe_fake.py" capture "$tmp/$1" "${@:2}"
}

# ask CAPTURE NAME=VALUE...: webpxe alone with these settings, and the token.
ask() {
    local file=$1 arguments=() value
    shift
    for value in "$@" ${TOKEN+"Token=$TOKEN"}; do
        arguments+=(--set "$value")
    done
    CTL_TIMEOUT=120 expect 0 replay "Z:$web" "$file" --json --local 10.77.0.2 "${ASK[@]}" "${arguments[@]}"
    check "the token is told nowhere" never_told
}
ASK=()
TOKEN=$token

never_told() { ! grep -qF "$token" "$tmp/out" "$tmp/err"; }
answered() { grep -qE "\"answered\":$1," "$tmp/out"; }
questions() { [ "$(grep -c "^$2 " "$tmp/$1.log")" -eq "$3" ]; }
told_once() { [ "$(grep -cF -- "$1" "$tmp/err")" -eq 1 ]; }

trap clean_up EXIT
start_wine
serve good
url="http://127.0.0.1:$port/boot"
capture all.pcap

# --- every case, with staticpxe behind it ---------------------------------------------------------

set_value() { # name, type, value
    (cd / && wine reg add "$providers\\${prefix}first" /v "$1" /t "$2" /d "$3" /f) >/dev/null 2>&1 </dev/null
}

printf '[default]\nfile=fallback.efi\n' >"$tmp/fallback.ini"
expect 0 provider add "${prefix}first" "Z:$web" --index top
expect 0 provider add "${prefix}second" "Z:$static" --after "${prefix}first"
set_value Url REG_SZ "$url"
set_value Token REG_SZ "$token"
set_value MaxFailures REG_DWORD 1000
set_value TimeLimit REG_DWORD 3000
(cd / && wine reg add "$providers\\${prefix}second" /v ConfigFile /d "Z:$(tr / '\\' <<<"$tmp/fallback.ini")" /f) \
    >/dev/null 2>&1 </dev/null
CTL_TIMEOUT=240 expect 0 replay --registered all.pcap --json --local 10.77.0.2
check "the token is told nowhere" never_told
python3 "$here/webpxe_fake.py" cases >"$tmp/cases"
while read -r number name ends lines; do
    check "$name is ended by $ends" python3 - "$tmp/out" "$number" "${prefix}$ends" <<'PY'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    e = json.loads(line)
    if e["event"] == "exchange" and e["frame"] == int(sys.argv[2]) + 1:
        replies = e["reply_count"]
        nobody = sys.argv[3].endswith("nobody")
        sys.exit(0 if replies == (0 if nobody else 1) and (nobody or e["provider"] == sys.argv[3]) else 1)
sys.exit(1)
PY
    mac=$(printf '52-54-00-19-%02x-%02x' $((number >> 8)) $((number & 255)))
    check "$name has $lines lines in the trace" \
        test "$(grep -cE "(warning|error): .*webpxe: $mac: " "$tmp/err")" -eq "$lines"
    check "$name was asked once" questions good "$name" 1
done <"$tmp/cases"
check "there are many cases" test "$(wc -l <"$tmp/cases")" -gt 45
check "no redirect was followed" test "$(grep -c stolen "$tmp/good.log")" -eq 0
check "the token goes to the service" grep -q "^good /boot Bearer $token\$" "$tmp/good.log"
check "findings: none" grep -q '"findings":0' "$tmp/out"
expect 0 provider remove "${prefix}first"
expect 0 provider remove "${prefix}second"

# --- questions that need not be asked ---------------------------------------------------------------

capture late.pcap late
: >"$tmp/good.log"
ASK=(--threads 8 --repeat 8)
ask late.pcap "Url=$url" TimeLimit=dword:20000
check "eight were answered" answered 8
check "a machine joins its own question" test "$(wc -l <"$tmp/good.log")" -lt 8
capture kept.pcap kept
ASK=(--repeat 20)
ask kept.pcap "Url=$url"
check "twenty were answered" answered 20
check "an answer is kept" questions good kept 1
: >"$tmp/good.log"
ask kept.pcap "Url=$url" MaxKept=dword:0
check "an answer is not kept" questions good kept 20
capture later.pcap later
ask later.pcap "Url=$url"
check "later is kept for a second" test "$(grep -c '^later ' "$tmp/good.log")" -lt 20

# --- schemas ----------------------------------------------------------------------------------------

ASK=()
for file in bios-ipxe uefi-ovmf ovmf-x64-httpv4 ovmf-x64-pxev6-dnsmasq relay4-isc-opt82.br1 relay6-isc.br0; do
    ask "$here/../captures/$file.pcap" "Url=$url" MaxFailures=dword:1000 TimeLimit=dword:1500
done
check "questions are as their schema says" \
    python3 "$here/webpxe_fake.py" questions "$tmp/good.log.questions" >"$tmp/kinds"
check "there are many kinds of questions" test "$(wc -l <"$tmp/kinds")" -ge 7
check "answers are what their schema takes for good and wrong" python3 "$here/webpxe_fake.py" answers

# --- services that are not there --------------------------------------------------------------------

capture one.pcap good
dead="http://127.0.0.1:1/boot"
ASK=(--repeat 20)
ask one.pcap "Url=$dead" MaxFailures=dword:2 Pause=dword:60000
check "nobody was answered" answered 0
check "the pause is told once" told_once 'failed 2 times in a row'
check "what was not asked is told, and why" \
    test "$(grep -c 'not asked: the services are in a pause; no answer of service 1: nobody' "$tmp/err")" -eq 18
: >"$tmp/good.log"
ask one.pcap "Url=$dead" "Url2=$url" MaxFailures=dword:2 Pause=dword:60000
check "the second service answers" answered 20
check "the first one is left alone after its failures" told_once 'failed 2 times in a row'
ASK=(--repeat 3)
capture silent.pcap silent
ask silent.pcap "Url=$url" TimeLimit=dword:300 MaxFailures=dword:1 Pause=dword:100
check "a silent service is left in peace" told_once 'failed 1 times in a row'

# One machine's question stays without an answer, another's is answered meanwhile: the service is there.
ASK=(--threads 2)
capture busy.pcap silent late
ask busy.pcap "Url=$url" TimeLimit=dword:1500 MaxFailures=dword:1
check "the other one was answered" answered 1
check "a service that answers others is not left alone" test "$(grep -c 'in a row' "$tmp/err")" -eq 0

# --- what "status" says of all that -------------------------------------------------------------------

status_has() { # option of status, what a line matches
    ctl status ${1:+"$1"}
    [ "$rc" -eq 0 ] && never_told && out_matches "$2"
}
warning_holds() { # Python: w of the first provider's JSON
    ctl status --json
    [ "$rc" -eq 0 ] && never_told && json_holds "[w for w in [j['providers'][0]] if $1]"
}

serve dying
kill "${services[-1]}"
wait "${services[-1]}" 2>/dev/null
expect 0 provider add "${prefix}first" "Z:$web" --index top
set_value Url REG_SZ "http://127.0.0.1:$port/boot"
set_value Token REG_SZ "$token"
set_value MaxFailures REG_DWORD 2
set_value Pause REG_DWORD 100
service_port=$port
read -r port boot_port < <(free_ports)
set_value DhcpPort REG_DWORD "$port"
: >"$tmp/serve.log"
(cd "$tmp" && exec wine "$exe" serve --quiet --interface 127.0.0.1 --port "$port" --boot-port "$boot_port" --for 240 \
    --stop-file stop) >"$tmp/serve.log" 2>&1 </dev/null &
server=$!
check "a server serves" becomes_true grep -q '^serving' "$tmp/serve.log"
check "status tells what was wrong at the start" status_has '' \
    '^  a warning, [0-9: -]{19}, 0 answered since: webpxe: the token goes to 127.0.0.1 unencrypted'
check "three ask" discover "$port" --count 3 --pause 0.3
check "status tells that nobody listens" becomes_true status_has '' \
    '^  [0-9]+ warnings, the last, [0-9: -]{19}, 0 answered since: webpxe: 52-54-00-ab-cd-ef: .*nobody listens there$'
check "and so does it in JSON" warning_holds "w['warnings'] > 3 and w['last_warning']['answered_since'] == 0
    and w['last_warning']['text'].endswith('nobody listens there') and len(w['last_warning']['time']) == 19"
check "and for Prometheus" status_has --prometheus "^wdspxe_provider_warnings_total\\{provider=\"${prefix}first\"\\} [0-9]+\$"
python3 "$here/../../docs/examples/webpxe-always.py" "$service_port" 2>/dev/null &
services+=($!)
check "three ask again" discover "$port" --first 11 --count 3 --pause 0.5
check "status tells that it works again" becomes_true warning_holds "w['last_warning']['answered_since'] > 0"
status_has '' '^  [0-9]+ warnings, the last, .*, [1-9] answered since: '
check "in words, too" test $? -eq 0
: >"$tmp/stop"
wait "$server"
server=
expect 0 provider remove "${prefix}first"

# --- wrong settings ---------------------------------------------------------------------------------

ASK=()
refused() { # what the trace says, settings...
    local wanted=$1 arguments=() value
    shift
    for value in "$@"; do
        arguments+=(--set "$value")
    done
    expect "${WANTED_CODE:-1}" replay "Z:$web" one.pcap "${arguments[@]}"
    check "'$wanted' is told" err_has "$wanted"
}
refused 'the value Url' 'Token=x'
refused 'it is no URL of a service' 'Url=ftp://127.0.0.1/'
refused 'it is no URL of a service' 'Url=boot'
refused 'the value TimeLimit' "Url=$url" TimeLimit=dword:1
refused 'the value MaxQuestions' "Url=$url" MaxQuestions=many
refused 'the value Token' "Url=$url" 'Token=a b'
WANTED_CODE=3 refused 'the value CaFile' "Url=$url" 'CaFile=Z:\nowhere.pem'

# --- certificates -----------------------------------------------------------------------------------

authority() { # name
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=webpxe test $1" -keyout "$tmp/$1.key" \
        -out "$tmp/$1.pem" -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
certificate() { # name, authority, host, days
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$tmp/$1.key" -out "$tmp/$1.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$3" >"$tmp/$1.ext"
    openssl x509 -req -in "$tmp/$1.csr" -CA "$tmp/$2.pem" -CAkey "$tmp/$2.key" -CAcreateserial \
        -days 30 -extfile "$tmp/$1.ext" -out "$tmp/$1.pem" 2>/dev/null
}
authority ours
authority other
certificate right ours localhost
certificate wrong-host ours elsewhere.example
ca="CaFile=Z:$(tr / '\\' <<<"$tmp/ours.pem")"
serve right "$tmp/right.pem" "$tmp/right.key"
right="https://localhost:$port/boot"
serve wrong-host "$tmp/wrong-host.pem" "$tmp/wrong-host.key"
wrong_host="https://localhost:$port/boot"

ask one.pcap "Url=$right" TimeLimit=dword:20000
check "an unknown CA is not believed" answered 0
check "which is told" told_once 'its certificate is not trusted'
ask one.pcap "Url=$wrong_host" TimeLimit=dword:20000
check "nor is another host's certificate" answered 0
check "neither got question or token" test "$(cat "$tmp/right.log" "$tmp/wrong-host.log" | wc -l)" -eq 0
# Windows can have both, and Wine cannot (src/webpxe/http.c, open_trust).
refused 'under Wine there is either Token or CaFile' "Url=$right" "$ca" "Token=$token"
unset TOKEN
ask one.pcap "Url=$right" "$ca" TimeLimit=dword:20000
check "a service of the CA file is believed" answered 1
check "and was asked" questions right good 1
ask one.pcap "Url=$right" "CaFile=Z:$(tr / '\\' <<<"$tmp/other.pem")" TimeLimit=dword:20000
check "a CA of another file is not believed" answered 0
check "which is told, too" told_once 'its certificate does not come from the CA file'
ask one.pcap "Url=$wrong_host" "$ca" TimeLimit=dword:20000
check "a certificate for another host is not believed" answered 0

finish
