#!/bin/bash
# wdspxectl replay from outside: captures in, ladders, JSON, files, exit codes out.
#
#   test_wdspxectl_replay.sh WDSPXECTL_EXE STATICPXE_DLL PROVIDERS_FOLDER
#
# The environment gives WINEPREFIX. Needs python3, tshark, editcap. Registers providers under names of
# its own and removes them at the end.
set -u

[ $# -eq 3 ] && [ -f "$1" ] && [ -f "$2" ] && [ -d "$3" ] ||
    { echo "usage: $0 WDSPXECTL_EXE STATICPXE_DLL PROVIDERS_FOLDER" >&2; exit 2; }
exe=$(realpath "$1")
static=$(realpath "$2")
providers=$(realpath "$3")
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tmp=$(mktemp -d) || exit 2
prefix="wdspxectl-replay-$$-"
# shellcheck source=tests/wine/outside.sh
. "$tests/wine/outside.sh"

clean_up() {
    ctl provider remove "${prefix}first" >/dev/null 2>&1
    ctl provider remove "${prefix}second" >/dev/null 2>&1
    rm -rf "$tmp"
}

# Each line of the output is a JSON value; evaluates an expression over their list `j`, in which `e`
# are the exchanges and `s` is the summary.
json_holds() {
    python3 - "$tmp/out" "$1" <<'PY'
import json, sys
j = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
e = [x for x in j if x["event"] == "exchange"]
s = j[-1]
assert s["event"] == "summary", s
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
PY
}

replay() { # exit code, capture, more arguments...: staticpxe with the settings of the capture
    local wanted=$1 capture=$2
    shift 2
    expect "$wanted" replay "Z:$static" "$capture" \
        --set "ConfigFile=Z:$(tr / '\\' <<<"$tests/golden/x64-a-binl.ini")" "$@"
}

# Those that are there already are of servers that run beside, or were killed.
temporary_keys() {
    wine reg query 'HKCU\Software' 2>/dev/null </dev/null | tr -d '\r' |
        grep -i 'wdspxectl-replay\|wdspxe-temporary'
}
no_new_temporary_key() {
    temporary_keys >"$tmp/keys"
    ! grep -vqxFf "$tmp/keys_before" "$tmp/keys"
}

trap clean_up EXIT
start_wine
temporary_keys >"$tmp/keys_before"
cp "$tests"/captures/{x64-a-binl,bios-a-binl,relay4-isc.br0,relay6-isc.br0,ovmf-ia32-binl}.pcap "$tests/field/no-end.pcap" "$tmp"
capture=x64-a-binl.pcap

# --- help and usage -------------------------------------------------------------------------------

expect 0 replay --help
for option in --registered --name --key --set --local --to --all --mac --type --arch --brief \
    --quiet --verbose --json --write --report --expect --golden-out --ignore --repeat --threads \
    --on-fault --crash-dir --hang --slow --pend --no-verify --no-guard-pages; do
    check "replay --help tells of $option" out_has "$option"
done
check "exit code 6 in the help" out_has '  6  a provider broke rules'
check "exit code 7 in the help" out_has '  7  replies differ'
usage_error 'arguments are missing' replay
usage_error 'a capture is missing' replay x.dll
usage_error 'arguments are missing' replay --registered --json
usage_error 'exclude each other' replay x.dll a.pcap --key a --set b=c
usage_error '--registered excludes' replay --registered a.pcap --set b=c
usage_error '--registered excludes' replay --registered a.pcap --name b
usage_error '--set needs NAME=VALUE' replay x.dll a.pcap --set abc
usage_error '--set needs NAME=VALUE' replay x.dll a.pcap --set =abc
usage_error '--local needs an address' replay x.dll a.pcap --local 1.2.3
usage_error 'twice for the same family' replay x.dll a.pcap --local 1.2.3.4 --local 1.2.3.5
usage_error '--to needs an address' replay x.dll a.pcap --to nobody
usage_error '--arch needs a number' replay x.dll a.pcap --arch x64
usage_error 'stop or continue' replay x.dll a.pcap --on-fault ignore
usage_error 'from 1 to 32' replay x.dll a.pcap --threads 33
usage_error 'from 1 to 100000000' replay x.dll a.pcap --repeat 0

# --- files that are no captures -----------------------------------------------------------------------

echo "this is text" >"$tmp/text.pcap"
: >"$tmp/empty.pcap"
head -c 100 "$tmp/$capture" >"$tmp/only-header.pcap"
replay 3 missing.pcap
check "a missing capture is told" err_has 'cannot open the capture "missing.pcap"'
replay 1 text.pcap
check "text is told" err_has 'text.pcap: offset 0: the file is neither pcap nor pcapng'
check "in one line" err_is_one_line
replay 1 empty.pcap
check "an empty file is told" err_has 'empty.pcap: offset 0: the file is empty'
replay 1 only-header.pcap
check "nothing to replay is told" err_has 'no request to replay: 0 DHCP messages'
head -c -1 "$tmp/$capture" >"$tmp/cut.pcap"
replay 0 cut.pcap --brief
check "a cut is warned of" err_has 'warning: cut.pcap: offset 2325: the file ends within a frame'
check "what came before is used" out_has 'replayed 3 requests of 1 capture: 2 answered'
expect 1 replay "Z:$tmp/text.pcap" "$capture"
check "what is no provider is told" err_has 'did not start: the file is no Windows DLL'
expect 3 replay nothere.dll "$capture"
check "a missing DLL is told" err_has '"nothere.dll" did not start: there is no such file'
expect 3 fuzz nothere.dll "$capture" --count 1
check "to fuzz as well" err_has 'there is no such file'

# One that needs a DLL which is then taken away, and one for another machine.
machine=$(exe_machine)
cc=$machine-w64-mingw32-gcc
echo '__declspec(dllexport) int other(void) { return 1; }' >"$tmp/other.c"
echo '__declspec(dllimport) int other(void);
__declspec(dllexport) unsigned long __stdcall PxeProviderInitialize(void *p, void *k)
{ (void)p, (void)k; return other() ? 5 : 0; }' >"$tmp/needs.c"
"$cc" -shared -o "$tmp/nobodyhas.dll" "$tmp/other.c" -Wl,--out-implib,"$tmp/libother.a" &&
    "$cc" -shared -o "$tmp/needs.dll" "$tmp/needs.c" "$tmp/libother.a" -Wl,--add-stdcall-alias ||
    fail "the providers of this test cannot be built"
expect 5 replay "Z:$tmp/needs.dll" "$capture"
check "what its initialization returns is told" err_has '(error 5)'
rm "$tmp/nobodyhas.dll"
expect 1 replay "Z:$tmp/needs.dll" "$capture"
check "a missing import is named" err_has 'the DLL needs nobodyhas.dll, which is neither beside it'
python3 - "$tmp/needs.dll" "$tmp/foreign.dll" <<'PY'
import struct, sys
b = bytearray(open(sys.argv[1], "rb").read())
at = struct.unpack_from("<I", b, 60)[0] + 4
struct.pack_into("<H", b, at, 0x14c if struct.unpack_from("<H", b, at)[0] != 0x14c else 0x8664)
open(sys.argv[2], "wb").write(b)
PY
expect 1 replay "Z:$tmp/foreign.dll" "$capture"
check "another machine is told in words" grep -qE 'the DLL is for x(86|64), this wdspxe.dll for x(86|64)' "$tmp/err"

# --- the ladder -----------------------------------------------------------------------------------

replay 0 $capture
check "who" out_has 'frame 1  52:54:00:77:00:02 {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64'
check "request" out_matches '^  3\.786996  REQUEST  10\.77\.0\.200:4011 -> 10\.77\.0\.2:4011  347 bytes$'
check "broadcasts are heard at the server of the capture" out_has \
    '0.0.0.0:68 -> 255.255.255.255:67  347 bytes, heard at 10.77.0.2, a server of the capture'
check "reply" out_has \
    'reply     ACK  10.77.0.2:4011 -> 10.77.0.200:4011  300 bytes, by staticpxe'
check "header field" out_matches '^ +boot file +"nbp-x64.efi"$'
check "option" out_matches '^ +54 server identifier +10\.77\.0\.2$'
check "outcome" out_matches '^  outcome   nbp, by staticpxe, [0-9]+\.[0-9] µs$'
check "no answer" out_has 'no answer, every provider passed it on'
check "summary" out_matches '^replayed 3 requests of 1 capture: 2 answered, 0 ignored, 1 without answer; 2 replies, 0 findings$'
check "timing" out_matches '^staticpxe: 3 callbacks, median .* µs, p99 .* µs, maximum .* µs$'
replay 0 $capture --brief --name "größer"
check "brief: no options" out_lacks 'server identifier'
check "the name is used" out_has 'by größer'
replay 0 $capture --quiet
check "quiet: no ladder" out_lacks 'frame 1'
check "quiet: a summary" out_has 'replayed 3 requests'
replay 0 $capture bios-a-binl.pcap --brief
check "several captures are named" out_has 'bios-a-binl.pcap frame 6  52:54:00:77:00:01'
check "and counted" out_has 'replayed 6 requests of 2 captures'
replay 0 $capture --brief --local 10.9.9.9
check "--local" out_has 'heard at 10.9.9.9, as given'
check "replies come from there" out_has 'reply     OFFER  10.9.9.9:67 -> 255.255.255.255:68'
editcap -F pcapng "$tmp/$capture" "$tmp/$capture.pcapng" || exit 1
replay 0 $capture.pcapng --brief
check "pcapng" out_has 'replayed 3 requests of 1 capture: 2 answered'

# --- filters --------------------------------------------------------------------------------------

replay 0 $capture bios-a-binl.pcap --brief --mac 52-54-00-77-00-01
check "--mac" out_has 'replayed 3 requests'
check "--mac: the other client is left out" out_lacks '52:54:00:77:00:02'
replay 0 $capture --brief --type discover --type 9
check "--type" out_has 'replayed 1 request of 1 capture: 1 answered'
replay 0 $capture ovmf-ia32-binl.pcap --brief --arch 6
check "--arch" out_lacks 'UEFI x64'
check "--arch keeps" out_has 'replayed 3 requests'
replay 0 relay4-isc.br0.pcap --brief --to 10.77.0.2
check "--to" out_has 'replayed 3 requests'
check "--to leaves out" out_lacks '10.77.0.1:67'
replay 1 $capture --mac 52-54-00-77-00-99
check "nobody is chosen" err_has 'none is a request that the options choose'
replay 0 relay6-isc.br0.pcap --brief --all --type RELEASE
check "relayed messages by what is in them" out_has 'RELAY-FORW (RELEASE)'
expect 0 replay "Z:$providers/prov_reject.dll" relay4-isc.br0.pcap --all --type OFFER --brief
check "--all takes what servers sent to a relay" out_has 'OFFER  10.77.0.1:67 -> 10.88.0.254:67'

# --- JSON -----------------------------------------------------------------------------------------

replay 0 $capture --json
check "an object for each exchange, and a summary" json_holds 'len(e) == 3 and len(j) == 4'
check "request" json_holds 'e[0]["request"]["type"] == "DISCOVER" and
    e[0]["request"]["local"] == "10.77.0.2:67" and e[0]["request"]["local_origin"] == "observed" and
    e[2]["request"]["local_origin"] == "unicast" and e[0]["mac"] == "52:54:00:77:00:02" and
    e[0]["architectures"] == [{"number": 7, "name": "UEFI x64"}] and e[2]["time_us"] == 3786996'
check "fields" json_holds '[f["value"] for f in e[2]["replies"][0]["fields"]
    if f["id"] in ("file", "53", "54")] == ["\"nbp-x64.efi\"", "ACK", "10.77.0.2"]'
