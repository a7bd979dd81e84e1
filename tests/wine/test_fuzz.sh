#!/bin/bash
# wdspxectl fuzz from outside: finds a planted fault, makes it small, and its reproducer replays; the
# same seed number gives the same run; a good provider and one that hangs.
#
#   test_fuzz.sh WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER
#
# The environment gives WINEPREFIX. Needs python3.
set -u
[ $# -eq 3 ] || { echo "usage: $0 WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER" >&2; exit 2; }
exe=$1 providers=$2 captures=$3
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
readonly EXIT_USAGE=2 EXIT_NOT_FOUND=3 EXIT_FINDINGS=6
CTL_TIMEOUT=300
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

start_wine
seeds=("Z:$captures/bios-ipxe.pcap" "Z:$captures/uefi-ovmf.pcap" "Z:$captures/relay6-isc.br0.pcap")
planted="Z:$providers/bad_hlen_overflow.dll"

# The field hlen of these seeds is 6; only what the fuzzer makes reaches the fault. No time limit: a
# number of cases is the same on every machine.
expect $EXIT_FINDINGS fuzz "$planted" "${seeds[@]}" --count 5000 --seed 1 --slow 60000 --out one --json
check "the planted fault is found" events_hold 'e[0]["event"] == "found" and "fault" in e[0]["text"]'
check "and once only" events_hold 'sum("fault" in x.get("text", "") for x in e) == 1'
check "all cases were made" events_hold 'e[-1]["event"] == "summary" and e[-1]["cases"] == 5000'
cp "$tmp/out" "$tmp/first"
reproducer=$(ls "$tmp"/one/*.pcap)
check "one reproducer" test -f "$reproducer"
expect $EXIT_FINDINGS replay "$planted" "Z:$reproducer" --all --quiet --json --crash-dir crash
check "it replays to the same finding" events_hold 'any(x["event"] == "finding" and x["rule"] == "fault"
    and x["provider"] == "bad_hlen_overflow" for x in e)'

# Everything but the time that it took, and where the reproducer went.
same_run() {
    python3 - "$tmp/first" "$tmp/out" <<'PY'
import json, sys
a, b = ([json.loads(line) for line in open(f, encoding="utf-8")] for f in sys.argv[1:])
for e in a + b:
    e.pop("seconds", None), e.pop("reproducer", None)
sys.exit(a != b)
PY
}
expect $EXIT_FINDINGS fuzz "$planted" "${seeds[@]}" --count 5000 --seed 1 --slow 60000 --out two --json
check "the same seed number gives the same run" same_run
check "and the same reproducer" cmp -s "$reproducer" "$(ls "$tmp"/two/*.pcap)"

expect 0 fuzz "Z:$providers/good.dll" "${seeds[@]}" --count 5000 --slow 60000 --out good --json
check "a good provider: no finding" events_hold '[x["event"] for x in e] == ["summary"]'
check "and no reproducer" test ! -e "$tmp/good"

expect $EXIT_FINDINGS fuzz "Z:$providers/bad_hang.dll" "${seeds[@]}" --count 50 --hang 3 --out hang --json
check "a hang is told" events_hold 'any("hang" in x.get("text", "") for x in e) and e[-1]["hanging"]'
check "with a reproducer" test -n "$(ls "$tmp/hang")"

check "nothing of a run is left" bash -c "! compgen -G '$tmp/*/running-*'"

# The case in work is on the disk before the provider has it: also the supervisor's end leaves it.
(cd "$tmp" && exec wine "$exe" fuzz "Z:$providers/bad_hang.dll" "${seeds[@]}" --count 50 --hang 600 --out killed) \
    >"$tmp/killed.out" 2>&1 </dev/null &
supervisor=$!
check "it is there" becomes_true compgen -G "$tmp/killed/running-bad_hang-*.pcap" >/dev/null
sleep 1
kill -KILL "$supervisor"
wait "$supervisor" 2>/dev/null
check "and stays" test -s "$(compgen -G "$tmp/killed/running-bad_hang-*.pcap")"
expect $EXIT_FINDINGS replay "Z:$providers/bad_hang.dll" "Z:$(compgen -G "$tmp/killed/running-*")" --all --hang 3 \
    --quiet --json --crash-dir crash
check "it replays to the hang" events_hold 'any(x["rule"] == "slow-callback" and
    "does not return" in x["text"] for x in f)'

expect $EXIT_USAGE fuzz "$planted"
expect $EXIT_USAGE fuzz "$planted" "${seeds[0]}" --count 0
expect $EXIT_USAGE fuzz "$planted" "${seeds[0]}" --set novalue
expect $EXIT_NOT_FOUND fuzz "$planted" "Z:$tmp/missing.pcap"
finish
