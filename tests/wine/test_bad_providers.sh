#!/bin/bash
# Each bad provider is caught by wdspxectl replay, and its fault is named; the good one gives no
# finding over any capture.
#
#   test_bad_providers.sh WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER RUNNER...
set -u
export LC_ALL=C.UTF-8
[ $# -ge 4 ] || { echo "usage: $0 WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER RUNNER..." >&2; exit 2; }
exe=$1 providers=$2 captures=$3
shift 3
runner=("$@")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
readonly EXIT_FINDINGS=6
checked=0 failures=0

# The provider and what it breaks, then options of replay. One capture will do for each.
readonly BAD='
    bad_address_flags    address-flags
    bad_after_end        option-after-end
    bad_bad_action       bad-action
    bad_bad_argument     bad-argument
    bad_divide           fault
    bad_done_not_pended  pended-and-done
    bad_done_twice       completed-twice
    bad_free_foreign     packet-foreign
    bad_free_twice       packet-freed-twice
    bad_hang             slow-callback           --hang 5
    bad_illegal          fault
    bad_leak             packet-leaked
    bad_never_done       never-completed         --pend 500
    bad_no_end           end-missing
    bad_not_sent         not-sent
    bad_null             fault
    bad_option_length    option-overrun
    bad_overrun          packet-overrun
    bad_overrun          packet-overrun          --no-guard-pages
    bad_send_after_end   sent-after-end
    bad_slow             slow-callback
    bad_stack            fault
    bad_stale            stale-provider
    bad_throw            fault
    bad_use_after_free   packet-used-after-free
    bad_wrong_xid        wrong-transaction
'

# A 32-bit Wine now and then starts no program while another one is being ended; then nothing has run.
started() {
    ! grep -q 'ShellExecuteEx failed' "$tmp/out" "$tmp/err"
}

# Into files: a wineserver that stays would keep a pipe open for ever. Paths as Windows has them.
replay() { # provider, arguments...
    local provider=$1
    shift
    for _ in 1 2 3 4 5; do
        rc=0
        (cd "$tmp" && timeout 300 "${runner[@]}" "$exe" replay --json --quiet \
            "Z:$providers/$provider.dll" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null || rc=$?
        started && break
        sleep 1
    done
    return "$rc"
}

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*"
    head -n 5 "$tmp/out" "$tmp/err"
}

# Every finding names the provider; one of them at least names the rule.
findings_name() { # provider, rule
    python3 - "$tmp/out" "$1" "$2" <<'PY'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
found = [e for e in events if e["event"] == "finding"]
sys.exit(not any(e["rule"] == sys.argv[3] and e["provider"] == sys.argv[2] and e["call"]
                 and e["text"] for e in found))
PY
}

while read -r provider rule options; do
    [ -n "$provider" ] || continue
    # shellcheck disable=SC2086 # options are words
    replay "$provider" $options "$captures/bios-ipxe.pcap"
    rc=$?
    checked=$((checked + 1))
    if [ "$rc" -ne $EXIT_FINDINGS ]; then
        fail "$provider $options: exit code $rc, expected $EXIT_FINDINGS"
    elif ! findings_name "$provider" "$rule"; then
        fail "$provider $options: no finding names $rule"
    else
        echo "ok: $provider $options: $rule"
    fi
done <<<"$BAD"

for capture in "$captures"/*.pcap*; do
    replay good --slow 60000 "$capture" # on a busy machine a thread may wait for its turn
    rc=$?
    checked=$((checked + 1))
    if [ "$rc" -eq 0 ] && ! grep -q '"event":"finding"' "$tmp/out"; then
        echo "ok: good over ${capture##*/}"
    else
        fail "good over ${capture##*/}: exit code $rc"
    fi
done
echo "$checked checked, $failures failures"
[ "$failures" -eq 0 ] && [ "$checked" -gt 25 ]
