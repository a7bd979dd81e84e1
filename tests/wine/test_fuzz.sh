#!/bin/bash
# wdspxectl fuzz from outside: finds a planted fault, makes it small, and its reproducer replays; the
# same seed number gives the same run; a good provider and one that hangs.
#
#   test_fuzz.sh WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER RUNNER...
set -u
export LC_ALL=C.UTF-8
[ $# -ge 4 ] || { echo "usage: $0 WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER RUNNER..." >&2; exit 2; }
exe=$1 providers=$2 captures=$3
shift 3
runner=("$@")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
readonly EXIT_USAGE=2 EXIT_FINDINGS=6
failures=0 checks=0

# A 32-bit Wine now and then starts no program while another one is being ended; then nothing has run.
started() {
    ! grep -q 'ShellExecuteEx failed' "$tmp/out" "$tmp/err"
}

# Into files: a wineserver that stays would keep a pipe open for ever. Paths as Windows has them.
ctl() { # exit code that is expected, arguments...
    local wanted=$1 rc=0
    shift
    for _ in 1 2 3 4 5; do
        rc=0
        (cd "$tmp" && timeout 300 "${runner[@]}" "$exe" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null ||
            rc=$?
        started && break
        sleep 1
    done
    check "exit code $rc, expected $wanted: $*" test "$rc" -eq "$wanted"
}

check() { # description, command...
    local description=$1
    shift
    checks=$((checks + 1))
    "$@" && return
    failures=$((failures + 1))
    echo "FAIL: $description"
    head -n 5 "$tmp/out" "$tmp/err"
}

# Holds for the JSON values of the last output, one per line, in the list e.
holds() {
    python3 - "$tmp/out" "$1" <<'PY'
import json, sys
e = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
sys.exit(not eval("(" + sys.argv[2] + ")"))
PY
}

seeds=("Z:$captures/bios-ipxe.pcap" "Z:$captures/uefi-ovmf.pcap" "Z:$captures/relay6-isc.br0.pcap")
planted="Z:$providers/bad_hlen_overflow.dll"

# The field hlen of these seeds is 6; only what the fuzzer makes reaches the fault. No time limit: a
# number of cases is the same on every machine.
ctl $EXIT_FINDINGS fuzz "$planted" "${seeds[@]}" --count 5000 --seed 1 --slow 60000 --out one --json
check "the planted fault is found" holds 'e[0]["event"] == "found" and "fault" in e[0]["text"]'
check "and once only" holds 'sum("fault" in x.get("text", "") for x in e) == 1'
check "all cases were made" holds 'e[-1]["event"] == "summary" and e[-1]["cases"] == 5000'
cp "$tmp/out" "$tmp/first"
reproducer=$(ls "$tmp"/one/*.pcap)
check "one reproducer" test -f "$reproducer"
ctl $EXIT_FINDINGS replay "$planted" "Z:$reproducer" --all --quiet --json --crash-dir crash
check "it replays to the same finding" holds 'any(x["event"] == "finding" and x["rule"] == "fault"
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
ctl $EXIT_FINDINGS fuzz "$planted" "${seeds[@]}" --count 5000 --seed 1 --slow 60000 --out two --json
check "the same seed number gives the same run" same_run
check "and the same reproducer" cmp -s "$reproducer" "$(ls "$tmp"/two/*.pcap)"

ctl 0 fuzz "Z:$providers/good.dll" "${seeds[@]}" --count 5000 --slow 60000 --out good --json
check "a good provider: no finding" holds '[x["event"] for x in e] == ["summary"]'
check "and no reproducer" test ! -e "$tmp/good"

ctl $EXIT_FINDINGS fuzz "Z:$providers/bad_hang.dll" "${seeds[@]}" --count 50 --hang 3 --out hang --json
check "a hang is told" holds 'any("hang" in x.get("text", "") for x in e) and e[-1]["hanging"]'
check "with a reproducer" test -n "$(ls "$tmp/hang")"

ctl $EXIT_USAGE fuzz "$planted"
ctl $EXIT_USAGE fuzz "$planted" "${seeds[0]}" --count 0
ctl $EXIT_USAGE fuzz "$planted" "${seeds[0]}" --set novalue
ctl 3 fuzz "$planted" "Z:$tmp/missing.pcap"
echo "$checks checked, $failures failures"
[ "$failures" -eq 0 ]