check "hex" json_holds '[f["hex"] for f in e[2]["replies"][0]["fields"]
    if f["id"] == "54"] == ["0a4d0002"]'
check "no answer" json_holds 'e[1]["replies"] == [] and e[1]["action"] == "rejected" and
    e[1]["no_answer_reason"]'
check "times" json_holds 'len(e[0]["callbacks"]) == 1 and s["timing"][0]["callbacks"] == 3 and
    s["timing"][0]["median_us"] > 0'
check "summary" json_holds 's["requests"] == 3 and s["answered"] == 2 and s["unanswered"] == 1 and
    s["replies"] == 2 and s["findings"] == 0 and s["exit_code"] == 0 and s["golden"] is None'
replay 0 relay6-isc.br0.pcap --json --to fd77::1
check "nested parts" json_holds 'any(p["id"] == "59" for x in e for r in x["replies"]
    for f in r["fields"] if f["id"] == "9" for p in f["parts"]) or
    any(p["id"] == "xid" for f in e[0]["request"]["fields"] if f["id"] == "9" for p in f["parts"])'

# --- written captures -----------------------------------------------------------------------------

frames() { # filter: how many frames of the written capture match
    tshark -n -r "$tmp/written.pcap" -d udp.port==4011,dhcp -o ip.check_checksum:TRUE \
        -o udp.check_checksum:TRUE -Y "$1" -T fields -e frame.number 2>/dev/null | wc -l
}
has_frames() { [ "$(frames "$2")" -eq "$1" ]; }
replay 0 $capture --quiet --write written.pcap
check "5 frames" has_frames 5 frame
check "all of them DHCP" has_frames 5 dhcp
check "nothing is malformed" has_frames 0 '_ws.malformed || _ws.expert.severity >= "Warning"'
check "all checksums are good" has_frames 5 'ip.checksum.status == 1 && udp.checksum.status == 1'
check "the ACK" has_frames 1 'dhcp.option.dhcp == 5 && dhcp.file == "nbp-x64.efi" &&
    ip.src == 10.77.0.2 && udp.dstport == 4011 && eth.dst == 52:54:00:77:00:02'
