#!/bin/bash
# Each bad provider is caught by wdspxectl replay, and its fault is named; the good one gives no
# finding over any capture.
#
#   test_bad_providers.sh WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER
#
# The environment gives WINEPREFIX. Needs python3.
set -u
[ $# -eq 3 ] || { echo "usage: $0 WDSPXECTL_EXE PROVIDERS_FOLDER CAPTURES_FOLDER" >&2; exit 2; }
exe=$1 providers=$2 captures=$3
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
readonly EXIT_OK=0 EXIT_FINDINGS=6
CTL_TIMEOUT=300
# shellcheck source=tests/wine/outside.sh
. "$(dirname "${BASH_SOURCE[0]}")/outside.sh"

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
    bad_reply_type       reply-type
    bad_send_after_end   sent-after-end
    bad_slow             slow-callback
    bad_stack            fault
    bad_throw            fault
    bad_use_after_free   packet-used-after-free
    bad_wrong_xid        wrong-transaction
'

replay() { # exit code, provider, arguments...
    local wanted=$1 provider=$2
    shift 2
    expect "$wanted" replay --json --quiet "Z:$providers/$provider.dll" "$@"
}

start_wine
while read -r provider rule options; do
    [ -n "$provider" ] || continue
    # shellcheck disable=SC2086 # options are words
    replay $EXIT_FINDINGS "$provider" $options "Z:$captures/bios-ipxe.pcap"
    check "$provider $options: a finding names $rule" events_hold \
        "any(x['rule'] == '$rule' and x['provider'] == '$provider' and x['call'] and x['text'] for x in f)"
done <<<"$BAD"

# One DLL as two providers, which only registered ones can be.
expect 0 provider add first "Z:$providers/bad_stale.dll"
expect 0 provider add bad_stale "Z:$providers/bad_stale.dll"
expect $EXIT_FINDINGS replay --registered --json --quiet "Z:$captures/bios-ipxe.pcap"
check "bad_stale: a finding names stale-provider" events_hold \
    "any(x['rule'] == 'stale-provider' and x['provider'] == 'bad_stale' and x['call'] for x in f)"
expect 0 provider remove first
expect 0 provider remove bad_stale

# What takes the process down, or its thread, is told by the supervisor, with what was being asked.
for provider in bad_exit bad_thread_fault; do
    replay $EXIT_FINDINGS "$provider" "Z:$captures/bios-ipxe.pcap" --crash-dir ended
    check "$provider: a finding names its end" events_hold \
        "any(x['rule'] == 'process-ended' and x['provider'] == '$provider' and x['reproducer'] for x in f)"
done
check "reproducers of two providers" test "$(find "$tmp/ended" -name 'fault-bad_*-bios-ipxe-frame*.pcap' | wc -l)" -ge 2

for capture in "$captures"/*.pcap*; do
    replay $EXIT_OK good --slow 60000 "Z:$capture" # on a busy machine a thread may wait for its turn
    check "good over ${capture##*/}: no finding" events_hold 'not f'
done
check "they were all asked" test "$checks" -gt 80
finish