check "the broadcast" has_frames 2 'ip.dst == 255.255.255.255 && eth.dst == ff:ff:ff:ff:ff:ff && udp.dstport == 67'
cp "$tmp/written.pcap" "$tmp/again.pcap"
replay 0 $capture --quiet --write written.pcap
check "the same run writes the same file" cmp -s "$tmp/written.pcap" "$tmp/again.pcap"
replay 0 written.pcap --brief
check "what was written replays" out_has 'replayed 3 requests of 1 capture: 2 answered'
expect 0 replay "Z:$static" relay6-isc.br0.pcap --quiet --write written.pcap \
    --set "ConfigFile=Z:$(tr / '\\' <<<"$tests/golden/relay6-isc.br0.ini")"
check "IPv6: nothing is malformed" has_frames 0 '_ws.malformed || udp.checksum.status != 1'
check "IPv6: replies" has_frames 2 'dhcpv6.msgtype == 13'
replay 3 $capture --quiet --write missing/written.pcap
check "what cannot be written is told" err_has 'cannot write the capture'

# --- golden files ---------------------------------------------------------------------------------

replay 0 $capture --quiet --golden-out golden.json
check "it is JSON" python3 -m json.tool "$tmp/golden.json" /dev/null
replay 0 $capture --quiet --expect golden.json
check "the comparison is told" out_has 'golden file: 3 requests compared, 0 differences'
sed 's/"10\.77\.0\.2", "hex": "0a4d0002"/"10.77.0.9", "hex": "0a4d0009"/; s/"frame": 4/"frame": 5/' \
    "$tmp/golden.json" >"$tmp/other.json"
replay 7 $capture --quiet --expect other.json
check "a readable difference" out_has 'DIFFERS frame 6, REQUEST of 52:54:00:77:00:02 {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64, reply 1: 54 (server identifier): expected 10.77.0.9, got 10.77.0.2'
check "a request that is not in it" out_has \
    'frame 4, REQUEST of 52:54:00:77:00:02 {00112233-4455-6677-8899-AABBCCDDEEFF} UEFI x64: the golden file does not have this request'
check "and one too many" out_has 'golden file: 1 of its 3 requests are not in the run'
replay 7 $capture --expect other.json --json --ignore 54 --ignore siaddr
check "JSON differences" json_holds 's["golden"] == {"compared": 2, "differences": 2} and
    s["exit_code"] == 7 and len([x for x in j if x["event"] == "difference"]) == 2'
sed 's/"10\.77\.0\.2", "hex": "0a4d0002"/"10.77.0.9", "hex": "0a4d0009"/' "$tmp/golden.json" \
    >"$tmp/other.json"
replay 0 $capture --quiet --expect other.json --ignore 54 --ignore siaddr
sed -i 's/"ignore": \[\]/"ignore": ["54", "siaddr"]/' "$tmp/other.json"
replay 0 $capture --quiet --expect other.json
printf '{\n  "wdspxe_golden": 1,\n  oops' >"$tmp/broken.json"
replay 1 $capture --quiet --expect broken.json
check "a broken file has a place" err_has 'broken.json:3:6: string or '
echo '{"wdspxe_golden": 2}' >"$tmp/broken.json"
replay 1 $capture --quiet --expect broken.json
check "what is no golden file is told" err_has 'broken.json: it has no member "wdspxe_golden"'
replay 3 $capture --quiet --expect missing.json

# --- what a provider does wrong -------------------------------------------------------------------

expect 6 replay "Z:$providers/prov_leak.dll" $capture --brief
check "a finding" out_matches '^FINDING prov_leak: .*\[packet-leaked, frame 4\]$'
check "their tally" out_matches '^  3 x packet-leaked, prov_leak in .*, first at frame 1$'
expect 6 replay "Z:$providers/prov_leak.dll" $capture --json
check "as JSON" json_holds 's["findings"] == 3 and s["exit_code"] == 6 and
    s["rules"][0]["rule"] == "packet-leaked" and s["rules"][0]["count"] == 3 and
    s["rules"][0]["first_frame"] == 1 and len([x for x in j if x["event"] == "finding"]) == 3 and
    all(len(x["findings"]) == 1 for x in e)'
expect 6 replay "Z:$providers/prov_leak.dll" $capture --quiet --repeat 10
check "many alike are shown in part" out_has 'further ones like this are only counted'
check "but all are counted" out_has '30 x packet-leaked'
expect 0 replay "Z:$providers/prov_leak.dll" $capture --quiet --no-verify
check "without the verifier nothing is found" out_has '0 findings'
expect 6 replay "Z:$providers/prov_leak.dll" $capture --quiet --golden-out leak.json
expect 6 replay "Z:$providers/prov_leak.dll" $capture --quiet --expect leak.json

fault=(replay "Z:$providers/prov_fault.dll" --set Fault=dword:1 --set In=dword:0 --brief)
expect 6 "${fault[@]}" $capture --crash-dir crashes
check "the fault" out_matches 'FINDING prov_fault: .*exception 0xc0000005 .* at prov_fault\.dll\+0x.*\[fault, frame 6\]; reproducer: crashes.fault-prov_fault-x64-a-binl-frame6\.pcap$'
check "it goes on" out_has 'replayed 3 requests of 1 capture: 0 answered, 0 ignored, 3 without'
cp "$tmp/crashes/fault-prov_fault-x64-a-binl-frame6.pcap" "$tmp/one.pcap" 2>/dev/null
expect 6 "${fault[@]}" one.pcap
check "the reproducer does" out_has 'replayed 1 request of 1 capture'
check "a reproducer in the present folder" test -f "$tmp/fault-prov_fault-one-frame1.pcap"
expect 6 "${fault[@]}" $capture --on-fault stop
check "--on-fault stop" out_lacks 'frame 4'
check "only one was asked" out_has 'replayed 1 request of 1 capture'
expect 6 replay "Z:$providers/prov_misuse.dll" $capture --set Misuse=pend --quiet --pend 200 --type DISCOVER
check "a request that stays pended" out_has 'x never-completed, prov_misuse'
expect 6 replay "Z:$providers/prov_misuse.dll" $capture --set Misuse=sleep --set Offset=dword:600000 \
    --brief --hang 2
check "a callback that does not return" out_has 'it does not return; gave up waiting for it [slow-callback, frame 1]'
check "what was not asked is not shown" out_lacks 'frame 4'

# --- keys and the registered chain ----------------------------------------------------------------

check "no key is left behind" no_new_temporary_key
expect 3 replay "Z:$static" $capture --key "${prefix}nobody"
check "an unknown key is told" err_has 'cannot open the key'
expect 1 replay "Z:$static" $capture --set ConfigFile=dword:x
check "a bad value is told" err_has 'cannot set "ConfigFile=dword:x"'
expect 0 provider add "${prefix}first" "Z:$providers/prov_reject.dll" --index top
expect 0 provider add "${prefix}second" "Z:$static" --after "${prefix}first"
wine reg add "HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE\\Providers\\${prefix}second" \
    /v ConfigFile /d "Z:$(tr / '\\' <<<"$tests/golden/x64-a-binl.ini")" /f >/dev/null 2>&1 </dev/null
expect 0 replay "Z:$static" $capture --key "${prefix}second" --brief
check "--key gives the registered settings" out_has 'replayed 3 requests of 1 capture: 2 answered'
expect 0 replay --registered $capture --brief
check "the chain answers" out_has "by ${prefix}second"
check "both were asked" out_matches "^${prefix}first: 3 callbacks"
expect 0 provider remove "${prefix}first"
expect 0 provider remove "${prefix}second"

# --- names with * and ?, which cmd leaves to programs ------------------------------------------------

mkdir -p "$tmp/several/folder.pcap"
cp "$tmp/$capture" "$tmp/several/b.pcap"
cp "$tmp/relay4-isc.br0.pcap" "$tmp/several/a.pcap"
cp "$tmp/bios-a-binl.pcap" "$tmp/several/other.cap"
replay 0 'several\*.pcap' --json --quiet
check "all that match, no folder" json_holds 's["captures"] == 2'
replay 0 'several/?.pcap' --json
check "in their order" json_holds '[x["capture"][-6:] for x in e] == sorted(x["capture"][-6:] for x in e) and
    len(set(x["capture"] for x in e)) == 2'
replay 0 'several/*.pcap' several/other.cap --json --quiet
check "and others beside" json_holds 's["captures"] == 3'
replay 3 'several/*.none'
check "none is told" err_has 'no file matches "several/*.none"'

# --- many times, on threads -----------------------------------------------------------------------

replay 0 $capture --json --quiet --repeat 500 --threads 4
check "all are counted" json_holds 's["requests"] == 1500 and s["answered"] == 1000 and
    s["timing"][0]["callbacks"] == 1500 and s["changed_replies"] == 0 and s["passes"] == 500 and
    s["threads"] == 4 and s["measured_requests"] == 1497'
check "rate and memory" json_holds 's["requests_per_second"] > 0 and s["private_bytes_last"] > 0 and
    s["working_set_last"] > 0 and s["memory_first_requests"] == 150'
replay 0 $capture --quiet --repeat 2
check "in words" out_matches '^3 requests in [0-9.]+ s on 1 thread: [0-9]+ per second$'
check "memory in words" out_matches '^private memory: [0-9]+ KiB after 3 requests, [0-9]+ KiB at the end \([-+][0-9]+\)$'

# --- the report -----------------------------------------------------------------------------------

replay 0 $capture --quiet --report report.html --expect golden.json
check "it has a diagram" grep -q '<svg class="ladder"' "$tmp/report.html"
check "it is complete" grep -q '</html>' "$tmp/report.html"
check "it has the comparison" grep -q 'differences from the golden file' "$tmp/report.html"
check "nothing was repaired" bash -c "! grep -q 'class=\"packet request repaired\"' '$tmp/report.html'"
expect 0 replay "Z:$static" no-end.pcap --quiet --report repaired.html --local 10.0.0.2 \
    --set "ConfigFile=Z:$(tr / '\\' <<<"$tests/field/plain.ini")"
check "a repaired request is there in both forms" python3 - "$tmp/repaired.html" <<'PY'
import re, sys
page = open(sys.argv[1], encoding="utf-8").read()
packets = re.findall(r'<details class="packet ([a-z ]+)">.*?</summary>', page)
assert packets == ["request", "request repaired", "reply"] * 3, packets
notes = re.findall(r"(\d+) bytes, as providers got it: option End added", page)
assert len(notes) == 3, notes
ids = re.findall(r'id="(p[0-9-]+)"', page)
assert len(set(ids)) == len(ids) == 9, ids
PY

finish
